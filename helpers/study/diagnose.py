"""From an attempt to what is to be said about it."""

import functools
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn

from helpers.study import protocol
from helpers.study.attempt import Outcome, Raised, outcomes, quietly
from helpers.study.compare import equal, form
from helpers.study.measured import NOT_YET
from helpers.study.mistakes import answer, recognise, says_little, whenever
from helpers.study.stubs import is_untouched
from helpers.study.task import Draw, Requirement, Task

__all__ = ["Finding", "diagnose"]

IN_ALL = 10.0  # seconds


@dataclass(frozen=True)
class Finding:
    """What was found: passed (None if nothing is written yet), the mistake, and what to show."""

    passed: bool | None
    mistake: str = ""
    message: str = ""
    shown: tuple[tuple[str, Any], ...] = ()


UNTOUCHED = Finding(
    None,
    "",
    "Not written yet: replace the `...` in the cell above, and run both \
cells.",
)


def diagnose(task: Task, attempt: Any, draw: Draw | None = None) -> Finding:
    """Try an attempt on the inputs of its task, and say what is wrong, if anything is."""
    if is_untouched(attempt):
        return UNTOUCHED
    said = protocol.handed_over(task, attempt)
    if said:
        return Finding(False, *said)
    for requirement in task.requirements:
        broken = _requirement(task, requirement, attempt)
        if broken is not None:
            return broken
    if task.inputs is None:
        return Finding(True, "", "All that was asked for holds.")
    return _by_reference(task, attempt, draw or Draw())


def _call(task: Task, attempt: Any) -> Callable:
    """Return what is called with the inputs: the attempt itself, or the probe with it."""
    watched = protocol.watched(attempt, task.may_change) if task.is_function else attempt
    return functools.partial(task.probe, watched) if task.probe else watched


def _by_reference(task: Task, attempt: Any, draw: Draw) -> Finding:
    assert task.inputs is not None and task.reference is not None
    inputs = sorted(task.inputs(draw), key=_size)
    # The first once more: a function that remembers earlier calls gives something else then.
    ran = outcomes(_call(task, attempt), [*inputs, inputs[0]], task.seconds, IN_ALL)
    if protocol.is_not_written(ran[0].value):
        return _still_a_stub(task)
    with quietly():
        expected = [answer(task.reference, arguments) for arguments in inputs]
    if ran[-1].stopped:
        return _stopped(task, inputs, ran)
    formed = [form(outcome.value, want) for outcome, want in zip(ran, [*expected, expected[0]])]
    got = [value for value, _ in formed]
    wrong = [i for i, want in enumerate(expected) if not equal(got[i], want)]
    if not wrong:
        if not equal(got[-1], expected[0]):
            text = "The second call with the same input gives something else than the first: \
something is kept from one call to the next, perhaps in a variable outside of the function or in \
a default argument."
            return Finding(False, "remembers earlier calls", text,
                           _shown(task, inputs[0], expected[0], got[-1]))  # fmt: skip
        return _right(task, inputs, ran, expected, formed)
    first = wrong[0]
    said = _explain(task, attempt, inputs, ran, got, expected)
    for i in wrong if said is None else ():  # a larger input may say more
        said = said or protocol.what_happened(ran[i], got[i], expected[i])
        first = i if said else first
    shown = _shown(task, inputs[first], expected[first], got[first])
    unknown = "", "The smallest input for which the result is not right is shown below."
    return Finding(False, *(said or unknown), shown)


def _explain(
    task: Task, attempt: Any, inputs: Sequence[tuple], ran: Sequence[Outcome],
    got: Sequence[Any], expected: Sequence[Any],
) -> tuple[str, str] | None:  # fmt: skip
    """Return name and sentence of the first mistake to mend."""
    said = recognise(task, inputs, got[: len(inputs)], expected)
    if said:
        return said
    wrong = [i for i, want in enumerate(expected) if not equal(got[i], want)]
    when = whenever(task, inputs, wrong)
    said = protocol.what_happened(ran[wrong[0]], got[wrong[0]], expected[wrong[0]])
    if said:
        name, sentence = said
        return name, f"{sentence}\nThis happens {when[1]}." if when else sentence
    said = protocol.what_it_reads(task, attempt)
    if said is None and not equal(got[-1], got[0]):
        return (
            "random",
            "Two calls with the same input give different results: is there a random \
number in it, or something that is kept from call to call?",
        )
    said = said or recognise(task, inputs, got[: len(inputs)], expected, further=True)
    if not when:
        return said
    if said is None or says_little(said[0]):
        return when[0], f"The result is wrong {when[1]}." + (f" {said[1]}" if said else "")
    return said[0], said[1] if when[1].startswith("only") else f"{said[1]}\nThis happens {when[1]}."


