"""What was done to each image of a batch: mirrored or not, and shifted by how many pixels?"""

from collections.abc import Callable
from typing import NamedTuple

import torch
from torch import Tensor
from torch.nn import functional as F

__all__ = [
    "FARTHEST",
    "Versions",
    "alike",
    "never_last",
    "one_for_all",
    "one_way",
    "seen",
    "shift_for_all",
    "versions",
]

FARTHEST = 2  # pixels that are asked for
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


def one_for_all(found: Versions) -> bool:
    """Whether all images were changed in the same way."""
    return all(bool((part == part[0]).all()) for part in found[1:])


def seen(found: Versions) -> list[set[int]]:
    """Return the shifts along each axis, of images that are not mirrored, after or before."""
    kept = found.mirrored == 0
    return [set(part[kept].tolist()) for part in (found.down, found.right)]


def shift_for_all(found: Versions) -> bool:
    """Whether all images were shifted alike, and only some of them mirrored."""
    mixed = 0 < int(found.mirrored.sum()) < len(found.mirrored)
    return mixed and all(len(s) == 1 for s in seen(found)) and seen(found) != [{0}, {0}]


def never_last(found: Versions) -> bool:
    """Whether +2 (or −2, where the other way round is counted) never comes, and nothing else."""
    every = set(range(-FARTHEST, FARTHEST + 1))
    return any(all(s == every - {end} for s in seen(found)) for end in (FARTHEST, -FARTHEST))


def one_way(found: Versions) -> bool:
    """Whether images were shifted in one direction of an axis only."""
    return any(min(s) >= 0 or max(s) <= 0 for s in seen(found))


def alike(found: Versions) -> bool:
    """Whether both axes were shifted by the same number."""
    turned = torch.where(found.mirrored.bool(), -found.right, found.right)
    return bool((found.down == found.right).all() or (found.down == turned).all())
