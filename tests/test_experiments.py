"""Trainings over seeds: the same for all variants, and what they measured."""

import pytest
import torch
from torch import nn

import helpers
from helpers import Runs
from tests.common import Small, loaders, weights


def trained(seed=0, **options):
    return helpers.train(Small, loaders(), 2, seed=seed, **options)


def test_a_seed_decides_everything_whatever_was_drawn_before():
    first = trained()
    torch.rand(5)
    second, other = trained(), trained(seed=1)
    assert weights(first.model).equal(weights(second.model))
    assert not weights(first.model).equal(weights(other.model))
    assert len(first.history) == 2


def test_nothing_is_printed_or_kept(capsys, tmp_path, monkeypatch):
    monkeypatch.setenv("COMPANION_WORK", str(tmp_path))
    trained()
    assert capsys.readouterr() == ("", "")
    assert list(tmp_path.iterdir()) == []


def test_weights_are_initialised_as_asked():
    def zeros(layer):
        if isinstance(layer, nn.Linear):
            nn.init.zeros_(layer.weight)

    class Still(Small):
        def configure_optimizers(self):
            return torch.optim.SGD(self.parameters(), lr=0.0)

    linear = helpers.train(Still, loaders(), 1, init=zeros).model.net[4]
    assert not linear.weight.any()
    torch.manual_seed(0)
    untouched = helpers.train(Still, loaders(), 1, init=None).model
    torch.manual_seed(0)
    assert weights(untouched).equal(weights(Still()))


class Lazy(Small):
    def __init__(self):
        super().__init__()
        self.net = nn.Sequential(nn.LazyBatchNorm2d(), nn.Flatten(), nn.LazyLinear(3))

    def configure_optimizers(self):
        return torch.optim.SGD(self.parameters(), lr=0.0)


def test_lazy_layers_learn_their_sizes_and_no_average_begins_with_these_images():
    model = helpers.train(Lazy, loaders(n=40, batch_size=40), 1).model
    assert model.net[2].weight.shape == (3, 64)
    assert model.net[0].num_batches_tracked == 1  # the one batch of the training


def test_accuracy_is_the_share_of_right_images_in_eval_mode():
    trainer = trained()
    trainer.model.train()
    assert helpers.accuracy(trainer.model, loaders()) == pytest.approx(
        trainer.history[-1]["val_acc"], abs=1e-6
    )
    assert trainer.model.training
    with pytest.raises(ValueError, match="data must have validation images"):
        helpers.accuracy(trainer.model, loaders()[0])


def test_an_error_in_the_readers_own_lines_is_not_hidden():
    def make():
        return nn.Linear("three", 2)

    with pytest.raises(TypeError) as caught:
        helpers.train(make, loaders(), 1)
    assert "make_model" not in str(caught.value)


def numbers():
    return helpers.over_seeds({"a": lambda seed: seed, "b": lambda seed: 2.0 * seed + 1}, seeds=3)


def test_all_variants_get_the_same_seeds():
    runs = numbers()
    assert runs.names == ["a", "b"]
    assert runs.values("a").tolist() == [0, 1, 2]
    assert runs.mean("b") == 3
    assert runs.spread("b") == pytest.approx(2)  # n - 1
    assert runs.distance("b", "a") == 2


def test_a_table_shows_mean_spread_and_range():
    lines = str(numbers()).splitlines()
    assert [line.split() for line in lines] == [
        ["3", "seeds", "mean", "spread", "lowest", "highest"],
        ["a", "1.000", "1.000", "0.000", "2.000"],
        ["b", "3.000", "2.000", "1.000", "5.000"],
    ]
    one = helpers.over_seeds({"tiny": lambda seed: 0.00012345, "large": lambda seed: 12345.0}, 1)
    assert [line.split()[1:3] for line in str(one).splitlines()[1:]] == [
        ["0.000123", "–"],
        ["1.23e+04", "–"],
    ]


def test_several_measures_and_curves():
    def variant(seed):
        return {"acc": torch.tensor([0.1, 0.2 + seed]), "loss": 1.0}

    runs = helpers.over_seeds({"net": variant}, seeds=2)
    assert runs.mean("net", "acc") == pytest.approx([0.1, 0.7])
    assert runs.mean("net", "loss") == 1
    assert [line.split()[:3] for line in str(runs).splitlines()[1:]] == [
        ["net,", "acc", "0.700"],
        ["net,", "loss", "1.000"],
    ]
    with pytest.raises(KeyError, match="measure must be one of acc, loss"):
        runs.mean("net")
    with pytest.raises(KeyError, match="name must be one of net"):
        runs.values("other")


def test_what_was_measured_can_be_written_and_read():
    runs = numbers()
    assert str(Runs(runs.to_dict())) == str(runs)
