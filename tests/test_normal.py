"""A run lies on the band of other seeds, or a sentence says what usually causes that not."""

import json
import math
import statistics
from types import SimpleNamespace

import pytest
import torch

import helpers
from helpers.notebook import normal, seeds

RECORDED = seeds.seed_records()  # before the tests put others in their place
SETTINGS = {"lr": 0.1, "resize": (28, 28)}
ACC = [
    [0.50, 0.70, 0.80], [0.52, 0.72, 0.81], [0.54, 0.71, 0.82],
    [0.51, 0.71, 0.81], [0.53, 0.71, 0.81],
]  # fmt: skip


@pytest.fixture(autouse=True)
def recorded(tmp_path, monkeypatch):
    """Seeds of LeNet in a folder of one's own."""
    monkeypatch.setattr(seeds, "place", lambda notebook: tmp_path / f"{notebook}.json")
    content = {
        "settings": {"lr": 0.1, "resize": [28, 28]},
        "seeds": [0, 1, 2, 3, 4],
        "curves": {
            "train_loss": [[2.0, 1.0, 0.6]] * 5,
            "val_loss": [[2 - 2 * acc for acc in curve] for curve in ACC],
            "val_acc": ACC,
        },
        "seconds": [[1.0, 1.0, 1.0]] * 5,
        **dict.fromkeys(("parameters", "multiply_adds", "kept", "images"), 1),
        "data": "Fashion-MNIST",
        **dict.fromkeys(("device", "processor", "date", "code"), ""),
        "versions": {},
    }
    (tmp_path / "7.6-lenet.json").write_text(json.dumps(content), encoding="utf-8")


def said(capsys, acc, *, train=(2.0, 1.0, 0.6), settings=SETTINGS, loss=None, data=None):
    loss = loss or [2 - 2 * a for a in acc]
    history = [{"train_loss": t, "val_loss": v, "val_acc": a} for t, v, a in zip(train, loss, acc)]
    helpers.on_band("7.6-lenet", history, settings=settings, data=data)
    return capsys.readouterr().out


def test_each_recorded_seed_lies_in_the_band(capsys):
    for curve in ACC:
        assert said(capsys, curve) == (
            "This run lies in the band of 5 seeds, at its end and in most epochs.\n"
        )


def test_an_unfinished_run_is_compared_as_far_as_it_came(capsys):
    assert "in the band of 5 seeds, at its end and in most" in said(capsys, [0.51, 0.71])
    assert said(capsys, [0.51]) == "This run lies in the band of 5 seeds.\n"


@pytest.mark.parametrize(
    "acc, options, sentence",
    [
        ([0.1, 0.1, 0.1], {"loss": [2.303, 2.303, 2.302]}, "It guesses"),
        ([0.3, 0.4, 0.6], {}, "It learns more slowly"),
        ([0.5, 0.7, 0.4], {}, "It ended worse than it was before"),
        ([0.5, 0.7, 0.76], {"train": (1.0, 0.4, 0.1), "loss": [1, 0.6, 0.9]}, "It fits the train"),
        ([0.7, 0.8, 0.9], {}, "It does better"),
        ([0.3, 0.4, 0.6], {"data": SimpleNamespace(source="drawn")}, "on other images: drawn"),
    ],
)
def test_outside_of_the_band_the_usual_cause_is_named(capsys, acc, options, sentence):
    text = said(capsys, acc, **options)
    assert text.startswith("This run lies outside the band of 5 seeds: its val_")
    assert sentence in text


def test_the_epochs_outside_are_named(capsys):
    text = said(capsys, [0.3, 0.6, 0.81])
    assert "its val_loss in epoch 1, 2 and its val_acc in epoch 1, 2." in text


def test_one_epoch_of_three_may_lie_outside_but_not_the_last(capsys):
    assert "lies in the band" in said(capsys, [0.52, 0.6, 0.81])
    assert "lies outside the band" in said(capsys, [0.52, 0.71, 0.7])


def test_other_settings_are_named_and_nothing_is_drawn(capsys, monkeypatch):
    monkeypatch.setattr(normal, "draw_on_bands", None)
    text = said(capsys, ACC[0], settings={"lr": 0.2, "resize": (28, 28), "more": 1})
    assert text == (
        "No runs with other seeds are recorded for these settings: yours differ in lr, more.\n"
    )
    history = [{"val_loss": 1.0, "val_acc": 0.5}]
    helpers.on_band("8.1-alexnet", history, settings={})
    assert "No runs with other seeds are recorded" in capsys.readouterr().out


