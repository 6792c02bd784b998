"""`helpers.settings` chooses between a laptop's settings and the book's, and says why."""

import pytest
import torch

import helpers

OPTIONS = {"quick": {"n": 1}, "book": {"n": 2}}


@pytest.fixture(autouse=True)
def no_gpu(monkeypatch):
    monkeypatch.delenv("COMPANION_SETTINGS", raising=False)
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    monkeypatch.setattr(torch.backends.mps, "is_available", lambda: False)


def test_settings_say_what_was_chosen_and_why(monkeypatch, capsys):
    assert helpers.settings(**OPTIONS) == {"n": 1}
    assert capsys.readouterr().out == "quick settings (no GPU was found): n=1\n"
    assert helpers.settings(**OPTIONS, use="book") == {"n": 2}
    assert capsys.readouterr().out == "book settings (use='book'): n=2\n"
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(torch.cuda, "get_device_name", lambda: "a T4")
    assert helpers.settings(**OPTIONS) == {"n": 2}
    assert capsys.readouterr().out == "book settings (a T4 is here): n=2\n"
    monkeypatch.setenv("COMPANION_SETTINGS", "quick")
    assert helpers.settings(**OPTIONS, use="book") == {"n": 1}
    assert capsys.readouterr().out == "quick settings (COMPANION_SETTINGS='quick'): n=1\n"
    monkeypatch.setenv("COMPANION_SETTINGS", "fast")
    with pytest.raises(ValueError, match=r"COMPANION_SETTINGS must be .* got 'fast'"):
        helpers.settings(**OPTIONS)


def test_the_returned_settings_may_be_changed():
    chosen = helpers.settings(**OPTIONS)
    chosen["n"] = 3
    assert OPTIONS["quick"] == {"n": 1}


@pytest.mark.parametrize("use", ["fast", "", None, 1, ["quick"]])
def test_an_unknown_use_is_named(use):
    with pytest.raises(ValueError, match="use must be 'quick', 'book' or 'auto', got "):
        helpers.settings(**OPTIONS, use=use)


@pytest.mark.parametrize("value", [None, [("n", 1)], "n=1", 3, {"n"}])
@pytest.mark.parametrize("name", ["quick", "book"])
def test_a_set_of_settings_that_is_no_dict_is_named(name, value):
    with pytest.raises(TypeError, match=f"{name} must be a dict such as .*, got "):
        helpers.settings(**OPTIONS | {name: value})


def test_a_key_that_is_no_name_is_named():
    with pytest.raises(TypeError, match="book must have names as keys, got 1"):
        helpers.settings({"n": 1}, {1: 2})


@pytest.mark.parametrize("use", ["quick", "book"])
def test_a_key_in_one_set_only_is_named_whichever_is_chosen(use):
    with pytest.raises(ValueError, match="quick must have the same keys as book, but lacks 'lr'"):
        helpers.settings({"n": 1}, {"n": 2, "lr": 0.1}, use=use)
    with pytest.raises(ValueError, match="book must have the same keys as quick, but lacks 'lr'"):
        helpers.settings({"n": 1, "lr": 0.1}, {"n": 2}, use=use)
