"""8.6 F: what is left of a network without one of its blocks; guessed, then measured."""

from collections.abc import Callable
from typing import Any

import numpy as np

from helpers.study.measured import NOT_YET, value_of
from helpers.study.task import Requirement, Task

__all__ = ["TASK"]

NEAR = 0.15


def numbers(guess: Any) -> list[float]:
    """Return a guess as numbers; none for what is not of numbers."""
    try:
        return [float(value) for value in np.asarray(guess, dtype=float).reshape(-1)]
    except (TypeError, ValueError):
        return []


def _no_pair(guess: Any) -> dict[str, Any] | None:
    return None if len(numbers(guess)) == 2 else {"got": guess}


def _percent(guess: Any) -> dict[str, Any] | None:
    return {"got": guess} if max(numbers(guess)) > 1 and min(numbers(guess)) >= 0 else None


def _no_share(guess: Any) -> dict[str, Any] | None:
    return None if all(0 <= number <= 1 for number in numbers(guess)) else {"got": guess}


def _not_yet(guess: Any) -> Any:
    return NOT_YET if value_of("8.6 F") is NOT_YET else None


def _told(holds: Callable[[float, float, float, float], bool]) -> Callable:
    """Return a requirement's function: broken if this holds of guesses and measured numbers."""

    def broken(guess: Any) -> dict[str, Any] | None:
        (a, b), (with_them, without) = numbers(guess), numbers(value_of("8.6 F"))
        shown = {"with": round(with_them, 2), "without": round(without, 2), "your guess": guess}
        return shown if holds(a, b, with_them, without) else None

    return broken


def _near(a: float, b: float) -> bool:
    return abs(a - b) <= NEAR


TASK = Task(
    name="8.6 F",
    asks="removal_guess",
    prompt="Guess before you measure. One block at a time is replaced by the identity in each of "
    "the two trained networks, and the network is tested again. What validation accuracy is left, "
    "in the median over the blocks: with shortcuts, and without? Give both, from 0 to 1. Check "
    "now, and once more when the cell below has printed the median.",
    stub="""removal_guess = ...  # (with shortcuts, without)
""",
    solution="""# Most blocks only add a little to a stream that runs past them; without
# shortcuts, each one stands in the only way there is.
removal_guess = (0.8, 0.1)
""",
    hints=(
        "With shortcuts: the next block gets X where it got X + g(X). How different is that?",
        "Without shortcuts: the next block gets what it has never seen during the training. What "
        "does a network reach that guesses one of ten classes?",
        "The complete networks reach the accuracies at the ends of the curves above. One of the "
        "two loses hardly anything, the other nearly everything.",
    ),
    requirements=(
        Requirement("no pair of numbers", "Two numbers are wanted, such as (0.5, 0.5): the one "
                    "with shortcuts first.", _no_pair),
        Requirement("percent", "The accuracies are to be shares from 0 to 1: 0.5 for 50 %.",
                    _percent),
        Requirement("no share", "An accuracy is a share from 0 to 1.", _no_share),
        Requirement("not measured yet", "Your guess is noted. Run the cells below, down to the "
                    "median, and then this one again.", _not_yet),
        Requirement("exchanged", "It is the other way round: {with} are left with shortcuts, and "
                    "{without} without. (The first number is the one with shortcuts, and it is "
                    "what is left, not what is lost.)",
                    _told(lambda a, b, w, wo: _near(a, wo) and _near(b, w) and not _near(a, w))),
        Requirement("both lose nearly everything", "With shortcuts, {with} are left. Where a block "
                    "is missing, its input arrives on the shortcut, and the next block gets nearly "
                    "what it is used to.",
                    _told(lambda a, b, w, wo: _near(b, wo) and a < w - 2 * NEAR)),
        Requirement("both keep nearly everything", "Without shortcuts, only {without} are left. "
                    "What the next block gets then, it has never seen during the training: there "
                    "is no other way past the gap.",
                    _told(lambda a, b, w, wo: _near(a, w) and b > wo + 2 * NEAR)),
        Requirement("with shortcuts too low", "With shortcuts, {with} are left: each block only "
                    "adds something to what runs past it.",
                    _told(lambda a, b, w, wo: a < w - NEAR)),
        Requirement("with shortcuts too high", "With shortcuts, {with} are left, and the complete "
                    "network has hardly more: look at the end of its curve.",
                    _told(lambda a, b, w, wo: a > w + NEAR)),
        Requirement("without shortcuts too high", "Without shortcuts, only {without} are left: "
                    "guessing would be right once in ten.",
                    _told(lambda a, b, w, wo: b > wo + NEAR)),
        Requirement("without shortcuts too low", "Without shortcuts, {without} are left.",
                    _told(lambda a, b, w, wo: b < wo - NEAR)),
    ),
)  # fmt: skip
