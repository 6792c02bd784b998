"""The Trainer: its numbers, its decisions, and that it loses nothing."""

import errno
import itertools
import os
import platform
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
import torch
from torch import nn
from torch.nn import functional as F
from torch.utils.data import DataLoader, TensorDataset

import helpers
from helpers import checkpoint, device


class Small(nn.Module):
    """A model with what the trainer needs, and nothing of d2l."""

    def __init__(self, lr=0.5, dropout=0.2):
        super().__init__()
        self.hparams = {"lr": lr, "dropout": dropout}
        self.lr = lr
        self.net = nn.Sequential(
            nn.Conv2d(1, 4, 3, stride=2), nn.ReLU(), nn.Flatten(), nn.Dropout(dropout),
            nn.Linear(36, 3),
        )  # fmt: skip

    def forward(self, X):
        return self.net(X)

    def plot(self, key, value, train):
        raise AssertionError("the trainer did not take over plot()")

    def training_step(self, batch):
        return F.cross_entropy(self(batch[0]), batch[1])

    def validation_step(self, batch):
        Y = self(batch[0])
        self.plot("loss", F.cross_entropy(Y, batch[1]), train=False)
        self.plot("acc", (Y.argmax(1) == batch[1]).float().mean(), train=False)

    def configure_optimizers(self):
        return torch.optim.SGD(self.parameters(), lr=self.lr, momentum=0.9)


def model(**options):
    torch.manual_seed(0)
    return Small(**options)


def loaders(n=90, batch_size=20):
    generator = torch.Generator().manual_seed(1)
    y = torch.randint(3, (n,), generator=generator)
    X = torch.randn(n, 1, 8, 8, generator=generator) + y.view(-1, 1, 1, 1)
    data = TensorDataset(X, y)
    return DataLoader(data, batch_size, shuffle=True), DataLoader(data, 40)


def quiet(max_epochs=3, **options):
    return helpers.Trainer(max_epochs, **{"verbose": False, **options})


def plain_epoch(model, optimiser, batches):
    """Train for an epoch without a Trainer and return the mean loss of all samples."""
    total = count = 0
    for X, y in batches:
        loss = F.cross_entropy(model(X), y)
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        total, count = total + loss.item() * len(y), count + len(y)
    return total / count


def weights(model):
    return torch.cat([p.detach().flatten() for p in model.parameters()])


@pytest.fixture
def interrupt_after(monkeypatch):
    """Return a function that sends this process an interrupt after some training steps."""

    def arrange(*steps):
        done, original = [0], helpers.Trainer.train_step

        def step(self, batch):
            result = original(self, batch)
            done[0] += 1
            if done[0] in steps:
                os.kill(os.getpid(), signal.SIGINT)
                time.sleep(0.01)
            return result

        monkeypatch.setattr(helpers.Trainer, "train_step", step)

    return arrange


# --- numbers ---------------------------------------------------------------------------


def test_losses_are_those_of_a_plain_loop():
    trainer, ours, plain = quiet(channels_last=False), model(dropout=0.0), model(dropout=0.0)
    torch.manual_seed(5)
    trainer.fit(ours, loaders())

    torch.manual_seed(5)
    train, val = loaders()
    optimiser = plain.configure_optimizers()
    for row in trainer.history:
        assert row["train_loss"] == pytest.approx(plain_epoch(plain, optimiser, train), abs=1e-5)
        list(val)  # beginning a pass draws from the global generator
        # Over all samples: the last batches are smaller than the others.
        X, y = val.dataset.tensors
        with torch.no_grad():
            assert row["val_loss"] == pytest.approx(float(F.cross_entropy(plain(X), y)), abs=1e-5)
            accuracy = float((plain(X).argmax(1) == y).double().mean())
            assert row["val_acc"] == pytest.approx(accuracy, abs=1e-6)
    torch.testing.assert_close(weights(ours), weights(plain))


