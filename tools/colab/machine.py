"""An environment with the versions that Colab has, made once and kept in .colab/."""

import json
import os
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path
from urllib.request import urlopen

from tools.colab.place import ROOT
from tools.environment import pip_of, version_of

KEPT = ROOT / ".colab"
LISTS = Path(__file__).with_name("versions.toml")
KERNEL = Path(__file__).with_name("kernel.py")
# What Colab sets, besides a shell's usual variables. The warnings that it does not show are
# those that Python itself does not show: PYTHONWARNINGS=default would.
VARIABLES = {
    "MPLBACKEND": "module://matplotlib_inline.backend_inline",
    "PYTHONWARNINGS": "ignore:::pip._internal.cli.base_command",
    "PYDEVD_DISABLE_FILE_VALIDATION": "1",  # not Colab's: fewer words in the terminal
}
OURS = ("COMPANION_", "GOMP_", "JUPYTER_", "PYTHON", "VIRTUAL_ENV")  # not there on Colab
SHOWN = "import importlib.metadata as m, json; print(json.dumps({d.name: d.version for d in m.distributions()}))"  # noqa: E501


def lists() -> dict[str, dict]:
    """Return what is written down of Colab's versions, by Python version."""
    return tomllib.loads(LISTS.read_text(encoding="utf-8"))


def published(python: str) -> dict[str, str]:
    """Return the versions that Colab publishes at the moment, of the packages in the list.

    Raises OSError without network; ValueError if the list lacks one, or is of another Python.
    """
    listed = lists()[python]
    with urlopen(listed["published"], timeout=30) as answer:
        return read_freeze(answer.read().decode("utf-8"), list(listed["packages"]), python)


def read_freeze(text: str, names: list[str], python: str) -> dict[str, str]:
    """Return the versions of some packages in what `pip freeze` printed.

    Raises ValueError if it lacks one, or has wheels of another Python.
    """
    found = {}
    for line in text.splitlines():
        name, _, rest = line.partition("==") if "==" in line else line.partition(" @ ")
        wheel = re.search(r"/[\w.]+-(\d[\d.]*)(?:%2B\w+)?-cp(\d)(\d+)-", rest)
        if wheel and f"{wheel[2]}.{wheel[3]}" != python:
            raise ValueError(f"Colab has Python {wheel[2]}.{wheel[3]} now, not {python}: {line}")
        found[_normal(name)] = wheel[1] if wheel else rest
    lacking = [name for name in names if not re.match(r"\d", found.get(_normal(name), ""))]
    if lacking:
        raise ValueError(f"the published list has no version of {', '.join(lacking)}")
    return {name: found[_normal(name)] for name in names}


def provide(python: str, versions: dict[str, str], interpreter: str | None = None) -> Path:
    """Return the Python of an environment with these versions; the first time takes minutes.

    `interpreter` makes it, or the first python3.13, say, on the path. Raises ValueError if there
    is none, or a package cannot be installed.
    """
    folder = KEPT / python
    done, mine = folder / "versions.json", folder / "bin" / "python"
    wanted = json.dumps(versions, indent=1, sort_keys=True)
    if done.exists() and done.read_text(encoding="utf-8") == wanted:
        return mine
    maker = interpreter or shutil.which(f"python{python}")
    if maker is None or version_of(maker) != python:
        raise ValueError(f"Python {python} is needed: name one by --interpreter, got {maker!r}")
    print(f"Making .colab/{python}: several GB are downloaded the first time.", flush=True)
    done.unlink(missing_ok=True)
    packages = [f"{name}=={version}" for name, version in versions.items() if name != "pip"]
    pip = pip_of(mine)
    try:
        subprocess.run([maker, "-m", "venv", str(folder)], check=True)
        subprocess.run([*pip, *packages], check=True)
        subprocess.run([*pip, f"pip=={versions['pip']}"], check=True)
    except subprocess.CalledProcessError as error:
        raise ValueError(f"the environment is not complete: {error}") from None
    done.write_text(wanted, encoding="utf-8")
    return mine


def installed(python: Path) -> dict[str, str]:
    """Return the versions of all packages of an environment."""
    command = [str(python), "-c", SHOWN]
    done = subprocess.run(command, env=variables(), capture_output=True, text=True, check=True)
    return json.loads(done.stdout)


def remove(python: Path, package: str) -> None:
    """Take a package out of an environment, as a new machine would not have it."""
    command = [str(python), "-m", "pip", "uninstall", "--quiet", "--yes", package]
    subprocess.run(command, env=variables(), capture_output=True, check=True)


def write_kernel(python: Path, folder: Path) -> None:
    """Write the description of a kernel of this environment into a folder for Jupyter's."""
    # -P: the folder of kernel.py must not be looked in for modules.
    command = [str(python), "-P", str(KERNEL), "-f", "{connection_file}"]
    command.append("--IPKernelApp.capture_fd_output=False")  # a cell's programs print nowhere
    spec = {"argv": command, "display_name": "Colab", "language": "python"}
    (folder / "colab").mkdir(parents=True)
    (folder / "colab" / "kernel.json").write_text(json.dumps(spec), encoding="utf-8")


def variables(**more: str) -> dict[str, str]:
    """Return the environment's variables for programs that run as on Colab."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(OURS)}
    return kept | VARIABLES | more


def _normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def is_supported() -> bool:
    """Whether this system can run a trial: the start cell calls programs of Linux."""
    return sys.platform.startswith("linux")
