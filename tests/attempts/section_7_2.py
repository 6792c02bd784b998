"""Attempts at the tasks of 7.2."""

import itertools

import numpy as np
import torch
from torch import nn
from torch.nn import functional as F

from tests.attempts import right, wrong

# --- 7.2 A: corr2d(X, K) ---


@right("7.2 A")
def loops(X, K):
    h, w = K.shape
    Y = torch.zeros(X.shape[0] - h + 1, X.shape[1] - w + 1)
    for i in range(len(Y)):
        for j in range(Y.shape[1]):
            Y[i, j] = (X[i : i + h, j : j + w] * K).sum()
    return Y


@right("7.2 A")
def four_loops_in_numpy(X, K, bias=0):
    X, K = X.numpy().astype("float64"), K.numpy()
    Y = np.zeros((X.shape[0] - K.shape[0] + 1, X.shape[1] - K.shape[1] + 1))
    for i, j in itertools.product(range(Y.shape[0]), range(Y.shape[1])):
        for a, b in itertools.product(range(K.shape[0]), range(K.shape[1])):
            Y[i, j] += K[a, b] * X[i + a, j + b]
    return torch.from_numpy(Y) + bias


@right("7.2 A")
def by_einsum(image, kernel):
    windows = image.unfold(0, kernel.shape[0], 1).unfold(1, kernel.shape[1], 1)
    return torch.einsum("ijab,ab->ij", windows, kernel)


class Layer(nn.Module):
    def forward(self, X, K):
        return F.conv2d(X[None, None], K[None, None]).squeeze(0).squeeze(0)


right("7.2 A", Layer(), lambda X, K: F.conv2d(X[None, None], K[None, None])[0, 0])


@right("7.2 A")
def shifted_copies(X, K):
    h, w = X.shape[0] - K.shape[0] + 1, X.shape[1] - K.shape[1] + 1
    return sum(
        K[a, b] * X[a : a + h, b : b + w] for a in range(K.shape[0]) for b in range(K.shape[1])
    )


wrong("7.2 A", "flipped kernel", lambda X, K: loops(X, K.flip(0, 1)))
wrong("7.2 A", "kernel transposed", lambda X, K: loops(X, K.T))
wrong("7.2 A", "kernel mirrored", lambda X, K: loops(X, K.flip(1)))
wrong("7.2 A", "exchanged arguments", lambda K, X: loops(X, K))
wrong("7.2 A", "returns an array", lambda X, K: loops(X, K).numpy())
wrong("7.2 A", "returns a list", lambda X, K: loops(X, K).tolist())
wrong("7.2 A", "mean", lambda X, K: loops(X, K / K.numel()))
wrong("7.2 A", "extra axis", lambda X, K: F.conv2d(X[None, None], K[None, None]))
wrong("7.2 A", "whole numbers", lambda X, K: loops(X, K).int())
wrong("7.2 A", "no function", loops(torch.eye(3), torch.eye(2)))
wrong("7.2 A", "other arguments", lambda X, kernel, bias: loops(X, kernel))
wrong("7.2 A", "flipped kernel", lambda X, K: -loops(X, K.flip(0, 1)))
wrong("7.2 A", "flipped kernel", lambda X, K: loops(X, K.flip(0, 1)).T)


@wrong("7.2 A", "one too few")
def forgets_the_one(X, K):
    h, w = K.shape
    Y = torch.zeros(X.shape[0] - h, X.shape[1] - w)
    for i in range(X.shape[0] - h):
        for j in range(X.shape[1] - w):
            Y[i, j] = (X[i : i + h, j : j + w] * K).sum()
    return Y


@wrong("7.2 A", "last row and column left out")
def stops_early(X, K):
    h, w = K.shape
    Y = torch.zeros(X.shape[0] - h + 1, X.shape[1] - w + 1)
    for i in range(Y.shape[0] - 1):
        for j in range(Y.shape[1] - 1):
            Y[i, j] = (X[i : i + h, j : j + w] * K).sum()
    return Y


@wrong("7.2 A", "square kernel")
def one_size(X, K):
    k = K.shape[0]
    Y = torch.zeros(X.shape[0] - k + 1, X.shape[1] - k + 1)
    for i in range(Y.shape[0]):
        for j in range(Y.shape[1]):
            Y[i, j] = (X[i : i + k, j : j + k] * K).sum()
    return Y


@wrong("7.2 A", "stops too early")
def return_in_the_loop(X, K):
    h, w = K.shape
    Y = torch.zeros(X.shape[0] - h + 1, X.shape[1] - w + 1)
    for i in range(Y.shape[0]):
        for j in range(Y.shape[1]):
            Y[i, j] = (X[i : i + h, j : j + w] * K).sum()
        return Y


@wrong("7.2 A", "not added up")
def overwrites(X, K):
    h, w = K.shape
    Y = torch.zeros(X.shape[0] - h + 1, X.shape[1] - w + 1)
    for i in range(Y.shape[0]):
        for j in range(Y.shape[1]):
            for a in range(h):
                for b in range(w):
                    Y[i, j] = X[i + a, j + b] * K[a, b]
    return Y


@wrong("7.2 A", "changes its input")
def in_place(X, K):
    Y = loops(X, K)
    X[:] = 0
    return Y


@wrong("7.2 A", "returns nothing")
def forgets_return(X, K):
    loops(X, K)


@wrong("7.2 A", "prints")
def prints(X, K):
    print(loops(X, K))


@wrong("7.2 A", "raises IndexError")
def too_far(X, K):
    h, w = K.shape
    Y = torch.zeros(X.shape[0] - h + 1, X.shape[1] - w + 1)
    for i in range(X.shape[0]):
        for j in range(X.shape[1]):
            Y[i, j] = (X[i : i + h, j : j + w] * K).sum()
    return Y


@wrong("7.2 A", "window moves by its own size")
def jumps(X, K):
    h, w = K.shape
    Y = torch.zeros(X.shape[0] - h + 1, X.shape[1] - w + 1)
    for i in range(0, Y.shape[0], h):
        for j in range(0, Y.shape[1], w):
            Y[i, j] = (X[i : i + h, j : j + w] * K).sum()
    return Y


@wrong("7.2 A", "matrix product")
def multiplies_matrices(X, K):
    h, w = K.shape
    Y = torch.zeros(X.shape[0] - h + 1, X.shape[1] - w + 1)
    for i in range(Y.shape[0]):
        for j in range(Y.shape[1]):
            Y[i, j] = torch.matmul(X[i : i + h, j : j + w], K).sum()
    return Y


@wrong("7.2 A", "endless loop")
def forever(X, K):
    i = 0
    while i < X.shape[0]:
        Y = X * K[0, 0]
    return Y


@wrong("7.2 A", "still returns ...")
def unfinished(X, K):
    Y = loops(X, K)
    Y = Y + 0
    return ...


IMAGE = torch.arange(9.0).reshape(3, 3)


@wrong("7.2 A", "uses a variable of the notebook")
def global_image(X, K):
    return loops(IMAGE, K)


MEMORY: list = []


@wrong("7.2 A", "remembers earlier calls")
def remembers(X, K):
    MEMORY.append(1)
    return loops(X, K) + (len(MEMORY) % 33 == 0)
