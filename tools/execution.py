"""Run a notebook from top to bottom, and store its outputs and its record."""

import os
import re
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import nbformat
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError
from nbformat import NotebookNode
from nbval.plugin import coalesce_streams
from traitlets.config import Config

from tools.kernels import encryption

ROOT = Path(__file__).resolve().parent.parent
NOTEBOOKS = ROOT / "notebooks"
CELL_TIMEOUT = 300  # seconds
START_TIMEOUT = 300  # seconds for a kernel to answer: a busy machine needs more than one minute
SHOWN_LINES = 5  # of an error or a warning
# The number of threads changes the last digits of a result.
ONE_THREAD = {"OMP_NUM_THREADS": "1", "MKL_NUM_THREADS": "1"}
ENVIRONMENT = {
    **ONE_THREAD,
    "PYTHONWARNINGS": "default",
    # So that the kernels of each checkout import its own helpers.
    "PYTHONPATH": os.pathsep.join(filter(None, [str(ROOT), os.environ.get("PYTHONPATH")])),
}
# A reader's choice of settings, the folders where trainings are kept and taken up again, and
# where records are written.
UNSET = ("COMPANION_SETTINGS", "COMPANION_WORK", "COMPANION_RECORDS")
OURS = ("kernelspec", "language_info", "widgets")  # the other metadata are the notebook's own
NUMBER = re.compile(r"\d[\d.,]*(?:e[-+]?\d+)?")
COLOUR = re.compile(r"\x1b\[[\d;]*m")


class FailedError(Exception):
    """A notebook that could not be run, with the cell and the reason in a few lines."""


class Stored(NamedTuple):
    """Whether the notebook's file, and its record, are others than before; cells with others."""

    notebook: bool
    record: bool
    changed: tuple[int, ...] = ()  # the numbers that JupyterLab shows, as in In [3]


# Says of a cell whether its outputs (the second) are the same as those stored (the third).
Same = Callable[[NotebookNode, list[NotebookNode], list[NotebookNode]], bool]


def run(path: Path, same: Same | None = None) -> Stored:
    """Execute a notebook from top to bottom and store its outputs, and what it records.

    Outputs that no test compares (tag `nbval-ignore-output`) stay as they are stored where
    only numbers in them have changed, such as seconds: clear a cell's output to have it anew.
    Metadata that are not ours, such as Colab's `accelerator`, are kept. With `same`, outputs
    that say the same as the stored ones stay as they are, and so does the record if all do.

    Raises FailedError if a cell fails, takes too long, or writes to standard error, as
    warnings do; then nothing is stored.
    """
    before = path.read_bytes()
    notebook = nbformat.reads(before.decode("utf-8"), as_version=4)
    stored = [cell.get("outputs") for cell in notebook.cells]
    with tempfile.TemporaryDirectory() as folder:
        _execute(path, notebook, Path(folder))
        records = {file.name: file.read_bytes() for file in Path(folder).iterdir()}
    name = f"{path.name.removesuffix('.ipynb')}.json"
    if records.keys() - {name}:
        raise FailedError(f"it writes the record of another notebook: {', '.join(records)}")
    changed: list[int] = []
    for number, cell, outputs in zip(_numbers(notebook), notebook.cells, stored):
        if cell.cell_type == "code":
            _tidy(number, cell, outputs)
            if same and same(cell, cell.outputs, outputs):
                cell.outputs = outputs
            if cell.outputs != outputs:
                changed.append(number)
    own = {key: value for key, value in notebook.metadata.items() if key not in OURS}
    notebook.metadata = nbformat.from_dict(
        own
        | {
            "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
            "language_info": {"name": "python"},
        }
    )
    if path.read_bytes() != before:
        raise FailedError("it was changed while it ran: run it again")
    record = path.parent / "records" / name
    keeps = same is not None and not changed and record.exists() == (name in records)
    record_changed = False if keeps else _write_record(record, records.get(name))
    return Stored(write(path, notebook), record_changed, tuple(changed))


def write(path: Path, notebook: NotebookNode) -> bool:
    """Write a notebook as a whole or not at all; return whether it is another than before."""
    text = nbformat.writes(notebook)
    return replace(path, f"{text.rstrip()}\n".encode())


def replace(path: Path, content: bytes) -> bool:
    """Write a file as a whole or not at all; return whether it is another than before."""
    if path.exists() and path.read_bytes() == content:
        return False
    path.parent.mkdir(exist_ok=True, parents=True)
    temporary = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        temporary.write_bytes(content)
        os.replace(temporary, path)
    finally:
        temporary.unlink(missing_ok=True)
    return True


def _write_record(path: Path, content: bytes | None) -> bool:
    """Store a notebook's record, or remove that of one that has none any more."""
    if content is None:
        existed = path.exists()
        path.unlink(missing_ok=True)
        return existed
    return replace(path, content)


