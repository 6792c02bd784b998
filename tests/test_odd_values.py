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
from torch import nn
from torch.nn import functional as F

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
IMAGE = torch.arange(36.0).reshape(1, 6, 6)
LABELS = {"xlabel": "epoch", "ylabel": "loss", "alt": "two lines that cross"}


def fit(model, data):
    return quiet(1).fit(model, data)


def convolutional():
    torch.manual_seed(0)
    return nn.Sequential(nn.Conv2d(1, 2, 3), nn.ReLU(), nn.Flatten(), nn.Linear(32, 2))


def train_once(make_model, data, seed, init):
    return helpers.train(make_model, data, 1, seed, init)


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
    "train": (
        train_once,  # max_epochs is the Trainer's
        {"make_model": model, "data": loaders(), "seed": 0, "init": helpers.init_cnn},
    ),
    "accuracy": (helpers.accuracy, {"model": model(), "data": loaders()}),
    "over_seeds": (helpers.over_seeds, {"variants": {"a": float}, "seeds": 2}),
    "choose_device": (helpers.choose_device, {"device": "cpu"}),
    "settings": (
        helpers.settings, {"quick": {"n": 1}, "book": {"n": 2}, "use": "quick"},
    ),
    "from_notebook": (helpers.from_notebook, {"name": "7.6-lenet"}),
    "record": (
        helpers.record, {"notebook": "7.6-lenet", "settings": {"lr": 1.0}, "history": [{"n": 1}]},
    ),
    "on_band": (
        lambda notebook, history, settings: helpers.on_band(notebook, history, settings=settings),
        {"notebook": "7.6-lenet", "settings": {"lr": 1.0},
         "history": [{"val_loss": 1.0, "val_acc": 0.5}]},
    ),
    "cost": (helpers.cost, {"model": nn.Linear(4, 2), "input_shape": (1, 4)}),
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
    "show_matrix": (
        helpers.show_matrix,
        {"matrix": torch.eye(2), "rows": ["a", "b"], "columns": ["a", "b"],
         "alt": "ones on the diagonal"},
    ),
    "kept": (helpers.kept, {"model": nn.Linear(4, 2), "input_shape": (1, 4)}),
    "look_at_kernels": (
        helpers.look_at_kernels, {"model": convolutional(), "most": 2, "alt": "two kernels"},
    ),
    "look_at_maps": (
        helpers.look_at_maps, {"model": convolutional(), "image": IMAGE, "alt": "two maps"},
    ),
    "look_at_way": (
        helpers.look_at_way, {"model": convolutional(), "image": IMAGE, "alt": "a way"},
    ),
    "look_at_mistakes": (
        helpers.look_at_mistakes,
        {"model": convolutional(), "batches": [(IMAGE[None], torch.tensor([1]))],
         "names": ["a", "b"], "most": 2, "alt": "a mistake"},
    ),
    "look_at_occlusion": (
        helpers.look_at_occlusion,
        {"model": convolutional(), "image": IMAGE, "label": 1, "patch": 2, "stride": 2,
         "names": ["a", "b"], "alt": "a covered image"},
    ),
    "look_at_sizes": (
        helpers.look_at_sizes,
        {"models": {"net": convolutional()}, "X": torch.stack([IMAGE, -IMAGE]),
         "y": torch.tensor([1, 0]), "loss": F.cross_entropy, "alt": "two sizes"},
    ),
    "explore": (
        helpers.explore,
        {"X": X, "K": K, "mode": "corr", "window": 2, "padding": 0, "stride": 1, "dilation": 1,
         "above": (), "step": (0, 0), "images": {"X": X}, "alt": "a first step", "still": True},
    ),
    "show_blocks": (
        helpers.show_blocks,
        {"blocks": {"a": {"branches": [["conv"]], "join": None}}, "alt": "one block"},
    ),
}  # fmt: skip
# Without arguments, or filled by others: init_cnn gets its modules from apply().
# What checks a student's attempt takes anything for one: tests/test_study.py.
ELSEWHERE = {
    "Book", "Cost", "FigureTable", "History", "Runs", "Seeds", "figure_table", "init_cnn",
    "book_records", "records", "seed_records",
    "check", "hint", "measured", "progress", "task",
}  # fmt: skip

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
    monkeypatch.setenv("COMPANION_RECORDS", str(tmp_path))
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


