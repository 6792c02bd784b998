"""What the figures draw, what they say to those who cannot see it, and what they refuse."""

import ast
import base64
import io
import itertools
import json
import types
from pathlib import Path
from typing import Any, NamedTuple

import bs4
import IPython
import IPython.display
import matplotlib
import matplotlib.pyplot as plt
import nbformat
import numpy as np
import pytest
import torch
from IPython.core.inputtransformer2 import TransformerManager
from matplotlib.colors import to_hex
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from nbformat.v4 import new_output
from PIL import Image

import helpers
from helpers.figures.curves import LiveCurves
from tools import answers
from tools.outputs.compare import compare

ROOT = Path(__file__).resolve().parent.parent
NAMES = {name for name in helpers.__all__ if name.startswith(("plot_", "show_"))}

# One ordinary call of each, and the numbers and names that must be in the sentence about it.
CALLS: dict[str, tuple[tuple[Any, ...], tuple[str, ...]]] = {
    "plot_bars": ((["a", "b"], {"cost": [1, 2.5]}, "million"), ("million", "a 1", "b 2.5")),
    "plot_lines": (
        ([1, 2], {"train": [3, 4], "test": [5, 6]}, "epoch", "loss"),
        ("2 lines", "loss over epoch", "train from 3 to 4", "test from 5 to 6"),
    ),
    "plot_points": (({"LeNet": (1, 2), "VGG": (3, 4)}, "work", "score"), ("LeNet (1, 2)",)),
    "show_blocks": (
        ({"residual": {"branches": [["conv", "ReLU"], []], "join": "+", "after": ["pool"]}},),
        ("residual", "conv, ReLU", "identity", "added", "pool"),
    ),
    "show_grids": (([[[1, 2, 3], [4, 5, 6]]], ["X"]), ("1 grid", "X, 2 × 3")),
    "show_images": (([[[0, 1], [1, 0]]] * 2, 1, 2, ["boot", "shirt"]), ("2 images", "boot, shirt")),
    "show_matrix": (
        ([[8, 1], [2, 9]], ["boot", "shirt"]),
        ("2 × 2", "true class", "predicted class", "boot, shirt"),
    ),
    "show_receptive_field": (([3, 3],), ("input: 5", "layer 1: 3", "layer 2: 1")),
    "show_sliding": (
        ([[0, 1, 2], [3, 4, 5], [6, 7, 8]], [[0, 1], [2, 3]]),
        ("2 × 2 kernel", "3 × 3 input", "19, 25, 37, 43"),
    ),
}


class Shown(NamedTuple):
    """What reached the reader, and the figure that it was made from."""

    figure: Figure | None
    data: dict[str, str]
    metadata: dict[str, dict[str, Any]]
    place: object  # None for an output of its own


class Outputs(list[Shown]):
    """All that is displayed; PNGs are made only where a test looks at them, which is slow."""

    rendering = False


@pytest.fixture
def displayed(monkeypatch):
    """All that is displayed from now on, wherever this runs."""
    outputs = Outputs()
    figures: list[Figure] = []
    savefig = Figure.savefig

    def save(figure, *args, **options):
        figures.append(figure)
        if outputs.rendering:
            savefig(figure, *args, **options)
        else:
            Image.new("RGB", (1, 1)).save(args[0], "png")

    def record(data, metadata, place):
        outputs.append(Shown(figures.pop() if figures else None, data, metadata or {}, place))

    class Handle:
        def update(self, data, *, raw, metadata=None):
            record(data, metadata, self)

    def display(data, *, raw, metadata=None, display_id=False):
        handle = Handle() if display_id else None
        record(data, metadata, handle)
        return handle

    monkeypatch.setattr(Figure, "savefig", save)
    monkeypatch.setattr(IPython.display, "display", display)
    return outputs


@pytest.fixture
def shown(displayed, monkeypatch):
    """All that is displayed in a notebook, without the PNGs."""
    monkeypatch.setattr(IPython, "get_ipython", lambda: types.SimpleNamespace(kernel=None))
    return displayed


@pytest.fixture
def rendered(shown):
    """All that is displayed in a notebook."""
    shown.rendering = True
    return shown


def axes(shown):
    """The axes of the last figure."""
    return shown[-1].figure.axes


def content(figure):
    """What is drawn, as text: so NaN equals NaN."""
    return [
        str(
            (
                texts(ax),
                [np.asarray(image.get_array()).tolist() for image in ax.images],
                [line.get_xydata().tolist() for line in ax.lines],
                [patch.get_window_extent() for patch in ax.patches],
            )
        )
        for ax in figure.axes
    ]


def texts(ax):
    return [text.get_text() for text in ax.texts]


def png(shown):
    return base64.b64decode(shown[-1].data["image/png"])


# --- the sentence --------------------------------------------------------------------------


def test_every_figure_function_is_tried_here():
    assert CALLS.keys() == NAMES


@pytest.mark.parametrize("name", CALLS)
def test_a_figure_comes_with_its_sentence_as_text_and_as_alternative_text(rendered, name):
    getattr(helpers, name)(*CALLS[name][0], alt="A boot, larger than life.")
    (output,) = rendered
    assert output.data["text/plain"] == "A boot, larger than life."
    assert output.metadata["image/png"]["alt"] == "A boot, larger than life."
    width, height = output.figure.get_size_inches() * 96
    assert output.metadata["image/png"]["width"] == pytest.approx(width, abs=0.5)
    assert output.metadata["image/png"]["height"] == pytest.approx(height, abs=0.5)
    assert png(rendered).startswith(b"\x89PNG")
    image = bs4.BeautifulSoup(output.data["text/html"], "html.parser").img
    assert image["alt"] == "A boot, larger than life."
    assert image["src"] == "data:image/png;base64," + output.data["image/png"]
    assert (image["width"], image["height"]) == (f"{width:.0f}", f"{height:.0f}")


def test_a_sentence_with_marks_of_html_arrives_unharmed(rendered):
    alt = "<b>K</b> & \"X\" > 'Y' are shown."
    helpers.show_grids([[[1]]], ["K"], alt=alt)
    image = bs4.BeautifulSoup(rendered[0].data["text/html"], "html.parser")
    assert (image.img["alt"], image.get_text()) == (alt, "")


def test_a_picture_of_few_colours_looks_like_all_of_them(rendered, monkeypatch):
    helpers.show_images(np.random.default_rng(0).random((2, 16, 16, 3)), 1, 2)
    few = np.asarray(Image.open(io.BytesIO(png(rendered))).convert("RGB")).astype(int)
    buffer = io.BytesIO()
    rendered[0].figure.savefig(buffer, format="png", dpi=160)
    full = np.asarray(Image.open(buffer).convert("RGB")).astype(int)
    assert np.abs(few - full).mean() < 4
    rendered.clear()
    helpers.show_images(np.linspace(0, 1, 256).reshape(1, 16, 16), 1, 1, cmap="gray")
    few = np.asarray(Image.open(io.BytesIO(png(rendered))).convert("RGB")).astype(int)
    buffer = io.BytesIO()
    rendered[0].figure.savefig(buffer, format="png", dpi=160)
    full = np.asarray(Image.open(buffer).convert("RGB")).astype(int)
    assert np.abs(few - full).max() <= 12


@pytest.mark.parametrize("name", CALLS)
def test_without_a_sentence_one_is_made_from_the_call(shown, name):
    arguments, parts = CALLS[name]
    getattr(helpers, name)(*arguments)
    sentence = shown[-1].data["text/plain"]
    assert sentence == shown[-1].metadata["image/png"]["alt"]
    assert sentence.endswith(".")
    for part in parts:
        assert part in sentence


