"""Take a class from the notebook that teaches it."""

import ast
import json
from functools import cache
from pathlib import Path
from types import ModuleType

FOLDER = Path(__file__).resolve().parent.parent / "notebooks"


@cache
def from_notebook(name: str) -> ModuleType:
    """Return a module of the classes and functions that a notebook defines.

    `name` is the file's name without its ending, such as '7.6-lenet'. Only the notebook's
    imports, functions and classes are executed, in order; nothing is trained or shown.

    Raises ValueError if there is no such notebook, naming those that there are.
    """
    path = FOLDER / f"{name}.ipynb"
    if not path.exists():
        known = ", ".join(sorted(p.stem for p in FOLDER.glob("*.ipynb"))) or "none"
        raise ValueError(f"name must be a notebook in {FOLDER.name}/ ({known}), got {name!r}")
    cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
    module = ModuleType(name)
    wanted = (ast.Import, ast.ImportFrom, ast.FunctionDef, ast.ClassDef)
    for number, cell in enumerate(cells):
        if cell["cell_type"] != "code":
            continue
        tree = ast.parse("".join(cell["source"]))
        tree.body = [statement for statement in tree.body if isinstance(statement, wanted)]
        exec(compile(tree, f"{path.name}, cell {number}", "exec"), module.__dict__)
    return module
