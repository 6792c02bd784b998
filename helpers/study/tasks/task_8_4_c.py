"""8.4 C: the widest bottleneck that still saves weights."""

import math
from collections.abc import Callable

from helpers.study.task import Draw, Mistake, Task

__all__ = ["TASK"]


def widest(c_in: int, c_out: int, k: int) -> int:
    """Try all widths up to that of the input, beyond which nothing is saved."""
    plain = c_in * c_out * k * k
    return max(m for m in range(c_in + 1) if m == 0 or m * c_in + m * c_out * k * k < plain)


def inputs(draw: Draw):
    """Yield kernels for which the bound is a whole number, and not; more channels out, and in."""
    yield from ((1, 1, 1), (2, 2, 1), (2, 1, 2), (4, 1, 2), (3, 2, 2), (18, 2, 3), (9, 1, 3),
                (50, 2, 5), (6, 6, 1), (192, 32, 5), (192, 128, 3), (480, 64, 1))  # fmt: skip
    for _ in range(8):
        yield draw.whole(2, 60), draw.whole(2, 60), draw.one_of(1, 2, 3, 5, 7)


def _ratio(c_in: int, c_out: int, k: int) -> float:
    return c_in * c_out * k * k / (c_in + c_out * k * k)


def _below(number: float) -> int:
    """Return the largest whole number below, at least 0."""
    return max(0, math.ceil(number - 1e-9) - 1)


def _rule(bound: Callable[[int, int, int], float]) -> list[Callable]:
    """Return the ways to make a whole number of a wrong bound."""
    return [
        lambda c_in, c_out, k: _below(bound(c_in, c_out, k)),
        lambda c_in, c_out, k: math.floor(bound(c_in, c_out, k)),
        lambda c_in, c_out, k: math.ceil(bound(c_in, c_out, k)),
    ]


def _mistakes(name: str, sentence: str, bound: Callable) -> list[Mistake]:
    return [Mistake(name, sentence, instead) for instead in _rule(bound)]


def _saved(c_in: int, c_out: int, k: int) -> int:
    m = widest(c_in, c_out, k)
    return c_in * c_out * k * k - m * (c_in + c_out * k * k)


