"""Recognise a mistake: the attempt gives what the mistake gives, for every input."""

import itertools
from collections.abc import Callable, Sequence
from typing import Any

from torch import Tensor

from helpers.study.attempt import Raised, quietly
from helpers.study.compare import equal, form, plain
from helpers.study.protocol import copies
from helpers.study.relations import relation
from helpers.study.task import Mistake, Task

__all__ = ["answer", "recognise", "says_little", "whenever"]

# Relations that say little about the cause.
VAGUE = (
    *("order", "shape", "border", "too high", "too low", "both ways"),
    *("too small", "too large", "not whole", "number of axes", "True too often", "False too often"),
)


def recognise(
    task: Task, inputs: Sequence[tuple], got: Sequence[Any], expected: Sequence[Any],
    further: bool = False,
) -> tuple[str, str] | None:  # fmt: skip
    """Return name and sentence of the mistake that explains all results.

    At first, of a single one that the task declares; `further`, of a relation between wrong and
    right results, or of two mistakes at once, of which the one declared first is named.
    """
    with quietly():
        if not further:
            return _declared(task, inputs, got, expected, 1)
        found = relation(list(zip(got, expected)))
        specific = found and not _is_vague(found[0])
        return (
            (found if specific else None)
            or _declared(task, inputs, got, expected, 2)
            or (isinstance(expected[0], tuple) and _declared(task, inputs, got, expected, 3))
            or _with_relation(task, inputs, got)
            or _but_for(task, inputs, got, expected)
            or _told(task, inputs, got, expected)
            or found
        )


def _declared(
    task: Task,
    inputs: Sequence[tuple],
    got: Sequence[Any],
    expected: Sequence[Any],
    count: int,
    least: int = 1,
) -> tuple[str, str] | None:
    known = [m for m in task.mistakes if m.tells is None]
    for mistakes in itertools.combinations(known, count):
        if sum(m.instead is not None for m in mistakes) > 1:
            continue
        if _explains(_function(task, mistakes), inputs, got, expected) >= least:
            first = mistakes[0]
            more = "".join(f" (And then: {m.name}.)" for m in mistakes[1:])
            return first.name, first.sentence + more
    return None


def says_little(relation_name: str) -> bool:
    """Whether the name of a relation says less than the inputs for which it holds."""
    return relation_name in VAGUE[:6] or relation_name.endswith(" part")


def _is_vague(relation_name: str) -> bool:
    return relation_name in VAGUE or says_little(relation_name)


def _with_relation(
    task: Task, inputs: Sequence[tuple], got: Sequence[Any]
) -> tuple[str, str] | None:
    """Name a declared mistake, to whose results those of the attempt have a simple relation."""
    for mistake in (m for m in task.mistakes if m.tells is None):
        function = _function(task, [mistake])
        pairs = []
        for value, arguments in zip(got, inputs):
            result = answer(function, arguments)
            pairs.append((form(value, result)[0], result))
        found = relation(pairs)
        if found and not _is_vague(found[0]):
            return mistake.name, f"{mistake.sentence} (And then: {found[1]})"
    return None


def _but_for(
    task: Task, inputs: Sequence[tuple], got: Sequence[Any], expected: Sequence[Any]
) -> tuple[str, str] | None:
    """Name a mistake that explains all results but those of inputs with one property."""
    for condition, holds in task.conditions.items():
        rest = [i for i, arguments in enumerate(inputs) if not holds(*arguments)]
        if not 0.4 * len(inputs) <= len(rest) < len(inputs):
            continue
        parts = [[several[i] for i in rest] for several in (inputs, got, expected)]
        wrong = sum(not equal(value, want) for value, want in zip(got, expected))
        found = _declared(task, parts[0], parts[1], parts[2], 1, least=max(4, wrong // 2))
        if found:
            return found[0], f"{found[1]} (When {condition}, there is something else besides.)"
    return None


def _told(
    task: Task, inputs: Sequence[tuple], got: Sequence[Any], expected: Sequence[Any]
) -> tuple[str, str] | None:
    """Name the mistake that tells itself in every wrong result."""
    wrong = [(v, a) for v, a, want in zip(got, inputs, expected) if not equal(v, want)]
    for mistake in task.mistakes:
        tells: Any = mistake.tells
        if tells and all(answer(tells, (v, *a)) is True for v, a in wrong):
            return mistake.name, mistake.sentence
    return None


def _function(task: Task, mistakes: Sequence[Mistake]) -> Callable:
    """Return what computes as the reference would with these mistakes."""
    replaced = [m.instead for m in mistakes if m.instead is not None]
    function: Any = replaced[0] if replaced else task.reference

    def compute(*given: Any) -> Any:
        arguments = given
        for m in mistakes:
            if m.before is not None:
                arguments = m.before(*arguments)
        result = function(*arguments)
        for m in mistakes:
            if m.after is not None:
                result = m.after(result, *given)
        return result

    return compute


def _explains(
    function: Callable, inputs: Sequence[tuple], got: Sequence[Any], expected: Sequence[Any]
) -> int:
    """Return for how many inputs a function explains a wrong result; 0 if it errs for any."""
    explained = refused = tells = 0
    for arguments, value, want in zip(inputs, got, expected):
        result = form(answer(function, arguments), want)[0]
        if isinstance(result, Raised) and _is_none(value) and not equal(value, want):
            refused += 1  # there is no result: how that shows depends on the code
            continue
        if not _alike(value, result):
            return 0
        tells += not _is_none(result)
        explained += not equal(result, want)
    return explained or (1 if refused and tells else 0)


def answer(function: Callable, arguments: tuple) -> Any:
    """Return what a function of ours gives, or its error."""
    try:
        return plain(function(*copies(arguments)))
    except Exception as error:
        return Raised(error)


def _alike(value: Any, result: Any) -> bool:
    if _is_none(value) and _is_none(result):
        return True
    return equal(form(value, result)[0], result)


def _is_none(value: Any) -> bool:
    return isinstance(value, Raised) or (isinstance(value, Tensor) and value.numel() == 0)


def whenever(task: Task, inputs: Sequence[tuple], wrong: Sequence[int]) -> tuple[str, str] | None:
    """Name the property of the inputs that decides whether the result is wrong."""
    several = len(wrong) > 1
    found = None
    for condition, holds in task.conditions.items():
        where = [i for i, arguments in enumerate(inputs) if holds(*arguments)]
        if where == list(wrong) and len(where) < len(inputs):
            return f"wrong when {condition}", f"whenever {condition}, and only then"
        if several and found is None and set(wrong) < set(where) and len(where) < len(inputs):
            found = f"wrong only when {condition}", f"only when {condition}, but not always then"
    return found
