"""Do in a real browser what hurt most, and see whether it still does.

    python -m tests.browser.desk [--python .venv/bin/python] [--before CHECKOUT]

walks through JupyterLab as a student does: stops and kills a training, runs its cell again,
leaves half a line in a notebook, clears outputs, makes mistakes, runs a cell late. Prints a
table. `--before` takes the same walk in another checkout of the course, of a time when there
was no working copy: its notebooks are opened as they lie there.

Needs what `tests.browser.lab` needs, and Linux for killing a kernel; takes about five minutes.
"""

import argparse
import contextlib
import json
import os
import re
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.browser.chromium import SCREENSHOTS, By, Keys, wait
from tests.browser.lab import ROOT, Lab, Page

PANEL = ".jp-NotebookPanel:not(.lm-mod-hidden)"
COLOUR = re.compile(r"\x1b\[[\d;]*m")
LIMIT = 600  # seconds, for a notebook on a busy machine
TRAINING = "trainer.fit("


class Desk:
    """An open JupyterLab on a folder of notebooks."""

    def __init__(self, page: Page, lab: Lab, folder: Path):
        self.page, self.lab, self.folder = page, lab, folder
        self.base, self.token = lab.address().split("/lab")[0], lab.address().split("token=")[1]

    def open(self, name: str) -> None:
        """Open a notebook by its address."""
        self.page.driver.get(f"{self.base}/lab/tree/{name}?token={self.token.split()[0]}&reset")
        wait("its cells", lambda: self.page.shown(f"{PANEL} .jp-Cell"))
        wait("the kernel", lambda: "Idle" in self.page.text("#jp-main-statusbar"))

    def menu(self, menu: str, item: str) -> None:
        """Choose from a menu, and say yes where JupyterLab asks."""
        self._click(".lm-MenuBar-item", menu)
        self._click(".lm-Menu-item", item)
        self.accept()

    def button(self, command: str) -> None:
        """Press a button above the notebook."""
        self.page.shown(f'{PANEL} [data-command="notebook:{command}"]')[0].click()
        self.accept()

    def accept(self) -> None:
        """Say yes if JupyterLab asks within a second."""
        time.sleep(1)
        for button in self.page.shown(".jp-Dialog button.jp-mod-accept"):
            button.click()

    def _click(self, css: str, text: str) -> None:
        def found() -> list[Any]:
            return [e for e in self.page.shown(css) if e.text.startswith(text)]

        wait(text, found, 20)
        found()[0].click()

    def go_to(self, text: str) -> None:
        """Scroll to the cell of code with this text and click into it."""
        scroll = "document.querySelector(arguments[0]).scrollTop = arguments[1]"
        panel = f"{PANEL} .jp-WindowedPanel-outer"
        for top in range(0, 100_000, 300):
            self.page.driver.execute_script(scroll, panel, top)
            time.sleep(0.15)
            for cell in self.page.shown(f"{PANEL} .jp-CodeCell"):
                if text in cell.text:
                    cell.find_element(By.CSS_SELECTOR, ".cm-content").click()
                    return
        raise AssertionError(f"no cell has {text!r}")

    def run_cell(self) -> None:
        """Press Control-Enter, as one does to run a cell again."""
        self.page.keys(Keys.ENTER, held=Keys.CONTROL)

    def saved(self, name: str) -> list[dict[str, Any]]:
        """Save the open notebook and return its cells of code."""
        file = self.folder / name
        before = file.stat().st_mtime_ns
        self.page.keys("s", held=Keys.CONTROL)
        with contextlib.suppress(AssertionError):  # nothing to save
            wait("the file", lambda: file.stat().st_mtime_ns != before, 10)
        cells = json.loads(file.read_text(encoding="utf-8"))["cells"]
        return [cell for cell in cells if cell["cell_type"] == "code"]

    def shows(self, words: str) -> Callable[[], bool]:
        """Return what tells whether an output that is seen has these words."""
        return lambda: words in self.page.text(f"{PANEL} .jp-OutputArea-output")

    def name_of(self, picture: Any) -> str:
        """Return the name that a screen reader reads, of a picture that is scrolled to."""
        self.page.driver.execute_script("arguments[0].scrollIntoView()", picture)
        time.sleep(0.3)
        return picture.accessible_name

    def rest(self) -> None:
        """Wait until the kernel has nothing to do."""
        time.sleep(2)
        wait("the end", lambda: "Idle" in self.page.text("#jp-main-statusbar"), LIMIT)

    def kill(self) -> None:
        """Kill the kernel as a lack of memory does."""
        for process in Path("/proc").glob("[0-9]*/cmdline"):
            with contextlib.suppress(OSError):
                command = process.read_text()
                if "ipykernel_launcher" in command and str(self.lab.runtime) in command:
                    os.kill(int(process.parent.name), signal.SIGKILL)


