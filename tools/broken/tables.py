"""Print what the runs showed, as Markdown tables."""

from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

from nbformat import NotebookNode

from tools.broken import runs
from tools.broken.needs import measured
from tools.broken.runs import Row
from tools.execution import is_compared
from tools.outputs import rules
from tools.outputs.compare import compare
from tools.outputs.findings import Findings
from tools.outputs.rules import Measure

NOT_RUN = "not run"
KINDS = ("unchanged", "2 threads", "AVX2", "no AVX", "rounding", "seed")
MARGIN = Decimal("1.5")  # tolerance ÷ largest deviation of a sound training


def broken(paths: list[Path], rows: list[Row]) -> list[str]:
    """Return the table of measured cells × broken trainings: noticed, or not."""
    lines = _header("cell", [row.name for row in rows])
    for path in paths:
        cells = runs.code_cells(path)
        shown = [runs.outputs(path, row) for row in rows]
        for cell in measured(cells):
            verdicts = [_verdict([cell], outputs) for outputs in shown]
            lines.append(_line(f"{_section(path)} In [{cell.execution_count}]", verdicts))
        lines.append(_line(f"**{_section(path)}**", [_verdict(cells, o) for o in shown]))
    return lines


def _verdict(cells: list[NotebookNode], outputs: dict[int, list[NotebookNode]] | None) -> str:
    if outputs is None:
        return NOT_RUN
    return "caught" if any(found.differences for _, found in _all(cells, outputs)) else "**passes**"


def _all(
    cells: list[NotebookNode], outputs: dict[int, list[NotebookNode]]
) -> Iterator[tuple[NotebookNode, Findings]]:
    """Yield each cell that was run and what its comparison with the stored outputs finds."""
    for cell in cells:
        if cell.execution_count in outputs and is_compared(cell):
            tags = cell.metadata.get("tags", [])
            yield cell, compare(cell.outputs, outputs[cell.execution_count], cell.source, tags)


def sound(paths: list[Path], rows: list[Row]) -> list[str]:
    """Return the table of measured numbers: tolerance, and deviations of sound trainings."""
    kinds = [kind for kind in KINDS if any(row.name.startswith(kind) for row in rows)]
    lines = _header("cell, numbers", ["tolerance", *kinds, f"{MARGIN} × all but seeds"])
    remarks = []
    for path in paths:
        cells = runs.code_cells(path)
        shown = {row.name: runs.outputs(path, row) for row in rows}
        for cell in measured(cells):
            for measure in rules.read(cell.source):
                name = f"{_section(path)} In [{cell.execution_count}] {measure.name}"
                lines.append(_line(name, _deviations(cell, measure, shown, kinds)))
        for row in rows:
            if row.whole and (outputs := shown[row.name]) is not None:
                remarks += [
                    f"- {_section(path)} In [{cell.execution_count}], {row.name}: {difference}"
                    for cell, found in _all(cells, outputs)
                    for difference in found.differences[:2]
                ]
    return [*lines, "", "Beyond what is allowed in whole runs:", *(remarks or ["- nothing"])]


def _deviations(
    cell: NotebookNode,
    measure: Measure,
    shown: dict[str, dict[int, list[NotebookNode]] | None],
    kinds: list[str],
) -> list[str]:
    """Return a measure's tolerance, its largest deviation in each kind of row, and a proposal."""
    largest = dict.fromkeys(kinds, Decimal(-1))
    for name, outputs in shown.items():
        if outputs is None:
            continue
        found = compare(cell.outputs, outputs[cell.execution_count], cell.source, [])
        kind = next(kind for kind in kinds if name.startswith(kind))
        for of, stored, got in found.measured:
            if of == measure and stored.is_finite and got.is_finite:
                off = abs(stored.value - got.value)
                share = off / abs(stored.value) if measure.is_share and stored.value else off
                largest[kind] = max(largest[kind], share)
    proposal = MARGIN * max((v for k, v in largest.items() if k != "seed"), default=Decimal(0))
    return [measure.tolerance, *(_size(v, measure) for v in [*largest.values(), proposal])]


def _size(value: Decimal, measure: Measure) -> str:
    if value < 0:
        return NOT_RUN
    return f"{float(100 * value):.2g}%" if measure.is_share else f"{float(value):.3g}"


def _section(path: Path) -> str:
    return path.stem.split("-")[0]


def _header(first: str, others: list[str]) -> list[str]:
    return [_line(first, others), _line("---", ["---"] * len(others))]


def _line(first: str, others: list[str]) -> str:
    return f"| {' | '.join([first, *others])} |"
