"""Open `make lab` in a real browser as a student would, and look whether it holds its promises.

    python -m tests.browser.lab [--python .venv/bin/python]

Needs Chromium and its driver (Debian: chromium and chromium-driver) and selenium from PyPI,
best in an environment of its own. Nothing of yours is touched: the working copy, the browser's
and Jupyter's own files lie in a temporary folder. Screenshots go to tests/browser/screenshots/.
"""

import argparse
import sys
import time
from pathlib import Path

from tests.browser.chromium import SCREENSHOTS, By, Keys, wait
from tests.browser.jupyter import ROOT, Lab, Page
from tests.browser.visit import MINE, Walk, edit, save
from tools.lab import content

QUESTIONS = ".jp-Dialog, .Toastify__toast"


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
    assert save(page, file), "nothing was saved of what was run"
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


def walk(python: str) -> None:
    """Take the whole walk."""
    course = {path: path.read_bytes() for path in (ROOT / "notebooks").glob("*.ipynb")}
    with Walk("lab", python) as here:
        page, lab = here.page, here.start()
        file = here.work / "7.2-conv-layer.ipynb"
        print(f"first start: {open_start_page(page, lab, '1-first-start'):.1f} s to the start page")
        run_ready_check(page)
        save_what_was_run(page, file.with_name("index.ipynb"))
        open_from_start_page(page, file.name)
        edit(page, file)
        page.screenshot("5-edited")
        second = Lab(python, here.folder)
        assert second.address() == lab.address(), "a second start takes a second server"
        second.process.wait(30)
        lab = here.start()
        print(f"second start: {open_start_page(page, lab, '6-second-start'):.1f} s")
        open_from_start_page(page, file.name)
        wait("the edit", lambda: MINE in page.text(".jp-CodeCell .cm-content"))
        page.screenshot("7-edit-is-there")
        assert not page.shown(QUESTIONS)
    print("in the terminal:\n" + "".join("    " + line for line in lab.lines))
    assert course == {path: path.read_bytes() for path in course}, "the course was written to"
    print(f"all well; screenshots: {SCREENSHOTS}")


def main() -> None:
    """Run the command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    venv = ROOT / ".venv" / ("Scripts/python.exe" if sys.platform == "win32" else "bin/python")
    default = str(venv) if venv.exists() else sys.executable
    parser.add_argument("--python", default=default, help="the Python that has JupyterLab")
    walk(parser.parse_args().python)


if __name__ == "__main__":
    main()
