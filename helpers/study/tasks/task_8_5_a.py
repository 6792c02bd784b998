"""8.5 A: normalise each feature, or each channel, over a batch."""

from collections.abc import Callable

import torch
from torch import Tensor

from helpers.study.task import Draw, Mistake, Task

__all__ = ["TASK"]


def _axes(X: Tensor) -> tuple[int, ...]:
    """Return the axes over which a feature or a channel is averaged."""
    return (0,) if X.dim() == 2 else (0, 2, 3)


def normalised(X: Tensor, eps: float) -> Tensor:
    """Return X (n, features) or (n, channels, h, w) with the mean 0 and the variance 1."""
    rows = X.double().movedim(1, -1)
    flat = rows.reshape(-1, X.shape[1])
    std = (flat.var(0, unbiased=False) + eps).sqrt()
    return ((flat - flat.mean(0)) / std).reshape(rows.shape).movedim(-1, 1)


def inputs(draw: Draw):
    """Yield features and maps: tiny values, constant ones, an eps that shows, a large mean."""
    yield torch.tensor([[1.0], [3.0]]), 1e-5
    yield torch.tensor([[0.0], [2.0]]), 1.0
    yield torch.tensor([[0.5, 0.0], [0.5, 8.0]]), 1e-5
    yield torch.tensor([[[[1.0, 3.0]]], [[[5.0, 7.0]]]]), 1e-5
    for n, d in ((2, 3), (4, 2), (3, 3), (5, 3), (3, 4)):
        yield draw.numbers(n, d) + 2.0 * torch.eye(n, d), draw.one_of(1e-5, 0.25, 1.0)
        yield 1e-3 * (draw.numbers(n, d) + 4 * torch.eye(n, d)), 1e-5
    for shape in ((2, 1, 1, 2), (1, 2, 2, 3), (2, 3, 2, 2), (3, 2, 2, 2), (2, 2, 3, 2)):
        X = draw.numbers(*shape) + 5
        X[0, :, 0, 0] -= 9
        yield X, draw.one_of(1e-5, 0.25, 1.0)
        yield 1e-3 * X, 1e-5
    far = torch.tensor([[0.25, 4.0], [1.0, 0.5], [2.0, 8.0], [6.5, 1.25]])
    yield far + 1024, 1e-5


def _with(
    axes: Callable[[Tensor], tuple[int, ...]] = _axes,
    root: bool = True,
    unbiased: bool = False,
    inside: bool = True,
    fixed: float | None = None,
) -> Callable:
    """Return what normalises over other axes, or divides by something else."""

    def compute(X: Tensor, eps: float) -> Tensor:
        X, eps = X.double(), eps if fixed is None else fixed
        var = X.var(axes(X), unbiased=unbiased, keepdim=True)
        if root:
            var = (var + eps).sqrt() if inside else var.sqrt() + eps
        else:
            var = var + eps
        return (X - X.mean(axes(X), keepdim=True)) / var

    return compute


def _mean(X: Tensor) -> Tensor:
    return X.double().mean(_axes(X), keepdim=True)


def _std(X: Tensor, eps: float) -> Tensor:
    return (X.double().var(_axes(X), unbiased=False, keepdim=True) + eps).sqrt()


def _without_keepdim(X: Tensor, eps: float) -> Tensor:
    return (X - _mean(X).flatten()) / _std(X, eps).flatten()


def _between(X: Tensor, eps: float) -> Tensor:
    low, high = X.amin(_axes(X), keepdim=True), X.amax(_axes(X), keepdim=True)
    return (X - low) / (high - low + eps)


def _uncentred(X: Tensor, eps: float) -> Tensor:
    squares = (X.double() ** 2).mean(_axes(X), keepdim=True)
    return (X - _mean(X)) / (squares + eps).sqrt()


def _far(X: Tensor) -> bool:
    return bool(X.abs().min() > 1000)


def _summed(X: Tensor, eps: float) -> Tensor:
    squares = (X.double() - _mean(X)) ** 2
    return (X - _mean(X)) / (squares.sum(_axes(X), keepdim=True) + eps).sqrt()


def _absolute(X: Tensor, eps: float) -> Tensor:
    away = X.double() - _mean(X)
    return away / (away.abs().mean(_axes(X), keepdim=True) + eps)


OUTSIDE = "eps stands outside of the root: it is added to the variance, and then comes the root. \
For values as small as eps that makes a difference."
UNBIASED = "The squares are divided by n − 1, as torch.var and torch.std do unless you say \
otherwise. The formula divides by n: unbiased=False (or correction=0)."


