"""Plain values that stand for a thing, the same ones in every process, for `identity`.

What a function does is its code and what it uses from around it: defaults, closures, and
settings and functions of the module. What changes while a training runs must not count, or
the same cell, run again, would not find its training: lists of the module, which may be
logs, and objects that only have attributes.
"""

import dataclasses
import dis
import functools
import os
import sys
import sysconfig
import types
import zlib
from argparse import Namespace
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

__all__ = [
    "CODE",
    "OF_A_MODULE",
    "SCALARS",
    "code_of_class",
    "code_of_one",
    "describe",
    "is_library",
    "is_setting",
    "layer",
]

LIBRARIES = {"torch", "d2l", "helpers", "numpy", *sys.stdlib_module_names} - {"__main__"}
INSTALLED = {sysconfig.get_path(kind) for kind in ("purelib", "platlib")}
LENT = "helpers.notebook.lent"  # where classes of the course's notebooks come from
LARGEST = 1 << 26  # bytes of a tensor whose contents are looked at
LONGEST = 10_000  # items of a list that are looked at, evenly spread
CODE = "code of "
SCALARS = (bool, int, float, str)
BUILT_IN = (types.BuiltinFunctionType, types.MethodDescriptorType, np.ufunc)
NAMESPACES = (types.SimpleNamespace, Namespace)
OF_A_MODULE = frozenset(vars(nn.Module()))  # the attributes that every module has