def test_the_sentence_about_many_lines_stays_short(shown):
    helpers.plot_lines([1], {f"line {n}": [n] for n in range(40)}, "x", "y")
    assert "line 9 from 9 to 9 and 30 more" in shown[-1].data["text/plain"]


@pytest.mark.parametrize("name", CALLS)
def test_an_empty_sentence_and_one_that_is_no_text_are_refused(name):
    for alt, error in [("", ValueError), (" \n", ValueError), (3, TypeError), (["a"], TypeError)]:
        with pytest.raises(error, match="alt must"):
            getattr(helpers, name)(*CALLS[name][0], alt=alt)


def sources():
    """All code that a reader sees: of notebooks and of answers."""
    for path in sorted((ROOT / "notebooks").glob("*.ipynb")):
        for n, cell in enumerate(nbformat.read(path, as_version=4).cells):
            if cell.cell_type == "code":
                yield f"{path.name}, cell {n}", TransformerManager().transform_cell(cell.source)
    for path in sorted(answers.FOLDER.glob("*.md")):
        for answer in answers.read(path):
            for block in answer.blocks:
                yield f"{path.name}, line {block.line}", block.source


def test_all_figures_of_notebooks_and_answers_have_sentences_of_their_own():
    found = 0
    for where, source in sources():
        for node in ast.walk(ast.parse(source)):
            if not isinstance(node, ast.Call):
                continue
            name = getattr(node.func, "attr", getattr(node.func, "id", None))
            if name in NAMES:
                found += 1
                given = {keyword.arg: keyword.value for keyword in node.keywords}
                assert "alt" in given, f"{where}: {name} without alt"
                assert not (isinstance(given["alt"], ast.Constant) and given["alt"].value is None)
    assert found > 50


# --- what is displayed, and where ----------------------------------------------------------


@pytest.mark.parametrize("name", CALLS)
def test_outside_a_notebook_nothing_is_displayed(displayed, name):
    getattr(helpers, name)(*CALLS[name][0])
    LiveCurves(3, enabled=True).draw([{"epoch": 1, "train_loss": 2.0}])
    assert displayed == []


@pytest.mark.parametrize("name", CALLS)
def test_a_figure_opens_no_window_and_leaves_the_readers_settings(shown, name):
    keys: tuple[Any, ...] = ("font.size", "axes.titlesize", "axes.spines.top", "axes.spines.right")
    before = [matplotlib.rcParams[key] for key in keys]
    getattr(helpers, name)(*CALLS[name][0])
    with pytest.raises((TypeError, ValueError)):
        getattr(helpers, name)(*CALLS[name][0][:-1], None, alt=0)
    assert plt.get_fignums() == []
    assert [matplotlib.rcParams[key] for key in keys] == before


def test_a_figure_too_large_to_draw_is_refused_by_the_arguments_that_make_it_so():
    image = torch.zeros(28, 28)
    with pytest.raises(ValueError, match="676 steps over X must make a figure of"):
        helpers.show_sliding(image, torch.ones(3, 3))
    with pytest.raises(ValueError, match="nrows, ncols and scale must make a figure of"):
        helpers.show_images([image], scale=1000)
    with pytest.raises(ValueError, match="nrows, ncols and scale must make a figure of"):
        helpers.show_images([image], scale=1e-9)
    with pytest.raises(ValueError, match="nrows × ncols must be at most 1,000, got 100000 × 8"):
        helpers.show_images([image], 100_000, scale=0.01)
    with pytest.raises(ValueError, match="labels and groups must make a figure of"):
        helpers.plot_bars(range(2000), {"a": range(2000), "b": range(2000)}, "y")


# --- numbers of any kind -------------------------------------------------------------------


KINDS: dict[str, Any] = {
    "tuples": lambda values: tuple(map(tuple, values)),
    "array": np.array,
    "whole numbers of NumPy": lambda values: np.array(values, dtype=np.int16),
    "list of arrays": lambda values: [np.array(row) for row in values],
    "list of tensors": lambda values: [torch.tensor(row) for row in values],
    "tensors to be differentiated": lambda values: [
        [torch.tensor(float(v), requires_grad=True) for v in row] for row in values
    ],
    "bytes": lambda values: torch.tensor(values, dtype=torch.uint8),
    "double": lambda values: torch.tensor(values, dtype=torch.float64),
    "half": lambda values: torch.tensor(values).half(),
    "bfloat16": lambda values: torch.tensor(values).bfloat16(),
}


@pytest.mark.parametrize("kind", KINDS)
def test_arrays_lists_and_tensors_of_any_kind_give_the_same_picture(shown, kind):
    values = [[0, 1, 2], [3, 4, 5], [6, 7, 8]]
    for X in (torch.tensor(values).float(), KINDS[kind](values)):
        helpers.show_images([X], 1, 1)
        helpers.show_grids([X], ["X"])
        helpers.show_sliding(X, X[:2])
        helpers.plot_lines(X[0], {"a": X[1], "b": X[2]}, "x", "y")
        helpers.plot_bars("a b c".split(), {"d": X[1], "e": X[2]}, "y")
        helpers.plot_points({"a": X[0][1:], "b": X[1][1:]}, "x", "y")
    half = len(shown) // 2
    for expected, output in zip(shown[:half], shown[half:]):
        assert output.data["text/plain"] == expected.data["text/plain"]
        assert content(output.figure) == content(expected.figure)


def test_whole_numbers_of_any_kind_are_sizes_and_positions(shown):
    X = torch.arange(9.0).reshape(3, 3)
    pairs: list[Any] = [(1, 2), (np.int64(1), np.uint8(2)), (torch.tensor(1), np.array(2))]
    for one, two in pairs:
        helpers.show_images([X, X], one, two, scale=np.float32(1))
        helpers.show_grids([X], ["X"], highlight=[(one, one, two, two)])
        helpers.show_sliding(X, X[:2, :2], [(one, one)])
        helpers.show_receptive_field([two, two], [one, two])
    helpers.show_images(torch.stack([X, X]), 1, 2)
    helpers.show_grids(torch.stack([X]), ["X"], highlight=np.array([[1, 1, 2, 2]]))
    helpers.show_sliding(X, X[:2, :2], torch.tensor([[1, 1]]))
    helpers.show_receptive_field(np.array([2, 2]), torch.tensor([1, 2]))
    for n, output in enumerate(shown):
        assert output.data["text/plain"] == shown[n % 4].data["text/plain"]
        assert content(output.figure) == content(shown[n % 4].figure)


def test_a_large_whole_number_is_shown_to_its_last_digit(shown):
    helpers.show_grids([torch.tensor([[2**24 + 1]])], ["2^24 + 1"])
    assert texts(axes(shown)[0]) == ["16777217"]


# --- lines, points, bars -------------------------------------------------------------------


def test_lines_have_their_values_and_names(shown):
    helpers.plot_lines(
        range(3), {"a": [1, 2, 3], "b": torch.tensor([3.0, 2, 1])}, "step", "loss", yscale="log"
    )
    (ax,) = axes(shown)
    assert [list(line.get_xdata()) for line in ax.lines] == [[0, 1, 2]] * 2
    assert [list(line.get_ydata()) for line in ax.lines] == [[1, 2, 3], [3, 2, 1]]
    assert [text.get_text() for text in ax.get_legend().get_texts()] == ["a", "b"]
    assert (ax.get_xlabel(), ax.get_ylabel()) == ("step", "loss")
    assert (ax.get_xscale(), ax.get_yscale()) == ("linear", "log")


