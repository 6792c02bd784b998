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
import tempfile
from pathlib import Path

from tests.browser.chromium import wait
from tests.browser.desk import PANEL, Desk
from tests.browser.lab import MINE, ROOT, Lab, Page, edit

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


def walk(python: str, folder: Path) -> None:
    """Take the whole walk."""
    remote, course, work = folder / "remote", folder / "course", folder / "work"
    git(folder, "clone", "-q", str(ROOT), str(remote))
    git(folder, "clone", "-q", str(remote), str(course))
    page, lab = Page(folder), Lab(python, folder, course)
    try:
        desk = Desk(page, lab, work)
        for name in EDITED:
            desk.open(f"{name}.ipynb")
            edit(page, work / f"{name}.ipynb")
        for number, last in ((1, 1), (2, 11)):
            lab.stop()
            page.driver.get("about:blank")
            for n in range(number, last + 1):
                change(remote, n)
                git(course, "pull", "--ff-only", "-q")
                if n < last:  # as an editor other than JupyterLab's would
                    copy = [python, "-m", "tools.lab", "copy"]
                    variables = os.environ | {"COMPANION_WORK": str(work)}
                    subprocess.run(copy, cwd=course, env=variables, check=True, capture_output=True)
            lab = Lab(python, folder, course)
            look(page, Desk(page, lab, work), last)
            print("".join(f"    {line}" for line in lab.lines if "beside" in line or "new" in line))
        assert git(course, "status", "--porcelain") == "", "git finds something of the student's"
    except BaseException:
        page.screenshot("failed")
        print("".join(lab.lines[-20:]))
        raise
    finally:
        lab.stop()
        page.driver.quit()
    print("all well")


def main() -> None:
    """Run the command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--python", default=str(ROOT / ".venv" / "bin" / "python"))
    arguments = parser.parse_args()
    if sys.platform == "win32":
        sys.exit("This walk needs a system with signals.")
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as name:
        folder = Path(name).resolve()
        os.environ["PYTHONPATH"] = str(folder / "course")
        walk(arguments.python, folder)


if __name__ == "__main__":
    main()
