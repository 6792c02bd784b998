"""Figures: one function per idea. Each shows one PNG and needs a sentence for its reader.

`alt` describes the figure for people who cannot see it. It is the picture's alternative
text and the text form of the output, which the tests compare.
"""

import base64
import io
import itertools
from collections.abc import Mapping, Sequence

import matplotlib
import numpy as np
from matplotlib.figure import Figure
from matplotlib.patches import FancyArrowPatch, FancyBboxPatch, Rectangle
from torch import Tensor

from helpers.display import in_notebook

__all__ = [
    "plot_bars",
    "plot_lines",
    "plot_points",
    "show_blocks",
    "show_grids",
    "show_images",
    "show_receptive_field",
    "show_sliding",
]

# Okabe & Ito (2008): told apart with every common form of colour vision.
COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000")
STYLES = ("-", "--", "-.", ":", (0, (5, 1, 1, 1, 1, 1)), (0, (1, 3)), (0, (8, 3)))
MARKERS = ("o", "s", "^", "D", "v", "P", "X")
FRAME = "#D55E00"
STYLE = {"font.size": 9, "axes.titlesize": 9, "axes.spines.top": False, "axes.spines.right": False}
DPI = 160  # sharp on high-resolution screens; shown at SHOWN_DPI
SHOWN_DPI = 96


def show_images(
    images: Tensor | Sequence[Tensor],
    nrows: int = 1,
    ncols: int = 8,
    titles: Sequence[str] | None = None,
    *,
    alt: str,
    cmap: str = "gray",
    scale: float = 1.0,
) -> None:
    """Show images (n, h, w), or a list of (h, w), in rows; each in its own grey scale."""
    images = [_array(image) for image in images][: nrows * ncols]
    height = 1.25 if titles else 1.05
    with matplotlib.rc_context(STYLE):
        figure = _figure(ncols * 1.05 * scale, nrows * height * scale)
        axes = figure.subplots(nrows, ncols, squeeze=False).ravel()
        for ax in axes:
            ax.set_axis_off()
        for i, (ax, image) in enumerate(zip(axes, images)):
            ax.imshow(image, cmap=cmap)
            ax.set_anchor("N")  # titles of images of different shapes stay on one line
            if titles and i < len(titles):
                ax.set_title(titles[i], fontsize=8)
        _show(figure, alt)


def show_grids(
    arrays: Sequence[Tensor],
    titles: Sequence[str],
    *,
    alt: str,
    highlight: Sequence[tuple[int, int, int, int] | None] | None = None,
    values: bool = True,
) -> None:
    """Show 2-D tensors as coloured grids side by side, with their numbers in the cells.

    `highlight` frames (row, column, height, width) in each array, or None.
    """
    arrays = [_array(array) for array in arrays]
    cells = [_cell_size(a, values) for a in arrays]
    with matplotlib.rc_context(STYLE):
        widths = [max(a.shape[1] * c, 0.085 * len(t)) for a, c, t in zip(arrays, cells, titles)]
        height = max(a.shape[0] * c for a, c in zip(arrays, cells))
        figure = _figure(sum(widths) + 0.35 * len(arrays), height + 0.4)
        axes = np.atleast_1d(figure.subplots(1, len(arrays), width_ratios=widths))
        frames = highlight or [None] * len(arrays)
        for ax, array, title, frame in zip(axes, arrays, titles, frames):
            _draw_grid(ax, array, values)
            ax.set_title(title)
            if frame is not None:
                _draw_frame(ax, *frame)
        _show(figure, alt)


