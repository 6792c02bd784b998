"""Attempts at the tasks as students make them, right and wrong, to try the checkers on.

`right(task, attempt)` and `wrong(task, mistake, attempt)` note one; above a function, without
`attempt`, they are decorators.
"""

from collections import defaultdict
from importlib import import_module
from pathlib import Path
from typing import Any

RIGHT: dict[str, list[Any]] = defaultdict(list)
WRONG: dict[str, list[tuple[str, Any]]] = defaultdict(list)  # (mistake, attempt)


def right(task, *attempts):
    """Note right attempts."""
    RIGHT[task].extend(attempts)
    return None if attempts else lambda attempt: RIGHT[task].append(attempt) or attempt


def wrong(task, mistake, *attempts):
    """Note wrong attempts, with the name of the mistake that is to be found."""
    WRONG[task].extend((mistake, attempt) for attempt in attempts)
    return None if attempts else lambda attempt: WRONG[task].append((mistake, attempt)) or attempt


def load():
    """Import all attempts."""
    for path in sorted(Path(__file__).parent.glob("section_*.py")):
        import_module(f"{__name__}.{path.stem}")
