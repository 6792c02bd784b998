"""Moved to `helpers.notebook.display`."""

from helpers.notebook.display import in_notebook, progress_bar

__all__ = ["in_notebook", "progress_bar"]
