"""7.5 A: maximum pooling with a stride."""

import torch
from torch import Tensor
from torch.nn import functional as F

from helpers.study.task import Draw, Mistake, Task

__all__ = ["TASK", "windows"]


def windows(X: Tensor, p: int, s: int) -> Tensor:
    """Return all windows of an image, (rows, columns, p, p)."""
    return X.unfold(0, p, s).unfold(1, p, s)


def pool(X: Tensor, p: int, s: int) -> Tensor:
    """Return the largest number of each window."""
    return windows(X, p, s).amax((2, 3))


def inputs(draw: Draw):
    """Yield images, not square, with negative numbers; windows that leave rows over."""
    yield torch.arange(16.0).reshape(4, 4), 2, 2
    yield torch.tensor([[3.0, -1.0], [-2.0, 1.0]]), 2, 1
    yield torch.tensor([[3.0, -1.0], [-2.0, 1.0]]), 1, 2
    yield -torch.arange(1.0, 10).reshape(3, 3), 2, 1
    for p, s in ((1, 1), (2, 1), (2, 2), (2, 3), (3, 1), (3, 2), (1, 2), (3, 3)):
        for _ in range(2):
            yield draw.numbers(p + draw.whole(0, 4), p + draw.whole(1, 4)), p, s


def _rounded_up(X: Tensor, p: int, s: int) -> Tensor:
    return F.max_pool2d(X[None], p, s, ceil_mode=True)[0]


