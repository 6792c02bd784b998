"""A training is never taken for another: whatever decides its numbers belongs to its name."""

import argparse
import functools
import os
import subprocess
import sys
import types
from pathlib import Path
from typing import ClassVar

import numpy as np
import pytest
import torch
from torch import nn
from torch.nn import functional as F
from torch.utils.data import (
    ConcatDataset,
    DataLoader,
    Dataset,
    Subset,
    SubsetRandomSampler,
    TensorDataset,
    WeightedRandomSampler,
)

import helpers
from helpers.training import keeping
from helpers.training.describing import describe
from tests.common import Small, loaders, quiet

X, Y = loaders()[0].dataset.tensors
RELABELLED = torch.cat([Y[:10], (Y[10:20] + 1) % 3, Y[20:]])  # not the first, middle or last


class Found(Exception):
    """Ends a training before its first step: only its name is asked for."""


def name_of(build=Small, data=loaders, trainer=quiet) -> str:
    """Return the name of the file that a training gets where a student works."""

    def found(*described):
        raise Found(original(*described))

    with pytest.MonkeyPatch.context() as patch:
        original = keeping.own_name
        patch.setattr(keeping, "own_name", found)
        patch.setattr(keeping, "own_folder", Path)
        torch.manual_seed(0)
        with pytest.raises(Found) as name:
            trainer().fit(build(), data())
    return name.value.args[0]


# --- models: each function gives the training for one of two values --------------------------


def attribute(value):
    def build():
        net = Small()
        net.activation = value
        return net

    return dict(build=build)


def hyperparameter(value):
    def build():
        net = Small()
        net.hparams["extra"] = value
        return net

    return dict(build=build)


def of_the_module(value):
    """A class whose code uses a name of its module."""
    lines = "class Net(Small):\n    def training_step(self, batch):\n        return used(batch)"
    names = {"Small": Small, "used": value, "__name__": "__main__"}
    exec(lines, names)
    return dict(build=names["Net"])


def of_the_class(value):
    return dict(build=type("Net", (Small,), {"weight": value}))


def closure(value):
    class Net(Small):
        def training_step(self, batch):
            return value * super().training_step(batch)

    return dict(build=Net)


def keyword(value):
    class Net(Small):
        def training_step(self, batch, *, weight=value):
            return weight * super().training_step(batch)

    return dict(build=Net)


def a_property(value):
    return dict(build=type("Net", (Small,), {"weight": property(lambda self: value)}))


class Scaled(nn.Module):
    def __init__(self, scale):
        super().__init__()
        self.scale = scale


def second_layer(value):
    def build():
        net = Small()
        net.scales = nn.Sequential(Scaled(1.0), Scaled(value))
        return net

    return dict(build=build)


def frozen(value):
    def build():
        net = Small()
        net.net[0].requires_grad_(not value)
        return net

    return dict(build=build)


def hook(value):
    def build():
        net = Small()
        net.net[0].register_forward_hook(lambda module, inputs, output: output * value)
        return net

    return dict(build=build)


def replaced_forward(value):
    def build():
        net = Small()
        net.forward = lambda images: net.net(images) * value
        return net

    return dict(build=build)


def groups(value):
    class Net(Small):
        def configure_optimizers(self):
            first = {"params": self.net[0].parameters(), **decay}
            return torch.optim.SGD([first, {"params": self.net[4].parameters()}], lr=0.1)

    decay = {"weight_decay": value}
    return dict(build=Net)


def own_trainer(value):
    class Noisy(helpers.Trainer):
        def prepare_batch(self, batch):
            images, labels = super().prepare_batch(batch)
            return [images * value, labels]

    return dict(trainer=lambda: Noisy(2, verbose=False))


def trainers_attribute(value):
    class Noisy(helpers.Trainer):
        pass

    def build():
        trainer = Noisy(2, verbose=False)
        trainer.noise = value
        return trainer

    return dict(trainer=build)


class Loss:
    def __init__(self, weight):
        self.weight = weight

    def __call__(self, outputs, labels):
        return self.weight * F.cross_entropy(outputs, labels)


# --- data --------------------------------------------------------------------------------


class Own(Dataset):
    def __init__(self, *parts):
        self.parts = parts

    def __len__(self):
        return len(self.parts[-1])

    def __getitem__(self, i):
        return tuple(part[i] for part in self.parts)


class Listed(Own):
    def __init__(self, labels):
        self.samples = [(str(i), int(label)) for i, label in enumerate(labels)]

    def __len__(self):
        return len(self.samples)

    def __getitem__(self, i):
        return X[i], self.samples[i][1]


def of(dataset, **options):
    def data():
        return DataLoader(dataset, 20, **options), loaders()[1]

    return dict(data=data)


def sampled(sampler):
    return of(TensorDataset(X, Y), sampler=sampler)


def order(seed):
    shuffled = DataLoader(
        TensorDataset(X, Y), 20, shuffle=True, generator=torch.Generator().manual_seed(seed)
    )
    return dict(data=lambda: (shuffled, loaders()[1]))


def validation(labels):
    return dict(data=lambda: (loaders()[0], DataLoader(Own(X, labels), 40)))