def show_sliding(
    X: Tensor, K: Tensor, steps: Sequence[tuple[int, int]] | None = None, *, alt: str
) -> None:
    """Show the kernel `K` sliding over `X`: one column per step, input above, output below.

    `steps` are output positions (row, column); without them, all (for small inputs).
    """
    X, K = _array(X), _array(K)
    rows, columns = X.shape[0] - K.shape[0] + 1, X.shape[1] - K.shape[1] + 1
    steps = list(steps or [(i, j) for i in range(rows) for j in range(columns)])
    windows = np.lib.stride_tricks.sliding_window_view(X, K.shape)
    result = np.einsum("ijkl,kl->ij", windows, K)
    cell = max(_cell_size(X, True), _cell_size(result, True))
    widths = [K.shape[1], *[X.shape[1]] * len(steps)]
    with matplotlib.rc_context(STYLE):
        figure = _figure(sum(widths) * cell + 0.4 * len(widths), (X.shape[0] + rows) * cell + 0.9)
        axes = figure.subplots(
            2, len(widths), squeeze=False, width_ratios=widths, height_ratios=[X.shape[0], rows]
        )
        _draw_grid(axes[0, 0], K, True)
        axes[0, 0].set_title("kernel")
        axes[1, 0].set_axis_off()
        for column, (i, j) in enumerate(steps, start=1):
            top, bottom = axes[:, column]
            _draw_grid(top, X, True)
            _draw_frame(top, i, j, *K.shape)
            top.set_title(f"step {i * columns + j + 1} of {rows * columns}")
            done = np.arange(result.size).reshape(result.shape) <= i * columns + j
            _draw_grid(bottom, np.where(done, result, np.nan), True, np.abs(result).max())
            _draw_frame(bottom, i, j, 1, 1)
        axes[0, 1].set_ylabel("input")
        axes[1, 1].set_ylabel("output")
        _show(figure, alt)


def show_receptive_field(
    kernel_sizes: Sequence[int], strides: Sequence[int] | None = None, *, alt: str
) -> None:
    """Show which inputs one output of a stack of layers depends on, as a slice along one axis.

    `kernel_sizes` and `strides` are those of the layers, from the input on.
    """
    strides = list(strides or [1] * len(kernel_sizes))
    fields = [(0, 0)]  # first and last unit seen, from the output down to the input
    for k, s in zip(reversed(kernel_sizes), reversed(strides)):
        first, last = fields[0]
        fields.insert(0, (first * s, last * s + k - 1))
    counts = [last - first + 1 for first, last in fields]
    span = max(counts) + 2
    with matplotlib.rc_context(STYLE):
        figure = _figure(min(0.34 * span + 1.9, 8.5), 0.62 * len(fields) + 0.3)
        ax = figure.subplots()
        centre = {}
        spacing = 1.0
        for level, (first, last) in enumerate(fields):
            spacing = 1.0 if level == 0 else spacing * strides[level - 1]
            for n, unit in enumerate(range(first, last + 1)):
                x = (n - (last - first) / 2) * spacing
                centre[level, unit] = x
                ax.add_patch(Rectangle((x - 0.4, level - 0.16), 0.8, 0.32, color=COLOURS[0]))
                if level:
                    k, s = kernel_sizes[level - 1], strides[level - 1]
                    for below in range(unit * s, unit * s + k):
                        ax.plot(
                            [x, centre[level - 1, below]], [level - 0.16, level - 1 + 0.16],
                            color="#999999", lw=0.6, zorder=0,
                        )  # fmt: skip
        names = ["input", *(f"layer {n + 1}" for n in range(len(kernel_sizes)))]
        labels = [f"{name}: {count}" for name, count in zip(names, counts)]
        ax.set_yticks(range(len(fields)), labels)
        ax.set_xlim(-span / 2, span / 2)
        ax.set_ylim(-0.5, len(fields) - 0.5)
        ax.set_xticks([])
        for spine in ax.spines.values():
            spine.set_visible(False)
        ax.tick_params(length=0)
        ax.set_title("units that one output depends on")
        _show(figure, alt)


def plot_lines(
    x: Sequence[float],
    lines: Mapping[str, Sequence[float]],
    xlabel: str,
    ylabel: str,
    *,
    alt: str,
    xscale: str = "linear",
    yscale: str = "linear",
) -> None:
    """Plot y values over common x values, one line for each label."""
    with matplotlib.rc_context(STYLE):
        figure = _figure(4.2, 2.7)
        ax = figure.subplots()
        _draw_lines(ax, x, lines)
        ax.set(xlabel=xlabel, ylabel=ylabel, xscale=xscale, yscale=yscale)
        if xscale == "linear" and all(value == round(value) for value in _array(x)):
            ax.xaxis.get_major_locator().set_params(integer=True)
        _show(figure, alt)


