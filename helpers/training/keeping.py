"""The file of a training: the one that was named, or one of its own where a student works.

`make lab`, and a notebook's first cell on Colab, name a folder in COMPANION_WORK. Every
training of a notebook that lasts is kept there, under a name that stands for the model, the
data, the settings, the code and the random numbers: running the same cell again finds its
training, and a changed one begins another.
"""

import hashlib
import os
import re
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import torch

from helpers.notebook.display import in_notebook
from helpers.training.checkpoint import Checkpoint, look_at
from helpers.training.describing import code_of_class, describe
from helpers.training.device import has_lazy
from helpers.training.identity import differences
from helpers.training.loose import WHERE, Loose
from helpers.training.report import Report
from helpers.training.resume import generators_of, random_state, set_random_state

__all__ = ["Keeping"]

FOLDER = "trainings"  # in the folder that COMPANION_WORK names
LEAST_SECONDS = 5.0  # what takes less is trained again as quickly as it is read
SAVE_SECONDS = 60.0  # a killed process loses no more than that where saving is quick
SHARE = 0.02  # of the time, at most, goes into saving within an epoch
LARGE = 2e9  # bytes of all files, from which the reader is told
AFRESH = "To start afresh, delete the file or give the Trainer checkpoint=False"


class Keeping:
    """Where a training is kept, when it is saved, and what is said about it.

    `settings()` says whose training it is, `parts` are what is kept of it; without a file
    neither is looked at, and all methods do nothing.
    """

    def __init__(
        self,
        trainer: Any,
        settings: Callable[[], dict[str, Any]],
        parts: dict[str, Any],
        report: Report,
    ):
        self._report, self._parts = report, parts
        self._own = trainer.checkpoint is None
        self._begun = self._saved = time.perf_counter()
        self._saving = 0.0  # seconds that the last time took
        self._there = False  # is there something to go on with?
        self.file: Checkpoint | None = None
        folder = own_folder() if self._own else None
        if not (trainer.checkpoint or folder):
            return
        described, path = settings(), trainer.checkpoint
        if folder:
            loaders = (trainer.train_dataloader, trainer.val_dataloader)
            name = own_name(described, parts, *loaders)
            path = name and folder / name
        self.file = Checkpoint(path, described, **parts) if path else None

    def open(self, max_epochs: int) -> None:
        """Take up the training that the file holds, if there is one.

        Raises the errors of `Checkpoint` for a file that was named. A file that nobody asked
        for never stops a training: what is wrong with it is said, and nothing is kept.
        """
        if self.file is None:
            return
        try:
            if not has_lazy(self._parts["model"]):
                self.file.check()
            self._there, complaints = self.file.load()
        except (OSError, TypeError, ValueError) as error:
            if not self._own:
                raise
            self._report.warn(f"This training is not kept in a file: {error}")
            self.file = None
            return
        for complaint in complaints:
            self._report.warn(complaint)
        epochs, step = self._parts["counts"].state_dict()["epoch"], self._parts["position"].step
        if self._there and epochs < max_epochs:
            steps = f" and {step} steps" if step else ""
            done = f"{epochs} of {max_epochs} epochs{steps} are done"
            self._report.say(f"Going on from {self.name}: {done}. {AFRESH}.")
        elif self._own and not self._there:
            self._tell_of_another(max_epochs)

    @property
    def name(self) -> str:
        """What a reader knows the file by: its place in the working copy, where it is there."""
        assert self.file is not None
        return shown(self.file.path)

    def end_step(self) -> None:
        """Save within an epoch that takes long."""
        if self.file is None:
            return
        if time.perf_counter() - self._saved > max(SAVE_SECONDS, self._saving / SHARE):
            self.save()

    def end_epoch(self) -> None:
        """Save, unless the whole training takes no longer than reading it would."""
        short = time.perf_counter() - self._begun < LEAST_SECONDS
        if self._there or not (self._own and short):
            self.save()

    def save(self) -> bool:
        """Write the file, if there is one; return whether it is written, and say if it failed."""
        if self.file is None:
            return False
        start = time.perf_counter()
        complaint = self.file.save()
        self._saved = time.perf_counter()
        self._saving = self._saved - start
        if complaint:
            self._report.warn(complaint)
        elif not self._there:
            self._there = True
            self._tell_of_size()
            self._tell_of_late_parts()
        return not complaint

    def finished(self, epochs: int) -> None:
        """Say that there is nothing left to train."""
        if self.file is not None:
            begin = f"{self.name} holds this training, with {epochs} epochs"
            afresh = AFRESH
        else:
            begin = f"This trainer already holds {epochs} epochs"
            afresh = "To start afresh, make a new Trainer"
        self._report.say(
            f"{begin}: nothing is left to train. {afresh}; to go on, raise max_epochs."
        )

    def _tell_of_another(self, max_epochs: int) -> None:
        """Say in what this training differs from the last one of such a model, if there is one."""
        assert self.file is not None
        others = list(self.file.path.parent.glob(f"{self.file.path.stem.rpartition('-')[0]}-*.pt"))
        if not others:
            return
        last = max(others, key=lambda path: path.stat().st_mtime)
        kind, state = look_at(last)
        if kind != "intact":
            return
        epochs = state["counts"]["epoch"]
        differing = differences(state["settings"], self.file.settings)
        if not differing:
            differing = "it began with other weights, random numbers or images"
            if epochs < max_epochs:
                differing += f" (checkpoint={shown(last)!r} goes on with it)"
        self._report.say(
            f"A new training, not that of {shown(last)} ({epochs} epochs), which stays: "
            f"{differing}."
        )

    def _tell_of_late_parts(self) -> None:
        loose = [part for part in self._parts.values() if isinstance(part, Loose)]
        for name in [name for part in loose for name in part.late()]:
            self._report.warn(
                f"{name} was made after fit had begun. {self.name} could not go on with it after "
                f"a restart: {WHERE}."
            )

    def _tell_of_size(self) -> None:
        assert self.file is not None
        folder = self.file.path.parent
        size = sum(path.stat().st_size for path in folder.iterdir())
        if size > LARGE:
            self._report.say(
                f"{shown(folder)} takes {size / 1e9:.1f} GB now: delete what you no longer need."
            )


