"""Run again what an edit touches, and rewrite only the outputs that really changed.

    python -m tools.refresh                      what was changed since the last commit
    python -m tools.refresh --since v0.1         … since another revision
    python -m tools.refresh 7.2-conv-layer …     these, and what depends on them

A notebook is run where a code cell, an output or a task of it changed, a definition that it
borrows from another notebook, records that it reads, or anything in helpers; an answer where its
text changed, or what it borrows or reads. A change of explanations or remarks alone, or of a cell
that defines nothing, touches no other notebook. An output whose numbers are those that are stored,
within what its cell allows, stays as it is, letter by letter.
"""

import argparse
import ast
import re
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any, NamedTuple

import nbformat
from nbformat import NotebookNode

from helpers.notebook.cells import Cell
from helpers.notebook.selection import select
from tools import answers
from tools.execution import ROOT, code_cells
from tools.notebooks import READS, embed, named, require_images, run_all
from tools.outputs import compare
from tools.outputs.rules import MarkerError

PAGE = r"notebooks/[^/]+\.ipynb"
QUOTED = re.compile(r"""["']([\w.-]+?)(?:\.ipynb)?["']""")
TASK = re.compile(r"helpers/study/tasks/task_(\d_\d|8_compare)_[a-z]\.py")
MODULE = re.compile(r"helpers/.*\.py")
# What every notebook depends on.
EVERYWHERE = re.compile(r"helpers/(?!study/tasks/task_)|environment\.yml")
RECORD = re.compile(r"notebooks/records/(?:(\w+)/)?[^/]+\.json")


class Touched(NamedTuple):
    """The stems of notebooks, and of files of answers, that are to be run."""

    notebooks: set[str]
    answers: set[str]


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
    names = _git("diff", "--name-only", since, "--")
    return (names + _git("ls-files", "--others", "--exclude-standard")).splitlines()


def touched(files: Iterable[str], since: str) -> Touched:
    """Return what files that differ from a revision touch."""
    files = {f for f in files if not (MODULE.fullmatch(f) and _has_the_same_code(since, f))}
    if any(map(EVERYWHERE.match, files)):
        return Touched({path.stem for path in named([])}, set(_answers()))
    tasks = filter(None, map(TASK.fullmatch, files))
    parts = [match[1].replace("_", "[.-]") + r"\b" for match in tasks]
    pages = {f"notebooks/{path.name}": path for path in named([])}
    edited: set[str] = set()
    # Who borrowed from one that is gone fails.
    lending = {Path(f).stem for f in files - pages.keys() if re.fullmatch(PAGE, f)}
    for name, path in pages.items():
        has_task = any(re.match(part, path.stem) for part in parts)
        if not has_task and name not in files:
            continue
        now, before = _parsed(path.read_text(encoding="utf-8")), _before(since, name)
        if has_task or _run_part(now) != _run_part(before):
            edited.add(path.stem)
        if has_task or _lent(now) != _lent(before):
            lending.add(path.stem)
    texts = {Path(f).stem for f in files if re.fullmatch(r"answers/[^/]+\.md", f)}
    records = {match[1] for match in map(RECORD.fullmatch, files) if match}
    return with_dependants(edited, lending, texts, records)


def with_dependants(
    notebooks: set[str],
    lending: set[str],
    texts: set[str],
    records: Iterable[str | None] = (),
) -> Touched:
    """Add who borrows from those notebooks that lend something else now, and who reads records.

    `records` names the folders in which some have changed. A borrower may lend what it has made
    of the loan; a notebook that is run may record another training.
    """
    pages = {path.stem: _code(path) for path in named([])}
    kinds = set(records)
    while True:
        if any("helpers.record(" in pages[stem] for stem in notebooks):
            kinds.add(None)
        borrowers = {stem for stem, code in pages.items() if _named(code) & (lending - {stem})}
        more = borrowers | {stem for stem, code in pages.items() if _reads(code, kinds)}
        if more <= notebooks and borrowers <= lending:
            break
        notebooks, lending = notebooks | more, lending | borrowers
    for stem, text in _answers().items():
        if _named(text) & lending or _reads(text, kinds):
            texts = texts | {stem}
    return Touched(notebooks, texts)


def _git(*words: str) -> str:
    done = subprocess.run(["git", *words], cwd=ROOT, capture_output=True, encoding="utf-8")
    if done.returncode:
        raise ValueError(
            f"git cannot say what changed: {done.stderr.strip()}; name the notebooks instead"
        )
    return done.stdout


def _text_before(since: str, name: str) -> str | None:
    """Return a file as it was at a revision, None if it was not there."""
    return _git("show", f"{since}:{name}") if _git("ls-tree", since, name) else None


def _before(since: str, name: str) -> NotebookNode | None:
    """Return a notebook as it was at a revision, None if it was not there."""
    text = _text_before(since, name)
    return None if text is None else _parsed(text)


def _has_the_same_code(since: str, name: str) -> bool:
    """Whether a module differs from a revision in remarks and layout alone."""
    path = ROOT / name
    before = _text_before(since, name) if path.is_file() else None
    if before is None:
        return False
    try:
        now, then = (ast.dump(ast.parse(t)) for t in (path.read_text(encoding="utf-8"), before))
    except SyntaxError:
        return False
    return now == then


def _parsed(text: str) -> NotebookNode | None:
    """Return a notebook, None for what is none, as a file with marks of a merge conflict."""
    try:
        return nbformat.reads(text, as_version=4)
    except ValueError:
        return None


def _run_part(notebook: NotebookNode | None) -> list[Any]:
    """Return what a run of a notebook reads and writes: code cells, their tags and outputs."""
    cells = code_cells(notebook) if notebook else []
    return [(cell.source, cell.metadata.get("tags"), cell.outputs) for cell in cells]


def _lent(notebook: NotebookNode | None) -> list[str]:
    """Return the definitions that other notebooks may borrow, without remarks."""
    sources = [source for source, _, _ in _run_part(notebook)]
    lent = select([Cell(number, source) for number, source in enumerate(sources, 1)])
    return [ast.dump(statement.node) for statement in lent.statements]


def _code(path: Path) -> str:
    """Return the code of a notebook, without that of the answers embedded in it."""
    return "\n".join(
        source for source, _, _ in _run_part(_parsed(path.read_text(encoding="utf-8")))
    )


def _answers() -> dict[str, str]:
    return {path.stem: path.read_text(encoding="utf-8") for path in answers.FOLDER.glob("*.md")}


def _named(code: str) -> set[str]:
    """Return what may be names of notebooks that code borrows from: all that is in quotes."""
    return set(QUOTED.findall(code)) if "from_notebook(" in code else set()


def _reads(code: str, kinds: set[str | None]) -> bool:
    """Whether code reads records of these folders; a band is drawn of seeds."""
    band = "seeds" in kinds and "helpers.on_band(" in code
    return band or any(call in code for kind, call in READS.items() if kind in kinds)


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
            notebooks, texts = with_dependants(stems, stems, stems & _answers().keys())
        else:
            notebooks, texts = touched(changed_files(given.since), given.since)
    except ValueError as error:
        parser.error(str(error))
    if not notebooks and not texts:
        print("nothing to run: no cell, answer or module differs")
    else:
        require_images()
        print(
            "to run:", ", ".join([*sorted(notebooks), *(f"answers of {t}" for t in sorted(texts))])
        )
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


if __name__ == "__main__":
    main()
