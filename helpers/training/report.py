"""What a training says: its numbers, lines of text, a bar with a forecast, curves."""

import math
import time
from collections import OrderedDict, namedtuple
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import torch
from torch import Tensor, nn

from helpers.notebook.display import in_notebook, progress_bar
from helpers.training.history import History

LONG_SECONDS = 600  # a run forecast to take longer gets a hint at smaller settings
FORECAST_STEPS = 20  # steps after which the forecast is made

Point = namedtuple("Point", ["x", "y"])  # as d2l.ProgressBoard keeps them


class Means:
    """What a model's steps hand to `plot()`, averaged over the samples of an epoch."""

    def __init__(self) -> None:
        self._totals: dict[str, tuple[Any, int]] = {}  # name → (sum over samples, their number)
        self._size = 1  # samples in this batch
        self._added: set[str] = set()  # in this batch

    def begin_batch(self, size: int) -> None:
        """Let what is added from now on count for a batch of `size` samples."""
        self._size, self._added = size, set()

    def add(self, key: str, value: float | Tensor, train: bool) -> None:
        """Add a batch's mean; takes the place of `model.plot`.

        Raises TypeError for a value that is not one number.
        """
        name = ("train_" if train else "val_") + str(key)
        if isinstance(value, Tensor) and value.numel() == 1:
            # Reading the number here would make a GPU wait at every step.
            value = value.detach().reshape(())
            value = value.item() if value.device.type == "cpu" else value.float()
        else:
            try:
                value = float("" if isinstance(value, str) else value)
            except (TypeError, ValueError):
                got = type(value).__name__
                if isinstance(value, Tensor):
                    got = f"a tensor of shape {tuple(value.shape)}"
                raise TypeError(
                    f"plot({key!r}, value, …): value must be one number, got {got}"
                ) from None
        self._added.add(name)
        total, count = self._totals.get(name, (0.0, 0))
        self._totals[name] = (total + value * self._size, count + self._size)

    def end_step(self, loss: Tensor) -> None:
        """Add the loss of a training step, if the model did not plot it itself."""
        if "train_loss" not in self._added:
            self.add("loss", loss, train=True)

    def forget(self, prefix: str = "") -> None:
        """Drop the sums whose names begin with `prefix`."""
        self._totals = {k: v for k, v in self._totals.items() if not k.startswith(prefix)}

    def take(self) -> dict[str, float]:
        """Return the means of the epoch and begin anew."""
        means = {name: float(total) / count for name, (total, count) in self._totals.items()}
        self.forget()
        return means

    @contextmanager
    def taking_plots_of(self, model: Any) -> Iterator[None]:
        """Let the model's `plot` end up here for the time of the training."""
        own = vars(model).get("plot")
        model.plot = self.add
        try:
            yield
        finally:
            del model.plot
            if own is not None:
                model.plot = own

    def state_dict(self) -> dict[str, tuple[float, int]]:
        return {name: (float(total), count) for name, (total, count) in self._totals.items()}

    def load_state_dict(self, state: Mapping[str, tuple[float, int]]) -> None:
        self._totals = dict(state)


class Report:
    """What the reader sees, and the clock. `verbose=False` leaves only what went wrong."""

    def __init__(self, verbose: bool):
        self._verbose = verbose
        self._parts = {"images": 0, "training": 0.0, "all": 0.0}  # of this epoch, in seconds
        self._since = time.perf_counter()
        self._bar: Any = None
        self._curves: Any = None
        self._forecast_from: tuple[int, float] | None = None

    def say(self, text: str) -> None:
        """Print a line that is not news to those who asked for silence."""
        if self._verbose:
            print(text)

    def warn(self, text: str) -> None:
        """Print a line about something that went wrong, whatever was asked for."""
        print(text)

    @contextmanager
    def showing(self, steps: int, max_epochs: int, curves: bool) -> Iterator[None]:
        """Show a bar for the `steps` that are left, and `curves` where they can be seen."""
        from helpers.figures.curves import LiveCurves

        watched = self._verbose and steps > 0
        self._curves = LiveCurves(max_epochs, enabled=watched and curves and in_notebook())
        self._forecast_from = None
        self._since = time.perf_counter()
        options = {} if watched else {"disable": True}
        with progress_bar(total=steps, unit="step", **options) as self._bar:
            yield

    def begin_epoch(self) -> None:
        self._since = time.perf_counter()

    def end_step(self, epoch: str, done: int, images: int, device: torch.device) -> None:
        """Move the bar; after some steps say how long all will take. `done` steps in all."""
        now = time.perf_counter()
        self._parts["images"] += images
        self._lap(now, "training")
        self._bar.set_description(f"epoch {epoch}", refresh=False)
        self._bar.update()
        # The first steps are slower than the rest: start the clock after one, look after some.
        if self._forecast_from is None:
            self._forecast_from = (done, now)
        steps = done - self._forecast_from[0]
        if steps == FORECAST_STEPS:
            total = (now - self._forecast_from[1]) / steps * self._bar.total
            self._bar.set_postfix_str(f"about {duration(total)} in all")
            if total > LONG_SECONDS:
                self.say(
                    f"This will take about {duration(total)} on this {device.type}. "
                    "You can interrupt it at any time and lose nothing. Where there are quick "
                    "settings (use='quick'), they are made for a machine without a GPU."
                )

    def times(self) -> dict[str, float | None]:
        """Return seconds and images per second of the epoch that ends now, all parts of it."""
        self._lap(time.perf_counter())
        parts = self._parts
        self._parts = {"images": 0, "training": 0.0, "all": 0.0}
        speed = parts["images"] / parts["training"] if parts["images"] else None
        return {"seconds": parts["all"], "images_per_s": speed}

    def end_epoch(self, history: History, model: nn.Module) -> None:
        """Draw the curves, hand the numbers to the model's board, name what is no number."""
        row, board = history[-1], getattr(model, "board", None)
        for name, curve in history.metrics().items():
            if board is not None:  # chapter 5.7 of the book reads it
                board.data = getattr(board, "data", None) or OrderedDict()
                points = board.data.setdefault(name, [])
                points.append(Point(row["epoch"], curve[-1]))
            is_news = len(curve) == 1 or math.isfinite(curve[-2])
            if name.startswith("val_") and is_news and not math.isfinite(curve[-1]):
                self.warn(
                    f"{name} is {curve[-1]} in epoch {row['epoch']}: look for a value that is not "
                    "finite in the validation data, or for a step of the model that makes one."
                )
        self._curves.draw(history)

    def _lap(self, now: float, *kinds: str) -> None:
        for kind in ("all", *kinds):
            self._parts[kind] += now - self._since
        self._since = now

    def state_dict(self) -> dict[str, float]:
        return dict(self._parts)

    def load_state_dict(self, state: Mapping[str, float]) -> None:
        self._parts = dict(state)


def duration(seconds: float) -> str:
    """Return a number of seconds as people say it."""
    if seconds < 90:
        return f"{seconds:.0f} seconds"
    if seconds < 5400:
        return f"{seconds / 60:.0f} minutes"
    return f"{seconds / 3600:.1f} hours"
