"""The explorer as a still: some steps side by side in one figure, and all numbers as a text."""

from dataclasses import replace
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.patches import Rectangle

from helpers.explorer import model, words
from helpers.explorer.state import State
from helpers.figures.grid import FRAME, GREY, MOST_CELLS, cell_size, draw_grid, largest
from helpers.figures.show import showing

MOST_STEPS = 6
WIDEST = 9.0  # inches, so that a notebook shows all columns without shrinking them
LARGE = 2.6  # inches, the side of an input whose numbers are not shown


def chosen(state: State) -> list[State]:
    """Return the steps to show: all, or some that are spread from the first to the last."""
    if state.above:
        return [state]
    most = max(2, min(MOST_STEPS, int(WIDEST / (_side(state)[1] + 0.4))))
    if state.steps <= most:
        places = [*range(state.steps)]
    elif most > 3:  # the first two, then in even jumps
        spread = np.linspace(1, state.steps - 1, most - 1)
        places = sorted({0, state.step, *(round(float(n)) for n in spread)})
    else:
        places = sorted({0, state.step or state.steps // 2, state.steps - 1})
    return [replace(state, step=step) for step in places]


def text(states: list[State]) -> str:
    """Return as lines what the figure shows."""
    lines = [words.summary(states[0])]
    lines += [f"    {line}" for line in (*words.formulas(states[0]), *words.field(states[0]))]
    for state in states:
        lines.append(words.sentence(state))
        lines += [f"    {line}" for line in words.products(state)]
    return "\n".join(lines)


def draw(states: list[State], alt: str, place: Any = None) -> None:
    """Show the figure of these steps, in an output of its own or in `place`."""
    if states[0].above:
        _draw_field(states[0], alt, place)
    else:
        _draw_steps(states, alt, place)


def _draw_steps(states: list[State], alt: str, place: Any) -> None:
    """Draw a column for each step: each channel of the input, and the output so far below."""
    state, n = states[0], len(states[0].X)
    inputs, result = model.padded(state), model.output(state)[state.channel]
    kernels = state.K[state.channel] if state.mode == "corr" else None
    grids = [inputs[state.channel]] if kernels is None else list(inputs)
    cell, width = _side(state)
    widths = [width] * len(states)
    if kernels is not None:
        widths = [max(0.6, kernels.shape[2] * max(cell_size(k, True) for k in kernels)), *widths]
    heights = [inputs.shape[1] * cell] * len(grids) + [result.shape[0] * cell]
    inches = sum(widths) + 0.4 * len(widths), sum(heights) + 0.4 * len(heights) + 0.3
    with showing(*inches, alt, sized_by="steps, X and K", place=place) as figure:
        axes = figure.subplots(
            len(heights), len(widths), squeeze=False, width_ratios=widths, height_ratios=heights
        )
        if kernels is not None:
            _draw_kernels(axes[:, 0], kernels)
            axes = axes[:, 1:]
        for column, at in zip(axes.T, states):
            column[0].set_title(f"step {at.step + 1} of {at.steps}")
            for ax, grid in zip(column, grids):
                draw_input(ax, grid, at)
                _frame_window(ax, at)
            draw_output(column[-1], result, at)
        for row, ax in enumerate(axes[:-1, 0]):
            name = f"input {row}" if kernels is not None and n > 1 else "input"
            ax.set_ylabel(name)
        axes[-1, 0].set_ylabel("output")


def _draw_field(state: State, alt: str, place: Any) -> None:
    """Draw the input and each layer's outputs, with what the chosen output depends on."""
    masks = model.fields(state)
    names = ["input", *(f"layer {n}" for n in range(1, len(masks)))]
    sides = [max(mask.shape) for mask in masks]
    cell = min(0.3, 3.0 / max(sides))
    widths = [max(mask.shape[1], 3.0) for mask in masks]
    inches = sum(widths) * cell + 0.4 * len(masks), max(sides) * cell + 0.5
    with showing(*inches, alt, sized_by="X and above", place=place) as figure:
        for ax, mask, name in zip(
            figure.subplots(1, len(masks), width_ratios=widths), masks, names
        ):
            draw_grid(ax, np.zeros(mask.shape), False, 1.0)
            if name == "input":
                _hatch_padding(ax, state)
            for i, j in np.argwhere(mask):
                ax.add_patch(_box(i, j, 1, 1, fc=FRAME, alpha=0.45, ec="none"))
                ax.plot(j, i, marker="o", ms=2.5, color="black")
            ax.set_title(name)


def draw_input(ax: Axes, grid: np.ndarray, state: State) -> None:
    """Draw a channel of the padded input, its padding hatched."""
    draw_grid(ax, np.where(np.isfinite(grid), grid, np.nan), True)
    _hatch_padding(ax, state)


def draw_output(ax: Axes, result: np.ndarray, state: State) -> None:
    """Draw the outputs up to the chosen one, which is framed."""
    done = np.arange(result.size).reshape(result.shape) <= state.step
    draw_grid(ax, np.where(done, result, np.nan), True, largest(result))
    ax.add_patch(_box(*state.place, 1, 1, fill=False, ec=FRAME, lw=2.5, zorder=5))


def _hatch_padding(ax: Axes, state: State) -> None:
    for i, j in np.argwhere(~model.inside(state)):
        ax.add_patch(_box(i, j, 1, 1, fill=False, hatch="////", ec=GREY, lw=0, alpha=0.6))


def _frame_window(ax: Axes, state: State) -> None:
    rows, columns = model.in_window(state)
    if max(state.dilation) == 1:
        corner = rows[0], columns[0], len(rows), len(columns)
        ax.add_patch(_box(*corner, fill=False, ec=FRAME, lw=2.5, zorder=5, clip_on=False))
        return
    for i in rows:
        for j in columns:
            ax.add_patch(_box(i, j, 1, 1, fill=False, ec=FRAME, lw=2, zorder=5, clip_on=False))


def _draw_kernels(axes: np.ndarray, kernels: np.ndarray) -> None:
    for n, (ax, kernel) in enumerate(zip(axes, kernels)):
        draw_grid(ax, kernel, True)
        ax.set_title(f"kernel {n}" if len(kernels) > 1 else "kernel")
    for ax in axes[len(kernels) :]:
        ax.set_axis_off()


def _side(state: State) -> tuple[float, float]:
    """Return the side of a cell, and the width of input or output, in inches."""
    grids = (*model.padded(state), *model.output(state))
    cell, side = max(cell_size(grid, True) for grid in grids), max(map(max, map(np.shape, grids)))
    if side > MOST_CELLS:
        cell = LARGE / side
    return cell, cell * max(grid.shape[1] for grid in grids)


def _box(row: int, column: int, height: int, width: int, **style: object) -> Rectangle:
    return Rectangle((column - 0.5, row - 0.5), width, height, **style)  # type: ignore[arg-type]
