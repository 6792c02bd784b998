"""What follows from a state: the padded input, its windows, the outputs, and what each saw."""

import numpy as np

from helpers.explorer.state import Pair, State


def padded(state: State) -> np.ndarray:
    """Return the input with its padding, (c_i, h + 2p_h, w + 2p_w).

    The padding is 0, and for the maximum −∞, so that it never wins, as in PyTorch.
    """
    (top, left), outside = state.padding, -np.inf if state.mode == "max" else 0.0
    widths = ((0, 0), (top, top), (left, left))
    return np.pad(state.X, widths, constant_values=outside)


def windows(state: State) -> np.ndarray:
    """Return the numbers in each window, (c_i, h_o, w_o, k_h, k_w)."""
    (s_h, s_w), (d_h, d_w) = state.stride, state.dilation
    spans = np.lib.stride_tricks.sliding_window_view(padded(state), state.span, (1, 2))
    return spans[:, ::s_h, ::s_w, ::d_h, ::d_w]


def output(state: State) -> np.ndarray:
    """Return what the explored layer puts out, (c_o, h_o, w_o)."""
    seen = windows(state)
    if state.mode == "corr":
        return np.einsum("chwij,ocij->ohw", seen, state.K)
    return seen.max((-2, -1)) if state.mode == "max" else seen.mean((-2, -1))


def fields(state: State) -> list[np.ndarray]:
    """Return which cells the chosen output depends on, as booleans.

    The first array is that of the padded input, then one for each layer; the last has only
    the chosen output. All cells of the window count, whatever the weights are.
    """
    mask = np.zeros(state.shapes[-1], bool)
    mask[state.place] = True
    found = [mask]
    below = [state.padded, *state.shapes]
    layers = [(state.size, state.stride, state.dilation)]
    layers += [((k, k), (s, s), (1, 1)) for k, s in state.above]
    for layer, shape in zip(reversed(layers), reversed(below[:-1])):
        found.insert(0, _seen(found[0], shape, *layer))
    return found


def in_window(state: State) -> tuple[list[int], list[int]]:
    """Return the rows and the columns of the padded input that the chosen window reads."""
    row, column = (
        [n * s + d * a for a in range(k)]
        for n, k, s, d in zip(state.place, state.size, state.stride, state.dilation)
    )
    return row, column


def inside(state: State) -> np.ndarray:
    """Return which cells of the padded input are the input's own, as booleans."""
    own = np.zeros(state.padded, bool)
    (top, left), (h, w) = state.padding, state.X.shape[1:]
    own[top : top + h, left : left + w] = True
    return own


def _seen(mask: np.ndarray, shape: Pair, size: Pair, stride: Pair, dilation: Pair) -> np.ndarray:
    """Return the cells that a layer reads for those of its outputs that are marked."""
    below = np.zeros(shape, bool)
    for i, j in np.argwhere(mask):
        rows = i * stride[0] + dilation[0] * np.arange(size[0])
        columns = j * stride[1] + dilation[1] * np.arange(size[1])
        below[np.ix_(rows, columns)] = True
    return below
