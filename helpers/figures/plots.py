"""Numbers over numbers, and numbers with names: lines, points, bars."""

from collections.abc import Iterable, Mapping
from typing import Any, cast

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator

from helpers.figures import arguments
from helpers.figures.arguments import Numbers, brief, counted, listing, numbers
from helpers.figures.show import COLOURS, showing
from helpers.figures.spread import check_format, check_spread, draw_spread, draw_values, short

STYLES = ("-", "--", "-.", ":", (0, (5, 1, 1, 1, 1, 1)), (0, (1, 3)), (0, (8, 3)))
MARKERS = ("o", "s", "^", "D", "v", "P", "X")
HATCHES = ("", "//", "..", "xx", "\\\\")
BLACK = COLOURS[-1]
MOST_GROUPS = len(COLOURS) * len(HATCHES)  # so many bars look different


def plot_lines(
    x: Numbers,
    lines: Mapping[str, Numbers],
    xlabel: str,
    ylabel: str,
    *,
    alt: str | None = None,
    xscale: str = "linear",
    yscale: str = "linear",
    spread: Mapping[str, Numbers] | None = None,
) -> None:
    """Plot y values over common x values, one line for each label.

    Shapes: `x` (n,), each of `lines` (n,), from {label: y values}; NaN and None leave a gap.
    `spread` (n,) of a label draws an error bar at each value, from value − spread to value +
    spread: with means over seeds, their standard deviations. Scales are those of Matplotlib,
    such as 'log'. Without `alt`, a sentence with the first and last values describes the
    figure.

    Raises TypeError for what is not real numbers, and ValueError for another shape or length,
    no line, an `x` that is not finite, a `spread` below 0 or of what is not drawn, an unknown
    scale and an empty `alt`.
    """
    arguments.check_alt(alt)
    arguments.check_text(xlabel=xlabel, ylabel=ylabel)
    x = numbers(x, "x", 1, ", the x values of all lines")
    if not np.isfinite(x).all():
        raise ValueError(f"x must hold finite numbers, got {x[~np.isfinite(x)][0]}")
    drawn = arguments.columns(lines, "lines", "{label: y values}", len(x), "x")
    scales = arguments.scales(xscale=xscale, yscale=yscale)
    spreads = check_spread(spread, drawn, "lines")
    told = listing([_told_line(label, y, spreads.get(label)) for label, y in drawn.items()])
    alt = alt or f"A figure of {counted(len(drawn), 'line')}, {ylabel} over {xlabel}: {told}."
    with showing(4.2, 2.7, alt) as figure:
        ax = figure.subplots()
        draw_lines(ax, x, drawn)
        for n, (label, y) in enumerate(drawn.items()):
            draw_spread(ax, x, y, spreads.get(label), label, COLOURS[n % len(COLOURS)])
        ax.set(xlabel=xlabel, ylabel=ylabel, **scales)
        if xscale == "linear" and np.all(x == np.round(x)):
            whole_ticks(ax)
            if len(set(x)) == 1:
                ax.set_xticks(x[:1])


def plot_points(
    points: Mapping[str, Iterable[float]],
    xlabel: str,
    ylabel: str,
    *,
    alt: str | None = None,
    xscale: str = "linear",
    yscale: str = "linear",
    spread: Mapping[str, float] | None = None,
) -> None:
    """Plot labelled points, {label: (x, y)}, each with its label beside it.

    `spread`, {label: number}, draws an error bar from y − number to y + number. Scales are
    those of Matplotlib, such as 'log'. Without `alt`, a sentence with the points describes the
    figure.

    Raises TypeError for what is not real numbers, and ValueError for points that are not
    pairs, no point, a `spread` below 0 or of what is not drawn, an unknown scale and an empty
    `alt`.
    """
    arguments.check_alt(alt)
    arguments.check_text(xlabel=xlabel, ylabel=ylabel)
    pairs = {
        label: numbers(point, f"points[{label!r}]", 1, " of two numbers, (x, y)")
        for label, point in arguments.mapping(points, "points", "{label: (x, y)}").items()
    }
    for label, pair in pairs.items():
        if len(pair) != 2:
            raise ValueError(f"points[{label!r}] must be (x, y), got {brief(points[label])}")
    scales = arguments.scales(xscale=xscale, yscale=yscale)
    single = None
    if spread is not None:
        wanted = "{label: spread of y}"
        single = {k: [v] for k, v in arguments.mapping(spread, "spread", wanted).items()}
    spreads = check_spread(single, {label: pair[1:] for label, pair in pairs.items()}, "points")
    told = listing([f"{k} ({x:.3g}, {short(y, spreads.get(k), 0)})" for k, (x, y) in pairs.items()])
    alt = alt or f"A figure of {counted(len(pairs), 'point')}, {ylabel} over {xlabel}: {told}."
    with showing(5.2, 3.2, alt) as figure:
        ax = figure.subplots()
        for n, (label, (x, y)) in enumerate(pairs.items()):
            colour = COLOURS[n % len(COLOURS)]
            ax.plot(x, y, color=colour, marker=MARKERS[n % len(MARKERS)], ls="")
            draw_spread(ax, pairs[label][:1], pairs[label][1:], spreads.get(label), label, colour)
        ax.set(xlabel=xlabel, ylabel=ylabel, **scales)
        ax.margins(x=0.12, y=0.12)
        ax.grid(alpha=0.3)
        _write_beside(ax, pairs)


