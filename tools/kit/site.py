"""Make a site of all notebooks and their answers, which needs no server."""

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import nbformat

from tools.execution import ROOT
from tools.kit.pages import for_site
from tools.notebooks import named

HERE = Path(__file__).resolve().parent
# Sphinx finds the pages by the links of a contents tree; the start page's own table has them for
# readers.
CONTENTS = "```{{toctree}}\n:hidden:\n:maxdepth: 1\n\n{pages}\n```"


def build(folder: Path) -> list[str]:
    """Write the site into a folder, and return what Sphinx warns of.

    Raises RuntimeError with Sphinx's own words if it cannot be made.
    """
    with tempfile.TemporaryDirectory() as temporary:
        source = Path(temporary)
        (source / "_static").mkdir()
        shutil.copy(HERE / "site.css", source / "_static")
        shutil.copy(HERE / "conf.py", source)
        write_pages(source)
        made = source / ".made" / "site"  # myst-nb writes beside it
        command = [sys.executable, "-m", "sphinx", "-q", "-b", "html", "-d", str(source / ".trees")]
        done = subprocess.run(
            [*command, str(source), str(made)],
            # Python's own warnings are of the libraries' insides.
            cwd=ROOT, env=os.environ | {"PYTHONWARNINGS": "ignore"},
            capture_output=True, text=True, encoding="utf-8", check=False,
        )  # fmt: skip
        if done.returncode:
            raise RuntimeError(f"Sphinx could not make the site:\n{done.stderr.strip()[-2000:]}")
        if (folder / "searchindex.js").exists():  # an earlier site, of pages that may be gone
            shutil.rmtree(folder)
        shutil.copytree(made, folder, dirs_exist_ok=True)
    return [line.replace(f"{source}/", "") for line in done.stderr.splitlines() if line.strip()]


def write_pages(source: Path) -> None:
    """Write the notebooks as pages, with a contents tree on the start page."""
    paths = named([])
    for path in paths:
        notebook = for_site(nbformat.read(path, as_version=4))
        if path.stem == "index":
            others = [p.stem for p in paths if p.stem not in ("index", "8-compare")]
            pages = "\n".join([*others, "8-compare"])
            cell = nbformat.v4.new_markdown_cell(CONTENTS.format(pages=pages), id="contents")
            notebook.cells.append(cell)
        nbformat.write(notebook, source / path.name)
