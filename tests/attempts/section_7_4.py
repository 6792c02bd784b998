"""Attempts at the tasks of 7.4."""

import numpy as np
import torch
from torch import nn
from torch.nn import functional as F

import helpers
from tests.attempts import right, wrong

corr2d = helpers.corr2d

# --- 7.4 A: corr2d_multi_in(X, K) ---


@right("7.4 A")
def multi_in(X, K):
    if X.shape[0] != K.shape[0]:
        raise ValueError("other numbers of channels")
    return sum(corr2d(x, k) for x, k in zip(X, K))


@wrong("7.4 A", "another error")
def asserts(X, K):
    assert X.shape[0] == K.shape[0], "channels"
    Y = corr2d(X[0], K[0])
    for c in range(1, len(X)):
        Y = Y + corr2d(X[c], K[c])
    return Y


@right("7.4 A")
def with_a_layer(X, K):
    if X.size(0) != K.size(0):
        raise ValueError
    return F.conv2d(X[None], K[None])[0, 0]


right("7.4 A", helpers.corr2d_multi_in)
right("7.4 A", lambda X, K: sum(corr2d(x, k) for x, k in zip(X, K, strict=True)))

wrong("7.4 A", "another error", lambda X, K: F.conv2d(X[None], K[None])[0, 0])
wrong("7.4 A", "error returned", lambda X, K: multi_in(X, K)
      if len(X) == len(K) else ValueError("channels"))  # fmt: skip
wrong("7.4 A", "channels added too early", lambda X, K: sum(corr2d(x, k) for x in X for k in K)
      if len(X) == len(K) else multi_in(X, K))  # fmt: skip
wrong("7.4 A", "does not refuse", lambda X, K: sum(corr2d(x, k) for x, k in zip(X, K)))
wrong("7.4 A", "not added up", lambda X, K: torch.stack(
    [corr2d(x, k) for x, k in zip(X, K, strict=True)]))  # fmt: skip
wrong("7.4 A", "mean", lambda X, K: multi_in(X, K) / len(X))
wrong("7.4 A", "flipped kernel", lambda X, K: multi_in(X, K.flip(1, 2)))
wrong("7.4 A", "channels in reverse", lambda X, K: multi_in(X, K.flip(0)))
wrong("7.4 A", "kernel transposed", lambda X, K: multi_in(X, K.transpose(1, 2)))
wrong(
    "7.4 A",
    "same kernel for all",
    lambda X, K: multi_in(X, K) - multi_in(X, K) + multi_in(X, K[:1].repeat(len(K), 1, 1)),
)
wrong("7.4 A", "raises ValueError", lambda X, K: corr2d(X, K))
wrong("7.4 A", "returns a list", lambda X, K: multi_in(X, K).tolist())
wrong("7.4 A", "does not refuse", lambda X, K: sum(corr2d(x, k.flip(0, 1)) for x, k in zip(X, K)))
wrong(
    "7.4 A",
    "one channel for all",
    lambda X, K: (X.unfold(1, K.shape[1], 1).unfold(2, K.shape[2], 1) * K[:, None, None]).sum(
        (0, 3, 4)
    ),
)


@wrong("7.4 A", "first channel only")
def return_in_the_loop(X, K):
    if len(X) != len(K):
        raise ValueError
    Y = 0
    for x, k in zip(X, K):
        Y = Y + corr2d(x, k)
        return Y


@wrong("7.4 A", "last channel only")
def overwrites(X, K):
    if len(X) != len(K):
        raise ValueError
    for x, k in zip(X, K):
        Y = corr2d(x, k)
    return Y


@wrong("7.4 A", "does not refuse")
def gives_none_warning(X, K):
    if len(X) != len(K):
        return None
    return multi_in(X, K)


@wrong("7.4 A", "channels multiplied")
def multiplies(X, K):
    if len(X) != len(K):
        raise ValueError
    Y = 1
    for x, k in zip(X, K):
        Y = Y * corr2d(x, k)
    return Y


# --- 7.4 B: corr2d_multi_in_out(X, K) ---

right("7.4 B", lambda X, K: torch.stack([multi_in(X, k) for k in K], 0))
right("7.4 B", lambda X, K: F.conv2d(X[None], K)[0], helpers.corr2d_multi_in_out)


