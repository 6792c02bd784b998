"""Put answers and tasks into the notebooks, and run the notebooks and store their outputs.

    python -m tools.notebooks embed [NAME ...]
    python -m tools.notebooks run [NAME ...]

A NAME is a notebook's file name, with or without its ending; without names, all are taken.
Pages that read the records of other notebooks run last.
"""

import argparse
import os
import re
import sys
from collections.abc import Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

import nbformat
from nbformat import NotebookNode

from tools import answers
from tools.execution import (
    ENVIRONMENT,
    NOTEBOOKS,
    FailedError,
    Same,
    Stored,
    is_finished_bar,
    run,
    write,
)
from tools.tasks import with_tasks

__all__ = ["ENVIRONMENT", "embed", "is_finished_bar", "run", "run_all", "with_answers"]

FOLDER = NOTEBOOKS
# How a page reads the records in each folder of notebooks/records; None is that folder itself.
READS = {
    None: "helpers.records()",
    "seeds": "helpers.seed_records()",
    "book": "helpers.book_records()",
}
EXERCISES = re.compile(r"## .*Exercises")


def embed(path: Path) -> bool:
    """Put a notebook's answers after its heading 'Exercises', and its tasks at their places.

    Returns whether it changed. Raises ValueError if the notebook has answers but no such
    heading, and for a place of a task that is none.
    """
    notebook = nbformat.read(path, as_version=4)
    cells = with_tasks(path, with_answers(path, notebook.cells))
    if [(c.cell_type, c.source) for c in cells] == [
        (c.cell_type, c.source) for c in notebook.cells
    ]:
        return False
    notebook.cells = cells
    return write(path, notebook)


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
    text = answer.shown.replace("## ", "### ", 1)  # one level below the notebook's own heading
    identity = answer.identity.replace(".", "-")
    return nbformat.v4.new_markdown_cell(text, id=identity, metadata={"tags": ["answer"]})


def run_all(paths: Iterable[Path], same: Same | None = None) -> list[str]:
    """Run notebooks and store their outputs; return the names of those that failed.

    `same` says, as in `run`, which outputs stay as they are.
    Pages that read records run after the notebooks that write them.
    """
    paths = list(paths)
    readers = [path for path in paths if reads_records(path)]
    failed, records = [], []
    for group in ([path for path in paths if path not in readers], readers):
        with ThreadPoolExecutor(max_workers=os.cpu_count()) as pool:
            for name, result in [(path.stem, pool.submit(run, path, same)) for path in group]:
                stored = _report(name, result)
                if stored is None:
                    failed.append(name)
                elif stored.record:
                    records.append(name)
    if records:
        _print_what_follows(records, done=readers)
    if failed:
        print(f"{len(failed)} of {len(paths)} failed and are as they were: {', '.join(failed)}")
    return failed


def _print_what_follows(records: list[str], done: list[Path]) -> None:
    """Say what is to be run, too, when the records of sections have changed."""
    readers = [path for path in sorted(FOLDER.glob("*.ipynb")) if reads_records(path)]
    others = ", ".join(path.stem for path in readers)
    if any(READS["seeds"] in path.read_text(encoding="utf-8") for path in readers):
        names = " ".join(records)
        print(f"The records of {', '.join(records)} have changed: run python -m tools.seeds "
              f"{names}, and then {others}.")  # fmt: skip
    elif readers and not done:
        print(f"The records of {', '.join(records)} have changed: run {others} as well.")


def _report(name: str, result: "Future[Stored]") -> Stored | None:
    """Print what has become of a notebook; return None if it failed."""
    try:
        stored = result.result()
    except FailedError as error:
        indented = str(error).replace("\n", "\n  ")
        print(f"{name} FAILED\n  {indented}", flush=True)
        return None
    except Exception as error:  # a file that is no notebook, a full disk
        print(f"{name} FAILED\n  {type(error).__name__}: {error}", flush=True)
        return None
    cells = ", ".join(f"In [{number}]" for number in stored.changed)
    print(name, f"stored{cells and f': {cells}'}" if any(stored) else "unchanged", flush=True)
    return stored


def named(names: Iterable[str]) -> list[Path]:
    """Return the notebooks with these names, with or without the ending; all without names.

    Raises ValueError for a name that no notebook has.
    """
    known = {path.stem: path for path in sorted(FOLDER.glob("*.ipynb"))}
    stems = [Path(name).name.removesuffix(".ipynb") for name in names]
    for stem in stems:
        if stem not in known:
            raise ValueError(f"there is no notebook {stem!r}; there are {', '.join(known)}")
    return [known[stem] for stem in stems or known]


def require_images() -> None:
    """End the program with a sentence unless the images are those of the stored outputs."""
    from helpers.data import load

    if load()[0] != "Fashion-MNIST":
        sys.exit("Stored outputs are those of the real Fashion-MNIST, and it is not here.")


def reads_records(path: Path) -> bool:
    """Whether a page compares what other notebooks have recorded."""
    text = path.read_text(encoding="utf-8")
    return any(call in text for call in READS.values())


def main() -> None:
    """Run the command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("command", choices=["embed", "run"])
    parser.add_argument("names", nargs="*", metavar="NAME")
    arguments = parser.parse_args()
    try:
        paths = named(arguments.names)
    except ValueError as error:
        parser.error(str(error))
    if arguments.command == "embed":
        for path in paths:
            print(path.stem, "changed" if embed(path) else "unchanged")
        return
    require_images()
    if run_all(paths):
        sys.exit(1)


if __name__ == "__main__":
    main()
