"""Attempts at the tasks of 7.5."""

import numpy as np
import torch
from torch import nn
from torch.nn import functional as F

from tests.attempts import right, wrong

# --- 7.5 A: pool(X, p, s) ---


def looped(X, p, s, reduce=torch.amax, step=None, more=1):
    h, w = (X.shape[0] - p) // s + more, (X.shape[1] - p) // s + more
    Y = torch.zeros(h, w)
    step = step or s
    for i in range(h):
        for j in range(w):
            Y[i, j] = reduce(X[i * step : i * step + p, j * step : j * step + p])
    return Y


right("7.5 A", lambda X, p, s: looped(X, p, s))
right("7.5 A", lambda X, p, s: F.max_pool2d(X[None, None], p, s)[0, 0])
right("7.5 A", lambda X, p, s: X.unfold(0, p, s).unfold(1, p, s).amax((-2, -1)))
right("7.5 A", lambda X, p, s: F.max_pool2d(X[None], p, 1)[0][::s, ::s])


@right("7.5 A")
def by_hand(X, p, s=None):
    rows = []
    for i in range(0, X.shape[0] - p + 1, s):
        rows.append([])
        for j in range(0, X.shape[1] - p + 1, s):
            best = float("-inf")
            for a in range(p):
                for b in range(p):
                    best = max(best, X[i + a, j + b].item())
            rows[-1].append(best)
    return torch.tensor(rows)


wrong("7.5 A", "without stride", lambda X, p, s: F.max_pool2d(X[None], p, 1)[0])
wrong("7.5 A", "stride p", lambda X, p, s: F.max_pool2d(X[None], p)[0])
wrong("7.5 A", "windows not moved by s", lambda X, p, s: looped(X, p, s, step=1))
wrong("7.5 A", "mean", lambda X, p, s: looped(X, p, s, torch.mean))
wrong("7.5 A", "minimum", lambda X, p, s: looped(X, p, s, torch.amin))
wrong("7.5 A", "negative numbers lost", lambda X, p, s: looped(X, p, s).relu())
wrong("7.5 A", "rounded up", lambda X, p, s: F.max_pool2d(X[None], p, s, ceil_mode=True)[0])
wrong("7.5 A", "whole image", lambda X, p, s: X.max())
wrong("7.5 A", "extra axis", lambda X, p, s: F.max_pool2d(X[None], p, s))
wrong("7.5 A", "window and stride exchanged", lambda X, p, s: F.max_pool2d(X[None], s, p)[0])
wrong("7.5 A", "raises IndexError", lambda X, p, s: X.amax((1, 2, 3)))
wrong("7.5 A", "returns a list", lambda X, p, s: by_hand(X, p, s).tolist())


@wrong("7.5 A", "one too few")
def forgets_the_one(X, p, s):
    return looped(X, p, s, more=0)


@wrong("7.5 A", "negative numbers lost")
def begins_with_zero(X, p, s):
    Y = torch.zeros_like(looped(X, p, s))
    for i in range(Y.shape[0]):
        for j in range(Y.shape[1]):
            for x in X[i * s : i * s + p, j * s : j * s + p].flatten():
                Y[i, j] = max(Y[i, j], x)
    return Y