WHOLE = ["3", "np.int64", "a 0-d tensor"]
TAKEN: dict[str, list[str]] = {
    "corr2d X": ["a matrix"],
    "corr2d K": ["a matrix"],
    "pool2d X": ["a matrix"],
    "pool2d pool_size": [*WHOLE[:1], "(2, 2)", *WHOLE[1:2], "an array", *WHOLE[2:], "a vector"],
    "Conv2D kernel_size": ["(2, 2)", "an array", "a vector"],
    "FashionMNIST batch_size": WHOLE,
    "FashionMNIST resize": [*WHOLE[:1], "(2, 2)", *WHOLE[1:2], "an array", *WHOLE[2:], "a vector"],
    "FashionMNIST subset": ["None"],  # all images; else a multiple of ten
    "FashionMNIST val_subset": ["None"],
    "text_labels indices": [
        "0", "3", "''", "[]", "(2, 2)", "{}", "a set", "np.int64", "an array", "an empty array",
        "a 0-d tensor", "a vector", "an empty tensor", "range(3)",
    ],
    "get_dataloader train": ["True", "np.bool_"],
    "Trainer max_epochs": ["3", "10**30", "np.int64", "a 0-d tensor"],
    "Trainer num_gpus": ["0", "3", "10**30", "np.int64", "a 0-d tensor"],
    "Trainer gradient_clip_val": [
        "0", "3", "2.5", "10**30", "np.int64", "np.float64", "a 0-d tensor",
    ],
    "Trainer device": ["None"],
    "Trainer precision": ["None"],
    "Trainer channels_last": ["None", "True", "np.bool_"],
    "Trainer checkpoint": ["None", "'x'"],
    "Trainer verbose": ["True", "np.bool_"],
    "train init": ["None"],
    "train seed": ["0", *WHOLE],
    "over_seeds seeds": WHOLE,
    "choose_device device": ["None"],
    "record settings": ["{}"],
    "on_band settings": ["{}"],
    "look_at_sizes y": ["a matrix"],  # a probability for each class
    "plot_lines x": ["range(3)"],
    "plot_bars labels": ["(2, 2)", "[1, 'x']", "a set", "an array", "a vector", "a matrix"],
    "show_images nrows": WHOLE,
    "show_images ncols": WHOLE,
    "show_images titles": [
        "None", "[]", "(2, 2)", "[1, 'x']", "a set", "an array", "an empty array", "a vector",
        "a matrix", "an empty tensor",
    ],
    "show_images scale": ["3", "2.5", "np.int64", "np.float64", "a 0-d tensor"],
    "show_sliding X": ["a matrix"],
    "show_sliding K": ["a matrix"],
    "show_sliding steps": ["None", "[]", "an empty array", "an empty tensor"],
    "show_receptive_field kernel_sizes": ["(2, 2)", "a set", "an array", "a vector"],
    "show_receptive_field strides": ["None", "(2, 2)", "a set", "an array", "a vector"],
    "show_matrix matrix": ["a matrix"],
    "show_matrix rows": ["(2, 2)", "[1, 'x']", "a set", "an array", "a vector", "a matrix"],
    "show_matrix columns": [
        "None", "(2, 2)", "[1, 'x']", "a set", "an array", "a vector", "a matrix",
    ],
    "look_at_kernels most": ["3", "10**30", "np.int64", "a 0-d tensor"],
    "look_at_mistakes names": [
        "(2, 2)", "[1, 'x']", "a set", "an array", "a vector", "a matrix", "range(3)",
    ],
    "look_at_mistakes most": ["3", "10**30", "np.int64", "a 0-d tensor"],
    "look_at_occlusion label": ["None", "0"],
    "look_at_occlusion patch": ["None", "3", "np.int64", "a 0-d tensor"],
    "look_at_occlusion stride": ["None", "3", "10**30", "np.int64", "a 0-d tensor"],
    "look_at_occlusion names": [
        "None", "(2, 2)", "[1, 'x']", "a set", "an array", "a vector", "a matrix", "range(3)",
    ],
    "explore X": ["None", "a matrix"],
    "explore K": ["None", "a matrix"],
    "explore window": [
        "None", "3", "10**30", "(2, 2)", "a set", "np.int64", "an array", "a 0-d tensor",
        "a vector",
    ],
    "explore padding": [
        "0", "3", "(2, 2)", "a set", "np.int64", "an array", "a 0-d tensor", "a vector",
    ],
    "explore stride": ["3", "(2, 2)", "a set", "np.int64", "an array", "a 0-d tensor", "a vector"],
    "explore dilation": [
        "3", "(2, 2)", "a set", "np.int64", "an array", "a 0-d tensor", "a vector",
    ],
    "explore above": [
        "[]", "(2, 2)", "a set", "an array", "an empty array", "a vector", "an empty tensor",
    ],
    "explore step": ["None", "0", "(2, 2)", "a set", "an array", "a vector"],
    "explore images": ["None"],
    "explore still": ["None", "True", "np.bool_"],
    **{
        f"{name} {argument}": ["'x'", "''"]
        for name in ("plot_lines", "plot_points", "plot_bars")
        for argument in ("xlabel", "ylabel")
    },
    **{
        f"{name} alt": ["None", "'x'"]
        for name in CALLS
        if name.startswith(("plot", "show", "look", "explore"))
    },
}  # fmt: skip
OPTIONAL = {
    "cmap", "data", "highlight", "values", "alt", "options", "spread", "vmin", "vmax", "centre",
    "grey", "blocks", "xlabel", "ylabel", "most", "names",
}  # fmt: skip
