"""8.6 E: the bottleneck block."""

from collections.abc import Callable
from contextlib import suppress
from itertools import pairwise
from typing import Any, NamedTuple

import torch
from torch import Tensor, nn

from helpers.study.task import Requirement, Task

__all__ = ["TASK"]


class Call(NamedTuple):
    """What one layer got and gave."""

    layer: nn.Module
    got: Tensor
    gave: Tensor


def run(attempt: Callable, channels: int = 256) -> tuple[Tensor, Tensor, list[Call]]:
    """Return an input, a new block's output for it, and the calls of its convolutions and norms.

    Scales and shifts are those of no new layer, so that none can be mistaken for nothing.
    """
    block, X = attempt(channels), torch.randn(2, channels, 3, 4)
    calls: list[Call] = []

    def note(layer: nn.Module, arguments: tuple[Tensor, ...], output: Tensor) -> None:
        calls.append(Call(layer, arguments[0].detach().clone(), output.detach().clone()))

    block(X.clone())  # lazy layers get their shapes
    for layer in block.modules():
        if isinstance(layer, nn.Conv2d | nn.BatchNorm2d):
            layer.register_forward_hook(note)
        if isinstance(layer, nn.BatchNorm2d) and layer.affine:
            nn.init.constant_(layer.weight, 0.7)
            nn.init.constant_(layer.bias, -0.2)
    return X, block(X.clone()).detach(), calls


def convolutions(calls: list[Call]) -> list[nn.Conv2d]:
    """Return the convolutions in the order of their calls."""
    return [call.layer for call in calls if isinstance(call.layer, nn.Conv2d)]


def left(calls: list[Call]) -> Tensor:
    """Return what the layers' path gives to the sum: the output of its last layer."""
    return calls[-1].gave


def _no_layer(attempt: Callable) -> dict[str, Any] | None:
    block = attempt(256)
    return None if isinstance(block, nn.Module) else {"got": block}


def _nothing(attempt: Callable) -> dict[str, Any] | None:
    return {} if attempt(256)(torch.randn(2, 256, 3, 4)) is None else None


def _shape(attempt: Callable) -> dict[str, Any] | None:
    X, Y, _ = run(attempt)
    return None if X.shape == Y.shape else {"input": X, "got": Y}


def _maps_stay(attempt: Callable) -> dict[str, Any] | None:
    """Look at the maps behind each convolution: if they shrink, the sum raises an error."""
    block = attempt(256)
    sizes: list[tuple[int, ...]] = []
    if not isinstance(block, nn.Module):
        return None
    for layer in block.modules():
        if isinstance(layer, nn.Conv2d):
            layer.register_forward_hook(lambda _, given, gave: sizes.append(gave.shape[2:]))
    with suppress(Exception):  # other errors are told where they come up
        block(torch.randn(2, 256, 3, 4))
    other = [tuple(size) for size in sizes if tuple(size) != (3, 4)]
    return {"expected": (3, 4), "got": other[0]} if other else None


def _relu_first(attempt: Callable) -> dict[str, Any] | None:
    calls = run(attempt)[2]
    pairs = [(a, b) for a, b in pairwise(calls) if isinstance(b.layer, nn.BatchNorm2d)]
    early = [bool((a.gave < 0).any()) and torch.equal(b.got, a.gave.relu()) for a, b in pairs]
    return {} if any(early) else None


def _shared(attempt: Callable) -> dict[str, Any] | None:
    norms = [call.layer for call in run(attempt)[2] if isinstance(call.layer, nn.BatchNorm2d)]
    return {} if len(set(norms)) < len(norms) else None


def _fourth(attempt: Callable) -> dict[str, Any] | None:
    convs = convolutions(run(attempt)[2])
    return {} if len(convs) == 4 and sum(c.kernel_size == (1, 1) for c in convs) == 3 else None


def _number(attempt: Callable) -> dict[str, Any] | None:
    number = len(convolutions(run(attempt)[2]))
    return None if number == 3 else {"convolutions": number}


def _kernels(attempt: Callable) -> dict[str, Any] | None:
    sizes = [conv.kernel_size for conv in convolutions(run(attempt)[2])]
    said = ", ".join(f"{h}×{w}" for h, w in sizes)
    return None if sizes == [(1, 1), (3, 3), (1, 1)] else {"kernels": said}


def _narrow(attempt: Callable) -> dict[str, Any] | None:
    widths = [conv.out_channels for conv in convolutions(run(attempt)[2])]
    return None if widths == [64, 64, 256] else {"widths": ", ".join(map(str, widths))}


def _always_64(attempt: Callable) -> dict[str, Any] | None:
    try:
        widths = [conv.out_channels for conv in convolutions(run(attempt, 32)[2])]
    except RuntimeError:  # the channels do not fit
        return {}
    return None if widths == [8, 8, 32] else {}


def _normalized(attempt: Callable) -> dict[str, Any] | None:
    kinds = [type(call.layer).__name__ for call in run(attempt)[2]]
    number = kinds.count("BatchNorm2d")
    return None if number == 3 else {"normalizations": number}


def _order(attempt: Callable) -> dict[str, Any] | None:
    kinds = [isinstance(call.layer, nn.Conv2d) for call in run(attempt)[2]]
    return None if kinds == [True, False] * 3 else {}


def _relu_inside(attempt: Callable) -> dict[str, Any] | None:
    calls = [call for call in run(attempt)[2] if isinstance(call.layer, nn.Conv2d)]
    return {} if any(bool((call.got < 0).any()) for call in calls[1:]) else None


