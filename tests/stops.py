"""Stop, kill and repeat the training of a notebook in a real kernel, and see what is lost.

    python -m tests.stops [NAME ...]

For each training notebook: the training's cell is stopped, run again, its kernel killed, run in
a new kernel to the end, and run once more. Prints what each said, and whether the numbers at
the end are those that the notebook stores (on another processor they are so within rounding).
"""

import argparse
import re
import signal
import tempfile
import time
from pathlib import Path
from queue import Empty

import nbformat
from jupyter_client.manager import KernelManager

from tools.execution import ROOT, code_cells, kernel_variables
from tools.kernels import encryption

NOTEBOOKS = [
    "7.6-lenet", "8.1-alexnet", "8.2-vgg", "8.3-nin",
    "8.4-googlenet", "8.5-batch-norm", "8.6-resnet",
]  # fmt: skip
LIMIT = 600  # seconds, for a cell


class Kernel:
    """A kernel in which trainings are kept in a folder."""

    def __init__(self, work: Path):
        self.manager = KernelManager(kernel_name="python3", **encryption())
        variables = kernel_variables(COMPANION_WORK=str(work))
        self.manager.start_kernel(env=variables, cwd=str(ROOT / "notebooks"))
        self.client = self.manager.client()
        self.client.start_channels()
        self.client.wait_for_ready(timeout=120)

    def run(self, source: str, act=None, after: float = 0.0) -> str:
        """Run a cell, do `act` some seconds after its training began; return what it showed."""
        number, shown, began = self.client.execute(source), "", None
        end = time.monotonic() + LIMIT
        while time.monotonic() < end:
            try:
                message = self.client.get_iopub_msg(timeout=0.5)
            except Empty:
                message = {"parent_header": {}}
            if message["parent_header"].get("msg_id") == number:
                content = message["content"]
                if message["msg_type"] == "stream":
                    shown += content["text"]
                elif message["msg_type"] == "error":
                    shown += "\n".join(content["traceback"]) + "\n"
                elif message["msg_type"] == "status" and content["execution_state"] == "idle":
                    return shown
            if began is None and "Training on" in shown:
                began = time.monotonic()
            if act and began and time.monotonic() - began > after:
                act()
                if act == self.kill:
                    return shown
                act = None
        raise AssertionError(f"not within {LIMIT} seconds: {source}")

    def stop(self) -> None:
        """Press the stop button."""
        self.manager.interrupt_kernel()

    def kill(self) -> None:
        """Let the kernel die."""
        self.manager.signal_kernel(signal.SIGKILL)
        self.close()

    def close(self) -> None:
        """Leave nothing running."""
        self.client.stop_channels()
        self.manager.shutdown_kernel(now=True)


def lines(text: str, words: str) -> str:
    """Return the lines of a text that hold one of some words."""
    return " / ".join(line for line in text.splitlines() if re.search(words, line))


def walk(name: str, work: Path) -> list[str]:
    """Stop, kill and repeat a notebook's training; return what was said."""
    code = code_cells(nbformat.read(ROOT / "notebooks" / f"{name}.ipynb", as_version=4))
    fits = ("max_epochs=run", ".fit(")
    place = next(n for n, cell in enumerate(code) if all(word in cell.source for word in fits))
    before, training, table = code[:place], code[place], code[place + 1]

    def prepared() -> Kernel:
        kernel = Kernel(work)
        for cell in before:
            kernel.run(cell.source)
        return kernel

    kernel = prepared()
    said = [lines(kernel.run(training.source, kernel.stop, 5), "stopped|kept|To go on")]
    again = kernel.run(training.source, kernel.kill, 4)
    assert "Going on from" in again, again
    said.append(lines(again, "Going on"))
    kernel = prepared()
    try:
        again = kernel.run(training.source)
        assert "Going on from" in again, again
        said.append(lines(again, "Going on"))
        shown = kernel.run(table.source).strip()
        stored = "".join(o.get("text", "") for o in table.outputs).strip()
        said.append("numbers as stored" if shown == stored else f"OTHER NUMBERS: {shown}\n{stored}")
        again = kernel.run(training.source)
        assert "nothing is left to train" in again, again
        said.append(lines(again, "nothing is left"))
    finally:
        kernel.close()
    return said


def main() -> None:
    """Run the command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("names", nargs="*", metavar="NAME", default=NOTEBOOKS)
    for name in parser.parse_args().names:
        with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
            for line in (name, *walk(name, Path(folder))):
                print(line, flush=True)


if __name__ == "__main__":
    main()
