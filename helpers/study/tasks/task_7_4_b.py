"""7.4 B: several output channels."""

from torch import Tensor
from torch.nn import functional as F

from helpers.study.task import Draw, Mistake, Task

__all__ = ["TASK", "multi_in_out"]


def multi_in_out(X: Tensor, K: Tensor) -> Tensor:
    """Return one map for each kernel of K (c_o, c_i, k_h, k_w)."""
    return F.conv2d(X[None].float(), K.float())[0]


def inputs(draw: Draw):
    """Yield numbers of channels that differ, and that are equal; sizes that are not square."""
    for out, c, h, w, a, b in (
        (1, 1, 2, 2, 1, 2), (2, 1, 2, 2, 2, 1), (1, 2, 2, 2, 1, 1), (2, 2, 2, 3, 1, 2),
        (3, 2, 3, 3, 2, 2), (2, 3, 3, 3, 2, 2), (3, 3, 3, 4, 2, 2), (4, 2, 4, 3, 1, 1),
        (2, 2, 4, 4, 3, 3), (2, 2, 3, 3, 2, 2), (3, 2, 4, 5, 2, 3),
    ):  # fmt: skip
        yield draw.numbers(c, h, w), draw.numbers(out, c, a, b)


def _depthwise(X: Tensor, K: Tensor) -> Tensor:
    c = min(len(X), len(K))
    return F.conv2d(X[None, :c], K[:c].diagonal(0, 0, 1).permute(2, 0, 1)[:, None], groups=c)[0]


def _first_channel(X: Tensor, K: Tensor) -> Tensor:
    return multi_in_out(X[:1], K[:, :1])


TASK = Task(
    name="7.4 B",
    asks="corr2d_multi_in_out(X, K)",
    prompt="`K` now holds one kernel for each output channel: (output channels, input channels, "
    "rows, columns). Apply each to the whole of `X`, and stack the maps along a new first axis. "
    "You may use `corr2d_multi_in`.",
    stub='''@helpers.task("7.4 B")
def corr2d_multi_in_out(X, K):
    """Apply each kernel of K to X, and stack the maps along a new axis 0."""
    return ...  # your lines
''',
    solution='''def corr2d_multi_in_out(X, K):
    """Apply each kernel of K to X, and stack the maps along a new axis 0."""
    return torch.stack([helpers.corr2d_multi_in(X, k) for k in K], 0)
''',
    hints=(
        "for k in K gives one kernel after the other, of shape (input channels, rows, columns).",
        "Each of them makes one map from the whole of X: collect the maps in a list.",
        "torch.stack(maps, 0) puts a list of maps together along a new first axis.",
    ),
    reference=multi_in_out,
    inputs=inputs,
    mistakes=(
        Mistake("channels last", "The output channels stand last: stack along axis 0.",
                lambda X, K: multi_in_out(X, K).permute(1, 2, 0)),
        Mistake("channels in the middle", "The output channels stand in the middle: stack along "
                "axis 0.", lambda X, K: multi_in_out(X, K).permute(1, 0, 2)),
        Mistake("glued together", "The maps are glued together below each other (cat); they are "
                "to be stacked along a new axis (stack).",
                lambda X, K: multi_in_out(X, K).flatten(0, 1)),
        Mistake("glued together", "The maps are glued together side by side; they are to be "
                "stacked along a new axis (stack).",
                lambda X, K: multi_in_out(X, K).permute(1, 0, 2).flatten(1)),
        Mistake("added up", "The output channels are added up; each is a map of its own.",
                lambda X, K: multi_in_out(X, K).sum(0)),
        Mistake("input and output channels exchanged", "The kernel is read as (input channels, "
                "output channels, …): its first axis holds the output channels.",
                before=lambda X, K: (X, K.transpose(0, 1))),
        Mistake("channel by channel", "Each kernel is applied to one channel of X only; every "
                "output channel sees all input channels.", _depthwise),
        Mistake("as many as input channels", "There are only as many maps as X has channels: "
                "loop over K alone; zip stops at the shorter of both.",
                lambda X, K: multi_in_out(X, K[: len(X)])),
        Mistake("first kernel only", "Only the first kernel's map is there.",
                lambda X, K: multi_in_out(X, K[:1])),
        Mistake("first kernel only", "Only the first kernel's map is there: does `return` stand "
                "inside the loop?", lambda X, K: multi_in_out(X, K)[0]),
        Mistake("last kernel only", "Only the last kernel's map is there.",
                lambda X, K: multi_in_out(X, K)[-1]),
        Mistake("first kernel for all", "All maps are made with the first kernel.",
                before=lambda X, K: (X, K[:1].expand(len(K), -1, -1, -1))),
        Mistake("channels in reverse", "The output channels are in reverse order.",
                lambda X, K: multi_in_out(X, K).flip(0)),
        Mistake("mean", "The mean over the input channels is taken; they are added up.",
                after=lambda Y, X, K: Y / len(X)),
        Mistake("same kernel for all channels", "The kernel's first layer is used for all input "
                "channels; each has its own.",
                before=lambda X, K: (X, K[:, :1].expand(-1, len(X), -1, -1))),
        Mistake("flipped kernel", "The kernels are flipped: this is the mathematical convolution "
                "of 7.2.5.", before=lambda X, K: (X, K.flip(2, 3))),
        Mistake("kernel transposed", "Rows and columns of the kernels are exchanged.",
                before=lambda X, K: (X, K.mT)),
        Mistake("first input channel only", "Only the first input channel counts.",
                _first_channel),
        Mistake("input channels not added up", "The maps of the input channels are not added up.",
                lambda X, K: F.conv2d(X.repeat(len(K), 1, 1)[None], K.flatten(0, 1)[:, None],
                                      groups=len(X) * len(K))[0].unflatten(0, K.shape[:2])),
    ),
    conditions={
        "there are as many output channels as input channels": lambda X, K: len(K) == len(X),
        "the numbers of input and output channels differ": lambda X, K: len(K) != len(X),
        "there is more than one output channel": lambda X, K: len(K) > 1,
        "there is more than one input channel": lambda X, K: len(X) > 1,
        "there are more output channels than input channels": lambda X, K: len(K) > len(X),
        "the image is not square": lambda X, K: X.shape[1] != X.shape[2],
        "the kernel is not square": lambda X, K: K.shape[2] != K.shape[3],
    },
)  # fmt: skip
