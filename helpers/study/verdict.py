"""What `check` says, in a notebook and in plain text."""

import html
from dataclasses import dataclass
from typing import Any

from helpers.study.show import as_html, as_text, sentence_html

__all__ = ["Verdict"]


@dataclass(frozen=True, repr=False)
class Verdict:
    """What was found about an attempt at a task.

    `passed` is True, False, or None for what is not written, or not measured, yet; `mistake`
    is the short name of the recognised mistake, '' if there is none; `message` says it in a
    sentence or two.
    `shown` holds names and values of the smallest input that fails, with 'expected' and 'got'.
    """

    task: str
    passed: bool | None
    mistake: str
    message: str
    shown: tuple[tuple[str, Any], ...] = ()

    @property
    def headline(self) -> str:
        """The task and how it stands, such as '7.2 A: not right yet (flipped kernel)'."""
        if self.passed is None:
            return f"{self.task}: {self.mistake or 'not written yet'}"
        if self.passed:
            return f"{self.task}: passed ✓"
        return f"{self.task}: not right yet" + (f" ({self.mistake})" if self.mistake else "")

    def __bool__(self) -> bool:
        return self.passed is True

    def __repr__(self) -> str:
        parts = [f"{self.headline}\n{self.message}"]
        if self.shown:
            parts.append(as_text(self.shown))
        return "\n\n".join(parts)

    def _repr_html_(self) -> str:
        lines = "<br>".join(sentence_html(self.message).split("\n"))
        return (
            f'<div role="status"><p><strong>{html.escape(self.headline)}</strong><br>{lines}</p>'
            f"{as_html(self.shown)}</div>"
        )
