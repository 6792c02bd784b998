"""The figures stored in the notebooks: each has its sentence, and a stale one would fail."""

import copy
import html
from pathlib import Path

import nbformat
import pytest

from tools.outputs import rules
from tools.outputs.compare import compare
from tools.outputs.drawn import measure_of, series_of

NOTEBOOKS = sorted((Path(__file__).resolve().parent.parent / "notebooks").glob("*.ipynb"))


def figures():
    """Yield a name, the cell and the figure for each figure that is stored."""
    for path in NOTEBOOKS:
        for cell in nbformat.read(path, as_version=4).cells:
            for output in cell.get("outputs", []):
                if "image/png" in output.get("data", {}):
                    name = f"{path.stem} In [{cell.execution_count}]"
                    yield pytest.param(cell, output, id=name)


@pytest.mark.parametrize("cell, figure", list(figures()))
def test_the_sentence_is_the_same_in_the_page_in_the_text_and_in_the_metadata(cell, figure):
    sentence = figure.metadata["image/png"]["alt"]
    assert sentence == figure.data["text/plain"]
    assert f'<img alt="{html.escape(sentence)}"' in figure.data["text/html"]
    assert figure.data["image/png"].strip() in figure.data["text/html"]


@pytest.mark.parametrize("cell, figure", list(figures()))
def test_each_number_that_is_not_measured_fails_when_it_is_stale(cell, figure):
    series, measures = series_of(figure), rules.read(cell.source)
    assert series
    for name, values in series.items():
        scale = max((abs(v) for v in values if not isinstance(v, str)), default=0)
        for n, value in enumerate(values):
            if isinstance(value, str):
                stale = value + "!"
            elif measure_of(name, measures, is_last=n == len(values) - 1):
                stale = value + 10 * scale + 1000  # beyond any tolerance
            else:
                stale = value + max(0.01 * abs(value), 1e-4 * scale, 1e-12)
            other = copy.deepcopy(figure)
            series_of(other)[name][n] = stale
            # All outputs: a marker may also name numbers that are printed below the figure.
            others = [other if output is figure else output for output in cell.outputs]
            found = compare(cell.outputs, others, cell.source, cell.metadata.get("tags", []))
            assert found.differences, (name, n, value)
