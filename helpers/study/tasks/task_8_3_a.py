"""8.3 A: the 1 × 1 convolution as a linear layer for each pixel."""

import torch
from torch import Tensor
from torch.nn import functional as F

from helpers.study.task import Draw, Mistake, Task

__all__ = ["TASK"]


def convolve(X: Tensor, W: Tensor, b: Tensor) -> Tensor:
    """Return the 1 × 1 convolution of a batch."""
    return F.conv2d(X, W[:, :, None, None], b)


def inputs(draw: Draw):
    """Yield batches: one image and several, not square, h · w and w as large as the channels."""
    yield torch.tensor([[[[1.0, 2.0]], [[3.0, 4.0]]]]), torch.tensor([[1.0, -1.0]]), torch.zeros(1)
    for n, c, out, h, w in (
        (1, 1, 1, 1, 1), (1, 1, 2, 1, 2), (1, 2, 1, 1, 2), (1, 2, 2, 2, 2), (1, 3, 2, 2, 1),
        (2, 1, 2, 1, 2), (2, 2, 2, 1, 3), (2, 3, 3, 2, 2), (2, 4, 2, 2, 2), (2, 4, 4, 2, 2),
        (3, 2, 4, 2, 4), (2, 3, 6, 2, 3), (3, 3, 3, 3, 3), (4, 2, 3, 3, 2), (2, 2, 5, 1, 4),
    ):  # fmt: skip
        yield draw.numbers(n, c, h, w), draw.numbers(out, c), draw.numbers(out)


def _by_pixel(X: Tensor, W: Tensor, b: Tensor) -> Tensor:
    """Return the result with the channels last, (n, h, w, c_out)."""
    return convolve(X, W, b).permute(0, 2, 3, 1)


def _torn(X: Tensor, W: Tensor, b: Tensor) -> Tensor:
    n, c, h, w = X.shape
    return (X.reshape(n, h, w, c) @ W.T + b).permute(0, 3, 1, 2)


def _torn_twice(X: Tensor, W: Tensor, b: Tensor) -> Tensor:
    n, c, h, w = X.shape
    return (X.reshape(n, h * w, c) @ W.T + b).reshape(n, len(W), h, w)


def _back(X: Tensor, W: Tensor, b: Tensor) -> Tensor:
    return _by_pixel(X, W, b).reshape(len(X), len(W), *X.shape[2:])


def _mixed(X: Tensor, W: Tensor, b: Tensor) -> Tensor:
    n, c, h, w = X.shape
    return (W @ X.reshape(c, -1) + b[:, None]).reshape(n, len(W), h, w)


def _mixed_back(X: Tensor, W: Tensor, b: Tensor) -> Tensor:
    n, c, h, w = X.shape
    Y = W @ X.transpose(0, 1).reshape(c, -1) + b[:, None]
    return Y.reshape(n, len(W), h, w)


def _mixed_inside(X: Tensor, W: Tensor, b: Tensor) -> Tensor:
    n, c, h, w = X.shape
    return (W @ X.reshape(c, -1) + b[:, None]).reshape(len(W), n, h, w).transpose(0, 1)


def _by_column(X: Tensor, W: Tensor, b: Tensor) -> Tensor:
    return convolve(X, W, torch.zeros_like(b)) + b


def _by_place(X: Tensor, W: Tensor, b: Tensor) -> Tensor:
    Y = convolve(X, W, torch.zeros_like(b))
    return (Y.flatten(2) + b).reshape(Y.shape)


