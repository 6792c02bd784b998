"""8.5 E: predict without leaving a trace."""

import copy
from collections.abc import Callable, Iterator
from itertools import pairwise
from typing import Any

import torch
from torch import Tensor, nn

from helpers.study.task import Draw, Mistake, Requirement, Task

__all__ = ["TASK"]


def predicted(net: nn.Module, X: Tensor) -> Tensor:
    """Return what a network predicts for a batch."""
    with torch.no_grad():
        return copy.deepcopy(net).eval()(X)


def _network(sizes: tuple[int, ...], numbers: Callable[[int], Tensor], dropout: float) -> nn.Module:
    """Return a network in training mode; its numbers are set, none is drawn from PyTorch."""
    layers: list[nn.Module] = []
    for n, m in pairwise(sizes):
        layers += [nn.utils.skip_init(nn.Linear, n, m), nn.BatchNorm1d(m), nn.Dropout(dropout)]
    net = nn.Sequential(*layers[:-1]) if dropout else nn.Sequential(*layers)
    for tensor in net.state_dict().values():
        if tensor.is_floating_point():
            tensor.copy_(numbers(tensor.numel()).reshape(tensor.shape))
    return net


def _one() -> Any:
    """Return a normalisation of one feature whose moving mean is 1 and variance 4."""
    net: Any = nn.Sequential(nn.BatchNorm1d(1))
    net[0].running_mean.fill_(1.0)
    net[0].running_var.fill_(4.0)
    return net


def inputs(draw: Draw) -> Iterator[tuple[nn.Module, Tensor]]:
    """Yield networks in both modes, with and without dropout, and batches, also of one."""

    def positive(n: int) -> Tensor:
        return draw.numbers(n, low=0.5, high=3)

    yield _one(), torch.tensor([[3.0], [5.0]])
    yield _one(), torch.tensor([[5.0]])
    for sizes, dropout in (((2, 3), 0.0), ((2, 4, 3), 0.0), ((3, 4, 2), 0.5)):
        for n in (3, 1, 4):
            net = _network(sizes, positive, dropout)
            yield net.train(n == 3 or draw.one_of(True, False)), draw.numbers(n, sizes[0])


# --- what must hold ---


def _in_company(attempt: Callable) -> dict[str, Any] | None:
    """Whether the first example's answer changes with the others."""
    low, high = torch.tensor([[3.0], [1.0]]), torch.tensor([[3.0], [9.0]])
    first, second = attempt(_one(), low), attempt(_one(), high)
    if not all(isinstance(Y, Tensor) and Y.shape == (2, 1) for Y in (first, second)):
        return None  # the inputs below say more
    if abs(float(first[0]) - float(second[0])) < 1e-4:
        return None
    return {"batch": low, "result": first.detach(), "other batch": high,
            "other result": second.detach()}  # fmt: skip


def _dropped(attempt: Callable) -> dict[str, Any] | None:
    """Whether dropout is at work: of 128 ones, some are 0 then, and the others 2."""
    result = attempt(nn.Sequential(nn.BatchNorm1d(64), nn.Dropout(0.5)), torch.ones(2, 64))
    whole = not isinstance(result, Tensor) or result.shape != (2, 64) or not (result == 0).any()
    return None if whole else {}


def _frozen(attempt: Callable) -> dict[str, Any] | None:
    net = _one()
    attempt(net, torch.tensor([[3.0], [5.0]]))
    names = [name for name, p in net.named_parameters() if not p.requires_grad]
    return {"name": names[0]} if names else None


def _averages_moved(attempt: Callable) -> dict[str, Any] | None:
    net = _one()
    attempt(net, torch.tensor([[3.0], [5.0]]))
    moved = net[0].running_mean
    return None if float(moved) == 1 else {"moving mean before": torch.ones(1), "after": moved}


def _other_numbers(attempt: Callable) -> dict[str, Any] | None:
    net = _one()
    before = {name: value.clone() for name, value in net.state_dict().items()}
    attempt(net, torch.tensor([[3.0], [5.0]]))
    for name, value in net.state_dict().items():
        if not torch.equal(value, before[name]):
            return {"name": name, "before": before[name], "after": value}
    return None


def _mode(training: bool) -> Callable:
    """Return whether a network that came in a mode is left in the other one."""

    def broken(attempt: Callable) -> dict[str, Any] | None:
        net = _one().train(training)
        attempt(net, torch.tensor([[3.0], [5.0]]))
        modes = [m.training for m in net.modules()]
        return None if set(modes) == {training} else {"net.training": modes[0]}

    return broken


