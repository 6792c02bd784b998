"""Compare the numbers that figures were drawn from.

The function that shows a figure may keep them in the output, as

    metadata["image/png"]["data"] = {"val_loss": [2.31, 1.05], "title": ["loss", "epoch"]}

one entry for each series, in the order drawn: its name, and a list of numbers and texts. The
picture itself is not compared: another release of matplotlib draws other pixels.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from decimal import Decimal

from nbformat import NotebookNode

from tools.outputs import rules
from tools.outputs.findings import Findings, off
from tools.outputs.rules import Measure
from tools.outputs.tokens import Number, within

# A number may differ by this share of the largest of its series: nobody sees less.
SHARE = Decimal("0.001")


def series_of(output: NotebookNode) -> Mapping[str, Sequence] | None:
    """Return the series that a figure was drawn from, None if the output does not keep them."""
    return output.get("metadata", {}).get("image/png", {}).get("data")


def compare(
    where: str,
    stored: Mapping[str, Sequence],
    got: Mapping[str, Sequence],
    measures: list[Measure],
    found: Findings,
    exact: bool = True,
) -> None:
    """Add to `found` how the series of a figure differ from the stored ones.

    Unless they are `exact`, as those of a cell tagged `data` are not, what a trained model
    drew may be among them: of a series that no marker names, the length counts then.
    """
    if list(stored) != list(got):
        found.add(where, f"the series {list(stored)}", list(got))
        return
    for name, series in stored.items():
        place = f"{where}, {name!r}"
        if not exact and not any(measure_of(name, measures, last) for last in (False, True)):
            if len(series) != len(got[name]):
                found.add(place, f"{len(series)} values", len(got[name]))
            continue
        if _shape(series) != _shape(got[name]):
            found.add(place, list(series), list(got[name]))
            continue
        scale, numbers = largest(series), _numbers(series)
        for n, (a, b) in enumerate(zip(numbers, _numbers(got[name])), start=1):
            measure = measure_of(name, measures, is_last=n == len(numbers))
            if measure is not None:
                allowed = max(SHARE * scale, measure.allowed(scale))
                found.add_measured(f"{place}, number {n}", a, b, measure, allowed)
            elif exact and not within(a, b, SHARE * scale):
                note = off(a, b, f"allowed {float(SHARE):.1%} of {scale}, the largest")
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
    """Return the measure of a series or its last number: by its name, or of every decimal."""
    by_name = {measure.name: measure for measure in measures}
    last = by_name.get(rules.LAST + name) if is_last else None
    return last or by_name.get(name) or by_name.get(rules.EVERY)


def largest(series: Sequence) -> Decimal:
    """Return the largest size of a number in a series."""
    sizes = (abs(n.value) for n in _numbers(series) if n.is_finite)
    return max(sizes, default=Decimal(0))


def _numbers(series: Sequence) -> list[Number]:
    return [Number(str(value)) for value in series if not isinstance(value, str)]


def _shape(series: Sequence) -> list[str | None]:
    """Return a series with its numbers taken out."""
    return [value if isinstance(value, str) else None for value in series]
