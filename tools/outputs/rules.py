"""Read what a cell says about its numbers: which are measured, and how far they may be off.

    # measured: val_loss ±0.1, val_acc ±0.03
    # measured: every decimal ±2%

A name is the heading of a column in a printed table, or the words that stand before a
number or a row of numbers in a line; `last val_acc` is the last number of the column or row.
What a figure was drawn from has the name of its line or bar, or `image`. Numbers that are not
named stay exact.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal

EVERY = "every decimal"
LAST = "last "
HOW = (
    "a marker stands at the top of the cell and looks like '# measured: val_loss ±0.1, "
    "val_acc ±0.03', '# measured: gradient ±2%' or '# measured: every decimal ±0.05'; "
    "'±0.1 either sign' lets a number be zero or change its sign"
)
# Tags of ours, of nbval, and of Jupyter's tools that show pages.
TAGS = {
    "data", "answer", "task",
    "nbval-ignore-output", "nbval-check-output", "nbval-raises-exception", "nbval-skip",
    "raises-exception", "skip-execution",
    "hide-input", "hide-output", "hide-cell", "remove-input", "remove-output", "remove-cell",
}  # fmt: skip

MARKER = re.compile(r"# measured: (.+)")
LIKE_A_MARKER = re.compile(r"\s*#\s*measured?\b\s*[:=±]|\s*#.*\bmeasured?\b.*±", re.IGNORECASE)
ITEM = re.compile(r"(.*\S) ±([0-9]+(?:\.[0-9]+)?(?:[eE]-?[0-9]+)?)(%?)( either sign)?")


class MarkerError(ValueError):
    """A marker or tag that says nothing useful; the message says what would."""


@dataclass(frozen=True)
class Measure:
    """A name of measured numbers, and how far these may be from the stored ones."""

    name: str
    size: Decimal  # absolute, or a share of the stored number
    is_share: bool = False
    either_sign: bool = False

    @property
    def word(self) -> str:
        """The heading or label whose last number is meant: 'val_acc' of 'last val_acc'."""
        return self.name.removeprefix(LAST)

    def __str__(self) -> str:
        return f"{self.name} {self.tolerance}" + " either sign" * self.either_sign

    @property
    def tolerance(self) -> str:
        return f"±{(self.size * 100).normalize():f}%" if self.is_share else f"±{self.size}"

    def allowed(self, stored: Decimal) -> Decimal:
        """Return how far a number may be from the stored one."""
        return self.size * abs(stored) if self.is_share else self.size


def check_tags(tags: Iterable[str]) -> None:
    """Raise MarkerError for a tag that means nothing here."""
    for tag in tags:
        if str(tag).startswith("tolerance"):
            raise MarkerError(f"the tag {tag!r} is no longer used: {HOW}")
        if tag not in TAGS:
            raise MarkerError(f"unknown tag {tag!r}: allowed are {', '.join(sorted(TAGS))}")


def read(source: str) -> list[Measure]:
    """Return the measured numbers that a cell's markers name.

    Raises MarkerError for a marker that cannot be read, stands below the code, or names a
    number twice.
    """
    measures: list[Measure] = []
    at_top = True
    for line in source.splitlines():
        at_top = at_top and (line.startswith("#") or not line.strip())
        if not LIKE_A_MARKER.match(line):
            continue
        match = MARKER.fullmatch(line.rstrip())
        if match is None or not at_top:
            raise MarkerError(f"the marker {line.strip()!r} cannot be read here: {HOW}")
        measures.extend(map(_measure, match[1].split(",")))
    for i, measure in enumerate(measures):
        if measure.name in (m.name for m in measures[:i]):
            raise MarkerError(f"the marker names {measure.name!r} twice: once is enough")
    return measures


def without_markers(source: str) -> str:
    """Return the source of a cell without its markers."""
    return "\n".join(line for line in source.splitlines() if not LIKE_A_MARKER.match(line))


def _measure(item: str) -> Measure:
    match = ITEM.fullmatch(item.strip())
    if match is None:
        raise MarkerError(f"the marker {item.strip()!r} cannot be read: {HOW}")
    name, size, share, sign = match[1], Decimal(match[2]), bool(match[3]), bool(match[4])
    if share:
        size /= 100
    if size == 0 or (share and (size >= 1 or sign)):
        raise MarkerError(
            f"the marker {item.strip()!r} is useless: a tolerance is more than 0 and, in percent, "
            f"less than 100 and without 'either sign'; {HOW}"
        )
    return Measure(name, size, share, sign)


def check_use(measures: Iterable[Measure], covered: Mapping[Measure, list[Decimal]]) -> None:
    """Raise MarkerError for a measure without numbers, or as wide as what it is to hold.

    `covered` are the sizes of the stored numbers that each measure belongs to.
    """
    for measure in measures:
        sizes = covered.get(measure)
        if not sizes:
            raise MarkerError(
                f"the marker names {measure.name!r}, but the stored output has no such number: "
                "a name is the heading of a column, or the words directly before a number"
            )
        if measure.is_share:
            continue
        limit = max(sizes) if measure.either_sign else min(sizes)
        if measure.size >= limit:
            raise MarkerError(
                f"the marker '{measure}' is as large as the number {limit} that it is to hold: "
                "choose a smaller one, a share of the number such as ±2%, or 'either sign' for "
                "numbers around zero"
            )
