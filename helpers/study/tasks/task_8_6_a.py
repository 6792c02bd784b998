"""8.6 A: the forward pass of a residual block."""

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from helpers.study.task import Draw, Mistake, Task

__all__ = ["TASK"]


class Layers(nn.Module):
    """A residual block's layers, with other numbers in each; no forward pass of its own."""

    def __init__(self, inputs: int, num_channels: int, use_1x1conv: bool, strides: int):
        super().__init__()
        self.conv1 = nn.Conv2d(inputs, num_channels, 3, strides, padding=1)
        self.conv2 = nn.Conv2d(num_channels, num_channels, 3, padding=1)
        self.conv3 = nn.Conv2d(inputs, num_channels, 1, strides) if use_1x1conv else None
        self.bn1, self.bn2 = nn.BatchNorm2d(num_channels), nn.BatchNorm2d(num_channels)
        generator = torch.Generator().manual_seed(inputs + 10 * num_channels)
        for name, number in self.named_parameters():
            if name.startswith("bn") and name.endswith("weight"):
                number.data = 0.5 + torch.rand(number.shape, generator=generator)
            else:
                number.data = torch.randn(number.shape, generator=generator) / 2


def probe(
    attempt: Callable, X: Tensor, num_channels: int, use_1x1conv: bool, strides: int, mode: str
) -> Tensor:
    """Let an attempt compute the output of a block with these arguments, in train or eval mode."""
    block = Layers(X.shape[1], num_channels, use_1x1conv, strides)
    return attempt(block.train(mode == "train"), X)


def residual(block: Any, X: Tensor) -> Tensor:
    """Return what a residual block computes."""
    left = block.bn2(block.conv2(block.bn1(block.conv1(X)).clamp(min=0)))
    right = X if block.conv3 is None else block.conv3(X)
    return (left + right).clamp(min=0)


def of(forward: Callable[[Any, Tensor], Tensor]) -> Callable:
    """Return what the probe makes of a forward pass, as a function of the inputs."""

    def compute(X: Tensor, num_channels: int, use_1x1conv: bool, strides: int, mode: str) -> Tensor:
        return probe(forward, X, num_channels, use_1x1conv, strides, mode)

    return compute


def inputs(draw: Draw):
    """Yield both variants, in both modes; inputs not square, with negative numbers."""
    yield torch.tensor([[[[1.0, -2.0]]]]), 1, False, 1, "eval"
    yield torch.tensor([[[[1.0, -2.0]]]]), 2, True, 1, "eval"
    for mode in ("eval", "train"):
        for c, num_channels, use_1x1conv, strides in (
            (1, 1, False, 1), (2, 2, False, 1), (2, 2, True, 1), (2, 3, True, 1), (1, 2, True, 2),
            (3, 2, True, 2), (2, 2, True, 2),
        ):  # fmt: skip
            X = draw.numbers(draw.whole(1, 2), c, draw.whole(2, 3), draw.whole(3, 5))
            yield X, num_channels, use_1x1conv, strides, mode


def _left(block: Any, X: Tensor) -> Tensor:
    return block.bn2(block.conv2(F.relu(block.bn1(block.conv1(X)))))


def _right(block: Any, X: Tensor) -> Tensor:
    return X if block.conv3 is None else block.conv3(X)


def _overwritten(block: Any, X: Tensor) -> Tensor:
    Y = _left(block, X)
    return F.relu(Y + _right(block, Y))


def _overwritten_before_conv3(block: Any, X: Tensor) -> Tensor:
    return F.relu(2 * _right(block, _left(block, X)))


def _overwritten_at_first(block: Any, X: Tensor) -> Tensor:
    X = F.relu(block.bn1(block.conv1(X)))
    return F.relu(block.bn2(block.conv2(X)) + _right(block, X))


def _same_norm(block: Any, X: Tensor) -> Tensor:
    Y = block.bn1(block.conv2(F.relu(block.bn1(block.conv1(X)))))
    return F.relu(Y + _right(block, X))