PAIRS = {
    "a function of PyTorch's as attribute": (attribute, torch.relu, torch.tanh),
    "a function of torch.nn.functional": (attribute, F.relu, F.gelu),
    "a function of the reader's": (attribute, lambda x: x, lambda x: 2 * x),
    "a partial function": (
        attribute,
        functools.partial(F.leaky_relu, negative_slope=0.1),
        functools.partial(F.leaky_relu, negative_slope=0.3),
    ),
    "a hyperparameter that is a function": (hyperparameter, torch.relu, torch.tanh),
    "a hyperparameter that is a ufunc": (hyperparameter, np.tanh, np.sin),
    "a hyperparameter that is a loss": (
        hyperparameter,
        nn.CrossEntropyLoss(label_smoothing=0.1),
        nn.CrossEntropyLoss(label_smoothing=0.3),
    ),
    "a hyperparameter that is a namespace": (
        hyperparameter,
        types.SimpleNamespace(a=1),
        types.SimpleNamespace(a=2),
    ),
    "a loss of the module": (
        of_the_module,
        nn.CrossEntropyLoss(label_smoothing=0.1),
        nn.CrossEntropyLoss(label_smoothing=0.3),
    ),
    "a loss of the reader's": (of_the_module, Loss(1.0), Loss(2.0)),
    "a function imported under a name": (of_the_module, F.cross_entropy, F.nll_loss),
    "a function in C": (of_the_module, torch.relu, torch.tanh),
    "a dict of settings": (of_the_module, {"weight": 1}, {"weight": 2}),
    "parsed arguments": (of_the_module, argparse.Namespace(a=1), argparse.Namespace(a=2)),
    "an attribute of the class": (of_the_class, 1.0, 2.0),
    "a variable of the function around": (closure, 1.0, 2.0),
    "a default of a keyword": (keyword, 1.0, 2.0),
    "a property": (a_property, 1.0, 2.0),
    "the same layer with another setting": (second_layer, 0.1, 0.9),
    "frozen layers": (frozen, False, True),
    "a hook": (hook, 1.0, 0.0),
    "a replaced forward": (replaced_forward, 1.0, 2.0),
    "the groups of parameters": (groups, 0.0, 0.1),
    "a Trainer of the reader's": (own_trainer, 1.0, 2.0),
    "an attribute of such a Trainer": (trainers_attribute, 1.0, 2.0),
    "the images of a sampler": (
        sampled,
        SubsetRandomSampler(range(60)),
        SubsetRandomSampler(range(30, 90)),
    ),
    "the weights of a sampler": (
        sampled,
        WeightedRandomSampler([1.0] * 90, 90),
        WeightedRandomSampler([1.0] * 45 + [2.0] * 45, 90),
    ),
    "the seed of a loader": (order, 1, 2),
    "a subset": (
        of,
        Subset(TensorDataset(X, Y), [*range(60)]),
        Subset(TensorDataset(X, Y), [*range(10), 80, *range(11, 60)]),
    ),
    "some labels of a set": (of, Own(X, Y), Own(X, RELABELLED)),
    "some labels of a list": (of, Listed(Y), Listed(RELABELLED)),
    "a part of a joined set": (
        of,
        ConcatDataset([Own(X, Y), Own(X, Y)]),
        ConcatDataset([Own(X, Y), Own(X, RELABELLED)]),
    ),
    "samples in a plain list": (of, [*zip(X, Y)], [*zip(X, RELABELLED)]),
    "some labels for the validation": (validation, Y, RELABELLED),
}


@pytest.mark.parametrize("what", PAIRS)
def test_what_decides_the_numbers_is_part_of_the_name(what):
    make, one, other = PAIRS[what]
    assert name_of(**make(one)) == name_of(**make(one))
    assert name_of(**make(one)) != name_of(**make(other))


def names() -> list[str]:
    return [name_of(**make(one)) for make, one, _ in PAIRS.values()]


def test_names_are_the_same_in_another_process():
    root = Path(__file__).resolve().parent.parent
    code = "from tests.test_identity import names; print(*names(), sep='\\n')"
    answer = subprocess.run(
        [sys.executable, "-c", code],
        cwd=root,
        env={**os.environ, "PYTHONHASHSEED": "5"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert answer.stdout.split() == names()


class Logging(Small):
    """Keeps what a student may log while training, in every place where one may."""

    log: ClassVar[dict] = {}

    def training_step(self, batch):
        loss = super().training_step(batch)
        self.log.setdefault("loss", []).append(loss.item())
        LOSSES.append(loss.item())
        BY_NAME["loss"] = [*BY_NAME.get("loss", []), loss.item()]
        METER.update(loss)
        return loss


class Meter:
    total = 0.0

    def update(self, loss):
        self.total += loss.item()


class Caching(Own):
    """Keeps what it has read."""

    def __init__(self):
        super().__init__(X, Y)
        self.read, self.gaps = {}, [None] * len(X)

    def __getitem__(self, i):
        self.read[i] = self.gaps[i] = super().__getitem__(i)
        return self.read[i]


LOSSES: list = []
BY_NAME: dict = {}
METER = Meter()


def test_what_a_training_leaves_behind_does_not_change_its_name():
    sets = Caching()
    before = name_of(Logging, **of(sets))
    quiet(1).fit(Logging(), of(sets)["data"]())
    assert LOSSES and Logging.log and BY_NAME and METER.total and sets.read
    assert name_of(Logging, **of(sets)) == before


def test_arrays_of_objects_are_described_by_what_they_hold():
    one, other = (np.array([text, None, [1, 2]], dtype=object) for text in ("a", "b"))
    assert describe(one) == describe(one.copy()) != describe(other)
