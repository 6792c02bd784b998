"""Values as text and as HTML: small tensors as grids, side by side, what is wrong marked.

The marks are signs, not colours alone, and the HTML is made of tables with captions and without
scripts: a screen reader can walk through it.
"""

import html
import itertools
import re
from collections.abc import Iterator, Sequence
from typing import Any

import torch
from torch import Tensor, nn

from helpers.columns import aligned
from helpers.study.attempt import Raised
from helpers.study.compare import wrong_places

__all__ = ["as_html", "as_text", "sentence_html"]

MOST_CELLS = 10  # a side
MOST_GRIDS = 4  # of one value
MOST_NUMBERS = 6  # of a tensor in a line, as one of a list
WIDTH = 96
EMPHASIS = re.compile(r"(?<![\w*])\*(\w(?:[^*\n]*\w)?)\*(?![\w*])")  # *one*, not a * b * c
Shown = Sequence[tuple[str, Any]]
Grid = tuple[str, list[list[str]], list[list[float]]]  # caption, texts, numbers


def as_text(shown: Shown) -> str:
    """Return values as text: what fits into a line of text side by side."""
    blocks = [_block(*grid[:2]) for grid in _grids(shown)]
    rows: list[list[list[str]]] = [[]]
    for block in blocks:
        used = sum(len(other[0]) + 3 for other in rows[-1])
        if rows[-1] and used + len(block[0]) > WIDTH:
            rows.append([])
        rows[-1].append(block)
    parts = ["\n".join(_beside(row)) for row in rows if row]
    return "\n\n".join([*_sentences(shown), *parts])


def _block(caption: str, texts: list[list[str]]) -> list[str]:
    """Return a grid as lines of one length, the caption first."""
    lines = aligned(texts, gap=" ")
    width = max(map(len, [caption, *lines]))
    return [line.ljust(width) for line in [caption, *lines]]


def _beside(blocks: list[list[str]]) -> list[str]:
    height = max(map(len, blocks))
    filled = [block + [" " * len(block[0])] * (height - len(block)) for block in blocks]
    return ["   ".join(parts).rstrip() for parts in zip(*filled)]


def as_html(shown: Shown) -> str:
    """Return values as HTML tables, side by side."""
    sentences = "".join(f"<p>{html.escape(text)}</p>" for text in _sentences(shown))
    tables = "".join(_table(*grid) for grid in _grids(shown))
    box = "display:flex;flex-wrap:wrap;gap:1.2em;align-items:flex-start"
    return f'{sentences}<div style="{box}">{tables}</div>' if tables else sentences


def sentence_html(text: str) -> str:
    """Return a sentence as HTML, *emphasised* words as such."""
    return EMPHASIS.sub(r"<em>\1</em>", html.escape(text))


def _table(caption: str, texts: list[list[str]], numbers: list[list[float]]) -> str:
    bound = max((abs(v) for row in numbers for v in row if v == v and abs(v) < 1e30), default=0)
    rows = "".join(
        "<tr>" + "".join(_cell(t, v, bound) for t, v in zip(*pair)) + "</tr>"
        for pair in zip(texts, numbers)
    )
    style = "border-collapse:collapse;margin:0;width:auto"
    caption = html.escape(caption)
    title = "caption-side:top;text-align:left;white-space:nowrap;color:inherit;padding:2px 0"
    return f'<table style="{style}"><caption style="{title}">{caption}</caption>{rows}</table>'


def _cell(text: str, value: float, bound: float) -> str:
    """Return a cell: red is positive, blue negative, as in the figures; wrong ones are framed."""
    share = 0.0 if value != value or not bound else max(-1.0, min(1.0, value / bound))
    fade = round(255 - 110 * abs(share))
    colour = f"rgb(255,{fade},{fade})" if share > 0 else f"rgb({fade},{fade},255)"
    frame = "2px solid #000;font-weight:bold" if text.endswith("*") else "1px solid #777"
    style = f"background:{colour};color:#000;border:{frame};padding:2px 6px;text-align:right"
    return f'<td style="{style}">{html.escape(text)}</td>'


