"""What the processes that a test has started are doing."""

from collections.abc import Callable
from typing import Any

import psutil


def family(ask: Callable[[psutil.Process], Any], pid: int | None = None) -> dict[int, Any]:
    """Return what `ask` says of process `pid` (None: this one) and of all that it has started.

    The keys are their numbers. One that ends between being found and being asked is left out.
    """
    process = psutil.Process(pid)
    told = {}
    for each in [process, *process.children(recursive=True)]:
        try:
            told[each.pid] = ask(each)
        except psutil.NoSuchProcess:
            continue
    return told
