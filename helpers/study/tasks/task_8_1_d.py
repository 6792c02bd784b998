"""8.1 D: dropout."""

import math
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

import torch
from torch import Tensor

from helpers.study.task import Requirement, Task

__all__ = ["TASK"]

Found = Mapping[str, Any] | None
SIZE = (100, 60)  # entries enough to tell shares apart
NEAR = 0.03  # of a share: five times what so many entries are off by chance
P, OTHER = 0.3, 0.8
SMALL = torch.tensor([[1.0, -2.0, 3.0, -4.0], [5.0, 6.0, -7.0, 8.0]])


def many() -> Tensor:
    """Return many numbers of both signs, none of them 0."""
    return torch.arange(1.0, math.prod(SIZE) + 1).reshape(SIZE) / 500 - 6.001


def below(x: float) -> float:
    """Return the share of a standard normal distribution that lies below `x`."""
    return 0.5 * (1 + math.erf(x / math.sqrt(2)))


def dropped(Y: Tensor) -> float:
    """Return the share of zeros."""
    return float((Y == 0).float().mean())


def factors(Y: Tensor, X: Tensor) -> Tensor:
    """Return what the numbers that are left were multiplied with."""
    return (Y.detach() / X)[Y != 0]


def _is_tensor(attempt: Callable) -> Found:
    got = attempt(SMALL.clone(), 0.5, True)
    return None if isinstance(got, Tensor) else {"kind": type(got).__name__}


def _shape(attempt: Callable) -> Found:
    for training in (True, False):
        got = attempt(SMALL.clone(), 0.5, training)
        if got.shape != SMALL.shape:
            return {"X": SMALL, "training": training, "got": got}
    return None


def _changed(attempt: Callable) -> Found:
    for training in (True, False):
        X = SMALL.clone()
        attempt(X, 0.5, training)
        if not X.equal(SMALL):
            return {"X": SMALL, "X afterwards": X}
    return None


def _always(training: bool, wrong: Callable[[Tensor, Tensor, float], bool]) -> Callable:
    """Return what finds an attempt whose results are wrong for two values of p."""

    def broken(attempt: Callable) -> Found:
        X = many()
        if not all(wrong(attempt(X.clone(), p, training), X, p) for p in (P, OTHER)):
            return None
        p, expected = (P, {}) if training else (OTHER, {"expected": SMALL})
        got = attempt(SMALL.clone(), p, training)
        return {"X": SMALL, "p": p, "training": training, **expected, "got": got}

    return broken


_in_use, _in_training = partial(_always, False), partial(_always, True)


def _exchanged(attempt: Callable) -> Found:
    idle = attempt(many(), P, True).equal(many()) and dropped(attempt(many(), P, False)) > 0.1
    return {"X": SMALL, "p": P, "training": True, "got": SMALL} if idle else None


def _seeded(attempt: Callable) -> Found:
    X = many()
    first, second = (attempt(X.clone(), P, True) == 0 for _ in range(2))
    return {} if first.any() and first.equal(second) else None


def _exactly(attempt: Callable) -> Found:
    counts = {int((attempt(many(), P, True) == 0).sum()) for _ in range(5)}
    return {"count": counts.pop(), "all": many().numel()} if len(counts) == 1 else None


def _all_or_nothing(attempt: Callable) -> Found:
    shares = [dropped(attempt(many(), P, True)) for _ in range(20)]
    return {} if 0 < sum(shares) < 20 and set(shares) <= {0.0, 1.0} else None


def _shares(*known: Callable[[float], float]) -> Callable[[Callable], Found]:
    """Return what finds an attempt that drops another share than p: one that is known, or any."""

    def broken(attempt: Callable) -> Found:
        found = {p: dropped(attempt(many(), p, True)) for p in (P, OTHER)}
        wrong = [p for p, share in found.items() if abs(share - p) > NEAR]
        if known and not any(
            all(abs(share - one(p)) < NEAR for p, share in found.items()) for one in known
        ):
            return None
        return {"p": wrong[0], "share of zeros": round(found[wrong[0]], 2)} if wrong else None

    return broken


