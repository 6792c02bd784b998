"""8.1 E: augmentation, each image for itself."""

from collections.abc import Callable, Mapping
from typing import Any

import torch
from torch import Tensor

from helpers.study import shifts
from helpers.study.attempt import NoResult
from helpers.study.shifts import FARTHEST, Versions, versions
from helpers.study.task import Requirement, Task

__all__ = ["TASK"]

Found = Mapping[str, Any] | None
IMAGES, SHAPE = 120, (2, 5, 6)


def batch() -> Tensor:
    """Return images of which no two pixels are alike, so that versions can be told apart."""
    count = IMAGES * SHAPE[0] * SHAPE[1] * SHAPE[2]
    order = torch.randperm(count, generator=torch.Generator().manual_seed(1))
    return (order + 1.0).reshape(IMAGES, *SHAPE) / count


def _tried(attempt: Callable) -> tuple[Tensor, Tensor]:
    X = batch()
    return X, attempt(X.clone()).detach()


def _only_of_size(side: int) -> Callable[[Callable], Found]:
    """Return what finds an attempt that fits images of this size, and not those of `batch`."""

    def fits(attempt: Callable, X: Tensor) -> bool:
        try:
            return attempt(X).shape == X.shape
        except NoResult:
            raise
        except Exception:
            return False

    def broken(attempt: Callable) -> Found:
        square = torch.rand(20, 1, side, side)
        if fits(attempt, batch()) or not fits(attempt, square):
            return None
        return {"fits": tuple(square.shape[2:]), "does not fit": SHAPE[1:]}

    return broken


def _is_tensor(attempt: Callable) -> Found:
    got = attempt(batch())
    return None if isinstance(got, Tensor) else {"kind": type(got).__name__}


def _shape(attempt: Callable) -> Found:
    X, Y = _tried(attempt)
    return None if X.shape == Y.shape else {"expected": tuple(X.shape), "got": tuple(Y.shape)}


def _changes(attempt: Callable) -> Found:
    X = batch()
    attempt(X)
    return None if X.equal(batch()) else {}


def _one_image(X: Tensor, Y: Tensor, i: int) -> Mapping[str, Any]:
    return {"image": (100 * X[i, 0]).round(), "got": (100 * Y[i, 0]).round()}


def _as(flip: str, border: str, order: Callable[[Tensor], Tensor] | None = None):
    """Return what finds an attempt all of whose images are versions of this wrong kind."""

    def broken(attempt: Callable) -> Found:
        X, Y = _tried(attempt)
        right = versions(X, Y).known.bool()
        source = X if order is None else order(X)
        if right.all() or not versions(source, Y, flip, border).known.all():
            return None
        return _one_image(X, Y, int((~right).nonzero()[0]))

    return broken


def _unknown(attempt: Callable) -> Found:
    X, Y = _tried(attempt)
    known = versions(X, Y).known.bool()
    return None if known.all() else _one_image(X, Y, int((~known).nonzero()[0]))


def _that(wrong: Callable[[Versions], Mapping[str, Any] | bool]) -> Callable[[Callable], Found]:
    """Return what finds something in how the images were changed."""

    def broken(attempt: Callable) -> Found:
        found = wrong(versions(*_tried(attempt)))
        if isinstance(found, bool):
            return {} if found else None
        return found or None

    return broken


def _idle(attempt: Callable) -> Found:
    return {} if all(Y.equal(X) for X, Y in (_tried(attempt) for _ in range(4))) else None


def _seeded(attempt: Callable) -> Found:
    (_, first), (_, second) = _tried(attempt), _tried(attempt)
    return {} if first.equal(second) and not first.equal(batch()) else None


def _together(attempt: Callable) -> Found:
    """Find batches whose images are all mirrored, or none of them."""
    shares = set()
    for _ in range(20):
        shares.add(float(versions(*_tried(attempt)).mirrored.float().mean()))
        if not shares <= {0.0, 1.0}:
            return None
    return {} if len(shares) == 2 else None


def _unequal(attempt: Callable) -> Found:
    """Find shifts that come more often than others: 1,920 of them are looked at."""
    found = [versions(*_tried(attempt)) for _ in range(8)]
    pixels = torch.cat([part for f in found for part in (f.down, f.right)])
    shares = {n: float((pixels == n).float().mean()) for n in range(-FARTHEST, FARTHEST + 1)}
    uneven = [n for n, share in shares.items() if abs(share - 1 / len(shares)) > 0.05]
    return {"pixels": uneven[0], "share": round(shares[uneven[0]], 2)} if uneven else None


def _far(found: Versions) -> Mapping[str, Any] | bool:
    most = int(torch.stack([found.down.abs(), found.right.abs()]).max())
    return {"pixels": most} if most > FARTHEST else False


def _missing(found: Versions) -> Mapping[str, Any] | bool:
    """Return a shift that never comes, of one axis at least."""
    for name, pixels in (("downwards", found.down), ("to the right", found.right)):
        never = [n for n in range(-FARTHEST, FARTHEST + 1) if not bool((pixels == n).any())]
        if never:
            seen = sorted(set(pixels.tolist()))
            return {"axis": name, "shifts that came": seen, "shifts that never came": never}
    return False


def _share(found: Versions) -> Mapping[str, Any] | bool:
    share = float(found.mirrored.float().mean())
    return False if 0.3 < share < 0.7 else {"share": round(share, 2)}


