"""7.4 E: a test of equality."""

import torch
from torch import Tensor

from helpers.study.task import Draw, Mistake, Task

__all__ = ["TASK"]

KINDS = (
    "equal", "rounded", "zeros", "near zero", "large", "many", "small, all wrong", "one wrong",
    "one too small", "one wrong among large", "sign", "shifted", "opposite errors", "off by one",
    "two exchanged", "one small wrong among large", "all wrong, right on average", "first wrong",
)  # fmt: skip
FIXED = {
    "zeros": ([0.0, 0.0, 0.0], [0.0, 0.0, 0.0]),
    "near zero": ([0.0, 1.0, 2.0], [5e-7, 1.0, 2.0]),
    "one small wrong among large": ([1e7, 2.0, 3.0], [1e7, 2.0, 3.5]),
    "all wrong, right on average": ([1.0, 2.0, 3.0], [2.0, 1.5, 2.5]),
    "first wrong": ([1.0, 2.0, 3.0], [1.5, 2.0, 3.0]),
}
BOUNDS = tuple(10.0**-i for i in range(1, 9))


def same(A: Tensor, B: Tensor) -> bool:
    """Whether two tensors are equal up to rounding."""
    return torch.allclose(A.double(), B.double(), rtol=2e-5, atol=2e-6)


def _pair(kind: str, draw: Draw) -> tuple[Tensor, Tensor]:
    A = draw.numbers(1000, low=1, high=4)
    rounding = 1 + 3e-7 * draw.numbers(1000, low=-1, high=1)
    B = A * rounding
    i, j = draw.whole(0, 499), draw.whole(500, 999)
    if kind == "equal":
        return A[:4], A[:4].clone()
    if kind == "rounded":
        return A[:6].reshape(2, 3), B[:6].reshape(2, 3)
    if kind in FIXED:
        a, b = FIXED[kind]
        return torch.tensor(a), torch.tensor(b)
    if kind == "large":
        return 1e7 * A[:8], 1e7 * B[:8]
    if kind == "many":
        many = A.repeat(100)
        return many, many * rounding.repeat(100)
    if kind == "small, all wrong":
        return 1e-2 * A[:5], 1.3e-2 * A[:5]
    if kind == "one wrong":
        B[i] += 0.01
    if kind == "one too small":
        B[i] -= 0.01
    if kind == "one wrong among large":
        A, B = 1e7 * A, 1e7 * B
        B[i] *= 1.01
    if kind == "sign":
        return A[:5], -A[:5]
    if kind == "shifted":
        return A[:9], A[:9] + 0.01
    if kind == "opposite errors":
        B[i], B[j] = B[i] + 0.5, B[j] - 0.5
    if kind == "off by one":
        return A[:9], A[:9].roll(1) + 0.25
    if kind == "two exchanged":
        A[i], A[j] = 1.0, 3.0
        B = A.clone()
        B[i], B[j] = 3.0, 1.0
    return A, B


def inputs(draw: Draw):
    """Yield pairs that differ by rounding only, and pairs that differ by more."""
    for kind in KINDS:
        yield _pair(kind, draw)


def _far(A: Tensor, B: Tensor) -> Tensor:
    return (A.double() - B.double()).abs()


