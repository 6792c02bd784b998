"""7.2 F: the receptive field of a stack of layers."""

import math
from collections.abc import Sequence

from helpers.study.task import Draw, Mistake, Task

__all__ = ["TASK", "field", "kinds", "stacks"]


def field(kernels: Sequence[int], strides: Sequence[int]) -> int:
    """Return how many inputs along one axis an output depends on."""
    return 1 + sum((k - 1) * math.prod(strides[:i]) for i, k in enumerate(kernels))


def stacks(draw: Draw):
    """Yield kernels and strides: none, one, several layers; even kernels, strides above 1."""
    yield [3], [1]
    yield [3], [2]
    yield [1], [2]
    yield [2, 2], [1, 1]
    yield [3, 3], [1, 1]
    yield [3, 3], [2, 1]
    yield [3, 3], [1, 2]
    yield [5, 2, 3], [1, 1, 1]
    yield [3, 3, 3], [2, 2, 1]
    yield [7, 3, 3], [2, 2, 2]
    for layers in (2, 2, 3, 3, 4, 5):
        yield ([draw.whole(1, 7) for _ in range(layers)],
               [draw.whole(1, 3) for _ in range(layers)])  # fmt: skip


def _own_stride(kernels, strides):
    return 1 + sum((k - 1) * math.prod(strides[: i + 1]) for i, k in enumerate(kernels))


def _last_stride(kernels, strides):
    return 1 + sum((k - 1) * ([1, *strides][i]) for i, k in enumerate(kernels))


def _added(kernels, strides):
    return 1 + sum((k - 1) * (1 + sum(strides[:i])) for i, k in enumerate(kernels))


def _only_own(kernels, strides):
    return 1 + sum((k - 1) * s for k, s in zip(kernels, strides))


def _without_minus(kernels, strides):
    return 1 + sum(k * math.prod(strides[:i]) for i, k in enumerate(kernels))


def _summed(kernels, strides):
    return sum(k * math.prod(strides[:i]) for i, k in enumerate(kernels))


def _backwards(kernels, strides):
    return field(list(kernels)[::-1], list(strides)[::-1])


def _outwards(kernels, strides):
    return 1 + sum((k - 1) * math.prod(strides[i + 1 :]) for i, k in enumerate(kernels))


def _spans(kernels, strides):
    reach = 1
    for k, s in zip(kernels[::-1], strides[::-1]):
        reach = reach * s + k - 1
    return reach


def kinds():
    """Return the mistakes that are made with receptive fields."""
    return (
        Mistake("without strides", "The strides are not used: behind a stride of s, neighbours "
                "are s inputs apart, and each further kernel reaches s times as far.",
                lambda kernels, strides: field(kernels, [1] * len(kernels))),
        Mistake("own stride", "The stride of a layer is already applied to its own kernel: it "
                "counts for the layers after it only.", _own_stride),
        Mistake("one input too many at each stride", "Going back through a layer, r neighbours "
                "span (r − 1) · s + k inputs, not r · s + k − 1.", _spans),
        Mistake("backwards", "The layers are taken from the last to the first.", _backwards),
        Mistake("strides after", "The strides of the layers *after* a layer are multiplied; "
                "those before it count.", _outwards),
        Mistake("last stride only", "Only the stride of the layer before is used: all earlier "
                "strides multiply.", _last_stride),
        Mistake("only own stride", "Each kernel is multiplied with its own stride only; the "
                "strides of all layers before it, multiplied, belong there.", _only_own),
        Mistake("strides added", "The strides are added up; two strides of 2 make steps of 4.",
                _added),
        Mistake("kernel without −1", "Each layer adds k − 1 inputs: one of the k was there "
                "already.", _without_minus),
        Mistake("sum of the kernels", "Each layer adds k inputs here; it is to add k − 1, and "
                "one input is there from the start.", _summed),
        Mistake("start at 0", "One too small: with no layer at all, an output is one input. "
                "Begin with 1.", lambda kernels, strides: field(kernels, strides) - 1),
        Mistake("one too many", "One too large.",
                lambda kernels, strides: field(kernels, strides) + 1),
        Mistake("area", "This is the number of inputs in two dimensions; one axis is asked for.",
                lambda kernels, strides: field(kernels, strides) ** 2),
        Mistake("last layer missing", "The last layer is left out.",
                lambda kernels, strides: field(kernels[:-1], strides[:-1])),
        Mistake("first layer missing", "The first layer is left out.",
                lambda kernels, strides: field(kernels[1:], strides[1:])),
        Mistake("kernels multiplied", "The kernels are multiplied; each adds k − 1.",
                lambda kernels, strides: math.prod(kernels)),
        Mistake("largest kernel", "The largest kernel is not the whole field: layers add up.",
                lambda kernels, strides: max(kernels)),
        Mistake("only the first layer", "Only the first layer is counted: does `return` stand "
                "inside the loop?", lambda kernels, strides: kernels[0]),
        Mistake("growth", "This is what the last layer adds, not the whole field.",
                lambda kernels, strides: (kernels[-1] - 1) * math.prod(strides[:-1])),
    )  # fmt: skip


CONDITIONS = {
    "a stride is not 1": lambda kernels, strides: any(s > 1 for s in strides),
    "a stride before the last layer is not 1": lambda kernels, strides: any(
        s > 1 for s in strides[:-1]
    ),
    "there is more than one layer": lambda kernels, strides: len(kernels) > 1,
    "there are more than two layers": lambda kernels, strides: len(kernels) > 2,
    "a kernel is even": lambda kernels, strides: any(k % 2 == 0 for k in kernels),
}

TASK = Task(
    name="7.2 F",
    asks="receptive_field(kernel_sizes, strides)",
    prompt="How many inputs along one axis does one output depend on? `kernel_sizes` and \
`strides` are lists with a number for each layer, from the input on. The gradient is the referee, \
further below.",
    stub='''@helpers.task("7.2 F")
def receptive_field(kernel_sizes, strides):
    """Return the inputs along one axis that one output depends on."""
    return ...  # your lines
''',
    solution='''def receptive_field(kernel_sizes, strides):
    """Return the inputs along one axis that one output depends on."""
    field, jump = 1, 1
    for k, s in zip(kernel_sizes, strides):
        field += (k - 1) * jump
        jump *= s
    return field
''',
    hints=(
        "Go from the input to the output, and keep two numbers: how far one unit sees, and how \
many inputs lie between neighbouring units.",
        "Both begin with 1. A kernel of k reaches k − 1 units further; that is (k − 1) times the \
distance in inputs.",
        "After the layer, the distance is s times as large:\nfield += (k - 1) * jump\njump *= s",
    ),
    reference=field,
    inputs=stacks,
    mistakes=kinds(),
    conditions=CONDITIONS,
)