TASK = Task(
    name="8.1 E",
    asks="augment(X)",
    prompt="Return a batch `X` (images, channels, rows, columns) in which each image, for itself, "
    "is mirrored (left and right exchanged) with probability one half, and shifted by −2 to 2 "
    "pixels along each axis, all five equally likely. Zeros come in where nothing is left. The "
    "result has the shape of `X`.",
    stub='''@helpers.task("8.1 E")
def augment(X):
    """Return the images of X, each mirrored or not and shifted."""
    return ...  # your lines
''',
    solution='''def augment(X):
    """Return the images of X, each mirrored or not and shifted."""
    h, w = X.shape[2:]
    result = []
    for image in F.pad(X, (2, 2, 2, 2)):
        i, j = torch.randint(0, 5, (2,)).tolist()
        window = image[:, i : i + h, j : j + w]
        result.append(window.flip(2) if torch.rand(()) < 0.5 else window)
    return torch.stack(result)
''',
    hints=(
        "Pad all images by two pixels on each side, F.pad(X, (2, 2, 2, 2)); a window of the old "
        "size at another place of that is a shifted image.",
        "The window's first row and column are 0, 1, 2, 3 or 4: torch.randint(0, 5, (2,)), where "
        "the 5 is excluded. Draw them anew for each image.",
        "window.flip(2) mirrors an image (channels, rows, columns), if torch.rand(()) < 0.5. "
        "torch.stack makes a batch of a list.",
    ),
    requirements=(
        Requirement("square images only", "It works for square images only: are rows and columns "
                    "exchanged, or is one taken for both?", _only_of_size(7)),
        Requirement("28 × 28 only", "It works for images of 28 × 28 pixels only: X.shape has their "
                    "size.", _only_of_size(28)),
        Requirement("another type", "The result is to be a tensor, and is of type {kind}: "
                    "torch.stack makes one of a list of images.", _is_tensor),
        Requirement("shape", "The result is to have the shape of X.", _shape),
        Requirement("changes its input", "The call changes X itself: the next epoch would get "
                    "images that are changed already. Work on a copy, X.clone().", _changes),
        Requirement("wrapped around", "What leaves the image on one side comes in again on the "
                    "other (roll): zeros are to come in.", _as("mirrored", "circular")),
        Requirement("border repeated", "The border is continued outwards: zeros are to come in.",
                    _as("mirrored", "replicate")),
        Requirement("border repeated", "The image is reflected at its border: zeros are to come "
                    "in.", _as("mirrored", "reflect")),
        Requirement("upside down", "Images are turned upside down, and not left to right: the "
                    "columns are the last axis.", _as("upside down", "constant")),
        Requirement("turned", "Images are flipped along both axes, which turns them by half a "
                    "turn. Left and right only.", _as("turned", "constant")),
        Requirement("channels flipped", "The channels are exchanged, not left and right: the "
                    "columns are the last axis.", _as("channels", "constant")),
        Requirement("images exchanged", "The batch is flipped along its first axis: images change "
                    "their places, and their labels do not.",
                    _as("mirrored", "constant", lambda X: X.flip(0))),
        Requirement("no version of its image", "An image comes back that is none of the 50 "
                    "versions of its own.", _unknown),
        Requirement("nothing happens", "The images come back as they are.", _idle),
        Requirement("one draw for all", "All images of the batch are changed in the same way: "
                    "draw for each image.", _that(shifts.one_for_all)),
        Requirement("a seed is set", "Two calls give the same: is a seed set within the function? "
                    "Then no epoch sees anything new.", _seeded),
        Requirement("one shift for all", "All images of the batch are shifted by the same number "
                    "of pixels: draw for each image.", _that(shifts.shift_for_all)),
        Requirement("one coin for all", "Either all images of the batch are mirrored or none: "
                    "decide it for each image.", _together),
        Requirement("never mirrored", "No image is mirrored.",
                    _that(lambda v: not v.mirrored.any())),
        Requirement("always mirrored", "Every image is mirrored; half of them is asked for.",
                    _that(lambda v: bool(v.mirrored.all()))),
        Requirement("never shifted", "No image is shifted.",
                    _that(lambda v: not (v.down.any() or v.right.any()))),
        Requirement("one axis only", "Images are shifted along one axis only.",
                    _that(lambda v: not v.down.any() or not v.right.any())),
        Requirement("too far", "Images are shifted by {pixels} pixels; 2 is the most.",
                    _that(_far)),
        Requirement("2 never comes", "A shift by 2 pixels comes in one direction only: the upper "
                    "end of torch.randint is excluded, and that of range, too.",
                    _that(shifts.never_last)),
        Requirement("one direction only", "Images are shifted in one direction of an axis only: "
                    "the shifts are to go from −2 to 2.",
                    _that(shifts.one_way)),
        Requirement("shifts missing", "Not all shifts from −2 to 2 come.", _that(_missing)),
        Requirement("both axes alike", "Both axes are shifted by the same number: draw one for "
                    "each.", _that(shifts.alike)),
        Requirement("share of mirrored images", "A share of {share} of the images is mirrored; one "
                    "half is asked for.", _that(_share)),
        Requirement("shifts not equally likely", "A share of {share} of the shifts is by {pixels} "
                    "pixels. All five are to be equally likely, a fifth each: torch.randint draws "
                    "evenly.", _unequal),
    ),
)  # fmt: skip
