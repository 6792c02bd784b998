"""8.5 D: biases that a batch normalisation makes superfluous."""

from collections.abc import Callable, Iterator
from itertools import pairwise
from typing import Any

import torch
from torch import nn

from helpers.study.task import Draw, Mistake, Requirement, Task

__all__ = ["TASK"]

NORMS = (nn.BatchNorm1d, nn.BatchNorm2d)
WEIGHTED = (nn.Linear, nn.Conv2d)


def _layers(net: nn.Module) -> list[nn.Module]:
    """Return the layers in the order of the calls, those of blocks one by one."""
    return [layer for layer in net.modules() if not list(layer.children())]


def _numbers(layer: nn.Module) -> int:
    """Return how many numbers a layer's bias has."""
    bias = getattr(layer, "bias", None)
    return 0 if bias is None else bias.numel()


def superfluous(net: nn.Module) -> int:
    """Return how many numbers are in biases directly before a batch normalisation."""
    pairs = pairwise(_layers(net))
    return sum(_numbers(a) for a, b in pairs if isinstance(a, WEIGHTED) and isinstance(b, NORMS))


def inputs(draw: Draw) -> Iterator[tuple[nn.Module]]:
    """Yield networks whose layers all differ in size: flat and nested, with and without bias."""
    with torch.random.fork_rng(devices=[]):
        networks = _networks(draw)
    for network in networks:
        yield (network,)


def _networks(draw: Draw) -> list[nn.Module]:
    S, L, C, act = nn.Sequential, nn.Linear, nn.Conv2d, nn.Sigmoid
    norm, norm2 = nn.BatchNorm1d, nn.BatchNorm2d
    a, b = draw.whole(2, 4), draw.whole(5, 7)
    return [
        S(L(2, 3), norm(3)),
        S(L(2, 3), act()),
        S(C(1, 2, 1), norm2(2), act()),
        S(L(2, 3, bias=False), norm(3), L(3, 5)),
        S(L(a, b), act(), norm(b)),
        S(norm(a), L(a, b), act()),
        S(L(a, b), nn.LayerNorm(b), act(), L(b, 2)),
        S(L(a, b), norm(b), act(), L(b, 11), norm(11), act(), L(11, 13)),
        S(C(1, a, 3), norm2(a), act(), C(a, b, 3, bias=False), norm2(b), act(), nn.Flatten(),
          L(b, 11), norm(11), act(), L(11, 10)),
        S(S(C(1, a, 3), norm2(a), act()), S(C(a, 8, 3), norm2(8), act()), nn.Flatten(), L(8, b)),
        S(S(norm(a), L(a, b)), S(norm(b), act(), L(b, 3))),
        S(S(C(3, b, 1), act()), S(C(b, 9, 1), nn.ReLU(), norm2(9)), C(9, a, 1), norm2(a)),
    ]  # fmt: skip


def _sum(count: Callable[[nn.Module], int], norms: tuple = NORMS, kinds: tuple = WEIGHTED,
         ordered: Callable[[nn.Module], list[nn.Module]] = _layers) -> Callable:  # fmt: skip
    """Return what counts something of each layer of a kind before a normalisation."""

    def compute(net: nn.Module) -> int:
        pairs = pairwise(ordered(net))
        return sum(count(a) for a, b in pairs if isinstance(a, kinds) and isinstance(b, norms))

    return compute


def _all(net: nn.Module, kinds: tuple = WEIGHTED) -> int:
    return sum(_numbers(layer) for layer in _layers(net) if isinstance(layer, kinds))


def _after(net: nn.Module) -> int:
    pairs = pairwise(_layers(net))
    return sum(_numbers(b) for a, b in pairs if isinstance(a, NORMS) and isinstance(b, WEIGHTED))


def _somewhere(net: nn.Module) -> int:
    """Count the biases below which a normalisation comes, not the directly next one."""
    layers = _layers(net)
    last = max((i for i, layer in enumerate(layers) if isinstance(layer, NORMS)), default=0)
    return sum(_numbers(layer) for layer in layers[:last] if isinstance(layer, WEIGHTED))


def _before(net: nn.Module) -> int:
    """Count, for each normalisation, the biases of the nearest layer with weights before it."""
    count, last = 0, None
    for layer in _layers(net):
        if isinstance(layer, NORMS) and last is not None:
            count, last = count + _numbers(last), None
        last = layer if isinstance(layer, WEIGHTED) else last
    return count


def _within(net: nn.Module) -> int:
    """Count within each block only, not from the end of one to the beginning of the next."""
    blocks = [m for m in net.modules() if isinstance(m, nn.Sequential)]
    count = _sum(_numbers, ordered=lambda block: list(block.children()))
    return sum(count(block) for block in blocks)


def _changed(attempt: Callable) -> dict[str, Any] | None:
    net = nn.Sequential(nn.Linear(2, 3), nn.BatchNorm1d(3))
    before = list(net.state_dict())
    try:
        attempt(net)
    except Exception:
        return None  # the inputs below say more
    lost = [name for name in before if name not in net.state_dict()]
    return {"name": lost[0]} if lost else None


def _nested(net: nn.Module) -> bool:
    return any(isinstance(part, nn.Sequential) for part in net.children())


