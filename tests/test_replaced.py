"""Our Trainer under what the book's notebooks do to d2l's."""

import pytest
import torch
from d2l import torch as d2l
from torch import nn

import helpers
from tests.common import Small, loaders, model, quiet, weights


def data_of_section_3():
    torch.manual_seed(0)
    return d2l.SyntheticRegressionData(torch.tensor([2.0, -3.4]), 4.2)


class OwnLoop(helpers.Trainer):
    """Replaces the loop as section 3.4 does, with no argument and no end of the epoch."""

    def fit_epoch(self):
        self.model.train()
        for batch in self.train_dataloader:
            loss = self.model.training_step(self.prepare_batch(batch))
            self.optim.zero_grad()
            with torch.no_grad():
                loss.backward()
                if self.gradient_clip_val > 0:
                    self.clip_gradients(self.gradient_clip_val, self.model)
                self.optim.step()
            self.train_batch_idx += 1
        if self.val_dataloader is None:
            return
        self.model.eval()
        for batch in self.val_dataloader:
            with torch.no_grad():
                self.model.validation_step(self.prepare_batch(batch))
            self.val_batch_idx += 1


def test_a_loop_of_the_readers_own_gives_the_same_numbers():
    data, rows = data_of_section_3(), []
    for kind in (helpers.Trainer, OwnLoop):
        torch.manual_seed(1)
        net = d2l.LinearRegressionScratch(2, 0.03)
        trainer = kind(max_epochs=3, verbose=False)
        torch.manual_seed(2)
        trainer.fit(net, data)
        assert trainer.epoch == 3
        assert trainer.train_batch_idx == 3 * trainer.num_train_batches
        rows.append(
            [{k: r[k] for k in ("epoch", "train_loss", "val_loss")} for r in trainer.history]
        )
    assert rows[0] == rows[1]


def test_a_loop_of_the_readers_own_may_go_without_validation():
    trainer = OwnLoop(2, verbose=False)
    trainer.fit(WithPlot(), loaders()[0])
    assert len(trainer.history) == 2


class WithPlot(Small):
    def training_step(self, batch):
        loss = super().training_step(batch)
        self.plot("loss", loss, train=True)
        return loss


def test_fit_epoch_may_be_called_after_the_training():
    net, trainer = model(), quiet(1)
    net.plot = lambda *_, **__: None  # d2l's would draw
    trainer.fit(net, loaders())
    before = weights(net)
    trainer.fit_epoch()  # as 19.3 does
    assert not torch.equal(weights(net), before)
    assert trainer.train_batch_idx == 10


def test_clip_gradients_can_be_replaced():
    asked = []

    class Clipping(helpers.Trainer):
        def clip_gradients(self, grad_clip_val, model):
            asked.append(grad_clip_val)

    Clipping(1, gradient_clip_val=0.5, verbose=False).fit(model(), loaders())
    assert asked == [0.5] * 5


def test_gradients_are_clipped_as_by_d2l():
    ours, theirs = model(dropout=0.0), model(dropout=0.0)
    for net in (ours, theirs):
        net(loaders()[0].dataset.tensors[0]).square().sum().backward()
    quiet(1).clip_gradients(0.1, ours)
    d2l.Trainer(1).clip_gradients(0.1, theirs)
    for a, b in zip(ours.parameters(), theirs.parameters()):
        torch.testing.assert_close(a.grad, b.grad)


def test_the_board_has_the_curves_that_section_5_7_reads():
    net = d2l.LinearRegression(0.03)
    trainer = quiet(3)
    trainer.fit(net, data_of_section_3())
    points = net.board.data["val_loss"]
    assert [p.x for p in points] == [1, 2, 3]
    assert float(points[-1].y) == trainer.history[-1]["val_loss"]


def lazy_with_dropout(kind):
    """A model that gets its weights in the first step, between draws of dropout."""

    class Lazy(kind):
        def __init__(self):
            super().__init__()
            self.lr = 0.1
            self.net = nn.Sequential(
                nn.LazyConv2d(4, 3), nn.ReLU(), nn.Flatten(), nn.LazyLinear(8), nn.Dropout(0.5),
                nn.LazyLinear(10),
            )  # fmt: skip

    return Lazy()


def test_lazy_layers_get_the_weights_that_they_get_from_d2l(monkeypatch):
    monkeypatch.setenv("FASHION_MNIST_DIR", "stand-in")
    data = helpers.FashionMNIST(50, subset=200, val_subset=100)
    found = []
    for trainer in (d2l.Trainer(max_epochs=2), quiet(2), quiet(2, channels_last=False)):
        net = lazy_with_dropout(d2l.Classifier)
        net.board.display = False
        torch.manual_seed(3)
        trainer.fit(net, data)
        found.append(weights(net))
    torch.testing.assert_close(found[0], found[2], atol=1e-6, rtol=1e-5)
    torch.testing.assert_close(found[0], found[1], atol=1e-4, rtol=1e-4)


def test_a_lazy_model_resumes_bit_for_bit(tmp_path):
    def train(*epochs, **options):
        for n in epochs:
            torch.manual_seed(0)
            net = Lazy()
            trainer = quiet(n, **options)
            torch.manual_seed(7)
            trainer.fit(net, loaders())
        return weights(net), len(trainer.history)

    class Lazy(Small):
        def __init__(self):
            super().__init__()
            self.net[0], self.net[-1] = nn.LazyConv2d(4, 3, stride=2), nn.LazyLinear(3)

    whole, n = train(4)
    parts, m = train(2, 4, checkpoint=tmp_path / "lazy.pt")
    assert n == m == 4
    assert torch.equal(whole, parts)


def test_a_plot_of_the_models_own_comes_back():
    net = model()
    net.plot = own = lambda *_: None
    quiet(1).fit(net, loaders())
    assert net.plot is own


class EarlyStop(RuntimeError):
    """A reader's way to end a training."""


def test_an_exception_of_the_readers_own_keeps_its_class():
    class Stopping(Small):
        def training_step(self, batch):
            raise EarlyStop("enough")

    torch.manual_seed(0)
    with pytest.raises(EarlyStop, match=r"^enough$"):
        quiet(1).fit(Stopping(), loaders())
