"""7.5 D: average pooling as a convolution."""

from collections.abc import Callable
from typing import Any

from torch import Tensor, nn
from torch.nn import functional as F

from helpers.study.task import Draw, Mistake, Requirement, Task

__all__ = ["TASK"]


def probe(attempt: Callable, X: Tensor) -> Tensor:
    """Return what the layer makes of an image."""
    return attempt()(X[None])[0]


def average(X: Tensor) -> Tensor:
    """Return the means of windows of 2 × 2, which do not overlap."""
    return F.avg_pool2d(X[None], 2)[0]


def inputs(draw: Draw):
    """Yield images with three channels."""
    for h, w in ((2, 2), (2, 4), (4, 2), (4, 4), (3, 5), (6, 4)):
        yield (draw.numbers(3, h, w),)


def _no_layer(attempt: Callable) -> dict[str, Any] | None:
    layer = attempt()
    return None if isinstance(layer, nn.Module) else {"got": layer}


def _no_convolution(attempt: Callable) -> dict[str, Any] | None:
    layer = attempt()
    return None if any(isinstance(m, nn.Conv2d) for m in layer.modules()) else {"layer": layer}


def _channels(attempt: Callable) -> dict[str, Any] | None:
    conv = next(m for m in attempt().modules() if isinstance(m, nn.Conv2d))
    shape = conv.in_channels, conv.out_channels
    return None if shape == (3, 3) else {"inputs": shape[0], "outputs": shape[1]}


def _bias(attempt: Callable) -> dict[str, Any] | None:
    conv = next(m for m in attempt().modules() if isinstance(m, nn.Conv2d))
    return {} if conv.bias is not None and bool((conv.bias != 0).any()) else None


def _random(attempt: Callable) -> dict[str, Any] | None:
    weights = [next(m for m in attempt().modules() if isinstance(m, nn.Conv2d)).weight
               for _ in range(2)]  # fmt: skip
    return None if weights[0].equal(weights[1]) else {"weight": weights[0].detach()}


def _strided(X: Tensor, size: int, stride: int, padding: int = 0) -> Tensor:
    return F.avg_pool2d(X[None], size, stride, padding)[0]


TASK = Task(
    name="7.5 D",
    asks="average_pool()",
    prompt="Average pooling takes the same weighted sum of every window, so it is a convolution "
    "with fixed weights. Return an `nn.Conv2d` for three channels that gives the means of 2 × 2 "
    "windows with a stride of 2, channel by channel, as `nn.AvgPool2d(2)` does.",
    stub='''def average_pool():
    """Return an nn.Conv2d that is 2 x 2 average pooling of three channels."""
    return ...  # your lines
''',
    solution='''def average_pool():
    """Return an nn.Conv2d that is 2 x 2 average pooling of three channels."""
    layer = nn.Conv2d(3, 3, kernel_size=2, stride=2, groups=3, bias=False)
    nn.init.constant_(layer.weight, 1 / 4)
    return layer
''',
    hints=(
        "The mean of four numbers: each is multiplied by 1/4, and all are added up.",
        "Channels are to stay apart: with groups=3, each output channel sees one input channel.",
        "nn.Conv2d(3, 3, kernel_size=2, stride=2, groups=3, bias=False), and then "
        "nn.init.constant_(layer.weight, 1 / 4).",
    ),
    reference=average,
    inputs=inputs,
    probe=probe,
    requirements=(
        Requirement("no layer", "The function is to return a layer, an nn.Conv2d.", _no_layer),
        Requirement("no convolution", "There is no convolution in it: build it from nn.Conv2d.",
                    _no_convolution),
        Requirement("number of channels", "The layer makes {outputs} channels of {inputs}: it is "
                    "to make 3 of 3.", _channels),
        Requirement("random weights", "The weights are random, as a layer has them at first: set "
                    "them to a constant.", _random),
        Requirement("bias", "A bias that is not 0 is added to the means: bias=False.", _bias),
    ),
    mistakes=(
        Mistake("channels mixed", "The channels are added up: each output channel is to see its "
                "own input channel only (groups=3).",
                lambda X: average(X).sum(0, keepdim=True).expand(3, -1, -1)),
        Mistake("mean over the channels", "Each output is the mean over all three channels: each "
                "channel is to stay for itself (groups=3).",
                lambda X: average(X).mean(0, keepdim=True).expand(3, -1, -1)),
        Mistake("sum", "The weights are 1: this is the sum of each window. A mean of four has the "
                "weights 1/4.", lambda X: 4 * average(X)),
        Mistake("sum over all", "The weights are 1, and channels are mixed: this is the sum of "
                "12 numbers.", lambda X: 4 * average(X).sum(0, keepdim=True).expand(3, -1, -1)),
        Mistake("weights 1/2", "The weights are 1/2; four numbers have the mean with 1/4.",
                lambda X: 2 * average(X)),
        Mistake("weights 1/12", "The weights are 1/12: with groups=3 each output sees four "
                "numbers, and not twelve.", lambda X: average(X) / 3),
        Mistake("without stride", "The window moves by one pixel: a convolution's stride is 1 "
                "unless you say otherwise.", lambda X: _strided(X, 2, 1)),
        Mistake("3 × 3", "The window is 3 × 3.", lambda X: _strided(X, 3, 2)),
        Mistake("3 × 3", "The window is 3 × 3.", lambda X: _strided(X, 3, 3)),
        Mistake("padded", "The image is padded: the means at the border are too small.",
                lambda X: _strided(X, 2, 2, 1)),
        Mistake("1 × 1", "The kernel is 1 × 1: it sees no window.",
                lambda X: X[:, ::2, ::2]),
    ),
    conditions={
        "a row or a column is left over": lambda X: X.shape[1] % 2 + X.shape[2] % 2 > 0,
        "the image is not square": lambda X: X.shape[1] != X.shape[2],
    },
)  # fmt: skip
