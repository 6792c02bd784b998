"""Where a student works, every training is kept, and the same cell goes on with it."""

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest
import torch
from torch.utils.data import DataLoader, Dataset, IterableDataset, TensorDataset

import helpers
from helpers.training import keeping
from helpers.training.interrupts import TrainingStopped
from tests.common import Small, interrupt, loaders, losses, uninterrupted, weights


@pytest.fixture(scope="module")
def whole():
    """A training that nothing cut short, and that was kept nowhere."""
    return uninterrupted()


@pytest.fixture
def desk(tmp_path, monkeypatch):
    """A folder to work in, as in a notebook that `make lab` opened; every training is long."""
    monkeypatch.setenv("COMPANION_WORK", str(tmp_path))
    monkeypatch.setattr(keeping, "in_notebook", lambda: True)
    monkeypatch.setattr("helpers.training.run.in_notebook", lambda: True)
    monkeypatch.setattr(keeping, "LEAST_SECONDS", 0)
    return tmp_path


def cell(max_epochs=4, stop_after=None, seed=7, data=None, cls=Small, checkpoint=None, **options):
    """What a training cell does: a new model, a new Trainer, fit."""
    torch.manual_seed(0)
    net = cls(**options)
    trainer = helpers.Trainer(max_epochs, checkpoint=checkpoint)
    original = trainer.train_step

    def step(batch):
        original(batch)
        if trainer.train_batch_idx == stop_after:
            interrupt()

    trainer.train_step = step
    torch.manual_seed(seed)
    trainer.fit(net, data or loaders())
    return net, trainer


def files(desk: Path) -> list[str]:
    return sorted(path.name for path in (desk / "trainings").glob("*.pt"))


def test_the_same_cell_goes_on_after_a_stop(whole, desk, capsys):
    with pytest.raises(TrainingStopped) as stopped:
        cell(stop_after=8)
    (name,) = files(desk)
    assert str(stopped.value).split("\n") == [
        "Training stopped in epoch 2 after step 3 of 5.",
        f"The model and trainer.history are kept, and saved in trainings/{name}.",
        "To go on from here, run this cell again: now, or after a restart.",
    ]
    capsys.readouterr()
    net, trainer = cell()
    said = capsys.readouterr().out
    assert (
        f"Going on from trainings/{name}: 1 of 4 epochs and 3 steps are done. To start af" in said
    )
    assert torch.equal(weights(net), weights(whole[0]))
    assert losses(trainer) == losses(whole[1])
    assert files(desk) == [name]


def test_the_same_cell_goes_on_in_another_process_after_a_kill(whole, desk, capsys):
    code = """
import os
from helpers.training import keeping
from tests.test_keeping import cell, helpers
keeping.in_notebook, keeping.LEAST_SECONDS, keeping.SAVE_SECONDS = lambda: True, 0, 0
keeping.SHARE = 1e9
original = helpers.Trainer.train_step
def step(self, batch):
    if self.train_batch_idx == 13:
        os.kill(os.getpid(), 9)
    original(self, batch)
helpers.Trainer.train_step = step
cell()
"""
    root = Path(__file__).resolve().parent.parent
    assert subprocess.run([sys.executable, "-c", code], cwd=root).returncode == -9
    net, trainer = cell()
    # Saved within the epoch: not one step is lost.
    assert "2 of 4 epochs and 3 steps are done" in capsys.readouterr().out
    assert torch.equal(weights(net), weights(whole[0]))
    assert losses(trainer) == losses(whole[1])


def test_a_finished_cell_says_that_the_result_is_there_and_how_to_repeat_it(desk, capsys):
    first, _ = cell()
    (name,) = files(desk)
    capsys.readouterr()
    again, trainer = cell()
    said = capsys.readouterr().out
    assert f"trainings/{name} holds this training, with 4 epochs: nothing is left to train." in said
    assert "delete the file or give the Trainer checkpoint=False; to go on, raise max" in said
    assert torch.equal(weights(again), weights(first))
    assert [row["epoch"] for row in trainer.history] == [1, 2, 3, 4]
    cell(max_epochs=5)
    assert f"Going on from trainings/{name}: 4 of 5 epochs are done" in capsys.readouterr().out
    (desk / "trainings" / name).unlink()
    (desk / "trainings" / f"{name}.previous").unlink()
    cell()
    assert "holds" not in capsys.readouterr().out


class Wider(Small):
    def training_step(self, batch):
        return super().training_step(batch) * 2


def test_what_is_changed_begins_anew_keeps_the_old_file_and_says_so(desk, capsys):
    cell(2)
    (name,) = files(desk)
    content = (desk / "trainings" / name).read_bytes()
    cases = [
        (dict(lr=0.25), "Small.lr: 0.5 there, 0.25 here"),
        (dict(data=loaders(n=70)), "training batches per epoch: 5 there, 4 here"),
        (
            dict(seed=8),
            "it began with other weights, random numbers or images.",
        ),
    ]
    for n, (change, differing) in enumerate(cases, start=2):
        later = time.time() + 60 * n  # the last one, before each change
        os.utime(desk / "trainings" / name, (later, later))
        capsys.readouterr()
        cell(2, **change)
        said = capsys.readouterr().out
        assert f"A new training, not that of trainings/{name} (2 epochs), which stays: " in said
        assert differing in said, said
        assert len(files(desk)) == n
        assert (desk / "trainings" / name).read_bytes() == content
    cell(3, seed=9)
    assert "images (checkpoint='trainings/Small-" in capsys.readouterr().out
    cell(2, cls=Wider)  # another model: nothing to be compared with
    assert "A new training" not in capsys.readouterr().out
    assert len(files(desk)) == 6


