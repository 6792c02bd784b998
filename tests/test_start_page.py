"""The start page: each row on the book names a place with its proof; the tasks are today's."""

import re
from pathlib import Path

import nbformat
import pytest

import helpers

NOTEBOOKS = Path(__file__).resolve().parent.parent / "notebooks"
PLACE = re.compile(r"\[(\d\.\d)\]\(([\w.-]+\.ipynb)\), ([^;|]+)")


def rows():
    """Yield the section of each row, its cells, and the places that it names."""
    cells = nbformat.read(NOTEBOOKS / "index.ipynb", as_version=4).cells
    (tables,) = [cell.source for cell in cells if cell.source.startswith("## Where the book errs")]
    for line in tables.splitlines():
        columns = [column.strip() for column in line.strip("|").split("|")]
        if line.startswith("| ") and columns[0][0].isdigit():
            yield pytest.param(columns, id=f"{columns[0]} {columns[1][:20]}")


def headings(name):
    """Return the headings of a notebook, those of its exercises too."""
    cells = nbformat.read(NOTEBOOKS / name, as_version=4).cells
    lines = [line for c in cells if c.cell_type == "markdown" for line in c.source.splitlines()]
    return [line.lstrip("#").strip() for line in lines if re.match("#+ ", line)]


@pytest.mark.parametrize("columns", list(rows()))
def test_the_place_of_each_proof_is_a_heading_of_its_notebook(columns):
    places = PLACE.findall(columns[-1])
    assert places
    for number, name, where in places:
        assert name.startswith(f"{number}-")
        for part in where.split(" and "):
            heading = part.strip().removeprefix("figure of ")
            pattern = rf"(?<![\d.]){re.escape(heading)}(?![\w.]\w)"
            assert any(re.search(pattern, line) for line in headings(name)), (name, heading)


def test_there_are_slips_and_traps_and_a_slip_is_quoted_beside_what_holds():
    counts = [len(row.values[0]) for row in rows()]
    assert counts.count(4) >= 15 and counts.count(3) >= 5
    assert set(counts) == {3, 4}


def test_the_table_of_tasks_is_that_of_today(monkeypatch):
    # On Colab and after `make lab` its first sentence is another: the cell itself is not compared.
    monkeypatch.delenv("COMPANION_WORK", raising=False)
    cells = nbformat.read(NOTEBOOKS / "index.ipynb", as_version=4).cells
    (cell,) = [cell for cell in cells if cell.source.endswith("helpers.progress()")]
    assert cell.outputs[0].data["text/plain"] == repr(helpers.progress())
    assert cell.outputs[0].data["text/html"] == helpers.progress()._repr_html_()