def test_ticks_over_whole_numbers_are_whole_and_over_others_are_not_forced(shown):
    for x, whole in [([1, 2, 3], True), ([1, 1.5, 2], False)]:
        helpers.plot_lines(x, {"a": [1, 2, 3]}, "epoch", "loss")
        ticks = axes(shown)[0].get_xticks()
        assert all(tick == round(tick) for tick in ticks) == whole


@pytest.mark.parametrize("x", [[1], [1, 2], [3, 4, 5], [30, 60, 90], range(9), [0, 1000]])
def test_no_tick_stands_between_whole_numbers(shown, x):
    helpers.plot_lines(x, {"a": list(x)}, "layer", "value")
    shown[-1].figure.canvas.draw()
    labels = [label.get_text() for label in axes(shown)[0].get_xticklabels()]
    assert labels and all(label.replace("−", "-").lstrip("-").isdigit() for label in labels)


def test_error_bars_stand_on_the_lines_that_have_a_spread(shown):
    lines = {"a": [1, 2, 3], "b": [3, 2, 1]}
    helpers.plot_lines([1, 2, 3], lines, "x", "y", spread={"b": [0.5, 0, 0.25]})
    (bars,) = axes(shown)[0].containers
    ends = [bar.tolist() for bar in bars.lines[2][0].get_segments()]
    assert ends == [[[1, 2.5], [1, 3.5]], [[2, 2], [2, 2]], [[3, 0.75], [3, 1.25]]]
    sentence = shown[-1].data["text/plain"]
    assert "a from 1 to 3, b from 3 ± 0.5 to 1 ± 0.25" in sentence
    legend = [text.get_text() for text in axes(shown)[0].get_legend().get_texts()]
    assert legend == ["a", "b"]
    assert kept(shown)["spread of b"] == [0.5, 0, 0.25]
    helpers.plot_lines(range(100), {"a": range(100)}, "x", "y", spread={"a": [1] * 100})
    assert len(axes(shown)[0].containers[0].lines[2][0].get_segments()) == 20


def test_the_label_of_a_point_makes_room_for_another_point(shown):
    helpers.plot_points({"low": (1, 1), "high": (1.01, 1.1), "far": (9, 9)}, "work", "score")
    height = {text.get_text(): text.xyann[1] for text in axes(shown)[0].texts}
    assert height["low"] < 0 < min(height["high"], height["far"])


def test_error_bars_stand_on_points_and_bars(shown):
    points = {"LeNet": (1, 0.8), "VGG": (2, 0.9)}
    helpers.plot_points(points, "work", "score", spread={"VGG": 0.05})
    (bars,) = axes(shown)[0].containers
    np.testing.assert_allclose(bars.lines[2][0].get_segments(), [[[2, 0.85], [2, 0.95]]])
    assert "LeNet (1, 0.8), VGG (2, 0.9 ± 0.05)" in shown[-1].data["text/plain"]
    assert kept(shown)["spread of VGG"] == [0.05]
    groups = {"with": [1, 2], "without": [3, 4]}
    helpers.plot_bars(["a", "b"], groups, "y", spread={"with": torch.tensor([0.5, 0.25])})
    bars = axes(shown)[0].containers[1]
    ends = np.array(bars.lines[2][0].get_segments())
    np.testing.assert_allclose(ends, [[[-0.2, 0.5], [-0.2, 1.5]], [[0.8, 1.75], [0.8, 2.25]]])
    (legend,) = shown[-1].figure.legends
    assert [text.get_text() for text in legend.get_texts()] == ["with", "without"]
    assert "with: a 1 ± 0.5, b 2 ± 0.25; without: a 3, b 4" in shown[-1].data["text/plain"]
    assert kept(shown)["spread of with"] == [0.5, 0.25]
    assert kept(shown)["with"] == [1, 2]


def test_a_figure_with_another_spread_is_told_by_the_numbers_kept(shown):
    outputs = []
    for spread in (0.5, 0.5, 0.6):
        helpers.plot_bars(["a", "b"], {"c": [1, 2]}, "y", spread={"c": [spread, 1]}, alt="Bars.")
        outputs.append(new_output("display_data", shown[-1].data, metadata=shown[-1].metadata))
    assert not compare([outputs[0]], [outputs[1]], "", []).differences
    assert compare([outputs[0]], [outputs[2]], "", []).differences
    marked = compare([outputs[0]], [outputs[2]], "# measured: spread of c ±0.15", [])
    assert not marked.differences


@pytest.mark.parametrize(
    ("values", "written"),
    [
        (True, ["27,878", "0.123", "-3", ""]),
        (".1f", ["27878.0", "0.1", "-3.0", ""]),
        (False, []),
    ],
)
def test_bars_have_their_values_written_on_them_where_they_are_asked_for(shown, values, written):
    heights = [27878, 0.12345, -3, float("nan")]
    helpers.plot_bars("a b c d".split(), {"g": heights}, "y", values=values)
    assert texts(axes(shown)[0]) == written
    ends = [text.xy for text in axes(shown)[0].texts]
    assert ends[:3] == ([] if not written else [(0, 27878), (1, 0.12345), (2, -3)])
    assert kept(shown)["words"] == ["y", "a", "b", "c", "d"]  # the numbers are kept as heights


def test_a_value_stands_beyond_the_error_bar(shown):
    helpers.plot_bars(["a", "b"], {"g": [2, -1]}, "y", values=True, spread={"g": [0.5, 0.25]})
    assert [text.xy for text in axes(shown)[0].texts] == [(0, 2.5), (1, -1.25)]


def test_none_and_nan_leave_a_gap_in_a_line(shown):
    helpers.plot_lines([1, 2, 3], {"a": [1, None, 3], "b": [1, float("nan"), 3]}, "x", "y")
    for line in axes(shown)[0].lines:
        assert np.isnan(line.get_ydata()).tolist() == [False, True, False]


def test_twenty_lines_all_look_different(shown):
    helpers.plot_lines([1, 2], {f"line {n}": [n, n] for n in range(20)}, "x", "y")
    looks = {
        (line.get_color(), line.get_linestyle(), str(line._dash_pattern), line.get_marker())
        for line in axes(shown)[0].lines
    }
    assert len(looks) == 20


def test_points_have_their_labels_beside_them(shown):
    helpers.plot_points({"LeNet": (1, 0.8), "VGG": (100, 0.9)}, "work", "score", xscale="log")
    (ax,) = axes(shown)
    assert [(*line.get_xdata(), *line.get_ydata()) for line in ax.lines] == [(1, 0.8), (100, 0.9)]
    assert [(note.get_text(), note.xy) for note in ax.texts] == [
        ("LeNet", (1, 0.8)),
        ("VGG", (100, 0.9)),
    ]
    assert ax.get_xscale() == "log"


def test_bars_have_the_heights_of_their_groups(shown):
    helpers.plot_bars([3, 5, 7], {"weights": [1, 2, 3], "work": [4, 5, 6]}, "share in %")
    (ax,) = axes(shown)
    assert [label.get_text() for label in ax.get_xticklabels()] == ["3", "5", "7"]
    assert [[bar.get_height() for bar in bars] for bars in ax.containers] == [[1, 2, 3], [4, 5, 6]]
    assert ax.get_ylabel() == "share in %"
    (legend,) = shown[-1].figure.legends
    assert [text.get_text() for text in legend.get_texts()] == ["weights", "work"]


