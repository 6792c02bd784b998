"""Losses that show a training going wrong, and errors that say what to do about it."""

import math
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import torch
from torch import Tensor, nn

from helpers.training.layers import blame

__all__ = ["Losses", "explaining", "learning_rate"]

DIVERGED = 10  # a mean loss so many times the first step's is a divergence
LOOK_EVERY = 50  # steps between looks at the loss on a GPU, where each look waits for it


class Losses:
    """The losses of the last steps, looked at seldom where looking makes a GPU wait."""

    def __init__(self, device: torch.device):
        self._every = 1 if device.type == "cpu" else LOOK_EVERY
        self._recent: list[Tensor] = []  # of the steps not looked at yet
        self._first: float | None = None  # the first step's, until a divergence was told

    def add(self, loss: Tensor) -> bool:
        """Add a step's loss; return whether it is time to look."""
        self._recent.append(loss.detach())
        return len(self._recent) >= self._every

    def first_spoilt(self, step: int) -> int:
        """Return which step, of `step` so far, had the first infinite loss or nan; 0 for none."""
        if not self._recent:
            return 0
        losses = torch.stack(self._recent).flatten().tolist()  # one wait for all of them
        self._recent = []
        if self._first is None:
            self._first = losses[0]
        finite = [math.isfinite(loss) for loss in losses]
        return 0 if all(finite) else step - len(losses) + finite.index(False) + 1

    def divergence(self, row: Mapping[str, Any], optim: Any) -> str:
        """Return a warning, once, if the mean loss of an epoch is far above the first step's."""
        first, last = self._first, row.get("train_loss")
        if first is None or last is None or last <= DIVERGED * first or math.isinf(first):
            return ""
        self._first = math.inf  # once is enough
        return (
            f"The training diverges: the loss was {first:.3g} in the first step and "
            f"{last:.3g} on average in epoch {row['epoch']}. Lower the learning rate "
            f"({lower(optim)}) and train a new model."
        )

    def state_dict(self) -> dict[str, float | None]:
        return {"first": self._first}

    def load_state_dict(self, state: Mapping[str, float | None]) -> None:
        self._first = state["first"]


def not_finite(where: str, batch: Sequence, optim: Any, kept: str) -> FloatingPointError:
    """Return the error for a loss that is infinite or not a number, in the step `where`."""
    inputs = [a for a in batch[:-1] if isinstance(a, Tensor) and a.is_floating_point()]
    if not all(bool(a.isfinite().all()) for a in inputs):
        return FloatingPointError(
            f"the loss is no longer finite in {where}, for the inputs of this batch hold values "
            f"that are not finite (nan or inf). Remove them, and train a new model: the weights "
            f"of this one are spoilt. {kept}"
        )
    return FloatingPointError(
        f"the loss is no longer finite in {where}. Lower the learning rate ({lower(optim)}), or "
        "limit the gradients with gradient_clip_val=1, and train a new model: the weights of "
        f"this one are spoilt. {kept}"
    )


@contextmanager
def explaining(model: nn.Module, batch: Sequence) -> Iterator[None]:
    """Raise PyTorch's errors from a step of `model` on `batch` in words that help the reader."""
    try:
        yield
    except (RuntimeError, IndexError, ValueError, MemoryError) as error:
        told = explained(error, model, batch)
        if told is error:  # the reader's own
            raise
        raise told from error


def explained(error: Exception, model: nn.Module, batch: Sequence) -> Exception:
    """Return an error that says what the reader can do about PyTorch's `error`.

    An error of a class of the reader's own is returned as it is.
    """
    text = str(error)
    if isinstance(error, (torch.OutOfMemoryError, MemoryError)) or "allocate memory" in text:
        size, device = len(batch[-1]), batch[-1].device.type
        advice = f"try batch_size={size // 2}" if size > 1 else "use smaller images"
        return RuntimeError(f"out of memory on {device} with batches of {size}: {advice}")
    layer = blame(error, model)
    # PyTorch's layers raise ValueErrors too; others say what they have to say themselves.
    if type(error) not in (RuntimeError, IndexError) and not (type(error) is ValueError and layer):
        return error
    shapes = ", ".join(str(tuple(a.shape)) for a in batch[:-1] if isinstance(a, Tensor))
    advice = layer + _advice(text, batch, model)
    return type(error)(
        f"{type(model).__name__} failed on a batch with inputs of shape {shapes}: {text}{advice}"
    )


def _advice(text: str, batch: Sequence, model: nn.Module) -> str:
    """What is probably wrong with a batch that PyTorch refused; '' where nothing is seen."""
    X, y = batch[0], batch[-1]
    weights = next((p.dtype for p in model.parameters()), None)
    images = isinstance(X, Tensor) and X.dim() > 2
    if images and weights is not None and X.dtype != weights and not X.is_complex():
        return (
            f"\nThe inputs are {_name(X.dtype)} and the weights {_name(weights)}: "
            "give the data as X.float()" + ("" if X.is_floating_point() else " / 255")
        )
    if isinstance(y, Tensor) and y.dim() == 1 and isinstance(X, Tensor):
        if "Long" in text or "expected scalar type" in text or "not implemented for" in text:
            return f"\nLabels must be class numbers of dtype int64, got {_name(y.dtype)}: y.long()"
        if "out of bounds" in text:
            return (
                f"\nLabels must be class numbers below the number of outputs; they go from "
                f"{int(y.min())} to {int(y.max())}"
            )
    if len(batch) == 1:
        return "\nA batch holds one tensor only: inputs first and labels last are expected"
    return ""


def learning_rate(optim: Any) -> float | None:
    """Return the learning rate of the first group of parameters."""
    groups = getattr(optim, "param_groups", None)
    return groups[0].get("lr") if groups else getattr(optim, "lr", None)


def lower(optim: Any) -> str:
    lr = learning_rate(optim)
    return f"from {lr:g} to {lr / 10:g}, say" if lr else "by a factor of 10, say"


def _name(dtype: torch.dtype) -> str:
    return str(dtype).removeprefix("torch.")
