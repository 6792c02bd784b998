"""Fashion-MNIST, kept as bytes in memory and turned into batches where the model is."""

import gzip
import hashlib
import io
import os
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator, Sequence
from functools import cache
from http.client import HTTPException
from pathlib import Path

import torch
from torch import Tensor
from torch.nn import functional as F

from helpers.display import progress_bar
from helpers.standin import draw_standin

__all__ = ["FashionMNIST"]

LABELS = (
    "t-shirt", "trouser", "pullover", "dress", "coat",
    "sandal", "shirt", "sneaker", "bag", "ankle boot",
)  # fmt: skip

# The publishers' own host (as in torchvision), their repository, and the copy of Keras.
MIRRORS = (
    "http://fashion-mnist.s3-website.eu-central-1.amazonaws.com/",
    "https://raw.githubusercontent.com/zalandoresearch/fashion-mnist/master/data/fashion/",
    "https://storage.googleapis.com/tensorflow/tf-keras-datasets/",
)

# Name → SHA-256 of the published file.
FILES = {
    "train-images-idx3-ubyte.gz":
        "3aede38d61863908ad78613f6a32ed271626dd12800ba2636569512369268a84",
    "train-labels-idx1-ubyte.gz":
        "a04f17134ac03560a47e3764e11b92fc97de4d1bfaf8ba1a3aa29af54cc90845",
    "t10k-images-idx3-ubyte.gz":
        "346e55b948d973a97e58d2351dde16a484bd415d4595297633bb08f03db6a073",
    "t10k-labels-idx1-ubyte.gz":
        "67da17c76eaffca5446c3361aaab5c3cd6d1c2608764d35dfb1850b086bf8dd5",
}  # fmt: skip

CONNECT_SECONDS = 10  # without an answer for this long, a mirror is given up
LOWEST_RATE = 50_000  # bytes per second, on average, under which it is given up too
TIME_LIMIT = 600  # seconds for all files from all mirrors


class FashionMNIST:
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

    def __init__(
        self,
        batch_size: int = 64,
        resize: int | tuple[int, int] = (28, 28),
        subset: int | None = None,
        val_subset: int | None = None,
    ):
        _check_count("batch_size", batch_size)
        size = (resize, resize) if isinstance(resize, int) else resize
        if not isinstance(size, (tuple, list)) or len(size) != 2:
            raise ValueError(f"resize must be (height, width) in pixels, got {resize!r}")
        for n in size:
            _check_count("resize", n)
        self.batch_size = batch_size
        self.resize = size = tuple(size)
        self.subset, self.val_subset = subset, val_subset
        self.source, train, val = load()
        self.train = Images(*_evenly("subset", subset, *train), size)
        self.val = Images(*_evenly("val_subset", val_subset, *val), size)

    def __repr__(self) -> str:
        return (
            f"FashionMNIST(batch_size={self.batch_size}, resize={self.resize}, "
            f"{len(self.train)} + {len(self.val)} images, source={self.source!r})"
        )

    def text_labels(self, indices: Sequence[int] | Tensor) -> list[str]:
        """Return the names of classes given by their numbers 0 to 9."""
        return [LABELS[int(i)] for i in indices]

    def get_dataloader(self, train: bool) -> "Batches":
        """Return the batches of one pass: shuffled for training, in file order else."""
        return Batches(self.train if train else self.val, self.batch_size, shuffle=train)

    def train_dataloader(self) -> "Batches":
        return self.get_dataloader(train=True)

    def val_dataloader(self) -> "Batches":
        return self.get_dataloader(train=False)

    def visualize(
        self, batch, nrows: int = 1, ncols: int = 8, labels: Sequence[str] | None = None
    ) -> None:
        """Show the first images of a batch (X, y) with their class names."""
        from helpers.plots import show_images

        X, y = batch
        count = min(nrows * ncols, len(X))
        titles = list(labels or self.text_labels(y[:count]))
        show_images(
            X[:count].squeeze(1), nrows, ncols, titles=titles,
            alt=f"{count} images from {self.source}: {', '.join(titles[:count])}",
        )  # fmt: skip


