"""Find Fashion-MNIST, or download it, verify it and unpack it."""

import gzip
import hashlib
import os
import sys
import tempfile
import time
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import TypeAlias

import torch
from torch import Tensor

from helpers.images.download import TIME_LIMIT, download
from helpers.images.standin import draw_standin

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

Split: TypeAlias = tuple[Tensor, Tensor]  # pixels (n, 28, 28) and labels (n,), both uint8


def load() -> tuple[str, Split, Split]:
    """Return the source's name and the training and validation pixels and labels.

    Pixels (n, 28, 28) and labels (n,), both uint8. One copy serves the whole process.
    """
    return load_from(os.environ.get("FASHION_MNIST_DIR", ""))


def find_from_environment() -> tuple[dict[str, bytes] | None, str]:
    """Return the four packed files by name, or None and the reason why there are none."""
    return _find_named(os.environ.get("FASHION_MNIST_DIR", ""))


@cache
def load_from(named: str) -> tuple[str, Split, Split]:
    """Do what `load` does, for a value of the environment variable."""
    files, reason = _find_named(named)
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
    train, val = (
        (
            _unpack(files[f"{split}-images-idx3-ubyte.gz"], (-1, 28, 28), 16),
            _unpack(files[f"{split}-labels-idx1-ubyte.gz"], (-1,), 8),
        )
        for split in ("train", "t10k")
    )
    return "Fashion-MNIST", train, val


def _find_named(named: str) -> tuple[dict[str, bytes] | None, str]:
    if named == "stand-in":
        return None, "FASHION_MNIST_DIR=stand-in asks for it."
    return find(Path(named).expanduser() if named else None)


def find(
    named: Path | None, mirrors: Sequence[str] = MIRRORS
) -> tuple[dict[str, bytes] | None, str]:
    """Return the four packed files by name, or None and the reasons why there are none.

    Looks in `named`, then in the user's cache, then downloads into the cache.
    """
    reasons: list[str] = []
    files: dict[str, bytes] = {}
    folders = [f for f in (named, cache_folder()) if f is not None]
    for folder in folders:
        for name in FILES:
            if name not in files and (content := _read(folder, name, reasons)) is not None:
                files[name] = content
    deadline = time.monotonic() + TIME_LIMIT
    for name, digest in FILES.items():
        if name in files:
            continue
        if not reasons:
            reasons.append(f"Its files are not in {' or '.join(str(f) for f in folders)}.")
        content = download(name, digest, mirrors, deadline, reasons)
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


def _unpack(packed: bytes, shape: tuple[int, ...], header: int) -> Tensor:
    """Unpack an IDX file whose header is `header` bytes long."""
    content = bytearray(gzip.decompress(packed)[header:])
    return torch.frombuffer(content, dtype=torch.uint8).reshape(shape)
