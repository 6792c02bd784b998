"""What a training is given: arguments, data, batches, a model, an optimiser."""

import math
from collections.abc import Mapping
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.utils.data import DataLoader, Dataset

from helpers import arguments

__all__ = ["check_batch", "check_loss", "check_model", "check_optimiser", "loaders_of"]

FLAGS = (None, True, False)


def whole(name: str, value: Any, least: int) -> int:
    """Return a whole number of any kind as an int. Raises ValueError naming the argument."""
    number = arguments.whole(value)
    if number is None or number < least:
        kind = "0 or a positive whole number" if least == 0 else f"a whole number from {least} on"
        raise ValueError(f"{name} must be {kind}, got {value!r}")
    return number


def not_negative(name: str, value: Any) -> float:
    """Return a finite number from 0 on as Python's own. Raises ValueError naming the argument."""
    try:
        if isinstance(value, (bool, np.bool_, str)):
            raise TypeError
        number = float(value)
    except (TypeError, ValueError, RuntimeError):
        number = math.nan
    if not 0 <= number < math.inf:
        raise ValueError(f"{name} must be 0 (no limit) or a positive number, got {value!r}")
    return int(value) if isinstance(value, int) else number


def flag(name: str, value: Any, allowed: tuple = FLAGS) -> bool | None:
    """Return True or False, or None where `allowed` has it. Raises ValueError naming it."""
    if isinstance(value, np.bool_):
        value = bool(value)
    if not any(value is choice for choice in allowed):
        words = ", ".join(map(repr, allowed[:-1])) + f" or {allowed[-1]!r}"
        raise ValueError(f"{name} must be {words}, got {value!r}")
    return value


def loaders_of(data: Any) -> tuple[Any, Any]:
    """Return the training and validation batches of `data`; None where there is no validation.

    Raises TypeError or ValueError saying what `data` must be.
    """
    pair = isinstance(data, (tuple, list)) and len(data) == 2
    if pair and not isinstance(data[0], Tensor):
        train, val = data
    elif isinstance(data, DataLoader):
        train, val = data, None
    elif hasattr(data, "train_dataloader") and hasattr(data, "val_dataloader"):
        train, val = data.train_dataloader(), data.val_dataloader()
    else:
        got = type(data).__name__ + (" of tensors" if pair else "")
        raise TypeError(
            "data must have train_dataloader() and val_dataloader(), as d2l.DataModule and "
            f"helpers.FashionMNIST have, or be a DataLoader or a pair of them, got {got}"
        )
    for name, batches in {"train": train, "val": [] if val is None else val}.items():
        if isinstance(batches, (Dataset, Tensor)):
            raise TypeError(
                f"{name}_dataloader() of data must return batches, got the "
                f"{type(batches).__name__} itself: wrap it, as DataLoader(…, batch_size=64)"
            )
        try:
            len(batches)
        except TypeError:
            raise TypeError(
                f"{name}_dataloader() of data must return batches that have a length and can "
                f"be run through again, as a DataLoader can, got {type(batches).__name__}"
                + (" over an IterableDataset" if isinstance(batches, DataLoader) else "")
            ) from None
    if len(train) == 0:
        raise ValueError("data has no training batch")
    return train, val


def check_batch(batch: Any) -> int:
    """Return the number of samples of a batch. Raises TypeError or ValueError for what is none."""
    if not isinstance(batch, (list, tuple)):
        got = type(batch).__name__
        if isinstance(batch, Mapping):
            got += f" with the keys {', '.join(map(str, batch))}"
        raise TypeError(
            f"a batch of the data must be a list or tuple, inputs first and labels last, got {got}"
        )
    for i, part in enumerate(batch):
        if isinstance(part, np.ndarray):
            raise TypeError(
                f"a batch of the data must hold tensors, got a NumPy array of shape {part.shape} "
                f"at place {i}: convert it with torch.from_numpy"
            )
    size = len(batch[-1]) if batch and hasattr(batch[-1], "__len__") else 0
    if isinstance(batch, (list, tuple)) and batch and isinstance(batch[-1], Tensor):
        size = batch[-1].shape[0] if batch[-1].dim() else 0
    if size == 0:
        raise ValueError("a batch of the data is empty: it holds no sample")
    return size


def check_model(model: Any) -> None:
    """Raise TypeError saying what the model lacks, if it lacks something."""
    if not isinstance(model, nn.Module):
        raise TypeError(f"model must be a torch.nn.Module, got {type(model).__name__}")
    for method in ("training_step", "validation_step", "configure_optimizers"):
        if not hasattr(model, method):
            raise TypeError(
                f"model must have {method}(), as the subclasses of d2l.Module have; "
                f"{type(model).__name__} has none"
            )
    forward = type(model).forward
    inherited = forward.__module__.startswith("d2l") and forward.__qualname__ == "Module.forward"
    if inherited and not hasattr(model, "net"):
        raise TypeError(
            f"model {type(model).__name__} has neither `net` nor a forward() of its own: "
            "set self.net in its __init__"
        )


def check_optimiser(optim: Any, model: nn.Module) -> None:
    """Raise TypeError saying what configure_optimizers() must return, if it returned else."""
    advice = ""
    if isinstance(optim, type):
        got, advice = f"the class {optim.__name__}", f": call it, as {optim.__name__}(…)"
    elif isinstance(optim, torch.optim.lr_scheduler.LRScheduler):
        got = f"the scheduler {type(optim).__name__}"
        advice = ": keep it in the model, and call its step() in validation_step or training_step"
    elif isinstance(optim, torch.optim.LBFGS):
        got, advice = "LBFGS", ", whose step() needs a closure that this loop does not have"
    elif isinstance(optim, (dict, tuple, list)):
        got, advice = f"a {type(optim).__name__}", ": return only the optimiser"
    elif hasattr(optim, "step"):
        return
    else:
        got = type(optim).__name__
    raise TypeError(
        f"configure_optimizers() of {type(model).__name__} must return an optimiser, "
        f"got {got}{advice}"
    )


def check_loss(loss: Any, model: nn.Module) -> Tensor:
    """Return the loss. Raises TypeError if it is not a tensor with one number."""
    if not isinstance(loss, Tensor) or loss.numel() != 1:
        got = f"shape {tuple(loss.shape)}" if isinstance(loss, Tensor) else type(loss).__name__
        raise TypeError(
            f"training_step() of {type(model).__name__} must return the loss, "
            f"a tensor with one number, got {got}"
        )
    if not loss.requires_grad:
        frozen = not any(p.requires_grad for p in model.parameters())
        why = "no parameter of the model requires a gradient" if frozen else "it was detached"
        raise TypeError(
            f"the loss of {type(model).__name__} has no gradient: {why}, so nothing can be trained"
        )
    return loss
