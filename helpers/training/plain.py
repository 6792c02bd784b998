"""States made of what a file can hold and be read from again without running code in it."""

from collections import OrderedDict
from collections.abc import Mapping
from typing import Any

import numpy as np
import torch
from torch import Tensor

__all__ = ["as_it_was", "plain"]


def plain(value: Any, name: str = "state") -> Any:
    """Return a state that torch.load reads with weights_only; undone by `as_it_was`.

    Raises TypeError naming the part of the state that a file cannot hold.
    """
    if isinstance(value, np.generic):
        return value.item()
    if isinstance(value, np.ndarray) and value.dtype != object:
        return {"a NumPy array": torch.from_numpy(value.copy())}
    if isinstance(value, Mapping):
        kept = {plain(key, name): plain(item, f"{name}[{key!r}]") for key, item in value.items()}
        return _like(value, kept) if isinstance(value, OrderedDict) else kept
    if isinstance(value, (list, tuple)):
        items = [plain(item, f"{name}[{i}]") for i, item in enumerate(value)]
        return items if isinstance(value, list) else tuple(items)
    if isinstance(value, (bool, int, float, str)) and type(value).__module__ != "builtins":
        return type(value).__mro__[1](value)  # an enumeration's member, for example
    if value is None or isinstance(value, (bool, int, float, complex, str, bytes, Tensor)):
        return value
    if isinstance(value, (torch.dtype, torch.device)):
        return value
    raise TypeError(f"checkpoint cannot hold {name}, of type {type(value).__name__}")


def as_it_was(value: Any) -> Any:
    """Undo `plain`, as far as it matters: arrays are arrays again."""
    if isinstance(value, Mapping):
        if value.keys() == {"a NumPy array"}:
            return value["a NumPy array"].numpy()
        return _like(value, {key: as_it_was(item) for key, item in value.items()})
    if isinstance(value, (list, tuple)):
        return type(value)(map(as_it_was, value))
    return value


def _like(value: Mapping, items: dict) -> dict:
    """`items` as the same kind of dict, with the versions that a model's state carries."""
    if not isinstance(value, OrderedDict):
        return items
    result = OrderedDict(items)
    if hasattr(value, "_metadata"):
        result._metadata = value._metadata  # type: ignore[attr-defined]
    return result
