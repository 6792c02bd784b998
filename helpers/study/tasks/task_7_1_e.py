"""7.1 E: a kernel that moves the image."""

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional as F

from helpers.study.task import Requirement, Task

__all__ = ["TASK"]

IMAGE = torch.tensor([[1.0, 2, 3, 4], [5, 6, 7, 8], [9, 10, 11, 12]])


def _show(K: Tensor) -> dict[str, Any]:
    X, kernel = IMAGE, K.detach().float().reshape(1, 1, 3, 3)
    expected = F.pad(X, (1, 0))[:, :-1]
    return {"X": X, "expected": expected, "got": F.conv2d(X[None, None], kernel, padding=1)[0, 0]}


def _no_tensor(K: Any) -> dict[str, Any] | None:
    return None if isinstance(K, Tensor) else {"got": K}


def _shape(K: Tensor) -> dict[str, Any] | None:
    shape = [n for i, n in enumerate(K.shape) if n != 1 or i >= K.dim() - 2]
    return None if shape == [3, 3] else {"shape": tuple(K.shape)}


def _is(row: int, column: int) -> Callable[[Tensor], dict[str, Any] | None]:
    """Return what is broken by a kernel with its only weight there."""

    def broken(K: Tensor) -> dict[str, Any] | None:
        weights = K.detach().double().reshape(3, 3)
        only = torch.zeros(3, 3, dtype=torch.float64)
        only[row, column] = weights[row, column]
        return _show(K) if bool(weights[row, column]) and weights.equal(only) else None

    return broken


def _several(K: Tensor) -> dict[str, Any] | None:
    return _show(K) if (K.detach() != 0).sum() > 1 else None


def _none(K: Tensor) -> dict[str, Any] | None:
    return _show(K) if not K.detach().any() else None


def _factor(K: Tensor) -> dict[str, Any] | None:
    shown = _show(K)
    return None if torch.allclose(shown["got"], shown["expected"], atol=1e-4) else shown


def _moves(row: int, column: int, where: str) -> Requirement:
    return Requirement(f"moves {where}", f"It moves the image {where}. The output at a place is \
what the image has under the weight: to the right means that each place takes what stood to its \
left.", _is(row, column))  # fmt: skip


TASK = Task(
    name="7.1 E",
    asks="K",
    prompt="Which 3 × 3 kernel moves an image by one pixel to the right, when zeros are added "
    "around it (`padding=1`)? Give its nine weights as a tensor.",
    stub="K = ...  # torch.tensor([[…], […], […]])\n",
    solution="# Each place takes what stands to its left.\n"
    "K = torch.tensor([[0.0, 0.0, 0.0], [1.0, 0.0, 0.0], [0.0, 0.0, 0.0]])\n",
    hints=(
        "All weights but one are 0. With the 1 in the middle, the image stays as it is.",
        "The output at (i, j) is to be X[i, j − 1]. Which offset (a, b) is that?",
        "The offset (0, −1) stands in the middle row, one column left of the middle.",
    ),
    requirements=(
        Requirement("no tensor", "The kernel is to be a tensor: torch.tensor([[…], …]).",
                    _no_tensor),
        Requirement("shape", "The kernel is to have the shape (3, 3), and has {shape}.", _shape),
        Requirement("all zero", "With zeros only, nothing is left of the image.", _none),
        Requirement("several weights", "Several weights are not 0: then several pixels are mixed. "
                    "A move takes one pixel for each place.", _several),
        Requirement("does not move", "The weight stands in the middle: the image stays where it "
                    "is.", _is(1, 1)),
        _moves(1, 2, "to the left"),
        _moves(0, 1, "downwards"),
        _moves(2, 1, "upwards"),
        *(_moves(r, c, f"along the diagonal, {v} and to the {h}")
          for r, v in ((0, "down"), (2, "up")) for c, h in ((0, "right"), (2, "left"))),
        Requirement("factor", "It moves the image to the right, but changes its brightness: the "
                    "weight is to be 1.", _factor),
    ),
)  # fmt: skip