def _gradient(attempt: Callable) -> dict[str, Any] | None:
    result = attempt(_one(), torch.tensor([[3.0], [5.0]]))
    return {} if isinstance(result, Tensor) and result.requires_grad else None


def _switched_off(attempt: Callable) -> dict[str, Any] | None:
    attempt(_one(), torch.tensor([[3.0], [5.0]]))
    return None if torch.is_grad_enabled() else {}


TASK = Task(
    name="8.5 E",
    asks="predict(net, X)",
    prompt="Return the outputs of `net` for the batch `X` as predictions: an example gets the same "
    "answer in any company, also alone, and no gradients are recorded. `net` may come in training "
    "or in prediction mode, and with normalisations and dropout of PyTorch's. Leave it as it was: "
    "its mode, its moving averages, its weights.",
    stub='''@helpers.task("8.5 E")
def predict(net, X):
    """Return the predictions of net for X, and leave net as it was."""
    return ...  # your lines
''',
    solution='''def predict(net, X):
    """Return the predictions of net for X, and leave net as it was."""
    training = net.training
    net.eval()
    with torch.no_grad():
        Y = net(X)
    net.train(training)
    return Y
''',
    hints=(
        "PyTorch's layers ask self.training: net.eval() puts a network into prediction mode.",
        "torch.no_grad() is something else: it records no gradients, and changes no mode. Both "
        "are needed.",
        "net.training says in which mode the network is. Note it at first, and set it again at "
        "the end: net.train(training) takes True or False.",
    ),
    reference=predicted,
    inputs=inputs,
    requirements=(
        Requirement("training mode", "The first example of both batches is the same, and its "
                    "answers differ: PyTorch's layers compute with the batch unless net.eval() "
                    "was called, with its brackets, before net(X). torch.no_grad() does not "
                    "change that.", _in_company),
        Requirement("dropout at work", "Dropout still sets numbers to 0: it asks self.training, as "
                    "normalisations do. net.eval() reaches all layers.", _dropped),
        Requirement("moving averages changed", "The answers do not depend on the company, but the "
                    "call changes the moving averages: the network is called in training mode "
                    "somewhere.", _averages_moved),
        Requirement("network changed", "The call changes {name} of the network, which is to stay "
                    "as it was.", _other_numbers),
        Requirement("left in prediction mode", "The network came in training mode and is left in "
                    "prediction mode: whoever trains on does so without dropout and with averages "
                    "that stand still. Note net.training at first, and set it again.",
                    _mode(True)),
        Requirement("left in training mode", "The network came in prediction mode and is left in "
                    "training mode: net.train() at the end is right only for one that came so. "
                    "Note net.training at first, and set it again.", _mode(False)),
        Requirement("gradients recorded", "The result still hangs on the network by its gradients, "
                    "which keeps everything in memory: with torch.no_grad(): …", _gradient),
        Requirement("weights frozen", "{name} takes no gradient any more after the call "
                    "(requires_grad is False), and can no longer be trained. with torch.no_grad() "
                    "holds for its own lines only.", _frozen),
        Requirement("gradients switched off", "Gradients stay switched off after the call: nothing "
                    "can be trained any more. `with torch.no_grad():` switches them on again.",
                    _switched_off),
    ),
    mistakes=(
        Mistake("classes", "These are the classes; wanted are the outputs of the network, all of "
                "them.", after=lambda Y, net, X: Y.argmax(1)),
        Mistake("probabilities", "A softmax makes probabilities of the outputs: return them as "
                "they are.", after=lambda Y, net, X: Y.softmax(1)),
        Mistake("probabilities", "A sigmoid is applied to the outputs: return them as they are.",
                after=lambda Y, net, X: Y.sigmoid()),
        Mistake("only the first", "Only the answer of the first example comes back.",
                after=lambda Y, net, X: Y[0]),
        Mistake("only the first", "Only the first example is answered.",
                after=lambda Y, net, X: Y[:1]),
        Mistake("largest output", "Only the largest output of each example comes back.",
                after=lambda Y, net, X: Y.amax(1)),
        Mistake("mean of the outputs", "The mean over the examples comes back.",
                after=lambda Y, net, X: Y.mean(0)),
        Mistake("batch normalised", "The batch is normalised by its own mean before it enters: "
                "then the company decides again.",
                before=lambda net, X: (net, (X - X.mean(0)) / X.std(0, correction=0))),
    ),
    conditions={
        "the batch has one example": lambda net, X: len(X) == 1,
        "the network came in prediction mode": lambda net, X: not net.training,
        "the network came in training mode": lambda net, X: net.training,
        "the network has dropout": lambda net, X: any(
            isinstance(m, nn.Dropout) and m.p > 0 for m in net.modules()),
    },
)  # fmt: skip
