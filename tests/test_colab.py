"""Colab: everything that is stamped is as the one place says, and the start cell starts."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest

from tests.common import git, repository
from tools.colab import machine, place, stamp, start, trial
from tools.colab.__main__ import main
from tools.colab.place import Place
from tools.environment import KERNEL_VARIABLES

ROOT = Path(__file__).resolve().parent.parent
NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))
NOWHERE = Place("", "")
SOMEWHERE = Place("https://github.com/owner/name", "v0.2")
ON_COLAB = "import sys, types; sys.modules['google.colab'] = types.ModuleType('colab')\n"
BEGIN = "def begin(gpu=False):\n    print('begun in', __file__, gpu)\n"

linux = pytest.mark.skipif(not machine.is_supported(), reason="Colab runs Linux's programs")


def read(path):
    return nbformat.read(path, as_version=4)


@pytest.fixture
def served(tmp_path):
    """A repository with a tag v1 that has what the start cell needs."""
    folder = tmp_path / "served"
    for name, text in [
        ("helpers/__init__.py", ""),
        ("notebooks/7.1.ipynb", ""),
        ("tools/__init__.py", ""),
        ("tools/colab/__init__.py", ""),
        ("tools/colab/start.py", BEGIN),
    ]:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")
    repository(folder)
    git(folder, "tag", "v1")
    return folder


def at(folder, revision="v1"):
    return Place(f"file://{folder}", revision)


def run_cell(code, folder, *, colab=True, **variables):
    """Run a start cell in a new Python, in a folder that is made if need be."""
    folder.mkdir(exist_ok=True)
    environment = {k: v for k, v in os.environ.items() if k != "PYTHONPATH"} | variables
    return subprocess.run(
        [sys.executable, "-c", (ON_COLAB if colab else "") + code],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
    )


# What stands in the notebooks.


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda p: p.stem)
def test_every_notebook_is_stamped_with_the_one_place(path):
    notebook = read(path)
    stamp.stamp(notebook, path.name, place.read())
    before = path.read_text(encoding="utf-8")
    assert nbformat.writes(notebook).rstrip() == before.rstrip(), "run: python -m tools.colab stamp"


def test_the_notebooks_that_train_with_larger_settings_ask_for_a_gpu():
    asking = {path.stem[:3] for path in NOTEBOOKS if "accelerator" in read(path).metadata}
    assert asking == {"8.1", "8.2", "8.3", "8.4", "8.5", "8.6"}


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda p: p.stem)
def test_stamps_come_off_again(path):
    notebook = read(path)
    stamp.stamp(notebook, path.name, NOWHERE)
    before = nbformat.writes(notebook)
    stamp.stamp(notebook, path.name, SOMEWHERE)
    once = nbformat.writes(notebook)
    assert once.count("colab.research.google.com/github/owner/name/blob/v0.2/notebooks/") == 1
    assert f"/notebooks/{path.name})" in notebook.cells[0].source
    assert notebook.cells[1].source.count("--branch v0.2 https://github.com/owner/name") == 1
    stamp.stamp(notebook, path.name, SOMEWHERE)
    assert nbformat.writes(notebook) == once
    stamp.stamp(notebook, path.name, NOWHERE)
    assert nbformat.writes(notebook) == before


def test_a_repository_elsewhere_gets_no_badge():
    notebook = read(NOTEBOOKS[0])
    stamp.stamp(notebook, NOTEBOOKS[0].name, Place("https://git.example.org/a/b", "main"))
    assert "Open in Colab" not in notebook.cells[0].source
    assert "https://git.example.org/a/b" in notebook.cells[1].source


def test_a_notebook_that_was_never_run_gets_no_numbers():
    cells = [nbformat.v4.new_markdown_cell("# A"), nbformat.v4.new_code_cell("1")]
    notebook = nbformat.v4.new_notebook(cells=cells)
    stamp.stamp(notebook, "a.ipynb", NOWHERE)
    assert [cell.get("execution_count", 0) for cell in notebook.cells] == [0, None, None]


def test_a_cell_that_is_no_python_asks_for_no_gpu():
    cells = [nbformat.v4.new_code_cell("%time helpers.settings(quick=a, book=b)")]
    assert not stamp.needs_gpu(nbformat.v4.new_notebook(cells=cells))


# The start cell.


@pytest.mark.parametrize("where", [NOWHERE, SOMEWHERE], ids=["no address", "address"])
def test_the_start_cell_is_short_and_does_nothing_elsewhere(where, tmp_path):
    code = stamp.start_cell(where, gpu=True)
    assert len(code.splitlines()) <= 15
    assert max(map(len, code.splitlines())) <= 100
    done = run_cell(code, tmp_path / "alone", colab=False)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert list((tmp_path / "alone").iterdir()) == []


@linux
def test_the_start_cell_fetches_the_course_once(served, tmp_path):
    alone, code = tmp_path / "alone", stamp.start_cell(at(served), gpu=True)
    for _ in range(2):
        done = run_cell(code, alone)
        course = alone / "companion-v1"
        assert done.stdout == f"begun in {course / 'tools/colab/start.py'} True\n"
        assert (done.returncode, done.stderr) == (0, "")
        assert [path.name for path in alone.iterdir()] == ["companion-v1"]
        shutil.move(served, tmp_path / "gone")  # the second time, nothing is fetched
        shutil.copytree(tmp_path / "gone", served / "other")


@linux
def test_a_half_clone_is_fetched_anew(served, tmp_path):
    alone = tmp_path / "alone"
    (alone / "companion-v1~" / "helpers").mkdir(parents=True)
    (alone / "companion-v1~" / "half").touch()
    done = run_cell(stamp.start_cell(at(served), gpu=False), alone)
    assert done.stdout.endswith("False\n")
    assert [path.name for path in alone.iterdir()] == ["companion-v1"]
    assert not (alone / "companion-v1" / "half").exists()


@linux
@pytest.mark.parametrize("inside", [".", "notebooks"])
def test_inside_a_clone_nothing_is_fetched(served, inside):
    code = stamp.start_cell(Place("file:///nowhere", "v9"), gpu=False)
    done = run_cell(code, served / inside)
    assert done.stdout == f"begun in {served / 'tools/colab/start.py'} False\n"


@linux
def test_a_revision_that_is_missing_is_said_and_fetched_when_it_is_there(served, tmp_path):
    code = stamp.start_cell(at(served, "v2"), gpu=False)
    twice = (
        f"code = {code!r}\n"
        "try:\n    exec(code)\nexcept AssertionError as error:\n    print('FIRST:', error)\n"
        f"import subprocess; subprocess.run(['git', '-C', {str(served)!r}, 'tag', 'v2'])\n"
        "exec(code)"
    )
    done = run_cell(twice, tmp_path / "alone")
    first, second = done.stdout.split("begun")
    assert first.startswith("FIRST: The course could not be fetched; run this again later.")
    assert "Remote branch v2 not found" in first
    assert "companion-v2" in second


@linux
@pytest.mark.parametrize(
    ("address", "path", "reason"),
    [
        ("https://nowhere.invalid/a/b", os.environ["PATH"], "nowhere.invalid"),
        ("https://github.com/owner/name", "{no git}", "git"),
    ],
    ids=["no network", "no git"],
)
def test_what_keeps_git_from_fetching_is_said_in_a_sentence(address, path, reason, tmp_path):
    tools = tmp_path / "tools"
    tools.mkdir()
    for name in ("sh", "rm", "mv", "timeout"):
        (tools / name).symlink_to(shutil.which(name) or name)
    code = stamp.start_cell(Place(address, "v1"), gpu=False)
    done = run_cell(code, tmp_path / "alone", PATH=path.replace("{no git}", str(tools)))
    sentence = done.stderr.split("AssertionError: ")[1]
    assert sentence.startswith("The course could not be fetched; run this again later.")
    assert reason in sentence
    assert len(sentence.splitlines()) <= 2


@linux
def test_without_an_address_the_course_can_be_uploaded(served, tmp_path):
    alone, code = tmp_path / "alone", stamp.start_cell(NOWHERE, gpu=False)
    done = run_cell(code, alone)
    assert "AssertionError: This notebook does not know" in done.stderr
    assert f"{alone / 'companion'}, as its README says" in done.stderr
    shutil.copytree(served, alone / "companion")
    assert run_cell(code, alone).stdout.startswith("begun")
    assert "Google Colab" in (ROOT / "README.md").read_text(encoding="utf-8")


# What it calls.


@pytest.fixture
def colab(monkeypatch, tmp_path):
    """As on a new machine of Colab's: no variables, no torch, no helpers, d2l there."""
    for name in ("COMPANION_WORK", *KERNEL_VARIABLES):
        monkeypatch.setenv(name, "")
        monkeypatch.delenv(name)
    for name in ("torch", "helpers", "d2l"):
        monkeypatch.delitem(sys.modules, name, raising=False)
    monkeypatch.setattr(start, "CONTENT", tmp_path)
    monkeypatch.setattr(start, "_installed", lambda name: "1.0.3")
    monkeypatch.setattr(start, "_has_torch", lambda name: True)
    return tmp_path