class Images:
    """Images (n, 28, 28) and labels (n,) as bytes; an item is one pair, ready for a model."""

    def __init__(self, pixels: Tensor, labels: Tensor, resize: tuple[int, int]):
        self.pixels, self.labels, self.resize = pixels, labels, resize
        h, w = pixels.shape[1:]
        self._matrices = (
            None if resize == (h, w) else (_resizer(h, resize[0]), _resizer(w, resize[1]))
        )

    def __len__(self) -> int:
        return len(self.labels)

    def __getitem__(self, i: int) -> tuple[Tensor, int]:
        X, y = self.take(torch.tensor([range(len(self))[i]]))
        return X[0], int(y[0])

    def take(self, indices: Tensor) -> tuple[Tensor, Tensor]:
        """Return X (n, 1, h, w) and y (n,) for `indices` (n,)."""
        X = self.pixels.index_select(0, indices).float()  # copies rows; [] copies pixels, slower
        if self._matrices is None:
            X = X.div_(255)
        else:
            rows, columns = self._matrices  # (h, 28), (w, 28)
            # Pillow rounds to whole levels after the columns and after the rows, half a level
            # at most each time; without rounding, every pass over the large images is saved.
            X = (rows / 255) @ (X @ columns.T)
        return X.unsqueeze(1), self.labels.index_select(0, indices).long()

    def to(self, device: torch.device) -> "Images":
        """Return the same images on `device`."""
        moved = object.__new__(Images)
        moved.resize = self.resize
        moved.pixels, moved.labels = self.pixels.to(device), self.labels.to(device)
        moved._matrices = self._matrices and tuple(m.to(device) for m in self._matrices)
        return moved


