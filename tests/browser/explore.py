"""Use the explorer in JupyterLab with the keyboard alone, and look at it in all its looks.

    python -m tests.browser.explore [--python .venv/bin/python]

runs `helpers.explore()`, types a kernel of its own, padding 1 and stride 2, and moves the window,
without the mouse; then one click. What is said, the names that a screen reader reads, and the
contrast of every text in the light and the dark theme must be right.

Needs Chromium and its driver (Debian: chromium and chromium-driver) and selenium from PyPI,
best in an environment of its own. Screenshots go to tests/browser/screenshots/.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from functools import partial
from pathlib import Path
from typing import Any

from tests.browser import chromium
from tests.browser.chromium import ADDRESS, By, Keys, webdriver
from tests.browser.looks import least_contrast, themes

ROOT = Path(__file__).resolve().parents[2]
PATIENCE = 60  # seconds
wait = partial(chromium.wait, limit=PATIENCE)
CELLS = (
    "import helpers",
    "helpers.explore()",
    "import torch\n"
    "helpers.explore(torch.arange(64.0).reshape(8, 8), torch.ones(3, 3), padding=1, above=[3])",
)
ACTIVE = """
const e = document.activeElement;
const label = e.id ? document.querySelector(`label[for="${e.id}"]`) : null;
return [!!e.closest('.cx'), e.getAttribute('aria-label') || (label ? label.textContent : '')
        || e.className]
