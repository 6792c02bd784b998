"""Read a notebook's code as statements: what each binds, what it uses, what it changes."""

import ast
import dis
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from types import CodeType
from typing import NamedTuple

from helpers.notebook.cells import Cell, parse

__all__ = ["Definition", "Function", "Import", "Statement", "Unread", "read"]

Import = (ast.Import, ast.ImportFrom)
Function = (ast.FunctionDef, ast.AsyncFunctionDef)
Definition = (*Function, ast.ClassDef)

_LOADS = {"LOAD_GLOBAL", "LOAD_NAME", "LOAD_FROM_DICT_OR_GLOBALS"}
CHANGING_METHODS = {
    *("add append clear discard extend insert pop popitem remove".split()),
    *("reverse setdefault sort update".split()),
}


@dataclass(frozen=True, eq=False)
class Statement:
    """A statement at the top level of a cell, with the names of variables it has to do with."""

    cell: Cell
    node: ast.stmt
    binds: frozenset[str]  # X = …, def X, import X; '*' for a star import
    uses: frozenset[str]  # what it, and the code inside it, reads
    changes: frozenset[str]  # X[0] = …, X.a = …, X.add_(…), nn.init.zeros_(X)


class Unread(NamedTuple):
    """A cell that is not Python, and what Python says about it."""

    cell: Cell
    error: SyntaxError


def read(cells: list[Cell]) -> tuple[list[Statement], list[Unread]]:
    """Return the statements of those cells that are Python, in order, and the other cells."""
    statements: list[Statement] = []
    unread = []
    for cell in cells:
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # as of "\d": whoever runs the cell sees them
                found = [_statement(cell, node) for node in parse(cell.source)]
        except SyntaxError as error:
            unread.append(Unread(cell, error))
        else:
            statements += found
    return statements, unread


def _statement(cell: Cell, node: ast.stmt) -> Statement:
    binds, uses, changes = (frozenset(names(node)) for names in (_binds, _uses, _changes))
    return Statement(cell, node, binds, uses, changes)


def _own_nodes(node: ast.AST) -> Iterator[ast.AST]:
    """Yield the nodes of a statement, but not those inside functions and classes."""
    yield node
    if not isinstance(node, (*Definition, ast.Lambda)):
        for child in ast.iter_child_nodes(node):
            # The variable of a comprehension is its own.
            if not (isinstance(node, ast.comprehension) and child is node.target):
                yield from _own_nodes(child)


def _binds(node: ast.stmt) -> Iterator[str]:
    for part in _own_nodes(node):
        if isinstance(part, Import):
            yield from (a.asname or a.name.partition(".")[0] for a in part.names)
        elif isinstance(part, (*Definition, ast.ExceptHandler)) and part.name:
            yield part.name
        elif isinstance(part, ast.Name) and not isinstance(part.ctx, ast.Load):
            yield part.id


def _uses(node: ast.stmt) -> Iterator[str]:
    flags = ast.PyCF_ALLOW_TOP_LEVEL_AWAIT  # as in notebooks
    pending = [compile(ast.Module([node], []), "", "exec", flags, dont_inherit=True)]
    for code in pending:
        pending += [c for c in code.co_consts if isinstance(c, CodeType)]
        instructions = list(dis.get_instructions(code))
        stored = {i.argval for i in instructions if i.opname == "STORE_NAME"}
        yield from {i.argval for i in instructions if i.opname in _LOADS} - stored


def _changes(node: ast.stmt) -> Iterator[str]:
    for part in _own_nodes(node):
        touched: list[ast.expr] = []
        if isinstance(part, ast.Subscript | ast.Attribute) and not isinstance(part.ctx, ast.Load):
            touched = [part.value]
        elif isinstance(part, ast.Call) and isinstance(part.func, ast.Attribute):
            if part.func.attr.endswith("_") or part.func.attr in CHANGING_METHODS:
                touched = [part.func.value, *part.args]
        yield from (n.id for t in touched for n in ast.walk(t) if isinstance(n, ast.Name))