def test_begin_prints_one_line(colab, capsys, monkeypatch):
    start.begin()
    assert KERNEL_VARIABLES.items() <= os.environ.items()
    line = capsys.readouterr().out
    assert line.count("\n") == 1
    assert f"the course is in {ROOT}; d2l 1.0.3 was there already" in line
    assert "GPU" not in line
    monkeypatch.setattr(start, "GPU", colab / "no such device")
    start.begin(gpu=True)
    assert "no GPU, so quick settings" in capsys.readouterr().out
    monkeypatch.setattr(start, "GPU", colab)
    start.begin(gpu=True)
    assert "GPU" not in capsys.readouterr().out


def test_variables_that_pytorch_has_read_already_are_left(colab, monkeypatch):
    monkeypatch.setitem(sys.modules, "torch", start)
    start.begin()
    assert not KERNEL_VARIABLES.keys() & os.environ.keys()


def test_trainings_go_to_drive_once_it_is_mounted(colab, monkeypatch):
    assert "lost with this machine" in start.choose_work(colab)
    assert os.environ["COMPANION_WORK"] == str(colab / "companion-work")
    (colab / "drive" / "MyDrive").mkdir(parents=True)
    assert "lost" not in start.choose_work(colab)
    assert os.environ["COMPANION_WORK"] == str(colab / "drive" / "MyDrive" / "companion")
    monkeypatch.setenv("COMPANION_WORK", "/mine")
    assert "/mine" in start.choose_work(colab)
    assert os.environ["COMPANION_WORK"] == "/mine"


