"""8.4 B: the weights of an Inception block."""

from collections.abc import Callable

from torch import nn

from helpers.study.task import Draw, Mistake, Task

__all__ = ["TASK"]

Pair = tuple[int, int]


def weights(c_in: int, c1: int, c2: Pair, c3: Pair, c4: int) -> int:
    """Count the weights of the six convolutions of an Inception block."""
    shapes = [(c_in, c1, 1), (c_in, c2[0], 1), (*c2, 3), (c_in, c3[0], 1), (*c3, 5), (c_in, c4, 1)]
    layers = [nn.Conv2d(*shape, bias=False, device="meta") for shape in shapes]
    return sum(layer.weight.numel() for layer in layers)


def inputs(draw: Draw):
    """Yield small blocks, the first and the last of GoogLeNet, and random ones."""
    yield 1, 1, (1, 1), (1, 1), 1
    yield 2, 1, (1, 1), (1, 1), 1
    yield 1, 1, (1, 2), (1, 1), 1
    yield 1, 1, (2, 1), (1, 2), 3
    yield 192, 64, (96, 128), (16, 32), 32
    yield 832, 384, (192, 384), (48, 128), 128
    for _ in range(8):
        a, b, c, d = (draw.whole(1, 9) for _ in range(4))
        yield draw.whole(2, 20), draw.whole(2, 9), (a, b + 2), (c, d + 1), draw.whole(2, 9)


def _plus(change: Callable) -> Callable:
    """Return what changes the count by some weights too many or, if negative, too few."""
    return lambda n, c_in, c1, c2, c3, c4: n + change(c_in, c1, c2, c3, c4)


def _biases(c_in: int, c1: int, c2: Pair, c3: Pair, c4: int) -> int:
    return c1 + sum(c2) + sum(c3) + c4


def _without_bottlenecks(c_in: int, c1: int, c2: Pair, c3: Pair, c4: int) -> int:
    return c_in * (c1 + 9 * c2[1] + 25 * c3[1] + c4)


def _large_from_input(c_in: int, c1: int, c2: Pair, c3: Pair, c4: int) -> int:
    return 9 * c2[1] * (c_in - c2[0]) + 25 * c3[1] * (c_in - c3[0])


def _in_a_row(c_in: int, c1: int, c2: Pair, c3: Pair, c4: int) -> int:
    first = c_in * c1 + c1 * c2[0] + 9 * c2[0] * c2[1]
    return first + c2[1] * c3[0] + 25 * c3[0] * c3[1] + c3[1] * c4


