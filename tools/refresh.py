"""Run again what an edit touches, and rewrite only the outputs that really changed.

    python -m tools.refresh                      what was changed since the last commit
    python -m tools.refresh --since v0.1         … since another revision
    python -m tools.refresh 7.2-conv-layer …     these, and what depends on them

An answer is run and embedded where its file changed, a notebook is run where one of its cells,
a class that it borrows from another notebook, or anything in helpers changed. An output whose
numbers are those that are stored, within what its cell allows, stays as it is, letter by letter.
"""

import argparse
import re
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

from nbformat import NotebookNode

from tools import answers
from tools.execution import ROOT
from tools.notebooks import embed, named, reads_records, require_images, run_all
from tools.outputs import compare
from tools.outputs.rules import MarkerError

BORROWED = re.compile(r"from_notebook\(\s*\\?[\"']([\w.-]+?)(?:\.ipynb)?\\?[\"']")
# What every notebook depends on.
EVERYWHERE = re.compile(r"helpers/(?!study/)|environment\.yml")


def same(cell: NotebookNode, got: list[NotebookNode], stored: list[NotebookNode]) -> bool:
    """Whether outputs say what is stored, by the rules of the tests."""
    try:
        return not compare.compare(
            stored, got, cell.source, cell.metadata.get("tags", [])
        ).differences
    except MarkerError:
        return False


def changed_files(since: str) -> list[str]:
    """Return the names of the files that differ from a revision, new ones too.

    Raises ValueError where git cannot say it.
    """
    commands = (
        ["git", "diff", "--name-only", since, "--"],
        ["git", "ls-files", "--others", "--exclude-standard"],
    )
    names: list[str] = []
    for command in commands:
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
        if done.returncode:
            raise ValueError(
                f"git cannot say what changed since {since}: {done.stderr.strip()}; name the "
                "notebooks instead"
            )
        names += done.stdout.splitlines()
    return names


def touched(files: Iterable[str]) -> tuple[set[str], set[str]]:
    """Return the stems of the notebooks to run, and of the files of answers to run."""
    files = list(files)
    if any(map(EVERYWHERE.match, files)):
        return {path.stem for path in named([])}, {p.stem for p in answers.FOLDER.glob("*.md")}
    notebooks = {Path(f).stem for f in files if re.fullmatch(r"notebooks/[^/]+\.ipynb", f)}
    texts = {Path(f).stem for f in files if re.fullmatch(r"answers/[^/]+\.md", f)}
    records = any(f.startswith("notebooks/records/") for f in files)
    return with_borrowers(notebooks, texts, records)


def with_borrowers(
    notebooks: set[str], texts: set[str], records: bool = False
) -> tuple[set[str], set[str]]:
    """Add the notebooks and answers that borrow from a notebook to be run, and so on."""
    known = {path.stem: path for path in named([])}
    notebooks = notebooks & known.keys()
    while True:
        more = {
            stem
            for stem, path in known.items()
            if _borrowed(path) & notebooks or (reads_records(path) and (records or notebooks))
        }
        if more <= notebooks:
            break
        notebooks |= more
    borrowing = {p.stem for p in answers.FOLDER.glob("*.md") if _borrowed(p) & notebooks}
    return notebooks, texts | borrowing


def _borrowed(path: Path) -> set[str]:
    return set(BORROWED.findall(path.read_text(encoding="utf-8"))) - {path.stem}


def main() -> None:
    """Run the command line."""
    parser = argparse.ArgumentParser(prog="python -m tools.refresh", description=__doc__)
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.add_argument("names", nargs="*", metavar="NAME")
    parser.add_argument("--since", default="HEAD", metavar="REVISION")
    given = parser.parse_args()
    try:
        if given.names:
            stems = {path.stem for path in named(given.names)}
            notebooks, texts = with_borrowers(stems, {s for s in stems if _has_answers(s)})
        else:
            notebooks, texts = touched(changed_files(given.since))
    except ValueError as error:
        parser.error(str(error))
    if not notebooks and not texts:
        print("nothing to run: no cell, answer or module differs")
    if notebooks or texts:
        require_images()
    well = _run_answers(texts) if texts else True
    for path in named([]):
        if embed(path):
            print(path.stem, "has other answers or tasks")
    paths = [path for path in named([]) if path.stem in notebooks]
    if run_all(paths, same) or not well:
        sys.exit(1)


def _run_answers(texts: Iterable[str]) -> bool:
    """Run answers in a process of its own, with one thread as the tests do."""
    command = [sys.executable, "-m", "tools.answers", "run", *sorted(texts)]
    return subprocess.run(command, cwd=ROOT, check=False).returncode == 0


def _has_answers(stem: str) -> bool:
    return (answers.FOLDER / f"{stem}.md").exists()


if __name__ == "__main__":
    main()