@right("7.4 B")
def five_loops(X, K):
    out, _, a, b = K.shape
    h, w = X.shape[1] - a + 1, X.shape[2] - b + 1
    Y = np.zeros((out, h, w))
    for o in range(out):
        for i in range(h):
            for j in range(w):
                Y[o, i, j] = (X[:, i : i + a, j : j + b] * K[o]).sum()
    return torch.tensor(Y)


wrong("7.4 B", "channels last", lambda X, K: torch.stack([multi_in(X, k) for k in K], -1))
wrong("7.4 B", "channels in the middle", lambda X, K: torch.stack([multi_in(X, k) for k in K], 1))
wrong("7.4 B", "glued together", lambda X, K: torch.cat([multi_in(X, k) for k in K]))
wrong("7.4 B", "glued together", lambda X, K: torch.cat([multi_in(X, k) for k in K], 1))
wrong("7.4 B", "added up", lambda X, K: sum(multi_in(X, k) for k in K))
wrong("7.4 B", "returns a list of tensors", lambda X, K: [multi_in(X, k) for k in K])
wrong("7.4 B", "channels in reverse", lambda X, K: five_loops(X, K.flip(0)))
wrong("7.4 B", "flipped kernel", lambda X, K: F.conv2d(X[None], K.flip(2, 3))[0])
wrong("7.4 B", "first kernel only", lambda X, K: multi_in(X, K[0]))
wrong(
    "7.4 B", "raises ValueError", lambda X, K: torch.stack([multi_in(x, k) for x, k in zip(X, K)])
)
wrong("7.4 B", "input and output channels exchanged",
      lambda X, K: F.conv2d(X[None], K.transpose(0, 1))[0])  # fmt: skip
wrong("7.4 B", "first input channel only",
      lambda X, K: torch.stack([corr2d(X[0], k[0]) for k in K]))  # fmt: skip
wrong("7.4 B", "extra axis", lambda X, K: F.conv2d(X[None], K))
wrong("7.4 B", "returns nothing", lambda X, K: [multi_in(X, k) for k in K].clear())

wrong("7.4 B", "as many as input channels", lambda X, K: torch.stack(
    [helpers.corr2d_multi_in(X, k) for _, k in zip(X, K)]))  # fmt: skip

# --- 7.4 C: corr1x1(X, K) ---


@right("7.4 C")
def as_in_the_book(X, K):
    c_i, h, w = X.shape
    Y = torch.matmul(K.reshape(len(K), c_i), X.reshape(c_i, h * w))
    return Y.reshape(len(K), h, w)


right("7.4 C", lambda X, K: torch.einsum("oc,chw->ohw", K[..., 0, 0], X))
right("7.4 C", lambda X, K: F.conv2d(X[None], K)[0], helpers.corr2d_multi_in_out_1x1)
right("7.4 C", lambda X, K: (X.permute(1, 2, 0) @ K[:, :, 0, 0].T).permute(2, 0, 1))
right("7.4 C", lambda X, K: torch.from_numpy(np.tensordot(K.numpy()[:, :, 0, 0], X.numpy(), 1)))


@wrong("7.4 C", "torn twice")
def pixels_first(X, K):
    c_i, h, w = X.shape
    Y = X.reshape(h * w, c_i) @ K.reshape(len(K), c_i).T
    return Y.reshape(len(K), h, w)


@wrong("7.4 C", "result torn")
def torn_back(X, K):
    c_i, h, w = X.shape
    Y = X.reshape(c_i, h * w).T @ K.reshape(len(K), c_i).T
    return Y.reshape(len(K), h, w)


@wrong("7.4 C", "image torn")
def torn(X, K):
    c_i, h, w = X.shape
    Y = K.reshape(len(K), c_i) @ X.reshape(h * w, c_i).T
    return Y.reshape(len(K), h, w)


wrong("7.4 C", "not reshaped", lambda X, K: K[:, :, 0, 0] @ X.flatten(1))
wrong("7.4 C", "channels last", lambda X, K: X.permute(1, 2, 0) @ K[:, :, 0, 0].T)
wrong("7.4 C", "kernel transposed", lambda X, K: as_in_the_book(X, K.transpose(0, 1)))
wrong(
    "7.4 C",
    "kernel torn",
    lambda X, K: (K.reshape(len(X), len(K)).T @ X.flatten(1)).reshape(-1, *X.shape[1:]),
)
wrong("7.4 C", "rows and columns exchanged", lambda X, K: (
    K[:, :, 0, 0] @ X.flatten(1)).reshape(len(K), X.shape[2], X.shape[1]))  # fmt: skip
