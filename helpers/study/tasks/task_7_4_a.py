"""7.4 A: several input channels."""

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional as F

from helpers.study.attempt import NoResult
from helpers.study.task import Draw, Mistake, Task
from helpers.study.tasks.task_7_2_a import correlate

__all__ = ["TASK", "multi_in"]

OTHER = "another error than a ValueError"
GIVEN_BACK = "an error as the result"


def probe(attempt: Callable, X: Tensor, K: Tensor) -> Any:
    """Call an attempt; say so if it refuses otherwise than by raising a ValueError."""
    try:
        result = attempt(X, K)
    except Exception as error:
        slips = ValueError | NoResult | NameError | SyntaxError
        if len(X) == len(K) or isinstance(error, slips):
            raise
        return OTHER
    return GIVEN_BACK if isinstance(result, Exception) or result is ValueError else result


def multi_in(X: Tensor, K: Tensor) -> Tensor:
    """Return the sum of the channels' cross-correlations."""
    if len(X) != len(K):
        raise ValueError(f"X has {len(X)} channels, K has {len(K)}")
    return F.conv2d(X[None].float(), K[None].float())[0, 0]


def inputs(draw: Draw):
    """Yield images and kernels with as many channels, and with other numbers of channels."""
    for c, h, w, a, b in (
        (1, 2, 2, 1, 2), (2, 2, 2, 1, 1), (2, 2, 3, 2, 2), (2, 3, 2, 2, 1), (3, 3, 3, 2, 2),
        (3, 3, 4, 3, 3), (4, 2, 2, 2, 2), (2, 4, 4, 2, 2), (5, 3, 3, 1, 1), (2, 5, 4, 3, 2),
    ):  # fmt: skip
        yield draw.numbers(c, h, w), draw.numbers(c, a, b)
    for c, k in ((2, 1), (1, 2), (3, 2), (2, 3)):
        yield draw.numbers(c, 3, 4), draw.numbers(k, 2, 2)


def _unless_refused(instead: str) -> Callable:
    return lambda X, K: multi_in(X, K) if len(X) == len(K) else instead


def _zipped(X: Tensor, K: Tensor) -> Tensor:
    c = min(len(X), len(K))
    return multi_in(X[:c], K[:c])


def _broadcast(X: Tensor, K: Tensor) -> Tensor | str:
    c = max(len(X), len(K))
    if {len(X), len(K)} - {1, c}:
        return OTHER  # which broadcasting refuses, by an error of its own
    return multi_in(X.expand(c, -1, -1), K.expand(c, -1, -1))


def _stack(X: Tensor, K: Tensor) -> Tensor:
    multi_in(X, K)
    return torch.stack([correlate(x, k) for x, k in zip(X, K)])


TASK = Task(
    name="7.4 A",
    asks="corr2d_multi_in(X, K)",
    prompt="Cross-correlate each channel of `X` (channels, rows, columns) with its own layer of "
    "`K`, and add the results up to one map. If `K` has another number of channels than `X`, "
    "refuse with a ValueError. You may use `d2l.corr2d`.",
    stub='''@helpers.task("7.4 A")
def corr2d_multi_in(X, K):
    """Cross-correlate each channel with its kernel, and add up."""
    return ...  # your lines
''',
    solution='''def corr2d_multi_in(X, K):
    """Cross-correlate each channel with its kernel, and add up."""
    if len(X) != len(K):
        raise ValueError(f"X has {len(X)} channels, K has {len(K)}")
    return sum(helpers.corr2d(x, k) for x, k in zip(X, K))
''',
    hints=(
        "A loop over X and K goes through their first axis, the channels: for x, k in zip(X, K).",
        "sum(…) adds tensors up, too.",
        "zip stops at the shorter of both, without a word. Compare first:\n"
        "if len(X) != len(K):\n    raise ValueError(…)",
    ),
    reference=multi_in,
    inputs=inputs,
    probe=probe,
    mistakes=(
        Mistake("does not refuse", "A kernel with another number of channels is accepted: zip "
                "stops at the shorter of both, and the other channels are ignored.", _zipped),
        Mistake("another error", "Another number of channels stops it, but not by a ValueError: "
                "compare the numbers first, and `raise ValueError(…)`.", _unless_refused(OTHER)),
        Mistake("error returned", "The error is returned as if it were a result, and whoever "
                "called goes on with it: `raise ValueError(…)`.", _unless_refused(GIVEN_BACK)),
        Mistake("one channel for all", "A kernel, or image, of one channel is accepted and used "
                "for all channels: broadcasting does that. Refuse it with a ValueError.",
                _broadcast),
        Mistake("not added up", "There is one map for each channel; they are to be added up to "
                "one.", _stack),
        Mistake("mean", "The mean over the channels is taken; the channels are added up.",
                after=lambda Y, X, K: Y / len(X)),
        Mistake("flipped kernel", "The kernels are flipped: this is the mathematical convolution "
                "of 7.2.5.", before=lambda X, K: (X, K.flip(1, 2))),
        Mistake("channels in reverse", "The channels of the kernel are taken from the last to the "
                "first.", before=lambda X, K: (X, K.flip(0))),
        Mistake("kernel transposed", "Rows and columns of the kernel are exchanged.",
                before=lambda X, K: (X, K.mT)),
        Mistake("same kernel for all", "The first channel's kernel is used for all channels.",
                before=lambda X, K: (X, K[:1].expand(len(K), -1, -1))),
        Mistake("first channel only", "Only the first channel counts: does `return` stand inside "
                "the loop?", before=lambda X, K: (X, torch.cat([K[:1], 0 * K[1:]]))),
        Mistake("last channel only", "Only the last channel is left: the result is overwritten, "
                "and should be added to (+=).",
                before=lambda X, K: (X, torch.cat([0 * K[:-1], K[-1:]]))),
        Mistake("largest", "The largest of the channels' results is taken; they are to be added.",
                lambda X, K: _stack(X, K).amax(0)),
        Mistake("channels multiplied", "The channels' results are multiplied with each other; "
                "they are to be added.", lambda X, K: _stack(X, K).prod(0)),
        Mistake("channels added too early", "The channels are added up before the kernel is "
                "applied, or every kernel is applied to every channel: each channel has its own "
                "kernel.",
                lambda X, K: correlate(X.sum(0), K.sum(0))
                if len(X) == len(K) else multi_in(X, K)),
    ),
    conditions={
        "the numbers of channels differ": lambda X, K: len(X) != len(K),
        "the kernel has more channels than the image": lambda X, K: len(X) < len(K),
        "the kernel has fewer channels than the image": lambda X, K: len(X) > len(K),
        "there is more than one channel": lambda X, K: len(X) > 1,
        "there are more than two channels": lambda X, K: len(X) > 2,
        "the image is not square": lambda X, K: X.shape[1] != X.shape[2],
        "the kernel is not square": lambda X, K: K.shape[1] != K.shape[2],
    },
)  # fmt: skip
