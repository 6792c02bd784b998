"""What a comparison finds: differences, and the measured numbers with their deviations."""

from dataclasses import dataclass, field
from decimal import Decimal

from tools.outputs.rules import Measure
from tools.outputs.tokens import Number, gap, within


@dataclass(frozen=True)
class Difference:
    """One thing that is not as stored: where, what was expected and got, and by how much."""

    where: str
    expected: str
    got: str
    note: str = ""

    def __str__(self) -> str:
        note = f" ({self.note})" if self.note else ""
        return f"{self.where}: expected {self.expected}, got {self.got}{note}"


@dataclass
class Findings:
    """The differences, and every measured number with what came in its place.

    `used` says of each of these by how much it is off, as a share of what it may be.
    """

    differences: list[Difference] = field(default_factory=list)
    measured: list[tuple[Measure, Number, Number]] = field(default_factory=list)
    used: list[Decimal] = field(default_factory=list)

    def add(self, where: str, expected: object, got: object, note: str = "") -> None:
        """Add a difference."""
        self.differences.append(Difference(where, str(expected), str(got), note))

    def add_measured(
        self, where: str, stored: Number, got: Number, measure: Measure, allowed: Decimal
    ) -> None:
        """Add a measured number, and a difference if it is further off than `allowed`."""
        self.measured.append((measure, stored, got))
        distance = Decimal(0) if stored.text == got.text else gap(stored, got)
        if distance:
            share = distance / allowed if allowed else Decimal("Infinity")
        else:
            share = Decimal("Infinity") if distance is None else distance
        self.used.append(share)
        if not within(stored, got, allowed):
            note = off(stored, got, f"allowed {measure.tolerance}")
            self.add(f"{where}, measured as {measure.name!r}", stored.text, got.text, note)


def off(stored: Number, got: Number, rule: str) -> str:
    """Return by how much a number is off, and the rule that it breaks."""
    distance = gap(stored, got)
    if distance is None:
        return rule
    share = f" = {float(100 * distance / abs(stored.value)):.2g} %" if stored.value else ""
    return f"off by {float(distance):.3g}{share}; {rule}"
