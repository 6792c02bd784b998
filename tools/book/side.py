"""Run one notebook of the book, with d2l's own Trainer and data or with ours in their place.

tools.book starts this in a fresh process for every run:

    python -m tools.book.side NOTEBOOK SIDE RESULT

SIDE is `d2l`; `ours`, with helpers.Trainer and helpers.FashionMNIST; or `trainer`, with our
Trainer and d2l's images. Everything else below is the same for all of them: few epochs, few and
small images, no display, nothing downloaded, the same seed before every cell.
"""

import functools
import json
import random
import sys
import time
import traceback
from collections.abc import Callable, Iterator
from pathlib import Path
from textwrap import shorten
from typing import Any
from unittest.mock import MagicMock, Mock, patch

from tools.book.contents import code_cells

EPOCHS = 2  # a training has at most so many
LARGEST = 96  # pixels: images are resized to at most this height and width
TRAIN_IMAGES, VAL_IMAGES = 300, 100


# --- the same on every side ------------------------------------------------------------


def keep_small(d2l: Any) -> None:
    """Let d2l draw nothing, download nothing and use small images."""
    draw, make = d2l.ProgressBoard.draw, d2l.FashionMNIST.__init__

    def draw_nothing(self, *args: Any, **options: Any) -> None:
        self.display = False
        draw(self, *args, **options)

    def make_small(self, batch_size: int = 64, resize: tuple[int, int] = (28, 28)) -> None:
        make(self, batch_size, _at_most(resize))
        self.num_workers = 0

    def download(url: str, folder: str = "../data", sha1_hash: str | None = None) -> str:
        path = Path(folder) / url.split("/")[-1]
        if not path.exists():
            raise FileNotFoundError(f"no data: {path.name}")
        return str(path)

    d2l.ProgressBoard.draw, d2l.FashionMNIST.__init__ = draw_nothing, make_small
    d2l.download, d2l.use_svg_display = download, lambda: None


def _at_most(resize: tuple[int, int]) -> tuple[int, int]:
    return min(resize[0], LARGEST), min(resize[1], LARGEST)


def watch(trainer_class: Any, fits: list[dict]) -> None:
    """Keep the trainings of a Trainer's class short, and note every loss in `fits`."""
    make, train = trainer_class.__init__, trainer_class.fit

    @functools.wraps(make)
    def __init__(self, max_epochs: int, *args: Any, **options: Any) -> None:
        make(self, min(max_epochs, EPOCHS), *args, **options)

    @functools.wraps(train)
    def fit(self, model: Any, data: Any) -> None:
        fits.append({"losses": note_losses(model), "board": {}})
        train(self, model, data)
        curves = getattr(model.board, "data", {})
        fits[-1]["board"] = {k: [float(point.y) for point in v] for k, v in curves.items()}

    trainer_class.__init__, trainer_class.fit = __init__, fit


def note_losses(model: Any) -> list[list]:
    """Return a list that grows with every step of `model`: ['train' or 'val', loss, samples].

    The numbers come from the model and not from a history, so that both sides are measured
    alike: the training step's result, and what `loss` returns in the validation step.
    """
    losses: list[list] = []

    def training_step(batch: Any) -> Any:
        loss = type(model).training_step(model, batch)
        losses.append(["train", float(loss.detach()), len(batch[-1])])
        return loss

    def validation_step(batch: Any) -> Any:
        seen = []

        def loss(*args: Any, **options: Any) -> Any:
            seen.append(type(model).loss(model, *args, **options))
            return seen[-1]

        model.loss = loss
        try:
            result = type(model).validation_step(model, batch)
        finally:
            del model.loss
        losses.append(["val", float(seen[-1].detach()), len(batch[-1])])
        return result

    model.training_step, model.validation_step = training_step, validation_step
    return losses


def stand_in_for_syne_tune() -> None:
    """Let 19.3 and 19.5 train without the package: one trial of two epochs, in this process."""

    class PythonBackend:
        def __init__(self, tune_function: Callable, config_space: dict) -> None:
            self.tune_function = tune_function

    class Tuner:
        def __init__(self, trial_backend: PythonBackend, **options: Any) -> None:
            self.name, self.train = "trial", trial_backend.tune_function

        def run(self) -> None:
            self.train(learning_rate=0.1, batch_size=128, max_epochs=2)

    for name in (".backend", ".config_space", ".experiments", ".optimizer"):
        sys.modules[f"syne_tune{name}"] = MagicMock()
    sys.modules["syne_tune.backend.python_backend"] = MagicMock(PythonBackend=PythonBackend)
    sys.modules["syne_tune.optimizer.baselines"] = MagicMock()
    sys.modules["syne_tune"] = MagicMock(Tuner=Tuner)


# --- ours in place of d2l's ------------------------------------------------------------


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
        make(self, batch_size, _at_most(resize), subset=TRAIN_IMAGES, val_subset=VAL_IMAGES)

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


# --- running ---------------------------------------------------------------------------


def run(path: Path, side: str, result_file: Path) -> None:
    """Run the notebook at `path` and write down its errors and losses after every cell."""
    started = time.monotonic()
    import matplotlib

    matplotlib.use("Agg")
    import numpy as np
    import pandas
    import torch
    from d2l import torch as d2l

    mps: Any = torch.backends.mps
    mps.is_available = lambda: False  # d2l knows no GPU of Apple's
    pandas.set_option("future.infer_string", False)  # 5.7 takes columns of text for objects
    keep_small(d2l)
    stand_in_for_syne_tune()
    if side != "d2l":
        put_ours_in_place(d2l, images_too=side == "ours")
    errors: list[list] = []
    fits: list[dict] = []
    watch(d2l.Trainer, fits)
    namespace = {"__name__": "__main__", "get_ipython": Mock()}
    for i, source in code_cells(path):
        for seed in (random.seed, np.random.seed, torch.manual_seed):
            seed(i)
        print(f"--- cell {i}", flush=True)
        try:
            exec(compile(source, f"cell {i}", "exec"), namespace)
        except Exception as error:
            traceback.print_exc(file=sys.stdout)
            text = " ".join(f"{type(error).__name__}: {error}".split())
            errors.append([i, shorten(text, 120, placeholder=" …")])
        result = {"errors": errors, "fits": fits, "seconds": time.monotonic() - started}
        result_file.write_text(json.dumps(result), encoding="utf-8")


if __name__ == "__main__":
    run(Path(sys.argv[1]), sys.argv[2], Path(sys.argv[3]))