def _right(
    task: Task, inputs: Sequence[tuple], ran: Sequence[Outcome], expected: Sequence[Any],
    formed: Sequence[tuple[Any, str]],
) -> Finding:  # fmt: skip
    """Say what is to be mended although all numbers are right."""
    for arguments, outcome, want, (value, kind) in zip(inputs, ran, expected, formed):
        if outcome.changed and not task.may_change:
            which = task.names()[outcome.changed[0]]
            several = isinstance(arguments[outcome.changed[0]], list)
            a_copy = f"list({which})" if several else f"{which}.clone()"
            text = f"The result is right, but the call changes its argument {which}: whoever \
called it has another {which} afterwards. Work on a copy, such as {a_copy}."
            return Finding(False, "changes its input", text)
        if kind:
            kind = f"an {kind}" if kind == "array" else f"a {kind}"
            text = f"The numbers are right, but the result is {kind} where a "
            text += "tensor is expected" if isinstance(want, Tensor) else "number is expected"
            way = "torch.stack" if "tensors" in kind else "torch.tensor"
            text += f": {way}(…) makes one." if isinstance(want, Tensor) else "."
            return Finding(False, f"returns {kind}", text,
                           _shown(task, arguments, want, value))  # fmt: skip
    remark = " It prints something as well: take that out before you go on." if any(
        outcome.printed for outcome in ran
    ) else ""  # fmt: skip
    return Finding(True, "", f"Right for all {len(inputs)} inputs that were tried.{remark}")


def _still_a_stub(task: Task) -> Finding:
    text = f"Something is written, but `{task.binds}` still returns `...`: put your result in its \
place."
    return Finding(False, "still returns ...", text)


def _stopped(task: Task, inputs: Sequence[tuple], ran: Sequence[Outcome]) -> Finding:
    """Say that time was over, and where."""
    place = f", when it was in your {ran[-1].line}" if ran[-1].line else ""
    number = min(len(ran) - 1, len(inputs) - 1)
    shown = _shown(task, inputs[number])
    if len(ran) == 1 or sum(map(_size, inputs[:number])) < 1:
        text = f"The call with the input below was stopped after {task.seconds:g} seconds{place}. \
So small an input needs no such time: does a loop never end, because what its condition asks for \
does not change?"
        return Finding(False, "endless loop", text, shown)
    text = f"It was stopped at the input below{place}, after {number} smaller ones: either it \
takes too long, or a loop does not end for this input."
    return Finding(False, "too slow", text, shown)


def _requirement(task: Task, requirement: Requirement, attempt: Any) -> Finding | None:
    watched = protocol.watched(attempt, task.may_change) if task.is_function else attempt
    outcome = outcomes(requirement.broken, [(watched,)], task.seconds, IN_ALL)[0]
    if protocol.is_not_written(outcome.value):
        return _still_a_stub(task)
    if outcome.stopped:
        place = f", when it was in your {outcome.line}" if outcome.line else ""
        text = f"It was stopped after {task.seconds:g} seconds{place}."
        return Finding(False, "too slow", text)
    if isinstance(outcome.value, Raised):
        said = protocol.what_happened(outcome, outcome.value, None)
        given = tuple(zip(task.parameters(), getattr(watched, "given", ())))
        name, text = said or ("error", str(outcome.value))
        text = text if given else text.replace(" for the input below", "")
        return Finding(False, name, text, given)
    if outcome.value is None:
        return None
    if outcome.value is NOT_YET:
        return Finding(None, requirement.name, requirement.sentence)
    shown: Mapping[str, Any] = outcome.value
    sentence = requirement.sentence.format(**shown)
    return Finding(False, requirement.name, sentence, tuple(shown.items()))


def _shown(task: Task, arguments: tuple, *results: Any) -> tuple[tuple[str, Any], ...]:
    """Return arguments and results by the names under which they are shown."""
    results = tuple(result for result in results if not protocol.is_no_result(result))
    return (*zip(task.names(), arguments), *zip(("expected", "got"), results))


def _size(value: Any) -> float:
    """Return how large an input is to a reader: the smaller ones are tried, and shown, first."""
    if isinstance(value, Tensor):
        return value.numel() + (1e-3 * float(value.abs().float().mean()) if value.numel() else 0)
    if isinstance(value, nn.Module):
        return sum(p.numel() for p in value.parameters())
    if isinstance(value, list | tuple):
        return sum(map(_size, value)) + 0.1
    if isinstance(value, int | float | torch.Size) and not isinstance(value, bool):
        return abs(value)  # type: ignore[arg-type]
    return 0.0