def text_of(cell: dict[str, Any]) -> str:
    """Return what a cell printed, raised or returned."""
    texts = []
    for output in cell["outputs"]:
        texts += [*output.get("text", []), "\n".join(output.get("traceback", []))]
        texts += output.get("data", {}).get("text/plain", [])
    return COLOUR.sub("", "".join(texts))


# --- what hurt, each with what is seen when it does not -----------------------------------


def stop_and_run_again(desk: Desk) -> tuple[str, str]:
    """Run all, stop in the training; run its cell again; kill the kernel; run all again."""
    desk.open("7.6-lenet.ipynb")
    desk.menu("Kernel", "Restart Kernel and Clear Outputs")
    desk.rest()
    desk.menu("Run", "Run All Cells")
    desk.go_to(TRAINING)
    wait("the training", desk.shows("Training on"), LIMIT)
    time.sleep(8)
    desk.button("interrupt-kernel")
    desk.rest()
    desk.page.screenshot("desk-1-stopped")
    cells = desk.saved("7.6-lenet.ipynb")
    place = next(i for i, cell in enumerate(cells) if TRAINING in "".join(cell["source"]))
    below = [c for c in cells[place + 1 :] if c["outputs"]]
    stopped = f"{len(below)} cells below ran" if below else "mended: no cell below ran"
    desk.go_to(TRAINING)
    desk.run_cell()
    time.sleep(10)
    on = desk.shows("Going on from")()
    desk.page.screenshot("desk-2-run-again")
    desk.kill()
    time.sleep(5)
    desk.accept()  # that the kernel died
    desk.button("restart-run-all")
    desk.go_to(TRAINING)
    wait("the training", desk.shows("Training on"), LIMIT)
    time.sleep(6)
    after_death = desk.shows("Going on from")()
    desk.page.screenshot("desk-3-after-the-kernel-died")
    desk.button("interrupt-kernel")
    desk.rest()
    goes_on = f"goes on: after Stop {on}, after the kernel died {after_death}"
    return f"mended: {goes_on}" if on and after_death else goes_on, stopped


def leave_half_a_line(desk: Desk) -> str:
    """Leave a magic and half a line in 7.6, clear 8.2's outputs, and open the comparison."""
    desk.open("7.6-lenet.ipynb")
    desk.go_to("import helpers")
    desk.page.keys(Keys.END, held=Keys.CONTROL)
    desk.page.keys("\n%timeit 1\nunfinished = (")
    desk.saved("7.6-lenet.ipynb")
    desk.open("8.2-vgg.ipynb")
    desk.menu("Edit", "Clear Outputs of All Cells")
    desk.saved("8.2-vgg.ipynb")
    desk.open("8-compare.ipynb")
    desk.menu("Run", "Run All Cells")
    desk.rest()
    desk.page.screenshot("desk-4-compare")
    errors = [
        output["evalue"]
        for cell in desk.saved("8-compare.ipynb")
        for output in cell["outputs"]
        if output["output_type"] == "error"
    ]
    return f"8-compare: {errors[0][:60]}" if errors else "mended: 8-compare runs"


