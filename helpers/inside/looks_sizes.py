"""Look at how large activations and gradients are, layer by layer."""

import copy
import inspect
from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from helpers.figures.arguments import brief, check_alt, mapping
from helpers.figures.plots import plot_lines
from helpers.inside.looks import check_model, naming, scale, table

__all__ = ["look_at_sizes"]


def look_at_sizes(
    models: Mapping[str, nn.Module],
    X: Tensor,
    y: Tensor,
    *,
    loss: Any = F.cross_entropy,
    alt: str | None = None,
) -> None:
    """Show how large activations and gradients are in each layer, for several networks.

    Shapes: `X` (n, ...), `y` (n,). `models` are networks by name, such as one with and one
    without a residual path or normalisation. Each is copied, gets the batch in training mode,
    and `loss(model(X), y)` is sent back. The layers are its convolutions and linear
    layers in the order of their calls. `spread` is the standard deviation of a layer's outputs
    over the batch, on average over its units; `gradient` the root of the mean square of the
    gradient of its weights. Two figures, and the same as a table.

    Raises TypeError for what is no network, no tensor or no function, and ValueError for no
    network, for fewer than two examples and for a batch that one cannot take.
    """
    check_alt(alt)
    _check(X, y, loss)
    found = {
        str(name): _sizes(check_model(model), X, y, loss)
        for name, model in mapping(models, "models", "{name: network}").items()
    }
    depth = max(len(rows) for rows in found.values())
    for n, what in enumerate(("spread of activations", "size of gradient")):
        lines = {
            name: [row[n] if row[n] > 0 else None for row in rows] + [None] * (depth - len(rows))
            for name, rows in found.items()
        }
        told = "; ".join(
            f"{name} from {scale(rows[0][n])} in the first to {scale(rows[-1][n])} in the last"
            for name, rows in found.items()
        )
        plot_lines(
            range(1, depth + 1), lines, "layer with weights", what, yscale="log",
            alt=f"{alt} {what.capitalize()}: {told}." if alt else f"{what.capitalize()}, by layer: "
            f"{told}.",
        )  # fmt: skip
    rows = [
        [name, n, scale(spread), scale(gradient)]
        for name, sizes in found.items()
        for n, (spread, gradient) in enumerate(sizes, 1)
    ]
    print(table(["network", "layer", "spread", "gradient"], rows))


def _check(X: Any, y: Any, loss: Any) -> None:
    """Raise an error that names what is no batch or no loss."""
    for name, value in {"X": X, "y": y}.items():
        if not isinstance(value, Tensor):
            raise TypeError(f"{name} must be a torch.Tensor, got {brief(value)}")
        if value.dim() == 0 or len(value) != len(X):
            raise ValueError(f"{name} must hold as many examples as X, got {tuple(value.shape)}")
    if len(X) < 2:
        raise ValueError(f"X must hold two examples at least, for a spread, got {tuple(X.shape)}")
    if not isinstance(loss, nn.Module) and not inspect.isfunction(loss):
        raise TypeError(f"loss must be a function of (outputs, y), got {brief(loss)}")


def _sizes(model: nn.Module, X: Tensor, y: Tensor, loss: Any) -> list[tuple[float, float]]:
    """Return (spread, gradient) of each layer with weights, in the order of the calls."""
    left = ("trainer", "board")  # these hold the data, and figures
    held = [v for m in model.modules() for name, v in vars(m).items() if name in left]
    model = copy.deepcopy(model, {id(value): value for value in held}).train()
    device = next(model.parameters(), torch.empty(0)).device
    spreads: dict[nn.Module, float] = {}

    def note(module: nn.Module, inputs: object, output: Tensor) -> None:
        spreads[module] = float(output.detach().float().std(0).mean())

    layers = [m for m in model.modules() if isinstance(m, nn.Conv2d | nn.Linear)]
    for layer in layers:
        layer.register_forward_hook(note)
    with torch.random.fork_rng([device] if device.type == "cuda" else []), torch.enable_grad():
        model.zero_grad()
        with naming("X", "the network", RuntimeError):
            outputs = model(X.to(device))
        with naming("y", "loss", IndexError, RuntimeError, ValueError):
            loss(outputs, y.to(device)).backward()
    return [(spread, _root_mean_square(layer)) for layer, spread in spreads.items()]


def _root_mean_square(layer: nn.Module) -> float:
    gradient = layer.get_parameter("weight").grad
    return 0.0 if gradient is None else float(gradient.float().square().mean().sqrt())
