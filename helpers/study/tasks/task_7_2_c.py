"""7.2 C: one step of gradient descent."""

from collections.abc import Callable

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from helpers.study.task import Draw, Mistake, Task

__all__ = ["TASK"]


def probe(attempt: Callable, K: Tensor, X: Tensor, Y: Tensor, lr: float, steps: int) -> Tensor:
    """Let an attempt make steps with a layer that begins with the kernel `K`; return its kernel."""
    layer = nn.Conv2d(1, 1, (K.shape[0], K.shape[1]), bias=False)
    layer.weight.data = K.clone()[None, None]
    for _ in range(steps):
        attempt(layer, X[None, None], Y[None, None], lr)
    return layer.weight.data[0, 0]


def gradient(K: Tensor, X: Tensor, Y: Tensor, power: int = 2) -> Tensor:
    """Return the gradient of the summed squared error (power 1: of the summed error)."""
    error = F.conv2d(X[None, None], K[None, None]) - Y
    error = 2 * error if power == 2 else torch.ones_like(error)
    return F.conv2d(X[None, None], error)[0, 0]


def descend(K: Tensor, X: Tensor, Y: Tensor, lr: float, steps: int) -> Tensor:
    """Return the kernel after steps of gradient descent."""
    for _ in range(steps):
        K = K - lr * gradient(K, X, Y)
    return K


def inputs(draw: Draw):
    """Yield kernels, images and results, for one step and for two."""
    for steps in (1, 2, 1, 2, 2, 3):
        for shape in ((1, 2), (2, 2), (1, 1)):
            h, w = shape[0] + draw.whole(0, 2), shape[1] + draw.whole(1, 2)
            X, K = draw.numbers(h, w, low=-1, high=1), draw.numbers(*shape, low=-1, high=1)
            Y = draw.numbers(h - shape[0] + 1, w - shape[1] + 1, low=-2, high=2)
            yield K, X, Y, draw.one_of(0.01, 0.03, 0.1), steps


def _accumulated(K: Tensor, X: Tensor, Y: Tensor, lr: float, steps: int) -> Tensor:
    total = torch.zeros_like(K)
    for _ in range(steps):
        total = total + gradient(K, X, Y)
        K = K - lr * total
    return K


def _absolute(K: Tensor, X: Tensor, Y: Tensor, lr: float, steps: int) -> Tensor:
    for _ in range(steps):
        error = (F.conv2d(X[None, None], K[None, None]) - Y).sign()
        K = K - lr * F.conv2d(X[None, None], error)[0, 0]
    return K


def _unsquared(K: Tensor, X: Tensor, Y: Tensor, lr: float, steps: int) -> Tensor:
    for _ in range(steps):
        K = K - lr * gradient(K, X, Y, 1)
    return K


def _late(K: Tensor, X: Tensor, Y: Tensor, lr: float, steps: int) -> Tensor:
    return descend(K, X, Y, lr, steps - 1)


def _rate(change: Callable) -> Callable:
    return lambda K, X, Y, lr, steps: (K, X, Y, change(lr, Y), steps)