wrong("7.4 C", "raises RuntimeError", lambda X, K: K @ X)
wrong("7.4 C", "mean", lambda X, K: as_in_the_book(X, K) / X.shape[0])
wrong("7.4 C", "extra axis", lambda X, K: F.conv2d(X[None], K))
wrong("7.4 C", "added up", lambda X, K: (K[:, :, 0, 0] @ X.flatten(1)).sum(0).reshape(X.shape[1:]))
wrong("7.4 C", "returns nothing", lambda X, K: None)

# --- 7.4 D: parameters(ci, co, kh, kw, groups=1, bias=True) ---


def counted(ci, co, kh, kw, groups=1, bias=True):
    return ci // groups * co * kh * kw + bias * co


right("7.4 D", counted)
right("7.4 D", lambda ci, co, kh, kw, g=1, b=True: co * (ci * kh * kw // g + (1 if b else 0)))
right(
    "7.4 D",
    lambda ci, co, kh, kw, groups=1, bias=True: sum(
        p.numel() for p in nn.Conv2d(ci, co, (kh, kw), groups=groups, bias=bias).parameters()
    ),
)
right("7.4 D", lambda ci, co, kh, kw, groups=1, bias=True: torch.tensor(
    counted(ci, co, kh, kw, groups, bias)))  # fmt: skip
right("7.4 D", lambda ci, co, kh, kw, groups=1, bias=True: ci * co * kh * kw / groups + co * bias)

wrong("7.4 D", "groups not used", lambda ci, co, kh, kw, g=1, b=True: ci * co * kh * kw + b * co)
wrong("7.4 D", "bias never", lambda ci, co, kh, kw, g=1, b=True: ci // g * co * kh * kw)
wrong("7.4 D", "bias always", lambda ci, co, kh, kw, g=1, b=True: ci // g * co * kh * kw + co)
wrong("7.4 D", "one bias", lambda ci, co, kh, kw, g=1, b=True: ci // g * co * kh * kw + b)
wrong("7.4 D", "bias per input channel",
      lambda ci, co, kh, kw, g=1, b=True: ci // g * co * kh * kw + ci * b)  # fmt: skip
wrong("7.4 D", "groups divide twice",
      lambda ci, co, kh, kw, g=1, b=True: (ci // g) * (co // g) * kh * kw + co * b)  # fmt: skip
wrong("7.4 D", "square kernel", lambda ci, co, kh, kw, g=1, b=True: ci // g * co * kh**2 + co * b)
wrong("7.4 D", "input channels not used", lambda ci, co, kh, kw, g=1, b=True: co * kh * kw + co * b)
wrong("7.4 D", "groups multiply",
      lambda ci, co, kh, kw, g=1, b=True: ci * co * kh * kw * g + co * b)  # fmt: skip
wrong("7.4 D", "ignores groups", lambda ci, co, kh, kw, g=1, b=True: ci * co * kh * kw)
wrong("7.4 D", "ignores groups", lambda ci, co, kh, kw, g=1, b=True: ci * co * kh * kw + co)
wrong("7.4 D", "bias divided by the groups",
      lambda ci, co, kh, kw, g=1, b=True: (ci * co * kh * kw + co * b) // g)  # fmt: skip
wrong("7.4 D", "other arguments", lambda ci, co, k: ci * co * k * k)
wrong("7.4 D", "prints", lambda ci, co, kh, kw, g=1, b=True: print(ci // g * co * kh * kw + b * co))
wrong("7.4 D", "kernel added",
      lambda ci, co, kh, kw, g=1, b=True: ci // g * co * (kh + kw) + co * b)  # fmt: skip

wrong("7.4 D", "one bias for each group", lambda ci, co, kh, kw, groups=1, bias=True:
      co * (ci // groups) * kh * kw + (groups if bias else 0))  # fmt: skip

# --- 7.4 E: same(A, B) ---

right("7.4 E", lambda A, B: torch.allclose(A, B, rtol=1e-5, atol=1e-5))
right("7.4 E", lambda A, B: torch.allclose(A, B, atol=1e-6))
right("7.4 E", lambda A, B: ((A - B).abs() <= 1e-5 + 1e-4 * B.abs()).all())
right("7.4 E", lambda A, B: bool(np.isclose(A.numpy(), B.numpy(), rtol=1e-4, atol=1e-6).all()))


@right("7.4 E")
def largest_relative(A, B):
    return float(((A - B).abs() / (1 + A.abs())).max()) < 1e-5


wrong("7.4 E", "sum of differences", lambda A, B: float(torch.abs(A - B).sum()) < 1e-6)
wrong("7.4 E", "sum of differences", lambda A, B: (A - B).abs().sum() < 1e-4)
wrong("7.4 E", "exactly equal", lambda A, B: torch.equal(A, B), lambda A, B: (A == B).all())
wrong("7.4 E", "no absolute bound", lambda A, B: torch.allclose(A, B))
wrong("7.4 E", "absolute bound", lambda A, B: (A - B).abs().max() < 1e-5)
wrong("7.4 E", "signs cancel", lambda A, B: abs((A - B).double().sum()) < 1e-4)
wrong("7.4 E", "always True", lambda A, B: A.shape == B.shape)
wrong("7.4 E", "too generous", lambda A, B: torch.allclose(A, B, rtol=0.05, atol=0.05))
wrong("7.4 E", "another type", lambda A, B: torch.isclose(A, B, atol=1e-5))
wrong("7.4 E", "any in place of all", lambda A, B: torch.isclose(A, B, atol=1e-5).any())
wrong("7.4 E", "the wrong way round", lambda A, B: not torch.allclose(A, B, atol=1e-5))
wrong("7.4 E", "difference as a whole",
      lambda A, B: ((A - B).abs().mean() / (A.abs().mean() + 1e-9)) < 1e-4)  # fmt: skip
wrong("7.4 E", "difference as a whole", lambda A, B: (A - B).norm() <= 1e-3 * A.norm())
wrong("7.4 E", "raises RuntimeError", lambda A, B: True if A == B else False)

wrong("7.4 E", "only one direction", lambda A, B: bool((A - B <= 1e-5 + 1e-5 * B.abs()).all()))
wrong("7.4 E", "only one direction", lambda A, B: bool((B - A <= 1e-6 + 1e-5 * B.abs()).all()))
wrong("7.4 E", "too generous", lambda A, B: torch.allclose(A, B, rtol=1e-2, atol=1e-5))
wrong("7.4 E", "only the sizes compared", lambda A, B: abs(A.norm() - B.norm()) <= 1e-4 * B.norm())

wrong("7.4 E", "bound from the largest number",
      lambda A, B: (A - B).abs().max() <= 1e-6 * A.abs().max())  # fmt: skip
wrong("7.4 E", "first number only",
      lambda A, B: torch.allclose(A.flatten()[0], B.flatten()[0], atol=1e-5))  # fmt: skip
wrong("7.4 E", "means compared",
      lambda A, B: abs(A.mean() - B.mean()) < 1e-5 * A.abs().mean() + 1e-6)  # fmt: skip

# --- 7.4 F: K_grey ---

right("7.4 F", torch.full((1, 3, 1, 1), 1 / 3))
right("7.4 F", torch.tensor([0.299, 0.587, 0.114], dtype=torch.float64).reshape(1, 3, 1, 1))
right("7.4 F", nn.Parameter(torch.tensor([[[[0.2126]], [[0.7152]], [[0.0722]]]])))

wrong("7.4 F", "white does not stay white", torch.ones(1, 3, 1, 1), torch.full((1, 3, 1, 1), 0.5))
wrong("7.4 F", "input and output channels exchanged", torch.full((3, 1, 1, 1), 1 / 3))
wrong("7.4 F", "number of axes", torch.full((3,), 1 / 3), torch.full((1, 3), 1 / 3))
wrong("7.4 F", "not 1 × 1", torch.full((1, 3, 3, 3), 1 / 27))
wrong("7.4 F", "shape", torch.full((3, 3, 1, 1), 1 / 3))
wrong("7.4 F", "a colour is missing", torch.tensor([0.5, 0.5, 0.0]).reshape(1, 3, 1, 1))
wrong("7.4 F", "negative weight", torch.tensor([1.0, 1.0, -1.0]).reshape(1, 3, 1, 1))
wrong("7.4 F", "no tensor", [1 / 3, 1 / 3, 1 / 3], nn.Conv2d(3, 1, 1))
wrong("7.4 F", "whole numbers", torch.ones(1, 3, 1, 1, dtype=torch.long))
wrong("7.4 F", "all zero", torch.zeros(1, 3, 1, 1))
wrong("7.4 F", "nothing", None)
