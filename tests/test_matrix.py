"""Notebooks are run in other surroundings, kept, compared, and run again when they change."""

import dataclasses
import json
import subprocess
import sys
import threading
import time
from decimal import Decimal
from pathlib import Path

import nbformat
import pytest
from nbclient.exceptions import DeadKernelError
from nbformat.v4 import new_code_cell, new_notebook, new_output

from tests.processes import family
from tools.matrix import __main__ as matrix
from tools.matrix import environments, rows, runs, tables
from tools.matrix.rows import Row, absent, named
from tools.outputs.compare import compare

AS_IT_IS, NO_BARS, AVX2 = named(["as-it-is", "no-bars", "avx2"])
SOURCES = [  # with what is stored
    ("import os\nfrom helpers.notebook.display import progress_bar", None),
    ("print(progress_bar(total=1).disable)", "False\n"),
    (
        "# measured: loss ±0.2, share ±10%\nprint('loss 1.15, share 20.5')",
        "loss 1.05, share 20.0\n",
    ),
    ("print(os.environ.get('ATEN_CPU_CAPABILITY'))", "None\n"),
]


def write(path, sources=SOURCES):
    cells = [
        new_code_cell(
            source,
            execution_count=n,
            outputs=[new_output("stream", text=stored)] if stored else [],
        )
        for n, (source, stored) in enumerate(sources, start=1)
    ]
    nbformat.write(new_notebook(cells=cells), path)
    return path


@pytest.fixture
def path(tmp_path, monkeypatch):
    monkeypatch.setattr(runs, "RESULTS", tmp_path / "results")
    return write(tmp_path / "7.9-small.ipynb")


def test_what_a_run_says_of_itself_may_come_in_parts(path, monkeypatch):
    late = "import sys, time\nsys.stdout.flush()\ntime.sleep(0.5)\nprint()\n"
    monkeypatch.setattr(runs, "ABOUT", runs.ABOUT + late)
    assert runs.run(path, AS_IT_IS, None).about["threads"] == 1


def test_a_run_is_kept_compared_and_old_when_the_code_changes(path, monkeypatch):
    assert runs.kept(path, AS_IT_IS) is None
    runs.run(path, AS_IT_IS, None)
    kept = runs.kept(path, AS_IT_IS)
    assert sorted(kept.outputs) == [1, 2, 3, 4]
    assert kept.about["python"].startswith(rows.HERE)
    assert kept.about["threads"] == 1
    found = tables.compared(path, AS_IT_IS)
    assert found.failed == {}
    assert {m.name: share for (_, m), share in found.shares.items()} == {
        "loss": Decimal("0.5"), "share": Decimal("0.25")
    }  # fmt: skip

    narrower = [(s.replace("±0.2", "±0.05"), stored) for s, stored in SOURCES]
    write(path, narrower)
    assert runs.kept(path, AS_IT_IS) == kept  # another tolerance needs no other run
    assert "off by 0.1" in tables.compared(path, AS_IT_IS).failed[3]

    monkeypatch.setattr(runs, "present_torch", lambda: "2.99.0")
    assert runs.kept(path, AS_IT_IS) is None
    monkeypatch.undo()
    monkeypatch.setattr(runs, "RESULTS", path.parent / "results")
    write(path, [*SOURCES, ("print(1)", "1\n")])
    assert runs.kept(path, AS_IT_IS) is None


def kernels():
    commands = family(lambda each: " ".join(each.cmdline()))
    return {pid for pid, command in commands.items() if "ipykernel_launcher" in command}


def test_the_surrounding_reaches_the_cells_and_what_differs_is_named(path):
    here = dataclasses.replace(AVX2, machine="", variables=AVX2.variables | NO_BARS.variables)
    before = kernels()
    runs.run(path, here, Path(sys.executable))  # as in an environment of its own
    assert kernels() <= before, "the kernel was left running"
    found = tables.compared(path, here)
    assert sorted(found.failed) == [2, 4]
    assert "expected 'False', got 'True'" in found.failed[2]
    assert "expected 'None', got 'avx2'" in found.failed[4]
    lines, good = tables.lines_of([path], [AS_IT_IS, here])
    assert not good
    assert lines[2] == "| 7.9-small | not run | **In [2], In [4]** |"
    assert any(line.startswith("- 7.9 In [2], avx2: output 1") for line in lines)