def test_helpers_of_somewhere_else_are_refused(colab, monkeypatch):
    stranger = type(sys)("helpers")
    stranger.__file__ = str(colab / "helpers.py")
    monkeypatch.setitem(sys.modules, "helpers", stranger)
    with pytest.raises(start.StartError, match=r"helpers\.py, not from .*Restart session") as error:
        start.begin()
    assert error.value._render_traceback_() == [f"StartError: {error.value}"]


def pip(monkeypatch, *, returncode=0, stderr="", installs="1.0.3"):
    """Put something in pip's place; return the list of its calls."""
    calls = []
    versions = {"d2l": None}

    def run(command, **options):
        calls.append(command[1:])
        versions["d2l"] = installs
        return subprocess.CompletedProcess(command, returncode, "", stderr)

    monkeypatch.setattr(start, "_installed", versions.get)
    monkeypatch.setattr(start.subprocess, "run", run)
    return calls


def test_d2l_is_installed_alone_and_once(colab, monkeypatch):
    calls = pip(monkeypatch)
    assert start.provide_d2l() == "d2l 1.0.3 was installed"
    assert start.provide_d2l() == "d2l 1.0.3 was there already"
    assert calls == [["-m", "pip", "install", "-qq", "--no-deps", "d2l==1.0.3"]]


