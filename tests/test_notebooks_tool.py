"""`python -m tools.notebooks run` stores outputs and records: all of a notebook, or nothing."""

import os
import sys

import nbformat
import pytest

import helpers
from tools import notebooks
from tools.execution import ROOT, UNSET, FailedError, kernel_variables

RECORD = (
    "import os, pathlib\n"
    "pathlib.Path(os.environ['COMPANION_RECORDS'], {name!r}).write_text({text!r})"
)


@pytest.fixture
def write(tmp_path, monkeypatch):
    """Write a notebook into a folder of one's own: write("name", "source of a cell", …)."""
    monkeypatch.setattr(notebooks, "FOLDER", tmp_path)

    def write_notebook(name, *sources, tags=(), metadata=None):
        cells = [
            nbformat.v4.new_code_cell(source, id=f"cell-{i}", metadata={"tags": list(tags)})
            for i, source in enumerate(sources)
        ]
        path = tmp_path / f"{name}.ipynb"
        nbformat.write(nbformat.v4.new_notebook(cells=cells, metadata=metadata or {}), path)
        return path

    return write_notebook


def text(path, cell=0):
    """Return what a cell of a stored notebook has printed."""
    outputs = nbformat.read(path, as_version=4).cells[cell].outputs
    return "".join(o.get("text", "") for o in outputs)


# --- what is stored --------------------------------------------------------------------


def test_outputs_are_stored_and_a_second_run_changes_nothing(write):
    path = write("page", "print('shown')", "1 + 1")
    assert notebooks.run(path).notebook
    assert text(path) == "shown\n"
    stored, time = path.read_bytes(), path.stat().st_mtime_ns
    assert not any(notebooks.run(path))
    assert (path.read_bytes(), path.stat().st_mtime_ns) == (stored, time)


def test_a_run_leaves_nothing_in_the_terminal(write, capfd):
    notebooks.run(write("page", "print('shown')"))
    assert capfd.readouterr() == ("", "")


TIMED = "import time\nprint(f'{name} took {{time.perf_counter():9.4f}} s')"


def test_outputs_that_no_test_compares_stay_if_only_their_numbers_have_changed(write):
    path = write("page", TIMED.format(name="LeNet"), tags=["nbval-ignore-output"])
    notebooks.run(path)
    stored = path.read_bytes()
    assert "LeNet took " in text(path)
    notebooks.run(path)
    assert path.read_bytes() == stored
    # Said otherwise, measured anew; and so is a cell whose output was cleared.
    path.write_bytes(stored.replace(b"took {", b"took about {"))
    notebooks.run(path)
    assert "LeNet took about " in text(path)
    before = text(path)
    notebook = nbformat.read(path, as_version=4)
    notebook.cells[0].outputs = []
    nbformat.write(notebook, path)
    notebooks.run(path)
    assert "LeNet took about " in text(path) != before


def test_outputs_that_are_compared_are_always_those_of_this_run(write):
    path = write("page", TIMED.format(name="LeNet"))
    notebooks.run(path)
    before = text(path)
    assert notebooks.run(path).notebook
    assert text(path) != before


def test_metadata_that_are_not_ours_are_kept(write):
    colab = {"accelerator": "GPU", "colab": {"gpuType": "T4", "provenance": []}, "toc": {"n": 1}}
    ours = {"kernelspec": {"name": "other", "display_name": "Other"}, "widgets": {"state": {}}}
    path = write("page", "1", metadata=colab | ours)
    notebooks.run(path)
    metadata = nbformat.read(path, as_version=4).metadata
    assert {key: metadata[key] for key in colab} == colab
    assert metadata.kernelspec.name == "python3"
    assert metadata.language_info == {"name": "python"}
    assert "widgets" not in metadata


