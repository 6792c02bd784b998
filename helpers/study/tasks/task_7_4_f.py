"""7.4 F: grey from red, green and blue."""

from typing import Any

from torch import Tensor

from helpers.study.task import Requirement, Task

__all__ = ["TASK"]


def _no_tensor(K: Any) -> dict[str, Any] | None:
    return None if isinstance(K, Tensor) else {"got": K}


def _exchanged(K: Tensor) -> dict[str, Any] | None:
    return {} if tuple(K.shape) == (3, 1, 1, 1) else None


def _flat(K: Tensor) -> dict[str, Any] | None:
    return {"shape": tuple(K.shape)} if K.numel() == 3 and tuple(K.shape) != (1, 3, 1, 1) else None


def _large(K: Tensor) -> dict[str, Any] | None:
    wide = K.dim() == 4 and tuple(K.shape[:2]) == (1, 3)
    return {"shape": tuple(K.shape)} if wide and K.numel() > 3 else None


def _shape(K: Tensor) -> dict[str, Any] | None:
    return None if tuple(K.shape) == (1, 3, 1, 1) else {"shape": tuple(K.shape)}


def _weights(K: Tensor) -> dict[str, Any]:
    red, green, blue = (round(w, 4) for w in K.detach().double().flatten().tolist())
    return {"red": red, "green": green, "blue": blue, "sum": round(red + green + blue, 4)}


def _negative(K: Tensor) -> dict[str, Any] | None:
    return _weights(K) if bool((K < 0).any()) else None


def _missing(K: Tensor) -> dict[str, Any] | None:
    return _weights(K) if bool((K == 0).any()) and bool(K.any()) else None


def _brighter(K: Tensor) -> dict[str, Any] | None:
    w = _weights(K)
    return w if abs(w["sum"] - 1) > 0.011 else None


def _whole(K: Tensor) -> dict[str, Any] | None:
    whole = not K.is_floating_point() and not K.is_complex()
    return {"dtype": K.dtype} if whole else None


def _finite(K: Tensor) -> dict[str, Any] | None:
    return None if bool(K.isfinite().all()) else {}


TASK = Task(
    name="7.4 F",
    asks="K_grey",
    prompt="A colour image has three channels: red, green, blue, from 0 to 1. Give the kernel, of "
    "shape (output channels, input channels, 1, 1), of a 1 × 1 convolution that makes a grey image "
    "of it, in which white stays 1 and each of the colours counts.",
    stub="K_grey = ...  # a tensor with four axes\n",
    solution="# Equal parts; for the eye, green is brightest: 0.299, 0.587, 0.114.\n"
    "K_grey = torch.full((1, 3, 1, 1), 1 / 3)\n",
    hints=(
        "Grey is one channel, made of three: the shape is (1, 3, 1, 1).",
        "White is (1, 1, 1), and grey is a weighted sum of the three: what must the weights add "
        "up to?",
        "torch.tensor([…three weights…]).reshape(1, 3, 1, 1)",
    ),
    requirements=(
        Requirement("no tensor", "The kernel is to be a tensor.", _no_tensor),
        Requirement("input and output channels exchanged", "The shape is (3, 1, 1, 1): that makes "
                    "three channels of one. First come the output channels, of which there is one.",
                    _exchanged),
        Requirement("number of axes", "There are three weights, but the shape is {shape}: a kernel "
                    "has four axes, (output channels, input channels, 1, 1).", _flat),
        Requirement("not 1 × 1", "The kernel looks at neighbours as well, with the shape {shape}: "
                    "1 × 1 is enough.", _large),
        Requirement("shape", "The shape is to be (1, 3, 1, 1), and is {shape}.", _shape),
        Requirement("not a number", "A weight is `nan` or infinite.", _finite),
        Requirement("all zero", "With zeros only, everything becomes black.",
                    lambda K: None if bool(K.any()) else {}),
        Requirement("whole numbers", "The weights are whole numbers ({dtype}), and are to add up "
                    "to 1.", _whole),
        Requirement("negative weight", "A weight is negative: then a colour makes the image "
                    "darker. Red {red}, green {green}, blue {blue}.", _negative),
        Requirement("a colour is missing", "A weight is 0: then a colour becomes black. Red {red}, "
                    "green {green}, blue {blue}.", _missing),
        Requirement("white does not stay white", "The weights add up to {sum}: white becomes "
                    "{sum} times as bright. They are to add up to 1.", _brighter),
    ),
)  # fmt: skip
