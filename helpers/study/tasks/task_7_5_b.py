"""7.5 B: which shifts pooling hides."""

from helpers.study.task import Draw, Mistake, Task

__all__ = ["TASK"]


def hidden(c: int, d: int, p: int) -> bool:
    """Whether columns c and c + d belong to the same window."""
    return c // p == (c + d) // p


def inputs(draw: Draw):
    """Yield columns, shifts and windows, of every rest and with shifts above p."""
    for p in (1, 2, 3, 4):
        for c in range(p + 1):
            for d in range(p + 2):
                yield c, d, p
    for _ in range(10):
        yield draw.whole(4, 30), draw.whole(0, 6), draw.whole(2, 7)


TASK = Task(
    name="7.5 B",
    asks="hidden(c, d, p)",
    prompt="Predict it: a single bright pixel moves from column `c` by `d` columns to the right "
    "(d ≥ 0), in a wide image. Is the shift invisible after maximum pooling with p × p windows and "
    "a stride of p? Return True or False, without pooling anything.",
    stub='''def hidden(c, d, p):
    """Return whether p x p pooling hides a shift from column c by d."""
    return ...  # True or False
''',
    solution='''def hidden(c, d, p):
    """Return whether p x p pooling hides a shift from column c by d."""
    return c // p == (c + d) // p
''',
    hints=(
        "The shift is hidden if the pixel stays in its window.",
        "Window 0 holds the columns 0 to p − 1, window 1 the columns p to 2p − 1.",
        "The number of the window of a column is column // p.",
    ),
    reference=hidden,
    inputs=inputs,
    mistakes=(
        Mistake("smaller than the window", "It compares the shift with the size of the window "
                "only. A pixel at the end of its window leaves it with a shift of 1.",
                lambda c, d, p: d < p),
        Mistake("one too far", "The last column of a window is p − 1: with c % p and the shift "
                "together at p, the pixel has left.", lambda c, d, p: c % p + d <= p),
        Mistake("one too near", "A pixel that comes to the last column of its window is still in "
                "it.", lambda c, d, p: c % p + d < p - 1),
        Mistake("even columns", "Whether the column is even decides for p = 2 and d = 1 only.",
                lambda c, d, p: c % 2 == 0),
        Mistake("first column of the window", "It asks whether c is the first column of a window; "
                "what counts is whether c + d is still in it.", lambda c, d, p: c % p == 0),
        Mistake("counted from 1", "Columns are counted from 0, as everywhere: the first window "
                "holds 0 to p − 1.", lambda c, d, p: (c + 1) // p == (c + d + 1) // p),
        Mistake("counted from 1", "Columns are counted from 0, as everywhere: nothing is to be "
                "subtracted before the division.",
                lambda c, d, p: (c - 1) // p == (c + d - 1) // p),
        Mistake("first window only", "Only the first window, of the columns 0 to p − 1, is "
                "thought of; the pixel may stand in any.", lambda c, d, p: c + d < p),
        Mistake("rounded", "Window 0 holds the columns 0 to p − 1: c / p is to be rounded down "
                "(//), not to the nearest whole number.",
                lambda c, d, p: round(c / p) == round((c + d) / p)),
        Mistake("p² columns", "A window of p × p covers p columns, not p².",
                lambda c, d, p: c // p**2 == (c + d) // p**2),
        Mistake("to the left", "The pixel moves to the right: to column c + d.",
                lambda c, d, p: c // p == (c - d) // p),
        Mistake("where it goes", "It asks whether c + d is not the first column of a window. A "
                "shift by more than one may lead further.", lambda c, d, p: (c + d) % p != 0),
        Mistake("rests compared", "The places within the windows are compared (%). Whether it is "
                "the same window is a question of //.",
                lambda c, d, p: (c + d) % p >= c % p),
        Mistake("same place in the window", "It asks whether both stand at the same place within "
                "a window: that is a shift by whole windows, the most visible one.",
                lambda c, d, p: (c + d) % p == c % p),
        Mistake("the wrong way round", "True and False are exchanged.",
                lambda c, d, p: not hidden(c, d, p)),
        Mistake("sliding window", "It is True for a shift of 0 only. That holds for windows with a "
                "stride of 1; here they move by p. (If you divide by p: // gives the number of "
                "the window, / does not.)", lambda c, d, p: d == 0),
        Mistake("shift divided", "d // p counts from the first column of a window; the pixel "
                "stands at c.", lambda c, d, p: d // p == c // p),
        Mistake("whole division", "Only shifts by whole windows are True.",
                lambda c, d, p: d % p == 0),
        Mistake("always 2", "The window is always 2; p gives its size.",
                lambda c, d, p: c // 2 == (c + d) // 2),
        Mistake("always True", "It is True for every shift.", lambda c, d, p: True),
        Mistake("always False", "It is False for every shift.", lambda c, d, p: False),
    ),
    conditions={
        "the shift is not 1": lambda c, d, p: d != 1,
        "the shift is as large as the window, or larger": lambda c, d, p: d >= p,
        "the shift is 0": lambda c, d, p: d == 0,
        "the window is not 2": lambda c, d, p: p != 2,
        "the pixel leaves its window": lambda c, d, p: not hidden(c, d, p),
        "the pixel stays in its window": hidden,
        "the column is beyond the first window": lambda c, d, p: c >= p,
        "the pixel comes to the last column of its window": lambda c, d, p: (c + d) % p == p - 1,
    },
)  # fmt: skip
