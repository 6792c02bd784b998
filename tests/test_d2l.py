"""helpers and d2l 1.0.3: equal results, and each takes the other's classes."""

import inspect
import subprocess
import sys

import pytest
import torch
from d2l import torch as d2l
from torch.nn import functional as F

import helpers
from tests.common import plain_epoch


@pytest.fixture(autouse=True)
def stand_in(monkeypatch):
    monkeypatch.setenv("FASHION_MNIST_DIR", "stand-in")


def small_data(batch_size=50):
    return helpers.FashionMNIST(batch_size, subset=200, val_subset=100)


def lenet(model_class, lr=0.1):
    torch.manual_seed(0)
    model = model_class(lr=lr)
    model.apply_init([torch.zeros(1, 1, 28, 28)], helpers.init_cnn)
    return model


def test_corr2d_is_that_of_d2l():
    torch.manual_seed(0)
    for _ in range(20):
        X = torch.randn(*torch.randint(4, 9, (2,)).tolist())
        K = torch.randn(*torch.randint(1, 4, (2,)).tolist())
        torch.testing.assert_close(helpers.corr2d(X, K), d2l.corr2d(X, K))


def test_init_cnn_is_that_of_d2l():
    for layer in (torch.nn.Linear(3, 4), torch.nn.Conv2d(2, 3, 3)):
        weights = []
        for init in (helpers.init_cnn, d2l.init_cnn):
            torch.manual_seed(1)
            init(layer)
            weights.append(layer.weight.detach().clone())
        assert torch.equal(*weights)


def test_arguments_have_the_names_and_defaults_of_d2l():
    for ours, theirs in [
        (helpers.Trainer, d2l.Trainer),
        (helpers.FashionMNIST, d2l.FashionMNIST),
        (helpers.FashionMNIST.get_dataloader, d2l.FashionMNIST.get_dataloader),
        (helpers.FashionMNIST.text_labels, d2l.FashionMNIST.text_labels),
    ]:
        expected = inspect.signature(theirs).parameters
        got = list(inspect.signature(ours).parameters.values())[: len(expected)]
        assert [(p.name, p.default) for p in got] == [
            (p.name, p.default) for p in expected.values()
        ]


def test_text_labels_are_those_of_d2l():
    labels = d2l.FashionMNIST.text_labels(None, range(10))
    assert small_data().text_labels(range(10)) == labels


def test_d2l_lenet_with_our_trainer_and_data():
    trainer = helpers.Trainer(max_epochs=2, num_gpus=1)
    model = lenet(d2l.LeNet)
    before = [p.detach().clone() for p in model.parameters()]
    trainer.fit(model, small_data())
    assert len(trainer.history) == 2
    assert {"train_loss", "val_loss", "val_acc"} <= set(trainer.history[0])
    assert not any(torch.equal(a, b) for a, b in zip(before, model.parameters()))


def test_our_lenet_with_d2l_trainer():
    model = lenet(helpers.from_notebook("7.6-lenet").LeNet)
    model.board.display = False
    before = [p.detach().clone() for p in model.parameters()]
    d2l.Trainer(max_epochs=1).fit(model, small_data())
    assert not any(torch.equal(a, b) for a, b in zip(before, model.parameters()))


def test_both_trainers_reach_the_same_weights():
    weights = []
    for trainer in (d2l.Trainer(max_epochs=2), helpers.Trainer(max_epochs=2, verbose=False)):
        model = lenet(d2l.LeNet, lr=0.5)
        model.board.display = False
        torch.manual_seed(3)
        trainer.fit(model, small_data())
        weights.append(torch.cat([p.detach().flatten() for p in model.parameters()]))
    torch.testing.assert_close(*weights, atol=1e-5, rtol=1e-5)


def test_losses_of_lenet_are_those_of_a_plain_loop():
    ours, plain = lenet(d2l.LeNet, lr=0.5), lenet(d2l.LeNet, lr=0.5)
    data = helpers.FashionMNIST(64, subset=1000, val_subset=100)
    trainer = helpers.Trainer(max_epochs=3, verbose=False)
    torch.manual_seed(3)
    trainer.fit(ours, data)
    torch.manual_seed(3)
    optimiser = torch.optim.SGD(plain.parameters(), lr=0.5)
    for row in trainer.history:
        expected = plain_epoch(plain, optimiser, data.train_dataloader())
        assert row["train_loss"] == pytest.approx(expected, abs=1e-5)
        with torch.no_grad():  # all samples count the same, whatever the size of their batch
            X, y = data.val.take(torch.arange(100))
            assert row["val_loss"] == pytest.approx(float(F.cross_entropy(plain(X), y)), abs=1e-5)


def test_models_and_data_of_other_chapters_train():
    data = d2l.SyntheticRegressionData(torch.tensor([2.0, -3.4]), 4.2)
    for model in (d2l.LinearRegression(0.03), d2l.LinearRegressionScratch(2, 0.03)):
        trainer = helpers.Trainer(max_epochs=3, verbose=False)
        trainer.fit(model, data)
        assert trainer.history[-1]["val_loss"] < 0.1 < trainer.history[0]["train_loss"]


class Scratch(d2l.LinearRegressionScratch):
    """Weights that are no parameters, an average that is no buffer, and results kept."""

    def __init__(self):
        super().__init__(2, 0.03)
        self.average, self.seen = torch.zeros(1), None

    def forward(self, X):
        self.seen = Y = super().forward(X)  # as d2l's attention keeps its weights
        if self.training:
            self.average = 0.9 * self.average + 0.1 * Y.detach().mean()
        return Y


def test_weights_outside_of_the_parameters_are_saved_too(tmp_path):
    torch.manual_seed(0)
    data = d2l.SyntheticRegressionData(torch.tensor([2.0, -3.4]), 4.2)

    def train(*epochs, **options):
        torch.manual_seed(1)
        for n in epochs:
            model = Scratch()  # a new one each time, as after a restart of the kernel
            helpers.Trainer(n, verbose=False, **options).fit(model, data)
        return model

    whole, resumed = train(4), train(2, 4, checkpoint=tmp_path / "scratch.pt")
    for name in ("w", "b", "average"):
        assert torch.equal(getattr(whole, name), getattr(resumed, name)), name


def test_helpers_do_not_import_d2l_or_the_notebook_machinery():
    code = (
        "import sys, helpers; "
        "print([m for m in ('d2l', 'torchvision', 'pandas', 'IPython') if m in sys.modules])"
    )
    result = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    assert result.stdout.strip() == "[]"