def plot_points(
    points: Mapping[str, tuple[float, float]],
    xlabel: str,
    ylabel: str,
    *,
    alt: str,
    xscale: str = "linear",
    yscale: str = "linear",
) -> None:
    """Plot labelled points, {label: (x, y)}, each with its label beside it."""
    with matplotlib.rc_context(STYLE):
        figure = _figure(5.2, 3.2)
        ax = figure.subplots()
        for n, (label, (x, y)) in enumerate(points.items()):
            ax.plot(x, y, color=COLOURS[n % len(COLOURS)], marker=MARKERS[n % len(MARKERS)], ls="")
            ax.annotate(label, (x, y), (5, 4), textcoords="offset points", fontsize=8)
        ax.set(xlabel=xlabel, ylabel=ylabel, xscale=xscale, yscale=yscale)
        ax.margins(x=0.12, y=0.12)
        ax.grid(alpha=0.3)
        _show(figure, alt)


def plot_bars(
    labels: Sequence[str],
    groups: Mapping[str, Sequence[float]],
    ylabel: str,
    *,
    alt: str,
    yscale: str = "linear",
) -> None:
    """Plot one group of bars for each label, one bar in it for each entry of `groups`."""
    with matplotlib.rc_context(STYLE):
        figure = _figure(max(3.2, 0.55 * len(labels) * max(1, len(groups) / 2) + 1.2), 2.7)
        ax = figure.subplots()
        width = 0.8 / len(groups)
        hatches = ("", "//", "..", "xx", "\\\\")
        for n, (name, values) in enumerate(groups.items()):
            x = np.arange(len(labels)) - 0.4 + width * (n + 0.5)
            ax.bar(x, _array(values), width, label=name, color=COLOURS[n], edgecolor="white",
                   hatch=hatches[n % len(hatches)])  # fmt: skip
        long = max(map(len, labels)) > 6
        ax.set_xticks(range(len(labels)), labels, rotation=30 if long else 0,
                      ha="right" if long else "center")  # fmt: skip
        ax.set(ylabel=ylabel, yscale=yscale)
        if len(groups) > 1:
            figure.legend(loc="outside upper center", ncols=len(groups), frameon=False)
        _show(figure, alt)


def show_blocks(blocks: Mapping[str, Mapping], *, alt: str) -> None:
    """Draw blocks of layers as boxes and arrows, side by side, the input at the bottom.

    Each value has `branches`, a list of lists of layer names from bottom to top; an empty
    list is the identity path. Several branches meet in `join` ('+' or 'concat'); the layers
    of `after` follow.
    """
    box, gap, column = 0.42, 0.24, 1.5
    columns = [len(block["branches"]) for block in blocks.values()]
    levels = max(
        max(map(len, block["branches"])) + bool(block.get("join")) + len(block.get("after") or [])
        for block in blocks.values()
    )
    height = levels * (box + gap) + 1.25
    with matplotlib.rc_context(STYLE):
        figure = _figure(sum(columns) * column + 0.4 * (len(blocks) - 1), height)
        axes = np.atleast_1d(figure.subplots(1, len(blocks), width_ratios=columns))
        for ax, (title, block) in zip(axes, blocks.items()):
            _draw_block(ax, block, box, gap, column)
            ax.set_xlim(-column / 2, (len(block["branches"]) - 0.5) * column)
            ax.set_ylim(-0.4, height - 0.4)
            ax.set_axis_off()
            middle = (len(block["branches"]) - 1) / 2 * column
            ax.text(middle, -0.3, title, ha="center", va="center", weight="bold")
        _show(figure, alt)


