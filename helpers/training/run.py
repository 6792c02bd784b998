"""One training from its beginning to its end: where it stands, what is kept, what is said."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

import torch
from torch import Tensor, nn

from helpers.notebook.display import in_notebook
from helpers.training.identity import (
    OF_A_TRAINER,
    describe_contents,
    describe_data,
    describe_model,
    describe_trainer,
    differences,
)
from helpers.training.interrupts import Interrupts, TrainingStopped
from helpers.training.keeping import Keeping
from helpers.training.loose import Attributes, Loose
from helpers.training.losses import Losses, learning_rate, not_finite
from helpers.training.memory import memory_kept
from helpers.training.report import Means, Report
from helpers.training.resume import Position
from helpers.training.threads import Threads

__all__ = ["Run"]


class Run:
    """What a Trainer knows of the training that `fit` was last called for.

    The trainer itself holds what d2l's has: the model, the data, the optimiser, the counters.
    Beginning a run takes up what its checkpoint holds.
    """

    def __init__(self, trainer: Any, data: Any):
        self.trainer = trainer
        self.means, self.position = Means(), Position()
        self.losses, self.report = Losses(trainer.placement.device), Report(trainer.verbose)
        self.threads = Threads(trainer.placement.device, self.report.say)
        self.interrupts = Interrupts()
        self._spoilt = False
        self.position.watch(trainer.train_dataloader, trainer.val_dataloader)
        self._data = describe_data(data, trainer.train_dataloader, trainer.val_dataloader)
        self.report.say(f"Training on {trainer.placement.why}.")
        self.kept = self._keeping()
        self.kept.open(trainer.max_epochs)

    def goes_on(self, model: nn.Module, data: Any) -> bool:
        """Return whether there is something to go on with, and it is this model and data.

        Raises ValueError if an unfinished training would have to make place for another.
        """
        trainer = self.trainer
        begun = bool(self.position.step or trainer.history) and not self._spoilt
        if not begun or (trainer.epoch >= trainer.max_epochs and not self.position.unfinished):
            return False
        ours = describe_data(data, trainer.train_dataloader, trainer.val_dataloader)
        differing = differences(self._data, ours, "before")
        if model is not trainer.model:
            differing = "; ".join(filter(None, ["model: another object", differing]))
        if differing:
            raise ValueError(
                f"this trainer holds an unfinished training ({self.where()}), and fit was called "
                f"with another: {differing}. Call fit with the same model and data to go on, or "
                "make a new Trainer for the other training."
            )
        self.position.watch(trainer.train_dataloader, trainer.val_dataloader)
        return True

    @contextmanager
    def going(self) -> Iterator[None]:
        """Watch over the epochs inside, and keep everything if one of them is cut short."""
        trainer, device = self.trainer, self.trainer.placement.device
        left = (trainer.max_epochs - trainer.epoch) * trainer.num_train_batches
        left = max(0, left - self.position.step)
        if trainer.epoch >= trainer.max_epochs:
            self.kept.finished(trainer.epoch)
        with self.interrupts, ExitStack() as inside:
            # An interrupt just before the end of a `with no_grad()` leaves it switched on.
            inside.callback(torch.set_grad_enabled, torch.is_grad_enabled())
            autocast = torch.is_autocast_enabled(device.type)
            inside.callback(torch.set_autocast_enabled, device.type, autocast)
            try:
                inside.enter_context(memory_kept(device))
                inside.enter_context(self.threads)
                inside.enter_context(self.means.watching(trainer.model))
                board = getattr(trainer.model, "board", None)  # the book switches it off in 5.7
                curves = getattr(board, "display", True)
                inside.enter_context(self.report.showing(left, trainer.max_epochs, curves))
                self.report.show_curves(trainer.history)
                yield
            except FloatingPointError:
                self._spoilt = True  # there is nothing to go on with
                raise
            except KeyboardInterrupt:  # the second one: within a step
                raise TrainingStopped(self._pause(cut=True)) from None
            except BaseException:
                self.report.say(self._pause(cut=True))
                raise
            if self.stops() or trainer.epoch < trainer.max_epochs:
                raise TrainingStopped(self._pause())

    def stops(self) -> bool:
        """Return whether an interrupt wants the training to stop."""
        return self.interrupts.is_set()

    def end_step(self, loss: Tensor, batch: list) -> None:
        """Count a step that was taken, and look whether its loss is a number."""
        trainer = self.trainer
        with self.interrupts.shielded():
            self.means.end_step(loss)
            self.position.step += 1
            trainer.train_batch_idx += 1
            look = self.losses.add(loss)
        if look or self.position.step == trainer.num_train_batches:
            self._check_losses(batch)
        place = f"{trainer.epoch + 1}/{trainer.max_epochs}"
        device = trainer.placement.device
        self.report.end_step(place, trainer.train_batch_idx, len(batch[-1]), device)
        with self.interrupts.shielded():
            self.kept.end_step()
        self.threads.end_step()

    def begin_validation(self) -> None:
        """Begin it anew if it was cut short: its sums and counts are of whole passes."""
        self.position.begin_validation()
        self.means.forget("val_")
        self.trainer.val_batch_idx = self.trainer.epoch * self.trainer.num_val_batches

    def end_epoch(self) -> None:
        """Write the epoch's row, save and draw, unless the epoch was cut short."""
        if self.position.unfinished:
            return
        trainer = self.trainer
        with self.interrupts.shielded():
            row = {"epoch": trainer.epoch + 1, **self.means.take()}
            row |= {"lr": learning_rate(trainer.optim), **self.report.times()}
            trainer.history.append(row)
            trainer.epoch += 1
            self.position.next_epoch()
            if warning := self.losses.divergence(row, trainer.optim):
                self.report.say(warning)
            self.kept.end_epoch()
            self.report.end_epoch(trainer.history, trainer.model)
        self.report.begin_epoch()
        self.threads.begin_epoch()

    def where(self) -> str:
        """Return where the training stands, in words."""
        trainer, step = self.trainer, self.position.step
        if step:
            steps = self._data["training batches per epoch"]
            return f"in epoch {trainer.epoch + 1} after step {step} of {steps}"
        return f"after {trainer.epoch} of {trainer.max_epochs} epochs"

    def _keeping(self) -> Keeping:
        """Say whose training this is and what there is to keep of it."""
        trainer, optim = self.trainer, self.trainer.optim
        parts = {
            "model": trainer.model,
            "loose": Loose(trainer.model, optim),
            "optimiser": optim if hasattr(optim, "state_dict") else Loose(optim),
            "loose of the optimiser": Loose(optim),
            "loose of the trainer": Loose(trainer, names=OF_A_TRAINER),
            "scaler": trainer.scaler,
            "history": trainer.history,
            "means": self.means,
            "losses": self.losses,
            "clock": self.report,
            "position": self.position,
            "counts": Attributes(trainer, "epoch", "train_batch_idx", "val_batch_idx"),
        }

        def settings() -> dict[str, Any]:
            return {
                **describe_model(trainer.model, optim),
                **describe_trainer(trainer),
                **self._data,
                **describe_contents(trainer.train_dataloader, trainer.val_dataloader),
                "gradient_clip_val": trainer.gradient_clip_val,
                "precision": trainer.placement.precision,
            }

        return Keeping(trainer, settings, parts, self.report)

    def _check_losses(self, batch: list) -> None:
        """Stop if one of the last losses is infinite or not a number."""
        spoilt = self.losses.first_spoilt(self.position.step)
        if spoilt:
            trainer = self.trainer
            where = f"epoch {trainer.epoch + 1}, step {spoilt} of {trainer.num_train_batches}"
            kept = f"trainer.history keeps the {len(trainer.history)} finished epochs."
            if self.kept.file is not None and trainer.history:
                kept += f" {self.kept.name} holds the model after epoch {trainer.epoch}."
            raise not_finite(where, batch, trainer.optim, kept)

    def _pause(self, cut: bool = False) -> str:
        """Keep what is needed to go on; return where the training stands and how to go on.

        `cut` says that a step may have been left half done.
        """
        with self.interrupts.shielded():
            self.position.stop()
            if not (self.position.step or self.trainer.history):
                return "Training stopped before its first step was done."
            written = False
            # Else the optimiser may have changed only some of the weights.
            if not cut or self.position.validating:
                self._check_losses([])  # a spoilt model must not take the place of a good file
                written = self.kept.save()
        saved = f", and saved in {self.kept.name}" if written else ""
        return (
            f"Training stopped {self.where()}.\n"
            f"The model and trainer.history are kept{saved}.\n{how_to_go_on(written)}"
        )


def how_to_go_on(saved: bool) -> str:
    """Return how a training that was stopped goes on; `saved` says that there is a file of it."""
    if not in_notebook():
        program = " The same program, run again, goes on too." if saved else ""
        return f"trainer.fit(model, data), called again, goes on from here.{program}"
    if saved:
        return "To go on from here, run this cell again: now, or after a restart."
    return (
        "To go on from here, run trainer.fit(model, data) in a cell of its own; "
        "this cell would begin a new training."
    )
