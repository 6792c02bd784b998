"""8.2 E: an initialisation that does something."""

import math
from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.parameter import is_lazy

from helpers.notebook.classes import from_notebook
from helpers.study.task import Requirement, Task

__all__ = ["TASK"]

NEAR = 0.15  # of a spread; a layer has 1,152 weights at least
Spreads = list[tuple[nn.Module, float]]
Broken = dict[str, Any] | None


def _images() -> Tensor:
    draw = torch.Generator().manual_seed(0)
    return torch.rand(2, 8, 8, 8, generator=draw)


def _network(seen: bool = False) -> nn.Module:
    """Return a small VGG as the notebook builds it; `seen`, with weights that are all 3."""
    vgg = from_notebook("8.2-vgg").VGG
    model = vgg(arch=((1, 16), (2, 16)), hidden=128)
    if seen:
        model(_images())
        for layer in _layers(model):
            nn.init.constant_(layer.get_parameter("weight"), 3.0)
    return model


def _layers(model: nn.Module) -> list[nn.Module]:
    return [m for m in model.modules() if isinstance(m, nn.Conv2d | nn.Linear)]


def _after(attempt: Callable, seen: bool = False) -> nn.Module:
    model = _network(seen)
    attempt(model, _images())
    return model


def _rules(layer: nn.Module) -> dict[str, float]:
    """Return the spread of a layer's weights by the rules for drawing them."""
    weight = layer.get_parameter("weight")
    inside, outside = weight[0].numel(), weight[:, 0].numel()
    return {
        "default": math.sqrt(1 / (3 * inside)), "He": math.sqrt(2 / inside),
        "Xavier": math.sqrt(2 / (inside + outside)), "one over the inputs": math.sqrt(1 / inside),
        "kernel not counted": math.sqrt(2 / sum(weight.shape[:2])),
        "deviation as range": math.sqrt(2 / (3 * (inside + outside))),
    }  # fmt: skip


def _spread(layer: nn.Module) -> float:
    return float(layer.get_parameter("weight").detach().std())


def _follows(layer: nn.Module, rule: str) -> bool:
    return abs(_spread(layer) / _rules(layer)[rule] - 1) < NEAR


def _name(layer: nn.Module) -> str:
    weight = layer.get_parameter("weight")
    return f"{type(layer).__name__}, weights {' × '.join(map(str, weight.shape))}"


def _told(layer: nn.Module) -> dict[str, Any]:
    spreads = {"spread expected": _rules(layer)["Xavier"], "spread got": _spread(layer)}
    return {"layer": _name(layer), **spreads}


def _lazy(attempt: Callable) -> Broken:
    left = [m for m in _layers(_after(attempt)) if is_lazy(m.get_parameter("weight"))]
    return {"layers without weights": len(left)} if left else None


def _before_the_input(attempt: Callable) -> Broken:
    layers = _layers(_after(attempt))
    return _told(layers[0]) if all(_follows(layer, "default") for layer in layers) else None


def _nowhere(attempt: Callable) -> Broken:
    used = _layers(_after(attempt, seen=True))
    untouched = all(bool((m.get_parameter("weight") == 3.0).all()) for m in used)
    return _before_the_input(attempt) if untouched else None


def _by_default(attempt: Callable) -> Broken:
    used = _layers(_after(attempt, seen=True))
    again = all(_follows(layer, "default") for layer in used)
    return _before_the_input(attempt) if again else None


def _only(kind: type[nn.Module], other: type[nn.Module]) -> Callable[[Callable], Broken]:
    def broken(attempt: Callable) -> Broken:
        layers = _layers(_after(attempt))
        done = {k: [_follows(m, "Xavier") for m in layers if isinstance(m, k)]
                for k in (kind, other)}  # fmt: skip
        left = all(_follows(m, "default") for m in layers if isinstance(m, other))
        if all(done[kind]) and not any(done[other]) and left:
            return _told(next(m for m in layers if isinstance(m, other)))
        return None

    return broken


def _same(attempt: Callable) -> Broken:
    alike = [m for m in _layers(_after(attempt)) if _spread(m) < 1e-6]
    return {"layer": _name(alike[0])} if alike else None


def _some(attempt: Callable) -> Broken:
    layers = _layers(_after(attempt))
    left = [m for m in layers if _follows(m, "default")]
    return {**_told(left[0]), "count": len(left), "all": len(layers)} if left else None


def _by(rule: str) -> Callable[[Callable], Broken]:
    def broken(attempt: Callable) -> Broken:
        layers = _layers(_after(attempt))
        others = [m for m in layers if not _follows(m, "Xavier")]
        return _told(others[0]) if others and all(_follows(m, rule) for m in layers) else None

    return broken


def _fixed(attempt: Callable) -> Broken:
    spreads = [_spread(m) for m in _layers(_after(attempt))]
    fixed = max(spreads) < min(spreads) * (1 + 2 * NEAR)
    return {"spread": f"{spreads[-1]:.2g}"} if fixed else None


def _another_rule(attempt: Callable) -> Broken:
    others = [m for m in _layers(_after(attempt)) if not _follows(m, "Xavier")]
    return _told(others[0]) if others else None


def _not_centred(attempt: Callable) -> Broken:
    for layer in _layers(_after(attempt)):
        mean = float(layer.get_parameter("weight").detach().mean())
        if abs(mean) > 0.5 * _spread(layer):
            return {"layer": _name(layer), "mean": mean}
    return None