def test_other_layouts_and_precisions_train_as_well():
    for options in (
        {"channels_last": True},
        {"precision": "bfloat16"},
        {"precision": "float16", "gradient_clip_val": 1},  # with scaled gradients
    ):
        trainer = quiet(6, **options)
        trainer.fit(model(), loaders())
        assert trainer.history[-1]["val_acc"] > 0.6  # guessing gives 0.33


def test_history_is_a_table_of_numbers():
    trainer = quiet(2)
    trainer.fit(model(lr=0.25), loaders())
    assert [row["epoch"] for row in trainer.history] == [1, 2]
    assert trainer.history[0]["lr"] == 0.25
    assert trainer.history[0]["images_per_s"] > 0
    lines = trainer.history.table("val_loss", "val_acc").splitlines()
    assert lines[0].split() == ["epoch", "val_loss", "val_acc"]
    assert lines[2].split()[1] == f"{trainer.history[1]['val_loss']:.3f}"
    with pytest.raises(KeyError, match="history has no column 'val_los'"):
        trainer.history.table("val_los")


def test_what_a_model_plots_is_recorded_and_plot_is_given_back():
    class Plotting(Small):
        def training_step(self, batch):
            self.plot("twice", 2.0, train=True)
            return super().training_step(batch)

    torch.manual_seed(0)
    plotting, trainer = Plotting(), quiet(1)
    trainer.fit(plotting, loaders())
    assert trainer.history[0]["train_twice"] == 2.0
    assert plotting.plot.__func__ is Small.plot


def test_training_without_validation():
    trainer = quiet(2)
    trainer.fit(model(), loaders()[0])
    assert "val_loss" not in trainer.history[0]


def test_gradients_are_clipped():
    clipped, free = model(lr=1e-3), model(lr=1e-3)
    before = weights(clipped)
    for net, value in ((clipped, 1e-6), (free, 0)):
        torch.manual_seed(0)
        quiet(1, gradient_clip_val=value).fit(net, loaders())
    assert (weights(clipped) - before).norm() < 1e-7 < (weights(free) - before).norm()


# --- decisions -------------------------------------------------------------------------


def test_the_decision_and_its_reason_are_one_line(capsys):
    helpers.Trainer(1, num_gpus=0).fit(model(), loaders())
    out = capsys.readouterr().out
    assert out == "Training on cpu (num_gpus=0), float32 (the default on cpu).\n"


def test_quiet_is_quiet(capsys):
    quiet().fit(model(), loaders())
    captured = capsys.readouterr()
    assert captured.out == captured.err == ""


def test_precision_follows_what_the_gpu_can_compute(monkeypatch):
    cuda = torch.device("cuda")
    for capability, expected in [
        ((6, 1), torch.float32),
        ((7, 5), torch.float16),  # a T4: torch.cuda.is_bf16_supported() says yes, in emulation
        ((8, 0), torch.bfloat16),
        ((9, 0), torch.bfloat16),
    ]:
        monkeypatch.setattr(torch.cuda, "get_device_capability", lambda *_, c=capability: c)
        assert device.choose_precision(cuda)[0] == expected
    assert device.choose_precision(cuda, "float32")[0] == torch.float32


def test_a_precision_that_this_cpu_would_emulate_is_told(monkeypatch):
    cpu = torch.device("cpu")
    monkeypatch.setattr(torch.ops.mkldnn, "_is_mkldnn_bf16_supported", lambda: True)
    assert device.choose_precision(cpu, "bfloat16") == (torch.bfloat16, "as asked for")
    monkeypatch.setattr(torch.ops.mkldnn, "_is_mkldnn_bf16_supported", lambda: False)
    dtype, why = device.choose_precision(cpu, "bfloat16")
    assert dtype == torch.bfloat16
    assert "has to emulate it" in why
    assert device.choose_precision(cpu, "float32")[1] == "as asked for"


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="about glibc's malloc")
def test_a_training_on_the_cpu_does_not_fetch_the_same_memory_again_and_again():
    code = """
import resource, torch
from helpers import device
def faults(blocks):
    before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
    for _ in range(blocks):
        torch.zeros(1 << 24)  # 64 MiB, 16,384 pages
    return resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before
def resident():
    return int(open("/proc/self/statm").read().split()[1]) * resource.getpagesize()
cpu, before = torch.device("cpu"), resident()
device.ENOUGH_MEMORY = float("inf")
with device.memory_kept(cpu):
    usual = faults(20)
device.ENOUGH_MEMORY = 0
with device.memory_kept(cpu):
    kept = faults(20)
print(usual, kept, resident() - before)
"""
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    usual, kept, left = map(int, run.stdout.split())
    assert kept < usual / 4  # the first blocks have to be fetched
    assert left < 32 << 20


