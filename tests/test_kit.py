"""What an instructor hands on: a site that needs no server, notebooks without the answers."""

import re
import subprocess
import sys
from html.parser import HTMLParser

import nbformat
import pytest

from tools.execution import ROOT
from tools.kit.pages import for_site, for_students
from tools.notebooks import named

PATHS = named([])


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    folder = tmp_path_factory.mktemp("site")
    command = [sys.executable, "-m", "tools.kit", "site", str(folder)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return folder


class Page(HTMLParser):
    """The links, scripts, styles, images and texts of a page."""

    def __init__(self, path):
        super().__init__()
        self.sources, self.links, self.images, self.identities = [], [], [], set()
        self.feed(path.read_text(encoding="utf-8"))

    def handle_starttag(self, tag, attrs):
        given = dict(attrs)
        self.identities.add(given.get("id"))
        if tag == "img":
            self.images.append(given)
        if tag == "script" and "src" in given:
            self.sources.append(given["src"])
        if tag == "link" and given.get("rel") == "stylesheet":
            self.sources.append(given["href"])
        if tag == "a" and "href" in given:
            self.links.append(given["href"])


def test_every_notebook_is_a_page_and_the_start_page_leads_to_all(site):
    links = Page(site / "index.html").links
    for path in PATHS:
        assert (site / f"{path.stem}.html").exists()
        assert path.stem == "index" or f"{path.stem}.html" in links


def test_a_page_needs_neither_server_nor_network(site):
    for path in site.glob("*.html"):
        for source in Page(path).sources:
            assert not source.startswith(("http", "//")), (path.name, source)
            assert (site / source.partition("?")[0]).exists(), (path.name, source)
    assert (site / "searchindex.js").exists()
    assert "<math" in (site / "7.2-conv-layer.html").read_text("utf-8")


def test_links_between_pages_lead_somewhere(site):
    for path in site.glob("[78]*.html"):
        for link in Page(path).links:
            if re.match(r"https?:|mailto:", link) or link.startswith("#"):
                continue
            name, _, place = link.partition("#")
            assert (site / name).exists(), (path.name, link)
            assert not place or place in Page(site / name).identities, (path.name, link)


def test_every_figure_has_its_sentence_and_nothing_of_colabs_is_left(site):
    figures = 0
    for path in site.glob("[78]*.html"):
        images = [image for image in Page(path).images if "data:" in image["src"]]
        figures += len(images)
        assert all(len(image.get("alt") or "") > 20 for image in images), path.name
        assert "google.colab" not in path.read_text("utf-8"), path.name
    assert figures > 50


def test_a_page_is_made_from_a_copy():
    notebook = nbformat.read(PATHS[0], as_version=4)
    before = nbformat.writes(notebook)
    for_site(notebook)
    for_students(notebook, "hints-only")
    assert nbformat.writes(notebook) == before


@pytest.mark.parametrize("kind", ["without-answers", "hints-only"])
def test_students_get_exercises_without_answers_and_a_cell_to_work_in(kind):
    for path in PATHS:
        notebook = nbformat.read(path, as_version=4)
        made = for_students(notebook, kind)
        nbformat.validate(made)
        texts = "\n".join(cell.source for cell in made.cells)
        assert "<summary>Answer</summary>" not in texts
        assert "<summary>Proof</summary>" not in texts
        assert "Solution of" not in texts
        exercises = [c for c in notebook.cells if "answer" in c.metadata.get("tags", [])]
        hints = texts.count("<summary>Hint</summary>")
        assert hints >= len(exercises) if kind == "hints-only" else True
        for cell in exercises:
            place = next(i for i, c in enumerate(made.cells) if c.id == cell.id)
            heading = cell.source.splitlines()[0]
            assert made.cells[place].source.startswith(heading)
            assert "*Kind:" in made.cells[place].source
            assert ("Hint</summary>" in made.cells[place].source) == (kind == "hints-only")
            assert made.cells[place].source.count("<details>") == made.cells[place].source.count(
                "</details>"
            )
            assert made.cells[place + 1].cell_type == "code"
            assert made.cells[place + 1].source == ""


def test_the_courses_own_notebooks_are_not_overwritten():
    command = [sys.executable, "-m", "tools.kit", "student", "hints-only", "notebooks"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode != 0
    assert "another than the course's own" in done.stderr
