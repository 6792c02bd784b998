"""What a student calls: `check` an attempt, and ask for a `hint`."""

import html
from collections import Counter
from typing import Any

from helpers.study import tasks
from helpers.study.diagnose import diagnose
from helpers.study.progress import note
from helpers.study.show import sentence_html
from helpers.study.verdict import Verdict

__all__ = ["Hint", "check", "hint"]

_given: Counter[str] = Counter()  # hints, by task


def check(task: str, attempt: Any) -> Verdict:
    """Try what you wrote for a task, such as `check("7.2 A", corr2d)`, and say what is wrong.

    The attempt is compared with a reference on chosen and on random inputs. The verdict shows
    itself: `passed` is True, False, or None for a stub that is as it came; `mistake` is the
    short name of the mistake, '' if none was recognised; `message` says it in a sentence.
    A call that takes longer than some seconds is stopped.

    Raises TypeError and ValueError for a task that there is not; never for an attempt.
    """
    declared = tasks.find(task)
    found = diagnose(declared, attempt)
    note(declared.name, found.passed)
    return Verdict(declared.name, found.passed, found.mistake, found.message, found.shown)


class Hint(str):
    """A hint, which shows itself without quotation marks."""

    def __repr__(self) -> str:
        return str(self)

    def _repr_html_(self) -> str:
        first, _, rest = str(self).partition("\n")
        code = f"<pre>{html.escape(rest)}</pre>" if rest else ""
        return f"<p>{sentence_html(first)}</p>{code}"


def hint(task: str) -> Hint:
    """Return the next hint of a task: each call goes one step further, the last almost to the end.

    Raises TypeError and ValueError for a task that there is not.
    """
    declared = tasks.find(task)
    number = min(_given[declared.name], len(declared.hints) - 1)
    _given[declared.name] += 1
    last = number == len(declared.hints) - 1
    end = " (the last one; the solution is folded below the check)" if last else ""
    head = f"{declared.name}, hint {number + 1} of {len(declared.hints)}{end}: "
    return Hint(head + declared.hints[number])
