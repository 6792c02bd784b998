"""What is written down in locks/ is whole, fits environment.yml, and is installed as it is."""

import re
import subprocess
import sys
from pathlib import Path

import pytest
from packaging.requirements import Requirement

from tools import environment

VERSIONS = ("3.11", "3.12", "3.13")
DIGEST = "0123456789abcdef" * 4


def report(name, version, digest=DIGEST, ending="py3-none-any.whl"):
    """What pip reports of a package that it would install."""
    hashes = {"sha256": digest} if digest else {}
    url = f"https://files.example/{name}-{version}-{ending}"
    download = {"url": url, "archive_info": {"hashes": hashes}}
    return {
        "install": [{"metadata": {"name": name, "version": version}, "download_info": download}]
    }


@pytest.mark.parametrize("python", VERSIONS)
def test_every_package_of_the_course_is_locked_within_its_bounds(python):
    found = environment.locked(environment.lock_of(python).read_text("utf-8"))
    packages, bare = environment.listed()
    for package in map(Requirement, [*packages, *bare]):
        assert package.specifier.contains(found[package.name][0]), package
    assert Requirement("setuptools>=77").specifier.contains(found["setuptools"][0])


@pytest.mark.parametrize("python", VERSIONS)
def test_a_lock_file_has_names_versions_and_hashes_and_no_address(python):
    text = environment.lock_of(python).read_text("utf-8")
    lines = [line for line in text.splitlines() if not line.startswith("#")]
    assert len(lines) == len(environment.locked(text)) > 100
    assert lines == sorted(lines, key=lambda line: line.split("==")[0])
    assert f"Python {python}:" in text
    assert not re.search(r"://|@|--(?!hash=)", "\n".join(lines))


def test_bounds_become_the_oldest_and_the_newest():
    packages = ["numpy>=2.0,<2.5", "matplotlib>=3.10.7,<3.12", "nbval==0.11.0"]
    oldest = ["numpy==2.0.*", "matplotlib==3.10.7.*", "nbval==0.11.0"]
    assert environment.oldest(packages) == oldest
    assert environment.newest(packages) == ["numpy>=2.0", "matplotlib>=3.10.7", "nbval==0.11.0"]


def test_what_pip_reports_is_written_down_by_name():
    text = environment.lock_text(
        [report("Jinja2", "3.1"), report("d2l", "1.0.3"), report("a_b.c", "2")],
        "3.12",
        "2026-11-28",
    )
    assert text.splitlines()[2:] == [
        f"a-b-c==2 --hash=sha256:{DIGEST}",
        f"d2l==1.0.3 --hash=sha256:{DIGEST}",
        f"jinja2==3.1 --hash=sha256:{DIGEST}",
    ]
    assert environment.locked(text)["jinja2"] == ("3.1", DIGEST)


@pytest.mark.parametrize("bad", [report("a", "1", digest=""), report("a", "1", ending="0.tar.gz")])
def test_what_has_no_hash_or_is_no_wheel_is_refused(bad):
    with pytest.raises(ValueError, match="a has no wheel"):
        environment.lock_text([bad], "3.12", "2026-11-28")


def test_changes_are_named():
    before, after = (
        environment.lock_text(list(reports), "3.12", day)
        for day, reports in {
            "2026-11-28": (report("a", "1"), report("b", "1"), report("c", "1"), report("d", "1")),
            "2026-12-28": (report("a", "1"), report("b", "2"), report("d", "1", "f" * 64),
                           report("e", "1")),
        }.items()
    )  # fmt: skip
    assert environment.changes(before, after) == [
        "b 1 → 2", "c 1 → none", "d 1: another file", "e none → 1"
    ]  # fmt: skip


@pytest.fixture
def pip(monkeypatch, tmp_path):
    """Write locks into another folder, with what a pip that is not run would report."""
    monkeypatch.setattr(environment, "LOCKS", tmp_path)
    monkeypatch.setattr(environment, "has_locks", lambda: True)
    answers = {"torch": "2.14.1", "d2l": "1.0.3"}

    def answer(packages, *options):
        name = "d2l" if "--no-deps" in options else "torch"
        assert any(package.startswith(name) for package in packages)
        return report(name, answers[name])

    monkeypatch.setattr(environment, "_report", answer)
    return answers


def test_a_lock_is_written_anew_only_where_a_package_has_changed(pip, tmp_path, capsys):
    file = tmp_path / "{}.{}.txt".format(*sys.version_info)
    environment.main(["--lock"])
    first = file.read_text("utf-8")
    assert sorted(environment.locked(first)) == ["d2l", "torch"]
    file.write_text(re.sub(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", "2020-01-01", first), "utf-8")
    before = file.read_bytes()
    assert b"2020-01-01" in before
    environment.main(["--lock"])
    assert file.read_bytes() == before
    pip["torch"] = "2.15.0"
    capsys.readouterr()
    environment.main(["--lock"])
    assert "2 packages, 1 of them others" in (told := capsys.readouterr().out)
    assert "torch 2.14.1 → 2.15.0" in told
    assert environment.locked(file.read_text("utf-8"))["torch"][0] == "2.15.0"


def test_locked_packages_are_installed_by_their_hashes_and_nothing_else(monkeypatch):
    commands = []
    monkeypatch.setattr(subprocess, "run", lambda command, **options: commands.append(command))
    monkeypatch.setattr(environment, "has_locks", lambda: True)
    environment.main(["--locked"])
    pips = [command for command in commands if "pip" in command]
    assert len(pips) == 2
    assert {"--require-hashes", "--no-deps", "--only-binary", ":all:"} <= set(pips[0])
    assert pips[0][-1] == str(environment.lock_of("{}.{}".format(*sys.version_info)))
    assert {"--no-deps", "--no-build-isolation", "--editable"} <= set(pips[1])
    assert not any(re.search(r"[<>=]=", word) for command in pips for word in command)


@pytest.mark.parametrize("option", ["--lock", "--locked"])
def test_another_system_has_no_locked_packages(option, monkeypatch):
    monkeypatch.setattr(environment, "has_locks", lambda: False)
    with pytest.raises(SystemExit, match="Linux on x86-64"):
        environment.main([option])


def test_an_altered_file_is_not_installed(tmp_path):
    wheel = tmp_path / "a-1-py3-none-any.whl"
    wheel.write_bytes(b"something else than was locked")
    lock = tmp_path / "lock.txt"
    lock.write_text(f"a==1 --hash=sha256:{DIGEST}\n", "utf-8")
    command = environment.pip_of(Path(sys.executable))
    command += ["--require-hashes", "--no-deps", "--no-index", "--find-links", str(tmp_path)]
    done = subprocess.run(
        [*command, "--target", str(tmp_path / "into"), "--requirement", str(lock)],
        capture_output=True, text=True,
    )  # fmt: skip
    assert done.returncode != 0
    assert "DO NOT MATCH THE HASHES" in done.stderr
