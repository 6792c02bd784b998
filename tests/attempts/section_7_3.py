"""Attempts at the tasks of 7.3."""

import math

import numpy as np
import torch
from torch import nn
from torch.nn import functional as F

from tests.attempts import right, wrong

# --- 7.3 A: output_size(n, k, p=0, s=1) ---

right("7.3 A", lambda n, k, p=0, s=1: (n - k + 2 * p + s) // s)
right("7.3 A", lambda n, k, p, s: math.floor((n + 2 * p - k) / s) + 1)
right(
    "7.3 A",
    lambda n, k, padding=0, stride=1, dilation=1: len(range(0, n + 2 * padding - k + 1, stride)),
)
right("7.3 A", lambda n, k, p=0, s=1: nn.Conv1d(1, 1, k, s, p)(torch.zeros(1, 1, n)).shape[-1])
right("7.3 A", lambda n, k, p=0, s=1: torch.floor(torch.tensor((n - k + 2 * p) / s)) + 1)

wrong("7.3 A", "padding counted once", lambda n, k, p=0, s=1: (n - k + p + s) // s)
wrong("7.3 A", "not rounded down", lambda n, k, p=0, s=1: (n - k + 2 * p + s) / s)
wrong("7.3 A", "rounded up", lambda n, k, p=0, s=1: math.ceil((n - k + 2 * p) / s) + 1)
wrong("7.3 A", "rounded to the nearest", lambda n, k, p=0, s=1: round((n - k + 2 * p) / s + 1))
wrong("7.3 A", "first position missing", lambda n, k, p=0, s=1: (n - k + 2 * p) // s)
wrong("7.3 A", "+1 before the division", lambda n, k, p=0, s=1: (n - k + 2 * p + 1) // s)
wrong("7.3 A", "only part divided", lambda n, k, p=0, s=1: n - k + 2 * p // s + 1)
wrong("7.3 A", "only part divided", lambda n, k, p=0, s=1: n - k + (2 * p + s) // s)
wrong("7.3 A", "without stride", lambda n, k, p=0, s=1: n - k + 2 * p + 1)
wrong("7.3 A", "n divided by s", lambda n, k, p=0, s=1: n // s)
wrong("7.3 A", "without the kernel", lambda n, k, p=0, s=1: (n + 2 * p - 1) // s + 1)
wrong("7.3 A", "padding counted once", lambda n, k, p=0, s=1: (n - k + p) // s)
wrong("7.3 A", "other arguments", lambda n, k: n - k + 1)
wrong("7.3 A", "prints", lambda n, k, p=0, s=1: print((n - k + 2 * p + s) // s))
wrong("7.3 A", "returns nothing", lambda n, k, p=0, s=1: None)

wrong("7.3 A", "without stride", lambda n, k, p=0, s=1: n - k + 2 * p + s // s)
wrong("7.3 A", "kernel subtracted too late", lambda n, k, p=0, s=1: (n + 2 * p) // s - k + 1)

# --- 7.3 B: same(k) ---

right("7.3 B", lambda k: ((k - 1) // 2, k // 2), lambda k: (k // 2, k - 1 - k // 2))
right("7.3 B", lambda k: [k // 2, (k - 1) // 2], lambda k: divmod(k - 1, 2)[0:1] * 1 + (k // 2,))
right("7.3 B", lambda k: torch.tensor([math.floor((k - 1) / 2), math.ceil((k - 1) / 2)]))

wrong("7.3 B", "one too many for even kernels", lambda k: (k // 2, k // 2))
wrong("7.3 B", "one too few for even kernels", lambda k: [(k - 1) // 2] * 2)
wrong("7.3 B", "total on each side", lambda k: (k - 1, k - 1))
wrong("7.3 B", "all on one side", lambda k: (k - 1, 0))
wrong("7.3 B", "k in all", lambda k: (k // 2, math.ceil(k / 2)))
wrong("7.3 B", "halves", lambda k: ((k - 1) / 2, (k - 1) / 2))
wrong("7.3 B", "always 1", lambda k: (1, 1))
wrong("7.3 B", "another type", lambda k: k // 2)
wrong("7.3 B", "wrong for odd kernels", lambda k: (k // 2 - 1, k // 2))
wrong("7.3 B", "number of results", lambda k: (k // 2,))
wrong("7.3 B", "returns nothing", lambda k: None)
wrong("7.3 B", "k on each side", lambda k: (k, k))

wrong("7.3 B", "one too many for odd kernels",
      lambda k: ((k - 1) // 2, k // 2 + 1) if k % 2 else (k // 2, k // 2 - 1))  # fmt: skip

wrong("7.3 B", "both rounded", lambda k: (round((k - 1) / 2), round((k - 1) / 2)))

# --- 7.3 C: reflect(x, p) ---


@right("7.3 C")
def by_index(x, p):
    n = len(x)
    y = torch.zeros(n + 2 * p)
    for i in range(n + 2 * p):
        j = abs(i - p)
        y[i] = x[j if j < n else 2 * (n - 1) - j]
    return y


right("7.3 C", lambda x, p: torch.from_numpy(np.pad(x.numpy(), p, mode="reflect")))
right("7.3 C", lambda x, p: torch.cat(
    [x[1 : p + 1].flip(0), x, x[len(x) - 1 - p : len(x) - 1].flip(0)]))  # fmt: skip
right("7.3 C", lambda x, p: torch.stack(
    [x[p - i] for i in range(p)] + list(x) + [x[-2 - i] for i in range(p)]))  # fmt: skip

wrong("7.3 C", "border repeated",
      lambda x, p: torch.cat([x[:p].flip(0), x, x[len(x) - p :].flip(0)]))  # fmt: skip
wrong("7.3 C", "not reversed", lambda x, p: torch.cat([x[1 : p + 1], x, x[-p - 1 : -1]]))
wrong("7.3 C", "border continued",
      lambda x, p: torch.cat([x[:1].repeat(p), x, x[-1:].repeat(p)]))  # fmt: skip
wrong("7.3 C", "zeros", lambda x, p: F.pad(x, (p, p)))
wrong("7.3 C", "wrapped around", lambda x, p: torch.cat([x[len(x) - p :], x, x[:p]]))
wrong("7.3 C", "only to the left", lambda x, p: torch.cat([x[1 : p + 1].flip(0), x]))
wrong("7.3 C", "sides exchanged", lambda x, p: torch.cat(
    [x[len(x) - 1 - p : len(x) - 1].flip(0), x, x[1 : p + 1].flip(0)]))  # fmt: skip
wrong("7.3 C", "wrong when p is 0", lambda x, p: torch.cat(
    [x[1 : p + 1].flip(0), x, x[-p - 1 :][:p].flip(0) if p else x]))  # fmt: skip
wrong("7.3 C", "raises ValueError", lambda x, p: torch.cat([x[p:0:-1], x, x[-2 : -p - 2 : -1]]))
wrong("7.3 C", "returns an array", lambda x, p: np.pad(x.numpy(), p, mode="reflect"))
wrong("7.3 C", "returns a list", lambda x, p: by_index(x, p).tolist())
wrong("7.3 C", "last number repeated",
      lambda x, p: torch.cat([x[1 : p + 1].flip(0), x, x.flip(0)[:p]]))  # fmt: skip
wrong("7.3 C", "all reversed", lambda x, p: by_index(x.flip(0), p))

wrong("7.3 C", "everything for p = 0",
      lambda x, p: torch.cat([x[1 : p + 1].flip(0), x, x[:-1][-p:].flip(0)]))  # fmt: skip

wrong("7.3 C", "border taken along",
      lambda x, p: torch.cat([x[: p + 1].flip(0), x, x[len(x) - p - 1 :].flip(0)]))  # fmt: skip

# --- 7.3 D: starts(n, k, p, s) ---

right("7.3 D", lambda n, k, p, s: list(range(-p, n + p - k + 1, s)))
right("7.3 D", lambda n, k, p, s: range(-p, n + p - k + 1, s))
right("7.3 D", lambda n, k, p, s: [i * s - p for i in range((n - k + 2 * p) // s + 1)])
right("7.3 D", lambda n, k, p, s: torch.arange((n - k + 2 * p) // s + 1) * s - p)


@right("7.3 D")
def steps(n, k, p, s):
    found, row = [], -p
    while row + k <= n + p:
        found.append(row)
        row += s
    return tuple(found)


wrong("7.3 D", "counted from the padding", lambda n, k, p, s: [*range(0, n + 2 * p - k + 1, s)])
wrong("7.3 D", "without padding", lambda n, k, p, s: list(range(0, n - k + 1, s)))
wrong("7.3 D", "last window missing", lambda n, k, p, s: list(range(-p, n + p - k, s)))
wrong("7.3 D", "window leaves the image", lambda n, k, p, s: list(range(-p, n + p, s)))
wrong("7.3 D", "stride 1", lambda n, k, p, s: list(range(-p, n + p - k + 1)))
wrong("7.3 D", "number of the window", lambda n, k, p, s: [*range((n - k + 2 * p) // s + 1)])
wrong("7.3 D", "number of windows", lambda n, k, p, s: (n - k + 2 * p) // s + 1)
wrong("7.3 D", "window by window", lambda n, k, p, s: list(range(-p, n + p - k + 1, k)))
wrong("7.3 D", "padding above missing", lambda n, k, p, s: list(range(0, n + p - k + 1, s)))
wrong("7.3 D", "padding below missing", lambda n, k, p, s: list(range(-p, n - k + 1, s)))
wrong("7.3 D", "middle rows", lambda n, k, p, s: [i + k // 2 for i in steps(n, k, p, s)])


@wrong("7.3 D", "endless loop")
def never_moves(n, k, p, s):
    found, row = [], -p
    while row + k <= n + p:
        found.append(row)
        found = found[-5:]
    return found


wrong("7.3 D", "begins at p", lambda n, k, p, s: list(range(p, n + p - k + 1, s)))

wrong("7.3 D", "end counted from the padding",
      lambda n, k, p, s: list(range(-p, n + 2 * p - k + 1, s)))  # fmt: skip

# --- 7.3 E: taps ---

right("7.3 E", [0.25, 0.5, 0.25], torch.tensor([1.0, 4, 6, 4, 1]) / 16)
right("7.3 E", (0.25, 0.5, 0.25), torch.tensor([[0.25, 0.5, 0.25]]), np.array([1, 3, 3, 1]) / 8)

wrong("7.3 E", "not normalised", [1, 2, 1], [1.0, 4, 6, 4, 1])
wrong("7.3 E", "fast tone passes", [0.5, 0.5], [1 / 3] * 3, [0.2] * 5, [0.5, 0, 0.5])
wrong("7.3 E", "one tap", [1.0], [0, 1, 0])
wrong("7.3 E", "exchanged", [0.5, -0.5], [0.25, -0.5, 0.25])
wrong("7.3 E", "too many taps", [1 / 8] * 8)
wrong("7.3 E", "all zero", [0, 0, 0])
wrong("7.3 E", "no numbers", "0.25, 0.5, 0.25", [[0.25, 0.5], [0.5, 0.25]], [])
wrong("7.3 E", "no value", lambda x: x)
wrong("7.3 E", "slow tone changed", [0.1, 0.1, 0.1])
