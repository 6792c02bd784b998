"""The Trainer: its numbers, and what it says when something goes wrong."""

import itertools

import pytest
import torch
from torch import nn
from torch.nn import functional as F
from torch.utils.data import DataLoader, TensorDataset

import helpers
from tests.common import Small, loaders, model, plain_epoch, quiet, weights

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


def test_quiet_is_quiet(capsys):
    quiet().fit(model(), loaders())
    captured = capsys.readouterr()
    assert captured.out == captured.err == ""


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
    monkeypatch.setattr("helpers.training.report.FORECAST_STEPS", 2)
    # A clock of its own: the forecast must not depend on how busy the machine is.
    monkeypatch.setattr(
        "helpers.training.report.time.perf_counter", itertools.count(step=0.001).__next__
    )
    helpers.Trainer(1).fit(model(), loaders())
    assert "quick" not in capsys.readouterr().out
    monkeypatch.setattr("helpers.training.report.LONG_SECONDS", 0)
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


def test_a_loss_must_be_one_number():
    class Silent(Small):
        def training_step(self, batch):
            return None

    with pytest.raises(TypeError, match="must return the loss, a tensor with one number, got None"):
        quiet().fit(Silent(), loaders())
