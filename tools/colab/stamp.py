"""Write into the notebooks what Colab needs: badge, start cell, and the wish for a GPU."""

import ast
from contextlib import suppress
from pathlib import Path

import nbformat
from nbformat import NotebookNode

from tools.colab.place import Place
from tools.execution import write
from tools.lab.content import BADGE as BADGES
from tools.lab.content import STAMPED as START  # the identity of the start cell
from tools.notebooks import FOLDER

BADGE = (
    "[![Open in Colab](https://colab.research.google.com/assets/colab-badge.svg)]"
    "(https://colab.research.google.com/github/{repository}/blob/{revision}/notebooks/{name})"
)
CELL = """\
# On Google Colab, this cell fetches the course. Anywhere else it does nothing.
import subprocess, sys
from pathlib import Path
if "google.colab" in sys.modules:
    folder = "{folder}"
    places = [Path(place).resolve() for place in (".", "..", folder)]
    course = next((p for p in places if (p / "helpers").is_dir()), places[-1])
{fetch}
    sys.path.insert(0, str(course))
    from tools.colab.start import begin
    begin({gpu})"""
# The clone gets its name at the end, so that a half one is never taken for the course.
FETCH = '''\
    if not course.exists():
        clone = "git clone -q --depth 1 --branch {revision} {repository}"
        command = f"{{clone}} {{folder}}~ && mv -T {{folder}}~ {{folder}}"
        status, said = subprocess.getstatusoutput(f"rm -rf {{folder}}~; timeout 120 {{command}}")
        assert not status, f"The course could not be fetched; run this again later. {{said}}"'''
NO_ADDRESS = """\
    assert course.exists(), (
        "This notebook does not know where its course can be fetched: upload it into the folder "
        f"{course}, as its README says under 'Google Colab', and run this cell again.")"""


def start_cell(place: Place, gpu: bool) -> str:
    """Return the code of the start cell."""
    fetch = FETCH.format(**place._asdict()) if place.repository else NO_ADDRESS
    return CELL.format(folder=place.folder, fetch=fetch, gpu="gpu=True" if gpu else "")


def badge(place: Place, name: str) -> str:
    """Return the Markdown of a notebook's badge, '' if Colab cannot open it from there."""
    if not place.on_github:
        return ""
    return BADGE.format(repository=place.on_github, revision=place.revision, name=name)


def stamp(notebook: NotebookNode, name: str, place: Place) -> None:
    """Stamp a notebook that has this file name; everything else in it stays as it is."""
    title = notebook.cells[0]
    heading, _, rest = BADGES.sub("", title.source).partition("\n")
    lines = [heading, *["", badge(place, name)][: 2 * bool(place.on_github)]]
    title.source = "\n".join([*lines, *[rest][: bool(rest)]])
    gpu = needs_gpu(notebook)
    cells = [cell for cell in notebook.cells if cell.id != START]
    # JupyterLab shows the cell's first line and folds the others; Colab shows them.
    cell = nbformat.v4.new_code_cell(
        start_cell(place, gpu), id=START, metadata={"jupyter": {"source_hidden": True}}
    )
    was_run = any(c.get("execution_count") for c in cells)
    notebook.cells = [title, cell, *cells[1:]]
    if was_run:
        _renumber(notebook)
    _wish(notebook, gpu)


def needs_gpu(notebook: NotebookNode) -> bool:
    """Whether a training has `book` settings other than the `quick` ones, which suit a CPU."""
    for cell in notebook.cells:
        if cell.cell_type == "code" and "helpers.settings(" in cell.source:
            with suppress(SyntaxError):  # a line of IPython's own
                if any(map(_differs, ast.walk(ast.parse(cell.source)))):
                    return True
    return False


def _differs(node: ast.AST) -> bool:
    """Whether this is a call of `helpers.settings` with two different sets of settings."""
    if not isinstance(node, ast.Call) or ast.unparse(node.func) != "helpers.settings":
        return False
    given = dict(zip(("quick", "book"), map(ast.unparse, node.args)))
    given |= {str(keyword.arg): ast.unparse(keyword.value) for keyword in node.keywords}
    return given.get("quick") != given.get("book")


def stamp_files(place: Place, folder: Path = FOLDER) -> list[str]:
    """Stamp all notebooks of a folder; return the names of those that are others than before."""
    changed = []
    for path in sorted(folder.glob("*.ipynb")):
        notebook = nbformat.read(path, as_version=4)
        stamp(notebook, path.name, place)
        if write(path, notebook):
            changed.append(path.stem)
    return changed


def _renumber(notebook: NotebookNode) -> None:
    """Number the cells as a run from top to bottom does."""
    number = 0
    for cell in notebook.cells:
        if cell.cell_type == "code":
            number += 1
            cell.execution_count = number
            for output in cell.outputs:
                if "execution_count" in output:
                    output.execution_count = number


def _wish(notebook: NotebookNode, gpu: bool) -> None:
    """Ask Colab for a GPU, or no longer."""
    for key in ("accelerator", "colab"):
        notebook.metadata.pop(key, None)
    if gpu:
        notebook.metadata |= {"accelerator": "GPU", "colab": {"gpuType": "T4"}}
