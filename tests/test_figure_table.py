"""Every figure is a table too."""

import re

import pytest
import torch

import helpers
from helpers.figures import show
from helpers.figures.bands import draw_on_bands


def test_lines_with_the_same_x_share_a_table():
    helpers.plot_lines([1, 2, 3], {"a": [1.0, 4.0, 9.0], "b": [0.5, 0.25, 0.125]}, "n", "size")
    assert repr(helpers.figure_table()).split() == "size n a b 1 1 0.5 2 4 0.25 3 9 0.125".split()


def test_bars_have_a_row_each_and_their_spread():
    helpers.plot_bars(["x", "y"], {"acc": [0.5, 0.75]}, "accuracy", spread={"acc": [0.1, 0.2]})
    ((_, heads, rows),) = helpers.figure_table().tables
    assert heads == ["", "accuracy", "spread"]
    assert rows == [["x", "0.5", "0.1"], ["y", "0.75", "0.2"]]


def test_points_have_their_names():
    helpers.plot_points({"LeNet": (1.0, 0.7), "VGG": (2.0, 0.9)}, "work", "accuracy")
    ((_, heads, rows),) = helpers.figure_table().tables
    assert heads == ["", "work", "accuracy"]
    assert rows == [["LeNet", "1", "0.7"], ["VGG", "2", "0.9"]]


def test_a_matrix_has_its_names_and_every_number():
    counts = torch.tensor([[5.0, 1.0], [2.0, 7.0]])
    helpers.show_matrix(counts, ["shirt", "coat"], alt="Counts.")
    ((_, heads, rows),) = helpers.figure_table().tables
    assert heads[1:] == ["shirt", "coat"]
    assert rows == [["shirt", "5", "1"], ["coat", "2", "7"]]


def test_a_large_image_is_summed_up():
    image = torch.zeros(40, 50)
    image[3, 4] = 2
    helpers.show_images([image], 1, 1, alt="An image.")
    ((caption, heads, rows),) = helpers.figure_table().tables
    assert "40 × 50" in caption
    assert heads == ["least", "mean", "largest"] and rows == [["0", "0.001", "2"]]


def test_the_markup_can_be_walked_through_by_a_screen_reader():
    helpers.plot_lines([1, 2], {"<a>": [1.0, 2.0]}, "n", "size")
    markup = helpers.figure_table()._repr_html_()
    assert "&lt;a&gt;" in markup and "<a>" not in markup
    assert len(re.findall('<th scope="col">', markup)) == 2
    assert len(re.findall('<th scope="row">', markup)) == 2


def test_without_a_figure_it_says_so(monkeypatch):
    monkeypatch.setattr(show, "last_shown", None)
    with pytest.raises(ValueError, match="none was shown yet"):
        helpers.figure_table()


def test_a_band_has_its_edges_in_the_table():
    draw_on_bands({"acc": [0.5, 0.6]}, {"acc": ([0.4, 0.5], [0.6, 0.7])}, "A band.")
    ((_, heads, rows),) = helpers.figure_table().tables
    assert heads == ["epoch", "band from", "band to", "acc"]
    assert rows == [["1", "0.4", "0.6", "0.5"], ["2", "0.5", "0.7", "0.6"]]
