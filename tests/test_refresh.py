"""`make refresh` runs what an edit touches, and rewrites what really changed."""

import nbformat
import pytest

from tests.common import repository
from tools import answers, notebooks, refresh
from tools.notebooks import run

PAGES = {
    "7.1-a": "class Net:\n    size = 1",
    "7.2-b": 'class Larger(helpers.from_notebook("7.1-a").Net):\n    pass',
    "7.3-c": "y = 2",
    "7.4-d": "made = [getattr(helpers.from_notebook(n), c) for n, c in [('7.2-b', 'Larger')]]",
    "7.5-train": "helpers.record('7.5-train')",
    "8-compare": "helpers.records()",
    "8.1-band": "helpers.on_band('7.5-train')",
    "8.2-book": "helpers.book_records()",
}
ANSWERS = {
    "7.1-a": "nothing borrowed",
    "7.2-b": 'helpers.from_notebook("7.2-b").Larger',
    "7.3-c": 'helpers.from_notebook("7.1-a").Net, helpers.records()',
}


@pytest.fixture
def course(tmp_path, monkeypatch):
    """A small course in git: b borrows from a, d from b; pages that read each kind of record."""
    folder, texts = tmp_path / "notebooks", tmp_path / "answers"
    folder.mkdir()
    texts.mkdir()
    monkeypatch.setattr(notebooks, "FOLDER", folder)
    monkeypatch.setattr(answers, "FOLDER", texts)
    monkeypatch.setattr(refresh, "ROOT", tmp_path)
    for name, source in PAGES.items():
        write(folder / f"{name}.ipynb", source)
    for name, text in ANSWERS.items():
        (texts / f"{name}.md").write_text(text, encoding="utf-8")
    repository(tmp_path)
    return tmp_path


def write(path, source, text="in words", shown="1"):
    """Write a notebook of a text and a code cell with an output; its embedded answer borrows."""
    answer = 'helpers.from_notebook("7.3-c"), helpers.records()'
    output = nbformat.v4.new_output("stream", name="stdout", text=shown)
    cells = [
        nbformat.v4.new_markdown_cell(text, id="text"),
        nbformat.v4.new_code_cell(source, id="cell", outputs=[output]),
        nbformat.v4.new_markdown_cell(answer, id="answer", metadata={"tags": ["answer"]}),
    ]
    nbformat.write(nbformat.v4.new_notebook(cells=cells), path)


def touched():
    """Return what is to be run, in short."""
    found = refresh.touched(refresh.changed_files("HEAD"), "HEAD")
    return [" ".join(sorted(name.split("-", 1)[1] for name in part)) for part in found]


@pytest.mark.parametrize(
    ("name", "change", "notebooks", "answers"),
    [
        ("7.1-a", {"source": "class Net:\n    size = 2"}, "a b d", "b c"),
        ("7.1-a", {"source": PAGES["7.1-a"] + "  # a remark\nprint(1)"}, "a", ""),
        ("7.2-b", {"source": PAGES["7.2-b"] + "\nlimit = 3"}, "b", ""),
        ("7.1-a", {"text": "in other words"}, "", ""),
        ("7.1-a", {"shown": "2"}, "a", ""),
        ("7.3-c", {"source": "def f(): pass"}, "c", ""),
        ("7.4-d", {"source": "z = 3"}, "d", ""),
        ("7.5-train", {"source": "helpers.record('7.5-train', x=1)"}, "compare train", "c"),
        ("7.6-new", {"source": "1"}, "new", ""),
    ],
)
def test_an_edit_of_a_notebook_touches_what_depends_on_it(course, name, change, notebooks, answers):
    write(course / "notebooks" / f"{name}.ipynb", **{"source": PAGES.get(name), **change})
    assert touched() == [notebooks, answers]


def test_a_notebook_that_is_gone_or_broken_lets_its_borrowers_fail(course):
    path = course / "notebooks" / "7.1-a.ipynb"
    path.write_text("<<<<<<< HEAD", encoding="utf-8")
    assert touched() == ["a b d", "b c"]
    path.unlink()
    assert touched() == ["b d", "b c"]


@pytest.mark.parametrize(
    ("file", "notebooks", "answers"),
    [
        ("answers/7.1-a.md", "", "a"),
        ("helpers/study/tasks/task_7_1_b.py", "a b d", "b c"),
        ("helpers/study/tasks/task_8_compare_b.py", "compare", ""),
        ("notebooks/records/7.5-train.json", "compare", "c"),
        ("notebooks/records/seeds/7.5-train.json", "band", ""),
        ("notebooks/records/book/7.5-train.json", "book", ""),
        ("README.md", "", ""),
        ("tests/test_data.py", "", ""),
        *(
            (name, "a b band book c compare d train", "a b c")
            for name in ("helpers/ops.py", "helpers/study/verdict.py", "environment.yml")
        ),
    ],
)
def test_other_files_touch_who_uses_them(course, file, notebooks, answers):
    place = course / file
    place.parent.mkdir(parents=True, exist_ok=True)
    place.write_text("other", encoding="utf-8")
    assert touched() == [notebooks, answers]


@pytest.mark.parametrize("file", ["helpers/ops.py", "helpers/study/tasks/task_7_1_b.py"])
@pytest.mark.parametrize(
    ("text", "touches"),
    [("x = 1  # a remark\n", False), ("x = (1)\n", False), ("x = 2\n", True), ("x = (", True)],
)
def test_remarks_in_a_module_touch_nothing(course, file, text, touches):
    place = course / file
    place.parent.mkdir(parents=True)
    place.write_text("x = 1\n", encoding="utf-8")
    repository(course)
    place.write_text(text, encoding="utf-8")
    assert (touched() != ["", ""]) == touches


def test_a_notebook_that_is_named_takes_along_who_borrows_from_it(course):
    found = refresh.with_dependants({"7.1-a"}, {"7.1-a"}, set())
    assert found == ({"7.1-a", "7.2-b", "7.4-d"}, {"7.2-b", "7.3-c"})


def test_git_says_what_changed_and_new_files_count(course):
    assert refresh.changed_files("HEAD") == []
    (course / "notebooks" / "7.1-a.ipynb").write_text("{}", encoding="utf-8")
    (course / "answers" / "new.md").write_text("new", encoding="utf-8")
    assert refresh.changed_files("HEAD") == ["notebooks/7.1-a.ipynb", "answers/new.md"]
    with pytest.raises(ValueError, match=r"git cannot say what changed: .*nowhere"):
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