TASK = Task(
    name="7.2 C",
    asks="step(conv2d, X, Y, lr)",
    prompt="Write one step of gradient descent: compute the sum of the squared differences between \
`conv2d(X)` and `Y`, its gradient, and move `conv2d.weight` against it, `lr` times the gradient \
far. The function changes the layer; it need not return anything. It will be called many times.",
    stub='''@helpers.task("7.2 C")
def step(conv2d, X, Y, lr):
    """Change the weight of conv2d by one step of gradient descent."""
    return ...  # your lines
''',
    solution='''def step(conv2d, X, Y, lr):
    """Change the weight of conv2d by one step of gradient descent."""
    l = ((conv2d(X) - Y) ** 2).sum()
    conv2d.zero_grad()
    l.backward()
    conv2d.weight.data -= lr * conv2d.weight.grad
''',
    hints=(
        "Four lines: the loss, no old gradients, the new gradient, the update.",
        "The loss is ((conv2d(X) - Y) ** 2).sum(), and its backward() computes the gradient.",
        "conv2d.weight.grad holds the gradient, and what it held before is added to it: call \
conv2d.zero_grad() first.",
        "The update changes the numbers of the parameter, without autograd:\n\
conv2d.weight.data -= lr * conv2d.weight.grad",
    ),
    reference=descend,
    inputs=inputs,
    probe=probe,
    may_change=True,
    mistakes=(
        Mistake("uphill", "The step goes along the gradient, and the loss grows: the gradient is \
to be subtracted.", before=_rate(lambda lr, Y: -lr)),
        Mistake("weights unchanged", "The weights are the same after the step. Is the update \
written into the layer (conv2d.weight.data), and is the gradient still there when it is made?",
                before=_rate(lambda lr, Y: 0.0)),
        Mistake("old gradients", "The first step is right, the second is not: gradients are \
added to those of the step before. Call zero_grad() before backward().", _accumulated),
        Mistake("one step late", "The gradient that is used is the one before: the first step \
changes nothing.", _late),
        Mistake("mean", "The mean of the squared errors is taken, and not their sum: the step is \
too short.", before=_rate(lambda lr, Y: lr / Y.numel())),
        Mistake("without learning rate", "The learning rate is not used: the step is as long as \
the gradient.", before=_rate(lambda lr, Y: 1.0)),
        Mistake("half the gradient", "The step is half as long as it should be: the derivative \
of the square has a factor 2.", before=_rate(lambda lr, Y: lr / 2)),
        Mistake("twice the step", "The step is twice as long as it should be: is the update made \
twice, or the factor 2 of the derivative taken twice?", before=_rate(lambda lr, Y: 2 * lr)),
        Mistake("learning rate squared", "The learning rate enters twice.",
                before=_rate(lambda lr, Y: lr * lr)),
        Mistake("divided by the learning rate", "The gradient is divided by the learning rate.",
                before=_rate(lambda lr, Y: 1 / lr)),
        Mistake("absolute error", "The errors are taken without their sign, and not squared.",
                _absolute),
        Mistake("not squared", "The errors are added up without being squared: what is too \
large and what is too small cancel.", _unsquared),
        *(Mistake("several steps", "One call makes several steps; it is to make one.",
                  before=lambda K, X, Y, lr, steps, n=n: (K, X, Y, lr, n * steps))
          for n in (2, 3, 4, 5, 10, 20, 100)),
        Mistake("square of the sum", "The errors are added up first, and the sum is squared: \
errors of opposite sign cancel. Square each, then add up: (…) ** 2 before sum().",
                lambda K, X, Y, lr, steps: _summed_first(K, X, Y, lr, steps)),
        Mistake("sign of the gradient", "Only the sign of the gradient is used, not its size.",
                lambda K, X, Y, lr, steps: _changed(K, X, Y, lr, steps, torch.sign)),
        Mistake("length of the errors", "The gradient is that of the square root of the sum: "
                "leave the root out.",
                lambda K, X, Y, lr, steps: _rooted(K, X, Y, lr, steps)),
        Mistake("gradient in place of the weight", "The weight becomes a multiple of the \
gradient: it is to be changed by it (-=).",
                lambda K, X, Y, lr, steps: _replaced(K, X, Y, lr, steps)),
    ),
    conditions={"a second step is made": lambda K, X, Y, lr, steps: steps > 1},
)  # fmt: skip


def _replaced(K: Tensor, X: Tensor, Y: Tensor, lr: float, steps: int) -> Tensor:
    for _ in range(steps):
        K = -lr * gradient(K, X, Y)
    return K


def _summed_first(K: Tensor, X: Tensor, Y: Tensor, lr: float, steps: int) -> Tensor:
    for _ in range(steps):
        total = (F.conv2d(X[None, None], K[None, None]) - Y).sum()
        K = K - lr * 2 * total * gradient(K, X, Y, 1)
    return K


def _changed(K: Tensor, X: Tensor, Y: Tensor, lr: float, steps: int, change: Callable) -> Tensor:
    for _ in range(steps):
        K = K - lr * change(gradient(K, X, Y))
    return K


def _rooted(K: Tensor, X: Tensor, Y: Tensor, lr: float, steps: int) -> Tensor:
    for _ in range(steps):
        root = (F.conv2d(X[None, None], K[None, None]) - Y).norm()
        K = K - lr * gradient(K, X, Y) / (2 * root)
    return K
