"""What can go wrong with any function, whatever it computes."""

import copy
import dis
import functools
import inspect
from collections.abc import Callable, Iterator
from typing import Any

import numpy
from torch import Tensor, nn

from helpers.study.attempt import NoResult, Outcome, Raised
from helpers.study.task import Task

__all__ = [
    "copies",
    "handed_over",
    "is_no_result",
    "is_not_written",
    "watched",
    "what_happened",
    "what_it_reads",
]


class _NotWritten(NoResult):
    """The stub's `...` came back."""


class _Nothing(NoResult):
    """None came back."""


class _Yields(NoResult):
    """A generator came back."""


def watched(attempt: Callable, may_change: bool) -> Callable:
    """Return the attempt, with an error in the place of a result that is none.

    Its `given` are the arguments of the last call.
    """

    @functools.wraps(attempt, updated=())
    def call(*arguments: Any, **options: Any) -> Any:
        call.given = arguments  # type: ignore[attr-defined]
        result = attempt(*arguments, **options)
        if result is ... or result is NotImplemented:
            raise _NotWritten
        if result is None and not may_change:
            raise _Nothing
        if inspect.isgenerator(result):
            raise _Yields
        return result

    return call


def is_not_written(value: Any) -> bool:
    """Whether what came back says that there is still something to write."""
    return isinstance(value, Raised) and isinstance(value.error, _NotWritten | NotImplementedError)


def is_no_result(value: Any) -> bool:
    """Whether there is nothing to be shown as a result: the sentence says it already."""
    return isinstance(value, Raised) and isinstance(value.error, NoResult)


def copies(arguments: tuple) -> tuple:
    """Return arguments that may be changed."""
    return copy.deepcopy(arguments)


def handed_over(task: Task, attempt: Any) -> tuple[str, str] | None:
    """Say what is wrong with what was handed to `check`, before anything is called."""
    if not task.is_function:
        return _value(task, attempt)
    if not callable(attempt):
        kind = "None" if attempt is None else f"a {type(attempt).__name__}"
        text = f'`check` was given {kind} where the function is wanted: hand it over by its name, \
without parentheses, as in helpers.check("{task.name}", {task.binds}).'
        return "no function", text
    if inspect.isclass(attempt):
        if not issubclass(attempt, nn.Module) or task.called[0].isupper():
            return None
        return (
            "no function",
            f"`check` was given the class {attempt.__name__}; an object of it, \
or a function, is wanted.",
        )
    wanted = task.parameters()
    try:
        signature = inspect.signature(getattr(attempt, "forward", attempt))  # a layer's own
        signature.bind(*wanted)
    except TypeError:
        if isinstance(attempt, nn.Module):
            return "no function", f"`check` was given a layer; the function {task.asks} is wanted."
        given = ", ".join(signature.parameters) or "nothing"
        text = f"It is to be called as {task.asks}, and takes ({given})."
        return "other arguments", text
    except ValueError:  # no signature, as some functions in C
        pass
    return None


def _value(task: Task, attempt: Any) -> tuple[str, str] | None:
    if attempt is None:
        return "nothing", f"{task.asks} is None: give it a value."
    if inspect.isfunction(attempt):
        text = f"`check` was given a function where a value is wanted: {task.asks} = …"
        return "no value", text
    if isinstance(attempt, Iterator):
        kind = type(attempt).__name__
        text = f"A {kind} can be gone through once only: tuple(…) makes values of it."
        return "no value", text
    return None