TASK = Task(
    name="8.5 A",
    asks="normalise(X, eps)",
    prompt="Take away each feature's mean, and divide by the root of its variance plus `eps`; the \
variance is the mean of the squared deviations (divide by n, not n − 1). `X` has the shape \
(examples, features), or, for maps, (examples, channels, rows, columns): there a channel is one \
feature, and its mean goes over all examples, rows and columns. Return a tensor of the same shape.",
    stub='''@helpers.task("8.5 A")
def normalise(X, eps=1e-5):
    """Normalise each feature of (n, d), or each channel of (n, c, h, w)."""
    return ...  # your lines
''',
    solution='''def normalise(X, eps=1e-5):
    """Normalise each feature of (n, d), or each channel of (n, c, h, w)."""
    axes = (0,) if X.dim() == 2 else (0, 2, 3)
    mean = X.mean(dim=axes, keepdim=True)
    var = ((X - mean) ** 2).mean(dim=axes, keepdim=True)
    return (X - mean) / torch.sqrt(var + eps)
''',
    hints=(
        "Begin with (n, d): X.mean(dim=0) has one mean for each of the d features.",
        "The variance is ((X - mean) ** 2).mean(dim=0); eps is added to it before the root.",
        "For maps the axes are (0, 2, 3), all but that of the channels; with keepdim=True the "
        "mean keeps the shape (1, c, 1, 1), which fits to X.",
        "axes = (0,) if X.dim() == 2 else (0, 2, 3)\n"
        "mean = X.mean(dim=axes, keepdim=True)\n"
        "What is still missing is the variance, with the same axes, and the quotient.",
    ),
    reference=normalised,
    inputs=inputs,
    mistakes=(
        Mistake("layer normalisation", "Mean and variance are those of each example, over its "
                "features. Here they are those of each feature, over the examples.",
                _with(lambda X: (1,) if X.dim() == 2 else (1, 2, 3))),
        Mistake("one mean for all", "There is one mean and one variance for all numbers: each "
                "feature (or channel) has its own.", _with(lambda X: tuple(range(X.dim())))),
        Mistake("each position for itself", "For maps, the mean goes over the examples only, so "
                "that each position has its own: a channel has one mean for all positions.",
                _with(lambda X: (0,))),
        Mistake("each map for itself", "For maps, each example has its own mean: it is to go over "
                "all examples as well, axes (0, 2, 3).",
                _with(lambda X: (0,) if X.dim() == 2 else (2, 3))),
        Mistake("channels at the end", "For maps, the last axis is taken for that of the channels; "
                "they are axis 1.", _with(lambda X: tuple(range(X.dim() - 1)))),
        Mistake("keepdim missing", "The means of a map have the shape (c,), which PyTorch fits to "
                "the columns, not to the channels: keepdim=True gives (1, c, 1, 1).",
                _without_keepdim),
        Mistake("unbiased variance", UNBIASED, _with(unbiased=True)),
        Mistake("eps outside the root", OUTSIDE, _with(inside=False)),
        Mistake("eps outside the root", f"{OUTSIDE} And the deviation divides by n − 1: \
unbiased=False.", _with(inside=False, unbiased=True)),
        Mistake("eps is always 1e-5", "eps is 1e-5 whatever is asked for: use the argument.",
                _with(fixed=1e-5)),
        Mistake("eps missing", "eps is not added to the variance: a feature that is always the "
                "same has the variance 0, and 0/0 is nan.", _with(fixed=0.0)),
        Mistake("eps missing", f"eps is not added to the variance. {UNBIASED}",
                _with(fixed=0.0, unbiased=True)),
        Mistake("divided by the variance", "It is divided by the variance: take its root.",
                _with(root=False)),
        Mistake("divided by the variance", f"It is divided by the variance: take its root. "
                f"{UNBIASED}", _with(root=False, unbiased=True)),
        Mistake("multiplied", "It is multiplied by the deviation, where it is to be divided.",
                lambda X, eps: (X - _mean(X)) * _std(X, eps)),
        Mistake("only centred", "The mean is taken away, but nothing is divided by the deviation.",
                lambda X, eps: X - _mean(X)),
        Mistake("not centred", "It is divided by the deviation, but the mean is not taken away.",
                lambda X, eps: X / _std(X, eps)),
        Mistake("brackets missing", "Only the mean is divided by the deviation: brackets around "
                "X - mean.", lambda X, eps: X - _mean(X) / _std(X, eps)),
        Mistake("sum of squares", "The squared deviations are added up; their mean is wanted.",
                _summed),
        Mistake("squares of X", "The squares of X itself are averaged; the variance has those of "
                "X - mean.", _uncentred),
        Mistake("absolute deviations", "This is the mean of the absolute deviations; the "
                "formula has squares, and then a root.", _absolute),
        Mistake("between 0 and 1", "The values are stretched to 0 … 1 by the smallest and the "
                "largest; mean 0 and variance 1 are wanted.", _between),
        Mistake("loses digits", "Mean of the squares minus square of the mean: right on paper, but "
                "where the values are large, nearly equal numbers are subtracted, and the digits "
                "are lost. Square X - mean.", tells=lambda Y, X, eps: _far(X)),
    ),
    conditions={
        "X is a batch of maps": lambda X, eps: X.dim() == 4,
        "X has two axes": lambda X, eps: X.dim() == 2,
        "all values are far from 0": lambda X, eps: _far(X),
        "the values are tiny": lambda X, eps: bool(X.abs().max() < 0.1),
        "eps is not 1e-5": lambda X, eps: eps != 1e-5,
        "a feature is constant": lambda X, eps: bool((_std(X, 0) == 0).any()),
    },
)  # fmt: skip
