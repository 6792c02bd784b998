"""Look in a real browser whether every figure has its sentence for a name.

    python -m tests.browser.alt [--python .venv/bin/python]

runs a notebook with a figure of each kind, opens it in JupyterLab as one that is not trusted,
runs its cells there, and opens what nbconvert makes of it. Each picture must have its sentence
as its accessible name, which a screen reader reads, and must not show it a second time.

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
from tests.browser.chromium import ADDRESS, By, StaleElementReferenceException, webdriver

ROOT = Path(__file__).resolve().parents[2]
PATIENCE = 120  # seconds
wait = partial(chromium.wait, limit=PATIENCE)
IMAGES = ".jp-OutputArea-output img"

FIRST = """
import os
os.environ["FASHION_MNIST_DIR"] = "stand-in"
import torch
from torch import nn
from torch.nn import functional as F
import helpers
"""
CELLS = {
    "A line that falls from 3 to 1.": (
        'helpers.plot_lines([1, 2, 3], {"loss": [3, 2, 1]}, "epoch", "loss", alt=ALT)'
    ),
    'A kernel with the "corner" 0 & one, < 4.': (
        "helpers.show_grids([torch.arange(4.0).reshape(2, 2)], ['K'], alt=ALT)"
    ),
    "Two bars, 1 and 2.5.": 'helpers.plot_bars(["a", "b"], {"n": [1, 2.5]}, "million", alt=ALT)',
    "A boot and a shirt, drawn.": "helpers.show_images(torch.rand(2, 9, 9), 1, 2, alt=ALT)",
    "Curves after epoch 2": """
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.net = nn.Sequential(nn.Flatten(), nn.Linear(4, 2))
    def training_step(self, batch):
        return F.cross_entropy(self.net(batch[0]), batch[1])
    validation_step = training_step
    def configure_optimizers(self):
        return torch.optim.SGD(self.parameters(), lr=0.1)

