"""7.1 C: does a layer move with its input?"""

from collections.abc import Callable

import torch
from torch import Tensor
from torch.nn import functional as F

from helpers.study.task import Draw, Mistake, Task

__all__ = ["TASK"]

MARGIN = 3


def _that_move(draw: Draw) -> list[Callable[[Tensor], Tensor]]:
    kernel = draw.numbers(3, 3)

    def convolution(X):
        return F.conv2d(X[None, None], kernel[None, None].to(X), padding=1)[0, 0]

    def convolution_without_padding(X):
        return F.conv2d(X[None, None], kernel[None, None].to(X))[0, 0]

    def convolution_and_bias_and_relu(X):
        return torch.relu(convolution(X) + 0.5)

    def squares(X):
        return X**2

    def constant(X):
        return torch.ones_like(X)

    def mean_everywhere(X):
        return X.mean() * torch.ones_like(X)

    def subtracts_the_largest(X):
        return X - X.max()

    return [
        convolution, convolution_without_padding, convolution_and_bias_and_relu, squares,
        constant, mean_everywhere, subtracts_the_largest,
    ]  # fmt: skip


def _that_do_not(h: int, w: int, draw: Draw) -> list[Callable[[Tensor], Tensor]]:
    full, places = draw.numbers(h * w, h * w), draw.numbers(h, w, low=1, high=4)

    def fully_connected(X):
        return (full.to(X) @ X.reshape(-1)).reshape(h, w)

    def weight_per_place(X):
        return places.to(X) * X

    def adds_the_column_number(X):
        return X + torch.arange(w).to(X)

    def adds_the_row_number(X):
        return X + torch.arange(h).to(X)[:, None]

    def mirrors(X):
        return X.flip(1)

    def turns_upside_down(X):
        return X.flip(0)

    return [
        fully_connected, weight_per_place, adds_the_column_number, adds_the_row_number, mirrors,
        turns_upside_down,
    ]  # fmt: skip


MOVES = ("convolution", "squares", "constant", "mean_every", "subtracts")


def moves(layer: Callable, X: Tensor) -> bool:
    """Whether a layer moves with its input."""
    return layer.__name__.startswith(MOVES)


def inputs(draw: Draw):
    """Yield layers of all kinds, with an image inside of a frame of zeros."""
    for h, w in ((4, 5), (6, 4), (5, 5)):
        X = F.pad(draw.numbers(h, w, low=1, high=4), (MARGIN,) * 4)
        for layer in _that_move(draw) + _that_do_not(X.shape[0], X.shape[1], draw):
            yield layer, X


def _by(dh: int, dw: int) -> Callable:
    """Return the test with one shift only."""

    def test(layer, X):
        a, b = layer(X.roll((dh, dw), (0, 1))), layer(X).roll((dh, dw), (0, 1))
        return torch.allclose(a, b, atol=1e-3)

    return test


def _invariant(layer, X):
    return torch.allclose(layer(X.roll((1, 1), (0, 1))), layer(X), atol=1e-3)


def _linear(layer, X):
    return torch.allclose(layer(2 * X), 2 * layer(X), atol=1e-3)


def _back(layer, X):
    a, b = layer(X.roll((1, 1), (0, 1))), layer(X).roll((-1, -1), (0, 1))
    return torch.allclose(a, b, atol=1e-3)


def _sums(layer, X):
    return torch.allclose(layer(X.roll((1, 1), (0, 1))).sum(), layer(X).sum(), atol=1e-2)


def _largest(layer, X):
    return torch.allclose(layer(X.roll((1, 1), (0, 1))).max(), layer(X).max(), atol=1e-3)


TASK = Task(
    name="7.1 C",
    asks="is_equivariant(layer, X)",
    prompt="Write the test as a function: True if `layer`, any function from an image to a map, "
    "moves its answer when the image moves, to the right as well as downwards. `X` has three rows "
    "and columns of zeros at each border, so that it may be rolled by a pixel or two. Which layers "
    "pass? A convolution, but what about squaring, or adding the number of the column?",
    stub='''def is_equivariant(layer, X):
    """Return whether the answer to the moved image is the moved answer."""
    return ...  # True or False
''',
    solution='''def is_equivariant(layer, X):
    """Return whether the answer to the moved image is the moved answer."""
    for shift in ((1, 0), (0, 1)):
        moved = X.roll(shift, dims=(0, 1))
        if not torch.allclose(layer(moved), layer(X).roll(shift, (0, 1)), atol=1e-5):
            return False
    return True
''',
    hints=(
        "X.roll(1, dims=1) moves an image by one column to the right.",
        "Two maps are compared: the answer to the moved image, and the moved answer. "
        "torch.allclose compares.",
        "A layer that adds the column number moves with the image downwards, but not to the "
        "right: try both.",
    ),
    reference=moves,
    inputs=inputs,
    mistakes=(
        Mistake("invariance", "This tests whether the answer stays the same (invariance). It is "
                "to move, as the image does: move the answer too, before you compare.",
                _invariant),
        Mistake("only downwards", "The image is moved downwards only: a layer that adds the "
                "column number passes. Move it to the right as well.", _by(1, 0)),
        Mistake("only to the right", "The image is moved to the right only: a layer that adds "
                "the row number passes. Move it downwards as well.", _by(0, 1)),
        Mistake("linearity", "This tests whether the layer is linear. Squaring is not, and still "
                "moves with its input.", _linear),
        Mistake("answer moved the other way", "The answer is moved back, in the direction "
                "opposite to the image's.", _back),
        Mistake("sum only", "Only the sum of the answers is compared: it says nothing of places.",
                _sums),
        Mistake("largest only", "Only the largest answers are compared: that says nothing of "
                "places.", _largest),
        Mistake("always True", "It is True for every layer: is a layer compared with itself, or "
                "are both sides the same?", lambda layer, X: True),
        Mistake("always False", "It is False for every layer: is the moved answer as large as "
                "the answer to the moved image, and are numbers compared up to rounding?",
                lambda layer, X: False),
        Mistake("the wrong way round", "True and False are exchanged.",
                lambda layer, X: not moves(layer, X)),
        Mistake("one shift along the diagonal", "The image is moved along the diagonal only: "
                "what goes wrong to the right may be made up for downwards.", _by(1, 1)),
    ),
    conditions={
        "the layer is not linear": lambda layer, X: layer.__name__ in
            ("squares", "convolution_and_bias_and_relu", "constant", "subtracts_the_largest"),
        "the map is smaller than the image": lambda layer, X: "without" in layer.__name__,
        "the layer has no padding or squares": lambda layer, X:
            "without" in layer.__name__ or "squares" in layer.__name__,
        "the answer is the same everywhere": lambda layer, X:
            layer.__name__ in ("constant", "mean_everywhere"),
        "the answer outside of the image's content is not zero": lambda layer, X:
            layer.__name__ in ("constant", "mean_everywhere", "subtracts_the_largest",
                               "convolution_and_bias_and_relu"),
        "the layer does not move with its input": lambda layer, X: not moves(layer, X),
        "the layer moves with its input": moves,
    },
)  # fmt: skip
