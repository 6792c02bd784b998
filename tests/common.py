"""A small model, small data, and what several files of tests share."""

import os
import signal
import subprocess
import time

import torch
from torch import nn
from torch.nn import functional as F
from torch.utils.data import DataLoader, TensorDataset

import helpers


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


def losses(trainer):
    return [(row["train_loss"], row["val_loss"], row["val_acc"]) for row in trainer.history]


def uninterrupted(max_epochs=4):
    net, trainer = model(), quiet(max_epochs)
    torch.manual_seed(7)
    trainer.fit(net, loaders())
    return net, trainer


def interrupt(times=1):
    """Send this process interrupts, as the stop button does."""
    for _ in range(times):
        os.kill(os.getpid(), signal.SIGINT)
        time.sleep(0.01)


def git(folder, *words):
    """Run git in a folder, as somebody."""
    name = ["-c", "user.name=a", "-c", "user.email=a@b.c", "-c", "init.defaultBranch=main"]
    subprocess.run(["git", *name, *words], cwd=folder, check=True, capture_output=True)


def repository(folder):
    """Make a repository of a folder, with all that is in it committed."""
    git(folder, "init")
    git(folder, "add", ".")
    git(folder, "commit", "-m", "all")
