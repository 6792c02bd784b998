"""check, hint and progress: what they say, show and keep, and what they leave alone."""

import random
import time
from types import SimpleNamespace

import numpy as np
import pytest
import torch
from torch import nn

import helpers
from helpers.study import check as module
from helpers.study import tasks
from helpers.study.attempt import outcomes
from helpers.study.compare import equal
from helpers.study.show import as_html, as_text
from helpers.study.verdict import Verdict
from tests.attempts.section_7_2 import loops


@pytest.fixture(autouse=True)
def desk(monkeypatch, tmp_path):
    monkeypatch.delenv("COMPANION_WORK", raising=False)
    module._given.clear()
    return SimpleNamespace(
        keep=lambda: monkeypatch.setenv("COMPANION_WORK", str(tmp_path)), folder=tmp_path
    )


# --- the verdict ---


def test_a_verdict_says_all_there_is_to_say():
    verdict = helpers.check("7.2 A", lambda X, K: loops(X, K.flip(0, 1)))
    assert (verdict.task, verdict.passed, verdict.mistake) == ("7.2 A", False, "flipped kernel")
    assert "mathematical convolution of 7.2.5" in verdict.message
    assert [name for name, _ in verdict.shown] == ["X", "K", "expected", "got"]
    assert helpers.check("7.2 A", loops).passed is True
    assert bool(helpers.check("7.2 A", loops)) and not verdict


def test_plain_text_stands_side_by_side_and_marks_what_is_wrong():
    got = torch.tensor([[1.0, 2.5], [3.0, 4.0]])
    expected = torch.tensor([[1.0, 2.0], [3.0, 4.0]])
    lines = as_text([("X", torch.eye(2)), ("expected", expected), ("got", got)]).splitlines()
    assert lines == [
        "A star marks each number that is not right.",
        "",
        "X (2, 2)   expected (2, 2)   got (2, 2)",
        "1 0        1 2               1 2.5*",
        "0 1        3 4               3    4",
    ]


def test_a_screen_reader_finds_tables_with_captions_and_no_mark_by_colour_alone():
    shown = as_html([("expected", torch.ones(1, 2)), ("got", torch.tensor([[1.0, 2.0]]))])
    assert shown.count("<table") == shown.count("<caption") == 2
    assert ">2*</td>" in shown and ">1</td>" in shown
    assert "<script" not in shown


def test_what_is_too_large_for_a_grid_is_a_sentence():
    text = as_text([("expected", torch.zeros(20, 20)), ("got", torch.ones(20, 20))])
    assert "expected: a tensor of shape (20, 20)" in text
    assert "The first that is not right is at [0, 0]: expected 0, got 1" in text


def test_an_error_is_three_lines_with_the_students_own():
    def attempt(X, K):
        return X @ K[0, 0, 0]

    verdict = helpers.check("7.2 A", attempt)
    lines = verdict.message.splitlines()
    assert verdict.mistake == "raises IndexError"
    assert "return X @ K[0, 0, 0]" in lines[1]
    assert lines[2].startswith("IndexError: ")


@pytest.mark.parametrize(
    "given, words",
    [
        (lambda: ([nn.ReLU()],), "a star hands over what is in it"),
        (lambda: ((layer for layer in [nn.ReLU()]),), "a star hands over what is in it"),
        (lambda: (nn.ReLU,), "nn.ReLU(), with its parentheses, is a layer"),
        (lambda: (torch.relu,), "nn.ReLU(), with its parentheses, is a layer"),
    ],
)
def test_what_a_sequential_refuses_is_said_in_other_words(given, words):
    verdict = helpers.check("8.2 A", lambda num_convs, out_channels: nn.Sequential(*given()))
    assert verdict.mistake == "raises TypeError"
    assert verdict.message.splitlines()[-1].startswith("nn.Sequential takes layers")
    assert words in verdict.message.splitlines()[-1]


def test_the_advice_to_copy_suits_what_was_changed():
    def pops(kernels, strides):
        n = 1
        while kernels:
            n = (n - 1) * strides.pop() + kernels.pop()
        return n

    assert "such as list(kernels)." in helpers.check("8.2 B", pops).message


def test_an_error_in_what_must_hold_is_shown_with_the_arguments_of_the_call():
    verdict = helpers.check("8.1 D", lambda X, p, training: X[9])
    assert verdict.mistake == "raises IndexError"
    assert [name for name, _ in verdict.shown] == ["X", "p", "training"]


