"""Read answers/*.md: one section for each exercise, with blocks of code and their outputs.

A block is a fence of `python`. A fence of `text` directly below it is its output. A comment
`<!-- must fail: `old` => `new` -->` is a change of the code that the evidence must refuse, and
`<!-- cited: 3.57 6.67 (He et al., 2016) -->` names numbers that come from elsewhere.
"""

import ast
import itertools
import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from markdown_it import MarkdownIt
from markdown_it.token import Token

FOLDER = Path(__file__).resolve().parent.parent.parent / "answers"
HEADING = re.compile(r"(?P<number>\d\.\d\.\d Exercise \d+[a-z]?|\d\.\d Discussion): (?P<title>.+)")
KIND = re.compile(r"\*Kind: (derive|code|experiment|discuss)\.?\*")
MUST_FAIL = re.compile(r"<!-- must fail: `(?P<old>[^`]+)` => `(?P<new>[^`]*)` -->")
CITED = re.compile(r"<!-- cited: (?P<text>[^>]+) -->")
COMMENT = re.compile(r"<!--.*?-->\n*", re.DOTALL)  # for who writes the answers

NEEDS_DATA = "# needs: data"
RECORDED = re.compile(r"# recorded: (?P<names>\w+(?:, \w+)*); in short: (?P<changes>.+)")
IN_SHORT = re.compile(r"# in short: (?P<changes>.+)")


class AnswerError(ValueError):
    """An answer that is not in the form; the message says where and what it should be."""


@dataclass(frozen=True)
class Block:
    """A block of code: its line in the file, its source, and what it prints, if that is shown."""

    line: int
    source: str
    output: str | None = None
    output_lines: tuple[int, int] = (0, 0)  # of the fence, from its first to after its last

    @cached_property
    def head(self) -> list[str]:
        """The comments above the code."""
        return list(itertools.takewhile(lambda s: s.startswith("#"), self.source.splitlines()))

    @property
    def needs_data(self) -> bool:
        return NEEDS_DATA in self.head

    @property
    def recorded(self) -> tuple[str, ...]:
        """The names whose values are recorded, since they take long to compute."""
        matches = filter(None, map(RECORDED.fullmatch, self.head))
        return tuple(name for match in matches for name in match["names"].split(", "))

    @property
    def in_short(self) -> list[tuple[str, str]]:
        """What to replace in a recorded block so that the tests can run it."""
        changes = []
        for line in self.head:
            match = RECORDED.fullmatch(line) or IN_SHORT.fullmatch(line)
            for change in split_outside_brackets(match["changes"]) if match else []:
                old, arrow, new = change.partition(" => ")
                if not arrow:
                    raise AnswerError(f"line {self.line}: {change!r} is not of the form old => new")
                changes.append((old.strip(), new.strip()))
        return changes

    @property
    def code(self) -> str:
        """The source with its head replaced by empty lines."""
        return "\n" * len(self.head) + self.source.split("\n", len(self.head))[-1]

    def shortened(self) -> str:
        """Return the code with all that `in_short` says replaced.

        Raises AnswerError naming what does not occur.
        """
        code = self.code
        for old, new in self.in_short:
            if old not in code:
                raise AnswerError(f"line {self.line}: {old!r} of 'in short' is not in the block")
            code = code.replace(old, new)
        return code


@dataclass(frozen=True)
class Mutation:
    """A change of an answer's code that makes it false: `old`, which occurs once, to `new`."""

    old: str
    new: str


