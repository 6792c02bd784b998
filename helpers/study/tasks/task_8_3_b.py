"""8.3 B: the parameters of a NiN block."""

from collections.abc import Callable

from helpers.study.task import Draw, Mistake, Task

__all__ = ["TASK"]


def parameters(c_in: int, c_out: int, k: int) -> int:
    """Count the weights and biases of the three convolutions of a NiN block."""
    layers = [(c_in, c_out, k), (c_out, c_out, 1), (c_out, c_out, 1)]
    return sum(o * (i * k * k + 1) for i, o, k in layers)


def inputs(draw: Draw):
    """Yield one channel, more channels behind than before and fewer, and 1 × 1 blocks."""
    yield from ((1, 1, 1), (1, 2, 1), (2, 1, 3), (1, 2, 3), (3, 2, 2), (1, 96, 11), (96, 256, 5),
                (256, 384, 3), (384, 10, 3))  # fmt: skip
    for _ in range(6):
        yield draw.whole(2, 20), draw.whole(2, 20), draw.whole(2, 7)


def _first(change: Callable) -> Callable:
    """Return what changes the count by another first convolution."""
    return lambda n, c_in, c_out, k: n - c_out * c_in * k * k + change(c_in, c_out, k)


def _later(change: Callable) -> Callable:
    """Return what changes the count by other 1 × 1 convolutions, biases not counted."""
    return lambda n, c_in, c_out, k: n - 2 * c_out * c_out + change(c_in, c_out, k)


def _biases(number: Callable) -> Callable:
    """Return what changes the count by another number of biases."""
    return lambda n, c_in, c_out, k: n - 3 * c_out + number(c_in, c_out, k)


