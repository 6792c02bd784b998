"""The state as tables of HTML, which a screen reader reads and either theme shows.

Nothing is told by colour alone: the window is framed and bold, padding hatched, the outputs
that are still to come are dots, and each such cell says so by name.
"""

import html
from collections.abc import Callable, Iterator

import numpy as np

from helpers.explorer import model, words
from helpers.explorer.state import State
from helpers.figures.grid import MOST_CELLS, largest

RED, BLUE = (214, 96, 77), (67, 147, 195)  # positive and negative, as in the figures

Cell = Callable[[int, int], str]  # a cell of HTML for a row and a column


def tables(state: State) -> str:
    """Return all that is seen: kernel, input and output, or input and layers, side by side."""
    parts = _layers(state) if state.above else _window(state)
    return f'<div class="cx-tables">{"".join(parts)}</div>'


def _window(state: State) -> Iterator[str]:
    """Yield the kernel and the input of each channel, and the output."""
    inputs, result = model.padded(state), model.output(state)[state.channel]
    rows, columns = model.in_window(state)
    lit = np.zeros(state.padded, bool)
    lit[np.ix_(rows, columns)] = True
    pooled = state.mode != "corr"
    for n, grid in enumerate(inputs):
        if pooled and n != state.channel:
            continue
        named = f", channel {n}" if len(inputs) > 1 else ""
        if not pooled:
            yield _kernel(state.K[state.channel, n], f"kernel{named}")
        yield _input(state, grid, lit, f"input{named}", ", in the window")
    named = f", channel {state.channel}" if state.channels > 1 else ""
    yield _table(f"output{named}", result.shape, _output(state, result))


def _layers(state: State) -> Iterator[str]:
    """Yield the first channel of the input and the layers, with what the chosen output sees."""
    masks = model.fields(state)
    seen = ", in the receptive field"
    yield _input(state, model.padded(state)[0], masks[0], "input", seen, goes=False)
    for n, mask in enumerate(masks[1:], 1):
        yield _table(f"outputs of layer {n}", mask.shape, _unit(mask, n == len(masks) - 1))


def _unit(mask: np.ndarray, top: bool) -> Cell:
    """Return the cells of a layer: a dot where the chosen output depends on it."""

    def cell(i: int, j: int) -> str:
        go = f"{i},{j}" if top else ""
        if mask[i, j]:
            return _td("●", "chosen" if top else "in the receptive field", "cx-lit", go=go)
        return _td("·", "not chosen" if top else "outside", "cx-open", go=go)

    return cell


def _kernel(kernel: np.ndarray, caption: str) -> str:
    bound = largest(kernel)
    return _table(
        caption, kernel.shape, lambda i, j: _td(words.told(kernel[i, j]), ground=_tint(
            kernel[i, j], bound))
    )  # fmt: skip


def _input(
    state: State, grid: np.ndarray, lit: np.ndarray, caption: str, seen: str, goes: bool = True
) -> str:
    """Return a channel of the padded input; rows and columns count from the input's own first."""
    own, bound = model.inside(state), largest(grid)

    def cell(i: int, j: int) -> str:
        text, name = words.told(grid[i, j]), "" if own[i, j] else ", padding"
        classes = [] if own[i, j] else ["cx-padding"]
        if lit[i, j]:
            classes, name = [*classes, "cx-lit"], name + seen
        row, column = (n // s for n, s in zip((i, j), state.stride))
        go = f"{row},{column}" if goes else ""
        ground = _tint(grid[i, j], bound) if own[i, j] else ""
        return _td(text, text + name if name else "", " ".join(classes), ground, go)

    padded = " with padding" if max(state.padding) else ""
    return _table(f"{caption}{padded}", grid.shape, cell, state.padding)


def _output(state: State, result: np.ndarray) -> Cell:
    """Return the cells of the output so far."""
    bound = largest(result)

    def cell(i: int, j: int) -> str:
        place, go = i * result.shape[1] + j, f"{i},{j}"
        text = words.told(result[i, j])
        if place > state.step:
            return _td("·", "still to come", "cx-open", go=go)
        chosen = place == state.step
        label = f"{text}, of this window" if chosen else ""
        return _td(text, label, "cx-lit" if chosen else "", _tint(result[i, j], bound), go)

    return cell


def _table(
    caption: str, shape: tuple[int, ...], cell: Cell, first: tuple[int, int] = (0, 0)
) -> str:
    """Return a table whose rows and columns are numbered from −first on."""
    row_names, column_names = (
        [str(n - start).replace("-", "−") for n in range(count)]
        for count, start in zip(shape, first)
    )
    heads = "".join(f'<th scope="col">{name}</th>' for name in column_names)
    lines = [f'<tr><td class="cx-corner"></td>{heads}</tr>']
    for i, name in enumerate(row_names):
        cells = "".join(cell(i, j) for j in range(shape[1]))
        lines.append(f'<tr><th scope="row">{name}</th>{cells}</tr>')
    small = " cx-small" if max(shape) > MOST_CELLS else ""
    return (
        f'<div class="cx-part"><table class="cx-grid{small}"><caption>{html.escape(caption)}, '
        f"{shape[0]} × {shape[1]}</caption>{''.join(lines)}</table></div>"
    )


def _td(text: str, label: str = "", classes: str = "", ground: str = "", go: str = "") -> str:
    """Return a cell; `label` is what it is called where its text does not say all."""
    given = {"aria-label": label, "class": classes, "style": ground, "data-go": go}
    attributes = "".join(f' {k}="{html.escape(v)}"' for k, v in given.items() if v)
    return f"<td{attributes}>{text}</td>"


def _tint(value: float, bound: float) -> str:
    """Return the ground of a cell: white at 0, and so light that black can be read on it."""
    share = 0.75 * min(1.0, abs(value) / bound) if bound and np.isfinite(value) else 0.0
    mixed = [round(255 + share * (c - 255)) for c in (RED if value > 0 else BLUE)]
    return "background:#{:02x}{:02x}{:02x}".format(*mixed)
