"""The numbers of a training, epoch by epoch."""

from collections.abc import Callable

__all__ = ["History"]

_FORMATS: dict[str, Callable] = {
    "epoch": "{:d}".format,
    "lr": "{:g}".format,
    "seconds": "{:.1f}".format,
    "images_per_s": "{:,.0f}".format,
}


def _cell(name: str, value) -> str:
    return "–" if value is None else _FORMATS.get(name, "{:.3f}".format)(value)


class History(list):
    """One dict per epoch: epoch, metrics over all samples, lr, seconds, images_per_s."""

    def table(self, *columns: str) -> str:
        """Return the epochs as a table of text; without `columns`, all that there are.

        Raises KeyError naming a column that no epoch has.
        """
        known = list(dict.fromkeys(key for row in self for key in row))
        for column in columns:
            if self and column not in known:
                raise KeyError(f"history has no column {column!r}, only {', '.join(known)}")
        names = ["epoch", *(c for c in columns or known if c != "epoch")]
        rows = [[_cell(name, row.get(name)) for name in names] for row in self]
        widths = [max(map(len, column)) for column in zip(names, *rows)]
        lines = [names, *rows]
        return "\n".join("  ".join(c.rjust(w) for c, w in zip(line, widths)) for line in lines)

    def __str__(self) -> str:
        return self.table()

    __repr__ = __str__
