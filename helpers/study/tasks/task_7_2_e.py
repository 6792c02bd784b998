"""7.2 E: the mathematical convolution."""

import torch
from torch import Tensor
from torch.nn import functional as F

from helpers.study.task import Draw, Mistake, Task
from helpers.study.tasks.task_7_2_a import correlate

__all__ = ["TASK"]


def convolve(X: Tensor, K: Tensor) -> Tensor:
    """Return the convolution, where the kernel lies inside the image."""
    return correlate(X, K.flip(0, 1))


def inputs(draw: Draw):
    """Yield images, and kernels with and without symmetries."""
    yield torch.eye(3), torch.tensor([[1.0, 2.0], [3.0, 4.0]])
    yield torch.arange(4.0)[None], torch.tensor([[1.0, 2.0]])
    yield torch.arange(4.0)[:, None], torch.tensor([[1.0], [2.0]])
    yield torch.arange(6.0).reshape(2, 3), torch.tensor([[1.0, 1.0]])
    yield torch.arange(12.0).reshape(3, 4), torch.ones(2, 2)
    # Image and kernel of one size: exchanged, they raise no error, unlike what always raises one.
    yield torch.tensor([[1.0, 2.0], [3.0, 4.0]]), torch.tensor([[5.0, 0.0], [2.0, 1.0]])
    for k in ((1, 1), (1, 3), (2, 1), (2, 3), (3, 2), (3, 3), (2, 2)):
        for _ in range(2):
            more = draw.whole(0, 3), draw.whole(0, 3)
            yield draw.numbers(k[0] + more[0], k[1] + more[1]), draw.numbers(*k)


def _full(X: Tensor, K: Tensor) -> Tensor:
    h, w = K.shape
    return convolve(F.pad(X, (w - 1, w - 1, h - 1, h - 1)), K)


def _same(X: Tensor, K: Tensor) -> Tensor:
    h, w = K.shape
    return _full(X, K)[(h - 1) // 2 :, (w - 1) // 2 :][: X.shape[0], : X.shape[1]]


def _exchanged(X: Tensor, K: Tensor) -> Tensor:
    """The loop of 7.2 A makes an output of no rows, where F.conv2d refuses."""
    h, w = (k - x + 1 for k, x in zip(K.shape, X.shape))
    return correlate(K.flip(0, 1), X) if h > 0 and w > 0 else torch.zeros(h, w)


TASK = Task(
    name="7.2 E",
    asks="convolve2d(X, K)",
    prompt="Write the mathematical convolution of an image `X` with a kernel `K`, by a call of \
`corr2d`. As there, the output has a number for each place where the kernel fits.",
    stub='''@helpers.task("7.2 E")
def convolve2d(X, K):
    """Compute the 2-D convolution, from corr2d."""
    return ...  # your line
''',
    solution='''def convolve2d(X, K):
    """Compute the 2-D convolution: corr2d with the kernel flipped along both axes."""
    return corr2d(X, K.flip(0, 1))
''',
    hints=(
        "What is K[a, b] multiplied with in corr2d, and what in the formula? The kernel is to be \
read from its last entry to its first.",
        "A tensor cannot be read backwards by K[::-1]; it has a method flip for that.",
        "Half a turn flips both axes: K.flip(0, 1). What is left to do is corr2d.",
    ),
    reference=convolve,
    inputs=inputs,
    mistakes=(
        Mistake("not flipped", "This is the cross-correlation: the kernel is not flipped.",
                before=lambda X, K: (X, K.flip(0, 1))),
        Mistake("only rows flipped", "Only the order of the kernel's rows is reversed; its "
                "columns are to be, too.", before=lambda X, K: (X, K.flip(1))),
        Mistake("only columns flipped", "Only the order of the kernel's columns is reversed; its "
                "rows are to be, too.", before=lambda X, K: (X, K.flip(0))),
        Mistake("transposed", "The kernel is transposed: rows and columns are exchanged. It is "
                "to be flipped along both axes.", before=lambda X, K: (X, K.flip(0, 1).T)),
        Mistake("flipped and transposed", "The kernel is flipped, and its rows and columns are "
                "exchanged as well.", before=lambda X, K: (X, K.T)),
        Mistake("quarter turn", "The kernel is turned by a quarter; half a turn is needed.",
                before=lambda X, K: (X, K.flip(0, 1).rot90())),
        Mistake("quarter turn the other way", "The kernel is turned by a quarter; half a turn is "
                "needed.", before=lambda X, K: (X, K.flip(0, 1).rot90(-1))),
        Mistake("image flipped", "The result stands upside down, as if the image were flipped in "
                "place of the kernel, or the result as well as the kernel. Only the kernel is to "
                "be.",
                lambda X, K: correlate(X.flip(0, 1), K)),
        Mistake("result flipped", "The result is that of the cross-correlation, turned by half a "
                "turn, as if the result, or image and kernel both, were flipped. Only the kernel "
                "is to be.", lambda X, K: correlate(X, K).flip(0, 1)),
        Mistake("negative kernel", "The kernel's sign is changed: −K is not the flipped kernel.",
                before=lambda X, K: (X, -K.flip(0, 1))),
        Mistake("full", "The kernel hangs over the border of the image: this is the 'full' "
                "convolution. Here it lies inside.", _full),
        Mistake("same size", "The result has the size of the image: zeros have been added around "
                "it. Here the kernel lies inside.", _same),
        Mistake("exchanged arguments", "Image and kernel are exchanged in the call of corr2d.",
                lambda X, K: correlate(K.flip(0, 1), X)),
        Mistake("exchanged arguments", "Image and kernel are exchanged in the call of corr2d.",
                _exchanged),
    ),
    conditions={
        "the kernel has more than one row": lambda X, K: K.shape[0] > 1,
        "the kernel has more than one column": lambda X, K: K.shape[1] > 1,
        "the kernel is not square": lambda X, K: K.shape[0] != K.shape[1],
        "the kernel looks different after half a turn":
            lambda X, K: not torch.equal(K, K.flip(0, 1)),
    },
)  # fmt: skip