def modified(course: Path) -> set[str]:
    """Return what git says is modified among the notebooks."""
    command = ["git", "status", "--porcelain", "--untracked-files=no", "notebooks"]
    said = subprocess.run(command, cwd=course, capture_output=True, text=True, check=True).stdout
    return set(said.splitlines())


def read_the_pictures(desk: Desk) -> str:
    """Look for the accessible names of pictures that were just drawn."""
    desk.open("7.2-conv-layer.ipynb")
    desk.menu("Run", "Run All Cells")
    desk.rest()
    desk.go_to("show_")
    time.sleep(2)
    pictures = desk.page.shown(f"{PANEL} .jp-OutputArea-output img")
    named = [p for p in pictures if len(desk.name_of(p)) > 20]
    well = pictures and len(named) == len(pictures)
    return ("mended: " if well else "") + f"{len(named)} of {len(pictures)} pictures have names"


def run_a_cell_late(desk: Desk) -> str:
    """Run the first corr2d(X…, K…) again after all others."""
    name, example = "7.2-conv-layer.ipynb", re.compile(r"^(helpers\.)?corr2d\(X\w*, K\w*\)$", re.M)
    cells = desk.saved(name)
    first = next(cell for cell in cells if example.search("".join(cell["source"])))
    before = text_of(first)
    source = "".join(first["source"])
    desk.go_to(source.splitlines()[-1])
    desk.run_cell()
    desk.rest()
    after = next(text_of(c) for c in desk.saved(name) if "".join(c["source"]) == source)
    return "mended: the same again" if after == before else "other numbers, no error"


def make_a_mistake(desk: Desk) -> str:
    """Call corr2d with what it cannot take."""
    name, call = "7.2-conv-layer.ipynb", "helpers.corr2d(torch.ones(2, 2), torch.ones(3, 3))"
    desk.go_to("import helpers")
    desk.page.keys(Keys.END, held=Keys.CONTROL)
    desk.page.keys(f"\n{call}")
    desk.run_cell()
    desk.rest()
    desk.page.screenshot("desk-5-mistake")
    cell = next(c for c in desk.saved(name) if call in "".join(c["source"]))
    lines = len(text_of(cell).strip().splitlines())
    return f"{'mended: ' * (0 < lines <= 12)}{lines} lines of traceback"


def walk(desk: Desk, course: Path) -> list[tuple[str, str]]:
    """Take the whole walk; return what hurt and what was seen."""
    before = modified(course)
    goes_on, stops = stop_and_run_again(desk)
    found = [
        ("a stopped or killed training is lost", goes_on),
        ("Stop does not stop Run All", stops),
        ("edits leak into other pages", leave_half_a_line(desk)),
        ("no alternative text in the page", read_the_pictures(desk)),
        ("a cell run late gives other numbers", run_a_cell_late(desk)),
        ("errors stand under our own frames", make_a_mistake(desk)),
    ]
    count = len(modified(course) - before)
    safe = f"{count} notebooks modified for git" if count else "mended: nothing modified for git"
    return [*found, ("no safe place for one's own work", safe)]


def main() -> None:
    """Run the command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--python", default=str(ROOT / ".venv" / "bin" / "python"))
    parser.add_argument("--before", type=Path, help="another checkout of the course")
    arguments = parser.parse_args()
    course = (arguments.before or ROOT).resolve()
    plain = course / "notebooks" if arguments.before else None
    os.environ["PYTHONPATH"] = str(course)  # the kernels take this checkout's helpers
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as name:
        folder = Path(name).resolve()
        page, lab = Page(folder), Lab(arguments.python, folder, course, plain)
        try:
            found = walk(Desk(page, lab, plain or folder / "work"), course)
        except BaseException:
            page.screenshot("failed")
            print("".join(lab.lines[-20:]))
            raise
        finally:
            lab.stop()
            page.driver.quit()
    print("| what hurt | seen |\n| --- | --- |")
    for hurt, seen in found:
        print(f"| {hurt} | {seen} |")
    print(f"screenshots: {SCREENSHOTS}")
    sys.exit(not all(seen.startswith("mended") for _, seen in found))


if __name__ == "__main__":
    main()