def _is(what: Callable[[Tensor, Tensor], Tensor]) -> Callable:
    """Return a requirement's function: broken if the output is this of the path and the input."""

    def broken(attempt: Callable) -> dict[str, Any] | None:
        X, Y, calls = run(attempt)
        return {} if torch.allclose(Y, what(left(calls), X), atol=1e-4) else None

    return broken


def _sum(attempt: Callable) -> dict[str, Any] | None:
    X, Y, calls = run(attempt)
    return None if torch.allclose(Y, (left(calls) + X).relu(), atol=1e-4) else {}


TASK = Task(
    name="8.6 E",
    asks="Bottleneck(num_channels)",
    prompt="Build the bottleneck block, for `num_channels` channels in and out, such as 256: a 1×1 "
    "convolution to a quarter of them, a 3×3 convolution that keeps size and width, a 1×1 "
    "convolution back; a batch normalization after each, a ReLU after the first two of these; then "
    "the sum with the input, and the last ReLU. (Lazy layers, as above, need no number of input "
    "channels.)",
    stub='''class Bottleneck(nn.Module):
    """A residual block that is narrow inside, for num_channels in and out."""

    def __init__(self, num_channels):
        super().__init__()
        ...  # your layers

    def forward(self, X):
        return ...  # your lines
''',
    solution='''class Bottleneck(nn.Module):
    """A residual block that is narrow inside, for num_channels in and out."""

    def __init__(self, num_channels):
        super().__init__()
        narrow = num_channels // 4
        self.layers = nn.Sequential(
            nn.LazyConv2d(narrow, kernel_size=1), nn.LazyBatchNorm2d(), nn.ReLU(),
            nn.LazyConv2d(narrow, kernel_size=3, padding=1), nn.LazyBatchNorm2d(), nn.ReLU(),
            nn.LazyConv2d(num_channels, kernel_size=1), nn.LazyBatchNorm2d())

    def forward(self, X):
        return F.relu(self.layers(X) + X)
''',
    hints=(
        "Three convolutions: from num_channels to num_channels // 4, then as many again, then "
        "back to num_channels. Only the one in the middle is 3×3.",
        "The 3×3 convolution keeps height and width with padding=1.",
        "The layers' path can be one nn.Sequential that ends in a batch normalization; the forward "
        "pass is then F.relu(self.layers(X) + X).",
    ),
    requirements=(
        Requirement("no layer", "A class that is an nn.Module is wanted: Bottleneck(256) is to be "
                    "a layer.", _no_layer),
        Requirement("shape", "A convolution makes maps of {got} from {expected}: they cannot be "
                    "added to the input. Has the 3×3 convolution padding=1, and no stride?",
                    _maps_stay),
        Requirement("returns nothing", "The forward pass returns nothing (None): is the `return` "
                    "missing?", _nothing),
        Requirement("shape", "The output has another shape than the input, and cannot be added to "
                    "it. Has the 3×3 convolution padding=1, and no stride?", _shape),
        Requirement("convolution on the shortcut", "A fourth convolution stands on the shortcut. "
                    "With as many channels out as in, the shortcut is the input itself.", _fourth),
        Requirement("number of convolutions", "The input goes through {convolutions} convolutions; "
                    "it is to go through three: 1×1, 3×3, 1×1.", _number),
        Requirement("kernel sizes", "The kernels are {kernels}, from the input on; they are to be "
                    "1×1, 3×3, 1×1.", _kernels),
        Requirement("width inside", "The convolutions give {widths} channels; they are to give "
                    "64, 64, 256: a quarter inside, and all of them at the end.", _narrow),
        Requirement("right for 256 channels only", "With other channels, such as 32, the block is "
                    "not a quarter as wide inside: compute the widths from num_channels.",
                    _always_64),
        Requirement("number of normalizations", "The input goes through {normalizations} batch "
                    "normalizations; there is to be one after each of the three convolutions, each "
                    "with its own scale and shift.", _normalized),
        Requirement("one normalization twice", "The same batch normalization stands behind two "
                    "convolutions: each is to have its own, with scale, shift and averages.",
                    _shared),
        Requirement("order of the layers", "Convolutions and batch normalizations do not "
                    "alternate: each convolution is to be followed by its batch normalization.",
                    _order),
        Requirement("ReLU before the normalization", "A ReLU stands between a convolution and its "
                    "batch normalization: first the normalization, then the ReLU.", _relu_first),
        Requirement("no ReLU inside", "A convolution gets negative numbers: a ReLU is missing "
                    "after the first or the second batch normalization.", _relu_inside),
        Requirement("without the shortcut", "The input is not added: what comes back is the ReLU "
                    "of the layers alone.", _is(lambda Y, X: Y.relu())),
        Requirement("only the layers", "What the layers compute comes back, without the sum and "
                    "without the last ReLU.", _is(lambda Y, X: Y)),
        Requirement("no last ReLU", "The ReLU after the sum is missing.", _is(lambda Y, X: Y + X)),
        Requirement("ReLU before the sum", "The last ReLU comes before the sum; it is to come "
                    "after it.", _is(lambda Y, X: Y.relu() + X)),
        Requirement("ReLU on both sides of the sum", "There is a ReLU before the sum, too: the "
                    "layers' path ends in its batch normalization.",
                    _is(lambda Y, X: (Y.relu() + X).relu())),
        Requirement("input overwritten", "The sum adds the layers' output to itself: X was "
                    "overwritten on the way.", _is(lambda Y, X: (Y + Y).relu())),
        Requirement("another sum", "The output is not the ReLU of the sum of both paths: what the "
                    "three layers compute, and the input as it came.", _sum),
    ),
)  # fmt: skip
