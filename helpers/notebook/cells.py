"""The course's own notebooks: where they are, and the code in them."""

import ast
import json
import os
import re
from pathlib import Path
from typing import NamedTuple

__all__ = ["FOLDER", "Cell", "code_cells", "find", "names", "parse"]

# An installed package carries the notebooks with it (see pyproject.toml); in a checkout, and
# where this is installed from by pip's --editable, they lie beside `helpers`.
_CARRIED = Path(__file__).resolve().parent / "course"
FOLDER = _CARRIED if _CARRIED.is_dir() else Path(__file__).resolve().parents[2] / "notebooks"

# `%magic …`, `!command …`, `files = !ls`, `?name`; and `name?`, `name??`.
_IPYTHON_LINE = re.compile(r"(\s*)(?:[\w., ]+=\s*)?(?:[%!?]\S.*|[\w.]+\?\??\s*)")
_PYTHON_MAGICS = ("%%capture", "%%time")  # these run their cell in the notebook itself


class Cell(NamedTuple):
    """A code cell: the number that a run from top to bottom shows, as In [number]; its text."""

    number: int
    source: str


def names() -> list[str]:
    """Return the names of the course's notebooks, such as '7.6-lenet', in their order."""
    return sorted(path.name.removesuffix(".ipynb") for path in FOLDER.glob("*.ipynb"))


def find(name: str | os.PathLike[str]) -> Path:
    """Return the path of one of the course's notebooks, with or without '.ipynb' in `name`.

    Raises TypeError for what is no name; ValueError if there is no such notebook, naming those
    that there are, and for a path that leads elsewhere: a copy is not the course's notebook.
    """
    if not isinstance(name, str | os.PathLike):
        raise TypeError(f"name must be that of a notebook, such as '7.6-lenet', got {name!r}")
    given = Path(name)
    stem = given.name.removesuffix(".ipynb")
    if given.parent != Path() and given.parent.resolve() != FOLDER.resolve():
        raise ValueError(
            f"name must be that of one of the course's own notebooks, such as {stem!r}, "
            f"got the path {str(given)!r}, which leads to another folder"
        )
    if stem not in names():
        known = ", ".join(names()) or "none"
        raise ValueError(f"name must be a notebook in notebooks/ ({known}), got {stem!r}")
    return FOLDER / f"{stem}.ipynb"


def code_cells(path: Path) -> list[Cell]:
    """Return a notebook's code cells in order.

    Raises ValueError if the file is no notebook, as one with marks of a merge conflict.
    """
    try:
        cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
        sources = ["".join(cell["source"]) for cell in cells if cell["cell_type"] == "code"]
    except (ValueError, KeyError, TypeError) as error:
        raise ValueError(f"{path.name} cannot be read as a notebook: {error!r}") from error
    return [Cell(number, source) for number, source in enumerate(sources, start=1)]


def parse(source: str) -> list[ast.stmt]:
    """Return a cell's statements; IPython's own lines, such as `%timeit f()`, do nothing.

    Raises SyntaxError if what is left is not Python.
    """
    try:
        return ast.parse(source).body
    except SyntaxError:
        return ast.parse(_without_ipython(source)).body


def _without_ipython(source: str) -> str:
    """Return a cell's text with `pass` in the place of IPython's own lines."""
    lines = source.splitlines()
    first = next((i for i, line in enumerate(lines) if line.strip()), 0)
    if lines[first].startswith("%%"):
        if lines[first].split()[0] not in _PYTHON_MAGICS:
            return ""
        lines[first] = ""
    continued = False
    for i, line in enumerate(lines):
        match = _IPYTHON_LINE.fullmatch(line)
        if continued:
            lines[i] = ""
        elif match:
            lines[i] = f"{match[1]}pass"
        continued = (continued or bool(match)) and line.endswith("\\")
    return "\n".join(lines)
