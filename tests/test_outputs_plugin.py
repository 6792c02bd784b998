"""pytest holds notebooks to their stored outputs, and says well what is not as stored."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest

from tools import notebooks
from tools.execution import FailedError
from tools.outputs import images

ROOT = Path(__file__).resolve().parent.parent
CELLS = [
    ("import math\nmath.pi", []),
    ("print('shape', (3, 4), 'of floats')", []),
    ("# measured: about ±0.05\nprint(f'about {math.pi:.3f} or so')", []),
    (
        "from IPython.display import display\nhandle = display('first', display_id=True)\n"
        "handle.update('last')",
        [],
    ),
    ("print(0.5)", ["data"]),
    (
        "from IPython.display import clear_output\nprint('early')\ndisplay('early')\n"
        "clear_output(wait=True)\nprint('between')\nclear_output()\ndisplay('late')",
        [],
    ),
    (
        "figure = {'image/png': 'iVBO', 'text/plain': 'a curve'}\n"
        "keeps = {'image/png': {'data': {'loss': [2.5, 1.5]}}}\n"
        "handle = display({'text/plain': ''}, raw=True, display_id=True)\n"
        "handle.update(figure, raw=True, metadata=keeps)",
        [],
    ),
]


@pytest.fixture(scope="module")
def stored(tmp_path_factory):
    """A notebook with stored outputs."""
    cells = [nbformat.v4.new_code_cell(source, metadata={"tags": tags}) for source, tags in CELLS]
    path = tmp_path_factory.mktemp("stored") / "sample.ipynb"
    nbformat.write(nbformat.v4.new_notebook(cells=cells), path)
    notebooks.run(path)
    return path


@pytest.fixture
def notebook(tmp_path, stored):
    """A copy of it, in a folder with our configuration of pytest."""
    (tmp_path / "conftest.py").write_text('pytest_plugins = ["tools.outputs.plugin"]\n')
    return Path(shutil.copy(stored, tmp_path))


def change(path, old, new):
    """Replace a stored output, not the source that makes it."""
    content = nbformat.read(path, as_version=4)
    found = 0
    for cell in content.cells:
        for output in cell.outputs:
            for holder, key in [(output, "text"), (output.get("data", {}), "text/plain")]:
                if old in holder.get(key, ""):
                    holder[key] = holder[key].replace(old, new)
                    found += 1
    assert found == 1
    nbformat.write(content, path)


def change_cell(path, number, source=None, tags=None):
    """Replace the source or the tags of a cell."""
    content = nbformat.read(path, as_version=4)
    cell = content.cells[number - 1]
    cell.source = cell.source if source is None else source
    cell.metadata["tags"] = cell.metadata["tags"] if tags is None else tags
    nbformat.write(content, path)


def pytest_in(folder, *arguments, **environment):
    """Run pytest in a folder; return the tests that fail, and everything that it said."""
    variables = {**os.environ, "PYTHONPATH": str(ROOT), **environment}
    command = [sys.executable, "-m", "pytest", "-rf", "--color=no", "-p", "no:cacheprovider"]
    result = subprocess.run(
        [*command, *arguments], cwd=folder, env=variables, capture_output=True, text=True
    )
    lines = [line for line in result.stdout.splitlines() if line.startswith("FAILED")]
    return [line.split("::")[1].split(" - ")[0] for line in lines], result.stdout


def failures(path, **environment):
    """Return the cells that fail, and everything that pytest said."""
    return pytest_in(path.parent, "-p", "no:xdist", path.name, **environment)


def test_changed_outputs_fail_and_are_shown(notebook):
    changes = [
        ("3.141592653589793", "3.141692653589793"),  # one digit
        ("of floats", "of bytes"),  # a word
        ("3.142 or so", "3.342 or so"),  # outside the tolerance of this cell
        ("'last'", "'first'"),  # the last state of a display that is updated
    ]
    if images.are_real():
        changes.append(("0.5", "0.6"))  # in a cell tagged `data`
    for old, new in changes:
        change(notebook, old, new)
    failed, said = failures(notebook)
    assert failed == [f"In [{n + 1}]" for n in range(len(changes))]
    for old, new in changes:
        assert old in said
        assert new in said
    assert "'about': expected 3.342, got 3.142 (off by 0.2 = 6 %; allowed ±0.05)" in said


def test_a_changed_shape_fails_in_its_cell_only(notebook):
    change(notebook, "(3, 4)", "(4, 4)")
    assert failures(notebook)[0] == ["In [2]"]


def test_unchanged_outputs_pass(notebook):
    change(notebook, "3.141592653589793", "3.141592653589800")
    change(notebook, "3.142 or so", "3.100 or so")
    assert failures(notebook)[0] == []


def test_what_was_cleared_does_not_count_and_what_came_after_does(notebook):
    stored = nbformat.read(notebook, as_version=4).cells[5].outputs
    assert [output.data["text/plain"] for output in stored] == ["'late'"]
    change(notebook, "'late'", "'early'")
    assert failures(notebook)[0] == ["In [6]"]


def test_a_figure_that_is_updated_counts_with_its_last_numbers(notebook):
    content = nbformat.read(notebook, as_version=4)
    [output] = content.cells[6].outputs
    assert output.metadata["image/png"]["data"] == {"loss": [2.5, 1.5]}
    output.metadata["image/png"]["data"]["loss"][1] = 1.75
    nbformat.write(content, notebook)
    failed, said = failures(notebook)
    assert failed == ["In [7]"]
    assert "figure, 'loss', number 2: expected 1.75, got 1.5" in said


def test_a_missing_or_additional_output_fails(notebook):
    change_cell(notebook, 2, "pass")
    change_cell(notebook, 4, "display('last'); display('last')")
    assert failures(notebook)[0] == ["In [2]", "In [4]"]


def test_a_marker_or_tag_of_no_use_fails_its_cell_with_a_sentence(notebook):
    change_cell(notebook, 1, tags=["tolerance-0.1"])
    change_cell(notebook, 2, "# measured: depth ±0.1\nprint('shape', (3, 4), 'of floats')")
    change_cell(notebook, 4, tags=["nbval-ignore-outputs"])
    change_cell(notebook, 5, "# measured: every decimal ±inf", ["data", "nbval-skip"])
    change_cell(notebook, 6, tags=["Tolerance", "nbval-ignore-output"])
    failed, said = failures(notebook, FASHION_MNIST_DIR="stand-in")
    assert failed == ["In [1]", "In [2]", "In [4]", "In [5]", "In [6]"]
    assert "the tag 'tolerance-0.1' is no longer used: a marker stands at the top" in said
    assert "the marker names 'depth', but the stored output has no such number" in said
    assert "unknown tag 'nbval-ignore-outputs': allowed are answer, data, hide-cell" in said
    assert "the marker 'every decimal ±inf' cannot be read: a marker" in said
    assert "plugin exception" not in said and "Traceback" not in said


def test_with_stand_in_data_only_the_kind_of_output_counts(notebook):
    change(notebook, "0.5", "0.6")
    failed, said = failures(notebook, FASHION_MNIST_DIR="stand-in")
    assert failed == []
    assert "the numbers of 1 data-dependent cells were not compared" in said
    change_cell(notebook, 5, "0.5")
    assert failures(notebook, FASHION_MNIST_DIR="stand-in")[0] == ["In [5]"]


def test_a_warning_fails_its_cell_and_a_dead_kernel_is_noticed(notebook):
    content = nbformat.read(notebook, as_version=4)
    content.cells[1].source += "\nimport warnings\nwarnings.warn('old')"
    content.cells[3].source = "import os\nos._exit(1)"
    nbformat.write(content, notebook)
    failed, said = failures(notebook)
    assert failed == [f"In [{n}]" for n in (2, 4, 5, 6, 7)]
    assert "the kernel died" in said


def test_outputs_with_warnings_are_not_stored(notebook):
    content = nbformat.read(notebook, as_version=4)
    content.cells[1].source = "import warnings\nwarnings.warn('old')"
    nbformat.write(content, notebook)
    before = notebook.read_bytes()
    with pytest.raises(FailedError, match="writes to standard error"):
        notebooks.run(notebook)
    assert notebook.read_bytes() == before


def test_cells_are_compared_in_parallel_processes_too(notebook):
    change(notebook, "of floats", "of bytes")
    arguments = ("--numprocesses", "2", "--dist", "loadfile", notebook.name)
    failed, said = pytest_in(notebook.parent, *arguments)
    assert failed == ["In [2]"]
    assert "expected 'shape (3, 4) of bytes', got 'shape (3, 4) of floats'" in said


TESTS = """\
import os
import pytest