class Squares(Dataset):
    """Data of the reader's own; what it does is to be seen in its items only."""

    def __init__(self, scale):
        self.pair = TensorDataset(*loaders()[0].dataset.tensors)
        self.make = {"scale": scale}

    def __len__(self):
        return len(self.pair)

    def __getitem__(self, i):
        X, y = self.pair[i]
        return X * self.make["scale"] + 0 * torch.rand(1), y


class Once(IterableDataset):
    def __iter__(self):
        return iter(loaders()[0].dataset)

    def __len__(self):
        return 90


def test_other_contents_of_data_of_the_readers_own_are_another_training(desk, capsys):
    for scale, count in [(1.0, 1), (1.0, 1), (2.0, 2)]:
        cell(2, data=DataLoader(Squares(scale), 20, shuffle=True))
        assert len(files(desk)) == count
    # Data that would be used up by looking at them are not kept, and not looked at.
    cell(2, data=DataLoader(Once(), 20))
    assert len(files(desk)) == 2


def test_looking_at_the_data_draws_nothing(desk):
    own = DataLoader(Squares(1.0), 20, shuffle=True)
    kept, _ = cell(1, data=own)
    free, _ = cell(1, data=own, checkpoint=False)
    assert torch.equal(weights(kept), weights(free))


def test_short_trainings_are_not_kept_unless_they_are_stopped(desk, monkeypatch):
    monkeypatch.setattr(keeping, "LEAST_SECONDS", 1e6)
    cell(2)
    assert files(desk) == []
    with pytest.raises(TrainingStopped):
        cell(2, stop_after=3)
    assert len(files(desk)) == 1
    cell(2)  # goes on, and is kept to its end
    assert (
        helpers.training.checkpoint.look_at(desk / "trainings" / files(desk)[0])[1]["counts"][
            "epoch"
        ]
        == 2
    )


def test_nothing_is_kept_without_a_notebook_or_against_the_readers_will(desk, monkeypatch):
    cell(1, checkpoint=False)
    monkeypatch.setattr(keeping, "in_notebook", lambda: False)
    cell(1)
    monkeypatch.setattr(keeping, "in_notebook", lambda: True)
    monkeypatch.delenv("COMPANION_WORK")
    cell(1)
    assert not (desk / "trainings").exists()


def test_a_file_that_nobody_asked_for_never_stops_a_training(desk, capsys):
    cell(2)
    (name,) = files(desk)
    for content, said in [
        (b"", "damaged"),
        (b"notes of somebody", "This training is not kept in a file: checkpoint"),
    ]:
        (desk / "trainings" / f"{name}.previous").unlink(missing_ok=True)
        (desk / "trainings" / name).write_bytes(content)
        capsys.readouterr()
        _, trainer = cell(2)
        assert said in capsys.readouterr().out
        assert len(trainer.history) == 2
    assert (desk / "trainings" / name).read_bytes() == b"notes of somebody"


def test_a_full_folder_is_told_once(desk, capsys, monkeypatch):
    cell(1)
    assert "GB now" not in capsys.readouterr().out
    monkeypatch.setattr(keeping, "LARGE", 10)
    cell(2, lr=0.1)
    said = capsys.readouterr().out
    assert said.count("trainings takes 0.0 GB now: delete what you no longer need.") == 1


def test_a_stop_with_nothing_kept_says_so(desk):
    with pytest.raises(TrainingStopped) as stopped:
        cell(stop_after=3, checkpoint=False)
    assert str(stopped.value).split("\n")[1:] == [
        "The model and trainer.history are kept.",
        "To go on from here, run trainer.fit(model, data) in a cell of its own; "
        "this cell would begin a new training.",
    ]


def test_a_stop_in_the_last_moment_still_stops(desk):
    with pytest.raises(TrainingStopped, match="stopped in epoch 1 after step 5 of 5"):
        cell(1, stop_after=5)


def test_models_with_weights_outside_of_parameters_are_told_apart(desk):
    class Scratch(Small):
        scale = 1.0

        def __init__(self):
            super().__init__()
            self.loose = torch.full((2,), Scratch.scale)

    cell(1, cls=Scratch)
    Scratch.scale = 2.0
    cell(1, cls=Scratch)
    assert len(files(desk)) == 2


def test_a_stopped_training_ends_a_script_whatever_it_catches(tmp_path):
    code = """
import torch
from tests.common import interrupt, loaders, model, quiet
trainer, original = quiet(4), None
original = trainer.train_step
trainer.train_step = lambda batch: (original(batch), interrupt())
try:
    trainer.fit(model(), loaders())
except Exception:
    print("swallowed")
print("went on")
"""
    root = Path(__file__).resolve().parent.parent
    done = subprocess.run([sys.executable, "-c", code], cwd=root, capture_output=True, text=True)
    assert done.stdout == ""
    assert done.returncode != 0
    assert "Training stopped in epoch 1 after step 1 of 5." in done.stderr
    assert done.stderr.endswith("trainer.fit(model, data), called again, goes on from here.\n")


def test_a_training_that_is_not_kept_is_not_described(desk, monkeypatch):
    def describe(*_):
        raise AssertionError("described")

    monkeypatch.setattr("helpers.training.run.describe_model", describe)
    cell(1, checkpoint=False)
    monkeypatch.delenv("COMPANION_WORK")
    cell(1)
    monkeypatch.setenv("COMPANION_WORK", str(desk))
    with pytest.raises(AssertionError, match="described"):
        cell(1)
