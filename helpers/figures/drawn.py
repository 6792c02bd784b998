"""The numbers and words that a figure was drawn from, few enough to keep with the picture.

They tell a figure from one of other data under the same sentence: tools/outputs/drawn.py.
"""

import math
import re
from collections.abc import Iterable

import numpy as np
from matplotlib.axes import Axes
from matplotlib.container import BarContainer, ErrorbarContainer
from matplotlib.figure import Figure
from matplotlib.image import AxesImage

DIGITS = 4  # significant ones
MOST_POINTS = 12  # of a line, spread over it
MOST_PIXELS = 36  # of an image; of a larger one, the means of its parts
VALUE, SPREAD = "value", "spread"  # texts and lines that only repeat what is kept of bars
FROM, TO = "_band from", "_band to"  # names of a band's edges, which no legend has
DECIMAL = re.compile(r"[-−+]?\d*\.\d+")

Series = dict[str, list[float | str]]


def series_of(figure: Figure, measured: bool = False) -> Series:
    """Return {name: numbers and words} of what is drawn, in the order drawn.

    Of the lines that a training draws, which are `measured`, only the first and the last
    number, for these are in the sentence too, and their deviations known.
    """
    found: Series = {}
    several = sum(len(ax.images) for ax in figure.axes) > 4
    for ax in figure.axes:
        parts: list[tuple[str, list[float | str]]] = [("words", _words(ax))]
        if ax.axison and not ax.images:  # else lines are frames, grids and arrows
            parts += _lines(ax, measured)
        parts += _bars(ax) + _spreads(ax)
        for image in ax.images:
            parts.append(("image", _pixels(pixels_of(image), 2 if several else 4)))
        for name, values in parts:
            if values:
                found[_free(name, found)] = values
    return found


def pixels_of(image: AxesImage) -> np.ndarray:
    """Return the numbers that an image was drawn from, nan where nothing is drawn."""
    return np.ma.filled(np.ma.asarray(image.get_array()).astype(float), np.nan)


def half_lengths(drawn: ErrorbarContainer) -> list[float]:
    """Return half the length of each error bar."""
    (bars,) = drawn.lines[2]
    return [(bar[1, 1] - bar[0, 1]) / 2 for bar in bars.get_segments()]


def _lines(ax: Axes, measured: bool) -> list[tuple[str, list[float | str]]]:
    parts: list[tuple[str, list[float | str]]] = []
    points = []
    for line in ax.lines:
        label, xy = str(line.get_label()), np.asarray(line.get_xydata(), dtype=float)
        if line.get_gid() == SPREAD:
            continue
        if label.startswith("_"):  # Matplotlib's for what has no name
            points += [*xy.ravel()][: 2 * MOST_POINTS]
            continue
        most = 2 if measured else MOST_POINTS
        shown = xy[np.unique(np.linspace(0, len(xy) - 1, most).round().astype(int))]
        parts.append((f"x of {label}", [f"{len(xy)} points", *_rounded(shown[:, 0])]))
        parts.append((label, _rounded(shown[:, 1])))
    return [*parts, ("points", _rounded(points))] if points else parts


def _bars(ax: Axes) -> list[tuple[str, list[float | str]]]:
    """Return the heights of each group of bars; of the only group, each under its bar's name."""
    groups = [bars for bars in ax.containers if isinstance(bars, BarContainer)]
    heights = [_rounded(bar.get_height() for bar in bars) for bars in groups]
    if len(groups) == 1:
        names = [label.get_text() for label in ax.get_xticklabels()]
        return [(name, [height]) for name, height in zip(names, heights[0], strict=True)]
    return [(str(bars.get_label()), values) for bars, values in zip(groups, heights)]


def _spreads(ax: Axes) -> list[tuple[str, list[float | str]]]:
    """Return half the length of each error bar, under the name of what it belongs to."""
    parts = []
    for drawn in ax.containers:
        if isinstance(drawn, ErrorbarContainer):
            label = str(drawn.get_label()).removeprefix("_")
            parts.append((label, _rounded(half_lengths(drawn))))
    return parts


def _words(ax: Axes) -> list[float | str]:
    """Return the texts of axes. Numbers with decimals are left to what is drawn with them."""
    texts = [ax.get_title(), ax.get_xlabel(), ax.get_ylabel()]
    texts += [text.get_text() for text in ax.texts if text.get_gid() != VALUE]
    if any(isinstance(bars, BarContainer) for bars in ax.containers):
        texts += [label.get_text() for label in ax.get_xticklabels()]
    if ax.images and ax.axison:  # the names of rows and columns
        texts += [label.get_text() for label in (*ax.get_xticklabels(), *ax.get_yticklabels())]
    if ax.images:  # the numbers in the cells of a grid
        texts = [text for text in texts if not re.fullmatch(r"[-−]?[\d.∞]+", text)]
    return [DECIMAL.sub("#", text) for text in texts if text]


def _pixels(image: np.ndarray, side: int) -> list[float | str]:
    """Return the size of an image, and its values or the means of `side` × `side` parts."""
    size = " × ".join(map(str, image.shape))
    if image.size <= MOST_PIXELS:
        return [size, *_rounded(image.ravel())]
    parts = [part for rows in np.array_split(image, side) for part in np.array_split(rows, side, 1)]
    means = [part[np.isfinite(part)].mean() for part in parts if np.isfinite(part).any()]
    return [size, *_rounded(means)]


def _rounded(values: Iterable[float]) -> list[float | str]:
    return [_plain(float(value)) for value in values]


def _plain(value: float) -> float | str:
    if not math.isfinite(value):
        return str(value)
    short = float(f"{value:.{DIGITS}g}")
    return int(short) if short.is_integer() and abs(short) < 1e15 else short


def _free(name: str, taken: Series) -> str:
    """Return a name that is not taken yet."""
    names = [name, *(f"{name} ({n})" for n in range(2, len(taken) + 2))]
    return next(free for free in names if free not in taken)
