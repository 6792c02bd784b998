"""Where the trainings at the book's settings stand: files, a table, records."""

import datetime
import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch

from helpers.notebook import book
from helpers.notebook.records import versions
from helpers.training.checkpoint import look_at, previous
from tools.answers.records import processor
from tools.execution import replace
from tools.scale import section
from tools.seeds import noting

CURVES = ("train_loss", "val_loss", "val_acc")


class InUseError(Exception):
    """A training that another process is busy with."""


class Place:
    """The files of one training in the folder that trainings are kept in.

    A training with changed settings is a try: it has files of its own, and its record stays
    in that folder.
    """

    def __init__(self, folder: Path, name: str, changes: Mapping[str, Any]):
        self.name, folder = name, folder / "tries" if changes else folder
        self.checkpoint = folder / f"{name}.pt"
        self.record = folder / f"{name}.json" if changes else book.place(name)
        self._running = folder / f"{name}.running"
        self._about = folder / f"{name}.about.json"

    def begin(self, device: torch.device, again: bool = False, processes: int = 1) -> None:
        """Note that this process trains now, and on what, with others if there are several.

        A training of other cells than the present ones is put aside, and so is a finished one
        if it is to be done `again`. Raises InUseError if another process is training it.
        """
        if self.is_running():
            raise InUseError(f"another process is training {self.name}: see {self._running}")
        self.checkpoint.parent.mkdir(parents=True, exist_ok=True)
        about, code = self._read(), section.code_of(self.name)
        if self.checkpoint.exists() and (about["code"] != code or (again and about["done"])):
            earlier = self.checkpoint.with_name(f"{self.name}.earlier.pt")
            os.replace(self.checkpoint, earlier)
            previous(self.checkpoint).unlink(missing_ok=True)
            why = "finished" if about["code"] == code else "begun with other cells"
            print(f"A training that was {why} lies in {earlier} now; this one begins afresh.")
        known = about["processors"] if self.checkpoint.exists() else []
        here = (f"{processes} × " if processes > 1 else "") + hardware(device)
        known += [here] if known[-1:] != [here] else []
        self._running.write_text(str(os.getpid()), encoding="utf-8")
        self._write({"code": code, "processors": known, "done": False})

    def end(self) -> None:
        """Note that this process trains no longer."""
        self._running.unlink(missing_ok=True)

    def done(self) -> str:
        """Note that the training is finished; return the names of what it ran on."""
        about = self._read()
        self._write({**about, "done": True})
        return ", then ".join(about["processors"])

    def is_running(self) -> bool:
        """Whether another process of this machine is training it now."""
        try:
            pid = int(self._running.read_text(encoding="utf-8"))
            if os.name == "nt":  # where there is no harmless way to ask
                return False
            os.kill(pid, 0)
        except (OSError, ValueError):  # no file, or no such process any more
            return False
        return pid != os.getpid()

    def _read(self) -> dict[str, Any]:
        try:
            return json.loads(self._about.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return {"code": "", "processors": [], "done": False}

    def _write(self, about: Mapping[str, Any]) -> None:
        write(self._about, about)

    def row(self) -> list[str]:
        """Return a row of the table: the notebook, where its training stands, what it reached."""
        if self.is_running():
            return [self.name, "running", self._reached()]
        record = book.book_records().get(self.name)
        if record is None:
            reached = self._reached()
            return [self.name, "begun" if reached else "missing", reached]
        seconds = sum(record.seconds) / len(record.seconds)
        found = (
            f"val_acc {record.curves['val_acc'][-1]:.3f} after {len(record.seconds)} epochs of "
            f"{seconds:,.1f} s, {record.precision} on {record.processor}, {record.date}"
        )
        return [self.name, "done" if is_present(self.name) else "done with other cells", found]

    def _reached(self) -> str:
        kind, state = look_at(self.checkpoint)
        if kind != "intact":
            return ""
        rows = state["history"]["rows"]
        last = f"val_acc {rows[-1]['val_acc']:.3f} " if rows else ""
        step = f" and {state['position']['step']} steps" if state["position"]["step"] else ""
        return f"{last}after {len(rows)} epochs{step}"


def is_present(name: str) -> bool:
    """Whether a notebook's training is recorded, and its cells are still those."""
    record = book.book_records().get(name)
    return record is not None and record.code == section.code_of(name)


def hardware(device: torch.device) -> str:
    """Return the name of a GPU, or of the processor."""
    return torch.cuda.get_device_name(device) if device.type == "cuda" else processor()


def costs(model: Any, data: Any) -> dict[str, int]:
    """Return what a network costs, in numbers; it stays as it is, and no number is drawn."""
    batch = (data.batch_size, 1, *data.resize)
    return {**noting.costs(model, batch), "images": len(data.train)}


def store(place: Place, training: section.Training, processes: int) -> None:
    """Write the record of a finished training."""
    placement = training.trainer.placement
    found = book.Book(
        settings=training.settings,
        curves={name: [row[name] for row in training.history] for name in CURVES},
        seconds=[round(row["seconds"], 2) for row in training.history],
        **training.trainer.costs,
        data=training.data.source,
        device=placement.device.type,
        processor=place.done(),
        processes=processes,
        precision=placement.precision,
        versions=versions(),
        date=datetime.date.today().isoformat(),
        code=section.code_of(place.name),
    )
    write(place.record, found._asdict())


def write(path: Path, content: Mapping[str, Any]) -> None:
    """Write a file as a whole or not at all."""
    text = json.dumps(content, ensure_ascii=False, allow_nan=False, indent=1)
    replace(path, f"{text}\n".encode())  # the same bytes on every system