@pytest.mark.parametrize(
    ("what", "sentence"),
    [
        (dict(returncode=1, stderr="a\nERROR: no network\n"), r"\(ERROR: no network\)"),
        (dict(returncode=1), r"\(pip failed\)"),
        (dict(installs="0.17.6"), "Python finds another d2l than d2l==1.0.3 first"),
    ],
)
def test_what_keeps_d2l_away_is_said(colab, monkeypatch, what, sentence):
    pip(monkeypatch, **what)
    with pytest.raises(start.StartError, match=sentence):
        start.provide_d2l()
    pip(monkeypatch)
    assert start.provide_d2l() == "d2l 1.0.3 was installed"


def test_pip_does_not_wait_for_ever(colab, monkeypatch):
    pip(monkeypatch)

    def run(command, timeout, **options):
        raise subprocess.TimeoutExpired(command, timeout)

    monkeypatch.setattr(start.subprocess, "run", run)
    with pytest.raises(start.StartError, match="could not be installed in 120 seconds"):
        start.provide_d2l()


def test_another_d2l_that_is_in_use_needs_a_restart(colab, monkeypatch):
    monkeypatch.setattr(start, "_installed", lambda name: "0.17.6")
    monkeypatch.setitem(sys.modules, "d2l", start)
    with pytest.raises(start.StartError, match=r"d2l 0\.17\.6 is in use, .* Restart session"):
        start.provide_d2l()


def test_a_folder_called_d2l_is_no_d2l(colab, monkeypatch):
    monkeypatch.setattr(start, "_has_torch", lambda name: False)
    with pytest.raises(start.StartError, match="Python finds another d2l"):
        start.provide_d2l()


# The one place.


@pytest.mark.parametrize(
    ("remote", "address"),
    [
        ("git@github.com:owner/name.git", "https://github.com/owner/name"),
        ("ssh://git@github.com:22/owner/name", "https://github.com/owner/name"),
        ("https://me:secret@github.com/owner/name.git", "https://github.com/owner/name"),
        ("https://git.example.org:8443/a/b/c.git/", "https://git.example.org:8443/a/b/c"),
        ("git://example.org/a", "https://example.org/a"),
        ("/home/me/course", ""),
        ("../course", ""),
        ("file:///home/me/course", ""),
        ("", ""),
    ],
)
def test_a_remote_becomes_an_address_without_passwords(remote, address):
    assert place.as_https(remote) == address


@pytest.mark.parametrize(
    ("repository", "revision", "wrong"),
    [
        ("http://github.com/a/b", "main", "repository"),
        ("https://github.com/a/b; rm -rf ~", "main", "repository"),
        ("https://github.com/a/b", "", "revision"),
        ("https://github.com/a/b", "--upload-pack=x", "revision"),
        ("https://github.com/a/b", "a b", "revision"),
    ],
)
def test_what_is_no_place_is_refused(repository, revision, wrong):
    with pytest.raises(ValueError, match=f"^{wrong} must be "):
        place.checked(repository, revision)


def test_the_place_is_found_out_written_down_and_read(tmp_path):
    file = tmp_path / "pyproject.toml"
    file.write_text('[tool.companion]\nrepository = ""\nrevision = ""\n[tool.a]\nrevision = "x"\n')
    assert place.chosen(None, None, file) == NOWHERE  # no git here, or no remote
    repository(tmp_path)
    git(tmp_path, "remote", "add", "origin", "git@github.com:owner/name.git")
    assert place.chosen(None, None, file) == Place("https://github.com/owner/name", "main")
    git(tmp_path, "tag", "v0.2")
    assert place.chosen(None, None, file) == SOMEWHERE
    assert place.write(SOMEWHERE, file)
    assert not place.write(SOMEWHERE, file)
    assert place.read(file) == SOMEWHERE
    assert '[tool.a]\nrevision = "x"' in file.read_text()
    # What is written down stays, unless the repository is another.
    git(tmp_path, "tag", "--delete", "v0.2")
    assert place.chosen(None, None, file) == SOMEWHERE
    git(tmp_path, "remote", "set-url", "origin", "https://github.com/fork/name")
    assert place.chosen(None, None, file) == Place("https://github.com/fork/name", "main")
    assert place.chosen("", None, file) == NOWHERE
    file.write_text("[tool.companion]\n")
    with pytest.raises(ValueError, match="must have a line repository = "):
        place.write(SOMEWHERE, file)