# --- nothing is lost -------------------------------------------------------------------


def uninterrupted(max_epochs=4):
    net, trainer = model(), quiet(max_epochs)
    torch.manual_seed(7)
    trainer.fit(net, loaders())
    return net, trainer


def losses(trainer):
    return [(row["train_loss"], row["val_loss"], row["val_acc"]) for row in trainer.history]


def test_an_interrupted_training_goes_on_as_if_it_had_not_been(interrupt_after, capsys):
    expected, whole = uninterrupted()
    interrupt_after(3, 11)
    net, trainer = model(), helpers.Trainer(4)
    torch.manual_seed(7)
    trainer.fit(net, loaders())
    assert "Interrupted in epoch 1 after step 3 of 5" in capsys.readouterr().out
    torch.rand(10)  # what other cells draw meanwhile does not matter
    trainer.fit(net, loaders())
    assert len(trainer.history) == 2
    trainer.fit(net, loaders())
    assert torch.equal(weights(net), weights(expected))
    assert losses(trainer) == losses(whole)


def test_an_interrupt_between_two_epochs_changes_nothing(monkeypatch, tmp_path):
    expected, whole = uninterrupted()
    save = helpers.Trainer._save

    def interrupted_save(self):
        save(self)
        if self.epoch == 2 and self._step == 0 and self._interrupted_at is None:
            os.kill(os.getpid(), signal.SIGINT)
            time.sleep(0.01)

    monkeypatch.setattr(helpers.Trainer, "_save", interrupted_save)
    for options in ({}, {"checkpoint": tmp_path / "small.pt"}):
        torch.manual_seed(7)
        net = model()
        torch.manual_seed(7)
        trainer = quiet(4, **options)
        trainer.fit(net, loaders())
        assert len(trainer.history) == 2
        torch.rand(5)
        if options:  # as after a restart
            net, trainer = model(), quiet(4, **options)
        trainer.fit(net, loaders())
        assert torch.equal(weights(net), weights(expected))
        assert losses(trainer) == losses(whole)


def test_a_second_interrupt_stops_at_once_and_loses_nothing(monkeypatch, tmp_path, capsys):
    original = Small.training_step

    def hang(self, batch):
        if self.trainer.train_batch_idx == 12:
            monkeypatch.setattr(Small, "training_step", original)
            for _ in range(2):
                os.kill(os.getpid(), signal.SIGINT)
                time.sleep(0.01)
            raise AssertionError("still running")
        return original(self, batch)

    monkeypatch.setattr(Small, "training_step", hang)
    before = signal.getsignal(signal.SIGINT)
    path = tmp_path / "small.pt"
    net, trainer = model(), helpers.Trainer(4, checkpoint=path)
    with pytest.raises(KeyboardInterrupt):
        trainer.fit(net, loaders())
    assert signal.getsignal(signal.SIGINT) is before
    assert "Interrupted in epoch 3 after step 2 of 5" in capsys.readouterr().out
    assert torch.load(path, weights_only=True)["epoch"] == 2  # of the last whole step, not a part
    trainer.fit(net, loaders())
    assert [row["epoch"] for row in trainer.history] == [1, 2, 3, 4]
    assert trainer.train_batch_idx == 20


def test_a_saved_training_resumes_bit_for_bit(interrupt_after, tmp_path):
    expected, whole = uninterrupted()
    interrupt_after(8)
    path = tmp_path / "new folder" / "small.pt"
    torch.manual_seed(7)
    net = model()
    torch.manual_seed(7)
    quiet(4, checkpoint=path).fit(net, loaders())  # stops after 8 of 20 steps
    fresh, trainer = model(), quiet(4, checkpoint=path)
    trainer.fit(fresh, loaders())
    assert torch.equal(weights(fresh), weights(expected))
    assert losses(trainer) == losses(whole)
    torch.load(path, weights_only=True)


