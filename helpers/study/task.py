"""What a task is: its texts, its reference, its inputs, and the mistakes that it knows."""

import inspect
import os
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import torch
from torch import Tensor

__all__ = ["Draw", "Mistake", "Requirement", "Task", "part"]


class Draw:
    """Random inputs; other ones at each check, unless there is a seed."""

    def __init__(self, seed: int | None = None):
        seed = int.from_bytes(os.urandom(6), "big") if seed is None else seed
        self.generator = torch.Generator().manual_seed(seed)

    def whole(self, low: int, high: int) -> int:
        """Return a whole number from `low` to `high`, both included."""
        return int(torch.randint(low, high + 1, (), generator=self.generator))

    def numbers(self, *shape: int, low: float = -4, high: float = 4) -> Tensor:
        """Return quarters from `low` to `high`: short to read, and sums of them are exact."""
        most = round(4 * (high - low))
        return torch.randint(0, most + 1, shape, generator=self.generator) / 4 + low

    def one_of(self, *choices: Any) -> Any:
        """Return one of the arguments."""
        return choices[self.whole(0, len(choices) - 1)]


@dataclass(frozen=True)
class Mistake:
    """A mistake that is recognised because the attempt gives what it would give.

    `sentence` says in the student's terms what is wrong. `instead` computes in place of the
    reference; `before` changes the arguments (it returns a tuple); `after(result, *arguments)`
    changes the result; these two can be combined with other mistakes. `tells(got, *arguments)`
    is for what has no single implementation: true of every wrong result, and tried last.
    """

    name: str
    sentence: str
    instead: Callable | None = None
    before: Callable[..., tuple] | None = None
    after: Callable | None = None
    tells: Callable[..., bool] | None = None


def part(index: int, name: str, sentence: str, value: Callable) -> Mistake:
    """Return the mistake that one part of a result is `value(*arguments)`."""

    def after(result: tuple, *arguments: Any) -> tuple:
        return (*result[:index], value(*arguments), *result[index + 1 :])

    return Mistake(name, sentence, after=after)


@dataclass(frozen=True)
class Requirement:
    """What an attempt must satisfy where many are right.

    `broken(attempt)` returns nothing if it is satisfied; else a dict of values to show, such
    as {"expected": …, "got": …}, which may be empty; NOT_YET (helpers.study.measured) if it
    cannot be said before the notebook has measured something.
    """

    name: str
    sentence: str
    broken: Callable[[Any], Mapping[str, Any] | None]


@dataclass(frozen=True)
class Task:
    """A task of the course.

    `asks` is the name or signature to be written, such as 'corr2d(X, K)'. An attempt is right
    if all `requirements` hold, which are tried in order, and if then `probe(attempt, *arguments)`
    gives what `reference(*arguments)` gives for all `inputs`. `conditions` name properties of
    arguments, for the sentence "it fails whenever …"; `may_change` says that the attempt is to
    change its arguments. `of` names the class of which a method is asked for.
    """

    name: str
    asks: str
    prompt: str
    stub: str
    solution: str
    hints: tuple[str, ...]
    reference: Callable | None = None
    inputs: Callable[[Draw], Iterable[tuple]] | None = None
    mistakes: tuple[Mistake, ...] = ()
    conditions: Mapping[str, Callable[..., bool]] = field(default_factory=dict)
    requirements: tuple[Requirement, ...] = ()
    probe: Callable | None = None
    may_change: bool = False
    seconds: float = 4.0
    of: str = ""

    @property
    def called(self) -> str:
        """The name of what is asked for, such as 'corr2d', or 'forward' for a method."""
        return self.asks.partition("(")[0]

    @property
    def binds(self) -> str:
        """What the stub binds and `check` is given, such as 'corr2d' or 'Residual.forward'."""
        return f"{self.of}.{self.called}" if self.of else self.called

    @property
    def section(self) -> str:
        """The section, such as '7.2'; '8-compare' for the page that compares."""
        return self.name.rpartition(" ")[0]

    @property
    def is_function(self) -> bool:
        """Whether a function is asked for, and not a value."""
        return "(" in self.asks

    def names(self) -> list[str]:
        """Return the names of the inputs, as the reference has them."""
        return list(inspect.signature(self.reference).parameters) if self.reference else []

    def parameters(self) -> list[str]:
        """Return the names of the arguments that the attempt is to take."""
        found = re.search(r"\((.*)\)", self.asks)
        names = re.sub(r"=[^,]*", "", found[1]).split(",") if found else []
        return [name.strip() for name in names if name.strip()]
