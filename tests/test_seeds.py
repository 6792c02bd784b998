"""`tools.seeds` and `helpers.seed_records`: a section's training with several seeds."""

import json
from pathlib import Path

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_notebook

import helpers
from helpers.notebook import cells
from tools.notebooks import named
from tools.seeds import __main__ as command
from tools.seeds import runs

RECORDED = [path.stem for path in named([]) if runs.records_a_training(path)]


# --- the records that are there --------------------------------------------------------


def test_every_section_that_records_a_training_has_its_seeds():
    assert list(helpers.seed_records()) == RECORDED, "python -m tools.seeds writes them"


@pytest.mark.parametrize("name", RECORDED)
def test_the_seeds_are_those_of_the_present_cells(name):
    seeds, record = helpers.seed_records()[name], helpers.records()[name]
    assert not runs.is_stale(cells.find(name)), f"python -m tools.seeds {name}"
    assert seeds.settings == record.settings
    assert seeds.data == record.data == "Fashion-MNIST"
    assert seeds.device == "cpu"
    assert len(seeds.seeds) >= 5
    for curves in seeds.curves.values():
        assert len(curves) == len(seeds.seeds)
        assert {len(curve) for curve in curves} == {record.settings["max_epochs"]}
        assert len({tuple(curve) for curve in curves}) == len(curves)  # no seed ran twice
    off = abs(seeds.curves["val_acc"][0][-1] - record.final["val_acc"])
    assert off < 0.05, "seed 0 is that of the notebook, on another processor perhaps"


# --- running, writing and reading ------------------------------------------------------

NOTEBOOK = [
    "from pathlib import Path\nimport torch\nimport helpers\nfrom helpers.notebook import cells\n"
    "from tests.test_broken import Small",
    "raise RuntimeError('not needed')",
    "cells.FOLDER = Path({folder!r})",
    "torch.manual_seed(0)\n"
    "X, y = torch.rand(40, 1, 28, 28), torch.randint(10, (40,))\n"
    "batches = torch.utils.data.DataLoader(torch.utils.data.TensorDataset(X, y), batch_size=20)\n"
    "trainer = helpers.Trainer(max_epochs=2, verbose=False)\n"
    "trainer.fit(Small(), (batches, batches))\n"
    "baseline = helpers.Trainer(max_epochs=2, verbose=False)\n"
    "baseline.fit(Small(), (batches, batches))",
    "settings = dict(lr=0.1, resize=(28, 28))  # of {folder!r}\n"
    "helpers.record(cells.names()[0], settings=settings, history=trainer.history)",
]


@pytest.fixture
def notebook(tmp_path, monkeypatch):
    """Write a notebook that records the first of two trainings, into a course of its own."""
    monkeypatch.setattr(cells, "FOLDER", tmp_path)
    path = tmp_path / "7.9-small.ipynb"
    sources = [source.format(folder=str(tmp_path)) for source in NOTEBOOK]
    nbformat.write(new_notebook(cells=list(map(new_code_cell, sources))), path)
    return path


def change(path: Path, old: str, new: str) -> None:
    path.write_text(path.read_text(encoding="utf-8").replace(old, new), encoding="utf-8")


def test_seeds_are_run_stored_read_and_known_to_be_stale(notebook, capsys):
    assert runs.is_stale(notebook)
    command.run_all([notebook], range(2), jobs=1)
    assert "7.9-small stored" in capsys.readouterr().out
    assert not runs.is_stale(notebook)

    (seeds,) = helpers.seed_records().values()
    assert seeds.seeds == [0, 1]
    assert seeds.settings == {"lr": 0.1, "resize": (28, 28)}
    first, second = seeds.curves["val_loss"]
    assert len(first) == len(second) == 2
    assert first != second
    assert seeds.mean("val_loss") == [(a + b) / 2 for a, b in zip(first, second)]
    spread = abs(first[1] - second[1]) / 2**0.5
    assert seeds.spread("val_loss")[1] == pytest.approx(spread)
    assert (seeds.images, seeds.device) == (40, "cpu")
    assert seeds.kept > 0 < seeds.parameters
    assert seeds.work == 3 * seeds.multiply_adds * 40 * 2

    change(notebook, "settings = dict", "# a remark\\n\\nsettings = dict")
    change(notebook, "not needed", "still not needed")
    assert not runs.is_stale(notebook)
    change(notebook, "batch_size=20", "batch_size=10")
    assert runs.is_stale(notebook)


@pytest.mark.parametrize("content", ["", "{", "[]", "{}", json.dumps({"settings": {}, "more": 1})])
def test_a_file_that_holds_no_seeds_is_named(tmp_path, monkeypatch, content):
    monkeypatch.setattr(cells, "FOLDER", tmp_path)
    place = tmp_path / "records" / "seeds" / "page.json"
    place.parent.mkdir(parents=True)
    place.write_text(content)
    with pytest.raises(ValueError, match=r"records/seeds/page\.json is no record .*tools\.seeds"):
        helpers.seed_records()
