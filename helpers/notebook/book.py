"""What the sections' trainings reach at the book's settings: curves, seconds, and where.

`python -m tools.scale` runs them, on whatever it finds, and writes one small file for each.
"""

from pathlib import Path
from typing import Any, NamedTuple

from helpers.notebook import cells
from helpers.notebook.records import read_all

__all__ = ["Book", "book_records"]


class Book(NamedTuple):
    """One training of a section at the book's settings, and what its network costs.

    `curves` maps 'train_loss', 'val_loss' and 'val_acc' to the values of all epochs. `seconds`
    are those of each epoch, by so many `processes` on `device` ('cpu', 'cuda', 'mps');
    `processor` is its name, several joined by ', then ' for a training that went on elsewhere.
    `parameters` and `multiply_adds` are those of `helpers.cost` for one image, `kept` the bytes
    of `helpers.kept` for one batch, `images` how many an epoch takes. `code` stands for the
    notebook's cells that were run.
    """

    settings: dict[str, Any]
    curves: dict[str, list[float]]
    seconds: list[float]
    parameters: int
    multiply_adds: int
    kept: int
    images: int
    data: str | None
    device: str
    processor: str
    processes: int
    precision: str
    versions: dict[str, str]
    date: str
    code: str

    @property
    def work(self) -> int:
        """Multiply–adds of the whole training: a backward pass takes two forward passes' work."""
        return 3 * self.multiply_adds * self.images * len(self.seconds)


def place(notebook: str) -> Path:
    """Return the file of a notebook's training at the book's settings, there or not."""
    return cells.FOLDER / "records" / "book" / f"{notebook}.json"


def book_records() -> dict[str, Book]:
    """Return the trainings at the book's settings by notebook, such as '7.6-lenet'.

    Only those that were run are there, perhaps none. Raises ValueError naming a file that is
    no record.
    """
    again = "delete it, and python -m tools.scale writes it anew"
    return read_all(place("").parent, Book, "records/book", again)
