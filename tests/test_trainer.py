"""The Trainer: its numbers, and what it says when something goes wrong."""

import itertools

import numpy as np
import pytest
import torch
from d2l import torch as d2l
from torch import nn
from torch.nn import functional as F
from torch.utils.data import DataLoader, Dataset, IterableDataset, TensorDataset

import helpers
from helpers.training.forecast import Forecast
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


def test_a_long_run_is_forecast_with_a_hint_only_where_it_would_help(monkeypatch, capsys):
    monkeypatch.setattr("helpers.training.forecast.STEPS", 2)
    # A clock of its own: the forecast must not depend on how busy the machine is.
    monkeypatch.setattr(
        "helpers.training.report.time.perf_counter", itertools.count(step=0.001).__next__
    )

    def said():
        helpers.Trainer(1).fit(model(), loaders())
        return capsys.readouterr().out

    assert "This will take" not in said()
    monkeypatch.setattr("helpers.training.report.LONG_SECONDS", 0)
    long = "This will take about 0 seconds on this cpu. You can interrupt it at any time and lose"
    for use in ("quick", "book"):
        helpers.settings(quick=dict(lr=1), book=dict(lr=2), use=use)
        text = said()
        assert long in text
        assert ("The quick settings (use='quick') are made" in text) == (use == "book")


def test_a_forecast_follows_the_speed():
    forecast, now = Forecast(100), 0.0
    for n in range(1, 101):
        now += 1.0 if n <= 41 else 5.0  # another program begins
        told = forecast.end_step(now)
        assert told == (n in (21, 41, 61, 81))
        if told:
            assert forecast.left == (100 - n) * (1.0 if n <= 41 else 5.0)
            assert forecast.is_first == (n == 21)


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


# --- errors that students meet -----------------------------------------------------------


def batches(X=None, y=None, n=40):
    """Batches of ten with these images and labels."""
    X = torch.randn(n, 1, 8, 8) if X is None else X
    return DataLoader(TensorDataset(X, torch.randint(3, (n,)) if y is None else y), 10)


class Listed(Dataset):
    """Samples that are made one by one, as a reader's own data set makes them."""

    def __init__(self, make):
        self.make = make

    def __len__(self):
        return 20

    def __getitem__(self, i):
        return self.make(i)


class Endless(IterableDataset):
    def __iter__(self):
        while True:
            yield torch.randn(1, 8, 8), 0


def optimised_by(make):
    torch.manual_seed(0)
    return type("Small", (Small,), {"configure_optimizers": lambda self: make(self)})()


def plotting(value):
    def validation_step(self, batch):
        self.plot("acc", value, train=False)

    torch.manual_seed(0)
    return type("Small", (Small,), {"validation_step": validation_step})()


def frozen():
    return model().requires_grad_(False)


def detached():
    step = Small.training_step
    torch.manual_seed(0)
    methods = {"training_step": lambda self, batch: step(self, batch).detach()}
    return type("Small", (Small,), methods)()


def sgd(net):
    return torch.optim.SGD(net.parameters(), lr=0.1)


def with_nan():
    X = torch.randn(40, 1, 8, 8)
    X[25] = torch.nan
    return X


