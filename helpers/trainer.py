"""Train a model: one loop that says what it does and loses nothing."""

import math
import signal
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import torch
from torch import Tensor, nn
from torch.nn.parameter import is_lazy
from torch.utils.data import DataLoader

from helpers import checkpoint as files
from helpers.device import choose_device, choose_precision, memory_kept
from helpers.display import in_notebook, progress_bar
from helpers.history import History

__all__ = ["Trainer", "init_cnn"]

LONG_SECONDS = 600  # a run forecast to take longer gets a hint at the quick settings
FORECAST_STEPS = 20  # steps after which the forecast is made
DIVERGED = 10  # a mean loss so many times the first step's is a divergence
LOOK_EVERY = 50  # steps between looks at the loss on a GPU, where each look waits for it


def init_cnn(module: nn.Module) -> None:
    """Give a linear or convolutional layer Xavier-uniform weights; for `Module.apply`.

    Does nothing to a lazy layer that has not seen an input yet.
    Source: Dive into Deep Learning 1.0.3, section 7.6.1.
    """
    if type(module) in (nn.Linear, nn.Conv2d):
        nn.init.xavier_uniform_(module.weight)


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
    that `fit` resumes from. `verbose=False` prints and draws nothing.

    An interrupted `fit` stops after the step; calling it again goes on from there.
    Raises TypeError or ValueError naming the argument that is wrong, FloatingPointError
    when the loss is no longer finite.
    Source: Dive into Deep Learning 1.0.3, sections 3.2.4 and 6.7.
    """

    def __init__(
        self,
        max_epochs: int,
        num_gpus: int = 0,
        gradient_clip_val: float = 0,
        *,
        device: str | torch.device | None = None,
        precision: str | None = None,
        channels_last: bool | None = None,
        checkpoint: str | Path | None = None,
        verbose: bool = True,
    ):
        __tracebackhide__ = True  # IPython then shows the reader's own line, not ours
        if not _is_whole(max_epochs) or max_epochs < 1:
            raise ValueError(f"max_epochs must be a whole number from 1 on, got {max_epochs!r}")
        if not _is_whole(num_gpus) or num_gpus < 0:
            raise ValueError(f"num_gpus must be 0 or a positive whole number, got {num_gpus!r}")
        if not isinstance(gradient_clip_val, (int, float)) or not 0 <= gradient_clip_val < math.inf:
            raise ValueError(
                f"gradient_clip_val must be 0 (no limit) or a positive number, "
                f"got {gradient_clip_val!r}"
            )
        if checkpoint is not None and not isinstance(checkpoint, (str, Path)):
            raise TypeError(f"checkpoint must be the name of a file, got {checkpoint!r}")
        if channels_last not in (None, True, False):
            raise ValueError(f"channels_last must be None, True or False, got {channels_last!r}")
        self.max_epochs, self.num_gpus = max_epochs, num_gpus
        self.gradient_clip_val = gradient_clip_val
        self.verbose = verbose
        self.checkpoint = None if checkpoint is None else Path(checkpoint)
        if self.checkpoint is not None and self.checkpoint.is_dir():
            raise ValueError(f"checkpoint must name a file, got the folder {str(checkpoint)!r}")

        if device is None and num_gpus == 0:
            self.device, why = torch.device("cpu"), "num_gpus=0"
            if choose_device()[0].type != "cpu":
                why += ", though there is a GPU: num_gpus=1 would use it"
        else:
            self.device, why = choose_device(device)
            if num_gpus > 1 and self.device.type != "cpu":
                why += ", one of several is used"
        self.dtype, why_dtype = choose_precision(self.device, precision)
        self.channels_last = channels_last
        self.decision = f"{self.device.type} ({why}), {_name(self.dtype)} ({why_dtype})"
        self.gpus = [] if self.device.type == "cpu" else [self.device]
        self.history = History()
        self._paused: tuple | None = None  # the model and number of batches to go on with

    # --- the loop ------------------------------------------------------------------------

    def fit(self, model: nn.Module, data) -> None:
        """Train `model` on `data`, going on where an interrupted or saved training stopped."""
        __tracebackhide__ = True
        self.prepare_data(data)
        self.prepare_model(model)
        if self._paused is None or self._paused != (model, self.num_train_batches):
            self._start()
        self._paused = None
        if self.epoch >= self.max_epochs:
            self._say(
                f"{self.checkpoint} already holds {self.epoch} epochs: nothing left to train. "
                "Raise max_epochs to go on, or delete the file to start afresh."
            )
        try:
            with (
                self._showing(),
                self._plots_recorded(),
                memory_kept(self.device),
                _interrupts_deferred() as stop,
            ):
                while self.epoch < self.max_epochs and not stop.is_set():
                    self.fit_epoch(stop)
        except KeyboardInterrupt:  # the second one, in the middle of a step
            self._pause(in_step=True)
            raise
        if self.epoch < self.max_epochs:
            self._pause()

    def fit_epoch(self, stop: threading.Event) -> None:
        """Train and validate for one epoch, or for what is left of it."""
        __tracebackhide__ = True
        started, images = time.perf_counter(), 0
        self.model.train()
        for batch in self._batches():
            images += self.train_step(batch)
            if stop.is_set():
                return
        self._check_losses()
        trained = time.perf_counter()
        if not self.validate(stop):
            return

        means = {key: float(total) / count for key, (total, count) in self._totals.items()}
        now = time.perf_counter()
        self.history.append(
            {"epoch": self.epoch + 1, **means, "lr": _learning_rate(self.optim)}
            | {"seconds": now - started, "images_per_s": images / (trained - started) or None}
        )
        self.epoch += 1
        self._totals, self._step, self._interrupted_at = {}, 0, None
        self._warn_of_divergence()
        self._save()
        self._curves.draw(self.history)

    def train_step(self, batch) -> int:
        """Take one optimisation step on a batch and return how many samples it had."""
        __tracebackhide__ = True
        batch = self.prepare_batch(batch)
        self._size, self._plotted = len(batch[-1]), set()
        try:
            with torch.autocast(self.device.type, self.dtype, enabled=self._mixed):
                loss = self.model.training_step(batch)
            self._check_loss(loss)
            self.optim.zero_grad()
            self.scaler.scale(loss).backward()
            with torch.no_grad():  # optimisers written by hand, as in the book, rely on it
                if self.gradient_clip_val > 0:
                    self.scaler.unscale_(self.optim)
                    nn.utils.clip_grad_norm_(self.model.parameters(), self.gradient_clip_val)
                if self.scaler.is_enabled():
                    self.scaler.step(self.optim)
                    self.scaler.update()
                else:
                    self.optim.step()
        except NotImplementedError:  # a method the model lacks: it says so itself
            raise
        except (RuntimeError, MemoryError) as error:
            raise self._explained(error, batch) from error
        if "train_loss" not in self._plotted:
            self._record("loss", loss, train=True)
        self._losses.append(loss.detach())
        self._step += 1
        self.train_batch_idx += 1
        if self.device.type == "cpu" or len(self._losses) == LOOK_EVERY:
            self._check_losses()
        self._report_progress()
        return self._size

    def validate(self, stop: threading.Event) -> bool:
        """Run the validation batches; return False if stopped before their end."""
        __tracebackhide__ = True
        self._totals = {k: v for k, v in self._totals.items() if k.startswith("train_")}
        self.model.eval()
        for batch in self.val_dataloader or ():
            batch = self.prepare_batch(batch)
            self._size = len(batch[-1])
            with torch.no_grad(), torch.autocast(self.device.type, self.dtype, enabled=self._mixed):
                self.model.validation_step(batch)
            self.val_batch_idx += 1
            if stop.is_set():
                return False
        return True

    # --- before the loop -----------------------------------------------------------------

    def prepare_data(self, data) -> None:
        """Take the batches from `data` and keep them on the device if they can move there."""
        __tracebackhide__ = True
        pair = isinstance(data, (tuple, list)) and len(data) == 2
        if pair and not isinstance(data[0], Tensor):
            train, val = data
        elif isinstance(data, DataLoader):
            train, val = data, None
        elif hasattr(data, "train_dataloader") and hasattr(data, "val_dataloader"):
            train, val = data.train_dataloader(), data.val_dataloader()
        else:
            got = type(data).__name__ + (" of tensors" if pair else "")
            raise TypeError(
                "data must have train_dataloader() and val_dataloader(), as d2l.DataModule and "
                f"helpers.FashionMNIST have, or be a DataLoader or a pair of them, got {got}"
            )
        for name, batches in {"train": train, "val": [] if val is None else val}.items():
            if not hasattr(batches, "__len__"):
                raise TypeError(
                    f"{name}_dataloader() of data must return batches that have a length and can "
                    f"be run through again, as a DataLoader can, got {type(batches).__name__}"
                )
        self.train_dataloader, self.val_dataloader = self._on_device(train), self._on_device(val)
        self.num_train_batches = len(self.train_dataloader)
        self.num_val_batches = 0 if val is None else len(self.val_dataloader)
        if self.num_train_batches == 0:
            raise ValueError("data has no training batch")
        self._data_settings = {
            "data": repr(data)
            if type(data).__module__.startswith("helpers")
            else type(data).__name__,
            "batch size": getattr(train, "batch_size", None),
            "batches per epoch": self.num_train_batches,
        }

    def prepare_model(self, model: nn.Module) -> None:
        """Check the model, give its lazy layers their shapes and move it to the device."""
        __tracebackhide__ = True
        if not isinstance(model, nn.Module):
            raise TypeError(f"model must be a torch.nn.Module, got {type(model).__name__}")
        for method in ("training_step", "validation_step", "configure_optimizers"):
            if not hasattr(model, method):
                raise TypeError(
                    f"model must have {method}(), as the subclasses of d2l.Module have; "
                    f"{type(model).__name__} has none"
                )
        inherited = type(model).forward.__module__.startswith("d2l")
        if inherited and type(model).forward.__qualname__ == "Module.forward":
            if not hasattr(model, "net"):
                raise TypeError(
                    f"model {type(model).__name__} has neither `net` nor a forward() of its own: "
                    "set self.net in its __init__"
                )
        self.model = model
        model.trainer = self
        model.to(self.device)
        tensors = [*model.parameters(), *model.buffers()]
        if any(is_lazy(t) for t in tensors):
            self._materialise()
        if self.channels_last is None:
            convolutional = any(isinstance(m, nn.Conv2d) for m in model.modules())
            self._channels_last = convolutional and self.device.type != "mps"
        else:
            self._channels_last = self.channels_last
        if self._channels_last:
            model.to(memory_format=torch.channels_last)

    def prepare_batch(self, batch) -> list:
        """Move the tensors of a batch to the device, images in the model's memory layout."""
        moved = [
            a.to(self.device, non_blocking=True) if isinstance(a, Tensor) else a for a in batch
        ]
        if self._channels_last:
            moved = [
                a.contiguous(memory_format=torch.channels_last)
                if isinstance(a, Tensor) and a.dim() == 4
                else a
                for a in moved
            ]
        return moved

    def _on_device(self, batches):
        """Return batches that are made on the device, if they can be and fit."""
        if self.device.type == "cpu" or not hasattr(batches, "to"):
            return batches
        try:
            return batches.to(self.device)
        except torch.OutOfMemoryError:
            return batches

    def _materialise(self) -> None:
        # The book's AlexNet is trained without a first pass; an optimiser cannot be made so.
        with torch.random.fork_rng():  # looking at a batch must not change the shuffling
            batch = next(iter(self.train_dataloader))
        self._channels_last = False
        training = self.model.training
        self.model.eval()
        with torch.no_grad():
            self.model(*self.prepare_batch(batch)[:-1])
        self.model.train(training)

    def _start(self) -> None:
        """Begin a training, or take up the one in the checkpoint."""
        __tracebackhide__ = True
        self.optim = self.model.configure_optimizers()
        if not hasattr(self.optim, "step"):
            raise TypeError(
                f"configure_optimizers() of {type(self.model).__name__} must return an optimiser, "
                f"got {type(self.optim).__name__}"
            )
        if self.dtype == torch.float16 and not isinstance(self.optim, torch.optim.Optimizer):
            self.dtype = torch.float32  # an optimiser written by hand cannot undo the scaling
            self.decision += "; float32 after all, as the optimiser is not one of PyTorch's"
        self._mixed = self.dtype != torch.float32
        self.scaler = torch.amp.GradScaler(
            self.device.type, enabled=self.dtype == torch.float16 and self.device.type != "mps"
        )
        self.history = History()
        self.epoch = self.train_batch_idx = self.val_batch_idx = 0
        self._step = 0  # steps done in this epoch
        self._totals: dict[str, tuple] = {}  # metric → (sum over samples, number of samples)
        self._first_loss: float | None = None
        self._losses: list[Tensor] = []  # of the steps not looked at yet
        self._epoch_random = files.random_state()  # at the beginning of the epoch
        self._interrupted_at: dict | None = None  # random states at an interrupt, see _batches
        self._say(f"Training on {self.decision}.")
        if self.checkpoint is not None:
            self._load()

    # --- inside the loop -----------------------------------------------------------------

    def _batches(self) -> Iterator:
        """Yield the batches of this epoch that were not trained on yet."""
        if self._interrupted_at is not None and self._step == 0:
            files.set_random_state(self._interrupted_at)
            self._interrupted_at = None
        if self._interrupted_at is None:
            self._epoch_random = files.random_state()
            yield from self.train_dataloader
            return
        # Draw the same order again, pass over what was done, go on with the same randomness.
        files.set_random_state(self._epoch_random)
        batches = iter(self.train_dataloader)
        for _ in range(self._step):
            next(batches)
        files.set_random_state(self._interrupted_at)
        self._interrupted_at = None
        yield from batches

    def _record(self, key: str, value, train: bool) -> None:
        """Stand in for `model.plot`: add a batch's mean to the sum over the epoch's samples."""
        name = ("train_" if train else "val_") + key
        self._plotted.add(name)
        if isinstance(value, Tensor):
            value = value.detach()
            # Reading the number here would make a GPU wait at every step.
            value = value.item() if value.device.type == "cpu" else value.float()
        total, count = self._totals.get(name, (0.0, 0))
        self._totals[name] = (total + value * self._size, count + self._size)

    def _check_loss(self, loss) -> None:
        __tracebackhide__ = True
        if not isinstance(loss, Tensor) or loss.numel() != 1:
            got = f"shape {tuple(loss.shape)}" if isinstance(loss, Tensor) else type(loss).__name__
            raise TypeError(
                f"training_step() of {type(self.model).__name__} must return the loss, "
                f"a tensor with one number, got {got}"
            )

    def _check_losses(self) -> None:
        """Stop if one of the last losses is infinite or not a number."""
        __tracebackhide__ = True
        if not self._losses:
            return
        losses = torch.stack(self._losses).flatten().tolist()  # one wait for all of them
        self._losses = []
        if self.train_batch_idx == len(losses):
            self._first_loss = losses[0]
        finite = [math.isfinite(loss) for loss in losses]
        if all(finite):
            return
        step = self._step - len(losses) + finite.index(False) + 1
        saved = ""
        if self.checkpoint is not None and self.history:
            saved = f" {self.checkpoint} holds the model after epoch {self.epoch}."
        raise FloatingPointError(
            f"the loss is no longer finite in epoch {self.epoch + 1}, step {step} of "
            f"{self.num_train_batches}. Lower the learning rate ({_lower(self.optim)}), or limit "
            f"the gradients with gradient_clip_val=1, and train a new model: the weights of this "
            f"one are spoilt. trainer.history keeps the {len(self.history)} finished epochs.{saved}"
        )

    def _warn_of_divergence(self) -> None:
        first, last = self._first_loss, self.history[-1]["train_loss"]
        if first is not None and last > DIVERGED * first:
            self._first_loss = None  # once is enough
            self._say(
                f"The training diverges: the loss was {first:.3g} in the first step and "
                f"{last:.3g} on average in epoch {self.epoch}. Lower the learning rate "
                f"({_lower(self.optim)}) and train a new model."
            )

    def _explained(self, error: Exception, batch) -> Exception:
        """Return an error that says what the reader can do about `error`."""
        __tracebackhide__ = True
        text = str(error)
        memory = (
            isinstance(error, (torch.OutOfMemoryError, MemoryError)) or "allocate memory" in text
        )
        if memory:
            advice = f"try batch_size={self._size // 2}" if self._size > 1 else "use smaller images"
            return RuntimeError(
                f"out of memory on {self.device.type} with batches of {self._size}: {advice}"
            )
        shapes = ", ".join(str(tuple(a.shape)) for a in batch[:-1] if isinstance(a, Tensor))
        return RuntimeError(
            f"{type(self.model).__name__} failed on a batch with inputs of shape {shapes}: {text}"
        )

    @contextmanager
    def _plots_recorded(self):
        """Let the model's `plot` feed the history for the time of the training."""
        __tracebackhide__ = True
        self._plotted: set[str] = set()
        self.model.plot = self._record
        try:
            yield
        finally:
            del self.model.plot

    # --- what the reader sees --------------------------------------------------------------

    def _say(self, text: str) -> None:
        if self.verbose:
            print(text)

    @contextmanager
    def _showing(self):
        __tracebackhide__ = True
        from helpers.plots import LiveCurves

        left = (self.max_epochs - self.epoch) * self.num_train_batches - self._step
        watched = self.verbose and in_notebook() and left > 0
        self._curves = LiveCurves(self.max_epochs, enabled=watched)
        self._forecast_from: tuple[int, float] | None = None
        options = {} if self.verbose and left > 0 else {"disable": True}
        with progress_bar(total=left, unit="step", **options) as self._bar:
            yield

    def _report_progress(self) -> None:
        self._bar.set_description(f"epoch {self.epoch + 1}/{self.max_epochs}", refresh=False)
        self._bar.update()
        # The first steps are slower than the rest: start the clock after one, look after some.
        now = time.perf_counter()
        if self._forecast_from is None:
            self._forecast_from = (self.train_batch_idx, now)
        steps = self.train_batch_idx - self._forecast_from[0]
        if steps == FORECAST_STEPS:
            total = (now - self._forecast_from[1]) / steps * self._bar.total
            self._bar.set_postfix_str(f"about {_duration(total)} in all")
            if total > LONG_SECONDS:
                self._say(
                    f"This will take about {_duration(total)} on this {self.device.type}. "
                    "You can interrupt it at any time and lose nothing. The quick settings "
                    "(use='quick' in the cell above) are made for a machine without a GPU."
                )

    # --- stopping and going on -------------------------------------------------------------

    def _pause(self, in_step: bool = False) -> None:
        """Keep what is needed to go on, and say so; `in_step` is when a step was cut short."""
        __tracebackhide__ = True
        self._check_losses()  # a spoilt model must not take the place of a good file
        self._paused = (self.model, self.num_train_batches)
        if self._interrupted_at is None:
            self._interrupted_at = files.random_state()
        where = ""
        if not in_step:  # else the optimiser may have changed only some of the weights
            self._save()
            where = f" and saved in {self.checkpoint}" if self.checkpoint is not None else ""
        self._say(
            f"Interrupted in epoch {self.epoch + 1} after step {self._step} of "
            f"{self.num_train_batches}. The model and trainer.history are kept{where}: "
            "run trainer.fit(model, data) again to go on from here."
        )

    def _settings(self) -> dict:
        """What a checkpoint must have in common with the training that takes it up."""
        model, optim = self.model, self.optim
        hyperparameters = {
            f"{type(model).__name__}.{k}": v if isinstance(v, (bool, int, float, str)) else repr(v)
            for k, v in getattr(model, "hparams", {}).items()
            if isinstance(v, (bool, int, float, str, tuple, list, type(None)))
        }
        defaults = {
            f"{type(optim).__name__}.{k}": v
            for k, v in getattr(optim, "defaults", {}).items()
            if isinstance(v, (bool, int, float, str))
        }
        return {
            "model": type(model).__name__,
            **hyperparameters,
            "parameters": str([tuple(p.shape) for p in model.parameters()]),
            "optimiser": type(optim).__name__,
            **defaults,
            **self._data_settings,
            "gradient_clip_val": self.gradient_clip_val,
            "precision": _name(self.dtype),
        }

    def _save(self) -> None:
        if self.checkpoint is None:
            return
        state = {
            "settings": self._settings(),
            "model": self.model.state_dict(),
            "loose": files.loose_tensors(self.model),
            "optimiser": self.optim.state_dict() if hasattr(self.optim, "state_dict") else {},
            "scaler": self.scaler.state_dict(),
            "history": [dict(row) for row in self.history],
            "totals": {k: (float(total), count) for k, (total, count) in self._totals.items()},
            "epoch": self.epoch,
            "step": self._step,
            "batches": (self.train_batch_idx, self.val_batch_idx),
            "epoch_random": self._epoch_random,
            "random": self._interrupted_at or files.random_state(),
        }
        try:
            files.save(self.checkpoint, state)
        except OSError as error:
            # Losing the hours trained so far would be worse than going on unsaved.
            print(
                f"The training could not be saved to {self.checkpoint} ({error}); it goes on. "
                "What was saved before is untouched."
            )

    def _load(self) -> None:
        __tracebackhide__ = True
        state, complaints = files.load(self.checkpoint)
        for complaint in complaints:
            print(complaint)
        if state is None:
            return
        ours, theirs = self._settings(), state["settings"]
        differing = [
            f"{key}: {theirs.get(key)!r} there, {ours.get(key)!r} here"
            for key in {**theirs, **ours}
            if ours.get(key) != theirs.get(key)
        ]
        if differing:
            raise ValueError(
                f"checkpoint {str(self.checkpoint)!r} belongs to another training: "
                + "; ".join(differing)
                + ". Name another file, or delete this one to start afresh."
            )
        self.model.load_state_dict(state["model"])
        files.set_loose_tensors(self.model, state.get("loose", {}))
        if state["optimiser"]:
            self.optim.load_state_dict(state["optimiser"])
        self.scaler.load_state_dict(state["scaler"])
        self.history.extend(state["history"])
        self._totals = dict(state["totals"])
        self.epoch, self._step = state["epoch"], state["step"]
        self.train_batch_idx, self.val_batch_idx = state["batches"]
        self._epoch_random = state["epoch_random"]
        self._interrupted_at = state["random"]
        self._say(
            f"Going on from {self.checkpoint}: {self.epoch} of {self.max_epochs} epochs"
            + (f" and {self._step} steps are done." if self._step else " are done.")
        )


def _learning_rate(optimiser) -> float | None:
    groups = getattr(optimiser, "param_groups", None)
    return groups[0].get("lr") if groups else getattr(optimiser, "lr", None)


def _lower(optimiser) -> str:
    lr = _learning_rate(optimiser)
    return f"from {lr:g} to {lr / 10:g}, say" if lr else "by a factor of 10, say"


def _name(dtype: torch.dtype) -> str:
    return str(dtype).removeprefix("torch.")


def _is_whole(value) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _duration(seconds: float) -> str:
    if seconds < 90:
        return f"{seconds:.0f} seconds"
    if seconds < 5400:
        return f"{seconds / 60:.0f} minutes"
    return f"{seconds / 3600:.1f} hours"


@contextmanager
def _interrupts_deferred():
    """Turn the first interrupt into an event; a second one interrupts at once, as usual."""
    __tracebackhide__ = True
    stop = threading.Event()
    if threading.current_thread() is not threading.main_thread():
        yield stop  # only the main thread can receive interrupts
        return

    def remember(signum, frame):
        if stop.is_set():
            raise KeyboardInterrupt
        stop.set()

    previous = signal.signal(signal.SIGINT, remember)
    try:
        yield stop
    finally:
        signal.signal(signal.SIGINT, previous)
