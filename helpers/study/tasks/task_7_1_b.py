"""7.1 B: the local layer as four loops."""

import torch
from torch import Tensor
from torch.nn import functional as F

from helpers.study.task import Draw, Mistake, Task

__all__ = ["TASK", "local"]


def local(X: Tensor, V: Tensor) -> Tensor:
    """Return the local layer's answer, with zeros outside of the image."""
    return F.conv2d(X[None, None], V[None, None], padding=V.shape[0] // 2)[0, 0]


def inputs(draw: Draw):
    """Yield images, mostly not square, and weights of reach 0, 1 and 2."""
    yield torch.tensor([[1.0, 2.0], [3.0, 4.0]]), torch.arange(1.0, 10).reshape(3, 3)
    yield torch.tensor([[2.0]]), torch.tensor([[3.0]])
    yield torch.arange(6.0).reshape(2, 3), torch.ones(3, 3)
    for side in (1, 3, 5):
        for shape in ((1, 1), (2, 3), (3, 2), (4, 4), (5, 3), (3, 6)):
            yield draw.numbers(*shape), draw.numbers(side, side)


def _padded(X: Tensor, V: Tensor, mode: str) -> Tensor:
    d = V.shape[0] // 2
    return F.conv2d(F.pad(X[None, None], (d, d, d, d), mode=mode), V[None, None])[0, 0]


def _wrapped(X: Tensor, V: Tensor, negative: bool, beyond: bool) -> Tensor:
    """The other side of the image is read where an index is negative, or too large."""
    d, Y = V.shape[0] // 2, torch.zeros_like(X)
    h, w = X.shape
    for i in range(h):
        for j in range(w):
            for a in range(-d, d + 1):
                for b in range(-d, d + 1):
                    r, c = i + a, j + b
                    if not beyond and (r < -h or c < -w):
                        raise IndexError
                    if (negative or min(r, c) >= 0) and (beyond or (r < h and c < w)):
                        Y[i, j] += V[a + d, b + d] * X[r % h, c % w]
    return Y


def _cut(X: Tensor, V: Tensor, first: int, last: int) -> Tensor:
    """Offsets are left out at the beginning or at the end."""
    V = V.clone()
    n = V.shape[0]
    V[:first], V[:, :first], V[n - last :], V[:, n - last :] = 0, 0, 0, 0
    return local(X, V)


def _from_corner(X: Tensor, V: Tensor) -> Tensor:
    side = V.shape[0] - 1
    return F.conv2d(F.pad(X, (0, side, 0, side))[None, None], V[None, None])[0, 0]


def _inside(X: Tensor, V: Tensor) -> Tensor:
    d, Y = V.shape[0] // 2, torch.zeros_like(X)
    h, w = X.shape
    Y[d : h - d, d : w - d] = local(X, V)[d : h - d, d : w - d]
    return Y


def _last_only(X: Tensor, V: Tensor) -> Tensor:
    """The last product that lies inside of the image."""
    d, Y = V.shape[0] // 2, torch.zeros_like(X)
    h, w = X.shape
    for i in range(h):
        for j in range(w):
            a, b = min(d, h - 1 - i), min(d, w - 1 - j)
            Y[i, j] = V[a + d, b + d] * X[i + a, j + b]
    return Y


TASK = Task(
    name="7.1 B",
    asks="local_layer(X, V)",
    prompt="Write the last formula as loops: over the places i, j of `X` and over the offsets a, b "
    "from −d to d. `V` has 2d + 1 rows and columns; its middle is the offset (0, 0). What lies "
    "outside of the image counts as zero, and there is no bias. `X` need not be square.",
    stub='''@helpers.task("7.1 B")
def local_layer(X, V):
    """Return a weighted sum of each place's surroundings, as large as X."""
    return ...  # your lines
''',
    solution='''def local_layer(X, V):
    """Return a weighted sum of each place's surroundings, as large as X."""
    h, w = X.shape
    d = V.shape[0] // 2
    H = torch.zeros(h, w)
    for i in range(h):
        for j in range(w):
            for a in range(-d, d + 1):
                for b in range(-d, d + 1):
                    if 0 <= i + a < h and 0 <= j + b < w:
                        H[i, j] += V[a + d, b + d] * X[i + a, j + b]
    return H
''',
    hints=(
        "The reach is d = V.shape[0] // 2, and the offsets are range(-d, d + 1).",
        "The weight of the offset (a, b) stands at V[a + d, b + d]: an index may not be negative.",
        "X[-1] is the last row, and no error. Ask before you read:\n"
        "if 0 <= i + a < h and 0 <= j + b < w:\n"
        "    H[i, j] += V[a + d, b + d] * X[i + a, j + b]",
    ),
    reference=local,
    inputs=inputs,
    mistakes=(
        Mistake("reads the other side", "At the upper and at the left border, the other side of "
                "the image is read: X[-1] is the last row and no error. Ask for i + a >= 0.",
                lambda X, V: _wrapped(X, V, True, False)),
        Mistake("reads the other side twice", "Beyond every border, the other side of the image "
                "is read. Outside there are to be zeros.",
                lambda X, V: _wrapped(X, V, True, True)),
        Mistake("window begins at the place", "V's first entry lies on the place (i, j), where its "
                "middle should: the offset a belongs to V[a + d], and X[i + a].", _from_corner),
        Mistake("negative index into V", "V[a, b] with a negative offset reads V from its end: "
                "the offset (a, b) stands at V[a + d, b + d].",
                before=lambda X, V: (X, V.roll((V.shape[0] // 2,) * 2, (0, 1)))),
        Mistake("offsets end too early", "The last offset, d, is left out: range(-d, d) ends at "
                "d − 1.", lambda X, V: _cut(X, V, 0, min(1, V.shape[0] // 2 or V.shape[0]))),
        Mistake("offsets begin too late", "The first offset, −d, is left out.",
                lambda X, V: _cut(X, V, V.shape[0] // 2 and 1, 0)),
        Mistake("only offsets to the right and down", "Only offsets from 0 on are used: a and b "
                "begin at −d.", lambda X, V: _cut(X, V, V.shape[0] // 2, 0)),
        Mistake("first row and column as outside", "The first row and the first column are taken "
                "for outside: an index of 0 is inside (>= 0, not > 0).",
                before=lambda X, V: (F.pad(X[1:, 1:], (1, 0, 1, 0)), V)),
        Mistake("last row and column as outside", "The last row and the last column are taken for "
                "outside: h − 1 is the last index inside.",
                before=lambda X, V: (F.pad(X[:-1, :-1], (0, 1, 0, 1)), V)),
        Mistake("flipped", "V is read backwards: the place is i + a, not i − a. That is the "
                "mathematical convolution of 7.1.3.", before=lambda X, V: (X, V.flip(0, 1))),
        Mistake("transposed", "Rows and columns of V are exchanged.",
                before=lambda X, V: (X, V.T)),
        Mistake("only inside", "Places near the border are left at 0: there, the part of the "
                "window that lies on the image still counts.", _inside),
        Mistake("not added up", "Only one product is left at each place: H[i, j] is overwritten, "
                "and should be added to (+=).", _last_only),
        Mistake("output too small", "The output is smaller than the image: only places where the "
                "window fits are there. Outside there are zeros, and all places count.",
                lambda X, V: F.conv2d(X[None, None], V[None, None])[0, 0]),
        Mistake("border repeated", "Outside of the image its border is repeated; there are to be "
                "zeros.", lambda X, V: _padded(X, V, "replicate")),
        Mistake("mean", "The sum is divided by the number of weights.",
                lambda X, V: local(X, V) / V.numel()),
    ),
    conditions={
        "the image is not square": lambda X, V: X.shape[0] != X.shape[1],
        "the reach is not 0": lambda X, V: V.shape[0] > 1,
        "the reach is more than 1": lambda X, V: V.shape[0] > 3,
        "the reach is not 1": lambda X, V: V.shape[0] != 3,
        "the image is smaller than V": lambda X, V: min(X.shape) < V.shape[0],
    },
)  # fmt: skip