def test_an_error_without_arguments_speaks_of_none():
    verdict = helpers.check("7.5 D", lambda: [].pop())
    assert verdict.mistake == "raises IndexError"
    assert verdict.message.startswith("An error comes up,\nin your line")


# --- what an attempt may do ---


def test_an_endless_loop_is_stopped_and_named():
    def attempt(X, K):
        while True:
            try:
                X = X + 0
            except Exception:
                pass

    began = time.monotonic()
    verdict = helpers.check("7.2 A", attempt)
    assert time.monotonic() - began < 20
    assert verdict.mistake == "endless loop"
    assert "line" in verdict.message


def test_what_is_slow_for_larger_inputs_is_stopped():
    def attempt(X, K):
        if X.numel() > 4:
            time.sleep(60)
        return loops(X, K)

    assert helpers.check("7.2 A", attempt).mistake == "too slow"


def test_prints_do_not_reach_the_page_and_do_not_refuse_a_right_attempt(capsys):
    def attempt(X, K):
        print("window")
        return loops(X, K)

    verdict = helpers.check("7.2 A", attempt)
    assert verdict.passed is True
    assert "prints something" in verdict.message
    assert capsys.readouterr() == ("", "")


def test_random_numbers_and_gradients_stay_as_they_were():
    torch.manual_seed(3), random.seed(3), np.random.seed(3)
    expected = torch.rand(1), random.random(), np.random.rand()

    def attempt(X, K):
        torch.manual_seed(0), random.seed(0), np.random.seed(0)
        return loops(X, K)

    torch.manual_seed(3), random.seed(3), np.random.seed(3)
    with torch.no_grad():
        assert helpers.check("7.2 A", attempt).passed
        assert not torch.is_grad_enabled()
    assert (torch.rand(1), random.random(), np.random.rand()) == expected


def test_not_a_number_is_the_same_at_every_call_and_never_right():
    nan = float("nan")
    assert equal(nan, nan)
    assert not equal(nan, 1.0)
    assert not equal(1, nan)
    found = helpers.check("7.6 C", lambda net, X: [layer(X).sum().item() * nan for layer in net])
    assert found.passed is False
    assert found.mistake != "random"


def test_inputs_are_drawn_afresh():
    seen = []
    for _ in range(2):
        helpers.check("7.2 A", lambda X, K: seen.append(X) or loops(X, K))
    half = len(seen) // 2
    assert any(a.shape != b.shape or not a.equal(b) for a, b in zip(seen[:half], seen[half:]))


def test_two_mistakes_at_once_name_the_one_to_mend_first():
    verdict = helpers.check("7.2 A", lambda X, K: 2 * loops(X, K.flip(0, 1)))
    assert verdict.mistake == "flipped kernel"
    assert "And then" in verdict.message


@pytest.mark.parametrize("attempt", [None, 3, "corr2d", torch.eye(2)])
def test_what_is_no_function_is_named(attempt):
    assert helpers.check("7.2 A", attempt).mistake == "no function"


def test_a_task_that_there_is_not_is_an_error_with_a_name():
    with pytest.raises(ValueError, match=r"such as 7\.2 [A-F]"):
        helpers.check("7.2 Y", loops)
    with pytest.raises(TypeError, match="name of a task"):
        helpers.check(7.2, loops)
    assert helpers.check("7.2a", loops).task == "7.2 A"


def test_the_page_that_compares_has_tasks_with_its_name_and_comes_last(monkeypatch, tmp_path):
    monkeypatch.setenv("COMPANION_WORK", str(tmp_path))
    assert helpers.check("8-compare d", lambda name: helpers.seed_records()[name].work).passed
    kept = helpers.progress()
    assert kept.passed == ["8-compare D"]
    notebook, _, passed, to_do = [*kept.rows()][-1]
    assert (notebook, passed, to_do) == ("8-compare", "D", "A B C")
    assert helpers.hint("8-compare A").startswith("8-compare A, hint 1 of 3")


RAGGED = [torch.ones(2), torch.ones(2, 2, requires_grad=True)]
ODD = [float("inf"), float("nan"), 1j, "8", [], {}, object(), [[1], [2, 3]], RAGGED]


@pytest.mark.parametrize("value", ODD)
@pytest.mark.parametrize("task", ["7.1 A", "7.2 A", "7.2 F", "7.3 A", "7.3 D", "7.4 E"])
def test_whatever_comes_back_there_is_a_verdict(task, value):
    parameters = tasks.find(task).parameters()
    attempt = eval(f"lambda {', '.join(parameters)}: value", {"value": value})
    verdict = helpers.check(task, attempt)
    assert verdict.passed is False
    assert repr(verdict) and verdict._repr_html_()


