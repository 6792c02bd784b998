"""`helpers.record` and `helpers.records`: what the training sections reached, for other pages."""

import json
import re
import shutil

import nbformat
import pytest

import helpers
from helpers.notebook import cells

SECTIONS = [
    name for name in cells.names() if "helpers.record(" in cells.find(name).read_text("utf-8")
]
HISTORY = [
    {
        "epoch": 1,
        "train_loss": 1.5,
        "val_acc": 0.25,
        "lr": 0.1,
        "seconds": 2.0,
        "images_per_s": 9.0,
    },
    {
        "epoch": 2,
        "train_loss": 1.25,
        "val_acc": 0.5,
        "lr": 0.1,
        "seconds": 3.0,
        "images_per_s": 8.0,
    },
]
SETTINGS = {"arch": ((1, 16), (2, 32)), "init": "he", "subset": None, "lr": 0.1, "batch_size": 16}


class Data:
    source = "Fashion-MNIST"


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """Record into the place where records are read."""
    monkeypatch.setattr(cells, "FOLDER", tmp_path)
    (tmp_path / "records").mkdir()
    (tmp_path / "page.ipynb").touch()
    monkeypatch.setenv("COMPANION_RECORDS", str(tmp_path / "records"))
    return tmp_path / "records"


# --- the records that are there --------------------------------------------------------


def stored_outputs(name):
    notebook = nbformat.read(cells.find(name), as_version=4)
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    (recording,) = [cell for cell in code if "helpers.record(" in cell.source]
    printed = [o.text for cell in code for o in cell.outputs if o.output_type == "stream"]
    return printed, recording.outputs[0].text


def test_every_record_belongs_to_a_section_and_every_section_has_one():
    assert list(helpers.records()) == sorted(SECTIONS)
    assert len(SECTIONS) == 7


@pytest.mark.parametrize("name", SECTIONS)
def test_a_record_agrees_with_the_outputs_that_its_notebook_has_stored(name):
    record = helpers.records()[name]
    printed, table = stored_outputs(name)
    names, *rows = [line.split() for line in table.splitlines()]
    assert len(rows) == len(record.curves["epoch"])
    for i, row in enumerate(rows):
        for column, value in zip(names, row):
            digits = len(value.partition(".")[2])
            assert f"{record.curves[column][i]:.{digits}f}" == value, (column, i)
    assert record.final == {column: values[-1] for column, values in record.curves.items()}
    assert record.data == "Fashion-MNIST"
    said = next(line for line in printed if re.match(r"\w+ settings \(", line))
    settings = ", ".join(f"{key}={value}" for key, value in record.settings.items())
    assert said.split("): ", 1)[1].strip() == settings


def test_the_comparison_works_when_all_outputs_are_cleared(tmp_path, monkeypatch, capsys):
    for name in cells.names():
        notebook = nbformat.read(cells.find(name), as_version=4)
        for cell in notebook.cells:
            cell.pop("outputs", None)
            if cell.cell_type == "code":
                cell.outputs = []
        nbformat.write(notebook, tmp_path / f"{name}.ipynb")
    shutil.copytree(cells.FOLDER / "records", tmp_path / "records")
    monkeypatch.setattr(cells, "FOLDER", tmp_path)
    namespace = {}
    notebook = nbformat.read(tmp_path / "8-compare.ipynb", as_version=4)
    for cell in notebook.cells:
        if cell.cell_type == "code" and "nbval-ignore-output" not in cell.metadata.get("tags", []):
            exec(cell.source, namespace)
    assert capsys.readouterr().out.count("LeNet") >= 4
    assert set(namespace["results"]) == set(namespace["sections"])
    assert all(0.5 < accuracy < 1 for accuracy in namespace["accuracy"].values())


# --- writing and reading ---------------------------------------------------------------


def test_for_a_student_nothing_is_recorded_printed_or_refused(monkeypatch, tmp_path, capfd):
    monkeypatch.delenv("COMPANION_RECORDS", raising=False)
    monkeypatch.chdir(tmp_path)
    helpers.record("my-own", settings={"init": print}, history=[], data=Data())
    assert capfd.readouterr() == ("", "")
    assert list(tmp_path.iterdir()) == []


def test_what_was_recorded_is_read_again_without_times(folder, capfd):
    helpers.record("page", settings=SETTINGS, history=HISTORY, data=Data())
    assert capfd.readouterr() == ("", "")
    record = helpers.records()["page"]
    assert record.settings == SETTINGS
    assert list(record.settings) == list(SETTINGS)
    assert record.final == {"epoch": 2, "train_loss": 1.25, "val_acc": 0.5, "lr": 0.1}
    assert record.curves == {
        "epoch": [1, 2],
        "train_loss": [1.5, 1.25],
        "val_acc": [0.25, 0.5],
        "lr": [0.1, 0.1],
    }
    assert record.data == "Fashion-MNIST"
    assert record.versions.keys() == {"python", "torch", "numpy"}


def test_the_same_training_is_recorded_in_the_same_bytes(folder):
    contents = set()
    for seconds in (1.0, 2.0):
        history = [row | {"seconds": seconds} for row in HISTORY]
        helpers.record("page", settings=SETTINGS, history=history, data=Data())
        contents.add((folder / "page.json").read_bytes())
    assert len(contents) == 1
    assert contents.pop().endswith(b"}\n")


@pytest.mark.parametrize(
    "change, error, match",
    [
        ({"notebook": "7.7-none"}, ValueError, r"name must be a notebook in notebooks/ \(page\)"),
        ({"history": []}, ValueError, r"history must have an epoch to be recorded, got \[\]"),
        ({"settings": {"init": print}}, TypeError, r"settings\['init'\] must be a number, .* got"),
        (
            {"settings": {"a": ((1, []),)}},
            TypeError,
            r"settings\['a'\]\[0\]\[1\] must be .* got \[\]",
        ),
    ],
)
def test_what_cannot_be_recorded_is_named(folder, change, error, match):
    arguments = {"notebook": "page", "settings": SETTINGS, "history": HISTORY}
    with pytest.raises(error, match=match):
        helpers.record(**arguments | change)
    assert list(folder.iterdir()) == []


def test_a_number_that_is_not_finite_is_not_recorded(folder):
    with pytest.raises(ValueError, match="not JSON compliant"):
        helpers.record("page", settings={}, history=[{"epoch": 1, "val_loss": float("nan")}])
    assert list(folder.iterdir()) == []


@pytest.mark.parametrize("content", ["", "{", "[]", "{}", json.dumps({"settings": {}, "more": 1})])
def test_a_file_that_is_no_record_is_named(folder, content):
    (folder / "page.json").write_text(content)
    with pytest.raises(ValueError, match=r"notebooks/records/page\.json is no record"):
        helpers.records()
