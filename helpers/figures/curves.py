"""The curves of a training while it runs."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from helpers.figures.arguments import numbers
from helpers.figures.plots import draw_lines, whole_ticks
from helpers.figures.show import reserve_place, showing
from helpers.training.history import NOT_METRICS


class LiveCurves:
    """The curves of a training, redrawn after every epoch in one place of a notebook."""

    def __init__(self, max_epochs: int, enabled: bool):
        self.enabled, self._max_epochs, self._place = enabled, max_epochs, None
        if enabled:  # takes its place now, above the progress bar
            self._place = reserve_place("The curves appear here after the first epoch.")

    def draw(self, history: Sequence[Mapping[str, Any]]) -> None:
        """Show the metrics of all epochs so far, in place of the last drawing."""
        if not self.enabled or not history:
            return
        first, last = history[0], history[-1]
        keys = [key for key in last if key not in NOT_METRICS and last[key] is not None]
        if not keys:
            return
        losses = [key for key in keys if key.endswith("loss")]
        panels = [panel for panel in (losses, [k for k in keys if k not in losses]) if panel]
        changes = (f"{k} {first[k]:.3f} → {last[k]:.3f}" for k in keys if first.get(k) is not None)
        alt = f"Curves after epoch {last['epoch']}: {', '.join(changes)}."
        with showing(3.6 * len(panels), 2.5, alt, place=self._place, measured=True) as figure:
            epochs = numbers([row["epoch"] for row in history], "epoch")
            for ax, panel in zip(figure.subplots(1, len(panels), squeeze=False)[0], panels):
                rows = {k: numbers([row.get(k, np.nan) for row in history], k) for k in panel}
                draw_lines(ax, epochs, rows)
                ax.set_xlabel("epoch")
                ax.set_xlim(0.8, max(self._max_epochs, 2) + 0.2)
                whole_ticks(ax)
                ax.ticklabel_format(useOffset=False)
                if all(key.endswith("acc") for key in panel):
                    ax.set_ylim(0, 1)