@pytest.mark.parametrize("count", [8, 35])
def test_many_groups_of_bars_all_look_different_and_are_all_named_in_the_figure(rendered, count):
    helpers.plot_bars(["a", "b"], {f"group {n}": [n, n] for n in range(count)}, "y")
    figure = rendered[-1].figure
    looks = {(to_hex(bars[0].get_facecolor()), bars[0].get_hatch())
             for bars in figure.axes[0].containers}  # fmt: skip
    assert len(looks) == count
    box = figure.legends[0].get_window_extent()
    assert box.x0 >= 0
    assert box.x1 <= figure.bbox.x1
    with pytest.raises(ValueError, match=r"groups must be at most 35, .*, got 36"):
        helpers.plot_bars(["a"], {str(n): [n] for n in range(36)}, "y")


# --- images, grids, sliding windows --------------------------------------------------------


def test_images_stand_in_rows_with_their_titles(shown):
    images = torch.rand(5, 4, 3)
    helpers.show_images(images, 2, 3, titles=list("abcde"))
    drawn = [ax.images[0].get_array() for ax in axes(shown) if ax.images]
    assert len(axes(shown)) == 6
    np.testing.assert_allclose(np.array(drawn), images)
    assert [ax.get_title() for ax in axes(shown)] == ["a", "b", "c", "d", "e", ""]


def test_images_that_find_no_place_are_left_out_with_their_titles(shown):
    helpers.show_images(torch.rand(5, 4, 3), 1, 2, titles=list("abcde"))
    assert [ax.get_title() for ax in axes(shown)] == ["a", "b"]
    helpers.show_images(torch.rand(5, 4, 3), 1, 2, titles=["a", "b"])
    assert [ax.get_title() for ax in axes(shown)] == ["a", "b"]


def test_colour_images_keep_their_colours(shown):
    image = torch.rand(4, 3, 3)
    helpers.show_images([image])
    np.testing.assert_allclose(axes(shown)[0].images[0].get_array(), image)


def limits(shown):
    """The values of the darkest and of the lightest colour of each image."""
    return [ax.images[0].get_clim() for ax in axes(shown) if ax.images]


def test_images_have_one_grey_scale_where_their_limits_are_given(shown):
    images = [[[0.25, 0.5]], [[0.5, 0.75]]]
    helpers.show_images(images, 1, 2)
    assert limits(shown) == [(0.25, 0.5), (0.5, 0.75)]
    helpers.show_images(images, 1, 2, vmin=0, vmax=1)
    assert limits(shown) == [(0, 1), (0, 1)]
    helpers.show_images(images, 1, 2, vmax=torch.tensor(1.0))
    assert limits(shown) == [(0.25, 1), (0.5, 1)]
    assert {ax.images[0].cmap.name for ax in axes(shown)} == {"gray"}


def test_zero_is_white_in_all_images_about_zero_and_the_sign_has_a_colour(shown):
    nan = float("nan")
    helpers.show_images([[[0.0, -2.0, nan]], [[1.0, 0.0, 0.5]]], 1, 2, centre=True)
    assert limits(shown) == [(-2, 2), (-2, 2)]
    first, second = (ax.images[0] for ax in axes(shown))
    (zero, negative, _) = first.cmap(first.norm(first.get_array()))[0]
    (positive, zero_too, less) = second.cmap(second.norm(second.get_array()))[0]
    assert min(zero[:3]) > 0.95
    assert (zero == zero_too).all()
    assert negative[2] > negative[0] and positive[0] > positive[2]
    assert less[2] > positive[2]  # half of it is nearer to white
    helpers.show_images([[[0.0, 0.5]], [[1.0, 0.0]], [[0.0, -3.0]]], 1, 3, vmax=1, centre=[1, 2])
    assert limits(shown) == [(0, 1), (-3, 3), (-3, 3)]
    assert [ax.images[0].cmap.name for ax in axes(shown)] == ["gray", "RdBu_r", "RdBu_r"]
    helpers.show_images([[[0.0, 0.0]]], centre=True)
    assert limits(shown) == [(-1, 1)]
    helpers.show_images([[[0.0, 3.0]]], centre=True, cmap="PuOr")
    assert axes(shown)[0].images[0].cmap.name == "PuOr"


def sides(shown):
    """Width and height in inches of a cell of each grid, as it is drawn."""
    shown[-1].figure.canvas.draw()
    dpi = shown[-1].figure.dpi
    boxes = [(ax.get_window_extent(), ax.images[0].get_array().shape) for ax in axes(shown)]
    return [(box.width / w / dpi, box.height / h / dpi) for box, (h, w) in boxes]


@pytest.mark.parametrize(
    ("arrays", "titles"),
    [
        ([torch.rand(5, 5), torch.ones(5, 5)], ["with decimals", "without"]),
        ([torch.zeros(3, 3), torch.zeros(2, 2)], ["X", "a kernel with a long title above it"]),
        ([torch.zeros(2, 6), torch.zeros(6, 1), torch.zeros(1, 1)], ["a\nb", "c", "d"]),
        ([torch.zeros(40, 40), torch.zeros(20, 10)], ["large", "less large"]),
    ],
)
def test_the_cells_of_a_figure_have_one_size(shown, arrays, titles):
    helpers.show_grids(arrays, titles, xlabel="column", ylabel="row")
    cells = np.array(sides(shown))
    assert cells.max() - cells.min() < 1e-6
    assert cells.min() > 0.07
    boxes = [ax.get_tightbbox() for ax in axes(shown)]
    assert all(a.x1 < b.x0 for a, b in itertools.pairwise(boxes))
    width, height = shown[-1].figure.bbox.size
    for box in boxes:
        assert box.x0 >= 0 and box.y0 >= 0
        assert box.x1 <= width and box.y1 <= height


def test_a_large_grid_beside_a_small_one_leaves_room_for_the_numbers_of_the_small(shown):
    helpers.show_grids([torch.zeros(28, 28), torch.rand(3, 3)], ["image", "kernel"])
    (large, small) = sides(shown)
    assert large[0] < 0.15 < 0.4 < small[0]


def test_an_image_among_grids_is_black_and_white_with_readable_numbers(shown):
    helpers.show_grids([[[1.0, 0.0]], [[1.0, -1.0]]], ["image", "output"], grey=[0])
    image, output = axes(shown)
    drawn = image.images[0]
    (one, zero) = drawn.cmap(drawn.norm(drawn.get_array()))[0]
    assert one[:3].min() == 1 and zero[:3].max() == 0
    assert [text.get_color() for text in image.texts] == ["black", "white"]
    assert [text.get_color() for text in output.texts] == ["black", "black"]
    assert output.images[0].cmap.name == "RdBu_r"


def test_lines_stand_around_the_blocks_of_a_large_grid(shown):
    helpers.show_grids([torch.zeros(18, 24)], ["W"], blocks=6, xlabel="input", ylabel="output")
    (ax,) = axes(shown)
    across = [line.get_ydata()[0] for line in ax.lines if list(line.get_xdata()) == [0, 1]]
    down = [line.get_xdata()[0] for line in ax.lines if list(line.get_ydata()) == [0, 1]]
    assert (across, down) == ([5.5, 11.5], [5.5, 11.5, 17.5])
    assert (ax.get_xlabel(), ax.get_ylabel()) == ("input", "output")


