"""Send an empty batch through a copy of a network that takes no memory."""

import copy
import operator
from collections import OrderedDict
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

import torch
from torch import Tensor, nn
from torch.nn.parameter import UninitializedBuffer, UninitializedParameter

Result = TypeVar("Result")


def run(
    measure: Callable[[nn.Module, tuple[int, ...]], Result],
    model: nn.Module,
    input_shape: Sequence[int],
) -> Result:
    """Return what `measure` finds with a copy of a network and a batch's shape.

    The copy is on PyTorch's `meta` device; where the network computes with contents, as with
    `.item()`, it is a full one. No random number is drawn.

    Raises TypeError for what is no module or no shape, ValueError for an input that the
    network cannot take, with PyTorch's reason.
    """
    if not isinstance(model, nn.Module):
        call = f"; make one: {model.__name__}(...)" if isinstance(model, type) else ""
        raise TypeError(f"model must be a torch.nn.Module, got {model!r}{call}")
    shape = _checked(input_shape)
    problem: Exception
    try:
        return _without_random(measure, _copy(model, on_meta=True), shape)
    except Exception as error:  # whatever a forward pass may raise
        problem = error
    if not any(p.is_meta for p in model.parameters()):
        try:
            return _without_random(measure, _copy(model, on_meta=False), shape)
        except Exception as error:
            problem = error
    raise ValueError(f"the model cannot take input_shape {shape}: {problem}") from problem


def batch(model: nn.Module, shape: tuple[int, ...]) -> Tensor:
    """Return a batch of zeros of the kind and at the place of a network's weights."""
    first = next(model.parameters(), torch.empty(0))
    return torch.zeros(shape, dtype=first.dtype, device=first.device)


def _without_random(
    measure: Callable[[nn.Module, tuple[int, ...]], Result],
    model: nn.Module,
    shape: tuple[int, ...],
) -> Result:
    gpus = {p.device for p in model.parameters() if p.is_cuda}
    with torch.random.fork_rng(list(gpus)):
        return measure(model, shape)


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
    return copy.deepcopy(model, memo)


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
