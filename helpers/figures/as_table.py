"""The figure that was shown last, as a table: for a screen reader, or to read off a number."""

import html
from collections.abc import Iterator, Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.container import BarContainer, ErrorbarContainer
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from helpers.columns import aligned
from helpers.figures import show
from helpers.figures.drawn import FROM, SPREAD, TO, half_lengths, pixels_of

__all__ = ["FigureTable", "figure_table"]

MOST_CELLS = 28  # a side, of an image that is written out pixel by pixel
Table = tuple[str, list[str], list[list[str]]]  # caption, heads, rows


class FigureTable:
    """The numbers of a figure: a table for each of its parts; shows itself as HTML or text."""

    def __init__(self, figure: Figure):
        self.tables = [table for ax in figure.axes if ax.get_visible() for table in _tables(ax)]

    def __repr__(self) -> str:
        return "\n\n".join(_text(*table) for table in self.tables) or "The figure has no numbers."

    def _repr_html_(self) -> str:
        if not self.tables:
            return "<p>The figure has no numbers.</p>"
        return "".join(_markup(*table) for table in self.tables)


def figure_table() -> FigureTable:
    """Return the numbers of the figure that was shown last, as tables.

    Lines have a row for each x, points and bars one each; error bars are in the column
    'spread'. Images of up to 28 × 28 pixels are written out, of larger ones the size, the
    least, the mean and the largest value.
    Raises ValueError where no figure was shown yet.
    """
    if show.last_shown is None:
        raise ValueError("figure_table needs a figure: none was shown yet")
    return FigureTable(show.last_shown)


def _tables(ax: Axes) -> Iterator[Table]:
    """Yield the tables of a part of a figure: curves, points, bars, images."""
    title = ax.get_title() or ax.get_ylabel()
    if ax.axison and not ax.images:  # else lines are frames and grids
        yield from _curves(ax, title)
    yield from _points(ax, title)
    yield from _bars(ax, title)
    for image in ax.images:
        yield _pixels(ax, pixels_of(image), title or "image")


def _curves(ax: Axes, title: str) -> Iterator[Table]:
    """Yield one table for all lines with the same x."""
    named = [line for line in ax.lines if line.get_gid() != SPREAD and len(_points_of(line)) > 1]
    groups: dict[tuple[float, ...], list[tuple[str, list[float]]]] = {}
    for line in named:
        label = str(line.get_label())
        if label in (FROM, TO):
            label = label[1:]
        elif label.startswith("_"):  # Matplotlib's for what has no name
            if len(named) > 1:
                continue
            label = ax.get_ylabel() or "y"
        xs, ys = _points_of(line).T
        groups.setdefault(tuple(xs), []).append((label, list(ys)))
    for ys_by_x, columns in groups.items():
        heads = [ax.get_xlabel() or "x", *(label for label, _ in columns)]
        cells = zip(ys_by_x, *(ys for _, ys in columns))
        yield title, heads, [[_number(v) for v in row] for row in cells]


def _points_of(line: Line2D) -> np.ndarray:
    return np.asarray(line.get_xydata(), dtype=float)


def _points(ax: Axes, title: str) -> Iterator[Table]:
    """Yield a table of single points, with the names that stand beside them."""
    names = {tuple(text.xy): text.get_text() for text in ax.texts if hasattr(text, "xy")}
    single = [_points_of(line)[0] for line in ax.lines if len(_points_of(line)) == 1]
    rows = [
        [names[tuple(point)], *map(_number, point)] for point in single if tuple(point) in names
    ]
    if rows:
        yield title, ["", ax.get_xlabel() or "x", ax.get_ylabel() or "y"], rows


def _bars(ax: Axes, title: str) -> Iterator[Table]:
    """Yield a table of the bars, with a column for each group, and their spreads."""
    groups = [bars for bars in ax.containers if isinstance(bars, BarContainer)]
    if not groups:
        return
    names = [label.get_text() for label in ax.get_xticklabels()]
    columns = [[bar.get_height() for bar in bars] for bars in groups]
    heads = [str(bars.get_label()) for bars in groups]
    if len(groups) == 1:
        heads = [ax.get_ylabel() or "height"]
    for drawn in ax.containers:
        if isinstance(drawn, ErrorbarContainer):
            halves = half_lengths(drawn)
            if len(halves) == len(names):
                heads.append("spread")
                columns.append(halves)
    rows = [[name, *map(_number, row)] for name, *row in zip(names, *columns)]
    yield title if len(groups) > 1 else "", ["", *heads], rows


def _pixels(ax: Axes, array: np.ndarray, title: str) -> Table:
    size = " × ".join(map(str, array.shape))
    if array.ndim == 2 and max(array.shape) <= MOST_CELLS:
        heads = ["", *(str(j) for j in range(array.shape[1]))]
        names = [str(i) for i in range(array.shape[0])]
        for axis, found in ((ax.get_xticklabels(), heads), (ax.get_yticklabels(), names)):
            texts = [label.get_text() for label in axis]
            wanted = len(found) - (found is heads)
            if ax.axison and len(texts) == wanted and all(texts):
                found[len(found) - wanted :] = texts
        rows = [[name, *map(_number, row)] for name, row in zip(names, array)]
        return f"{title} ({size})", heads, rows
    finite = array[np.isfinite(array)]
    numbers = [finite.min(), finite.mean(), finite.max()] if finite.size else [np.nan] * 3
    return f"{title} ({size})", ["least", "mean", "largest"], [[_number(v) for v in numbers]]


def _number(value: float) -> str:
    return f"{float(value):.4g}"


def _text(caption: str, heads: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    return "\n".join([caption] * bool(caption) + aligned([heads, *rows]))


def _markup(caption: str, heads: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    title = f"<caption>{html.escape(caption)}</caption>" if caption else ""
    head = "".join(f'<th scope="col">{html.escape(name)}</th>' for name in heads)
    body = "".join(
        f'<tr><th scope="row">{html.escape(first)}</th>'
        + "".join(f"<td>{html.escape(text)}</td>" for text in rest)
        + "</tr>"
        for first, *rest in rows
    )
    return f"<table>{title}<tr>{head}</tr>{body}</table>"
