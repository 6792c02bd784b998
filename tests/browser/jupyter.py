"""A JupyterLab that a student starts, and the window it is seen in.

The walks in this folder share it. Needs Chromium and its driver (Debian: chromium and
chromium-driver) and selenium from PyPI, best in an environment of its own. Screenshots go to
tests/browser/screenshots/. Nothing of yours is touched: the working copy, the browser's and
Jupyter's own files lie in a temporary folder.
"""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from tests.browser import chromium
from tests.browser.chromium import ADDRESS, By, wait

__all__ = ["ROOT", "Lab", "Page"]

ROOT = Path(__file__).resolve().parents[2]


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
