"""Find names that mean two things in a notebook, from its text, without running it.

A cell can be run again at any time if what it reads is what it read at first. So a name that
a cell takes from others is bound in one of them only, and no cell changes what another made.
"""

import ast
import builtins
from collections import defaultdict
from collections.abc import Iterator
from typing import NamedTuple

from nbformat import NotebookNode

from tools import names
from tools.execution import code_cells
from tools.orders import sections

# `model.eval()` is for the next line: who trains or measures says which of both it needs.
LASTING = [method for method in names.CHANGING if method not in ("train", "eval")]

# Changes that are no harm, by notebook, cell and name, with the reason.
EXCEPTED: dict[tuple[str, str, str], str] = {}


class Ambiguity(NamedTuple):
    """A name that a cell reads, or changes, and what is wrong with it."""

    number: int  # as In [number]
    identity: str
    name: str
    what: str


def ambiguities(notebook: NotebookNode) -> list[Ambiguity]:
    """Return the names that mean something else if cells run in another order."""
    return list(_ambiguities(notebook))


def unexcused(stem: str, notebook: NotebookNode) -> list[Ambiguity]:
    """Return the ambiguities of the notebook with this name but for the EXCEPTED ones."""
    return [a for a in ambiguities(notebook) if (stem, a.identity, a.name) not in EXCEPTED]


def _ambiguities(notebook: NotebookNode) -> Iterator[Ambiguity]:
    cells = code_cells(notebook)
    trees = [ast.parse(cell.source) for cell in cells]
    made = [names.made(tree) for tree in trees]
    binders: dict[str, list[int]] = defaultdict(list)
    for number, bound in enumerate(made, start=1):
        for name in bound:
            binders[name].append(number)
    variables = set().union(*map(_variables, trees))
    trained = sections.trainings(cells)
    for number, (cell, tree) in enumerate(zip(cells, trees), start=1):
        early, late = names.used(tree.body), names.used_late(tree)
        for name in sorted(early | late):
            what = _read(name, number, binders[name])
            if what:
                yield Ambiguity(number, cell.id, name, what)
        for name in sorted(names.changed(tree, LASTING) & variables - made[number - 1]):
            if cell.id not in trained and binders[name]:
                what = f"changes {name!r}, which {_places(binders[name])} made"
                yield Ambiguity(number, cell.id, name, what)


def _read(name: str, number: int, binders: list[int]) -> str:
    """Return what is wrong with a name that a cell, or a function of it, takes from outside."""
    others = [other for other in binders if other != number]
    if not binders and not hasattr(builtins, name):
        return f"reads {name!r}, which no cell makes"
    if others and number in binders:
        return f"reads {name!r} of {_places(others)} and makes it anew"
    if len(others) > 1:
        return f"reads {name!r}, which {_places(others)} make"
    return ""


def _variables(tree: ast.Module) -> set[str]:
    """Return the names that a cell binds otherwise than by import, def and class."""
    kinds = (*sections.IMPORTS, ast.FunctionDef, ast.ClassDef)
    rest = [statement for statement in tree.body if not isinstance(statement, kinds)]
    return names.made(ast.Module(rest, []))


def _places(numbers: list[int]) -> str:
    return " and ".join(f"In [{number}]" for number in numbers)
