"""Kinds and order of outputs are exact; figures are compared by the numbers drawn."""

import html

import pytest
from nbformat.v4 import new_output

from tests.test_outputs import verdict


def figure(alt="a curve", kind="image/png", **series):
    metadata = {"image/png": {"alt": alt, "data": series}} if series else {}
    return new_output("display_data", {kind: "iVBO", "text/plain": alt}, metadata=metadata)


def embedded(alt="a curve", picture="iVBO", extra=""):
    image = f'<img alt="{html.escape(alt)}" width="9" src="data:image/png;base64,{picture}">'
    data = {"text/html": image + extra, "image/png": picture, "text/plain": alt}
    return new_output("display_data", data)


TEXT = new_output("stream", text="loss 0.5")
NOTHING = new_output("display_data", {"text/plain": "", "text/html": ""})


@pytest.mark.parametrize("stored, got, expected", [
    ([figure()], [figure()], "same"),
    ([figure()], [figure("another curve")], "differs"),
    ([figure()], [new_output("display_data", {"text/plain": "a curve"})], "differs"),
    ([figure()], [], "differs"),
    ([figure()], [figure(), figure()], "differs"),
    ([figure()], [figure(kind="image/svg+xml")], "differs"),
    ([figure(kind="image/svg+xml")], [figure(kind="image/svg+xml")], "same"),
    ([figure(), TEXT], [TEXT, figure()], "differs"),
    ([TEXT], [new_output("execute_result", {"text/plain": "loss 0.5"})], "differs"),
    ([TEXT], [TEXT, new_output("stream", name="stderr", text="careful")], "differs"),
    ([TEXT, NOTHING], [TEXT], "same"),
    ([TEXT], [NOTHING, TEXT], "same"),
    ([new_output("display_data", {"application/json": {"a": 1.5}})],
     [new_output("display_data", {"application/json": {"a": 1.6}})], "differs"),
    ([new_output("display_data", {"text/html": "<b>0.5</b>"})],
     [new_output("display_data", {"text/html": "<i>0.5</i>"})], "differs"),
    ([new_output("error", ename="ValueError", evalue="n is 3")],
     [new_output("error", ename="ValueError", evalue="n is 4")], "differs"),
    ([new_output("error", ename="ValueError", evalue="n is 3")],
     [new_output("error", ename="KeyError", evalue="n is 3")], "differs"),
])  # fmt: skip
def test_kinds_number_and_order_of_outputs_are_exact(stored, got, expected):
    assert verdict(stored, got) == expected


