"""7.5 C: the gradient of maximum pooling."""

import torch
from torch import Tensor
from torch.nn import functional as F

from helpers.study.task import Draw, Mistake, Task

__all__ = ["TASK"]


def gradient(X: Tensor, G: Tensor) -> Tensor:
    """Return the gradient with respect to X, where G is that of the pooled map."""
    _, where = F.max_pool2d(X[None], 2, return_indices=True)
    return F.max_unpool2d(G[None].float(), where, [2, 2], output_size=X.shape)[0]


def inputs(draw: Draw):
    """Yield images of different numbers, also negative ones only, and gradients."""
    yield torch.tensor([[1.0, 2.0], [4.0, 3.0]]), torch.tensor([[5.0]])
    yield torch.tensor([[-1.0, -2.0], [-4.0, -3.0]]), torch.tensor([[2.0]])
    for h, w in ((1, 1), (1, 2), (2, 1), (2, 2), (1, 1), (2, 3), (3, 2), (1, 3), (3, 3)):
        order = torch.randperm(4 * h * w, generator=draw.generator).float()
        for low in (0, draw.whole(1, 4 * h * w)):
            yield (order - low - 0.5).reshape(2 * h, 2 * w), draw.numbers(h, w) + 0.125


def _spread(G: Tensor) -> Tensor:
    return G.repeat_interleave(2, 0).repeat_interleave(2, 1)


def _place(X: Tensor, G: Tensor, i: int, j: int) -> Tensor:
    Y = torch.zeros_like(X)
    Y[i::2, j::2] = G
    return Y


def _tiled(X: Tensor, G: Tensor) -> Tensor:
    return G.repeat(2, 2) * (gradient(X, torch.ones_like(G)))


def _widest(X: Tensor, axis: int) -> Tensor:
    """Return for each number the largest of its row (axis 1) or column in its window."""
    size = (1, 2) if axis else (2, 1)
    return F.max_pool2d(X[None], size)[0].repeat_interleave(2, axis)


TASK = Task(
    name="7.5 C",
    asks="pool_gradient(X, G)",
    prompt="Work the gradient of 2 × 2 maximum pooling (stride 2) out by hand. `X` has an even "
    "number of rows and columns, and no number twice in a window; `G` is the gradient that "
    "arrives at the pooled map. Return the gradient that arrives at `X`, of the same shape as `X`.",
    stub='''def pool_gradient(X, G):
    """Return the gradient at X (h, w) from G, that at the pooled map."""
    return ...  # your lines
''',
    solution='''def pool_gradient(X, G):
    """Return the gradient at X (h, w) from G, that at the pooled map."""
    result = torch.zeros_like(X)
    for i in range(G.shape[0]):
        for j in range(G.shape[1]):
            window = X[2 * i : 2 * i + 2, 2 * j : 2 * j + 2]
            largest = (window == window.max()).float()
            result[2 * i : 2 * i + 2, 2 * j : 2 * j + 2] = largest * G[i, j]
    return result
''',
    hints=(
        "Change one number of a window a little: when does the maximum change with it?",
        "Only the largest number of a window has a say. It gets the whole gradient, the three "
        "others get 0.",
        "window == window.max() is True at the largest; multiply it by G[i, j].",
    ),
    reference=gradient,
    inputs=inputs,
    mistakes=(
        Mistake("divided among all", "The gradient is divided among the four numbers of the "
                "window: that is average pooling. The largest alone gets all of it.",
                lambda X, G: _spread(G) / 4),
        Mistake("to all", "All four numbers of a window get the gradient; only the largest has a "
                "say in the maximum.", lambda X, G: _spread(G)),
        Mistake("to the first", "The gradient goes to the first number of each window; it is to go "
                "to the largest.", lambda X, G: _place(X, G, 0, 0)),
        Mistake("to the last", "The gradient goes to the last number of each window; it is to go "
                "to the largest.", lambda X, G: _place(X, G, 1, 1)),
        Mistake("to the smallest", "The gradient goes to the smallest number of each window.",
                lambda X, G: gradient(-X, G)),
        Mistake("ones", "The largest numbers get 1, not the gradient G that arrives.",
                lambda X, G: gradient(X, torch.ones_like(G))),
        Mistake("times the image", "The gradient is multiplied by the number itself: the maximum "
                "grows as fast as the largest number, with the factor 1.",
                lambda X, G: gradient(X, G) * X),
        Mistake("the maximum in place of the gradient", "The largest numbers themselves come "
                "back, not the gradient G.", lambda X, G: gradient(X, torch.ones_like(G)) * X),
        Mistake("largest of the image", "Only the largest number of the whole image gets a "
                "gradient; each window has one.",
                lambda X, G: _spread(G) * (X == X.max())),
        Mistake("without small ones", "Where the largest number is negative, no gradient "
                "arrives: that would be a ReLU.", lambda X, G: gradient(X, G) * (X > 0)),
        Mistake("gradient at the wrong window", "G is laid out side by side (repeat): each of its "
                "numbers belongs to one window of 2 × 2.", _tiled),
        Mistake("largest of each row", "The largest of each *row* of a window gets the gradient: "
                "max() of a window without an axis is its one maximum.",
                lambda X, G: _spread(G) * (X == _widest(X, 1))),
        Mistake("largest of each column", "The largest of each *column* of a window gets the "
                "gradient: max() of a window without an axis is its one maximum.",
                lambda X, G: _spread(G) * (X == _widest(X, 0))),
        Mistake("shape of the map", "The gradient of the map itself comes back; it is to have the "
                "shape of X.", lambda X, G: G),
        Mistake("rows and columns exchanged in the window", "The gradient goes to the place with "
                "row and column exchanged: argmax() counts row by row, so its row is the number "
                "// 2 and its column the rest, % 2.",
                after=lambda Y, X, G: Y.reshape(len(G), 2, -1, 2).transpose(1, 3).reshape(Y.shape)),
        Mistake("shape of the map", "The result has the shape of the pooled map; it is to have the "
                "shape of X, with four places for each window.",
                tells=lambda got, X, G: got.shape == G.shape),
        Mistake("sum of the gradients", "Every window gets the sum of all gradients: does "
                "backward() begin with G?",
                lambda X, G: gradient(X, torch.ones_like(G)) * G.sum()),
        Mistake("sum to all", "All numbers get the sum of all gradients.",
                lambda X, G: torch.ones_like(X) * G.sum()),
        Mistake("others get the gradient", "All but the largest get the gradient.",
                lambda X, G: _spread(G) - gradient(X, G)),
        Mistake("sign", "The sign is wrong.", after=lambda Y, X, G: -Y),
    ),
    conditions={
        "there is more than one window": lambda X, G: G.numel() > 1,
        "a window's numbers are all negative": lambda X, G: bool(
            (F.max_pool2d(X[None], 2) < 0).any()),
        "the image is not square": lambda X, G: X.shape[0] != X.shape[1],
        "a gradient is negative": lambda X, G: bool((G < 0).any()),
    },
)  # fmt: skip
