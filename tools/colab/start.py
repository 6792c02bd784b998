"""What the first cell of a notebook calls on Google Colab, once the course is there.

Runs with Colab's own packages, before PyTorch is imported: nothing here needs more than Python.
"""

import importlib
import os
import subprocess
import sys
from importlib import metadata, util
from pathlib import Path

from tools.environment import KERNEL_VARIABLES, requirements

COURSE = Path(__file__).resolve().parents[2]
CONTENT = Path("/content")  # the folder that Colab shows; Drive is mounted in it
GPU = Path("/dev/nvidiactl")
TIME_LIMIT = 120  # seconds for pip
RESTART = "choose Runtime › Restart session, and run this cell first"


class StartError(RuntimeError):
    """Why a notebook cannot begin. IPython shows the sentence alone."""

    def _render_traceback_(self) -> list[str]:
        return [f"{type(self).__name__}: {self}"]


def begin(gpu: bool = False) -> None:
    """Provide d2l, choose where trainings are kept, and print one line about it.

    `gpu` says that the notebook's `book` settings need one. May be called any number of times.
    Raises StartError, in one sentence, if the notebook would not run; what was done stays done.
    """
    if "torch" not in sys.modules:
        for name, value in KERNEL_VARIABLES.items():
            os.environ.setdefault(name, value)
    loaded = getattr(sys.modules.get("helpers"), "__file__", None)
    if loaded and COURSE not in Path(loaded).resolve().parents:
        raise StartError(f"helpers was imported from {loaded}, not from {COURSE}: {RESTART}.")
    told = [f"the course is in {COURSE}", provide_d2l(), choose_work()]
    if gpu and not GPU.exists():
        told.append("no GPU, so quick settings (Runtime › Change runtime type has one)")
    print(f"Colab: {'; '.join(told)}.")


def provide_d2l() -> str:
    """Install the release of d2l that the course needs, and nothing else; return what was done.

    Raises StartError if pip fails, another release is in use, or another d2l comes first.
    """
    [package] = requirements((COURSE / "environment.yml").read_text(encoding="utf-8"))[1]
    name, version = package.split("==")
    found, done = _installed(name), "was there already"
    if found != version:
        if name in sys.modules:
            raise StartError(f"{name} {found} is in use, the course needs {version}: {RESTART}.")
        _pip_install(package)
        done = "was installed"
    if _installed(name) != version or not _has_torch(name):
        where = getattr(util.find_spec(name), "origin", None) or "a folder without __init__.py"
        raise StartError(
            f"Python finds another {name} than {package} first ({where}): remove or rename that "
            f"one, then {RESTART}."
        )
    return f"{name} {version} {done}"


def choose_work(content: Path = CONTENT) -> str:
    """Let trainings be kept on Drive, where it is mounted; return what was chosen.

    Another folder in the environment variable COMPANION_WORK stays.
    """
    drive = content / "drive" / "MyDrive"
    ours = {str(drive / "companion"), str(content / "companion-work")}
    if os.environ.get("COMPANION_WORK", "") in ours | {""}:
        work = drive / "companion" if drive.is_dir() else content / "companion-work"
        os.environ["COMPANION_WORK"] = str(work)
    chosen = os.environ["COMPANION_WORK"]
    lost = "" if drive in Path(chosen).parents else ", lost with this machine"
    return f"trainings are kept in {chosen}{lost}"


def _installed(name: str) -> str | None:
    importlib.invalidate_caches()  # pip wrote files since
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return None


def _has_torch(name: str) -> bool:
    """Whether the package that Python finds is the book's, and not a folder of the same name."""
    try:
        return util.find_spec(f"{name}.torch") is not None
    except ModuleNotFoundError:
        return False


def _pip_install(package: str) -> None:
    # -qq, as -q still tells of a new pip; --no-deps, as d2l asks for other releases of NumPy
    # and more than Colab has.
    command = [sys.executable, "-m", "pip", "install", "-qq", "--no-deps", package]
    again = "Run this cell again when that is mended."
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=TIME_LIMIT)
    except subprocess.TimeoutExpired:
        raise StartError(
            f"{package} could not be installed in {TIME_LIMIT} seconds. {again}"
        ) from None
    if done.returncode:
        reason = (done.stderr.strip() or done.stdout.strip() or "pip failed").splitlines()[-1]
        raise StartError(f"{package} could not be installed ({reason}). {again}")