def keep(path, row, *texts, torch=None):
    """Keep what a run would have shown: one text for each cell."""
    outputs = {n: [new_output("stream", text=text)] for n, text in enumerate(texts, start=1)}
    about = {
        "python": "3.12.1", "torch": torch or runs.present_torch(), "numpy": "2.4.6",
        "matplotlib": "3.11.2", "machine": "x86_64", "processor": "a processor",
        "instructions": "AVX2", "threads": 1,
    }  # fmt: skip
    content = {"key": runs._key(path, row), "seconds": 90, "about": about, "outputs": outputs}
    runs.place_of(path, row).parent.mkdir(exist_ok=True)
    runs.place_of(path, row).write_text(json.dumps(content), "utf-8")


@pytest.mark.parametrize(("got", "used", "verdict"), [
    ("0.9990", "0%", "wider than it needs"),
    ("0.9900", "18%", "wider than it needs"),
    ("0.9790", "40%", ""),
    ("0.9590", "80%", "close"),
    ("0.9390", "120%", "**too narrow**"),
])  # fmt: skip
def test_tolerances_are_judged_by_the_largest_deviation(path, got, used, verdict):
    write(path, [("# measured: loss ±0.05\nprint(loss)", "loss 0.9990\n")])
    judging = named(["as-it-is", *tables.SHAKEN])
    for row in judging[:-1]:
        keep(path, dataclasses.replace(row, machine=""), "loss 0.9990\n")
    keep(path, judging[-1], f"loss {got}\n")
    chosen = [dataclasses.replace(row, machine="") for row in judging]
    lines, good = tables.lines_of([path], chosen)
    [line] = [line for line in lines if line.startswith("| 7.9 In [1] loss | ±0.05 |")]
    assert line.split(" | ")[3] == used
    assert line.split(" | ")[5] == "not run"
    assert line.split(" | ")[6].removesuffix(" |") == verdict
    assert good == (verdict != "**too narrow**")
    fewer, _ = tables.lines_of([path], chosen[:2])
    assert not any("wider" in line for line in fewer)  # while rows that shake it are missing


def test_other_seeds_are_shown_and_judge_nothing(path):
    write(path, [("# measured: loss ±0.05\nprint(loss)", "loss 0.9990\n")])
    chosen = named(["as-it-is", "seed-1", "seed-2"])
    for row, got in zip(chosen, ("0.9980", "0.7990", "1.0990")):
        keep(path, row, f"loss {got}\n")
    lines, good = tables.lines_of([path], [dataclasses.replace(row, machine="") for row in chosen])
    assert good
    assert "| 7.9 In [1] loss | ±0.05 | 0.0010 | 2% | as-it-is | 0.20 |  |" in lines


def test_a_tolerance_at_the_floor_is_never_too_wide(path):
    write(path, [("# measured: loss ±0.01\nprint(loss)", "loss 0.9990\n")])
    chosen = [dataclasses.replace(row, machine="") for row in named(tables.SHAKEN)]
    for row in chosen:
        keep(path, row, "loss 0.9990\n")
    lines, good = tables.lines_of([path], chosen)
    assert good
    assert not any("wider" in line for line in lines)


def test_a_shaken_training_may_change_what_is_not_measured(path):
    write(path, [
        ("# measured: loss ±0.2\nprint(loss)", "loss 1.05, 3 classes\n"),
        ("print(worst)", "boots\n"),
    ])  # fmt: skip
    [row] = named(["rounding-1"])
    keep(path, row, "loss 1.10, 3 classes\n", "bags\n")
    assert tables.compared(path, row).failed == {}
    keep(path, row, "loss 1.30, 3 classes\n", "boots\n")
    assert sorted(tables.compared(path, row).failed) == [1]


