"""Run what a student wrote: within a time, without its prints, and see what it did."""

import contextlib
import copy
import ctypes
import io
import linecache
import random
import sys
import threading
import time
import warnings
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from types import FrameType, TracebackType
from typing import Any

import numpy
import torch
from torch import Tensor

from helpers.notebook.errors import is_library

__all__ = ["Line", "NoResult", "Outcome", "Raised", "outcomes", "quietly"]

POLL = 0.02  # seconds between two looks at the clock
WAIT = 3  # times the limit, where the processor is busy with something else


class _Stopped(SystemExit):
    """Time is over. `except Exception` lets it through, and a thread that ends by it is silent."""


class NoResult(Exception):
    """A call came to its end without a result; stands in the place of one."""


@dataclass(frozen=True)
class Raised:
    """An error in the place of a result."""

    error: BaseException

    def __str__(self) -> str:
        text = " ".join(str(self.error).split())
        return f"{type(self.error).__name__}: {text}" if text else type(self.error).__name__


@dataclass(frozen=True)
class Line:
    """A line of the student's."""

    number: int
    text: str

    def __str__(self) -> str:
        return f"line {self.number}: {self.text}" if self.text else f"line {self.number}"


@dataclass
class Outcome:
    """What came of one call: a value or `Raised`, and what happened besides."""

    value: Any = None
    printed: str = ""
    changed: tuple[int, ...] = ()  # arguments that are not as they were
    line: Line | None = None  # where the error was, or where time was over
    stopped: bool = False


def outcomes(
    call: Callable, inputs: Sequence[tuple], seconds: float, in_all: float
) -> list[Outcome]:
    """Call a function with each of the inputs, up to the first call that takes too long."""
    done: list[Outcome] = []
    began = [(0.0, time.monotonic())]
    over = threading.Event()

    def work() -> None:
        for arguments in inputs:
            began.append((time.thread_time(), time.monotonic()))
            outcome = _one(call, arguments)
            if over.is_set():
                return
            done.append(outcome)

    thread = threading.Thread(target=work, daemon=True)
    with quietly():
        thread.start()
        try:
            while thread.is_alive():
                thread.join(POLL)
                if _imports(thread):  # PyTorch fetches parts of itself at their first use
                    began[0] = began[-1] = _clocks(thread)
                if _too_long(began[-1], thread, seconds) or _too_long(began[0], thread, in_all):
                    break
        finally:  # an interrupt by the student ends the thread, too
            over.set()
            line = _where(thread) if thread.is_alive() else None
            _stop(thread)
    if len(done) < len(inputs):
        done.append(Outcome(stopped=True, line=line))
    return done


def _one(call: Callable, arguments: tuple) -> Outcome:
    given = copy.deepcopy(arguments)
    said = io.StringIO()
    with contextlib.redirect_stdout(said), contextlib.redirect_stderr(io.StringIO()):
        try:
            value, line = call(*given), None
        except BaseException as error:
            value, line = Raised(error), _line(error.__traceback__)
    changed = tuple(i for i, (a, b) in enumerate(zip(arguments, given)) if not _same(a, b))
    return Outcome(value, said.getvalue(), changed, line)


def _same(a: Any, b: Any) -> bool:
    if isinstance(a, Tensor):
        return a.shape == b.shape and torch.equal(a.nan_to_num(), b.nan_to_num())
    if isinstance(a, list):
        return len(a) == len(b) and all(map(_same_part, a, b))
    return True


def _same_part(a: Any, b: Any) -> bool:
    return _same(a, b) if isinstance(a, Tensor | list) else bool(a == b)


@contextlib.contextmanager
def quietly() -> Iterator[None]:
    """Leave random numbers, gradients and warnings as they are for the cells that follow."""
    states = torch.get_rng_state(), random.getstate(), numpy.random.get_state()
    try:
        with warnings.catch_warnings(), torch.enable_grad():
            warnings.simplefilter("ignore")
            yield
    finally:
        torch.set_rng_state(states[0])
        random.setstate(states[1])
        numpy.random.set_state(states[2])


def _stop(thread: threading.Thread) -> None:
    """Raise an exception in a thread until it ends, for two seconds at most."""
    for _ in range(40):
        if not thread.is_alive():
            return
        identity = ctypes.c_ulong(thread.ident or 0)
        ctypes.pythonapi.PyThreadState_SetAsyncExc(identity, ctypes.py_object(_Stopped))
        thread.join(0.05)


def _too_long(since: tuple[float, float], thread: threading.Thread, seconds: float) -> bool:
    """Whether a thread has computed longer, or taken much longer while others computed."""
    computed, passed = (b - a for a, b in zip(since, _clocks(thread)))
    return computed > seconds or passed > WAIT * seconds


def _clocks(thread: threading.Thread) -> tuple[float, float]:
    """Return the seconds that a thread has computed (where the system says it) and the time."""
    now = time.monotonic()
    if thread.ident and hasattr(time, "pthread_getcpuclockid"):
        with contextlib.suppress(OSError):
            return time.clock_gettime(time.pthread_getcpuclockid(thread.ident)), now
    return 0.0, now


def _imports(thread: threading.Thread) -> bool:
    frame = sys._current_frames().get(thread.ident or 0)
    while frame is not None:
        if frame.f_code.co_filename.startswith("<frozen importlib"):
            return True
        frame = frame.f_back
    return False


def _where(thread: threading.Thread) -> Line | None:
    frame = sys._current_frames().get(thread.ident or 0)
    while frame is not None:
        if _is_students(frame):
            return _line_of(frame, frame.f_lineno)
        frame = frame.f_back
    return None


def _line(traceback: TracebackType | None) -> Line | None:
    """Return the student's line nearest to the error."""
    found = None
    while traceback is not None:
        if _is_students(traceback.tb_frame):
            found = _line_of(traceback.tb_frame, traceback.tb_lineno)
        traceback = traceback.tb_next
    return found


def _is_students(frame: FrameType) -> bool:
    return not is_library(frame.f_code.co_filename)


def _line_of(frame: FrameType, number: int) -> Line:
    text = linecache.getline(frame.f_code.co_filename, number)
    return Line(number, " ".join(text.split()))
