"""Run the notebooks in every surrounding that is promised, and print how far numbers move.

    python -m tools.matrix [ROW ...] [--notebooks NAME ...]
    python -m tools.matrix --list
    python -m tools.matrix --shown

Without rows, all that this machine has, other seeds excepted; without notebooks, all. Every run
is a file in .matrix/results, so the command can be killed and goes on where it was; a run of
other code is made again. Results of another machine, such as an arm64 one, may be put there
beside these.
`--shown` runs nothing and prints the tables; `--list` says which rows there are.
"""

import argparse
import random
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from nbclient.exceptions import CellTimeoutError, DeadKernelError

from tools import notebooks
from tools.matrix import environments, runs, tables
from tools.matrix.rows import ROWS, Row, absent, is_repeated, named


def main(arguments: list[str] | None = None) -> None:
    """Run the command line."""
    parser = argparse.ArgumentParser(
        prog="python -m tools.matrix",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("rows", nargs="*", metavar="ROW", help="such as avx2")
    parser.add_argument("--notebooks", nargs="+", default=[], metavar="NAME")
    parser.add_argument("--python", action="append", default=[], metavar="PATH",
                        help="a Python of another version for the rows that need one")  # fmt: skip
    parser.add_argument("--list", action="store_true", help="say what there is")
    parser.add_argument("--shown", action="store_true", help="print the tables, run nothing")
    given = parser.parse_args(arguments)
    try:
        paths, rows = notebooks.named(given.notebooks), named(given.rows)
        pythons = environments.interpreters(given.python)
    except ValueError as error:
        parser.error(str(error))
    if given.list:
        print("\n".join(_listed(paths, rows or ROWS)))
        return
    problems = [] if given.shown else run_all(paths, rows, pythons)
    chosen = [row for row in rows or ROWS if rows or _has_results(paths, row) or not absent(row)]
    lines, good = tables.lines_of(paths, chosen)
    print("\n".join([*lines, *(f"- not run: {problem}" for problem in problems)]))
    sys.exit(bool(problems) or not good)


def run_all(paths: list[Path], rows: list[Row], pythons: dict[str, str]) -> list[str]:
    """Run what is not kept; return what could not be run, and why.

    Without rows, those that this machine has, once each, without other seeds. A row that is
    named must be there.
    """
    notebooks.require_images()
    problems = [f"{row.name}: {why}" for row in rows if (why := absent(row))]
    for row in rows or [row for row in ROWS if not (is_repeated(row) or row.is_chance)]:
        if absent(row) or not any(map(_is_pending(row), paths)):
            continue
        try:
            python = environments.provide(row, pythons)
        except ValueError as error:
            problems.append(str(error))
            continue
        problems += run_row(paths, row, python)
    return problems


def run_row(paths: list[Path], row: Row, python: Path | None) -> list[str]:
    """Run the notebooks of a row that are not kept; return what could not be run, and why."""
    pending = list(filter(_is_pending(row), paths))
    if row.together > 1:
        if len(pending) == 1:  # what is kept already keeps it company
            pending += [path for path in paths if path not in pending][:1]
        random.shuffle(pending)
    with ThreadPoolExecutor(max_workers=row.together) as pool:
        return [said for said in pool.map(lambda path: _run(path, row, python), pending) if said]


def _is_pending(row: Row):
    """Return what says whether a notebook is still to be run in a row."""
    return lambda path: runs.kept(path, row) is None and bool(runs.cells_of(path, row))


def _run(path: Path, row: Row, python: Path | None) -> str:
    """Run a notebook, and say so; return '' or what stopped it."""
    start = time.monotonic()
    try:
        runs.run(path, row, python)
    except (CellTimeoutError, DeadKernelError, RuntimeError) as error:
        return f"{path.stem}, {row.name}: {type(error).__name__}: {error}"
    seconds = time.monotonic() - start
    print(f"{path.stem}, {row.name}: {seconds:.0f} s", file=sys.stderr, flush=True)
    return ""


def _has_results(paths: list[Path], row: Row) -> bool:
    return any(runs.kept(path, row) is not None for path in paths)


def _listed(paths: list[Path], rows: list[Row]) -> list[str]:
    """Return a line for each row: what it is, and how much of it is kept, missing, or of old."""
    lines = ["| row | what | notebooks |", "| --- | --- | --- |"]
    for row in rows:
        asked = [path for path in paths if runs.cells_of(path, row)]
        kept = [path for path in asked if runs.kept(path, row) is not None]
        old = sum(runs.place_of(path, row).exists() for path in asked) - len(kept)
        state = f"{len(kept)} of {len(asked)}" + (f", {old} of other code" if old else "")
        if why := absent(row):
            state += f"; {why}"
        elif is_repeated(row):
            state += "; the same as another row here, unless it is named"
        elif row.is_chance:
            state += "; run if it is named"
        lines.append(f"| {row.name} | {row.what} | {state} |")
    return lines


if __name__ == "__main__":
    main()
