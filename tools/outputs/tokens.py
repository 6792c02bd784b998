"""Find the numbers in a line of text, and say when two of them are the same."""

import re
from dataclasses import dataclass
from decimal import Decimal

# A number that is computed and printed may differ by so much of itself: sixteen roundings
# of float32, as when a sum is taken in another order.
RELATIVE = Decimal("2e-6")
# Its last printed digit may differ by one where so many digits are printed. With fewer, a
# step of one is a change that a reader sees, and rounding makes it once in a thousand times.
ENOUGH_DIGITS = 4

NUMBER = re.compile(
    r"""
    (?P<word> [-+]? [0-9]+ (?: \.[0-9]+ ){2,} )   # 2.11.0, 24.11.2026, 192.168.0.1: not a number
    | (?P<number>
        (?: (?<![\w)\]]) [-+] | (?<![\w.]) )      # the sign belongs to it: -0.5, not x-0.5
        (?: [0-9]{1,3} (?: ,[0-9]{3} )+ (?![0-9]) (?: \.[0-9]+ )?
          | [0-9]+ \.? [0-9]* | \.[0-9]+ )
        (?: [eE] [-+]? [0-9]+ )?
      | (?: (?<![\w)\]]) [-+] )? \b (?: nan | inf ) \b
      )
    """,
    re.VERBOSE,
)


@dataclass(frozen=True)
class Number:
    """A number as it is printed, and where in its line: from column `start` to `end`."""

    text: str
    start: int = 0
    end: int = 0

    @property
    def is_finite(self) -> bool:
        return self.text[-1] not in "nf"  # nan, inf

    @property
    def is_whole(self) -> bool:
        """Whether it is printed without decimals: 12, and 12. at the end of a sentence."""
        return self.is_finite and not re.search(r"\.[0-9]|[eE]", self.text)

    @property
    def value(self) -> Decimal:
        return Decimal(self.text.replace(",", ""))

    @property
    def unit(self) -> Decimal:
        """The size of a step of its last printed digit."""
        return Decimal(1).scaleb(int(self.value.as_tuple().exponent))

    @property
    def digits(self) -> int:
        """How many digits are printed, from the first that is not 0 on."""
        return len(self.value.as_tuple().digits)

    @property
    def shows_plus(self) -> bool:
        return self.text.startswith("+")


def split(line: str) -> tuple[list[str], list[Number]]:
    """Return the words around the numbers of a line, one more than numbers, and the numbers.

    A number that needs fewer columns is padded, so the width of spaces does not count.
    """
    matches = [match for match in NUMBER.finditer(line) if match["number"]]
    numbers = [Number(match.group(), *match.span()) for match in matches]
    starts, ends = [0, *(n.end for n in numbers)], [*(n.start for n in numbers), len(line)]
    words = [re.sub(" +", " ", line[start:end]) for start, end in zip(starts, ends)]
    words[-1] = words[-1].rstrip(" ")
    for i in range(len(numbers)):
        if (words[i] == " " and i == 0) or re.search(r"[\[(] $", words[i]):
            words[i] = words[i][:-1]  # '[ 0.5' beside '[-0.5'
        if re.match(r" [\])]", words[i + 1]):
            words[i + 1] = words[i + 1][1:]
    return words, numbers


def gap(a: Number, b: Number) -> Decimal | None:
    """Return the distance of two numbers; None where there is none, as from nan or inf."""
    return abs(a.value - b.value) if a.is_finite and b.is_finite else None


def same(stored: Number, got: Number) -> bool:
    """Whether two printed numbers are the same up to the rounding of computed numbers.

    Whole numbers, nan and inf equal only themselves; 1 and 1.0, 0.0 and -0.0 are the same.
    """
    distance = gap(stored, got)
    if stored.text == got.text or distance is None:
        return stored.text == got.text
    if stored.is_whole and got.is_whole:
        return stored.text.removeprefix("-") == got.text.removeprefix("-") and distance == 0
    if not _written_alike(stored, got):
        return False
    if distance <= RELATIVE * max(abs(stored.value), abs(got.value)):
        return True
    return distance <= min(stored.unit, got.unit) and (
        max(stored.digits, got.digits) >= ENOUGH_DIGITS
    )


def _written_alike(a: Number, b: Number) -> bool:
    """Whether both show a plus, as +0.5 does, or neither; a minus says by itself which it is."""
    return a.shows_plus == b.shows_plus or "-" in (a.text[0], b.text[0])


def within(stored: Number, got: Number, allowed: Decimal) -> bool:
    """Whether `got` is at most `allowed` away from the stored number."""
    distance = gap(stored, got)
    if distance is None or not _written_alike(stored, got):
        return stored.text == got.text
    return distance <= allowed
