"""Open `make lab` in a real browser as a student would, and look whether it holds its promises.

    python -m tests.browser.lab [--python .venv/bin/python]

Needs Chromium and its driver (Debian: chromium and chromium-driver) and selenium from PyPI,
best in an environment of its own. Screenshots go to tests/browser/screenshots/. Nothing of
yours is touched: the working copy, the browser's and Jupyter's own files lie in a temporary folder.
"""

import argparse
import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from tests.browser import chromium
from tests.browser.chromium import ADDRESS, SCREENSHOTS, By, Keys, wait
from tools.lab import content

ROOT = Path(__file__).resolve().parents[2]
QUESTIONS = ".jp-Dialog, .Toastify__toast"
MINE = "# written by a student"


class Lab:
    """A `python -m tools.lab` of a course, or a JupyterLab without it, and what it prints."""

    def __init__(
        self,
        python: str,
        folder: Path,
        course: Path = ROOT,
        plain: Path | None = None,
        options: Sequence[str] = (),
    ):
        self.began, self.lines = time.monotonic(), list[str]()
        self.runtime = folder / "RUNTIME"
        module = ["jupyterlab", f"--ServerApp.root_dir={plain}"] if plain else ["tools.lab"]
        root = ["--allow-root"] if hasattr(os, "geteuid") and os.geteuid() == 0 else []
        # As on a new computer: none of the user's own settings.
        own = {f"JUPYTER_{name}_DIR": str(folder / name) for name in ("CONFIG", "DATA", "RUNTIME")}
        self.process = subprocess.Popen(
            [python, "-m", *module, "--no-browser", "--port=8950", *root, *options],
            cwd=course,
            env=os.environ | own | ({} if plain else {"COMPANION_WORK": str(folder / "work")}),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            encoding="utf-8",
        )
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self) -> None:
        assert self.process.stdout
        for line in self.process.stdout:
            self.lines.append(line)

    def address(self) -> str:
        """Return the address that the terminal shows."""
        found = wait("the address in the terminal", lambda: ADDRESS.search("".join(self.lines)))
        return found[0]

    def seconds(self) -> float:
        """Return the seconds since the command was given."""
        return time.monotonic() - self.began

    def stop(self) -> None:
        """Press Control-C twice."""
        for _ in range(2):
            if sys.platform == "win32":
                self.process.terminate()
            else:
                self.process.send_signal(signal.SIGINT)
            time.sleep(1)
        self.process.wait(90)


class Page:
    """The browser's window."""

    def __init__(self, folder: Path):
        self.driver = chromium.start(folder, height=960)

    def shown(self, css: str) -> list[Any]:
        """Return the visible elements of the visible notebook, or of the frame around it."""
        return [e for e in self.driver.find_elements(By.CSS_SELECTOR, css) if _visible(e)]

    def text(self, css: str) -> str:
        """Return what the visible elements say."""
        return "\n".join(e.text for e in self.shown(css))

    def keys(self, *keys: str, held: str | None = None) -> None:
        """Press keys, while one is held."""
        chromium.press(self.driver, *keys, held=held)

    def screenshot(self, name: str) -> None:
        """Store what the window shows."""
        chromium.screenshot(self.driver, name)


def _visible(element: Any) -> bool:
    try:
        return element.is_displayed()
    except Exception:  # it was drawn anew meanwhile
        return False


def open_start_page(page: Page, lab: Lab, name: str) -> float:
    """Open the printed address; return the seconds from the command to the start page."""
    page.driver.get(lab.address())
    title = "Convolutional networks, hands on"
    wait("the start page", lambda: title in page.text(".jp-RenderedMarkdown h1"))
    seconds = lab.seconds()
    time.sleep(6)  # questions come late
    page.screenshot(name)
    questions = [e.text for e in page.shown(QUESTIONS)]
    assert not questions, f"JupyterLab asks: {questions}"
    return seconds


