"""7.1 D: from the formula's axes to PyTorch's."""

from collections.abc import Callable

from torch import Tensor

from helpers.study.task import Draw, Mistake, Task, part

__all__ = ["TASK"]


def probe(attempt: Callable, X: Tensor, V: Tensor) -> object:
    """Return what an attempt gives, without the axis of the examples if it has added it."""
    result = attempt(X, V)
    if isinstance(result, tuple | list):
        return tuple(_without_examples(part, X) for part in result)
    return result


def _without_examples(value: object, X: Tensor) -> object:
    """Return (1, c, h, w), the axes after the first in any order, without that first axis."""
    if isinstance(value, Tensor) and value.dim() == 4:
        if value.shape[0] == 1 and sorted(value.shape[1:]) == sorted(X.shape):
            return value[0]
    return value


def layouts(X: Tensor, V: Tensor) -> tuple[Tensor, Tensor]:
    """Return image (c, h, w) and kernel (c_out, c_in, h, w)."""
    return X.permute(2, 0, 1), V.permute(3, 2, 0, 1)


def inputs(draw: Draw):
    """Yield images and kernels: all axes different, some equal, h · w equal to c."""
    yield draw.numbers(2, 3, 2), draw.numbers(1, 2, 2, 2)
    for h, w, c, a, b, out in (
        (2, 2, 2, 2, 2, 2), (2, 3, 1, 1, 2, 1), (3, 2, 6, 2, 1, 2), (2, 2, 4, 1, 1, 3),
        (3, 4, 3, 3, 3, 3), (4, 3, 2, 2, 3, 4), (2, 4, 3, 2, 1, 3),
    ):  # fmt: skip
        yield draw.numbers(h, w, c), draw.numbers(a, b, c, out)


TASK = Task(
    name="7.1 D",
    asks="to_pytorch(X, V)",
    prompt="`X` has the axes (rows, columns, channels) and `V` (rows, columns, channels in, "
    "channels out), as in the formula. Return both with the axes that `F.conv2d` wants, so that "
    "`F.conv2d(*to_pytorch(X, V))` computes the layer.",
    stub='''def to_pytorch(X, V):
    """Return X and V with the axes in PyTorch's order."""
    return ...  # both, with a comma between them
''',
    solution='''def to_pytorch(X, V):
    """Return X and V with the axes in PyTorch's order."""
    return X.permute(2, 0, 1)[None], V.permute(3, 2, 0, 1)
''',
    hints=(
        "PyTorch wants images as (example, channel, row, column), kernels as (output channel, "
        "input channel, row, column).",
        "X.permute(…) puts axes in another order; the first number says which old axis comes "
        "first. reshape would tear the numbers apart.",
        "The kernel: V.permute(3, 2, 0, 1). The image in the same way, and [None] adds the axis "
        "of the examples.",
    ),
    reference=layouts,
    inputs=inputs,
    probe=probe,
    mistakes=(
        part(0, "image reshaped", "The image is reshaped: the shape is right, but numbers of "
             "different places and channels are mixed. Axes are put in another order by permute.",
             lambda X, V: X.reshape(X.shape[2], X.shape[0], X.shape[1])),
        part(0, "image transposed", "Rows and columns of the image are exchanged: after the "
             "channels come the rows, then the columns.", lambda X, V: X.permute(2, 1, 0)),
        part(0, "image unchanged", "The image still has its channels last.", lambda X, V: X),
        part(0, "channels in the middle", "The image's channels are to come first, before rows "
             "and columns.", lambda X, V: X.permute(0, 2, 1)),
        part(0, "image's axes turned the wrong way", "The image's axes are in the order columns, "
             "channels, rows: permute(2, 0, 1) takes the old axis 2 first.",
             lambda X, V: X.permute(1, 2, 0)),
        part(1, "kernel reshaped", "The kernel is reshaped: the shape is right, but its numbers "
             "are mixed. Axes are put in another order by permute.",
             lambda X, V: V.reshape(V.shape[3], V.shape[2], V.shape[0], V.shape[1])),
        part(1, "input and output channels exchanged", "The kernel's input channels come first; "
             "PyTorch wants the output channels first.", lambda X, V: V.permute(2, 3, 0, 1)),
        part(1, "kernel transposed", "The kernel's rows and columns are exchanged: permute(3, 2, "
             "1, 0) turns all axes round.", lambda X, V: V.permute(3, 2, 1, 0)),
        part(1, "exchanged and transposed", "The kernel's rows and columns, and its input and "
             "output channels, are exchanged.", lambda X, V: V.permute(2, 3, 1, 0)),
        part(1, "kernel unchanged", "The kernel still has its channels last.", lambda X, V: V),
        part(1, "kernel flipped", "The kernel is flipped: only its axes are to be in another "
             "order.", lambda X, V: V.permute(3, 2, 0, 1).flip(2, 3)),
        Mistake("kernel first", "Kernel and image are returned in the wrong order.",
                after=lambda result, X, V: result[::-1]),
    ),
    conditions={
        "the image is not square": lambda X, V: X.shape[0] != X.shape[1],
        "the kernel is not square": lambda X, V: V.shape[0] != V.shape[1],
        "there are other numbers of channels in and out": lambda X, V: V.shape[2] != V.shape[3],
    },
)  # fmt: skip