def test_a_matrix_has_the_names_of_its_rows_and_columns(shown):
    helpers.show_matrix([[8, 1, 0], [2, 9, 3]], ["boot", "shirt"], ["a", "b", "c"])
    (ax,) = axes(shown)
    assert [label.get_text() for label in ax.get_yticklabels()] == ["boot", "shirt"]
    assert [label.get_text() for label in ax.get_xticklabels()] == ["a", "b", "c"]
    assert (ax.get_ylabel(), ax.get_xlabel()) == ("true class", "predicted class")
    assert texts(ax) == list("810293")
    assert kept(shown)["words"][2:] == ["a", "b", "c", "boot", "shirt"]
    helpers.show_matrix(torch.eye(2), ["yes", "no"], values=False, xlabel="x", ylabel="y")
    (ax,) = axes(shown)
    assert [label.get_text() for label in ax.get_xticklabels()] == ["yes", "no"]
    assert texts(ax) == []


def test_the_names_of_a_matrix_stay_within_the_figure(rendered):
    names = ["T-shirt", "trouser", "pullover", "dress", "ankle boot"] * 2
    helpers.show_matrix(torch.full((10, 10), 1000), names)
    (ax,) = axes(rendered)
    box, figure = ax.get_tightbbox(), rendered[-1].figure.bbox
    assert min(box.x0, box.y0) > -1  # pixel
    assert box.x1 < figure.x1 + 1 and box.y1 < figure.y1 + 1
    cell = ax.get_window_extent().width / 10
    assert max(text.get_window_extent().width for text in ax.texts) < cell


def test_a_grid_has_its_numbers_in_its_cells(shown):
    X = torch.tensor([[0.0, -1.0, 0.25], [float("nan"), float("inf"), -float("inf")]])
    helpers.show_grids([X, X], ["X", "again"], values=True)
    for ax in axes(shown):
        assert texts(ax) == ["0", "-1", "0.25", "", "∞", "−∞"]
    assert [ax.get_title() for ax in axes(shown)] == ["X", "again"]
    helpers.show_grids([X], ["X"], values=False)
    assert texts(axes(shown)[0]) == []


def test_zero_has_no_minus(shown):
    helpers.show_grids([[[-0.0, 0.0, -0.001, -1.0, -0.01]]], ["X"])
    assert texts(axes(shown)[0]) == ["0", "0", "0.00", "-1", "-0.01"]


def test_the_colours_of_a_grid_tell_the_sign_whatever_is_infinite(shown):
    helpers.show_grids([[[1.0, -1.0, float("inf")]]], ["X"])
    image = axes(shown)[0].images[0]
    (red, blue, _) = image.cmap(image.norm(image.get_array()))[0]
    assert red[0] > red[2]
    assert blue[0] < blue[2]


def test_a_highlight_frames_the_cells_that_it_names(shown):
    helpers.show_grids(
        [torch.zeros(4, 5), torch.zeros(2, 2)], ["a", "b"], highlight=[(1, 2, 3, 2), None]
    )
    (frame,) = axes(shown)[0].patches
    assert isinstance(frame, Rectangle)
    assert (frame.get_xy(), frame.get_width(), frame.get_height()) == ((1.5, 0.5), 2, 3)
    assert not axes(shown)[1].patches


def test_a_sliding_kernel_shows_the_outputs_so_far(shown):
    helpers.show_sliding(torch.arange(9.0).reshape(3, 3), torch.arange(4.0).reshape(2, 2))
    top, bottom = axes(shown)[:5], axes(shown)[5:]
    assert texts(top[0]) == list("0123")
    assert [ax.get_title() for ax in top] == ["kernel", *(f"step {n} of 4" for n in range(1, 5))]
    assert texts(bottom[2]) == ["19", "25", "", ""]
    assert texts(bottom[4]) == ["19", "25", "37", "43"]
    assert [ax.patches[0].get_xy() for ax in top[1:]] == [
        (-0.5, -0.5), (0.5, -0.5), (-0.5, 0.5), (0.5, 0.5)
    ]  # fmt: skip


def test_chosen_steps_are_shown_alone(shown):
    helpers.show_sliding(torch.zeros(4, 4), torch.ones(2, 2), steps=[(0, 0), (2, 1)])
    titles = [ax.get_title() for ax in axes(shown)[:3]]
    assert titles == ["kernel", "step 1 of 9", "step 8 of 9"]


# --- diagrams ------------------------------------------------------------------------------


def test_a_receptive_field_counts_and_draws_the_units_of_each_layer(shown):
    helpers.show_receptive_field([3, 2], [2, 1])
    (ax,) = axes(shown)
    labels = [label.get_text() for label in ax.get_yticklabels()]
    assert labels == ["input: 5", "layer 1: 2", "layer 2: 1"]
    assert len(ax.patches) == 5 + 2 + 1
    assert len(ax.lines) == 2 * 3 + 1 * 2


@pytest.mark.parametrize("kernels", [[999_999], [500, 500], [3] * 200])
def test_a_receptive_field_too_large_to_be_drawn_unit_by_unit_is_drawn_as_bands(shown, kernels):
    helpers.show_receptive_field(kernels)
    (ax,) = axes(shown)
    count = 1 + sum(k - 1 for k in kernels)
    assert ax.get_yticklabels()[0].get_text() == f"input: {count}"
    assert len(ax.patches) + len(ax.lines) == 2 * len(kernels) + 1
    assert ax.patches[0].get_width() == pytest.approx(count, abs=0.5)
    assert "too many to draw each" in ax.get_title()


def test_blocks_show_their_layers_paths_and_joins(shown):
    helpers.show_blocks(
        {
            "plain": {"branches": [["conv", "ReLU"]], "after": ["pool"]},
            "residual": {"branches": [["conv"], []], "join": "+"},
            "Inception": {"branches": (("1×1",), ("3×3",)), "join": "concat", "after": None},
        }
    )
    plain, residual, inception = axes(shown)
    assert texts(plain) == ["input", "conv", "ReLU", "pool", "output", "plain"]
    assert texts(residual) == ["input", "conv", "identity", "+", "output", "residual"]
    assert texts(inception) == ["input", "1×1", "3×3", "concatenate", "output", "Inception"]
    assert [text.get_position()[1] for text in plain.texts[1:4]] == pytest.approx(
        [0.79, 1.45, 2.11]
    )


# --- the curves of a training --------------------------------------------------------------


def rows(count):
    return [
        {"epoch": n, "lr": 0.1, "seconds": 1.0, "train_loss": 1 / n, "val_loss": 2 / n,
         "val_acc": 1 - 1 / (n + 1)}
        for n in range(1, count + 1)
    ]  # fmt: skip


def test_curves_are_redrawn_in_one_place(shown):
    curves = LiveCurves(max_epochs=3, enabled=True)
    assert [output.data for output in shown] == [
        {"text/plain": "The curves appear here after the first epoch."}
    ]
    for count in (1, 2, 3):
        curves.draw(rows(count))
    assert len(shown) == 4
    assert shown[0].place is not None
    assert all(output.place is shown[0].place for output in shown)
    losses, accuracy = axes(shown)
    assert [line.get_label() for line in losses.lines] == ["train_loss", "val_loss"]
    assert [list(line.get_ydata()) for line in losses.lines] == [[1, 1 / 2, 1 / 3], [2, 1, 2 / 3]]
    assert accuracy.get_ylabel() == "val_acc"
    assert accuracy.get_ylim() == (0, 1)
    assert losses.get_xlim() == (0.8, 3.2)
    sentence = shown[-1].metadata["image/png"]["alt"]
    assert sentence == shown[-1].data["text/plain"]
    assert "after epoch 3" in sentence
    assert "train_loss 1.000 → 0.333" in sentence


