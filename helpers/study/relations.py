"""Mistakes that no task has to declare: how a wrong result lies to the right one."""

import itertools
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Any

import torch
from torch import Tensor

from helpers.study.compare import equal
from helpers.study.relations_of_numbers import is_real, of_numbers, of_truths, of_tuples

__all__ = ["relation"]

Pair = tuple[Any, Any]  # (got, expected)


def relation(pairs: Sequence[Pair]) -> tuple[str, str] | None:
    """Return the name of a relation that all wrong results have to the right ones, and a sentence.

    `pairs` are (got, expected) of all inputs; those that are equal count where they speak
    against a relation.
    """
    # What an attempt gives may be anything, as infinity in the place of a whole number.
    with suppress(ArithmeticError, IndexError, RuntimeError, TypeError, ValueError):
        return _relation(pairs)
    return None


def _relation(pairs: Sequence[Pair]) -> tuple[str, str] | None:
    wrong = [(got, want) for got, want in pairs if not equal(got, want)]
    if all(isinstance(part, Tensor) for pair in wrong for part in pair):
        if all(got.shape == want.shape for got, want in wrong):
            return _values(pairs, wrong)
        if all(got.shape != want.shape for got, want in wrong):
            return _shapes(wrong)
        if all(want.dim() > 1 for _, want in wrong) and _all(wrong, lambda t: t.mT):
            return "transposed", "Rows and columns of the result are exchanged."
        return None
    if all(isinstance(part, bool) for pair in wrong for part in pair):
        return of_truths(wrong)
    if all(is_real(part) for pair in wrong for part in pair):
        return of_numbers(pairs, wrong)
    if all(isinstance(part, tuple) for pair in wrong for part in pair):
        return of_tuples(wrong)
    return None


def _all(pairs: Sequence[Pair], change: Callable[[Any], Any]) -> bool:
    """Whether each wrong result is the right one, changed."""
    try:
        return all(equal(got, change(want)) for got, want in pairs)
    except (RuntimeError, IndexError, TypeError):
        return False


# --- tensors of the right shape ---


def _values(pairs: Sequence[Pair], wrong: list[Pair]) -> tuple[str, str] | None:
    several = [(got, want) for got, want in pairs if isinstance(got, Tensor)]
    if all(got.isnan().any() for got, _ in wrong if got.is_floating_point()) and any(
        got.is_floating_point() for got, _ in wrong
    ):
        return (
            "not a number",
            "The result holds `nan`: something was divided by zero, or taken \
the root or logarithm of a number for which there is none.",
        )
    if all(not got.any() for got, _ in wrong):
        return (
            "all zero",
            "The result consists of zeros: nothing of what is computed is put into \
it.",
        )
    simple: list[tuple[str, str, Callable[[Tensor], Tensor]]] = [
        ("sign", "Every number has the wrong sign.", lambda t: -t),
        ("negative numbers lost", "Negative numbers have become 0.", lambda t: t.clamp(min=0)),
        ("signs lost", "Negative numbers have become positive.", lambda t: t.abs()),
        (
            "whole numbers",
            "The digits after the point are lost: the result has a dtype of whole numbers.",
            lambda t: t.trunc(),
        ),
        ("transposed", "Rows and columns of the result are exchanged.", lambda t: t.mT),
        ("upside down", "The rows of the result are in reverse order.", lambda t: t.flip(-2)),
        ("mirrored", "The columns of the result are in reverse order.", lambda t: t.flip(-1)),
        ("turned", "The result is turned by half a turn.", lambda t: t.flip(-2, -1)),
    ]
    for name, sentence, change in simple:
        if _all(wrong, change):
            return name, sentence
    return _scaled(wrong) or _place(several, wrong) or _order(wrong) or _side(wrong)


def _side(wrong: list[Pair]) -> tuple[str, str] | None:
    """Say whether wrong numbers are all too large, or all too small."""
    for name, sign in (("high", 1), ("low", -1)):
        if all(bool((sign * (a.double() - b.double()) > -1e-4).all()) for a, b in wrong):
            word = "large" if sign > 0 else "small"
            return f"too {name}", f"Numbers that are not right are too {word}, always."
    return None


def _scaled(wrong: list[Pair]) -> tuple[str, str] | None:
    got, want = max(wrong, key=lambda pair: float(pair[1].abs().max()))
    place = want.abs().flatten().argmax()
    a, b = float(got.flatten()[place]), float(want.flatten()[place])
    if b and a and _all(wrong, lambda t: t * (a / b)):
        return "factor", f"Every number is {a / b:.4g} times what it should be."
    if _all(wrong, lambda t: t + (a - b)):
        more = f"{abs(a - b):.4g} too {'large' if a > b else 'small'}"
        return "offset", f"Every number is {more}."
    return None


