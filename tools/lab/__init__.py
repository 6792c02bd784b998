"""A working copy of the notebooks, and JupyterLab on it."""
