"""Run the trainings of the notebooks broken, and print which cells notice.

    python -m tools.broken [NAME ...]            a table of cells × broken trainings

A NAME is a notebook's file name without its ending; without names, all with measured numbers
are taken. One notebook runs at a time. What was run is kept in .broken/ and used again as long
as the code is the same; `--shown` prints the tables of what there is and runs nothing.
"""

import argparse
import sys
import time
from pathlib import Path

from tools.broken import runs, tables
from tools.broken.mutations import BROKEN
from tools.broken.needs import measured
from tools.notebooks import named


def main() -> None:
    """Run the command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("names", nargs="*", metavar="NAME")
    parser.add_argument("--rows", help="only rows whose name contains this, such as 'lr'")
    parser.add_argument("--shown", action="store_true", help="show what was run, run nothing")
    arguments = parser.parse_args()
    try:
        paths = named(arguments.names)
    except ValueError as error:
        parser.error(str(error))
    if not arguments.names:
        paths = [path for path in paths if measured(runs.code_cells(path))]
    broken = [name for name in BROKEN if (arguments.rows or "") in name]
    if not arguments.shown:
        for path in paths:
            for mutation in broken:
                _run(path, mutation)
    print("\n".join(tables.broken(paths, broken)))


def _run(path: Path, mutation: str) -> None:
    """Run a notebook unless its outputs are kept, and say so."""
    if runs.outputs(path, mutation) is None:
        start = time.monotonic()
        runs.run(path, mutation)
        seconds = time.monotonic() - start
        print(f"{path.stem}, {mutation}: {seconds:.0f} s", file=sys.stderr, flush=True)


if __name__ == "__main__":
    main()
