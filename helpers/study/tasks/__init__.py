"""The tasks, one file each: `task_7_2_a.py` holds `TASK`, that of 7.2 A."""

import difflib
import importlib
import pkgutil
import re

from helpers.study.task import Task

__all__ = ["find", "names"]

_FILE = re.compile(r"task_(\d_\d|8_compare)_([a-z])")


def names() -> list[str]:
    """Return the names of all tasks in the order of the course, as '7.2 A'."""
    found = [_FILE.fullmatch(module.name) for module in pkgutil.iter_modules(__path__)]
    pairs = [(match[1], match[2]) for match in found if match]
    pairs.sort(key=lambda pair: (not pair[0][-1].isdigit(), pair))  # 8-compare comes last
    return [f"{_section(part)} {letter.upper()}" for part, letter in pairs]


def _section(part: str) -> str:
    return part.replace("_", "-" if "compare" in part else ".")


def find(name: str) -> Task:
    """Return a task by its name; '7.2a' is as good as '7.2 A'.

    Raises TypeError for what is no text, ValueError for a task that there is not.
    """
    if not isinstance(name, str):
        raise TypeError(f'task must be the name of a task, such as "7.2 A", got {name!r}')
    known = names()
    plain = {re.sub(r"\s+", "", each).lower(): each for each in known}
    wanted = re.sub(r"\s+", "", name).lower()
    if wanted not in plain:
        near = difflib.get_close_matches(wanted, plain, 3, 0.5)
        close = ", ".join(plain[each] for each in near) or "7.2 A"
        raise ValueError(f"task must be the name of a task, such as {close}, got {name!r}")
    section, letter = plain[wanted].rsplit(" ", 1)
    module = f"task_{re.sub('[.-]', '_', section)}_{letter.lower()}"
    return importlib.import_module(f"{__name__}.{module}").TASK