def test_a_killed_process_loses_at_most_an_epoch(tmp_path):
    expected, whole = uninterrupted()
    path = tmp_path / "small.pt"
    code = f"""
import os, torch
from tests.test_trainer import Small, loaders, model, quiet
net, trainer = model(), quiet(4, checkpoint={str(path)!r})
original = trainer.train_step
def step(batch):
    if trainer.train_batch_idx == 13:
        os.kill(os.getpid(), 9)
    return original(batch)
trainer.train_step = step
torch.manual_seed(7)
trainer.fit(net, loaders())
"""
    root = Path(__file__).resolve().parent.parent
    assert subprocess.run([sys.executable, "-c", code], cwd=root).returncode == -9
    assert torch.load(path, weights_only=True)["epoch"] == 2
    net, trainer = model(), quiet(4, checkpoint=path)
    trainer.fit(net, loaders())
    assert torch.equal(weights(net), weights(expected))
    assert losses(trainer) == losses(whole)


def test_a_finished_training_is_not_repeated_but_can_be_prolonged(tmp_path, capsys):
    path = tmp_path / "small.pt"
    torch.manual_seed(7)
    net = model()
    torch.manual_seed(7)
    quiet(2, checkpoint=path).fit(net, loaders())
    again = model()
    helpers.Trainer(2, checkpoint=path).fit(again, loaders())
    assert "already holds 2 epochs" in capsys.readouterr().out
    assert torch.equal(weights(again), weights(net))
    longer, trainer = model(), quiet(4, checkpoint=path)
    trainer.fit(longer, loaders())
    assert torch.equal(weights(longer), weights(uninterrupted()[0]))


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


def test_saving_is_atomic(tmp_path, monkeypatch):
    path = tmp_path / "state.pt"
    checkpoint.save(path, {"n": 1})
    checkpoint.save(path, {"n": 2})
    replaced = os.replace

    def killed(source, target):
        if Path(target) == path:  # the power fails between the two renamings
            raise KeyboardInterrupt
        replaced(source, target)

    monkeypatch.setattr(os, "replace", killed)
    with pytest.raises(KeyboardInterrupt):
        checkpoint.save(path, {"n": 3})
    assert checkpoint.load(path) == ({"n": 2}, [])


# --- what goes wrong -------------------------------------------------------------------


def test_a_loss_that_is_not_finite_stops_with_advice():
    class Breaking(Small):
        def training_step(self, batch):
            loss = super().training_step(batch)
            return loss * float("nan") if self.trainer.train_batch_idx == 6 else loss

    torch.manual_seed(0)
    trainer = quiet()
    with pytest.raises(FloatingPointError, match=r"epoch 2, step 2 of 5.*from 0.5 to 0.05"):
        trainer.fit(Breaking(), loaders())
    assert len(trainer.history) == 1


def test_a_divergence_is_told(capsys):
    class Steep(Small):
        def training_step(self, batch):
            return super().training_step(batch) * (1 if self.trainer.train_batch_idx == 0 else 100)

    torch.manual_seed(0)
    helpers.Trainer(1).fit(Steep(lr=1e-6), loaders())
    assert "The training diverges" in capsys.readouterr().out


def test_a_long_run_is_forecast_with_a_hint_at_the_quick_settings(monkeypatch, capsys):
    monkeypatch.setattr("helpers.trainer.FORECAST_STEPS", 2)
    # A clock of its own: the forecast must not depend on how busy the machine is.
    monkeypatch.setattr("helpers.trainer.time.perf_counter", itertools.count(step=0.001).__next__)
    helpers.Trainer(1).fit(model(), loaders())
    assert "quick" not in capsys.readouterr().out
    monkeypatch.setattr("helpers.trainer.LONG_SECONDS", 0)
    helpers.Trainer(1).fit(model(), loaders())
    assert "This will take about 0 seconds on this cpu. You can inter" in capsys.readouterr().out