TASK = Task(
    name="8.4 C",
    asks="widest_saving_bottleneck(c_in, c_out, k)",
    prompt="How wide may a bottleneck be before it saves nothing? A k×k convolution leads from "
    "`c_in` to `c_out` channels. In its place come a 1×1 convolution to `m` channels and a k×k "
    "convolution from these to `c_out`. Return the largest whole `m` with which the two have fewer "
    "weights than the one, and 0 if there is none. Biases do not count.",
    stub='''@helpers.task("8.4 C")
def widest_saving_bottleneck(c_in, c_out, k):
    """Return the largest width that still saves weights; 0 if none does."""
    return ...  # a whole number
''',
    solution='''def widest_saving_bottleneck(c_in, c_out, k):
    """Return the largest width that still saves weights; 0 if none does."""
    without, m = c_in * c_out * k * k, 0
    while (m + 1) * (c_in + c_out * k * k) < without:
        m += 1
    return m
''',
    hints=(
        "How many weights have the two convolutions together, if m is the width between them?",
        "c_in · m + m · c_out · k · k = m · (c_in + c_out · k · k) is to be smaller than "
        "c_in · c_out · k · k.",
        "Begin with m = 0, and add 1 as long as the next width still saves. Or divide; but take "
        "care where the division leaves no rest: equal is not fewer.",
    ),
    reference=widest,
    inputs=inputs,
    mistakes=(
        Mistake("equal is not fewer", "Where both have equally many weights, nothing is saved: "
                "the width is one too large there.",
                lambda c_in, c_out, k: c_in * c_out * k * k // (c_in + c_out * k * k)),
        Mistake("one too wide", "This is the smallest width that saves nothing, one more than is "
                "asked for: is it rounded up, or does the loop go one step too far?",
                lambda c_in, c_out, k: math.ceil(_ratio(c_in, c_out, k))),
        Mistake("rounded", "It is rounded to the nearest whole number: a width above the quotient "
                "costs more weights than it saves.",
                lambda c_in, c_out, k: round(_ratio(c_in, c_out, k))),
        Mistake("not whole", "A width is a whole number: the largest one below this quotient.",
                _ratio),
        *_mistakes("1×1 not counted", "The weights of the 1×1 convolution are not counted: then "
                   "every width below c_in would save something.", lambda c_in, c_out, k: c_in),
        *_mistakes("biases counted", "The m biases of the 1×1 convolution are counted, too; only "
                   "weights are asked for.",
                   lambda c_in, c_out, k: c_in * c_out * k * k / (c_in + 1 + c_out * k * k)),
        *_mistakes("k×k not counted", "The k×k convolution behind the bottleneck is not counted.",
                   lambda c_in, c_out, k: c_out * k * k),
        *_mistakes("k not squared", "A k×k kernel has k · k places; they are counted as k.",
                   lambda c_in, c_out, k: c_in * c_out * k / (c_in + c_out * k)),
        *_mistakes("k squared on one side only", "The k · k places of the kernel are counted in "
                   "the plain convolution, but not behind the bottleneck.",
                   lambda c_in, c_out, k: c_in * c_out * k * k / (c_in + c_out)),
        *_mistakes("both without a kernel", "All three convolutions are counted with kernels "
                   "of one size. The 1×1 convolution has one place, the other two have k · k.",
                   lambda c_in, c_out, k: c_in * c_out / (c_in + c_out)),
        *_mistakes("kernel in front", "The k×k kernel is counted in front, from c_in channels to "
                   "m: there the 1×1 convolution stands.",
                   lambda c_in, c_out, k: c_in * c_out * k * k / (c_in * k * k + c_out)),
        *_mistakes("a third convolution", "A 1×1 convolution behind the k×k one is counted too, or "
                   "the bottleneck has k×k kernels with m channels on both sides.",
                   lambda c_in, c_out, k: (math.sqrt(
                       (c_in + c_out) ** 2 + 4 * k**4 * c_in * c_out) - c_in - c_out)
                       / (2 * k * k)),
        Mistake("the smallest that saves", "The narrowest bottleneck saves most; the widest that "
                "still saves something is asked for. Does the loop stop at the first?",
                lambda c_in, c_out, k: int(widest(c_in, c_out, k) > 0)),
        Mistake("always at least 1", "Where not even a width of 1 saves weights, the result is "
                "to be 0.", after=lambda m, c_in, c_out, k: max(1, m)),
        Mistake("stops at c_out", "No width above c_out comes out. A wider bottleneck may save "
                "weights, too: is c_out the end of the loop?",
                after=lambda m, c_in, c_out, k: min(m, c_out)),
        Mistake("stops before c_out", "Only widths below c_out come out. A wider bottleneck may "
                "save weights, too: is c_out the end of the loop?",
                after=lambda m, c_in, c_out, k: min(m, c_out - 1)),
        Mistake("half of the input", "This is half of c_in, whatever the kernel is; the weights "
                "decide.", lambda c_in, c_out, k: c_in // 2),
        Mistake("what is saved", "This is how many weights are saved, not the width at which they "
                "are.", _saved),
    ),
    conditions={
        "the division leaves no rest": lambda c_in, c_out, k:
            c_in * c_out * k * k % (c_in + c_out * k * k) == 0,
        "the kernel is larger than 1×1": lambda c_in, c_out, k: k > 1,
        "no width saves anything": lambda c_in, c_out, k: widest(c_in, c_out, k) == 0,
        "there are fewer channels in than out": lambda c_in, c_out, k: c_in < c_out,
    },
)  # fmt: skip
