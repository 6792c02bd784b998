"""Run notebooks as Colab would, each alone in an empty folder, and compare what they show.

The repository is served by git on this machine: its last commit, under a tag of its own. So the
start cell's own command fetches it. The rest of a notebook must show what is stored.
"""

import argparse
import subprocess
import tempfile
import time
from pathlib import Path
from typing import NamedTuple

import nbformat
from jupyter_client.kernelspec import KernelSpecManager
from jupyter_client.manager import AsyncKernelManager
from nbclient.exceptions import CellExecutionError
from nbformat import NotebookNode
from nbval.plugin import coalesce_streams

from tools.colab import machine, stamp
from tools.colab.place import ROOT, Place
from tools.execution import ONE_THREAD, client_of, is_compared
from tools.notebooks import named
from tools.outputs.compare import compare

TAG = "trial"
CELL_TIMEOUT = 900  # seconds


class Result(NamedTuple):
    """What became of a notebook: seconds, cells compared, problems, the start cell's line."""

    start: float  # that the start cell took
    training: float | None  # from the start cell's beginning to the first training's; None: none
    whole: float
    compared: int
    problems: list[str]
    said: str


def add_options(parser: argparse.ArgumentParser) -> None:
    """Add the options of `try`."""
    parser.add_argument("--python", default="3.13", choices=sorted(machine.lists()))
    parser.add_argument("--interpreter", metavar="PATH", help="a Python of that version")
    parser.add_argument("--published", action="store_true", help="read Colab's versions anew")


def run(given: argparse.Namespace) -> bool:
    """Try notebooks, print a table, and return whether all show what is stored.

    Raises ValueError if there is no such notebook, no environment, or no commit.
    """
    if not machine.is_supported():
        raise ValueError("a trial needs Linux, as Colab is one")
    names = [path.stem for path in named(given.names)]
    python = machine.provide(given.python, _versions(given), given.interpreter)
    machine.remove(python, "d2l")
    before = machine.installed(python)
    print(f"before: {_short(before, given.python)}", flush=True)
    with tempfile.TemporaryDirectory(prefix="companion-colab-") as folder:
        place = serve(Path(folder) / "served.git")
        machine.write_kernel(python, Path(folder) / "kernels")
        good = True
        for name in names:
            machine.remove(python, "d2l")
            result = try_notebook(name, place, Path(folder))
            good &= not result.problems
            print(row(name, result), flush=True)
    after = machine.installed(python)
    print(f"after:  {_short(after, given.python)}")
    changed = {k: (before.get(k), after.get(k)) for k in before | after if k != "d2l"}
    changed = {name: versions for name, versions in changed.items() if versions[0] != versions[1]}
    print(f"changed besides d2l {after.get('d2l')}: {changed or 'nothing'}")
    return good and not changed


def serve(target: Path) -> Place:
    """Make a repository of the last commit, with a tag, that git can clone from.

    Raises ValueError if there is none.
    """
    commands = [
        ["git", "clone", "--quiet", "--bare", str(ROOT), str(target)],
        ["git", "-C", str(target), "tag", "--force", TAG, "HEAD"],
    ]
    for command in commands:
        done = subprocess.run(command, capture_output=True, text=True)
        if done.returncode:
            raise ValueError(f"the last commit cannot be served: {done.stderr.strip()}")
    status = ["git", "-C", str(ROOT), "status", "--porcelain", "--untracked-files=no"]
    if subprocess.run(status, capture_output=True, text=True).stdout.strip():
        print("NOTICE: changes that are not committed are not tried.", flush=True)
    return Place(f"file://{target}", TAG)