def _place(pairs: list[Pair], wrong: list[Pair]) -> tuple[str, str] | None:
    """Name the rows or columns outside of which everything is right."""
    if any(want.dim() < 1 or want.numel() < 2 for _, want in wrong):
        return None
    zero = all(_first_only(got, want) for got, want in wrong)
    if zero:
        return (
            "stops too early",
            "Only the beginning is computed and the rest is 0: does \
`return`, or the line that stores a result, stand in the wrong block?",
        )
    axes = {"row": -2, "column": -1} if wrong[0][1].dim() > 1 else {"number": -1}
    for name, axis in axes.items():
        for which, place in (("last", -1), ("first", 0)):
            if all(_right_but(got, want, axis, place) for got, want in wrong):
                return (
                    f"{which} {name}",
                    f"Only the {which} {name} is wrong: look at where the \
loop {'ends' if place else 'begins'}.",
                )
    both = [(0, -1), (-1, 0), (0, 0), (-1, -1)]
    if wrong[0][1].dim() > 1 and any(
        all(_right_inside(got, want, *where) for got, want in wrong) for where in both
    ):
        return "border", "Only numbers at the border are wrong."
    return None


def _first_only(got: Tensor, want: Tensor) -> bool:
    flat_got, flat_want = got.flatten(), want.flatten()
    right = torch.isclose(flat_got.double(), flat_want.double(), rtol=1e-3, atol=1e-4)
    first = int(right.to(torch.int).cumprod(0).sum())
    return first > 0 and not flat_got[first:].any()


def _right_but(got: Tensor, want: Tensor, axis: int, place: int) -> bool:
    n = want.shape[axis]
    keep = torch.arange(n)[:-1] if place else torch.arange(n)[1:]
    return equal(got.index_select(axis, keep), want.index_select(axis, keep))


def _right_inside(got: Tensor, want: Tensor, row: int, column: int) -> bool:
    rows = slice(1, None) if row == 0 else slice(None, -1)
    columns = slice(1, None) if column == 0 else slice(None, -1)
    return equal(got[..., rows, columns], want[..., rows, columns])


def _order(wrong: list[Pair]) -> tuple[str, str] | None:
    if any(got.numel() < 2 for got, _ in wrong):
        return None
    if _all(
        [(got.flatten().sort().values, want.flatten().sort().values) for got, want in wrong],
        lambda t: t,
    ):
        return "order", "The numbers are right, but stand in other places."
    return None


# --- tensors of another shape ---


def _shapes(wrong: list[Pair]) -> tuple[str, str] | None:
    if all(got.numel() == want.numel() for got, want in wrong):
        if all(equal(got.squeeze(), want.squeeze()) for got, want in wrong):
            return (
                "extra axis",
                "The numbers are right, but the shape is not: an axis of \
length 1 is too many, or missing.",
            )
        axes = range(wrong[0][1].dim())
        for order in itertools.permutations(axes):
            if _all(wrong, lambda t, order=order: t.permute(order)):  # type: ignore[misc]
                name = "transposed" if len(axes) == 2 else "axes in another order"
                return name, "The numbers are right, but the axes are in another order."
        if all(equal(got.flatten(), want.flatten()) for got, want in wrong):
            return (
                "flattened",
                "The numbers are right and in order, but the shape is not: \
reshape them.",
            )
    if any(got.dim() != want.dim() for got, want in wrong):
        dims = {want.dim() for _, want in wrong}, {got.dim() for got, _ in wrong}
        a, b = (", ".join(map(str, sorted(part))) for part in dims)
        return "number of axes", f"The result is to have {a} axes and has {b}."
    return _size(wrong)


def _size(wrong: list[Pair]) -> tuple[str, str] | None:
    differences = {tuple(a - b for a, b in zip(got.shape, want.shape)) for got, want in wrong}
    if len(differences) != 1:
        return "shape", "The shape of the result is not right."
    more = differences.pop()
    axes = [f"axis {i}" for i in range(len(more))]
    if len(more) >= 2:
        axes[-2:] = ["row", "column"]
    elif len(more) == 1:
        axes = ["number"]
    words = [
        f"{abs(d)} {axis}{'s' * (abs(d) > 1)} too {'many' if d > 0 else 'few'}"
        for d, axis in zip(more, axes)
        if d
    ]
    size = "too large" if min(more) >= 0 else "too small" if max(more) <= 0 else "shape"
    return size, f"The result has {' and '.join(words)}."