TASK = Task(
    name="8.5 D",
    asks="superfluous_biases(net)",
    prompt="Return how many numbers `net` could do without: those in the biases of its `nn.Linear` "
    "and `nn.Conv2d` layers behind which an `nn.BatchNorm1d` or `nn.BatchNorm2d` comes at once. "
    "`net` is an `nn.Sequential`, whose parts may be `nn.Sequential` again; some layers may have "
    "no bias.",
    stub='''@helpers.task("8.5 D")
def superfluous_biases(net):
    """Return how many biases a batch normalisation directly behind undoes."""
    return ...  # your lines
''',
    solution='''def superfluous_biases(net):
    """Return how many biases a batch normalisation directly behind undoes."""
    layers = [layer for layer in net.modules() if not list(layer.children())]
    count = 0
    for layer, following in zip(layers, layers[1:]):
        if isinstance(following, (nn.BatchNorm1d, nn.BatchNorm2d)):
            if isinstance(layer, (nn.Linear, nn.Conv2d)) and layer.bias is not None:
                count += layer.bias.numel()
    return count
''',
    hints=(
        "Go through the layers in pairs, each with the one behind it: zip(layers, layers[1:]).",
        "net.modules() goes through blocks as well; layers are those that have no children: "
        "[m for m in net.modules() if not list(m.children())].",
        "A layer made with bias=False has layer.bias None; else layer.bias.numel() numbers.",
        "What is still missing is the condition: the second of a pair is a batch normalisation, "
        "and the first a layer with a bias:\nisinstance(following, (nn.BatchNorm1d, "
        "nn.BatchNorm2d))",
    ),
    reference=superfluous,
    inputs=inputs,
    requirements=(
        Requirement("changes its input", "The network has no {name} any more after the call. Only "
                    "count; whoever asks still trains with it.", _changed),
    ),
    mistakes=(
        Mistake("layers counted", "These are the layers with such a bias; wanted are the numbers "
                "in their biases, layer.bias.numel() each.",
                _sum(lambda layer: int(_numbers(layer) > 0))),
        Mistake("layers counted", "Layers are counted, also those made with bias=False; wanted are "
                "the numbers in their biases.", _sum(lambda layer: 1)),
        Mistake("layers without a bias counted", "A layer made with bias=False has no bias: "
                "layer.bias is None.", _sum(lambda layer: layer.weight.shape[0])),  # type: ignore
        Mistake("weights counted as well", "The weights are counted, too: they are needed; only "
                "the bias is not.",
                _sum(lambda layer: sum(p.numel() for p in layer.parameters()))),
        Mistake("weights counted", "These are the weights: wanted are the biases.",
                _sum(lambda layer: layer.weight.numel())),  # type: ignore[union-attr, operator]
        Mistake("all biases", "All biases are counted: one without a normalisation behind it, as "
                "that of the last layer, is needed.", _all),
        Mistake("all biases", "The shifts of the normalisations and all other biases are counted.",
                lambda net: _all(net, (*WEIGHTED, *NORMS))),
        Mistake("all biases", "Every parameter with `bias` in its name is counted.",
                lambda net: _all(net, (nn.Module,))),
        Mistake("biases of the normalisations", "These are the shifts β of the normalisations: "
                "they take the place of the biases before them, and are needed.",
                lambda net: _all(net, NORMS)),
        Mistake("behind the normalisation", "The biases of the layers *behind* a normalisation are "
                "counted: it undoes those of the layer before.", _after),
        Mistake("not directly", "A bias counts if a normalisation comes somewhere behind it. With "
                "an activation in between, the bias matters: it decides what is cut off.",
                _somewhere),
        Mistake("not directly", "A bias counts if a normalisation comes behind the activation. "
                "There the bias matters: it decides what is cut off.", _before),
        Mistake("torn between blocks", "Pairs are looked for within each block only: the last "
                "layer of a block and the first of the next follow each other, too.", _within),
        Mistake("layer normalisation", "Layer normalisation takes away one mean for all features "
                "of an example; a bias with another number for each feature stays visible.",
                _sum(_numbers, (*NORMS, nn.LayerNorm))),
        Mistake("blocks passed over", "Layers inside of blocks are passed over: net.modules() "
                "goes into them, net.children() and `for layer in net` do not.",
                _sum(_numbers, ordered=lambda net: list(net.children()))),
        Mistake("only convolutions", "Linear layers have biases, too, with nn.BatchNorm1d behind "
                "them.",
                _sum(_numbers, kinds=(nn.Conv2d,))),
        Mistake("only linear layers", "Convolutions have biases, too, with nn.BatchNorm2d behind "
                "them.",
                _sum(_numbers, kinds=(nn.Linear,))),
        Mistake("none", "It finds none: does net.modules() in your loop give the blocks "
                "themselves, so that pairs are torn apart?", lambda net: 0),
    ),
    conditions={
        "a layer has no bias": lambda net: any(
            isinstance(m, WEIGHTED) and m.bias is None for m in net.modules()),
        "there are blocks": _nested,
        "an activation stands between layer and normalisation": lambda net: any(
            isinstance(a, nn.Sigmoid | nn.ReLU) and isinstance(b, NORMS)
            for a, b in pairwise(_layers(net))),
    },
)  # fmt: skip
