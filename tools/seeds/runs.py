"""Run a notebook's recorded training in a kernel, and store what several runs noted."""

import datetime
import json
import tempfile
from pathlib import Path
from typing import Any

import nbformat
from nbformat import NotebookNode

from helpers.notebook import seeds
from tools.answers.records import processor
from tools.broken.needs import is_recording, needed
from tools.broken.runs import CELL_TIMEOUT, code_cells
from tools.execution import client_of, kernel_variables, replace
from tools.names import digest
from tools.tasks import as_run

PRELUDE = "from tools.seeds import noting\nnoting.begin({seed})"
NO_GPU = {"CUDA_VISIBLE_DEVICES": ""}  # the bands are those of a laptop
CURVES = ("train_loss", "val_loss", "val_acc")


def records_a_training(path: Path) -> bool:
    """Whether a notebook has a training that it records."""
    return any(map(is_recording, code_cells(path)))


def cells_of(path: Path) -> list[NotebookNode]:
    """Return the cells that a notebook's recorded training needs, in order."""
    return needed(code_cells(path), is_recording)


def code_of(path: Path) -> str:
    """Return a digest of what those cells run, whatever their comments and empty lines."""
    return digest(as_run(cell.source) for cell in cells_of(path))


def is_stale(path: Path) -> bool:
    """Whether a notebook's training has no seeds, or those of other cells."""
    stored = seeds.seed_records().get(path.stem)
    return stored is None or stored.code != code_of(path)


def run(path: Path, seed: int) -> dict[str, Any]:
    """Run a notebook's training with other random numbers; return what it recorded."""
    prelude = nbformat.v4.new_code_cell(PRELUDE.format(seed=seed))
    notebook = nbformat.v4.new_notebook(cells=[prelude, *cells_of(path)])
    client = client_of(notebook, path.parent, timeout=CELL_TIMEOUT)
    with tempfile.TemporaryDirectory() as folder:
        more = {"COMPANION_RECORDS": folder, "COMPANION_SETTINGS": "quick", **NO_GPU}
        client.execute(env=kernel_variables(**more))
        return json.loads((Path(folder) / f"{path.stem}.json").read_text(encoding="utf-8"))


def store(path: Path, numbers: list[int], done: list[dict[str, Any]]) -> bool:
    """Write what a notebook's runs recorded; return whether the file is another than before."""
    first, networks = done[0], [run["network"] for run in done]
    for run in done:
        for part in ("settings", "data", "versions"):
            assert run[part] == first[part], f"the runs of {path.stem} differ in their {part}"
    content = seeds.Seeds(
        settings=first["settings"],
        seeds=numbers,
        curves={name: [run["curves"][name] for run in done] for name in CURVES},
        seconds=[network.pop("seconds") for network in networks],
        **networks[0],
        data=first["data"],
        processor=processor(),
        versions=first["versions"],
        date=datetime.date.today().isoformat(),
        code=code_of(path),
    )
    text = json.dumps(content._asdict(), ensure_ascii=False, allow_nan=False, indent=1)
    return replace(seeds.place(path.stem), f"{text}\n".encode())
