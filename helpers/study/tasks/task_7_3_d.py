"""7.3 D: where the windows begin."""

from helpers.study.task import Draw, Mistake, Task
from helpers.study.tasks.task_7_3_a import size

__all__ = ["TASK"]


def starts(n: int, k: int, p: int, s: int) -> tuple[int, ...]:
    """Return the first row of each window, in rows of the image."""
    return tuple(range(-p, n + p - k + 1, s))


def inputs(draw: Draw):
    """Yield sizes with and without padding; strides that leave rows over."""
    yield from ((3, 2, 0, 1), (4, 2, 0, 2), (5, 2, 0, 2), (3, 3, 1, 1), (3, 2, 1, 3), (5, 1, 0, 2))
    yield from ((3, 2, 1, 2), (7, 3, 1, 2), (8, 3, 0, 3), (6, 6, 0, 1), (8, 5, 2, 4))
    for _ in range(10):
        k = draw.whole(1, 5)
        yield k + draw.whole(0, 9), k, draw.whole(0, k // 2), draw.whole(1, 4)


def _shifted(n, k, p, s, by):
    return tuple(i + by for i in starts(n, k, p, s))


TASK = Task(
    name="7.3 D",
    asks="starts(n, k, p, s)",
    prompt="In which row does each window begin? The image has the rows 0 to n − 1, `p` rows of "
    "padding above and below (the first of them is row −p), the window `k` rows, the stride is "
    "`s`. Return a list. Then predict with it which rows of the figure are never read; the figure "
    "counts from the padding on, so that its row 0 is row −1 here.",
    stub='''def starts(n, k, p, s):
    """Return the first row of each window, from the top."""
    return ...  # a list
''',
    solution='''def starts(n, k, p, s):
    """Return the first row of each window, from the top."""
    return list(range(-p, n + p - k + 1, s))
''',
    hints=(
        "The first window begins in the first row of padding, −p; each further one s rows lower.",
        "The last row that is there is n + p − 1. In which row may a window of k begin at the "
        "latest?",
        "range(first, end, s) leaves its end out, so that is the latest row plus 1: n + p − k + 1.",
    ),
    reference=starts,
    inputs=inputs,
    mistakes=(
        Mistake("counted from the padding", "The rows are counted from the first row of padding: "
                "row 0 is the image's first, and the padding lies above it at −p.",
                lambda n, k, p, s: _shifted(n, k, p, s, p)),
        Mistake("padding above missing", "The first window begins in the padding, at −p, not on "
                "the image.", lambda n, k, p, s: tuple(range(0, n + p - k + 1, s))),
        Mistake("begins at p", "The padding lies above the image: its first row is −p, not p.",
                lambda n, k, p, s: tuple(range(p, n + p - k + 1, s))),
        Mistake("end counted from the padding", "The end is counted from the first row of "
                "padding, with 2p, and the beginning from the image: the last row is n + p − 1.",
                lambda n, k, p, s: tuple(range(-p, n + 2 * p - k + 1, s))),
        Mistake("padding below missing", "The padding below the image is not used.",
                lambda n, k, p, s: tuple(range(-p, n - k + 1, s))),
        Mistake("without padding", "The padding is not used.",
                lambda n, k, p, s: tuple(range(0, n - k + 1, s))),
        Mistake("last window missing", "The last window is missing: range leaves its end out.",
                lambda n, k, p, s: tuple(range(-p, n + p - k, s))),
        Mistake("last window missing", "The last window is missing.",
                lambda n, k, p, s: starts(n, k, p, s)[:-1]),
        Mistake("window leaves the image", "The last windows reach beyond the last row: a window "
                "of k rows is to fit.", lambda n, k, p, s: tuple(range(-p, n + p, s))),
        Mistake("window leaves the image", "The last windows reach beyond the last row: a window "
                "of k rows is to fit.", lambda n, k, p, s: tuple(range(-p, n, s))),
        Mistake("one window too many", "The last window does not fit any more: it begins in row "
                "n + p − k at the latest.",
                lambda n, k, p, s: tuple(range(-p, n + p - k + 2, s))),
        Mistake("one window too many", "There is one window too many: how many fit?",
                lambda n, k, p, s: (*starts(n, k, p, s), starts(n, k, p, s)[-1] + s)),
        Mistake("stride 1", "The stride is not used: the windows are s rows apart.",
                lambda n, k, p, s: starts(n, k, p, 1)),
        Mistake("window by window", "The windows are k rows apart, as if they should not overlap; "
                "they are s apart.", lambda n, k, p, s: starts(n, k, p, k)),
        Mistake("number of the window", "These are the numbers of the windows; each begins s rows "
                "below the one before.", lambda n, k, p, s: tuple(range(size(n, k, p, s)))),
        Mistake("last rows", "These are the windows' last rows; the first are asked for.",
                lambda n, k, p, s: _shifted(n, k, p, s, k - 1)),
        Mistake("middle rows", "These are the windows' middle rows; the first are asked for.",
                lambda n, k, p, s: _shifted(n, k, p, s, k // 2)),
        Mistake("padding counted twice", "The padding is p rows on each side, not 2p.",
                lambda n, k, p, s: starts(n, k, 2 * p, s)),
        Mistake("number of windows", "This is the number of windows; the row in which each begins "
                "is asked for.", lambda n, k, p, s: size(n, k, p, s)),
    ),
    conditions={
        "there is padding": lambda n, k, p, s: p > 0,
        "the stride is not 1": lambda n, k, p, s: s > 1,
        "rows are left over at the end": lambda n, k, p, s: (n + 2 * p - k) % s > 0,
        "no rows are left over at the end": lambda n, k, p, s: (n + 2 * p - k) % s == 0,
    },
)  # fmt: skip