def _factor(wanted: Callable[[float], float] | None) -> Callable[[Callable], Found]:
    """Return what finds an attempt that multiplies what is left with this (None: anything)."""

    def broken(attempt: Callable) -> Found:
        X = many()
        for p in (P, OTHER):
            left = factors(attempt(X.clone(), p, True), X)
            right = torch.full_like(left, 1 / (1 - p))
            if wanted is None and not torch.allclose(left, right, rtol=1e-3):
                return {"p": p, "expected": 1 / (1 - p), "got": left[:6]}
            if wanted and not torch.allclose(left, torch.full_like(left, wanted(p)), rtol=1e-3):
                return None
        return {"p": p, "expected": 1 / (1 - p), "got": wanted(p)} if wanted else None

    return broken


def _p_of(p: float, expected: Tensor) -> Callable[[Callable], Found]:
    def broken(attempt: Callable) -> Found:
        got = attempt(SMALL.clone(), p, True)
        shown = {"X": SMALL, "p": p, "training": True, "expected": expected, "got": got}
        return None if torch.equal(got.float(), expected) else shown

    return broken


def _four_axes(attempt: Callable) -> Found:
    X = many().reshape(20, 5, 6, 10)
    got = attempt(X.clone(), P, True)
    right = got.shape == X.shape and abs(dropped(got) - P) < NEAR
    return None if right else {"X": X, "got": got}


def _one_mask(Y: Tensor, X: Tensor, p: float) -> bool:
    return 0 < dropped(Y) < 1 and bool(((Y == 0) == (Y[:1] == 0)).all())


def _whole_rows(Y: Tensor, X: Tensor, p: float) -> bool:
    return 0 < dropped(Y) < 1 and bool(((Y == 0) == (Y[:, :1] == 0)).all())


def _same(Y: Tensor, X: Tensor) -> bool:
    return torch.allclose(Y.to(X.dtype), X, rtol=1e-4)