pairs = torch.utils.data.TensorDataset(torch.rand(8, 2, 2), torch.arange(8) % 2)
helpers.Trainer(2).fit(Net(), torch.utils.data.DataLoader(pairs, 4))
""",
}


def notebook() -> dict[str, Any]:
    """Return a notebook with a figure of each kind."""
    sources = [FIRST, *(cell.replace("ALT", repr(alt)) for alt, cell in CELLS.items())]
    cells: list[dict[str, Any]] = [
        {"cell_type": "code", "id": f"cell-{n}", "metadata": {}, "execution_count": None,
         "outputs": [], "source": source.strip()}
        for n, source in enumerate(sources)
    ]  # fmt: skip
    kernel = {"display_name": "Python 3", "language": "python", "name": "python3"}
    return {"cells": cells, "metadata": {"kernelspec": kernel}, "nbformat": 4, "nbformat_minor": 5}


class Failures(list[str]):
    """What did not hold."""

    def check(self, what: str, holds: bool, found: object = "") -> None:
        print(("ok    " if holds else "FAILS ") + what + (f": {found}" if not holds else ""))
        if not holds:
            self.append(what)


def check_page(browser: webdriver.Chrome, images: str, where: str, failures: Failures) -> None:
    """Look at all pictures of the page that is open."""
    shown = wait(
        f"{len(CELLS)} pictures {where}",
        lambda: len(images_now := found(browser, images)) == len(CELLS) and images_now,
    )
    names = [image.accessible_name for image in shown]
    fits = [name.startswith(alt) for name, alt in zip(names, CELLS)]
    failures.check(f"{where}: every picture has its sentence for a name", all(fits), names)
    loaded = [int(image.get_property("naturalWidth")) > 100 for image in shown]
    failures.check(f"{where}: every picture is loaded", all(loaded), loaded)
    sizes = [(image.size["width"], int(image.get_attribute("width"))) for image in shown]
    failures.check(
        f"{where}: every picture has the size that was asked for",
        all(abs(a - b) <= 1 for a, b in sizes), sizes,
    )  # fmt: skip
    outputs = [browser.execute_script(OUTPUT, image) for image in shown]
    twice = [text for alt, text in zip(CELLS, outputs) if alt in text]
    failures.check(f"{where}: no sentence stands below its picture as well", not twice, twice)
    name = where.replace(",", "").replace(" ", "-")
    chromium.screenshot(browser, f"alt-{name}")


CELL = f"window.jupyterapp.shell.currentWidget.content.model.cells.get({len(CELLS)})"
TRUSTED = f"return {CELL}.trusted"
# The text that is seen around a picture.
OUTPUT = "return arguments[0].closest('.jp-OutputArea').innerText"


def found(browser: webdriver.Chrome, images: str) -> list[Any]:
    """Return the pictures that are there, none of which is being replaced."""
    try:
        shown = browser.find_elements(By.CSS_SELECTOR, images)
        return [image for image in shown if image.is_displayed()]
    except StaleElementReferenceException:
        return []


def check_lab(python: str, file: Path, browser: webdriver.Chrome, failures: Failures) -> None:
    """Open a notebook in JupyterLab, and run it there."""
    own = {f"JUPYTER_{name}_DIR": str(file.parent / name) for name in ("CONFIG", "RUNTIME")}
    log = file.parent / "log"
    command = [
        python, "-m", "jupyterlab", "--no-browser", "--ip=127.0.0.1", "--port=0", "--allow-root",
        "--LabApp.expose_app_in_browser=True", f"--ServerApp.root_dir={file.parent}",
    ]  # fmt: skip
    with log.open("w") as out:
        server = subprocess.Popen(
            command, env=environment() | own, stdout=out, stderr=subprocess.STDOUT
        )
    try:
        address = wait("address", lambda: ADDRESS.search(log.read_text(encoding="utf-8")))[0]
        base, token = address.split("/lab")[0].split("/?")[0], address.split("token=")[1]
        browser.get(f"{base}/lab/tree/{file.name}?token={token}")
        check_page(browser, IMAGES, "in JupyterLab, not trusted", failures)
        failures.check("the notebook is not trusted", browser.execute_script(TRUSTED) is False)
        run(browser)
        check_page(browser, IMAGES, "in JupyterLab, just run", failures)
    finally:
        server.terminate()
        server.wait(timeout=PATIENCE)


def run(browser: webdriver.Chrome) -> None:
    """Clear all outputs and run all cells."""
    browser.execute_script("window.jupyterapp.commands.execute('editmenu:clear-all')")
    wait("empty outputs", lambda: not found(browser, IMAGES))
    wait("kernel", lambda: browser.find_elements(By.CSS_SELECTOR, "[data-status='idle']"))
    browser.execute_script("window.jupyterapp.commands.execute('runmenu:run-all')")
    done = f"return {CELL}.executionCount"
    wait("end of the last cell", lambda: browser.execute_script(done) == len(CELLS) + 1)
    time.sleep(1)  # the page shows it


def environment() -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1"}


def main() -> None:
    """Run the command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--python", default=str(ROOT / ".venv" / "bin" / "python"))
    python, failures = parser.parse_args().python, Failures()
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "figures.ipynb"
        file.write_text(json.dumps(notebook()), encoding="utf-8")
        for convert in (["notebook", "--inplace", "--execute"], ["html"]):
            command = [python, "-m", "nbconvert", "--to", *convert, file.name]
            subprocess.run(command, cwd=folder, env=environment(), check=True)
        browser = chromium.start(Path(folder), height=4000)
        try:
            browser.get(file.with_suffix(".html").as_uri())
            check_page(browser, IMAGES, "in exported HTML", failures)
            check_lab(python, file, browser, failures)
        finally:
            browser.quit()
    sys.exit(f"{len(failures)} failures" if failures else 0)


if __name__ == "__main__":
    main()