def _normal(attempt: Callable) -> Broken:
    """Find weights that are not spread evenly: their fourth power, standardised, is 3, not 1.8."""
    for layer in _layers(_after(attempt)):
        W = layer.get_parameter("weight").detach()
        if float(((W - W.mean()) / W.std()).pow(4).mean()) > 2.4:
            return {"layer": _name(layer)}
    return None


def _seeded(attempt: Callable) -> Broken:
    first, second = (_layers(_after(attempt))[0].get_parameter("weight") for _ in range(2))
    return {} if first.equal(second) else None


def _once(attempt: Callable) -> Broken:
    others = [m for m in _layers(_after(attempt, seen=True)) if not _follows(m, "Xavier")]
    return _told(others[0]) if others else None


def _mode(attempt: Callable) -> Broken:
    return None if _after(attempt).training else {}


TASK = Task(
    name="8.2 E",
    asks="initialise(model, X)",
    prompt="Write what the constructor's last line was meant to do: after the call, the weights of "
    "all convolutions and linear layers of `model` are drawn anew by Xavier's rule, as "
    "`d2l.init_cnn` draws them. The model may be fresh, with lazy layers, or have been in use. `X` "
    "is a batch of images that fits it. The function changes the model and returns nothing.",
    stub='''def initialise(model, X):
    """Give every convolution and linear layer Xavier weights."""
    return ...  # your lines
''',
    solution='''def initialise(model, X):
    """Give every convolution and linear layer Xavier weights."""
    model(X)  # now every layer has weights, and is of its final type
    for module in model.modules():
        if type(module) in (nn.Linear, nn.Conv2d):
            nn.init.xavier_uniform_(module.weight)
''',
    hints=(
        "A lazy layer learns from its first input how many weights it has. Before that there is "
        "nothing to draw.",
        "So two steps in this order: pass X through the model, then draw the weights.",
        "model.apply(f) calls f with every module inside, also with those within blocks, and "
        "d2l.init_cnn is such an f. (model.apply_init([X], d2l.init_cnn) does both steps.)",
    ),
    requirements=(
        Requirement("still lazy", "After the call {layers without weights} layers still have no "
                    "weights: the model has seen no input. Pass `X` through `model` itself, first.",
                    _lazy),
        Requirement("nothing drawn", "No layer has got new weights. Do those that are drawn come "
                    "into the layer, as nn.init.xavier_uniform_(module.weight) puts them? And is "
                    "the type that is asked for the one that layers have after their first input?",
                    _nowhere),
        Requirement("PyTorch's rule", "The weights are drawn anew by PyTorch's own rule, 1 / "
                    "(3 · inputs) as their variance; Xavier's is asked for.", _by_default),
        Requirement("before the input", "The weights are those that PyTorch gives a layer when it "
                    "sees its first input. Weights that are drawn before that are lost, or "
                    "never drawn: first the input, then the initialisation.", _before_the_input),
        Requirement("only linear layers", "Only the linear layers have new weights. The "
                    "convolutions lie within the blocks: model.modules() and model.apply() reach "
                    "them, a loop over model.net does not.", _only(nn.Linear, nn.Conv2d)),
        Requirement("only convolutions", "Only the convolutions have new weights, and not the "
                    "linear layers.", _only(nn.Conv2d, nn.Linear)),
        Requirement("all weights equal", "All weights of a layer are equal: its units then "
                    "compute the same, and get the same gradients.", _same),
        Requirement("kernel not counted", "Only the channels are counted. A unit of a convolution "
                    "has as many inputs as its window has numbers: channels times the kernel's "
                    "area.", _by("kernel not counted")),
        Requirement("deviation as range", "2 / (inputs + outputs) is the variance. Numbers that "
                    "are evenly spread from −a to a have a variance of a² / 3, so a² is "
                    "6 / (inputs + outputs).", _by("deviation as range")),
        Requirement("only some layers", "{count} of {all} layers still have PyTorch's default "
                    "weights.", _some),
        Requirement("He's rule", "The weights follow He's rule, 2 / inputs as their variance. "
                    "Xavier's divides 2 by inputs and outputs together.", _by("He")),
        Requirement("inputs only", "The variance is 1 / inputs; Xavier's rule also counts the "
                    "outputs: 2 / (inputs + outputs).", _by("one over the inputs")),
        Requirement("one spread for all", "The weights of all layers have the same spread, "
                    "{spread}. By Xavier's rule it depends on a layer's inputs and outputs.",
                    _fixed),
        Requirement("not around 0", "The weights do not lie around 0: Xavier's rule draws as many "
                    "negative ones as positive ones.", _not_centred),
        Requirement("another rule", "The weights of a layer have another spread than Xavier's "
                    "rule gives them.", _another_rule),
        Requirement("normal in place of uniform", "The spread is Xavier's, but the numbers are "
                    "from a normal distribution. d2l.init_cnn draws evenly from an interval: "
                    "nn.init.xavier_uniform_.", _normal),
        Requirement("a seed is set", "Two models get the same weights: is a seed set within the "
                    "function?", _seeded),
        Requirement("only a fresh model", "A fresh model gets its weights, but one that has been "
                    "in use keeps those it had.", _once),
        Requirement("left in eval mode", "The model is left in the mode for predictions "
                    "(model.eval()): a training would go on without dropout. model.train() sets it "
                    "back.", _mode),
    ),
    may_change=True,
)  # fmt: skip
