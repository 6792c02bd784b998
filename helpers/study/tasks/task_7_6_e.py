"""7.6 E: which share of each class is recognised."""

from collections.abc import Callable
from typing import Any

import numpy
import torch
from torch import Tensor

from helpers.study.task import Draw, Mistake, Task

__all__ = ["TASK"]


def recognised(confusion: Tensor) -> Tensor:
    """Return the share of each true class that is recognised, row by row."""
    return torch.stack([row[i] / row.sum() for i, row in enumerate(confusion.double())])


def inputs(draw: Draw):
    """Yield counts: rows of different sums, classes never recognised and never predicted."""
    yield (torch.tensor([[3.0, 1.0], [2.0, 2.0]]),)
    yield (torch.tensor([[4.0, 0.0], [0.0, 8.0]]),)
    yield (torch.tensor([[2.0, 0.0], [3.0, 0.0]]),)
    yield (torch.tensor([[5.0, 1.0, 2.0], [0.0, 3.0, 1.0], [4.0, 4.0, 0.0]]),)
    for n in (2, 3, 3, 4, 5, 10):
        counts = torch.randint(0, 9, (n, n), generator=draw.generator).float()
        counts[:, 0] += 1  # no class without an image
        yield (counts + torch.diag(torch.arange(n).float()),)


def _rows(C: Tensor) -> Tensor:
    return C.sum(1)


def probe(attempt: Callable, confusion: Tensor) -> Any:
    """Return the shares as a tensor: a list of numbers, or an array, is as good."""
    shares = attempt(confusion)
    if isinstance(shares, list | tuple | numpy.ndarray) and len(shares) == len(confusion):
        return torch.tensor([float(share) for share in shares])
    return shares


TASK = Task(
    name="7.6 E",
    asks="per_class(confusion)",
    prompt="`confusion[i, j]` counts the images of class i that were taken for class j. Return "
    "the share of each true class that is recognised, one number between 0 and 1 for each. "
    "And a guess, before you run the cell below the check: which class has the smallest share?",
    stub='''@helpers.task("7.6 E")
def per_class(confusion):
    """Return the share of each true class that is recognised, (classes,)."""
    return ...  # your line
''',
    solution='''def per_class(confusion):
    """Return the share of each true class that is recognised, (classes,)."""
    return confusion.diag() / confusion.sum(dim=1)
''',
    hints=(
        "The images that were recognised stand on the diagonal: confusion.diag().",
        "Each is to be divided by the number of all images of its class, the sum of a row.",
        "sum(dim=1) adds up the numbers of each row, and leaves one sum for each.",
    ),
    reference=recognised,
    inputs=inputs,
    probe=probe,
    mistakes=(
        Mistake("share of the predictions", "The columns are added up: this is how often a "
                "prediction is right (precision). The rows are the true classes: sum(dim=1).",
                lambda C: C.diag() / C.sum(0)),
        Mistake("share of all images", "It is divided by all images; each class is to be divided "
                "by its own.", lambda C: C.diag() / C.sum()),
        Mistake("accuracy", "This is the accuracy, one number for all classes together: leave "
                "the classes apart.", lambda C: C.diag().sum() / C.sum()),
        Mistake("counts", "These are the numbers of recognised images: divide each by the number "
                "of its class.", lambda C: C.diag()),
        Mistake("size of the classes", "These are the numbers of images of the classes.", _rows),
        Mistake("share of errors", "This is the share that is *not* recognised.",
                lambda C: 1 - C.diag() / _rows(C)),
        Mistake("number of errors", "These are the numbers of images that are not recognised.",
                lambda C: _rows(C) - C.diag()),
        Mistake("whole matrix", "Every entry is divided by the sum of its row; of these, only the "
                "diagonal is asked for.", lambda C: C / C.sum(1, keepdim=True)),
        Mistake("whole matrix", "Every entry of the matrix is divided; only the diagonal is asked "
                "for.", lambda C: C / C.sum(1)),
        Mistake("whole matrix", "The diagonal is still a matrix, with zeros around it.",
                lambda C: C.diag().diag() / C.sum(1, keepdim=True)),
        Mistake("largest of the row", "The largest number of each row is taken; the one on the "
                "diagonal says how many were recognised.", lambda C: C.amax(1) / _rows(C)),
        Mistake("divided by the largest", "Each is divided by the largest number of its row, not "
                "by the sum.", lambda C: C.diag() / C.amax(1)),
        Mistake("divided by the errors", "The recognised images are divided by those that are not; "
                "the share is that of all images of the class.",
                lambda C: C.diag() / (_rows(C) - C.diag())),
        Mistake("divided by 1000", "It is divided by 1000, the number of this notebook: compute "
                "it from the argument.", lambda C: C.diag() / 1000),
        Mistake("divided by the number of classes", "It is divided by the number of classes, not "
                "by the number of images.", lambda C: C.diag() / len(C)),
        Mistake("mean of the row", "The mean of each row is taken, and not the sum.",
                lambda C: C.diag() / C.mean(1)),
        Mistake("per cent", "These are per cent; numbers between 0 and 1 are asked for.",
                after=lambda shares, C: 100 * shares),
        Mistake("a matrix", "A row divided by a column (keepdim=True) is a matrix; one number for "
                "each class is asked for.", lambda C: C.diag() / C.sum(1, keepdim=True)),
        Mistake("smallest only", "This is the smallest share alone; the shares of all classes are "
                "asked for.", lambda C: recognised(C).min()),
        Mistake("rounded", "The shares are rounded: leave them as they are.",
                lambda C: recognised(C).round(decimals=2)),
        Mistake("rounded down", "The shares are rounded down to 0 or 1: / divides, // rounds "
                "down.", lambda C: C.diag() // _rows(C)),
        Mistake("sorted", "The shares are sorted: they are to stand in the order of the classes.",
                lambda C: recognised(C).sort().values),
        Mistake("sorted", "The shares are sorted: they are to stand in the order of the classes.",
                lambda C: recognised(C).sort(descending=True).values),
        Mistake("the other diagonal", "The diagonal from the upper right to the lower left is "
                "taken.", lambda C: C.flip(1).diag() / _rows(C)),
        Mistake("normalised once more", "The shares are divided by their sum.",
                lambda C: recognised(C) / recognised(C).sum()),
    ),
    conditions={
        "classes have different numbers of images": lambda C: len(set(_rows(C).tolist())) > 1,
        "there are more than two classes": lambda C: len(C) > 2,
        "there are not ten classes": lambda C: len(C) != 10,
        "a class is never predicted": lambda C: bool((C.sum(0) == 0).any()),
        "a class is never recognised": lambda C: bool((C.diag() == 0).any()),
        "the matrix is not symmetric": lambda C: not torch.equal(C, C.T),
    },
)  # fmt: skip
