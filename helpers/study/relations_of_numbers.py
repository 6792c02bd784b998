"""How wrong numbers, truth values and tuples lie to the right ones."""

from collections.abc import Sequence
from typing import Any

from helpers.study.compare import equal

__all__ = ["is_real", "of_numbers", "of_truths", "of_tuples"]

Pair = tuple[Any, Any]  # (got, expected)


def is_real(value: Any) -> bool:
    """Whether a value is a whole number or a float."""
    return isinstance(value, int | float) and not isinstance(value, bool)


def of_numbers(pairs: Sequence[Pair], wrong: list[Pair]) -> tuple[str, str] | None:
    """Name the relation of wrong numbers to the right ones."""
    differences = {round(got - want, 9) for got, want in wrong}
    if len(differences) == 1 and len(wrong) > 1:
        d = differences.pop()
        often = "always" if len(wrong) == len(pairs) else "sometimes"
        return "offset", f"The result is {often} {abs(d):.4g} too {'large' if d > 0 else 'small'}."
    factors = {round(got / want, 6) for got, want in wrong if want}
    if len(factors) == 1 and len(wrong) > 1 and factors != {0}:
        return "factor", f"The result is {factors.pop():.4g} times what it should be."
    if all(isinstance(want, int) and got != round(got) for got, want in wrong):
        return "not whole", "The result is not a whole number: where is to be rounded down?"
    if all(got > want for got, want in wrong) or all(got < want for got, want in wrong):
        high = wrong[0][0] > wrong[0][1]
        name, word = ("too high", "large") if high else ("too low", "small")
        return name, f"Where it is not right, the result is too {word}."
    return None


def of_truths(wrong: list[Pair]) -> tuple[str, str]:
    """Say which truth value is given too often."""
    given = {got for got, _ in wrong}
    if len(given) == 2:
        return "both ways", "True and False are both given where the other is right."
    found = given.pop()
    return (
        f"{found} too often",
        f"Where it is not right, {found} is given for {not found}, never \
the other way round.",
    )


def of_tuples(wrong: list[Pair]) -> tuple[str, str] | None:
    """Name the relation of wrong tuples to the right ones."""
    if any(len(got) != len(want) for got, want in wrong):
        return None
    if all(equal(got[::-1], want) for got, want in wrong):
        return "reversed order", "The parts of the result are in the wrong order."
    numbers = all(is_real(number) for got, _ in wrong for number in got)
    pairs = [(a, b) for got, want in wrong for a, b in zip(got, want)] if numbers else []
    differences = {round(a - b, 9) for a, b in pairs}
    if len(differences) == 1:
        d = differences.pop()
        return "offset", f"Every part is {abs(d):.4g} too {'large' if d > 0 else 'small'}."
    bad = {i for got, want in wrong for i in range(len(want)) if not equal(got[i], want[i])}
    if len(bad) < len(wrong[0][1]):
        places = " and ".join(("first", "second", "third", "fourth", "fifth")[i] for i in bad)
        return f"{places} part", f"Only the {places} part of the result is wrong."
    return None
