"""8.3 D: which classes are dead."""

from collections.abc import Callable, Sequence
from typing import Any

import torch
from torch import Tensor

from helpers.study.task import Draw, Mistake, Requirement, Task

__all__ = ["TASK"]

# 8 logits; a row for each image. "weak" is one small number among zeros, "balanced" adds up to 0.
KINDS = ("dead", "alive", "sometimes", "weak", "negative", "balanced", "below")


def probe(attempt: Callable, logits: Tensor) -> Any:
    """Return what an attempt gives; a set is in order."""
    found = attempt(logits)
    return tuple(sorted(found)) if isinstance(found, set | frozenset) else found


def dead(logits: Tensor) -> tuple[int, ...]:
    """Return the numbers of the classes whose logit is 0 for every image."""
    return tuple(c for c in range(logits.shape[1]) if not logits[:, c].any())


def _column(kind: str, n: int, draw: Draw) -> Tensor:
    column = draw.numbers(n, low=0.25, high=4)
    if kind == "dead":
        return torch.zeros(n)
    if kind == "sometimes":
        column[draw.whole(0, n - 1)] = 0
    if kind == "weak":
        column = torch.zeros(n)
        column[draw.whole(0, n - 1)] = 1e-4
    if kind == "negative":
        return -column
    if kind == "below":
        column = -column
        column[draw.whole(0, n - 1)] = 0
    if kind == "balanced":
        column[1::2] = -column[: n - 1 : 2][: n // 2]
        column[-1] = 0 if n % 2 else column[-1]
    return column


def _batch(n: int, kinds: Sequence[str], draw: Draw) -> tuple[Tensor]:
    return (torch.stack([_column(kind, n, draw) for kind in kinds], dim=1),)


def inputs(draw: Draw):
    """Yield logits with no, one, several dead classes; zeros for single images; negative ones."""
    yield (torch.tensor([[0.0, 1.0], [0.0, 2.0]]),)
    yield (torch.tensor([[0.0, 1.0, 0.5], [2.0, 0.0, 0.5]]),)
    yield (torch.tensor([[0.0, 0.0, 0.0], [1.0, 0.0, 2.0]]),)
    yield _batch(2, ("alive", "dead", "sometimes"), draw)
    yield _batch(3, ("alive", "alive", "alive", "dead"), draw)
    yield _batch(3, ("dead", "dead", "dead"), draw)
    yield _batch(2, ("negative", "dead", "alive"), draw)
    yield _batch(2, ("balanced", "alive", "dead"), draw)
    yield _batch(3, ("weak", "alive", "sometimes"), draw)
    yield _batch(3, ("below", "dead", "sometimes"), draw)
    yield _batch(4, ("alive", "alive", "sometimes"), draw)
    yield (draw.numbers(6, 10, low=0.25, high=4),)
    for _ in range(6):
        classes = [draw.one_of(*KINDS, "dead", "alive") for _ in range(draw.whole(3, 10))]
        yield _batch(draw.whole(2, 5), classes, draw)


def _lists_inside(attempt: Callable) -> dict[str, Any] | None:
    """Whether each number has a list of its own, as nonzero() gives it."""
    logits = torch.tensor([[0.0, 1.0, 0.0], [0.0, 2.0, 0.0]])
    try:
        found = attempt(logits)
    except Exception:
        return None  # the inputs below say more
    if not isinstance(found, list | tuple) or not any(isinstance(c, list | tuple) for c in found):
        return None
    return {"logits": logits, "expected": [0, 2], "got": found}


def _which(of: Callable) -> Callable:
    """Return what gives the numbers of the classes for which a tensor of truths is True."""
    return lambda logits: tuple(of(logits).nonzero().flatten().tolist())


TASK = Task(
    name="8.3 D",
    asks="dead_classes(logits)",
    prompt="A class is dead in a batch if its logit is exactly 0 for *every* image: all of its "
    "map was cut off by the last ReLU. `logits` has a row for each image and a column for each "
    "class. Return the numbers of the dead classes in a list, such as [3], or [] if there is none.",
    stub='''@helpers.task("8.3 D")
def dead_classes(logits):
    """Return the numbers of the classes whose logit is 0 for every image."""
    return ...  # a list
''',
    solution='''def dead_classes(logits):
    """Return the numbers of the classes whose logit is 0 for every image."""
    dead = (logits == 0).all(dim=0)  # True or False for each class
    return dead.nonzero().flatten().tolist()
''',
    hints=(
        "logits == 0 has a True or False for each image and class. For which classes is the whole "
        "column True?",
        "all(dim=…) asks whether all along an axis are True. The axis to go along is that of the "
        "images.",
        "(logits == 0).all(dim=0) is a mask with a place for each class; nonzero() gives the "
        "places that are True, flatten().tolist() makes a list of them.",
    ),
    reference=dead,
    inputs=inputs,
    probe=probe,
    requirements=(
        Requirement("lists in a list", "Each number has a list of its own: nonzero() gives a row "
                    "for each place. flatten() makes a plain list of them.", _lists_inside),
    ),
    mistakes=(
        Mistake("mask", "This is the right mask, True and False for each class: the numbers of the "
                "classes are wanted, as mask.nonzero().flatten().tolist() gives them.",
                lambda logits: tuple((logits == 0).all(0).tolist())),
        Mistake("how many", "This is *how many* classes are dead: their numbers are wanted.",
                lambda logits: len(dead(logits))),
        Mistake("one image is enough", "It is enough for it that a logit is 0 for *one* image. "
                "A class is dead if it is 0 for all: all, and not any.",
                _which(lambda logits: (logits == 0).any(0))),
        Mistake("one image is enough", "Each 0 in the batch is listed: a class is dead if its "
                "logit is 0 for all images.",
                lambda logits: tuple((logits == 0).nonzero()[:, 1].tolist())),
        Mistake("images in place of classes", "It goes along the classes and finds images whose "
                "logits are all 0: the axis to go along is that of the images (dim=0).",
                _which(lambda logits: (logits == 0).all(1))),
        Mistake("images in place of classes", "It goes along the classes and finds images with a "
                "logit of 0: the axis to go along is that of the images (dim=0).",
                _which(lambda logits: (logits == 0).any(1))),
        Mistake("the living", "These are the classes that are *not* dead.",
                _which(lambda logits: (logits != 0).any(0))),
        Mistake("the living", "These are the classes whose logit is never 0.",
                _which(lambda logits: (logits != 0).all(0))),
        Mistake("negative ones too", "Classes whose logits are negative are listed, too. Without "
                "the last ReLU there are such logits, and a gradient passes: only exactly 0 is "
                "dead.", _which(lambda logits: (logits <= 0).all(0))),
        Mistake("largest is 0", "It asks whether the largest logit is 0: others can be negative, "
                "without the last ReLU, and such a class is not dead.",
                _which(lambda logits: logits.amax(0) == 0)),
        Mistake("negative ones only", "It looks for logits below 0. What is cut off by a ReLU is "
                "exactly 0.", _which(lambda logits: (logits < 0).all(0))),
        Mistake("smallest is 0", "It asks whether the smallest logit is 0: it is enough then that "
                "a logit is 0 for one image.", _which(lambda logits: logits.amin(0) == 0)),
        Mistake("sum is 0", "It asks whether the logits of a class add up to 0 (or have the mean "
                "0): positive and negative ones can cancel. Look at each of them.",
                _which(lambda logits: logits.sum(0) == 0)),
        *(Mistake("small ones too", "Small logits count as 0 for it. A gradient passes for any "
                  "logit that is not exactly 0.",
                  _which(lambda logits, t=t: (logits.abs() < t).all(0)))
          for t in (1e-3, 1e-2, 0.1, 0.25, 0.5, 1.0)),
        Mistake("first image only", "Only the first image is looked at.",
                _which(lambda logits: logits[0] == 0)),
        Mistake("last image only", "Only the last image is looked at: does each image of the loop "
                "overwrite what was found before?", _which(lambda logits: logits[-1] == 0)),
        Mistake("never the likeliest", "These are the classes that are the likeliest for no "
                "image. Such a class may well have a logit and a gradient.",
                lambda logits: tuple(sorted(set(range(logits.shape[1]))
                                            - set(logits.argmax(1).tolist())))),
        Mistake("counted from 1", "The numbers are one too large: counting begins at 0.",
                after=lambda found, logits: tuple(c + 1 for c in found)),
        Mistake("first dead class only", "Only the first dead class is there: does `return` stand "
                "inside the loop?", after=lambda found, logits: found[:1]),
        Mistake("first dead class only", "One number comes back, that of the first dead class: a "
                "list of all is wanted.", lambda logits: dead(logits)[0]),
        Mistake("column in place of a list", "The numbers are right, but stand in a column, as "
                "nonzero() gives them: flatten() makes a row of it.",
                lambda logits: (logits == 0).all(0).nonzero()),
    ),
    conditions={
        "a class is dead": lambda logits: len(dead(logits)) > 0,
        "no class is dead": lambda logits: not dead(logits),
        "all classes are dead": lambda logits: len(dead(logits)) == logits.shape[1],
        "more than one class is dead": lambda logits: len(dead(logits)) > 1,
        "there are negative logits": lambda logits: bool((logits < 0).any()),
        "there are not ten classes": lambda logits: logits.shape[1] != 10,
        "there are as many images as classes": lambda logits: len(logits) == logits.shape[1],
    },
)  # fmt: skip