class LiveCurves:
    """The curves of a training, redrawn after every epoch in one place of a notebook."""

    def __init__(self, max_epochs: int, enabled: bool):
        self.enabled, self._max_epochs, self._handle = enabled, max_epochs, None
        if enabled:
            from IPython.display import display

            # Takes its place now, above the progress bar.
            text = {"text/plain": "The curves appear here after the first epoch."}
            self._handle = display(text, raw=True, display_id=True)

    def draw(self, history: Sequence[Mapping[str, float]]) -> None:
        """Show the metrics of all epochs so far, in place of the last drawing."""
        if not self.enabled:
            return
        skipped = ("epoch", "lr", "seconds", "images_per_s")
        keys = [key for key in history[-1] if key not in skipped and history[-1][key] is not None]
        losses = [key for key in keys if key.endswith("loss")]
        panels = [panel for panel in (losses, [k for k in keys if k not in losses]) if panel]
        with matplotlib.rc_context(STYLE):
            figure = _figure(3.6 * len(panels), 2.5)
            epochs = [row["epoch"] for row in history]
            for ax, panel in zip(figure.subplots(1, len(panels), squeeze=False)[0], panels):
                _draw_lines(ax, epochs, {k: [row.get(k, np.nan) for row in history] for k in panel})
                ax.set_xlabel("epoch")
                ax.set_xlim(0.8, max(self._max_epochs, 2) + 0.2)
                ax.xaxis.get_major_locator().set_params(integer=True)
                ax.ticklabel_format(useOffset=False)
                if all(key.endswith("acc") for key in panel):
                    ax.set_ylim(0, 1)
            first, last = history[0], history[-1]
            changes = (f"{k} {first[k]:.3f} → {last[k]:.3f}" for k in keys if k in first)
            alt = f"Curves after epoch {last['epoch']}: {', '.join(changes)}."
            _show(figure, alt, self._handle)


# --- drawing ---------------------------------------------------------------------------


def _array(values) -> np.ndarray:
    if isinstance(values, Tensor):
        values = values.detach().cpu().float().numpy()
    return np.asarray(values, dtype=float)


def _figure(width: float, height: float) -> Figure:
    # A plain Figure, without pyplot: nothing is left open, and no backend interferes. White,
    # so that it can be read in JupyterLab's dark theme too.
    return Figure(figsize=(width, height), layout="constrained", facecolor="white")


def _cell_size(array: np.ndarray, values: bool) -> float:
    if not values or max(array.shape) > 12:
        return min(0.3, 3.2 / max(array.shape))
    return max(0.3, 0.1 * max(len(_number(v)) for v in array.flat) + 0.08)


def _number(value: float) -> str:
    if np.isnan(value):
        return ""
    return f"{value:.0f}" if value == round(value) else f"{value:.2f}"


def _draw_grid(ax, array: np.ndarray, values: bool, bound: float | None = None) -> None:
    h, w = array.shape
    bound = bound or max(np.nanmax(np.abs(array), initial=0), 1e-12)
    # Blue is negative, white zero, red positive: the sign is what most grids are about.
    ax.imshow(array, cmap="RdBu_r", vmin=-1.6 * bound, vmax=1.6 * bound)
    ax.set_xticks([])
    ax.set_yticks([])
    for spine in ax.spines.values():
        spine.set(visible=True, color="#777777", lw=0.8)
    if max(h, w) > 12:
        return
    for i in range(1, h):
        ax.axhline(i - 0.5, color="#777777", lw=0.5)
    for j in range(1, w):
        ax.axvline(j - 0.5, color="#777777", lw=0.5)
    if values:
        for (i, j), value in np.ndenumerate(array):
            ax.text(j, i, _number(value), ha="center", va="center", fontsize=8, color="black")


def _draw_frame(ax, row: int, column: int, height: int, width: int) -> None:
    ax.add_patch(
        Rectangle((column - 0.5, row - 0.5), width, height, fill=False, ec=FRAME, lw=2.5, zorder=5,
                  clip_on=False)
    )  # fmt: skip


