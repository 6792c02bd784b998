"""What the sections' quick trainings reach with several seeds: curves, their mean and spread.

`python -m tools.seeds` runs them and writes one small file for each section.
"""

from pathlib import Path
from statistics import fmean, stdev
from typing import Any, NamedTuple

from helpers.notebook import cells
from helpers.notebook.records import read_all

__all__ = ["Seeds", "seed_records"]


class Seeds(NamedTuple):
    """The same training with several seeds, and what its network costs.

    `curves` maps 'train_loss', 'val_loss' and 'val_acc' to one list of epochs for each of the
    `seeds`; seed 0 is that of the notebook. `seconds` are those of each epoch on `processor`,
    one thread. `parameters` and `multiply_adds` are those of `helpers.cost` for one image,
    `kept` the bytes of `helpers.kept` for one batch, `images` how many an epoch takes.
    """

    settings: dict[str, Any]
    seeds: list[int]
    curves: dict[str, list[list[float]]]
    seconds: list[list[float]]
    parameters: int
    multiply_adds: int
    kept: int
    images: int
    data: str | None
    device: str
    processor: str
    versions: dict[str, str]
    date: str
    code: str

    def mean(self, name: str) -> list[float]:
        """Return the mean over the seeds of 'val_acc', say, after each epoch."""
        return [fmean(epoch) for epoch in zip(*self.curves[name])]

    def spread(self, name: str) -> list[float]:
        """Return the standard deviation over the seeds after each epoch."""
        return [stdev(epoch) for epoch in zip(*self.curves[name])]

    @property
    def work(self) -> int:
        """Multiply–adds of the whole training: a backward pass takes two forward passes' work."""
        epochs = len(self.seconds[0])
        return 3 * self.multiply_adds * self.images * epochs


def place(notebook: str) -> Path:
    """Return the file of a notebook's seeds, whether it is there or not."""
    return cells.FOLDER / "records" / "seeds" / f"{notebook}.json"


def seed_records() -> dict[str, Seeds]:
    """Return the trainings of several seeds by notebook, such as '7.6-lenet'.

    Raises ValueError naming a file that is no record.
    """
    again = "python -m tools.seeds --again writes it anew"
    return read_all(place("").parent, Seeds, "records/seeds", again)
