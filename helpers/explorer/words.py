"""The state in words: the sentence, the sum of the products, the formulas with their numbers."""

import numpy as np

from helpers.explorer import model
from helpers.explorer.state import AXES, State
from helpers.figures.arguments import size
from helpers.figures.grid import number

VERBS = {"corr": "cross-correlation", "max": "maximum", "avg": "average"}


def told(value: float) -> str:
    """Return a number for reading: whole or with two decimals, with a true minus sign."""
    text = number(value).replace("-", "−")
    return {"−0": "0", "−0.00": "0.00"}.get(text, text)


def factor(value: float) -> str:
    """Return a number as one of several, in brackets if it is negative."""
    return f"({told(value)})" if value < 0 else told(value)


def equals(*values: float) -> str:
    """Return '=' if all these numbers are told in full, else '≈'."""
    finite = [value for value in values if np.isfinite(value)]
    return "=" if all(abs(100 * v - round(100 * v)) < 1e-6 for v in finite) else "≈"


def sentence(state: State) -> str:
    """Return where the window is, what it reads and what comes out."""
    row, column = state.place
    if state.above:
        return f"Output {state.step + 1} of {state.steps}: {_depends(state)}"
    rows, columns = model.in_window(state)
    top, left = state.padding
    own = model.inside(state)[np.ix_(rows, columns)]
    value = model.output(state)[state.channel, row, column]
    padding = _outside(own.size - int(own.sum()), own.size)
    return (
        f"Window {state.step + 1} of {state.steps}: {_lines('row', rows, top)}, "
        f"{_lines('column', columns, left)} of the input.{padding} The {VERBS[state.mode]} is "
        f"{told(value)}, output [{row}, {column}]{_of_channel(state)}."
    )


def products(state: State) -> list[str]:
    """Return the arithmetic of the chosen window, one line for each channel, then the sum.

    There is none with layers above, where an output far above is chosen.
    """
    if state.above:
        return []
    seen = model.windows(state)[(slice(None), *state.place)]  # (c_i, k_h, k_w)
    if state.mode != "corr":
        return [_pooled(state, seen[state.channel])]
    sums, lines = [], []
    for cells, weights in zip(seen, state.K[state.channel]):
        total = float((cells * weights).sum())
        terms = [f"{factor(x)}·{factor(k)}" for x, k in zip(cells.flat, weights.flat)]
        sign = equals(*cells.flat, *weights.flat, total)
        lines.append(f"{' + '.join(terms)} {sign} {told(total)}")
        sums.append(total)
    if len(lines) == 1:
        return lines
    lines = [f"channel {n}: {line}" for n, line in enumerate(lines)]
    total = sum(sums)
    added = " + ".join(factor(value) for value in sums)
    return [*lines, f"all channels: {added} {equals(*sums, total)} {told(total)}"]


def formulas(state: State) -> list[str]:
    """Return the formula of the output's shape for both axes, with the numbers filled in."""
    lines = []
    for n, axis in enumerate(AXES):
        n_in, k, p, s = state.X.shape[1 + n], state.size[n], state.padding[n], state.stride[n]
        d, span, out = state.dilation[n], state.span[n], state.shapes[0][n]
        wide, letter = "", "k"
        if d > 1:
            letter = "k′"
            wide = f"k′ = d·(k − 1) + 1 = {d}·({k} − 1) + 1 = {span}; "
        lines.append(
            f"{axis}s: {wide}⌊(n − {letter} + 2p + s) / s⌋ = "
            f"⌊({n_in} − {span} + 2·{p} + {s}) / {s}⌋ = {out}"
        )
    return lines


def field(state: State) -> list[str]:
    """Return the receptive field of the chosen output for both axes, as a sum; none for one layer.

    Both are one line where the axes agree.
    """
    if not state.above:
        return []
    lines = []
    for n in range(2):
        jump, parts, total = state.stride[n], [], 1
        total += (state.size[n] - 1) * state.dilation[n]
        parts.append(f"({state.size[n]} − 1)·{state.dilation[n]}")
        for k, s in state.above:
            parts.append(f"({k} − 1)·{jump}")
            total, jump = total + (k - 1) * jump, jump * s
        lines.append(f"1 + {' + '.join(parts)} = {total}")
    if lines[0] == lines[1]:
        return [f"receptive field along each axis: {lines[0]}"]
    return [f"receptive field, {axis}s: {line}" for axis, line in zip(AXES, lines)]


def summary(state: State) -> str:
    """Return the whole setting in one sentence."""
    window = "kernel" if state.mode == "corr" else "window"
    channels = f", {len(state.X)} channels" if len(state.X) > 1 else ""
    made = f", {state.channels} channels" if state.channels > 1 else ""
    above = [f"{k} × {k} with stride {s}" for k, s in state.above]
    return (
        f"{VERBS[state.mode].capitalize()}: input {size(state.X.shape[1:])}{channels}; {window} "
        f"{size(state.size)}, padding {_pair(state.padding)}, stride {_pair(state.stride)}, "
        f"dilation {_pair(state.dilation)}; output {size(state.shapes[0])}{made}"
        f"{'; layers above: ' + ', '.join(above) if above else ''}."
    )


def _pair(pair: tuple[int, int]) -> str:
    return str(pair[0]) if pair[0] == pair[1] else f"({pair[0]}, {pair[1]})"


def _lines(axis: str, numbers: list[int], padding: int) -> str:
    """Return 'rows 0, 1', counted from the input's own first one."""
    shown = ", ".join(str(n - padding).replace("-", "−") for n in numbers)
    return f"{axis}{'s' if len(numbers) > 1 else ''} {shown}"


def _outside(outside: int, of: int) -> str:
    if outside in (0, of):
        return " It reads nothing but padding." if outside else ""
    return f" {outside} of its {of} cells {'is' if outside == 1 else 'are'} padding."


def _of_channel(state: State) -> str:
    return f" of channel {state.channel}" if state.channels > 1 else ""


def _pooled(state: State, cells: np.ndarray) -> str:
    shown = [told(value) for value in cells.flat]
    if state.mode == "max":
        most = float(cells.max())
        return f"max({', '.join(shown)}) {equals(*cells.flat)} {told(most)}"
    total = f"({' + '.join(factor(v) for v in cells.flat)}) / {cells.size}"
    mean = float(cells.mean())
    return f"{total} {equals(*cells.flat, mean)} {told(mean)}"


def _depends(state: State) -> str:
    """Return how many units of each layer the chosen output depends on."""
    masks = model.fields(state)
    names = [f"outputs of layer {n}" for n in range(1, len(masks) - 1)]
    parts = [_counted(mask, name) for mask, name in zip(masks[1:-1], names)][::-1]
    parts.append(_counted(masks[0] & model.inside(state), "inputs"))
    outside = int((masks[0] & ~model.inside(state)).sum())
    if outside:
        parts[-1] += f" (and {outside} cells of padding)"
    row, column = state.place
    listed = f"{', '.join(parts[:-1])} and {parts[-1]}"
    return f"[{row}, {column}] of layer {len(masks) - 1} depends on {listed}."


def _counted(mask: np.ndarray, name: str) -> str:
    rows, columns = int(mask.any(1).sum()), int(mask.any(0).sum())
    return f"{rows} × {columns} = {rows * columns} {name}"
