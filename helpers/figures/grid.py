"""One array as a coloured grid, its numbers in the cells, with a frame around some of them."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.patches import Rectangle

from helpers.figures.arguments import items, size, wholes
from helpers.figures.show import FRAME

MOST_CELLS = 12  # a side: in larger grids neither lines nor numbers could be told apart
GREY = "#777777"
ABOUT_ZERO = "RdBu_r"  # blue is negative, white zero, red positive


def cell_size(array: np.ndarray, values: bool) -> float:
    """Return the side of a cell in inches, so that its number fits in."""
    if not values or not lined(array):
        return min(0.3, 3.2 / max(array.shape))
    return max(0.3, 0.1 * max(len(number(v)) for v in array.flat) + 0.08)


def lined(array: np.ndarray) -> bool:
    """Return whether an array is small enough for lines between its cells."""
    return max(array.shape) <= MOST_CELLS


def number(value: float) -> str:
    """Return a number as it stands in a cell: whole, or with two decimals; nothing for NaN."""
    if np.isnan(value):
        return ""
    if np.isinf(value):
        return "∞" if value > 0 else "−∞"
    text = f"{value:.0f}" if value == round(value) else f"{value:.2f}"
    return text if float(text) else text.lstrip("-")  # no minus before zero


def draw_grid(
    ax: Axes, array: np.ndarray, values: bool, bound: float | None = None, grey: bool = False
) -> None:
    """Draw an array (rows, columns); `bound` is the size of number with the fullest colour.

    In `grey`, the lowest number is black and the highest white.
    """
    h, w = array.shape
    if grey:
        ax.imshow(array, cmap="gray")
    else:
        bound = bound or max(largest(array), 1e-12)
        ax.imshow(array, cmap=ABOUT_ZERO, vmin=-1.6 * bound, vmax=1.6 * bound)
    ax.set_xticks([])
    ax.set_yticks([])
    for spine in ax.spines.values():
        spine.set(visible=True, color=GREY, lw=0.8)
    if not lined(array):
        return
    _draw_lines(ax, h, w, 1, 0.5)
    if values:
        finite = array[np.isfinite(array)]
        middle = (finite.min() + finite.max()) / 2 if finite.size else 0.0
        for (i, j), value in np.ndenumerate(array):
            dark = grey and value < middle
            ax.text(j, i, number(value), ha="center", va="center", fontsize=8,
                    color="white" if dark else "black")  # fmt: skip


def draw_blocks(ax: Axes, array: np.ndarray, step: int) -> None:
    """Draw lines around blocks of `step` rows and columns of a grid."""
    rows, columns = array.shape
    _draw_lines(ax, rows, columns, step, 0.8)


def _draw_lines(ax: Axes, rows: int, columns: int, step: int, width: float) -> None:
    for i in range(step, rows, step):
        ax.axhline(i - 0.5, color=GREY, lw=width)
    for j in range(step, columns, step):
        ax.axvline(j - 0.5, color=GREY, lw=width)


def largest(array: np.ndarray) -> float:
    """Return the largest size of a number, without NaN and infinity; 0 if there is none."""
    return float(np.abs(array).max(where=np.isfinite(array), initial=0))


def draw_frame(ax: Axes, row: int, column: int, height: int, width: int) -> None:
    """Frame cells of a grid."""
    ax.add_patch(
        Rectangle((column - 0.5, row - 0.5), width, height, fill=False, ec=FRAME, lw=2.5, zorder=5,
                  clip_on=False)
    )  # fmt: skip


def check_frames(highlight: Any, grids: Sequence[np.ndarray]) -> list[tuple[int, ...] | None]:
    """Return one frame (row, column, height, width) or None for each grid."""
    if highlight is None:
        return [None] * len(grids)
    wanted = "(row, column, height, width) or None"
    given = items(highlight, "highlight", wanted)
    if len(given) != len(grids):
        raise ValueError(
            f"highlight must have {wanted} for each of the {len(grids)} arrays, got {len(given)}"
        )
    frames = [
        None if frame is None else wholes(frame, f"highlight[{n}]", least=0)
        for n, frame in enumerate(given)
    ]
    for n, (frame, grid) in enumerate(zip(frames, grids)):
        if frame is None:
            continue
        name = f"highlight[{n}]"
        if len(frame) != 4:
            raise ValueError(f"{name} must be {wanted}, got {frame}")
        i, j, h, w = frame
        if h < 1 or w < 1 or i + h > grid.shape[0] or j + w > grid.shape[1]:
            raise ValueError(
                f"{name} must frame cells of its array, {size(grid.shape)}, got {frame}"
            )
    return frames
