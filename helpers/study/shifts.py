"""What was done to each image of a batch: mirrored or not, and shifted by how many pixels?"""

from collections.abc import Callable
from typing import NamedTuple

import torch
from torch import Tensor
from torch.nn import functional as F

__all__ = ["Versions", "versions"]

FAR = 4  # pixels up to which shifts are recognised


class Versions(NamedTuple):
    """What was done to each image: mirrored or not, and the pixels downwards and to the right."""

    known: Tensor  # whether anything that is tried gives what came
    mirrored: Tensor
    down: Tensor
    right: Tensor


def _filled(X: Tensor, down: int, right: int, mode: str = "constant") -> Tensor:
    padded = F.pad(X, (FAR, FAR, FAR, FAR), mode=mode)
    h, w = X.shape[2:]
    return padded[:, :, FAR - down : FAR - down + h, FAR - right : FAR - right + w]


SHIFTS: dict[str, Callable[[Tensor, int, int], Tensor]] = {
    "zeros": _filled,
    "wrapped": lambda X, down, right: X.roll((down, right), (2, 3)),
    "replicate": lambda X, down, right: _filled(X, down, right, "replicate"),
    "reflect": lambda X, down, right: _filled(X, down, right, "reflect"),
}
FLIPS: dict[str, Callable[[Tensor], Tensor]] = {
    "mirrored": lambda X: X.flip(3),
    "upside down": lambda X: X.flip(2),
    "turned": lambda X: X.flip(2, 3),
    "channels": lambda X: X.flip(1),
}


def versions(X: Tensor, Y: Tensor, flip: str = "mirrored", shift: str = "zeros") -> Versions:
    """Find what was done to each image of X, if Y is what came of it."""
    n = len(X)
    found = Versions(*(torch.zeros(n, dtype=torch.long) for _ in range(4)))
    for mirrored, images in enumerate((X, FLIPS[flip](X))):
        for down in range(-FAR, FAR + 1):
            for right in range(-FAR, FAR + 1):
                same = (SHIFTS[shift](images, down, right) == Y).flatten(1).all(1)
                for part, value in zip(found, (1, mirrored, down, right)):
                    part[same] = value
    return found