def kernel_variables(**more: str) -> dict[str, str]:
    """Return the variables of a kernel whose outputs are stored or compared, and `more`."""
    kept = {name: value for name, value in os.environ.items() if name not in UNSET}
    return kept | ENVIRONMENT | more


def client_of(notebook: NotebookNode, folder: Path, **options: Any) -> NotebookClient:
    """Return what runs a notebook's cells in a kernel that stands in `folder`."""
    defaults = {"kernel_name": "python3", "startup_timeout": START_TIMEOUT}
    return NotebookClient(
        notebook,
        resources={"metadata": {"path": str(folder)}},
        config=Config(KernelManager=encryption()),
        record_timing=False,
        store_widget_state=False,
        **{**defaults, **options},
    )


def code_cells(notebook: NotebookNode) -> list[NotebookNode]:
    """Return the code cells of a notebook in order."""
    return [cell for cell in notebook.cells if cell.cell_type == "code"]


def is_compared(cell: NotebookNode) -> bool:
    """Whether a cell's outputs are compared with the stored ones: seconds, say, are not."""
    return "nbval-ignore-output" not in cell.metadata.get("tags", [])


def _execute(path: Path, notebook: NotebookNode, records: Path) -> None:
    """Execute a notebook's cells; raise FailedError naming the one that fails."""
    client = client_of(notebook, path.parent, timeout=CELL_TIMEOUT)
    current = 0

    def remember(cell: NotebookNode, cell_index: int) -> None:
        nonlocal current
        current = cell_index

    client.on_cell_start = remember
    try:
        client.execute(env=kernel_variables(COMPANION_RECORDS=str(records)))
    except CellExecutionError as error:
        where = _place(notebook, current, error.traceback)
        reason = f"{error.ename}: {error.evalue}"
        raise FailedError(f"{where}\n{_first_lines(reason)}") from error
    except CellTimeoutError as error:
        where = _place(notebook, current)
        raise FailedError(f"{where}\nIt takes longer than {CELL_TIMEOUT} seconds.") from error
    except DeadKernelError as error:
        where = _place(notebook, current)
        raise FailedError(f"{where}\nThe kernel died, perhaps out of memory.") from error


def _numbers(notebook: NotebookNode) -> list[int]:
    """Return for each cell the number that it has as In [number], or will have."""
    numbers, number = [], 0
    for cell in notebook.cells:
        number += cell.cell_type == "code"
        numbers.append(number)
    return numbers


def _place(notebook: NotebookNode, index: int, traceback: str = "") -> str:
    """Say which cell it is, and show the line that a traceback names, or the first ones."""
    number, lines = _numbers(notebook)[index], notebook.cells[index].source.splitlines()
    found = re.search(r"Cell In\s?\[\d+\], line (\d+)", COLOUR.sub("", traceback))
    if found and int(found[1]) <= len(lines):
        return f"In [{number}], line {found[1]}:\n    {lines[int(found[1]) - 1].strip()}"
    return f"In [{number}]:\n    " + "\n    ".join(lines[:3])


def _first_lines(text: str) -> str:
    lines = COLOUR.sub("", text).strip().splitlines()
    return "\n".join([*lines[:SHOWN_LINES], *["…"][: len(lines) > SHOWN_LINES]])


def _tidy(number: int, cell: NotebookNode, stored: list[NotebookNode]) -> None:
    """Bring a cell's outputs into the form in which they are stored."""
    cell.outputs = [o for o in coalesce_streams(cell.outputs) if not is_finished_bar(o)]
    for output in cell.outputs:
        if output.get("name") == "stderr":
            raise FailedError(
                f"In [{number}]:\n    {cell.source.splitlines()[0]}\n"
                f"It writes to standard error:\n{_first_lines(output.text)}"
            )
    if not is_compared(cell) and _words(stored) == _words(cell.outputs):
        cell.outputs = stored
    for key in ("execution", "executionInfo"):  # times of an earlier run
        cell.metadata.pop(key, None)


def _words(outputs: list[NotebookNode]) -> list[tuple]:
    """Return outputs without their numbers and pictures."""
    kept = []
    for output in outputs:
        texts = {"text": output.get("text", ""), **output.get("data", {})}
        words = {
            kind: " ".join(NUMBER.sub("0", text).split())
            for kind, text in texts.items()
            if isinstance(text, str) and not kind.startswith("image/")
        }
        kept.append((output.output_type, output.get("name"), sorted(texts), words))
    return kept


def is_finished_bar(output: NotebookNode) -> bool:
    """Whether the output is what a progress bar leaves behind: nothing to be seen."""
    if output.output_type == "stream":
        return not output.text.strip()
    return output.get("data") == {"text/plain": "", "text/html": ""}
