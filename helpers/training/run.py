"""One training from its beginning to its end: where it stands, what is kept, what is said."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

from torch import Tensor, nn

from helpers.training.checkpoint import Checkpoint
from helpers.training.device import has_lazy
from helpers.training.identity import describe_data, describe_model, differences
from helpers.training.interrupts import Interrupts
from helpers.training.losses import Losses, learning_rate, not_finite
from helpers.training.memory import memory_kept
from helpers.training.report import Means, Report
from helpers.training.resume import Attributes, Loose, Position
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
        self._identity = {
            **describe_model(trainer.model, trainer.optim),
            **describe_data(data, trainer.train_dataloader, trainer.val_dataloader),
            "gradient_clip_val": trainer.gradient_clip_val,
            "precision": trainer.placement.precision,
        }
        self.report.say(f"Training on {trainer.placement.why}.")
        self._file = None if trainer.checkpoint is None else self._open(trainer.checkpoint)

    def goes_on(self, model: nn.Module, data: Any) -> bool:
        """Return whether there is something to go on with, and it is this model and data.

        Raises ValueError if an unfinished training would have to make place for another.
        """
        trainer = self.trainer
        begun = bool(self.position.step or trainer.history) and not self._spoilt
        if not begun or (trainer.epoch >= trainer.max_epochs and not self.position.unfinished):
            return False
        ours = describe_data(data, trainer.train_dataloader, trainer.val_dataloader)
        differing = differences({key: self._identity.get(key) for key in ours}, ours, "before")
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
            holder = self._file.path if self._file else "This trainer"
            afresh = "delete the file" if self._file else "make a new one"
            self.report.say(
                f"{holder} already holds {trainer.epoch} epochs: nothing left to train. "
                f"Raise max_epochs to go on, or {afresh} to start afresh."
            )
        with self.interrupts, ExitStack() as inside:
            try:
                inside.enter_context(memory_kept(device))
                inside.enter_context(self.threads)
                inside.enter_context(self.means.taking_plots_of(trainer.model))
                board = getattr(trainer.model, "board", None)  # the book switches it off in 5.7
                curves = getattr(board, "display", True)
                inside.enter_context(self.report.showing(left, trainer.max_epochs, curves))
                yield
            except FloatingPointError:
                self._spoilt = True  # there is nothing to go on with
                raise
            except BaseException as error:
                self._pause(error)
                raise
            if trainer.epoch < trainer.max_epochs:
                self._pause()

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
            self.position.end_epoch()
            if warning := self.losses.divergence(row, trainer.optim):
                self.report.say(warning)
            self._save()
            self.report.end_epoch(trainer.history, trainer.model)

    def where(self) -> str:
        """Return where the training stands, in words."""
        trainer, step = self.trainer, self.position.step
        if step:
            steps = self._identity["training batches per epoch"]
            return f"in epoch {trainer.epoch + 1} after step {step} of {steps}"
        return f"after {trainer.epoch} of {trainer.max_epochs} epochs"

    def _open(self, path: Path) -> Checkpoint:
        """Take up the training that a file holds, if there is one."""
        trainer, optim = self.trainer, self.trainer.optim
        parts = {
            "model": trainer.model,
            "loose": Loose(trainer.model, optim),
            "optimiser": optim if hasattr(optim, "state_dict") else Loose(optim),
            "scaler": trainer.scaler,
            "history": trainer.history,
            "means": self.means,
            "losses": self.losses,
            "clock": self.report,
            "position": self.position,
            "counts": Attributes(trainer, "epoch", "train_batch_idx", "val_batch_idx"),
        }
        file = Checkpoint(path, self._identity, **parts)
        if not has_lazy(trainer.model):
            file.check()
        loaded, complaints = file.load()
        for complaint in complaints:
            self.report.warn(complaint)
        if loaded:
            steps = f" and {self.position.step} steps" if self.position.step else ""
            done = f"{trainer.epoch} of {trainer.max_epochs} epochs{steps} are done"
            self.report.say(f"Going on from {path}: {done}.")
        return file

    def _check_losses(self, batch: list) -> None:
        """Stop if one of the last losses is infinite or not a number."""
        spoilt = self.losses.first_spoilt(self.position.step)
        if spoilt:
            trainer = self.trainer
            where = f"epoch {trainer.epoch + 1}, step {spoilt} of {trainer.num_train_batches}"
            kept = f"trainer.history keeps the {len(trainer.history)} finished epochs."
            if self._file is not None and trainer.history:
                kept += f" {self._file.path} holds the model after epoch {trainer.epoch}."
            raise not_finite(where, batch, trainer.optim, kept)

    def _pause(self, error: BaseException | None = None) -> None:
        """Keep what is needed to go on, and say so; `error` is what cut the epoch short, if so."""
        with self.interrupts.shielded():
            self.position.stop()
            begun = bool(self.position.step or self.trainer.history)
            kept = ""
            # Else the optimiser may have changed only some of the weights.
            if begun and (error is None or self.position.validating):
                self._check_losses([])  # a spoilt model must not take the place of a good file
                kept = self._save()
            if begun or error is None:
                self.report.say(
                    f"{'Interrupted' if _is_interrupt(error) else 'Stopped'} {self.where()}. "
                    f"The model and trainer.history are kept{kept}: "
                    "run trainer.fit(model, data) again to go on from here."
                )

    def _save(self) -> str:
        """Write the checkpoint, if there is to be one; return how to say that it was written."""
        if self._file is None:
            return ""
        if complaint := self._file.save():
            self.report.warn(complaint)
            return ""
        return f" and saved in {self._file.path}"


def _is_interrupt(error: BaseException | None) -> bool:
    return error is None or isinstance(error, KeyboardInterrupt)
