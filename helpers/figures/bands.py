"""Curves on the band in which other seeds lie."""

from collections.abc import Mapping, Sequence

import numpy as np

from helpers.figures.drawn import FROM, TO
from helpers.figures.plots import whole_ticks
from helpers.figures.show import COLOURS, showing

__all__ = ["draw_on_bands"]


def draw_on_bands(
    curves: Mapping[str, Sequence[float]],
    bands: Mapping[str, tuple[Sequence[float], Sequence[float]]],
    alt: str,
) -> None:
    """Draw each curve, {name: values after each epoch}, on its band (lowest, highest).

    A curve may be shorter than its band: a training that is not at its end.
    """
    with showing(3.6 * len(bands), 2.5, alt, measured=True) as figure:
        for n, (ax, (name, (low, high))) in enumerate(
            zip(figure.subplots(1, len(bands), squeeze=False)[0], bands.items())
        ):
            epochs = np.arange(1, len(low) + 1)
            ax.fill_between(epochs, low, high, color=COLOURS[n], alpha=0.25, lw=0, label="seeds")
            for side, edge in ((FROM, low), (TO, high)):  # for whoever sees no difference of grey
                ax.plot(epochs, edge, color=COLOURS[n], lw=0.6, ls=":", label=side)
            shown = curves[name]
            ax.plot(epochs[: len(shown)], shown, "o-", color="black", ms=3, lw=1.2, label=name)
            ax.set(xlabel="epoch", ylabel=name)
            # Above the axes: nowhere in them is room for certain.
            ax.legend(
                [ax.collections[0], ax.lines[-1]], ["other seeds", "this run"], fontsize=8,
                loc="lower right", bbox_to_anchor=(1, 1), ncols=2, frameon=False,
            )  # fmt: skip
            ax.grid(alpha=0.3)
            whole_ticks(ax)
