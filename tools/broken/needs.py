"""Find the cells that the measured ones need: by the names that they use."""

import ast
from collections.abc import Callable, Iterable
from typing import Any

from nbformat import NotebookNode

from tools import names
from tools.outputs import rules
from tools.tasks import as_run


def is_measured(cell: NotebookNode) -> bool:
    """Whether a cell has measured numbers."""
    return bool(rules.read(cell.source))


def is_recording(cell: Any) -> bool:
    """Whether a cell notes its notebook's training."""
    return "helpers.record(" in cell.source


def measured(cells: Iterable[NotebookNode]) -> list[NotebookNode]:
    """Return the cells with measured numbers."""
    return list(filter(is_measured, cells))


def needed(
    cells: list[NotebookNode], is_goal: Callable[[NotebookNode], bool] = is_measured
) -> list[NotebookNode]:
    """Return the measured cells, or other goals, and those that make or change what they use.

    They come in the order of the notebook. A task's stub counts as its solution.
    """
    late: set[str] = set()  # what the functions of needed cells use: it may be made below them
    while True:
        kept: list[NotebookNode] = []
        wanted = set(late)
        for cell in reversed(cells):
            tree = ast.parse(as_run(cell.source))
            made, changed = names.made(tree), names.changed(tree)
            if is_goal(cell) or (made | changed) & wanted:
                wanted = (wanted - made) | names.used(tree.body)
                kept.insert(0, cell)
        used = set().union(*(names.used_late(ast.parse(as_run(cell.source))) for cell in kept))
        if used <= late:
            return kept
        late |= used