TASK = Task(
    name="8.1 D",
    asks="dropout(X, p, training)",
    prompt="Write dropout. In training, each number of `X`, for itself, becomes 0 with "
    "probability `p`, and those that are left are divided by 1 − p, so that the mean stays the "
    "same. In use (`training` is False) `X` comes back as it is. `X` is a tensor of any shape, "
    "and `p` may be anything from 0 to 1.",
    stub='''@helpers.task("8.1 D")
def dropout(X, p, training):
    """Return X; in training with a share p of its numbers set to 0."""
    return ...  # your lines
''',
    solution='''def dropout(X, p, training):
    """Return X; in training with a share p of its numbers set to 0."""
    if not training:
        return X
    if p == 1:
        return torch.zeros_like(X)
    stays = torch.rand(X.shape) >= p
    return X * stays / (1 - p)
''',
    hints=(
        "torch.rand(X.shape) draws a number from 0 to 1 for each entry. How often is it less "
        "than p?",
        "torch.rand(X.shape) >= p is True where a number stays; multiplied with X, False is 0.",
        "A share 1 − p is left: divided by 1 − p, the mean is that of X again. For p = 1 nothing "
        "is left to divide.",
        "What is still missing, after `if not training: return X` and a line for p == 1:\n"
        "return X * (torch.rand(X.shape) >= p) / (1 - p)",
    ),
    requirements=(
        Requirement("another type", "The result is to be a tensor, and is of type {kind}.",
                    _is_tensor),
        Requirement("shape", "The result has another shape than X.", _shape),
        Requirement("changes its input", "The call changes its argument X: whoever called it has "
                    "another X afterwards. Make a new tensor, or work on X.clone().", _changed),
        Requirement("training and use exchanged", "In training nothing happens, and in use numbers "
                    "are dropped: it is the other way round.", _exchanged),
        Requirement("drops in use", "In use (training is False) numbers are set to 0, too: the "
                    "answer for an image would be another one each time.",
                    _in_use(lambda Y, X, p: dropped(Y) > 0.1)),
        Requirement("scaled in use", "In use everything is multiplied by 1 − p. That belongs to "
                    "the first form of dropout, which divides nothing in training. Here X comes "
                    "back as it is.", _in_use(lambda Y, X, p: _same(Y, (1 - p) * X))),
        Requirement("divided in use", "In use everything is divided by 1 − p: that is for "
                    "training only.", _in_use(lambda Y, X, p: _same(Y, X / (1 - p)))),
        Requirement("changed in use", "In use (training is False) X is to come back as it is.",
                    _in_use(lambda Y, X, p: not _same(Y, X))),
        Requirement("all or nothing", "One number is drawn for all of X, so that all is dropped or "
                    "nothing: draw one for each entry.", _all_or_nothing),
        Requirement("nothing is dropped", "In training, nothing becomes 0.",
                    _in_training(lambda Y, X, p: _same(Y, X))),
        Requirement("all zero", "In training, everything becomes 0.",
                    _in_training(lambda Y, X, p: not Y.any())),
        Requirement("random factors", "In training nothing becomes 0, and X is changed: a random "
                    "number is to decide whether an entry stays, not to multiply it.",
                    _in_training(lambda Y, X, p: dropped(Y) == 0)),
        Requirement("a seed is set", "Two calls drop the same places: is a seed set within the "
                    "function?", _seeded),
        Requirement("one mask for all rows", "All rows of X lose the same places: draw a number "
                    "for each entry, torch.rand(X.shape).", _in_training(_one_mask)),
        Requirement("whole rows", "Rows are dropped as a whole: draw a number for each entry, "
                    "torch.rand(X.shape).", _in_training(_whole_rows)),
        Requirement("p is what stays", "A share p is left, and 1 − p is dropped: it is the other "
                    "way round.", _shares(lambda p: 1 - p)),
        Requirement("normal in place of uniform", "The random numbers are from a normal "
                    "distribution (randn): these are not less than p with probability p. "
                    "torch.rand draws evenly from 0 to 1.",
                    _shares(below, lambda p: below(p - 1), lambda p: 1 - below(p))),
        Requirement("always one half", "One half is dropped, whatever p is.",
                    _shares(lambda p: 0.5)),
        Requirement("share", "The share of zeros is not p.", _shares()),
        Requirement("always as many", "Each call sets {count} of {all} numbers to 0. Draw for each "
                    "number, so that how many become 0 varies by chance.", _exactly),
        Requirement("not scaled", "What is left is not divided by 1 − p: the mean shrinks with "
                    "what is dropped.", _factor(lambda p: 1.0)),
        Requirement("multiplied by 1 − p", "What is left is multiplied by 1 − p, so that the mean "
                    "shrinks even more: divide.", _factor(lambda p: 1 - p)),
        Requirement("divided by p", "What is left is divided by p. It is a share 1 − p of all: "
                    "divide by that. (For p = 1/2 it is the same.)", _factor(lambda p: 1 / p)),
        Requirement("always doubled", "What is left is doubled, whatever p is: that is right for "
                    "p = 1/2.", _factor(lambda p: 2.0)),
        Requirement("another factor", "What is left is to be divided by 1 − p.", _factor(None)),
        Requirement("p = 0", "For p = 0 nothing is to change.", _p_of(0.0, SMALL)),
        Requirement("p = 1", "For p = 1 everything is to become 0. Then 1 − p is 0, too, and "
                    "nothing can be divided by it.", _p_of(1.0, torch.zeros_like(SMALL))),
        Requirement("four axes", "For an X with four axes the result is not right.", _four_axes),
    ),
)  # fmt: skip
