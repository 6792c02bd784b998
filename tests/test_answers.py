"""The answers hold: what their code prints stands below it, and false claims are refused."""

import pytest

from helpers.data import load
from tools import answers
from tools.answers import check, evidence, mutate

FOUND = [answer for path in sorted(answers.FOLDER.glob("*.md")) for answer in answers.read(path)]


def cases():
    for answer in FOUND:
        marks = [pytest.mark.data] if answer.needs_data else []
        yield pytest.param(answer, id=f"{answer.path.stem}: {answer.number}", marks=marks)


def skip_without_images(answer):
    if answer.needs_data and load()[0] != "Fashion-MNIST":
        pytest.skip("needs the real Fashion-MNIST")


@pytest.mark.parametrize("answer", list(cases()))
def test_the_claims_of_an_answer_hold(answer):
    skip_without_images(answer)
    evidence.run(answer)


@pytest.mark.parametrize("answer", list(cases()))
def test_an_answer_that_was_changed_refuses_what_would_be_false(answer):
    if mutate.known().get(answer.number) == mutate.fingerprint(answer):
        return  # tried by python -m tools.answers mutate, and every week
    skip_without_images(answer)
    assert [o for o in mutate.outcomes(answer) if not o.refused] == []


def test_each_exercise_is_answered_once():
    assert len({answer.number for answer in FOUND}) == len(FOUND) > 100


@pytest.mark.parametrize("answer", FOUND, ids=lambda a: a.number)
def test_an_answer_has_the_form_that_readers_know(answer):
    assert check.faults(answer) == []


@pytest.mark.parametrize("answer", FOUND, ids=lambda a: a.number)
def test_every_number_in_the_prose_has_evidence_or_a_source(answer):
    assert check.unproved_numbers(answer) == []


@pytest.mark.parametrize("answer", FOUND, ids=lambda a: a.number)
def test_code_that_a_reader_pastes_changes_no_name_of_the_notebook(answer):
    assert check.clashes(answer) == set()
