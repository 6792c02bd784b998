"""Fashion-MNIST, kept as bytes in memory and turned into batches where the model is."""

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F

from helpers.arguments import count, height_and_width, numbers_below, row_numbers, whole
from helpers.images.datamodule import DataModule
from helpers.images.source import load

__all__ = ["FashionMNIST"]

LABELS = (
    "t-shirt", "trouser", "pullover", "dress", "coat",
    "sandal", "shirt", "sneaker", "bag", "ankle boot",
)  # fmt: skip
CLASSES = ["T-shirt/top", *(label.capitalize() for label in LABELS[1:])]  # torchvision's
LARGEST_BATCH = 2**36  # bytes, 64 GiB: no model here could do anything with it


class FashionMNIST(DataModule):
    """Fashion-MNIST (Xiao et al., 2017): 60,000 + 10,000 grey images in ten classes.

    Takes the place of `d2l.FashionMNIST`. Batches are pairs of X (batch_size, 1, h, w),
    float32 in [0, 1], and y (batch_size,), int64. The images stay in memory as bytes; each
    batch is scaled and resized when it is asked for, on the device that holds the data.

    `resize` is (height, width) in pixels; values equal torchvision's `Resize` + `ToTensor`
    within 1/255. `subset` and `val_subset` keep that many training and validation images,
    equally many of each class. Shuffling draws from PyTorch's global generator, so
    `torch.manual_seed` fixes the batches.

    The files are looked for in the folder that the environment variable FASHION_MNIST_DIR
    names, then in the user's cache, then downloaded. Without any source a drawn stand-in
    takes their place, with a notice; `FASHION_MNIST_DIR=stand-in` asks for it. `source`
    says which it is.

    Raises ValueError naming the argument that is wrong.
    Source: Dive into Deep Learning 1.0.3, section 4.2.
    """

    resize: tuple[int, int]

    def __init__(
        self,
        batch_size: int = 64,
        resize: int | tuple[int, int] = (28, 28),
        subset: int | None = None,
        val_subset: int | None = None,
    ):
        batch_size, resize = count("batch_size", batch_size), height_and_width("resize", resize)
        subset = None if subset is None else count("subset", subset)
        val_subset = None if val_subset is None else count("val_subset", val_subset)
        self.save_hyperparameters()
        self.source, *splits = load()
        train = _evenly("subset", subset, *splits[0])
        val = _evenly("val_subset", val_subset, *splits[1])
        _check_memory(min(batch_size, max(len(train[1]), len(val[1]))), resize)
        self.train, self.val = Images(*train, resize), Images(*val, resize)

    def __repr__(self) -> str:
        return (
            f"FashionMNIST(batch_size={self.batch_size}, resize={self.resize}, "
            f"{len(self.train)} + {len(self.val)} images, source={self.source!r})"
        )

    def text_labels(self, indices: Sequence[int] | Tensor) -> list[str]:
        """Return the names of classes given by their numbers 0 to 9."""
        return [LABELS[i] for i in numbers_below("indices", indices, len(LABELS))]

    def get_dataloader(self, train: bool) -> "Batches":
        """Return the batches of one pass: shuffled for training, in file order else."""
        if not isinstance(train, (bool, np.bool_)):
            raise ValueError(f"train must be True or False, got {train!r}")
        return Batches(self.train if train else self.val, self.batch_size, shuffle=bool(train))

    def visualize(
        self, batch: Any, nrows: int = 1, ncols: int = 8, labels: Sequence[str] | None = None
    ) -> None:
        """Show the first images of a batch (X, y), tensors or arrays, with their class names."""
        from helpers.figures.pictures import show_images

        nrows, ncols = count("nrows", nrows), count("ncols", ncols)
        pair = isinstance(batch, (tuple, list)) and len(batch) == 2
        if not pair or not isinstance(batch[0], (Tensor, np.ndarray)):
            raise ValueError(f"batch must be (X, y), tensors or arrays, got {type(batch).__name__}")
        X, y = torch.as_tensor(batch[0]), batch[1]
        images = X.squeeze(1) if X.dim() == 4 else X
        if images.dim() != 3:
            raise ValueError(f"batch must hold grey images (n, 1, h, w), got {tuple(X.shape)}")
        shown = min(nrows * ncols, len(images))
        titles = [] if labels is None else [str(label) for label in labels]
        titles = (titles or self.text_labels(y[:shown])) + [""] * shown  # labels may be fewer
        show_images(
            images[:shown], nrows, ncols, titles=titles[:shown],
            alt=f"{shown} images from {self.source}: {', '.join(filter(None, titles[:shown]))}",
        )  # fmt: skip


