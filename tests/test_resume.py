"""A training that was interrupted or killed goes on as if it had not been."""

import itertools
import math
import random
import signal
import subprocess
import sys
from pathlib import Path

import pytest
import torch
from torch.utils.data import DataLoader, RandomSampler

import helpers
from helpers.training.report import Report
from tests.common import Small, interrupt, loaders, losses, model, quiet, uninterrupted, weights


@pytest.fixture
def interrupt_after(monkeypatch):
    """Return a function that sends this process an interrupt after some training steps."""

    def arrange(*steps):
        done, original = [0], helpers.Trainer.train_step

        def step(self, batch):
            result = original(self, batch)
            done[0] += 1
            if done[0] in steps:
                interrupt()
            return result

        monkeypatch.setattr(helpers.Trainer, "train_step", step)

    return arrange


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
    draw = Report.end_epoch

    def interrupted(self, history, net):
        draw(self, history, net)
        if len(history) == 2:
            interrupt()

    for options in ({}, {"checkpoint": tmp_path / "small.pt"}):
        with monkeypatch.context() as patch:
            patch.setattr(Report, "end_epoch", interrupted)
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
            interrupt(times=2)
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
    assert (
        torch.load(path, weights_only=True)["counts"]["epoch"] == 2
    )  # of the last whole step, not a part
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
from tests.common import loaders, model, quiet
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
    assert torch.load(path, weights_only=True)["counts"]["epoch"] == 2
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


# --- interrupts anywhere -------------------------------------------------------------------


def with_own_generators():
    """Loaders that draw their orders from a generator of their own, which changes at the end."""
    train, val = loaders()
    own = torch.Generator().manual_seed(3)
    return (
        DataLoader(train.dataset, 20, shuffle=True, generator=own),
        DataLoader(val.dataset, 40, sampler=RandomSampler(val.dataset, generator=own)),
    )


def count_lines(work, at=(), times=1):
    """Run `work`, interrupt it at these lines of helpers or of the model; return their number."""
    seen = 0

    def line(frame, event, arg):
        nonlocal seen
        if event == "line":
            seen += 1
            if seen in at:
                for _ in range(times):
                    signal.raise_signal(signal.SIGINT)
        return line

    def call(frame, event, arg):
        ours = frame.f_code.co_filename
        return line if "helpers" in ours or "common.py" in ours else None

    before = sys.gettrace()
    sys.settrace(call)
    try:
        work()
    finally:
        sys.settrace(before)
    return seen


def fit_to_the_end(trainer, net, data, at, times=1):
    try:
        count_lines(lambda: trainer.fit(net, data()), at, times)
    except KeyboardInterrupt:
        pass
    for _ in range(3):
        if len(trainer.history) < trainer.max_epochs:
            trainer.fit(net, data())


@pytest.mark.parametrize("data", [loaders, with_own_generators])
def test_an_interrupt_at_any_line_changes_no_number(data, tmp_path):
    def fresh(**options):
        net = model()
        torch.manual_seed(7)
        return net, quiet(2, **options)

    net, trainer = fresh()
    whole_data = data()
    lines = count_lines(lambda: trainer.fit(net, whole_data))
    spread = random.Random(0)
    for n in sorted(spread.sample(range(200, lines), 25)):
        again, resumed = fresh(checkpoint=tmp_path / f"{n}.pt")
        kept = data()  # its generator lives on, as a notebook's does
        fit_to_the_end(resumed, again, lambda kept=kept: kept, at=(n,))
        assert losses(resumed) == losses(trainer), f"interrupted at line {n} of {lines}"
        assert torch.equal(weights(again), weights(net)), f"interrupted at line {n} of {lines}"
        assert resumed.val_batch_idx == trainer.val_batch_idx == 6


def test_two_interrupts_at_any_line_lose_no_epoch_and_repeat_none():
    net, trainer = model(), quiet(3)
    lines = count_lines(lambda: trainer.fit(net, loaders()))
    for n in sorted(random.Random(1).sample(range(200, lines), 25)):
        again, resumed = model(), quiet(3)
        fit_to_the_end(resumed, again, loaders, at=(n, n + 1), times=2)
        assert [row["epoch"] for row in resumed.history] == [1, 2, 3], f"line {n} of {lines}"
        assert resumed.train_batch_idx == 15
        assert all(math.isfinite(row["train_loss"]) for row in resumed.history)


