"""What a student does in JupyterLab: opens notebooks, clicks, types, stops, and starts again.

The walks in this folder share it; it needs what `tests.browser.jupyter` needs.
"""

import contextlib
import json
import os
import signal
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Self

from tests.browser.chromium import By, ElementClickInterceptedException, Keys, wait
from tests.browser.jupyter import ROOT, Lab, Page

__all__ = ["LIMIT", "MINE", "PANEL", "Desk", "Walk", "edit", "save"]

PANEL = ".jp-NotebookPanel:not(.lm-mod-hidden)"
LIMIT = 600  # seconds, for a notebook on a busy machine
MINE = "# written by a student"


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
                    with contextlib.suppress(ElementClickInterceptedException):  # at the edge
                        cell.find_element(By.CSS_SELECTOR, ".cm-content").click()
                        return
        raise AssertionError(f"no cell has {text!r}")

    def run_cell(self) -> None:
        """Press Control-Enter, as one does to run a cell again."""
        self.page.keys(Keys.ENTER, held=Keys.CONTROL)

    def saved(self, name: str) -> list[dict[str, Any]]:
        """Save the open notebook and return its cells of code."""
        file = self.folder / name
        save(self.page, file)
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


def save(page: Page, file: Path) -> bool:
    """Press Control-S; return whether the file was written, and all of it is there."""
    before = file.stat().st_mtime_ns
    page.keys("s", held=Keys.CONTROL)
    try:
        wait("the file", lambda: file.stat().st_mtime_ns != before, 20)
    except AssertionError:
        return False  # there was nothing to save
    wait("all of the file", lambda: _is_whole(file))  # Jupyter writes into the file itself
    return True


def _is_whole(file: Path) -> bool:
    try:
        json.loads(file.read_text(encoding="utf-8"))
    except json.JSONDecodeError:
        return False
    return True


def edit(page: Page, file: Path) -> None:
    """Write a line into the first cell of code of a notebook and save it."""
    wait("the kernel", lambda: "Idle" in page.text("#jp-main-statusbar"))
    page.shown(".jp-CodeCell .cm-content")[0].click()
    page.keys(Keys.HOME, held=Keys.CONTROL)
    page.keys(MINE + "\n")
    save(page, file)
    assert MINE in file.read_text(encoding="utf-8"), "the line was not saved"


class Walk:
    """A browser and the JupyterLab that it looks at, in a temporary folder, until a `with` ends.

    If the walk ends with an error, the window is kept as the screenshot `<name>-failed` and the
    last lines of the terminal are printed.
    """

    page: Page

    def __init__(
        self,
        name: str,
        python: str,
        course: Path = ROOT,
        plain: Path | None = None,
        options: Sequence[str] = (),
    ):
        self.name, self.python, self.course = name, python, course
        self.plain, self.options = plain, options
        self.lab: Lab | None = None
        self._temporary = tempfile.TemporaryDirectory(ignore_cleanup_errors=True)
        self.folder = Path(self._temporary.name).resolve()
        self.work = plain or self.folder / "work"

    def __enter__(self) -> Self:
        self.page = Page(self.folder)
        return self

    def start(self) -> Lab:
        """Start JupyterLab, after the one before was stopped."""
        self.stop()
        self.lab = Lab(self.python, self.folder, self.course, self.plain, self.options)
        return self.lab

    def stop(self) -> None:
        """Stop JupyterLab, if it was started."""
        if self.lab is not None:
            self.page.driver.get("about:blank")
            self.lab.stop()
            self.lab = None

    def desk(self) -> Desk:
        """Return what a student does in the JupyterLab that is started anew."""
        return Desk(self.page, self.start(), self.work)

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        try:
            if kind is not None:
                self.page.screenshot(f"{self.name}-failed")
                print("".join(self.lab.lines[-20:] if self.lab else ()))
        finally:
            self.stop()
            self.page.driver.quit()
            self._temporary.cleanup()