def test_out_of_memory_names_a_batch_size():
    class Hungry(Small):
        def training_step(self, batch):
            raise torch.OutOfMemoryError("CUDA out of memory")

    with pytest.raises(RuntimeError, match="out of memory on cpu with batches of 20: try batch_si"):
        quiet().fit(Hungry(), loaders())


def test_images_of_another_size_are_named():
    data = TensorDataset(torch.randn(40, 1, 12, 12), torch.zeros(40, dtype=torch.int64))
    with pytest.raises(RuntimeError, match=r"Small failed .* shape \(10, 1, 12, 12\)"):
        quiet().fit(model(), DataLoader(data, 10))


def test_lazy_layers_get_their_shapes_without_changing_the_batches():
    class Lazy(Small):
        def __init__(self):
            super().__init__()
            self.net[-1] = nn.LazyLinear(3)

    torch.manual_seed(0)
    lazy = Lazy()
    torch.manual_seed(1)
    state = torch.get_rng_state()
    trainer = quiet(1)
    trainer.prepare_data(loaders())
    with torch.random.fork_rng():
        trainer.prepare_model(lazy)
    assert torch.equal(torch.get_rng_state(), state)
    assert lazy.net[-1].weight.shape == (3, 36)


class WithoutNet(nn.Module):
    training_step = validation_step = configure_optimizers = lambda *_: None


def test_a_d2l_model_without_net_is_refused():
    from d2l import torch as d2l

    class Bare(d2l.Classifier):
        pass

    with pytest.raises(TypeError, match="model Bare has neither `net` nor a forward"):
        quiet().fit(Bare(), loaders())


@pytest.mark.parametrize(
    "call, error, message",
    [
        (lambda: helpers.Trainer(0), ValueError, "max_epochs must be .* got 0"),
        (lambda: helpers.Trainer(2.5), ValueError, "max_epochs must be .* got 2.5"),
        (lambda: helpers.Trainer(1, num_gpus=-1), ValueError, "num_gpus must be"),
        (lambda: helpers.Trainer(1, gradient_clip_val=-1), ValueError, "gradient_clip_val must"),
        (lambda: helpers.Trainer(1, device="gpu"), ValueError, "device must be .* got 'gpu'"),
        (lambda: helpers.Trainer(1, precision="half"), ValueError, "precision must be one of"),
        (lambda: helpers.Trainer(1, checkpoint="."), ValueError, "checkpoint must name a file"),
        (lambda: helpers.Trainer(1, checkpoint=7), TypeError, "checkpoint must be .* got 7"),
        (lambda: helpers.Trainer(1, channels_last="yes"), ValueError, "channels_last must be"),
        (lambda: quiet().fit("LeNet", loaders()), TypeError, "model must be a torch.nn.Module"),
        (lambda: quiet().fit(nn.Linear(1, 1), loaders()), TypeError, "must have training_step"),
        (lambda: quiet().fit(model(), [1, 2, 3]), TypeError, "data must have train_dataloader"),
        (lambda: quiet().fit(model(), (torch.ones(3), None)), TypeError, "got tuple of tensors"),
        (lambda: quiet().fit(model(), (iter([1]), None)), TypeError, "train_dataloader.. of data"),
        (lambda: quiet().fit(WithoutNet(), loaders()), TypeError, "must return an optimiser"),
    ],
)
def test_bad_arguments_are_refused_by_name(call, error, message):
    with pytest.raises(error, match=message):
        call()


def test_a_device_that_is_not_there_is_refused():
    if torch.cuda.is_available():
        pytest.skip("this machine has CUDA")
    with pytest.raises(ValueError, match="device 'cuda' is not there; CUDA GPUs found: 0"):
        helpers.Trainer(1, device="cuda")


def test_a_loss_must_be_one_number():
    class Silent(Small):
        def training_step(self, batch):
            return None

    with pytest.raises(TypeError, match="must return the loss, a tensor with one number, got None"):
        quiet().fit(Silent(), loaders())
