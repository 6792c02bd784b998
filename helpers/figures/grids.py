"""Arrays as grids of coloured cells: several side by side, or one whose sides have names."""

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from helpers.figures import arguments
from helpers.figures.arguments import Numbers, counted, numbers, size, wholes
from helpers.figures.grid import (
    cell_size,
    check_frames,
    draw_blocks,
    draw_frame,
    draw_grid,
    lined,
)
from helpers.figures.show import showing

LINE = 0.16  # inches: a line of a title or a label


def show_grids(
    arrays: Numbers,
    titles: Iterable[str],
    *,
    alt: str | None = None,
    highlight: Iterable[tuple[int, int, int, int] | None] | None = None,
    values: bool = True,
    grey: Iterable[int] = (),
    blocks: int | None = None,
    xlabel: str = "",
    ylabel: str = "",
) -> None:
    """Show 2-D arrays as coloured grids side by side, with their numbers in the cells.

    `arrays` holds (h, w) of any sizes; numbers are left out above 12 rows or columns. Cells
    have one size in a figure, so that sizes can be compared; larger arrays have another. Blue
    is negative, white zero, red positive; the arrays of the numbers in `grey` are images
    instead, their lowest value black and their highest white. `highlight` frames (row, column,
    height, width) in each array, or None, and `blocks` draws lines around blocks of so many
    rows and columns. Without `alt`, a sentence with titles and shapes describes the figure.

    Raises TypeError for what is not real numbers, and ValueError for arrays that are not 2-D,
    another number of titles or frames, a frame outside its array, a number in `grey` that no
    array has, `blocks` below 1 and an empty `alt`.
    """
    arguments.check_alt(alt)
    arguments.check_text(xlabel=xlabel, ylabel=ylabel)
    grids = [
        numbers(array, f"arrays[{i}]", 2, ", (rows, columns)")
        for i, array in enumerate(arguments.several(arrays, "arrays"))
    ]
    names = arguments.titles(titles, len(grids), len(grids), required=True)
    frames = check_frames(highlight, grids)
    images = _check_grey(grey, len(grids))
    step = None if blocks is None else arguments.whole(blocks, "blocks")
    told = [f"{name}, {size(grid.shape)}" for name, grid in zip(names, grids)]
    alt = alt or f"A figure of {counted(len(grids), 'grid')}: {'; '.join(told)}."
    sides = [(h * c, w * c) for (h, w), c in zip([g.shape for g in grids], _cells(grids, values))]
    widths = [max(w, 0.085 * longest(name)) for (_, w), name in zip(sides, names)]
    left, below = 0.2 + LINE * bool(ylabel), 0.1 + LINE * bool(xlabel)
    inches = sum(widths) + 0.35 * len(grids) - 0.35 + 0.2 + left
    height = max(h for h, _ in sides) + below + 0.14 + LINE * max(n.count("\n") + 1 for n in names)
    with showing(inches, height, alt, sized_by="arrays and titles") as figure:
        axes = _place(figure, sides, widths, (left, below))
        for n, (ax, grid) in enumerate(zip(axes, grids)):
            draw_grid(ax, grid, values, grey=n in images)
            ax.set_title(names[n])
            ax.set(xlabel=xlabel, ylabel=ylabel if n == 0 else "")
            if step is not None:
                draw_blocks(ax, grid, step)
            frame = frames[n]
            if frame is not None:
                draw_frame(ax, *frame)


def show_matrix(
    matrix: Numbers,
    rows: Iterable[Any],
    columns: Iterable[Any] | None = None,
    *,
    alt: str | None = None,
    xlabel: str = "predicted class",
    ylabel: str = "true class",
    values: bool = True,
) -> None:
    """Show one matrix as a grid whose rows and columns have names, such as counts of confusions.

    Shapes: `matrix` (n, m), `rows` (n,), `columns` (m,), without which the columns have the
    names of the rows. Colours and numbers are those of `show_grids`. Without `alt`, a sentence
    with the names describes the figure.

    Raises TypeError for what is not real numbers, and ValueError for a matrix that is not 2-D,
    another number of names and an empty `alt`.
    """
    arguments.check_alt(alt)
    arguments.check_text(xlabel=xlabel, ylabel=ylabel)
    grid = numbers(matrix, "matrix", 2, ", (rows, columns)")
    down = _names(rows, "rows", grid.shape[0])
    across = down if columns is None else _names(columns, "columns", grid.shape[1])
    if len(across) != grid.shape[1]:
        raise ValueError(f"columns must name the {grid.shape[1]} columns of matrix, got None")
    alt = alt or (
        f"A grid of {size(grid.shape)} numbers, {ylabel} (down) by {xlabel} (across): "
        f"{arguments.listing(down)}; {arguments.listing(across)}."
    )
    cell = cell_size(grid, values)
    width = grid.shape[1] * cell + 0.08 * max(map(len, down)) + 0.5
    height = grid.shape[0] * cell + 0.065 * max(map(len, across)) + 0.6
    with showing(width, height, alt, sized_by="matrix and its names") as figure:
        ax = figure.subplots()
        draw_grid(ax, grid, values)
        ax.set_xticks(range(len(across)), across, rotation=45, ha="right", rotation_mode="anchor")
        ax.set_yticks(range(len(down)), down)
        ax.tick_params(length=0)
        ax.set(xlabel=xlabel, ylabel=ylabel)


def longest(title: str) -> int:
    """Return the number of letters in the longest line of a title."""
    return max(map(len, title.split("\n")))


def _cells(grids: Sequence[np.ndarray], values: bool) -> list[float]:
    """Return the side of each grid's cells: one for those with lines, one for larger grids."""
    own = [cell_size(grid, values) for grid in grids]
    common = max((c for c, grid in zip(own, grids) if lined(grid)), default=0.0)
    small = min((c for c, grid in zip(own, grids) if not lined(grid)), default=0.0)
    return [common if lined(grid) else small for grid in grids]


def _place(
    figure: Figure,
    sides: Sequence[tuple[float, float]],
    widths: Sequence[float],
    corner: tuple[float, float],
) -> list[Axes]:
    """Return axes of (height, width) inches, each in the middle of its place in one row.

    The places have `widths` and begin at `corner` (from the left, from below).
    """
    figure.set_layout_engine("none")
    width, height = figure.get_size_inches()
    left, below = corner
    highest = max(h for h, _ in sides)
    axes = []
    for (h, w), place in zip(sides, widths):
        x, y = left + (place - w) / 2, below + (highest - h) / 2
        axes.append(figure.add_axes((x / width, y / height, w / width, h / height)))
        left += place + 0.35
    return axes


def _check_grey(grey: Any, count: int) -> tuple[int, ...]:
    images = wholes(grey, "grey", least=0)
    if any(n >= count for n in images):
        raise ValueError(f"grey must hold numbers of arrays, 0 to {count - 1}, got {images}")
    return images


def _names(given: Any, name: str, count: int) -> list[str]:
    names = [str(item) for item in arguments.items(given, name, "names")]
    if len(names) != count:
        raise ValueError(f"{name} must name the {count} {name} of matrix, got {len(names)}")
    return names
