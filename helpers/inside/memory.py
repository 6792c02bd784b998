"""Measure what a training step keeps in memory between its two passes."""

from collections.abc import Sequence

from torch import Tensor, nn
from torch.autograd.graph import saved_tensors_hooks

from helpers.inside import empty

__all__ = ["kept"]


def kept(model: nn.Module, input_shape: Sequence[int]) -> int:
    """Return the bytes that PyTorch keeps of a batch from the forward to the backward pass.

    `input_shape` is that of the whole batch, (128, 1, 28, 28) for 128 grey images. The network
    runs in training mode, and every piece of memory that autograd saves is counted once,
    however many layers saved it: the batch itself, outputs of layers, what max-pooling and
    dropout remember. Weights and buffers are not counted: they are there in any case. Nor is
    what a pass uses and gives back.

    A copy of the network is measured, on PyTorch's `meta` device as by `helpers.cost`: the
    network stays as it is, and no memory is taken. On a GPU some layers keep other things,
    dropout a byte in place of four, so that the number there is a little different.

    Raises TypeError for what is no module or no shape, ValueError for an input that the
    network cannot take, with PyTorch's reason: batch normalisation cannot train on a single
    number of each channel.
    """
    return empty.run(_kept, model, input_shape)


def _kept(model: nn.Module, shape: tuple[int, ...]) -> int:
    """Send an empty batch through a network that may be changed, and measure."""
    X = empty.batch(model, shape)
    model.train()
    model(X)  # lazy layers have their weights afterwards
    own = {_place(tensor) for tensor in (*model.parameters(), *model.buffers())}
    saved: dict[int, Tensor] = {}  # which holds them, so that no place is given away twice

    def note(tensor: Tensor) -> Tensor:
        saved.setdefault(_place(tensor), tensor)
        return tensor

    with saved_tensors_hooks(note, lambda tensor: tensor):
        output = model(X)
    del output
    return sum(t.untyped_storage().nbytes() for place, t in saved.items() if place not in own)


def _place(tensor: Tensor) -> int:
    """Return what tells one piece of memory from another, on `meta` too."""
    return tensor.untyped_storage()._cdata
