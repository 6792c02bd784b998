"""Look at what layers have learned, and at what an image becomes on its way through them."""

from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from helpers.figures.arguments import check_alt, listing, whole
from helpers.figures.show import showing
from helpers.inside.looks import (
    CELL,
    MOST,
    Stage,
    axes_of,
    check_image,
    check_model,
    draw_row,
    looking,
    name_row,
    stages,
    table,
)

__all__ = ["look_at_kernels", "look_at_maps", "look_at_way"]

LEFT = 1.3  # inches for the name of a row


def look_at_kernels(model: nn.Module, *, most: int = MOST, alt: str | None = None) -> None:
    """Show the kernels of each convolution of a network, one row and one scale for each layer.

    Of each layer the first `most` output channels, and of these the first input channel; blue
    is negative, white 0, red positive, and the fullest colour the row's largest weight. Layers
    of 1 × 1 kernels have nothing to see and are left out, as are all after the first eight.
    The same as a table is printed, over all weights of a layer.

    Raises TypeError for what is no network, and ValueError for one without such layers, or
    whose layers have seen no input yet.
    """
    check_alt(alt)
    most = whole(most, "most")
    layers = [
        (name, module)
        for name, module in check_model(model).named_modules()
        if isinstance(module, nn.Conv2d) and max(module.kernel_size) > 1
    ][:MOST]
    if not layers:
        raise ValueError("model must have a convolution with a kernel larger than 1 × 1, got none")
    if any(isinstance(m.weight, nn.parameter.UninitializedParameter) for _, m in layers):
        raise ValueError("model must have seen an input, so that its lazy layers have kernels")
    weights = [(f"conv {n}", m.weight.detach().float().cpu()) for n, (_, m) in enumerate(layers, 1)]
    rows = [
        [name, _shape(W), float(W.min()), float(W.mean()), float(W.max())] for name, W in weights
    ]
    alt = alt or f"Kernels of {listing([f'{row[0]}, {row[1]}' for row in rows])}."
    _draw_rows([(name, [*W[:most, 0].numpy()], float(W[:most, 0].abs().max()) or 1.0)
                for name, W in weights], alt)  # fmt: skip
    print(table(["layer", "kernels", "smallest", "mean", "largest"], rows))


def look_at_maps(
    model: nn.Module, image: Tensor, *, most: int = MOST, alt: str | None = None
) -> None:
    """Show the feature maps of an image layer by layer, one row and one grey scale for each.

    Shapes: `image` (c, h, w) or (h, w). The layers are the parts of `model.net`, or of the model,
    that put out maps; the first eight, and of each the first `most` channels. Black is the
    smallest number of a row, white the largest. The same as a table is printed, over all
    channels; `zeros` is the share of numbers that are exactly 0.

    Raises TypeError for what is no network or no tensor, and ValueError for another shape and
    a network without maps.
    """
    check_alt(alt)
    most, image = whole(most, "most"), check_image(image)
    found = [stage for stage in stages(check_model(model), image) if stage.output.dim() == 3]
    found = found[:MOST]
    if not found:
        raise ValueError("model must put out maps (channels, height, width) somewhere, got none")
    rows = [[stage.name, stage.shape, *_numbers(stage.output)] for stage in found]
    alt = alt or f"An image and its feature maps: {listing([f'{r[0]}, {r[1]}' for r in rows])}."
    first = ("image", [*image[:most].cpu().numpy()], None)
    _draw_rows([first, *((s.name, [*s.output[:most].numpy()], None) for s in found)], alt)
    print(table(["layer", "shape", "smallest", "mean", "largest", "zeros"], rows))


def look_at_way(
    model: nn.Module, image: Tensor, *, names: Any = None, alt: str | None = None
) -> None:
    """Show an image's way through a network as a strip, from the image to the classes.

    Shapes: `image` (c, h, w) or (h, w). Of each part of `model.net`, or of the model, the mean
    over its maps; of a part that puts out single numbers, these, in rows. Each image of the strip
    has a grey scale of its own. `names` are those of the classes. What is printed says the
    same, with the three likeliest classes at the end.

    Raises TypeError for what is no network or no tensor, and ValueError for another shape.
    """
    check_alt(alt)
    image = check_image(image)
    found = stages(check_model(model), image)
    with looking(model) as device:
        answer = model(image[None].to(device))[0].float().softmax(-1).cpu()
    strip = [("image", image.mean(0).cpu().numpy()), *((s.name, _flat(s)) for s in found)]
    alt = alt or f"An image's way: {listing([f'{s.name}, {s.shape}' for s in found], 20)}."
    columns = min(len(strip), MOST)
    lines = -(-len(strip) // columns)
    with showing(columns * CELL * 1.15, lines * CELL * 1.45, alt, sized_by="model") as figure:
        axes = axes_of(figure, lines, columns).ravel()
        for ax, (name, picture) in zip(axes, strip):
            ax.set_axis_on()
            draw_row([ax], [picture])
            ax.set_title(name.replace(" ", "\n", 1), fontsize=7)
    rows = [[stage.name, stage.shape, *_numbers(stage.output)] for stage in found]
    print(table(["part", "shape", "smallest", "mean", "largest", "zeros"], rows))
    best = answer.topk(min(3, len(answer)))
    for share, label in zip(best.values.tolist(), best.indices.tolist()):
        print(f"{names[label] if names else f'class {label}'}: {share:.2f}")


def _draw_rows(rows: list[tuple[str, list[np.ndarray], float | None]], alt: str) -> None:
    columns = max(len(images) for _, images, _ in rows)
    width, height = LEFT + columns * CELL, len(rows) * CELL + 0.2
    with showing(width, height, alt, sized_by="most and model") as figure:
        axes = axes_of(figure, len(rows), columns)
        for line, (name, images, bound) in zip(axes, rows):
            for ax in line[: len(images)]:
                ax.set_axis_on()
            draw_row(line, images, bound)
            name_row(line[0], name)


def _shape(W: Tensor) -> str:
    return " × ".join(map(str, W.shape))


def _numbers(output: Tensor) -> list[float]:
    """Return the smallest number, the mean, the largest, and the share that is 0."""
    zeros = float((output == 0).float().mean())
    return [float(output.min()), float(output.mean()), float(output.max()), zeros]


def _flat(stage: Stage) -> np.ndarray:
    """Return one image of what a stage put out: the mean of its maps, or its numbers in rows."""
    if stage.output.dim() == 3:
        return stage.output.mean(0).numpy()
    values = stage.output.flatten()
    columns = int(np.ceil(np.sqrt(len(values))))
    rows = -(-len(values) // columns)
    rest = torch.full((rows * columns - len(values),), torch.nan)
    return torch.cat([values, rest]).reshape(rows, columns).numpy()