def _padded(X: Tensor, p: int, s: int) -> Tensor:
    return F.max_pool2d(X[None], p, s, padding=p // 2)[0]


def _at_places(X: Tensor, p: int, s: int) -> Tensor:
    """The size is right, but the windows begin at i, j and not at i · s, j · s."""
    h, w = pool(X, p, s).shape
    return pool(X, p, 1)[:h, :w]


def _square(X: Tensor, p: int, s: int) -> Tensor:
    n = (X.shape[0] - p) // s + 1
    Y = torch.zeros(n, n)
    for i in range(n):
        for j in range(n):
            Y[i, j] = X[i * s : i * s + p, j * s : j * s + p].max()
    return Y


def _clipped(X: Tensor, p: int, s: int) -> Tensor:
    """As many windows as steps of s fit into the image, the last ones cut off at its border."""
    return _cut_off(X, p, s, X.shape[0] // s, X.shape[1] // s)


def _cut_off(X: Tensor, p: int, s: int, h: int, w: int) -> Tensor:
    cells = [X[i * s : i * s + p, j * s : j * s + p].max() for i in range(h) for j in range(w)]
    return torch.stack(cells).reshape(h, w) if cells else torch.zeros(h, w)


def _as_large_as_s(X: Tensor, p: int, s: int) -> Tensor:
    h, w = pool(X, p, s).shape
    cells = [X[i * s : i * s + s, j * s : j * s + s].max() for i in range(h) for j in range(w)]
    return torch.stack(cells).reshape(h, w)


TASK = Task(
    name="7.5 A",
    asks="pool(X, p, s)",
    prompt="Write maximum pooling with a stride: `X` is an image (rows, columns), the window has "
    "p × p pixels, and moves by `s` in both directions. A window that would leave the image is "
    "left out.",
    stub='''def pool(X, p, s):
    """Maximum pooling with a p x p window and a stride of s."""
    return ...  # your lines
''',
    solution='''def pool(X, p, s):
    """Maximum pooling with a p x p window and a stride of s."""
    h, w = (X.shape[0] - p) // s + 1, (X.shape[1] - p) // s + 1
    Y = torch.zeros(h, w)
    for i in range(h):
        for j in range(w):
            Y[i, j] = X[i * s : i * s + p, j * s : j * s + p].max()
    return Y
''',
    hints=(
        "How many windows fit? The formula is that of 7.3: (n − p) // s + 1.",
        "The window of the output (i, j) begins in row i · s and in column j · s.",
        "Y[i, j] = X[i * s : i * s + p, j * s : j * s + p].max(), within two loops.",
    ),
    reference=pool,
    inputs=inputs,
    mistakes=(
        Mistake("without stride", "The stride is not used: the window moves by one pixel.",
                lambda X, p, s: pool(X, p, 1)),
        Mistake("stride p", "The window moves by its own size; it is to move by s.",
                lambda X, p, s: pool(X, p, p)),
        Mistake("window and stride exchanged", "Window and stride are exchanged: the arguments "
                "come in the order X, p, s.", lambda X, p, s: pool(X, s, p)),
        Mistake("windows not moved by s", "The size is right, but the window of the output (i, j) "
                "begins at i, j; it is to begin at i · s, j · s.", _at_places),
        Mistake("mean", "This is the mean of each window; the maximum is asked for.",
                lambda X, p, s: windows(X, p, s).mean((2, 3))),
        Mistake("minimum", "This is the smallest number of each window.",
                lambda X, p, s: windows(X, p, s).amin((2, 3))),
        Mistake("sum", "This is the sum of each window; the maximum is asked for.",
                lambda X, p, s: windows(X, p, s).sum((2, 3))),
        Mistake("negative numbers lost", "Where all numbers of a window are negative, the result "
                "is 0: does a maximum begin with 0, or is there a ReLU?",
                after=lambda Y, X, p, s: Y.clamp(min=0)),
        Mistake("largest size", "The number that is largest without its sign is taken.",
                lambda X, p, s: windows(X, p, s).abs().amax((2, 3))),
        Mistake("rounded up", "A window that leaves the image is used, too: the size is rounded "
                "up, and is to be rounded down.", _rounded_up),
        Mistake("+1 before the division", "The 1 for the first position is added before the "
                "division by s: it belongs behind it, (n − p) // s + 1.",
                lambda X, p, s: pool(X, p, s)[
                    : (X.shape[0] - p + 1) // s, : (X.shape[1] - p + 1) // s]),
        Mistake("size without the window", "The size is n // s, and the last windows leave the "
                "image: a window of p needs room, (n − p) // s + 1.", _clipped),
        Mistake("windows cut off", "A window begins every s pixels up to the border, and the last "
                "ones are cut off there: leave out those that do not fit.",
                lambda X, p, s: _cut_off(X, p, s, -(-X.shape[0] // s), -(-X.shape[1] // s))),
        Mistake("window of s × s", "The window has s × s pixels; it is to have p × p.",
                _as_large_as_s),
        Mistake("stride for the rows only", "The window moves by s downwards, and by 1 to the "
                "right.", lambda X, p, s: X.unfold(0, p, s).unfold(1, p, 1).amax((2, 3))),
        Mistake("stride for the columns only", "The window moves by s to the right, and by 1 "
                "downwards.", lambda X, p, s: X.unfold(0, p, 1).unfold(1, p, s).amax((2, 3))),
        Mistake("padded", "The image is padded: without padding, windows stay inside.", _padded),
        Mistake("one too few", "The last row and the last column of the output are missing: the "
                "first position counts, too (+ 1).", lambda X, p, s: pool(X, p, s)[:-1, :-1]),
        Mistake("last row and column left out", "The last row and the last column of the output "
                "stay 0.", after=lambda Y, X, p, s: F.pad(Y[:-1, :-1], (0, 1, 0, 1))),
        Mistake("square image", "The image's number of rows is used for its columns, too.",
                _square),
        Mistake("whole image", "One number comes back: the largest of the whole image.",
                lambda X, p, s: X.max()),
        Mistake("first window", "One number comes back, that of the first window: does `return` "
                "stand inside the loop?", lambda X, p, s: X[:p, :p].max()),
        Mistake("transposed", "Rows and columns of the result are exchanged.",
                after=lambda Y, X, p, s: Y.mT),
        Mistake("rows only", "The largest number of the window's first row is taken.",
                lambda X, p, s: windows(X, p, s)[:, :, 0].amax(2)),
    ),
    conditions={
        "the stride is not 1": lambda X, p, s: s != 1,
        "stride and window differ": lambda X, p, s: s != p,
        "the stride is larger than the window": lambda X, p, s: s > p,
        "windows overlap": lambda X, p, s: s < p,
        "the image is not square": lambda X, p, s: X.shape[0] != X.shape[1],
        "rows or columns are left over": lambda X, p, s:
            (X.shape[0] - p) % s > 0 or (X.shape[1] - p) % s > 0,
        "a window holds negative numbers only": lambda X, p, s: bool((pool(X, p, s) < 0).any()),
        "the window is not 2 × 2": lambda X, p, s: p != 2,
    },
)  # fmt: skip
