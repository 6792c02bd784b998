"""Look for the images only where a test needs them, once for all processes of a run."""

import os
import shutil
import tempfile
from pathlib import Path

import pytest
from filelock import FileLock

MARKER = "data: the test needs Fashion-MNIST, which is looked for where such a test is collected"
FOLDER = "COMPANION_TEST_RUN"  # names the folder that the processes of a run share


def are_real() -> bool:
    """Return whether the images are, or may be, the real Fashion-MNIST."""
    return os.environ.get("FASHION_MNIST_DIR") != "stand-in"


def begin(config: pytest.Config) -> None:
    """Make the folder that this run and its worker processes share."""
    config.addinivalue_line("markers", MARKER)
    if not hasattr(config, "workerinput"):
        folder = tempfile.mkdtemp(prefix="d2l-companion-")
        os.environ[FOLDER] = folder
        config.add_cleanup(lambda: shutil.rmtree(folder, ignore_errors=True))


def are_there() -> bool:
    """Return whether the files are found, or could be downloaded."""
    from helpers.images.source import find_from_environment

    return find_from_environment()[0] is not None


def look_for() -> None:
    """Find out whether the images are to be had, and ask for the stand-in if not.

    Without network every kernel would wait for it; so one process of the run looks, and the
    others take its answer.
    """
    if not are_real():
        return
    answer = Path(os.environ[FOLDER]) / "images"
    with FileLock(answer.with_suffix(".lock")):
        if not answer.exists():
            answer.write_text("real" if are_there() else "stand-in", encoding="utf-8")
    if answer.read_text(encoding="utf-8") == "stand-in":
        os.environ["FASHION_MNIST_DIR"] = "stand-in"
