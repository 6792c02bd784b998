"""8.4 A: the forward pass of an Inception block."""

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from helpers.study.task import Draw, Mistake, Task

__all__ = ["TASK"]

Pair = tuple[int, int]


class Layers(nn.Module):
    """The layers of an Inception block, with other numbers in each; no forward pass."""

    def __init__(self, c_in: int, c1: int, c2: Pair, c3: Pair, c4: int):
        super().__init__()
        self.b1_1 = nn.Conv2d(c_in, c1, 1)
        self.b2_1, self.b2_2 = nn.Conv2d(c_in, c2[0], 1), nn.Conv2d(*c2, 3, padding=1)
        self.b3_1, self.b3_2 = nn.Conv2d(c_in, c3[0], 1), nn.Conv2d(*c3, 5, padding=2)
        self.b4_1 = nn.MaxPool2d(3, stride=1, padding=1)
        self.b4_2 = nn.Conv2d(c_in, c4, 1)
        generator = torch.Generator().manual_seed(c_in + 10 * c1 + 100 * c2[1])
        for number in self.parameters():
            number.data = torch.randn(number.shape, generator=generator) / 2


def probe(attempt: Callable, x: Tensor, c1: int, c2: Pair, c3: Pair, c4: int) -> Tensor:
    """Let an attempt compute the output of a block with these numbers of channels."""
    return attempt(Layers(x.shape[1], c1, c2, c3, c4), x)


def branches(b: Any, x: Tensor) -> list[Tensor]:
    """Return the outputs of the four branches."""
    return [
        b.b1_1(x).clamp(min=0),
        b.b2_2(b.b2_1(x).clamp(min=0)).clamp(min=0),
        b.b3_2(b.b3_1(x).clamp(min=0)).clamp(min=0),
        b.b4_2(b.b4_1(x)).clamp(min=0),
    ]


def of(forward: Callable[[Any, Tensor], Any]) -> Callable:
    """Return what the probe makes of a forward pass, as a function of the inputs."""

    def compute(x: Tensor, c1: int, c2: Pair, c3: Pair, c4: int) -> Any:
        return probe(forward, x, c1, c2, c3, c4)

    return compute


def inputs(draw: Draw):
    """Yield blocks with as many channels everywhere, where much can be confused, and others."""
    yield torch.tensor([[[[1.0, -2.0]]]]), 1, (1, 1), (1, 1), 1
    yield torch.tensor([[[[-1.0, 2.0]], [[3.0, 0.0]]]]), 2, (2, 2), (2, 2), 2
    for n, c in ((1, 1), (1, 2), (2, 2), (2, 3), (4, 4)):
        yield draw.numbers(n, c, 3, 4), c, (c, c), (c, c), c
    for n, c, channels in (
        (1, 1, (1, (2, 1), (2, 1), 1)),
        (1, 1, (2, (1, 2), (1, 2), 2)),
        (2, 2, (3, (2, 3), (2, 3), 3)),
        (1, 2, (1, (3, 2), (3, 4), 2)),
        (2, 3, (4, (2, 1), (1, 2), 3)),
        (1, 3, (2, (2, 4), (1, 1), 1)),
    ):
        yield draw.numbers(n, c, draw.whole(2, 4), draw.whole(5, 6)), *channels


def _joined(change: Callable[[list[Tensor], Any, Tensor], list[Tensor]]) -> Callable:
    """Return a forward pass that joins branches of which some are not as they should be."""
    return lambda b, x: torch.cat(change(branches(b, x), b, x), dim=1)


def _chosen(*places: int) -> Callable:
    """Return a forward pass that joins these branches in this order."""
    return _joined(lambda parts, b, x: [parts[i] for i in places])


def _with(**other: Callable[[Any, Tensor], Tensor]) -> Callable:
    """Return a forward pass in which some branches, b1 to b4, are computed in another way."""

    def change(parts: list[Tensor], b: Any, x: Tensor) -> list[Tensor]:
        return [
            other[f"b{n}"](b, x) if f"b{n}" in other else part for n, part in enumerate(parts, 1)
        ]

    return _joined(change)


def _in_a_row(b: Any, x: Tensor) -> list[Tensor]:
    first = F.relu(b.b1_1(x))
    second = F.relu(b.b2_2(F.relu(b.b2_1(first))))
    third = F.relu(b.b3_2(F.relu(b.b3_1(second))))
    return [first, second, third, F.relu(b.b4_2(b.b4_1(third)))]


def _no_relu(b: Any, x: Tensor) -> list[Tensor]:
    return [b.b1_1(x), b.b2_2(b.b2_1(x)), b.b3_2(b.b3_1(x)), b.b4_2(b.b4_1(x))]


def _relu_inside(b: Any, x: Tensor) -> list[Tensor]:
    return [b.b1_1(x), b.b2_2(F.relu(b.b2_1(x))), b.b3_2(F.relu(b.b3_1(x))), b.b4_2(b.b4_1(x))]


