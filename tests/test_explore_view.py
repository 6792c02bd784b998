"""The explorer's widgets, without a page: what changes when a reader changes something."""

import re
import types
from html.parser import HTMLParser

import IPython
import IPython.display
import numpy as np
import pytest

from helpers.explorer import page, tables
from helpers.explorer.state import State

pytest.importorskip("ipywidgets")

from helpers.explorer.view import WIDGET, Explorer

X = np.arange(9.0).reshape(1, 3, 3)
K = np.arange(4.0).reshape(1, 1, 2, 2)


class Cells(HTMLParser):
    """The cells of tables: what is written in each, and what it is called."""

    def __init__(self, text):
        super().__init__()
        self.open, self.cells, self.captions, self.attributes = "", [], [], {}
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        self.open, self.attributes = tag, dict(attributes)

    def handle_data(self, data):
        if self.open == "td":
            self.cells.append((data, self.attributes.get("aria-label", "")))
        elif self.open == "caption":
            self.captions.append(data)


@pytest.fixture
def explorer():
    return Explorer(State(X, K), {"ones": np.ones((1, 5, 5))})


def said(explorer):
    return re.sub("<[^>]+>", " ", explorer._said.value)


def move(explorer, *moves, before=()):
    """Send moves as the page does: how many there were, and the last of them."""
    listed = [*before, *moves]
    explorer._moves.value = f"{len(listed)}:{' '.join(listed[-50:])}"
    return listed


def test_arrow_keys_home_end_and_clicks_move_the_window(explorer):
    past = move(explorer, "r")
    assert "Window 2 of 4" in said(explorer)
    assert explorer._step.value == 2
    past = move(explorer, "d", "l", before=past)
    assert "Window 3 of 4" in said(explorer)
    past = move(explorer, "h", "u", "u", before=past)  # at the border it stays
    assert "Window 1 of 4" in said(explorer)
    past = move(explorer, "e", before=past)
    assert "Window 4 of 4" in said(explorer)
    move(explorer, "g0,9", before=past)
    assert "Window 2 of 4" in said(explorer)


def test_no_move_is_lost_or_made_twice_when_values_are_left_out(explorer):
    explorer._pairs["padding"][1].value = 9
    steps = explorer.state.steps
    past = move(explorer, *"rrr")
    move(explorer, *"rrrrl", before=past)
    assert explorer.state.step == 6 < steps
    move(explorer, "r")  # another page, which counts from the beginning
    assert explorer.state.step == 7


def test_the_slider_moves_the_window_and_never_beyond_the_last(explorer):
    explorer._step.value = 4
    assert "Window 4 of 4" in said(explorer)
    for field in explorer._pairs["stride"]:
        field.value = 2
    assert "Window 1 of 1" in said(explorer)
    assert explorer._step.disabled


def test_numbers_typed_are_taken_over(explorer):
    explorer._K.value = "1 0; -1 2"
    explorer._X.value = "0 1 2 3\n4 5 6 7\n8 9 10 11"
    assert "0·1 + 1·0 + 4·(−1) + 5·2 = 6" in said(explorer)
    explorer._mode.value = "max"
    assert "max(0, 1, 4, 5) = 5" in said(explorer)
    assert explorer._K.layout.display == "none"
    assert explorer._pairs["window"][0].layout.display == "flex"
    explorer._above.value = "2"
    assert "depends on 2 × 2 = 4 outputs of layer 1 and 3 × 3 = 9 inputs" in said(explorer)


def test_what_was_not_typed_keeps_all_its_decimals():
    explorer = Explorer(State(X / 7, K / 3), {})
    explorer._pairs["padding"][0].value = 1
    np.testing.assert_array_equal(explorer.state.X, X / 7)
    np.testing.assert_array_equal(explorer.state.K, K / 3)


def test_an_image_of_the_data_takes_the_place_of_what_was_typed(explorer):
    explorer._source.value = "ones"
    assert "0·" not in said(explorer)
    assert explorer.state.X.shape == (1, 5, 5)
    assert explorer._X.disabled
    explorer._source.value = explorer._source.options[0]
    assert not explorer._X.disabled


