"""8.5 F: gather the moving statistics of a network again."""

import copy
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import torch
from torch import Tensor, nn

from helpers.study.task import Draw, Mistake, Requirement, Task

__all__ = ["TASK"]

NORMS = (nn.BatchNorm1d, nn.BatchNorm2d)
Statistics = tuple[Tensor, ...]


def _norms(net: nn.Module, kinds: tuple = NORMS) -> list[Any]:
    return [m for m in net.modules() if isinstance(m, kinds)]


def statistics(net: nn.Module) -> Statistics:
    """Return mean and variance of each normalisation, in order."""
    return tuple(t.clone() for m in _norms(net) for t in (m.running_mean, m.running_var))


def gathered(net: nn.Module, batches: Sequence[Tensor]) -> Statistics:
    """Return the plain averages over batches of what each of them contributes."""
    sums: Any = None
    for X in batches:
        single = copy.deepcopy(net).train()
        for norm in _norms(single):
            norm.momentum = 1.0  # after one batch, the averages are those of this batch
        with torch.no_grad():
            single(X)
        parts = [t.double() for t in statistics(single)]
        sums = parts if sums is None else [a + b for a, b in zip(sums, parts)]
    return tuple(total / len(batches) for total in sums)


def probe(attempt: Callable, net: nn.Module, batches: Sequence[Tensor]) -> Statistics:
    """Return the statistics that are in the network after a call."""
    attempt(net, batches)
    return statistics(net)


def _one() -> Any:
    """Return a normalisation of one feature with averages of something else."""
    net: Any = nn.Sequential(nn.BatchNorm1d(1))
    net[0].running_mean.fill_(10.0)
    net[0].running_var.fill_(40.0)
    net[0].num_batches_tracked.fill_(3)
    net[0].weight.data.fill_(2.0)
    return net


TWO = [torch.tensor([[1.0], [3.0]]), torch.tensor([[5.0], [9.0]])]


def _network(draw: Draw) -> Any:
    """Return a network with normalisations of both kinds; nothing is drawn from PyTorch."""
    net = nn.Sequential(
        nn.utils.skip_init(nn.Conv2d, 1, 2, (2, 2)), nn.BatchNorm2d(2), nn.Sigmoid(), nn.Flatten(),
        nn.utils.skip_init(nn.Linear, 8, 3), nn.BatchNorm1d(3), nn.ReLU(),
    )  # fmt: skip
    for tensor in net.state_dict().values():
        if tensor.is_floating_point():
            tensor.copy_(draw.numbers(tensor.numel(), low=0.5, high=3).reshape(tensor.shape))
        else:
            tensor.fill_(draw.whole(2, 5))
    return net


def inputs(draw: Draw) -> Iterator[tuple[nn.Module, list[Tensor]]]:
    """Yield networks with old averages, in both modes, and batches, one and several."""
    yield _one(), TWO
    yield _one(), TWO[1:]
    yield _one(), [*TWO, torch.tensor([[0.0], [1.0], [-7.0]])]
    for count in (1, 2, 4):
        batches = [draw.numbers(3, 1, 3, 3) + 2 * i for i in range(count)]
        yield _network(draw).train(count != 2 and draw.one_of(True, False)), batches


# --- what must hold besides the numbers ---


def _copy(attempt: Callable) -> dict[str, Any] | None:
    net = _one()
    result = attempt(net, TWO)
    same = float(net[0].running_mean) == 10
    return {} if same and isinstance(result, nn.Module) and result is not net else None


def _weights(attempt: Callable) -> dict[str, Any] | None:
    net = _one()
    attempt(net, TWO)
    for name, now in net.named_parameters():
        old = dict(_one().named_parameters())[name]
        if not torch.equal(now, old):
            return {"name": name, "before": old.detach(), "after": now.detach()}
    return None


def _is_gathered(net: nn.Module) -> bool:
    """Whether the averages are right: else they are to be mended first."""
    return abs(float(_norms(net)[0].running_mean) - 4.5) < 1e-3


def _mode(training: bool) -> Callable:
    def broken(attempt: Callable) -> dict[str, Any] | None:
        net = _one().train(training)
        attempt(net, TWO)
        kept = net.training is net[0].training is training
        return None if kept or not _is_gathered(net) else {"net.training": net.training}

    return broken


def _momentum(attempt: Callable) -> dict[str, Any] | None:
    net = _one()
    net[0].momentum = 0.3
    attempt(net, TWO)
    now = net[0].momentum
    return None if now == 0.3 or not _is_gathered(net) else {"before": 0.3, "after": now}


# --- mistakes: the batches pass through in another way ---


def _passing(momentum: float | None = None, reset: bool = True, kinds: tuple = NORMS,
             choose: Callable[[Sequence[Tensor]], Sequence[Tensor]] = lambda batches: batches,
             train: bool | None = True) -> Callable:  # fmt: skip
    """Return the statistics after batches have passed through a network in some way."""

    def compute(net: nn.Module, batches: Sequence[Tensor]) -> Statistics:
        net = copy.deepcopy(net).train(net.training if train is None else train)
        for norm in _norms(net, kinds):
            if reset:
                norm.reset_running_stats()
            norm.momentum = momentum
        with torch.no_grad():
            for X in choose(batches):
                net(X)
        return statistics(net)

    return compute


