"""The cells of the notebooks survive another order, and 'Try it' stands where it cannot mislead."""

import re

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

from helpers.data import load
from tools.execution import code_cells
from tools.notebooks import FOLDER
from tools.orders import runs, sections
from tools.orders.meanings import EXCEPTED, ambiguities, unexcused

NOTEBOOKS = sorted(FOLDER.glob("*.ipynb"))
TRY_IT = re.compile(r"\*\*Try it\b")


def read(path):
    return nbformat.read(path, as_version=4)


def notebook(*cells):
    """Return a notebook: code, and Markdown where a text begins with '#' and a space."""
    return new_notebook(
        cells=[
            (new_markdown_cell if text.startswith("#") else new_code_cell)(text) for text in cells
        ]
    )


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_name_means_one_thing_in_a_notebook(path):
    assert unexcused(path.stem, read(path)) == []


def test_every_exception_is_one():
    found = {
        (path.stem, ambiguity.identity, ambiguity.name)
        for path in NOTEBOOKS
        for ambiguity in ambiguities(read(path))
    }
    assert found == EXCEPTED.keys()


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_try_it_ends_its_own_cell(path):
    for cell in read(path).cells:
        if cell.cell_type == "markdown" and TRY_IT.search(cell.source):
            assert len(TRY_IT.findall(cell.source)) == 1, cell.id
            paragraph = cell.source.split("\n\n")[-1]
            assert TRY_IT.search(paragraph), cell.id


AMBIGUOUS = [  # the cells, and what is said about the last
    (["x = 1", "x = 2", "print(x)"], "reads 'x', which In [1] and In [2] make"),
    (["x = 1", "x = x + 1"], "reads 'x' of In [1] and makes it anew"),
    (["x = 1", "x += 1"], "reads 'x' of In [1] and makes it anew"),
    (["x = [1]", "x[0] = 2"], "changes 'x', which In [1] made"),
    (["x = [1]", "x.append(2)"], "changes 'x', which In [1] made"),
    (["x = [1]", "x.zero_()"], "changes 'x', which In [1] made"),
    (["x = 1", "x = 2", "def f():\n    return x"], "reads 'x', which In [1] and In [2] make"),
    (["x = 1", "x = 2\ndef f():\n    return x"], "reads 'x' of In [1] and makes it anew"),
    (["x = 1", "for x in (1, 2):\n    pass", "print(f'{x}')"], "reads 'x', which In [1] and In"),
    (["x = 1", "with open('f') as x:\n    pass", "x"], "reads 'x', which In [1] and In [2]"),
    (["print(y)"], "reads 'y', which no cell makes"),
]


@pytest.mark.parametrize("cells, what", AMBIGUOUS, ids=lambda value: str(value)[:40])
def test_a_name_with_two_meanings_is_found(cells, what):
    (found,) = ambiguities(notebook(*cells))
    assert found.what.startswith(what)
    assert found.number == len(cells)


CLEAR = [
    ["x = 1", "print(x)", "y = x", "print(x, y)"],
    ["x = 1\nprint(x)", "x = 2\nprint(x)"],  # each makes its own
    ["x = 1", "[x for x in (2, 3)]", "def f(x):\n    x = x + 1\n    return lambda: x", "x"],
    ["for x in (1, 2):\n    print(x)", "for x in (3, 4):\n    print(x)"],
    ["x = 1", "def f():\n    x = [1]\n    x[0] = 2\n    x.append(3)\n    return x", "x"],
    ["import math", "print(math.pi)"],
    ["class A:\n    pass", "def f(self):\n    self.x = 1", "A.f = f"],
    ["model = print", "model.eval()", "model.fit(1)"],
    [
        "if True:\n    import math\n\n    def f():\n        import os\n\n        return os",
        "f()\nmath.pi",
    ],
    ["try:\n    x = 1\nexcept ValueError as error:\n    print(error)", "x"],
]


@pytest.mark.parametrize("cells", CLEAR, ids=lambda value: str(value)[:40])
def test_a_name_with_one_meaning_is_left_alone(cells):
    assert ambiguities(notebook(*cells)) == []


def test_sections_hold_their_subsections_and_end_at_the_next_heading():
    small = notebook(
        "# 7.1 Title",
        "import math",
        "a = 1",
        "## 7.1.1 One\n\ntext",
        "b = 1",
        "### Deeper\n\n```\n## no heading\n```",
        "c = 1",
        "## 7.1.2 Two",
        "d = 1",
    )
    found = [(s.heading, [cell.source for cell in s.cells]) for s in sections.sections(small)]
    assert found == [
        ("7.1.1 One", ["b = 1", "c = 1"]),
        ("Deeper", ["c = 1"]),
        ("7.1.2 Two", ["d = 1"]),
    ]
    assert [cell.source for cell in sections.import_cells(small)] == ["import math"]


def test_trainings_are_known_by_fit_also_inside_of_functions():
    cells = [
        "trainer.fit(model, data)",
        "def losses():\n    trainer.fit(model, data)",
        "def both():\n    return [losses() for _ in range(2)]",
        "curves = {n: both() for n in 'ab'}",
        "print(curves)",
    ]
    small = notebook(*cells)
    found = sections.trainings(code_cells(small))
    assert [cell.source for cell in small.cells if cell.id in found] == [cells[0], cells[3]]


SMALL = [  # headings, and code with what it printed
    ("import random", ""),
    ("## One", ""),
    ("x = 1\nprint(x)", "1\n"),
    ("print(x + 1)", "2\n"),
    ("random.seed(0)", ""),
    ("print(round(random.random(), 3))", "0.844\n"),
    ("## Two", ""),
    ("x = 5\nprint(x)", "5\n"),
    ("## Three", ""),
    ("w = [1]\nw.append(x)", ""),
    ("print(w)", "[1, 5]\n"),
    ("## Four", ""),
    ("print(missing)", ""),
]


@pytest.fixture(scope="module")
def small():
    """Return a notebook with a name that means two things, and a number without a seed."""
    made = notebook(*(text for text, _ in SMALL))
    for cell, (_, printed) in zip(made.cells, SMALL):
        if printed:
            cell.outputs = [new_output("stream", name="stdout", text=printed)]
    return made


def test_what_changes_in_another_order_is_found(small, tmp_path):
    found = list(runs.changes(tmp_path / "small.ipynb", small, runs.whole(small)))
    assert [(change.number, change.order) for change in found] == [
        (9, "in order"),
        (9, "again"),
        (9, "backwards"),
        (5, "backwards"),
        (3, "backwards"),
    ]
    assert found[-1].what == (
        "output 1, stdout, line 1, number 1: expected 2, got 6 "
        "(off by 4 = 2e+02 %; it is not named as measured)"
    )
    assert found[0].what == "NameError: name 'missing' is not defined"


def test_a_section_alone_may_ask_for_what_another_makes_and_for_nothing_else(small, tmp_path):
    found = list(runs.changes(tmp_path / "small.ipynb", small, runs.alone(small)))
    assert [(change.number, change.order) for change in found] == [(9, "alone: Four")]


@pytest.mark.data
@pytest.mark.parametrize("order", [runs.whole, runs.alone], ids=lambda order: order.__name__)
def test_a_notebook_shows_the_same_in_other_orders(order):
    """One that uses names again; `make orders` runs all of them."""
    if load()[0] != "Fashion-MNIST":
        pytest.skip("needs the real Fashion-MNIST")
    path = FOLDER / "7.2-conv-layer.ipynb"
    assert list(runs.changes(path, read(path), order(read(path)))) == []
