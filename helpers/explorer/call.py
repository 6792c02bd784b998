"""The one call: the explorer where widgets run, and a still sheet everywhere else."""

import importlib.util
import os
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from helpers import arguments
from helpers.explorer import sheet
from helpers.explorer.state import MODES, Pair, State, problem
from helpers.figures.arguments import Numbers, brief, check_alt, items, mapping, numbers, wholes
from helpers.notebook.display import in_notebook

__all__ = ["explore"]

BOOK_X, BOOK_K = [[0.0, 1, 2], [3, 4, 5], [6, 7, 8]], [[0.0, 1], [2, 3]]  # section 7.2.1


def explore(
    X: "Numbers | None" = None,
    K: "Numbers | None" = None,
    *,
    mode: str = "corr",
    window: int | tuple[int, int] | None = None,
    padding: int | tuple[int, int] = 0,
    stride: int | tuple[int, int] = 1,
    dilation: int | tuple[int, int] = 1,
    above: Iterable[int | tuple[int, int]] = (),
    step: tuple[int, int] | None = None,
    images: "Mapping[str, Numbers] | None" = None,
    alt: str | None = None,
    still: bool | None = None,
) -> None:
    """Move a window over an input and see every product, the sum, and how the output grows.

    In a notebook that `make lab` or Colab opened, an explorer with ipywidgets: input, kernel
    and all settings can be changed, and the window moved by slider, arrow keys or click. Anywhere
    else, and with `still=True`, some steps as a figure, and the same numbers printed.

    Shapes: `X` (h, w) or (c_i, h, w); `K` (k_h, k_w), (c_i, k_h, k_w) or
    (c_o, c_i, k_h, k_w); without them, the example of the book. `mode` is 'corr', or 'max' or
    'avg' for pooling with a `window` of (p_h, p_w), that of the kernel by default. `padding` is
    per side, as in PyTorch; it and `stride` and `dilation` are one number or (rows, columns).
    `above` holds kernel sizes, or (kernel size, stride), of further layers: then the receptive
    field of one output of the last layer is shown. `step` is the output (row, column) chosen
    at first, `images` are more inputs to choose from, by name. Without `alt`, a sentence with
    the settings describes the figure.

    Raises TypeError for what is not real numbers or whole ones, and ValueError for other
    shapes, settings that are impossible together, and more than 32 × 32 cells, 4 channels or
    400 products; RuntimeError for `still=False` where no widgets can be shown.
    Source: Dive into Deep Learning 1.0.3, sections 7.2 to 7.5.
    """
    check_alt(alt)
    kernels = _kernels(BOOK_K if K is None else K)
    if not isinstance(mode, str) or mode not in MODES:
        raise ValueError(f"mode must be one of 'corr', 'max' and 'avg', got {brief(mode)}")
    state = State(
        _channels(BOOK_X if X is None else X, "X"),
        kernels,
        mode,
        kernels.shape[2:] if window is None else _pair("window", window, 1),
        _pair("padding", padding, 0),
        _pair("stride", stride, 1),
        _pair("dilation", dilation, 1),
        tuple(_pair(f"above[{n}]", layer, 1, (layer, 1)) for n, layer in enumerate(
            items(above, "above", "kernel sizes, or pairs (kernel size, stride)"))),
    )  # fmt: skip
    if said := problem(state):
        raise ValueError(said)
    state = _at(state, step)
    pictures = {
        str(name): _channels(image, f"images[{name!r}]")
        for name, image in (
            {} if images is None else mapping(images, "images", "{name: image}")
        ).items()
    }
    if _is_live(still):
        from helpers.explorer.view import Explorer  # needs ipywidgets, which is slow to import

        Explorer(state, pictures).display(alt)
        return
    states = sheet.chosen(state)
    told = sheet.text(states)
    sheet.draw(states, alt or told.splitlines()[0])
    print(told)


def _is_live(still: bool | None) -> bool:
    """Whether to show widgets: asked for, or in a reader's own notebook.

    The variable COMPANION_WORK is set by `make lab` and on Colab, and never where outputs are
    stored or tested; COMPANION_STILL says that it is there and stills are wanted all the same.
    """
    if still is not None and not isinstance(still, bool | np.bool_):
        raise TypeError(f"still must be True, False or None, got {brief(still)}")
    possible = in_notebook() and importlib.util.find_spec("ipywidgets") is not None
    if still is None:
        wanted = os.environ.get("COMPANION_WORK") and not os.environ.get("COMPANION_STILL")
        return possible and bool(wanted)
    if not still and not possible:
        where = "ipywidgets is not installed" if in_notebook() else "this is no notebook"
        raise RuntimeError(f"still must be True or None here, got {still!r}: {where}")
    return not still


def _channels(values: Numbers, name: str) -> np.ndarray:
    """Return an array (c, h, w)."""
    array = numbers(values, name)
    if array.ndim not in (2, 3):
        raise ValueError(
            f"{name} must be (height, width) or (channels, height, width), got {array.shape}"
        )
    return array if array.ndim == 3 else array[None]


def _kernels(values: Numbers) -> np.ndarray:
    """Return an array (c_o, c_i, k_h, k_w)."""
    array = numbers(values, "K")
    if array.ndim not in (2, 3, 4):
        raise ValueError(
            "K must be (height, width), (input channels, height, width) or (output channels, "
            f"input channels, height, width), got {array.shape}"
        )
    return array[(None,) * (4 - array.ndim)]


def _pair(name: str, value: Any, least: int, alone: tuple[Any, int] | None = None) -> Pair:
    """Return two whole numbers from `least` on; one alone stands for both, or for `alone`."""
    single = arguments.whole(value)
    if single is not None:
        value = (single, single) if alone is None else (single, alone[1])
    given = wholes(value, name, least)
    if len(given) != 2:
        raise ValueError(f"{name} must be one whole number or two, got {brief(value)}")
    return given[0], given[1]


def _at(state: State, step: Any) -> State:
    if step is None:
        return replace(state, step=state.steps // 2 if state.above else 0)
    row, column = _pair("step", step, 0)
    rows, columns = state.shapes[-1]
    if row >= rows or column >= columns:
        raise ValueError(
            f"step must be (row, column) in an output of {rows} × {columns}, got {brief(step)}"
        )
    return state.at(row, column)
