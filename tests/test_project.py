"""The parts of the project agree with each other."""

import re
import sys
import tomllib
from pathlib import Path

import nbformat
import pytest
from jupyter_client.kernelspec import KernelSpecManager

import helpers
from tools import answers, environment, notebooks
from tools.colab import stamp

ROOT = Path(__file__).resolve().parent.parent
NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))
ANSWERS = sorted(answers.FOLDER.glob("*.md"))
CHAPTERS = [path for path in NOTEBOOKS if path.stem != "index"]


def read(path):
    return nbformat.read(path, as_version=4)


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda p: p.stem)
def test_stored_outputs_come_from_one_clean_run(path):
    notebook = read(path)
    nbformat.validate(notebook)
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    assert [cell.execution_count for cell in code] == list(range(1, len(code) + 1))
    assert "widgets" not in notebook.metadata
    for cell in code:
        assert not any(o.output_type == "error" for o in cell.outputs), cell.source
        assert not any(o.get("name") == "stderr" for o in cell.outputs), cell.source
        texts = str([o.get("text") or o.get("data", {}).get("text/plain") for o in cell.outputs])
        assert not re.search(r"/home/|/root/|/Users/|[A-Z]:\\|site-packages|0x[0-9a-f]{6}", texts)
        for output in cell.outputs:
            if "image/png" in output.get("data", {}):
                alt = output.metadata["image/png"]["alt"]
                assert alt == output.data["text/plain"]
                assert len(alt) > 20


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda p: p.stem)
def test_links_lead_somewhere(path):
    text = "\n".join(c.source for c in read(path).cells if c.cell_type == "markdown")
    text = re.sub(r"```.*?```|`[^`\n]*`", "", text, flags=re.DOTALL)  # code has brackets too
    for target in re.findall(r"\]\(([^)\s#]+)", text):
        if not target.startswith("http"):
            assert (path.parent / target).exists(), target


@pytest.mark.parametrize("path", CHAPTERS, ids=lambda p: p.stem)
def test_a_notebook_begins_and_ends_as_agreed(path):
    cells = read(path).cells
    first, last = cells[0].source, cells[-1].source
    number = path.stem.split("-")[0]
    assert first.startswith(f"# {number} ") or path.stem == "8-compare"
    assert "will be able to" in first
    assert re.search(r"\*\*Time:?\*\*:? about \d+ minutes|\*\*Time:?\*\*:? \d+ minutes", first)
    assert "(index.ipynb)" in first
    assert "(index.ipynb)" in last
    assert cells[1].id == stamp.START
    assert cells[2].cell_type == "code"
    assert "import helpers" in cells[2].source


def test_the_start_page_lists_every_notebook_with_its_title_and_minutes():
    text = "\n".join(c.source for c in read(ROOT / "notebooks" / "index.ipynb").cells)
    links = re.findall(r"\]\(([\w.-]+)\.ipynb\)", text)
    assert list(dict.fromkeys(links)) == [path.stem for path in sorted(CHAPTERS, key=order)]
    for path in CHAPTERS:
        first = read(path).cells[0].source
        title = first.splitlines()[0].removeprefix("# ")
        minutes = re.search(r"(\d+) minutes", first)[1]
        row = next(line for line in text.splitlines() if f"({path.name})" in line)
        assert title in row
        assert re.search(rf"\b{minutes}\b", row.split("|")[-2]), row


def order(path):
    return (path.stem == "8-compare", path.stem)


@pytest.mark.parametrize("path", ANSWERS, ids=lambda p: p.stem)
def test_notebooks_carry_the_answers_word_for_word(path):
    notebook = notebooks.FOLDER / f"{path.stem}.ipynb"
    cells = read(notebook).cells
    expected = notebooks.with_answers(notebook, cells)
    assert [c.source for c in cells] == [c.source for c in expected], "run: make outputs"


def test_versions_stand_in_one_place():
    packages, bare = environment.requirements((ROOT / "environment.yml").read_text("utf-8"))
    names = [re.match(r"[\w-]+", p)[0] for p in packages]
    assert {"torch", "torchvision", "numpy", "matplotlib", "jupyterlab", "nbval"} <= set(names)
    assert bare == ["d2l==1.0.3"]
    for name in ("pyproject.toml", "Makefile", "tools/environment.py"):
        text = (ROOT / name).read_text("utf-8")
        assert not re.search(r"(torch|numpy|matplotlib|nbval)\s*[=<>]=", text), name


@pytest.mark.skipif(Path(sys.prefix) != environment.VENV, reason="another environment is in use")
def test_kernels_are_started_with_what_must_be_set_before_pytorch():
    kernel = KernelSpecManager().get_kernel_spec("python3")
    assert environment.KERNEL_VARIABLES.items() <= kernel.env.items()


def test_every_public_name_is_documented():
    for name in helpers.__all__:
        assert getattr(helpers, name).__doc__, name


def test_an_installed_package_has_every_folder_of_helpers():
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["setuptools"]
    folders = {file.parent.relative_to(ROOT) for file in (ROOT / "helpers").rglob("*.py")}
    carried = set(settings["package-data"]) - {"helpers"}
    assert set(settings["packages"]) == {".".join(folder.parts) for folder in folders} | carried