def _pool_relu(b: Any, x: Tensor) -> Tensor:
    return F.relu(b.b4_1(x))


def _mistake(name: str, sentence: str, forward: Callable) -> Mistake:
    return Mistake(name, sentence, instead=of(forward))


def _several(name: str, sentence: str, *forwards: Callable) -> list[Mistake]:
    return [_mistake(name, sentence, forward) for forward in forwards]


IN_A_ROW = "The branches are computed one behind the other: each is to get the block's input x. \
If x was overwritten on the way, give what a branch computes a name of its own, such as b1."
AXIS = "The outputs are joined along {}. They are to be stacked along the channels, which is \
axis 1 of (n, c, h, w)."
COPIED = "The third branch uses {} of the second: a line that was copied and not changed \
everywhere."
SUM = "The outputs of the branches are {}; they are to be stacked along the channels \
(torch.cat), so that each branch keeps its own."

TASK = Task(
    name="8.4 A",
    asks="forward(self, x)",
    of="Inception",
    prompt="Write the forward pass: run the four branches on the same input `x` (n, c, h, w), "
    "with `F.relu` after every convolution, and stack their outputs along the channels, the first "
    "branch first. The layers are those of the class, `self.b1_1` to `self.b4_2`.",
    stub='''@d2l.add_to_class(Inception)
@helpers.task("8.4 A")
def forward(self, x):
    """Return the four branches' outputs, stacked, for x (n, c, h, w)."""
    return ...  # your lines
''',
    solution='''@d2l.add_to_class(Inception)
def forward(self, x):
    b1 = F.relu(self.b1_1(x))
    b2 = F.relu(self.b2_2(F.relu(self.b2_1(x))))
    b3 = F.relu(self.b3_2(F.relu(self.b3_1(x))))
    b4 = F.relu(self.b4_2(self.b4_1(x)))
    return torch.cat((b1, b2, b3, b4), dim=1)
''',
    hints=(
        "Give the output of each branch a name, b1 to b4. Each of them begins with x; the figure "
        "shows which layers follow.",
        "The first two:\nb1 = F.relu(self.b1_1(x))\n"
        "b2 = F.relu(self.b2_2(F.relu(self.b2_1(x))))",
        "The third is like the second. The last has a pooling in front, which is no convolution "
        "and gets no ReLU.",
        "torch.cat takes a tuple of tensors and an axis. Which axis of (n, c, h, w) holds the "
        "channels?",
    ),
    reference=of(lambda b, x: torch.cat(branches(b, x), dim=1)),
    inputs=inputs,
    probe=probe,
    mistakes=(
        _mistake("not joined", "Four outputs come back; they are to become one tensor: "
                 "torch.cat(…, dim=1).", lambda b, x: tuple(branches(b, x))),
        *_several("branches in a row", IN_A_ROW, lambda b, x: torch.cat(_in_a_row(b, x), 1),
                  lambda b, x: _in_a_row(b, x)[-1],
                  lambda b, x: torch.cat([y := F.relu(b.b1_1(x)), *branches(b, y)[1:]], 1)),
        _mistake("along the batch", AXIS.format("axis 0, as if they were more images"),
                 lambda b, x: torch.cat(branches(b, x), 0)),
        _mistake("along the rows", AXIS.format("axis 2, below one another"),
                 lambda b, x: torch.cat(branches(b, x), 2)),
        _mistake("along the columns", AXIS.format("axis 3, side by side"),
                 lambda b, x: torch.cat(branches(b, x), 3)),
        *(_mistake("a new axis", "torch.stack puts the outputs along a new axis, and needs equal "
                   "shapes; torch.cat joins them along the channels.",
                   lambda b, x, axis=axis: torch.stack(branches(b, x), axis)) for axis in (0, 1)),
        _mistake("sum", SUM.format("added up"), lambda b, x: sum(branches(b, x))),
        _mistake("mean", SUM.format("averaged"), lambda b, x: sum(branches(b, x)) / 4),
        _mistake("no ReLU", "There is no ReLU: without one, the two convolutions of a branch are "
                 "one linear layer.", lambda b, x: torch.cat(_no_relu(b, x), 1)),
        _mistake("no ReLU at the end", "The last convolution of each branch has no ReLU: every "
                 "convolution is followed by one.",
                 lambda b, x: torch.cat(_relu_inside(b, x), 1)),
        _mistake("no ReLU inside", "Between the 1×1 convolution and the large kernel there is no "
                 "ReLU: every convolution is followed by one.",
                 lambda b, x: F.relu(torch.cat(_no_relu(b, x), 1))),
        *_several("no ReLU inside one branch", "In one branch the ReLU between the 1×1 "
                  "convolution and the large kernel is missing.",
                  _with(b2=lambda b, x: F.relu(b.b2_2(b.b2_1(x)))),
                  _with(b3=lambda b, x: F.relu(b.b3_2(b.b3_1(x))))),
        *_several("a branch without its last ReLU", "In one branch the last convolution has no "
                  "ReLU: every convolution is followed by one.",
                  _with(b1=lambda b, x: b.b1_1(x)), _with(b2=lambda b, x: b.b2_2(F.relu(
                      b.b2_1(x)))), _with(b3=lambda b, x: b.b3_2(F.relu(b.b3_1(x)))),
                  _with(b4=lambda b, x: b.b4_2(b.b4_1(x))),
                  _with(b1=lambda b, x: b.b1_1(x), b4=lambda b, x: b.b4_2(b.b4_1(x)))),
        *_several("ReLU after the pooling", "In the last branch a ReLU stands after the pooling; "
                  "it belongs after the convolution.",
                  _with(b4=lambda b, x: b.b4_2(_pool_relu(b, x))),
                  _with(b4=lambda b, x: F.relu(b.b4_2(_pool_relu(b, x))))),
        *_several("without the pooling", "The pooling of the last branch, self.b4_1, is not used.",
                  _with(b4=lambda b, x: F.relu(b.b4_2(x)))),
        *_several("pooling after the convolution", "In the last branch the pooling comes after the "
                  "convolution; it is to come first.",
                  _with(b4=lambda b, x: b.b4_1(F.relu(b.b4_2(x)))),
                  _with(b4=lambda b, x: F.relu(b.b4_1(b.b4_2(x))))),
        *_several("without the convolution of the pooling", "The last branch ends with its "
                  "pooling: the 1×1 convolution self.b4_2 follows.",
                  _with(b4=lambda b, x: b.b4_1(x)), _with(b4=_pool_relu)),
        *_several("without the 1×1 convolution", "In the second or third branch the large kernel "
                  "gets x itself: the 1×1 convolution comes first, and makes the channels fewer.",
                  _with(b2=lambda b, x: F.relu(b.b2_2(x)), b3=lambda b, x: F.relu(b.b3_2(x))),
                  _with(b2=lambda b, x: F.relu(b.b2_2(x))),
                  _with(b3=lambda b, x: F.relu(b.b3_2(x)))),
        *_several("without the large kernel", "The second or third branch ends with its 1×1 "
                  "convolution: the large kernel follows.",
                  _with(b2=lambda b, x: F.relu(b.b2_1(x)), b3=lambda b, x: F.relu(b.b3_1(x))),
                  _with(b2=lambda b, x: F.relu(b.b2_1(x))),
                  _with(b3=lambda b, x: F.relu(b.b3_1(x)))),
        *_several("layers of a branch exchanged", "In a branch the large kernel comes before the "
                  "1×1 convolution; it is the other way round.",
                  _with(b2=lambda b, x: F.relu(b.b2_1(F.relu(b.b2_2(x)))),
                        b3=lambda b, x: F.relu(b.b3_1(F.relu(b.b3_2(x))))),
                  _with(b2=lambda b, x: F.relu(b.b2_1(F.relu(b.b2_2(x))))),
                  _with(b3=lambda b, x: F.relu(b.b3_1(F.relu(b.b3_2(x)))))),
        *_several("third branch copied", COPIED.format("a layer"),
                  _with(b3=lambda b, x: F.relu(b.b3_2(F.relu(b.b2_1(x))))),
                  _with(b3=lambda b, x: F.relu(b.b2_2(F.relu(b.b3_1(x))))),
                  _chosen(0, 1, 1, 3)),
        *(_mistake("branches in another order", "The branches are right, but not their order in "
                   "the output: b1, b2, b3, b4.", _chosen(*order))
          for order in ((3, 2, 1, 0), (0, 2, 1, 3), (1, 0, 2, 3), (0, 1, 3, 2), (3, 0, 1, 2))),
        *(_mistake(f"branch {n} missing", f"The output of branch {n} is missing in what is "
                   "joined.", _chosen(*(i for i in range(4) if i != n - 1)))
          for n in range(1, 5)),
        *_several("input joined too", "The input itself is joined to the outputs; only the four "
                  "branches are.", _joined(lambda p, b, x: [x, *p]),
                  _joined(lambda p, b, x: [*p, x])),
        *(_mistake("one branch only", "Only the output of one branch comes back.",
                   lambda b, x, i=i: branches(b, x)[i]) for i in range(4)),
    ),
    conditions={
        "the branches have different numbers of channels": lambda x, c1, c2, c3, c4: len(
            {c1, c2[1], c3[1], c4}) > 1,
        "the bottlenecks have another width than the input": lambda x, c1, c2, c3, c4: {
            c2[0], c3[0]} != {x.shape[1]},
    },
)  # fmt: skip
