"""What a notebook measured, for the tasks in which it is guessed first."""

from typing import Any

from helpers.study import tasks

__all__ = ["NOT_YET", "measured", "value_of"]

NOT_YET: Any = object()  # what a requirement gives while nothing has been measured

_values: dict[str, Any] = {}


def measured(task: str, value: Any) -> None:
    """Note what was measured, for a task that asks to guess it: `check` compares the two.

    Before that, `check` says only whether the guess has the form of one. A later call counts.
    Raises TypeError and ValueError for a task that there is not.
    """
    _values[tasks.find(task).name] = value


def value_of(task: str) -> Any:
    """Return what was measured for a task, NOT_YET before it was."""
    return _values.get(task, NOT_YET)
