"""One block of layers as boxes and arrows."""

import itertools
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

import numpy as np
from matplotlib.axes import Axes
from matplotlib.patches import FancyArrowPatch, FancyBboxPatch

from helpers.figures.arguments import brief, items, mapping

BOX, GAP, COLUMN = 0.42, 0.24, 1.5  # inches: a box and the space below it, and a branch
FORK, JOIN = 0.34, 0.28  # inches: where branches part, and what they meet in
DARK, LAYER, JOINED = "#444444", "#DCEAF5", "#FBE3D2"
KEYS = ("branches", "join", "after")


class Block(NamedTuple):
    """Branches of layers from bottom to top, what they meet in, and the layers after that."""

    title: str
    branches: list[list[str]]
    join: str | None
    after: list[str]

    @property
    def longest(self) -> int:
        """The number of layers in the longest branch."""
        return max(map(len, self.branches))

    @property
    def middle(self) -> float:
        """Where the input, the join and what follows stand."""
        return (len(self.branches) - 1) / 2 * COLUMN

    @property
    def told(self) -> str:
        """The block in words."""
        paths = [", ".join(layers) or "identity" for layers in self.branches]
        words = " | ".join(paths)
        if self.join:
            words += {"+": ", added", "concat": ", concatenated"}[self.join]
        return f"{self.title}: {', '.join([words, *self.after])}"


def check_block(name: str, title: str, block: Any) -> Block:
    """Return a block from its dictionary, called `name` in errors."""
    block = mapping(block, name, "with 'branches', a list of lists of layers")
    for key in block:
        if key not in KEYS:
            raise ValueError(f"{name} must have no other keys than {', '.join(KEYS)}, got {key!r}")
    if "branches" not in block:
        raise ValueError(f"{name} must have 'branches', a list of lists of layers, got none")
    branches = items(block["branches"], f"{name}['branches']", "lists of layers")
    if not branches:
        raise ValueError(f"{name}['branches'] must have at least one list of layers, got none")
    join = block.get("join")
    if join is not None and (not isinstance(join, str) or join not in ("+", "concat")):
        raise ValueError(f"{name}['join'] must be '+', 'concat' or None, got {brief(join)}")
    after = block.get("after")
    return Block(
        title,
        [_layers(branch, f"{name}['branches'][{n}]") for n, branch in enumerate(branches)],
        join,
        [] if after is None else _layers(after, f"{name}['after']"),
    )


def _layers(values: Any, name: str) -> list[str]:
    return [str(layer) for layer in items(values, name, "layers, such as ['3×3 conv', 'ReLU']")]


def draw_block(ax: Axes, block: Block) -> None:
    """Draw a block, its input at the bottom; 1 is an inch in both directions."""
    middle = block.middle
    ax.text(middle, 0.02, "input", ha="center", va="bottom", fontsize=8)
    top = FORK + GAP + block.longest * (BOX + GAP)
    for n, layers in enumerate(block.branches):
        x = n * COLUMN
        ax.plot([middle, middle, x], [0.2, FORK, FORK], color=DARK, lw=1)
        y = _stack(ax, x, FORK, layers)
        if not layers:
            ax.text(x + 0.06, (FORK + top) / 2, "identity", rotation=90, va="center", fontsize=8)
        if block.join:
            _lead(ax, (x, y), (middle, top), 0.14 if block.join == "+" else 0.43 * COLUMN)
    y = FORK + block.longest * (BOX + GAP)
    if block.join:
        _meet(ax, middle, top, block.join)
        y = top + JOIN
    y = _stack(ax, middle, y, block.after)
    _arrow(ax, [(middle, y), (middle, y + GAP)])
    ax.text(middle, y + GAP + 0.02, "output", ha="center", va="bottom", fontsize=8)


def _stack(ax: Axes, x: float, y: float, layers: Iterable[str]) -> float:
    """Draw layers above each other, and return where the last one ends."""
    for layer in layers:
        _arrow(ax, [(x, y), (x, y + GAP)])
        _box(ax, x, y + GAP, BOX, LAYER)
        ax.text(x, y + GAP + BOX / 2, layer, ha="center", va="center", fontsize=8)
        y = y + GAP + BOX
    return y


def _lead(ax: Axes, start: tuple[float, float], join: tuple[float, float], side: float) -> None:
    """Draw the way from the end of a branch to the join, which is `side` wide either way."""
    (x, y), (middle, top) = start, join
    if x == middle:
        _arrow(ax, [(x, y), (x, top)])
        return
    meet = top + JOIN / 2
    _arrow(ax, [(x, y), (x, meet), (middle + np.sign(x - middle) * side, meet)])


def _meet(ax: Axes, x: float, y: float, join: str) -> None:
    """Draw what branches meet in: a plus in a circle, or a box."""
    if join == "+":
        ax.text(x, y + JOIN / 2, "+", ha="center", va="center", fontsize=11,
                bbox={"boxstyle": "circle,pad=0.15", "fc": JOINED, "ec": DARK})  # fmt: skip
    else:
        _box(ax, x, y, JOIN, JOINED)
        ax.text(x, y + JOIN / 2, "concatenate", ha="center", va="center", fontsize=8)


def _box(ax: Axes, x: float, y: float, height: float, colour: str) -> None:
    ax.add_patch(
        FancyBboxPatch((x - 0.43 * COLUMN, y), 0.86 * COLUMN, height, fc=colour, ec=DARK, lw=0.8,
                       boxstyle="round,pad=0,rounding_size=0.06")
    )  # fmt: skip


def _arrow(ax: Axes, points: Sequence[tuple[float, float]]) -> None:
    for (x0, y0), (x1, y1) in itertools.pairwise(points):
        ax.plot([x0, x1], [y0, y1], color=DARK, lw=1)
    ax.add_patch(
        FancyArrowPatch(*points[-2:], arrowstyle="-|>", mutation_scale=8, color=DARK, lw=1,
                        shrinkA=0, shrinkB=0)
    )  # fmt: skip