class Images:
    """Images (n, 28, 28) as bytes and labels (n,); an item is one pair, ready for a model.

    `data`, `targets` and `classes` are those of torchvision's FashionMNIST. `data` is shared
    by the whole process: change a clone of it.
    """

    classes = CLASSES

    def __init__(self, data: Tensor, targets: Tensor, resize: tuple[int, int]):
        self.data, self.targets, self.resize = data, targets.long(), resize
        sizes = list(zip(data.shape[1:], resize))
        same = all(n == m for n, m in sizes)
        self._matrices = None if same else [_resizer(n, m).to(data.device) for n, m in sizes]

    def __len__(self) -> int:
        return len(self.targets)

    def __getitem__(self, index: Any) -> tuple[Tensor, Any]:
        """Return X (1, h, w) and y, an int, for a number; else what `take` returns.

        `index` may be a slice, a row of numbers or a mask of n booleans; numbers below 0
        count from the end.
        """
        number = whole(index)
        rows = row_numbers(index if number is None else [number], len(self))
        X, y = self.take(rows.to(self.data.device))
        return (X, y) if number is None else (X[0], int(y[0]))

    def take(self, indices: Tensor) -> tuple[Tensor, Tensor]:
        """Return X (k, 1, h, w), float32, and y (k,), int64, for `indices` (k,)."""
        X = self.data.index_select(0, indices).float()  # copies rows; [] copies pixels, slower
        if self._matrices is None:
            X = X.div_(255)
        else:
            rows, columns = self._matrices  # (h, 28), (w, 28)
            # Pillow rounds to whole levels after the columns and after the rows, half a level
            # at most each time; without rounding, every pass over the large images is saved.
            X = (rows / 255) @ (X @ columns.T)
        return X.unsqueeze(1), self.targets.index_select(0, indices)

    def to(self, device: torch.device) -> "Images":
        """Return the same images on `device`."""
        return Images(self.data.to(device), self.targets.to(device), self.resize)


class Batches:
    """One pass over `Images` after another, in batches; iterates like a DataLoader."""

    def __init__(self, dataset: Images, batch_size: int, shuffle: bool):
        self.dataset, self.batch_size, self.shuffle = dataset, batch_size, shuffle

    def __len__(self) -> int:
        return -(-len(self.dataset) // self.batch_size)

    def __iter__(self) -> Iterator[tuple[Tensor, Tensor]]:
        n = len(self.dataset)
        # Drawn on the CPU whatever the device, so that a seed means the same everywhere.
        order = (torch.randperm if self.shuffle else torch.arange)(n, device="cpu")
        order = order.to(self.dataset.targets.device)
        return (self.dataset.take(indices) for indices in order.split(self.batch_size))

    def to(self, device: torch.device) -> "Batches":
        """Return the same batches, made on `device`."""
        return Batches(self.dataset.to(device), self.batch_size, self.shuffle)


def _resizer(n: int, m: int) -> Tensor:
    """Matrix (m, n) that resizes n pixels to m, as Pillow does: bilinear, antialiased."""
    # Resizing is linear, so the resized identity matrix holds its weights.
    identity = torch.eye(n, dtype=torch.float32, device="cpu")[None, None]
    return F.interpolate(identity, size=(m, n), mode="bilinear", antialias=True)[0, 0]


def _check_memory(images: int, size: tuple[int, int]) -> None:
    needed = 4 * images * size[0] * size[1]  # float32
    if needed > LARGEST_BATCH:
        raise ValueError(
            f"resize and batch_size must keep a batch below {LARGEST_BATCH / 2**30:.0f} GiB, got "
            f"{images:,} images of {size[0]:,} × {size[1]:,} pixels: {needed / 2**30:,.0f} GiB"
        )


def _evenly(name: str, subset: int | None, pixels: Tensor, labels: Tensor) -> tuple[Tensor, Tensor]:
    """Keep `subset` images, equally many of each class, in file order."""
    if subset is None:
        return pixels, labels
    if subset % len(LABELS) or subset > len(labels):
        raise ValueError(
            f"{name} must be a multiple of {len(LABELS)} (as many of each class) "
            f"up to {len(labels)}, got {subset}"
        )
    each = subset // len(LABELS)
    keep = torch.cat([(labels == c).nonzero()[:each, 0] for c in range(len(LABELS))])
    keep = keep.sort().values
    return pixels[keep], labels[keep]