def test_what_an_arm64_machine_kept_is_shown_beside_the_rest(path, monkeypatch):
    monkeypatch.setattr(rows.platform, "machine", lambda: "x86_64")
    [row] = named(["arm64"])
    assert absent(row) == "needs arm64, this is x86_64"
    assert runs.kept(path, row) is None
    keep(path, row, *(stored or "" for _, stored in SOURCES), torch="2.11.0")
    assert tables.lines_of([path], [row])[0][2] == "| 7.9-small | 0% |"


@pytest.mark.parametrize(("stored", "got", "share"), [
    ("loss 1.0", "loss 1.0", "0"), ("loss 1.0", "loss 1.05", "0.5"),
    ("loss 1.0", "loss nan", "Infinity"), ("loss nan", "loss nan", "0"),
])  # fmt: skip
def test_a_comparison_says_how_much_of_a_tolerance_is_used(stored, got, share):
    shown = [[new_output("stream", text=f"{text}, loss 2.0")] for text in (stored, got)]
    found = compare(*shown, "# measured: loss ±0.1", [])
    assert found.used == [Decimal(share), Decimal(0)]


def test_names_of_rows():
    assert [row.name for row in named(["avx2", "oldest"])] == ["avx2", "oldest"]
    with pytest.raises(ValueError, match="no row 'avx3'; there are as-it-is, "):
        named(["avx3"])
    assert len({row.name for row in rows.ROWS}) == len(rows.ROWS)


# Which runs are made.


@pytest.fixture
def made(path, monkeypatch):
    """Pretend to run; the names of what was run, and how many ran at once at most."""
    done, running, most = [], [], [0]
    lock = threading.Lock()

    def run(path, row, python):
        with lock:
            running.append(path)
            most[0] = max(most[0], len(running))
        time.sleep(0.1)
        with lock:
            running.remove(path)
        if "bad" in path.stem:
            raise DeadKernelError("died")
        done.append((path.stem, row.name))
        keep(path, row, *(stored or "" for _, stored in SOURCES))

    monkeypatch.setattr(runs, "run", run)
    monkeypatch.setattr(matrix.notebooks, "require_images", lambda: None)
    return done, most


def test_a_command_that_was_killed_goes_on_where_it_was(path, made):
    done, _ = made
    paths = [path, *(write(path.with_name(f"{n}.ipynb")) for n in ("a", "b"))]
    assert matrix.run_all(paths[:2], [AS_IT_IS], {}) == []
    assert matrix.run_all(paths, [AS_IT_IS, NO_BARS], {}) == []
    assert sorted(done) == sorted((p.stem, row.name) for p in paths for row in (AS_IT_IS, NO_BARS))


def test_two_run_at_a_time_where_the_row_says_so(path, made):
    done, most = made
    paths = [write(path.with_name(f"{n}.ipynb")) for n in "abcd"]
    matrix.run_all(paths, [AS_IT_IS], {})
    assert most == [1]
    [row] = named(["two-at-a-time"])
    matrix.run_all(paths, [row], {})
    assert most == [2]
    done.clear()
    runs.place_of(paths[2], row).unlink()
    matrix.run_all(paths, [row], {})
    assert len(done) == 2  # the one that was missing, and company for it


def test_a_dead_kernel_is_told_and_nothing_kept_of_it(path, made):
    bad = write(path.with_name("bad.ipynb"))
    [problem] = matrix.run_all([bad, path], [AS_IT_IS], {})
    assert problem == "bad, as-it-is: DeadKernelError: died"
    assert runs.kept(bad, AS_IT_IS) is None
    assert runs.kept(path, AS_IT_IS) is not None


def test_a_row_that_this_machine_has_not_is_told_when_it_is_named(path, made, monkeypatch):
    monkeypatch.setattr(rows.platform, "machine", lambda: "arm64")
    assert matrix.run_all([path], [AVX2], {}) == ["avx2: needs x86_64, this is arm64"]
    matrix.run_all([path], [], {})
    assert {name for _, name in made[0]} >= {"arm64", "2-threads", "no-bars", "two-at-a-time"}
    assert "as-it-is" not in {name for _, name in made[0]}  # which arm64 is, there
    assert "seed-1" not in {name for _, name in made[0]}  # only if it is named


