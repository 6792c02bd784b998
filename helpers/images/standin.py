"""Drawn pictures that take the place of Fashion-MNIST where no source of it answers."""

from typing import Any, TypeAlias

import torch
from torch import Tensor

SIZE = 28
CHUNK = 5_000  # images drawn at a time, to keep memory small
# The reader's default dtype and device must not change the pictures.
FIXED: dict[str, Any] = {"dtype": torch.float32, "device": "cpu"}

Number: TypeAlias = float | Tensor


def draw_standin(n: int, seed: int) -> tuple[Tensor, Tensor]:
    """Draw `n` pictures of clothes in ten classes: pixels (n, 28, 28), labels (n,), uint8.

    The same `seed` gives the same pictures. They have the shapes, value range and classes
    of Fashion-MNIST and can be learned, but are made of rectangles and ellipses.
    """
    generator = torch.Generator("cpu").manual_seed(seed)
    labels = torch.randint(10, (n,), generator=generator, device="cpu")
    pixels = torch.empty(n, SIZE, SIZE, dtype=torch.uint8, device="cpu")
    for start in range(0, n, CHUNK):
        part = slice(start, start + CHUNK)
        pixels[part] = _draw(labels[part], generator)
    return pixels, labels.to(torch.uint8)


def _draw(labels: Tensor, generator: torch.Generator) -> Tensor:
    """Draw one picture for each label (n,) → (n, 28, 28) uint8."""
    n = len(labels)

    def vary(low: float, high: float) -> Tensor:
        return low + (high - low) * torch.rand(n, 1, 1, generator=generator, **FIXED)

    # Coordinates of the pixels in [-1, 1], shifted, scaled and slanted for each picture.
    axis = torch.linspace(-1, 1, SIZE, **FIXED)
    y = (axis.view(1, SIZE, 1) + vary(-0.08, 0.08)) * vary(0.95, 1.15)
    x = (axis.view(1, 1, SIZE) + vary(-0.08, 0.08)) * vary(0.95, 1.2) + vary(-0.12, 0.12) * y
    width, length, detail = vary(0.8, 1.2), vary(0.85, 1.15), vary(0.8, 1.2)
    shapes = torch.empty(n, SIZE, SIZE, **FIXED)
    for label, draw in enumerate(Clothes.KINDS):
        i = labels == label
        shapes[i] = draw(Clothes(x[i], y[i].expand_as(x[i]), width[i], length[i], detail[i]))
    stripes = 1 - vary(0, 0.3) * (torch.sin(vary(4, 14) * y + vary(0, 6)) > 0.4)
    shade = 0.75 + 0.25 * torch.sin(vary(0, 6) + 2 * axis.view(1, 1, SIZE))
    grain = 1 + 0.12 * torch.randn(n, SIZE, SIZE, generator=generator, **FIXED)
    grey = shapes * (vary(0.35, 1.0) * stripes * shade * 255) * grain
    return grey.clamp(0, 255).round().to(torch.uint8)


def soft(distance: Tensor) -> Tensor:
    """Opacity of an edge: from 0 outside to 1 inside within about one pixel."""
    return (distance * 12 + 0.5).clamp(0, 1)


def union(*parts: Tensor) -> Tensor:
    return torch.stack(parts).amax(0)


def without(part: Tensor, hole: Tensor) -> Tensor:
    return part * (1 - hole)


