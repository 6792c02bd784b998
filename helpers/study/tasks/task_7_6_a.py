"""7.6 A: how many numbers reach LeNet's first linear layer."""

import torch
from torch import nn

from helpers.study.task import Draw, Mistake, Task

__all__ = ["TASK"]


def count(n: int) -> int:
    """Return the numbers of one image after LeNet's encoder, by sending an empty one through."""
    encoder = nn.Sequential(
        nn.Conv2d(1, 6, 5, padding=2), nn.AvgPool2d(2, 2), nn.Conv2d(6, 16, 5), nn.AvgPool2d(2, 2)
    ).to("meta")  # shapes without numbers
    return encoder(torch.zeros(1, 1, n, n, device="meta")).numel()


def inputs(draw: Draw):
    """Yield heights, from the smallest on; those that leave rows over at a pooling, too."""
    yield from ((n,) for n in (12, 13, 14, 15, 16, 17, 18, 27, 28, 32, 64))
    yield from ((draw.whole(12, 120),) for _ in range(6))


def _side(n: int, first: int = 0, second: int = 4, up: int = 0) -> int:
    """Return the height of the last maps; a convolution loses `first` or `second` rows."""
    n = (n - first + up) // 2
    return (n - second + up) // 2


TASK = Task(
    name="7.6 A",
    asks="flat_inputs(n)",
    prompt="How many numbers of an image of n × n pixels reach LeNet's first linear layer? Follow "
    "it through the two convolutions and the two poolings, for any whole n from 12 on. A pooling "
    "leaves a row out that has no partner.",
    stub='''def flat_inputs(n):
    """Return how many numbers LeNet's first linear layer gets."""
    return ...  # a whole number
''',
    solution='''def flat_inputs(n):
    """Return how many numbers LeNet's first linear layer gets."""
    side = n // 2  # the first convolution keeps n, its padding is 2; the pooling halves it
    side = (side - 4) // 2  # 5 x 5 without padding loses four rows
    return 16 * side * side
''',
    hints=(
        "One layer at a time: what becomes of n at the first convolution (5 × 5, padding 2), what "
        "at the pooling?",
        "The second convolution has no padding: 5 × 5 loses four rows and columns. Each pooling "
        "halves, rounding down.",
        "At the end there are 16 maps, each of side × side numbers; flattening counts them all.",
    ),
    reference=count,
    inputs=inputs,
    mistakes=(
        Mistake("channels forgotten", "This is one map only: there are 16 of them.",
                lambda n: _side(n) ** 2),
        Mistake("one side only", "This is the number of rows of all maps; each row has as many "
                "columns.", lambda n: 16 * _side(n)),
        Mistake("side of the maps", "This is the height of the last maps. Flattening counts all "
                "numbers: height times width times maps.", _side),
        Mistake("channels of the first convolution", "There are 6 maps after the first "
                "convolution, but 16 after the second.", lambda n: 6 * _side(n) ** 2),
        Mistake("channels of both multiplied", "The maps are multiplied, 6 · 16. The second "
                "convolution adds its 6 input maps up: 16 maps come out.",
                lambda n: 96 * _side(n) ** 2),
        Mistake("padding of the first convolution missing", "The first convolution is taken "
                "without its padding of 2, which makes up for the 5 × 5 kernel.",
                lambda n: 16 * _side(n, 4) ** 2),
        Mistake("padding at both convolutions", "Both convolutions keep the size here; the second "
                "has no padding and loses four rows and columns.",
                lambda n: 16 * _side(n, 0, 0) ** 2),
        Mistake("a row too many lost", "A row is lost that should be there. A 5 × 5 kernel without "
                "padding loses four rows, its size minus one; with padding of 2 on each side it "
                "loses none.", lambda n: 16 * _side(n, 0, 5) ** 2),
        Mistake("kernel of 5 loses two", "A 5 × 5 kernel without padding loses two rows at the "
                "top and two at the bottom: four in all.", lambda n: 16 * _side(n, 0, 2) ** 2),
        Mistake("second pooling missing", "The second pooling is missing: it halves height and "
                "width once more.", lambda n: 16 * (n // 2 - 4) ** 2),
        Mistake("first pooling missing", "Only one pooling is counted; there is one after each "
                "convolution.", lambda n: 16 * ((n - 4) // 2) ** 2),
        Mistake("pooling takes off two rows", "A pooling does not take two rows off: its "
                "windows lie side by side, so that half of the rows is left.",
                lambda n: 16 * (n - 8) ** 2),
        Mistake("no pooling", "The poolings are missing: each halves height and width.",
                lambda n: 16 * (n - 4) ** 2),
        Mistake("pooling halves the number", "Pooling halves height *and* width: a quarter of the "
                "numbers is left, not a half.", lambda n: 16 * (n // 2 - 4) ** 2 // 2),
        Mistake("rounded up", "A row without a partner is left out: a pooling rounds down.",
                lambda n: 16 * _side(n, up=1) ** 2),
        Mistake("not rounded down", "A pooling leaves a row out that has no partner: round down "
                "(//).", lambda n: 16 * ((n / 2 - 4) / 2) ** 2),
        Mistake("rounded to the nearest", "`round` goes up as well as down: a pooling rounds "
                "down (//).", lambda n: 16 * round((round(n / 2) - 4) / 2) ** 2),
        Mistake("always 400", "400 is right for 28 × 28 pixels only: compute it from n.",
                lambda n: 400),
        Mistake("outputs of the layer", "120 is what comes out of the first linear layer; what "
                "goes in is asked for.", lambda n: 120),
        Mistake("pixels of the image", "These are the image's pixels. What is left of them after "
                "the encoder?", lambda n: n * n),
        Mistake("weights of the layer", "These are the weights of the layer, inputs times "
                "outputs; its inputs are asked for.", lambda n: 120 * count(n)),
    ),
    conditions={
        "n is odd": lambda n: n % 2 == 1,
        "n is not a multiple of 4": lambda n: n % 4 > 0,
        "n is not 28": lambda n: n != 28,
    },
)  # fmt: skip
