"""7.5 E: minimum pooling from maximum pooling."""

import torch
from torch import Tensor
from torch.nn import functional as F

from helpers.study.task import Draw, Mistake, Task

__all__ = ["TASK"]


def smallest(X: Tensor, p: int, s: int, q: int) -> Tensor:
    """Return the smallest number of each window; padding never wins."""
    return -F.max_pool2d(-X, p, s, q)


def inputs(draw: Draw):
    """Yield images with one channel and several, positive, negative and mixed numbers."""
    yield torch.tensor([[[1.0, 2.0], [3.0, 4.0]]]), 2, 1, 0
    yield torch.tensor([[[1.0, 2.0], [3.0, 4.0]]]), 2, 2, 1
    yield -torch.tensor([[[1.0, 2.0], [3.0, 4.0]]]), 2, 2, 1
    for p, s, q in ((1, 1, 0), (2, 1, 0), (2, 2, 0), (3, 2, 1), (2, 1, 1), (3, 1, 1), (3, 3, 0)):
        for low, high in ((-4, 4), (1, 4)):
            h, w = p + draw.whole(0, 3), p + draw.whole(0, 3)
            yield draw.numbers(draw.one_of(1, 2), h, w, low=low, high=high), p, s, q


def _pad(X: Tensor, q: int, value: float) -> Tensor:
    return F.pad(X, (q, q, q, q), value=value)


def _zeros(X: Tensor, p: int, s: int, q: int) -> Tensor:
    return smallest(_pad(X, q, 0.0), p, s, 0)


TASK = Task(
    name="7.5 E",
    asks="min_pool(X, p, s, q)",
    prompt="Build minimum pooling from `F.max_pool2d`: window p × p, stride `s`, and padding `q`, "
    "which must never win. `X` has the axes (channels, rows, columns), as `F.max_pool2d` takes "
    "them.",
    stub='''def min_pool(X, p, s, q):
    """Return the smallest number of each p x p window."""
    return ...  # your line
''',
    solution='''def min_pool(X, p, s, q):
    """Return the smallest number of each p x p window."""
    return -F.max_pool2d(-X, p, s, q)
''',
    hints=(
        "Which number is the smallest of 3, 5, 9, and which is the largest of −3, −5, −9?",
        "Change the sign before and after: min(a, b) = −max(−a, −b).",
        "F.max_pool2d(image, p, s, q) pads with −∞, which never wins. So the padding stays with "
        "F.max_pool2d.",
    ),
    reference=smallest,
    inputs=inputs,
    mistakes=(
        Mistake("maximum", "This is maximum pooling.",
                lambda X, p, s, q: F.max_pool2d(X, p, s, q)),
        Mistake("sign before missing", "The sign is changed after pooling only: this is minus the "
                "maximum. Change it before as well.",
                lambda X, p, s, q: -F.max_pool2d(X, p, s, q)),
        Mistake("sign after missing", "The sign is changed before pooling only: this is minus the "
                "minimum. Change it back.", lambda X, p, s, q: F.max_pool2d(-X, p, s, q)),
        Mistake("zeros win", "The padding is 0, and wins where the image is positive: pad with "
                "+∞, or leave the padding to F.max_pool2d.", _zeros),
        Mistake("zeros win", "The padding is 0, and wins everywhere at the border.",
                lambda X, p, s, q: F.max_pool2d(_pad(-X, q, 0.0), p, s).neg()),
        Mistake("−∞ wins", "The padding is −∞, which is smaller than every number: pad with +∞.",
                lambda X, p, s, q: smallest(_pad(X, q, -torch.inf), p, s, 0)),
        Mistake("rounded up", "Windows that leave the padded image are used, too: ceil_mode is "
                "to stay False.",
                lambda X, p, s, q: -F.max_pool2d(-X, p, s, q, ceil_mode=True)),
        Mistake("padded twice", "The image is padded, and F.max_pool2d pads it once more.",
                lambda X, p, s, q: smallest(_pad(X, q, torch.inf), p, s, q)),
        Mistake("without padding", "The padding is not used.",
                lambda X, p, s, q: smallest(X, p, s, 0)),
        Mistake("without stride", "The stride is not used: it is 1.",
                lambda X, p, s, q: smallest(X, p, 1, q)),
        Mistake("stride p", "The stride is not used: without it, F.max_pool2d takes the window's "
                "size.", lambda X, p, s, q: smallest(X, p, p, q)),
        Mistake("stride p, without padding", "Neither stride nor padding is used.",
                lambda X, p, s, q: smallest(X, p, p, 0)),
        Mistake("stride and padding exchanged", "Stride and padding are exchanged.",
                lambda X, p, s, q: smallest(X, p, q, s)),
        Mistake("window and stride exchanged", "Window and stride are exchanged.",
                lambda X, p, s, q: smallest(X, s, p, q)),
        Mistake("average", "This is average pooling.",
                lambda X, p, s, q: F.avg_pool2d(X, p, s, q)),
        Mistake("one minus", "This is 1 − max(1 − x), which is right; but the padding, 1 − 0, is "
                "not.", lambda X, p, s, q: 1 - F.max_pool2d(_pad(1 - X, q, 1.0), p, s)),
        Mistake("one over", "This is 1 / max(1 / x), which is right for positive numbers only.",
                lambda X, p, s, q: 1 / F.max_pool2d(1 / X, p, s, q)),
        Mistake("largest without its sign", "The sign is dropped before pooling.",
                lambda X, p, s, q: -F.max_pool2d(-X.abs(), p, s, q)),
        Mistake("largest minus maximum", "The maximum is subtracted from the largest number.",
                lambda X, p, s, q: X.max() - F.max_pool2d(X, p, s, q)),
    ),
    conditions={
        "there is padding": lambda X, p, s, q: q > 0,
        "the stride is not 1": lambda X, p, s, q: s > 1,
        "stride and window differ": lambda X, p, s, q: s != p,
        "there are negative numbers": lambda X, p, s, q: bool((X < 0).any()),
        "there are several channels": lambda X, p, s, q: len(X) > 1,
        "there are zeros": lambda X, p, s, q: bool((X == 0).any()),
    },
)  # fmt: skip