def test_the_command_refuses_what_is_no_address():
    with pytest.raises(SystemExit, match="repository must be an https address"):
        main(["stamp", "--repository", "somewhere"])


# The trial.


def test_published_versions_are_read():
    text = (
        "torch @ https://host.org/cpu/torch-2.11.0%2Bcpu-cp313-cp313-linux.whl\n"
        "Jupyter-Client==7.4.9\n"
    )
    names = ["torch", "jupyter_client"]
    assert machine.read_freeze(text, names, "3.13") == {
        "torch": "2.11.0",
        "jupyter_client": "7.4.9",
    }
    with pytest.raises(ValueError, match=r"Python 3\.13 now, not 3\.12"):
        machine.read_freeze(text, names, "3.12")
    with pytest.raises(ValueError, match="no version of numpy"):
        machine.read_freeze(text, ["numpy"], "3.13")


def test_versions_of_colab_stand_in_one_file():
    for python, listed in machine.lists().items():
        assert listed["packages"].keys() >= {"torch", "numpy", "ipython", "ipykernel", "pip"}
        assert re.fullmatch(r"3\.\d+", python)


@linux
def test_a_notebook_is_tried_alone_and_compared(tmp_path, monkeypatch, capsys):
    course = tmp_path / "course"
    for name in ("tools/__init__.py", "tools/environment.py", "environment.yml"):
        (course / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, course / name)
    shutil.copytree(ROOT / "tools" / "colab", course / "tools" / "colab")
    (course / "helpers").mkdir()
    (course / "helpers" / "__init__.py").write_text("NAME = 'fetched'")
    cells = [
        nbformat.v4.new_markdown_cell("# A"),
        nbformat.v4.new_code_cell(
            "import helpers\nprint(helpers.NAME, len(__import__('os').listdir()))"
        ),
    ]
    cells[1].outputs = [nbformat.v4.new_output("stream", name="stdout", text="fetched 1\n")]
    timed = nbformat.v4.new_code_cell("print(2)", metadata={"tags": ["nbval-ignore-output"]})
    timed.outputs = [nbformat.v4.new_output("stream", name="stdout", text="1\n")]
    cells.append(timed)
    wrong = [*cells, nbformat.v4.new_code_cell("1 / 0", id="wrong")]
    (course / "notebooks").mkdir()
    for name, chosen in (("right", cells), ("wrong", wrong)):
        nbformat.write(nbformat.v4.new_notebook(cells=chosen), course / f"notebooks/{name}.ipynb")
    repository(course)
    (course / "helpers" / "__init__.py").write_text("NAME = 'not committed'")
    monkeypatch.setattr(trial, "ROOT", course)
    where = trial.serve(tmp_path / "served.git")
    assert "not committed are not tried" in capsys.readouterr().out
    machine.write_kernel(Path(sys.executable), tmp_path / "kernels")
    right = trial.try_notebook("right", where, tmp_path)
    assert (right.problems, right.compared, right.training) == ([], 1, None)
    assert right.said.startswith(
        f"Colab: the course is in {tmp_path / 'right/companion-trial'}; d2l"
    )
    failing = trial.try_notebook("wrong", where, tmp_path)
    assert "ZeroDivisionError" in failing.problems[0]
    assert "FAILS" in trial.row("wrong", failing)