# Environments of other Pythons and packages.


@pytest.fixture
def commands(tmp_path, monkeypatch):
    given = []
    monkeypatch.setattr(environments, "KEPT", tmp_path / "kept")

    def run(command, **options):
        given.append(" ".join(map(str, command)))
        if "venv" in command:
            Path(command[-1]).mkdir(parents=True, exist_ok=True)
        return subprocess.CompletedProcess(command, 0)

    monkeypatch.setattr(environments.subprocess, "run", run)
    return given


@pytest.mark.parametrize("name", ["oldest", "newest", "python-3.12"])
def test_an_environment_is_made_once(name, commands):
    [row] = named([name])
    pythons = {row.python: f"python{row.python}"}
    python = environments.provide(row, pythons)
    assert python.parts[-3] == name
    assert commands[0].startswith(f"python{row.python} -m venv ")
    installed = " ".join(commands[1:])
    assert {
        "oldest": "torch==2.11.*" in installed and "matplotlib==3.10.7.*" in installed,
        "newest": "torch>=2.11 " in installed and "numpy>=2.0 " in installed,
        "python-3.12": f"--require-hashes --no-deps --only-binary :all: --requirement "
        f"{environments.environment.lock_of('3.12')}" in installed,
    }[name]
    if name != "python-3.12":
        assert commands[-1].endswith("--no-deps d2l==1.0.3")
    commands.clear()
    assert environments.provide(row, pythons) == python
    assert commands == []


def test_an_environment_is_made_again_when_it_was_not_complete(commands, monkeypatch):
    [row] = named(["oldest"])
    pythons = {"3.11": "python3.11"}

    def fail(row, python):
        raise subprocess.CalledProcessError(1, ["pip"])

    with monkeypatch.context() as patched:
        patched.setattr(environments, "_install", fail)
        with pytest.raises(ValueError, match="environment of oldest is not complete"):
            environments.provide(row, pythons)
    commands.clear()
    environments.provide(row, pythons)
    assert commands


def test_a_python_that_is_missing_is_named(commands, path, made):
    [row] = named(["newest"])
    [problem] = matrix.run_all([path], [row], {"3.11": "python3.11"})
    assert problem == "newest needs Python 3.13: name one by --python"


def test_interpreters_are_this_one_and_those_that_are_named():
    assert environments.interpreters([])[rows.HERE] == sys.executable
    assert environments.interpreters([sys.executable])[rows.HERE] == sys.executable
    with pytest.raises(ValueError, match="must name a Python that runs, got '/no/python'"):
        environments.interpreters(["/no/python"])


def test_the_present_environment_is_no_other(commands):
    assert environments.provide(AS_IT_IS, {}) is None
    assert commands == []


def test_results_of_other_packages_are_old(path, monkeypatch):
    row = Row("python-3.12", "", python="3.12", packages="locked")
    keep(path, row, *(stored or "" for _, stored in SOURCES), torch="2.1")
    assert runs.kept(path, row) is not None  # whatever the present environment has
    other = path.parent / "locks"
    other.mkdir()
    (other / "3.12.txt").write_text("torch==2.99\n", "utf-8")
    monkeypatch.setattr(environments.environment, "LOCKS", other)
    assert runs.kept(path, row) is None


def test_the_list_says_what_is_kept_and_what_is_old(path, monkeypatch, capsys):
    monkeypatch.setattr(matrix.notebooks, "named", lambda names: [path])
    keep(path, NO_BARS, "")
    keep(path, AS_IT_IS, "")
    runs.place_of(path, AS_IT_IS).write_text(
        runs.place_of(path, AS_IT_IS).read_text("utf-8").replace('"key": "', '"key": "0'), "utf-8"
    )
    matrix.main(["--list"])
    lines = capsys.readouterr().out.splitlines()
    assert any(line.startswith("| no-bars |") and "1 of 1" in line for line in lines)
    assert any(line.startswith("| as-it-is |") and "0 of 1, 1 of other code" in line
               for line in lines)  # fmt: skip
    assert len(lines) == len(rows.ROWS) + 2
