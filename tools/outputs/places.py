"""Find where in a text the numbers stand that a marker names."""

import re
from collections.abc import Iterable, Iterator, Sequence

from tools.outputs.rules import EVERY, LAST, Measure
from tools.outputs.tokens import Number, split

# Behind these words a number is a name, whatever 'every decimal' says; 'sections 7.5 and 7.6'.
NAMES = re.compile(
    r"(?:§|\b(?:(?:chapter|equation|exercise|figure|section|table|version|release)s?"
    r"|d2l|cuda|matplotlib|numpy|python|pytorch|torch|torchvision))\W*"
    r"(?:[0-9.]*[0-9](?: (?:and|or|to) | ?[–-] ?))*$",
    re.IGNORECASE,
)
# What may stand between the numbers of a row: 'from 2.3 to 0.7', '[0.1, 0.2]', '0.4 → 0.7'.
IN_A_ROW = re.compile(r"(?:[^\w;.(]|\b(?:and|to)\b)*")
BEFORE_A_ROW = re.compile(r"[^\w;.)]*")
RULED = re.compile(r"\s*[-=+|:─]+[-=+|:─\s]*")  # the line below headings

Place = tuple[int, int]  # a line, and a number in it, both from 0 on


def measured_in(lines: Sequence[str], measures: Iterable[Measure]) -> dict[Place, Measure]:
    """Return which numbers of a text are measured."""
    measures = list(measures)
    numbers = [split(line)[1] for line in lines]
    found: dict[Place, Measure] = {}
    # A longer name goes before a shorter one, and 'last x' before 'x'.
    for measure in sorted(measures, key=lambda m: (m.word != m.name, len(m.name))):
        if measure.name == EVERY:
            continue
        rows = list(_named(measure.name, lines, numbers))
        if not rows and measure.name.startswith(LAST):
            rows = [row[-1:] for row in _named(measure.word, lines, numbers)]
        for row in rows:
            found.update(dict.fromkeys(row, measure))
    for measure in measures:
        if measure.name == EVERY:
            for i, line in enumerate(lines):
                for n, number in enumerate(numbers[i]):
                    if not number.is_whole and not NAMES.search(line[: number.start]):
                        found.setdefault((i, n), measure)
    return found


def _named(name: str, lines: Sequence[str], numbers: list[list[Number]]) -> Iterator[list[Place]]:
    """Yield each row behind that name and each column below it: its decimals, if it has any."""
    for i, line in enumerate(lines):
        for match in re.finditer(rf"(?<!\w){re.escape(name)}(?!\w)", line):
            row = [(i, n) for n in _row(match.end(), line, numbers[i])]
            row = row or list(_column(match, lines, numbers, i))
            yield [(j, n) for j, n in row if not numbers[j][n].is_whole] or row


def _row(start: int, line: str, numbers: list[Number]) -> list[int]:
    """Return which numbers stand in a row behind a place of a line."""
    row: list[int] = []
    for n, number in enumerate(numbers):
        if number.start < start:
            continue
        between = line[numbers[row[-1]].end if row else start : number.start]
        if not (IN_A_ROW if row else BEFORE_A_ROW).fullmatch(between):
            break
        row.append(n)
    return row


def _column(
    heading: re.Match, lines: Sequence[str], numbers: list[list[Number]], i: int
) -> Iterator[Place]:
    """Yield the places of the numbers in the column below a heading in line i."""
    for j in range(i + 1, len(lines)):
        if not numbers[j] and not RULED.fullmatch(lines[j]):
            return  # words without numbers end the table, and so does an empty line
        for n, number in enumerate(numbers[j]):
            if number.start < heading.end() and number.end > heading.start():
                yield j, n
