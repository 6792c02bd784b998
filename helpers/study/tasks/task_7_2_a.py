"""7.2 A: the loop of the cross-correlation."""

import torch
from torch import Tensor
from torch.nn import functional as F

from helpers.study.task import Draw, Mistake, Task

__all__ = ["TASK"]


def correlate(X: Tensor, K: Tensor) -> Tensor:
    """Compute the cross-correlation of an image with a kernel."""
    return F.conv2d(X[None, None].float(), K[None, None].float())[0, 0]


def inputs(draw: Draw):
    """Yield images and kernels: not square, even, as large as the image, negative numbers."""
    yield torch.arange(9.0).reshape(3, 3), torch.arange(4.0).reshape(2, 2)
    yield torch.tensor([[2.0]]), torch.tensor([[3.0]])
    yield torch.tensor([[1.0, 2.0]]), torch.tensor([[1.0, -1.0]])
    yield torch.arange(6.0).reshape(2, 3), torch.tensor([[1.0, 2.0]])
    yield torch.arange(6.0).reshape(3, 2), torch.tensor([[1.0], [2.0]])
    for k in ((1, 1), (1, 3), (2, 1), (2, 3), (3, 2), (3, 3), (4, 4)):
        for more in ((0, 0), (0, 2), (3, 1)):
            yield draw.numbers(k[0] + more[0], k[1] + more[1]), draw.numbers(*k)
    for _ in range(6):
        h, w = draw.whole(1, 4), draw.whole(1, 4)
        yield draw.numbers(h + draw.whole(0, 4), w + draw.whole(0, 4)), draw.numbers(h, w)


def _one_short(X: Tensor, K: Tensor) -> Tensor:
    return correlate(X, K)[:-1, :-1]


def _last_left_out(X: Tensor, K: Tensor) -> Tensor:
    Y = torch.zeros_like(correlate(X, K))
    Y[:-1, :-1] = correlate(X, K)[:-1, :-1]
    return Y


def _strided(X: Tensor, K: Tensor) -> Tensor:
    h, w = K.shape
    Y, right = torch.zeros_like(correlate(X, K)), correlate(X, K)
    for i in range(0, Y.shape[0], h):
        for j in range(0, Y.shape[1], w):
            Y[i, j] = right[i, j]
    return Y


