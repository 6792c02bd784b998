"""Create the environment in .venv from environment.yml, with pip. Needs nothing but Python.

    python tools/environment.py

With `--newest`, the newest release of everything, whatever the upper bounds say: to find out
whether the course still works with it.
"""

import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
PYTHON = VENV / ("Scripts/python.exe" if sys.platform == "win32" else "bin/python")
KERNEL_VARIABLES = {
    # How long PyTorch's threads wait for each other by running in circles (GNU's OpenMP). The
    # default is for ever: forty times slower as soon as another program takes one of the cores.
    "GOMP_SPINCOUNT": "100000",
}
# conda-forge's names, where PyPI has another.
PYPI_NAMES = {"pytorch": "torch", "matplotlib-base": "matplotlib"}


def requirements(text: str) -> tuple[list[str], list[str]]:
    """Return the packages in environment.yml for pip: with, and without their dependencies."""
    # Read without a YAML library: before this has run, there is none.
    listed = text.split("dependencies:")[1].split("- pip:")
    with_dependencies = []
    for line in listed[0].splitlines():
        match = re.fullmatch(r"\s*- ([\w-]+)(.*)", line)
        if match and match[1] not in ("python", "pip"):
            with_dependencies.append(PYPI_NAMES.get(match[1], match[1]) + match[2])
    without = [line.strip(" -\n") for line in listed[1].splitlines() if "==" in line]
    return with_dependencies, without


def main() -> None:
    """Create or complete the environment."""
    if not (3, 11) <= sys.version_info[:2] <= (3, 13):
        sys.exit(
            f"Python 3.11, 3.12 or 3.13 is needed, this is {sys.version.split()[0]}. "
            "Install one of them and name it: make PYTHON=python3.12 …"
        )
    packages, bare = requirements((ROOT / "environment.yml").read_text(encoding="utf-8"))
    if "--newest" in sys.argv[1:]:
        packages = [re.sub(r",?<[^,]*", "", package) for package in packages]
    print("Setting up .venv. The first time, several GB are downloaded: some minutes.", flush=True)
    subprocess.run([sys.executable, "-m", "venv", str(VENV)], check=True)
    pip = [str(PYTHON), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    subprocess.run([*pip, *packages], check=True)
    # d2l's own pins cannot be installed on Python 3.12 and newer.
    subprocess.run([*pip, "--no-deps", *bare, "--editable", str(ROOT)], check=True)
    kernel = [str(PYTHON), "-m", "ipykernel", "install", "--sys-prefix", "--name", "python3"]
    variables = [word for pair in KERNEL_VARIABLES.items() for word in ("--env", *pair)]
    names = ["--display-name", "Python 3 (ipykernel)", *variables]
    subprocess.run([*kernel, *names], check=True, stdout=subprocess.DEVNULL)


if __name__ == "__main__":
    try:
        main()
    except subprocess.CalledProcessError as error:
        sys.exit(
            f"The environment is not complete: a step failed with code {error.returncode}. The "
            "lines above say why. The same command goes on from here."
        )
