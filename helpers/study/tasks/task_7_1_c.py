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
        return F.conv2d(X[None, None], kernel[None, None, :2, :2].to(X))[0, 0]

    def convolution_and_bias_and_relu(X):
        return torch.relu(convolution(X) + 0.5)

    def squares(X):
        return X**2

    def constant(X):
        return torch.ones_like(X)

    def mean_everywhere(X):
        return (X / 4).exp().mean() * torch.ones_like(X)  # rounded in another order when it moves

    def subtracts_the_largest(X):
        return X - X.max()

    def share_of_the_sum(X):
        return (X / 4).exp() / (X / 4).exp().sum()

    return [
        convolution, convolution_without_padding, convolution_and_bias_and_relu, squares,
        constant, mean_everywhere, subtracts_the_largest, share_of_the_sum,
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

    def turns_by_half(X):
        return X.flip(0, 1)

    def weight_per_diagonal(X):
        return (torch.arange(w) - torch.arange(h)[:, None]).to(X) * X

    def transposes(X):
        return X.T

    several = [
        fully_connected, weight_per_place, adds_the_column_number, adds_the_row_number, mirrors,
        turns_upside_down, turns_by_half, weight_per_diagonal,
    ]  # fmt: skip
    return [*several, transposes] if h == w else several


MOVES = ("convolution", "squares", "constant", "mean_every", "subtracts", "share")


def moves(layer: Callable, X: Tensor) -> bool:
    """Whether a layer moves with its input."""
    return layer.__name__.startswith(MOVES)


def inputs(draw: Draw):
    """Yield layers of all kinds, with an image inside of a frame of zeros."""
    for h, w in ((4, 5), (6, 4), (5, 5)):
        X = F.pad(draw.numbers(h, w, low=1, high=4), (MARGIN,) * 4)
        for layer in _that_move(draw) + _that_do_not(X.shape[0], X.shape[1], draw):
            yield layer, X


SHIFTS = {  # in which directions an image may be moved for a test
    "both": ((1, 0), (0, 1)),
    "the diagonal": ((1, 1),),
    "downwards": ((1, 0),),
    "right": ((0, 1),),
}


def _where(compare: Callable, shifts=SHIFTS["both"], some: bool = False) -> Callable:
    """Return a test by `compare(moved image's answer, answer, shift)`, for all of the shifts."""

    def test(layer, X):
        Y = layer(X)
        found = [compare(layer(X.roll(shift, (0, 1))), Y, shift) for shift in shifts]
        return any(found) if some else all(found)

    return test


def _moved(a, b, shift):
    return torch.allclose(a, b.roll(shift, (0, 1)), atol=1e-3)


def _moved_back(a, b, shift):
    return torch.allclose(a, b.roll((-shift[0], -shift[1]), (0, 1)), atol=1e-3)


def _moved_across(a, b, shift):
    return torch.allclose(a, b.roll(shift[::-1], (0, 1)), atol=1e-3)


def _exactly(a, b, shift):
    return torch.equal(a, b.roll(shift, (0, 1)))


def _linear(layer, X):
    return torch.allclose(layer(2 * X), 2 * layer(X), atol=1e-3)


def _flattened(layer, X):
    return torch.allclose(layer(X.roll(1)), layer(X).roll(1), atol=1e-3)


def _each(name: str, sentence: str, compare: Callable) -> tuple[Mistake, ...]:
    """Return a mistake in the comparison, with each choice of directions."""
    return tuple(Mistake(name, sentence, _where(compare, s)) for s in SHIFTS.values())


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
        *_each("invariance", "This tests whether the answer stays the same (invariance). It is "
               "to move, as the image does: move the answer too, before you compare.",
               lambda a, b, shift: torch.allclose(a, b, atol=1e-3)),
        Mistake("only downwards", "The image is moved downwards only: a layer that adds the "
                "column number passes. Move it to the right as well.",
                _where(_moved, SHIFTS["downwards"])),
        Mistake("only to the right", "The image is moved to the right only: a layer that adds "
                "the row number passes. Move it downwards as well.",
                _where(_moved, SHIFTS["right"])),
        Mistake("one of both is enough", "It is True already where the answer moves along one of "
                "the two directions: it is to do so along both (`and`, not `or`).",
                _where(_moved, some=True)),
        Mistake("rolled as one row", "roll without dims moves the image as if it were one long "
                "row. Say along which axis: X.roll(1, dims=0), and dims=1.", _flattened),
        Mistake("linearity", "This tests whether the layer is linear. Squaring is not, and still "
                "moves with its input.", _linear),
        *_each("answer moved the other way", "The answer is moved back, in the direction "
               "opposite to the image's.", _moved_back),
        Mistake("answer moved along the other axis", "The image is moved along one axis, and the "
                "answer along the other.", _where(_moved_across)),
        *_each("sum only", "Only the sum of the answers is compared: it says nothing of places.",
               lambda a, b, shift: torch.allclose(a.sum(), b.sum(), atol=1e-2)),
        *_each("largest only", "Only the largest answers are compared: that says nothing of "
               "places.", lambda a, b, shift: torch.allclose(a.max(), b.max(), atol=1e-3)),
        Mistake("always True", "It is True for every layer: is a layer compared with itself, or "
                "are both sides the same?", lambda layer, X: True),
        Mistake("always False", "It is False for every layer: is the moved answer as large as "
                "the answer to the moved image, and are numbers compared up to rounding?",
                lambda layer, X: False),
        Mistake("the wrong way round", "True and False are exchanged.",
                lambda layer, X: not moves(layer, X)),
        Mistake("one shift along the diagonal", "The image is moved along the diagonal only: "
                "what goes wrong to the right may be made up for downwards.",
                _where(_moved, SHIFTS["the diagonal"])),
        *_each("exactly equal", "Numbers are compared exactly: what differs by rounding only "
               "counts as different. torch.allclose compares up to rounding.", _exactly),
    ),
    conditions={
        "the layer is not linear": lambda layer, X: layer.__name__ in
            ("squares", "convolution_and_bias_and_relu", "constant", "subtracts_the_largest",
             "mean_everywhere", "share_of_the_sum"),
        "the map is smaller than the image": lambda layer, X: "without" in layer.__name__,
        "the layer has no padding or squares": lambda layer, X:
            "without" in layer.__name__ or "squares" in layer.__name__,
        "the answer is the same everywhere": lambda layer, X:
            layer.__name__ in ("constant", "mean_everywhere"),
        "the answer outside of the image's content is not zero": lambda layer, X:
            layer.__name__ in ("constant", "mean_everywhere", "subtracts_the_largest",
                               "convolution_and_bias_and_relu", "share_of_the_sum"),
        "the layer does not move with its input": lambda layer, X: not moves(layer, X),
        "the layer moves with its input": moves,
    },
)  # fmt: skip
