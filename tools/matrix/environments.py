"""Environments with other Pythons and packages, made when a row asks for them."""

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

from tools import environment
from tools.execution import ROOT
from tools.matrix.rows import HERE, Row

KEPT = ROOT / ".matrix"
# What a notebook's kernel needs: nothing that only tests, or shows pages.
KERNEL = {
    "torch", "torchvision", "numpy", "matplotlib", "tqdm", "ipykernel", "ipywidgets", "pandas",
    "scipy", "requests", "matplotlib-inline",
}  # fmt: skip


def wanted(row: Row) -> str:
    """Return what the row's environment is made of, as text; '' for the present one."""
    if row.packages == "locked":
        return environment.lock_of(row.python).read_text(encoding="utf-8")
    return "\n".join(_packages(row))


def _packages(row: Row) -> list[str]:
    if not row.packages:
        return []
    packages, bare = environment.listed()
    packages = [p for p in packages if re.split("[<>=]", p)[0] in KERNEL]
    choose = {"oldest": environment.oldest, "newest": environment.newest}[row.packages]
    return [*choose(packages), *bare]


def interpreters(given: list[str]) -> dict[str, str]:
    """Return the Python for each version: this one, those that are given, those on the path.

    Raises ValueError for what is no Python.
    """
    found = {HERE: sys.executable}
    for version in ("3.11", "3.12", "3.13"):
        path = shutil.which(f"python{version}")
        if path and environment.version_of(path) == version:
            found.setdefault(version, path)
    for path in given:
        version = environment.version_of(path)
        if not version:
            raise ValueError(f"--python must name a Python that runs, got {path!r}")
        found[version] = path
    return found


def provide(row: Row, pythons: dict[str, str]) -> Path | None:
    """Return the Python of the row's environment, None for the present one.

    The first time it is made: some minutes. Raises ValueError where there is no such Python, or
    a package cannot be installed.
    """
    if not row.packages:
        return None
    folder = KEPT / "environments" / row.name
    made, python = folder / "made.json", folder / "bin" / "python"
    if sys.platform == "win32":
        python = folder / "Scripts" / "python.exe"
    content = json.dumps(wanted(row))
    if made.exists() and made.read_text(encoding="utf-8") == content:
        return python
    if row.python not in pythons:
        raise ValueError(f"{row.name} needs Python {row.python}: name one by --python")
    print(f"Making the environment of {row.name}: several GB.", file=sys.stderr, flush=True)
    shutil.rmtree(folder, ignore_errors=True)
    try:
        subprocess.run([pythons[row.python], "-m", "venv", str(folder)], check=True)
        _install(row, python)
    except subprocess.CalledProcessError as error:
        raise ValueError(f"the environment of {row.name} is not complete: {error}") from None
    made.write_text(content, encoding="utf-8")
    return python


def _install(row: Row, python: Path) -> None:
    if row.packages == "locked":
        environment.install_locked(python, row.python)
        return
    packages = _packages(row)
    bare = [package for package in packages if package.startswith("d2l")]
    rest = [package for package in packages if package not in bare]
    subprocess.run([*environment.pip_of(python), *rest], check=True)
    subprocess.run([*environment.pip_of(python), "--no-deps", *bare], check=True)


def write_kernel(python: Path, folder: Path) -> None:
    """Write the description of a kernel named 'row' into a folder for Jupyter's."""
    command = [str(python), "-m", "ipykernel_launcher", "-f", "{connection_file}"]
    spec = {"argv": command, "env": environment.KERNEL_VARIABLES}
    spec |= {"display_name": "row", "language": "python"}
    (folder / "row").mkdir(parents=True)
    (folder / "row" / "kernel.json").write_text(json.dumps(spec), encoding="utf-8")