def _grids(shown: Shown) -> Iterator[Grid]:
    """Yield what can be shown as a grid; a value with more axes as several."""
    known = dict(shown)
    for name, value in shown:
        if not _is_grid(value):
            continue
        marks = _marks(known) if name == "got" else None
        value = value.detach()
        shape = ", ".join(map(str, value.shape))
        whole = value.reshape(1, -1) if value.dim() < 2 else value
        marked = None if marks is None else marks.reshape(whole.shape)
        places = list(itertools.product(*map(range, whole.shape[:-2])))
        for place in places:
            label = f"{name}[{', '.join(map(str, place))}]" if place else f"{name} ({shape})"
            part = whole[place]
            mark = torch.zeros(part.shape, dtype=torch.bool) if marked is None else marked[place]
            texts = [
                [_number(v) + "*" * bool(m) for v, m in zip(*pair)]
                for pair in zip(part.tolist(), mark.tolist())
            ]
            numbers = [[float(v) if not isinstance(v, complex) else 0.0 for v in row]
                       for row in part.tolist()]  # fmt: skip
            yield label, texts, numbers


def _is_grid(value: Any) -> bool:
    if not isinstance(value, Tensor) or value.numel() == 0 or value.dim() == 0:
        return False
    sides = (1, *value.shape)[-2:]
    return max(sides) <= MOST_CELLS and value.numel() // (sides[0] * sides[1]) <= MOST_GRIDS


def _marks(known: dict[str, Any]) -> Tensor | None:
    got, want = known.get("got"), known.get("expected")
    if isinstance(got, Tensor) and isinstance(want, Tensor) and got.shape == want.shape:
        return wrong_places(got.detach(), want.detach())
    return None


def _sentences(shown: Shown) -> list[str]:
    """Return a line on everything that is no grid, and one on what a star means."""
    lines = [f"{name}: {_brief(value)}" for name, value in shown if not _is_grid(value)]
    marks = _marks(dict(shown))
    if marks is None or not marks.any():
        return ["\n".join(lines)] if lines else []
    known = dict(shown)
    if _is_grid(known["got"]):
        lines.append("A star marks each number that is not right.")
    else:
        place = [int(i) for i in marks.nonzero()[0]]
        want, got = (_number(known[name][tuple(place)].item()) for name in ("expected", "got"))
        lines.append(f"The first that is not right is at {place}: expected {want}, got {got}")
    return ["\n".join(lines)]


def _brief(value: Any) -> str:
    if isinstance(value, Tensor):
        if value.dim() == 0:
            return f"tensor({_number(value.item())})"
        if value.numel() <= MOST_NUMBERS:
            return _nested(value.tolist())
        return f"a tensor of shape ({', '.join(map(str, value.shape))})"
    if isinstance(value, Raised):
        return str(value)
    if isinstance(value, nn.Module):
        return " ".join(repr(value).split())[:200]
    if isinstance(value, list | tuple):
        left, right = "[]" if isinstance(value, list) else "()"
        return left + ", ".join(map(_brief, value)) + right
    if isinstance(value, float):
        return _number(value)
    if callable(value):
        return getattr(value, "__name__", type(value).__name__)
    return repr(value)[:200]


def _nested(numbers: Any) -> str:
    """Return the numbers of a tensor in the brackets of its axes."""
    if isinstance(numbers, list):
        return f"[{', '.join(map(_nested, numbers))}]"
    return _number(numbers)


def _number(value: Any) -> str:
    if isinstance(value, bool) or isinstance(value, complex):
        return str(value)
    if value != value or value in (float("inf"), float("-inf")):
        return str(value)
    if value == round(value) and abs(value) < 1e7:
        return str(round(value))
    return f"{value:.4g}"
