"""7.5 F: the maximum from ReLU and sums."""

from collections.abc import Callable

import torch
from torch import Tensor
from torch.overrides import TorchFunctionMode

from helpers.study.task import Draw, Mistake, Requirement, Task

__all__ = ["TASK"]

COMPARE = {"maximum", "max", "fmax", "amax", "where", "abs", "absolute", "sort", "topk", "gt", "ge",
           "lt", "le", "greater", "greater_equal", "less", "less_equal", "minimum", "min", "fmin",
           "amin", "heaviside", "sign"}  # fmt: skip


class _Watch(TorchFunctionMode):
    """Note the names of the functions that are called."""

    def __init__(self) -> None:
        super().__init__()
        self.names: set[str] = set()

    def __torch_function__(self, function, types, arguments=(), options=None):
        self.names.add(getattr(function, "__name__", "").strip("_"))
        return function(*arguments, **(options or {}))


def without_relu(attempt: Callable) -> dict | None:
    """Whether an attempt gives the larger of both, but by other functions than ReLU."""
    a, b = torch.tensor([2.0, -1.0, 3.0, -4.0, 1.0]), torch.tensor([1.0, 2.0, 3.0, -2.0, -5.0])
    try:
        with _Watch() as watch:
            result = attempt(a.clone(), b.clone())
    except Exception:
        return None  # which the inputs will show
    right = isinstance(result, Tensor) and result.shape == a.shape and result.equal(largest(a, b))
    by_relu = watch.names & {"relu", "clamp", "clip"} and not watch.names & COMPARE
    return {} if right and not by_relu else None


def largest(a: Tensor, b: Tensor) -> Tensor:
    """Return the larger of both, place by place."""
    return torch.maximum(a, b)


def inputs(draw: Draw):
    """Yield positive and negative numbers, equal ones, and either one the larger."""
    for a, b in ((2.0, 1.0), (1.0, 2.0), (-1.0, -2.0), (-2.0, -1.0), (-1.0, 2.0), (3.0, 3.0),
                 (0.0, -1.0), (0.0, 0.0), (-3.0, -3.0), (2.0, -1.0)):  # fmt: skip
        yield torch.tensor([a]), torch.tensor([b])
    for shape in ((3,), (5,), (2, 3), (2, 2), (3, 2)):
        yield draw.numbers(*shape), draw.numbers(*shape)


_relu = torch.relu

TASK = Task(
    name="7.5 F",
    asks="relu_max(a, b)",
    prompt="Networks can compute a maximum without maximum pooling: give the larger of `a` and "
    "`b`, two tensors of the same shape, place by place, from `torch.relu` and sums (or "
    "differences) only.",
    stub='''def relu_max(a, b):
    """Return the larger of a and b at each place, from ReLU and sums."""
    return ...  # your line
''',
    solution='''def relu_max(a, b):
    """Return the larger of a and b at each place, from ReLU and sums."""
    return b + torch.relu(a - b)
''',
    hints=(
        "By how much is a larger than b, if it is larger, and 0 if it is not?",
        "That is relu(a − b). To which number is it to be added?",
        "If a is larger, b + (a − b) is a; if it is not, b + 0 is b.",
    ),
    reference=largest,
    inputs=inputs,
    requirements=(
        Requirement("without ReLU", "The numbers are right, but they are compared by another "
                    "function (maximum, abs, where, >): torch.relu, sums and differences are "
                    "enough.", without_relu),
    ),
    mistakes=(
        Mistake("b is missing", "relu(a − b) says by how much a is larger; b is to be added.",
                lambda a, b: _relu(a - b)),
        Mistake("a is missing", "relu(b − a) says by how much b is larger; a is to be added.",
                lambda a, b: _relu(b - a)),
        Mistake("added to the wrong one", "a + relu(a − b): if a is larger, this is 2a − b. Add to "
                "the other one.", lambda a, b: a + _relu(a - b)),
        Mistake("added to the wrong one", "b + relu(b − a): if b is larger, this is 2b − a. Add to "
                "the other one.", lambda a, b: b + _relu(b - a)),
        Mistake("minimum", "This is the smaller of both.", lambda a, b: torch.minimum(a, b)),
        Mistake("right for positive numbers only", "What is negative in both becomes 0: ReLU is to "
                "see the difference only, not the numbers themselves.",
                lambda a, b: _relu(largest(a, b))),
        Mistake("right for positive numbers only", "The ReLU of b loses b where it is negative.",
                lambda a, b: _relu(b) + _relu(a - b)),
        Mistake("right for positive numbers only", "The ReLU of a loses a where it is negative.",
                lambda a, b: _relu(a) + _relu(b - a)),
        Mistake("sum of both", "relu(a) + relu(b) is the sum of both, if they are positive.",
                lambda a, b: _relu(a) + _relu(b)),
        Mistake("ReLU of the sum", "relu(a + b) is not the larger of both.",
                lambda a, b: _relu(a + b)),
        Mistake("plain difference", "The result is a − b: both ReLUs together leave nothing out.",
                lambda a, b: a - b),
        Mistake("plain sum", "The result is a + b: both ReLUs together leave nothing out.",
                lambda a, b: a + b),
        Mistake("ReLU of one only", "relu(a) + b adds b to a, where a is positive; what counts is "
                "the difference.", lambda a, b: _relu(a) + b),
        Mistake("ReLUs subtracted", "relu(a) − relu(b) compares each with 0; compare them with "
                "each other: relu(a − b).", lambda a, b: _relu(a) - _relu(b)),
        Mistake("difference", "This is the distance |a − b|: both ReLUs are added, and b is "
                "missing.", lambda a, b: (a - b).abs()),
        Mistake("half is missing", "a + b + |a − b| is twice the maximum.",
                lambda a, b: a + b + (a - b).abs()),
        Mistake("half of the difference", "Half of the difference is added; it is to be all of "
                "it.", lambda a, b: b + _relu(a - b) / 2),
        Mistake("subtracted", "b − relu(a − b): the difference is to be added.",
                lambda a, b: b - _relu(a - b)),
        Mistake("largest of all", "One number comes back, the largest of all places; each place is "
                "to have its own.", lambda a, b: largest(a, b).max()),
        Mistake("ReLU missing", "The difference is added without the ReLU: the result is always "
                "a.", lambda a, b: a),
        Mistake("always b", "The result is always b.", lambda a, b: b),
    ),
    conditions={
        "a is larger": lambda a, b: bool((a > b).all()),
        "b is larger": lambda a, b: bool((b > a).all()),
        "both are negative somewhere": lambda a, b: bool(((a < 0) & (b < 0)).any()),
        "both are equal": lambda a, b: a.equal(b),
        "there is more than one number": lambda a, b: a.numel() > 1,
    },
)  # fmt: skip