def describe(value: Any, seen: frozenset = frozenset()) -> Any:
    """Return a plain value that stands for `value` in every process.

    `seen` are the ids of the functions and objects that it is part of.
    """
    if isinstance(value, np.generic):
        value = value.item()
    if value is None or isinstance(value, SCALARS):
        return value
    if isinstance(value, Mapping):
        return {str(key): describe(item, seen) for key, item in value.items()}
    if isinstance(value, (set, frozenset)):  # its order differs from process to process
        return str(sorted(str(describe(item, seen)) for item in value))
    if isinstance(value, (list, tuple)):
        step = max(1, len(value) // LONGEST)
        return str([describe(item, seen) for item in value[::step]])
    if isinstance(value, Tensor):
        return _tensor(value)
    if isinstance(value, np.ndarray):
        return _array(value, seen)
    if isinstance(value, (range, slice)):
        return repr(value)
    if isinstance(value, type):
        return value.__qualname__
    if isinstance(value, nn.Module):
        return str([[layer(module), *_plain_attributes(module)] for module in value.modules()])
    return _describe_object(value, seen)


def is_setting(value: Any) -> bool:
    """Return whether a value decides what code does that uses it, and is no log of what it did."""
    if isinstance(value, Mapping):
        return bool(value) and all(isinstance(item, SCALARS) for item in value.values())
    kinds = (*SCALARS, tuple, range, Tensor, np.ndarray, np.generic, nn.Module, *NAMESPACES)
    if isinstance(value, kinds) or dataclasses.is_dataclass(value):
        return not isinstance(value, type)
    return callable(value) and not isinstance(value, type)


def code_of_class(cls: type, seen: frozenset = frozenset()) -> dict[str, int]:
    """Return a number for each function and setting of a class and of those it comes from."""
    found: dict[str, int] = {}
    for base in reversed(cls.__mro__):  # what is replaced in a subclass counts as it is there
        found |= code_of_one(base, seen)
    return found


def code_of_one(cls: type, seen: frozenset = frozenset()) -> dict[str, int]:
    """Return a number for each function and setting that stands in a class itself.

    Of a library's class only what a reader has put there counts, as `add_to_class` does.
    """
    found: dict[str, int] = {}
    theirs = is_library(cls.__module__)
    for name, member in vars(cls).items():
        member, key = getattr(member, "__func__", member), f"{CODE}{cls.__name__}.{name}"
        if isinstance(member, types.FunctionType):
            if not (theirs and is_library(member.__module__)):
                found[key] = _code(member, seen)
        elif isinstance(member, property) and not theirs:
            parts = [describe(f, seen) for f in (member.fget, member.fset)]
            found[key] = zlib.crc32(repr(parts).encode())
        elif not theirs and not name.startswith("__") and is_setting(member):
            found[key] = zlib.crc32(repr(describe(member, seen)).encode())
    return found


def _describe_object(value: Any, seen: frozenset) -> Any:
    if id(value) in seen:
        return type(value).__name__
    if isinstance(value, types.FunctionType):
        if is_library(value.__module__):
            return f"{value.__module__}.{value.__qualname__}"
        return f"{value.__qualname__} {_code(value, seen):08x}"
    if isinstance(value, types.MethodType):
        return describe(value.__func__, seen)
    if isinstance(value, BUILT_IN):
        return getattr(value, "__qualname__", value.__name__)
    seen |= {id(value)}
    if isinstance(value, functools.partial):
        return str([describe(part, seen) for part in (value.func, value.args, value.keywords)])
    name = type(value).__name__  # its repr may hold an address
    if is_setting(value):
        has = {k: v for k, v in getattr(value, "__dict__", {}).items() if is_setting(v)}
        return str([name, describe(has, seen), code_of_class(type(value), seen)])
    return name


def _plain_attributes(module: nn.Module) -> list[str]:
    """Return what a module is set to, beside its layers and its mode."""
    found = vars(module).items()
    return [f"{k}={v!r}" for k, v in found if k not in OF_A_MODULE and isinstance(v, SCALARS)]


def layer(module: nn.Module) -> str:
    """Return a module's name and settings, the same before and after a lazy one's first input."""
    name = type(module).__name__.removeprefix("Lazy")
    settings = [part.strip() for part in module.extra_repr().split(",")]
    if type(module).__module__.startswith("torch.nn.modules.") and hasattr(module, "weight"):
        settings = settings[1:]  # the number of inputs follows from the data
    return f"{name}({', '.join(settings)})"


def _tensor(tensor: Tensor) -> str:
    shape = f"tensor {tuple(tensor.shape)} {tensor.dtype}"
    if tensor.is_meta or tensor.numel() * tensor.element_size() > LARGEST:
        return shape
    data = tensor.detach().cpu().contiguous().reshape(-1).view(torch.uint8)
    return f"{shape} {zlib.crc32(data.numpy().data):08x}"


def _array(array: np.ndarray, seen: frozenset) -> str:
    shape = f"array {array.shape} {array.dtype}"
    if array.dtype.hasobject:  # its bytes are addresses
        return f"{shape} {describe(array.ravel().tolist(), seen)}"
    if array.nbytes > LARGEST:
        return shape
    return f"{shape} {zlib.crc32(array.tobytes()):08x}"


@functools.cache
def is_library(module: str | None) -> bool:
    """Return whether a module of that name is none of the reader's."""
    first = (module or "builtins").split(".")[0]
    file = getattr(sys.modules.get(first), "__file__", None) or ""
    installed = first != "__main__" and any(file.startswith(path + os.sep) for path in INSTALLED)
    return (first in LIBRARIES or installed) and not (module or "").startswith(LENT)


def _code(function: types.FunctionType, seen: frozenset = frozenset()) -> int:
    """A number that changes with what a function does, and with what it uses beside itself."""
    seen |= {id(function)}
    number = _code_object(function.__code__, function.__doc__)
    number = zlib.crc32(repr(describe(function.__defaults__, seen)).encode(), number)
    if function.__kwdefaults__:
        number = zlib.crc32(repr(describe(function.__kwdefaults__, seen)).encode(), number)
    for name, used in _used(function):
        if isinstance(used, types.FunctionType) and not is_library(used.__module__):
            if id(used) not in seen:
                number = zlib.crc32(str(_code(used, seen)).encode(), number)
        elif is_setting(used) and id(used) not in seen:
            number = zlib.crc32(f"{name}={describe(used, seen)!r}".encode(), number)
    return number


def _used(function: types.FunctionType) -> Iterator[tuple[str, Any]]:
    """Yield what a function uses of its module, and of the functions around it, by name."""
    for name in _globals(function.__code__):
        if name in function.__globals__:
            yield name, function.__globals__[name]
    for name, cell in zip(function.__code__.co_freevars, function.__closure__ or ()):
        try:
            yield name, cell.cell_contents
        except ValueError:  # not filled yet
            continue


def _globals(code: types.CodeType) -> Iterator[str]:
    """Yield the names of the module that a function uses, in functions within it too."""
    for instruction in dis.get_instructions(code):
        if instruction.opname == "LOAD_GLOBAL":
            yield instruction.argval
    for constant in code.co_consts:
        if isinstance(constant, types.CodeType):
            yield from _globals(constant)


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
