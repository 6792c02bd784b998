"""Which tasks have been passed: kept where the student works, never in a notebook.

One small file for each passed task, and one with the name of the last: two notebooks may write
at once, and nothing has to be read before it is written.
"""

import html
import os
import re
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from helpers.columns import aligned
from helpers.notebook import cells
from helpers.study import tasks

__all__ = ["Progress", "note", "progress"]

FOLDER = "tasks"  # in the folder that COMPANION_WORK names
LAST = "last.txt"


def _folder() -> Path | None:
    work = os.environ.get("COMPANION_WORK")
    return Path(work).expanduser() / FOLDER if work else None


def note(task: str, passed: bool | None) -> None:
    """Keep that a task was passed, or tried. Without COMPANION_WORK nothing is kept.

    A disk that is full or forbids writing stops nobody from learning: then nothing is kept.
    """
    folder = _folder()
    if folder is None or passed is None:
        return
    with suppress(OSError):
        folder.mkdir(parents=True, exist_ok=True)
        if passed:
            _file(folder, task).touch()
        new = folder / f".{LAST}.{os.getpid()}"
        new.write_text(task, encoding="utf-8")
        os.replace(new, folder / LAST)


def _file(folder: Path, task: str) -> Path:
    return folder / f"{task.replace(' ', '-')}.passed"


class Progress:
    """Which tasks have been passed, by notebook; shows itself as a table."""

    def __init__(self, passed: list[str], last: str, kept: bool):
        self.passed, self.last, self.kept = passed, last, kept

    def rows(self) -> Iterator[tuple[str, str, str, str]]:
        """Yield notebook, how many of how many, the letters passed, and those still to do."""
        known = tasks.names()
        for section in dict.fromkeys(name.rpartition(" ")[0] for name in known):
            mine = [name for name in known if name.rpartition(" ")[0] == section]
            done = [name[-1] for name in mine if name in self.passed]
            todo = [name[-1] for name in mine if name not in self.passed]
            count = f"{len(done)} of {len(mine)}"
            yield _notebook(section), count, " ".join(done) or "–", " ".join(todo) or "–"

    def sentence(self) -> str:
        """Say how far it is, and where the last attempt was."""
        if not self.kept:
            return "What you pass is not kept here: COMPANION_WORK names no folder. `make lab`, \
and a notebook's first cell on Colab, see to it."
        text = f"{len(self.passed)} of {len(tasks.names())} tasks are passed."
        return f"{text} You were last at {self.last}." if self.last else text

    def __repr__(self) -> str:
        table = [("notebook", "passed", "which", "still to do"), *self.rows()]
        return "\n".join([self.sentence(), "", *aligned(table, left=range(4))])

    def _repr_html_(self) -> str:
        heads = "".join(
            f'<th scope="col" style="text-align:left">{name}</th>'
            for name in ("notebook", "passed", "which", "still to do")
        )
        body = "".join(
            f'<tr><th scope="row" style="text-align:left"><a href="{first}.ipynb">{first}</a></th>'
            + "".join(f'<td style="text-align:left">{html.escape(text)}</td>' for text in rest)
            + "</tr>"
            for first, *rest in self.rows()
        )
        return f"<p>{html.escape(self.sentence())}</p><table><tr>{heads}</tr>{body}</table>"


def progress() -> Progress:
    """Return which tasks have been passed, by notebook, and where the last attempt was.

    It is kept in the folder `tasks` of the one that COMPANION_WORK names; to begin anew,
    delete it.
    """
    folder = _folder()
    passed, last = [], ""
    if folder is not None:
        with suppress(OSError, ValueError):
            last = (folder / LAST).read_text(encoding="utf-8").strip()
        passed = [name for name in tasks.names() if _file(folder, name).exists()]
    return Progress(passed, last if last in tasks.names() else "", folder is not None)


def _notebook(section: str) -> str:
    """Return the name of a section's notebook, such as '7.2-conv-layer'."""
    found = [name for name in cells.names() if re.match(rf"{re.escape(section)}(-|$)", name)]
    return found[0] if found else section