# --- stubs ---


def test_a_stub_stands_for_the_solution_until_it_is_written():
    @helpers.task("7.2 A")
    def corr2d(X, K):
        """Docstring."""
        return ...

    assert corr2d(torch.eye(2), torch.ones(1, 1)).equal(torch.eye(2))
    assert helpers.check("7.2 A", corr2d).passed is None
    assert corr2d.__doc__ == "Docstring."

    @helpers.task("7.2 A")
    def written(X, K):
        return X[...]

    assert written(torch.eye(2), None).equal(torch.eye(2))
    assert helpers.check("7.2 A", written).passed is False


def test_the_solution_runs_where_a_lent_notebook_lacks_its_imports():
    space = {"helpers": helpers}
    exec('@helpers.task("7.2 A")\ndef corr2d(X, K):\n    return ...', space)
    assert space["corr2d"](torch.eye(2), torch.ones(1, 1)).equal(torch.eye(2))
    space = {"helpers": helpers, "torch": None}  # a name that is there stays
    exec('@helpers.task("7.2 A")\ndef corr2d(X, K):\n    return ...', space)
    assert space["torch"] is None and "nn" not in space


@pytest.mark.parametrize("stub", [..., lambda X, K: ...])
def test_an_untouched_stub_is_not_red(stub):
    verdict = helpers.check("7.2 A", stub)
    assert (verdict.passed, verdict.mistake) == (None, "")
    assert "not written yet" in repr(verdict)


# --- hints ---


def test_hints_come_one_by_one_and_the_last_stays():
    count = len(tasks.find("7.2 A").hints)
    told = [helpers.hint("7.2 A") for _ in range(count + 1)]
    assert told[0].startswith(f"7.2 A, hint 1 of {count}: ")
    assert len(set(told)) == count
    assert told[-1] == told[-2]
    assert repr(told[0]) == told[0]
    assert "<pre>" in told[-1]._repr_html_()


# --- progress ---


def test_what_is_passed_is_kept_where_the_student_works(desk):
    desk.keep()
    helpers.check("7.2 A", loops)
    helpers.check("7.2 A", lambda X, K: X)  # once passed, a task stays passed
    kept = helpers.progress()
    assert kept.passed == ["7.2 A"]
    assert "You were last at 7.2 A." in repr(kept)
    assert "7.2-conv-layer" in repr(kept) and "7.2-conv-layer.ipynb" in kept._repr_html_()


def test_a_stub_leaves_no_trace(desk):
    desk.keep()
    helpers.check("7.2 A", ...)
    assert list(desk.folder.iterdir()) == []


def test_without_a_folder_nothing_is_kept(desk):
    helpers.check("7.2 A", loops)
    assert helpers.progress().passed == []
    assert "not kept here" in repr(helpers.progress())
    assert list(desk.folder.iterdir()) == []


def test_a_disk_that_refuses_does_not_stop_a_check(desk):
    desk.keep()
    (desk.folder / "tasks").write_text("a file in the way")
    assert helpers.check("7.2 A", loops).passed
    assert helpers.progress().passed == []


def test_a_list_of_tensors_that_an_attempt_changes_is_noticed():
    batches = [torch.zeros(2), torch.ones(2)]

    def add(parts):
        parts[1] += 1

    for call, changed in ((len, ()), (add, (0,)), (list.pop, (0,))):
        (outcome,) = outcomes(call, [(batches,)], 5, 5)
        assert (outcome.changed, outcome.stopped) == (changed, False)
    assert batches[1].tolist() == [1, 1], "it was handed a copy"


def test_a_list_of_small_tensors_shows_their_numbers():
    found = as_text([("batches", [torch.tensor([[1.0], [2.5]]), torch.ones(3, 3)])])
    assert found == "batches: [[[1], [2.5]], a tensor of shape (3, 3)]"


def test_emphasis_is_shown_as_such_and_products_stay():
    message = "One bias for each *output* channel, *not one* < h * w * c, f(*a, **b) or 2*x*3."
    verdict = Verdict("7.4 A", False, "", message)
    assert (
        "each <em>output</em> channel, <em>not one</em> &lt; h * w * c, f(*a, **b) or 2*x*3."
        in verdict._repr_html_()
    )
    assert "<em>not</em>" in module.Hint("This is *not* it.")._repr_html_()
    assert message in repr(verdict)
