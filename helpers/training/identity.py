"""Which training is it? One description, for checkpoints and for interrupted trainings.

A description is a dict of plain values that is the same in another process. It has what
decides the numbers of a training: the model's layers, hyperparameters and code, the data,
the optimiser. Seeds and the number of epochs are not part of it.
"""

import sys
import zlib
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
from torch import Tensor, nn
from torch.utils.data import BatchSampler, Dataset, TensorDataset

from helpers.training.describing import (
    CODE,
    OF_A_MODULE,
    SCALARS,
    code_of_class,
    code_of_one,
    describe,
    is_library,
    is_setting,
    layer,
)
from helpers.training.device import has_lazy

__all__ = ["describe_contents", "describe_data", "describe_model", "describe_trainer"]
__all__ += ["differences"]

# What a Trainer has beside what a reader's own kind of Trainer may add.
OF_A_TRAINER = {
    "max_epochs", "num_gpus", "gradient_clip_val", "checkpoint", "verbose", "gpus", "epoch",
    "num_train_batches", "num_val_batches", "train_batch_idx", "val_batch_idx", "model", "optim",
    "scaler", "history", "train_dataloader", "val_dataloader", "placement", "_run",
}  # fmt: skip
HOOKS = ("_forward_hooks", "_forward_pre_hooks", "_backward_hooks", "_backward_pre_hooks")


def describe_model(model: nn.Module, optim: Any) -> dict[str, Any]:
    """Describe a model and its optimiser, before the first step."""
    name = type(model).__name__
    found: dict[str, Any] = {"model": name, "python": f"{sys.version_info[:2]}"}
    for key, value in getattr(model, "hparams", {}).items():
        found[f"{name}.{key}"] = describe(value)
    for path, module in model.named_modules():
        found[f"layer {path}"] = layer(module)
        for key, value in _choices(module):
            described = describe(value)
            # Two layers of a class may be set to different values.
            if found.setdefault(f"{type(module).__name__}.{key}", described) != described:
                found[f"{path or 'model'}.{key}"] = described
        if hooks := _hooks(module):
            found[f"hooks of {path or 'model'}"] = str(hooks)
        found |= code_of_class(type(module))
    lazy = has_lazy(model)
    found["parameters"] = None if lazy else str([tuple(p.shape) for p in model.parameters()])
    if frozen := [key for key, p in model.named_parameters() if not p.requires_grad]:
        found["frozen parameters"] = ", ".join(frozen)
    return found | _describe_optimiser(optim)


def describe_trainer(trainer: Any) -> dict[str, Any]:
    """Describe what a reader has put into a Trainer, or into a class that comes from it."""
    name, found = type(trainer).__name__, dict[str, Any]()
    for key, value in vars(trainer).items():
        if key not in OF_A_TRAINER and isinstance(value, SCALARS):
            found[f"{name}.{key}"] = value
    classes = [cls for cls in type(trainer).__mro__ if not is_library(cls.__module__)]
    return found | {k: v for cls in reversed(classes) for k, v in code_of_one(cls).items()}


def describe_data(data: Any, train: Any, val: Any) -> dict[str, Any]:
    """Describe the data and its two loaders; `val` may be None."""
    ours = type(data).__module__ == "helpers.data"
    found: dict[str, Any] = {"data": repr(data) if ours else type(data).__name__}
    for key, value in {} if ours else getattr(data, "hparams", {}).items():
        found[f"data.{key}"] = describe(value)
    for kind, batches in (("training", train), ("validation", val)):
        if batches is None:
            continue
        dataset = getattr(batches, "dataset", None)
        found |= {
            f"{kind} batch size": getattr(batches, "batch_size", None),
            f"{kind} batches per epoch": len(batches),
            f"{kind} order": _order(batches),
            f"{kind} set": type(dataset).__name__,
        }
        if isinstance(dataset, TensorDataset):
            found[f"{kind} contents"] = str([describe(t) for t in dataset.tensors])
        elif isinstance(labels := getattr(dataset, "targets", None), Tensor):
            found[f"{kind} labels"] = describe(labels)
        found |= code_of_class(type(dataset))
    return found


def describe_contents(train: Any, val: Any) -> dict[str, Any]:
    """Describe what data sets of the reader's own hold, and how samplers choose from them.

    A set may change what it holds while it is used, as one that keeps what it has read; so
    this counts at the beginning of a training only.
    """
    found: dict[str, Any] = {}
    for kind, batches in (("training", train), ("validation", val)):
        samplers = [getattr(batches, name, None) for name in ("sampler", "batch_sampler")]
        chosen = [(type(s).__name__, held) for s in samplers if (held := _held(s))]
        if not isinstance(samplers[1], (BatchSampler, type(None))):
            chosen.append((type(samplers[1]).__name__, []))
        if chosen:
            found[f"{kind} choice"] = _short(chosen)
        dataset = getattr(batches, "dataset", None)
        known = isinstance(dataset, (TensorDataset, type(None)))
        if holds := [] if known else _holdings(dataset):
            found[f"what the {kind} set holds"] = _short(holds)
    return found


