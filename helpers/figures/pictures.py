"""Arrays as pictures: images in grey or about zero, and a kernel on its way over one."""

from collections.abc import Iterable
from typing import Any

import matplotlib
import numpy as np

from helpers.figures import arguments
from helpers.figures.arguments import Numbers, brief, counted, listing, numbers, size, whole, wholes
from helpers.figures.grid import ABOUT_ZERO, cell_size, draw_frame, draw_grid, largest, number
from helpers.figures.show import showing

MOST_IMAGES = 1000  # these take some ten seconds


def show_images(
    images: Numbers,
    nrows: int = 1,
    ncols: int = 8,
    titles: Iterable[str] | None = None,
    *,
    alt: str | None = None,
    cmap: str | None = None,
    scale: float = 1.0,
    vmin: float | None = None,
    vmax: float | None = None,
    centre: bool | Iterable[int] = False,
) -> None:
    """Show images (n, h, w), or a list of (h, w), in rows; each in its own grey scale.

    With `vmin` and `vmax`, the values that are black and white, all have one scale: 0 and 1
    for images whose brightness is compared. With `centre`, too: zero is white in all of them,
    negative values are blue and positive ones red, as in `show_grids`; [1, 2] in place of True
    does so for the second and third image, and leaves the others grey. Colour images are
    (h, w, 3) with values from 0 to 1. The first `nrows` × `ncols` are shown; `titles` belong
    to these or to all that were given. Without `alt`, a sentence with the titles describes
    the figure.

    Raises TypeError for what is not real numbers, and ValueError for another shape, no
    image, another number of titles, rows or columns below 1, an unknown `cmap`, a `vmin` that
    is not below `vmax`, a number in `centre` that no image has, a `scale` that makes the figure
    too large and an empty `alt`.
    """
    arguments.check_alt(alt)
    rows, columns = whole(nrows, "nrows"), whole(ncols, "ncols")
    if rows * columns > MOST_IMAGES:
        raise ValueError(f"nrows × ncols must be at most {MOST_IMAGES:,}, got {rows} × {columns}")
    scale = arguments.positive(scale, "scale")
    if cmap is not None and not (isinstance(cmap, str) and cmap in matplotlib.colormaps):
        raise ValueError(
            f"cmap must be a colour map such as 'gray' or 'viridis', got {brief(cmap)}"
        )
    given = arguments.several(images, "images")
    shown = [_image(image, f"images[{i}]") for i, image in enumerate(given[: rows * columns])]
    names = arguments.titles(titles, len(shown), len(given))
    grey = {"cmap": cmap or "gray", **_limits(vmin, vmax)}
    about_zero = _check_centre(centre, len(given))
    bound = max((largest(image) for n, image in enumerate(shown) if n in about_zero), default=0)
    coloured = {"cmap": cmap or ABOUT_ZERO, "vmin": -bound or -1.0, "vmax": bound or 1.0}
    told = listing(names) if names else f"the first of {size(shown[0].shape[:2])} pixels"
    alt = alt or f"A figure of {counted(len(shown), 'image')}: {told}."
    width, height = columns * 1.05 * scale, rows * (1.25 if names else 1.05) * scale
    with showing(width, height, alt, sized_by="nrows, ncols and scale") as figure:
        axes = figure.subplots(rows, columns, squeeze=False).ravel()
        for ax in axes:
            ax.set_axis_off()
        for n, (ax, image) in enumerate(zip(axes, shown)):
            ax.imshow(image, **(coloured if n in about_zero else grey))
            ax.set_anchor("N")  # titles of images of different shapes stay on one line
        for ax, name in zip(axes, names):
            ax.set_title(name, fontsize=8)


