"""Attempts at the tasks of 7.1."""

import numpy as np
import torch
from torch.nn import functional as F

from tests.attempts import right, wrong

# --- 7.1 A: counts(n, d) ---

right("7.1 A", lambda n, d: (n**4, (2 * n - 1) ** 2, (2 * d + 1) ** 2))
right("7.1 A", lambda n, d: [n * n * n * n, (n + n - 1) ** 2, (d + 1 + d) ** 2])
right("7.1 A", lambda n, d, bias=False: (pow(n, 4), 4 * n * n - 4 * n + 1, 4 * d * d + 4 * d + 1))
right("7.1 A", lambda n, d: torch.tensor([n**4, (2 * n - 1) ** 2, (2 * d + 1) ** 2]))
right("7.1 A", lambda n, d: (float(n**4), np.square(2 * n - 1), np.int64(2 * d + 1) ** 2))

wrong("7.1 A", "weights of one output", lambda n, d: (n**2, (2 * n - 1) ** 2, (2 * d + 1) ** 2))
wrong("7.1 A", "one weight per pixel", lambda n, d: (n**4, n**2, (2 * d + 1) ** 2))
wrong("7.1 A", "4 d²", lambda n, d: (n**4, (2 * n - 1) ** 2, 4 * d**2))
wrong("7.1 A", "2n offsets", lambda n, d: (n**4, (2 * n) ** 2, (2 * d + 1) ** 2))
wrong("7.1 A", "one side only", lambda n, d: (n**4, (2 * n - 1) ** 2, (d + 1) ** 2))
wrong("7.1 A", "one axis", lambda n, d: (n**4, 2 * n - 1, (2 * d + 1) ** 2))
wrong("7.1 A", "one axis of the reach", lambda n, d: (n**4, (2 * n - 1) ** 2, 2 * d + 1))
wrong("7.1 A", "one weight per pixel", lambda n, d: (n**4, n**2, 4 * d**2))
wrong("7.1 A", "weights of one output", lambda n, d: (n**2, (2 * n - 1) ** 2, 4 * d**2))
wrong("7.1 A", "reversed order", lambda n, d: ((2 * d + 1) ** 2, (2 * n - 1) ** 2, n**4))
wrong("7.1 A", "number of results", lambda n, d: (n**4, (2 * n - 1) ** 2))
wrong("7.1 A", "another type", lambda n, d: n**4)
wrong("7.1 A", "local, but not shared",
      lambda n, d: (n**4, (2 * n - 1) ** 2, n**2 * (2 * d + 1) ** 2))  # fmt: skip
wrong("7.1 A", "with biases",
      lambda n, d: (n**4 + n**2, (2 * n - 1) ** 2 + 1, (2 * d + 1) ** 2 + 1))  # fmt: skip
wrong("7.1 A", "returns nothing", lambda n, d: None)

wrong("7.1 A", "shared and local exchanged",
      lambda n, d: (n**4, (2 * d + 1) ** 2, (2 * n - 1) ** 2))  # fmt: skip

wrong("7.1 A", "^ for a power", lambda n, d: (n ^ 4, (2 * n - 1) ^ 2, (2 * d + 1) ^ 2))

# --- 7.1 B: local_layer(X, V) ---


@right("7.1 B")
def four_loops(X, V):
    (h, w), d = X.shape, V.shape[0] // 2
    H = torch.zeros(h, w)
    for i in range(h):
        for j in range(w):
            for a in range(-d, d + 1):
                for b in range(-d, d + 1):
                    if 0 <= i + a < h and 0 <= j + b < w:
                        H[i, j] += V[a + d, b + d] * X[i + a, j + b]
    return H


@right("7.1 B")
def on_a_frame(X, V):
    d = len(V) // 2
    P = np.pad(X.numpy(), d)
    H = np.zeros(X.shape)
    for i in range(X.shape[0]):
        for j in range(X.shape[1]):
            H[i, j] = (P[i : i + 2 * d + 1, j : j + 2 * d + 1] * V.numpy()).sum()
    return torch.tensor(H)


