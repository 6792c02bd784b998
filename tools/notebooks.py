"""Put the answers into the notebooks, and run the notebooks and store their outputs.

    python -m tools.notebooks embed [NAME ...]
    python -m tools.notebooks run [NAME ...]

A NAME is a notebook's file name without its ending; without names, all are taken.
"""

import argparse
import os
import re
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import nbformat
from nbclient import NotebookClient
from nbformat import NotebookNode
from nbval.plugin import coalesce_streams

from tools import answers

FOLDER = Path(__file__).resolve().parent.parent / "notebooks"
EXERCISES = re.compile(r"## .*Exercises")
CELL_TIMEOUT = 300  # seconds
# One thread each: the number of threads changes the last digits of a result.
ENVIRONMENT = {"OMP_NUM_THREADS": "1", "MKL_NUM_THREADS": "1", "PYTHONWARNINGS": "default"}


def embed(path: Path) -> bool:
    """Put a notebook's answers after its heading 'Exercises'; return whether it changed.

    Raises ValueError if the notebook has answers but no such heading.
    """
    notebook = nbformat.read(path, as_version=4)
    cells = with_answers(path, notebook.cells)
    if [(c.cell_type, c.source) for c in cells] == [
        (c.cell_type, c.source) for c in notebook.cells
    ]:
        return False
    notebook.cells = cells
    nbformat.write(notebook, path)
    return True


def with_answers(path: Path, cells: list[NotebookNode]) -> list[NotebookNode]:
    """Return a notebook's cells with those of its answers as they stand in answers/."""
    source = answers.FOLDER / f"{path.stem}.md"
    if not source.exists():
        return cells
    cells = [c for c in cells if "answer" not in c.metadata.get("tags", [])]
    for i, cell in enumerate(cells):
        if cell.cell_type == "markdown" and EXERCISES.match(cell.source):
            return [*cells[: i + 1], *map(_answer_cell, answers.read(source)), *cells[i + 1 :]]
    raise ValueError(f"{path.name} has no Markdown cell that begins with '## … Exercises'")


def _answer_cell(answer: answers.Answer) -> NotebookNode:
    text = answer.text.replace("## ", "### ", 1)  # one level below the notebook's own heading
    identity = re.sub(r"[ .]", "-", answer.number.lower())
    return nbformat.v4.new_markdown_cell(text, id=identity, metadata={"tags": ["answer"]})


def run(path: Path) -> None:
    """Execute a notebook from top to bottom and store its outputs.

    Raises nbclient's CellExecutionError if a cell fails, and ValueError if one writes to
    standard error, as warnings do.
    """
    notebook = nbformat.read(path, as_version=4)
    client = NotebookClient(
        notebook,
        timeout=CELL_TIMEOUT,
        kernel_name="python3",
        resources={"metadata": {"path": str(path.parent)}},
        record_timing=False,
        store_widget_state=False,
    )
    client.execute()
    for cell in notebook.cells:
        if cell.cell_type == "code":
            cell.outputs = [o for o in coalesce_streams(cell.outputs) if not is_finished_bar(o)]
            for output in cell.outputs:
                if output.get("name") == "stderr":
                    raise ValueError(
                        f"{path.name}: this cell writes to standard error.\n\n{cell.source}\n\n"
                        f"{output.text}"
                    )
    notebook.metadata = {
        "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
        "language_info": {"name": "python"},
    }
    nbformat.write(notebook, path)


def is_finished_bar(output: NotebookNode) -> bool:
    """Whether the output is what a progress bar leaves behind: nothing to be seen."""
    if output.output_type == "stream":
        return not output.text.strip()
    return output.get("data") == {"text/plain": "", "text/html": ""}


def main() -> None:
    """Run the command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("command", choices=["embed", "run"])
    parser.add_argument("names", nargs="*", metavar="NAME")
    arguments = parser.parse_args()
    paths = [FOLDER / f"{n}.ipynb" for n in arguments.names] or sorted(FOLDER.glob("*.ipynb"))
    for path in paths:
        if not path.exists():
            known = ", ".join(sorted(p.stem for p in FOLDER.glob("*.ipynb")))
            parser.error(f"there is no notebook {path.stem!r}; there are {known}")
    if arguments.command == "embed":
        for path in paths:
            print(path.stem, "changed" if embed(path) else "unchanged")
        return
    os.environ.update(ENVIRONMENT)
    os.environ.pop("COMPANION_SETTINGS", None)
    from helpers.data import load

    if load()[0] != "Fashion-MNIST":
        sys.exit("Stored outputs are those of the real Fashion-MNIST, and it is not here.")
    with ThreadPoolExecutor(max_workers=os.cpu_count()) as pool:
        for path, result in [(path, pool.submit(run, path)) for path in paths]:
            result.result()
            print(path.stem, "stored")


if __name__ == "__main__":
    main()
