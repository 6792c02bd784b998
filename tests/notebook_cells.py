"""What nbval needs to hold notebooks of this kind to their stored outputs.

nbval 0.11.0 compares outputs letter by letter. The classes here extend its own:

- Numbers with a decimal point or an exponent may differ by 1e-5, relative or absolute; a
  cell tagged `tolerance-0.05` by that much. Whole numbers, shapes and words may not.
- A display that is updated later counts with its last state, as in a notebook, and
  `clear_output` clears the displays before it.
- Text on standard error fails a cell, as a warning would be seen by a reader; a finished
  progress bar leaves none.
- A kernel that died is noticed within seconds.
- Cells have the numbers that JupyterLab shows.
- Where only the drawn stand-in data is to be had, cells tagged `data` must run and show
  as many outputs of the same kinds; what they say is not compared, and counted.
"""

import math
import os
import re
import time
from queue import Empty

import nbformat
from nbval.plugin import IPyNbCell, IPyNbFile

from tools.notebooks import ENVIRONMENT, is_finished_bar

TOLERANCE = 1e-5
NUMBER = re.compile(r"[-+]?(?:\d+\.\d*|\.\d+|\d+(?=[eE]))(?:[eE][-+]?\d+)?|\b(?:nan|inf)\b")
DEATH_CHECK = 5  # seconds between looks at a kernel that does not answer


def pytest_configure(config):
    config.option.nbval = False  # `pytest --nbval`, typed from habit, would collect twice
    os.environ.update(ENVIRONMENT)
    os.environ.pop("COMPANION_SETTINGS", None)
    if not hasattr(config, "workerinput") and data_is_real():
        from helpers.data import find_from_environment

        # Decided once for the whole run: without network, every kernel would wait for it.
        files, _ = find_from_environment()
        if files is None:
            os.environ["FASHION_MNIST_DIR"] = "stand-in"


def data_is_real() -> bool:
    return os.environ.get("FASHION_MNIST_DIR") != "stand-in"


def pytest_collect_file(file_path, parent):
    if file_path.suffix == ".ipynb":
        return NotebookFile.from_parent(parent, path=file_path)


def pytest_terminal_summary(terminalreporter):
    reports = terminalreporter.stats.get("passed", [])
    skipped = sum(("not compared", True) in report.user_properties for report in reports)
    if skipped:
        terminalreporter.write_line(
            f"NOTICE: with the drawn stand-in data, the numbers of {skipped} data-dependent cells "
            "were not compared."
        )


class NotebookFile(IPyNbFile):
    """A notebook, its kernel, and the messages that come from it."""

    def collect(self):
        for item in super().collect():
            number = item.cell.execution_count or item.cell_num + 1
            yield NotebookCell.from_parent(
                self, name=f"In [{number}]", cell_num=number, cell=item.cell, options=item.options
            )

    def setup(self):
        super().setup()
        self._displays, self._clearing = [], False
        answer = self.kernel.await_reply

        def await_reply(msg_id, timeout=None):
            end = time.monotonic() + timeout
            while time.monotonic() < end:
                try:
                    return answer(msg_id, timeout=DEATH_CHECK)
                except Empty:
                    if not self.kernel.is_alive():
                        raise RuntimeError("the kernel died, perhaps out of memory") from None
            raise Empty

        self.kernel.await_reply = await_reply

    def get_kernel_message(self, timeout=None, stream="iopub"):
        """Return the kernel's next message, display updates and clearings carried out."""
        while True:
            message = super().get_kernel_message(timeout, stream)
            kind, content = message["msg_type"], message["content"]
            if kind == "execute_input":
                self._displays, self._clearing = [], False
            elif kind == "update_display_data":
                for shown in self._displays:
                    if shown["transient"] == content["transient"]:
                        shown["data"].clear()
                        shown["data"].update(nbformat.from_dict(content["data"]))
                continue
            elif kind == "clear_output":
                self._clearing = True
                if content["wait"]:
                    continue
            if self._clearing and kind in ("display_data", "execute_result", "clear_output"):
                for shown in self._displays:
                    shown["data"].clear()
                self._clearing = False
            if kind == "clear_output":
                continue
            if kind in ("display_data", "execute_result"):
                # As a node, or nbval would copy it, and not see what is changed here later.
                content["data"] = nbformat.from_dict(content["data"])
                self._displays.append(content)
            return message


class NotebookCell(IPyNbCell):
    """One code cell, compared with its stored outputs."""

    def compare_outputs(self, test, ref, skip_compare=None):
        tags = self.cell.metadata.get("tags", [])
        test = [output for output in test if not is_finished_bar(output)]
        if "data" in tags and not data_is_real():
            self.user_properties.append(("not compared", True))
            # The notice of the stand-in comes on standard error.
            test = [output for output in test if output.get("name") != "stderr"]
            return self._same_kinds(test, ref)
        tolerance = next(
            (float(tag.removeprefix("tolerance-")) for tag in tags if tag.startswith("tolerance-")),
            TOLERANCE,
        )
        for got, expected in zip(_texts(test), _texts(ref)):
            if _agree(got.value, expected.value, tolerance):
                got.value = expected.value
        return super().compare_outputs(test, ref, skip_compare)

    def _same_kinds(self, test, ref):
        def kinds(outputs):
            return [(o.output_type, o.get("name"), sorted(o.get("data", ()))) for o in outputs]

        self.comparison_traceback = [f"expected {kinds(ref)}, got {kinds(test)}"]
        return kinds(test) == kinds(ref)


class _Text:
    """A text in an output that can be read and replaced, whatever it is kept under."""

    def __init__(self, holder, key):
        self.holder, self.key = holder, key

    @property
    def value(self):
        return self.holder[self.key]

    @value.setter
    def value(self, text):
        self.holder[self.key] = text


def _texts(outputs):
    """Return all texts of the outputs, sorted by kind, in order within each kind."""
    texts = []
    for output in outputs:
        if output.output_type == "stream":
            texts.append((output.name, _Text(output, "text")))
        for mime in sorted(output.get("data", ())):
            if mime.startswith("text/"):
                texts.append((mime, _Text(output.data, mime)))
    return [text for _, text in sorted(texts, key=lambda pair: pair[0])]


def _agree(got: str, expected: str, tolerance: float) -> bool:
    """Whether two texts are the same but for numbers that are close."""
    # A number that needs fewer columns is padded: tables and tensors may shift by spaces.
    if _squeeze(NUMBER.sub("0.", got)) != _squeeze(NUMBER.sub("0.", expected)):
        return False
    pairs = zip(map(float, NUMBER.findall(got)), map(float, NUMBER.findall(expected)))
    return all(
        math.isclose(a, b, rel_tol=tolerance, abs_tol=tolerance)
        or (math.isnan(a) and math.isnan(b))
        for a, b in pairs
    )


def _squeeze(text: str) -> str:
    return re.sub(" +", " ", text)
