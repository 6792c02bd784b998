"""Is my run normal? Its curves on the band of the same training with other seeds."""

import math
from collections.abc import Mapping, Sequence
from typing import Any

from helpers.figures.bands import draw_on_bands
from helpers.figures.plots import plot_lines
from helpers.notebook.book import Book, book_records
from helpers.notebook.records import check_training
from helpers.notebook.seeds import Seeds, seed_records

__all__ = ["on_band"]

SHOWN = ("val_loss", "val_acc")
LEAST = {"val_acc": 0.01}  # so wide is a band at least, on either side
MOST_OUTSIDE = 1 / 3  # of the epochs: curves jump, in the first epochs above all
# Student's t, two-sided 99 %, for so many degrees of freedom (tables of statistics). The last
# one serves for more, too: it is a little too wide then.
STUDENT = {2: 9.925, 3: 5.841, 4: 4.604, 5: 4.032, 6: 3.707, 7: 3.499, 8: 3.355, 9: 3.250}
CAUSES = {
    "guessing": "It guesses: the loss is that of equal probabilities. Usual causes: a learning "
    "rate that is too small or far too large, initial weights that apply_init did not set, "
    "labels that do not belong to their images.",
    "slow": "It learns more slowly. Usual causes: a smaller learning rate, other initial weights, "
    "fewer images or steps, a layer that was changed.",
    "jumps": "It ended worse than it was before: usually a learning rate that is too large.",
    "overfits": "It fits the training images better and the validation images worse: usually "
    "fewer images, more epochs, or no dropout.",
    "better": "It does better. Usual causes: more images or steps, another network, validation "
    "images among the training images.",
}


def on_band(
    notebook: str,
    history: Sequence[Mapping[str, Any]],
    *,
    settings: Mapping[str, Any],
    data: object = None,
) -> None:
    """Draw a training's curves on the band of the same training with other seeds, and say where.

    `notebook`, `history`, `settings` and `data` are those of `helpers.record`. The band is the
    99 % prediction interval from the recorded seeds: after each epoch, 99 of 100 further seeds
    are expected in it. A run lies in the band if its last epoch does, and at least two thirds of
    all. Outside of it, a sentence says what usually causes that. At the book's settings there is
    one recorded run at most (`helpers.book_records`): both are drawn, without a band. Where the
    settings are others than those recorded, it says which, and draws nothing.
    Raises ValueError for a notebook that there is not and for a history without epochs,
    validation losses and accuracies; TypeError for settings that are no dict.
    """
    stem = check_training(notebook, settings, history).name.removesuffix(".ipynb")
    for name in SHOWN:
        if any(row.get(name) is None for row in history):
            raise ValueError(f"history must have {name} in each epoch, got {list(history[0])}")
    known = seed_records().get(stem)
    curves = {name: [row[name] for row in history] for name in SHOWN}
    others = _others(known, settings, len(known.seconds[0]), len(history)) if known else []
    if known is None or others:
        book = book_records().get(stem)
        if book and not _others(book, settings, len(book.seconds), len(history)):
            _draw_beside(book, curves, data)
            return
        why = f": yours differ in {', '.join(others)}" if others else ""
        print(f"No runs with other seeds are recorded for these settings{why}.")
        return
    bands = {name: band(known, name) for name in SHOWN}
    words = _words(known, history, curves, bands, data)
    alt = (
        f"The validation loss and accuracy of this run after each epoch, on the band of "
        f"{len(known.seeds)} seeds. {words.splitlines()[0]}"
    )
    draw_on_bands(curves, bands, alt)
    print(words)


def band(known: Seeds, name: str) -> tuple[list[float], list[float]]:
    """Return the lowest and the highest that is usual after each epoch.

    That is the mean of the n seeds, minus and plus t · s · √(1 + 1/n) with their spread s:
    where one more run lies with a probability of 99 %, if runs are normally distributed.
    """
    count = len(known.seeds)
    wide = STUDENT.get(count - 1, STUDENT[9]) * math.sqrt(1 + 1 / count)
    most = 1.0 if name == "val_acc" else math.inf
    low, high = [], []
    for mean, spread in zip(known.mean(name), known.spread(name)):
        half = max(wide * spread, LEAST.get(name, 0.0))
        low.append(max(mean - half, 0.0))
        high.append(min(mean + half, most))
    return low, high


