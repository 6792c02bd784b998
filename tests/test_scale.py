"""`tools.scale` and `helpers.book_records`: the trainings at the book's settings."""

import json
import os
import subprocess
import sys
from types import ModuleType

import nbformat
import pytest
import torch
from nbformat.v4 import new_code_cell, new_notebook

import helpers
from helpers.notebook import cells
from helpers.training.interrupts import TrainingStopped
from tests import common
from tests import together as alone
from tools.broken.needs import is_recording
from tools.notebooks import named
from tools.scale import __main__ as command
from tools.scale import results, section, together
from tools.scale.results import Place
from tools.seeds import runs

RECORDED = [path.stem for path in named([]) if runs.records_a_training(path)]

# --- the course ------------------------------------------------------------------------


def book_settings(name):
    """Return the book's settings of a notebook, by running the cell that chooses."""
    (cell,) = (c for c in section.cells_of(name) if "helpers.settings(" in c.source)
    module = ModuleType("chosen")
    exec("import helpers\n" + cell.source, module.__dict__)
    return module.run


def test_the_networks_are_those_of_the_sections_that_record_a_training():
    assert section.names() == RECORDED


@pytest.mark.parametrize("name", RECORDED)
def test_the_cells_of_a_network_end_where_it_is_recorded(name, monkeypatch):
    kept = section.cells_of(name)
    assert [is_recording(cell) for cell in kept] == [False] * (len(kept) - 1) + [True]
    monkeypatch.setenv("COMPANION_SETTINGS", "book")
    settings = book_settings(name)
    assert settings["batch_size"] == 128, "that of every training in the book"
    assert settings["max_epochs"] == 10
    assert settings["subset"] is settings["val_subset"] is None


@pytest.mark.parametrize("name", list(helpers.book_records()))
def test_a_stored_record_has_the_settings_of_its_notebook(name, monkeypatch):
    monkeypatch.setenv("COMPANION_SETTINGS", "book")
    record = helpers.book_records()[name]
    assert record.settings == book_settings(name)
    assert record.data == "Fashion-MNIST"
    assert record.images == 60_000
    assert {len(curve) for curve in record.curves.values()} == {10}
    assert len(record.seconds) == 10


# --- a course of one small network -----------------------------------------------------

NOTEBOOK = [
    "import torch\nfrom d2l import torch as d2l\nfrom torch import nn\n\nimport helpers",
    "class Net(d2l.Classifier):\n"
    "    def __init__(self, lr):\n"
    "        super().__init__()\n"
    "        self.save_hyperparameters()\n"
    "        self.net = nn.Sequential(nn.Flatten(), nn.LazyLinear(16), nn.ReLU(),\n"
    "                                 nn.Dropout(0.2), nn.LazyLinear(10))",
    "raise RuntimeError('not needed')",
    "run = helpers.settings(\n"
    "    quick=dict(resize=(6, 6), subset=100, val_subset=100, batch_size=20, lr=0.1,\n"
    "               max_epochs=1),\n"
    "    book=dict(resize=(8, 8), subset=400, val_subset=100, batch_size=32, lr=0.1,\n"
    "              max_epochs=3),\n"
    "    use='auto')",
    "torch.manual_seed(0)\n"
    "model = Net(lr=run['lr'])\n"
    "data = helpers.FashionMNIST(run['batch_size'], run['resize'], run['subset'],\n"
    "                            run['val_subset'])\n"
    "trainer = helpers.Trainer(max_epochs=run['max_epochs'], num_gpus=1)\n"
    "trainer.fit(model, data)\n"
    "baseline = helpers.Trainer(max_epochs=5)",
    "helpers.record('7.9-small', settings=run, history=trainer.history, data=data)",
    "raise RuntimeError('below')",
]
NAME = "7.9-small"


@pytest.fixture
def course(tmp_path, monkeypatch):
    """Write a course of one notebook; return its file."""
    monkeypatch.setattr(cells, "FOLDER", tmp_path)
    monkeypatch.setattr(command, "require_images", lambda: None)
    path = tmp_path / f"{NAME}.ipynb"
    nbformat.write(new_notebook(cells=list(map(new_code_cell, NOTEBOOK))), path)
    return path


def scale(tmp_path, *arguments):
    command.main([*arguments, "--device", "cpu", "--folder", str(tmp_path / "kept")])


def change(path, old, new):
    path.write_text(path.read_text(encoding="utf-8").replace(old, new), encoding="utf-8")


def stop_in_epoch(number, monkeypatch):
    """Let trainings die in the middle of an epoch."""
    step = helpers.Trainer.train_step

    def stopping(self, batch):
        if self.epoch == number - 1 and self._run.position.step == 2:
            raise MemoryError("killed")
        step(self, batch)

    monkeypatch.setattr(helpers.Trainer, "train_step", stopping)


def plain(monkeypatch):
    """Train as the notebook does, without a file."""
    monkeypatch.setenv("COMPANION_SETTINGS", "book")
    module = ModuleType("notebook")
    monkeypatch.setattr(helpers, "record", lambda *args, **kwargs: None)
    for source in (NOTEBOOK[i] for i in (0, 1, 3, 4, 5)):
        exec(source, module.__dict__)
    return module.trainer.history


