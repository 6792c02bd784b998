"""8.4 D: the height of GoogLeNet's maps before the global average."""

import math
from collections.abc import Callable

from helpers.study.task import Draw, Mistake, Task

__all__ = ["TASK"]

STEM = ((7, 2, 3), (3, 2, 1), (3, 2, 1))  # (kernel, stride, padding) of what halves in the stem
BODY = ((3, 2, 1), (3, 2, 1))


def through(n: int, layers: tuple, whole: Callable = math.floor) -> int:
    """Return the height behind layers of (kernel, stride, padding)."""
    for k, s, p in layers:
        n = whole((n - k + 2 * p) / s) + 1
    return n


def height(n: int) -> int:
    """Return the height of the maps before the global average."""
    return through(n, (*STEM, *BODY))


def inputs(draw: Draw):
    """Yield sizes beside the multiples of 32, those of the section, and random ones."""
    yield from ((n,) for n in (1, 2, 3, 16, 17, 28, 31, 32, 33, 38, 48, 61, 63, 64, 65, 94, 95, 96,
                               97, 128, 192, 224, 225, 256))  # fmt: skip
    for _ in range(6):
        yield (draw.whole(65, 600),)


def _halved(times: int, how: Callable[[float], float]) -> Callable[[int], int]:
    """Return what halves so many times, and makes a whole number each time."""

    def compute(n: int) -> int:
        for _ in range(times):
            n = int(how(n / 2))
        return n

    return compute


def _without_padding(*places: int) -> Callable[[int], int]:
    layers = [(k, s, 0 if i in places else p) for i, (k, s, p) in enumerate((*STEM, *BODY))]
    return lambda n: through(n, tuple(layers))


TASK = Task(
    name="8.4 D",
    asks="last_height(n)",
    prompt="How many rows do GoogLeNet's maps have before the global average, if the image has "
    "`n` rows? Look through `b1` to `b5` for the layers that change the height. It is to be right "
    "for every `n`, from a single row on.",
    stub='''@helpers.task("8.4 D")
def last_height(n):
    """Return the height of GoogLeNet's last maps for an image of height n."""
    return ...  # a whole number
''',
    solution='''def last_height(n):
    """Return the height of GoogLeNet's last maps for an image of height n."""
    # One convolution and four poolings with stride 2; each leaves half of the rows, rounded up.
    for kernel, padding in ((7, 3), (3, 1), (3, 1), (3, 1), (3, 1)):
        n = (n - kernel + 2 * padding) // 2 + 1
    return n
''',
    hints=(
        "Which layers have a stride of 2? The poolings inside the Inception blocks have a stride "
        "of 1, and padding keeps the size.",
        "There are five: the 7×7 convolution and four poolings, two of them in the stem. Each "
        "leaves ⌊(n − k + 2p) / 2⌋ + 1 rows.",
        "With k = 7, p = 3, and with k = 3, p = 1, that is the same: ⌊(n − 1) / 2⌋ + 1, half of n, "
        "rounded up. Do it five times.",
    ),
    reference=height,
    inputs=inputs,
    mistakes=(
        Mistake("behind the average", "That is the height behind the global average, 1 for every "
                "image.", lambda n: 1),
        Mistake("for the book's image", "That is the height for the book's 96 rows; it depends on "
                "n.", lambda n: 3),
        Mistake("for 224 rows", "That is the height for 224 rows; it depends on n.", lambda n: 7),
        Mistake("rounded down", "It is rounded down. With their padding, each of these layers "
                "leaves half of its rows rounded up: 3 rows become 2.", _halved(5, math.floor)),
        Mistake("rounded down, at least 1", "It is rounded down, and only then kept from being 0. "
                "Each of these layers leaves half of its rows rounded up: 3 rows become 2.",
                lambda n: max(1, n // 32)),
        Mistake("one more", "Rounded down and one more: that is one too many where 32 divides n.",
                lambda n: n // 32 + 1),
        Mistake("rounded to the nearest", "It is rounded to the nearest whole number; each of "
                "these layers rounds up.", lambda n: round(n / 32)),
        Mistake("rounded to the nearest", "Each step is rounded to the nearest whole number; each "
                "of these layers rounds up.", _halved(5, round)),
        Mistake("not whole", "A height is a whole number: half of 3 rows are 2.",
                lambda n: n / 32),
        Mistake("padding forgotten", "The padding is not counted: 3 at the 7×7 kernel, 1 at the "
                "3×3 windows.", _without_padding(0, 1, 2, 3, 4)),
        Mistake("padding of the 7×7 kernel forgotten", "The 7×7 convolution has a padding of 3.",
                _without_padding(0)),
        Mistake("padding of the 7×7 kernel on one side", "The 7×7 convolution's padding of 3 is "
                "added once; there are 3 rows above and 3 below.",
                lambda n: through((n + 3 - 7) // 2 + 1, (*STEM[1:], *BODY))),
        Mistake("padding of the poolings forgotten", "The poolings have a padding of 1.",
                _without_padding(1, 2, 3, 4)),
        Mistake("padding counted once", "The padding is added once; there is some above and "
                "below: n − k + 2p.", lambda n: through(n, tuple(
                    (k, s, p / 2) for k, s, p in (*STEM, *BODY)))),
        Mistake("formula without + 1", "The last + 1 of ⌊(n − k + 2p) / s⌋ + 1 is missing: the "
                "window's first place counts, too.", _halved(5, lambda half: math.floor(
                    half - 0.5))),
        *(Mistake(f"halved {word}", f"It is halved {word}, but five layers have a stride of 2: the "
                  "7×7 convolution, the poolings of b1 and b2, and those at the end of b3 and b4. "
                  "(Where the height is odd, each of them rounds up.)", halve)
          for times, word in ((4, "four times"), (3, "three times"), (2, "twice"), (6, "six times"))
          for halve in (_halved(times, math.ceil), _halved(times, math.floor),
                        lambda n, d=2**times: round(n / d), lambda n, d=2**times: n / d)),
        Mistake("poolings of the blocks", "The poolings inside the nine blocks are counted as if "
                "they halved the maps; they have a stride of 1.", _halved(14, math.ceil)),
        Mistake("number of positions", "This is the number of positions, height times width; the "
                "height is asked for.", lambda n: height(n) ** 2),
    ),
    conditions={
        "32 does not divide n": lambda n: n % 32 != 0,
        "32 divides n": lambda n: n % 32 == 0,
        "n is odd": lambda n: n % 2 == 1,
        "n is smaller than 32": lambda n: n < 32,
    },
)  # fmt: skip
