"""7.3 A: the size of an output."""

import math

from helpers.study.task import Draw, Mistake, Task

__all__ = ["TASK", "size"]


def size(n: int, k: int, p: int, s: int) -> int:
    """Return the outputs along one axis; p is the padding per side."""
    return (n - k + 2 * p) // s + 1


def inputs(draw: Draw):
    """Yield sizes, where the division comes out and where it does not."""
    yield from ((3, 1, 0, 1), (4, 2, 0, 1), (4, 1, 0, 2), (5, 2, 0, 2), (3, 3, 1, 1), (4, 3, 1, 2))
    yield from ((8, 3, 0, 3), (8, 5, 1, 4), (8, 3, 1, 2), (224, 11, 1, 4), (7, 7, 0, 3))
    for _ in range(12):
        k = draw.whole(1, 7)
        yield k + draw.whole(0, 20), k, draw.whole(0, 3), draw.whole(1, 4)


def _rounded(n, k, p, s):
    return math.floor((n - k + 2 * p) / s + 0.5) + 1


TASK = Task(
    name="7.3 A",
    asks="output_size(n, k, p=0, s=1)",
    prompt="Write the formula once as code, for one axis: `n` pixels, a kernel of `k`, a stride of "
    "`s`, and a padding of `p` *per side*, as PyTorch counts it. The result is a whole number.",
    stub='''@helpers.task("7.3 A")
def output_size(n, k, p=0, s=1):
    """Pixels along one axis of the output; the padding p is per side."""
    return ...  # your line
''',
    solution='''def output_size(n, k, p=0, s=1):
    """Pixels along one axis of the output; the padding p is per side."""
    return (n - k + 2 * p + s) // s
''',
    hints=(
        "In the formula above, p is the total; per side means that there are 2p in all.",
        "How far can the window move? n + 2p − k pixels. How many steps of s is that, and how "
        "many positions?",
        "Whole steps only: Python divides and rounds down with //.",
    ),
    reference=size,
    inputs=inputs,
    mistakes=(
        Mistake("padding counted once", "The padding is counted once: p is per side, so 2p are "
                "added in all.", before=lambda n, k, p, s: (n - p, k, p, s)),
        Mistake("without padding", "The padding is not used.",
                before=lambda n, k, p, s: (n, k, 0, s)),
        Mistake("without stride", "The stride is not used, or divides only itself: mind the "
                "parentheses around all that is divided.",
                before=lambda n, k, p, s: (n, k, p, 1)),
        Mistake("padding and stride exchanged", "Padding and stride are exchanged: the arguments "
                "come in the order n, k, p, s.",
                lambda n, k, p, s: (n - k + 2 * s) // p + 1 if p else 1 // 0),
        Mistake("not rounded down", "The result is not rounded down: use // in place of /.",
                lambda n, k, p, s: (n - k + 2 * p) / s + 1),
        Mistake("rounded up", "It is rounded up. A step that leaves the image is not made: round "
                "down.", lambda n, k, p, s: -(-(n - k + 2 * p) // s) + 1),
        Mistake("rounded to the nearest", "It is rounded to the nearest whole number. A step that "
                "leaves the image is not made: round down.", _rounded),
        Mistake("rounded to the nearest", "It is rounded to the nearest whole number (round(), "
                "with halves to the even one). Round down.",
                lambda n, k, p, s: round((n - k + 2 * p) / s) + 1),
        Mistake("rounded to the nearest", "It is rounded to the nearest whole number. Round down.",
                lambda n, k, p, s: round((n - k + 2 * p) / s + 1)),
        Mistake("first position missing", "One too small: the first position is there before any "
                "step is made.", lambda n, k, p, s: size(n, k, p, s) - 1),
        Mistake("+1 before the division", "The 1 for the first position is added before the "
                "division by s: it belongs behind it (or s in its place).",
                lambda n, k, p, s: (n - k + 2 * p + 1) // s),
        Mistake("only part divided", "Only the padding is divided by the stride: parentheses are "
                "missing around n − k + 2p.", lambda n, k, p, s: n - k + 2 * p // s + 1),
        Mistake("only part divided", "Only the padding and the stride are divided by the stride: "
                "parentheses are missing.", lambda n, k, p, s: n - k + (2 * p + s) // s),
        Mistake("only n divided", "Only n is divided by the stride.",
                lambda n, k, p, s: n // s - k + 2 * p + 1),
        Mistake("kernel subtracted too late", "The kernel is subtracted after the division: "
                "parentheses are missing around n + 2p − k.",
                lambda n, k, p, s: (n + 2 * p) // s - k + 1),
        Mistake("without the kernel", "The kernel's size is not used: this is what is left with "
                "k = 1.", lambda n, k, p, s: size(n, 1, p, s)),
        Mistake("n divided by s", "This is n / s, rounded up: it holds for a padding of "
                "k − 1 in all only.",
                lambda n, k, p, s: -(-n // s)),
        Mistake("n divided by s", "This is n // s: it holds in special cases only.",
                lambda n, k, p, s: n // s),
        Mistake("kernel subtracted twice", "The kernel is subtracted twice.",
                lambda n, k, p, s: size(n, 2 * k, p, s)),
        Mistake("padding subtracted", "The padding is subtracted; it makes the image larger.",
                before=lambda n, k, p, s: (n - 4 * p, k, p, s)),
        Mistake("one too many", "One too large: is the 1 there twice?",
                lambda n, k, p, s: size(n, k, p, s) + 1),
    ),
    conditions={
        "there is padding": lambda n, k, p, s: p > 0,
        "the stride is not 1": lambda n, k, p, s: s > 1,
        "the division by the stride leaves a rest": lambda n, k, p, s: (n - k + 2 * p) % s > 0,
        "the kernel is even": lambda n, k, p, s: k % 2 == 0,
        "the kernel is more than 1": lambda n, k, p, s: k > 1,
        "there are padding and a stride": lambda n, k, p, s: p > 0 and s > 1,
        "the stride is more than 2": lambda n, k, p, s: s > 2,
    },
)  # fmt: skip
