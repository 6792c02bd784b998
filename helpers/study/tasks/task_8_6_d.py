"""8.6 D: a ResNeXt block with a given number of groups."""

from collections.abc import Callable
from typing import Any

import torch
from torch import nn

from helpers.notebook.classes import from_notebook
from helpers.study.task import Draw, Mistake, Requirement, Task

__all__ = ["TASK"]


def of_block(block: Any) -> tuple[int, int, int]:
    """Return what makes a block: its number of groups, its width inside, its channels."""
    return block.conv2.groups, block.conv2.out_channels, block.conv3.out_channels


def probe(
    attempt: Callable, channels: int, number_of_groups: int, bot_mul: float
) -> tuple[int, int, int]:
    """Return what makes the block that an attempt builds."""
    block = attempt(channels, number_of_groups, bot_mul)
    block(torch.rand(2, channels, 2, 2))
    return of_block(block)


def wanted(channels: int, number_of_groups: int, bot_mul: float) -> tuple[int, int, int]:
    """Return number of groups, width inside, and channels."""
    return number_of_groups, round(channels * bot_mul), channels


def inputs(draw: Draw):
    """Yield channels, groups and shares: one group, as many as channels, widths above and below."""
    yield 4, 2, 1
    yield 32, 16, 1
    yield 32, 2, 1
    yield 8, 8, 1
    yield 8, 1, 0.5
    yield 32, 4, 0.5
    yield 64, 32, 0.5
    yield 24, 3, 0.25
    yield 6, 4, 2
    yield 100, 29, 0.29  # 28.999999999999996 as floats
    for _ in range(5):
        number, width, share = draw.whole(1, 6), draw.whole(1, 4), draw.one_of(1, 0.5, 0.25)
        yield round(number * width / share), number, share


def built(groups: Callable[[int, int, float], Any], inside: Callable | None = None) -> Callable:
    """Return what makes a block of the book's class with another argument `groups`."""

    def compute(channels: int, number_of_groups: int, bot_mul: float) -> tuple[int, int, int]:
        argument = groups(channels, number_of_groups, bot_mul)
        share = inside(channels, number_of_groups, bot_mul) if inside else bot_mul
        block = from_notebook("8.6-resnet").ResNeXtBlock(channels, argument, share)
        block(torch.rand(2, channels, 2, 2))
        return of_block(block)

    return compute


def _no_block(attempt: Callable) -> dict[str, Any] | None:
    block = attempt(32, 4, 0.5)
    parts = ("conv1", "conv2", "conv3", "conv4")
    whole = isinstance(block, nn.Module) and all(hasattr(block, name) for name in parts)
    return None if whole else {"got": block}


def _conv4(attempt: Callable) -> dict[str, Any] | None:
    return None if attempt(32, 4, 0.5).conv4 is None else {}


def _strided(attempt: Callable) -> dict[str, Any] | None:
    stride = attempt(32, 4, 0.5).conv2.stride[0]
    return None if stride == 1 else {"stride": stride}


def _not_whole(attempt: Callable) -> dict[str, Any] | None:
    try:
        attempt(32, 4, 0.5)
    except TypeError as error:
        if "float" in str(error):
            return {}
        raise
    return None


TASK = Task(
    name="8.6 D",
    asks="resnext(channels, number_of_groups, bot_mul)",
    prompt="Get the number of groups that you ask for: return a `ResNeXtBlock` of the class above "
    "for `channels` channels in and out, whose 3×3 convolution has `number_of_groups` groups. "
    "`bot_mul` is the width inside as a share of the channels, as in the class; "
    "`number_of_groups` divides that width. The shape stays: no 1×1 convolution on the shortcut.",
    stub='''@helpers.task("8.6 D")
def resnext(channels, number_of_groups, bot_mul):
    """Return a ResNeXtBlock with that many groups."""
    return ...  # your lines
''',
    solution='''def resnext(channels, number_of_groups, bot_mul):
    """Return a ResNeXtBlock with that many groups."""
    inside = int(round(channels * bot_mul))
    return ResNeXtBlock(channels, groups=inside // number_of_groups, bot_mul=bot_mul)
''',
    hints=(
        "The class divides the width inside by its argument `groups`. Which argument makes the "
        "quotient number_of_groups?",
        "The width inside is that of the class: int(round(channels * bot_mul)).",
        "inside = int(round(channels * bot_mul)), and the argument is inside // number_of_groups.",
    ),
    reference=wanted,
    inputs=inputs,
    probe=probe,
    requirements=(
        Requirement("not a whole number", "The width of a group is a float, and PyTorch wants a "
                    "whole number: channels * bot_mul is a float, and so is what / gives. Round "
                    "the width inside to a whole number, and divide by //.", _not_whole),
        Requirement("no block", "A ResNeXtBlock is wanted: return ResNeXtBlock(…), called with "
                    "your numbers.", _no_block),
        Requirement("convolution on the shortcut", "The block has a 1×1 convolution on its "
                    "shortcut. Input and output have the same shape here, so the shortcut can be "
                    "the input itself: leave use_1x1conv out.", _conv4),
        Requirement("stride", "The block has a stride of {stride}, and its shape does not stay: "
                    "leave strides out.", _strided),
    ),
    mistakes=(
        Mistake("number handed over as it is", "The number of groups is handed over as `groups`, "
                "as the book describes it. The class divides by it: the argument is the width of "
                "a group.", built(lambda c, n, m: n)),
        Mistake("bottleneck left out", "The channels are divided by the number of groups; it is "
                "the width inside, the channels times bot_mul, that is divided into groups.",
                built(lambda c, n, m: c // n)),
        Mistake("bot_mul left out", "The width inside is that of the channels: bot_mul is not "
                "handed on.", built(lambda c, n, m: c // n, lambda c, n, m: 1)),
        Mistake("bot_mul left out", "The width inside is that of the channels: bot_mul is not "
                "handed on.", built(lambda c, n, m: round(c * m) // n, lambda c, n, m: 1)),
        Mistake("bot_mul twice", "bot_mul enters twice: the class multiplies by it already.",
                built(lambda c, n, m: round(c * m * m) // n)),
        Mistake("always one group", "There is one group, always: `groups` is the width of one "
                "group, and the whole width makes a single one.",
                built(lambda c, n, m: round(c * m))),
        Mistake("a group for each channel", "Each channel is a group of its own: `groups` is the "
                "width of a group, and 1 makes them as narrow as can be.",
                built(lambda c, n, m: 1)),
        Mistake("divided by bot_mul", "bot_mul is divided by; the width inside is channels × "
                "bot_mul.", built(lambda c, n, m: round(c / m) // n)),
        Mistake("cut off, not rounded", "The width inside is cut off (int) where the class rounds: "
                "100 × 0.29 is 28.999999999999996 for the computer, and int makes 28 of it. "
                "Round first, as the class does.", built(lambda c, n, m: int(c * m) // n)),
        Mistake("channels inside", "The block has the width inside as its channels: its first "
                "argument is the number of channels in and out.",
                lambda c, n, m: (n, round(round(c * m) * m), round(c * m))),
    ),
    conditions={
        "there is a bottleneck": lambda c, n, m: m < 1,
        "a group is not as wide as there are groups": lambda c, n, m: n * n != round(c * m),
        "the width inside is not a whole number as a float": lambda c, n, m: c * m != round(c * m),
        "there is more than one group": lambda c, n, m: n > 1,
    },
)  # fmt: skip
