"""What has to be kept for a training to go on as if it had never stopped.

Everything here has `state_dict()` and `load_state_dict()`, as PyTorch's own parts have.
"""

import random
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

__all__ = ["Attributes", "Loose", "Position"]


class Position:
    """Where in an epoch a training stands, and the random numbers that come next.

    `step` counts the steps done in this epoch. Orders of batches are not kept but drawn
    again, from the random state that the epoch began with.
    """

    def __init__(self) -> None:
        self.step = 0
        self.unfinished = False  # has an epoch begun that did not end?
        self._validating = False
        self._begun: dict | None = None  # random states at the beginning of this epoch,
        self._validation: dict | None = None  # at the beginning of its validation,
        self._next: dict | None = None  # and to go on with, when the training had stopped
        self._generators: list = []

    def watch(self, *loaders: Any) -> None:
        """Take the generators that loaders have of their own into account from now on."""
        self._generators = [g for loader in loaders for g in generators_of(loader)]

    def rest_of(self, batches: Iterable) -> Iterator:
        """Yield the batches of this epoch that were not trained on yet."""
        self.unfinished = True
        if self._next is None or (self.step == 0 and not self._validating):
            self._go_on()
            self._begun = random_state(self._generators)
            yield from batches
            return
        # Draw the same order again, pass over what was done, go on with the same randomness.
        set_random_state(self._begun, self._generators)
        rest = iter(batches)
        for _ in range(self.step):
            next(rest)
        if self._validating:
            list(rest)  # nothing; but a sampler may draw at its end
        self._go_on()
        yield from rest

    def begin_validation(self) -> None:
        """Note the random state that a validation which is cut short begins again from."""
        self._validating, self._validation = True, random_state(self._generators)

    def end_epoch(self) -> None:
        self.step, self.unfinished, self._validating = 0, False, False

    @property
    def validating(self) -> bool:
        """Whether all steps of the epoch are done, and its validation has begun."""
        return self._validating

    def stop(self) -> None:
        """Keep the random state, in which the training is to go on."""
        if self._next is None:
            self._next = self._validation if self._validating else random_state(self._generators)

    def _go_on(self) -> None:
        if self._next is not None:
            set_random_state(self._next, self._generators)
            self._next = None

    def state_dict(self) -> dict:
        return {
            "step": self.step,
            "validating": self._validating and self.unfinished,
            "begun": self._begun,
            "next": self._next or random_state(self._generators),
        }

    def load_state_dict(self, state: Mapping) -> None:
        self.step, self._validating = state["step"], state["validating"]
        self._begun, self._next = state["begun"], state["next"]
        self._validation = state["next"]


def random_state(generators: Iterable = ()) -> dict:
    """Return the state of PyTorch's, NumPy's and Python's global generators, and of others."""
    return {
        "torch": torch.get_rng_state(),
        "cuda": torch.cuda.get_rng_state_all() if torch.cuda.is_available() else [],
        "mps": torch.mps.get_rng_state() if torch.backends.mps.is_available() else None,
        "numpy": np.random.get_state(),
        "python": random.getstate(),
        "own": [
            g.get_state() if isinstance(g, torch.Generator) else g.bit_generator.state
            for g in generators
        ],
    }


def set_random_state(state: Mapping | None, generators: Iterable = ()) -> None:
    """Restore what `random_state` returned."""
    assert state is not None
    torch.set_rng_state(state["torch"])
    if torch.cuda.is_available() and len(state["cuda"]) == torch.cuda.device_count():
        torch.cuda.set_rng_state_all(state["cuda"])
    if state["mps"] is not None and torch.backends.mps.is_available():
        torch.mps.set_rng_state(state["mps"])
    np.random.set_state(state["numpy"])
    random.setstate(state["python"])
    for generator, its in zip(generators, state["own"]):
        if isinstance(generator, torch.Generator):
            generator.set_state(its)
        else:
            generator.bit_generator.state = its


def generators_of(batches: Any) -> list:
    """Return the generators that a loader, its samplers and its data set hold as attributes."""
    holders = [batches] + [
        part
        for name in ("sampler", "batch_sampler", "dataset")
        if (part := getattr(batches, name, None)) is not None
    ]
    holders += [s for h in holders[1:] if (s := getattr(h, "sampler", None)) is not None]
    found = [
        value
        for holder in holders
        for value in getattr(holder, "__dict__", {}).values()
        if isinstance(value, (torch.Generator, np.random.Generator))
    ]
    return list({id(generator): generator for generator in found}.values())


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
    texts, tensors, lists and dicts of these, and objects with a `state_dict()` such as
    learning-rate schedulers. Results with a gradient history are not state.
    """

    def __init__(self, owner: Any, *skipped: Any):
        self._owner = owner
        self._skipped = {id(s) for s in skipped}

    def _holders(self) -> dict[str, Any]:
        if isinstance(self._owner, nn.Module):
            return dict(self._owner.named_modules())
        return {"": self._owner}

    def _attributes(self, holder: Any) -> Iterator[tuple[str, Any]]:
        kept_elsewhere = set()
        if isinstance(holder, nn.Module):
            kept_elsewhere = {*vars(nn.Module()), "trainer", "board"}
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
                    state[f"{path}.{name}"] = value.state_dict()
                elif is_plain(value):
                    state[f"{path}.{name}"] = value
            if isinstance(holder, nn.Module):
                for name in holder._non_persistent_buffers_set:
                    state[f"{path}.{name}"] = getattr(holder, name)
        return state

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        holders = self._holders()
        for key, saved in state.items():
            path, _, name = key.rpartition(".")
            if path not in holders:
                continue
            present: Any = getattr(holders[path], name, None)
            if is_part(present):
                present.load_state_dict(saved)
            elif not take_into(present, saved):
                setattr(holders[path], name, on_device_of(present, saved))


def is_part(value: Any) -> bool:
    """Return whether a value has a state of its own, as a scheduler or an optimiser has."""
    parts = hasattr(value, "state_dict") and hasattr(value, "load_state_dict")
    return parts and not isinstance(value, (nn.Module, type))


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
