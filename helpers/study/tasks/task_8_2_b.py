"""8.2 B: the receptive field of convolutions and poolings."""

import math

from helpers.study.task import Draw, Mistake, Task
from helpers.study.tasks.task_7_2_f import CONDITIONS, field, kinds, stacks

__all__ = ["TASK"]


def inputs(draw: Draw):
    """Yield blocks of VGG with their pooling, and stacks of all kinds."""
    yield [3, 2], [1, 2]
    yield [3, 2, 3], [1, 2, 1]
    yield [3, 3, 2], [1, 1, 2]
    yield [3, 2, 3, 2], [1, 2, 1, 2]
    yield [3, 3, 2, 3, 3, 2], [1, 1, 2, 1, 1, 2]
    yield from stacks(draw)


def _pooled(kernels: list[int], strides: list[int]) -> list[bool]:
    return [k == s > 1 for k, s in zip(kernels, strides)]


def _without_poolings(kernels: list[int], strides: list[int]) -> int:
    pooled = _pooled(kernels, strides)
    kept = [(k, s) for k, s, pooling in zip(kernels, strides, pooled) if not pooling]
    return field([k for k, _ in kept], [s for _, s in kept])


TASK = Task(
    name="8.2 B",
    asks="field(kernels, strides)",
    prompt="How many pixels in a row does one output of a stack of layers depend on? `kernels` and "
    "`strides` are lists with a number for each layer, from the image on; a 2 × 2 pooling is a "
    "layer with a kernel of 2 and a stride of 2. You may have written this for 7.2 F: can you "
    "still?",
    stub='''@helpers.task("8.2 B")
def field(kernels, strides):
    """Return how many pixels in a row one output depends on."""
    return ...  # your lines
''',
    solution='''def field(kernels, strides):
    """Return how many pixels in a row one output depends on."""
    seen, jump = 1, 1
    for k, s in zip(kernels, strides):
        seen += (k - 1) * jump
        jump *= s
    return seen
''',
    hints=(
        "Without any layer, an output is one pixel. A 3 × 3 convolution adds one pixel on each "
        "side.",
        "Behind a stride of 2, neighbouring units are two pixels apart: from there on each unit "
        "that is added counts twice, and behind a second stride of 2, four times.",
        "Keep two numbers, both 1 at first: the pixels seen, and the distance of neighbours, jump. "
        "Each layer adds (k − 1) · jump to the first, and multiplies the second by s.",
    ),
    reference=field,
    inputs=inputs,
    mistakes=(
        *kinds(),
        Mistake("always kernels of 3", "Each layer adds two units here, as a kernel of 3 does: it "
                "is k − 1.", before=lambda kernels, strides: ([3] * len(kernels), strides)),
        Mistake("one list reversed", "One list is taken from the first to the last, the other "
                "from the last to the first: kernel and stride have to be of the same layer.",
                before=lambda kernels, strides: (kernels, strides[::-1])),
        Mistake("first kernel twice", "The first layer is counted twice: it begins with its "
                "kernel, and the loop adds that once more.",
                lambda kernels, strides: kernels[0] + strides[0] * (field(kernels, strides) - 1)),
        Mistake("distance of neighbours", "This is the product of the strides, the distance of "
                "neighbouring outputs; what one of them sees is asked for.",
                lambda kernels, strides: math.prod(strides)),
        Mistake("poolings left out", "Poolings are left out: they see too, and what comes after "
                "them sees twice as far.", _without_poolings),
        Mistake("kernels of poolings left out", "The strides of the poolings are used, but not "
                "their kernels: a window of 2 × 2 adds one unit as well.",
                lambda kernels, strides: field([1 if k == s else k for k, s in
                                                zip(kernels, strides)], strides)),
    ),
    conditions={
        **CONDITIONS,
        "there is a pooling": lambda kernels, strides: any(_pooled(kernels, strides)),
        "something comes after a pooling": lambda kernels, strides: any(
            _pooled(kernels, strides)[:-1]
        ),
        "the last layer is a pooling": lambda kernels, strides: _pooled(kernels, strides)[-1],
    },
)  # fmt: skip
