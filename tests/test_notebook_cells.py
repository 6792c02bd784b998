"""The comparison of notebooks with their stored outputs finds what it must, and only that."""

import os
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest

from tests.notebook_cells import _agree, data_is_real
from tools import notebooks

ROOT = Path(__file__).resolve().parent.parent
CELLS = [
    ("import math\nmath.pi", []),
    ("print('shape', (3, 4), 'of floats')", []),
    ("print(f'{math.pi:.3f} or so')", ["tolerance-0.05"]),
    (
        "from IPython.display import display\nhandle = display('first', display_id=True)\n"
        "handle.update('last')",
        [],
    ),
    ("print(0.5)", ["data"]),
]


@pytest.fixture
def notebook(tmp_path):
    """A notebook with stored outputs, in a folder with our configuration of pytest."""
    cells = [nbformat.v4.new_code_cell(source, metadata={"tags": tags}) for source, tags in CELLS]
    path = tmp_path / "sample.ipynb"
    nbformat.write(nbformat.v4.new_notebook(cells=cells), path)
    notebooks.run(path)
    (tmp_path / "conftest.py").write_text('pytest_plugins = ["tests.notebook_cells"]\n')
    return path


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


def failures(path, **environment):
    """Return the cells that fail, and everything that pytest said."""
    variables = {**os.environ, "PYTHONPATH": str(ROOT), **environment}
    command = [sys.executable, "-m", "pytest", "-rf", "--color=no", "-p", "no:cacheprovider"]
    result = subprocess.run(
        [*command, "-p", "no:xdist", path.name],
        cwd=path.parent, env=variables, capture_output=True, text=True,
    )  # fmt: skip
    lines = [line for line in result.stdout.splitlines() if line.startswith("FAILED")]
    return [line.split("::")[1].split(" - ")[0] for line in lines], result.stdout


def test_changed_outputs_fail_and_are_shown(notebook):
    changes = [
        ("3.141592653589793", "3.141692653589793"),  # one digit
        ("of floats", "of bytes"),  # a word
        ("3.142 or so", "3.342 or so"),  # outside the tolerance of this cell
        ("'last'", "'first'"),  # the last state of a display that is updated
    ]
    if data_is_real():
        changes.append(("0.5", "0.6"))  # in a cell tagged `data`
    for old, new in changes:
        change(notebook, old, new)
    failed, said = failures(notebook)
    assert failed == [f"In [{n + 1}]" for n in range(len(changes))]
    for old, new in changes:
        assert old in said
        assert new in said


def test_a_changed_shape_fails_in_its_cell_only(notebook):
    change(notebook, "(3, 4)", "(4, 4)")
    assert failures(notebook)[0] == ["In [2]"]


def test_unchanged_outputs_pass(notebook):
    change(notebook, "3.141592653589793", "3.141592653589800")
    change(notebook, "3.142 or so", "3.100 or so")
    assert failures(notebook)[0] == []


def test_with_stand_in_data_only_the_kind_of_output_counts(notebook):
    change(notebook, "0.5", "0.6")
    failed, said = failures(notebook, FASHION_MNIST_DIR="stand-in")
    assert failed == []
    assert "the numbers of 1 data-dependent cells were not compared" in said


def test_a_warning_fails_its_cell_and_a_dead_kernel_is_noticed(notebook):
    content = nbformat.read(notebook, as_version=4)
    content.cells[1].source += "\nimport warnings\nwarnings.warn('old')"
    content.cells[3].source = "import os\nos._exit(1)"
    nbformat.write(content, notebook)
    failed, said = failures(notebook)
    assert failed == ["In [2]", "In [4]", "In [5]"]
    assert "the kernel died" in said


def test_outputs_with_warnings_are_not_stored(notebook):
    content = nbformat.read(notebook, as_version=4)
    content.cells[1].source = "import warnings\nwarnings.warn('old')"
    nbformat.write(content, notebook)
    before = notebook.read_bytes()
    with pytest.raises(ValueError, match="writes to standard error"):
        notebooks.run(notebook)
    assert notebook.read_bytes() == before


@pytest.mark.parametrize(
    "got, expected, same",
    [
        ("loss 0.123456", "loss 0.123457", True),
        ("loss 0.1235", "loss 0.1236", False),
        ("[ 0.5,   1.]", "[ 0.5, 1.]", True),
        ("12 images", "13 images", False),
        ("torch.Size([8, 8])", "torch.Size([8, 4])", False),
        ("1e-3", "1.000001e-3", True),
        ("nan", "nan", True),
        ("nan", "0.0", False),
        ("0.5 0.5", "0.5", False),
        ("loss 0.5", "cost 0.5", False),
    ],
)
def test_only_close_numbers_are_the_same(got, expected, same):
    assert _agree(got, expected, 1e-5) == same
