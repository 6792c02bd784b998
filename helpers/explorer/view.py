"""The explorer as widgets: controls that make a state, and what follows from it shown below.

Works with ipywidgets 7.7, which Colab has, and 8.
"""

import html
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import ipywidgets
import numpy as np

from helpers.explorer import page, sheet, tables, texts, words
from helpers.explorer.state import LIMIT, State, problem

WIDGET = "application/vnd.jupyter.widget-view+json"
OWN = "numbers typed below"
FOLDED = "As it was at first, as a figure: for a printout, or when no kernel runs"
COMPUTE = [
    ("cross-correlation", "corr"),
    ("maximum (pooling)", "max"),
    ("average (pooling)", "avg"),
]
PAIRS = ("window", "padding", "stride", "dilation")
LEAST = {"padding": 0}


class Explorer:
    """One explorer: its widgets, and the last state that was possible."""

    def __init__(self, state: State, images: Mapping[str, np.ndarray]):
        self.state, self._images = state, dict(images)
        self._seen, self._busy, self._refused = 0, False, False
        self._make_controls()
        self._said, self._formulas, self._tables = (ipywidgets.HTML() for _ in range(3))
        self._said.add_class("cx-said")
        self._formulas.add_class("cx-formulas")
        self._moves = ipywidgets.Text(layout={"display": "none"})
        self._moves.add_class("cx-moves")
        self._step.add_class("cx-step")
        self.box = self._laid_out()
        self.box.add_class("cx")
        self._show()
        for control in self._controls():
            control.observe(self._changed, "value")
        self._source.observe(self._chose_image, "value")
        self._step.observe(self._slid, "value")
        self._moves.observe(self._moved, "value")

    def display(self, alt: str | None = None) -> None:
        """Show the explorer, and folded below it the still, which needs no kernel."""
        from IPython.display import display

        alt = alt or words.summary(self.state)
        view = {"version_major": 2, "version_minor": 0, "model_id": self.box.model_id}
        display({"text/plain": alt, WIDGET: view}, raw=True)
        kept = _Kept()
        sheet.draw(sheet.chosen(self.state), alt, kept)
        still = f"<details><summary>{FOLDED}</summary>{kept.data['text/html']}</details>"
        display({**kept.data, "text/html": still}, raw=True, metadata=kept.metadata)

    def _make_controls(self) -> None:
        state = self.state
        self._mode = ipywidgets.Dropdown(options=COMPUTE, value=state.mode, description="compute")
        self._source = ipywidgets.Dropdown(options=[OWN, *self._images], description="input is")
        area: Any = {"continuous_update": False, "layout": {"width": "18em", "height": "6.5em"}}
        self._X = ipywidgets.Textarea(texts.write(state.X), description="input", **area)
        self._K = ipywidgets.Textarea(texts.write(state.K), description="kernel", **area)
        self._above = ipywidgets.Text(
            texts.write_layers(state.above), description="layers above", continuous_update=False,
            placeholder="such as 3, 2/2", layout={"width": "18em"},
        )  # fmt: skip
        self._channel = ipywidgets.Dropdown(description="output channel")
        self._pairs = {
            name: [
                ipywidgets.BoundedIntText(
                    value, min=LEAST.get(name, 1), max=LIMIT, description=f"{name}, {axis}",
                    layout={"width": "12.5em"},
                )
                for value, axis in zip(getattr(state, name), ("rows", "columns"))
            ]
            for name in PAIRS
        }  # fmt: skip
        self._step = ipywidgets.IntSlider(
            1, min=1, max=max(2, state.steps), description="window", layout={"width": "24em"}
        )

    def _controls(self) -> Iterator[Any]:
        """Yield the controls that make a state."""
        yield from (self._mode, self._X, self._K, self._above, self._channel)
        for pair in self._pairs.values():
            yield from pair

    def _laid_out(self) -> Any:
        first = [self._mode, *([self._source] if self._images else []), self._channel]
        numbers = [ipywidgets.HBox(pair) for pair in self._pairs.values()]
        rows = [first, [self._X, self._K], [*numbers, self._above]]
        boxes = [ipywidgets.HBox(row) for row in rows]
        for box in boxes:
            box.add_class("cx-controls")
        pad = ipywidgets.HTML(page.pad())
        shown = [pad, self._step, self._said, self._tables, self._formulas, self._moves]
        return ipywidgets.VBox([*boxes, *shown])

    def _changed(self, change: object) -> None:
        """Take the settings over, or say why they are impossible."""
        if self._busy:
            return
        try:
            state = self._read()
        except texts.TextError as error:
            self._refuse(str(error))
            return
        said = problem(state)
        if said:
            self._refuse(said)
            return
        self.state = state.settled()
        self._show()

    def _read(self) -> State:
        pairs: dict[str, Any] = {
            name: tuple(w.value for w in pair) for name, pair in self._pairs.items()
        }
        image, now = self._images.get(self._source.value), self.state
        typed = self._X.value != texts.write(now.X), self._K.value != texts.write(now.K)
        X = texts.read(self._X.value) if typed[0] else now.X  # which may have more decimals
        return replace(
            now,
            X=X if image is None else image,
            K=texts.read_kernels(self._K.value) if typed[1] else now.K,
            mode=self._mode.value,
            above=texts.read_layers(self._above.value),
            channel=self._channel.value or 0,
            **pairs,
        )

    def _chose_image(self, change: object) -> None:
        if self._busy:
            return
        image = self._images.get(self._source.value)
        with self._working():
            self._X.disabled = image is not None
            if image is not None:
                self._X.value = texts.write(image)
        self._changed(change)

    def _slid(self, change: object) -> None:
        if not self._busy:
            self._go(replace(self.state, step=min(self._step.value, self.state.steps) - 1))

    def _moved(self, change: object) -> None:
        """Follow the moves that came since the last time: 'count:moves'."""
        count, _, listed = self._moves.value.partition(":")
        moves = listed.split()
        if not count.isdigit():
            return
        new = int(count) - (self._seen if int(count) > self._seen else 0)
        self._seen, state = int(count), self.state
        for move in moves[-new:] if new else []:
            state = _after(state, move)
        self._go(state)

    def _go(self, state: State) -> None:
        if state.step != self.state.step and not self._refused:
            self.state = state
            self._show()

    def _refuse(self, why: str) -> None:
        self._refused = True
        self._said.value = (
            f'<p class="cx-problem"><strong>Not possible:</strong> {html.escape(why)} '
            "What is dimmed below is the last that was.</p>"
        )
        self._tables.value = page.clickable(tables.tables(self.state), old=True)

    def _show(self) -> None:
        """Bring everything that is seen up to date with the state."""
        state, self._refused = self.state, False
        with self._working():
            self._step.max = max(2, state.steps)  # a slider must have somewhere to go
            self._step.value, self._step.disabled = state.step + 1, state.steps == 1
            names = [(str(n), n) for n in range(state.channels)]
            if list(self._channel.options) != names:
                self._channel.options = names
            self._channel.value = state.channel
            _visible(self._channel, state.channels > 1)
            _visible(self._K, state.mode == "corr")
            for field in self._pairs["window"]:
                _visible(field, state.mode != "corr")
        sums = "".join(f'<p class="cx-sum">{html.escape(s)}</p>' for s in words.products(state))
        lines = (*words.formulas(state), *words.field(state))
        self._said.value = f"<p>{html.escape(words.sentence(state))}</p>{sums}"
        self._formulas.value = "".join(f"<p>{html.escape(line)}</p>" for line in lines)
        self._tables.value = page.clickable(tables.tables(state))

    @contextmanager
    def _working(self) -> Iterator[None]:
        """Set controls without taking that for a change by the reader."""
        before, self._busy = self._busy, True
        try:
            yield
        finally:
            self._busy = before


class _Kept:
    """A place for a figure that keeps it."""

    def __init__(self) -> None:
        self.data: dict[str, str] = {}
        self.metadata: dict[str, Any] = {}

    def update(self, data: dict[str, str], *, raw: bool, metadata: dict[str, Any]) -> None:
        self.data, self.metadata = data, metadata


def _after(state: State, move: str) -> State:
    """Return the state after one move of the keys, or a click, 'grow,column'."""
    row, column = state.place
    if move.startswith("g"):
        row, column = (int(n) for n in move[1:].split(","))
        return state.at(row, column)
    if move in "he":
        return replace(state, step=0 if move == "h" else state.steps - 1)
    down, right = {"l": (0, -1), "r": (0, 1), "u": (-1, 0), "d": (1, 0)}[move]
    return state.at(row + down, column + right)


def _visible(widget: Any, wanted: bool) -> None:
    widget.layout.display = "flex" if wanted else "none"