class Batches:
    """One pass over `Images` after another, in batches; iterates like a DataLoader."""

    def __init__(self, dataset: Images, batch_size: int, shuffle: bool):
        self.dataset, self.batch_size, self.shuffle = dataset, batch_size, shuffle

    def __len__(self) -> int:
        return -(-len(self.dataset) // self.batch_size)

    def __iter__(self) -> Iterator[tuple[Tensor, Tensor]]:
        n = len(self.dataset)
        # Drawn on the CPU whatever the device, so that a seed means the same everywhere.
        order = torch.randperm(n) if self.shuffle else torch.arange(n)
        order = order.to(self.dataset.labels.device)
        return (self.dataset.take(indices) for indices in order.split(self.batch_size))

    def to(self, device: torch.device) -> "Batches":
        """Return the same batches, made on `device`."""
        return Batches(self.dataset.to(device), self.batch_size, self.shuffle)


def _resizer(n: int, m: int) -> Tensor:
    """Matrix (m, n) that resizes n pixels to m, as Pillow does: bilinear, antialiased."""
    # Resizing is linear, so the resized identity matrix holds its weights.
    identity = torch.eye(n)[None, None]
    return F.interpolate(identity, size=(m, n), mode="bilinear", antialias=True)[0, 0]


def _check_count(name: str, value: object) -> None:
    if not isinstance(value, int) or isinstance(value, bool) or value < 1:
        raise ValueError(f"{name} must be a whole number from 1 on, got {value!r}")


def _evenly(name: str, count: int | None, pixels: Tensor, labels: Tensor) -> tuple[Tensor, Tensor]:
    """Keep `count` images, equally many of each class, in file order."""
    if count is None:
        return pixels, labels
    _check_count(name, count)
    if count % len(LABELS) or count > len(labels):
        raise ValueError(
            f"{name} must be a multiple of {len(LABELS)} (as many of each class) "
            f"up to {len(labels)}, got {count}"
        )
    each = count // len(LABELS)
    keep = torch.cat([(labels == c).nonzero()[:each, 0] for c in range(len(LABELS))])
    keep = keep.sort().values
    return pixels[keep], labels[keep]


# --- finding the files -----------------------------------------------------------------


def load() -> tuple[str, tuple[Tensor, Tensor], tuple[Tensor, Tensor]]:
    """Return the source's name and the training and validation pixels and labels.

    Pixels (n, 28, 28) and labels (n,), both uint8. One copy serves the whole process.
    """
    return _load(os.environ.get("FASHION_MNIST_DIR", ""))


def find_from_environment() -> tuple[dict[str, bytes] | None, str]:
    """Return the four packed files by name, or None and the reason why there are none."""
    named = os.environ.get("FASHION_MNIST_DIR", "")
    if named == "stand-in":
        return None, "FASHION_MNIST_DIR=stand-in asks for it."
    return find(Path(named).expanduser() if named else None)


@cache
def _load(named: str):
    files, reason = find_from_environment()
    if files is None:
        say(
            "NOTICE: the images are a DRAWN STAND-IN, NOT Fashion-MNIST.\n"
            f"{reason}\n"
            "Everything runs, but no accuracy below says anything about Fashion-MNIST.\n"
            "To use the real data, put its four .gz files into a folder and name it in the "
            "environment variable FASHION_MNIST_DIR, or connect to the internet; then restart "
            "the kernel."
        )
        return "drawn stand-in", draw_standin(60_000, seed=0), draw_standin(10_000, seed=1)
    return "Fashion-MNIST", *(
        (
            _parse(files[f"{split}-images-idx3-ubyte.gz"], (-1, 28, 28), 16),
            _parse(files[f"{split}-labels-idx1-ubyte.gz"], (-1,), 8),
        )
        for split in ("train", "t10k")
    )


def _parse(packed: bytes, shape: tuple[int, ...], header: int) -> Tensor:
    """Unpack an IDX file whose header is `header` bytes long."""
    return torch.frombuffer(bytearray(gzip.decompress(packed)[header:]), dtype=torch.uint8).reshape(
        shape
    )


def find(
    named: Path | None, mirrors: Sequence[str] = MIRRORS
) -> tuple[dict[str, bytes] | None, str]:
    """Return the four packed files by name, or None and the reasons why there are none.

    Looks in `named`, then in the user's cache, then downloads into the cache.
    """
    reasons, files = [], {}
    folders = [f for f in (named, cache_folder()) if f is not None]
    for folder in folders:
        for name in FILES:
            if name not in files and (content := _read(folder, name, reasons)) is not None:
                files[name] = content
    deadline = time.monotonic() + TIME_LIMIT
    for name in FILES:
        if name in files:
            continue
        if not reasons:
            reasons.append(f"Its files are not in {' or '.join(str(f) for f in folders)}.")
        content = _download(name, mirrors, deadline, reasons)
        if content is None:
            return None, "\n".join(reasons)
        files[name] = content
        _save(cache_folder() / name, content)
    if any("damaged" in reason for reason in reasons):
        say("NOTICE: " + "\n".join(reasons) + "\nOther copies took their place.")
    return files, ""


def cache_folder() -> Path:
    """Return the folder of this user's own copies."""
    if sys.platform == "win32":
        base = Path(os.environ.get("LOCALAPPDATA", Path.home() / "AppData" / "Local"))
    elif sys.platform == "darwin":
        base = Path.home() / "Library" / "Caches"
    else:
        base = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    return base / "d2l-companion"


def say(text: str) -> None:
    """Tell the user on standard error, framed so that it is not overlooked."""
    print("=" * 79, text, "=" * 79, sep="\n", file=sys.stderr, flush=True)


def _read(folder: Path, name: str, reasons: list[str]) -> bytes | None:
    """Return the file's bytes if it is there and intact; add to `reasons` if damaged."""
    for place in (folder, folder / "raw", folder / "FashionMNIST" / "raw"):
        try:
            content = (place / name).read_bytes()
        except OSError:
            continue
        if hashlib.sha256(content).hexdigest() == FILES[name]:
            return content
        reasons.append(
            f"{place / name} is damaged: its {len(content):,} bytes are not the published ones."
        )
    return None


def _download(
    name: str, mirrors: Sequence[str], deadline: float, reasons: list[str]
) -> bytes | None:
    """Return the file's bytes from the first mirror that has them; say why others had not."""
    for mirror in mirrors:
        if time.monotonic() > deadline:
            reasons.append(f"The time limit of {TIME_LIMIT} s for downloads is over.")
            return None
        try:
            content = _fetch(mirror + name, deadline)
        except (OSError, HTTPException) as error:  # URLError and time-outs are OSErrors
            reasons.append(f"{mirror}{name}: {error}.")
            continue
        if hashlib.sha256(content).hexdigest() == FILES[name]:
            return content
        reasons.append(
            f"{mirror}{name}: sent {len(content):,} bytes that are not the published file."
        )
    return None


def _fetch(url: str, deadline: float) -> bytes:
    start, content = time.monotonic(), io.BytesIO()
    with urllib.request.urlopen(url, timeout=CONNECT_SECONDS) as answer:
        size = int(answer.headers.get("Content-Length") or 0)
        name = url.rsplit("/", 1)[-1]
        with progress_bar(total=size or None, unit="B", unit_scale=True, desc=name) as bar:
            while chunk := answer.read1(1 << 16):
                content.write(chunk)
                bar.update(len(chunk))
                elapsed = time.monotonic() - start
                if elapsed > CONNECT_SECONDS and content.tell() / elapsed < LOWEST_RATE:
                    raise TimeoutError(f"slower than {LOWEST_RATE // 1000} kB/s")
                if time.monotonic() > deadline:
                    raise TimeoutError(f"the time limit of {TIME_LIMIT} s is over")
    return content.getvalue()


def _save(path: Path, content: bytes) -> None:
    """Put the file into the cache in one step, so that nobody ever reads half of it."""
    temporary = None
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        # A name of its own for each process: two notebooks may download at the same time.
        with tempfile.NamedTemporaryFile(dir=path.parent, prefix=path.name, delete=False) as f:
            temporary = Path(f.name)
            f.write(content)
        os.replace(temporary, path)
    except OSError as error:
        if temporary is not None:
            temporary.unlink(missing_ok=True)
        say(
            f"NOTICE: {path.name} was downloaded but could not be kept in {path.parent}: {error}.\n"
            "It is used now and will be downloaded again next time."
        )