def own_folder() -> Path | None:
    """Return where trainings are kept that no file was named for, None where they are not."""
    work = os.environ.get("COMPANION_WORK")
    return Path(work).expanduser() / FOLDER if work and in_notebook() else None


def own_name(
    settings: Mapping[str, Any], parts: Mapping[str, Any], train: Any, val: Any
) -> str | None:
    """Return the name of a training's file; None for data that looking at would use up."""
    state = random_state()  # what looks at the data may draw
    try:
        found = [_contents(batches) for batches in (train, val) if batches is not None]
    except Exception:  # data of the reader's own may do anything
        found = [None]
    set_random_state(state)
    if None in found:
        return None
    model = parts["model"]
    described = {
        **settings,
        "weights": None if has_lazy(model) else describe(model.state_dict()),
        "loose": describe(parts["loose"].state_dict()),
        "random": describe(torch.get_rng_state()),
        "contents": found,
    }
    lines = sorted(f"{key}={value!r}" for key, value in described.items())
    digest = hashlib.sha256("\n".join(lines).encode()).hexdigest()[:8]
    name = re.sub(r"\W", "", settings["model"])[:60] or "model"
    return f"{name}-{digest}.pt"


def _contents(batches: Any) -> list[Any] | None:
    """Return what tells these batches from others, None where that cannot be seen."""
    dataset: Any = getattr(batches, "dataset", None)
    if not hasattr(dataset, "__getitem__") or not hasattr(dataset, "__len__") or not len(dataset):
        return None
    places = sorted({0, len(dataset) // 2, len(dataset) - 1})
    seeds = [g.initial_seed() for g in generators_of(batches) if isinstance(g, torch.Generator)]
    collate = describe(getattr(batches, "collate_fn", None))
    return [code_of_class(type(batches)), collate, *seeds, *(describe(dataset[i]) for i in places)]


def shown(path: Path) -> str:
    """Return a path as seen from the working copy."""
    work = Path(os.environ.get("COMPANION_WORK") or os.curdir).expanduser()
    return path.relative_to(work).as_posix() if path.is_relative_to(work) else str(path)