def try_notebook(name: str, place: Place, folder: Path) -> Result:
    """Run a notebook of the last commit alone in an empty folder, and compare its outputs."""
    served = place.repository.removeprefix("file://")
    shown = subprocess.run(
        ["git", "-C", served, "show", f"{TAG}:notebooks/{name}.ipynb"],
        capture_output=True,
        check=True,
    )
    notebook = nbformat.reads(shown.stdout.decode("utf-8"), as_version=4)
    stamp.stamp(notebook, f"{name}.ipynb", place)
    stored = [list(cell.get("outputs", [])) for cell in notebook.cells]
    times: list[float | None] = [None] * (len(notebook.cells) + 1)
    problem = _execute(notebook, folder, folder / name, times)
    problems = [problem] if problem else []
    said, compared = "", 0
    for i, (cell, outputs) in enumerate(zip(notebook.cells, stored)):
        if cell.cell_type != "code" or times[i] is None:
            continue
        got = coalesce_streams(cell.outputs)
        if cell.id == stamp.START:
            said = "".join(output.get("text", "") for output in got)
            if len(got) != 1 or got[0].get("name") != "stdout" or said.count("\n") != 1:
                problems.append(f"the start cell showed {got}")
            continue
        if not is_compared(cell):
            continue
        compared += 1
        found = compare(outputs, got, cell.source, cell.metadata.get("tags", []))
        problems += [f"In [{cell.execution_count}]: {d}" for d in found.differences[:1]]
    code = [i for i, cell in enumerate(notebook.cells) if cell.cell_type == "code"]
    training = [i for i in code if ".fit(" in notebook.cells[i].source]
    return Result(
        start=_seconds(times, code[0], code[0] + 1),
        training=_seconds(times, code[0], training[0]) if training else None,
        whole=_seconds(times, code[0], len(times) - 1),
        compared=compared,
        problems=problems,
        said=said.strip(),
    )


def _seconds(times: list[float | None], first: int, last: int) -> float:
    """Return the seconds from one cell's beginning to another's; nan if that was not reached."""
    began, ended = times[first], times[last]
    return float("nan") if began is None or ended is None else ended - began


def _execute(notebook: NotebookNode, folder: Path, alone: Path, times: list[float | None]) -> str:
    """Run a notebook in an empty folder; note when each cell began, and last when all ended.

    Returns what failed, or ''.
    """
    alone.mkdir()
    specs = KernelSpecManager(kernel_dirs=[str(folder / "kernels")], ensure_native_kernel=False)
    manager = AsyncKernelManager(kernel_name="colab", kernel_spec_manager=specs)
    client = client_of(notebook, alone, timeout=CELL_TIMEOUT, kernel_name="colab", km=manager)

    def note(cell: NotebookNode, cell_index: int) -> None:
        times[cell_index] = time.monotonic()

    client.on_cell_start = note
    # Stills, for these are what is stored.
    work = {"COMPANION_WORK": str(folder / f"{alone.name} work"), "COMPANION_STILL": "1"}
    try:
        client.execute(cleanup_kc=True, env=machine.variables(**ONE_THREAD, **work))
    except CellExecutionError as error:
        return f"{error.ename}: {error.evalue}"
    finally:
        times[-1] = time.monotonic()
    return ""


def row(name: str, result: Result) -> str:
    """Return what is printed of a notebook."""
    training = "none" if result.training is None else f"after {result.training:.0f} s"
    verdict = "FAILS" if result.problems else "as stored"
    lines = [
        f"{name}: {result.compared} cells, {verdict}; start cell {result.start:.1f} s, "
        f"first training {training}, whole {result.whole:.0f} s",
        f"    {result.said}",
        *(f"    {problem}" for problem in result.problems),
    ]
    return "\n".join(lines)


def _versions(given: argparse.Namespace) -> dict[str, str]:
    """Return the versions to try."""
    listed = machine.lists()[given.python]
    if given.published:
        try:
            versions = machine.published(given.python)
        except OSError as error:
            print(f"No network ({error}): the versions of {listed['as_of']} are tried.")
        else:
            changed = sorted(versions.items() - listed["packages"].items())
            print(f"Published since {listed['as_of']}: {changed or 'nothing new'}")
            return versions
    return listed["packages"]


def _short(versions: dict[str, str], python: str) -> str:
    names = [*sorted(machine.lists()[python]["packages"]), "d2l"]
    return ", ".join(f"{name} {versions.get(name, '–')}" for name in names)