TASK = Task(
    name="8.4 B",
    asks="block_weights(c_in, c1, c2, c3, c4)",
    prompt="How many weights has an Inception block that gets `c_in` channels? Count those of all "
    "its convolutions, without biases. `c1` and `c4` are numbers, `c2` and `c3` pairs: the "
    "channels of the 1×1 convolution, then those of the large kernel.",
    stub='''@helpers.task("8.4 B")
def block_weights(c_in, c1, c2, c3, c4):
    """Return the number of weights of an Inception block, without biases."""
    return ...  # a number
''',
    solution='''def block_weights(c_in, c1, c2, c3, c4):
    """Return the number of weights of an Inception block, without biases."""
    b1 = c_in * c1
    b2 = c_in * c2[0] + c2[0] * c2[1] * 3 * 3
    b3 = c_in * c3[0] + c3[0] * c3[1] * 5 * 5
    b4 = c_in * c4
    return b1 + b2 + b3 + b4
''',
    hints=(
        "A convolution from a to b channels with a k×k kernel has a · b · k · k weights. The block "
        "has six of them, and a pooling, which has none.",
        "Four of the six are 1×1 convolutions that get c_in channels. How many do the other two "
        "get?",
        "The 3×3 kernel gets what the 1×1 convolution in front of it puts out: c2[0] channels. "
        "So the second branch has c_in · c2[0] + 9 · c2[0] · c2[1] weights.",
    ),
    reference=weights,
    inputs=inputs,
    mistakes=(
        Mistake("without bottlenecks", "The 3×3 and 5×5 kernels are counted as if they got all "
                "c_in channels, and their 1×1 convolutions are left out.", _without_bottlenecks),
        Mistake("large kernels get the input", "The 3×3 and 5×5 kernels are counted with c_in "
                "input channels: they get what the 1×1 convolution in front of them puts out, "
                "c2[0] and c3[0] channels.", after=_plus(_large_from_input)),
        Mistake("1×1 in front left out", "The 1×1 convolutions in front of the large kernels are "
                "not counted.", after=_plus(lambda c_in, c1, c2, c3, c4:
                                            -c_in * (c2[0] + c3[0]))),
        Mistake("branches in a row", "The branches are counted as if each got the output of the "
                "one before it. All of them get the block's input, c_in channels.", _in_a_row),
        Mistake("kernels not squared", "A 3×3 kernel has 9 places and a 5×5 kernel 25; they are "
                "counted with 3 and 5.", after=_plus(lambda c_in, c1, c2, c3, c4:
                                                     -6 * c2[0] * c2[1] - 20 * c3[0] * c3[1])),
        Mistake("kernels with one place", "All kernels are counted with one place: a 3×3 kernel "
                "has 9, a 5×5 kernel 25.", after=_plus(lambda c_in, c1, c2, c3, c4:
                                                       -8 * c2[0] * c2[1] - 24 * c3[0] * c3[1])),
        Mistake("kernels exchanged", "3×3 and 5×5 are exchanged: the second branch has the 3×3 "
                "kernel.", after=_plus(lambda c_in, c1, c2, c3, c4:
                                       16 * (c2[0] * c2[1] - c3[0] * c3[1]))),
        Mistake("5×5 counted as 3×3", "The kernel of the third branch has 25 places; it is counted "
                "with 9.", after=_plus(lambda c_in, c1, c2, c3, c4: -16 * c3[0] * c3[1])),
        Mistake("with biases", "The biases are counted too, one for each output channel of each "
                "convolution.", after=_plus(_biases)),
        Mistake("pairs exchanged", "The two numbers of a pair are exchanged: c2[0] are the "
                "channels of the 1×1 convolution, c2[1] those of the large kernel.",
                before=lambda c_in, c1, c2, c3, c4: (c_in, c1, c2[::-1], c3[::-1], c4)),
        Mistake("pooling branch left out", "The 1×1 convolution of the pooling branch is not "
                "counted.", after=_plus(lambda c_in, c1, c2, c3, c4: -c_in * c4)),
        Mistake("first branch left out", "The first branch is not counted.",
                after=_plus(lambda c_in, c1, c2, c3, c4: -c_in * c1)),
        Mistake("pooling counted as a kernel", "The last branch is counted with a 3×3 kernel: its "
                "3×3 window is a pooling and has no weights. Its convolution is 1×1.",
                after=_plus(lambda c_in, c1, c2, c3, c4: 8 * c_in * c4)),
        *(Mistake("pooling with weights", "Weights are counted for the pooling; a maximum has "
                  "none.", after=_plus(pool))
          for pool in (lambda c_in, c1, c2, c3, c4: 9, lambda c_in, c1, c2, c3, c4: 9 * c_in,
                       lambda c_in, c1, c2, c3, c4: 9 * c_in * c_in)),
        Mistake("input channels not used", "The 1×1 convolutions are counted without their input "
                "channels: each output channel has a weight for each of the c_in.",
                after=_plus(lambda c_in, c1, c2, c3, c4:
                            (1 - c_in) * (c1 + c2[0] + c3[0] + c4))),
        Mistake("1×1 everywhere kernel-sized", "The 1×1 convolutions of the second and third "
                "branch are counted with the large kernel's places: they have one.",
                after=_plus(lambda c_in, c1, c2, c3, c4: c_in * (8 * c2[0] + 24 * c3[0]))),
        Mistake("layers multiplied", "The two convolutions of a branch are multiplied; their "
                "weights add up.", after=_plus(lambda c_in, c1, c2, c3, c4: (
                    c_in * c2[0] * 9 * c2[0] * c2[1] - c_in * c2[0] - 9 * c2[0] * c2[1]
                    + c_in * c3[0] * 25 * c3[0] * c3[1] - c_in * c3[0] - 25 * c3[0] * c3[1]))),
        Mistake("output channels", "The number of output channels comes back; the weights are "
                "asked for.", lambda c_in, c1, c2, c3, c4: c1 + c2[1] + c3[1] + c4),
    ),
    conditions={
        "there is more than one input channel": lambda c_in, c1, c2, c3, c4: c_in > 1,
        "the large kernels change the number of channels": lambda c_in, c1, c2, c3, c4: (
            c2[0] != c2[1] or c3[0] != c3[1]),
        "a bottleneck has more than one channel": lambda c_in, c1, c2, c3, c4: (
            c2[0] > 1 or c3[0] > 1),
    },
)  # fmt: skip