TASK = Task(
    name="7.4 E",
    asks="same(A, B)",
    prompt="Write a test of equality that forgives rounding and nothing else: it must stand large "
    "numbers (10,000,000 with its last digits rounded), many numbers, and rounding near zero (0 "
    "beside 0.0000005), and notice a single number among a thousand that is off by 0.01. The "
    "shapes are equal. Return True or False.",
    stub='''def same(A, B):
    """Return whether A and B are equal up to rounding, number by number."""
    return ...  # True or False
''',
    solution='''def same(A, B):
    """Return whether A and B are equal up to rounding, number by number."""
    return torch.allclose(A, B, rtol=1e-5, atol=1e-5)
''',
    hints=(
        "A sum of differences grows with their number, and a mean hides a single one: look at "
        "each number for itself.",
        "Rounding is relative: a number of ten million may be off by 1. Near zero, a relative "
        "bound allows nothing, so add a small absolute one.",
        "|a − b| ≤ atol + rtol · |b| for all numbers: that is torch.allclose(A, B, rtol, atol). "
        "Its atol is very small unless you give one.",
    ),
    reference=same,
    inputs=inputs,
    mistakes=(
        Mistake("exactly equal", "Numbers are compared exactly: the slightest rounding counts as a "
                "difference.", lambda A, B: torch.equal(A, B)),
        *(Mistake("sum of differences", "The differences are added up, as in the book: many "
                  "numbers, or large ones, exceed the bound although they are only rounded.",
                  lambda A, B, t=t: float(_far(A, B).sum()) < t) for t in BOUNDS),
        *(Mistake("signs cancel", "The differences are added up with their signs: errors in "
                  "opposite directions cancel.",
                  lambda A, B, t=t: abs(float((A - B).double().sum())) < t) for t in BOUNDS),
        Mistake("sums compared", "Only the sums of A and B are compared: errors in opposite "
                "directions cancel.",
                lambda A, B: torch.allclose(A.double().sum(), B.double().sum(), rtol=2e-6)),
        *(Mistake("absolute bound", "The bound is the same for all numbers: large ones are off "
                  "by more when they are rounded. Let it grow with them.",
                  lambda A, B, t=t: bool(_far(A, B).max() < t)) for t in BOUNDS),
        *(Mistake("bound from the largest number", "The bound for all numbers comes from the "
                  "largest: beside ten million, 2 and 2.5 count as equal. Each number is to have "
                  "its own.",
                  lambda A, B, t=t: bool(_far(A, B).max() <= t * A.abs().max())) for t in BOUNDS),
        Mistake("first number only", "Only the first number is compared.",
                lambda A, B: same(A.flatten()[:1], B.flatten()[:1])),
        *(Mistake("means compared", "Only the means of A and B are compared: errors in opposite "
                  "directions cancel.",
                  lambda A, B, t=t: torch.allclose(A.double().mean(), B.double().mean(), t, 1e-6))
          for t in BOUNDS),
        Mistake("no absolute bound", "The bound is relative only: beside 0, nothing is allowed. "
                "Add a small absolute one (atol=1e-5; its default, 1e-8, is too small here).",
                lambda A, B: torch.allclose(A, B, rtol=1e-5)),
        *(Mistake("mean of differences", "The mean of the differences is compared: a single wrong "
                  "number among many hardly changes it.",
                  lambda A, B, t=t: float(_far(A, B).mean()) < t) for t in BOUNDS),
        *(Mistake("difference as a whole", "The size of the whole difference is compared with that "
                  "of A: a single wrong number among many hardly changes it.",
                  lambda A, B, t=t: float(_far(A, B).norm()) <= t * float(A.double().norm()))
          for t in BOUNDS),
        Mistake("any in place of all", "It is enough for it that *some* numbers agree: all must.",
                lambda A, B: bool(torch.isclose(A, B, atol=1e-5).any())),
        *(Mistake("only one direction", "The difference is compared with its sign: where it is "
                  "negative, it is below every bound. Take abs().",
                  lambda A, B, sign=sign: bool((sign * (A - B) <= 1e-5 + 1e-5 * B.abs()).all()))
          for sign in (1, -1)),
        *(Mistake("only the sizes compared", "Only the norms of A and B are compared, two numbers "
                  "in place of all: compare number by number.",
                  lambda A, B, t=t: abs(float(A.norm() - B.norm())) <= t * float(B.norm()))
          for t in BOUNDS),
        Mistake("too generous", "The bound is too large: an error of 0.01 goes unnoticed.",
                lambda A, B: torch.allclose(A, B, rtol=0.02, atol=0.02)),
        Mistake("too generous", "The absolute bound is too large: an error of 0.01 goes "
                "unnoticed.", lambda A, B: torch.allclose(A, B, rtol=1e-5, atol=0.02)),
        *(Mistake("too generous", "The relative bound is so large that an error of 0.01 goes "
                  "unnoticed, and near zero an absolute one is missing.",
                  lambda A, B, t=t: torch.allclose(A, B, rtol=t)) for t in (0.01, 0.05, 0.1)),
        *(Mistake("too generous", "The relative bound is so large that an error of 0.01 goes "
                  "unnoticed.", lambda A, B, t=t: torch.allclose(A, B, rtol=t, atol=1e-5))
          for t in (0.01, 0.05, 0.1)),
        Mistake("the wrong way round", "True and False are exchanged.",
                lambda A, B: not same(A, B)),
        Mistake("always True", "It is True for whatever is compared.", lambda A, B: True),
        Mistake("always False", "It is False for whatever is compared.", lambda A, B: False),
        Mistake("sorted", "The numbers are compared without their places.",
                lambda A, B: same(A.sort().values, B.sort().values)),
    ),
    conditions={
        "the numbers are large": lambda A, B: float(A.abs().max()) > 1e6,
        "the numbers are large, and equal": lambda A, B: float(A.abs().max()) > 1e6 and same(A, B),
        "there are many numbers": lambda A, B: A.numel() > 100,
        "there are 100,000 numbers": lambda A, B: A.numel() > 1000,
        "there are zeros": lambda A, B: bool((A == 0).any()),
        "there are zeros only": lambda A, B: not A.any(),
        "a number is rounded": lambda A, B: same(A, B) and not torch.equal(A, B),
        "only one number of a thousand is wrong": lambda A, B:
            not same(A, B) and int((_far(A, B) > 1e-3 * A.abs()).sum()) == 1,
        "one or two numbers of a thousand are wrong": lambda A, B:
            not same(A, B) and int((_far(A, B) > 1e-3 * A.abs()).sum()) < 3,
        "numbers are really different": lambda A, B: not same(A, B),
        "numbers are equal up to rounding": same,
    },
)  # fmt: skip
