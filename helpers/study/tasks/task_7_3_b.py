"""7.3 B: padding that keeps the size."""

from collections.abc import Callable

from helpers.study.task import Draw, Mistake, Task

__all__ = ["TASK"]


def probe(attempt: Callable, k: int) -> object:
    """Return the paddings, the smaller first: both conventions are right."""
    result = attempt(k)
    try:
        return tuple(sorted(result))
    except TypeError:
        return result


def balanced(k: int) -> tuple[int, int]:
    """Return the paddings of both sides, the smaller first."""
    return (k - 1) // 2, k // 2


def inputs(draw: Draw):
    """Yield kernels, odd and even."""
    yield from ((k,) for k in (1, 2, 3, 4, 5, 6, 7))
    yield from ((draw.whole(8, 40),), (2 * draw.whole(4, 20),))


TASK = Task(
    name="7.3 B",
    asks="same(k)",
    prompt="How many pixels of padding does a kernel of `k` pixels need to the left and to the "
    "right, so that the output is as wide as the input (stride 1)? Return both numbers, as equal "
    "as they can be. Try it for k = 1 to 7; for an even kernel, either side may have one more.",
    stub='''def same(k):
    """Return (left, right): the padding that keeps the size."""
    return ...  # two numbers, with a comma between them
''',
    solution='''def same(k):
    """Return (left, right): the padding that keeps the size."""
    return (k - 1) // 2, k // 2
''',
    hints=(
        "How many pixels does a kernel of k take away in all?",
        "k − 1. Split it into two whole numbers; if it is odd, they differ by one.",
        "Half of it, rounded down, on one side; what is left of k − 1, on the other.",
    ),
    reference=balanced,
    inputs=inputs,
    probe=probe,
    mistakes=(
        Mistake("one too many for even kernels", "Both sides get k // 2: right for odd kernels. "
                "For even ones, that is one pixel too many in all.", lambda k: (k // 2, k // 2)),
        Mistake("one too few for even kernels", "Both sides get (k − 1) // 2: right for odd "
                "kernels. For even ones, that is one pixel too few in all.",
                lambda k: ((k - 1) // 2, (k - 1) // 2)),
        Mistake("total on each side", "k − 1 is the padding of both sides together; here each "
                "side has it.", lambda k: (k - 1, k - 1)),
        Mistake("k on each side", "A kernel of k takes k − 1 pixels away, both sides together.",
                lambda k: (k, k)),
        Mistake("k in all", "Both together are k; the kernel takes k − 1 pixels away.",
                lambda k: (k // 2, k - k // 2)),
        Mistake("all on one side", "The size is right, but everything is on one side: then the "
                "output is shifted. Split it as equally as possible.", lambda k: (0, k - 1)),
        Mistake("halves", "Half a pixel cannot be added: the two sides of an even kernel differ "
                "by one.", lambda k: ((k - 1) / 2, (k - 1) / 2)),
        Mistake("halves", "Half a pixel cannot be added; and both together are to be k − 1.",
                lambda k: (k / 2, k / 2)),
        Mistake("both rounded", "Both sides get the same, (k − 1) / 2 rounded: the two sides of an "
                "even kernel differ by one.", lambda k: (round((k - 1) / 2), round((k - 1) / 2))),
        Mistake("one too many for odd kernels", "Right for even kernels; for odd ones, both "
                "together are k, and are to be k − 1.",
                lambda k: tuple(sorted(((k - 1) // 2, k // 2 + k % 2)))),
        Mistake("wrong for odd kernels", "Both together are to be k − 1: for odd kernels one pixel "
                "is missing.", lambda k: tuple(sorted((k // 2, k // 2 - 1)))),
        Mistake("negative", "A padding cannot be negative.",
                tells=lambda got, k: min(got) < 0),
        Mistake("too much in all", "Both together are more than k − 1: the output becomes larger "
                "than the input.", tells=lambda got, k: sum(got) > k - 1),
        Mistake("too little in all", "Both together are less than k − 1: the output becomes "
                "smaller than the input.", tells=lambda got, k: sum(got) < k - 1),
        Mistake("not k − 1 in all", "Both together are to be k − 1, for every k.",
                tells=lambda got, k: sum(got) != k - 1),
        Mistake("not as equal as possible", "Both together are right, but could be more equal.",
                tells=lambda got, k: sum(got) == k - 1),
        Mistake("always 1", "One pixel on each side is right for k = 3 only.", lambda k: (1, 1)),
        Mistake("always none", "Without padding, only a kernel of one pixel keeps the size.",
                lambda k: (0, 0)),
    ),
    conditions={
        "the kernel is even": lambda k: k % 2 == 0,
        "the kernel is odd": lambda k: k % 2 == 1,
        "k is 1": lambda k: k == 1,
        "k is more than 7": lambda k: k > 7,
        "k is even, or more than 7": lambda k: k > 7 or k % 2 == 0,
        "k is more than 3": lambda k: k > 3,
    },
)  # fmt: skip