TASK = Task(
    name="8.5 F",
    asks="recalibrate(net, batches)",
    prompt="Gather the moving statistics of `net` again: afterwards each `nn.BatchNorm1d` and "
    "`nn.BatchNorm2d` holds the plain average, over the tensors in the list `batches`, of the "
    "means and variances that it meets when they pass through in training mode; what was there "
    "before no longer counts. Change `net` itself, and only this: weights, mode and momentum are "
    "as before at the end.",
    stub='''@helpers.task("8.5 F")
def recalibrate(net, batches):
    """Replace the moving statistics of net by plain averages over batches."""
    return ...  # your lines
''',
    solution='''def recalibrate(net, batches):
    """Replace the moving statistics of net by plain averages over batches."""
    kinds = (nn.BatchNorm1d, nn.BatchNorm2d)
    norms = [layer for layer in net.modules() if isinstance(layer, kinds)]
    training, momenta = net.training, [norm.momentum for norm in norms]
    for norm in norms:
        norm.reset_running_stats()
        norm.momentum = None  # a plain average
    net.train()
    with torch.no_grad():
        for X in batches:
            net(X)
    net.train(training)
    for norm, momentum in zip(norms, momenta):
        norm.momentum = momentum
''',
    hints=(
        "A normalisation gathers whenever the network is called in training mode; nothing needs a "
        "gradient.",
        "norm.reset_running_stats() forgets what was gathered. (reset_parameters() would forget "
        "scale and shift as well.)",
        "With norm.momentum = None, PyTorch keeps the plain average over all batches since the "
        "reset, each with the same weight.",
        "Note net.training and each norm.momentum at first, and set them again at the end.",
    ),
    reference=gathered,
    inputs=inputs,
    probe=probe,
    may_change=True,
    requirements=(
        Requirement("works on a copy", "A copy is changed and returned; `net` itself is as it was. "
                    "Change the network that is handed over.", _copy),
        Requirement("weights changed", "{name} is another one afterwards: only the moving "
                    "statistics are to change (reset_running_stats(), and no optimiser).",
                    _weights),
        Requirement("left in prediction mode", "The statistics are right, but the network came in "
                    "training mode and is left in prediction mode: note net.training at first, "
                    "and set it again.", _mode(True)),
        Requirement("left in training mode", "The statistics are right, but the network came in "
                    "prediction mode and is left in training mode: the next prediction would "
                    "change them again. Note net.training at first, and set it again.",
                    _mode(False)),
        Requirement("momentum changed", "The statistics are right, but the momentum is {after} "
                    "afterwards, and a training that goes on would gather in another way: note "
                    "it at first, and set it again.", _momentum),
    ),
    mistakes=(
        Mistake("nothing gathered", "The statistics are as they were: in prediction mode nothing "
                "is gathered. Call net.train() before the batches pass.", _passing(reset=False,
                                                                                   train=False)),
        Mistake("only reset", "The statistics are 0 and 1, as in a new layer: they are reset, but "
                "nothing is gathered. Do the batches pass, and in training mode?",
                _passing(train=False)),
        Mistake("mode as it came", "Where the network came in prediction mode, nothing is "
                "gathered: call net.train() before the batches pass.", _passing(train=None)),
        Mistake("same momentum", "Each batch enters with 1 / (number of batches), the first as "
                "well as the last: what came early is reduced again and again. momentum = None "
                "gives a plain average.", lambda net, b: _passing(1 / len(b))(net, b)),
        Mistake("moving average", "It is reset, but then a moving average with momentum 0.1 is "
                "gathered: most of it is still the 0 and 1 of a new layer. momentum = None gives "
                "a plain average.", _passing(0.1)),
        Mistake("old statistics not reset", "The batches enter into the old moving averages with "
                "momentum 0.1: most of what was there still counts. Reset it at first.",
                _passing(0.1, reset=False)),
        Mistake("old statistics not reset", "The average goes on from the old one, as if it "
                "belonged to the batches: call reset_running_stats() at first.",
                _passing(reset=False)),
        Mistake("only the last batch", "Only the last batch counts: with momentum 1, each replaces "
                "what was there.", _passing(1.0)),
        Mistake("only the first batch", "Only the first batch counts: does `return` or `break` "
                "stand in the loop?", _passing(choose=lambda batches: batches[:1])),
        Mistake("one large batch", "All batches pass as one: its variance also holds how far the "
                "batches lie from each other. Let them pass one by one.",
                _passing(choose=lambda batches: [torch.cat(list(batches))])),
        Mistake("only BatchNorm2d", "The normalisations behind linear layers, nn.BatchNorm1d, "
                "still have their old statistics, or a moving average.",
                _passing(kinds=(nn.BatchNorm2d,))),
        Mistake("only BatchNorm1d", "The normalisations behind convolutions, nn.BatchNorm2d, "
                "still have their old statistics, or a moving average.",
                _passing(kinds=(nn.BatchNorm1d,))),
    ),
    conditions={
        "there is more than one batch": lambda net, batches: len(batches) > 1,
        "there is more than one normalisation": lambda net, batches: len(_norms(net)) > 1,
        "there are BatchNorm2d layers": lambda net, batches: bool(_norms(net, (nn.BatchNorm2d,))),
        "the batches differ in size": lambda net, batches: len({len(X) for X in batches}) > 1,
    },
)  # fmt: skip
