"""Train small models and write what came out: run by `tests.test_scale`, by several processes.

python -m tests.together FILE
torchrun --standalone --nproc-per-node=2 -m tests.together FILE
"""

import sys

import torch
from torch import nn

from tests import common
from tools.scale import together


class Plain(common.Small):
    """Two convolutions and no dropout, with lazy layers as the book's models have."""

    def __init__(self):
        super().__init__(lr=0.1)
        self.net = nn.Sequential(
            nn.LazyConv2d(4, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2), nn.LazyConv2d(6, 3),
            nn.ReLU(), nn.Flatten(), nn.LazyLinear(12), nn.ReLU(), nn.LazyLinear(3),
        )  # fmt: skip


class Noisy(common.Small):
    """Remembers which numbers dropout has drawn."""

    def training_step(self, batch):
        self.drawn = self.net[3](torch.ones(64))
        return super().training_step(batch)


def trained(net, batch_size, **options):
    trainer = together.Together(3, verbose=False, **options)
    torch.manual_seed(7)
    trainer.fit(net, common.loaders(batch_size=batch_size))
    return {"losses": common.losses(trainer), "weights": common.weights(net)}


def main(file):
    """Train with even and uneven parts of the batches, and with dropout."""
    together.begin()
    torch.manual_seed(0)
    found = {"even": trained(Plain(), 20), "uneven": trained(Plain(), 19)}
    found["clipped"] = trained(Plain(), 20, gradient_clip_val=0.1)
    noisy = Noisy(dropout=0.5)
    found["noisy"] = trained(noisy, 20)
    found["drawn"] = noisy.drawn
    torch.save(found, f"{file}.{together.rank()}")
    together.end()


if __name__ == "__main__":
    main(sys.argv[1])
