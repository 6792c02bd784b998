"""Decide where and how to train, and say why."""

import ctypes
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import torch

__all__ = ["choose_device", "choose_precision"]

PRECISIONS = {
    "float32": torch.float32,
    "bfloat16": torch.bfloat16,
    "float16": torch.float16,
}

ENOUGH_MEMORY = 12e9  # bytes in the machine from which freed memory is kept, see memory_kept


def choose_device(device: str | torch.device | None = None) -> tuple[torch.device, str]:
    """Return the device to train on and the reason, as a phrase for people.

    Without an argument the order is CUDA, Apple MPS, CPU. Raises ValueError for a device
    that PyTorch does not know or that this machine does not have.
    """
    if device is None:
        if torch.cuda.is_available():
            return torch.device("cuda"), torch.cuda.get_device_name()
        if torch.backends.mps.is_available():
            return torch.device("mps"), "an Apple GPU"
        return torch.device("cpu"), "no GPU was found"
    try:
        chosen = torch.device(device)
    except (RuntimeError, TypeError) as error:
        raise ValueError(f"device must be 'cuda', 'mps' or 'cpu', got {device!r}") from error
    if chosen.type == "cuda" and (chosen.index or 0) >= torch.cuda.device_count():
        raise ValueError(
            f"device {str(chosen)!r} is not there; CUDA GPUs found: {torch.cuda.device_count()}"
        )
    if chosen.type == "mps" and not torch.backends.mps.is_available():
        raise ValueError("device 'mps' is not there: no Apple GPU was found")
    return chosen, f"device={str(chosen)!r} was asked for"


def choose_precision(device: torch.device, precision: str | None = None) -> tuple[torch.dtype, str]:
    """Return the dtype to compute in and the reason, as a phrase for people.

    bfloat16 where a CUDA GPU computes it in hardware (compute capability 8.0 and newer),
    float16 on GPUs that have only this (7.0 and 7.5, such as the T4), else float32.
    Raises ValueError for an unknown precision.
    """
    if precision is not None:
        if precision not in PRECISIONS:
            raise ValueError(f"precision must be one of {', '.join(PRECISIONS)}, got {precision!r}")
        dtype = PRECISIONS[precision]
        if is_emulated(device, dtype):
            return dtype, "as asked for; this CPU has to emulate it: float32 would be much faster"
        return dtype, "as asked for"
    if device.type != "cuda":
        return torch.float32, f"the default on {device.type}"
    # torch.cuda.is_bf16_supported() also says yes to slow emulation, as on a T4.
    capability = torch.cuda.get_device_capability(device)
    if capability >= (8, 0):
        return torch.bfloat16, "which this GPU computes in hardware"
    if capability >= (7, 0):
        return torch.float16, "with scaled gradients, as this GPU has no bfloat16"
    return torch.float32, "as this GPU has no fast 16-bit arithmetic"


def is_emulated(device: torch.device, dtype: torch.dtype) -> bool:
    """Return whether `device` is a CPU without instructions for arithmetic in `dtype`.

    PyTorch asks the same before it hands a convolution to its fast library, oneDNN.
    """
    question = {
        torch.bfloat16: "_is_mkldnn_bf16_supported",
        torch.float16: "_is_mkldnn_fp16_supported",
    }.get(dtype)
    if device.type != "cpu" or question is None:
        return False
    has_instructions = getattr(torch.ops.mkldnn, question, None)  # not part of the public API
    return has_instructions is not None and not has_instructions()


@contextmanager
def memory_kept(device: torch.device) -> Iterator[None]:
    """Keep freed memory in this process for a training on the CPU, and give it back after.

    glibc returns each large block to the system when it is freed. The next step asks for the
    same again, and the system clears it page by page: a fifth of the time of a step of VGG.
    Blocks that are kept do not always fit into each other's place, so the peak is larger, by
    up to a half: only where the machine has ENOUGH_MEMORY. Does nothing on GPUs and where the
    C library is another.
    Source: the manual page mallopt(3).
    """
    libc = ctypes.CDLL(None) if sys.platform == "linux" and device.type == "cpu" else None
    if (
        not hasattr(libc, "mallopt")
        or os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") < ENOUGH_MEMORY
    ):
        yield
        return
    trim_threshold, mmap_threshold, mmap_max = -1, -3, -4  # their numbers in malloc.h
    libc.mallopt(mmap_max, 0)
    libc.mallopt(trim_threshold, 2**31 - 1)
    try:
        yield
    finally:
        # Where glibc's own adaptation ends up in a process that uses large blocks.
        libc.mallopt(mmap_max, 65_536)
        libc.mallopt(mmap_threshold, 32 << 20)
        libc.mallopt(trim_threshold, 64 << 20)
        libc.malloc_trim(0)