def differences(theirs: Mapping[str, Any], ours: Mapping[str, Any], there: str = "there") -> str:
    """Return in what two descriptions differ, as a phrase; '' where they do not."""
    same_python = theirs.get("python") == ours.get("python")
    found = []
    for key in {**theirs, **ours}:
        a, b = theirs.get(key), ours.get(key)
        if a == b or key == "python" or (key == "parameters" and None in (a, b)):
            continue
        if not key.startswith(CODE):
            found.append(f"{key}: {a!r} {there}, {b!r} here")
        elif same_python:  # another version compiles the same source to other code
            found.append(f"the {key} was changed" if a and b else f"the {key} is not in both")
    shown = found[:4] + ([f"and {len(found) - 4} more"] if len(found) > 4 else [])
    return "; ".join(shown)


def _order(batches: Any) -> str:
    if hasattr(batches, "shuffle"):
        return "shuffled" if batches.shuffle else "as stored"
    return type(getattr(batches, "sampler", None)).__name__


def _describe_optimiser(optim: Any) -> dict[str, Any]:
    name = type(optim).__name__
    found: dict[str, Any] = {"optimiser": name}
    defaults = getattr(optim, "defaults", None) or {
        key: value
        for key, value in getattr(optim, "__dict__", {}).items()
        if not key.startswith("_") and isinstance(value, SCALARS)
    }
    for key, value in defaults.items():
        found[f"{name}.{key}"] = describe(value)
    groups = []
    for group in getattr(optim, "param_groups", []):
        own = {key: describe(v) for key, v in group.items() if key not in ("params", "initial_lr")}
        differ = {key: v for key, v in own.items() if v != found.get(f"{name}.{key}")}
        groups.append({"parameters": len(group["params"]), **differ})
    if len(groups) > 1 or any(len(group) > 1 for group in groups):
        found["groups of parameters"] = str(groups)
    return found | code_of_class(type(optim))


def _choices(module: nn.Module) -> Iterator[tuple[str, Any]]:
    """Yield what a module is set to, functions too, but not what it counts and remembers."""
    for key, value in vars(module).items():
        remembered = isinstance(value, (Tensor, np.ndarray, nn.Module, Mapping))
        if key not in OF_A_MODULE and key not in ("trainer", "board", "hparams"):
            if is_setting(value) and not remembered:
                yield key, value


def _hooks(module: nn.Module) -> list[Any]:
    """Return what stands for the hooks that a reader has given a module."""
    functions = [f for name in HOOKS for f in getattr(module, name, {}).values()]
    return [describe(f) for f in functions if not is_library(getattr(f, "__module__", None))]


def _holdings(dataset: Any, seen: tuple = ()) -> list[Any]:
    """Return what stands for a data set's tensors, arrays and lists, and for those within it."""
    if isinstance(dataset, (list, tuple)):
        return [describe(dataset)]
    if is_library(type(dataset).__module__) and not isinstance(dataset, Dataset):
        return []  # our own, which says by its name what it holds
    found: list[Any] = _held(dataset)
    for value in vars(dataset).values() if hasattr(dataset, "__dict__") else ():
        inner = value if isinstance(value, (list, tuple)) else [value]
        for part in inner if len(inner) < 100 else ():
            if isinstance(part, Dataset) and not any(part is s for s in seen):
                found.append(_holdings(part, (*seen, dataset)))
    return found


def _held(thing: Any) -> list[Any]:
    """Return the tensors, arrays and lists among the attributes of a data set or sampler."""
    found = []
    for key, value in sorted(getattr(thing, "__dict__", {}).items()):
        if key == "replacement" and value is True:
            found.append((key, value))
        elif key != "data_source" and (
            isinstance(value, (Tensor, np.ndarray, range, tuple)) or _is_list_of_texts(value)
        ):
            found.append((key, describe(value)))
    return found


def _is_list_of_texts(value: Any) -> bool:
    """Return whether a list holds numbers and texts: one of tensors may be what was read so far."""
    if not isinstance(value, list) or not value:
        return False
    first = value[0] if isinstance(value[0], (list, tuple)) else [value[0]]
    return all(isinstance(part, (*SCALARS, np.generic)) for part in first)


def _short(described: list[Any]) -> str:
    return f"{zlib.crc32(repr(described).encode()):08x}"
