"""Save a training in one step and read it back, whatever happened in between."""

import io
import os
import random
import zipfile
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn

PREVIOUS = ".previous"  # suffix of the generation before


def save(path: Path, state: dict) -> None:
    """Write `state` to `path` at once; the file that was there becomes `path`.previous.

    Raises OSError if it cannot be written; the files that were there are then untouched.
    """
    buffer = io.BytesIO()
    torch.save(state, buffer)
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        with open(temporary, "wb") as f:
            f.write(buffer.getbuffer())
            f.flush()
            os.fsync(f.fileno())
        if path.exists():
            os.replace(path, _previous(path))
        os.replace(temporary, path)
    finally:
        temporary.unlink(missing_ok=True)


def load(path: Path) -> tuple[dict | None, list[str]]:
    """Return the newest intact state, or None, and a sentence for each damaged file."""
    complaints = []
    for candidate in (path, _previous(path)):
        if not candidate.exists():
            continue
        try:
            with zipfile.ZipFile(candidate) as archive:
                # torch.load does not verify the checksums that the file carries.
                if (member := archive.testzip()) is not None:
                    raise zipfile.BadZipFile(f"wrong checksum in {member}")
            return torch.load(candidate, map_location="cpu", weights_only=True), complaints
        except Exception as error:  # whatever is wrong with it, the other one may be good
            complaints.append(
                f"The checkpoint {candidate} is damaged and was left alone ({error})."
            )
    return None, complaints


def _previous(path: Path) -> Path:
    return path.with_name(path.name + PREVIOUS)


def random_state() -> dict:
    """Return the state of PyTorch's, NumPy's and Python's global generators."""
    kind, keys, position, has_gauss, cached = np.random.get_state()
    return {
        "torch": torch.get_rng_state(),
        "cuda": torch.cuda.get_rng_state_all() if torch.cuda.is_available() else [],
        "numpy": (kind, torch.from_numpy(keys.astype(np.int64)), position, has_gauss, cached),
        "python": random.getstate(),
    }


def set_random_state(state: dict) -> None:
    """Restore what `random_state` returned."""
    torch.set_rng_state(state["torch"])
    if len(state["cuda"]) == torch.cuda.device_count():
        torch.cuda.set_rng_state_all(state["cuda"])
    kind, keys, position, has_gauss, cached = state["numpy"]
    np.random.set_state((kind, keys.numpy().astype(np.uint32), position, has_gauss, cached))
    version, internal, gauss_next = state["python"]
    random.setstate((version, tuple(internal), gauss_next))


def loose_tensors(model: nn.Module) -> dict[str, Tensor]:
    """Return the tensors that are plain attributes of modules: state_dict() leaves them out.

    The book's models from scratch keep their weights so, and its batch normalization from
    scratch (8.5.3) the moving averages. Intermediate results with a history are not state.
    """
    return {
        f"{name}.{key}": value
        for name, module in model.named_modules()
        for key, value in vars(module).items()
        if isinstance(value, Tensor) and value.is_leaf
    }


def set_loose_tensors(model: nn.Module, tensors: dict[str, Tensor]) -> None:
    """Restore what `loose_tensors` returned."""
    for name, saved in tensors.items():
        path, _, key = name.rpartition(".")
        owner = model.get_submodule(path)
        present = getattr(owner, key, None)
        if not isinstance(present, Tensor):
            setattr(owner, key, saved)
        elif present.requires_grad and present.is_leaf:  # a weight, known to the optimiser
            present.data.copy_(saved)
        else:
            setattr(owner, key, saved.to(present.device))
