"""7.4 C: the 1 × 1 convolution as a matrix product."""

from torch import Tensor

from helpers.study.task import Draw, Mistake, Task

__all__ = ["TASK", "mix"]


def mix(X: Tensor, K: Tensor) -> Tensor:
    """Return each output channel as a weighted sum of the input channels."""
    return (K[:, :, 0, 0] @ X.flatten(1)).reshape(len(K), *X.shape[1:])


def inputs(draw: Draw):
    """Yield numbers of channels that differ and that are equal, h · w equal to c, not square."""
    for out, c, h, w in (
        (1, 1, 1, 2), (2, 1, 1, 2), (1, 2, 2, 1), (2, 2, 1, 2), (2, 3, 2, 2), (3, 2, 2, 3),
        (2, 2, 2, 2), (3, 4, 2, 2), (4, 4, 2, 2), (6, 6, 2, 3), (3, 3, 3, 3), (2, 6, 3, 2),
    ):  # fmt: skip
        yield draw.numbers(c, h, w), draw.numbers(out, c, 1, 1)


def _torn(X: Tensor, K: Tensor) -> Tensor:
    """The pixels are not columns: the image is reshaped to (h · w, c) and taken as rows."""
    c, h, w = X.shape
    Y = X.reshape(h * w, c) @ K[:, :, 0, 0].T
    return Y.T.reshape(len(K), h, w)


def _torn_back(X: Tensor, K: Tensor) -> Tensor:
    c, h, w = X.shape
    Y = X.permute(1, 2, 0).reshape(h * w, c) @ K[:, :, 0, 0].T
    return Y.reshape(len(K), h, w)


def _torn_twice(X: Tensor, K: Tensor) -> Tensor:
    c, h, w = X.shape
    return (X.reshape(h * w, c) @ K[:, :, 0, 0].T).reshape(len(K), h, w)


TASK = Task(
    name="7.4 C",
    asks="corr1x1(X, K)",
    prompt="Write the 1 × 1 convolution of `X` (input channels, rows, columns) with `K` (output "
    "channels, input channels, 1, 1) as one matrix product: a column for each pixel. The result "
    "has the axes (output channels, rows, columns).",
    stub='''@helpers.task("7.4 C")
def corr1x1(X, K):
    """Compute a 1x1 convolution as one matrix product."""
    return ...  # your lines
''',
    solution='''def corr1x1(X, K):
    """Compute a 1x1 convolution as one matrix product."""
    c_i, h, w = X.shape
    c_o = K.shape[0]
    Y = K.reshape(c_o, c_i) @ X.reshape(c_i, h * w)  # one column per pixel
    return Y.reshape(c_o, h, w)
''',
    hints=(
        "The product is (output channels × input channels) times (input channels × pixels).",
        "X.reshape(c_i, h * w) makes each channel a row, so that each pixel is a column.",
        "K.reshape(c_o, c_i) @ X.reshape(c_i, h * w), and then back to the shape (c_o, h, w).",
    ),
    reference=mix,
    inputs=inputs,
    mistakes=(
        Mistake("image torn", "The image is reshaped to (pixels, channels): the shape is right, "
                "but numbers of different pixels are mixed. Keep the channels as the first axis, "
                "or put axes in another order by permute.", _torn),
        Mistake("result torn", "The product has the channels last; reshape does not put them "
                "first, permute does.", _torn_back),
        Mistake("torn twice", "Image and result are reshaped where their axes would have to be "
                "put in another order (permute).", _torn_twice),
        Mistake("kernel transposed", "The matrix of the kernel is transposed: its rows belong to "
                "the output channels.", before=lambda X, K: (X, K.transpose(0, 1))),
        Mistake("kernel torn", "The kernel is reshaped to (input channels, output channels): its "
                "rows belong to the output channels.",
                before=lambda X, K: (X, K.reshape(K.shape[1], len(K)).T[:, :, None, None])),
        Mistake("not reshaped", "The product is right; what is missing is its shape, (output "
                "channels, rows, columns).", lambda X, K: mix(X, K).flatten(1)),
        Mistake("channels last", "The channels stand last; they are to come first.",
                lambda X, K: mix(X, K).permute(1, 2, 0)),
        Mistake("rows and columns exchanged", "The result is reshaped to (channels, w, h): first "
                "come the rows.",
                lambda X, K: mix(X, K).reshape(len(K), X.shape[2], X.shape[1])),
        Mistake("rows and columns exchanged", "Rows and columns of the result are exchanged.",
                lambda X, K: mix(X, K).mT),
        Mistake("entry by entry", "Channels are multiplied with their weights, but not added up "
                "(* in place of @).", lambda X, K: X * K[0]),
        Mistake("added up", "The output channels are added up.",
                lambda X, K: mix(X, K).sum(0)),
        Mistake("mean", "The mean over the input channels is taken; they are added up.",
                after=lambda Y, X, K: Y / len(X)),
        Mistake("first kernel only", "Only the first output channel is there.",
                lambda X, K: mix(X, K[:1])),
    ),
    conditions={
        "the image is not square": lambda X, K: X.shape[1] != X.shape[2],
        "there are as many output channels as input channels": lambda X, K: len(K) == len(X),
        "the numbers of input and output channels differ": lambda X, K: len(K) != len(X),
        "there is more than one input channel": lambda X, K: len(X) > 1,
        "there is a single input channel": lambda X, K: len(X) == 1,
        "there is a single output channel": lambda X, K: len(K) == 1,
        "there is a single input or output channel": lambda X, K: 1 in (len(X), len(K)),
        "there is more than one output channel": lambda X, K: len(K) > 1,
    },
)  # fmt: skip