@wrong("7.5 A", "stops too early")
def returns_in_the_loop(X, p, s):
    Y = torch.zeros((X.shape[0] - p) // s + 1, (X.shape[1] - p) // s + 1)
    for i in range(Y.shape[0]):
        for j in range(Y.shape[1]):
            Y[i, j] = X[i * s : i * s + p, j * s : j * s + p].max()
        return Y


wrong("7.5 A", "window of s × s", lambda X, p, s: torch.stack([torch.stack([
    X[i : i + s, j : j + s].max() for j in range(0, X.shape[1] - p + 1, s)])
    for i in range(0, len(X) - p + 1, s)]))  # fmt: skip
wrong("7.5 A", "size without the window", lambda X, p, s: torch.stack([
    X[i * s : i * s + p, j * s : j * s + p].max()
    for i in range(len(X) // s) for j in range(X.shape[1] // s)
    ]).reshape(len(X) // s, -1) if len(X) >= s <= X.shape[1]
    else torch.zeros(len(X) // s, X.shape[1] // s))  # fmt: skip
wrong("7.5 A", "+1 before the division", lambda X, p, s: looped(X, p, s)[
    : (len(X) - p + 1) // s, : (X.shape[1] - p + 1) // s])  # fmt: skip
wrong("7.5 A", "stride for the rows only", lambda X, p, s: F.max_pool2d(X[None], p, (s, 1))[0])
wrong("7.5 A", "stride for the columns only", lambda X, p, s: F.max_pool2d(X[None], p, (1, s))[0])


wrong("7.5 A", "windows cut off", lambda X, p, s: torch.tensor([
    [X[i : i + p, j : j + p].max() for j in range(0, X.shape[1], s)]
    for i in range(0, X.shape[0], s)]))  # fmt: skip

# --- 7.5 B: hidden(c, d, p) ---


@right("7.5 B")
def pools(c, d, p):
    rows = torch.zeros(2, 1, 60)
    rows[0, 0, c] = rows[1, 0, c + d] = 1
    a, b = F.max_pool1d(rows, p)
    return torch.equal(a, b)


right("7.5 B", lambda c, d, p: c // p == (c + d) // p, lambda c, d, p: c % p + d < p)
right("7.5 B", lambda c, d, p: np.floor(c / p) == np.floor((c + d) / p))
right("7.5 B", lambda c, d, p: int(d <= p - 1 - c % p))

wrong("7.5 B", "smaller than the window", lambda c, d, p: d < p)
wrong("7.5 B", "one too far", lambda c, d, p: c % p + d <= p)
wrong("7.5 B", "even columns", lambda c, d, p: c % 2 == 0)
wrong("7.5 B", "first column of the window", lambda c, d, p: c % p == 0)
wrong("7.5 B", "where it goes", lambda c, d, p: (c + d) % p != 0)
wrong("7.5 B", "rests compared", lambda c, d, p: (c + d) % p >= c % p)
wrong("7.5 B", "same place in the window", lambda c, d, p: c % p == (c + d) % p)
wrong("7.5 B", "the wrong way round", lambda c, d, p: c // p != (c + d) // p)
wrong("7.5 B", "sliding window", lambda c, d, p: c == c + d)
wrong("7.5 B", "always 2", lambda c, d, p: c // 2 == (c + d) // 2)
wrong("7.5 B", "always True", lambda c, d, p: c / p == c / p)
wrong("7.5 B", "always False", lambda c, d, p: c // p == c + d // p + 99)
wrong("7.5 B", "another type", lambda c, d, p: "yes" if c // p == (c + d) // p else "no")
wrong("7.5 B", "returns nothing", lambda c, d, p: None)

wrong("7.5 B", "first window only", lambda c, d, p: c + d < p)
wrong("7.5 B", "counted from 1", lambda c, d, p: (c - 1) // p == (c + d - 1) // p)
wrong("7.5 B", "rounded", lambda c, d, p: round(c / p) == round((c + d) / p))
wrong("7.5 B", "p² columns", lambda c, d, p: c // p**2 == (c + d) // p**2)
wrong("7.5 B", "sliding window", lambda c, d, p: c / p == (c + d) / p)

# --- 7.5 C: pool_gradient(X, G) ---


@right("7.5 C")
def by_autograd(X, G):
    X = X.clone().requires_grad_()
    F.max_pool2d(X[None], 2)[0].backward(G)
    return X.grad


@right("7.5 C")
def window_by_window(X, G):
    result = torch.zeros(X.shape)
    for i in range(G.shape[0]):
        for j in range(G.shape[1]):
            window = X[2 * i : 2 * i + 2, 2 * j : 2 * j + 2]
            place = int(window.reshape(-1).argmax())
            result[2 * i + place // 2, 2 * j + place % 2] = G[i, j]
    return result


@right("7.5 C")
def all_at_once(X, G):
    def larger(T):
        return T.repeat_interleave(2, 0).repeat_interleave(2, 1)

    largest = F.max_pool2d(X[None], 2)[0]
    return (X == larger(largest)) * larger(G)


def spread(G):
    return G.repeat_interleave(2, 0).repeat_interleave(2, 1)


wrong("7.5 C", "divided among all", lambda X, G: spread(G) / 4)
wrong("7.5 C", "to all", lambda X, G: spread(G))
wrong("7.5 C", "ones", lambda X, G: all_at_once(X, torch.ones_like(G)))
wrong("7.5 C", "times the image", lambda X, G: all_at_once(X, G) * X)
wrong("7.5 C", "largest of the image", lambda X, G: (X == X.max()) * spread(G))
wrong("7.5 C", "shape of the map", lambda X, G: G)
wrong("7.5 C", "to the smallest", lambda X, G: all_at_once(-X, G))
wrong("7.5 C", "sign", lambda X, G: -all_at_once(X, G))
wrong("7.5 C", "without small ones", lambda X, G: all_at_once(X, G) * (X > 0))
wrong("7.5 C", "raises RuntimeError", lambda X, G: (X == X.max()) * G @ X[:0])
wrong("7.5 C", "returns an array", lambda X, G: all_at_once(X, G).numpy())
wrong("7.5 C", "gradient at the wrong window",
      lambda X, G: (all_at_once(X, torch.ones_like(G)) > 0) * G.repeat(2, 2))  # fmt: skip
wrong("7.5 C", "returns nothing", lambda X, G: print() if G is None else None)


@wrong("7.5 C", "to the first")
def first_place(X, G):
    result = torch.zeros(X.shape)
    result[::2, ::2] = G
    return result


@wrong("7.5 C", "changes its input")
def overwrites_the_image(X, G):
    result = all_at_once(X, G)
    X[:] = result
    return X


@wrong("7.5 C", "rows and columns exchanged in the window")
def row_is_the_rest(X, G):
    Y = torch.zeros_like(X)
    for i in range(G.shape[0]):
        for j in range(G.shape[1]):
            b, a = divmod(int(X[2 * i : 2 * i + 2, 2 * j : 2 * j + 2].argmax()), 2)
            Y[2 * i + a, 2 * j + b] = G[i, j]
    return Y


wrong("7.5 C", "shape of the map", lambda X, G: G * F.max_pool2d(X[None], 2)[0])


wrong("7.5 C", "largest of each row", lambda X, G: G.repeat_interleave(2, 0).repeat_interleave(2, 1)
      * (X == F.max_pool2d(X[None], (1, 2))[0].repeat_interleave(2, 1)))  # fmt: skip
wrong("7.5 C", "largest of each column",
      lambda X, G: G.repeat_interleave(2, 0).repeat_interleave(2, 1)
      * (X == F.max_pool2d(X[None], (2, 1))[0].repeat_interleave(2, 0)))  # fmt: skip

# --- 7.5 D: average_pool() ---


def layer(weight=0.25, groups=3, bias=False, size=2, stride=2, padding=0):
    conv = nn.Conv2d(3, 3, size, stride, padding, groups=groups, bias=bias)
    nn.init.constant_(conv.weight, weight)
    return conv


@right("7.5 D")
def diagonal():
    conv = layer(0.0, groups=1)
    for c in range(3):
        conv.weight.data[c, c] = 0.25
    return conv


@right("7.5 D")
def with_zero_bias():
    conv = layer(bias=True)
    nn.init.zeros_(conv.bias)
    return conv.double().float()


right("7.5 D", layer, lambda: nn.Sequential(layer()), lambda size=2: layer(1 / size**2, size=size))

wrong("7.5 D", "channels mixed", lambda: layer(groups=1))
wrong("7.5 D", "mean over the channels", lambda: layer(1 / 12, groups=1))
wrong("7.5 D", "sum", lambda: layer(1.0))
wrong("7.5 D", "without stride", lambda: layer(stride=1))
wrong("7.5 D", "random weights", lambda: nn.Conv2d(3, 3, 2, 2, groups=3, bias=False))
wrong("7.5 D", "bias", lambda: layer(bias=True))
wrong("7.5 D", "no convolution", lambda: nn.AvgPool2d(2))
wrong("7.5 D", "no layer", lambda: torch.full((3, 1, 2, 2), 0.25))
wrong("7.5 D", "number of channels", lambda: nn.Conv2d(1, 1, 2, 2, bias=False))
wrong("7.5 D", "weights 1/2", lambda: layer(0.5))
wrong("7.5 D", "3 × 3", lambda: layer(1 / 9, size=3))
wrong("7.5 D", "sum over all", lambda: layer(1.0, groups=1))
wrong("7.5 D", "no function", layer())
wrong("7.5 D", "returns nothing", lambda: None)
wrong("7.5 D", "padded", lambda: layer(padding=1))

# --- 7.5 E: min_pool(X, p, s, q) ---

right("7.5 E", lambda X, p, s, q: -F.max_pool2d(-X, p, s, q))
right("7.5 E", lambda X, p, s, q: -nn.MaxPool2d(p, stride=s, padding=q)(-X))
right("7.5 E", lambda X, p, s, q: 3 - F.max_pool2d(3 - X, p, s, q))


@right("7.5 E")
def with_infinity(X, p, s, q, pad=float("inf")):
    X = F.pad(X, (q, q, q, q), value=pad)
    return X.unfold(1, p, s).unfold(2, p, s).amin((3, 4))


wrong("7.5 E", "maximum", lambda X, p, s, q: F.max_pool2d(X, p, s, q))
wrong("7.5 E", "sign before missing", lambda X, p, s, q: -F.max_pool2d(X, p, s, q))
wrong("7.5 E", "sign after missing", lambda X, p, s, q: F.max_pool2d(-X, p, s, q))
wrong("7.5 E", "zeros win", lambda X, p, s, q: -F.max_pool2d(F.pad(-X, (q, q, q, q)), p, s))
wrong("7.5 E", "without padding", lambda X, p, s, q: -F.max_pool2d(-X, p, s))
wrong("7.5 E", "stride p", lambda X, p, s, q: -F.max_pool2d(-X, p, padding=q))
wrong("7.5 E", "stride p, without padding", lambda X, p, s, q: -F.max_pool2d(-X, p))
wrong("7.5 E", "average", lambda X, p, s, q: F.avg_pool2d(X, p, s, q))
wrong("7.5 E", "one over", lambda X, p, s, q: 1 / F.max_pool2d(1 / X, p, s, q))
wrong("7.5 E", "−∞ wins", lambda X, p, s, q: with_infinity(X, p, s, q, -float("inf")))
wrong("7.5 E", "zeros win", lambda X, p, s, q: with_infinity(X, p, s, q, 0.0))
wrong("7.5 E", "largest without its sign", lambda X, p, s, q: -F.max_pool2d(-X.abs(), p, s, q))
wrong("7.5 E", "raises TypeError", lambda X, p, s, q: F.min_pool2d(X, p) if False else X(p))
wrong("7.5 E", "changes its input", lambda X, p, s, q: -F.max_pool2d(X.neg_(), p, s, q))
wrong("7.5 E", "stride and padding exchanged", lambda X, p, s, q: -F.max_pool2d(-X, p, q, s))

wrong("7.5 E", "rounded up", lambda X, p, s, q: -F.max_pool2d(-X, p, s, q, ceil_mode=True))
wrong("7.5 E", "padded twice", lambda X, p, s, q: -F.max_pool2d(
    -F.pad(X, (q, q, q, q), value=torch.inf), p, s, q))  # fmt: skip

# --- 7.5 F: relu_max(a, b) ---

right("7.5 F", lambda a, b: b + torch.relu(a - b), lambda a, b: a + F.relu(b - a))
right("7.5 F", lambda a, b: torch.relu(a - b) - torch.relu(-b) + torch.relu(b))
right(
    "7.5 F",
    lambda a, b: nn.ReLU()(a - b).add(b),
    lambda a, b: (a + b + torch.relu(a - b) + torch.relu(b - a)) / 2,
)

wrong("7.5 F", "without ReLU", torch.maximum, lambda a, b: torch.where(a > b, a, b))
wrong("7.5 F", "without ReLU", lambda a, b: (a + b + (a - b).abs()) / 2)
wrong("7.5 F", "without ReLU", lambda a, b: a * (a >= b) + b * (a < b))
wrong("7.5 F", "b is missing", lambda a, b: torch.relu(a - b))
wrong("7.5 F", "a is missing", lambda a, b: torch.relu(b - a))
wrong("7.5 F", "added to the wrong one", lambda a, b: a + torch.relu(a - b))
wrong("7.5 F", "added to the wrong one", lambda a, b: b + torch.relu(b - a))
wrong("7.5 F", "sum of both", lambda a, b: torch.relu(a) + torch.relu(b))
wrong("7.5 F", "minimum", lambda a, b: a - torch.relu(a - b))
wrong("7.5 F", "right for positive numbers only",
      lambda a, b: torch.relu(b) + torch.relu(a - b))  # fmt: skip
wrong("7.5 F", "difference", lambda a, b: torch.relu(a - b) + torch.relu(b - a))
wrong("7.5 F", "ReLU of the sum", lambda a, b: torch.relu(a + b))
wrong("7.5 F", "half is missing", lambda a, b: a + b + (a - b).abs())
wrong("7.5 F", "largest of all", lambda a, b: torch.max(torch.maximum(a, b)))
wrong("7.5 F", "always b", lambda a, b: b + 0 * a)
wrong("7.5 F", "raises RuntimeError", lambda a, b: a if a > b else b)
wrong("7.5 F", "returns an array", lambda a, b: np.maximum(a.numpy(), b.numpy()))
wrong("7.5 F", "plain difference", lambda a, b: torch.relu(a - b) - torch.relu(b - a))
