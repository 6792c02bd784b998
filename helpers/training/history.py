"""The numbers of a training, epoch by epoch."""

import math
from collections.abc import Callable, Iterable

from helpers.columns import aligned

__all__ = ["History"]

# The columns that are not metrics of the model, and how they are printed.
NOT_METRICS: dict[str, Callable] = {
    "epoch": "{:d}".format,
    "lr": "{:g}".format,
    "seconds": "{:.1f}".format,
    "images_per_s": "{:,.0f}".format,
}


def _cell(name: str, value) -> str:
    return "–" if value is None else NOT_METRICS.get(name, "{:.3f}".format)(value)


class History(list):
    """One dict per epoch: epoch, metrics over all samples, lr, seconds, images_per_s."""

    def table(self, *columns: str) -> str:
        """Return the epochs as a table of text; without `columns`, all that there are.

        Raises KeyError naming a column that no epoch has.
        """
        known = list(dict.fromkeys(key for row in self for key in row))
        for column in columns:
            if column not in known and (self or column not in NOT_METRICS):
                there = f"only {', '.join(known)}" if self else "as no epoch is finished yet"
                raise KeyError(f"history has no column {column!r}, {there}")
        names = ["epoch", *(c for c in columns or known if c != "epoch")]
        rows = [[_cell(name, row.get(name)) for name in names] for row in self]
        return "\n".join(aligned([names, *rows]))

    def metrics(self) -> dict[str, list[float]]:
        """Return the curves of the losses and metrics: one number an epoch, nan where none is."""
        names = dict.fromkeys(
            key
            for row in self
            for key, value in row.items()
            if key not in NOT_METRICS and value is not None
        )
        return {name: [row.get(name, math.nan) for row in self] for name in names}

    def state_dict(self) -> dict[str, list[dict]]:
        return {"rows": [dict(row) for row in self]}

    def load_state_dict(self, state: dict[str, Iterable[dict]]) -> None:
        self[:] = [dict(row) for row in state["rows"]]

    def __str__(self) -> str:
        return self.table()

    __repr__ = __str__
