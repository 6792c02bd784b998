"""A notebook's sections, its import cells, and the cells that train."""

import ast
import re
from collections.abc import Iterable
from typing import NamedTuple

from nbformat import NotebookNode

from tools import names

HEADING = re.compile(r"^(#{2,6}) (.+)$", re.MULTILINE)
CODE_BLOCK = re.compile(r"^```.*?^```", re.MULTILINE | re.DOTALL)
IMPORTS = (ast.Import, ast.ImportFrom)


class Section(NamedTuple):
    """A heading, and the code cells from there to the next of the same or a higher level."""

    heading: str
    cells: tuple[NotebookNode, ...]


def sections(notebook: NotebookNode) -> list[Section]:
    """Return the sections that hold code, subsections after the section that they are part of."""
    found: list[tuple[int, str, list[NotebookNode]]] = []
    open_now: list[tuple[int, str, list[NotebookNode]]] = []
    for cell in notebook.cells:
        if cell.cell_type == "code":
            for _, _, cells in open_now:
                cells.append(cell)
        elif cell.cell_type == "markdown":
            for match in HEADING.finditer(CODE_BLOCK.sub("", cell.source)):
                level = len(match[1])
                found.append((level, match[2], []))
                open_now = [*(s for s in open_now if s[0] < level), found[-1]]
    return [Section(heading, tuple(cells)) for _, heading, cells in found if cells]


def import_cells(notebook: NotebookNode) -> list[NotebookNode]:
    """Return the cells with imports that stand before the first section."""
    found = []
    for cell in notebook.cells:
        if cell.cell_type == "markdown" and HEADING.search(CODE_BLOCK.sub("", cell.source)):
            break
        if cell.cell_type == "code" and any(
            isinstance(node, IMPORTS) for node in ast.walk(ast.parse(cell.source))
        ):
            found.append(cell)
    return found


def trainings(cells: Iterable[NotebookNode]) -> set[str]:
    """Return the ids of the cells that call a method `fit`, or a function of a cell that does."""
    trees = {cell.id: ast.parse(cell.source) for cell in cells}
    trained: set[str] = set()  # functions that train
    while True:
        found = {i for i, tree in trees.items() if any(_trains(s, trained) for s in tree.body)}
        more = {
            node.name
            for tree in trees.values()
            for node in tree.body
            if isinstance(node, ast.FunctionDef) and _trains(node, trained, inside=True)
        }
        if more <= trained:
            return found
        trained |= more


def _trains(node: ast.AST, trained: set[str], inside: bool = False) -> bool:
    """Return whether a piece of code trains when it is run, or `inside`, when it is called."""
    if isinstance(node, names.FUNCTIONS) and not inside:
        return False
    match node:
        case ast.Call(func=ast.Attribute(attr="fit")):
            return True
        case ast.Call(func=ast.Name(id=called)) if called in trained:
            return True
    return any(_trains(child, trained, inside) for child in ast.iter_child_nodes(node))
