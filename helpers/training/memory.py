"""Memory that a training on the CPU keeps between its steps."""

import ctypes
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import torch

ENOUGH_MEMORY = 12e9  # bytes in the machine from which freed memory is kept, see memory_kept


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
    libc: Any = ctypes.CDLL(None) if sys.platform == "linux" and device.type == "cpu" else None
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
