"""Do in a real browser what hurt most, and see whether it still does.

    python -m tests.browser.desk [--python .venv/bin/python] [--before CHECKOUT]

walks through JupyterLab as a student does: stops and kills a training, runs its cell again,
leaves half a line in a notebook, clears outputs, makes mistakes, runs a cell late. Prints a
table. `--before` takes the same walk in another checkout of the course, of a time when there
was no working copy: its notebooks are opened as they lie there.

Needs what `tests.browser.lab` needs, and Linux for killing a kernel; takes about five minutes.
"""

import argparse
import os
import re
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from tests.browser.chromium import SCREENSHOTS, Keys, wait
from tests.browser.jupyter import ROOT
from tests.browser.visit import LIMIT, PANEL, Desk, Walk

COLOUR = re.compile(r"\x1b\[[\d;]*m")
TRAINING = "trainer.fit("


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
    with Walk("desk", arguments.python, course, plain) as here:
        found = walk(here.desk(), course)
    print("| what hurt | seen |\n| --- | --- |")
    for hurt, seen in found:
        print(f"| {hurt} | {seen} |")
    print(f"screenshots: {SCREENSHOTS}")
    sys.exit(not all(seen.startswith("mended") for _, seen in found))


if __name__ == "__main__":
    main()
