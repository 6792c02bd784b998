"""What was done to each image of a batch: mirrored or not, and shifted by how many pixels?"""

from collections.abc import Callable
from typing import NamedTuple

import torch
from torch import Tensor
from torch.nn import functional as F

__all__ = ["Versions", "versions"]

FAR = 4  # pixels up to which shifts are recognised
FLIPS: dict[str, Callable[[Tensor], Tensor]] = {
    "mirrored": lambda X: X.flip(3),
    "upside down": lambda X: X.flip(2),
    "turned": lambda X: X.flip(2, 3),
    "channels": lambda X: X.flip(1),
}


class Versions(NamedTuple):
    """What was done to each image: mirrored or not, and the pixels downwards and to the right."""

    known: Tensor  # whether anything that is tried gives what came
    mirrored: Tensor
    down: Tensor
    right: Tensor


def versions(X: Tensor, Y: Tensor, flip: str = "mirrored", border: str = "constant") -> Versions:
    """Find what was done to each image of X (n, c, h, w), if Y is what came of it.

    What comes in at the border is 0, or else what F.pad puts there in this mode. Images without
    two pixels that are alike have one version only that fits.
    """
    n, _, h, w = X.shape
    found = Versions(*(torch.zeros(n, dtype=torch.long) for _ in range(4)))
    for mirrored, images in enumerate((X, FLIPS[flip](X))):
        padded = F.pad(images, (FAR, FAR, FAR, FAR), mode=border)
        windows = padded.unfold(2, h, 1).unfold(3, w, 1)  # (n, c, places, places, h, w)
        same = (windows == Y[:, :, None, None]).all(-1).all(-1).all(1)
        image, i, j = same.nonzero().T
        for part, value in zip(found, (1, mirrored, FAR - i, FAR - j)):
            part[image] = value
    return found
