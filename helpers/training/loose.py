"""State that stands in plain attributes, where PyTorch's `state_dict()` does not look."""

from collections import Counter, defaultdict, deque
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from helpers.training.describing import OF_A_MODULE, is_library

__all__ = ["WHERE", "Attributes", "Loose"]

PART = "state of its own"  # marks in a file what was the state_dict() of an attribute

WHERE = "make it in configure_optimizers() of the model"


class Attributes:
    """Some attributes of an object, as a part with a state."""

    def __init__(self, owner: Any, *names: str):
        self._owner, self._names = owner, names

    def state_dict(self) -> dict[str, Any]:
        return {name: getattr(self._owner, name) for name in self._names}

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        for name in self._names:
            setattr(self._owner, name, state[name])


class Loose:
    """What a model or an optimiser keeps outside of its `state_dict()`, in plain attributes.

    The book's models from scratch keep their weights so, its batch normalization from scratch
    (8.5.3) the moving averages, an optimiser written by hand its momentum. Kept are numbers,
    texts, tensors, lists, sets and dicts of these, objects with a `state_dict()` such as
    learning-rate schedulers, and the same in objects of the reader's own classes. Results
    with a gradient history are not state.
    """

    def __init__(self, owner: Any, *skipped: Any, names: Iterable[str] = ()):
        self._owner = owner
        self._skipped, self._names = {id(s) for s in skipped}, set(names)
        self._at_first = set(self._parts())

    def _holders(self) -> dict[str, Any]:
        is_module = isinstance(self._owner, nn.Module)
        found = dict(self._owner.named_modules()) if is_module else {"": self._owner}
        for path, holder in list(found.items()):
            for name, value in self._attributes(holder):
                if is_holder(value):
                    found[f"{path}.{name}"] = value
        return found

    def _parts(self) -> Iterator[str]:
        for holder in self._holders().values():
            for name, value in self._attributes(holder):
                if is_part(value):
                    yield f"{type(holder).__name__}.{name}"

    def late(self) -> list[str]:
        """Return which schedulers and the like were made only after the training had begun."""
        return [name for name in self._parts() if name not in self._at_first]

    def _attributes(self, holder: Any) -> Iterator[tuple[str, Any]]:
        kept_elsewhere = self._names if holder is self._owner else set()
        if isinstance(holder, nn.Module):
            kept_elsewhere = {*OF_A_MODULE, "trainer", "board"}
        elif isinstance(holder, torch.optim.Optimizer):
            kept_elsewhere = {"defaults", "state", "param_groups"}
        for name, value in getattr(holder, "__dict__", {}).items():
            hidden = name.startswith("_") and isinstance(holder, torch.optim.Optimizer)
            if name not in kept_elsewhere and not hidden and id(value) not in self._skipped:
                yield name, value

    def state_dict(self) -> dict[str, Any]:
        state: dict[str, Any] = {}
        for path, holder in self._holders().items():
            for name, value in self._attributes(holder):
                if is_part(value):
                    state[f"{path}.{name}"] = {PART: value.state_dict()}
                elif is_plain(value):
                    state[f"{path}.{name}"] = value
                elif isinstance(value, (deque, set)) and is_plain(list(value)):
                    state[f"{path}.{name}"] = list(value)
            if isinstance(holder, nn.Module):
                for name in holder._non_persistent_buffers_set:
                    state[f"{path}.{name}"] = getattr(holder, name)
        return state

    def check_state(self, state: Mapping[str, Any]) -> None:
        """Raise ValueError, before anything is loaded, for a state that nothing can take."""
        holders = self._holders()
        for key, saved in state.items():
            path, _, name = key.rpartition(".")
            if is_state_of_part(saved) and not is_part(getattr(holders.get(path), name, None)):
                where = f"{type(holders.get(path, self._owner)).__name__}.{name}"
                raise ValueError(
                    f"the file holds the state of {where}, which is not there when fit begins: "
                    f"{WHERE}"
                )

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        holders = self._holders()
        for key, saved in state.items():
            path, _, name = key.rpartition(".")
            if path not in holders:
                continue
            present: Any = getattr(holders[path], name, None)
            if is_part(present):
                present.load_state_dict(saved[PART] if is_state_of_part(saved) else saved)
            elif isinstance(present, (deque, set, Counter, defaultdict)):
                present.clear()
                (present.extend if isinstance(present, deque) else present.update)(saved)
            elif not take_into(present, saved):
                setattr(holders[path], name, on_device_of(present, saved))


def is_part(value: Any) -> bool:
    """Return whether a value has a state of its own, as a scheduler or an optimiser has."""
    parts = hasattr(value, "state_dict") and hasattr(value, "load_state_dict")
    return parts and not isinstance(value, (nn.Module, type))


def is_state_of_part(saved: Any) -> bool:
    """Return whether something in a file was the `state_dict()` of an attribute."""
    return isinstance(saved, Mapping) and saved.keys() == {PART}


def is_holder(value: Any) -> bool:
    """Return whether a value is an object of the reader's own that may keep state; no data."""
    data = hasattr(value, "__getitem__") or hasattr(value, "train_dataloader")
    state = hasattr(value, "__dict__") and not (is_part(value) or callable(value))
    return state and not data and not is_library(type(value).__module__)


def is_plain(value: Any) -> bool:
    """Return whether a value consists of numbers, texts and tensors that are state."""
    if isinstance(value, Tensor):
        return value.is_leaf
    if isinstance(value, Mapping):
        return all(map(is_plain, value.values())) and all(map(is_plain, value))
    if isinstance(value, (list, tuple)):
        return all(map(is_plain, value))
    return value is None or isinstance(value, (bool, int, float, str, np.ndarray, np.generic))


def take_into(present: Any, saved: Any) -> bool:
    """Copy what was saved into tensors that are there, for others may hold them too."""
    if isinstance(present, Tensor) and isinstance(saved, Tensor):
        if present.shape == saved.shape and present.dtype == saved.dtype and present.is_leaf:
            present.data.copy_(saved)
            return True
    elif isinstance(present, Mapping) and isinstance(saved, Mapping):
        if present and present.keys() == saved.keys():
            return all([take_into(present[key], saved[key]) for key in present])
    elif isinstance(present, (list, tuple)) and isinstance(saved, (list, tuple)):
        if present and len(present) == len(saved):
            return all([take_into(p, s) for p, s in zip(present, saved)])
    return False


def on_device_of(present: Any, saved: Any) -> Any:
    """Return a saved tensor on the device of the one whose place it takes."""
    if isinstance(present, Tensor) and isinstance(saved, Tensor):
        return saved.to(present.device)
    return saved