def show_sliding(
    X: Numbers,
    K: Numbers,
    steps: Iterable[tuple[int, int]] | None = None,
    *,
    alt: str | None = None,
) -> None:
    """Show the kernel `K` sliding over `X`: one column per step, input above, output below.

    Shapes: `X` (h, w), `K` (k_h, k_w); the output is (h − k_h + 1, w − k_w + 1). `steps` are
    output positions (row, column); without them, all (for small inputs). Without `alt`, a
    sentence with the outputs describes the figure.

    Raises TypeError for what is not real numbers, and ValueError for arrays that are not 2-D,
    a kernel larger than `X`, a step outside the output, too many steps and an empty `alt`.
    """
    arguments.check_alt(alt)
    X = numbers(X, "X", 2, ", (height, width)")
    K = numbers(K, "K", 2, ", (kernel height, kernel width)")
    if any(k > n for k, n in zip(K.shape, X.shape)):
        raise ValueError(f"K must not be larger than X, {X.shape}, got {K.shape}")
    rows, columns = X.shape[0] - K.shape[0] + 1, X.shape[1] - K.shape[1] + 1
    positions = _steps(steps, rows, columns)
    windows = np.lib.stride_tricks.sliding_window_view(X, K.shape)
    result = np.einsum("ijkl,kl->ij", windows, K)
    outputs = listing([number(result[position]) for position in positions])
    alt = alt or (
        f"A {size(K.shape)} kernel slides over a {size(X.shape)} input, "
        f"{counted(len(positions), 'step')} of {rows * columns}; outputs {outputs}."
    )
    cell = max(cell_size(X, True), cell_size(result, True))
    widths = [K.shape[1], *[X.shape[1]] * len(positions)]
    inches = (sum(widths) * cell + 0.4 * len(widths), (X.shape[0] + rows) * cell + 0.9)
    with showing(*inches, alt, sized_by=f"{len(positions)} steps over X") as figure:
        axes = figure.subplots(
            2, len(widths), squeeze=False, width_ratios=widths, height_ratios=[X.shape[0], rows]
        )
        draw_grid(axes[0, 0], K, True)
        axes[0, 0].set_title("kernel")
        axes[1, 0].set_axis_off()
        for (top, bottom), (i, j) in zip(axes[:, 1:].T, positions):
            draw_grid(top, X, True)
            draw_frame(top, i, j, *K.shape)
            top.set_title(f"step {i * columns + j + 1} of {rows * columns}")
            done = np.arange(result.size).reshape(result.shape) <= i * columns + j
            draw_grid(bottom, np.where(done, result, np.nan), True, largest(result))
            draw_frame(bottom, i, j, 1, 1)
        axes[0, 1].set_ylabel("input")
        axes[1, 1].set_ylabel("output")


def _image(values: Numbers, name: str) -> np.ndarray:
    image = numbers(values, name)
    if image.ndim == 3 and image.shape[2] in (3, 4):
        if not (image.min() >= -0.001 and image.max() <= 1.001):
            raise ValueError(
                f"{name} must have colours from 0 to 1, got {image.min():g} to {image.max():g}"
            )
        return image.clip(0, 1)
    if image.ndim != 2 and not (image.ndim == 3 and image.shape[2] == 1):
        hint = f"; take {name}[0]" if image.ndim == 3 and image.shape[0] == 1 else ""
        raise ValueError(f"{name} must be (height, width), got shape {image.shape}{hint}")
    return image


def _limits(vmin: Any, vmax: Any) -> dict[str, float | None]:
    """Return what is black and what is white in all images; None where each has its own."""
    low = None if vmin is None else arguments.finite(vmin, "vmin")
    high = None if vmax is None else arguments.finite(vmax, "vmax")
    if low is not None and high is not None and low >= high:
        raise ValueError(f"vmin must be below vmax, {high:g}, got {low:g}")
    return {"vmin": low, "vmax": high}


def _check_centre(centre: Any, count: int) -> range | tuple[int, ...]:
    """Return the numbers of the images in which zero is white."""
    if isinstance(centre, bool):
        return range(count if centre else 0)
    given = wholes(centre, "centre", least=0)
    if any(n >= count for n in given):
        raise ValueError(f"centre must hold numbers of images, 0 to {count - 1}, got {given}")
    return given


def _steps(steps: Any, rows: int, columns: int) -> list[tuple[int, ...]]:
    wanted = "output positions (row, column)"
    given = [] if steps is None else arguments.items(steps, "steps", wanted)
    places = [wholes(step, f"steps[{n}]", least=0) for n, step in enumerate(given)]
    for n, place in enumerate(places):
        if len(place) != 2 or place[0] >= rows or place[1] >= columns:
            raise ValueError(
                f"steps[{n}] must be (row, column) in an output of {size((rows, columns))}, "
                f"got {brief(place)}"
            )
    return places or [(i, j) for i in range(rows) for j in range(columns)]
