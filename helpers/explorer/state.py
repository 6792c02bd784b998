"""What the explorer is set to, and whether that is possible."""

import math
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from helpers.figures.arguments import counted, size

Pair = tuple[int, int]

MODES = ("corr", "max", "avg")
AXES = ("row", "column")
MOST_SIDE, MOST_CHANNELS, MOST_TERMS = 32, 4, 400  # what can be shown and read
MOST_ABOVE = 5
LIMIT = 100  # of padding, stride and dilation


@dataclass(frozen=True)
class State:
    """All settings of the explorer.

    Shapes: `X` (c_i, h, w), `K` (c_o, c_i, k_h, k_w). `window` is the size for pooling;
    `above` holds (kernel size, stride) of each further layer. `channel` and `step` choose the
    output channel, and one output in reading order.
    """

    X: np.ndarray
    K: np.ndarray
    mode: str = "corr"
    window: Pair = (2, 2)
    padding: Pair = (0, 0)
    stride: Pair = (1, 1)
    dilation: Pair = (1, 1)
    above: tuple[Pair, ...] = ()
    channel: int = 0
    step: int = 0

    @property
    def size(self) -> Pair:
        """The rows and columns of numbers that the window reads."""
        return self.K.shape[2:] if self.mode == "corr" else self.window

    @property
    def span(self) -> Pair:
        """The rows and columns from the window's first cell to its last."""
        return tuple(d * (k - 1) + 1 for k, d in zip(self.size, self.dilation))  # type: ignore

    @property
    def padded(self) -> Pair:
        """The rows and columns of the input with its padding."""
        return tuple(n + 2 * p for n, p in zip(self.X.shape[1:], self.padding))  # type: ignore

    @property
    def channels(self) -> int:
        """The number of output channels."""
        return len(self.K) if self.mode == "corr" else len(self.X)

    @property
    def shapes(self) -> list[Pair]:
        """The rows and columns that each layer puts out, the explored one first."""
        found = [_fits(self.padded, self.span, self.stride)]
        for k, s in self.above:
            found.append(_fits(found[-1], (k, k), (s, s)))
        return found

    @property
    def steps(self) -> int:
        """The number of outputs of the last layer to choose from."""
        return math.prod(self.shapes[-1])

    @property
    def place(self) -> Pair:
        """The row and column of the chosen output."""
        return divmod(self.step, self.shapes[-1][1])

    def at(self, row: int, column: int) -> "State":
        """Return the state with another output chosen, the nearest that there is."""
        rows, columns = self.shapes[-1]
        row, column = min(max(row, 0), rows - 1), min(max(column, 0), columns - 1)
        return replace(self, step=row * columns + column)

    def settled(self) -> "State":
        """Return the state with the nearest output and channel that there are."""
        step, channel = min(self.step, self.steps - 1), min(self.channel, self.channels - 1)
        return replace(self, step=max(step, 0), channel=max(channel, 0))


def problem(state: State) -> str:
    """Return why these settings are impossible, with what to do about it; '' if they are not."""
    for check in (_numbers, _channels, _pooling, _fit, _above, _reading):
        if said := check(state):
            return said
    return ""


def _fits(shape: Any, span: Any, stride: Any) -> Pair:
    """Return how often a window fits, at least 0 times."""
    pairs = zip(shape, span, stride)
    return tuple(max(0, (n - k) // s + 1) for n, k, s in pairs)  # type: ignore[return-value]


def _numbers(state: State) -> str:
    for name, pair, least in (
        ("padding", state.padding, 0),
        ("stride", state.stride, 1),
        ("dilation", state.dilation, 1),
        ("window", state.size, 1),
    ):
        if not all(least <= n <= LIMIT for n in pair):
            return f"The {name} must be from {least} to {LIMIT}, got {pair[0]} and {pair[1]}."
    if not np.isfinite(state.X).all() or not np.isfinite(state.K).all():
        return "Input and kernel must be finite numbers: infinity and NaN have no products."
    return ""


def _channels(state: State) -> str:
    have, want = state.K.shape[1], len(state.X)
    if state.mode == "corr" and have != want:
        return (
            f"The kernel has weights for {counted(have, 'channel')}, the input has {want}: each "
            "channel of the input needs weights of its own."
        )
    return ""


def _pooling(state: State) -> str:
    if state.mode == "corr":
        return ""
    if state.mode == "avg" and max(state.dilation) > 1:
        return "PyTorch's average pooling has no dilation: set it to 1, or take the maximum."
    for axis, p, k in zip(AXES, state.padding, state.size):
        if 2 * p > k:
            return (
                f"A padding of {p} {axis}s is more than half of the window's {k}: a window could "
                "consist of padding only, which PyTorch refuses. Take less padding or a larger "
                "window."
            )
    return ""


def _fit(state: State) -> str:
    rows = zip(AXES, state.X.shape[1:], state.size, state.span, state.padded)
    for axis, n, size_of_window, k, n_padded in rows:
        if k > n_padded:
            room = f"{n_padded} with its padding" if n_padded > n else f"{n_padded}"
            more = math.ceil((k - n) / 2)
            cure = f"take a padding of {more} or a smaller window"
            if state.mode != "corr" and 2 * more > size_of_window:
                cure = "take a smaller window"
            return (
                f"The window spans {counted(k, axis)}, the input has only {room}: it fits "
                f"nowhere. For one that does, {cure}."
            )
    return ""


def _above(state: State) -> str:
    if len(state.above) > MOST_ABOVE:
        return f"There is room for {MOST_ABOVE} layers above, got {len(state.above)}."
    for n, ((k, s), shape) in enumerate(zip(state.above, state.shapes), 2):
        if min(k, s) < 1:
            return f"Layer {n} needs a kernel and a stride from 1 on, got {k} and {s}."
        if k > min(shape):
            return (
                f"Layer {n} has a window of {k} × {k}, but layer {n - 1} puts out only "
                f"{size(shape)}: take fewer or smaller layers, or a larger input."
            )
    return ""


def _reading(state: State) -> str:
    for what, shape in (("input, padded,", state.padded), ("output", state.shapes[0])):
        if max(shape) > MOST_SIDE:
            return (
                f"The {what} has {size(shape)} cells; the explorer shows at most "
                f"{MOST_SIDE} × {MOST_SIDE}."
            )
    for what, n in (("input", len(state.X)), ("output", state.channels)):
        if n > MOST_CHANNELS:
            return f"The {what} has {n} channels; the explorer shows at most {MOST_CHANNELS}."
    terms = math.prod(state.size) * len(state.X)
    if terms > MOST_TERMS:
        return f"One output has {terms} products; the explorer writes out at most {MOST_TERMS}."
    return ""
