"""Run a notebook in a surrounding, and keep what it showed."""

import hashlib
import json
import tempfile
import time
from importlib.metadata import version
from pathlib import Path
from typing import Any, NamedTuple

import nbformat
from jupyter_client.kernelspec import KernelSpecManager
from jupyter_client.manager import AsyncKernelManager
from nbformat import NotebookNode

from tools.answers.records import processor
from tools.broken.needs import needed
from tools.broken.runs import CELL_TIMEOUT, PRELUDE, code_cells, kept_outputs, parts_of
from tools.execution import client_of, kernel_variables, replace
from tools.matrix import environments
from tools.matrix.rows import Row, machine
from tools.notebooks import FOLDER, reads_records

RESULTS = environments.KEPT / "results"
# Run after the notebook's own cells, so that it changes nothing for them.
ABOUT = """\
import json, platform, matplotlib, numpy, torch
print(json.dumps({
    "python": platform.python_version(), "torch": torch.__version__.split("+")[0],
    "numpy": numpy.__version__, "matplotlib": matplotlib.__version__,
    "machine": platform.machine(), "threads": torch.get_num_threads(),
    "instructions": torch.backends.cpu.get_cpu_capability(),
}))
"""


class Kept(NamedTuple):
    """What a run left: outputs by the cells' numbers, what it ran with, and its seconds."""

    outputs: dict[int, list[NotebookNode]]
    about: dict[str, Any]
    seconds: float


def cells_of(path: Path, row: Row) -> list[NotebookNode]:
    """Return the cells that a row runs: all, or what the measured ones need."""
    cells = code_cells(path)
    return needed(cells) if row.shake else cells


def kept(path: Path, row: Row) -> Kept | None:
    """Return what is kept of a run, None if there is nothing or it was of other code.

    What this machine made with another PyTorch, where the row does not choose one, is old too.
    """
    place = place_of(path, row)
    if not place.exists():
        return None
    found = json.loads(place.read_text(encoding="utf-8"))
    about = found["about"]
    here = not row.packages and row.machine in ("", machine())
    if found["key"] != _key(path, row) or (here and about["torch"] != present_torch()):
        return None
    outputs = {int(n): [nbformat.from_dict(o) for o in out] for n, out in found["outputs"].items()}
    return Kept(outputs, about, found["seconds"])


def place_of(path: Path, row: Row) -> Path:
    """Return the file of a notebook's run in a row."""
    return RESULTS / f"{path.stem}, {row.name}.json"


def present_torch() -> str:
    """Return the version of PyTorch in this environment, as it is published."""
    return version("torch").split("+")[0]


def run(path: Path, row: Row, python: Path | None) -> Kept:
    """Run a notebook with a Python (None: the present one), and keep what it showed.

    Cells that fail show their error. Raises nbclient's errors where the kernel dies or hangs,
    and RuntimeError where the surrounding itself fails; then nothing is kept.
    """
    key, cells = _key(path, row), cells_of(path, row)
    before = [nbformat.v4.new_code_cell(PRELUDE.format(name=row.shake))] * bool(row.shake)
    after = nbformat.v4.new_code_cell(ABOUT)
    notebook = nbformat.v4.new_notebook(cells=[*before, *cells, after])
    numbers = {cell.id: cell.execution_count for cell in cells}
    start = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="companion-matrix-") as folder:
        options = _kernel(python, Path(folder)) if python else {}
        options |= {"timeout": CELL_TIMEOUT, "allow_errors": True}
        client = client_of(notebook, path.parent, **options)
        root = str(FOLDER.parent)
        client.execute(
            cleanup_kc=True, env=kernel_variables(**{"PYTHONPATH": root, **row.variables})
        )
    seconds = round(time.monotonic() - start, 1)
    for cell in [*before, after]:
        if any(output.output_type == "error" for output in cell.outputs):
            raise RuntimeError(f"{row.name} could not be set up: {cell.outputs[-1]}")
    printed = "".join(output.text for output in after.outputs if output.get("name") == "stdout")
    about = json.loads(printed) | {"processor": processor()}
    shown = {numbers[cell.id]: kept_outputs(cell) for cell in cells}
    content = {"key": key, "row": row.name, "seconds": seconds, "about": about, "outputs": shown}
    replace(place_of(path, row), json.dumps(content, indent=1).encode())
    return Kept(shown, about, seconds)


def _kernel(python: Path, folder: Path) -> dict[str, Any]:
    environments.write_kernel(python, folder)
    specs = KernelSpecManager(kernel_dirs=[str(folder)], ensure_native_kernel=False)
    manager = AsyncKernelManager(kernel_name="row", kernel_spec_manager=specs)
    return {"kernel_name": "row", "km": manager}


def _key(path: Path, row: Row) -> str:
    """Return a digest of the code and the surrounding that a run's outputs come from."""
    records = sorted((path.parent / "records").rglob("*.json")) if reads_records(path) else []
    parts = [
        *parts_of(cells_of(path, row)),
        *(file.read_text(encoding="utf-8") for file in records),
        repr((row.name, sorted(row.variables.items()), row.together, row.python, row.shake)),
        environments.wanted(row),
    ]
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()
