"""Make what an instructor hands on, from the one course.

    python -m tools.kit site [FOLDER]                     an HTML site (site/)
    python -m tools.kit student KIND [FOLDER]             notebooks for a class (student/)

KIND is `without-answers` or `hints-only`. The site needs no server: open its index.html. The
notebooks for students need this course's `helpers`, as its own do.
"""

import argparse
import sys
from pathlib import Path

import nbformat

from tools.execution import NOTEBOOKS, ROOT, write
from tools.kit.pages import KINDS, for_students
from tools.notebooks import named


def make_site(folder: Path) -> None:
    """Build the site."""
    from tools.kit import site

    try:
        warnings = site.build(folder)
    except RuntimeError as error:
        sys.exit(str(error))
    print("\n".join(warnings), end="\n" if warnings else "")
    print(f"{folder / 'index.html'}: open it in a browser, or put the folder on any web server")
    if warnings:
        sys.exit(1)


def make_notebooks(kind: str, folder: Path) -> None:
    """Write the notebooks without answers."""
    if folder.resolve() == NOTEBOOKS:
        sys.exit("FOLDER must be another than the course's own notebooks/")
    folder.mkdir(parents=True, exist_ok=True)
    for path in named([]):
        write(folder / path.name, for_students(nbformat.read(path, as_version=4), kind))
    print(f"{len(named([]))} notebooks, {kind.replace('-', ' ')}: {folder}")


def main() -> None:
    """Run the command line."""
    parser = argparse.ArgumentParser(prog="python -m tools.kit", description=__doc__)
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    commands = parser.add_subparsers(dest="command", required=True)
    site = commands.add_parser("site", help="an HTML site")
    site.add_argument("folder", nargs="?", type=Path, default=ROOT / "site")
    student = commands.add_parser("student", help="notebooks for a class")
    student.add_argument("kind", choices=KINDS)
    student.add_argument("folder", nargs="?", type=Path, default=ROOT / "student")
    given = parser.parse_args()
    if given.command == "site":
        make_site(given.folder)
    else:
        make_notebooks(given.kind, given.folder)


if __name__ == "__main__":
    main()
