"""What nbval needs to hold notebooks of this kind to their stored outputs.

nbval 0.11.0 compares outputs letter by letter. The classes here extend its own:

- Words, whole numbers, signs, and the kinds and order of outputs are compared exactly,
  decimals up to the rounding of their last digits. A comment at the top of a cell, such as
  `# measured: val_loss ±0.1, val_acc ±0.03`, names numbers that may differ by more: see
  tools/outputs/rules.py. A marker or a tag that says nothing useful fails its cell.
- A figure that keeps the numbers it was drawn from is compared by them: tools/outputs/drawn.py.
- A display that is updated later counts with its last state, as in a notebook, and
  `clear_output` clears what came before it.
- Text on standard error fails a cell, as a warning would be seen by a reader; a finished
  progress bar leaves none.
- A kernel that died is noticed within seconds.
- Cells have the numbers that JupyterLab shows.
- The images are looked for only if a cell tagged `data`, or a test marked so, was collected.
  Where only the drawn stand-in is to be had, such cells must run and show as many outputs of
  the same kinds; what they say is not compared, and counted.
"""

import os
from collections.abc import Iterator

import pytest
from nbval.plugin import IPyNbCell, IPyNbFile, NbCellError

from tools.execution import ENVIRONMENT, UNSET
from tools.outputs import images
from tools.outputs.compare import check, compare, kinds, texts, visible
from tools.outputs.findings import Findings
from tools.outputs.messages import Shown, watched
from tools.outputs.rules import MarkerError

SHOWN_DIFFERENCES = 12
SHOWN_LINES = 40


def pytest_configure(config: pytest.Config) -> None:
    config.option.nbval = False  # `pytest --nbval`, typed from habit, would collect twice
    os.environ.update(ENVIRONMENT)
    for name in UNSET:
        os.environ.pop(name, None)
    images.begin(config)


def pytest_collect_file(file_path, parent):
    if file_path.suffix == ".ipynb":
        return NotebookFile.from_parent(parent, path=file_path)


def pytest_collection_finish(session: pytest.Session) -> None:
    if not session.config.option.collectonly and any(map(needs_images, session.items)):
        images.look_for()


def pytest_terminal_summary(terminalreporter) -> None:
    reports = terminalreporter.stats.get("passed", [])
    skipped = sum(("not compared", True) in report.user_properties for report in reports)
    if skipped:
        terminalreporter.write_line(
            f"NOTICE: with the drawn stand-in data, the numbers of {skipped} data-dependent cells "
            "were not compared."
        )


def needs_images(item: pytest.Item) -> bool:
    """Return whether a collected test needs the images of Fashion-MNIST."""
    if isinstance(item, NotebookCell):
        return "data" in item.tags
    return item.get_closest_marker("data") is not None


class NotebookFile(IPyNbFile):
    """A notebook, its kernel, and the messages that come from it."""

    shown: Shown

    def collect(self) -> Iterator["NotebookCell"]:
        for item in super().collect():
            number = item.cell.execution_count or item.cell_num + 1
            yield NotebookCell.from_parent(
                self, name=f"In [{number}]", cell_num=number, cell=item.cell, options=item.options
            )

    def setup(self) -> None:
        super().setup()
        watched(self.kernel)

    def get_kernel_message(self, timeout=None, stream="iopub"):
        """Return the kernel's next message that nbval is to see."""
        while True:
            message = super().get_kernel_message(timeout, stream)
            if message["msg_type"] == "execute_input":
                self.shown = Shown(self.running.test_outputs)
            if self.shown.receive(message):
                return message


class NotebookCell(IPyNbCell):
    """One code cell, compared with its stored outputs."""

    @property
    def tags(self) -> list[str]:
        return self.cell.metadata.get("tags", [])

    def runtest(self) -> None:
        try:
            check(self.cell.outputs, self.cell.source, self.tags)
            self.problem = ""
        except MarkerError as error:
            self.problem = str(error)
        self.parent.running, self.parent.shown = self, Shown([])
        if not self.options["skip"] or not self.problem:
            super().runtest()  # also where it fails anyway: the next cells need what it does
        if self.problem:
            self.raise_cell_error(self.problem)

    def compare_outputs(self, test, ref, skip_compare=None) -> bool:
        if self.problem:
            return True
        if "data" in self.tags and not images.are_real():
            self.user_properties.append(("not compared", True))
            # The notice of the stand-in comes on standard error.
            shown = [o for o in visible(test) if o.get("name") != "stderr"]
            found = Findings()
            if kinds(shown) != kinds(visible(ref)):
                found.add("kinds of output", kinds(visible(ref)), kinds(shown))
        else:
            found = compare(ref, test, self.cell.source, self.tags)
        if found.differences:
            self.raise_cell_error(str(found.differences[0]), _report(found, ref, test))
        return True

    def repr_failure(self, excinfo, style=None):
        """Return what pytest prints about a cell that failed."""
        error = excinfo.value
        if not isinstance(error, NbCellError):
            return super().repr_failure(excinfo)
        cell = f"This is In [{error.cell_num}] of {self.path.name}:\n\n{error.source}"
        parts = [str(error), cell, error.inner_traceback or ""]
        return "\n\n".join(part for part in parts if part)


def _report(found: Findings, stored, got) -> str:
    """Return the differences, and the texts that were stored and came."""
    lines = [str(difference) for difference in found.differences[:SHOWN_DIFFERENCES]]
    more = len(found.differences) - SHOWN_DIFFERENCES
    if more > 0:
        lines.append(f"… and {more} more differences")
    for title, outputs in (("stored", stored), ("got", got)):
        text = [line for o in outputs for t in texts(o).values() for line in t.splitlines()]
        left = len(text) - SHOWN_LINES
        cut = [f"… and {left} more lines"] if left > 0 else []
        lines += ["", f"{title}:", *(f"    {line}" for line in [*text[:SHOWN_LINES], *cut])]
    return "\n".join(lines)
