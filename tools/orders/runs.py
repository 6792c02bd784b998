"""Run a notebook's cells in other orders, and compare what they show with what is stored."""

import ast
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import nbformat
from nbformat import NotebookNode
from nbval.plugin import coalesce_streams

from tools import names
from tools.execution import client_of, code_cells, is_compared, kernel_variables
from tools.orders import sections
from tools.outputs.compare import compare

CELL_TIMEOUT = 3600  # seconds: with a third of the speed on a busy machine
REMEMBER = "_imported = {*globals(), '_imported'}"
FORGET = """\
for _name in [_name for _name in globals() if _name[0] != "_" and _name not in _imported]:
    del globals()[_name]
"""


class Step(NamedTuple):
    """A cell that is run: in which order, and alone with the section of which heading."""

    order: str
    cell: NotebookNode
    section: str = ""


class Change(NamedTuple):
    """A cell that showed something else than what is stored."""

    notebook: str
    number: int  # as In [number]
    identity: str
    order: str
    what: str


def whole(notebook: NotebookNode) -> list[Step]:
    """Return all cells in order, then each again in order, then backwards.

    Cells that train are run once only: they would take hours, and begin anew each time.
    """
    cells = code_cells(notebook)
    trained = sections.trainings(cells)
    again = [cell for cell in cells if cell.id not in trained]
    return [
        *(Step("in order", cell) for cell in cells),
        *(Step("again", cell) for cell in again),
        *(Step("backwards", cell) for cell in reversed(again)),
    ]


def alone(notebook: NotebookNode) -> list[Step]:
    """Return the import cells, then the cells of one section after the other, without trainings."""
    first = sections.import_cells(notebook)
    left_out = sections.trainings(code_cells(notebook)) | {cell.id for cell in first}
    return [
        *(Step("imports", cell) for cell in first),
        *(
            Step("alone", cell, section.heading)
            for section in sections.sections(notebook)
            for cell in section.cells
            if cell.id not in left_out
        ),
    ]


def changes(path: Path, notebook: NotebookNode, steps: list[Step]) -> Iterator[Change]:
    """Run the steps in one kernel, and yield the cells whose outputs are not as stored.

    A section that is run alone begins with what the import cells made. There a cell may ask
    for what another section defines: a NameError says so, and nothing is asked of those cells
    of the section that need what this one would have made.
    """
    cells = code_cells(notebook)
    numbers = {cell.id: number for number, cell in enumerate(cells, start=1)}
    own = set().union(*(names.made(ast.parse(cell.source)) for cell in cells))
    missing: dict[str, set[str]] = {}  # by section: what its cells that failed did not make
    for step, shown in zip(steps, _run(path, steps)):
        if step.section:
            absent = missing.setdefault(step.section, set())
            tree = ast.parse(step.cell.source)
            reads = names.used(tree.body) | names.used_late(tree)
            if _asks_for(shown, own) or reads & absent:
                absent |= names.made(tree)
                continue
        what = _difference(step.cell, shown)
        if what:
            order = f"{step.order}: {step.section}" if step.section else step.order
            yield Change(path.stem, numbers[step.cell.id], step.cell.id, order, what)


def _run(path: Path, steps: list[Step]) -> list[list[NotebookNode]]:
    """Run the cells of the steps in one kernel, and return what each showed."""
    copies = []
    run = []
    before = ""
    for step in steps:
        if step.section != before:
            code = FORGET if before else REMEMBER
            run.append(nbformat.v4.new_code_cell(code))
            before = step.section
        copies.append(nbformat.v4.new_code_cell(step.cell.source, metadata=step.cell.metadata))
        run.append(copies[-1])
    notebook = nbformat.v4.new_notebook(cells=run)
    client = client_of(notebook, path.parent, timeout=CELL_TIMEOUT, allow_errors=True)
    client.execute(env=kernel_variables())
    return [coalesce_streams(copy.outputs) for copy in copies]


def _asks_for(shown: list[NotebookNode], own: set[str]) -> bool:
    """Return whether a cell failed with the name of what another cell of the notebook makes."""
    errors = [output for output in shown if output.output_type == "error"]
    return any(
        error.ename == "NameError" and any(f"name '{name}' is" in error.evalue for name in own)
        for error in errors
    )


def _difference(cell: NotebookNode, shown: list[NotebookNode]) -> str:
    """Return the first difference of what a cell shows to what is stored, or ''."""
    for output in shown:
        if output.output_type == "error":
            return f"{output.ename}: {output.evalue}"
    if not is_compared(cell):
        return ""
    found = compare(cell.outputs, shown, cell.source, cell.metadata.get("tags", []))
    return str(found.differences[0]) if found.differences else ""