def test_curves_that_begin_later_leave_out_the_epochs_before(shown):
    history = rows(3)
    history[0]["val_acc"] = None
    del history[1]["val_acc"]
    LiveCurves(3, enabled=True).draw(history)
    assert np.isnan(axes(shown)[1].lines[0].get_ydata()).tolist() == [True, True, False]
    assert "val_acc" not in shown[-1].data["text/plain"]


def test_a_training_without_metrics_or_epochs_has_no_curves_and_no_error(shown):
    curves = LiveCurves(3, enabled=True)
    curves.draw([])
    curves.draw([{"epoch": 1, "lr": 0.1, "seconds": 1.0, "images_per_s": 10.0}])
    assert len(shown) == 1


def test_curves_that_are_not_wanted_take_no_place(shown):
    LiveCurves(3, enabled=False).draw(rows(1))
    assert shown == []


# --- what is refused -----------------------------------------------------------------------

X = torch.arange(9.0).reshape(3, 3)
K = torch.ones(2, 2)
BLOCK = {"branches": [["conv"], []]}

REFUSED = [
    ("plot_lines", ([1, 2], {"a": torch.tensor([1j, 2])}), {}, TypeError,
     r"lines\['a'\] must hold real numbers, got a Tensor of shape \(2,\)"),
    ("plot_lines", ([1, 2], {"a": [1j, 2]}), {}, TypeError, r"lines\['a'\] must hold real numbers"),
    ("plot_lines", ([1, 2], {"a": ["1", "2"]}), {}, TypeError, r"lines\['a'\] must hold real"),
    ("plot_lines", ([1, 2], {"a": [1, "2", None]}), {}, TypeError, r"lines\['a'\] must hold real"),
    ("plot_lines", ([1, 2], {"a": {1: 2}}), {}, TypeError, r"lines\['a'\] must hold numbers"),
    ("plot_lines", ([1, 2], {"a": torch.ones(2, 3)}), {}, ValueError,
     r"lines\['a'\] must be 1-D, one value for each of the 2 of x, got shape \(2, 3\)"),
    ("plot_lines", ([1, 2], {"a": [[1, 2], [3]]}), {}, ValueError, r"lines\['a'\] must have rows"),
    ("plot_lines", ([1, 2], {"a": 3}), {}, ValueError, r"lines\['a'\] must be 1-D"),
    ("plot_lines", ([1, 2], {"a": [1, 2, 3]}), {}, ValueError,
     r"lines\['a'\] must have as many values as x, 2, got 3"),
    ("plot_lines", ([1, 2], {"a": []}), {}, ValueError, r"lines\['a'\] must not be empty"),
    ("plot_lines", ([], {"a": []}), {}, ValueError, "x must not be empty"),
    ("plot_lines", ([1, 2], {}), {}, ValueError, "lines must be .*, got an empty one"),
    ("plot_lines", ([1, 2], [3, 4]), {}, TypeError, r"lines must be a dictionary.*got \[3, 4\]"),
    ("plot_lines", ([[1, 2]], {"a": [1, 2]}), {}, ValueError, "x must be 1-D"),
    ("plot_lines", ("12", {"a": [1, 2]}), {}, TypeError, "x must hold real numbers, got '12'"),
    ("plot_lines", ([1, float("nan")], {"a": [1, 2]}), {}, ValueError, "x must hold finite"),
    ("plot_lines", ([1, 2], {"a": [1, 2]}), {"xscale": "lgo"}, ValueError,
     "xscale must be one of linear, log, .*, got 'lgo'"),
    ("plot_lines", ([1, 2], {"a": [1, 2]}), {"yscale": 2}, ValueError, "yscale must be one of"),
    ("plot_points", ({},), {}, ValueError, "points must be .*, got an empty one"),
    ("plot_points", ([(1, 2)],), {}, TypeError, "points must be a dictionary"),
    ("plot_points", ({"a": (1, 2, 3)},), {}, ValueError, r"points\['a'\] must be \(x, y\)"),
    ("plot_points", ({"a": 1},), {}, ValueError, r"points\['a'\] must be 1-D of two numbers"),
    ("plot_points", ({"a": (1, "b")},), {}, TypeError, r"points\['a'\] must hold real numbers"),
    ("plot_points", ({"a": (1, 2)},), {"xscale": None}, ValueError, "xscale must be one of"),
    ("plot_bars", ([], {"a": []}), {}, ValueError, "labels must name at least one"),
    ("plot_bars", ("ab", {"a": [1, 2]}), {}, TypeError, "labels must be a list .*, got 'ab'"),
    ("plot_bars", (5, {"a": [1, 2]}), {}, TypeError, "labels must be a list .*, got 5"),
    ("plot_bars", (["a", "b"], {}), {}, ValueError, "groups must be .*, got an empty one"),
    ("plot_bars", (["a", "b"], [1, 2]), {}, TypeError, "groups must be a dictionary"),
    ("plot_bars", (["a", "b"], {"g": [1]}), {}, ValueError,
     r"groups\['g'\] must have as many values as labels, 2, got 1"),
    ("plot_bars", (["a", "b"], {"g": [1, 1j]}), {}, TypeError, r"groups\['g'\] must hold real"),
    ("plot_bars", (["a", "b"], {"g": [1, 2]}), {"yscale": ""}, ValueError, "yscale must be one"),
    ("show_images", ([X], 0), {}, ValueError, "nrows must be a whole number from 1 on, got 0"),
    ("show_images", ([X], 1, 0), {}, ValueError, "ncols must be a whole number from 1 on, got 0"),
    ("show_images", ([X], -1), {}, ValueError, "nrows must .*, got -1"),
    ("show_images", ([X], 1.0), {}, TypeError, r"nrows must .*, got 1\.0"),
    ("show_images", ([X], True), {}, TypeError, "nrows must .*, got True"),
    ("show_images", ([X], torch.tensor(True)), {}, TypeError, "nrows must be a whole number"),
    ("show_images", ([X], torch.ones(1, device="meta")[0].int()), {}, TypeError, "nrows must be"),
    ("show_images", ([X.to("meta")],), {}, TypeError, r"images\[0\] must hold numbers, got a Tens"),
    ("show_images", ([X], None), {}, TypeError, "nrows must .*, got None"),
    ("show_images", ([X],), {"scale": float("nan")}, ValueError, "scale must be .*, got nan"),
    ("show_images", ([X],), {"scale": float("inf")}, ValueError, "scale must be .*, got inf"),
    ("show_images", ([X],), {"scale": 0}, ValueError, "scale must be a number above 0, got 0"),
    ("show_images", ([X],), {"scale": "2"}, TypeError, "scale must be a number above 0, got '2'"),
    ("show_images", ([X],), {"cmap": "grey scale"}, ValueError, "cmap must be a colour map"),
    ("show_images", ([],), {}, ValueError, "images must hold at least one"),
    ("show_images", (X,), {}, ValueError, "images must be a list .*shape \\(3, 3\\); put it in"),
    ("show_images", (5,), {}, TypeError, "images must be a list of arrays"),
    ("show_images", (K[None, None],), {}, ValueError,
     r"images\[0\] must be \(height, width\), got shape \(1, 2, 2\); take images\[0\]\[0\]"),
    ("show_images", ([X[0]],), {}, ValueError, r"images\[0\] must be \(height, width\)"),
    ("show_images", ([X, X * 1j],), {}, TypeError, r"images\[1\] must hold real numbers"),
    ("show_images", ([torch.ones(4, 4, 3) * 255],), {}, ValueError, r"images\[0\] must have colou"),
    ("show_images", ([X, X],), {"titles": ["a"]}, ValueError,
     "titles must be as many as there are pictures, 2, got 1"),
    ("show_images", ([X, X],), {"titles": list("abc")}, ValueError, "titles must .*, 2, got 3"),
    ("show_images", ([X, X],), {"titles": "ab"}, TypeError, "titles must be a list .*, got 'ab'"),
    ("show_images", ([X],), {"cmap": 3}, ValueError, "cmap must be a colour map .*, got 3"),
    ("show_images", ([X],), {"vmin": "0"}, TypeError, "vmin must be a finite number, got '0'"),
    ("show_images", ([X],), {"vmax": float("nan")}, ValueError, "vmax must be a finite number"),
    ("show_images", ([X],), {"vmin": 1, "vmax": 1}, ValueError, "vmin must be below vmax, 1, got"),
    ("show_images", ([X],), {"centre": [1]}, ValueError, "centre must hold numbers of images, 0"),
    ("show_images", ([X],), {"centre": 1}, TypeError, "centre must be a list of whole numbers"),
    ("show_matrix", (X[0], ["a"]), {}, ValueError, "matrix must be 2-D, .rows, columns., got"),
    ("show_matrix", ([["a"]], ["a"]), {}, TypeError, "matrix must hold real numbers"),
    ("show_matrix", (X, ["a", "b"]), {}, ValueError, "rows must name the 3 rows of matrix, got 2"),
    ("show_matrix", (X, "abc"), {}, TypeError, "rows must be a list of names, got 'abc'"),
    ("show_matrix", (X[:2], ["a", "b"]), {}, ValueError, "columns must name the 3 columns .* None"),
    ("show_matrix", (X, list("abc"), ["a"]), {}, ValueError, "columns must name the 3 .*, got 1"),
    ("show_matrix", (X, list("abc")), {"xlabel": None}, TypeError, "xlabel must be a text"),
    ("plot_lines", ([1, 2], {"a": [1, 2]}), {"spread": {"b": [1, 2]}}, ValueError,
     "spread must have labels of lines, 'a', got 'b'"),
    ("plot_lines", ([1, 2], {"a": [1, 2]}), {"spread": {"a": [1]}}, ValueError,
     r"spread\['a'\] must have as many values as lines, 2, got 1"),
    ("plot_lines", ([1, 2], {"a": [1, 2]}), {"spread": {"a": [1, -1]}}, ValueError,
     r"spread\['a'\] must hold numbers from 0 on, got -1"),
    ("plot_lines", ([1, 2], {"a": [1, 2]}), {"spread": 0.1}, TypeError, "spread must be a dict"),
    ("plot_points", ({"a": (1, 2)},), {"spread": {"a": "1"}}, TypeError, r"spread\[.a.\] must"),
    ("plot_points", ({"a": (1, 2)},), {"spread": {"b": 1}}, ValueError, "spread must have labels"),
    ("plot_bars", (["a"], {"g": [1]}), {"spread": {"a": [1]}}, ValueError,
     "spread must have labels of groups, 'g', got 'a'"),
    ("plot_bars", (["a"], {"g": [1]}), {"values": 2}, TypeError, "values must be True, False or"),
    ("plot_bars", (["a"], {"g": [1]}), {"values": ".2q"}, ValueError, "values must be .*got '.2q'"),
    ("show_grids", ([X], ["a"]), {"grey": [1]}, ValueError, "grey must hold numbers of arrays"),
    ("show_grids", ([X], ["a"]), {"grey": 0}, TypeError, "grey must be a list of whole numbers"),
    ("show_grids", ([X], ["a"]), {"blocks": 0}, ValueError, "blocks must be a whole number from"),
    ("show_grids", ([], []), {}, ValueError, "arrays must hold at least one array"),
    ("show_grids", (X, ["a"]), {}, ValueError, "arrays must be a list .*; put it in a list"),
    ("show_grids", ([X, X[0]], ["a", "b"]), {}, ValueError, r"arrays\[1\] must be 2-D"),
    ("show_grids", ([X[:0]], ["a"]), {}, ValueError, r"arrays\[0\] must not be empty"),
    ("show_grids", ([X, X], ["a"]), {}, ValueError, "titles must be as many .*, 2, got 1"),
    ("show_grids", ([X], []), {}, ValueError, "titles must be as many .*, 1, got 0"),
    ("show_grids", ([X], "X"), {}, TypeError, "titles must be a list of texts, got 'X'"),
    ("show_grids", ([X, X], ["a", "b"]), {"highlight": [None]}, ValueError,
     "highlight must have .* for each of the 2 arrays, got 1"),
    ("show_grids", ([X], ["a"]), {"highlight": []}, ValueError, "highlight must .*1 arrays, got 0"),
    ("show_grids", ([X] * 4, list("abcd")), {"highlight": (0, 0, 2, 2)}, TypeError,
     r"highlight\[0\] must be a list of whole numbers, got 0"),
    ("show_grids", ([X], ["a"]), {"highlight": [(0, 0, 2)]}, ValueError, r"highlight\[0\] must be"),
    ("show_grids", ([X], ["a"]), {"highlight": [(2, 2, 2, 2)]}, ValueError,
     r"highlight\[0\] must frame cells of its array, 3 × 3, got \(2, 2, 2, 2\)"),
    ("show_grids", ([X], ["a"]), {"highlight": [(-1, 0, 1, 1)]}, ValueError, "from 0 on, got -1"),
    ("show_sliding", (K, X), {}, ValueError, r"K must not be larger than X, \(2, 2\), got \(3, 3"),
    ("show_sliding", (X[0], K), {}, ValueError, "X must be 2-D, .height, width., got"),
    ("show_sliding", (X, K[None]), {}, ValueError, "K must be 2-D"),
    ("show_sliding", (X, K[:, :0]), {}, ValueError, "K must not be empty"),
    ("show_sliding", (X, K * 1j), {}, TypeError, "K must hold real numbers"),
    ("show_sliding", (X, K, [(2, 0)]), {}, ValueError,
     r"steps\[0\] must be \(row, column\) in an output of 2 × 2, got \(2, 0\)"),
    ("show_sliding", (X, K, [(0, 0), (0, -1)]), {}, ValueError, r"steps\[1\]\[1\] must .*, got -1"),
    ("show_sliding", (X, K, [(0, 0, 0)]), {}, ValueError, r"steps\[0\] must be \(row, column\)"),
    ("show_sliding", (X, K, [0, 1]), {}, TypeError, r"steps\[0\] must be a list .*, got 0"),
    ("show_sliding", (X, K, [(0, 0.5)]), {}, TypeError, r"steps\[0\]\[1\] must be a whole number"),
    ("show_sliding", (X, K, 3), {}, TypeError, "steps must be a list of output positions"),
    ("show_receptive_field", ([3, 3, 3], [2]), {}, ValueError,
     "strides must be as many as kernel_sizes, 3, got 1"),
    ("show_receptive_field", ([3], [1, 1]), {}, ValueError, "strides must be as many"),
    ("show_receptive_field", ([3], []), {}, ValueError, "strides must be as many .*, 1, got 0"),
    ("show_receptive_field", ([3, 0],), {}, ValueError,
     r"kernel_sizes\[1\] must be a whole number from 1 on, got 0"),
    ("show_receptive_field", ([-1],), {}, ValueError, r"kernel_sizes\[0\] must .*, got -1"),
    ("show_receptive_field", ([3, 3], [1, 0]), {}, ValueError, r"strides\[1\] must .*, got 0"),
    ("show_receptive_field", ([3], [-2]), {}, ValueError, r"strides\[0\] must .*, got -2"),
    ("show_receptive_field", ([3.0],), {}, TypeError, r"kernel_sizes\[0\] must .*, got 3\.0"),
    ("show_receptive_field", ([True],), {}, TypeError, r"kernel_sizes\[0\] must .*, got True"),
    ("show_receptive_field", ([(3, 3)],), {}, TypeError, r"kernel_sizes\[0\] must .*, got \(3, 3"),
    ("show_receptive_field", ("33",), {}, TypeError, "kernel_sizes must be a list .*, got '33'"),
    ("show_receptive_field", (3,), {}, TypeError, "kernel_sizes must be a list .*, got 3"),
    ("show_receptive_field", (None,), {}, TypeError, "kernel_sizes must be a list .*, got None"),
    ("show_receptive_field", ([3, 3], 2), {}, TypeError, "strides must be a list .*, got 2"),
    ("show_receptive_field", ([3], ["1"]), {}, TypeError, r"strides\[0\] must .*, got '1'"),
    ("show_receptive_field", ([],), {}, ValueError, "kernel_sizes must name 1 to 200 layers"),
    ("show_receptive_field", ([1] * 201,), {}, ValueError, "kernel_sizes .* layers, got 201"),
    ("show_receptive_field", ([10**30],), {}, ValueError, "kernel_sizes and strides must lead to"),
    ("show_receptive_field", ([2] * 40, [2] * 40), {}, ValueError, "kernel_sizes and strides must"),
    ("show_blocks", ({},), {}, ValueError, "blocks must be a dictionary .*, got an empty one"),
    ("show_blocks", ([BLOCK],), {}, TypeError, "blocks must be a dictionary"),
    ("show_blocks", ({"a": [["conv"]]},), {}, TypeError, r"blocks\['a'\] must be a dictionary"),
    ("show_blocks", ({"a": {}},), {}, ValueError, r"blocks\['a'\] must be .*, got an empty one"),
    ("show_blocks", ({"a": {"join": "+"}},), {}, ValueError, r"blocks\['a'\] must have 'branches'"),
    ("show_blocks", ({"a": {"branches": []}},), {}, ValueError,
     r"blocks\['a'\]\['branches'\] must have at least one"),
    ("show_blocks", ({"a": {"branches": None}},), {}, TypeError, r"\['branches'\] must be a list"),
    ("show_blocks", ({"a": {"branches": ["conv"]}},), {}, TypeError,
     r"blocks\['a'\]\['branches'\]\[0\] must be a list of layers, .*, got 'conv'"),
    ("show_blocks", ({"a": {**BLOCK, "after": "ReLU"}},), {}, TypeError,
     r"blocks\['a'\]\['after'\] must be a list of layers, .*, got 'ReLU'"),
    ("show_blocks", ({"a": {**BLOCK, "jion": "+"}},), {}, ValueError,
     r"blocks\['a'\] must have no other keys than branches, join, after, got 'jion'"),
    *[
        ("show_blocks", ({"a": {**BLOCK, "join": join}},), {}, ValueError,
         r"blocks\['a'\]\['join'\] must be '\+', 'concat' or None")
        for join in ("add", "", "*", 1, True, False, ["+"])
    ],
]  # fmt: skip