def test_times_of_a_run_in_jupyterlab_are_not_kept(write):
    path = write("page", "1")
    notebook = nbformat.read(path, as_version=4)
    notebook.cells[0].metadata["execution"] = {"iopub.execute_input": "2026-11-24T00:00:00Z"}
    nbformat.write(notebook, path)
    notebooks.run(path)
    assert b"2026-11-24" not in path.read_bytes()


def test_kernels_import_the_checkout_that_the_tool_is_in(write):
    path = write("page", "import tools\nprint(tools.__file__)")
    notebooks.run(path)
    assert text(path).strip() == str(ROOT / "tools" / "__init__.py")


@pytest.mark.parametrize("variable", ["COMPANION_SETTINGS", "COMPANION_WORK"])
def test_the_settings_and_trainings_of_whoever_runs_it_do_not_count(write, monkeypatch, variable):
    monkeypatch.setenv(variable, "book")
    path = write("page", f"import os\nprint(os.environ.get({variable!r}))")
    notebooks.run(path)
    assert text(path) == "None\n"


@pytest.mark.parametrize("variable", UNSET)
def test_no_variable_of_whoever_runs_it_reaches_a_kernel_unless_it_is_given(variable, monkeypatch):
    monkeypatch.setenv(variable, "theirs")
    assert variable not in kernel_variables()
    assert kernel_variables(**{variable: "ours"})[variable] == "ours"


# --- what fails ------------------------------------------------------------------------

FAILING = "def f(x):\n    return 1 / x\n\nbefore = 1\nprint(f(0))  # this one"


def test_a_failing_cell_is_told_in_a_few_lines_and_nothing_is_stored(write):
    path = write("page", "print(1)", FAILING, "print(2)")
    stored = path.read_bytes()
    with pytest.raises(FailedError) as caught:
        notebooks.run(path)
    assert str(caught.value).splitlines() == [
        "In [2], line 5:",
        "    print(f(0))  # this one",
        "ZeroDivisionError: division by zero",
    ]
    assert path.read_bytes() == stored


@pytest.mark.parametrize(
    "source, told",
    [
        ("x = = 1", "SyntaxError"),
        ("raise ValueError('first\\n' + 'more\\n' * 50)", "ValueError: first\nmore"),
        ("import warnings\nwarnings.warn('beware')", "standard error"),
        ("import os\nos.kill(os.getpid(), 9)", "kernel died"),
    ],
)
def test_every_failure_names_the_cell_and_is_short(write, source, told):
    path = write("page", "1", source)
    stored = path.read_bytes()
    with pytest.raises(FailedError) as caught:
        notebooks.run(path)
    message = str(caught.value)
    assert message.startswith("In [2]")
    assert told in message
    assert len(message.splitlines()) <= 10
    assert path.read_bytes() == stored


def test_a_cell_that_takes_too_long_is_named(write, monkeypatch):
    monkeypatch.setattr("tools.execution.CELL_TIMEOUT", 1)
    path = write("page", "1", "import time\ntime.sleep(60)")
    with pytest.raises(FailedError, match=r"(?s)In \[2\].*It takes longer than 1 seconds"):
        notebooks.run(path)


def test_the_other_notebooks_run_on_and_the_end_says_which_failed(write, capsys):
    paths = [write("a", "1 / 0"), write("b", "print('b')"), write("c", "undefined")]
    paths.append(paths[0].with_name("d.ipynb"))
    paths[3].write_text("no notebook")
    assert notebooks.run_all(paths) == ["a", "c", "d"]
    assert text(paths[1]) == "b\n"
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "a FAILED"
    assert "  ZeroDivisionError: division by zero" in lines
    assert "b stored: In [1]" in lines
    assert lines[-1] == "3 of 4 failed and are as they were: a, c, d"
    assert len(lines) < 20