"""
CONTROLS = ".cx input, .cx textarea, .cx select, .cx [role], .cx [tabindex='0']"


class Page:
    """JupyterLab with a notebook of explorers."""

    def __init__(self, browser: webdriver.Chrome):
        self.browser, self.failures = browser, list[str]()

    def check(self, what: str, holds: bool, found: object = "") -> None:
        """Print whether something holds."""
        print(("ok    " if holds else "FAILS ") + what + (f": {found}" if not holds else ""))
        if not holds:
            self.failures.append(what)

    def text(self, css: str) -> str:
        """Return what the first element says."""
        found = self.browser.find_elements(By.CSS_SELECTOR, css)
        return found[0].text if found else ""

    def keys(self, *keys: str, held: str | None = None) -> None:
        """Press keys, while one is held."""
        chromium.press(self.browser, *keys, held=held)

    def tab_to(self, name: str) -> int:
        """Press Tab until something of this name has the focus; return how often."""
        seen = []
        for n in range(1, 60):
            self.keys(Keys.TAB)
            inside, found = self.browser.execute_script(ACTIVE)
            seen.append(found)
            if inside and name in found:
                return n
        raise AssertionError(f"no {name!r} among {seen}")

    def type(self, name: str, text: str) -> None:
        """Go to a field and replace what is in it."""
        self.tab_to(name)
        self.keys("a", held=Keys.CONTROL)
        for n, line in enumerate(text.split("\n")):
            self.keys(*([Keys.ENTER] if n else []), line)

    def said(self, *parts: str) -> None:
        """Wait until the explorer says this."""
        try:
            wait("", lambda: all(part in self.text(".cx-said") for part in parts), limit=10)
        except AssertionError:
            pass
        found = self.text(".cx-said")
        self.check(f"it says {parts}", all(part in found for part in parts), found)

    def look(self, name: str) -> None:
        """Look at the explorers in both themes, on a wide and on a narrow screen."""
        for theme in themes(self.browser):
            least, where = least_contrast(self.browser, ".cx")
            self.check(f"{theme}: contrast at least 4.5", least >= 4.5, f"{least:.1f}, {where}")
            for width in (1280, 640):
                self.browser.set_window_size(width, 1400)
                self.browser.execute_script(
                    "document.querySelector('.cx').scrollIntoView({block: 'start'})"
                )
                time.sleep(1)
                chromium.screenshot(self.browser, f"explore-{name}-{theme.lower()}-{width}")
        self.browser.set_window_size(1280, 1400)


def walk(page: Page) -> None:
    """Take the whole walk; the mouse comes last."""
    wait("the kernel", lambda: "Idle" in page.text("#jp-main-statusbar"))
    page.browser.execute_script("window.jupyterapp.commands.execute('notebook:run-all-cells')")
    wait("the explorers", lambda: len(page.browser.find_elements(By.CSS_SELECTOR, ".cx")) == 2)
    wait("the first sentence", lambda: "is 19" in page.text(".cx-said"))
    page.browser.execute_script(
        "window.jupyterapp.shell.currentWidget.content.activeCellIndex = 1;"
        "window.jupyterapp.shell.currentWidget.content.mode = 'command';"
        "window.jupyterapp.shell.currentWidget.content.activate()"
    )
    time.sleep(2)
    print(f"      {page.tab_to('compute')} times Tab to the explorer")
    page.type("input", "0 1 2\n3 4 5\n6 7 8")
    page.type("kernel", "1 0; -1 2")
    for name in ("padding", "stride"):
        for axis in ("rows", "columns"):
            page.type(f"{name}, {axis}", "1" if name == "padding" else "2")
    page.tab_to("Arrow keys")
    page.said("Window 1 of 4: rows −1, 0", "3 of its 4 cells are padding")
    page.keys(Keys.ARROW_RIGHT)
    page.said("Window 2 of 4", "0·1 + 0·0 + 1·(−1) + 2·2 = 3")
    page.keys(Keys.ARROW_DOWN)
    page.said("Window 4 of 4", "4·1 + 5·0 + 7·(−1) + 8·2 = 13")
    page.keys(*[Keys.HOME, Keys.ARROW_RIGHT, Keys.ARROW_LEFT, Keys.ARROW_DOWN] * 5)
    page.said("Window 3 of 4", "0·1 + 3·0 + 0·(−1) + 6·2 = 12")
    page.tab_to("window number")
    page.keys(Keys.ARROW_RIGHT)
    page.said("Window 4 of 4")
    formula = "⌊(3 − 2 + 2·1 + 2) / 2⌋ = 2"
    page.check("the formula stands there", formula in page.text(".cx-formulas"))
    live = page.browser.find_element(By.CSS_SELECTOR, ".cx-said").get_attribute("aria-live")
    page.check("what is said is read out", live == "polite", live)
    controls = page.browser.find_elements(By.CSS_SELECTOR, CONTROLS)
    named = [(c.aria_role, c.accessible_name) for c in controls if c.is_displayed()]
    page.check("every control has a name", len(named) > 20 and all(map(all, named)), named)
    page.look("set")
    page.keys(Keys.SHIFT + Keys.TAB)
    reverse_to_padding(page)
    page.keys("a", held=Keys.CONTROL)
    page.keys("0", Keys.TAB)
    page.tab_to("dilation, rows")
    page.keys("a", held=Keys.CONTROL)
    page.keys("3", Keys.TAB)
    page.said("Not possible", "The window spans 4 rows, the input has only 3")
    chromium.screenshot(page.browser, "explore-impossible")
    cell = page.browser.find_elements(By.CSS_SELECTOR, ".cx")[1].find_elements(
        By.CSS_SELECTOR, "table:last-child td[data-go='2,3']"
    )
    cell[-1].click()
    second = ".jp-Cell:nth-child(3) .cx-said"
    clicked = "[2, 3] of layer 2 depends on 3 × 3 = 9 outputs of layer 1 and 5 × 5 = 25 inputs"
    page.check("a click", bool(wait("the click", lambda: clicked in page.text(second), limit=10)))


def reverse_to_padding(page: Page) -> None:
    """Press Shift and Tab until the padding of rows has the focus."""
    for _ in range(20):
        if page.browser.execute_script(ACTIVE)[1] == "padding, rows":
            return
        page.keys(Keys.TAB, held=Keys.SHIFT)
    raise AssertionError("no way back to the padding")


def notebook() -> dict[str, Any]:
    """Return a notebook of explorers."""
    cells: list[dict[str, Any]] = [
        {"cell_type": "code", "id": f"cell-{n}", "metadata": {}, "execution_count": None,
         "outputs": [], "source": source}
        for n, source in enumerate(CELLS)
    ]  # fmt: skip
    kernel = {"display_name": "Python 3", "language": "python", "name": "python3"}
    return {"cells": cells, "metadata": {"kernelspec": kernel}, "nbformat": 4, "nbformat_minor": 5}


def main() -> None:
    """Run the command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--python", default=str(ROOT / ".venv" / "bin" / "python"))
    python = parser.parse_args().python
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as name:
        folder = Path(name)
        (folder / "explore.ipynb").write_text(json.dumps(notebook()), encoding="utf-8")
        own = {f"JUPYTER_{kind}_DIR": str(folder / kind) for kind in ("CONFIG", "RUNTIME")}
        command = [
            python, "-m", "jupyterlab", "--no-browser", "--ip=127.0.0.1", "--port=0",
            "--allow-root", "--LabApp.expose_app_in_browser=True",
            f"--ServerApp.root_dir={folder}",
        ]  # fmt: skip
        more = own | {"PYTHONPATH": str(ROOT), "COMPANION_WORK": str(folder / "work")}
        log = folder / "log"
        with log.open("w") as out:
            server = subprocess.Popen(
                command, env=os.environ | more, stdout=out, stderr=subprocess.STDOUT
            )
        browser = chromium.start(folder, height=1400)
        page = Page(browser)
        try:
            address = wait("address", lambda: ADDRESS.search(log.read_text(encoding="utf-8")))[0]
            base, token = address.split("/lab")[0].split("/?")[0], address.split("token=")[1]
            browser.get(f"{base}/lab/tree/explore.ipynb?token={token}")
            walk(page)
        except BaseException:
            chromium.screenshot(browser, "explore-failed")
            raise
        finally:
            browser.quit()
            server.terminate()
            server.wait(timeout=PATIENCE)
    sys.exit(f"{len(page.failures)} failures" if page.failures else 0)


if __name__ == "__main__":
    main()
