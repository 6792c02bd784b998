"""Read the answers in answers/*.md: one section for each exercise, with executable blocks.

    python -m tools.answers

prints a table of all exercises, with their kind and their number of assertions.
"""

import ast
import itertools
import re
from dataclasses import dataclass
from pathlib import Path

from markdown_it import MarkdownIt
from markdown_it.token import Token

FOLDER = Path(__file__).resolve().parent.parent / "answers"
HEADING = re.compile(r"(?P<number>\d\.\d\.\d Exercise \d+[a-z]?|\d\.\d Discussion): (?P<title>.+)")

KIND = re.compile(r"\*Kind: (derive|code|experiment|discuss)\.?\*")


@dataclass(frozen=True)
class Answer:
    """One exercise: its number such as '7.2.8 Exercise 1a', Markdown text and code blocks."""

    number: str
    title: str
    text: str
    blocks: tuple[tuple[int, str], ...]  # (line in the file, source)

    @property
    def kind(self) -> str | None:
        """What the exercise asks for: to derive, code, experiment or discuss."""
        match = KIND.search(self.text)
        return match and match[1]

    def has(self, part: str) -> bool:
        """Whether there is a folded 'Hint' or 'Answer'."""
        return f"<details><summary>{part}</summary>\n\n" in self.text

    @property
    def assertions(self) -> int:
        """How many assert statements the blocks contain."""
        nodes = (node for _, source in self.blocks for node in ast.walk(ast.parse(source)))
        return sum(isinstance(node, ast.Assert) for node in nodes)


def read(path: Path) -> list[Answer]:
    """Return the exercises of an answers file in order.

    Raises ValueError naming the file and the heading that does not have the form
    '## 7.2.8 Exercise 1a: Title'.
    """
    lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
    tokens = MarkdownIt().parse("".join(lines))

    def line(token: Token) -> int:
        assert token.map is not None  # every block has one
        return token.map[0]

    starts = [
        (line(token), following.content)
        for token, following in itertools.pairwise(tokens)
        if token.type == "heading_open" and token.tag == "h2"
    ]
    answers = []
    for (start, heading), (end, _) in zip(starts, [*starts[1:], (len(lines), "")]):
        match = HEADING.fullmatch(heading)
        if match is None:
            raise ValueError(
                f"{path.name}, line {start + 1}: a heading must look like "
                f"'## 7.2.8 Exercise 1a: Title' or '## 7.2 Discussion: Title', got {heading!r}"
            )
        blocks = tuple(
            (line(token) + 1, token.content)
            for token in tokens
            if token.type == "fence" and token.info == "python" and start <= line(token) < end
        )
        text = "".join(lines[start:end]).strip()
        answers.append(Answer(match["number"], match["title"], text, blocks))
    return answers


def main() -> None:
    """Print the table."""
    print("| exercise | kind | hint | answer | assertions |\n| --- | --- | --- | --- | --: |")
    for path in sorted(FOLDER.glob("*.md")):
        for answer in read(path):
            hint, text = ("yes" if answer.has(part) else "" for part in ("Hint", "Answer"))
            row = (answer.number, answer.kind or "", hint, text, str(answer.assertions))
            print("|", " | ".join(row), "|")


if __name__ == "__main__":
    main()