def test_without_images():
    pass

@pytest.mark.data
@pytest.mark.parametrize("n", range(4))
def test_with_images(n):
    assert os.environ["FASHION_MNIST_DIR"] == "stand-in"
"""
CONFTEST = """\
pytest_plugins = ["tools.outputs.plugin"]

from pathlib import Path
from tools.outputs import images

def are_there():
    with open(Path(__file__).with_name("looked"), "a") as f:
        f.write("x")
    return False

images.are_there = are_there
"""


@pytest.mark.parametrize("arguments, looks", [
    (["test_some.py"], 1),
    (["test_some.py", "--numprocesses", "3"], 1),
    (["test_some.py", "-k", "without"], 0),
    (["test_some.py", "--collect-only"], 0),
    (["sample.ipynb", "--deselect", "sample.ipynb::In [5]"], 0),
    (["sample.ipynb"], 1),
])  # fmt: skip
def test_the_images_are_looked_for_once_and_only_for_tests_that_need_them(
    notebook, arguments, looks
):
    (notebook.parent / "test_some.py").write_text(TESTS)
    (notebook.parent / "conftest.py").write_text(CONFTEST)
    failed, said = pytest_in(notebook.parent, *arguments, FASHION_MNIST_DIR="")
    assert failed == [], said
    looked = notebook.parent / "looked"
    assert (len(looked.read_text()) if looked.exists() else 0) == looks
