"""7.6 C: how much images differ after each layer."""

from collections.abc import Callable

import torch
from torch import Tensor, nn

from helpers.study.task import Draw, Mistake, Task

__all__ = ["TASK"]

ACTIVATIONS = nn.Sigmoid | nn.ReLU | nn.Tanh


def outputs(net: nn.Sequential, X: Tensor) -> list[Tensor]:
    """Return what each layer of a network puts out, as hooks see it."""
    found: list[Tensor] = []
    hooks = [layer.register_forward_hook(lambda *seen: found.append(seen[-1])) for layer in net]
    with torch.no_grad():
        net(X)
    for hook in hooks:
        hook.remove()
    return found


def one(Y: Tensor) -> float:
    """Return the standard deviation over the images, on average over the units."""
    return float(Y.flatten(1).double().var(0).sqrt().mean())


def spread(net: nn.Sequential, X: Tensor) -> tuple[float, ...]:
    """Return the spread after each layer."""
    return tuple(one(Y) for Y in outputs(net, X))


def inputs(draw: Draw):
    """Yield small networks and batches: linear and convolutional, also of layers of one size."""

    def drawn(*layers: nn.Module) -> nn.Sequential:
        for parameter in nn.Sequential(*layers).parameters():
            parameter.data = draw.numbers(*parameter.shape, low=-2, high=2)
        return nn.Sequential(*layers)

    yield drawn(nn.Linear(2, 1)), torch.tensor([[0.0, 1.0], [1.0, 0.0], [2.0, 1.0]])
    for n in (3, 4, 5):
        yield drawn(nn.Linear(2, 2), nn.Sigmoid()), draw.numbers(n, 2)
        yield drawn(nn.Linear(3, 3), nn.Sigmoid(), nn.Linear(3, 3)), draw.numbers(n, 3)
        yield drawn(nn.Linear(3, 4), nn.ReLU(), nn.Linear(4, 2)), draw.numbers(n, 3)
        yield drawn(nn.Linear(2, 3), nn.Tanh(), nn.Linear(3, 2), nn.Tanh()), draw.numbers(n, 2)
        layers = nn.Conv2d(1, 2, 2), nn.Sigmoid(), nn.AvgPool2d(2), nn.Flatten(), nn.Linear(4, 2)
        yield drawn(*layers), draw.numbers(n, 1, 5, 3)


def _each(measure: Callable[[Tensor], object]) -> Callable:
    """Return the mistake that measures something else after each layer."""
    return lambda net, X: tuple(measure(Y) for Y in outputs(net, X))


def _image_into_each(net: nn.Sequential, X: Tensor) -> tuple[float, ...]:
    return tuple(one(layer(X)) for layer in net)


def _only_activations(net: nn.Sequential, X: Tensor) -> tuple[float, ...]:
    pairs = zip(net, outputs(net, X))
    return tuple(one(Y) for layer, Y in pairs if isinstance(layer, ACTIVATIONS))


def _twice(net: nn.Sequential, X: Tensor) -> tuple[float, ...]:
    return tuple(one(layer(Y)) for layer, Y in zip(net, outputs(net, X)))