def state(tmp_path):
    return Place(tmp_path / "kept", NAME, {}).row()[1]


def test_a_training_is_recorded_as_the_notebook_would_have_trained_it(
    course, tmp_path, monkeypatch, capsys
):
    assert state(tmp_path) == "missing"
    scale(tmp_path, "--precision", "float32")
    assert state(tmp_path) == "done"
    (record,) = helpers.book_records().values()
    history = plain(monkeypatch)
    for name, curve in record.curves.items():
        assert curve == [row[name] for row in history], name
    assert record.settings["resize"] == (8, 8)
    assert (record.images, record.parameters) == (400, 64 * 16 + 16 + 16 * 10 + 10)
    assert record.multiply_adds == 64 * 16 + 16 * 10
    assert record.work == 3 * record.multiply_adds * 400 * 3
    assert (record.device, record.processes, record.precision) == ("cpu", 1, "float32")
    assert record.processor == results.hardware(torch.device("cpu"))
    assert len(record.seconds) == 3

    capsys.readouterr()
    monkeypatch.setattr(section, "run", None)  # nothing is left to do
    scale(tmp_path)
    assert capsys.readouterr().out == ""
    scale(tmp_path, "--list")
    assert capsys.readouterr().out.startswith(f"{NAME}  done  val_acc 0.")


def test_a_training_that_was_cut_short_goes_on_from_its_last_epoch(course, tmp_path, monkeypatch):
    with monkeypatch.context() as cut:
        stop_in_epoch(3, cut)
        with pytest.raises(MemoryError):
            scale(tmp_path, "--precision", "float32")
    assert helpers.book_records() == {}
    _, begun, reached = Place(tmp_path / "kept", NAME, {}).row()
    assert begun == "begun"
    assert reached.endswith("after 2 epochs")

    steps = []
    with monkeypatch.context() as counting:
        step = helpers.Trainer.train_step
        counting.setattr(
            helpers.Trainer, "train_step", lambda self, batch: (steps.append(1), step(self, batch))
        )
        scale(tmp_path, "--precision", "float32")
    assert len(steps) == 13, "the batches of the last epoch only"
    curves = helpers.book_records()[NAME].curves
    history = plain(monkeypatch)
    assert curves == {name: [row[name] for row in history] for name in curves}


def test_an_interrupt_is_told_in_words_and_nothing_is_lost(course, tmp_path, monkeypatch, capsys):
    with monkeypatch.context() as interrupted:
        interrupted.setattr(
            section, "run", lambda *a: (_ for _ in ()).throw(TrainingStopped("Training stopped."))
        )
        with pytest.raises(SystemExit, match=r"Training stopped\.\nThe same command, run again"):
            scale(tmp_path)
    assert state(tmp_path) == "missing"


def test_a_training_of_other_cells_is_not_gone_on_with(course, tmp_path, monkeypatch, capsys):
    with monkeypatch.context() as cut:
        stop_in_epoch(2, cut)
        with pytest.raises(MemoryError):
            scale(tmp_path)
    change(course, "torch.manual_seed(0)", "torch.manual_seed(1)")
    scale(tmp_path)
    earlier = tmp_path / "kept" / f"{NAME}.earlier.pt"
    assert f"begun with other cells lies in {earlier}" in capsys.readouterr().out
    assert earlier.exists()
    assert len(helpers.book_records()[NAME].seconds) == 3
    change(course, "# ", "# remark: ")
    change(course, "subset=100, val_subset=100, batch_size=20", "subset=90, batch_size=20")
    assert state(tmp_path) == "done", "what is quick only, and remarks, do not matter"
    change(course, "torch.manual_seed(1)", "torch.manual_seed(2)")
    assert state(tmp_path) == "done with other cells"


def test_again_trains_what_is_recorded(course, tmp_path, capsys):
    scale(tmp_path)
    scale(tmp_path, NAME, "--again")
    assert "A training that was finished lies in" in capsys.readouterr().out


def test_a_try_with_other_settings_is_no_record(course, tmp_path):
    scale(tmp_path, NAME, "--set", "max_epochs=1", "--set", "resize=(4, 4)")
    assert helpers.book_records() == {}
    found = json.loads((tmp_path / "kept" / "tries" / f"{NAME}.json").read_text(encoding="utf-8"))
    assert found["settings"]["resize"] == [4, 4]
    assert len(found["seconds"]) == 1
    with pytest.raises(KeyError, match="there is no setting 'epochs', only resize, subset"):
        scale(tmp_path, NAME, "--set", "epochs=1")
    for wrong in ("epochs", "epochs=one"):
        with pytest.raises(SystemExit):
            scale(tmp_path, NAME, "--set", wrong)


def test_two_processes_do_not_train_the_same(course, tmp_path):
    place = Place(tmp_path / "kept", NAME, {})
    place.begin(torch.device("cpu"))
    running = tmp_path / "kept" / f"{NAME}.running"
    running.write_text(str(os.getppid()), encoding="utf-8")
    assert state(tmp_path) == "running"
    with pytest.raises(SystemExit, match=rf"another process is training {NAME}"):
        scale(tmp_path)
    running.write_text("999999999", encoding="utf-8")  # of a process that was killed
    assert state(tmp_path) == "missing"


