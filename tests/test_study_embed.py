"""Tasks are put at their places in the notebooks, and an untouched notebook runs."""

import nbformat
import pytest

from helpers.study import tasks
from tools import notebooks
from tools.tasks import as_run, cells_of, with_tasks

PLACE = "The loop:\n\n<!-- task: 7.2 A -->"
USE = "image = torch.eye(3)\nprint(corr2d(image, torch.ones(1, 2)))"


@pytest.fixture
def page(tmp_path):
    """Return what writes a notebook of 7.2, with the imports and then these cells."""

    def write(*cells):
        imports = nbformat.v4.new_code_cell("import torch\n\nimport helpers", id="imports")
        path = tmp_path / "7.2-page.ipynb"
        nbformat.write(nbformat.v4.new_notebook(cells=[imports, *cells]), path)
        return path

    return write


def text(source, identity="text"):
    return nbformat.v4.new_markdown_cell(source, id=identity)


def code(source, identity="code"):
    return nbformat.v4.new_code_cell(source, id=identity)


def sources(path):
    return [cell.source for cell in nbformat.read(path, as_version=4).cells]


def test_a_task_is_embedded_at_its_place_and_only_once(page):
    path = page(text(PLACE), code(USE))
    assert notebooks.embed(path)
    found = sources(path)
    assert found[1] == PLACE
    assert found[2].startswith("**Your turn, 7.2 A.** ")
    assert found[3] == tasks.find("7.2 A").stub.strip()
    assert found[4].startswith('helpers.check("7.2 A", corr2d)')
    assert found[5].startswith("<details><summary>Solution of 7.2 A</summary>\n\n```python\ndef ")
    assert found[6] == USE
    assert not notebooks.embed(path)


def test_an_untouched_notebook_runs_and_goes_on_with_the_given_version(page):
    path = page(text(PLACE), code(USE))
    notebooks.embed(path)
    notebooks.run(path)
    cells = nbformat.read(path, as_version=4).cells
    shown = cells[4].outputs[0].data
    assert shown["text/plain"].startswith("7.2 A: not written yet")
    assert "7.2 A: not written yet" in shown["text/html"]
    assert cells[6].outputs[0].text.startswith("tensor([[1., 0.],")
    stored = path.read_bytes()
    assert not notebooks.embed(path), "outputs stay where the text is the same"
    assert not any(notebooks.run(path))
    assert path.read_bytes() == stored


def test_a_notebook_goes_on_with_what_the_student_wrote(page):
    path = page(text(PLACE), code(USE))
    notebooks.embed(path)
    notebook = nbformat.read(path, as_version=4)
    stub = notebook.cells[3]
    stub.source = stub.source.replace("return ...", "return torch.full((1,), 7)")
    nbformat.write(notebook, path)
    notebooks.run(path)
    cells = nbformat.read(path, as_version=4).cells
    assert cells[4].outputs[0].data["text/plain"].startswith("7.2 A: not right yet")
    assert cells[6].outputs[0].text == "tensor([7])\n"


def test_a_stub_stands_for_the_solution_and_what_is_written_for_itself():
    task = tasks.find("7.2 A")
    assert as_run(task.stub.strip()) == task.solution
    written = task.stub.replace("return ...", "return X")
    assert as_run(written) == written
    assert as_run("import torch") == "import torch"


def test_a_changed_declaration_replaces_the_cells(page):
    path = page(text(PLACE))
    notebooks.embed(path)
    notebook = nbformat.read(path, as_version=4)
    notebook.cells[3].source = "corr2d = 1"
    nbformat.write(notebook, path)
    assert notebooks.embed(path)
    assert sources(path)[3] == tasks.find("7.2 A").stub.strip()


def test_a_task_without_its_place_goes(page):
    path = page(text(PLACE))
    notebooks.embed(path)
    notebook = nbformat.read(path, as_version=4)
    notebook.cells[1].source = "The loop:"
    nbformat.write(notebook, path)
    assert notebooks.embed(path)
    assert len(sources(path)) == 2


@pytest.mark.parametrize(
    "source, reason",
    [
        ("<!-- task: 7.2 A -->\n\nand text", "last line"),
        ("<!-- task: 7.2 A -->\n<!-- task: 7.2 B -->", "must be one"),
        ("<!-- task: 7.2 Z -->", "must be the name of a task"),
        ("<!-- task: 7.1 A -->", "another notebook"),
    ],
)
def test_a_place_that_is_none_is_refused(page, source, reason):
    with pytest.raises(ValueError, match=reason):
        notebooks.embed(page(text(source)))


def test_a_second_place_is_refused(page):
    with pytest.raises(ValueError, match=r"two places for the task 7\.2 A"):
        notebooks.embed(page(text(PLACE), text(PLACE, "again")))


@pytest.mark.parametrize("name", tasks.names())
def test_a_stub_cell_is_valid_and_short(name):
    for cell in cells_of(tasks.find(name)):
        nbformat.validate(nbformat.v4.new_notebook(cells=[cell]))
        if cell.cell_type == "code":
            assert max(map(len, cell.source.splitlines())) <= 78


def test_the_cells_of_a_notebook_without_tasks_stay(page):
    path = page(text("nothing"), code("1 + 1"))
    cells = nbformat.read(path, as_version=4).cells
    assert with_tasks(path, cells) == cells
