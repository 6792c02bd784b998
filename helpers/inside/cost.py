"""Count what a network costs: parameters, multiply–adds, activations."""

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

import torch
from torch import Tensor, nn
from torch.utils.flop_counter import FlopCounterMode

from helpers.inside import empty

__all__ = ["Cost", "cost"]


class Cost(NamedTuple):
    """What one pass through a network costs: three counts."""

    parameters: int
    multiply_adds: int
    activations: int


def cost(model: nn.Module, input_shape: Sequence[int]) -> Cost:
    """Count a network's parameters, and the work and the outputs of one pass through it.

    `input_shape` is that of the whole batch, (1, 1, 28, 28) for one grey image. `multiply_adds`
    are those of convolutions and matrix products, as PyTorch's FlopCounterMode finds them (it
    counts two operations for each). `activations` is the number of values that the layers put
    out, of all layers without layers inside. What a training keeps of them for the backward
    pass is another number, less where layers share memory and more where the network computes
    outside of layers: `helpers.kept` measures it.

    A copy of the network is counted, on PyTorch's `meta` device: tensors there have a shape
    but no contents. So the network stays as it is, lazy layers included, no memory is taken
    and no random number drawn. Only a network that computes with contents, as with `.item()`,
    is copied in full.

    Raises TypeError for what is no module or no shape, ValueError for an input that the
    network cannot take, with PyTorch's reason.
    """
    return empty.run(_count, model, input_shape)


def _count(model: nn.Module, shape: tuple[int, ...]) -> Cost:
    """Send an empty batch through a network that may be changed, and count."""
    X = empty.batch(model.eval(), shape)
    activations = 0

    def note(module: nn.Module, inputs: object, output: object) -> None:
        nonlocal activations
        activations += sum(tensor.numel() for tensor in _tensors(output))

    for module in model.modules():
        if next(module.children(), None) is None:
            module.register_forward_hook(note)
    with torch.no_grad(), FlopCounterMode(display=False) as counter:
        model(X)
    parameters = sum(p.numel() for p in model.parameters())
    return Cost(parameters, counter.get_total_flops() // 2, activations)


def _tensors(output: object) -> Iterator[Tensor]:
    """Yield the tensors in what a layer has put out."""
    if isinstance(output, Tensor):
        yield output
    elif isinstance(output, Mapping):
        yield from _tensors(list(output.values()))
    elif isinstance(output, list | tuple):
        for part in output:
            yield from _tensors(part)
