"""Print what the runs showed, as Markdown: where something differs, and how far numbers moved."""

from collections.abc import Iterable
from decimal import Decimal
from pathlib import Path
from typing import NamedTuple

from tools.broken.needs import is_measured
from tools.broken.runs import code_cells
from tools.broken.tables import NOT_RUN, header, line, section
from tools.execution import is_compared
from tools.matrix import runs
from tools.matrix.rows import Row, absent, is_repeated
from tools.outputs import rules
from tools.outputs.compare import compare
from tools.outputs.rules import Measure

NOT_HERE, NOTHING = "not here", "nothing measured"
REPEATED = "the same as another row"
FLOOR = Decimal("0.01")  # no tolerance needs to be smaller: absolute, or of the number
WIDE = 3  # times the largest deviation; README.md asks for half of it
CLOSE = Decimal("1.5")
SHAKEN = ("avx2", "rounding-1", "rounding-2", "rounding-3")  # that the rule looks at
SHOWN = 3  # cells that fail, in one place of the table


class Compared(NamedTuple):
    """A run beside the stored outputs.

    `failed` has the first difference of each cell that has one, by the cell's number; `shares`
    how much of each tolerance was used up, at most.
    """

    failed: dict[int, str]
    shares: dict[tuple[int, Measure], Decimal]


def compared(path: Path, row: Row) -> Compared | None:
    """Compare what is kept of a run with the stored outputs; None if nothing is kept."""
    kept = runs.kept(path, row)
    if kept is None:
        return None
    failed: dict[int, str] = {}
    shares: dict[tuple[int, Measure], Decimal] = {}
    for cell in code_cells(path):
        number = cell.execution_count
        if number not in kept.outputs or not is_compared(cell):
            continue
        if row.shake and not is_measured(cell):
            continue  # what a shaken training leads to need not be named as measured
        tags = cell.metadata.get("tags", [])
        found = compare(cell.outputs, kept.outputs[number], cell.source, tags)
        for (measure, _, _), share in zip(found.measured, found.used):
            shares[number, measure] = max(share, shares.get((number, measure), Decimal(0)))
        beyond = any(share > 1 for share in found.used)
        if found.differences and (beyond or not row.shake) and not row.is_chance:
            failed[number] = str(found.differences[0])
    return Compared(failed, shares)


def lines_of(paths: list[Path], rows: list[Row]) -> tuple[list[str], bool]:
    """Return all tables as lines, and whether everything that was run is as stored."""
    found = {(path, row): compared(path, row) for path in paths for row in rows}
    kept = {at: what for at, what in found.items() if what is not None}
    failures = [
        f"- {section(path)} In [{number}], {row.name}: {difference}"
        for (path, row), what in kept.items()
        for number, difference in what.failed.items()
    ]
    lines = [
        *_verdicts(paths, rows, kept), "",
        "Different from what is stored:", *(failures or ["- nothing"]), "",
        *_tolerances(paths, kept), "",
        *_surroundings(paths, rows),
    ]  # fmt: skip
    return lines, not failures


def _verdicts(
    paths: list[Path], rows: list[Row], kept: dict[tuple[Path, Row], Compared]
) -> Iterable[str]:
    """Yield the table of notebooks × rows."""
    yield from header("notebook", [row.name for row in rows])
    for path in paths:
        places = []
        for row in rows:
            what = kept.get((path, row))
            if what is not None:
                places.append(_verdict(what))
            elif row.shake and not runs.cells_of(path, row):
                places.append(NOTHING)
            elif absent(row):
                places.append(NOT_HERE)
            else:
                places.append(REPEATED if is_repeated(row) else NOT_RUN)
        yield line(path.stem, places)


def _verdict(what: Compared) -> str:
    if what.failed:
        cells = [f"In [{number}]" for number in what.failed]
        more = f" and {len(cells) - SHOWN} more" if len(cells) > SHOWN else ""
        return f"**{', '.join(cells[:SHOWN])}{more}**"
    largest = max(what.shares.values(), default=None)
    return "as stored" if largest is None else f"{largest:.0%}"


def _tolerances(paths: list[Path], kept: dict[tuple[Path, Row], Compared]) -> Iterable[str]:
    """Yield the table of tolerances: the largest deviation, where it came, that of other seeds."""
    headings = ["tolerance", "largest deviation", "used", "in row", "other seeds", ""]
    yield from header("numbers", headings)
    for path in paths:
        runs_here = {row: what for (at, row), what in kept.items() if at == path}
        here = {row.name: what for row, what in runs_here.items() if not row.is_chance}
        chance = [what for row, what in runs_here.items() if row.is_chance]
        judged = set(SHAKEN) <= here.keys()
        for cell in code_cells(path):
            for measure in rules.read(cell.source):
                at = cell.execution_count, measure
                shares = {name: w.shares[at] for name, w in here.items() if at in w.shares}
                if is_compared(cell) and shares:
                    where = max(shares, key=lambda name: shares[name])
                    name = f"{section(path)} In [{at[0]}] {measure.name}"
                    others = [w.shares[at] for w in chance if at in w.shares]
                    seeds = _deviation(measure, max(others)) if others else NOT_RUN
                    yield line(name, _places(measure, shares[where], where, seeds, judged))


def _deviation(measure: Measure, share: Decimal) -> str:
    """Return the size of a share of a tolerance, as the tolerance is given."""
    size = measure.size * share
    return f"{100 * size:.2g}%" if measure.is_share else f"{size:.2g}"


def _places(measure: Measure, share: Decimal, where: str, seeds: str, judged: bool) -> list[str]:
    verdict = ""
    if share * CLOSE > 1:
        verdict = "close" if share <= 1 else "**too narrow**"
    elif judged and share * WIDE < 1 and measure.size > FLOOR:
        verdict = "wider than it needs"
    deviation = _deviation(measure, share)
    return [measure.tolerance, deviation, f"{share:.0%}", where, seeds, verdict]


def _surroundings(paths: list[Path], rows: list[Row]) -> Iterable[str]:
    """Yield what each row ran with."""
    for row in rows:
        found = [kept for path in paths if (kept := runs.kept(path, row)) is not None]
        for about in sorted({_about(kept.about) for kept in found}):
            alike = [kept for kept in found if _about(kept.about) == about]
            minutes = sum(kept.seconds for kept in alike) / 60
            yield f"- {row.name}: {about}; {len(alike)} notebooks, {minutes:.0f} minutes"


def _about(about: dict) -> str:
    versions = ", ".join(f"{name} {about[name]}" for name in ("torch", "numpy", "matplotlib"))
    return (
        f"Python {about['python']}, {versions}; {about['processor']}, {about['machine']}, "
        f"{about['instructions']}, threads: {about['threads']}"
    )