def test_a_notebook_without_a_training_is_named(course, tmp_path, capsys):
    other = tmp_path / "7.8-other.ipynb"
    nbformat.write(new_notebook(cells=[new_code_cell("1 + 1")]), other)
    with pytest.raises(SystemExit):
        scale(tmp_path, "7.8-other")
    assert "7.8-other trains no network that is recorded: 7.9-small do" in capsys.readouterr().err


def test_a_cpu_takes_bfloat16_if_it_has_instructions_for_it(monkeypatch):
    cpu = torch.device("cpu")
    for emulated, expected in ((True, "float32"), (False, "bfloat16")):
        monkeypatch.setattr(command, "is_emulated", lambda *_, emulated=emulated: emulated)
        assert command.precision(cpu, None) == expected
        assert command.precision(cpu, "float16") == "float16"
        assert command.precision(torch.device("cuda"), None) is None, "the Trainer's own choice"


@pytest.mark.parametrize("content", ["", "{", "[]", "{}", json.dumps({"settings": {}, "more": 1})])
def test_a_file_that_holds_no_record_is_named(tmp_path, monkeypatch, content):
    monkeypatch.setattr(cells, "FOLDER", tmp_path)
    place = tmp_path / "records" / "book" / "page.json"
    place.parent.mkdir(parents=True)
    place.write_text(content)
    with pytest.raises(ValueError, match=r"records/book/page\.json is no record .*tools\.scale"):
        helpers.book_records()


# --- several processes -----------------------------------------------------------------


def launch(processes, *arguments):
    """Run a module by so many processes and return what was printed; fails if they hang."""
    start = ["-m", "torch.distributed.run", "--standalone", f"--nproc-per-node={processes}"]
    done = subprocess.run(
        [sys.executable, *(start if processes > 1 else []), "-m", *arguments],
        capture_output=True, text=True, timeout=300, env=os.environ | {"OMP_NUM_THREADS": "1"},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-3000:]
    return done.stdout


@pytest.fixture(scope="module")
def shared(tmp_path_factory):
    """Train the same by one process and by two; return what each process found."""
    file = tmp_path_factory.mktemp("together") / "found"
    alone.main(file)
    one = torch.load(f"{file}.0")
    launch(2, "tests.together", str(file))
    return one, [torch.load(f"{file}.{rank}") for rank in range(2)]


@pytest.mark.parametrize("kind", ["even", "uneven", "clipped"])
def test_two_processes_go_the_way_of_one(shared, kind):
    one, (first, second) = shared
    torch.testing.assert_close(
        torch.tensor(first[kind]["losses"]), torch.tensor(one[kind]["losses"]), rtol=1e-4, atol=0
    )
    torch.testing.assert_close(first[kind]["weights"], one[kind]["weights"], rtol=1e-3, atol=1e-5)
    assert torch.equal(first[kind]["weights"], second[kind]["weights"])
    assert first[kind]["losses"] == second[kind]["losses"]


def test_the_processes_drop_other_values_and_stay_together(shared):
    _, (first, second) = shared
    assert not torch.equal(first["drawn"], second["drawn"])
    assert torch.equal(first["noisy"]["weights"], second["noisy"]["weights"])


def test_the_command_trains_by_two_processes_as_by_one_and_each_goes_on_with_the_others_file(
    tmp_path,
):
    arguments = ["7.6-lenet", "--device=cpu", "--precision=float32"]
    arguments += ["--set=subset=640", "--set=val_subset=200"]
    found = {}
    for turns in ((1, 1), (1, 2), (2, 1)):  # how many processes, epoch by epoch
        folder = tmp_path / "".join(map(str, turns))
        for epoch, processes in enumerate(turns, 1):
            last = [f"--set=max_epochs={epoch}", f"--folder={folder}"]
            printed = launch(processes, "tools.scale", *arguments, *last)
            assert printed.count("recorded in") == 1, "the first process prints"
        found[turns] = json.loads((folder / "tries/7.6-lenet.json").read_text(encoding="utf-8"))
    one = found.pop((1, 1))
    here = results.hardware(torch.device("cpu"))
    assert (one["processes"], one["processor"]) == (1, here)
    assert (found[1, 2]["processes"], found[2, 1]["processes"]) == (2, 1)
    assert found[1, 2]["processor"] == f"{here}, then 2 × {here}"
    assert found[2, 1]["processor"] == f"2 × {here}, then {here}"
    for two in found.values():
        for name in one["curves"]:
            assert two["curves"][name] == pytest.approx(one["curves"][name], rel=1e-4), name


def test_a_batch_must_have_an_image_for_each_process(monkeypatch):
    monkeypatch.setattr(together, "processes", lambda: 3)
    with pytest.raises(ValueError, match="the last of 5 batches has 2 images for 3 processes"):
        together.Together(1, verbose=False).prepare_data(common.loaders(n=82))
