"""Work on a task in JupyterLab: wrong, hint by hint, right, and find it again after a restart.

    python -m tests.browser.study [--python .venv/bin/python]

writes a flipped kernel into the stub of 7.2 A, asks for hints, mends it, makes an error and an
endless loop; restarts JupyterLab and looks for what was passed on the start page; then trains in
8.3 and reads where the run lies among other seeds. What is said, the contrast of every text in
the light and the dark theme, and that nothing is wider than the window must be right.

Needs what `tests.browser.lab` needs; takes about four minutes. Screenshots go to
tests/browser/screenshots/.
"""

import argparse
import os
import sys
import time

from tests.browser.chromium import SCREENSHOTS, By, Keys, wait
from tests.browser.jupyter import ROOT
from tests.browser.looks import least_contrast, themes
from tests.browser.visit import PANEL, Desk, Walk

NOTEBOOK, TASK = "7.2-conv-layer.ipynb", "7.2 A"
STUB, CHECK = f'@helpers.task("{TASK}")', f'helpers.check("{TASK}", corr2d)'
WRITTEN = "def corr2d(X, K): "  # in one line: the editor indents by itself
CONV = "return torch.nn.functional.conv2d(X[None, None], {}[None, None])[0, 0]"
OPTIONS = ["--LabApp.expose_app_in_browser=True"]  # for the themes
ATTEMPTS = (
    (CONV.format("K.flip(0, 1)"), "flipped kernel", "mathematical convolution"),
    ("return X[0, 99]", "not right yet", "IndexError"),
    ("exec('while True: pass')", "not right yet", "endless"),
    (CONV.format("K"), "passed ✓", ""),
)


class Study:
    """A student at a task, and what was not as it should be."""

    def __init__(self, desk: Desk):
        self.desk, self.failures = desk, list[str]()

    def check(self, what: str, holds: bool, found: object = "") -> None:
        """Print whether something holds."""
        print(("ok    " if holds else "FAILS ") + what + (f": {found}" if not holds else ""))
        if not holds:
            self.failures.append(what)

    def write(self, cell: str, text: str) -> None:
        """Put a text in the place of what a cell holds, and run it."""
        self.desk.go_to(cell)
        self.desk.page.keys("a", held=Keys.CONTROL)
        self.desk.page.keys(text)
        self.desk.run_cell()
        self.desk.rest()

    def said(self) -> str:
        """Return what stands below the cell that has the focus."""
        return self.desk.page.text(f"{PANEL} .jp-Cell.jp-mod-active .jp-OutputArea-output")

    def attempts(self) -> None:
        """Write wrong attempts and a right one, and read what is said of each."""
        self.desk.open(NOTEBOOK)
        self.desk.menu("Kernel", "Restart Kernel and Clear Outputs")
        self.desk.rest()
        self.desk.go_to("import helpers")
        self.desk.run_cell()
        self.desk.rest()
        cell = STUB
        for n, (line, *parts) in enumerate(ATTEMPTS):
            self.write(cell, WRITTEN + line)
            cell = WRITTEN
            self.desk.go_to(CHECK)
            self.desk.run_cell()
            self.desk.rest()
            said = self.said()
            self.check(f"it says {parts}", all(part in said for part in parts), said)
            if n == 0:
                self.look("verdict")
        self.desk.page.screenshot("study-passed")

    def hints(self) -> None:
        """Ask for one hint after the other."""
        found = []
        self.desk.go_to(CHECK)
        self.desk.page.keys("a", held=Keys.CONTROL)
        self.desk.page.keys(f'helpers.hint("{TASK}")')
        for _ in range(4):
            self.desk.run_cell()
            self.desk.rest()
            found.append(self.said())
        self.check("each call has another hint", len(set(found)) == 4, found)
        self.check("the last is nearly the solution", "* K).sum()" in found[-1], found[-1])
        self.desk.page.screenshot("study-hints")

    def look(self, name: str) -> None:
        """Look at the cell that has the focus in both themes, wide and narrow."""
        driver = self.desk.page.driver
        area = f"{PANEL} .jp-Cell.jp-mod-active .jp-OutputArea-output"
        for theme in themes(driver):
            least, where = least_contrast(driver, area)
            self.check(f"{theme}: contrast at least 4.5", least >= 4.5, f"{least:.1f}, {where}")
            for width in (1280, 640):
                driver.set_window_size(width, 960)
                driver.execute_script(
                    "document.querySelector(arguments[0]).scrollIntoView({block: 'center'})", area
                )
                time.sleep(1)
                self.desk.page.screenshot(f"study-{name}-{theme.lower()}-{width}")
        driver.set_window_size(1280, 960)

    def band(self) -> None:
        """Train, and read where the run lies among other seeds."""
        self.desk.open("8.3-nin.ipynb")
        self.desk.menu("Run", "Run All Cells")
        self.desk.rest()
        self.desk.go_to("helpers.on_band(")
        wait("the band", self.desk.shows("in the band of 5 seeds"), 60)
        pictures = self.desk.page.driver.find_elements(
            By.CSS_SELECTOR, f"{PANEL} .jp-Cell.jp-mod-active .jp-OutputArea-output img"
        )
        names = [self.desk.name_of(picture) for picture in pictures]
        self.check("the band has a name", any("band" in name for name in names), names)
        self.look("band")

    def progress(self) -> None:
        """Look on the start page for what was passed."""
        self.desk.open("index.ipynb")
        for cell in ("import helpers", "helpers.progress()"):
            self.desk.go_to(cell)
            self.desk.run_cell()
            self.desk.rest()
        said = self.said()
        self.check("what was passed is kept", "1 of " in said and "last at 7.2 A" in said, said)
        self.look("progress")


def main() -> None:
    """Run the command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--python", default=str(ROOT / ".venv" / "bin" / "python"))
    python = parser.parse_args().python
    os.environ["PYTHONPATH"] = str(ROOT)
    with Walk("study", python, options=OPTIONS) as here:
        study = Study(here.desk())
        study.attempts()
        study.hints()
        study.desk = here.desk()
        study.progress()
        study.band()
    print(f"screenshots: {SCREENSHOTS}")
    sys.exit(f"{len(study.failures)} failures" if study.failures else 0)


if __name__ == "__main__":
    main()
