"""`helpers.from_notebook` lends what a notebook defines, and runs nothing of it."""

import builtins
import dis
import io
import os
import pickle
import shutil
import subprocess
import sys
import traceback
import zipfile
from pathlib import Path
from types import CodeType, FunctionType

import nbformat
import pytest
import torch

import helpers
from helpers.notebook import cells

ROOT = Path(__file__).resolve().parent.parent
NAMES = [name for name in cells.names() if name != "index"]


@pytest.fixture
def course(tmp_path, monkeypatch):
    """A course of one's own: course("name", "source of a cell", …) writes a notebook."""
    monkeypatch.setattr(cells, "FOLDER", tmp_path)

    def write(name, *sources):
        notebook = nbformat.v4.new_notebook(cells=list(map(nbformat.v4.new_code_cell, sources)))
        path = tmp_path / f"{name}.ipynb"
        nbformat.write(notebook, path)
        return path

    yield write
    for path in tmp_path.glob("*.ipynb"):
        sys.modules.pop(f"helpers.notebook.lent.section_{path.stem}", None)


def global_names(function):
    """Return the names that a function, and the functions in it, look up in their module."""
    pending, names = [function.__code__], set()
    for code in pending:
        pending += [c for c in code.co_consts if isinstance(c, CodeType)]
        names |= {i.argval for i in dis.get_instructions(code) if i.opname == "LOAD_GLOBAL"}
    return names


# --- what can be asked for -------------------------------------------------------------


def test_an_unknown_notebook_is_answered_with_those_that_there_are():
    with pytest.raises(ValueError, match=r"name must be a notebook in notebooks/ \(.*7.2-conv"):
        helpers.from_notebook("7.7-alexnet")


def test_a_name_may_end_in_ipynb_and_be_a_path():
    module = helpers.from_notebook("7.6-lenet")
    assert helpers.from_notebook("7.6-lenet.ipynb") is module
    assert helpers.from_notebook(Path("7.6-lenet.ipynb")) is module
    assert helpers.from_notebook(cells.FOLDER / "7.6-lenet.ipynb") is module


def test_a_copy_elsewhere_is_refused_rather_than_silently_not_read(tmp_path):
    shutil.copy(cells.FOLDER / "7.6-lenet.ipynb", tmp_path)
    with pytest.raises(
        ValueError, match=r"one of the course's own notebooks, such as '7\.6-lenet'"
    ):
        helpers.from_notebook(tmp_path / "7.6-lenet.ipynb")


@pytest.mark.parametrize("name", [None, 7.6, ["7.6-lenet"], b"7.6-lenet"])
def test_what_is_no_name_is_refused(name):
    with pytest.raises(TypeError, match=r"name must be that of a notebook, such as '7\.6-lenet'"):
        helpers.from_notebook(name)


@pytest.mark.parametrize("name", ["", ".", "..", "7.6", "lenet", "7.6-lenet.py"])
def test_an_incomplete_name_is_refused(name):
    with pytest.raises(ValueError, match="name must be "):
        helpers.from_notebook(name)


# --- what is lent ----------------------------------------------------------------------


@pytest.mark.parametrize("name", NAMES)
def test_every_lent_function_finds_the_variables_that_it_uses(name):
    module = helpers.from_notebook(name)
    lent = [v for v in vars(module).values() if getattr(v, "__module__", "") == module.__name__]
    methods = [f for kind in lent if isinstance(kind, type) for f in vars(kind).values()]
    for function in [*lent, *methods]:
        if isinstance(function, FunctionType):
            known = vars(module).keys() | vars(builtins).keys()
            assert global_names(function) <= known, function.__qualname__


def test_functions_run_with_the_constants_of_their_notebook():
    image = torch.zeros(5, 6)
    image[:, 3:] = 1
    filtered = helpers.from_notebook("7.1-why-conv").filtered(image)
    assert filtered.tolist() == [[0, -3, -3, 0]] * 3
    kernels = torch.rand(4, 1, 3, 3)
    features = helpers.from_notebook("8.1-alexnet").pooled_features(
        torch.rand(2, 1, 28, 28), kernels
    )
    assert features.shape == (2, 392)
    edges = helpers.from_notebook("7.5-pooling").edge_map(image[None, None])
    assert edges[0, 0, 0].tolist() == [0, 0, 0, 1, 0, 0, 1]


@pytest.mark.parametrize(
    "notebook, function, missing",
    [("8.3-nin", "percentages", "data"), ("7.2-conv-layer", "losses", "X")],
)
def test_a_function_that_needs_results_is_not_lent_and_says_which(notebook, function, missing):
    module = helpers.from_notebook(notebook)
    assert not hasattr(module, function)
    why = rf"{notebook} cannot lend '{function}', .*'{missing}', which only a run of the notebook"
    with pytest.raises(AttributeError, match=why):
        getattr(module, function)


