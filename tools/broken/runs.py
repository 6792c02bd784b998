"""Run what a notebook's trainings need, in its own process, and keep what it showed."""

import hashlib
import json
import re
from importlib.metadata import version
from pathlib import Path

import nbformat
from nbformat import NotebookNode
from nbval.plugin import coalesce_streams

from tools import execution
from tools.broken.needs import needed
from tools.execution import client_of, kernel_variables
from tools.notebooks import FOLDER
from tools.outputs import rules

ROOT = FOLDER.parent
CACHE = ROOT / ".broken"
CELL_TIMEOUT = 3600  # seconds: with a third of the speed on a busy machine
PIXELS = re.compile(r"(?<=;base64,)[^\"]+")  # of a picture within HTML
PRELUDE = "from tools.broken import mutations\nmutations.apply({name!r})"


def code_cells(path: Path) -> list[NotebookNode]:
    """Return the code cells of a notebook."""
    return execution.code_cells(nbformat.read(path, as_version=4))


def outputs(path: Path, mutation: str) -> dict[int, list[NotebookNode]] | None:
    """Return the outputs kept of a run, by the cells' numbers, or None if it is not kept.

    Without a mutation (''), of the trainings as they are.
    """
    cells = _cells(path)
    place = _place(path, mutation)
    if not place.exists():
        return None
    kept = json.loads(place.read_text(encoding="utf-8"))
    if kept["key"] != _key(cells, mutation):
        return None
    return {int(number): nbformat.from_dict(o) for number, o in kept["outputs"].items()}


def run(path: Path, mutation: str) -> dict[int, list[NotebookNode]]:
    """Run a notebook so broken, and keep its outputs. Cells that fail show their error."""
    cells = _cells(path)
    key = _key(cells, mutation)
    prelude = [nbformat.v4.new_code_cell(PRELUDE.format(name=mutation))] * bool(mutation)
    notebook = nbformat.v4.new_notebook(cells=[*prelude, *cells])
    client = client_of(notebook, FOLDER, timeout=CELL_TIMEOUT, allow_errors=True)
    numbers = {cell.id: cell.execution_count for cell in cells}
    client.execute(env=kernel_variables(PYTHONPATH=str(ROOT)))
    if prelude and any(o.output_type == "error" for o in notebook.cells[0].outputs):
        raise RuntimeError(f"the prelude failed: {notebook.cells[0].outputs}")
    shown = {numbers[cell.id]: kept_outputs(cell) for cell in notebook.cells if cell.id in numbers}
    CACHE.mkdir(exist_ok=True)
    content = json.dumps({"key": key, "row": mutation, "outputs": shown}, indent=1)
    _place(path, mutation).write_text(content, encoding="utf-8")
    return shown


def _cells(path: Path) -> list[NotebookNode]:
    return needed(code_cells(path))


def kept_outputs(cell: NotebookNode) -> list[NotebookNode]:
    """Return what a cell showed, without the pixels of its pictures."""
    for output in cell.outputs:
        data = output.get("data", {})
        if "image/png" in data:
            data["image/png"] = ""
        if "text/html" in data:
            data["text/html"] = PIXELS.sub("", data["text/html"])
    return coalesce_streams(cell.outputs)


def _place(path: Path, mutation: str) -> Path:
    return CACHE / f"{path.stem}, {re.sub(r'[^0-9A-Za-z]+', '-', mutation or 'sound')}.json"


def _key(cells: list[NotebookNode], mutation: str) -> str:
    """Return a digest of everything that the outputs of a run depend on, the machine excepted."""
    way = repr((mutation, version("torch")))
    return hashlib.sha256("\0".join([*parts_of(cells), way]).encode()).hexdigest()


def parts_of(cells: list[NotebookNode]) -> list[str]:
    """Return the code that the outputs of cells depend on: theirs, borrowed cells, `helpers`."""
    sources = [rules.without_markers(cell.source) for cell in cells]
    for name in re.findall(r'from_notebook\("([\w.-]+)"\)', "\n".join(sources)):
        sources += [rules.without_markers(c.source) for c in code_cells(FOLDER / f"{name}.ipynb")]
    files = [*sorted((ROOT / "helpers").rglob("*.py")), Path(__file__).with_name("mutations.py")]
    return [*sources, *(file.read_text(encoding="utf-8") for file in files)]