@dataclass(frozen=True)
class Answer:
    """One exercise: its number such as '7.2.8 Exercise 1a', Markdown text and code blocks."""

    number: str
    title: str
    text: str
    blocks: tuple[Block, ...]
    path: Path

    @property
    def kind(self) -> str | None:
        """What the exercise asks for: to derive, code, experiment or discuss."""
        match = KIND.search(self.text)
        return match and match[1]

    @property
    def identity(self) -> str:
        """The number as part of a file's name: '7.2.8-exercise-1a'."""
        return self.number.lower().replace(" ", "-")

    @property
    def mutations(self) -> list[Mutation]:
        return [Mutation(m["old"], m["new"]) for m in MUST_FAIL.finditer(self.text)]

    @property
    def cited(self) -> str:
        """What the comments say about numbers that come from elsewhere."""
        return "\n".join(match["text"] for match in CITED.finditer(self.text))

    @property
    def shown(self) -> str:
        """The text that a reader gets: without the comments for who writes."""
        return COMMENT.sub("", self.text).strip()

    @property
    def needs_data(self) -> bool:
        return any(block.needs_data for block in self.blocks)

    def has(self, part: str) -> bool:
        """Whether there is a folded 'Hint', 'Answer' or 'Proof'."""
        return f"<details><summary>{part}</summary>\n\n" in self.text

    @property
    def assertions(self) -> int:
        """How many assert statements the blocks contain."""
        nodes = (node for block in self.blocks for node in ast.walk(ast.parse(block.source)))
        return sum(isinstance(node, ast.Assert) for node in nodes)


def split_outside_brackets(text: str) -> list[str]:
    """Split at commas, those within brackets excepted."""
    parts, depth = [""], 0
    for letter in text:
        depth += (letter in "([{") - (letter in ")]}")
        if letter == "," and depth == 0:
            parts.append("")
        else:
            parts[-1] += letter
    return [part.strip() for part in parts if part.strip()]


def read(path: Path) -> list[Answer]:
    """Return the exercises of an answers file in order.

    Raises AnswerError naming the file and the heading that does not have the form
    '## 7.2.8 Exercise 1a: Title'.
    """
    lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
    tokens = MarkdownIt().parse("".join(lines))
    starts = [
        (_lines(token)[0], following.content)
        for token, following in itertools.pairwise(tokens)
        if token.type == "heading_open" and token.tag == "h2"
    ]
    blocks = list(_blocks(tokens))
    answers = []
    for (start, heading), (end, _) in zip(starts, [*starts[1:], (len(lines), "")]):
        match = HEADING.fullmatch(heading)
        if match is None:
            raise AnswerError(
                f"{path.name}, line {start + 1}: a heading must look like "
                f"'## 7.2.8 Exercise 1a: Title' or '## 7.2 Discussion: Title', got {heading!r}"
            )
        own = tuple(block for block in blocks if start < block.line <= end)
        text = "".join(lines[start:end]).strip()
        answers.append(Answer(match["number"], match["title"], text, own, path))
    return answers


def _lines(token: Token) -> tuple[int, int]:
    assert token.map is not None  # every block of Markdown has one
    return token.map[0], token.map[1]


def _blocks(tokens: list[Token]) -> Iterable[Block]:
    for token, following in itertools.zip_longest(tokens, tokens[1:]):
        if token.type != "fence" or token.info != "python":
            continue
        line = _lines(token)[0] + 1
        if following is not None and following.type == "fence" and following.info == "text":
            yield Block(line, token.content, following.content, _lines(following))
        else:
            yield Block(line, token.content)


def named(names: Iterable[str]) -> list[Answer]:
    """Return the answers that names choose: '7.2', '7.2-conv-layer' or '7.2.8 Exercise 1a'.

    Without names, all. A notebook without answers chooses none. Raises ValueError for a name
    that is neither.
    """
    known = [answer for path in sorted(FOLDER.glob("*.md")) for answer in read(path)]
    chosen: list[Answer] = []
    names = list(names)
    for name in names:
        stem = Path(name).name.removesuffix(".md").removesuffix(".ipynb")
        of_name = [
            a for a in known if stem in (a.number, a.path.stem, a.path.stem.partition("-")[0])
        ]
        if not of_name and not (FOLDER.parent / "notebooks" / f"{stem}.ipynb").exists():
            raise ValueError(f"no answer is called {name!r}: '7.2' or '7.2.8 Exercise 1a' would be")
        chosen += [answer for answer in of_name if answer not in chosen]
    return chosen if names else known
