"""Stop at a place where nothing is lost."""

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

__all__ = ["Interrupts"]


class Interrupts:
    """Turns the first interrupt into a wish to stop; a second one cuts the step short.

    What stands in `with interrupts.shielded()` is done as a whole: a second interrupt waits
    no longer than that, for the loop sees the wish to stop right after it. Only the main
    thread receives interrupts, and a process that ignores them (nohup) goes on ignoring them.
    """

    def __init__(self) -> None:
        self._wished = self._shielded = False
        self._previous: Any = None

    def is_set(self) -> bool:
        """Return whether the training is to stop."""
        return self._wished

    @contextmanager
    def shielded(self) -> Iterator[None]:
        """Let nothing cut short what stands inside."""
        outer, self._shielded = self._shielded, True
        try:
            yield
        finally:
            self._shielded = outer

    def __enter__(self) -> "Interrupts":
        self._wished = self._shielded = False
        self._previous = None
        in_main_thread = threading.current_thread() is threading.main_thread()
        if in_main_thread and signal.getsignal(signal.SIGINT) != signal.SIG_IGN:
            self._previous = signal.signal(signal.SIGINT, self._interrupt)
        return self

    def __exit__(self, *_: object) -> None:
        if self._previous is not None:
            signal.signal(signal.SIGINT, self._previous)

    def _interrupt(self, signum: int, frame: Any) -> None:
        if self._wished and not self._shielded:
            raise KeyboardInterrupt
        self._wished = True
