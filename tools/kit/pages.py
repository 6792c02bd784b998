"""What a notebook becomes for others: without answers, or as a page of the site."""

import copy
import re

import nbformat
from nbformat import NotebookNode

from tools import tasks
from tools.colab import stamp

ANSWER = re.compile(r"\n*<details><summary>Answer</summary>.*", re.DOTALL)
FOLDED = re.compile(r"\n*<details><summary>(?:Hint|Answer)</summary>.*", re.DOTALL)
HEADING = re.compile(r"(?<=\.ipynb)#[^)\s]+(?=\))")
KINDS = {"without-answers": FOLDED, "hints-only": ANSWER}


def for_students(notebook: NotebookNode, kind: str) -> NotebookNode:
    """Return a notebook without its answers, or with the hints only, and a cell to work in.

    `kind` is 'without-answers' or 'hints-only'. Below each exercise stands an empty cell.
    """
    cells = []
    for cell in copy.deepcopy(notebook.cells):
        tags = cell.metadata.get("tags", [])
        if tasks.TAG in tags and cell.id.endswith(tasks.SOLUTION):
            continue
        if "answer" not in tags:
            cells.append(cell)
            continue
        cell.source = KINDS[kind].sub("", cell.source)
        cell.metadata["tags"] = ["exercise"]
        cells += [cell, nbformat.v4.new_code_cell("", id=f"{cell.id[:55]}-yours")]
    made = copy.deepcopy(notebook)
    made.cells = cells
    return made


def for_site(notebook: NotebookNode) -> NotebookNode:
    """Return a notebook as a page: nothing that is there for JupyterLab or Colab only."""
    made = copy.deepcopy(notebook)
    for cell in made.cells:
        if cell.id == stamp.START:
            cell.metadata["tags"] = ["remove-cell"]
        if cell.cell_type == "markdown":  # JupyterLab's names of headings have capitals
            cell.source = HEADING.sub(lambda link: link[0].lower(), cell.source)
        if cell.cell_type == "code":
            # One form of each output: the one with the sentence about a figure.
            for output in cell.outputs:
                data = output.get("data", {})
                if "text/html" in data and "<img" in data["text/html"]:
                    output.data = nbformat.from_dict({"text/html": data["text/html"]})
    return made
