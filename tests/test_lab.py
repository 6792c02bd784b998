"""The working copy is the student's, whatever the course does meanwhile."""

import json
import os
import random
import re
import subprocess
import sys
import threading
from datetime import date
from pathlib import Path

import pytest
from jupyter_client.manager import KernelManager

from tools.lab import __main__ as lab
from tools.lab import content, copies, manifest, server

DAY = date(2026, 11, 25)
ROOT = Path(__file__).resolve().parent.parent
A, B = "7.1-why-conv", "7.2 conv layer"  # one name with spaces


def write(path, *sources, shows=(), **metadata):
    """Write a notebook as JupyterLab does, with what its cells show."""
    cells = [
        {
            "cell_type": "code",
            "id": f"c{i}",
            "metadata": dict(metadata),
            "source": source.splitlines(keepends=True),
            "execution_count": i,
            "outputs": [{"output_type": "stream", "name": "stdout", "text": [t]} for t in shows],
        }
        for i, source in enumerate(sources)
    ]
    notebook = {"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5}
    path.write_text(json.dumps(notebook, indent=1, ensure_ascii=False), encoding="utf-8")


def sources(path):
    cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
    return ["".join(cell["source"]) for cell in cells]


def files(work):
    """Return the names of all files that a student sees in the working copy."""
    return sorted(
        path.relative_to(work).as_posix()
        for path in work.rglob("*")
        if path.is_file() and manifest.ROOM not in path.parts
    )


def everything(work):
    return {name: (work / name).read_bytes() for name in files(work)}


@pytest.fixture
def course(tmp_path):
    folder = tmp_path / "the course" / "notebooks"
    folder.mkdir(parents=True)
    write(folder / f"{A}.ipynb", "a = 1", "b = 2")
    write(folder / f"{B}.ipynb", "K = 3", shows=["course\n"])
    return folder


@pytest.fixture
def work(course, tmp_path):
    """A working copy that has been made."""
    copies.renew(course, tmp_path / "my work", DAY)
    return tmp_path / "my work"


def test_the_first_start_copies_every_notebook_and_says_whose_they_are(course, tmp_path):
    lines = copies.renew(course, tmp_path / "new" / "work", DAY)
    assert everything(tmp_path / "new" / "work") == everything(course)
    assert lines == ["They are yours: what you change there is never overwritten."]


def test_a_second_start_changes_and_says_nothing(course, work):
    before = everything(work)
    assert copies.renew(course, work, DAY) == []
    assert everything(work) == before


def test_an_edit_stays(course, work):
    write(work / f"{A}.ipynb", "a = 1", "b = 2", "mine = 1")
    before = everything(work)
    assert copies.renew(course, work, DAY) == []
    assert everything(work) == before


def test_a_course_update_renews_what_was_not_touched(course, work):
    write(course / f"{A}.ipynb", "a = 10")
    assert copies.renew(course, work, DAY) == [f"{A}: renewed."]
    assert everything(work) == everything(course)


def test_a_course_update_stands_beside_what_was_touched_and_is_told_once(course, work):
    write(work / f"{B}.ipynb", "K = 3", "mine = 1")
    write(course / f"{B}.ipynb", "K = 4")
    new = f"{B} (new 2026-11-25).ipynb"
    lines = copies.renew(course, work, DAY)
    assert lines == [f"{B}: you changed it, so it stays. The new one is beside it: {new}"]
    assert sources(work / f"{B}.ipynb") == ["K = 3", "mine = 1"]
    assert sources(work / new) == ["K = 4"]
    before = everything(work)
    assert copies.renew(course, work, DAY) == []
    assert everything(work) == before


@pytest.mark.parametrize(
    "change",
    [
        lambda path: write(path, "a = 1", "b = 3"),
        lambda path: write(path, "a = 1"),
        lambda path: write(path, "b = 2", "a = 1"),
        lambda path: write(path, "a = 1", "b = 2", ""),
        lambda path: write(path, "a = 1", "b = 2", tags=["mine"]),
        lambda path: write(path, "a = 1", "b = 2", unheard_of="note"),
        lambda path: path.write_text("<<<<<<< HEAD", encoding="utf-8"),
        lambda path: path.write_bytes(b"\xff\x00"),
        lambda path: path.write_text("", encoding="utf-8"),
        lambda path: path.write_text('{"cells": [{"metadata": {}, "outputs": 5}]}'),
        lambda path: path.write_text('{"cells": [{"metadata": {}, "outputs": ["text"]}]}'),
        lambda path: path.write_text('{"cells": ["text"]}'),
        lambda path: path.write_text("[" * 100_000),
    ],
)
def test_every_kind_of_change_counts_as_the_students(course, work, change):
    change(work / f"{A}.ipynb")
    mine = (work / f"{A}.ipynb").read_bytes()
    write(course / f"{A}.ipynb", "a = 10")
    copies.renew(course, work, DAY)
    assert (work / f"{A}.ipynb").read_bytes() == mine
    assert sources(work / f"{A} (new 2026-11-25).ipynb") == ["a = 10"]


@pytest.mark.parametrize(
    "noise", [{"collapsed": True}, {"scrolled": True}, {"jupyter": {}}, {"execution": {}}]
)
def test_what_opening_a_notebook_leaves_behind_is_no_change(course, work, noise):
    write(work / f"{A}.ipynb", "a = 1", "b = 2", **noise)
    write(course / f"{A}.ipynb", "a = 10")
    assert copies.renew(course, work, DAY) == [f"{A}: renewed."]
    assert files(work) == [f"{A}.ipynb", f"{B}.ipynb"]


def test_a_notebook_that_was_only_run_is_renewed_and_its_outputs_are_kept(course, work):
    write(work / f"{B}.ipynb", "K = 3", shows=["mine\n"])
    mine = (work / f"{B}.ipynb").read_bytes()
    write(course / f"{B}.ipynb", "K = 4")
    old = f"earlier/{B} (2026-11-25).ipynb"
    assert copies.renew(course, work, DAY) == [
        f"{B}: renewed. The one with your outputs is kept: {old}"
    ]
    assert (work / old).read_bytes() == mine
    assert sources(work / f"{B}.ipynb") == ["K = 4"]


def test_running_a_cell_again_with_the_same_result_leaves_no_earlier_file(course, work):
    text = (course / f"{B}.ipynb").read_text("utf-8")
    result = '"output_type": "execute_result", "execution_count": 1'
    for path, count in ((course, 1), (work, 9)):
        new = text.replace('"output_type": "stream"', result.replace("1", str(count)))
        (path / f"{B}.ipynb").write_text(new, encoding="utf-8")
    copies.renew(course, work, DAY)
    write(course / f"{B}.ipynb", "K = 4")
    assert copies.renew(course, work, DAY) == [f"{B}: renewed."]
    assert files(work) == [f"{A}.ipynb", f"{B}.ipynb"]


def test_outputs_of_ones_own_stay_when_only_the_courses_outputs_change(course, work):
    write(work / f"{B}.ipynb", "K = 3", shows=["mine\n"])
    write(course / f"{B}.ipynb", "K = 3", shows=["newer\n"])
    write(course / f"{A}.ipynb", "a = 1", "b = 2", shows=["newer\n"])
    mine = (work / f"{B}.ipynb").read_bytes()
    assert copies.renew(course, work, DAY) == [f"{A}: renewed."]
    assert (work / f"{B}.ipynb").read_bytes() == mine
    assert b"newer" in (work / f"{A}.ipynb").read_bytes()


def test_ten_updates_leave_one_new_notebook_beside_a_touched_one(course, work):
    write(work / f"{A}.ipynb", "mine = 1")
    for day in range(1, 11):
        write(course / f"{A}.ipynb", f"a = {day}")
        write(course / f"{B}.ipynb", f"K = {day}")
        copies.renew(course, work, date(2026, 12, day))
    assert files(work) == [f"{A} (new 2026-12-10).ipynb", f"{A}.ipynb", f"{B}.ipynb"]
    assert sources(work / f"{A}.ipynb") == ["mine = 1"]
    assert sources(work / f"{A} (new 2026-12-10).ipynb") == ["a = 10"]
    assert sources(work / f"{B}.ipynb") == ["K = 10"]


def test_a_new_one_that_the_student_wrote_in_is_never_taken_away(course, work):
    write(work / f"{A}.ipynb", "mine = 1")
    first, second = (work / f"{A} (new 2026-11-25{n}).ipynb" for n in ("", ", 2"))
    write(course / f"{A}.ipynb", "a = 10")
    copies.renew(course, work, DAY)
    write(first, "a = 10", "mine = 2")
    write(course / f"{A}.ipynb", "a = 11")
    copies.renew(course, work, DAY)
    assert sources(first) == ["a = 10", "mine = 2"]
    assert sources(second) == ["a = 11"]


def test_a_new_stamp_for_colab_is_no_new_version(course, work):
    def stamped(address, text="x = 1"):
        badge = f"\n\n[![Open in Colab]({address})]({address})" if address else ""
        save(course / f"{A}.ipynb", f"# 7.1{badge}\n\nHere.", f"fetch({address!r})", text)

    def save(path, *sources):
        write(path, *sources)
        path.write_text(
            path.read_text("utf-8").replace('"id": "c1"', '"id": "colab-start"'), "utf-8"
        )

    stamped("")
    copies.renew(course, work, DAY)
    save(work / f"{A}.ipynb", *sources(work / f"{A}.ipynb"), "mine = 2")
    stamped("https://example.org/v2")
    assert copies.renew(course, work, DAY) == []
    stamped("https://example.org/v3", "x = 3")
    assert "The new one is beside it" in copies.renew(course, work, DAY)[0]


def test_who_takes_the_new_version_over_counts_as_untouched_again(course, work):
    write(work / f"{A}.ipynb", "mine = 1")
    write(course / f"{A}.ipynb", "a = 10")
    copies.renew(course, work, DAY)
    os.replace(work / f"{A} (new 2026-11-25).ipynb", work / f"{A}.ipynb")
    assert copies.renew(course, work, DAY) == []
    write(course / f"{A}.ipynb", "a = 11")
    assert copies.renew(course, work, DAY) == [f"{A}: renewed."]


def test_a_notebook_that_was_deleted_comes_back_and_is_told(course, work):
    (work / f"{A}.ipynb").unlink()
    lines = copies.renew(course, work, DAY)
    assert lines == [f"{A}: it was gone, and is there again as in the course."]
    assert everything(work) == everything(course)


def test_a_new_notebook_of_the_course_is_copied_and_told(course, work):
    write(course / "8.1-alexnet.ipynb", "net = 1")
    assert copies.renew(course, work, DAY) == ["8.1-alexnet: new in the course."]
    assert sources(work / "8.1-alexnet.ipynb") == ["net = 1"]


def test_a_students_own_notebook_with_the_name_of_a_new_one_stays(course, work):
    write(work / "8.1-alexnet.ipynb", "mine = 1")
    write(course / "8.1-alexnet.ipynb", "net = 1")
    copies.renew(course, work, DAY)
    assert sources(work / "8.1-alexnet.ipynb") == ["mine = 1"]
    assert sources(work / "8.1-alexnet (new 2026-11-25).ipynb") == ["net = 1"]


def test_what_the_course_gives_up_stays_with_the_student(course, work):
    (course / f"{A}.ipynb").unlink()
    assert copies.renew(course, work, DAY) == [f"{A}: no longer part of the course. Yours stays."]
    assert copies.renew(course, work, DAY) == []
    assert sources(work / f"{A}.ipynb") == ["a = 1", "b = 2"]


@pytest.mark.parametrize(
    "damage",
    [
        None,
        "",
        "{",
        "[]",
        '{"version": 0, "notebooks": {}}',
        '{"version": 2, "notebooks": {"7.1-why-conv.ipynb": {"written": 5}}}',
        '{"version": 2, "notebooks": {"7.1-why-conv.ipynb": {"strange": ""}}}',
        '{"version": 2, "notebooks": {"7.1-why-conv.ipynb": {"beside": 5}}}',
    ],
)
def test_without_a_readable_manifest_what_differs_is_the_students(course, work, damage):
    path = work / manifest.ROOM / "manifest.json"
    path.unlink() if damage is None else path.write_text(damage, encoding="utf-8")
    write(work / f"{A}.ipynb", "mine = 1")
    write(work / f"{B}.ipynb", "K = 3", shows=["mine\n"])
    before = everything(work)
    write(course / f"{A}.ipynb", "a = 10")
    copies.renew(course, work, DAY)
    after = everything(work)
    assert sources(work / f"{A} (new 2026-11-25).ipynb") == ["a = 10"]
    assert before.items() <= after.items()
    assert len(after) == 3
    path.unlink()  # what is beside it already is not put there again
    copies.renew(course, work, DAY)
    assert everything(work) == after


def test_a_manifest_of_another_version_is_not_believed(course, work):
    path = work / manifest.ROOM / "manifest.json"
    path.write_text(path.read_text("utf-8").replace('"version": 2', '"version": 1'), "utf-8")
    write(course / f"{A}.ipynb", "a = 10")
    copies.renew(course, work, DAY)
    assert sources(work / f"{A}.ipynb") == ["a = 1", "b = 2"]
    assert sources(work / f"{A} (new 2026-11-25).ipynb") == ["a = 10"]


def test_a_deleted_working_copy_is_made_again(course, work):
    for name in files(work):
        (work / name).unlink()
    for path in (work / manifest.ROOM).iterdir():
        path.unlink()
    copies.renew(course, work, DAY)
    assert everything(work) == everything(course)


def test_folders_and_links_to_nowhere_with_names_of_notebooks_stop_nothing(course, work):
    write(work / f"{B}.ipynb", "mine = 1")
    write(course / f"{B}.ipynb", "K = 4")
    (course / "7.3-padding.ipynb").mkdir()
    (course / "7.4-channels.ipynb").symlink_to("nowhere")
    (work / f"{B} (new 2026-11-25).ipynb").mkdir()
    (work / f"{B} (new 2026-11-25, 2).ipynb").symlink_to("nowhere")
    copies.renew(course, work, DAY)
    assert sources(work / f"{B} (new 2026-11-25, 3).ipynb") == ["K = 4"]
    assert (work / f"{B} (new 2026-11-25, 2).ipynb").is_symlink()


def test_a_conflict_in_the_course_does_not_reach_the_working_copy(course, work):
    before = everything(work)
    (course / f"{A}.ipynb").write_text('<<<<<<< HEAD\n{"cells": []}', encoding="utf-8")
    lines = copies.renew(course, work, DAY)
    assert lines == [f"{A}: the course's file cannot be read (a conflict of git?). Yours stays."]
    assert everything(work) == before


def test_a_fresh_copy_keeps_the_old_one(course, work):
    for count in ("", ", 2"):
        write(work / f"{B}.ipynb", f"mine{count[2:]} = 1")
        lines = copies.fresh(course, work, ["7.2"], DAY)
        old = f"earlier/{B} (2026-11-25{count}).ipynb"
        assert lines[0] == f"{B}: as in the course again. Yours is kept: {old}"
        assert sources(work / old) == [f"mine{count[2:]} = 1"]
        assert sources(work / f"{B}.ipynb") == ["K = 3"]
    write(course / f"{B}.ipynb", "K = 4")
    assert copies.renew(course, work, DAY) == [f"{B}: renewed."]


def test_a_fresh_copy_of_an_untouched_notebook_leaves_nothing_behind(course, work):
    copies.fresh(course, work, [B, f"{A}.ipynb"], DAY)
    assert everything(work) == everything(course)


@pytest.mark.parametrize("name", ["7.9-none", "7.", "", "../notebooks/7.1-why-conv"])
def test_a_fresh_copy_of_no_notebook_names_those_that_there_are(course, work, name):
    write(work / f"{A}.ipynb", "mine = 1")
    before = everything(work)
    with pytest.raises(ValueError, match=rf"NAME must be one of {A}, {B}, got"):
        copies.fresh(course, work, [A, name], DAY)
    assert everything(work) == before


def test_two_starts_at_once_do_the_work_of_one(course, work):
    names = [f"8.{i}" for i in range(20)]
    for name in names:
        write(course / f"{name}.ipynb", "net = 1")
        write(work / f"{name}.ipynb", "mine = 1")
    told, barrier = [], threading.Barrier(6)

    def start():
        barrier.wait()
        told.extend(copies.renew(course, work, DAY))

    threads = [threading.Thread(target=start) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(told) == 20
    beside = [f"{name} (new 2026-11-25).ipynb" for name in names]
    assert files(work) == sorted([*files(course), *beside])


def test_a_full_disk_loses_nothing_and_says_what_to_do(course, work, monkeypatch, capsys):
    write(work / f"{B}.ipynb", "K = 3", shows=["mine\n"])
    write(course / f"{B}.ipynb", "K = 4")
    before = everything(work)

    def full(number):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    assert "No space left" in refusal(course, work, monkeypatch)
    assert everything(work) == before
    assert not list((work / manifest.ROOM).glob("new-*"))
    monkeypatch.undo()
    copies.renew(course, work, DAY)
    assert sources(work / f"{B}.ipynb") == ["K = 4"]


def test_a_move_that_fails_halfway_is_undone(course, work, monkeypatch):
    write(work / f"{B}.ipynb", "K = 3", shows=["mine\n"])
    write(course / f"{B}.ipynb", "K = 4")
    before, replace = everything(work), os.replace

    def refuse(source, target):
        if "new-" in Path(source).name:
            raise PermissionError(13, "Permission denied")
        replace(source, target)

    monkeypatch.setattr(os, "replace", refuse)
    with pytest.raises(PermissionError):
        copies.renew(course, work, DAY)
    assert everything(work) == before


def test_a_folder_that_cannot_be_made_says_what_to_do(course, tmp_path, monkeypatch):
    (tmp_path / "file").touch()
    assert "COMPANION_WORK" in refusal(course, tmp_path / "file" / "work", monkeypatch)


def refusal(course, work, monkeypatch):
    """Return the sentence with which the command ends."""
    monkeypatch.setattr(lab, "COURSE", course)
    monkeypatch.setenv("COMPANION_WORK", str(work))
    with pytest.raises(SystemExit) as end:
        lab.main(["copy"])
    assert "Nothing of yours is lost" in str(end.value)
    return str(end.value)


@pytest.mark.parametrize("folder", [ROOT, lab.COURSE, lab.COURSE / "x", ROOT.parent])
def test_the_working_copy_is_never_the_course_itself(folder, monkeypatch):
    monkeypatch.setenv("COMPANION_WORK", str(folder))
    with pytest.raises(SystemExit, match="COMPANION_WORK must name a folder of its own"):
        lab.main(["copy"])


@pytest.mark.parametrize("words", [["fresh"], ["copy", "7.2"], ["nonsense"], ["copy", "--port=1"]])
def test_a_command_that_makes_no_sense_is_refused(words, capsys):
    with pytest.raises(SystemExit):
        lab.main(words)
    assert "error: " in capsys.readouterr().err


def test_names_are_fit_for_windows(course, work):
    write(work / f"{A}.ipynb", "mine = 1")
    write(work / f"{B}.ipynb", "K = 3", shows=["mine\n"])
    for path in (course / f"{A}.ipynb", course / f"{B}.ipynb"):
        write(path, "new = 1")
    copies.renew(course, work, DAY)
    assert len(files(work)) == 4
    for name in files(work):
        assert not re.search(r'[<>:"|?*\\]|[ .]$', name)


@pytest.mark.parametrize("seed", range(8))
def test_whatever_happens_nothing_that_a_student_made_is_lost(course, work, seed):
    chance = random.Random(seed)
    made = re.compile(rb"made-\d+")

    def kept():
        return {m for data in everything(work).values() for m in made.findall(data)}

    def versions(folder):
        return {content.read(path).written for path in folder.glob("*.ipynb")}

    shown = versions(work)
    for step in range(25):
        path = chance.choice([work, course]) / f"{chance.choice([A, B])}.ipynb"
        if path.parent == course:
            write(path, f"course-{step} = 1", shows=[f"{step}\n"])
        elif not path.exists():
            pass
        elif chance.random() < 0.4:
            write(path, *sources(path), f"'made-{step}'")
        elif chance.random() < 0.6:
            write(path, *sources(path), shows=[f"made-{step}\n"])
        elif chance.random() < 0.5:
            path.unlink()
        else:
            (work / manifest.ROOM / "manifest.json").unlink(missing_ok=True)
        before, renewed = kept(), chance.random() < 0.7
        if renewed:
            copies.renew(course, work, DAY)
        else:
            copies.fresh(course, work, [A], DAY)
        assert kept() == before
        shown |= versions(work)
        assert not renewed or versions(course) <= shown  # nor is anything new withheld


def test_the_real_notebooks_need_nothing_beside_them_but_each_other(tmp_path):
    copies.renew(lab.COURSE, tmp_path / "work", DAY)
    for path in (tmp_path / "work").glob("*.ipynb"):
        assert content.cells_of(path.read_bytes())
        text = re.sub(r"```.*?```|`[^`\n]*`", "", "\n".join(sources(path)), flags=re.DOTALL)
        for target in re.findall(r"\]\(([^)\s#]+\.\w+)\)", text):
            assert target.startswith("http") or (path.parent / target).exists(), target


def test_tests_never_collect_the_copies(tmp_path):
    (tmp_path / "pyproject.toml").write_bytes((ROOT / "pyproject.toml").read_bytes())
    lines = (ROOT / "conftest.py").read_text("utf-8").splitlines()
    own = [line for line in lines if "pytest_plugins" not in line]  # these import PyTorch
    (tmp_path / "conftest.py").write_text("\n".join(own), encoding="utf-8")
    (tmp_path / "work").mkdir()
    write(tmp_path / "work" / "7.1.ipynb", "1 / 0")
    (tmp_path / "work" / "test_mine.py").write_text("def test_mine(): assert False")
    command = [sys.executable, "-m", "pytest", "--collect-only", "-q", "--nbval", "."]
    run = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True)
    assert run.returncode == 5, run.stdout + run.stderr  # nothing was collected
    assert "mine" not in run.stdout + run.stderr


def test_git_ignores_the_working_copy():
    assert "/work/" in (ROOT / ".gitignore").read_text("utf-8").split()


def test_jupyterlab_starts_on_the_copy_with_the_start_page_for_this_machine_only(tmp_path):
    options = server.options(tmp_path)
    assert f"--ServerApp.root_dir={tmp_path}" in options
    assert "--LabApp.default_url=/lab/tree/index.ipynb" in options
    assert "--ServerApp.ip=127.0.0.1" in options
    settings = server.SETTINGS / "labconfig" / "default_setting_overrides.json"
    assert json.loads(settings.read_text("utf-8"))[
        "@jupyterlab/apputils-extension:notification"
    ] == {"fetchNews": "false", "checkForUpdates": False}


def test_kernels_are_encrypted_only_where_jupyter_and_zeromq_can_do_it(tmp_path, monkeypatch):
    option = "--KernelManager.transport_encryption=auto"
    known = "transport_encryption" in KernelManager.class_traits()
    assert (option in server.options(tmp_path)) == known
    monkeypatch.setattr("zmq.has", lambda capability: capability != "curve")
    assert option not in server.options(tmp_path)


def test_a_server_that_crashed_is_not_taken_for_a_running_one(tmp_path, monkeypatch):
    listed = {"root_dir": str(tmp_path), "url": "http://127.0.0.1:9/", "token": "t"}
    monkeypatch.setattr("jupyter_server.serverapp.list_running_servers", lambda: [listed])
    assert server.running(tmp_path) is None
