"""Run the cells of the notebooks in other orders, and print those whose outputs change.

    python -m tools.orders [NAME ...]

A NAME is a notebook's file name without its ending; without names, all are taken. Each is run
in order, then every cell again in order, then every cell again backwards, as by a reader who
scrolls up, and in a second kernel each section alone after the import cells. Trainings run
once. What is printed at the end: each cell that showed something else than what is stored.
"""

import argparse
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import nbformat
from nbclient.exceptions import CellTimeoutError, DeadKernelError

from tools.notebooks import named, require_images
from tools.orders import runs
from tools.orders.meanings import unexcused
from tools.orders.runs import Change


def main() -> None:
    """Run the command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("names", nargs="*", metavar="NAME")
    arguments = parser.parse_args()
    try:
        paths = named(arguments.names)
    except ValueError as error:
        parser.error(str(error))
    require_images()
    rows = [change for path in paths for change in _changes(path)]
    print("| notebook | cell | order | what changed |\n| --- | --- | --- | --- |")
    for row in rows:
        what = " ".join(row.what.split()).replace("|", "\\|")
        print(f"| {row.notebook} | In [{row.number}], {row.identity} | {row.order} | {what} |")
    print(f"\n{len(rows)} changes in {len(paths)} notebooks")
    sys.exit(bool(rows))


def _changes(path: Path) -> Iterator[Change]:
    """Yield what changes in a notebook; say on standard error how long it took."""
    notebook = nbformat.read(path, as_version=4)
    for found in unexcused(path.stem, notebook):
        yield Change(path.stem, found.number, found.identity, "in the text", found.what)
    for steps in (runs.whole(notebook), runs.alone(notebook)):
        start = time.monotonic()
        try:
            yield from runs.changes(path, notebook, steps)
        except (CellTimeoutError, DeadKernelError) as error:
            yield Change(path.stem, 0, "", steps[-1].order, f"stopped: {error}")
        seconds = time.monotonic() - start
        message = f"{path.stem}, {len(steps)} cells {steps[-1].order}: {seconds:.0f} s"
        print(message, file=sys.stderr, flush=True)


if __name__ == "__main__":
    main()
