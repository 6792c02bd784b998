"""7.2 B: a kernel that ignores constants and ramps, and sees a step."""

from typing import Any

import torch
from torch import Tensor
from torch.nn import functional as F

from helpers.study.task import Requirement, Task

__all__ = ["TASK"]


def _answer(X: Tensor, K: Tensor) -> Tensor:
    return F.conv2d(X[None, None].double(), K[None, None].double())[0, 0]


def _is_kernel(K: Any) -> bool:
    return isinstance(K, Tensor) and K.dim() == 2 and K.numel() > 0


def _no_tensor(K: Any) -> dict[str, Any] | None:
    return None if isinstance(K, Tensor) else {"got": K}


def _not_two_axes(K: Tensor) -> dict[str, Any] | None:
    return None if _is_kernel(K) else {"got": K, "axes": K.dim()}


def _not_finite(K: Tensor) -> dict[str, Any] | None:
    return None if bool(K.double().isfinite().all()) else {"K": K}


def _all_zero(K: Tensor) -> dict[str, Any] | None:
    return None if bool(K.any()) else {"K": K}


def _images(K: Tensor) -> dict[str, Tensor]:
    h, w = K.shape[0] + 2, K.shape[1] + 2
    across = torch.arange(float(w)).repeat(h, 1)
    down = torch.arange(float(h)).repeat(w, 1).T
    return {"constant": torch.ones(h, w), "to the right": across, "down": down}


def _sees(K: Tensor, *names: str) -> dict[str, Any] | None:
    for name in names:
        X = _images(K)[name]
        Y = _answer(X, K)
        if Y.abs().max() > 1e-5 * K.double().abs().sum():
            return {"X": X, "K": K, "expected": torch.zeros_like(Y), "got": Y}
    return None


def _answers_constant(K: Tensor) -> dict[str, Any] | None:
    return _sees(K, "constant")


def _answers_ramp(K: Tensor) -> dict[str, Any] | None:
    return _sees(K, "to the right", "down")


def _blind(K: Tensor) -> dict[str, Any] | None:
    h, w = K.shape[0] + 2, K.shape[1] + 2
    steps = torch.zeros(2, h, w)
    for i in range(1, h):
        for j in range(1, w):
            steps[0] = torch.arange(w).repeat(h, 1) >= j
            steps[1] = (torch.arange(h).repeat(w, 1) >= i).T
            if any(_answer(X, K).abs().max() > 1e-5 for X in steps):
                return None
    return {"X": steps[0], "K": K, "got": _answer(steps[0], K)}


TASK = Task(
    name="7.2 B",
    asks="step_kernel",
    prompt="`K` answers to every slope along a row: on a ramp, an image that grows by 1 from \
column to column, it gives −1 everywhere. Give the entries of a kernel, a tensor of rows and \
columns, that gives 0 on every constant image and on every ramp, to the right and downwards, but \
not 0 everywhere on a step, such as from black to white.",
    stub="step_kernel = ...  # torch.tensor([[…]])\n",
    solution="# The difference of two neighbouring differences: (a − b) − (b − c).\n"
    "step_kernel = torch.tensor([[1.0, -2.0, 1.0]])\n",
    hints=(
        "On a constant image a kernel gives the sum of its entries, times the constant.",
        "On a ramp, `K` gives the same number everywhere. What does `K` give on an image that is \
the same everywhere?",
        "So take differences of differences: with the neighbours a, b, c, that is (a − b) − \
(b − c). Its kernel has three entries.",
    ),
    requirements=(
        Requirement("no tensor", "The kernel is to be a tensor: torch.tensor([[…]]).", _no_tensor),
        Requirement(
            "number of axes",
            "The kernel is to have two axes, rows and columns, and has {axes}: a kernel of one \
row has two pairs of brackets, [[…]].",
            _not_two_axes,
        ),
        Requirement("not a number", "The kernel holds `nan` or infinity.", _not_finite),
        Requirement("all zero", "A kernel of zeros ignores a step, too.", _all_zero),
        Requirement(
            "answers a constant",
            "It answers to an image that is the same everywhere: the sum of its entries is not 0.",
            _answers_constant,
        ),
        Requirement(
            "answers a ramp",
            "It ignores constants, but answers to a ramp: it measures the slope. What does not \
change from place to place in the answer can be subtracted in turn.",
            _answers_ramp,
        ),
        Requirement(
            "blind to a step",
            "It ignores a straight step as well: its rows and its columns all add up to 0. It \
answers only where an image changes along rows and columns together, as in a corner.",
            _blind,
        ),
    ),
)
