"""8.3 C: global average pooling as a head."""

import torch
from torch import Tensor
from torch.nn import functional as F

from helpers.study.task import Draw, Mistake, Task

__all__ = ["TASK"]


def average(maps: Tensor) -> Tensor:
    """Return the mean of each map."""
    return F.adaptive_avg_pool2d(maps, 1).flatten(1)


def inputs(draw: Draw):
    """Yield maps: one image and several, one position and many, not square, negative numbers."""
    yield (torch.tensor([[[[1.0, 2.0], [3.0, 6.0]], [[0.0, 0.0], [0.0, 4.0]]]]),)
    for n, c, h, w in (
        (1, 1, 1, 1), (1, 2, 1, 2), (2, 1, 2, 1), (2, 2, 2, 2), (3, 2, 1, 2), (1, 3, 2, 3),
        (2, 3, 3, 2), (3, 3, 3, 3), (2, 10, 1, 1), (2, 10, 2, 2), (2, 4, 5, 5), (4, 2, 4, 1),
    ):  # fmt: skip
        yield (draw.numbers(n, c, h, w),)


def _flat(maps: Tensor) -> Tensor:
    return maps.flatten(2)


TASK = Task(
    name="8.3 C",
    asks="head(maps)",
    prompt="Write NiN's head: `maps` has the shape (n, classes, h, w), and the logit of a class is "
    "the average of its map, whatever the map's size. Return the logits, (n, classes).",
    stub='''@helpers.task("8.3 C")
def head(maps):
    """Return the average of each map."""
    return ...  # your line
''',
    solution='''def head(maps):
    """Return the average of each map."""
    return maps.mean(dim=(2, 3))
''',
    hints=(
        "Each image and each class keeps one number. So which of the four axes are averaged away?",
        "mean takes several axes at once: dim=(…, …).",
        "The height is axis 2, the width axis 3: maps.mean(dim=(2, 3)).",
    ),
    reference=average,
    inputs=inputs,
    mistakes=(
        Mistake("extra axes", "The averages are right, but two axes of length 1 are left: the "
                "logits have the shape (n, classes). flatten(1) takes them away.",
                lambda maps: F.adaptive_avg_pool2d(maps, 1)),
        Mistake("sum", "The sum over the positions is taken, which grows with the size of the map: "
                "divide by their number.", lambda maps: _flat(maps).sum(-1)),
        Mistake("maximum", "The largest number of each map is taken, and not the average.",
                lambda maps: _flat(maps).amax(-1)),
        Mistake("minimum", "The smallest number of each map is taken, and not the average.",
                lambda maps: _flat(maps).amin(-1)),
        Mistake("median", "The median of each map is taken, and not the average.",
                lambda maps: _flat(maps).median(-1).values),
        Mistake("over the classes", "The average is taken over the classes: each class is to keep "
                "its own.", lambda maps: maps.mean(1)),
        Mistake("over the classes", "The average is taken over classes and positions: each class "
                "is to keep its own.", lambda maps: maps.mean((1, 2, 3))),
        Mistake("over the images", "The average is taken over the images, too: each image is to "
                "have its own logits.", lambda maps: maps.mean((0, 2, 3))),
        Mistake("over the images", "The average is taken over the images: each image is to have "
                "its own logits.", lambda maps: maps.mean(0)),
        Mistake("over everything", "The average is taken over all numbers there are.",
                lambda maps: maps.mean()),
        Mistake("axes squeezed away", "squeeze takes away every axis of length 1, also that of a "
                "single image or a single class: flatten(1), or no axis to take away.",
                lambda maps: average(maps).squeeze()),
        Mistake("one axis only", "The average is taken along the rows only (dim=-1): the height is "
                "still there.", lambda maps: maps.mean(3)),
        Mistake("one axis only", "The average is taken along the columns only (dim=2): the width "
                "is still there.", lambda maps: maps.mean(2)),
        Mistake("wrong axes", "The axes 1 and 2 are averaged: counting begins at 0, so height and "
                "width are 2 and 3.", lambda maps: maps.mean((1, 2))),
        Mistake("flattened", "The maps are only flattened: nothing is averaged.",
                lambda maps: maps.flatten(1)),
        *(Mistake("always 5 × 5", "The sum is always divided by 25, the positions of a 5×5 map: "
                  "maps can have other sizes.", lambda maps, n=n: _flat(maps).sum(-1) / n)
          for n in (25, 5)),
        Mistake("square maps", "The sum is divided by the square of the height: maps need not be "
                "square.", lambda maps: _flat(maps).sum(-1) / maps.shape[2] ** 2),
        Mistake("square maps", "The sum is divided by the square of the width: maps need not be "
                "square.", lambda maps: _flat(maps).sum(-1) / maps.shape[3] ** 2),
        Mistake("divided by the height", "The sum is divided by the height only; there are h · w "
                "positions.", lambda maps: _flat(maps).sum(-1) / maps.shape[2]),
        Mistake("divided by the width", "The sum is divided by the width only; there are h · w "
                "positions.", lambda maps: _flat(maps).sum(-1) / maps.shape[3]),
        Mistake("divided by the classes", "The sum is divided by the number of classes; there are "
                "h · w positions.", lambda maps: _flat(maps).sum(-1) / maps.shape[1]),
        Mistake("softmax", "These are probabilities: a softmax is applied. The loss function does "
                "that itself.", lambda maps: average(maps).softmax(-1)),
        Mistake("likeliest class", "The likeliest class of each image is given, and not its "
                "logits.", lambda maps: average(maps).argmax(-1)),
        Mistake("ReLU", "Negative averages have become 0: the head ends with the average.",
                lambda maps: average(maps).relu()),
        Mistake("ReLU first", "Negative numbers count as 0 before the average is taken.",
                lambda maps: average(maps.relu())),
        Mistake("first position", "Only the first position of each map is taken.",
                lambda maps: maps[:, :, 0, 0]),
        Mistake("middle position", "Only the middle of each map is taken.",
                lambda maps: maps[:, :, maps.shape[2] // 2, maps.shape[3] // 2]),
        Mistake("images and classes exchanged", "The numbers are right, but classes come first: "
                "the result is to have a row for each image.", lambda maps: average(maps).T),
        Mistake("first image only", "Only the logits of the first image are there.",
                lambda maps: average(maps)[0]),
    ),
    conditions={
        "the maps have more than one position": lambda maps: maps[0, 0].numel() > 1,
        "the maps are not square": lambda maps: maps.shape[2] != maps.shape[3],
        "the maps are not 5×5": lambda maps: maps.shape[2:] != (5, 5),
        "there are several images": lambda maps: len(maps) > 1,
        "there is more than one class": lambda maps: maps.shape[1] > 1,
    },
)  # fmt: skip
