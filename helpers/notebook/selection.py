"""Decide what a notebook can lend: functions and classes, with the constants that they use."""

import ast
import builtins
from collections import defaultdict
from itertools import chain
from typing import NamedTuple

from helpers.notebook.cells import Cell
from helpers.notebook.constants import find_constants
from helpers.notebook.statements import Definition, Function, Import, Statement, Unread, read

__all__ = ["Selection", "select"]


class Selection(NamedTuple):
    """What a notebook lends, in order; why not the other names that it binds; cells left out."""

    statements: list[Statement]
    reasons: dict[str, str]
    unread: list[Unread]

    def defined(self) -> list[str]:
        """Return the names of the functions and classes, sorted."""
        return sorted(
            s.node.name
            for s in self.statements
            if isinstance(s.node, Definition) and not _classes_completed(s)
        )


def select(cells: list[Cell]) -> Selection:
    """Select a notebook's functions and classes, and the imports and constants that they use.

    A function that uses another kind of variable, such as a trained model, cannot run
    elsewhere: it is left out, with the reason.
    """
    statements, unread = read(cells)
    providers = defaultdict(list)
    for s in statements:
        for name in s.binds:
            providers[name].append(s)
    constants = find_constants(statements, providers)
    reasons = _reasons(statements, providers, constants)

    chosen = {s for s in statements if "*" in s.binds}
    for s in statements:
        refused = set(s.uses if _classes_completed(s) else s.uses | s.binds)
        if isinstance(s.node, Definition) and refused.isdisjoint(reasons):
            chosen.add(s)
    wanted = list(chain.from_iterable(s.uses for s in chosen))
    while wanted:
        for s in providers[wanted.pop()]:
            if s not in chosen and (isinstance(s.node, Import) or s in constants):
                chosen.add(s)
                wanted.extend(s.uses)
    return Selection([s for s in statements if s in chosen], reasons, unread)


def _reasons(
    statements: list[Statement], providers: dict[str, list[Statement]], constants: set[Statement]
) -> dict[str, str]:
    """Return the names that cannot be lent, each with the reason as a relative clause."""
    reasons = {}
    for name in {*providers, *chain.from_iterable(s.uses for s in statements)}:
        found = providers.get(name, [])
        if not found and not hasattr(builtins, name) and "*" not in providers:
            reasons[name] = "which the notebook does not define"
        elif found and not any(
            isinstance(s.node, (*Definition, *Import)) or s in constants for s in found
        ):
            places = ", ".join(dict.fromkeys(f"In [{s.cell.number}]" for s in found))
            reasons[name] = f"which only a run of the notebook gives ({places})"
    lendable = [s for s in statements if isinstance(s.node, Definition) or s in constants]
    grown = True
    while grown:
        grown = False
        for s in lendable:
            missing = min(s.uses & reasons.keys(), default=None)
            if missing is not None:
                # A class is as incomplete as the methods that are added to it.
                for name in (_classes_completed(s) or s.binds) - reasons.keys():
                    reasons[name] = f"which uses {missing!r}, {reasons[missing]}"
                    grown = True
    return reasons


def _classes_completed(statement: Statement) -> frozenset[str]:
    """Return the classes that a decorator adds a function to: GoogleNet in add_to_class(GoogleNet).

    The function's own name is then a method's, and says nothing in the notebook.
    """
    if not isinstance(statement.node, Function):
        return frozenset()
    calls = [d for d in statement.node.decorator_list if isinstance(d, ast.Call)]
    return frozenset(
        argument.id
        for call in calls
        if ast.unparse(call.func).endswith("add_to_class")
        for argument in call.args
        if isinstance(argument, ast.Name)
    )
