"""Puts helpers.Trainer and helpers.FashionMNIST in place of d2l's, for one process."""

import functools
from collections.abc import Iterator
from typing import Any
from unittest.mock import patch

LARGEST = 96  # pixels: images are resized to at most this height and width
TRAIN_IMAGES, VAL_IMAGES = 300, 100


def at_most(resize: tuple[int, int]) -> tuple[int, int]:
    """Return a size that is small enough for a quick training."""
    return min(resize[0], LARGEST), min(resize[1], LARGEST)


def put_ours_in_place(d2l: Any, images_too: bool) -> None:
    """Replace d2l.Trainer, and d2l.FashionMNIST if `images_too`."""
    import helpers

    theirs = d2l.Trainer
    for name, kind in list(vars(d2l).items()):
        if isinstance(kind, type) and theirs in kind.__bases__:
            # Made from d2l's when d2l was imported: d2l.HPOTrainer (19.1).
            own = {k: v for k, v in vars(kind).items() if k not in ("__dict__", "__weakref__")}
            setattr(d2l, name, type(name, (helpers.Trainer,), own))
    d2l.Trainer = helpers.Trainer
    if not images_too:
        return
    images_class: Any = helpers.FashionMNIST
    make = images_class.__init__

    @functools.wraps(make)
    def make_small(self, batch_size: int = 64, resize: tuple[int, int] = (28, 28)) -> None:
        make(self, batch_size, at_most(resize), subset=TRAIN_IMAGES, val_subset=VAL_IMAGES)

    images_class.__init__ = make_small
    d2l.FashionMNIST = images_class
    draw_orders_as_d2l(type(images_class().train_dataloader()))


def draw_orders_as_d2l(batches_class: Any) -> None:
    """Draw the orders of images with the random numbers that a DataLoader takes.

    With the same seed both sides then see the same batches, and what is random after them
    (lazy weights, dropout) can be compared too.
    """
    import torch

    iterate, randperm = batches_class.__iter__, torch.randperm

    def __iter__(self) -> Iterator:
        torch.empty((), dtype=torch.int64).random_()  # which a DataLoader's workers get
        generator = torch.Generator()
        if self.shuffle:
            generator.manual_seed(int(torch.empty((), dtype=torch.int64).random_()))
        with patch.object(torch, "randperm", functools.partial(randperm, generator=generator)):
            batches = iterate(self)
            first = next(batches)
        yield first
        yield from batches

    batches_class.__iter__ = __iter__
