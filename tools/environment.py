"""Create the environment in .venv from environment.yml, with pip. Needs nothing but Python.

    python tools/environment.py

With `--newest`, the newest release of everything, whatever the upper bounds say: to find out
whether the course still works with it. With `--locked`, exactly the files that are written down
in locks/ for this Python: what once worked, years later. `--lock` writes them down anew, and
prints which have changed; it installs nothing.
"""

import json
import platform
import re
import subprocess
import sys
import tempfile
from datetime import date
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
PYTHON = VENV / ("Scripts/python.exe" if sys.platform == "win32" else "bin/python")
LOCKS = ROOT / "locks"
KERNEL_VARIABLES = {
    # How long PyTorch's threads wait for each other by running in circles (GNU's OpenMP). The
    # default is for ever: forty times slower as soon as another program takes one of the cores.
    "GOMP_SPINCOUNT": "100000",
}
# conda-forge's names, where PyPI has another.
PYPI_NAMES = {"pytorch": "torch", "matplotlib-base": "matplotlib"}
LOCKED = re.compile(r"^([\w.-]+)==(\S+) --hash=sha256:([0-9a-f]{64})$", re.M)
HEAD = """\
# Linux on x86-64, Python {python}: what environment.yml gave on {day}. Installed by
# `python tools/environment.py --locked`, written by `--lock`; every file must have its hash.
"""


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


def listed() -> tuple[list[str], list[str]]:
    """Return the packages of the course, as `requirements` does."""
    return requirements((ROOT / "environment.yml").read_text(encoding="utf-8"))


def newest(packages: list[str]) -> list[str]:
    """Return the packages without upper bounds."""
    return [re.sub(r",?<[^,]*", "", package) for package in packages]


def oldest(packages: list[str]) -> list[str]:
    """Return the packages at their lower bounds: >=2.0,<2.5 becomes ==2.0.*."""
    return [re.sub(r">=([\d.]+).*", r"==\1.*", package) for package in packages]


def lock_of(python: str) -> Path:
    """Return the file that has the locked packages for a Python such as '3.12'."""
    return LOCKS / f"{python}.txt"


def locked(text: str) -> dict[str, tuple[str, str]]:
    """Return the version and the SHA-256 of each package of a lock file."""
    return {name: (version, digest) for name, version, digest in LOCKED.findall(text)}


def lock_text(reports: list[dict], python: str, day: str) -> str:
    """Return the lock file of what pip reports that it would install.

    Raises ValueError for a package that pip has no hash of, or that is no wheel.
    """
    lines = {}
    for item in [item for report in reports for item in report["install"]]:
        name = re.sub(r"[-_.]+", "-", item["metadata"]["name"]).lower()
        download = item["download_info"]
        digest = download.get("archive_info", {}).get("hashes", {}).get("sha256")
        if digest is None or not download["url"].split("#")[0].endswith(".whl"):
            raise ValueError(f"{name} has no wheel with a SHA-256 that could be written down")
        lines[name] = f"{name}=={item['metadata']['version']} --hash=sha256:{digest}"
    return HEAD.format(python=python, day=day) + "\n".join(lines[n] for n in sorted(lines)) + "\n"


def changes(before: str, after: str) -> list[str]:
    """Return a line for each package that two lock files do not have alike."""
    old, new = locked(before), locked(after)
    lines = []
    for name in sorted(old.keys() | new.keys()):
        was, now = (side[name][0] if name in side else "none" for side in (old, new))
        if old.get(name) != new.get(name):
            lines.append(f"{name} {was} → {now}" if was != now else f"{name} {now}: another file")
    return lines


def write_lock(python: str) -> None:
    """Write down what environment.yml gives now, and print what is different from before."""
    packages, bare = listed()
    text = lock_text([_report(packages), _report(bare, "--no-deps")], python, str(date.today()))
    file = lock_of(python)
    before = file.read_text(encoding="utf-8") if file.exists() else ""
    different = changes(before, text)
    if different:
        LOCKS.mkdir(exist_ok=True)
        file.write_text(text, encoding="utf-8", newline="\n")
    print(f"{file.name}: {len(locked(text))} packages, {len(different)} of them others than before")
    print("".join(f"  {line}\n" for line in different), end="")


