"""A guess is compared only after the notebook has measured, and nothing is told before."""

import pytest

from helpers import check
from helpers.study import measured, tasks
from helpers.study.task import Requirement, Task

GUESS = Task(
    name="7.2 A", asks="guess", prompt="", stub="", solution="", hints=(),
    requirements=(
        Requirement("no number", "A number.", lambda g: None if isinstance(g, float) else {}),
        Requirement("not measured yet", "Noted.", lambda g: later(g, lambda m: True)),
        Requirement("too low", "{got} and not {guess}.", lambda g: later(g, lambda m: g >= m)),
    ),
)  # fmt: skip


def later(guess, holds):
    value = measured.value_of("7.2 A")
    if value is measured.NOT_YET:
        return value
    return None if holds(value) else {"guess": guess, "got": value}


@pytest.fixture(autouse=True)
def nothing_is_known(monkeypatch):
    monkeypatch.setattr(measured, "_values", {})
    monkeypatch.setattr(tasks, "find", lambda name: GUESS)


def test_the_form_of_a_guess_is_looked_at_first():
    assert check("7.2 A", "much").mistake == "no number"
    assert check("7.2 A", ...).headline == "7.2 A: not written yet"


def test_a_guess_waits_for_what_is_measured():
    for guess in (0.1, 0.9):
        found = check("7.2 A", guess)
        assert (found.passed, found.headline) == (None, "7.2 A: not measured yet")
        assert (found.message, found.shown) == ("Noted.", ())
    measured.measured("7.2 A", 0.5)
    assert check("7.2 A", 0.9).passed
    found = check("7.2 A", 0.1)
    assert (found.passed, found.mistake, found.message) == (False, "too low", "0.5 and not 0.1.")


def test_what_is_measured_again_counts():
    measured.measured("7.2 A", 0.5)
    measured.measured("7.2 A", 0.05)
    assert check("7.2 A", 0.1).passed
