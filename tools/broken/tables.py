"""Print what the runs showed, as a Markdown table."""

from collections.abc import Iterator
from pathlib import Path

from nbformat import NotebookNode

from tools.broken import runs
from tools.broken.needs import measured
from tools.broken.runs import Row
from tools.execution import is_compared
from tools.outputs.compare import compare
from tools.outputs.findings import Findings

NOT_RUN = "not run"


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


def _section(path: Path) -> str:
    return path.stem.split("-")[0]


def _header(first: str, others: list[str]) -> list[str]:
    return [_line(first, others), _line("---", ["---"] * len(others))]


def _line(first: str, others: list[str]) -> str:
    return f"| {' | '.join([first, *others])} |"
