"""Walks through JupyterLab in a real browser, for contributors: no part of `make test`."""