@pytest.mark.parametrize("source, code", [("1 / 0", 1), ("1", None)])
def test_the_command_ends_with_code_1_if_one_failed(write, monkeypatch, source, code):
    if helpers.FashionMNIST(1, subset=10, val_subset=10).source != "Fashion-MNIST":
        pytest.skip("needs the real Fashion-MNIST")
    write("page", source)
    monkeypatch.setattr(sys, "argv", ["notebooks", "run", "page.ipynb"])
    if code is None:
        notebooks.main()
    else:
        with pytest.raises(SystemExit) as caught:
            notebooks.main()
        assert caught.value.code == code


def test_a_notebook_is_replaced_as_a_whole_or_not_at_all(write, monkeypatch):
    path = write("page", "print(1)")
    stored = path.read_bytes()

    def full_disk(source, target):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "replace", full_disk)
    with pytest.raises(OSError, match="No space left"):
        notebooks.run(path)
    assert path.read_bytes() == stored
    assert [file.name for file in path.parent.iterdir()] == ["page.ipynb"]


def test_a_notebook_that_is_edited_while_it_runs_is_not_overwritten(write):
    path = write("page", "with open('page.ipynb', 'a') as file:\n    file.write(' ')")
    edited = path.read_bytes() + b" "
    with pytest.raises(FailedError, match="changed while it ran"):
        notebooks.run(path)
    assert path.read_bytes() == edited


# --- records ---------------------------------------------------------------------------


def test_a_record_is_stored_beside_the_notebook_when_all_of_it_has_run(write):
    source = RECORD.format(name="page.json", text="new")
    path = write("page", source, "1 / 0")
    record = path.parent / "records" / "page.json"
    with pytest.raises(FailedError):
        notebooks.run(path)
    assert not record.exists()
    write("page", source)
    assert notebooks.run(path) == (True, True, (1,))
    assert record.read_text() == "new"
    assert notebooks.run(path) == (False, False, ())


def test_the_record_of_a_section_that_records_nothing_any_more_is_removed(write):
    path = write("page", "1")
    record = path.parent / "records" / "page.json"
    record.parent.mkdir()
    record.write_text("old")
    assert notebooks.run(path).record
    assert not record.exists()


def test_a_notebook_cannot_write_the_record_of_another(write):
    path = write("page", RECORD.format(name="other.json", text="new"))
    with pytest.raises(FailedError, match=r"the record of another notebook: other\.json"):
        notebooks.run(path)
    assert not (path.parent / "records" / "other.json").exists()


READER = (
    "import pathlib  # helpers.records()\nprint(pathlib.Path('records/2-section.json').read_text())"
)


def test_pages_that_read_records_run_after_those_that_write_them(write, capsys):
    reader = write("1-reader", READER)
    writer = write("2-section", RECORD.format(name="2-section.json", text="first"))
    assert notebooks.run_all([reader, writer]) == []
    assert text(reader) == "first\n"
    write("2-section", RECORD.format(name="2-section.json", text="second"))
    assert notebooks.run_all([reader, writer]) == []
    assert text(reader) == "second\n"
    assert notebooks.run_all([reader, writer]) == []
    assert capsys.readouterr().out.splitlines()[-2:] == [
        "2-section unchanged",
        "1-reader unchanged",
    ]


def test_a_section_that_is_run_alone_says_which_pages_read_its_record(write, capsys):
    write("1-reader", READER)
    writer = write("2-section", RECORD.format(name="2-section.json", text="first"))
    for last in (
        "The records of 2-section have changed: run 1-reader as well.",
        "2-section unchanged",
    ):
        notebooks.run_all([writer])
        assert capsys.readouterr().out.splitlines()[-1] == last


def test_a_section_whose_record_has_changed_needs_its_seeds_anew(write, capsys):
    write("1-reader", "import helpers\nprint(len(helpers.seed_records()))")
    writer = write("2-section", RECORD.format(name="2-section.json", text="first"))
    notebooks.run_all([writer])
    assert capsys.readouterr().out.splitlines()[-1] == (
        "The records of 2-section have changed: run python -m tools.seeds 2-section, "
        "and then 1-reader."
    )
