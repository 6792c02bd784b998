"""`make refresh` runs what an edit touches, and rewrites what really changed."""

import subprocess

import nbformat
import pytest

from tools import answers, notebooks, refresh
from tools.notebooks import run


@pytest.fixture
def course(tmp_path, monkeypatch):
    """A small course: b borrows from a, d borrows from b, page reads records, an answer from a."""
    folder, texts = tmp_path / "notebooks", tmp_path / "answers"
    folder.mkdir()
    texts.mkdir()
    monkeypatch.setattr(notebooks, "FOLDER", folder)
    monkeypatch.setattr(answers, "FOLDER", texts)
    monkeypatch.setattr(refresh, "ROOT", tmp_path)
    sources = {
        "a": "x = 1",
        "b": 'helpers.from_notebook("a").Net',
        "c": "y = 2",
        "d": "helpers.from_notebook('b')",
        "page": "helpers.records()",
    }
    for name, source in sources.items():
        cells = [nbformat.v4.new_code_cell(source, id="cell")]
        nbformat.write(nbformat.v4.new_notebook(cells=cells), folder / f"{name}.ipynb")
    (texts / "c.md").write_text('helpers.from_notebook("a")', encoding="utf-8")
    (texts / "a.md").write_text("nothing borrowed", encoding="utf-8")
    return tmp_path


def test_a_notebook_takes_along_who_borrows_from_it(course):
    assert refresh.touched(["notebooks/a.ipynb"]) == ({"a", "b", "d", "page"}, {"c"})
    assert refresh.touched(["notebooks/d.ipynb"]) == ({"d", "page"}, set())
    assert refresh.touched(["answers/a.md"]) == (set(), {"a"})
    assert refresh.touched(["notebooks/records/seeds/a.json"]) == ({"page"}, set())
    assert refresh.touched(["README.md", "tests/test_data.py", "helpers/study/x.py"]) == (
        set(),
        set(),
    )


def test_helpers_and_versions_touch_everything(course):
    for name in ("helpers/ops.py", "environment.yml"):
        assert refresh.touched([name]) == ({"a", "b", "c", "d", "page"}, {"a", "c"})


def test_git_says_what_changed_and_new_files_count(course):
    def git(*words):
        command = ["git", "-c", "user.name=x", "-c", "user.email=x@localhost", *words]
        subprocess.run(command, cwd=course, check=True, capture_output=True)

    git("init", "-q")
    git("add", ".")
    git("commit", "-qm", "all")
    assert refresh.changed_files("HEAD") == []
    (course / "notebooks" / "a.ipynb").write_text("{}", encoding="utf-8")
    (course / "answers" / "new.md").write_text("new", encoding="utf-8")
    assert refresh.changed_files("HEAD") == ["notebooks/a.ipynb", "answers/new.md"]
    with pytest.raises(ValueError, match="git cannot say what changed since nowhere"):
        refresh.changed_files("nowhere")


def notebook(folder, *cells):
    path = folder / "n.ipynb"
    nbformat.write(
        nbformat.v4.new_notebook(
            cells=[
                nbformat.v4.new_code_cell(
                    source,
                    id=f"cell-{i}",
                    outputs=[nbformat.v4.new_output("stream", name="stdout", text=text)],
                )
                for i, (source, text) in enumerate(cells)
            ]
        ),
        path,
    )
    return path


def test_outputs_within_their_tolerance_stay_letter_by_letter(tmp_path):
    path = notebook(
        tmp_path,
        ("# measured: acc ±0.02\nprint('acc', 0.815)", "acc 0.820\n"),
        ("# measured: acc ±0.02\nprint('acc', 0.815)", "acc 0.850\n"),
        ("print('exact', 3)", "exact 4\n"),
    )
    stored = run(path, refresh.same)
    assert stored.changed == (2, 3)
    texts = [cell.outputs[0].text for cell in nbformat.read(path, as_version=4).cells]
    assert texts == ["acc 0.820\n", "acc 0.815\n", "exact 3\n"]
    before = path.read_bytes()
    assert not any(run(path, refresh.same))
    assert path.read_bytes() == before


def test_without_refresh_the_outputs_are_those_of_this_run(tmp_path):
    path = notebook(tmp_path, ("# measured: acc ±0.02\nprint('acc', 0.815)", "acc 0.820\n"))
    assert run(path).changed == (1,)
