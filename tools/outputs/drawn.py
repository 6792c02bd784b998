"""Compare the numbers that figures were drawn from.

The function that shows a figure may keep them in the output, as

    metadata["image/png"]["data"] = {"val_loss": [2.31, 1.05], "title": ["loss", "epoch"]}

one entry for each series: its name, and a list of numbers and texts. A notebook's file keeps
its keys sorted, so their order does not count. The picture itself is not compared: another
release of matplotlib draws other pixels.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from decimal import Decimal

from nbformat import NotebookNode

from tools.outputs import rules
from tools.outputs.findings import Findings, off
from tools.outputs.rules import Measure
from tools.outputs.tokens import Number, within

# A number may differ by this share of itself, a step of the last of its four digits,
SHARE = Decimal("0.001")
# or by this share of the largest of its series: so much of float32 is left where nearly equal
# numbers are subtracted.
ROUNDING = Decimal("1e-5")
COPY = r"(?: \(\d+\))?$"  # 'image (2)' is the second of the series 'image'
X_OF = "x of "  # where the points of a line stand, which is not measured with them


def series_of(output: NotebookNode) -> Mapping[str, Sequence] | None:
    """Return the series that a figure was drawn from, None if the output does not keep them."""
    return output.get("metadata", {}).get("image/png", {}).get("data")


def compare(
    where: str,
    stored: Mapping[str, Sequence],
    got: Mapping[str, Sequence],
    measures: list[Measure],
    found: Findings,
) -> None:
    """Add to `found` how the series of a figure differ from the stored ones."""
    if stored.keys() != got.keys():
        found.add(where, f"the series {sorted(stored)}", sorted(got))
        return
    for name, series in stored.items():
        place = f"{where}, {name!r}"
        if _shape(series) != _shape(got[name]):
            found.add(place, list(series), list(got[name]))
            continue
        scale, numbers = largest(series), _numbers(series)
        for n, (a, b) in enumerate(zip(numbers, _numbers(got[name])), start=1):
            size = abs(a.value) if a.is_finite else Decimal(0)
            allowed = max(SHARE * size, ROUNDING * scale)
            measure = measure_of(name, measures, is_last=n == len(numbers))
            if measure is not None:
                allowed = max(allowed, measure.allowed(scale))
                found.add_measured(f"{place}, number {n}", a, b, measure, allowed)
            elif not within(a, b, allowed):
                note = off(a, b, f"allowed {allowed:.2g}; it is not named as measured")
                found.add(f"{place}, number {n}", a.text, b.text, note)


def covered(series: Mapping[str, Sequence], measures: list[Measure]) -> Iterator:
    """Yield each measure that holds for a series, with the largest of its numbers."""
    for name, values in series.items():
        scale = largest(values)
        for is_last in (False, True):
            measure = measure_of(name, measures, is_last)
            if measure is not None and scale:
                yield measure, scale


def measure_of(name: str, measures: Iterable[Measure], is_last: bool) -> Measure | None:
    """Return the measure of a series or its last number, or that of every decimal.

    As in a text, a marker's name is the words directly before the numbers: 'blocks' stands for
    the series 'plain, 2 blocks', and 'image' for 'image (2)'. The longest goes before others.
    """
    fits = []
    for measure in measures:
        ends = re.compile(rf"(?<!\w){re.escape(measure.name)}{COPY}")
        last = re.compile(rf"(?<!\w){re.escape(measure.word)}{COPY}")
        if name == measure.name or (not name.startswith(X_OF) and ends.search(name)):
            fits.append((len(measure.name), False, measure))
        elif is_last and not name.startswith(X_OF) and last.search(name):
            fits.append((len(measure.word), True, measure))
    every = (measure for measure in measures if measure.name == rules.EVERY)
    return max(fits, key=lambda fit: fit[:2])[2] if fits else next(every, None)


def largest(series: Sequence) -> Decimal:
    """Return the largest size of a number in a series."""
    sizes = (abs(n.value) for n in _numbers(series) if n.is_finite)
    return max(sizes, default=Decimal(0))


def _numbers(series: Sequence) -> list[Number]:
    return [Number(str(value)) for value in series if not isinstance(value, str)]


def _shape(series: Sequence) -> list[str | None]:
    """Return a series with its numbers taken out."""
    return [value if isinstance(value, str) else None for value in series]