TASK = Task(
    name="8.3 B",
    asks="nin_parameters(c_in, c_out, k)",
    prompt="How many parameters has a NiN block from `c_in` to `c_out` channels whose first "
    "convolution has a k×k kernel? Count the weights and the biases of its three convolutions.",
    stub='''@helpers.task("8.3 B")
def nin_parameters(c_in, c_out, k):
    """Return the number of weights and biases of a NiN block."""
    return ...  # a number
''',
    solution='''def nin_parameters(c_in, c_out, k):
    """Return the number of weights and biases of a NiN block."""
    first = c_in * c_out * k * k + c_out
    one_by_one = c_out * c_out + c_out
    return first + 2 * one_by_one
''',
    hints=(
        "A convolution has a weight for each pair of an input and an output channel and each "
        "place of its kernel, and a bias for each output channel.",
        "The first: c_out · (c_in · k · k + 1). The other two have kernels of 1 × 1. How many "
        "channels do they read?",
        "They read c_out channels and make c_out: c_out · (c_out + 1) each. Add the three up.",
    ),
    reference=parameters,
    inputs=inputs,
    mistakes=(
        Mistake("first convolution only", "Only the first convolution is counted; two of 1×1 "
                "follow.", lambda c_in, c_out, k: c_out * (c_in * k * k + 1)),
        Mistake("one 1×1 convolution", "Only one of the 1×1 convolutions is counted; there are "
                "two.", lambda c_in, c_out, k: c_out * (c_in * k * k + 1) + c_out * (c_out + 1)),
        Mistake("three 1×1 convolutions", "Three 1×1 convolutions are counted; there are two.",
                lambda c_in, c_out, k: c_out * (c_in * k * k + 1) + 3 * c_out * (c_out + 1)),
        Mistake("k not squared", "The kernel is counted with k places; it has k · k.",
                after=_first(lambda c_in, c_out, k: c_in * c_out * k)),
        Mistake("twice k", "The kernel is counted with 2 k places; it has k · k.",
                after=_first(lambda c_in, c_out, k: c_in * c_out * 2 * k)),
        Mistake("k×k everywhere", "The later convolutions are counted with k×k kernels, too: "
                "theirs are 1×1.", after=_later(lambda c_in, c_out, k: 2 * c_out * c_out * k * k)),
        Mistake("1×1 read the block's input", "The 1×1 convolutions are counted with c_in input "
                "channels. They read what the layer before has put out: c_out channels.",
                after=_later(lambda c_in, c_out, k: 2 * c_in * c_out)),
        Mistake("one 1×1 reads the block's input", "One of the 1×1 convolutions is counted with "
                "c_in input channels. Both read what the layer before has put out: c_out channels.",
                after=_later(lambda c_in, c_out, k: c_in * c_out + c_out * c_out)),
        Mistake("1×1 has one weight", "A 1×1 convolution is counted with one weight per output "
                "channel: it has one for each pair of an input and an output channel.",
                after=_later(lambda c_in, c_out, k: 2 * c_out)),
        Mistake("1×1 has one weight", "A 1×1 convolution is counted with a single weight: it has "
                "one for each pair of an input and an output channel.",
                after=_later(lambda c_in, c_out, k: 2)),
        Mistake("1×1 without weights", "Of the 1×1 convolutions only biases are counted: they have "
                "a weight for each pair of an input and an output channel.",
                after=_later(lambda c_in, c_out, k: 0)),
        Mistake("input channels not used", "The first convolution has a kernel for *each* input "
                "channel.", after=_first(lambda c_in, c_out, k: c_out * k * k)),
        Mistake("output channels not used", "Each output channel has kernels of its own.",
                after=_first(lambda c_in, c_out, k: c_in * k * k)),
        Mistake("channels added", "Input and output channels of the first convolution are added: "
                "each pair has a kernel.", after=_first(lambda c_in, c_out, k:
                                                        (c_in + c_out) * k * k)),
        Mistake("channels exchanged", "Input and output channels are exchanged: the 1×1 "
                "convolutions and the biases belong to c_out.",
                before=lambda c_in, c_out, k: (c_out, c_in, k)),
        Mistake("without biases", "The biases are not counted: each of the three convolutions has "
                "one for each of its output channels.", after=_biases(lambda c_in, c_out, k: 0)),
        Mistake("biases of one layer", "Each of the three convolutions has c_out biases; those of "
                "one are counted.", after=_biases(lambda c_in, c_out, k: c_out)),
        Mistake("biases of two layers", "Each of the three convolutions has c_out biases; those of "
                "two are counted.", after=_biases(lambda c_in, c_out, k: 2 * c_out)),
        Mistake("one bias per layer", "One bias is counted for each convolution; it has one for "
                "each output channel.", after=_biases(lambda c_in, c_out, k: 3)),
        Mistake("biases of the input channels", "A convolution has a bias for each *output* "
                "channel: the first has c_out of them, too.",
                after=_biases(lambda c_in, c_out, k: c_in + 2 * c_out)),
        Mistake("a bias for each kernel", "A bias is counted for each pair of channels; there is "
                "one for each output channel.",
                after=_biases(lambda c_in, c_out, k: c_in * c_out + 2 * c_out * c_out)),
        Mistake("three equal convolutions", "All three are counted like the first one: the second "
                "and the third have kernels of 1×1 and read c_out channels.",
                lambda c_in, c_out, k: 3 * c_out * (c_in * k * k + 1)),
        Mistake("multiplied", "The three convolutions are multiplied; their parameters are added.",
                lambda c_in, c_out, k: c_out * (c_in * k * k + 1) * (c_out * (c_out + 1)) ** 2),
    ),
    conditions={
        "the kernel is larger than 1×1": lambda c_in, c_out, k: k > 1,
        "the numbers of input and output channels differ": lambda c_in, c_out, k: c_in != c_out,
        "there is more than one output channel": lambda c_in, c_out, k: c_out > 1,
        "there is more than one input channel": lambda c_in, c_out, k: c_in > 1,
    },
)  # fmt: skip