def _report(packages: list[str], *options: str) -> dict:
    """Return what pip would install in an empty environment."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "report.json"
        command = [sys.executable, "-m", "pip", "install", "--quiet", "--dry-run"]
        command += ["--ignore-installed", "--only-binary", ":all:", "--report", str(file)]
        subprocess.run([*command, *options, *packages], check=True)
        return json.loads(file.read_text(encoding="utf-8"))


def pip_of(python: Path | str) -> list[str]:
    """Return the command that installs packages for a Python."""
    return [str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]


def version_of(interpreter: str) -> str:
    """Return the version of a Python, such as '3.12'; '' for what is no Python that runs."""
    shown = "import sys; print('{}.{}'.format(*sys.version_info))"
    try:
        done = subprocess.run([interpreter, "-c", shown], capture_output=True, text=True)
    except OSError:
        return ""
    return done.stdout.strip() if done.returncode == 0 else ""


def install_locked(python: Path | str, version: str) -> None:
    """Install the locked packages of this version of Python, and nothing else."""
    exact = ["--require-hashes", "--no-deps", "--only-binary", ":all:"]
    command = [*pip_of(python), *exact, "--requirement", str(lock_of(version))]
    subprocess.run(command, check=True)


def _install(options: list[str], version: str) -> None:
    """Install everything into .venv."""
    packages, bare = listed()
    course = ["--no-deps", "--editable", str(ROOT)]
    if "--locked" in options:
        install_locked(PYTHON, version)
        # With the locked setuptools: otherwise pip would fetch the newest to build with.
        subprocess.run([*pip_of(PYTHON), "--no-build-isolation", *course], check=True)
        return
    packages = newest(packages) if "--newest" in options else packages
    subprocess.run([*pip_of(PYTHON), *packages], check=True)
    # d2l's own pins cannot be installed on Python 3.12 and newer.
    subprocess.run([*pip_of(PYTHON), *bare, *course], check=True)


def main(options: list[str]) -> None:
    """Create or complete the environment, or write down what it would be."""
    version = "{}.{}".format(*sys.version_info)
    if not (3, 11) <= sys.version_info[:2] <= (3, 13):
        sys.exit(
            f"Python 3.11, 3.12 or 3.13 is needed, this is {sys.version.split()[0]}. "
            "Install one of them and name it: make PYTHON=python3.12 …"
        )
    if {"--lock", "--locked"} & set(options) and not has_locks():
        sys.exit("The files in locks/ are those of Linux on x86-64; leave out --lock and --locked.")
    if "--lock" in options:
        write_lock(version)
        return
    print("Setting up .venv. The first time, several GB are downloaded: some minutes.", flush=True)
    subprocess.run([sys.executable, "-m", "venv", str(VENV)], check=True)
    _install(options, version)
    kernel = [str(PYTHON), "-m", "ipykernel", "install", "--sys-prefix", "--name", "python3"]
    variables = [word for pair in KERNEL_VARIABLES.items() for word in ("--env", *pair)]
    names = ["--display-name", "Python 3 (ipykernel)", *variables]
    subprocess.run([*kernel, *names], check=True, stdout=subprocess.DEVNULL)


def has_locks() -> bool:
    """Whether the locked files are for this system."""
    return (sys.platform, platform.machine()) == ("linux", "x86_64")


if __name__ == "__main__":
    try:
        main(sys.argv[1:])
    except ValueError as error:
        sys.exit(str(error))
    except subprocess.CalledProcessError as error:
        sys.exit(
            f"The environment is not complete: a step failed with code {error.returncode}. The "
            "lines above say why. The same command goes on from here."
        )