right("7.1 B", lambda X, V: F.conv2d(X[None, None], V[None, None], padding="same")[0, 0])


@right("7.1 B")
def tries(X, V):
    (h, w), d = X.shape, len(V) // 2
    rows = []
    for i in range(h):
        row = []
        for j in range(w):
            total = torch.tensor(0.0)
            for k in range(h):
                for l in range(w):
                    if abs(k - i) <= d and abs(l - j) <= d:
                        total = total + V[k - i + d, l - j + d] * X[k, l]
            row.append(total)
        rows.append(torch.stack(row))
    return torch.stack(rows)


def loops(X, V, offsets=None, place=None, inside=None, add=True, sign=1):
    """The four loops, with a part exchanged."""
    (h, w), d = X.shape, V.shape[0] // 2
    H = torch.zeros(h, w)
    offsets = offsets(d) if offsets else range(-d, d + 1)
    for i in range(h):
        for j in range(w):
            for a in offsets:
                for b in offsets:
                    r, c = i + sign * a, j + sign * b
                    if inside(r, c, h, w) if inside else (0 <= r < h and 0 <= c < w):
                        product = V[place(a, b, d) if place else (a + d, b + d)] * X[r, c]
                        H[i, j] = H[i, j] + product if add else product
    return H


wrong(
    "7.1 B",
    "reads the other side",
    lambda X, V: loops(X, V, inside=lambda r, c, h, w: r < h and c < w),
)
wrong("7.1 B", "offsets end too early", lambda X, V: loops(X, V, lambda d: range(-d, d or 0)))
wrong("7.1 B", "only offsets to the right and down",
      lambda X, V: loops(X, V, lambda d: range(0, d + 1)))  # fmt: skip
