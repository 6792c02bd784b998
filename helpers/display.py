"""What differs between a notebook and a terminal."""

import sys

from tqdm import tqdm


def in_notebook() -> bool:
    """Return whether this process is a Jupyter or Colab kernel."""
    if "IPython" not in sys.modules:
        return False
    shell = sys.modules["IPython"].get_ipython()
    return shell is not None and hasattr(shell, "kernel")


def progress_bar(**options) -> tqdm:
    """Return a tqdm bar that vanishes at its end and is silent where nobody watches."""
    # The text bar, not tqdm.notebook's widget: a widget's state is lost in a saved notebook.
    watched = in_notebook() or sys.stderr.isatty()
    options = {"leave": False, "mininterval": 0.5, "ncols": 79, "disable": not watched} | options
    return tqdm(**options)
