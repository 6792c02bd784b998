"""Which training is it? One description, for checkpoints and for interrupted trainings.

A description is a dict of plain values that is the same in another process. It has what
decides the numbers of a training: the model's layers, hyperparameters and code, the data,
the optimiser. Seeds and the number of epochs are not part of it.
"""

import dis
import sys
import types
import zlib
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.utils.data import TensorDataset

from helpers.training.device import has_lazy

__all__ = ["describe_data", "describe_model", "differences"]

LIBRARIES = ("torch", "d2l", "helpers", "builtins", "numpy")
LENT = "helpers.notebook.lent"  # where classes of the course's notebooks come from
LARGEST = 1 << 26  # bytes of a tensor whose contents are looked at
CODE = "code of "


def describe_model(model: nn.Module, optim: Any) -> dict[str, Any]:
    """Describe a model and its optimiser, before the first step."""
    name = type(model).__name__
    found: dict[str, Any] = {"model": name, "python": f"{sys.version_info[:2]}"}
    for key, value in getattr(model, "hparams", {}).items():
        found[f"{name}.{key}"] = describe(value)
    for path, module in model.named_modules():
        found[f"layer {path}"] = _layer(module)
        for key, value in vars(module).items():
            if key not in vars(nn.Module()) and isinstance(value, (bool, int, float, str)):
                found.setdefault(f"{type(module).__name__}.{key}", describe(value))
        found |= dict(_code_of_class(type(module)))
    lazy = has_lazy(model)
    found["parameters"] = None if lazy else str([tuple(p.shape) for p in model.parameters()])
    found["optimiser"] = type(optim).__name__
    for key, value in (getattr(optim, "defaults", None) or _plain_attributes(optim)).items():
        found[f"{type(optim).__name__}.{key}"] = describe(value)
    groups = getattr(optim, "param_groups", [])
    if len(groups) > 1:
        found["groups of parameters"] = str([g.get("lr") for g in groups])
    return found | dict(_code_of_class(type(optim)))


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
        found |= dict(_code_of_class(type(dataset)))
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


def describe(value: Any) -> Any:
    """Return a plain value that stands for `value` in every process."""
    if isinstance(value, np.generic):
        value = value.item()
    if value is None or isinstance(value, (bool, int, float, str)):
        return value
    if isinstance(value, Mapping):
        return {str(key): describe(item) for key, item in value.items()}
    if isinstance(value, (set, frozenset)):  # its order differs from process to process
        return str(sorted(str(describe(item)) for item in value))
    if isinstance(value, (list, tuple)):
        return str([describe(item) for item in value])
    if isinstance(value, Tensor):
        return _tensor(value)
    if isinstance(value, np.ndarray):
        return f"array {value.shape} {value.dtype} {zlib.crc32(value.tobytes()):08x}"
    if isinstance(value, types.FunctionType):
        return f"{value.__qualname__} {_code(value):08x}"
    if isinstance(value, type):
        return value.__qualname__
    if isinstance(value, nn.Module):
        return str([_layer(module) for module in value.modules()])
    return type(value).__name__  # its repr may hold an address


def _layer(module: nn.Module) -> str:
    """A module's name and settings; a lazy one is the same before and after its first input."""
    name = type(module).__name__.removeprefix("Lazy")
    settings = [part.strip() for part in module.extra_repr().split(",")]
    if type(module).__module__.startswith("torch.nn.modules.") and hasattr(module, "weight"):
        settings = settings[1:]  # the number of inputs follows from the data
    return f"{name}({', '.join(settings)})"


def _plain_attributes(thing: Any) -> dict[str, Any]:
    found = {k: v for k, v in getattr(thing, "__dict__", {}).items() if not k.startswith("_")}
    return {k: v for k, v in found.items() if isinstance(v, (bool, int, float, str))}


def _order(batches: Any) -> str:
    if hasattr(batches, "shuffle"):
        return "shuffled" if batches.shuffle else "as stored"
    return type(getattr(batches, "sampler", None)).__name__


def _tensor(tensor: Tensor) -> str:
    shape = f"tensor {tuple(tensor.shape)} {tensor.dtype}"
    if tensor.is_meta or tensor.numel() * tensor.element_size() > LARGEST:
        return shape
    data = tensor.detach().cpu().contiguous().reshape(-1).view(torch.uint8)
    return f"{shape} {zlib.crc32(data.numpy().data):08x}"


def _is_library(module: str) -> bool:
    return module.split(".")[0] in LIBRARIES and not module.startswith(LENT)


def _code_of_class(cls: type) -> Iterator[tuple[str, int]]:
    """Yield a number for each function of a class and of those it comes from, libraries apart."""
    for base in reversed(cls.__mro__):  # what is replaced in a subclass counts as it is there
        if _is_library(base.__module__):
            continue
        for name, member in vars(base).items():
            function = getattr(member, "__func__", member)
            if isinstance(function, types.FunctionType):
                yield f"{CODE}{base.__name__}.{name}", _code(function)


def _code(function: types.FunctionType, seen: frozenset = frozenset()) -> int:
    """A number that changes with what a function does, and with what it calls beside itself."""
    seen |= {function}
    number = _code_object(function.__code__, function.__doc__)
    number = zlib.crc32(repr(describe(function.__defaults__)).encode(), number)
    for instruction in dis.get_instructions(function.__code__):
        if instruction.opname != "LOAD_GLOBAL":
            continue
        name = instruction.argval
        used = function.__globals__.get(name)
        if isinstance(used, (bool, int, float, str)):
            number = zlib.crc32(f"{name}={used!r}".encode(), number)
        elif isinstance(used, types.FunctionType) and used not in seen:
            if not _is_library(used.__module__):
                number = zlib.crc32(str(_code(used, seen)).encode(), number)
    return number


def _code_object(code: types.CodeType, doc: str | None = None) -> int:
    number = zlib.crc32(code.co_code)
    for constant in code.co_consts:
        if isinstance(constant, types.CodeType):
            text = str(_code_object(constant))
        elif isinstance(constant, frozenset):
            text = repr(sorted(map(repr, constant)))
        else:
            text = "" if constant == doc else repr(constant)
        number = zlib.crc32(text.encode(), number)
    return zlib.crc32(repr(code.co_names).encode(), number)
