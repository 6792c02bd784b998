"""What has to be kept for a training to go on as if it had never stopped.

Everything here has `state_dict()` and `load_state_dict()`, as PyTorch's own parts have.
"""

import random
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import numpy as np
import torch

__all__ = ["Position", "generators_of", "random_state", "set_random_state"]


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

    def finish(self) -> None:
        """Note that the epoch is whole; until `next_epoch` an interrupt repeats its validation."""
        self.unfinished = False

    def next_epoch(self) -> None:
        """Stand at the beginning of an epoch."""
        self.step, self._validating = 0, False

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
            "validating": self._validating,
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