def test_channels_can_be_chosen(explorer):
    assert explorer._channel.layout.display == "none"
    explorer._K.value = "1 0; 0 0\n--\n0 0; 0 1"
    assert explorer._channel.layout.display == "flex"
    explorer._channel.value = 1
    assert "is 4, output [0, 0] of channel 1" in said(explorer)
    explorer._K.value = "1"
    assert explorer._channel.layout.display == "none"


def test_what_is_impossible_says_why_and_moves_nothing(explorer):
    explorer._pairs["dilation"][0].value = 3
    assert "Not possible:  The window spans 4 rows, the input has only 3" in said(explorer)
    assert 'class="cx-old"' in explorer._tables.value
    move(explorer, "r")
    assert "Not possible" in said(explorer)
    explorer._K.value = "1 2; 3"
    assert "Line 2 has 1 number, the first has 2" in said(explorer)
    explorer._K.value = "1"
    assert "Window 1 of 9" in said(explorer)
    assert 'class="cx-old"' not in explorer._tables.value


def test_every_cell_says_without_colour_what_it_is():
    state = State(X, K, padding=(1, 1), stride=(2, 2), step=1)
    found = Cells(tables.tables(state))
    assert found.captions == ["kernel, 2 × 2", "input with padding, 5 × 5", "output, 2 × 2"]
    names = [name for _, name in found.cells]
    assert names.count("0, padding, in the window") == 2
    assert [n for n in names if n.endswith(", in the window")][2:] == [
        "1, in the window", "2, in the window"
    ]  # fmt: skip
    assert found.cells[-4:] == [
        ("0", ""), ("8", "8, of this window"), ("·", "still to come"), ("·", "still to come")
    ]  # fmt: skip


def test_every_cell_of_a_receptive_field_says_what_it_is():
    state = State(np.zeros((1, 6, 6)), K, above=((2, 1), (2, 1)))
    found = Cells(tables.tables(state))
    names = [name for _, name in found.cells]
    assert sum(name.endswith("in the receptive field") for name in names) == 16 + 9 + 4
    assert names.count("chosen") == 1
    assert found.captions[-1] == "outputs of layer 3, 3 × 3"


def test_black_can_be_read_on_every_ground():
    def light(colour):
        parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
        parts = [v / 12.92 if v <= 0.03928 else ((v + 0.055) / 1.055) ** 2.4 for v in parts]
        return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2]

    for value in np.linspace(-1, 1, 41):
        ground = tables._tint(float(value), 1.0).removeprefix("background:")
        assert (light(ground) + 0.05) / (light("#111111") + 0.05) >= 4.5


def test_the_scripts_of_the_page_are_whole_attributes():
    parsed = {}

    class Attributes(HTMLParser):
        def handle_starttag(self, tag, attributes):
            parsed.update({f"{tag} {name}": value for name, value in attributes})

    Attributes().feed(page.pad() + page.clickable(""))
    assert parsed["style onload"].endswith("},500)")
    assert parsed["div onkeydown"].endswith("}")
    assert parsed["div onclick"].endswith("}")
    assert parsed["div tabindex"] == "0"


def test_what_is_shown_has_a_still_for_those_who_cannot_run_it_and_no_state(monkeypatch, explorer):
    outputs = []
    monkeypatch.setattr(IPython, "get_ipython", lambda: types.SimpleNamespace(kernel=None))
    monkeypatch.setattr(
        IPython.display, "display", lambda data, **rest: outputs.append((data, rest))
    )
    explorer.display("Four steps.")
    (live, _), (still, rest) = outputs
    assert live.keys() == {"text/plain", WIDGET}
    assert live[WIDGET].keys() == {"version_major", "version_minor", "model_id"}
    assert still.keys() == {"text/plain", "text/html", "image/png"}
    assert still["text/html"].startswith("<details><summary>As it was at first")
    assert 'alt="Four steps."' in still["text/html"]
    assert rest["metadata"]["image/png"]["alt"] == "Four steps."
