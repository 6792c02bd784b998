"""Take a class or function from the notebook that teaches it."""

import ast
import linecache
import os
import re
import sys
from pathlib import Path
from types import ModuleType

from helpers.notebook.cells import code_cells, find
from helpers.notebook.errors import short_errors
from helpers.notebook.selection import Selection, select

__all__ = ["from_notebook", "module_name"]

_modules: dict[Path, tuple[tuple[int, int], ModuleType]] = {}  # with the file's time and size


def from_notebook(name: str | os.PathLike[str]) -> ModuleType:
    """Return a module of the classes and functions that one of the course's notebooks defines.

    `name` is the file's name, such as '7.6-lenet'. Only functions and classes are executed,
    and the imports and constants that these use; nothing is trained or shown. A function that
    uses what only a run of the notebook gives is not lent, and asking for it says so. Lines
    such as `%timeit` and unfinished cells are passed over. The notebook is read again when it
    has changed; a copy of it is never read.

    The module is called 'helpers.notebook.lent.section_7_6_lenet', and importable under this
    name: models can be saved by `torch.save(model, path)`, and loaded in another process.

    Raises ValueError if there is no such notebook, naming those that there are.
    """
    path = find(name)
    status = path.stat()
    version = status.st_mtime_ns, status.st_size
    known, module = _modules.get(path, (None, None))
    if module is None or known != version:
        module = _execute(path, select(code_cells(path)))
        _modules[path] = version, module
    sys.modules[module.__name__] = module  # pickle looks a class up there
    return module


def module_name(stem: str) -> str:
    """Return the name of the module that is made of a notebook."""
    return "helpers.notebook.lent.section_" + re.sub(r"\W", "_", stem)


def _execute(path: Path, selection: Selection) -> ModuleType:
    """Return a new module in which a notebook's statements have been executed."""
    stem = path.name.removesuffix(".ipynb")
    module = ModuleType(module_name(stem), f"Functions and classes of notebooks/{path.name}.")

    def explain(name: str) -> object:
        raise AttributeError(_why_not(stem, name, selection))

    before = sys.modules.get(module.__name__)
    sys.modules[module.__name__] = module
    try:
        for statement in selection.statements:
            place = f"{path.name}, In [{statement.cell.number}]"
            # So that a traceback shows the line.
            lines = statement.cell.source.splitlines(keepends=True)
            linecache.cache[place] = (len(statement.cell.source), None, lines, place)
            exec(compile(ast.Module([statement.node], []), place, "exec"), module.__dict__)
    except BaseException:
        del sys.modules[module.__name__]
        if before is not None:
            sys.modules[module.__name__] = before
        raise
    module.__dict__["__getattr__"] = short_errors(explain)
    return module


def _why_not(stem: str, name: str, selection: Selection) -> str:
    """Return why a notebook does not lend a name."""
    if name.startswith("__"):  # asked for by Python itself, as by copy and inspect
        return f"the module of {stem} has no {name!r}"
    if name in selection.reasons:
        return f"{stem} cannot lend {name!r}, {selection.reasons[name]}"
    for cell, error in selection.unread:
        if re.search(rf"\b{re.escape(name)}\b", cell.source):
            return (
                f"{stem} does not lend {name!r}: In [{cell.number}], which mentions it, cannot be "
                f"read (line {error.lineno}: {error.msg})"
            )
    lent = ", ".join(selection.defined()) or "none"
    return f"{stem} defines no function or class {name!r}; it has {lent}"
