"""What differs between a notebook and a terminal."""

import sys
from typing import Any

from tqdm import tqdm


def in_notebook() -> bool:
    """Return whether this process is a Jupyter or Colab kernel."""
    if "IPython" not in sys.modules:
        return False
    shell = sys.modules["IPython"].get_ipython()
    return shell is not None and hasattr(shell, "kernel")


def progress_bar(**options: Any) -> tqdm:
    """Return a tqdm bar that vanishes at its end and is silent where nobody watches."""
    options = {"leave": False, "mininterval": 0.5, "ncols": 100} | options
    if in_notebook():
        if not options.get("disable"):
            options["file"] = _Line()
    else:
        options["disable"] = options.get("disable") or not sys.stderr.isatty()
    return tqdm(**options)


class _Line:
    """A file for tqdm that shows what is written to it last, as one output of a cell.

    tqdm.notebook's widget would leave a dead widget in a saved notebook, and standard error
    a frozen line on a red ground wherever another output comes in between.
    """

    encoding = "utf-8"  # tqdm asks, to know whether it may draw with blocks

    def __init__(self) -> None:
        self._handle, self._shown = None, ""

    def write(self, text: str) -> None:
        from IPython.display import display

        text = text.strip()
        if text == self._shown:
            return
        self._shown = text
        # An empty HTML takes no room, where an empty text is an empty line.
        data = {"text/plain": text} | ({} if text else {"text/html": ""})
        if self._handle is None:
            self._handle = display(data, raw=True, display_id=True)
        else:
            self._handle.update(data, raw=True)

    def flush(self) -> None:
        pass
