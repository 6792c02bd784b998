"""7.3 C: the mirrored border in one dimension."""

import torch
from torch import Tensor
from torch.nn import functional as F

from helpers.study.task import Draw, Mistake, Task

__all__ = ["TASK"]


def mirror(x: Tensor, p: int) -> Tensor:
    """Return x with p mirrored numbers on either side; the border itself is not repeated."""
    return F.pad(x[None], (p, p), mode="reflect")[0] if p else x.clone()


def inputs(draw: Draw):
    """Yield rows and paddings from 0 to n − 1."""
    yield torch.tensor([1.0, 2.0, 3.0]), 1
    yield torch.tensor([1.0, 2.0, 3.0]), 2
    yield torch.tensor([1.0, 2.0, 3.0]), 0
    yield torch.tensor([5.0]), 0
    yield torch.tensor([1.0, 2.0]), 1
    for n in (3, 4, 5, 6, 8):
        for p in (1, draw.whole(2, n - 1)):
            yield draw.numbers(n), p


def _pad(x: Tensor, p: int, mode: str) -> Tensor:
    return F.pad(x[None, None], (p, p), mode=mode)[0, 0]


def _sides(x: Tensor, left: Tensor, right: Tensor) -> Tensor:
    return torch.cat([left, x, right])


def _tail(x: Tensor, p: int) -> Tensor:
    return x[len(x) - p :]


TASK = Task(
    name="7.3 C",
    asks="reflect(x, p)",
    prompt="Mirror the border in one dimension: put `p` numbers to either side of `x`, as a mirror "
    "*on* the first and on the last number shows them. From 1, 2, 3 and p = 2 comes 3, 2, 1, 2, "
    "3, 2, 1. `p` is less than the length of `x`, and may be 0.",
    stub='''def reflect(x, p):
    """Return x (n) with mirrored borders, (n + 2p)."""
    return ...  # your lines
''',
    solution='''def reflect(x, p):
    """Return x (n) with mirrored borders, (n + 2p)."""
    n = len(x)
    left, right = x[1 : p + 1], x[n - 1 - p : n - 1]
    return torch.cat([left.flip(0), x, right.flip(0)])
''',
    hints=(
        "To the left come x[1] to x[p], in reverse order: the mirror stands on x[0].",
        "A tensor is reversed by flip(0), and torch.cat([…]) puts parts together.",
        "To the right: the last number stays where it is, so take the p before it. With p = 0, "
        "x[-p:] would be everything; count from the front: x[n - 1 - p : n - 1].",
    ),
    reference=mirror,
    inputs=inputs,
    mistakes=(
        Mistake("border repeated", "The first and the last number come twice: the mirror is to "
                "stand on them, not beside them.",
                lambda x, p: _sides(x, x[:p].flip(0), _tail(x, p).flip(0))),
        Mistake("not reversed", "The numbers are the right ones, but not in reverse order.",
                lambda x, p: _sides(x, x[1 : p + 1], x[len(x) - 1 - p : len(x) - 1])),
        Mistake("border continued", "The first and the last number are repeated p times "
                "('replicate').", lambda x, p: _pad(x, p, "replicate")),
        Mistake("border continued, in order", "The first p and the last p numbers are repeated in "
                "their order; the mirror reverses them, and leaves out the border itself.",
                lambda x, p: _sides(x, x[:p], _tail(x, p))),
        Mistake("neighbour repeated", "The neighbour of the border is repeated p times.",
                lambda x, p: _sides(x, x[1:2].repeat(p), x[-2:-1].repeat(p))),
        Mistake("zeros", "Zeros are added.", lambda x, p: F.pad(x, (p, p))),
        Mistake("wrapped around", "To the left comes the end, to the right the beginning "
                "('circular').", lambda x, p: _sides(x, _tail(x, p), x[:p])),
        Mistake("sides exchanged", "What belongs to the left stands to the right, and the other "
                "way round.", lambda x, p: _sides(x, x[len(x) - 1 - p : len(x) - 1].flip(0),
                                                  x[1 : p + 1].flip(0))),
        Mistake("wrapped and reversed", "To the left comes the end, in reverse order: a mirror "
                "on the first number shows what is near to it.",
                lambda x, p: _sides(x, _tail(x, p).flip(0), x[:p].flip(0))),
        Mistake("border taken along", "To either side come p + 1 numbers: the first and the last "
                "one, on which the mirror stands, are taken along.",
                lambda x, p: _sides(x, x[: p + 1].flip(0), x[len(x) - 1 - p :].flip(0))),
        Mistake("everything for p = 0", "Where p is 0, the whole row is added: x[-0:] is x[0:], "
                "all of it. Count from the front, or treat p = 0 apart.",
                lambda x, p: _sides(x, mirror(x, p)[:p], x[:-1][-p:].flip(0))),
        Mistake("left side not reversed", "To the left, the numbers are not in reverse order.",
                lambda x, p: _sides(x, x[1 : p + 1], mirror(x, p)[len(x) + p :])),
        Mistake("right side not reversed", "To the right, the numbers are not in reverse order.",
                lambda x, p: _sides(x, mirror(x, p)[:p], x[len(x) - 1 - p : len(x) - 1])),
        Mistake("last number repeated", "To the right, the last number comes twice.",
                lambda x, p: _sides(x, mirror(x, p)[:p], _tail(x, p).flip(0))),
        Mistake("first number repeated", "To the left, the first number comes twice.",
                lambda x, p: _sides(x, x[:p].flip(0), mirror(x, p)[len(x) + p :])),
        Mistake("only to the left", "The right side is missing.",
                lambda x, p: mirror(x, p)[: len(x) + p]),
        Mistake("only to the right", "The left side is missing.", lambda x, p: mirror(x, p)[p:]),
        Mistake("all reversed", "The row itself is reversed, too.",
                lambda x, p: mirror(x, p).flip(0)),
    ),
    conditions={
        "p is 0": lambda x, p: p == 0,
        "p is more than 0": lambda x, p: p > 0,
        "p is more than 1": lambda x, p: p > 1,
        "p is one less than the length": lambda x, p: p == len(x) - 1,
    },
)  # fmt: skip
