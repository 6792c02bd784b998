"""Find a notebook's constants: the assignments that are the same wherever they are made."""

import ast
from collections.abc import Mapping
from itertools import chain

from helpers.notebook.statements import CHANGING_METHODS, Definition, Import, Statement

__all__ = ["find_constants"]

# What a constant may be computed with: nothing that trains, shows, reads a file, draws a random
# number or may take long; besides these, all of `math`, and methods such as `.float()`.
PLAIN = {
    *("abs dict divmod enumerate float frozenset int len list max min pow range reversed".split()),
    *("round set sorted str sum tuple zip helpers.from_notebook".split()),
    *(f"torch.{name}" for name in "arange cat device eye exp full linspace log logspace".split()),
    *(f"torch.{name}" for name in "ones outer Size sqrt stack tensor zeros".split()),
}
NOT_PLAIN_METHODS = CHANGING_METHODS | {"backward", "bernoulli", "multinomial"}


def find_constants(
    statements: list[Statement], providers: Mapping[str, list[Statement]]
) -> set[Statement]:
    """Return the assignments that are made once, never changed, and computed as PLAIN allows.

    `providers` maps each name to the statements that bind it.
    """
    imported: dict[str, str] = {}
    for s in statements:
        if isinstance(s.node, Import):
            start = f"{s.node.module}." if isinstance(s.node, ast.ImportFrom) else ""
            imported |= {(a.asname or a.name): start + a.name for a in s.node.names}
    own = {name for name, found in providers.items() if isinstance(found[-1].node, Definition)}
    changed = set(chain.from_iterable(s.changes for s in statements))
    return {
        s
        for s in statements
        if isinstance(s.node, ast.Assign | ast.AnnAssign)
        and s.node.value is not None
        and s.binds
        and s.binds.isdisjoint(changed)
        and all(len(providers[name]) == 1 for name in s.binds)
        and _is_plain(s.node.value, imported, own)
    }


def _is_plain(node: ast.AST, imported: dict[str, str], own: set[str]) -> bool:
    """Return whether an expression only computes, quickly and the same each time.

    `imported` maps names to what they stand for, `own` has the notebook's functions and classes.
    """
    if isinstance(node, ast.Lambda):
        return True
    if isinstance(node, ast.Await | ast.Yield | ast.YieldFrom | ast.NamedExpr):
        return False
    if isinstance(node, ast.Call):
        root, attributes = _path(node.func)
        if isinstance(node.func, ast.Attribute) and root not in imported:
            method = node.func.attr
            if root in own or method.endswith("_") or method in NOT_PLAIN_METHODS:
                return False
        else:
            called = imported.get(root, root) + attributes
            is_known = called in PLAIN or called.startswith("math.")
            if not is_known or called in own:
                return False
    return all(_is_plain(child, imported, own) for child in ast.iter_child_nodes(node))


def _path(node: ast.expr) -> tuple[str, str]:
    """Return the name that attributes are taken of, and these: ('torch', '.nn.ReLU')."""
    if isinstance(node, ast.Attribute):
        root, attributes = _path(node.value)
        return root, f"{attributes}.{node.attr}"
    return (node.id, "") if isinstance(node, ast.Name) else ("", "")
