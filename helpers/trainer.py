"""Train a model: one loop that says what it does and loses nothing.

Read `fit_epoch` and `train_step`: that is how a training works. `fit` calls them epoch by
epoch. What else a training needs has a room of its own in `helpers/training`.
"""

import inspect
import os
from collections.abc import Sequence
from typing import Any

import torch
from torch import nn

from helpers.training import checks
from helpers.training.checkpoint import check_path
from helpers.training.device import Placement
from helpers.training.history import History
from helpers.training.losses import explaining
from helpers.training.run import Run

__all__ = ["Trainer"]


class Trainer:
    """Train a model on data for `max_epochs` epochs. Takes the place of `d2l.Trainer`.

    The model needs what `d2l.Module` has: `training_step(batch)` returning the loss,
    `validation_step(batch)`, and `configure_optimizers()`. What its steps hand to
    `self.plot(key, value, train)` is averaged over all samples of an epoch into `history`.
    The data needs `train_dataloader()` and `val_dataloader()`, as `d2l.DataModule` has;
    a DataLoader, or a pair of them (training, validation), will also do.

    `num_gpus=0` trains on the CPU, 1 on a GPU if there is one; `device` overrides it.
    `gradient_clip_val` is the largest gradient norm, 0 for no limit.
    `precision` is 'float32', 'bfloat16' or 'float16'; None takes what suits the device.
    `channels_last` chooses the memory layout of images; None means for every convolutional
    model, except on Apple's GPUs. `checkpoint` is a file that every epoch is saved to and
    that `fit` resumes from; None names one in a notebook opened by `make lab` or on Colab, for
    trainings of more than some seconds, and False keeps none. `verbose=False` draws nothing
    and prints only what went wrong.

    An interrupted `fit` stops after the step and raises TrainingStopped, a KeyboardInterrupt;
    calling it again goes on from there. Raises TypeError or ValueError naming the argument
    that is wrong, FloatingPointError when the loss is no longer finite.
    Source: Dive into Deep Learning 1.0.3, sections 3.2.4 and 6.7, whose names these are:
    `max_epochs`, `num_gpus`, `gradient_clip_val`, `gpus`, `model`, `optim`, `epoch`,
    `train_dataloader`, `num_train_batches`, `train_batch_idx`, and the same with `val`.
    """

    # What fit() sets.
    model: Any
    optim: Any
    scaler: torch.amp.GradScaler
    train_dataloader: Any
    val_dataloader: Any
    _run: Run

    def __init__(
        self,
        max_epochs: int,
        num_gpus: int = 0,
        gradient_clip_val: float = 0,
        *,
        device: str | torch.device | None = None,
        precision: str | torch.dtype | None = None,
        channels_last: bool | None = None,
        checkpoint: str | os.PathLike | bool | None = None,
        verbose: bool = True,
    ):
        self.max_epochs = checks.whole("max_epochs", max_epochs, least=1)
        self.num_gpus = checks.whole("num_gpus", num_gpus, least=0)
        self.gradient_clip_val = checks.not_negative("gradient_clip_val", gradient_clip_val)
        channels_last = checks.flag("channels_last", channels_last)
        self.checkpoint = check_path(checkpoint)
        self.verbose = checks.flag("verbose", verbose, (True, False))
        self.placement = Placement(self.num_gpus, device, precision, channels_last)
        self.gpus = [] if self.placement.device.type == "cpu" else [self.placement.device]
        self.history = History()

    # --- the loop ------------------------------------------------------------------------

    def fit(self, model: Any, data: Any) -> None:
        """Train `model` on `data`, going on where an interrupted or saved training stopped."""
        self.prepare_data(data)
        goes_on = hasattr(self, "_run") and self._run.goes_on(model, data)
        self.prepare_model(model)
        if not goes_on:
            self.optim = model.configure_optimizers()
            checks.check_optimiser(self.optim, model)
            self.scaler = self.placement.scaler(self.optim)
            self.epoch = self.train_batch_idx = self.val_batch_idx = 0
            self.history = History()
            self._run = Run(self, data)
        with self._run.going():
            while self.epoch < self.max_epochs and not self._run.stops():
                self.fit_epoch()
                self._run.end_epoch()

    def fit_epoch(self) -> None:
        """Train and validate for one epoch, or for what is left of it. The book replaces it."""
        self.model.train()
        for batch in self._run.position.rest_of(self.train_dataloader):
            self.train_step(batch)
            if self._run.stops():
                return
        self._run.begin_validation()
        self.model.eval()
        for batch in self.val_dataloader or ():
            batch = self.prepare_batch(batch)
            with explaining(self.model, batch), torch.no_grad(), self.placement.autocast():
                self.model.validation_step(batch)
            self.val_batch_idx += 1
            if self._run.stops():
                return
        self._run.position.finish()

    def train_step(self, batch: Any) -> None:
        """Take one optimisation step on a batch."""
        batch = self.prepare_batch(batch)
        with explaining(self.model, batch):
            with self.placement.autocast():
                loss = checks.check_loss(self.model.training_step(batch), self.model)
            self.optim.zero_grad()
            self.scaler.scale(loss).backward()
            with torch.no_grad():  # optimisers written by hand, as in the book, rely on it
                if self.gradient_clip_val > 0:
                    self.scaler.unscale_(self.optim)
                    self.clip_gradients(self.gradient_clip_val, self.model)
                self.scaler.step(self.optim)
                self.scaler.update()
        self._run.end_step(loss, batch)

    # --- what the loop calls, and a model or a notebook of the book may replace --------------

    def prepare_data(self, data: Any) -> None:
        """Take the batches from `data` and keep them on the device if they can move there."""
        train, val = checks.loaders_of(data)
        self.train_dataloader = self.placement.of_batches(train)
        self.val_dataloader = self.placement.of_batches(val)
        self.num_train_batches = len(self.train_dataloader)
        self.num_val_batches = 0 if val is None else len(self.val_dataloader)

    def prepare_model(self, model: Any) -> None:
        """Check the model, move it to the device and make its weights' layout that of images."""
        checks.check_model(model)
        self.model = model
        model.trainer = self
        self.placement.of_model(model)

    def prepare_batch(self, batch: Any) -> list:
        """Move the tensors of a batch to the device, images in the model's memory layout."""
        checks.check_batch(batch)
        return self.placement.of_batch(batch)

    def clip_gradients(self, grad_clip_val: float, model: nn.Module) -> None:
        """Scale all gradients down so that their common norm is at most `grad_clip_val`."""
        gradients = [p.grad for p in model.parameters() if p.grad is not None]
        if not gradients:
            raise ValueError(
                "gradient_clip_val limits the gradients of a model's parameters, but no parameter "
                f"of {type(model).__name__} has one: weights must be nn.Parameter"
            )
        norm = torch.stack([g.norm() for g in gradients]).norm()
        for gradient in gradients:
            gradient.mul_((grad_clip_val / norm).clamp(max=1))

    def save_hyperparameters(self, ignore: Sequence[str] = ()) -> None:
        """Take the arguments of the `__init__` that calls this, as one of the book (6.7) does."""
        given = inspect.currentframe().f_back.f_locals  # type: ignore[union-attr]
        names = ("max_epochs", "num_gpus", "gradient_clip_val")
        self._begin(**{name: given[name] for name in names if name in given})

    _begin = __init__