def _write_beside(ax: Axes, pairs: Mapping[str, np.ndarray]) -> None:
    """Write each label to the right of its point, below it where another point is in the way."""
    ax.autoscale_view()
    places = {k: ax.transData.transform(pair) * 72 / ax.figure.dpi for k, pair in pairs.items()}
    for label, place in places.items():
        away = [other - place for k, other in places.items() if k != label]
        wide = 5 + 5 * len(label)  # points, at this size of letters
        taken = any(-20 < right < wide and 0 <= up < 20 for right, up in away)
        x, y = pairs[label]
        offset = (5, -11 if taken else 4)
        ax.annotate(label, (x, y), offset, textcoords="offset points", fontsize=8)


def plot_bars(
    labels: Iterable[Any],
    groups: Mapping[str, Numbers],
    ylabel: str,
    *,
    alt: str | None = None,
    yscale: str = "linear",
    values: bool | str = False,
    spread: Mapping[str, Numbers] | None = None,
) -> None:
    """Plot one group of bars for each label, one bar in it for each entry of `groups`.

    Shapes: `labels` (n,), each of `groups` (n,); at most 35 groups, which still look
    different. With `values`, each bar has its height written on it: True, or a format such as
    '.2f'. `spread` (n,) of a group draws an error bar on each of its bars, from height −
    spread to height + spread: with means over seeds, their standard deviations. Without `alt`,
    a sentence with the values describes the figure.

    Raises TypeError for what is not real numbers, and ValueError for another length, no
    label, no group or too many, a `spread` below 0 or of what is not drawn, an unknown format
    or scale and an empty `alt`.
    """
    arguments.check_alt(alt)
    arguments.check_text(ylabel=ylabel)
    names = [str(label) for label in arguments.items(labels, "labels", "names")]
    if not names:
        raise ValueError("labels must name at least one group of bars, got none")
    drawn = arguments.columns(groups, "groups", "{name: values}", len(names), "labels")
    if len(drawn) > MOST_GROUPS:
        raise ValueError(
            f"groups must be at most {MOST_GROUPS}, so that all look different, got {len(drawn)}"
        )
    scales = arguments.scales(yscale=yscale)
    spreads, how = check_spread(spread, drawn, "groups"), check_format(values)
    alt = alt or _told_bars(names, drawn, spreads, ylabel)
    inches = max(3.2, 0.55 * len(names) * max(1, len(drawn) / 2) + 1.2)
    with showing(inches, 2.7, alt, sized_by="labels and groups") as figure:
        ax = figure.subplots()
        width = 0.8 / len(drawn)
        for n, (name, heights) in enumerate(drawn.items()):
            x = np.arange(len(names)) - 0.4 + width * (n + 0.5)
            bars = ax.bar(x, heights, width, label=name, color=COLOURS[n % len(COLOURS)],
                          edgecolor="white", hatch=HATCHES[n % len(HATCHES)])  # fmt: skip
            draw_spread(ax, x, heights, spreads.get(name), name, BLACK)
            draw_values(ax, bars, heights, how, spreads.get(name))
        long = max(map(len, names)) > 6
        ax.set_xticks(range(len(names)), names, rotation=30 if long else 0,
                      ha="right" if long else "center")  # fmt: skip
        ax.set(ylabel=ylabel, **scales)
        if len(drawn) > 1:
            columns = len(drawn)
            if columns > len(COLOURS):  # more rows, or the names would run out of the figure
                columns = max(1, int(inches / (0.7 + 0.08 * max(map(len, map(str, drawn))))))
            figure.legend(loc="outside upper center", ncols=columns, frameon=False)


def draw_lines(ax: Axes, x: np.ndarray, lines: Mapping[str, np.ndarray]) -> None:
    """Draw lines that are told apart by colour, style and marker, with their names."""
    for n, (label, y) in enumerate(lines.items()):
        turn = n // len(COLOURS)  # the eighth line has the first colour, in another style
        ax.plot(
            x, y, label=label, color=COLOURS[n % len(COLOURS)],
            ls=STYLES[(n + turn) % len(STYLES)],
            marker=MARKERS[(n + turn) % len(MARKERS)] if len(x) <= 20 else None, ms=3.5,
        )  # fmt: skip
    ax.grid(alpha=0.3)
    if len(lines) > 1:
        ax.legend(frameon=False)
    else:
        ax.set_ylabel(next(iter(lines)))


def whole_ticks(ax: Axes) -> None:
    """Put the ticks of a linear x axis at whole numbers."""
    cast(MaxNLocator, ax.xaxis.get_major_locator()).set_params(integer=True)


def _told_line(label: str, y: np.ndarray, spread: np.ndarray | None) -> str:
    return f"{label} from {short(y[0], spread, 0)} to {short(y[-1], spread, -1)}"


def _told_bars(
    names: list[str],
    values: Mapping[str, np.ndarray],
    spreads: Mapping[str, np.ndarray],
    ylabel: str,
) -> str:
    told = []
    for group, heights in values.items():
        spread = spreads.get(group)
        each = enumerate(zip(names, heights))
        bars = listing([f"{name} {short(height, spread, n)}" for n, (name, height) in each])
        told.append(bars if len(values) == 1 else f"{group}: {bars}")
    return f"A figure of bars, {ylabel}: {'; '.join(told)}."