TASK = Task(
    name="7.6 C",
    asks="spread(net, X)",
    prompt="Write what measures it. Send the batch `X` through `net`, an `nn.Sequential`, layer by "
    "layer. After each layer, take the standard deviation of every unit over the images (divided "
    "by n − 1, as `torch.std` does), and then the mean over all units. Return the list: one "
    "number for each layer.",
    stub='''@helpers.task("7.6 C")
def spread(net, X):
    """Return the spread over the images X after each layer."""
    return ...  # your lines
''',
    solution='''def spread(net, X):
    """Return the spread over the images X after each layer."""
    differences = []
    with torch.no_grad():
        for layer in net:
            X = layer(X)
            differences.append(X.std(dim=0).mean().item())
    return differences
''',
    hints=(
        "A loop over net gives its layers. What one puts out is what the next gets: "
        "X = layer(X).",
        "The images are axis 0: X.std(dim=0) has one number for each unit, whatever the shape of "
        "the rest.",
        "Its mean() is one number for the layer; .item() makes a float of it. Collect them in a "
        "list.",
    ),
    reference=spread,
    inputs=inputs,
    mistakes=(
        Mistake("measured before the layer", "What goes into each layer is measured, and not what "
                "comes out: X = layer(X) first, then the measurement.",
                lambda net, X: (one(X), *spread(net, X)[:-1])),
        Mistake("with the input", "The first number is that of the images themselves; begin after "
                "the first layer.", lambda net, X: (one(X), *spread(net, X))),
        Mistake("last layer missing", "The last layer is missing.",
                lambda net, X: spread(net, X)[:-1]),
        Mistake("only activations", "Only layers with an activation function are measured; each "
                "layer is asked for.", _only_activations),
        Mistake("only layers with weights", "Only layers with weights are measured; each layer is "
                "asked for.", lambda net, X: tuple(
                    s for s, layer in zip(spread(net, X), net) if hasattr(layer, "weight"))),
        Mistake("last layer only", "Only the last layer is measured: one number for each layer "
                "is asked for.", lambda net, X: spread(net, X)[-1]),
        Mistake("first layer only", "It comes back after the first layer: `return` stands inside "
                "the loop.", lambda net, X: spread(net, X)[:1]),
        Mistake("first layer only", "It comes back after the first layer: `return` stands inside "
                "the loop.", lambda net, X: spread(net, X)[0]),
        Mistake("every layer gets the images", "Every layer gets the images; it is to get what the "
                "layer before it puts out: X = layer(X).", _image_into_each),
        Mistake("every layer twice", "Each layer's output goes through that layer once more before "
                "it is measured: is layer(X) called twice?", _twice),
        Mistake("over all numbers", "The deviation of all numbers together is taken, those of "
                "different units too: name the axis, std(dim=0).",
                _each(lambda Y: float(Y.std()))),
        Mistake("over all numbers", "The deviation of all numbers together is taken, those of "
                "different units too: name the axis, std(dim=0). (And it is divided by n.)",
                _each(lambda Y: float(Y.std(unbiased=False)))),
        Mistake("mean over the images", "The mean over the images is taken, and then the deviation "
                "over the units. It is the other way round.",
                _each(lambda Y: float(Y.mean(0).std()))),
        Mistake("within each image", "The deviation within each image is taken, over its units. "
                "The images are axis 0.", _each(lambda Y: float(Y.flatten(1).std(1).mean()))),
        Mistake("within each image", "The deviation over axis 1 is taken, the units or channels. "
                "The images are axis 0.", _each(lambda Y: float(Y.std(1).mean()))),
        Mistake("mean before the deviation", "The mean over the units is taken first: units that "
                "change in opposite directions cancel. The deviation comes first.",
                _each(lambda Y: float(Y.flatten(1).mean(1).std()))),
        Mistake("variance", "This is the variance; the standard deviation is its root.",
                _each(lambda Y: float(Y.var(0).mean()))),
        Mistake("root of the mean variance", "The variances are averaged, and the root is taken "
                "at the end. Each unit's standard deviation comes first, then their mean.",
                _each(lambda Y: float(Y.var(0).mean().sqrt()))),
        Mistake("divided by n", "The squares are divided by n, as NumPy does; here, as in "
                "torch.std, by n − 1 (in NumPy: ddof=1).",
                _each(lambda Y: float(Y.std(0, unbiased=False).mean()))),
        Mistake("sum over the units", "The deviations are added up; their mean is asked for.",
                _each(lambda Y: float(Y.std(0).sum()))),
        Mistake("largest unit", "The largest deviation is taken; the mean over the units is asked "
                "for.", _each(lambda Y: float(Y.std(0).max()))),
        Mistake("not averaged", "There is a number for each unit; take their mean.",
                _each(lambda Y: Y.std(0))),
        Mistake("size, not difference", "This is how large the outputs are. How much they differ "
                "between images is asked for, the standard deviation over axis 0.",
                _each(lambda Y: float(Y.abs().mean()))),
        Mistake("mean", "This is the mean of the outputs; their standard deviation is asked for.",
                _each(lambda Y: float(Y.mean()))),
        Mistake("reversed", "The layers come in reverse order: from the last to the first.",
                lambda net, X: spread(net, X)[::-1]),
    ),
    conditions={
        "the network has more than one layer": lambda net, X: len(net) > 1,
        "the last layer has more than one unit": lambda net, X: outputs(net, X)[-1][0].numel() > 1,
        "the images have rows and columns": lambda net, X: X.dim() > 2,
        "the images have no rows and columns": lambda net, X: X.dim() == 2,
    },
)  # fmt: skip