def what_happened(outcome: Outcome, value: Any, expected: Any) -> tuple[str, str] | None:
    """Name what came in place of a result; `value` is the outcome's, in its form."""
    if isinstance(expected, Raised) and (not isinstance(value, Raised) or is_no_result(value)):
        came = "nothing (None)" if is_no_result(value) else "a result"
        text = f"The input below is to be refused with an error, such as a ValueError \
({expected.error}), and {came} came back."
        return "does not refuse", text
    if not isinstance(value, Raised):
        return _type(value, expected)
    error = value.error
    if isinstance(error, _Nothing) and outcome.printed:
        return (
            "prints",
            "It prints its result, and does not return it: nobody can go on \
computing with what is printed. End with `return`.",
        )
    if isinstance(error, _Nothing):
        return (
            "returns nothing",
            "It returns nothing (None): is the `return` missing, or does it \
stand where it is not reached?",
        )
    if isinstance(error, _Yields):
        return "yields", "It has `yield` where `return` is wanted."
    where = f"in your {outcome.line}" if outcome.line else "in a call"
    return (
        f"raises {type(error).__name__}",
        f"An error comes up for the input below,\n{where}\n\
{value}{_in_other_words(str(error))}",
    )


def _in_other_words(error: str) -> str:
    """Say what PyTorch means by an error of nn.Sequential."""
    what, found, _ = error.partition(" is not a Module subclass")
    if not found:
        return ""
    if what in ("list", "tuple") or "genexpr" in what:
        return "\nnn.Sequential takes layers, not a list of them: a star hands over what is in it, \
nn.Sequential(*layers)."
    return "\nnn.Sequential takes layers. nn.ReLU is a class and torch.relu a function; nn.ReLU(), \
with its parentheses, is a layer."


def _type(value: Any, expected: Any) -> tuple[str, str] | None:
    if isinstance(expected, tuple) and isinstance(value, tuple) and len(value) != len(expected):
        text = f"The result is to have {len(expected)} parts for the input below, and has \
{len(value)}."
        return "number of results", text
    if isinstance(expected, tuple) and isinstance(value, tuple):
        kinds = zip(value, expected)
        strange = [a for a, b in kinds if isinstance(b, int | float | Tensor) and not _fits(a, b)]
        if strange:
            return "another type", f"A part of the result is {_kind(strange[0])}."
    if expected is None or isinstance(value, type(expected)):
        return None
    if isinstance(value, int | float) and isinstance(expected, int | float):
        return None
    wanted = _kind(expected)
    return "another type", f"The result is to be {wanted}, and is {_kind(value)}."


def _fits(value: Any, expected: Any) -> bool:
    numbers = isinstance(value, int | float | numpy.generic) and not isinstance(expected, Tensor)
    return numbers or isinstance(value, Tensor)


def _kind(value: Any) -> str:
    if isinstance(value, Tensor):
        return f"a tensor of shape {tuple(value.shape)}"
    if isinstance(value, numpy.ndarray):
        return f"an array of shape {value.shape}"
    if isinstance(value, bool):
        return "True or False"
    if isinstance(value, int | float):
        return "a number"
    if isinstance(value, tuple):
        return f"a list or tuple of {len(value)}"
    name = type(value).__name__
    return f"an {name}" if name[0] in "aeiouAEIOU" else f"a {name}"


def what_it_reads(task: Task, attempt: Any) -> tuple[str, str] | None:
    """Name a variable of the notebook that a function reads, or an argument that it does not."""
    code = getattr(attempt, "__code__", None)
    if code is None or not task.is_function:
        return None
    instructions = list(dis.get_instructions(code))
    for name in [i.argval for i in instructions if i.opname in ("LOAD_GLOBAL", "LOAD_NAME")]:
        value = attempt.__globals__.get(name)
        if isinstance(value, Tensor | numpy.ndarray):
            text = f"It reads `{name}`, a variable of the notebook, where it should only use its \
arguments: with another input it still computes with that one."
            return "uses a variable of the notebook", text
    used = set()
    for i in instructions:
        if i.opname.startswith(("LOAD_FAST", "LOAD_DEREF", "LOAD_CLOSURE")):
            used |= set(i.argval) if isinstance(i.argval, tuple) else {i.argval}
    own = code.co_varnames[: code.co_argcount]
    for name, asked in zip(own, task.parameters()):
        if name not in used and name not in code.co_cellvars:
            return f"ignores {asked}", f"The argument {name} is never used."
    return None
