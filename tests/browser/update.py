"""Change three notebooks in a real browser, let the course change, and see what a student finds.

    python -m tests.browser.update [--python .venv/bin/python]

makes a checkout with a remote of its own, opens `python -m tools.lab` on it, and writes a line
into 7.2, 7.3 and 7.6 there. The course then changes 7.3, 7.4 and 7.6, `git pull` fetches it, and
JupyterLab is opened again; the same after ten more changes. Needs what `tests.browser.lab` needs.
"""

import argparse
import os
import subprocess
import sys
from pathlib import Path

from tests.browser.chromium import wait
from tests.browser.jupyter import ROOT, Page
from tests.browser.visit import MINE, PANEL, Desk, Walk, edit

EDITED = ["7.2-conv-layer", "7.3-padding-and-strides", "7.6-lenet"]
CHANGED = ["7.3-padding-and-strides", "7.4-channels", "7.6-lenet"]
BOTH = [name for name in EDITED if name in CHANGED]


def git(folder: Path, *words: str) -> str:
    """Run git in a folder and return what it said."""
    command = ["git", "-c", "user.name=course", "-c", "user.email=course@localhost", *words]
    return subprocess.run(command, cwd=folder, check=True, capture_output=True, text=True).stdout


def change(remote: Path, number: int) -> None:
    """Change a sentence of three notebooks of the course."""
    for name in CHANGED:
        path = remote / "notebooks" / f"{name}.ipynb"
        text = path.read_text(encoding="utf-8")
        old = "will be able to do" if number == 1 else f"will be able to do, {number - 1}"
        assert old in text, f"{name} has no {old!r}"
        text = text.replace(old, f"will be able to do, {number}", 1)
        path.write_text(text, encoding="utf-8")
    git(remote, "commit", "-aqm", f"Change {number}")


def beside(work: Path, name: str) -> list[Path]:
    """Return the new versions that lie beside a notebook."""
    return sorted(work.glob(f"{name} (new *.ipynb"))


def look(page: Page, desk: Desk, number: int) -> None:
    """See that the edits are there, and the course's sentences in the files that are new."""
    for name in EDITED:
        desk.open(f"{name}.ipynb")
        wait(f"the edit of {name}", lambda: MINE in page.text(f"{PANEL} .cm-content"))
        assert len(beside(desk.folder, name)) == (name in BOTH), name
    for name in [*(beside(desk.folder, n)[0].name for n in BOTH), "7.4-channels.ipynb"]:
        desk.open(name)
        wait(f"change {number} in {name}", lambda: f"able to do, {number}" in page.text(PANEL))
    page.screenshot(f"update-{number}")
    print(f"after change {number}: edits there, new versions beside {' and '.join(BOTH)}")


def renew(here: Walk, remote: Path, first: int, last: int) -> None:
    """Let the course change some times, and fetch each change."""
    for n in range(first, last + 1):
        change(remote, n)
        git(here.course, "pull", "--ff-only", "-q")
        if n < last:  # as an editor other than JupyterLab's would
            copy = [here.python, "-m", "tools.lab", "copy"]
            variables = os.environ | {"COMPANION_WORK": str(here.work)}
            subprocess.run(copy, cwd=here.course, env=variables, check=True, capture_output=True)


def walk(here: Walk) -> None:
    """Take the whole walk."""
    remote = here.course.with_name("remote")
    git(here.folder, "clone", "-q", str(ROOT), str(remote))
    git(here.folder, "clone", "-q", str(remote), str(here.course))
    desk = here.desk()
    for name in EDITED:
        desk.open(f"{name}.ipynb")
        edit(here.page, here.work / f"{name}.ipynb")
    for first, last in ((1, 1), (2, 11)):
        here.stop()
        renew(here, remote, first, last)
        desk = here.desk()
        look(here.page, desk, last)
        print(
            "".join(f"    {line}" for line in desk.lab.lines if "beside" in line or "new" in line)
        )
    assert git(here.course, "status", "--porcelain") == "", "git finds something of the student's"


def main() -> None:
    """Run the command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--python", default=str(ROOT / ".venv" / "bin" / "python"))
    arguments = parser.parse_args()
    if sys.platform == "win32":
        sys.exit("This walk needs a system with signals.")
    with Walk("update", arguments.python) as here:
        here.course = here.folder / "course"
        os.environ["PYTHONPATH"] = str(here.course)
        walk(here)
    print("all well")


if __name__ == "__main__":
    main()
