"""Train the networks of the sections at the book's settings, and record what they reach.

    python -m tools.scale                     train all that is not recorded yet
    python -m tools.scale 8.1-alexnet         train these
    python -m tools.scale --list              say what is done, begun, running and missing
    python -m tools.scale --again NAME        train it, whatever is recorded
    python -m tools.scale NAME --set subset=1000 --set max_epochs=1
                                              try it with other settings: no record
    torchrun --nproc-per-node=2 -m tools.scale [...]
                                              the same by two processes, a GPU each if there are

A NAME is a notebook's file name without its ending. The network and its settings are those of
the notebook's own cells. It trains on the GPU if there is one, in the precision that suits it,
else on the CPU, in bfloat16 where the processor has instructions for it. Each training is kept
in a file of the folder `scale`, written after every epoch and each minute: the same command,
run again after it was interrupted or killed, goes on from there. What came out is written to
notebooks/records/book/NAME.json, for `helpers.book_records()`.
"""

import argparse
import ast
import os
import sys
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Any

import torch

from helpers.columns import aligned
from helpers.notebook import cells
from helpers.training.device import choose_device, is_emulated
from helpers.training.interrupts import TrainingStopped
from tools.notebooks import require_images
from tools.scale import section, together
from tools.scale.results import InUseError, Place, costs, is_present, store

FOLDER = Path("scale")


class Trainer(together.Together):
    """A Trainer for one process or several that knows what its network costs."""

    costs: dict[str, int]

    def fit(self, model: Any, data: Any) -> None:
        """Train `model` on `data`."""
        self.costs = costs(model, data)
        super().fit(model, data)


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("names", nargs="*", metavar="NAME")
    parser.add_argument("--list", action="store_true", help="say what is done, train nothing")
    parser.add_argument("--again", action="store_true", help="also what is recorded already")
    parser.add_argument("--set", action="append", default=[], metavar="KEY=VALUE", dest="changes")
    parser.add_argument("--precision", help="float32, bfloat16 or float16")
    parser.add_argument("--device", help="cuda, mps or cpu")
    parser.add_argument("--folder", type=Path, default=FOLDER, help="where trainings are kept")
    options = parser.parse_args(arguments)
    try:
        changes = dict(map(setting, options.changes))
        names = [cells.find(name).stem for name in options.names] or section.names()
        for name in names:
            section.cells_of(name)
    except ValueError as error:
        parser.error(str(error))
    places = [Place(options.folder, name, changes) for name in names]
    if options.list:
        print("\n".join(aligned([place.row() for place in places], left=range(3))))
        return
    if not changes:
        require_images()
        if not options.again:
            places = [place for place in places if not is_present(place.name)]
    together.begin()
    if together.rank() > 0:  # the first process prints
        sys.stdout = open(os.devnull, "w")
    try:
        train_all(places, changes, options)
    except InUseError as error:
        sys.exit(str(error))
    except TrainingStopped as stopped:
        sys.exit(f"{stopped}\nThe same command, run again, goes on from there.")
    finally:
        together.end()


def train_all(places: list[Place], changes: dict[str, Any], options: argparse.Namespace) -> None:
    """Train one network after the other, on what there is."""
    device, _ = choose_device(options.device)
    chosen = precision(device, options.precision)
    quiet = {"verbose": together.rank() == 0}
    trainer = partial(Trainer, device=options.device, precision=chosen, **quiet)
    for place in places:
        print(f"\n{place.name}", flush=True)
        if together.rank() == 0:
            place.begin(device, options.again, together.processes())
        together.wait()
        train(place, trainer, changes)


def train(place: Place, trainer: Any, changes: dict[str, Any]) -> None:
    """Train one network to the end and record it; what is left of it if it was begun."""
    first = together.rank() == 0
    try:
        done = section.run(place.name, partial(trainer, checkpoint=place.checkpoint), changes)
        if first:
            store(place, done, together.processes())
    finally:
        if first:
            place.end()
    print(done.trainer.history)
    print(f"recorded in {place.record}", flush=True)


def precision(device: torch.device, asked: str | None) -> str | None:
    """Return the precision to train in: on a CPU bfloat16 if it has instructions for it."""
    if asked or device.type != "cpu":
        return asked
    return "float32" if is_emulated(device, torch.bfloat16) else "bfloat16"


def setting(text: str) -> tuple[str, Any]:
    """Return the name and the value of 'max_epochs=1'. Raises ValueError for another text."""
    name, equals, value = text.partition("=")
    try:
        if not equals:
            raise SyntaxError
        return name, ast.literal_eval(value)
    except (SyntaxError, ValueError):
        raise ValueError(f"--set takes KEY=VALUE, such as max_epochs=1, got {text!r}") from None


if __name__ == "__main__":
    main()
