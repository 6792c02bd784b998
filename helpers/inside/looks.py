"""What the looks inside share: images for a network, its stages, rows of images, and tables."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any, NamedTuple

import numpy as np
import torch
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from torch import Tensor, nn

from helpers.columns import aligned
from helpers.figures.arguments import brief, size
from helpers.figures.grid import draw_grid

MOST = 8  # images in a row, and rows
CELL = 0.95  # inches


class Stage(NamedTuple):
    """One part of a network on the way of an image, and what it put out."""

    name: str
    output: Tensor  # (channels, h, w) or (n,)

    @property
    def shape(self) -> str:
        """The shape as in '16 × 10 × 10'."""
        return size(self.output.shape)


def check_model(model: Any) -> nn.Module:
    """Return the network, or raise a TypeError that says what came in its place."""
    if not isinstance(model, nn.Module):
        call = f"; make one: {model.__name__}(...)" if isinstance(model, type) else ""
        raise TypeError(f"model must be a torch.nn.Module, got {brief(model)}{call}")
    return model


def check_image(image: Any) -> Tensor:
    """Return an image (channels, h, w) as floats; (h, w) has one channel."""
    if not isinstance(image, Tensor):
        raise TypeError(f"image must be a torch.Tensor, got {brief(image)}")
    if image.dim() == 4 and len(image) == 1:
        image = image[0]
    if image.dim() not in (2, 3):
        raise ValueError(
            f"image must be one image (channels, height, width), got shape {tuple(image.shape)}"
        )
    return image.detach().float() if image.dim() == 3 else image.detach().float()[None]


@contextmanager
def looking(model: nn.Module, argument: str = "image") -> Iterator[torch.device]:
    """Give the network's device; it predicts inside and is as before afterwards.

    Raises ValueError naming the argument whose shape or type the network cannot take.
    """
    modes = {module: module.training for module in model.modules()}
    first = next(model.parameters(), torch.empty(0))
    model.eval()
    try:
        with naming(argument, "the network", RuntimeError), torch.no_grad():
            yield first.device
    finally:
        for module, training in modes.items():
            module.training = training


@contextmanager
def naming(argument: str, taker: str, *errors: type[Exception]) -> Iterator[None]:
    """Turn these errors of a `taker` into a ValueError that names the argument it was given."""
    try:
        yield
    except errors as error:
        said = str(error).splitlines()[0]
        raise ValueError(f"{argument} must be what {taker} takes; it says: {said}") from error


def stages(model: nn.Module, image: Tensor) -> list[Stage]:
    """Return what each part of a network puts out for an image, in the order of the calls.

    The parts are those of `model.net`, as the book's models have one, else of the model.
    """
    inner = getattr(model, "net", model)
    inner = inner if isinstance(inner, nn.Module) else model
    names = {module: name for name, module in inner.named_children()}
    if not names:
        names = {inner: type(inner).__name__}
    found: list[Stage] = []

    def note(module: nn.Module, inputs: object, output: object) -> None:
        if isinstance(output, Tensor):
            name, kind = names[module], type(module).__name__
            if kind != "Sequential":
                name = f"{name} {kind}"
            elif name.isdigit():
                name = f"part {name}"
            found.append(Stage(name, output[0].detach().float().cpu()))

    hooks = [module.register_forward_hook(note) for module in names]
    try:
        with looking(model) as device:
            model(image[None].to(device))
    finally:
        for hook in hooks:
            hook.remove()
    return found


def draw_row(
    axes: Sequence[Axes], images: Sequence[np.ndarray], bound: float | None = None
) -> None:
    """Draw images in a row, all in one scale: grey, or around 0 up to `bound` in two colours."""
    low = min(float(np.nanmin(image)) for image in images)
    high = max(float(np.nanmax(image)) for image in images)
    for ax, image in zip(axes, images):
        if bound is None:
            ax.imshow(image, cmap="gray", vmin=low, vmax=max(high, low + 1e-12))
            ax.spines[:].set_visible(False)
        else:
            draw_grid(ax, image, False, bound)
        ax.set_xticks([])
        ax.set_yticks([])


def name_row(ax: Axes, name: str) -> None:
    """Write the name of a row to the left of its first image."""
    ax.text(-0.12, 0.5, name, transform=ax.transAxes, ha="right", va="center", fontsize=8)


def axes_of(figure: Figure, rows: int, columns: int, **options: Any) -> np.ndarray:
    """Return axes without frames, (rows, columns)."""
    axes = figure.subplots(rows, columns, squeeze=False, **options)
    for ax in axes.flat:
        ax.set_axis_off()
    return axes


def table(headings: Sequence[str], rows: Sequence[Sequence[object]]) -> str:
    """Return a table of text: words to the left, numbers to the right."""
    lines = [headings, *([_cell(value) for value in row] for row in rows)]
    first = rows[0] if rows else headings
    words = [n for n, value in enumerate(first) if not isinstance(value, int | float)]
    return "\n".join(aligned(lines, left=words))


def scale(value: float) -> str:
    """Return a number with three significant digits, as it stands in a table."""
    return f"{value:.3g}"


def fixed(value: float, digits: int) -> str:
    """Return a number with so many decimals, and 0 without a sign."""
    text = f"{value:.{digits}f}"
    return text.removeprefix("-") if float(text) == 0 else text


def _cell(value: object) -> str:
    return fixed(value, 3) if isinstance(value, float) else str(value)
