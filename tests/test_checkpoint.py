"""The file of a training: whose it is, what it holds, what happens to it."""

import errno
import os
import re
import subprocess
import sys
from collections import Counter, deque
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import nn
from torch.nn import functional as F
from torch.utils.data import DataLoader, TensorDataset

import helpers
from helpers.training.checkpoint import Checkpoint
from tests.common import Small, loaders, losses, model, quiet, weights

ROOT = Path(__file__).resolve().parent.parent


def test_a_checkpoint_of_another_training_is_refused(tmp_path):
    path = tmp_path / "small.pt"
    quiet(1, checkpoint=path).fit(model(), loaders())
    before = path.read_bytes()
    with pytest.raises(ValueError, match=r"Small\.lr: 0\.5 there, 0\.1 here"):
        quiet(1, checkpoint=path).fit(model(lr=0.1), loaders())
    with pytest.raises(ValueError, match="batch size: 20 there, 30 here"):
        quiet(1, checkpoint=path).fit(model(), loaders(batch_size=30))
    assert path.read_bytes() == before


@pytest.mark.parametrize("damage", [lambda b: b[: len(b) // 2], lambda b: b"", "flip"])
def test_a_damaged_checkpoint_is_named_and_the_one_before_is_used(tmp_path, damage, capsys):
    path = tmp_path / "small.pt"
    torch.manual_seed(7)
    net = model()
    torch.manual_seed(7)
    quiet(3, checkpoint=path).fit(net, loaders())
    content = bytearray(path.read_bytes())
    if damage == "flip":
        content[len(content) // 2] ^= 255
        path.write_bytes(content)
    else:
        path.write_bytes(damage(bytes(content)))
    again, trainer = model(), helpers.Trainer(3, checkpoint=path)
    trainer.fit(again, loaders())
    out = capsys.readouterr().out
    assert f"{path} is damaged" in out
    assert "2 of 3 epochs are done" in out
    assert torch.equal(weights(again), weights(net))


def test_a_full_disk_does_not_stop_the_training(tmp_path, monkeypatch, capsys):
    path = tmp_path / "small.pt"
    quiet(1, checkpoint=path).fit(model(), loaders())
    before = path.read_bytes()

    def full(*_):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    trainer = quiet(3, checkpoint=path)
    trainer.fit(model(), loaders())
    assert len(trainer.history) == 3
    assert "could not be saved" in capsys.readouterr().out
    assert path.read_bytes() == before
    assert sorted(p.name for p in tmp_path.iterdir()) == ["small.pt"]


# --- what a file holds -----------------------------------------------------------------


class Counting:
    """A part with a state, for the file alone."""

    def __init__(self, n=0):
        self.n = n

    def state_dict(self):
        return {"n": self.n}

    def load_state_dict(self, state):
        self.n = state["n"]


def test_saving_is_atomic(tmp_path, monkeypatch):
    path, part = tmp_path / "state.pt", Counting()
    file = Checkpoint(path, {}, part=part)
    for part.n in (1, 2):
        assert file.save() == ""
    replaced = os.replace

    def killed(source, target):
        if Path(target) == path:  # the power fails between the two renamings
            raise KeyboardInterrupt
        replaced(source, target)

    monkeypatch.setattr(os, "replace", killed)
    part.n = 3
    with pytest.raises(KeyboardInterrupt):
        file.save()
    assert Checkpoint(path, {}, part=part).load() == (True, [])
    assert part.n == 2


def test_a_damaged_file_does_not_take_the_place_of_the_good_one_before(tmp_path, monkeypatch):
    path = tmp_path / "small.pt"
    quiet(3, checkpoint=path).fit(model(), loaders())
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 255
    path.write_bytes(content)
    replaced = os.replace

    def killed(source, target):
        if Path(target) == path:
            raise KeyboardInterrupt
        replaced(source, target)

    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr(os, "replace", killed)
        quiet(4, checkpoint=path).fit(model(), loaders())
    assert (tmp_path / "small.pt.damaged").read_bytes() == content
    trainer = quiet(3, checkpoint=path)
    trainer.fit(model(), loaders())
    assert [row["epoch"] for row in trainer.history] == [1, 2, 3]


@pytest.mark.parametrize(
    "content",
    [b"my thesis", None, b"PK\x03\x04 half an archive"],
    ids=["text", "a model", "half an archive"],
)
def test_a_file_that_is_not_ours_is_never_overwritten(tmp_path, content):
    path = tmp_path / "model.pt"
    if content is None:
        torch.save(model().state_dict(), path)
    else:
        path.write_bytes(content)
    before = path.read_bytes()
    with pytest.raises(ValueError, match=r"pt' is a file that no Trainer of this version wrote"):
        quiet(2, checkpoint=path).fit(model(), loaders())
    assert path.read_bytes() == before
    assert [p.name for p in tmp_path.iterdir()] == ["model.pt"]


def test_a_file_that_somebody_puts_there_meanwhile_stays_too(tmp_path, capsys):
    path = tmp_path / "small.pt"

    class Saving(Small):
        def validation_step(self, batch):
            if self.trainer.epoch == 1:
                torch.save({"mine": 1}, path)
            return super().validation_step(batch)

    torch.manual_seed(0)
    quiet(3, checkpoint=path).fit(Saving(), loaders())
    assert torch.load(path) == {"mine": 1}
    assert "somebody has put another file there" in capsys.readouterr().out


@pytest.mark.parametrize(
    "lr, said",
    [
        (0.5, "trains the same and is further on"),
        (0.1, "Small.lr: 0.1 there, 0.5 here"),
    ],
)
def test_what_another_kernel_has_saved_meanwhile_stays(lr, said, tmp_path, capsys):
    path = tmp_path / "small.pt"

    trainer = quiet(2, checkpoint=path)
    original = trainer.train_step

    def step(batch):
        if trainer.train_batch_idx == 3:
            quiet(3, checkpoint=path).fit(model(lr=lr), loaders())
        original(batch)

    trainer.train_step = step
    trainer.fit(model(), loaders())
    kept = torch.load(path, weights_only=True)
    assert (kept["counts"]["epoch"], kept["settings"]["Small.lr"]) == (3, lr)
    assert said in capsys.readouterr().out


def test_a_checkpoint_of_an_earlier_version_is_refused_with_a_sentence(tmp_path):
    path = tmp_path / "old.pt"
    torch.save({"settings": {}, "epoch": 2, "random": {}, "model": {}}, path)
    with pytest.raises(ValueError, match=r"a checkpoint of an earlier version of this course"):
        quiet(2, checkpoint=path).fit(model(), loaders())


def test_a_passing_read_error_is_not_damage(tmp_path, monkeypatch):
    path = tmp_path / "small.pt"
    quiet(2, checkpoint=path).fit(model(), loaders())
    before = path.read_bytes()
    read, failures = Path.read_bytes, iter([1, 1])

    def failing(self):
        if self == path and next(failures, 0):
            raise OSError(errno.EIO, "Input/output error")
        return read(self)

    monkeypatch.setattr(Path, "read_bytes", failing)
    for _ in range(2):
        with pytest.raises(OSError, match=r"cannot be read now \(Input/output error\). It may be"):
            quiet(3, checkpoint=path).fit(model(), loaders())
        assert read(path) == before
    trainer = quiet(3, checkpoint=path)
    trainer.fit(model(), loaders())
    assert [row["epoch"] for row in trainer.history] == [1, 2, 3]


def test_numbers_of_numpy_can_be_loaded_again(tmp_path):
    path = tmp_path / "small.pt"
    lr = np.logspace(-2, -1, 2)[1]
    first = quiet(2, checkpoint=path)
    first.fit(model(lr=lr), loaders())
    again = quiet(3, checkpoint=path)
    again.fit(model(lr=lr), loaders())
    assert losses(again)[:2] == losses(first)
    assert len(again.history) == 3


def test_a_state_that_cannot_be_saved_is_named_before_the_training(tmp_path):
    class Odd(Small):
        def get_extra_state(self):
            return {"when": object()}

        def set_extra_state(self, state):
            pass

    trainer = quiet(2, checkpoint=tmp_path / "odd.pt")
    torch.manual_seed(0)
    with pytest.raises(
        TypeError, match=r"cannot hold model\['_extra_state'\]\['when'\], of type obj"
    ):
        trainer.fit(Odd(), loaders())
    assert not trainer.history


class Rich(Small):
    """Keeps state in every place where the book's models keep some."""

    def __init__(self):
        super().__init__(lr=0.1)
        self.register_buffer("seen", torch.zeros(1), persistent=False)
        self.counter, self.by_name = 0, {"a": torch.zeros(2), "n": [0, 0]}
        self.scheduler = None

    def training_step(self, batch):
        self.counter += 1
        self.seen += 1
        self.by_name["a"] += self.counter
        self.by_name["n"][0] = self.counter
        self.scheduler.step()
        return super().training_step(batch) * (1 + self.counter / 100)

    def configure_optimizers(self):
        optimiser = super().configure_optimizers()
        self.scheduler = torch.optim.lr_scheduler.ExponentialLR(optimiser, 0.9)
        return optimiser


class ByHand:
    """Momentum written by hand, as an optimiser of the book."""

    def __init__(self, params, lr):
        self.params, self.lr = list(params), lr
        self.velocity = [torch.zeros_like(p) for p in self.params]

    def step(self):
        for p, v in zip(self.params, self.velocity):
            v.mul_(0.9).add_(p.grad)
            p -= self.lr * v

    def zero_grad(self):
        for p in self.params:
            p.grad = None


class WithByHand(Small):
    def configure_optimizers(self):
        return ByHand(self.parameters(), self.lr)


class Decaying(torch.optim.SGD):
    """An optimiser that counts in an attribute of its own."""

    steps = 0

    def step(self, closure=None):
        self.steps += 1
        for group in self.param_groups:
            group["lr"] = 0.5 / self.steps
        super().step(closure)


class WithObjects(Small):
    """Counts in an object of its own, and in what is no list and no plain dict."""

    def __init__(self):
        super().__init__()
        self.meter, self.last, self.kinds = Meter(), deque(maxlen=9), Counter()

    def training_step(self, batch):
        self.meter.steps += 1
        self.last.append(self.meter.steps)
        self.kinds["batch"] += 1
        factor = 1 + (self.meter.steps + len(self.last) + self.kinds["batch"]) / 50
        return super().training_step(batch) * factor

    def configure_optimizers(self):
        return Decaying(self.parameters(), lr=0.5)


class Meter:
    steps = 0


@pytest.mark.parametrize("kind", [Rich, WithByHand, WithObjects])
def test_schedulers_counters_buffers_and_momentum_belong_to_a_training(kind, tmp_path):
    def train(*epochs, **options):
        torch.manual_seed(0)
        net = kind()
        for n in epochs:
            trainer = quiet(n, **options)
            trainer.fit(net, loaders())
            torch.manual_seed(0)
            net = kind() if n != epochs[-1] else net
        return net, trainer

    whole, one = train(4)
    parts, two = train(2, 4, checkpoint=tmp_path / "parts.pt")
    assert losses(one) == losses(two)
    assert torch.equal(weights(whole), weights(parts))
    if kind is Rich:
        assert parts.counter == 20
        assert torch.equal(parts.seen, torch.tensor([20.0]))
        assert torch.equal(parts.by_name["a"], whole.by_name["a"])
        assert one.history[-1]["lr"] == two.history[-1]["lr"] == pytest.approx(0.1 * 0.9**20)


class Averaging(helpers.Trainer):
    """A Trainer of the reader's with state of its own."""

    def __init__(self, *arguments, **options):
        super().__init__(*arguments, **options)
        self.steps, self.mean = 0, None

    def train_step(self, batch):
        super().train_step(batch)
        self.steps += 1
        now = weights(self.model).clone()
        self.mean = now if self.mean is None else 0.9 * self.mean + 0.1 * now


def test_what_a_trainer_of_the_readers_keeps_belongs_to_a_training(tmp_path):
    def train(epochs, **options):
        torch.manual_seed(0)
        net, trainer = Small(), Averaging(epochs, verbose=False, **options)
        torch.manual_seed(0)
        trainer.fit(net, loaders())
        return trainer

    whole = train(4)
    train(2, checkpoint=tmp_path / "mean.pt")
    parts = train(4, checkpoint=tmp_path / "mean.pt")
    assert parts.steps == whole.steps == 20
    assert torch.equal(parts.mean, whole.mean)


def test_a_scheduler_that_is_made_too_late_is_told_before_it_is_too_late(tmp_path, capsys):
    class Late(Small):
        scheduler = None

        def training_step(self, batch):
            if self.scheduler is None:
                self.scheduler = torch.optim.lr_scheduler.StepLR(self.trainer.optim, 3)
            return super().training_step(batch)

    path = tmp_path / "late.pt"
    quiet(2, checkpoint=path).fit(Late(), loaders())
    said = capsys.readouterr().out
    assert said.count("Late.scheduler was made after fit had begun. ") == 1
    late = Late()
    before = weights(late)
    with pytest.raises(ValueError, match=r"the state of Late\.scheduler, which is not there when"):
        quiet(4, checkpoint=path).fit(late, loaders())
    assert torch.equal(weights(late), before)  # nothing was taken from the file


# --- whose it is -------------------------------------------------------------------------


def small(**parts):
    """Return a class like Small, with some of its parts exchanged."""

    def build(self, lr=0.5):
        Small.__init__(self, lr)
        for name, part in parts.get("layers", {}).items():
            self.net[name] = part

    return type("Small", (Small,), {"__init__": build, **parts.get("methods", {})})


def relabelled():
    train, val = loaders()
    X, y = train.dataset.tensors
    y = y.clone()
    y[:9] = (y[:9] + 1) % 3
    return DataLoader(TensorDataset(X, y), 20, shuffle=True), val


OTHER_TRAININGS = {
    "activation": (lambda: small(layers={1: nn.Sigmoid()})(), loaders, "layer net.1: 'ReLU"),
    "loss": (
        lambda: small(
            methods={"training_step": lambda self, b: F.mse_loss(self(b[0])[:, 0], b[1].float())}
        )(),
        loaders,
        "code of Small.training_step",
    ),
    "dropout": (lambda: small(layers={3: nn.Dropout(0.4)})(), loaders, "layer net.3: 'Dropout"),
    "padding": (
        lambda: small(layers={0: nn.Conv2d(1, 4, 3, stride=2, padding_mode="reflect")})(),
        loaders,
        "layer net.0",
    ),
    "forward": (
        lambda: small(methods={"forward": lambda self, X: self.net(X) * 2})(),
        loaders,
        "code of Small.forward",
    ),
    "optimiser": (
        lambda: small(
            methods={"configure_optimizers": lambda self: torch.optim.Adam(self.parameters())}
        )(),
        loaders,
        "optimiser: 'SGD' there, 'Adam' here",
    ),
    "learning rate": (lambda: small()(lr=0.1), loaders, "SGD.lr: 0.5 there, 0.1 here"),
    "labels": (lambda: small()(), relabelled, "training contents"),
    "order": (
        lambda: small()(),
        lambda: (DataLoader(loaders()[0].dataset, 20), loaders()[1]),
        "training order: 'RandomSampler' there, 'SequentialSampler' here",
    ),
    "validation": (
        lambda: small()(),
        lambda: (loaders()[0], loaders(n=60)[1]),
        "validation contents",
    ),
}


@pytest.mark.parametrize("change", OTHER_TRAININGS)
def test_another_training_is_not_taken_for_the_same(change, tmp_path):
    path = tmp_path / "small.pt"
    torch.manual_seed(0)
    quiet(1, checkpoint=path).fit(small()(), loaders())
    quiet(1, checkpoint=path).fit(small()(), loaders())  # the same is taken up
    build, data, said = OTHER_TRAININGS[change]
    with pytest.raises(ValueError, match="belongs to another training.*" + re.escape(said)):
        quiet(2, checkpoint=path).fit(build(), data())


def test_functions_among_the_hyperparameters_are_the_same_after_a_restart(tmp_path):
    code = f"""
import torch
from tests.common import Small, loaders, quiet
def schedule(epoch):
    return 0.5 ** epoch
torch.manual_seed(0)
net = Small()
net.hparams["schedules"] = (schedule, [schedule, {{"a", "b", "c"}}])
trainer = quiet(1, checkpoint={str(tmp_path / "f.pt")!r})
trainer.fit(net, loaders())
"""
    for _ in range(2):
        subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=True)


def test_names_of_files_are_read_as_a_shell_does(tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("KEPT", str(tmp_path / "kept"))
    for name in ("~/a.pt", "$KEPT/b.pt", tmp_path / "c.pt", Named(tmp_path / "d.pt")):
        quiet(1, checkpoint=name).fit(model(), loaders())
    found = {str(p.relative_to(tmp_path)) for p in tmp_path.rglob("*.pt")}
    assert found == {"a.pt", "kept/b.pt", "c.pt", "d.pt"}


class Named(os.PathLike):
    def __init__(self, path):
        self.path = path

    def __fspath__(self):
        return str(self.path)


def test_names_that_are_no_ordinary_files_are_refused(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    for name, said in [
        ("newdir/", "got the folder 'newdir/'"),
        (tmp_path, "got the folder"),
        ("", "got the folder"),
        (tmp_path / "pipe", "got the device or pipe"),
        ("x" * 300 + ".pt", "shorter name, got 303 characters"),
    ]:
        with pytest.raises(ValueError, match=f"checkpoint must .*{said}"):
            helpers.Trainer(1, checkpoint=name)


def test_what_a_killed_process_left_is_removed(tmp_path):
    path = tmp_path / "[small].pt"
    gone = subprocess.Popen([sys.executable, "-c", ""])
    gone.wait()
    (tmp_path / f".{path.name}.{gone.pid}.partial").write_bytes(b"half")
    (tmp_path / f".{path.name}.{os.getppid()}.partial").write_bytes(b"of another that is alive")
    quiet(1, checkpoint=path).fit(model(), loaders())
    kept = sorted(p.name for p in tmp_path.iterdir())
    assert kept == sorted([f".{path.name}.{os.getppid()}.partial", path.name])