def _exchanged(block: Any, X: Tensor) -> Tensor:
    Y = block.bn1(block.conv2(F.relu(block.bn2(block.conv1(X)))))
    return F.relu(Y + _right(block, X))


def _relu_first(block: Any, X: Tensor) -> Tensor:
    Y = block.bn2(block.conv2(block.bn1(F.relu(block.conv1(X)))))
    return F.relu(Y + _right(block, X))


def _no_norm(block: Any, X: Tensor) -> Tensor:
    return F.relu(block.conv2(F.relu(block.conv1(X))) + _right(block, X))


def _one_norm(block: Any, X: Tensor) -> Tensor:
    return F.relu(block.conv2(F.relu(block.bn1(block.conv1(X)))) + _right(block, X))


def _no_relu_inside(block: Any, X: Tensor) -> Tensor:
    return F.relu(block.bn2(block.conv2(block.bn1(block.conv1(X)))) + _right(block, X))


def _pre_activation(block: Any, X: Tensor) -> Tensor:
    return block.conv2(F.relu(block.bn2(block.conv1(F.relu(block.bn1(X)))))) + _right(block, X)


def _mistake(name: str, sentence: str, forward: Callable) -> Mistake:
    return Mistake(name, sentence, instead=of(forward))


TASK = Task(
    name="8.6 A",
    asks="forward(self, X)",
    of="Residual",
    prompt="Write the forward pass of both variants: convolution, batch normalization and ReLU, "
    "convolution and batch normalization, then the sum with the shortcut, and a last ReLU. The "
    "layers are those of the class: `self.conv1`, `self.bn1`, `self.conv2`, `self.bn2`, and "
    "`self.conv3`, which is None where the shortcut is the input itself.",
    stub='''@d2l.add_to_class(Residual)
@helpers.task("8.6 A")
def forward(self, X):
    """Return the block's output for X (n, c, h, w)."""
    return ...  # your lines
''',
    solution='''@d2l.add_to_class(Residual)
def forward(self, X):
    """Return the block's output for X (n, c, h, w)."""
    Y = F.relu(self.bn1(self.conv1(X)))
    Y = self.bn2(self.conv2(Y))
    if self.conv3:
        X = self.conv3(X)
    Y += X
    return F.relu(Y)
''',
    hints=(
        "The figure, from the input upwards: give what the layers compute a name of its own, such "
        "as Y. The input X is needed once more, at the sum.",
        "The first half of the layers' path:\nY = F.relu(self.bn1(self.conv1(X)))",
        "The other half has no ReLU before the sum:\nY = self.bn2(self.conv2(Y))",
        "The shortcut is self.conv3(X) if there is a self.conv3, else X. Add it to Y, and return "
        "the ReLU of the sum.",
    ),
    reference=of(residual),
    inputs=inputs,
    probe=probe,
    mistakes=(
        _mistake("without the shortcut", "The input is not added: this is the plain block. Add "
                 "the shortcut to Y before the last ReLU.", lambda b, X: F.relu(_left(b, X))),
        *(_mistake("input overwritten", "X was overwritten on the way: the block's input is gone "
                   "when it is to be added. Give what the layers compute another name than X.",
                   forward)
          for forward in (_overwritten, _overwritten_before_conv3, _overwritten_at_first,
                          lambda b, X: F.relu(2 * _left(b, X)))),
        _mistake("conv3 is never used", "The 1×1 convolution of the shortcut is not used: where "
                 "the block has a self.conv3, X goes through it before the sum.",
                 lambda b, X: F.relu(_left(b, X) + X)),
        _mistake("conv3 is None", "self.conv3 is None in a block whose shortcut is the input "
                 "itself: ask whether it is there before you call it.",
                 lambda b, X: F.relu(_left(b, X) + b.conv3(X))),
        _mistake("shortcut only with conv3", "Where there is no self.conv3, nothing is added: "
                 "there the shortcut is the input itself.",
                 lambda b, X: F.relu(_left(b, X) + (b.conv3(X) if b.conv3 else 0))),
        _mistake("ReLU before the sum", "The last ReLU comes before the sum; it is to come after "
                 "it.", lambda b, X: F.relu(_left(b, X)) + _right(b, X)),
        _mistake("no last ReLU", "The ReLU after the sum is missing.",
                 lambda b, X: _left(b, X) + _right(b, X)),
        _mistake("ReLU on both sides of the sum", "There is one ReLU too many: the layers' path "
                 "ends in a batch normalization. After a ReLU it could only add, never take away.",
                 lambda b, X: F.relu(F.relu(_left(b, X)) + _right(b, X))),
        _mistake("no ReLU inside", "The ReLU after the first batch normalization is missing.",
                 _no_relu_inside),
        _mistake("ReLU before the normalization", "ReLU and first batch normalization are "
                 "exchanged: first the normalization, then the ReLU.", _relu_first),
        _mistake("normalizations exchanged", "bn1 and bn2 are exchanged: each has its own scale, "
                 "shift and averages.", _exchanged),
        _mistake("one normalization twice", "bn1 is used twice, and bn2 not at all: each has its "
                 "own scale, shift and averages.", _same_norm),
        _mistake("without normalization", "The batch normalizations are not used.", _no_norm),
        _mistake("without the second normalization", "The second batch normalization is not used.",
                 _one_norm),
        _mistake("second convolution of X", "The second convolution gets the input; it is to get "
                 "what the first half computed.",
                 lambda b, X: F.relu(b.bn2(b.conv2(X)) + _right(b, X))),
        _mistake("conv3 of Y", "The 1×1 convolution gets the output of the layers; it is to get "
                 "the block's input.",
                 lambda b, X: F.relu(_left(b, X) + (b.conv3(_left(b, X)) if b.conv3 else X))),
        _mistake("conv3 of Y", "The 1×1 convolution stands behind the layers; it belongs on the "
                 "shortcut, and gets the block's input.",
                 lambda b, X: F.relu(_right(b, _left(b, X)) + X if b.conv3 else _left(b, X) + X)),
        _mistake("ReLU on the shortcut", "A ReLU stands on the shortcut: what the block is to "
                 "pass on loses its negative numbers.",
                 lambda b, X: F.relu(_left(b, X) + F.relu(_right(b, X)))),
        _mistake("shortcut normalized", "bn2 is used on the shortcut too. In the book's block the "
                 "1×1 convolution has no normalization (torchvision's has one of its own).",
                 lambda b, X: F.relu(_left(b, X) + (b.bn2(b.conv3(X)) if b.conv3 else X))),
        _mistake("concatenated", "The two paths are laid side by side, as in an Inception block; "
                 "a residual block adds them.",
                 lambda b, X: F.relu(torch.cat((_left(b, X), _right(b, X)), 1))),
        _mistake("product", "The two paths are multiplied; they are to be added.",
                 lambda b, X: F.relu(_left(b, X) * _right(b, X))),
        _mistake("difference", "The shortcut is subtracted; it is to be added.",
                 lambda b, X: F.relu(_left(b, X) - _right(b, X))),
        _mistake("mean of the paths", "The mean of both paths is taken; it is to be their sum.",
                 lambda b, X: F.relu(_left(b, X) + _right(b, X)) / 2),
        _mistake("normalization before the convolution", "Batch normalization and ReLU come "
                 "before each convolution. That is a later variant (Exercise 4); here they come "
                 "after it.", _pre_activation),
        _mistake("only the layers", "What the layers compute comes back, without sum and without "
                 "last ReLU.", _left),
    ),
    conditions={
        "the shortcut is the input itself": lambda X, n, use_1x1conv, s, mode: not use_1x1conv,
        "the shortcut has a 1×1 convolution": lambda X, n, use_1x1conv, s, mode: use_1x1conv,
        "the stride is 2": lambda X, n, use_1x1conv, strides, mode: strides > 1,
        "the block is in train mode": lambda X, n, u, s, mode: mode == "train",
        "the block is in eval mode": lambda X, n, u, s, mode: mode == "eval",
    },
)  # fmt: skip