@pytest.mark.parametrize(
    ("name", "arguments", "options", "error", "message"),
    [pytest.param(*case, id=f"{case[0]}-{n}") for n, case in enumerate(REFUSED)],
)
def test_bad_arguments_are_refused_by_name(name, arguments, options, error, message):
    labels = {"plot_lines": ("x", "y"), "plot_points": ("x", "y"), "plot_bars": ("y",)}
    with pytest.raises(error, match=message) as raised:
        getattr(helpers, name)(*arguments, *labels.get(name, ()), **options, alt="A picture.")
    assert len(str(raised.value)) < 250


# --- the numbers that are kept with a figure ------------------------------------------------

OTHERS = {
    "plot_bars": (["a", "b"], {"cost": [1, 2.6]}, "million"),
    "plot_lines": ([1, 2], {"train": [3, 4], "test": [5, 7]}, "epoch", "loss"),
    "plot_points": ({"LeNet": (1, 2), "VGG": (3, 5)}, "work", "score"),
    "show_blocks": ({"residual": {"branches": [["conv", "tanh"], []], "join": "+"}},),
    "show_grids": ([[[1, 2, 3], [4, 5, 7]]], ["X"]),
    "show_images": ([[[0, 1], [1, 0]], [[0, 1], [1, 1]]], 1, 2, ["boot", "shirt"]),
    "show_matrix": ([[8, 1], [2, 8]], ["boot", "shirt"]),
    "show_receptive_field": ([3, 5],),
    "show_sliding": ([[0, 1, 2], [3, 4, 5], [6, 7, 8]], [[0, 1], [2, 4]]),
}