def run_ready_check(page: Page) -> None:
    """Run the first cell of code and watch what it says."""
    wait("the kernel", lambda: "Idle" in page.text("#jp-main-statusbar"))
    assert page.shown(".jp-CodeCell"), "the ready check is below the first screen"
    page.shown(".jp-CodeCell .cm-content")[0].click()
    began = time.monotonic()
    page.keys(Keys.ENTER, held=Keys.SHIFT)
    number = ".jp-CodeCell .jp-InputPrompt"
    wait("a cell at work", lambda: "[*]" in page.text(number), 10)
    output = ".jp-CodeCell .jp-OutputArea-output"
    # Words that another cell has stored may be in the page, too.
    wait("its first line", lambda: page.shown(output)[0].text.strip().endswith("imported …"), 10)
    print(f"ready check: first line after {time.monotonic() - began:.1f} s", end="")
    page.screenshot("2-ready-check-at-work")
    wait("'ready'", lambda: "\nready: " in page.text(output) and "[1]" in page.text(number))
    print(f", ready after {time.monotonic() - began:.1f} s")
    page.screenshot("3-ready")


def save_what_was_run(page: Page, file: Path) -> None:
    """Save a notebook that was run and not changed: the next update is to find it untouched."""
    before = file.stat().st_mtime_ns
    page.keys("s", held=Keys.CONTROL)
    wait("the file", lambda: file.stat().st_mtime_ns != before, 20)
    saved, stored = content.read(file), content.read(ROOT / "notebooks" / file.name)
    assert saved == stored, "opening, running and saving a notebook counts as a change"


def open_from_start_page(page: Page, name: str) -> None:
    """Follow the start page's link to a notebook."""
    links = f".jp-RenderedMarkdown a[href*='{name}']"
    cell = "arguments[0].closest('.jp-Cell')"
    for picture, place in (("4-below-the-links", f"{cell}.nextElementSibling"), ("4-links", cell)):
        link = page.driver.find_element(By.CSS_SELECTOR, links)
        page.driver.execute_script(f"{place}.scrollIntoView()", link)
        time.sleep(1)
        page.screenshot(picture)
    link.click()
    wait(name, lambda: name in page.text(".lm-TabBar-tab.jp-mod-current .lm-TabBar-tabLabel"))
    wait("its title", lambda: page.text(".jp-RenderedMarkdown h1").startswith(name[:3]))


def edit(page: Page, file: Path) -> None:
    """Write a line into the first cell of code of a notebook and save it."""
    wait("the kernel", lambda: "Idle" in page.text("#jp-main-statusbar"))
    page.shown(".jp-CodeCell .cm-content")[0].click()
    page.keys(Keys.HOME, held=Keys.CONTROL)
    page.keys(MINE + "\n")
    page.keys("s", held=Keys.CONTROL)
    wait("the file", lambda: MINE in file.read_text(encoding="utf-8"), 20)
    page.screenshot("5-edited")


def walk(python: str, folder: Path) -> None:
    """Take the whole walk."""
    course = {path: path.read_bytes() for path in (ROOT / "notebooks").glob("*.ipynb")}
    page = Page(folder)
    file = folder / "work" / "7.2-conv-layer.ipynb"
    lab = Lab(python, folder)
    try:
        print(f"first start: {open_start_page(page, lab, '1-first-start'):.1f} s to the start page")
        run_ready_check(page)
        save_what_was_run(page, file.with_name("index.ipynb"))
        open_from_start_page(page, file.name)
        edit(page, file)
        second = Lab(python, folder)
        assert second.address() == lab.address(), "a second start takes a second server"
        second.process.wait(30)
        lab.stop()
        page.driver.get("about:blank")
        lab = Lab(python, folder)
        print(f"second start: {open_start_page(page, lab, '6-second-start'):.1f} s")
        open_from_start_page(page, file.name)
        wait("the edit", lambda: MINE in page.text(".jp-CodeCell .cm-content"))
        page.screenshot("7-edit-is-there")
        assert not page.shown(QUESTIONS)
    except BaseException:
        page.screenshot("failed")
        print("".join(lab.lines))
        raise
    finally:
        lab.stop()
        page.driver.quit()
    print("in the terminal:\n" + "".join("    " + line for line in lab.lines))
    assert course == {path: path.read_bytes() for path in course}, "the course was written to"
    print(f"all well; screenshots: {SCREENSHOTS}")


def main() -> None:
    """Run the command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    venv = ROOT / ".venv" / ("Scripts/python.exe" if sys.platform == "win32" else "bin/python")
    default = str(venv) if venv.exists() else sys.executable
    parser.add_argument("--python", default=default, help="the Python that has JupyterLab")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        walk(arguments.python, Path(folder).resolve())


if __name__ == "__main__":
    main()
