"""Rows of texts as a table that is printed: columns of one width, without lines."""

from collections.abc import Collection, Sequence

__all__ = ["aligned"]


def aligned(
    rows: Sequence[Sequence[str]], left: Collection[int] = (), gap: str = "  "
) -> list[str]:
    """Return a line for each row, with `gap` between its columns.

    All rows are equally long. The texts of a column stand at its right side, as numbers do; in
    the columns whose numbers are in `left`, at its left side. No line ends in spaces.
    """
    widths = [max(map(len, column)) for column in zip(*rows)]
    return [
        gap.join(
            text.ljust(width) if n in left else text.rjust(width)
            for n, (text, width) in enumerate(zip(row, widths))
        ).rstrip()
        for row in rows
    ]