def kept(shown):
    return shown[-1].metadata["image/png"]["data"]


@pytest.mark.parametrize("name", CALLS)
def test_a_figure_of_other_data_is_told_by_the_numbers_kept(shown, name):
    kinds = []
    for arguments in (CALLS[name][0], CALLS[name][0], OTHERS[name]):
        getattr(helpers, name)(*arguments, alt="The same sentence.")
        output = new_output("display_data", shown[-1].data, metadata=shown[-1].metadata)
        kinds.append(output)
    assert not compare([kinds[0]], [kinds[1]], "", []).differences
    assert compare([kinds[0]], [kinds[2]], "", []).differences


def test_what_is_kept_of_a_figure_is_short_and_can_be_stored(shown):
    rng = np.random.default_rng(0)
    helpers.plot_lines(range(5000), {"a": rng.random(5000), "b": [np.nan] * 5000}, "x", "y")
    helpers.show_images(rng.random((40, 28, 28)), 5, 8)
    helpers.show_grids([rng.random((50, 60)), np.full((20, 20), np.nan)], ["X", "Y"])
    for output in shown:
        text = json.dumps(output.metadata["image/png"]["data"], allow_nan=False)
        assert len(text) < 3000
    assert kept(shown[:1])["x of a"][:2] == ["5000 points", 0]
    assert kept(shown[:1])["b"] == ["nan"] * 12


def test_of_a_training_the_ends_of_the_curves_are_kept_under_their_names(shown):
    curves = LiveCurves(3, True)
    rows = [{"epoch": n, "val_loss": 3 / n, "val_acc": n / 4} for n in (1, 2, 3)]
    curves.draw(rows)
    data = kept(shown)
    assert (data["val_loss"], data["val_acc"]) == ([3, 1], [0.25, 0.75])
    assert data["x of val_loss"] == ["3 points", 1, 3]


def test_the_bars_of_one_group_are_kept_under_their_names_and_groups_under_theirs(shown):
    helpers.plot_bars(["a", "b"], {"cost": [1, 2.5]}, "million")
    data = kept(shown)
    assert (data["a"], data["b"]) == ([1], [2.5]) and "cost" not in data
    helpers.plot_bars(["a", "b"], {"cost": [1, 2.5], "time": [3, 4]}, "million")
    data = kept(shown)
    assert (data["cost"], data["time"]) == ([1, 2.5], [3, 4]) and "a" not in data