def test_an_unknown_name_is_answered_with_what_there_is():
    with pytest.raises(AttributeError, match="no function or class 'ResNet'; it has NiN, SmallNiN"):
        helpers.from_notebook("8.3-nin").ResNet  # noqa: B018


def test_nothing_is_trained_shown_or_drawn_at_random(course, capfd):
    course(
        "page",
        "import torch\nfrom torch import nn\nprint('shown')",
        "def f():\n    return constant, table\n",
        "constant, table = 2 * torch.ones(2), {n: n**2 for n in range(3)}",
        "def train():\n    raise AssertionError\n\nresult = train()",
        "noise = torch.rand(3)\nnet = nn.Linear(2, 2)\nfile = open('somewhere')",
        "def g():\n    return noise\n\ndef h(X):\n    return net(X)\n\ndef i():\n    return file",
    )
    before = torch.get_rng_state()
    page = helpers.from_notebook("page")
    assert torch.equal(torch.get_rng_state(), before)
    assert capfd.readouterr() == ("", "")
    constant, table = page.f()
    assert constant.tolist() == [2, 2]
    assert table == {0: 0, 1: 1, 2: 4}
    for name in ("g", "h", "i", "result", "noise", "net"):
        assert not hasattr(page, name), name


@pytest.mark.parametrize(
    "change",
    ["K = [3]", "K[0] = 3", "K += [3]", "K.append(3)", "for K in ([3],):\n    pass", "del K"],
)
def test_a_variable_that_the_notebook_changes_is_no_constant(course, change):
    course("page", "K = [1, 2]\ndef f():\n    return K", change)
    with pytest.raises(AttributeError, match="cannot lend 'f', which uses 'K', which only a run"):
        helpers.from_notebook("page").f()


def test_what_uses_a_function_that_cannot_be_lent_cannot_be_lent_either(course):
    course(
        "page",
        "import d2l_like as d2l\nrun = input()",
        "def f():\n    return run",
        "class A:\n    def g(self):\n        return f()",
        "class B:\n    pass",
        "@d2l.add_to_class(B)\ndef g(self):\n    return run",
        "class C(B):\n    pass",
        "class D:\n    def g(self):\n        return 1",
    )
    page = helpers.from_notebook("page")
    for name in "fABC":
        with pytest.raises(AttributeError, match=r"'run', which only a run .* \(In \[1\]\)"):
            getattr(page, name)
    assert page.D().g() == 1


def test_imports_that_nothing_lent_needs_are_not_made(course):
    course("page", "import not_installed_here\nimport math as m\ndef f():\n    return m.pi")
    assert helpers.from_notebook("page").f() > 3


# --- a notebook that somebody is working in --------------------------------------------


@pytest.mark.parametrize(
    "line",
    [
        "%timeit f()",
        "%matplotlib inline",
        "!pip list",
        "!pip install \\\n    something",
        "?print",
        "print?",
        "torch.nn??",
        "files = !ls",
        "spent = %timeit -o f()",
        "for n in range(2):\n    %timeit f()",
    ],
)
def test_lines_of_ipython_are_passed_over(course, line):
    course("page", f"{line}\ndef f():\n    return 1\n{line}", "def g():\n    return f() + 1")
    assert helpers.from_notebook("page").g() == 2


def test_a_cell_under_time_is_python_and_one_under_bash_is_not(course):
    course("page", "%%time\ndef f():\n    return 1", "%%bash\ndef g():\n    return 1", "%%capture")
    page = helpers.from_notebook("page")
    assert page.f() == 1
    assert not hasattr(page, "g")


UNFINISHED = [
    "def broken(x",
    "if True:\n",
    "def broken():\nreturn 1",
    "x = = 1  # broken",
    "return",
]


def test_warnings_about_a_cell_are_left_to_whoever_runs_it(course, recwarn):
    course("page", "print('\\d', 1 is 1)", "def f():\n    return 1")
    assert helpers.from_notebook("page").f() == 1
    assert not recwarn.list


@pytest.mark.parametrize("source", UNFINISHED)
def test_an_unfinished_cell_does_not_keep_the_others_from_being_lent(course, source):
    course("page", "def f():\n    return 1", source, "def g():\n    return f() + 1")
    page = helpers.from_notebook("page")
    assert page.g() == 2
    with pytest.raises(AttributeError, match="page defines no function or class 'other'"):
        page.other  # noqa: B018


def test_asking_for_a_name_in_an_unfinished_cell_names_notebook_cell_and_line(course):
    course("page", "def f():\n    return 1", "x = 1\ny = 2\nclass Net(:\n    pass")
    why = r"page does not lend 'Net': In \[2\], which mentions it, cannot be read \(line 3: "
    with pytest.raises(AttributeError, match=why):
        helpers.from_notebook("page").Net()