@pytest.mark.parametrize("stored, got, marker, expected", [
    ({"loss": [2.31, 0.5]}, {"loss": [2.31, 0.5]}, "", "same"),
    ({"loss": [2.31, 0.5]}, {"loss": [2.311, 0.5]}, "", "same"),
    ({"loss": [2.31, 0.5]}, {"loss": [2.31, 0.503]}, "", "differs"),
    # Small numbers of a series are held too, down to the rounding where it crosses zero.
    ({"loss": [2.31, 0.0001]}, {"loss": [2.31, 0.00012]}, "", "same"),
    ({"loss": [2.31, 0.0001]}, {"loss": [2.31, 0.0002]}, "", "differs"),
    ({"loss": [2.31, 0.0]}, {"loss": [2.31, -0.00001]}, "", "same"),
    ({"loss": [2.31, 0.0]}, {"loss": [2.31, 0.001]}, "", "differs"),
    ({"loss": [2.31, 0.5]}, {"loss": [2.31, 0.5, 0.5]}, "", "differs"),
    ({"loss": [2.31, 0.5]}, {"cost": [2.31, 0.5]}, "", "differs"),
    # A file sorts them, a message from the kernel does not.
    ({"loss": [1.0], "acc": [2.0]}, {"acc": [2.0], "loss": [1.0]}, "", "same"),
    ({"loss": [1.0], "acc": [2.0]}, {"acc": [1.0], "loss": [2.0]}, "", "differs"),
    ({"loss": [2.31, "nan"]}, {"loss": [2.31, "nan"]}, "", "same"),
    ({"loss": [2.31, "nan"]}, {"loss": [2.31, 0.5]}, "", "differs"),
    ({"loss": [2.31]}, {"loss": [-2.31]}, "", "differs"),
    ({"title": ["kernel 3"]}, {"title": ["kernel 4"]}, "", "differs"),
    ({"loss": [2.31]}, {}, "", "differs"),
    ({}, {"loss": [2.31]}, "", "same"),  # stored before figures kept their numbers
    ({"loss": [2.31, 0.5]}, {"loss": [2.35, 0.45]}, "loss ±0.1", "same"),
    ({"loss": [2.31, 0.5]}, {"loss": [2.35, 0.38]}, "loss ±0.1", "differs"),
    ({"loss": [2.31, 0.5]}, {"loss": [2.35, 0.5]}, "loss ±0.1, last loss ±0.01", "same"),
    ({"loss": [2.31, 0.5]}, {"loss": [2.31, 0.52]}, "loss ±0.1, last loss ±0.01", "differs"),
    ({"loss": [2.31], "acc": [0.5]}, {"loss": [2.35], "acc": [0.52]}, "loss ±0.1", "differs"),
    ({"loss": [2.31], "acc": [0.5]}, {"loss": [2.35], "acc": [0.52]}, "every decimal ±0.1", "same"),
    ({"counts": [802, 0]}, {"counts": [790, 9]}, "counts ±20", "same"),
    ({"image": [0.5], "image (2)": [0.6]}, {"image": [0.51], "image (2)": [0.59]}, "image ±0.02",
     "same"),
    ({"image": [0.5], "image (2)": [0.6]}, {"image": [0.5], "image (2)": [0.63]}, "image ±0.02",
     "differs"),
    ({"image": [0.5], "image (2)": [0.6]}, {"image": [0.53], "image (2)": [0.6]},
     "image ±0.02, image (2) ±0.1", "differs"),
    ({"image": [0.5], "image (2)": [0.6]}, {"image": [0.5], "image (2)": [0.63]},
     "image ±0.02, image (2) ±0.1", "same"),
    ({"a, 2 blocks": [0.5]}, {"a, 2 blocks": [0.51]}, "blocks ±0.02", "same"),
    ({"2 blocks": [0.5], "4 blocks": [0.5]}, {"2 blocks": [0.51], "4 blocks": [0.5]},
     "2 blocks ±0.02, blocks ±0.001", "same"),
    ({"2 blocks": [0.5], "4 blocks": [0.5]}, {"2 blocks": [0.5], "4 blocks": [0.51]},
     "2 blocks ±0.02, blocks ±0.001", "differs"),
    ({"b blocks": [0.5], "a": [0.5]}, {"b blocks": [0.5], "a": [0.51]}, "blocks ±0.02", "differs"),
    ({"val_acc": [0.5], "acc": [0.5]}, {"val_acc": [0.51], "acc": [0.5]}, "acc ±0.02", "differs"),
    ({"loss": [0.5], "x of loss": [1.5]}, {"loss": [0.51], "x of loss": [1.5]}, "loss ±0.1",
     "same"),
    ({"loss": [0.5], "x of loss": [1.5]}, {"loss": [0.5], "x of loss": [1.51]}, "loss ±0.1",
     "differs"),
    ({"counts": [802, 0]}, {"counts": [790, 9]}, "counts ±900", "marker"),
    ({"loss": [2.31]}, {"loss": [2.31]}, "acc ±0.1", "marker"),
])  # fmt: skip
def test_a_figure_is_compared_by_the_numbers_it_was_drawn_from(stored, got, marker, expected):
    source = f"# measured: {marker}" if marker else ""
    assert verdict([figure(**stored)], [figure(**got)], source) == expected


@pytest.mark.parametrize("stored, got, marker, expected", [
    (embedded(), embedded(picture="AAAA"), "", "same"),  # another release of Matplotlib
    (embedded(), embedded("a line"), "", "differs"),
    (embedded(), embedded(extra="<p>below</p>"), "", "differs"),
    (embedded("X > 1 & \"Y\" < 2"), embedded("X > 1 & \"Y\" < 2", "AAAA"), "", "same"),
    (embedded("X > 1"), embedded("X > 2"), "", "differs"),
    (embedded("loss 2.31 → 0.50."), embedded("loss 2.35 → 0.45."), "loss ±0.1", "same"),
    (embedded("loss 2.31 → 0.50."), embedded("loss 2.35 → 0.45."), "", "differs"),
    (embedded("loss 2.31 → 0.50."), embedded("loss 2.35 → 0.15."), "loss ±0.1", "differs"),
    (embedded(), figure(), "", "differs"),
])  # fmt: skip
def test_a_picture_within_html_counts_by_its_sentence(stored, got, marker, expected):
    assert verdict([stored], [got], f"# measured: {marker}" if marker else "") == expected


@pytest.mark.parametrize("got, marker, expected", [
    ({"loss": [2.31, 0.5], "words": ["a shirt"]}, "", "same"),
    ({"loss": [2.31, 0.52], "words": ["a shirt"]}, "", "differs"),
    ({"loss": [2.31, 0.5], "words": ["a bag"]}, "", "differs"),
    ({"loss": [2.31, 0.5], "words": ["a bag"]}, "loss ±0.1", "differs"),
    ({"loss": [2.31, 0.5]}, "", "differs"),
    ({"loss": [2.35, 0.45], "words": ["a shirt"]}, "loss ±0.1", "same"),
    ({"loss": [1.31, 0.45], "words": ["a shirt"]}, "loss ±0.1", "differs"),
])  # fmt: skip
def test_figures_of_cells_that_need_the_images_are_held_as_all_others(got, marker, expected):
    stored = figure(loss=[2.31, 0.5], words=["a shirt"])
    source = f"# measured: {marker}" if marker else ""
    assert verdict([stored], [figure(**got)], source, ["data"]) == expected
