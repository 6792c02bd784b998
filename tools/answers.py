"""Read the answers in answers/*.md: one section for each exercise, with executable blocks."""

import itertools
import re
from dataclasses import dataclass
from pathlib import Path

from markdown_it import MarkdownIt

FOLDER = Path(__file__).resolve().parent.parent / "answers"
HEADING = re.compile(r"(?P<section>\d\.\d\.\d) Exercise (?P<item>\d+[a-z]?): (?P<title>.+)")


@dataclass(frozen=True)
class Answer:
    """One exercise: its number such as '7.2.8 Exercise 1a', Markdown text and code blocks."""

    number: str
    text: str
    blocks: tuple[tuple[int, str], ...]  # (line in the file, source)


def read(path: Path) -> list[Answer]:
    """Return the exercises of an answers file in order.

    Raises ValueError naming the file and the heading that does not have the form
    '## 7.2.8 Exercise 1a: Title'.
    """
    lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
    tokens = MarkdownIt().parse("".join(lines))
    starts = [
        (token.map[0], following.content)
        for token, following in itertools.pairwise(tokens)
        if token.type == "heading_open" and token.tag == "h2"
    ]
    answers = []
    for (start, heading), (end, _) in zip(starts, [*starts[1:], (len(lines), "")]):
        match = HEADING.fullmatch(heading)
        if match is None:
            raise ValueError(
                f"{path.name}, line {start + 1}: a heading must look like "
                f"'## 7.2.8 Exercise 1a: Title', got {heading!r}"
            )
        blocks = tuple(
            (token.map[0] + 1, token.content)
            for token in tokens
            if token.type == "fence" and token.info == "python" and start <= token.map[0] < end
        )
        number = f"{match['section']} Exercise {match['item']}"
        answers.append(Answer(number, "".join(lines[start:end]).strip(), blocks))
    return answers
