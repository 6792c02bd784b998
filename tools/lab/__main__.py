"""Open JupyterLab on a working copy of the notebooks, which is yours to write in.

    python -m tools.lab                   bring the copy up to date and open the start page
    python -m tools.lab copy              only bring it up to date, for another editor
    python -m tools.lab fresh NAME ...    take notebooks anew from the course; yours are kept

The copy is the folder work/, or the one that the environment variable COMPANION_WORK names.
Options of JupyterLab's own, such as --no-browser or --port=8899, are passed on to it.
"""

import argparse
import os
import sys
from datetime import date
from pathlib import Path

from tools.lab import copies, server

ROOT = Path(__file__).resolve().parents[2]
COURSE = ROOT / "notebooks"


def folder() -> Path:
    """Return the working copy's folder."""
    work = Path(os.environ.get("COMPANION_WORK") or ROOT / "work").expanduser().resolve()
    if work == ROOT or work == COURSE or COURSE in work.parents or work in ROOT.parents:
        sys.exit(f"COMPANION_WORK must name a folder of its own, such as work/, got {work}")
    return work


def main(arguments: list[str] | None = None) -> None:
    """Run the command line."""
    parser = argparse.ArgumentParser(
        prog="python -m tools.lab",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        usage="python -m tools.lab [copy | fresh NAME ... | OPTION ...]",
    )
    parser.add_argument("words", nargs="*", help=argparse.SUPPRESS)
    given, extra = parser.parse_known_args(arguments)
    command, *names = given.words or ["start"]
    if command not in ("start", "copy", "fresh") or (command == "fresh") != bool(names):
        parser.error("give nothing, or copy, or fresh and the names of notebooks")
    if extra and command != "start":
        parser.error(f"{command} has no option {extra[0]}")
    work = folder()
    print(f"Your notebooks: {work}", flush=True)
    address = server.running(work) if command == "start" else None
    if address:
        print(f"JupyterLab is open on them already; it stays as it is:\n    {address}")
        server.show(address)
        return
    try:
        if command == "fresh":
            lines = copies.fresh(COURSE, work, names, date.today())
        else:
            lines = copies.renew(COURSE, work, date.today())
    except ValueError as error:
        sys.exit(str(error))
    except OSError as error:
        sys.exit(
            f"The working copy cannot be brought up to date: {error}.\nNothing of yours is lost. "
            "Make room or give yourself the right to write there, or name another folder in the "
            "environment variable COMPANION_WORK; then run the same again."
        )
    print("\n".join(lines), end="\n" if lines else "", flush=True)
    if command == "start":
        print("Starting JupyterLab: some seconds. Control-C, twice, stops it.", flush=True)
        server.start(work, extra)


if __name__ == "__main__":
    try:
        main()
    except ModuleNotFoundError as error:
        if error.name is None or not error.name.startswith("jupyter"):
            raise
        sys.exit(
            "JupyterLab is not installed for this Python. `make lab` sets everything up; without "
            "make: py -3.12 tools/environment.py, then .venv\\Scripts\\python -m tools.lab"
        )