class Clothes:
    """Opacities (n, 28, 28) of pieces of clothing, varied in width, length and detail (n, 1, 1).

    `x` and `y` are the coordinates of the pixels (n, 28, 28).
    """

    def __init__(self, x: Tensor, y: Tensor, width: Tensor, length: Tensor, detail: Tensor):
        self.x, self.y, self.w, self.l, self.d = x, y, width, length, detail

    def box(self, x0: Number, x1: Number, y0: Number, y1: Number) -> Tensor:
        across = torch.minimum(self.x - x0, x1 - self.x)
        return soft(torch.minimum(across, torch.minimum(self.y - y0, y1 - self.y)))

    def ellipse(self, cx: Number, cy: Number, rx: Number, ry: Number) -> Tensor:
        return soft((1 - ((self.x - cx) / rx) ** 2 - ((self.y - cy) / ry) ** 2) / 3)

    def body(self) -> Tensor:
        return self.box(-0.42 * self.w, 0.42 * self.w, -0.75, 0.75 * self.l)

    def sleeves(self) -> Tensor:
        left = self.box(-0.78 * self.w, -0.52 * self.w, -0.7, 0.6 * self.l)
        right = self.box(0.52 * self.w, 0.78 * self.w, -0.7, 0.6 * self.l)
        return union(left, right, self.box(-0.7 * self.w, 0.7 * self.w, -0.72, -0.5))

    def neck(self) -> Tensor:
        return self.ellipse(0.0, -0.8, 0.22 * self.d, 0.2)

    def sole(self) -> Tensor:
        return self.box(-0.85 * self.w, 0.85 * self.w, 0.32, 0.46 * self.d)

    def shoe(self) -> Tensor:
        upper = soft(self.y - 0.1 - 0.55 * self.x / self.w)
        return upper * self.box(-0.85 * self.w, 0.85 * self.w, -0.35, 0.4)

    def t_shirt(self) -> Tensor:
        sleeves = self.box(-0.8 * self.w, 0.8 * self.w, -0.7, -0.3 * self.d)
        return without(union(self.body(), sleeves), self.neck())

    def trouser(self) -> Tensor:
        left = self.box(-0.4 * self.w, -0.07, -0.75, 0.85 * self.l)
        right = self.box(0.07, 0.4 * self.w, -0.75, 0.85 * self.l)
        return union(left, right, self.box(-0.4 * self.w, 0.4 * self.w, -0.8, -0.55))

    def pullover(self) -> Tensor:
        return without(union(self.body(), self.sleeves()), self.neck())

    def dress(self) -> Tensor:
        flared = soft(0.22 * self.w + 0.2 * (self.y + 0.8) * self.d - self.x.abs())
        return flared * self.box(-1, 1, -0.85, 0.85 * self.l)

    def coat(self) -> Tensor:
        body = self.box(-0.46 * self.w, 0.46 * self.w, -0.75, 0.9 * self.l)
        return without(union(body, self.sleeves()), self.box(-0.035, 0.035, -0.8, 1.0))

    def sandal(self) -> Tensor:
        heel = self.box(-0.8 * self.w, -0.5 * self.w, -0.1 * self.d, 0.35)
        middle = self.box(0.0, 0.2 * self.d, -0.15, 0.35)
        return union(self.sole(), heel, middle, self.box(0.45 * self.w, 0.62 * self.w, 0.0, 0.35))

    def shirt(self) -> Tensor:
        wide = self.box(-0.85 * self.w, 0.85 * self.w, -0.72, 0.0)
        buttons = self.box(-0.03, 0.03, -0.75, 0.3 * self.l)
        return without(union(self.body(), wide), union(self.neck(), buttons))

    def sneaker(self) -> Tensor:
        return union(self.sole(), self.shoe())

    def bag(self) -> Tensor:
        outer = self.ellipse(0, -0.2, 0.45 * self.w, 0.5 * self.d)
        inner = self.ellipse(0, -0.2, 0.3 * self.w, 0.35 * self.d)
        bag = self.box(-0.75 * self.w, 0.75 * self.w, -0.2, 0.65 * self.l)
        return union(bag, without(outer, inner))

    def ankle_boot(self) -> Tensor:
        shaft = self.box(0.05, 0.8 * self.w, -0.8 * self.l, 0.35)
        return union(self.sole(), self.shoe(), shaft)

    # In the order of the labels.
    KINDS = (t_shirt, trouser, pullover, dress, coat, sandal, shirt, sneaker, bag, ankle_boot)
