"""Print what the runs showed, as a Markdown table."""

from pathlib import Path

from nbformat import NotebookNode

from tools.broken import runs
from tools.broken.needs import measured
from tools.execution import is_compared
from tools.outputs.compare import compare

NOT_RUN = "not run"


def broken(paths: list[Path], mutations: list[str]) -> list[str]:
    """Return the table of measured cells × broken trainings: noticed, or not."""
    lines = header("cell", mutations)
    for path in paths:
        cells = runs.code_cells(path)
        shown = [runs.outputs(path, mutation) for mutation in mutations]
        for cell in measured(cells):
            verdicts = [_verdict([cell], outputs) for outputs in shown]
            lines.append(line(f"{section(path)} In [{cell.execution_count}]", verdicts))
        lines.append(line(f"**{section(path)}**", [_verdict(cells, o) for o in shown]))
    return lines


def _verdict(cells: list[NotebookNode], outputs: dict[int, list[NotebookNode]] | None) -> str:
    if outputs is None:
        return NOT_RUN
    for cell in cells:
        if cell.execution_count in outputs and is_compared(cell):
            tags, got = cell.metadata.get("tags", []), outputs[cell.execution_count]
            if compare(cell.outputs, got, cell.source, tags).differences:
                return "caught"
    return "**passes**"


def section(path: Path) -> str:
    """Return what stands for a notebook in a table: '7.6', or '8-compare'."""
    return path.stem.split("-")[0] if path.stem != "8-compare" else path.stem


def header(first: str, others: list[str]) -> list[str]:
    """Return the first two lines of a Markdown table."""
    return [line(first, others), line("---", ["---"] * len(others))]


def line(first: str, others: list[str]) -> str:
    """Return a line of a Markdown table."""
    return f"| {' | '.join([first, *others])} |"
