"""8.3 E: a last block whose classes cannot die."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.parameter import UninitializedParameter

from helpers.study.task import Requirement, Task

__all__ = ["TASK"]

CHANNELS = (7, 3)  # of the maps that it is tried on
KERNELS = [3, 1, 1]
NORMS = (nn.BatchNorm2d, nn.GroupNorm)


def _maps(channels: int = CHANNELS[0]) -> Tensor:
    """Return two images with a few channels, not square, positive as behind a ReLU."""
    generator = torch.Generator().manual_seed(channels)
    return torch.rand(2, channels, 4, 5, generator=generator)


def _convolutions(block: nn.Module) -> list[nn.Conv2d]:
    return [module for module in block.modules() if isinstance(module, nn.Conv2d)]


@contextmanager
def _seen(block: nn.Module) -> Iterator[list[tuple[Tensor, Tensor]]]:
    """Note what goes into each convolution and what comes out, in the order of the calls."""
    found: list[tuple[Tensor, Tensor]] = []
    hooks = [
        layer.register_forward_hook(lambda _, given, output: found.append((given[0], output)))
        for layer in _convolutions(block)
    ]
    try:
        yield found
    finally:
        for hook in hooks:
            hook.remove()


def _no_layer(attempt: Callable) -> dict[str, Any] | None:
    block = attempt()
    return None if isinstance(block, nn.Module) else {"got": block}


def _one_number(attempt: Callable) -> dict[str, Any] | None:
    shape = tuple(attempt()(_maps()).shape)
    return {"got": shape, "expected": (2, 10, 4, 5)} if len(shape) < 4 or shape[2:] == (1, 1) \
        else None  # fmt: skip


def _classes(attempt: Callable) -> dict[str, Any] | None:
    shape = tuple(attempt()(_maps()).shape)
    return None if shape[1] == 10 else {"channels": shape[1]}


def _fixed(attempt: Callable) -> dict[str, Any] | None:
    layers = _convolutions(attempt())
    if not layers or isinstance(layers[0].weight, UninitializedParameter):
        return None
    return {"channels": layers[0].in_channels}


def _kernels(attempt: Callable) -> dict[str, Any] | None:
    found = [layer.kernel_size[0] for layer in _convolutions(attempt())]
    if len(found) != 3:
        return {"convolutions": len(found)}
    return None


def _sizes(attempt: Callable) -> dict[str, Any] | None:
    found = [layer.kernel_size[0] for layer in _convolutions(attempt())]
    return None if found == KERNELS else {"got": found, "expected": KERNELS}


def _shape(attempt: Callable) -> dict[str, Any] | None:
    shape = tuple(attempt()(_maps()).shape)
    return None if shape[2:] == (4, 5) else {"got": shape, "expected": (2, 10, 4, 5)}


def _grown(attempt: Callable) -> dict[str, Any] | None:
    shape = tuple(attempt()(_maps()).shape)
    return {"got": shape, "expected": (2, 10, 4, 5)} if shape[2] > 4 else None


def _linear(place: int) -> Callable:
    """Return what is broken if nothing stands between a convolution and the one behind it."""

    def broken(attempt: Callable) -> dict[str, Any] | None:
        block = attempt()
        block(_maps())
        with _seen(block) as found:
            block(_maps())
        return {} if torch.equal(found[place][1], found[place + 1][0]) else None

    return broken


def _no_bias(attempt: Callable) -> dict[str, Any] | None:
    return {} if any(layer.bias is None for layer in _convolutions(attempt())) else None


def _gradients(block: nn.Module, bias: float) -> Tensor:
    """Return how large each class's gradient is where the last convolution has these biases."""
    block(_maps())
    last = _convolutions(block)[-1]
    for layer in (last, *(m for m in block.modules() if isinstance(m, NORMS))):
        if layer.bias is not None:
            layer.bias.data[:] = bias
    block.zero_grad()
    output = block(_maps())
    if not output.requires_grad:
        return torch.zeros(10)
    (output * torch.arange(output.numel()).reshape(output.shape)).sum().backward()
    sizes = [p.grad.abs().reshape(10, -1).sum(1) for p in last.parameters() if p.grad is not None]
    return sum(sizes, torch.zeros(10))


def _dead(attempt: Callable) -> bool:
    return bool((_gradients(attempt(), -100.0).abs() < 1e-6).any())


