"""Is my run normal? Its curves on the band of the same training with other seeds."""

import math
from collections.abc import Mapping, Sequence
from typing import Any

from helpers.figures.bands import draw_on_bands
from helpers.notebook.records import check_training
from helpers.notebook.seeds import Seeds, seed_records

__all__ = ["on_band"]

SHOWN = ("val_loss", "val_acc")
LEAST = {"val_acc": 0.01}  # so wide is a band at least, on either side
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

    `notebook`, `history`, `settings` and `data` are those of `helpers.record`. The band goes
    from the lowest to the highest of the recorded seeds, one standard deviation wider on
    either side. Outside of it, a sentence says what usually causes that. Where the settings
    are others than those recorded, it says which, and draws nothing.
    Raises ValueError for a notebook that there is not and for a history without epochs,
    validation losses and accuracies; TypeError for settings that are no dict.
    """
    stem = check_training(notebook, settings, history).name.removesuffix(".ipynb")
    for name in SHOWN:
        if any(row.get(name) is None for row in history):
            raise ValueError(f"history must have {name} in each epoch, got {list(history[0])}")
    known = seed_records().get(stem)
    others = None if known is None else _others(known, settings)
    if known is not None and len(history) > len(known.curves[SHOWN[0]][0]):
        others = others or ["max_epochs"]
    if known is None or others:
        why = f": yours differ in {', '.join(others)}" if others else ""
        print(f"No runs with other seeds are recorded for these settings{why}.")
        return
    curves = {name: [row[name] for row in history] for name in SHOWN}
    bands = {name: band(known, name) for name in SHOWN}
    words = _words(known, history, curves, bands, data)
    alt = (
        f"The validation loss and accuracy of this run after each epoch, on the band of "
        f"{len(known.seeds)} seeds. {words.splitlines()[0]}"
    )
    draw_on_bands(curves, bands, alt)
    print(words)


def band(known: Seeds, name: str) -> tuple[list[float], list[float]]:
    """Return the lowest and the highest that is usual after each epoch."""
    low, high = [], []
    for epoch, spread in zip(zip(*known.curves[name]), known.spread(name)):
        more = max(spread, LEAST.get(name, 0.0))
        low.append(min(epoch) - more)
        high.append(max(epoch) + more)
    return low, high


def _others(known: Seeds, settings: Mapping[str, Any]) -> list[str]:
    """Return the names of the settings that are not those recorded."""
    names = dict.fromkeys([*known.settings, *settings])
    return [n for n in names if known.settings.get(n, known) != settings.get(n, known)]


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
    done = f"all {len(history)} epochs" if len(history) > 1 else "its epoch"
    if not any(outside.values()):
        return f"This run lies in the band of {len(known.seeds)} seeds in {done}."
    where = " and ".join(
        f"its {name} in epoch {', '.join(map(str, epochs))}"
        for name, epochs in outside.items()
        if epochs
    )
    lines = [f"This run lies outside the band of {len(known.seeds)} seeds: {where}."]
    source = getattr(data, "source", known.data)
    if source != known.data:
        return "\n".join([*lines, f"It was trained on other images: {source}."])
    return "\n".join([*lines, CAUSES[_cause(known, history, curves, bands)]])


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
