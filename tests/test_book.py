"""The command that runs the book's notebooks with ours in place of d2l's; needs no book."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tools.book import compare, data
from tools.book.contents import Section, chosen, code_cells, sections

ROOT = Path(__file__).resolve().parent.parent

# A training of each kind: lazy weights and dropout drawn in the first step, images, and a
# loop that the reader writes for the Trainer's class, as in 3.4.
TRAINS = """
%matplotlib inline
import torch
from d2l import torch as d2l
from torch import nn
|
class Net(d2l.Classifier):
    def __init__(self):
        super().__init__()
        self.lr, self.net = 0.1, nn.Sequential(
            nn.Flatten(), nn.LazyLinear(16), nn.Dropout(0.5), nn.LazyLinear(10))
|
model = Net()
trainer = d2l.Trainer(max_epochs=50)
trainer.fit(model, d2l.FashionMNIST(batch_size=128))
|
print(float(model.board.data["val_loss"][-1].y))
|
raise SystemError("on both sides")
"""


def notebook(path: Path, *cells: str, kind: str = "code") -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    content = {"cells": [{"cell_type": kind, "source": cell} for cell in cells]}
    path.write_text(json.dumps(content), encoding="utf-8")


@pytest.fixture
def book(tmp_path):
    """A book of three numbered chapters with one section each, in our own words."""
    names = ["preface", "introduction", "preliminaries", "linear-regression"]
    listed = "\n".join(f" - [x](chapter_{name}/index.ipynb)" for name in names)
    notebook(tmp_path / "index.ipynb", listed, kind="markdown")
    for name in names:
        folder = tmp_path / f"chapter_{name}"
        notebook(folder / "index.ipynb", f" - [x](about-{name}.ipynb)", kind="markdown")
        (folder / f"about-{name}.ipynb").touch()  # empty, as some of the book are
    path = tmp_path / "chapter_linear-regression" / "about-linear-regression.ipynb"
    notebook(path, "!pip install d2l==1.0.3", *TRAINS.split("|\n"))
    return tmp_path


def result(*losses: float, errors: list | None = None, board: dict | None = None) -> dict:
    steps = [["train", loss, 10] for loss in losses] + [["val", 0.5, 10]]
    return {"errors": errors or [], "fits": [{"losses": steps, "board": board or {}}]}


def row(theirs: dict, ours: dict) -> tuple[dict, bool]:
    cells, good = compare.row_of(Section("3.4", Path("x.ipynb")), theirs, ours, None)
    return dict(zip(compare.HEAD, cells, strict=True)), good


def test_sections_have_the_numbers_of_the_contents_and_those_that_train_are_chosen(book):
    found = sections(book)
    assert [(s.number, s.name) for s in found] == [
        ("1.1", "about-introduction"),
        ("2.1", "about-preliminaries"),
        ("3.1", "about-linear-regression"),
    ]
    assert chosen(found, []) == found[2:]
    assert chosen(found, ["1.1", "about-preliminaries"]) == found[:2]
    with pytest.raises(ValueError, match=r"no section '3\.2'"):
        chosen(found, ["3.2"])


def test_a_folder_without_the_book_is_named(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"index\.ipynb"):
        sections(tmp_path)


def test_cells_that_install_are_left_out_and_magics_become_python(book):
    code = code_cells(sections(book)[2].path)
    assert [place for place, _ in code] == [1, 2, 3, 4, 5]
    for _, source in code:
        compile(source, "cell", "exec")


def test_made_up_sentences_are_as_many_as_the_book_trains_on():
    lines = data.sentences().split("\n")
    assert len(lines) >= 512 + 128
    assert all(len(line.split("\t")) == 2 for line in lines)


def test_equal_losses_agree_and_a_small_difference_is_found_wherever_it_is():
    assert row(result(2.0, 1.0), result(2.0, 1.00005))[1]
    cells, good = row(result(2.0, 1.0, 0.9), result(2.0, 1.0003, 0.9))
    assert not good
    assert cells["within 1e-4"] == "no: training 1, step 2 (train)"
    assert cells["largest difference"] == "3.0e-04"


@pytest.mark.parametrize("loss", [float("nan"), float("inf")])
def test_a_loss_that_is_no_number_agrees_only_with_itself(loss):
    assert not row(result(1.0), result(loss))[1]
    assert not row(result(loss), result(1.0))[1]
    assert row(result(loss), result(loss))[1]


def test_other_steps_and_a_missing_training_do_not_agree():
    assert not row(result(1.0, 1.0), result(1.0))[1]
    assert not row(result(1.0), {"errors": [], "fits": []})[1]


def test_an_error_counts_only_where_d2l_has_none():
    missing, broken = [3, "ImportError: no x"], [7, "TypeError: a | b"]
    cells, good = row(result(1.0, errors=[missing]), result(1.0, errors=[missing]))
    assert (good, cells["d2l"], cells["ours"]) == (True, "fails: cell 3: ImportError: no x", "runs")
    cells, good = row(result(1.0, errors=[missing]), result(1.0, errors=[missing, broken]))
    assert (good, cells["ours"]) == (False, "fails: cell 7: TypeError: a \\| b")


def test_a_process_that_died_is_a_failure_on_ours_even_if_d2l_died_too():
    died = [None, "not done after 900 s"]
    assert not row(result(1.0, errors=[died]), result(1.0, errors=[died]))[1]


def test_curves_with_other_points_are_reported():
    theirs = result(1.0, board={"val_loss": [1.0, 0.5]})
    assert row(theirs, result(1.0))[0]["curves"] == "val_loss: 2 points and 0"
    other = result(1.0, board={"val_loss": [1.0, 0.4]})
    assert row(theirs, other)[0]["curves"] == "val_loss: 1.0e-01 apart"
    assert row(theirs, theirs)[0]["curves"] == "the same"


def test_means_of_the_last_epoch_are_over_samples():
    last = result(3.0)
    last["fits"][0]["losses"] += [["train", 1.0, 30], ["train", 2.0, 10], ["val", 4.0, 10]]
    assert compare.last_means(last) == "1.25000 / 4.00000"


def test_a_notebook_trains_alike_with_ours_in_fresh_processes(book, tmp_path, monkeypatch):
    monkeypatch.setenv("FASHION_MNIST_DIR", "stand-in")
    code = (
        "import sys; from pathlib import Path; from tools.book import __main__ as book; "
        "book.CACHE = Path(sys.argv.pop(1)); book.main()"
    )
    command = [sys.executable, "-c", code, str(tmp_path / "cache"), str(book), "3.1"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    cells = dict(zip(compare.HEAD, done.stdout.splitlines()[2].strip("| ").split(" | ")))
    assert cells["d2l"] == "fails: cell 5: SystemError: on both sides"
    assert (cells["ours"], cells["trainings"]) == ("runs", "1")
    assert cells["within 1e-4"] == "yes"
    assert "val_" not in cells["curves"]  # d2l's points of a training are more than one an epoch
