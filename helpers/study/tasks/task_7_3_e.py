"""7.3 E: a filter before a stride of 2."""

import cmath
import math
from typing import Any

import numpy
from torch import Tensor

from helpers.study.task import Requirement, Task

__all__ = ["TASK"]

SLOW, FAST = 1 / 32, 7 / 16


def _list(taps: Any) -> list[float] | None:
    """Return the taps as numbers, None if they are none."""
    try:
        if isinstance(taps, Tensor):
            taps = taps.detach().double()
        array = numpy.asarray(taps, dtype=float)
    except (ValueError, TypeError):
        return None
    if array.size == 0 or array.size != max(array.shape or (1,)):
        return None
    return array.reshape(-1).tolist()


def gain(taps: list[float], tone: float) -> float:
    """Return by how much a tone, in periods per pixel, becomes stronger."""
    return abs(sum(t * cmath.exp(-2j * math.pi * tone * i) for i, t in enumerate(taps)))


def _gains(taps: Any) -> dict[str, Any]:
    values = _list(taps) or []
    return {"slow": round(gain(values, SLOW), 3), "fast": round(gain(values, FAST), 3)}


def _no_numbers(taps: Any) -> dict[str, Any] | None:
    return {} if _list(taps) is None else None


def _not_finite(taps: Any) -> dict[str, Any] | None:
    return None if all(map(math.isfinite, _list(taps) or [])) else {}


def _too_many(taps: Any) -> dict[str, Any] | None:
    number = len(_list(taps) or [])
    return {"number": number} if number > 5 else None


def _exchanged(taps: Any) -> dict[str, Any] | None:
    g = _gains(taps)
    return g if g["slow"] < 0.5 and g["fast"] > 0.5 else None


def _not_normed(taps: Any) -> dict[str, Any] | None:
    g, values = _gains(taps), _list(taps) or []
    total = abs(sum(values))
    fine = total > 1e-9 and abs(g["slow"] / total - 1) <= 0.1 and g["fast"] < 0.1 * total
    return g | {"sum": round(total, 4)} if fine and abs(g["slow"] - 1) > 0.1 else None


def _fast(taps: Any) -> dict[str, Any] | None:
    g = _gains(taps)
    return g if g["fast"] >= 0.1 else None


def _slow(taps: Any) -> dict[str, Any] | None:
    g = _gains(taps)
    return g if abs(g["slow"] - 1) > 0.1 else None


def _untouched(taps: Any) -> dict[str, Any] | None:
    values = _list(taps) or []
    return _gains(taps) if sum(v != 0 for v in values) == 1 else None


def _all_zero(taps: Any) -> dict[str, Any] | None:
    return None if any(_list(taps) or []) else {}


TASK = Task(
    name="7.3 E",
    asks="taps",
    prompt="Before a stride of 2, fine patterns must go. Give at most five numbers (taps), a "
    "kernel of one row, that keep a slow tone, a wave of 32 pixels, as strong as it is within "
    "10 %, and leave less than 10 % of a fast one, with 7 waves in 16 pixels.",
    stub="taps = ...  # a list of numbers\n",
    solution="taps = [0.25, 0.5, 0.25]\n",
    hints=(
        "A slow tone is nearly constant within five pixels: it is multiplied by the sum of the "
        "taps.",
        "A fast tone goes up and down from pixel to pixel, +1, −1, +1: the taps with changing "
        "signs should add up to nearly nothing.",
        "Two equal taps leave 20 % of the fast tone. Let them follow each other twice: the mean of "
        "neighbouring means has three taps.",
    ),
    requirements=(
        Requirement("no numbers", "The taps are to be a list of numbers, or a tensor with one "
                    "row.", _no_numbers),
        Requirement("not a number", "The taps hold `nan` or infinity.", _not_finite),
        Requirement("too many taps", "There are {number} taps; five are allowed.", _too_many),
        Requirement("all zero", "With zeros only, nothing is left of either tone.", _all_zero),
        Requirement("one tap", "A single tap passes every tone on, whatever its frequency: the "
                    "slow one times {slow}, the fast one times {fast}.", _untouched),
        Requirement("exchanged", "It is the other way round: of the fast tone {fast} is left, of "
                    "the slow one {slow}. Differences of neighbours keep what is fast, sums keep "
                    "what is slow.", _exchanged),
        Requirement("not normalised", "The tones are kept apart, but the taps add up to {sum}: a "
                    "slow tone comes out {slow} times as strong. Divide by their sum.",
                    _not_normed),
        Requirement("fast tone passes", "Of the fast tone {fast} is left, and it should be less "
                    "than 0.1. (Of the slow one, {slow}.)", _fast),
        Requirement("slow tone changed", "The slow tone comes out {slow} times as strong: 0.9 to "
                    "1.1 is wanted. The fast one, {fast}, is well.", _slow),
    ),
)  # fmt: skip