def test_at_the_books_settings_a_run_is_drawn_beside_the_recorded_one(capsys, monkeypatch):
    monkeypatch.setattr(normal, "draw_on_bands", None)
    book = {"lr": 0.01, "resize": (96, 96)}
    record = SimpleNamespace(
        settings=book, seconds=[9.0] * 3, curves={"val_loss": [2.0, 1.0, 0.5], "val_acc": ACC[0]},
        processor="a GPU", data="Fashion-MNIST", precision="float16", date="2026-11-28",
    )  # fmt: skip
    monkeypatch.setattr(normal, "book_records", lambda: {"7.6-lenet": record})
    drawn = []
    monkeypatch.setattr(
        normal, "plot_lines", lambda x, lines, *labels, alt: drawn.append((lines, labels, alt))
    )
    assert said(capsys, [0.4, 0.6], settings=book) == (
        "One run is recorded at these settings (a GPU, float16, 2026-11-28).\n"
        "After epoch 2 it had val_loss 1.000 and val_acc 0.700; this run has "
        "val_loss 0.800 and val_acc 0.600.\n"
        "A single run does not say how far others may lie from it.\n"
    )
    assert drawn[1] == (
        {"recorded run": ACC[0], "this run": [0.4, 0.6, math.nan]}, ("epoch", "val_acc"),
        "The val_acc after each of 3 epochs: the recorded run ends at 0.800; this run has 0.600 "
        "after epoch 2.",
    )  # fmt: skip
    text = said(capsys, [0.4], settings=book, data=SimpleNamespace(source="drawn"))
    assert text.endswith("\nIt was trained on other images: drawn.\n")
    other = {**book, "lr": 0.02}
    assert "recorded for these settings: yours differ" in said(capsys, [0.4], settings=other)
    assert "yours differ" in said(capsys, [0.1] * 4, settings=book, train=[1.0] * 4)
    assert len(drawn) == 4


@pytest.mark.parametrize("notebook", helpers.book_records())
def test_each_recorded_run_of_the_book_finds_itself(capsys, notebook):
    record = helpers.book_records()[notebook]
    rows = range(len(record.seconds))
    history = [{name: curve[n] for name, curve in record.curves.items()} for n in rows]
    helpers.on_band(notebook, history, settings=record.settings)
    last = f"val_acc {record.curves['val_acc'][-1]:.3f}"
    assert f"{last}; this run has" in capsys.readouterr().out.replace("\n", " ")


def test_wrong_arguments_are_named():
    with pytest.raises(ValueError, match="history must have val_loss in each epoch"):
        helpers.on_band("7.6-lenet", [{"val_acc": 0.5}], settings={})
    with pytest.raises(TypeError, match="settings must be a dict"):
        helpers.on_band("7.6-lenet", [{"val_loss": 1.0, "val_acc": 0.5}], settings=3)


def test_the_band_is_where_99_of_100_further_seeds_are_expected():
    low, high = normal.band(seeds.seed_records()["7.6-lenet"], "val_acc")
    half = 4.604 * math.sqrt(1 + 1 / 5) * statistics.stdev([0.50, 0.52, 0.54, 0.51, 0.53])
    assert (low[0], high[0]) == pytest.approx((0.52 - half, 0.52 + half))
    torch.manual_seed(0)  # the meaning of the formula, on random numbers
    runs = torch.randn(20_000, 6, dtype=torch.float64)
    five, more = runs[:, :5], runs[:, 5]
    halves = normal.STUDENT[4] * math.sqrt(1 + 1 / 5) * five.std(1)
    share = ((more - five.mean(1)).abs() <= halves).double().mean()
    assert share == pytest.approx(0.99, abs=0.003)


@pytest.mark.parametrize("notebook", RECORDED)
def test_each_recorded_seed_lies_in_the_band_of_the_four_others(notebook):
    known = RECORDED[notebook]
    for left_out in range(len(known.seeds)):
        rest = known._replace(
            seeds=[s for n, s in enumerate(known.seeds) if n != left_out],
            curves={
                name: [curve for n, curve in enumerate(curves) if n != left_out]
                for name, curves in known.curves.items()
            },
        )
        own = {name: curves[left_out] for name, curves in known.curves.items()}
        history = [{n: own[n][e] for n in own} for e in range(len(own["val_acc"]))]
        bands = {name: normal.band(rest, name) for name in normal.SHOWN}
        words = normal._words(rest, history, own, bands, None)
        assert "lies in the band of 4 seeds" in words, words