def test_a_process_that_ignores_interrupts_goes_on_ignoring_them():
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)  # as nohup does
    try:
        trainer = quiet(2)
        count_lines(lambda: trainer.fit(model(), loaders()), at=(300, 600))
        assert len(trainer.history) == 2
    finally:
        signal.signal(signal.SIGINT, before)


# --- errors and other trainings ------------------------------------------------------------


class Failing(Small):
    """Fails in one of the validation steps, once."""

    at = 8

    def validation_step(self, batch):
        if self.trainer.val_batch_idx == self.at:
            self.at = -1
            raise ZeroDivisionError
        return super().validation_step(batch)


def test_after_an_error_fit_goes_on_where_it_was(tmp_path, capsys):
    expected, whole = uninterrupted()
    torch.manual_seed(0)
    net, trainer = Failing(), helpers.Trainer(4, checkpoint=tmp_path / "small.pt")
    torch.manual_seed(7)
    with pytest.raises(ZeroDivisionError):
        trainer.fit(net, loaders())
    assert "Stopped in epoch 3 after step 5 of 5" in capsys.readouterr().out
    assert len(trainer.history) == 2
    trainer.fit(net, loaders())
    assert losses(trainer) == losses(whole)
    assert torch.equal(weights(net), weights(expected))


def test_a_trainer_with_an_unfinished_training_takes_no_other(interrupt_after):
    interrupt_after(7)
    net, trainer = model(), quiet(3)
    trainer.fit(net, loaders())
    for other, data, said in [
        (net, loaders(batch_size=30), "training batch size: 20 before, 30 here"),
        (net, loaders(n=80), r"training contents: .* before, .* here"),
        (model(), loaders(), "model: another object"),
    ]:
        with pytest.raises(ValueError, match=f"in epoch 2 after step 2 of 5.*{said}"):
            trainer.fit(other, data)
    trainer.fit(net, loaders())
    assert len(trainer.history) == 3


def test_one_trainer_trains_one_model_after_another_as_in_the_book():
    trainer = quiet(2)
    for _ in range(2):
        torch.manual_seed(7)
        net = model()
        trainer.fit(net, loaders())
        assert [row["epoch"] for row in trainer.history] == [1, 2]
    with pytest.raises(ZeroDivisionError):  # before anything was trained: nothing is to be kept
        trainer.fit(Broken(), loaders())
    trainer.fit(model(), loaders(batch_size=30))


class Broken(Small):
    def training_step(self, batch):
        raise ZeroDivisionError


def test_fewer_epochs_than_are_done_are_told_so(interrupt_after, capsys):
    interrupt_after(12)
    net, trainer = model(), helpers.Trainer(4)
    trainer.fit(net, loaders())
    trainer.max_epochs = 1
    trainer.fit(net, loaders())
    assert "This trainer already holds 2 epochs: nothing left to train" in capsys.readouterr().out
    assert len(trainer.history) == 2


def test_the_seconds_of_an_interrupted_epoch_are_those_of_all_its_parts(
    monkeypatch, interrupt_after
):
    clock = itertools.count(step=1.0)
    monkeypatch.setattr("helpers.training.report.time.perf_counter", clock.__next__)
    _, whole = uninterrupted(1)
    interrupt_after(3)
    net, trainer = model(), quiet(1)
    trainer.fit(net, loaders())
    trainer.fit(net, loaders())
    assert trainer.history[0]["seconds"] >= whole.history[0]["seconds"]


def test_a_resumed_training_still_warns_of_divergence(tmp_path, capsys):
    class Steep(Small):
        def training_step(self, batch):
            return super().training_step(batch) * (1 if self.trainer.train_batch_idx < 5 else 1e3)

    path = tmp_path / "steep.pt"
    torch.manual_seed(0)
    helpers.Trainer(1, checkpoint=path).fit(Steep(lr=1e-7), loaders())
    assert "diverges" not in capsys.readouterr().out
    helpers.Trainer(2, checkpoint=path).fit(Steep(lr=1e-7), loaders())
    assert "The training diverges: the loss was" in capsys.readouterr().out
