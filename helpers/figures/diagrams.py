"""How networks are built: what an output depends on, and layers as boxes and arrows."""

import itertools
import operator
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.patches import Polygon, Rectangle

from helpers.figures import arguments
from helpers.figures.arguments import listing
from helpers.figures.blocks import BOX, COLUMN, GAP, check_block, draw_block
from helpers.figures.show import COLOURS, showing

MOST_PARTS = 6000  # units and connections; these take some three seconds
MOST_INPUTS, MOST_LAYERS = 1_000_000, 200


def show_receptive_field(
    kernel_sizes: Iterable[int], strides: Iterable[int] | None = None, *, alt: str | None = None
) -> None:
    """Show which inputs one output of a stack of layers depends on, as a slice along one axis.

    `kernel_sizes` and `strides` (1 by default) are those of the layers, from the input on,
    as whole numbers from 1 on. Where there are so many units and connections that they could
    not be told apart (more than 6,000), each layer is drawn as one band. Without `alt`, a
    sentence with the numbers of units describes the figure.

    Raises TypeError for what is not whole numbers, and ValueError for numbers below 1, lists
    of different length, no layer or more than 200, more than 1,000,000 inputs, an empty `alt`.
    """
    arguments.check_alt(alt)
    kernels, steps = _check_layers(kernel_sizes, strides)
    fields = _fields(kernels, steps)
    counts = [last - first + 1 for first, last in fields]
    names = ["input", *(f"layer {n + 1}" for n in range(len(kernels)))]
    labels = [f"{name}: {count}" for name, count in zip(names, counts)]
    alt = alt or f"Units that one output depends on: {listing(labels)}."
    title = "units that one output depends on"
    parts = sum(counts) + sum(n * k for n, k in zip(counts[1:], kernels))
    span = max(counts) + 2
    inches = min(0.34 * span + 1.9, 8.5)
    with showing(inches, 0.62 * len(fields) + 0.3, alt, sized_by="kernel_sizes") as figure:
        ax = figure.subplots()
        if parts <= MOST_PARTS:
            _draw_units(ax, fields, kernels, steps)
        else:
            _draw_bands(ax, counts, steps)
            title += ": too many to draw each"
        ax.set_yticks(range(len(fields)), labels)
        ax.set_xlim(-span / 2, span / 2)
        ax.set_ylim(-0.5, len(fields) - 0.5)
        ax.set_xticks([])
        for spine in ax.spines.values():
            spine.set_visible(False)
        ax.tick_params(length=0)
        ax.set_title(title)


def show_blocks(blocks: Mapping[str, Mapping[str, Any]], *, alt: str | None = None) -> None:
    """Draw blocks of layers as boxes and arrows, side by side, the input at the bottom.

    Each value has `branches`, a list of lists of layer names from bottom to top; an empty
    list is the identity path. Several branches meet in `join` ('+' or 'concat'); the layers
    of `after` follow. Without `alt`, a sentence with all layers describes the figure.

    Raises TypeError for blocks that are not dictionaries and layers that are not in lists,
    and ValueError for no block, no branch, another join or key and an empty `alt`.
    """
    arguments.check_alt(alt)
    drawn = [
        check_block(f"blocks[{title!r}]", str(title), block)
        for title, block in arguments.mapping(blocks, "blocks", "{title: block}").items()
    ]
    told = "; ".join(block.told for block in drawn)
    alt = alt or f"Blocks of layers, from bottom to top: {told}."
    columns = [len(block.branches) for block in drawn]
    levels = max(b.longest + bool(b.join) + len(b.after) for b in drawn)
    width = sum(columns) * COLUMN + 0.4 * (len(drawn) - 1)
    height = levels * (BOX + GAP) + 1.25
    with showing(width, height, alt, sized_by="blocks") as figure:
        axes = np.atleast_1d(figure.subplots(1, len(drawn), width_ratios=columns))
        for ax, block in zip(axes, drawn):
            draw_block(ax, block)
            ax.set_xlim(-COLUMN / 2, (len(block.branches) - 0.5) * COLUMN)
            ax.set_ylim(-0.4, height - 0.4)
            ax.set_axis_off()
            ax.text(block.middle, -0.3, block.title, ha="center", va="center", weight="bold")


def _check_layers(kernel_sizes: Any, strides: Any) -> tuple[tuple[int, ...], tuple[int, ...]]:
    kernels = arguments.wholes(kernel_sizes, "kernel_sizes")
    if not 1 <= len(kernels) <= MOST_LAYERS:
        raise ValueError(f"kernel_sizes must name 1 to {MOST_LAYERS} layers, got {len(kernels)}")
    steps = (1,) * len(kernels) if strides is None else arguments.wholes(strides, "strides")
    if len(steps) != len(kernels):
        raise ValueError(
            f"strides must be as many as kernel_sizes, {len(kernels)}, got {len(steps)}"
        )
    return kernels, steps


def _fields(kernels: Sequence[int], strides: Sequence[int]) -> list[tuple[int, int]]:
    """Return the first and last unit that are seen, from the input up to one output."""
    fields = [(0, 0)]
    for k, s in zip(reversed(kernels), reversed(strides)):
        first, last = fields[0]
        fields.insert(0, (first * s, last * s + k - 1))
        if fields[0][1] - fields[0][0] >= MOST_INPUTS:
            raise ValueError(
                f"kernel_sizes and strides must lead to at most {MOST_INPUTS:,} inputs, got more"
            )
    return fields


def _draw_units(
    ax: Axes, fields: Sequence[tuple[int, int]], kernels: Sequence[int], strides: Sequence[int]
) -> None:
    centre: dict[tuple[int, int], float] = {}
    spacing = 1.0
    for level, (first, last) in enumerate(fields):
        spacing = 1.0 if level == 0 else spacing * strides[level - 1]
        for n, unit in enumerate(range(first, last + 1)):
            x = (n - (last - first) / 2) * spacing
            centre[level, unit] = x
            ax.add_patch(Rectangle((x - 0.4, level - 0.16), 0.8, 0.32, color=COLOURS[0]))
            if level:
                k, s = kernels[level - 1], strides[level - 1]
                for below in range(unit * s, unit * s + k):
                    ax.plot(
                        [x, centre[level - 1, below]], [level - 0.16, level - 1 + 0.16],
                        color="#999999", lw=0.6, zorder=0,
                    )  # fmt: skip


def _draw_bands(ax: Axes, counts: Sequence[int], strides: Sequence[int]) -> None:
    spacings = itertools.accumulate(strides, operator.mul, initial=1)
    halves = [(count - 1) / 2 * spacing + 0.4 for count, spacing in zip(counts, spacings)]
    for level, half in enumerate(halves):
        ax.add_patch(Rectangle((-half, level - 0.16), 2 * half, 0.32, color=COLOURS[0]))
        if level:
            below, y = halves[level - 1], level - 0.16
            corners = [(-half, y), (half, y), (below, y - 0.68), (-below, y - 0.68)]
            ax.add_patch(Polygon(corners, color="#DDDDDD", lw=0, zorder=0))