UNCLEAR = {
    "float labels": (model, lambda: batches(y=torch.zeros(40)), "Labels must be .* got float32"),
    "int32 labels": (
        model, lambda: batches(y=torch.zeros(40, dtype=torch.int32)), "Labels must be .* got int32",
    ),
    "labels out of range": (
        model, lambda: batches(y=torch.full((40,), 7)), "go from 7 to 7",
    ),
    "double images": (
        model, lambda: batches(torch.randn(40, 1, 8, 8).double()),
        r"inputs are float64 and the weights float32: give the data as X.float\(\)$",
    ),
    "half images": (model, lambda: batches(torch.randn(40, 1, 8, 8).half()), "inputs are float16"),
    "images of bytes": (
        model, lambda: batches(torch.zeros(40, 1, 8, 8, dtype=torch.uint8)),
        r"inputs are uint8 .* X.float\(\) / 255",
    ),
    "no labels": (
        model, lambda: DataLoader(TensorDataset(torch.randn(40, 1, 8, 8)), 10),
        "one tensor only|index out of range",
    ),
    "a data set": (model, lambda: (batches().dataset, None), "TensorDataset itself: wrap it"),
    "an endless data set": (
        model, lambda: (DataLoader(Endless()), None), "length .* over an IterableDataset",
    ),
    "dicts": (
        model, lambda: DataLoader(Listed(lambda i: {"x": torch.zeros(1), "y": i}), 5),
        "must be a list or tuple, inputs first and labels last, got dict with the keys x, y",
    ),
    "a tensor": (model, lambda: DataLoader(torch.randn(20, 64), 5), "list or tuple.* got Tensor"),
    "arrays": (
        model,
        lambda: DataLoader(Listed(lambda i: i), 5, collate_fn=lambda i: [np.zeros(5), np.ones(5)]),
        "must hold tensors, got a NumPy array of shape .5,. at place 0",
    ),
    "an empty batch": (
        model,
        lambda: DataLoader(Listed(lambda i: i), 5, collate_fn=lambda i: [torch.zeros(0)] * 2),
        "a batch of the data is empty",
    ),
    "an optimiser's class": (
        lambda: optimised_by(lambda net: torch.optim.SGD), batches, "the class SGD: call it",
    ),
    "a scheduler": (
        lambda: optimised_by(lambda net: torch.optim.lr_scheduler.StepLR(sgd(net), 1)), batches,
        "the scheduler StepLR: keep it in the model",
    ),
    "Lightning's pair": (
        lambda: optimised_by(lambda net: ([sgd(net)], [])), batches, "tuple: return only the opt",
    ),
    "Lightning's dict": (
        lambda: optimised_by(lambda net: {"optimizer": sgd(net)}), batches, "dict: return only the",
    ),
    "LBFGS": (
        lambda: optimised_by(lambda net: torch.optim.LBFGS(net.parameters())), batches,
        "LBFGS, whose step.. needs a closure",
    ),
    "frozen": (frozen, batches, "no parameter of the model requires a gradient"),
    "detached": (detached, batches, "has no gradient: it was detached"),
    "a plotted text": (lambda: plotting("0.5"), loaders, r"plot\('acc', .* one number, got str"),
    "plotted nothing": (lambda: plotting(None), loaders, "must be one number, got NoneType"),
    "a plotted vector": (
        lambda: plotting(torch.ones(3)), loaders, r"one number, got a tensor of shape \(3,\)",
    ),
    "nan in the images": (
        model, lambda: batches(with_nan()), "step 3 of 4, for the inputs of this batch hold values",
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", UNCLEAR)
def test_what_students_meet_is_said_in_a_sentence(case):
    build, data, said = UNCLEAR[case]
    kinds = (TypeError, ValueError, RuntimeError, IndexError, FloatingPointError)
    net = build()
    with pytest.raises(kinds, match=said):
        quiet(1).fit(net, data())


def test_a_limit_for_gradients_of_no_parameter_is_refused():
    data = d2l.SyntheticRegressionData(w=torch.tensor([2, -3.4]), b=4.2)
    net = d2l.LinearRegressionScratch(2, lr=0.03)  # its weights are plain tensors
    with pytest.raises(ValueError, match=r"^gradient_clip_val .* no parameter of Linear"):
        quiet(1, gradient_clip_val=1).fit(net, data)


def test_a_validation_that_is_not_a_number_is_told_once(capsys):
    class Blind(Small):
        def validation_step(self, batch):
            self.plot("loss", float("nan"), train=False)

    torch.manual_seed(0)
    quiet(3).fit(Blind(), loaders())
    assert capsys.readouterr().out.count("val_loss is nan in epoch 1: look for a value") == 1


@pytest.mark.parametrize(
    "arguments",
    [
        {"max_epochs": np.int64(2)},
        {"max_epochs": np.arange(3)[2]},
        {"max_epochs": torch.tensor(2)},
        {"num_gpus": np.int32(0)},
        {"gradient_clip_val": np.float64(0.5)},
        {"gradient_clip_val": torch.tensor(0.5)},
        {"precision": torch.float32},
        {"channels_last": np.bool_(True)},
        {"verbose": np.bool_(False)},
        {"device": torch.device("cpu")},
    ],
)
def test_odd_but_valid_arguments_are_taken(arguments):
    trainer = helpers.Trainer(**{"max_epochs": 2, "verbose": False, **arguments})
    trainer.fit(model(), loaders())
    assert len(trainer.history) == 2


@pytest.mark.parametrize(
    "arguments, said",
    [
        ({"max_epochs": True}, "max_epochs must be a whole number from 1 on, got True"),
        ({"max_epochs": "3"}, "max_epochs must be .* got '3'"),
        ({"max_epochs": np.ones(2)}, "max_epochs must be"),
        ({"max_epochs": 3.0}, "max_epochs must be .* got 3.0"),
        ({"num_gpus": None}, "num_gpus must be 0 or a positive whole number, got None"),
        ({"gradient_clip_val": True}, "gradient_clip_val must be .* got True"),
        ({"gradient_clip_val": float("nan")}, "gradient_clip_val must be .* got nan"),
        ({"gradient_clip_val": "1"}, "gradient_clip_val must be .* got '1'"),
        ({"verbose": "no"}, "verbose must be True or False, got 'no'"),
        ({"verbose": None}, "verbose must be True or False, got None"),
        ({"channels_last": 1}, "channels_last must be None, True or False, got 1"),
        ({"precision": []}, r"precision must be one of .* got \[\]"),
        ({"precision": torch.int8}, "precision must be one of"),
        *[
            ({"device": name}, "device must be 'cuda', 'mps' or 'cpu', got")
            for name in ("xpu", "meta", "hip", b"cpu", "", 0, "gpu:0")
        ],
    ],
)
def test_odd_and_wrong_arguments_are_refused_by_name(arguments, said):
    with pytest.raises(ValueError, match=said):
        helpers.Trainer(**{"max_epochs": 1, **arguments})


def test_an_empty_history_has_no_columns_yet():
    with pytest.raises(KeyError, match="no column 'val_acc', as no epoch is finished yet"):
        helpers.Trainer(1).history.table("val_acc")
    assert helpers.Trainer(1).history.table() == "epoch"
