"""Find the cells that the measured ones need: by the names that they use."""

import ast
from collections.abc import Iterable

from nbformat import NotebookNode

from tools.outputs import rules

FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)
COMPREHENSIONS = (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)


def measured(cells: Iterable[NotebookNode]) -> list[NotebookNode]:
    """Return the cells with measured numbers."""
    return [cell for cell in cells if rules.read(cell.source)]


def needed(cells: list[NotebookNode]) -> list[NotebookNode]:
    """Return the measured cells, and those that make or change what they use, in order."""
    late: set[str] = set()  # what the functions of needed cells use: it may be made below them
    while True:
        kept: list[NotebookNode] = []
        wanted = set(late)
        for cell in reversed(cells):
            tree = ast.parse(cell.source)
            made, changed = _made(tree), _changed(tree)
            if rules.read(cell.source) or (made | changed) & wanted:
                wanted = (wanted - made) | _used(tree.body)
                kept.insert(0, cell)
        used = set().union(*(_used_late(ast.parse(cell.source)) for cell in kept))
        if used <= late:
            return kept
        late |= used


def _used_late(tree: ast.Module) -> set[str]:
    """Return the names that the functions of a cell use when they are called."""
    functions = (node for node in ast.walk(tree) if isinstance(node, FUNCTIONS))
    return set().union(*map(_free, functions))


def _made(tree: ast.Module) -> set[str]:
    """Return the names that a cell binds anew."""
    made = set()
    for statement in tree.body:
        if isinstance(statement, ast.FunctionDef | ast.ClassDef):
            made.add(statement.name)
        elif isinstance(statement, ast.Import | ast.ImportFrom):
            made |= {(a.asname or a.name).split(".")[0] for a in statement.names}
        else:
            made |= _stored(statement)
    return made


def _changed(tree: ast.Module) -> set[str]:
    """Return the names whose objects a cell may change."""
    changed = set()
    for node in ast.walk(tree):
        match node:
            case ast.Attribute(ctx=ast.Store()) | ast.Subscript(ctx=ast.Store()):
                changed |= _free(node.value)
            case ast.FunctionDef():  # @d2l.add_to_class(AlexNet)
                changed |= set().union(*map(_free, node.decorator_list))
            case ast.Call(func=ast.Attribute(value=ast.Name(id=owner), attr=method)):
                # A training changes what it is given, and these methods their owner.
                if method in ("fit", "apply_init", "train", "eval", "append", "load_state_dict"):
                    changed |= {owner, *(a.id for a in node.args if isinstance(a, ast.Name))}
    return changed


def _used(statements: Iterable[ast.stmt]) -> set[str]:
    """Return the names that statements take from before them."""
    used: set[str] = set()
    bound: set[str] = set()
    for statement in statements:
        used |= _free(statement) - bound
        if isinstance(statement, ast.FunctionDef | ast.ClassDef):
            bound.add(statement.name)
        elif not isinstance(statement, ast.AugAssign):
            bound |= _stored(statement)
    return used


def _free(node: ast.AST) -> set[str]:
    """Return the names that a piece of code reads and does not bind for itself."""
    if isinstance(node, ast.Name):
        return {node.id} if isinstance(node.ctx, ast.Load) else set()
    inside = set().union(*map(_free, ast.iter_child_nodes(node)))
    if isinstance(node, FUNCTIONS):
        arguments = {a.arg for a in ast.walk(node.args) if isinstance(a, ast.arg)}
        return inside - arguments - _stored(node)
    if isinstance(node, COMPREHENSIONS):
        return inside - _stored(node)
    if isinstance(node, ast.For):
        return _free(node.iter) | (_used(node.body) - _stored(node.target))
    return inside


def _stored(node: ast.AST) -> set[str]:
    return {
        part.id
        for part in ast.walk(node)
        if isinstance(part, ast.Name) and isinstance(part.ctx, ast.Store)
    }
