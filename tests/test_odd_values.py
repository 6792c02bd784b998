"""Every public name of helpers, called with odd values: taken, or refused by name.

An argument of each call is replaced by each odd value. A refusal must be a TypeError,
ValueError, KeyError or IndexError of a few lines that names the argument. What is taken in
place of it stands in TAKEN: a value that is taken from now on, or no longer, fails here.
"""

import inspect
import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch

import helpers
from tests.common import loaders, model, quiet

ODD: dict[str, Any] = {
    "None": None,
    "True": True,
    "0": 0,
    "-1": -1,
    "3": 3,
    "2.5": 2.5,
    "nan": math.nan,
    "inf": math.inf,
    "10**30": 10**30,
    "1j": 1j,
    "'x'": "x",
    "''": "",
    "b'x'": b"x",
    "[]": [],
    "(2, 2)": (2, 2),
    "[1, 'x']": [1, "x"],
    "{}": {},
    "a set": {1, 2},
    "an object": object(),
    "a class": int,
    "a function": len,
    "np.int64": np.int64(3),
    "np.float64": np.float64(2.5),
    "np.bool_": np.bool_(True),
    "an array": np.array([2, 2]),
    "an empty array": np.empty(0),
    "a 0-d tensor": torch.tensor(3),
    "a vector": torch.tensor([2, 2]),
    "a matrix": torch.ones(2, 2),
    "an empty tensor": torch.empty(0),
    "range(3)": range(3),
}
X, K = torch.arange(20.0).reshape(4, 5), torch.ones(2, 2)
LINES = {"a": [1.0, 2.0, 3.0], "b": [2.0, 1.0, 0.0]}
LABELS = {"xlabel": "epoch", "ylabel": "loss", "alt": "two lines that cross"}


def fit(model, data):
    return quiet(1).fit(model, data)


CALLS: dict[str, tuple[Callable, dict[str, Any]]] = {
    "corr2d": (helpers.corr2d, {"X": X, "K": K}),
    "corr2d_multi_in": (helpers.corr2d_multi_in, {"X": X[None], "K": K[None]}),
    "corr2d_multi_in_out": (helpers.corr2d_multi_in_out, {"X": X[None], "K": K[None, None]}),
    "corr2d_multi_in_out_1x1": (
        helpers.corr2d_multi_in_out_1x1, {"X": X[None], "K": K[None, None, :1, :1]},
    ),
    "pool2d": (helpers.pool2d, {"X": X, "pool_size": 2, "mode": "max"}),
    "Conv2D": (helpers.Conv2D, {"kernel_size": (2, 2)}),
    "FashionMNIST": (
        helpers.FashionMNIST,
        {"batch_size": 10, "resize": (14, 14), "subset": 20, "val_subset": 10},
    ),
    "text_labels": (lambda indices: small_data().text_labels(indices), {"indices": [1, 2]}),
    "get_dataloader": (lambda train: small_data().get_dataloader(train), {"train": True}),
    "Trainer": (
        helpers.Trainer,
        {"max_epochs": 1, "num_gpus": 0, "gradient_clip_val": 0, "device": "cpu",
         "precision": "float32", "channels_last": False, "checkpoint": None, "verbose": False},
    ),
    "fit": (fit, {"model": model(), "data": loaders()}),
    "choose_device": (helpers.choose_device, {"device": "cpu"}),
    "settings": (
        helpers.settings, {"quick": {"n": 1}, "book": {"n": 2}, "use": "quick"},
    ),
    "from_notebook": (helpers.from_notebook, {"name": "7.6-lenet"}),
    "plot_lines": (
        helpers.plot_lines,
        {"x": [1, 2, 3], "lines": LINES, **LABELS, "xscale": "linear", "yscale": "linear"},
    ),
    "plot_points": (
        helpers.plot_points,
        {"points": {"a": (1, 2)}, **LABELS, "xscale": "linear", "yscale": "linear"},
    ),
    "plot_bars": (
        helpers.plot_bars,
        {"labels": ["x", "y"], "groups": {"a": [1, 2]}, "ylabel": "n", "alt": "two bars",
         "yscale": "linear"},
    ),
    "show_images": (
        helpers.show_images,
        {"images": torch.ones(2, 4, 4), "nrows": 1, "ncols": 2, "titles": ["a", "b"],
         "alt": "two white squares", "scale": 1.0},
    ),
    "show_grids": (
        helpers.show_grids, {"arrays": [X], "titles": ["X"], "alt": "the numbers from 0 to 19"},
    ),
    "show_sliding": (
        helpers.show_sliding, {"X": X, "K": K, "steps": [(0, 0)], "alt": "a first step"},
    ),
    "show_receptive_field": (
        helpers.show_receptive_field,
        {"kernel_sizes": [3, 3], "strides": [1, 1], "alt": "a fan of lines"},
    ),
    "show_blocks": (
        helpers.show_blocks,
        {"blocks": {"a": {"branches": [["conv"]], "join": None}}, "alt": "one block"},
    ),
}  # fmt: skip
# Not called here: History is a list that the Trainer fills, init_cnn gets modules from apply().
ELSEWHERE = {"History", "init_cnn"}

PAIRS = [
    pytest.param(name, argument, id=f"{name}-{argument}")
    for name, (_, arguments) in CALLS.items()
    for argument in arguments
]


def small_data():
    return helpers.FashionMNIST(10, subset=20, val_subset=10)


@pytest.fixture(autouse=True)
def stand_in(monkeypatch, tmp_path):
    monkeypatch.setenv("FASHION_MNIST_DIR", "stand-in")
    monkeypatch.delenv("COMPANION_SETTINGS", raising=False)
    monkeypatch.chdir(tmp_path)


def outcome(name: str, argument: str, value: Any) -> str:
    """Return 'taken', '' for a clear refusal, or what is not clear about it."""
    call, arguments = CALLS[name]
    try:
        call(**{**arguments, argument: value})
    except (TypeError, ValueError, KeyError, IndexError) as error:
        said = str(error)
        if argument not in said:
            return f"{type(error).__name__} does not name {argument}: {said[:200]!r}"
        return "" if said.count("\n") <= 4 and len(said) < 1000 else f"too long: {said[:200]!r}…"
    except Exception as error:
        return f"{type(error).__name__}: {str(error)[:200]!r}"
    return "taken"


@pytest.mark.parametrize("name, argument", PAIRS)
def test_an_odd_value_is_taken_or_refused_by_name(name, argument):
    found = {said: outcome(name, argument, value) for said, value in ODD.items()}
    unclear = {said: what for said, what in found.items() if what not in ("", "taken")}
    assert not unclear
    assert [said for said, what in found.items() if what == "taken"] == TAKEN.get(
        f"{name} {argument}", []
    )


def test_every_public_name_is_called():
    assert set(helpers.__all__) - ELSEWHERE <= set(CALLS)
    for name, (call, arguments) in CALLS.items():
        if inspect.isfunction(call) and name in helpers.__all__:
            assert set(inspect.signature(call).parameters) - set(arguments) <= OPTIONAL, name


TAKEN: dict[str, list[str]] = {}
OPTIONAL = {"cmap", "highlight", "values", "alt"}
