"""Run the trainings of the notebooks broken, or shaken, and say which cells notice.

    python -m tools.broken [NAME ...]            a table of cells × broken trainings
    python -m tools.broken --sound [NAME ...]    the deviations of sound trainings

A NAME is a notebook's file name without its ending; without names, all with measured numbers
are taken. One notebook runs at a time. What was run is kept in .broken/ and used again as long
as the code is the same; `--shown` prints the tables of what there is and runs nothing.
"""

import argparse
import sys
import time
from pathlib import Path

from tools.broken import runs, tables
from tools.broken.mutations import BROKEN, SHAKEN
from tools.broken.needs import measured
from tools.broken.runs import Row
from tools.instructions import AVX2, NO_AVX, TWO_THREADS
from tools.notebooks import named

BROKEN_ROWS = [Row(name, name) for name in BROKEN]
SOUND_ROWS = [
    Row("unchanged", whole=True),
    Row("2 threads", environment=TWO_THREADS, whole=True),
    Row("AVX2", environment=AVX2, whole=True),
    Row("no AVX", environment=NO_AVX),
    *(Row(name, name) for name in SHAKEN),
]


def main() -> None:
    """Run the command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("names", nargs="*", metavar="NAME")
    parser.add_argument("--sound", action="store_true", help="shake instead of breaking")
    parser.add_argument("--rows", help="only rows whose name contains this, such as 'seed'")
    parser.add_argument("--shown", action="store_true", help="show what was run, run nothing")
    arguments = parser.parse_args()
    try:
        paths = named(arguments.names)
    except ValueError as error:
        parser.error(str(error))
    if not arguments.names:
        paths = [path for path in paths if measured(runs.code_cells(path))]
    rows = SOUND_ROWS if arguments.sound else BROKEN_ROWS
    rows = [row for row in rows if (arguments.rows or "") in row.name]
    if not arguments.shown:
        for path in paths:
            for row in rows:
                _run(path, row)
    print("\n".join((tables.sound if arguments.sound else tables.broken)(paths, rows)))


def _run(path: Path, row: Row) -> None:
    """Run a notebook unless its outputs are kept, and say so."""
    if runs.outputs(path, row) is None:
        start = time.monotonic()
        runs.run(path, row)
        seconds = time.monotonic() - start
        print(f"{path.stem}, {row.name}: {seconds:.0f} s", file=sys.stderr, flush=True)


if __name__ == "__main__":
    main()
