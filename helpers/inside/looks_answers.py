"""Look at a network's answers: what it confuses, how surely, and what in an image decides."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import matplotlib
import numpy as np
import torch
from matplotlib.axes import Axes
from torch import Tensor, nn

from helpers.figures.arguments import brief, check_alt, items, whole
from helpers.figures.grid import draw_grid
from helpers.figures.show import showing
from helpers.inside.looks import (
    CELL,
    MOST,
    axes_of,
    check_image,
    check_model,
    fixed,
    looking,
    table,
)

__all__ = ["look_at_mistakes", "look_at_occlusion"]

BLUES = matplotlib.colormaps["Blues"]


def look_at_mistakes(
    model: nn.Module,
    batches: Iterable[tuple[Tensor, Tensor]],
    names: Sequence[str],
    *,
    most: int = MOST,
    alt: str | None = None,
) -> None:
    """Show what a network takes for what, and the mistakes of which it was surest, as images.

    `batches` are pairs (X, y), such as `data.get_dataloader(False)`, `names` those of the
    classes. Each row of the matrix is a true class and counts what its images were taken for;
    each has a scale of its own, so that the rarer classes are seen too. Below it, the `most`
    mistakes with the highest probability of the wrong class. Both are printed as tables: `right`
    is the share of a class's images that was recognised, `share` that of the commonest mistake.

    Raises TypeError for what is no network, and ValueError for no batches, and for labels
    that have no name.
    """
    check_alt(alt)
    most, names = whole(most, "most"), [str(n) for n in items(names, "names", "class names")]
    guesses, labels, sure, mistakes = _answers(check_model(model), batches, names, most)
    counts = torch.zeros(len(names), len(names), dtype=torch.long)
    counts.index_put_((labels, guesses), torch.ones_like(labels), accumulate=True)
    rows = _told(counts, names)
    right = float((guesses == labels).float().mean())
    alt = alt or (
        f"Confusion matrix of {len(names)} classes, "
        f"{right:.2f} of {len(labels):,} images right, and the {len(mistakes)} mistakes that the "
        "network was surest of."
    )
    shown = [(X, names[labels[i]], names[guesses[i]], float(sure[i])) for i, X in mistakes]
    _draw_mistakes(counts, names, shown, alt)
    print(table(["class", "right", "mostly taken for", "share"], rows))
    if shown:
        told = [[f"{true}", guess, share] for _, true, guess, share in shown]
        print()
        print(table(["surest mistake", "taken for", "probability"], told))


def look_at_occlusion(
    model: nn.Module,
    image: Tensor,
    label: int | None = None,
    *,
    patch: int | None = None,
    stride: int | None = None,
    names: Sequence[str] | None = None,
    alt: str | None = None,
) -> None:
    """Show how much a class loses when a patch of the image is covered, place by place.

    Shapes: `image` (c, h, w) or (h, w). A square of `patch` pixels (a quarter of the image)
    is moved in steps of `stride` (half of it), and covers what lies below with the image's mean.
    `label` is the class, the likeliest by default. Red is where covering costs
    probability: there the network looks. The same as a table is printed, in percentage points.

    Raises TypeError for what is no network or no tensor, and ValueError for another shape, a
    patch larger than the image, and a class that is not there.
    Source: Zeiler and Fergus, Visualizing and Understanding Convolutional Networks (2014).
    """
    check_alt(alt)
    image = check_image(image)
    h, w = image.shape[1:]
    patch = max(1, min(h, w) // 4) if patch is None else whole(patch, "patch")
    stride = max(1, patch // 2) if stride is None else whole(stride, "stride")
    if patch > min(h, w):
        raise ValueError(f"patch must not be larger than the image, {h} × {w}, got {patch}")
    rows, columns = (range(0, n - patch + 1, stride) for n in (h, w))
    covered = image.repeat(len(rows) * len(columns) + 1, 1, 1, 1)
    for n, (i, j) in enumerate((i, j) for i in rows for j in columns):
        covered[n, :, i : i + patch, j : j + patch] = image.mean()
    with looking(check_model(model)) as device:
        parts = [model(part.to(device)).float().softmax(-1).cpu() for part in covered.split(64)]
    shares = torch.cat(parts)
    label = int(shares[-1].argmax()) if label is None else whole(label, "label", 0)
    if label >= shares.shape[1]:
        raise ValueError(f"label must be one of {shares.shape[1]} classes, got {label}")
    whole_share = float(shares[-1, label])
    losses = (whole_share - shares[:-1, label]).reshape(len(rows), len(columns)).numpy()
    name = _named(names, label)
    i, j = divmod(int(losses.argmax()), losses.shape[1])
    told = (
        f"{name}: probability {whole_share:.2f}; covering {patch} × {patch} pixels from row "
        f"{rows[i]}, column {columns[j]} on leaves {whole_share - losses[i, j]:.2f}"
    )
    _draw_occlusion(image, losses, (rows[i], columns[j], patch), alt or f"{told}.")
    print(told)
    print("loss in percentage points, by the patch's first row (down) and column (across)")
    cells = [[str(r), *(fixed(100 * v, 1) for v in line)] for r, line in zip(rows, losses)]
    print(
        "\n".join(" ".join(c.rjust(6) for c in line) for line in [["", *map(str, columns)], *cells])
    )


def _named(names: Any, label: int) -> str:
    """Return the name of a class, or its number where there are no names."""
    if names is None:
        return f"class {label}"
    known = items(names, "names", "class names")
    if label >= len(known):
        raise ValueError(f"names must name class {label}, got {len(known)} names")
    return str(known[label])


def _pairs(batches: Any) -> Iterator[tuple[Tensor, Tensor]]:
    """Yield batches that are pairs of tensors; raise a TypeError that names what else came."""
    wanted = "batches must hold pairs (images, labels) of tensors"
    if isinstance(batches, Tensor) or not isinstance(batches, Iterable):
        raise TypeError(f"{wanted}, got {brief(batches)}")
    for batch in batches:
        pair = tuple(batch) if isinstance(batch, tuple | list) else ()
        if len(pair) != 2 or not all(isinstance(part, Tensor) for part in pair):
            raise TypeError(f"{wanted}, got {brief(batch)}")
        yield pair


def _answers(
    model: nn.Module, batches: Any, names: list[str], most: int
) -> tuple[Tensor, Tensor, Tensor, list[tuple[int, Tensor]]]:
    """Return guesses, labels and the probability of each guess, and the surest mistakes.

    Of these, (index, image), surest first. No more images are kept than are shown.
    """
    found: list[tuple[Tensor, Tensor, Tensor]] = []
    kept: list[tuple[float, int, Tensor]] = []
    start = 0
    with looking(model, "batches") as device:
        for X, y in _pairs(batches):
            sure, guess = model(X.to(device)).float().softmax(-1).cpu().max(-1)
            y = y.cpu().long()
            if not ((y >= 0) & (y < len(names)) & (guess < len(names))).all():
                raise ValueError(f"names must name all classes, got {len(names)} names")
            wrong = (guess != y).nonzero()[:, 0].tolist()
            wrong.sort(key=lambda n: -float(sure[n]))
            kept += [(-float(sure[n]), start + n, X[n].cpu()) for n in wrong[:most]]
            kept = sorted(kept, key=lambda item: item[:2])[:most]
            found.append((guess, y, sure))
            start += len(y)
    if not found:
        raise ValueError("batches must hold at least one batch, got none")
    guesses, labels, sures = (torch.cat(parts) for parts in zip(*found))
    return guesses, labels, sures, [(index, X) for _, index, X in kept]


def _told(counts: Tensor, names: list[str]) -> list[list[object]]:
    """Return for each class the share that was right, and the commonest mistake with its share."""
    rows: list[list[object]] = []
    for n, (name, line) in enumerate(zip(names, counts)):
        total, others = max(1, int(line.sum())), line.clone()
        others[n] = 0
        worst = int(others.argmax())
        taken = names[worst] if others[worst] else "–"
        rows.append([name, float(line[n]) / total, taken, float(others[worst]) / total])
    return rows


def _draw_mistakes(
    counts: Tensor, names: list[str], shown: list[tuple[Tensor, str, str, float]], alt: str
) -> None:
    side = 0.42 * len(names)
    columns = min(MOST, max(1, len(shown)))
    lines = -(-len(shown) // columns)
    width = max(side + 2.2, columns * CELL * 1.1 + 0.3)
    with showing(width, side + 1.6 + lines * CELL * 1.6, alt, sized_by="names and most") as figure:
        if not shown:
            _draw_counts(figure.subplots(), counts, names)
            return
        heights = [side + 1.6, lines * CELL * 1.6]
        parts: Any = figure.subfigures(2, 1, height_ratios=heights)
        above, below = parts
        _draw_counts(above.subplots(), counts, names)
        axes = axes_of(below, lines, columns).ravel()
        for ax, (X, true, guess, share) in zip(axes, shown):
            picture = X.float().permute(1, 2, 0) if X.shape[0] == 3 else X.float()[0]
            ax.imshow(picture.numpy(), cmap="gray")
            ax.set_title(f"{true}\nas {guess}\n{share:.2f}", fontsize=7)


def _draw_counts(ax: Axes, counts: Tensor, names: list[str]) -> None:
    shares = counts / counts.sum(1, keepdim=True).clamp(min=1)
    ax.imshow(shares.numpy(), cmap=BLUES, vmin=0, vmax=1)
    for (i, j), count in np.ndenumerate(counts.numpy()):
        if count:
            colour = readable(BLUES(float(shares[i, j])))
            ax.text(j, i, str(count), ha="center", va="center", fontsize=7, color=colour)
    ax.set_xticks(range(len(names)), names, rotation=45, ha="right")
    ax.set_yticks(range(len(names)), names)
    ax.set(xlabel="taken for", ylabel="true class")
    ax.spines[:].set_visible(False)


def readable(ground: Sequence[float]) -> str:
    """Return black or white, whichever has more contrast with a colour."""
    linear = [v / 12.92 if v <= 0.03928 else ((v + 0.055) / 1.055) ** 2.4 for v in ground[:3]]
    light = 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
    return "white" if 1.05 / (light + 0.05) > (light + 0.05) / 0.05 else "black"


def _draw_occlusion(
    image: Tensor, losses: np.ndarray, worst: tuple[int, int, int], alt: str
) -> None:
    picture = image.permute(1, 2, 0) if len(image) == 3 else image[0]
    i, j, side = worst
    covered = picture.clone()
    covered[i : i + side, j : j + side] = image.mean()
    with showing(6.6, 2.4, alt) as figure:
        left, middle, right = figure.subplots(1, 3)
        for ax, shown, title in ((left, picture, "image"), (middle, covered, "covered here")):
            ax.imshow(shown.cpu().numpy(), cmap="gray")
            ax.set_axis_off()
            ax.set_title(title)
        draw_grid(right, losses, False)
        right.set_title("loss of probability")
