"""8.5 B: one step of a moving average."""

import torch
from torch import Tensor

from helpers.study.task import Draw, Mistake, Task

__all__ = ["TASK"]


def updated(moving: Tensor, batch: Tensor, momentum: float) -> Tensor:
    """Return the moving average after one more batch."""
    return torch.lerp(moving.double(), batch.double(), momentum)


def inputs(draw: Draw):
    """Yield averages so far, those of a batch, and how much the batch counts; none of them 1/2."""
    yield torch.tensor([0.0]), torch.tensor([10.0]), 0.1
    yield torch.tensor([4.0]), torch.tensor([8.0]), 0.25
    yield torch.tensor([4.0]), torch.tensor([-8.0]), 1.0
    yield torch.tensor([4.0]), torch.tensor([8.0]), 0.0
    for momentum in (0.1, 0.25, 0.75, 0.9, 0.01):
        moving, batch = draw.numbers(2), draw.numbers(2)
        yield moving, batch, momentum
        moving, batch = draw.numbers(1, 3), draw.numbers(1, 3)
        yield moving + 0.125, batch, momentum


TASK = Task(
    name="8.5 B",
    asks="update(moving, batch, momentum)",
    prompt="One step of a moving average. `moving` holds the averages of the features so far, \
`batch` the means of the same features in a new batch. Return the new averages, in which the batch \
has the weight `momentum`, a number from 0 to 1, and what was there before the rest. Leave \
`moving` itself as it is.",
    stub='''@helpers.task("8.5 B")
def update(moving, batch, momentum):
    """Return the averages after a batch, whose weight is momentum."""
    return ...  # your line
''',
    solution='''def update(moving, batch, momentum):
    """Return the averages after a batch, whose weight is momentum."""
    return (1 - momentum) * moving + momentum * batch
''',
    hints=(
        "With momentum 0.1, a tenth of the new average comes from the batch. What share comes "
        "from what was there?",
        "The two weights are momentum and 1 − momentum: together 1, so that an average that is "
        "right stays as it is.",
        "Each weight is multiplied with its average, and the two are added up:\n"
        "... * moving + momentum * batch",
    ),
    reference=updated,
    inputs=inputs,
    mistakes=(
        Mistake("weights exchanged", "The batch gets 1 − momentum, and what was there gets "
                "momentum: that is how Keras counts. Here momentum is the weight of the new batch.",
                lambda moving, batch, momentum: updated(batch, moving, momentum)),
        Mistake("momentum of an optimiser", "momentum · moving + batch is the momentum of an "
                "optimiser, a sum that grows. In an average the two weights add up to 1.",
                lambda moving, batch, momentum: momentum * moving + batch),
        Mistake("old average not reduced", "The batch's share is added to the whole old average: "
                "that has to be multiplied by 1 − momentum, or the average grows and grows.",
                lambda moving, batch, momentum: moving + momentum * batch),
        Mistake("batch not weighted", "The old average gets 1 − momentum, but the batch counts in "
                "full: multiply it by momentum.",
                lambda moving, batch, momentum: (1 - momentum) * moving + batch),
        Mistake("away from the batch", "The average moves away from the batch: the difference has "
                "the wrong sign.",
                lambda moving, batch, momentum: moving - momentum * (batch - moving)),
        Mistake("only the difference", "This is by how much the average moves: add it to `moving`.",
                lambda moving, batch, momentum: momentum * (batch - moving)),
        Mistake("only the batch", "The new batch replaces the average; it is to enter with its "
                "weight.", lambda moving, batch, momentum: batch),
        Mistake("only the batch's share", "What was there before is left out.",
                lambda moving, batch, momentum: momentum * batch),
        Mistake("only what was there", "The batch is left out.",
                lambda moving, batch, momentum: (1 - momentum) * moving),
        Mistake("unchanged", "The old average comes back: the batch changes nothing.",
                lambda moving, batch, momentum: moving),
        Mistake("equal weights", "Both count one half, whatever the momentum.",
                lambda moving, batch, momentum: (moving + batch) / 2),
        Mistake("sum", "Both are added up: an average has weights that add up to 1.",
                lambda moving, batch, momentum: moving + batch),
        Mistake("always 0.1", "The weight is always 0.1: use the argument momentum.",
                lambda moving, batch, momentum: updated(moving, batch, 0.1)),
        Mistake("always 0.1", "The batch's weight is always 0.9: use the argument momentum.",
                lambda moving, batch, momentum: updated(moving, batch, 0.9)),
        Mistake("same weight for both", "Both are multiplied by momentum: what was there gets "
                "1 − momentum.", lambda moving, batch, momentum: momentum * (moving + batch)),
        Mistake("difference of the two", "The two parts are subtracted; add them.",
                lambda moving, batch, momentum: (1 - momentum) * moving - momentum * batch),
        Mistake("features averaged", "The mean over the features is taken: `batch` holds one mean "
                "for each already, and they stay apart.",
                lambda moving, batch, momentum: updated(
                    moving, batch.double().mean().expand_as(batch), momentum)),
        Mistake("1 + momentum", "The old average gets 1 + momentum; the weights have to add up to "
                "1.", lambda moving, batch, momentum: (1 + momentum) * moving + momentum * batch),
    ),
    conditions={
        "there is more than one feature": lambda moving, batch, momentum: moving.numel() > 1,
        "momentum is not 0.1": lambda moving, batch, momentum: momentum != 0.1,
        "momentum is 0": lambda moving, batch, momentum: momentum == 0,
        "momentum is 0 or 1": lambda moving, batch, momentum: momentum in (0, 1),
        "the average so far is not 0": lambda moving, batch, momentum: bool(moving.any()),
    },
)  # fmt: skip