def _draw_lines(ax, x: Sequence[float], lines: Mapping[str, Sequence[float]]) -> None:
    x = _array(x)
    for n, (label, y) in enumerate(lines.items()):
        ax.plot(
            x, _array(y), label=label, color=COLOURS[n % len(COLOURS)],
            ls=STYLES[n % len(STYLES)], marker=MARKERS[n % len(MARKERS)] if len(x) <= 20 else None,
            ms=3.5,
        )  # fmt: skip
    ax.grid(alpha=0.3)
    if len(lines) > 1:
        ax.legend(frameon=False)
    else:
        ax.set_ylabel(*lines)


def _draw_block(ax, block: Mapping, box: float, gap: float, column: float) -> None:
    branches, join = block["branches"], block.get("join")
    middle = (len(branches) - 1) / 2 * column

    def label(x, y, text, fill="#DCEAF5"):
        ax.add_patch(
            FancyBboxPatch((x - 0.43 * column, y), 0.86 * column, box, fc=fill, ec="#444444",
                           lw=0.8, boxstyle="round,pad=0,rounding_size=0.06")
        )  # fmt: skip
        ax.text(x, y + box / 2, text, ha="center", va="center", fontsize=8)
        return y + box

    def arrow(points):
        for (x0, y0), (x1, y1) in itertools.pairwise(points):
            ax.plot([x0, x1], [y0, y1], color="#444444", lw=1)
        ax.add_patch(
            FancyArrowPatch(*points[-2:], arrowstyle="-|>", mutation_scale=8, color="#444444", lw=1,
                            shrinkA=0, shrinkB=0)
        )  # fmt: skip

    ax.text(middle, 0.02, "input", ha="center", va="bottom", fontsize=8)
    fork = 0.34
    top = fork + gap + max(map(len, branches)) * (box + gap)
    for n, layers in enumerate(branches):
        x, y = n * column, fork
        ax.plot([middle, middle, x], [0.2, fork, fork], color="#444444", lw=1)
        for layer in layers:
            arrow([(x, y), (x, y + gap)])
            y = label(x, y + gap, layer)
        if not layers:
            ax.text(x + 0.06, (fork + top) / 2, "identity", rotation=90, va="center", fontsize=8)
        if join:
            meet = top + 0.14
            if x == middle:
                arrow([(x, y), (x, top)])
            else:
                side = 0.14 if join == "+" else 0.43 * column
                arrow([(x, y), (x, meet), (middle + np.sign(x - middle) * side, meet)])
    y = fork + max(map(len, branches)) * (box + gap)
    if join == "+":
        ax.text(middle, top + 0.14, "+", ha="center", va="center", fontsize=11,
                bbox={"boxstyle": "circle,pad=0.15", "fc": "#FBE3D2", "ec": "#444444"})  # fmt: skip
        y = top + 0.28
    elif join:
        ax.add_patch(
            FancyBboxPatch((middle - 0.43 * column, top), 0.86 * column, 0.28, fc="#FBE3D2",
                           ec="#444444", lw=0.8, boxstyle="round,pad=0,rounding_size=0.06")
        )  # fmt: skip
        ax.text(middle, top + 0.14, "concatenate", ha="center", va="center", fontsize=8)
        y = top + 0.28
    for layer in block.get("after") or ():
        arrow([(middle, y), (middle, y + gap)])
        y = label(middle, y + gap, layer)
    arrow([(middle, y), (middle, y + gap)])
    ax.text(middle, y + gap + 0.02, "output", ha="center", va="bottom", fontsize=8)


def _show(figure: Figure, alt: str, handle=None) -> None:
    """Display a figure in a notebook with its alternative text, in the handle's place if any."""
    if not in_notebook():
        return
    from IPython.display import display

    buffer = io.BytesIO()
    figure.savefig(buffer, format="png", dpi=DPI)
    width, height = (round(inches * SHOWN_DPI) for inches in figure.get_size_inches())
    data = {"image/png": base64.b64encode(buffer.getvalue()).decode(), "text/plain": alt}
    metadata = {"image/png": {"width": width, "height": height, "alt": alt}}
    if handle is None:
        display(data, raw=True, metadata=metadata)
    else:
        handle.update(data, raw=True, metadata=metadata)