def _ends_in_relu(attempt: Callable) -> dict[str, Any] | None:
    block = attempt()
    output = block(_maps())
    with _seen(block) as found:
        output = block(_maps())
    relu = torch.equal(output, found[-1][1].relu()) and bool((found[-1][1] < 0).any())
    return {"bias of the last convolution": -100.0} if relu and _dead(attempt) else None


def _saturates(attempt: Callable) -> dict[str, Any] | None:
    return {"bias of the last convolution": -100.0} if _dead(attempt) else None


def _saturates_above(attempt: Callable) -> dict[str, Any] | None:
    dead = bool((_gradients(attempt(), 100.0).abs() < 1e-6).any())
    return {"bias of the last convolution": 100.0} if dead else None


def _softmax(attempt: Callable) -> dict[str, Any] | None:
    sums = attempt()(_maps()).sum(1)
    same = torch.allclose(sums, torch.ones_like(sums), atol=1e-4)
    return {"sum over the classes": 1.0} if same else None


TASK = Task(
    name="8.3 E",
    asks="last_block()",
    prompt="Return a block for the end of NiN that is like `nin_block(10, 3, 1, 1)`: three "
    "convolutions that take any number of channels, ten maps as large as the input. But every "
    "class always has a gradient, whatever the weights and biases are.",
    stub='''@helpers.task("8.3 E")
def last_block():
    """Return a NiN block for ten classes, none of which can die."""
    return ...  # nn.Sequential(…)
''',
    solution='''def last_block():
    """Return a NiN block for ten classes, none of which can die."""
    return nn.Sequential(
        nn.LazyConv2d(10, kernel_size=3, padding=1), nn.ReLU(),
        nn.LazyConv2d(10, kernel_size=1), nn.ReLU(),
        nn.LazyConv2d(10, kernel_size=1))
''',
    hints=(
        "Which of the block's layers can stop the gradient of a class?",
        "The last ReLU: where it gets a negative number, its slope is 0. Do logits have to be "
        "positive?",
        "Write the layers of nin_block(10, 3, 1, 1) in an nn.Sequential, without the last ReLU.",
    ),
    requirements=(
        Requirement("no layer", "The function is to return a block: an object, such as an "
                    "nn.Sequential(…).", _no_layer),
        Requirement("number of convolutions", "A NiN block has three convolutions, one of 3×3 and "
                    "two of 1×1; here are {convolutions}.", _kernels),
        Requirement("fixed channels", "The block takes {channels} channels only. nin_block takes "
                    "any number, since its convolutions are lazy: nn.LazyConv2d(10, …).", _fixed),
        Requirement("kernel sizes", "The kernels have the sizes {got}: a neighbourhood is "
                    "gathered first (3×3), then come two layers for each pixel (1×1).", _sizes),
        Requirement("average inside", "The block already averages, or flattens: it is to give a "
                    "map for each class, and the average comes behind it.", _one_number),
        Requirement("number of classes", "The block gives {channels} maps; one for each of the "
                    "ten classes is wanted.", _classes),
        Requirement("size of the maps", "The maps grow. The 3×3 kernel keeps them with a padding "
                    "of 1, and a 1×1 kernel needs none.", _grown),
        Requirement("size of the maps", "The maps are not as large as the input: a 3×3 kernel "
                    "needs a padding of 1 and a stride of 1 for that.", _shape),
        Requirement("without biases", "A convolution has no bias, those of nin_block have one. "
                    "And if all numbers before it are 0, only the bias of a class has a "
                    "gradient.", _no_bias),
        Requirement("ends in a ReLU", "The last layer is still a ReLU: with a very negative bias a "
                    "class is 0 everywhere, and no gradient passes.", _ends_in_relu),
        Requirement("softmax inside", "The block ends in a softmax. The loss function does that "
                    "itself, and wants logits.", _softmax),
        Requirement("flat on the left", "A class whose numbers are very negative gets no gradient "
                    "(or hardly any): the layer at the end is flat there. Logits need no such "
                    "layer.", _saturates),
        Requirement("flat on the right", "A class whose numbers are very large gets no gradient: "
                    "the layer at the end is flat there. Logits need no such layer.",
                    _saturates_above),
        Requirement("no ReLU after the first", "Nothing stands between the first and the second "
                    "convolution: two linear layers in a row are one. Only the last ReLU is to "
                    "go.", _linear(0)),
        Requirement("no ReLU after the second", "Nothing stands between the second and the third "
                    "convolution: two linear layers in a row are one. Only the last ReLU is to "
                    "go.", _linear(1)),
    ),
)  # fmt: skip
