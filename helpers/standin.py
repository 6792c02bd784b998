"""Drawn pictures that take the place of Fashion-MNIST where no source of it answers."""

import torch
from torch import Tensor

SIZE = 28
CHUNK = 5_000  # images drawn at a time, to keep memory small


def draw_standin(n: int, seed: int) -> tuple[Tensor, Tensor]:
    """Draw `n` pictures of clothes in ten classes: pixels (n, 28, 28), labels (n,), uint8.

    The same `seed` gives the same pictures. They have the shapes, value range and classes
    of Fashion-MNIST and can be learned, but are made of rectangles and ellipses.
    """
    generator = torch.Generator().manual_seed(seed)
    labels = torch.randint(10, (n,), generator=generator)
    pixels = torch.empty(n, SIZE, SIZE, dtype=torch.uint8)
    for start in range(0, n, CHUNK):
        part = slice(start, start + CHUNK)
        pixels[part] = _draw(labels[part], generator)
    return pixels, labels.to(torch.uint8)


def _draw(labels: Tensor, generator: torch.Generator) -> Tensor:
    """Draw one picture for each label (n,) → (n, 28, 28) uint8."""
    n = len(labels)

    def vary(low: float, high: float) -> Tensor:
        return low + (high - low) * torch.rand(n, 1, 1, generator=generator)

    # Coordinates of the pixels in [-1, 1], shifted, scaled and slanted for each picture.
    axis = torch.linspace(-1, 1, SIZE)
    y = (axis.view(1, SIZE, 1) + vary(-0.08, 0.08)) * vary(0.95, 1.15)
    x = (axis.view(1, 1, SIZE) + vary(-0.08, 0.08)) * vary(0.95, 1.2) + vary(-0.12, 0.12) * y
    width, length, detail = vary(0.8, 1.2), vary(0.85, 1.15), vary(0.8, 1.2)
    shapes = torch.empty(n, SIZE, SIZE)
    for label in range(10):
        i = labels == label
        shapes[i] = _shape(label, x[i], y[i].expand_as(x[i]), width[i], length[i], detail[i])
    stripes = 1 - vary(0, 0.3) * (torch.sin(vary(4, 14) * y + vary(0, 6)) > 0.4)
    shade = 0.75 + 0.25 * torch.sin(vary(0, 6) + 2 * axis.view(1, 1, SIZE))
    grain = 1 + 0.12 * torch.randn(n, SIZE, SIZE, generator=generator)
    grey = shapes * (vary(0.35, 1.0) * stripes * shade * 255) * grain
    return grey.clamp(0, 255).round().to(torch.uint8)


def _shape(label: int, x: Tensor, y: Tensor, w: Tensor, l: Tensor, d: Tensor) -> Tensor:
    """Opacity of a piece of clothing with varied width, length and detail (n, 28, 28)."""

    def soft(distance):  # from outside to inside within about one pixel
        return (distance * 12 + 0.5).clamp(0, 1)

    def box(x0, x1, y0, y1):
        across = torch.minimum(x - x0, x1 - x)
        return soft(torch.minimum(across, torch.minimum(y - y0, y1 - y)))

    def ellipse(cx, cy, rx, ry):
        return soft((1 - ((x - cx) / rx) ** 2 - ((y - cy) / ry) ** 2) / 3)

    def union(*parts):
        return torch.stack(parts).amax(0)

    def without(part, hole):
        return part * (1 - hole)

    def body():
        return box(-0.42 * w, 0.42 * w, -0.75, 0.75 * l)

    def sleeves():
        left = box(-0.78 * w, -0.52 * w, -0.7, 0.6 * l)
        right = box(0.52 * w, 0.78 * w, -0.7, 0.6 * l)
        return union(left, right, box(-0.7 * w, 0.7 * w, -0.72, -0.5))

    def neck():
        return ellipse(0.0, -0.8, 0.22 * d, 0.2)

    def sole():
        return box(-0.85 * w, 0.85 * w, 0.32, 0.46 * d)

    def shoe():
        return soft(y - 0.1 - 0.55 * x / w) * box(-0.85 * w, 0.85 * w, -0.35, 0.4)

    match label:
        case 0:  # t-shirt
            return without(union(body(), box(-0.8 * w, 0.8 * w, -0.7, -0.3 * d)), neck())
        case 1:  # trouser
            left, right = (-0.4 * w, -0.07), (0.07, 0.4 * w)
            legs = [box(*leg, -0.75, 0.85 * l) for leg in (left, right)]
            return union(*legs, box(-0.4 * w, 0.4 * w, -0.8, -0.55))
        case 2:  # pullover
            return without(union(body(), sleeves()), neck())
        case 3:  # dress
            return soft(0.22 * w + 0.2 * (y + 0.8) * d - x.abs()) * box(-1, 1, -0.85, 0.85 * l)
        case 4:  # coat
            buttons = box(-0.035, 0.035, -0.8, 1.0)
            return without(union(box(-0.46 * w, 0.46 * w, -0.75, 0.9 * l), sleeves()), buttons)
        case 5:  # sandal
            straps = [
                (-0.8 * w, -0.5 * w, -0.1 * d),
                (0.0, 0.2 * d, -0.15),
                (0.45 * w, 0.62 * w, 0.0),
            ]
            return union(sole(), *(box(x0, x1, top, 0.35) for x0, x1, top in straps))
        case 6:  # shirt
            buttons = box(-0.03, 0.03, -0.75, 0.3 * l)
            wide = box(-0.85 * w, 0.85 * w, -0.72, 0.0)
            return without(union(body(), wide), union(neck(), buttons))
        case 7:  # sneaker
            return union(sole(), shoe())
        case 8:  # bag
            handle = without(
                ellipse(0, -0.2, 0.45 * w, 0.5 * d), ellipse(0, -0.2, 0.3 * w, 0.35 * d)
            )
            return union(box(-0.75 * w, 0.75 * w, -0.2, 0.65 * l), handle)
        case _:  # ankle boot
            return union(sole(), shoe(), box(0.05, 0.8 * w, -0.8 * l, 0.35))