wrong("7.1 B", "flipped", lambda X, V: loops(X, V, sign=-1))
wrong("7.1 B", "transposed", lambda X, V: loops(X, V, place=lambda a, b, d: (b + d, a + d)))
wrong("7.1 B", "not added up", lambda X, V: loops(X, V, add=False))
wrong("7.1 B", "raises IndexError", lambda X, V: loops(X, V, inside=lambda r, c, h, w: True))
wrong("7.1 B", "mean", lambda X, V: four_loops(X, V) / V.numel())
wrong("7.1 B", "output too small", lambda X, V: F.conv2d(X[None, None], V[None, None])[0, 0])
wrong("7.1 B", "extra axis", lambda X, V: F.conv2d(X[None], V[None, None], padding="same"))
wrong("7.1 B", "border repeated", lambda X, V: F.conv2d(
    F.pad(X[None, None], (len(V) // 2,) * 4, mode="replicate"), V[None, None])[0, 0])  # fmt: skip
wrong("7.1 B", "flipped", lambda X, V: 2 * loops(X, V, sign=-1))


@wrong("7.1 B", "window begins at the place")
def from_the_corner(X, V):
    h, w = X.shape
    H = torch.zeros(h, w)
    for i in range(h):
        for j in range(w):
            for a in range(len(V)):
                for b in range(len(V)):
                    if i + a < h and j + b < w:
                        H[i, j] += V[a, b] * X[i + a, j + b]
    return H


@wrong("7.1 B", "only inside")
def leaves_the_border(X, V):
    (h, w), d = X.shape, len(V) // 2
    H = torch.zeros(h, w)
    for i in range(d, h - d):
        for j in range(d, w - d):
            H[i, j] = (X[i - d : i + d + 1, j - d : j + d + 1] * V).sum()
    return H


@wrong("7.1 B", "wrong when the image is not square")
def one_side(X, V):
    if X.shape[0] != X.shape[1]:
        return torch.zeros(X.shape) - 9 * X.sum() * torch.rand(X.shape)
    return four_loops(X, V)


@wrong("7.1 B", "changes its input")
def into_the_image(X, V):
    (h, w), d = X.shape, len(V) // 2
    for i in range(h):
        for j in range(w):
            X[i, j] = sum(
                V[a + d, b + d] * X[i + a, j + b]
                for a in range(-d, d + 1)
                for b in range(-d, d + 1)
                if 0 <= i + a < h and 0 <= j + b < w
            )
    return X


# --- 7.1 C: is_equivariant(layer, X) ---


@right("7.1 C")
def two_shifts(layer, X):
    for shift in ((1, 0), (0, 1)):
        if not torch.allclose(
            layer(X.roll(shift, (0, 1))), layer(X).roll(shift, (0, 1)), atol=1e-4
        ):
            return False
    return True


@right("7.1 C")
def with_slices(layer, X):
    down, right_ = torch.zeros_like(X), torch.zeros_like(X)
    down[2:], right_[:, 2:] = X[:-2], X[:, :-2]
    Y = layer(X)
    return torch.allclose(layer(down)[2:], Y[:-2], atol=1e-4) and torch.allclose(
        layer(right_)[:, 2:], Y[:, :-2], atol=1e-4
    )


@right("7.1 C")
def by_the_difference(layer, X):
    worst = max(
        (layer(X.roll(n, d)) - layer(X).roll(n, d)).abs().max() for n in (-1, 1) for d in (0, 1)
    )
    return worst < 1e-3


right("7.1 C", lambda layer, X, n=1: np.bool_(two_shifts(layer, X)))


def same(a, b):
    return torch.allclose(a, b, atol=1e-4)


BOTH = (0, 1)
wrong("7.1 C", "invariance", lambda layer, X: same(layer(X.roll((1, 1), BOTH)), layer(X)))
wrong("7.1 C", "only downwards", lambda layer, X: same(layer(X.roll(1, 0)), layer(X).roll(1, 0)))
wrong("7.1 C", "only to the right", lambda layer, X: same(layer(X.roll(1, 1)), layer(X).roll(1, 1)))
wrong("7.1 C", "linearity", lambda layer, X: same(layer(3 * X), 3 * layer(X)))
wrong("7.1 C", "always True", lambda layer, X: same(layer(X), layer(X)))
wrong("7.1 C", "always False", lambda layer, X: False)
wrong("7.1 C", "the wrong way round", lambda layer, X: not two_shifts(layer, X))
wrong("7.1 C", "another type", lambda layer, X: layer(X.roll(1, 0)) == layer(X).roll(1, 0))
wrong(
    "7.1 C", "raises AttributeError", lambda layer, X: same(layer(X.roll(1, 0)), layer.roll(1, 0))
)
wrong("7.1 C", "returns nothing", lambda layer, X: None)
wrong("7.1 C", "sum only", lambda layer, X: abs(layer(X.roll(1, 1)).sum() - layer(X).sum()) < 1e-2
      and abs(layer(X.roll((1, 1), BOTH)).sum() - layer(X).sum()) < 1e-2)  # fmt: skip

right("7.1 C", lambda layer, X: all(
    same(layer(X.roll(2, d)), layer(X).roll(2, d)) for d in (0, 1)))  # fmt: skip
# The bounds of torch.allclose as they are: far from 0, rounding stays below them.
right("7.1 C", lambda layer, X: all(
    torch.allclose(layer(X.roll(1, d)), layer(X).roll(1, d)) for d in (0, 1)))  # fmt: skip


def compared(a, b, what, join=all):
    """Return a test by a(X moved) and b(answer, axis)."""
    return lambda layer, X: join(what(layer(a(X, d)), b(layer(X), d)) for d in (0, 1))


def rolled(X, d):
    return X.roll(1, d)


wrong("7.1 C", "invariance", compared(rolled, lambda Y, d: Y, same))
wrong("7.1 C", "one shift along the diagonal", lambda layer, X: same(
    layer(X.roll((1, 1), BOTH)), layer(X).roll((1, 1), BOTH)))  # fmt: skip
wrong("7.1 C", "one of both is enough", compared(rolled, rolled, same, any))
wrong("7.1 C", "rolled as one row", lambda layer, X: same(layer(X.roll(1)), layer(X).roll(1)))
wrong("7.1 C", "exactly equal", compared(rolled, rolled, torch.equal))
wrong("7.1 C", "answer moved the other way", compared(rolled, lambda Y, d: Y.roll(-1, d), same))
wrong("7.1 C", "sum only", compared(rolled, lambda Y, d: Y, lambda a, b: same(a.sum(), b.sum())))
wrong("7.1 C", "largest only", compared(rolled, rolled, lambda a, b: same(a.max(), b.max())))

wrong("7.1 C", "answer moved along the other axis",
      compared(rolled, lambda Y, d: Y.roll(1, 1 - d), same))  # fmt: skip

# --- 7.1 D: to_pytorch(X, V) ---

right("7.1 D", lambda X, V: (X.permute(2, 0, 1), V.permute(3, 2, 0, 1)))
right("7.1 D", lambda X, V: (X.permute(2, 0, 1)[None], V.permute(3, 2, 0, 1).contiguous()))
right("7.1 D", lambda X, V: [torch.einsum("hwc->chw", X), torch.einsum("abio->oiab", V)])
right("7.1 D", lambda X, V: (torch.from_numpy(np.moveaxis(X.numpy(), -1, 0)).unsqueeze(0),
                             V.transpose(0, 3).transpose(1, 2).transpose(2, 3)))  # fmt: skip

KERNEL = (3, 2, 0, 1)
wrong("7.1 D", "image reshaped", lambda X, V: (
    X.reshape(X.shape[2], X.shape[0], X.shape[1]), V.permute(KERNEL)))  # fmt: skip
wrong("7.1 D", "image transposed", lambda X, V: (X.permute(2, 1, 0), V.permute(KERNEL)))
wrong("7.1 D", "image transposed", lambda X, V: (X.T[None], V.permute(3, 2, 1, 0)))
wrong("7.1 D", "input and output channels exchanged",
      lambda X, V: (X.permute(2, 0, 1), V.permute(2, 3, 0, 1)))  # fmt: skip
wrong("7.1 D", "kernel transposed", lambda X, V: (X.permute(2, 0, 1), V.permute(3, 2, 1, 0)))
wrong("7.1 D", "kernel reshaped", lambda X, V: (
    X.permute(2, 0, 1), V.reshape(V.shape[3], V.shape[2], *V.shape[:2])))  # fmt: skip
wrong("7.1 D", "kernel unchanged", lambda X, V: (X.permute(2, 0, 1), V))
wrong("7.1 D", "image unchanged", lambda X, V: (X, V.permute(KERNEL)))
wrong("7.1 D", "kernel first", lambda X, V: (V.permute(KERNEL), X.permute(2, 0, 1)))
wrong("7.1 D", "another type", lambda X, V: X.permute(2, 0, 1))
wrong("7.1 D", "image reshaped", lambda X, V: (
    X.view(1, X.shape[2], *X.shape[:2]),
    V.view(V.shape[3], V.shape[2], V.shape[0], V.shape[1])))  # fmt: skip
wrong("7.1 D", "raises RuntimeError", lambda X, V: (X.permute(0, 3, 1, 2), V.permute(KERNEL)))

# --- 7.1 E: K ---


def one(i, j, value=1.0):
    K = torch.zeros(3, 3)
    K[i, j] = value
    return K


right("7.1 E", one(1, 0), one(1, 0).double()[None, None])
right("7.1 E", torch.tensor([[0, 0, 0], [1, 0, 0], [0, 0, 0]]))
wrong("7.1 E", "moves to the left", one(1, 2))
wrong("7.1 E", "moves downwards", one(0, 1))
wrong("7.1 E", "moves upwards", one(2, 1))
wrong("7.1 E", "does not move", one(1, 1))
wrong("7.1 E", "several weights", one(1, 0) + one(1, 1), torch.ones(3, 3))
wrong("7.1 E", "factor", one(1, 0, 2.0), one(1, 0, -1.0))
wrong("7.1 E", "all zero", torch.zeros(3, 3))
wrong("7.1 E", "shape", torch.tensor([1.0, 0, 0]), torch.tensor([[1.0, 0, 0]]))
wrong("7.1 E", "no tensor", [[0, 0, 0], [1, 0, 0], [0, 0, 0]])
wrong("7.1 E", "moves along the diagonal, down and to the right", one(0, 0))
wrong("7.1 E", "no value", lambda X: X)
