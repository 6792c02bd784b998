"""Decide where and how a model computes, and say why."""

from collections.abc import Iterable
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.parameter import is_lazy

__all__ = ["Placement", "choose_device", "choose_precision"]

PRECISIONS = {
    "float32": torch.float32,
    "bfloat16": torch.bfloat16,
    "float16": torch.float16,
}


def choose_device(device: str | torch.device | None = None) -> tuple[torch.device, str]:
    """Return the device to train on and the reason, as a phrase for people.

    Without an argument the order is CUDA, Apple MPS, CPU. Raises ValueError for anything
    but these three, and for one that this machine does not have.
    """
    if device is None:
        if torch.cuda.is_available():
            return torch.device("cuda"), torch.cuda.get_device_name()
        if torch.backends.mps.is_available():
            return torch.device("mps"), "an Apple GPU"
        return torch.device("cpu"), "no GPU was found"
    chosen = None
    if isinstance(device, (str, torch.device)):
        try:
            chosen = torch.device(device)
        except RuntimeError:  # a name that PyTorch does not know
            pass
    if chosen is None or chosen.type not in ("cuda", "mps", "cpu"):
        raise ValueError(f"device must be 'cuda', 'mps' or 'cpu', got {device!r}")
    if chosen.type == "cuda" and (chosen.index or 0) >= torch.cuda.device_count():
        raise ValueError(
            f"device {str(chosen)!r} is not there; CUDA GPUs found: {torch.cuda.device_count()}"
        )
    if chosen.type == "mps" and not torch.backends.mps.is_available():
        raise ValueError("device 'mps' is not there: no Apple GPU was found")
    return chosen, f"device={str(chosen)!r} was asked for"


def choose_precision(
    device: torch.device, precision: str | torch.dtype | None = None
) -> tuple[torch.dtype, str]:
    """Return the dtype to compute in and the reason, as a phrase for people.

    bfloat16 where a CUDA GPU computes it in hardware (compute capability 8.0 and newer),
    float16 on GPUs that have only this (7.0 and 7.5, such as the T4), else float32.
    Raises ValueError for an unknown precision.
    """
    if precision is not None:
        known = isinstance(precision, (str, torch.dtype))
        named = {n: dtype for n, dtype in PRECISIONS.items() if known and precision in (n, dtype)}
        if not named:
            raise ValueError(f"precision must be one of {', '.join(PRECISIONS)}, got {precision!r}")
        (dtype,) = named.values()
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


class Placement:
    """Where and how a model computes: `device`, `dtype`, memory layout, and `why`.

    `num_gpus=0` means the CPU, more than that a GPU if there is one; `device` overrules it.
    `channels_last` None means: for models with convolutions, except on Apple's GPUs.
    Raises ValueError naming the argument that is wrong.
    """

    def __init__(
        self,
        num_gpus: int,
        device: str | torch.device | None,
        precision: str | torch.dtype | None,
        channels_last: bool | None,
    ):
        if device is None and num_gpus == 0:
            self.device, why = torch.device("cpu"), "num_gpus=0"
            if choose_device()[0].type != "cpu":
                why += ", though there is a GPU: num_gpus=1 would use it"
        else:
            self.device, why = choose_device(device)
            if num_gpus > 1 and self.device.type != "cpu":
                why += ", one of several is used"
        self.dtype, why_dtype = choose_precision(self.device, precision)
        self.why = f"{self.device.type} ({why}), {self.precision} ({why_dtype})"
        self._asked_for = channels_last
        self._images_last = False
        self._waiting: nn.Module | None = None  # a model that has no shapes to lay out yet

    @property
    def precision(self) -> str:
        """The name of the dtype."""
        return str(self.dtype).removeprefix("torch.")

    def of_batches(self, batches: Any) -> Any:
        """Return batches that are made on the device, if they can be and fit."""
        if self.device.type == "cpu" or not hasattr(batches, "to"):
            return batches
        try:
            return batches.to(self.device)
        except torch.OutOfMemoryError:
            return batches

    def of_model(self, model: nn.Module) -> None:
        """Move a model to the device and lay its weights out, lazy layers when they have them."""
        model.to(self.device)
        convolutional = any(isinstance(m, nn.Conv2d) for m in model.modules())
        last = self._asked_for
        if last is None:
            last = convolutional and self.device.type != "mps"
        self._waiting = model if last else None
        self._images_last = False
        self._lay_out()

    def of_batch(self, batch: Iterable) -> list:
        """Move the tensors of a batch to the device, images in the model's memory layout."""
        if self._waiting is not None:
            self._lay_out()
        moved = [
            a.to(self.device, non_blocking=True) if isinstance(a, Tensor) else a for a in batch
        ]
        if self._images_last:
            moved = [
                a.contiguous(memory_format=torch.channels_last)
                if isinstance(a, Tensor) and a.dim() == 4
                else a
                for a in moved
            ]
        return moved

    def _lay_out(self) -> None:
        if self._waiting is not None and not has_lazy(self._waiting):
            self._waiting.to(memory_format=torch.channels_last)
            self._waiting, self._images_last = None, True

    def autocast(self) -> torch.autocast:
        """Return the context in which a model's steps compute in `dtype`."""
        return torch.autocast(self.device.type, self.dtype, enabled=self.dtype != torch.float32)

    def scaler(self, optim: Any) -> torch.amp.GradScaler:
        """Return what scales losses and gradients: for float16 only, else it changes nothing."""
        if self.dtype == torch.float16 and not isinstance(optim, torch.optim.Optimizer):
            self.dtype = torch.float32  # an optimiser written by hand cannot undo the scaling
            self.why += "; float32 after all, as the optimiser is not one of PyTorch's"
        scaled = self.dtype == torch.float16 and self.device.type != "mps"
        return torch.amp.GradScaler(self.device.type, enabled=scaled)


def has_lazy(model: nn.Module) -> bool:
    """Return whether some layer still waits for its first input to get its weights."""
    return any(is_lazy(t) for t in (*model.parameters(), *model.buffers()))