def test_a_file_with_marks_of_a_merge_conflict_is_named(course):
    path = course("page", "def f():\n    return 1")
    path.write_text("<<<<<<< HEAD\n" + path.read_text("utf-8"), "utf-8")
    with pytest.raises(ValueError, match=r"page\.ipynb cannot be read as a notebook"):
        helpers.from_notebook("page")


def test_an_edited_class_is_lent_without_a_restart(course):
    path = course("page", "class Net:\n    layers = 3")
    old = helpers.from_notebook("page").Net
    assert helpers.from_notebook("page").Net is old
    course("page", "class Net:\n    layers = 4")
    os.utime(path, ns=(1, 1))  # also if the clock did not move, or went back
    assert helpers.from_notebook("page").Net.layers == 4
    assert old.layers == 3


def test_an_error_names_the_notebook_the_cell_and_the_line(course):
    course("page", "import math", "def f():\n    x = 1\n    return x / 0  # as it stands here")
    with pytest.raises(ZeroDivisionError) as caught:
        helpers.from_notebook("page").f()
    text = "".join(traceback.format_exception(caught.value))
    assert 'File "page.ipynb, In [2]", line 3, in f\n    return x / 0  # as it stands' in text


def test_a_notebook_that_cannot_be_lent_leaves_no_half_made_module(course):
    course("absent", "import not_installed_here", "def f():\n    return not_installed_here")
    for _ in range(2):
        with pytest.raises(ModuleNotFoundError, match="not_installed_here"):
            helpers.from_notebook("absent")
    assert "helpers.notebook.lent.section_absent" not in sys.modules


# --- saved, and loaded again -----------------------------------------------------------


def test_a_model_can_be_saved_whole_and_loaded_in_this_process():
    model = helpers.from_notebook("7.6-lenet").LeNet()
    X = torch.rand(2, 1, 28, 28)
    expected, file = model(X), io.BytesIO()
    torch.save(model, file)
    file.seek(0)
    loaded = torch.load(file, weights_only=False)
    assert type(loaded) is type(model)
    assert torch.equal(loaded(X), expected)


def test_a_saved_model_can_be_loaded_in_a_process_that_has_imported_nothing(tmp_path):
    model = helpers.from_notebook("8.3-nin").SmallNiN(((16, 5, 1, 2),) * 3)
    torch.save(model, tmp_path / "model.pt")
    code = (
        "import sys, torch\n"
        "model = torch.load(sys.argv[1], weights_only=False)\n"
        "print(type(model).__module__, len(model.net))\n"
    )
    command = [sys.executable, "-c", code, tmp_path / "model.pt"]
    run = subprocess.run(command, capture_output=True, text=True, env=environment(ROOT))
    assert run.stdout == f"helpers.notebook.lent.section_8_3_nin {len(model.net)}\n", run.stderr


def test_functions_and_classes_can_be_pickled_by_name():
    module = helpers.from_notebook("8.1-alexnet")
    for thing in (module.AlexNet, module.init_he):
        assert pickle.loads(pickle.dumps(thing)) is thing


# --- installed -------------------------------------------------------------------------


def environment(path):
    """Return this process's environment, with `path` as the place to import from first."""
    return os.environ | {"PYTHONPATH": str(path)}


def test_an_installed_package_carries_the_notebooks_and_records_with_it(tmp_path):
    setuptools = pytest.importorskip("setuptools")
    if int(setuptools.__version__.split(".")[0]) < 77:
        pytest.skip("pyproject.toml needs setuptools 77 or newer")
    source, wheels, installed = (tmp_path / part for part in ("source", "wheels", "installed"))
    # In a copy, as building leaves folders behind.
    for folder in ("helpers", "notebooks"):
        shutil.copytree(ROOT / folder, source / folder)
    for file in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / file, source)
    pip = [sys.executable, "-m", "pip", "--disable-pip-version-check", "wheel", "--quiet"]
    options = ["--no-deps", "--no-build-isolation", "--no-index", "--wheel-dir", wheels, source]
    subprocess.run([*pip, *options], check=True)
    (wheel,) = wheels.glob("*.whl")
    with zipfile.ZipFile(wheel) as file:
        file.extractall(installed)
    shutil.rmtree(source)
    code = (
        "import helpers\n"
        "print(helpers.__file__)\n"
        "print(helpers.from_notebook('7.6-lenet').LeNet.__name__, *helpers.records())\n"
    )
    run = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        env=environment(installed),
        cwd=tmp_path,
    )
    file, *answer = run.stdout.split()
    assert Path(file).is_relative_to(installed), run.stderr
    assert answer == ["LeNet", *helpers.records()]
    assert len(answer) > 1
