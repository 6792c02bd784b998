"""What a piece of code has to do with names: which it binds, reads, and changes; its digest."""

import ast
import hashlib
from collections.abc import Collection, Iterable

FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)
COMPREHENSIONS = (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)
# A training changes what it is given, and these methods their owner.
CHANGING = ("fit", "apply_init", "train", "eval", "append", "load_state_dict")


def made(tree: ast.Module) -> set[str]:
    """Return the names that a cell binds anew."""
    return set().union(*(_stored_in(statement, deep=False) for statement in tree.body))


def changed(node: ast.AST, methods: Collection[str] = CHANGING) -> set[str]:
    """Return the names whose objects a cell, or a part of it, may change.

    `methods` are those that change what they belong to, and what they are given, besides
    PyTorch's own, whose names end in an underscore.
    """
    found = set().union(*(changed(part, methods) for part in ast.iter_child_nodes(node)))
    match node:
        case ast.Attribute(ctx=ast.Store()) | ast.Subscript(ctx=ast.Store()):
            found |= _free(node.value)
        case ast.FunctionDef():  # @d2l.add_to_class(AlexNet)
            found = (found - _its_own(node)).union(*map(_free, node.decorator_list))
        case ast.Call(func=ast.Attribute(value=ast.Name(id=owner), attr=method)):
            if method in methods or method.endswith("_"):  # as in X.mul_(2)
                found |= {owner, *(a.id for a in node.args if isinstance(a, ast.Name))}
    return found


def used(statements: Iterable[ast.stmt]) -> set[str]:
    """Return the names that statements take from before them."""
    found: set[str] = set()
    bound: set[str] = set()
    for statement in statements:
        found |= _free(statement) - bound
        bound |= _stored_in(statement, deep=False)
    return found


def used_late(node: ast.AST) -> set[str]:
    """Return the names that the functions of a cell use when they are called."""
    if isinstance(node, FUNCTIONS):
        return _free(node)
    return set().union(*map(used_late, ast.iter_child_nodes(node)))


def _free(node: ast.AST) -> set[str]:
    """Return the names that a piece of code reads and does not bind for itself."""
    if isinstance(node, ast.Name):
        return {node.id} if isinstance(node.ctx, ast.Load) else set()
    if isinstance(node, ast.AugAssign):  # `x += 1` reads x, though the tree says only Store
        return _free(node.value) | {n.id for n in ast.walk(node.target) if isinstance(n, ast.Name)}
    if isinstance(node, ast.For):
        return _free(node.iter) | (used([*node.body, *node.orelse]) - _stored_in(node.target))
    inside: set[str] = set()
    for _, part in ast.iter_fields(node):
        if isinstance(part, list) and part and isinstance(part[0], ast.stmt):
            inside |= used(part)
        else:
            parts = part if isinstance(part, list) else [part]
            inside = inside.union(*(_free(p) for p in parts if isinstance(p, ast.AST)))
    return inside - _its_own(node)


def _its_own(node: ast.AST) -> set[str]:
    """Return the names that a piece of code binds for itself only, or before it reads them."""
    if isinstance(node, FUNCTIONS):
        return _stored_in(node) | {a.arg for a in ast.walk(node.args) if isinstance(a, ast.arg)}
    if isinstance(node, COMPREHENSIONS):
        return _stored_in(node)
    if isinstance(node, ast.With):
        return set().union(*map(_stored_in, node.items))
    return {node.name} if isinstance(node, ast.ExceptHandler) and node.name else set()


def _stored_in(node: ast.AST, deep: bool = True) -> set[str]:
    """Return the names that a piece of code binds; `deep`, also those inside its functions."""
    found: set[str] = set()
    match node:
        case ast.Name(id=name, ctx=ast.Store()) | ast.ExceptHandler(name=str(name)):
            found = {name}
        case ast.Import(names=imported) | ast.ImportFrom(names=imported):
            return {(alias.asname or alias.name).split(".")[0] for alias in imported}
        case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.ClassDef(name=name):
            found = {name}
    if not deep and isinstance(node, (*FUNCTIONS, *COMPREHENSIONS, ast.ClassDef)):
        return found
    return found.union(*(_stored_in(part, deep) for part in ast.iter_child_nodes(node)))


def digest(sources: Iterable[str]) -> str:
    """Return what stands for code, whatever its comments and empty lines, in every Python."""
    lines = [line.rstrip() for source in sources for line in source.splitlines()]
    code = "\n".join(line for line in lines if line and not line.lstrip().startswith("#"))
    return hashlib.sha256(code.encode()).hexdigest()[:16]
