"""Count what a network costs: parameters, multiply-adds, activations."""

import copy
import operator
from collections import OrderedDict
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import torch
from torch import Tensor, nn
from torch.nn.parameter import UninitializedBuffer, UninitializedParameter
from torch.utils.flop_counter import FlopCounterMode

__all__ = ["Cost", "cost"]


class Cost(NamedTuple):
    """What one pass through a network costs: three counts."""

    parameters: int
    multiply_adds: int
    activations: int


def cost(model: nn.Module, input_shape: Sequence[int]) -> Cost:
    """Count a network's parameters, and the work and the memory of one pass through it.

    `input_shape` is that of the whole batch, (1, 1, 28, 28) for one grey image. `multiply_adds`
    are those of convolutions and matrix products, as PyTorch's FlopCounterMode finds them (it
    counts two operations for each). `activations` is the number of values that the layers put
    out, of all layers without layers inside; a training keeps about as many for the backward
    pass.

    A copy of the network is counted, on PyTorch's `meta` device: tensors there have a shape
    but no contents. So the network stays as it is, lazy layers included, no memory is taken
    and no random number drawn. Only a network that computes with contents, as with `.item()`,
    is copied in full.

    Raises TypeError for what is no module or no shape, ValueError for an input that the
    network cannot take, with PyTorch's reason.
    """
    if not isinstance(model, nn.Module):
        call = f"; make one: {model.__name__}(...)" if isinstance(model, type) else ""
        raise TypeError(f"model must be a torch.nn.Module, got {model!r}{call}")
    shape = _checked(input_shape)
    problem: Exception
    try:
        return _count(_copy(model, on_meta=True), shape)
    except Exception as error:  # whatever a forward pass may raise
        problem = error
    if not any(p.is_meta for p in model.parameters()):
        try:
            return _count(_copy(model, on_meta=False), shape)
        except Exception as error:
            problem = error
    raise ValueError(f"the model cannot take input_shape {shape}: {problem}") from problem


def _checked(shape: Sequence[int]) -> tuple[int, ...]:
    """Return a shape as a tuple of Python's own numbers."""
    try:
        numbers = tuple(operator.index(n) for n in shape)
    except TypeError:
        numbers = ()
    if not numbers or min(numbers) < 1:
        raise TypeError(
            "input_shape must be the whole numbers of a batch's shape, such as (1, 1, 28, 28), "
            f"got {shape!r}"
        )
    return numbers


def _copy(model: nn.Module, on_meta: bool) -> nn.Module:
    """Return a copy of a network without its hooks, and without memory if it is on `meta`."""
    memo: dict[int, object] = {}  # what deepcopy is to take for which object
    for module in model.modules():
        memo[id(module._forward_hooks)] = OrderedDict()
        for name, value in vars(module).items():
            if isinstance(value, Tensor):  # a tensor that is a plain attribute
                memo[id(value)] = _stand_in(value, on_meta)
            elif name in ("trainer", "board"):  # these hold the data, and figures
                memo[id(value)] = value
        for tensor in (*module._parameters.values(), *module._buffers.values()):
            if tensor is not None and id(tensor) not in memo:
                memo[id(tensor)] = _stand_in(tensor, on_meta)
    return copy.deepcopy(model, memo).eval()


def _stand_in(tensor: Tensor, on_meta: bool) -> Tensor:
    """Return a tensor of the same kind and shape, on `meta` or with the same contents."""
    device = torch.device("meta") if on_meta else tensor.device
    if isinstance(tensor, UninitializedParameter | UninitializedBuffer):
        kind: Any = type(tensor)
        return kind(tensor.requires_grad, device=device, dtype=tensor.dtype)
    new = torch.empty_like(tensor, device=device) if on_meta else tensor.detach().clone()
    if isinstance(tensor, nn.Parameter):
        return nn.Parameter(new, tensor.requires_grad)
    return new.detach()


def _count(model: nn.Module, shape: tuple[int, ...]) -> Cost:
    """Send an empty batch through a network that may be changed, and count."""
    first = next(model.parameters(), torch.empty(0))
    X = torch.zeros(shape, dtype=first.dtype, device=first.device)
    activations = 0

    def note(module: nn.Module, inputs: object, output: object) -> None:
        nonlocal activations
        activations += sum(tensor.numel() for tensor in _tensors(output))

    for module in model.modules():
        if next(module.children(), None) is None:
            module.register_forward_hook(note)
    gpus = [first.device] if first.is_cuda else []
    with torch.random.fork_rng(gpus), torch.no_grad(), FlopCounterMode(display=False) as counter:
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