def _padded(X: Tensor, K: Tensor) -> Tensor:
    h, w = K.shape
    around = (w // 2, (w - 1) // 2, h // 2, (h - 1) // 2)
    return correlate(F.pad(X, around), K)


def _overwritten(X: Tensor, K: Tensor) -> Tensor:
    return K[-1, -1] * X[K.shape[0] - 1 :, K.shape[1] - 1 :]


def _square(X: Tensor, K: Tensor) -> Tensor:
    h = K.shape[0]
    Y = torch.zeros(X.shape[0] - h + 1, X.shape[1] - h + 1)
    for i in range(Y.shape[0]):
        for j in range(Y.shape[1]):
            Y[i, j] = (X[i : i + h, j : j + h] * K).sum()
    return Y


def _only_product(X: Tensor, K: Tensor) -> Tensor:
    h, w = K.shape
    Y = torch.zeros_like(correlate(X, K))
    for i in range(Y.shape[0]):
        for j in range(Y.shape[1]):
            Y[i, j] = (X[i : i + h, j : j + w] @ K).sum()
    return Y


TASK = Task(
    name="7.2 A",
    asks="corr2d(X, K)",
    prompt="Write the operation as a loop: for each place where the kernel fits, multiply the \
window of `X` with `K` entry by entry, and add the products up. `X` is an image (rows, columns), \
`K` a kernel (rows, columns), square or not.",
    stub='''@helpers.task("7.2 A")
def corr2d(X, K):
    """Compute the 2-D cross-correlation of X with K, window by window."""
    return ...  # your lines
''',
    solution='''def corr2d(X, K):
    """Compute the 2-D cross-correlation of X with K, window by window."""
    h, w = K.shape
    Y = torch.zeros((X.shape[0] - h + 1, X.shape[1] - w + 1))
    for i in range(Y.shape[0]):
        for j in range(Y.shape[1]):
            Y[i, j] = (X[i : i + h, j : j + w] * K).sum()
    return Y
''',
    hints=(
        "How large is the output? A kernel of h rows fits at n − h + 1 places into n rows.",
        "Begin with Y = torch.zeros(…) of that shape, and let two loops go through its places \
i, j.",
        "The window at i, j is X[i : i + h, j : j + w].",
        "What is still missing is what goes into Y[i, j]:\n(X[i : i + h, j : j + w] * K).sum()",
    ),
    reference=correlate,
    inputs=inputs,
    mistakes=(
        Mistake(
            "flipped kernel",
            "The kernel is flipped: this is the mathematical convolution of 7.2.5. Here window \
and kernel lie on each other as they are.",
            before=lambda X, K: (X, K.flip(0, 1)),
        ),
        Mistake("kernel upside down", "The kernel's rows are read from the last to the first.",
                before=lambda X, K: (X, K.flip(0))),
        Mistake("kernel mirrored", "The kernel's columns are read from the last to the first.",
                before=lambda X, K: (X, K.flip(1))),
        Mistake(
            "kernel transposed",
            "Rows and columns of the kernel are exchanged: K[a, b] meets X[i + b, j + a].",
            before=lambda X, K: (X, K.T),
        ),
        Mistake("image transposed", "Rows and columns of the image are exchanged.",
                before=lambda X, K: (X.T, K)),
        Mistake(
            "exchanged arguments",
            "Image and kernel are exchanged: the first argument is the image.",
            lambda X, K: correlate(K, X),
        ),
        Mistake(
            "one too few",
            "The output is one row and one column too small: a kernel of h rows fits at \
n − h + 1 places, the first and the last included.",
            _one_short,
        ),
        Mistake(
            "last row and column left out",
            "The loops end one place too early: the last row and the last column of the output \
stay 0. range(n) already ends at n − 1.",
            _last_left_out,
        ),
        Mistake(
            "window moves by its own size",
            "The window moves by its own size. It is to move by one pixel, so that windows \
overlap.",
            _strided,
        ),
        Mistake(
            "output as large as the image",
            "The output is as large as the image: zeros are left at its right and lower border. \
A kernel of h rows fits at n − h + 1 places.",
            lambda X, K: F.pad(correlate(X, K), (0, K.shape[1] - 1, 0, K.shape[0] - 1)),
        ),
        Mistake(
            "running total",
            "Each number also holds those before it: the sum is to begin anew at each place.",
            lambda X, K: correlate(X, K).flatten().cumsum(0).reshape(correlate(X, K).shape),
        ),
        Mistake(
            "padded",
            "The output is as large as the image: zeros have been added around it. The window is \
to stay inside; padding comes in 7.3.",
            _padded,
        ),
        Mistake(
            "not added up",
            "Only the last product of each window is left: Y[i, j] is overwritten where it should \
be added to (+=).",
            _overwritten,
        ),
        Mistake("window too small", "The last row and the last column of each window are left out: "
                "X[i : i + h] already ends before i + h.", lambda X, K: correlate(
                    X, F.pad(K[:-1, :-1], (0, 1, 0, 1)))),
        Mistake("mean", "The mean of the products is taken; the operation is their sum.",
                lambda X, K: correlate(X, K) / K.numel()),
        Mistake("matrix product", "Window and kernel are multiplied as matrices (@). The \
operation multiplies them entry by entry (*).", _only_product),
        Mistake("square kernel", "The kernel's number of rows is used for its columns too: this \
is right for square kernels only.", _square),
        Mistake("largest product", "The largest product is taken, and not their sum.",
                lambda X, K: (X.unfold(0, K.shape[0], 1).unfold(1, K.shape[1], 1) * K)
                .amax((-2, -1))),
        Mistake("without the kernel", "The windows are added up, but not multiplied with the \
kernel.", lambda X, K: correlate(X, torch.ones_like(K))),
        Mistake("only the first window", "One number comes back, that of the first window: \
`return` stands inside the loop, or there is no loop.",
                lambda X, K: correlate(X, K)[0, 0]),
    ),
    conditions={
        "the kernel is not square": lambda X, K: K.shape[0] != K.shape[1],
        "the image is not square": lambda X, K: X.shape[0] != X.shape[1],
        "the kernel is taller than one row": lambda X, K: K.shape[0] > 1,
        "the kernel is wider than one column": lambda X, K: K.shape[1] > 1,
        "the kernel has more than one entry": lambda X, K: K.numel() > 1,
        "the kernel is not 2 × 2": lambda X, K: K.shape != (2, 2),
        "the kernel is not 3 × 3": lambda X, K: K.shape != (3, 3),
        "the kernel is as large as the image": lambda X, K: X.shape == K.shape,
    },
)  # fmt: skip