def _others(
    recorded: Seeds | Book, settings: Mapping[str, Any], epochs: int, done: int
) -> list[str]:
    """Return the names of the settings that are not those recorded.

    `epochs` are recorded. A run of more, `done`, has another max_epochs, whatever it says.
    """
    theirs = recorded.settings
    names = dict.fromkeys([*theirs, *settings])
    found = [n for n in names if theirs.get(n, recorded) != settings.get(n, recorded)]
    return found or ["max_epochs"] * (done > epochs)


def _draw_beside(book: Book, curves: Mapping[str, list[float]], data: object) -> None:
    """Draw a run beside the one that is recorded, and print where both stand after its epochs."""
    epochs, done = len(book.seconds), len(curves["val_acc"])
    for name, own in curves.items():
        shown = own + [math.nan] * (epochs - done)  # as far as it came
        lines = {"recorded run": book.curves[name], "this run": shown}
        alt = (
            f"The {name} after each of {epochs} epochs: the recorded run ends at "
            f"{book.curves[name][-1]:.3f}; this run has {own[-1]:.3f} after epoch {done}."
        )
        plot_lines(range(1, epochs + 1), lines, "epoch", name, alt=alt)
    theirs, ours = (
        " and ".join(f"{name} {values[done - 1]:.3f}" for name, values in both.items())
        for both in ({name: book.curves[name] for name in curves}, curves)
    )
    where = f"{book.processor}, {book.precision}, {book.date}"
    print(
        f"One run is recorded at these settings ({where}).\n"
        f"After epoch {done} it had {theirs}; this run has {ours}.\n"
        "A single run does not say how far others may lie from it."
    )
    if other := _other_images(data, book.data):
        print(other)


def _other_images(data: object, recorded: str | None) -> str:
    """Return a sentence on the images of a run where they are not those recorded, else ''."""
    source = getattr(data, "source", recorded)
    return "" if source == recorded else f"It was trained on other images: {source}."


def _words(
    known: Seeds,
    history: Sequence[Mapping[str, Any]],
    curves: Mapping[str, list[float]],
    bands: Mapping[str, tuple[list[float], list[float]]],
    data: object,
) -> str:
    outside = {
        name: [
            epoch
            for epoch, (value, low, high) in enumerate(zip(curves[name], *bands[name]), start=1)
            if not low <= value <= high
        ]
        for name in SHOWN
    }
    bad = {epoch for epochs in outside.values() for epoch in epochs}
    if len(history) not in bad and len(bad) <= MOST_OUTSIDE * len(history):
        when = ", at its end and in most epochs" if len(history) > 1 else ""
        return f"This run lies in the band of {len(known.seeds)} seeds{when}."
    where = " and ".join(
        f"its {name} in epoch {', '.join(map(str, epochs))}"
        for name, epochs in outside.items()
        if epochs
    )
    lines = [f"This run lies outside the band of {len(known.seeds)} seeds: {where}."]
    why = _other_images(data, known.data) or CAUSES[_cause(known, history, curves, bands)]
    return "\n".join([*lines, why])


def _cause(
    known: Seeds,
    history: Sequence[Mapping[str, Any]],
    curves: Mapping[str, list[float]],
    bands: Mapping[str, tuple[list[float], list[float]]],
) -> str:
    """Return which of the usual causes fits a run outside of its band best."""
    last, low, high = curves["val_acc"][-1], *(edge[len(history) - 1] for edge in bands["val_acc"])
    if abs(curves["val_loss"][-1] - math.log(10)) < 0.05 or last < 0.12:
        return "guessing"
    if last > high:
        return "better"
    trained = history[-1].get("train_loss")
    usual = known.mean("train_loss")[len(history) - 1]
    if (
        trained is not None
        and trained < usual
        and curves["val_loss"][-1] > bands["val_loss"][1][len(history) - 1]
    ):
        return "overfits"
    if last < max(curves["val_acc"]) - 0.1:
        return "jumps"
    return "slow" if last <= (low + high) / 2 else "better"
