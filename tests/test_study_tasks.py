"""Each task's checker is tried on right and on wrong attempts, with the diagnosis expected."""

import contextlib
import random
import re

import pytest
import torch

import helpers
from helpers.notebook import cells
from helpers.study import tasks
from helpers.study.attempt import outcomes
from helpers.study.diagnose import diagnose
from helpers.study.task import Draw
from tests import attempts

attempts.load()
NAMES = tasks.names()


@pytest.fixture(autouse=True)
def nothing_is_kept(monkeypatch):
    monkeypatch.delenv("COMPANION_WORK", raising=False)


def name_of(attempt):
    return getattr(attempt, "__name__", "value")


def rights():
    for task, found in attempts.RIGHT.items():
        for i, attempt in enumerate(found):
            yield pytest.param(task, attempt, id=f"{task}-{name_of(attempt)}-{i}")


def wrongs():
    for task, found in attempts.WRONG.items():
        for i, (mistake, attempt) in enumerate(found):
            yield pytest.param(task, mistake, attempt, id=f"{task}-{mistake}-{i}")


@pytest.mark.parametrize("task, attempt", list(rights()))
def test_a_right_attempt_passes_however_it_is_written(task, attempt):
    for seed in range(3):
        found = diagnose(tasks.find(task), attempt, Draw(seed))
        assert found.passed is True, (found.mistake, found.message, found.shown)


@pytest.mark.parametrize("task, mistake, attempt", list(wrongs()))
def test_a_wrong_attempt_is_told_what_is_wrong(task, mistake, attempt):
    seeds = (0,) if mistake in ("endless loop", "too slow") else (0, 1)
    for seed in seeds:
        found = diagnose(tasks.find(task), attempt, Draw(seed))
        assert (found.passed, found.mistake) == (False, mistake), (found.message, found.shown)
        assert found.message


def test_a_count_that_holds_no_tensor_is_not_right_by_luck():
    # Where the allocator puts a tensor depends on what was freed before.
    task = tasks.find("8-compare C")
    count = dict(attempts.WRONG[task.name])["memory used again"]
    net, X = next(given for given in task.inputs(Draw(0)) if len(given[0]) > 8)
    for seed in range(200):
        chance = random.Random(seed)
        sizes = [chance.choice((400, 1040, 5000)) for _ in range(chance.randrange(3000))]
        held = [torch.empty(chance.randrange(1, size)) for size in sizes]
        chance.shuffle(held)
        del held[::2]
        (outcome,) = outcomes(count, [(net, X)], 5, 5)
        assert 0 < outcome.value < 0.9 * task.reference(net, X)


@pytest.mark.parametrize("task", NAMES)
def test_a_task_has_attempts_enough(task):
    assert len(attempts.RIGHT[task]) >= 3
    assert len(attempts.WRONG[task]) >= 8
    assert len({mistake for mistake, _ in attempts.WRONG[task]}) >= 5


def namespace(task):
    """Return what a notebook knows before the task: imports, corr2d, and the classes it uses."""
    from d2l import torch as d2l
    from torch import nn
    from torch.nn import functional as F

    known = {"torch": torch, "nn": nn, "F": F, "d2l": d2l, "helpers": helpers}
    known |= {"__name__": "__main__", "corr2d": helpers.corr2d}
    if task.of:  # a class of its own, to which the stub adds its method
        known[task.of] = type(task.of, (nn.Module,), {})
    for name in re.findall(r"\b[A-Z][a-z]\w+", task.solution):
        for notebook in cells.names():
            if notebook.startswith(task.section) and name not in known:
                with contextlib.suppress(AttributeError):
                    known[name] = getattr(helpers.from_notebook(notebook), name)
    return known


@pytest.mark.parametrize("task", NAMES)
def test_a_stub_runs_as_it_stands_and_counts_as_not_written(task):
    declared = tasks.find(task)
    known = namespace(declared)
    exec(declared.stub, known)
    found = diagnose(declared, eval(declared.binds, known))
    assert (found.passed, found.mistake) == (None, "")


@pytest.mark.parametrize("task", NAMES)
def test_the_solution_is_right(task):
    declared = tasks.find(task)
    known = namespace(declared)
    exec(declared.solution, known)
    for seed in range(3):
        found = diagnose(declared, eval(declared.binds, known), Draw(seed))
        assert found.passed is True, (found.mistake, found.message, found.shown)


@pytest.mark.parametrize("task", NAMES)
def test_a_task_is_declared_in_full(task):
    declared = tasks.find(task)
    assert declared.name == task
    assert len(declared.prompt) <= 500, "five lines"
    assert len(declared.hints) >= 2
    names = [m.name for m in (*declared.mistakes, *declared.requirements)]
    for text in (*names, *(line for line in declared.stub.splitlines())):
        assert len(text) <= 78
