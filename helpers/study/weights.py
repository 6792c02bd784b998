"""What an attempt made of a layer's weights: were they drawn anew, and from what?

Each `find_…` looks at one layer and returns None, or what is to be shown of what is wrong; `each`
makes a requirement's `broken` of it, over layers whose sizes tell all ways of counting apart.
"""

import math
from collections.abc import Callable, Mapping
from typing import Any

import torch
from torch import Tensor, nn

__all__ = [
    "each",
    "fan_in",
    "fan_out",
    "filled",
    "find_another_dtype",
    "find_another_shape",
    "find_constant",
    "find_mean",
    "find_no_gradient",
    "find_not_finite",
    "find_not_normal",
    "find_repeated",
    "find_unchanged",
    "is_close",
    "layers",
    "told",
]

Layer = nn.Linear | nn.Conv2d
Found = Mapping[str, Any] | None
MARK = 7.0  # what no attempt gives a weight
CLOSE = 0.06  # of a variance: five times what it is off by chance in the layers below


def layers() -> list[Layer]:
    """Return layers of many weights: wide, narrow, and with a kernel that is not square."""
    return [
        nn.Linear(400, 60),
        nn.Linear(30, 700),
        nn.Conv2d(12, 200, (3, 5)),
        nn.Conv2d(96, 24, 3),
    ]


def told(layer: nn.Module) -> str:
    """Return a layer as one would write it."""
    if isinstance(layer, nn.Linear):
        return f"nn.Linear({layer.in_features}, {layer.out_features})"
    if isinstance(layer, nn.Conv2d):
        height, width = layer.kernel_size
        size = height if height == width else (height, width)
        return f"nn.Conv2d({layer.in_channels}, {layer.out_channels}, {size})"
    return type(layer).__name__


def fan_in(W: Tensor) -> int:
    """Return the inputs of one unit."""
    return W[0].numel()


def fan_out(W: Tensor) -> int:
    """Return the outputs that one input of a layer reaches."""
    return W[:, 0].numel()


def is_close(variance: float, wanted: float) -> bool:
    """Whether the variance of many weights is the one wanted, but for chance."""
    return abs(variance / wanted - 1) < CLOSE


def filled(attempt: Callable, layer: Layer) -> Layer:
    """Return a layer after an attempt, with weights before it that no attempt gives."""
    with torch.no_grad():
        for parameter in layer.parameters():
            parameter.fill_(MARK)
    attempt(layer)
    return layer


def each(find: Callable[[Layer], Found]) -> Callable[[Callable], Found]:
    """Return what tries an attempt on the layers, up to the first in which `find` finds one."""

    def broken(attempt: Callable) -> Found:
        for layer in layers():
            found = find(filled(attempt, layer))
            if found is not None:
                return {"layer": told(layer), **found}
        return None

    return broken


def find_unchanged(layer: Layer) -> Found:
    """Find weights that are as they were."""
    return {} if bool((layer.weight == MARK).all()) else None


def find_another_shape(layer: Layer) -> Found:
    """Find weights that do not fit the layer."""
    if isinstance(layer, nn.Linear):
        wanted: tuple[int, ...] = (layer.out_features, layer.in_features)
    else:
        wanted = (layer.out_channels, layer.in_channels // layer.groups, *layer.kernel_size)
    got = tuple(layer.weight.shape)
    return None if got == wanted else {"expected": wanted, "got": got}


def find_another_dtype(layer: Layer) -> Found:
    """Find weights of another type than images have."""
    return None if layer.weight.dtype == torch.float32 else {"got": str(layer.weight.dtype)}


def find_no_gradient(layer: Layer) -> Found:
    """Find weights that would never learn."""
    return None if layer.weight.requires_grad else {}


def find_not_finite(layer: Layer) -> Found:
    """Find weights that are infinite, or no numbers."""
    return None if bool(layer.weight.isfinite().all()) else {}


def find_constant(layer: Layer) -> Found:
    """Find weights that are all the same."""
    first = layer.weight.detach().flatten()[0]
    return {"weight": float(first)} if bool((layer.weight == first).all()) else None


def find_repeated(layer: Layer) -> Found:
    """Find units with the same weights, or weights that are the same within each unit."""
    rows = layer.weight.detach().flatten(1)
    return {} if bool((rows == rows[:1]).all()) or bool((rows == rows[:, :1]).all()) else None


def find_not_normal(layer: Layer) -> Found:
    """Find weights that are spread evenly: their fourth power, standardised, is 1.8, not 3."""
    W = layer.weight.detach().flatten()
    W = (W - W.mean()) / W.std()
    return {"farthest": float(W.abs().max())} if float(W.pow(4).mean()) < 2.4 else None


def find_mean(layer: Layer) -> Found:
    """Find weights whose mean is not 0, but for chance."""
    mean, spread = float(layer.weight.mean()), float(layer.weight.std())
    return {"mean": mean} if abs(mean) > 5 * spread / math.sqrt(layer.weight.numel()) else None