TASK = Task(
    name="8.3 A",
    asks="conv1x1(X, W, b)",
    prompt="Write the 1×1 convolution as a matrix product, with `@`, the same for every pixel. "
    "`X` is a batch of shape `(n, c_in, h, w)`, `W` has a row for each output channel, "
    "`(c_out, c_in)`, `b` a bias for each, `(c_out,)`. Return `(n, c_out, h, w)`.",
    stub='''@helpers.task("8.3 A")
def conv1x1(X, W, b):
    """Apply the linear layer W, b to the channels of each pixel."""
    return ...  # your lines
''',
    solution='''def conv1x1(X, W, b):
    """Apply the linear layer W, b to the channels of each pixel."""
    pixels = X.permute(0, 2, 3, 1)  # (n, h, w, c_in): channels last, as a linear layer wants them
    return (pixels @ W.T + b).permute(0, 3, 1, 2)
''',
    hints=(
        "A linear layer takes what is on the last axis: x @ W.T + b. Which axis of X holds the "
        "channels of a pixel?",
        "Put the channels last with permute. (reshape would give the shape, too, but tear the "
        "pixels apart.)",
        "X.permute(0, 2, 3, 1) @ W.T + b has the channels last. Put them back to the second place.",
    ),
    reference=convolve,
    inputs=inputs,
    mistakes=(
        Mistake("pixels torn", "The batch is reshaped where its axes have to be put in another "
                "order: the shape is right, but what is taken for the channels of a pixel comes "
                "from several pixels. Use permute.", _torn),
        Mistake("torn twice", "Batch and result are both reshaped where their axes have to be put "
                "in another order (permute).", _torn_twice),
        Mistake("result torn", "The product is right and has its channels last; reshape does not "
                "bring them to the second place, permute does.", _back),
        Mistake("images mixed with channels", "It is right for one image only: with several, "
                "reshape(c_in, …) puts parts of different images into one row. Leave the axis of "
                "the images in front: X.flatten(2).", _mixed),
        Mistake("images mixed with channels", "It is right for one image only: with several, "
                "reshape(c_in, …) puts parts of different images into one row. Leave the axis of "
                "the images in front: X.flatten(2).", _mixed_inside),
        Mistake("images mixed with channels", "It is right for one image only: the product has "
                "the output channels first and then the images; reshape does not exchange them.",
                _mixed_back),
        Mistake("channels last", "The numbers are right, but the channels stand last: they are to "
                "come second, after the images.", _by_pixel),
        Mistake("not folded back", "The numbers are right, but each map is still one long list of "
                "pixels: give it its height and width back.",
                lambda X, W, b: convolve(X, W, b).flatten(2)),
        Mistake("not folded back", "The numbers are right, but the result is still a list of "
                "pixels, channels last.", lambda X, W, b: _by_pixel(X, W, b).flatten(1, 2)),
        Mistake("first image only", "Only the first image of the batch is there.",
                lambda X, W, b: convolve(X, W, b)[:1]),
        Mistake("first image only", "Only the first image of the batch is there, without its axis.",
                lambda X, W, b: convolve(X, W, b)[0]),
        Mistake("weights transposed", "The matrix is used the wrong way round: each row of W "
                "belongs to an output channel, so pixels are multiplied with W.T (or W with "
                "columns of pixels).", before=lambda X, W, b: (X, W.T, b)),
        Mistake("without the bias", "The bias is missing.",
                before=lambda X, W, b: (X, W, torch.zeros_like(b))),
        Mistake("bias for each input channel", "The bias is added once for each input channel: it "
                "belongs outside of the sum.",
                before=lambda X, W, b: (X, W, b * X.shape[1])),
        Mistake("bias along the columns", "The bias is added along the last axis, the columns of "
                "the image. It belongs to the channels: b[:, None, None], or add it while the "
                "channels are last.", _by_column),
        Mistake("bias along the pixels", "The bias is added along the pixels. It belongs to the "
                "channels: b[:, None].", _by_place),
        Mistake("the same bias for all", "All channels get the first bias.",
                before=lambda X, W, b: (X, W, b[:1].expand(len(b)))),
        Mistake("bias subtracted", "The bias is subtracted.", before=lambda X, W, b: (X, W, -b)),
        Mistake("ReLU", "A ReLU is applied: the convolution ends before it.",
                after=lambda Y, X, W, b: Y.relu()),
        Mistake("height and width exchanged", "Height and width of the result are exchanged.",
                after=lambda Y, X, W, b: Y.reshape(*Y.shape[:2], Y.shape[3], Y.shape[2])),
        Mistake("height and width exchanged", "Height and width of the result are exchanged.",
                after=lambda Y, X, W, b: Y.mT),
        Mistake("last channel only", "Only the last input channel is in the result: it is "
                "overwritten where it should be added to (+=).",
                lambda X, W, b: convolve(X[:, -1:], W[:, -1:], b)),
        Mistake("first channel only", "Only the first input channel is in the result.",
                lambda X, W, b: convolve(X[:, :1], W[:, :1], b)),
        Mistake("mean", "The mean over the input channels is taken; they are added up.",
                before=lambda X, W, b: (X, W / X.shape[1], b)),
        Mistake("product along the wrong axis", "W @ X takes the rows of the image for its "
                "channels: @ works on the last two axes. Make the pixels of each image columns, "
                "X.flatten(2), or put the channels last.", lambda X, W, b: W @ X + b),
        Mistake("product along the wrong axis", "W @ X takes the rows of the image for its "
                "channels: @ works on the last two axes. Make the pixels of each image columns, "
                "X.flatten(2), or put the channels last.",
                lambda X, W, b: W @ X + b[:, None]),
        Mistake("product along the wrong axis", "X @ W.T takes the columns of the image for its "
                "channels: @ works on the last two axes. Put the channels last first.",
                lambda X, W, b: X @ W.T + b),
        Mistake("channels not added up", "The channels are multiplied with their weights, but not "
                "added up.", lambda X, W, b: X * W[:, :, None, None] + b[:, None, None]),
    ),
    conditions={
        "there are several images": lambda X, W, b: len(X) > 1,
        "there is more than one input channel": lambda X, W, b: X.shape[1] > 1,
        "the numbers of input and output channels differ": lambda X, W, b: len(W) != X.shape[1],
        "there is more than one output channel": lambda X, W, b: len(W) > 1,
        "the images are not square": lambda X, W, b: X.shape[2] != X.shape[3],
        "the width is not the number of output channels": lambda X, W, b: len(W) != X.shape[3],
        "there is more than one pixel": lambda X, W, b: X.shape[2] * X.shape[3] > 1,
    },
)  # fmt: skip
