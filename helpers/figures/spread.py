"""What stands on points and bars: the spread of a mean as an error bar, and written values."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.container import BarContainer

from helpers.figures.arguments import brief, columns
from helpers.figures.drawn import SPREAD, VALUE

MOST_BARS = 20  # a line with more points has error bars at some of them only


def check_spread(spread: Any, drawn: Mapping[str, np.ndarray], of: str) -> Mapping[str, np.ndarray]:
    """Return {label: array (n,)} of some of what is drawn, `of` by name; TypeError, ValueError."""
    if spread is None:
        return {}
    wanted = f"{{label: spread of each of its {of}}}"
    count = len(next(iter(drawn.values())))
    spreads = columns(spread, "spread", wanted, count, of)
    for label, values in spreads.items():
        name = f"spread[{label!r}]"
        if label not in drawn:
            known = ", ".join(map(repr, drawn))
            raise ValueError(f"spread must have labels of {of}, {known}, got {brief(label)}")
        if np.nanmin(values, initial=0) < 0:
            raise ValueError(f"{name} must hold numbers from 0 on, got {np.nanmin(values):g}")
    return spreads


def draw_spread(
    ax: Axes,
    x: np.ndarray,
    y: np.ndarray,
    spread: np.ndarray | None,
    label: str,
    colour: str,
) -> None:
    """Draw an error bar from y − spread to y + spread at each x, at most at 20 of them."""
    if spread is None:
        return
    every = -(-len(x) // MOST_BARS)
    drawn = ax.errorbar(x[::every], y[::every], spread[::every], fmt="none", ecolor=colour,
                        elinewidth=1, capsize=2.5, label=f"_spread of {label}")  # fmt: skip
    for cap in drawn.lines[1]:
        cap.set_gid(SPREAD)


def check_format(values: Any) -> str | None:
    """Return the format of written values, None for none; TypeError or ValueError else."""
    if isinstance(values, bool):
        return ",.3g" if values else None
    wanted = "values must be True, False or a format of numbers such as '.2f'"
    if not isinstance(values, str):
        raise TypeError(f"{wanted}, got {brief(values)}")
    try:
        format(1.0, values)
    except ValueError:
        raise ValueError(f"{wanted}, got {brief(values)}") from None
    return values


def draw_values(
    ax: Axes,
    bars: BarContainer,
    heights: np.ndarray,
    how: str | None,
    spread: np.ndarray | None,
) -> None:
    """Write the height of each bar at its end, beyond its error bar if it has one."""
    if how is None:
        return
    sizes = np.zeros_like(heights) if spread is None else np.nan_to_num(spread)
    for bar, height, beyond in zip(bars, heights, sizes):
        up = not height < 0
        end = (bar.get_x() + bar.get_width() / 2, height + (beyond if up else -beyond))
        ax.annotate(written(height, how), end, (0, 2 if up else -2), fontsize=7.5,
                    textcoords="offset points", ha="center",
                    va="bottom" if up else "top", gid=VALUE)  # fmt: skip
    ax.margins(y=0.1)  # room for the numbers


def written(value: float, how: str) -> str:
    """Return a number in a format; a large one to its last digit, and nothing for NaN."""
    if np.isnan(value):
        return ""
    if how == ",.3g" and abs(value) >= 100:
        return f"{value:,.0f}"
    return format(value, how)


def short(value: float, spread: np.ndarray | None, n: int) -> str:
    """Return '0.8', or '0.8 ± 0.02' with the spread of the n-th value."""
    return f"{value:.3g}" if spread is None else f"{value:.3g} ± {spread[n]:.2g}"
