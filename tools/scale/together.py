"""One training by several processes: each computes its share of every batch.

`torchrun` starts the processes, and PyTorch's DistributedDataParallel adds their gradients up.
All of them draw the same batches in the same order, as one process would. Of each batch every
process takes its part, and the gradient of the whole batch is the sum of what the parts give:

    mean over the batch = sum over the processes of (images of its part / images) × its mean

Losses and accuracies are added up in the same way after each step, so that all processes know
the same numbers, and stop at the same step. The first one prints, and writes the files.

Batch normalisation on GPUs takes its means over the whole batch (PyTorch's SyncBatchNorm). On
the CPU there is no such layer: there each process normalises its own part, and what it gathers
for the validation is that of the first process. So does a layer that is written by hand, as
that of section 8.5. Dropout draws other numbers in each process.
"""

import os
import signal
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from typing import Any

import torch
from torch import Tensor, distributed, nn
from torch.nn.parallel import DistributedDataParallel

import helpers
from helpers.training.device import has_lazy

__all__ = ["Together", "begin", "end", "processes", "rank", "wait"]


def begin() -> None:
    """Join the processes that `torchrun` started; does nothing in a program of its own.

    Each takes a GPU of its own. Raises ValueError if there are some, but too few.
    """
    if "TORCHELASTIC_RUN_ID" not in os.environ or distributed.is_initialized():
        return
    gpus, here = torch.cuda.device_count(), int(os.environ["LOCAL_WORLD_SIZE"])
    if 0 < gpus < here:
        raise ValueError(f"{here} processes need as many GPUs, and there are {gpus}")
    if gpus:
        torch.cuda.set_device(int(os.environ["LOCAL_RANK"]))
    distributed.init_process_group("cpu:gloo,cuda:nccl" if gpus else "gloo")


def end() -> None:
    """Leave the processes that `begin` joined."""
    if distributed.is_initialized():
        distributed.destroy_process_group()


def wait() -> None:
    """Go on when all processes are here."""
    if distributed.is_initialized():
        distributed.barrier()


def processes() -> int:
    """Return how many processes train together."""
    return distributed.get_world_size() if distributed.is_initialized() else 1


def rank() -> int:
    """Return the number of this process, 0 for the first or only one."""
    return distributed.get_rank() if distributed.is_initialized() else 0


class Together(helpers.Trainer):
    """A Trainer for processes that share each batch; for one process, a Trainer."""

    _parallel: DistributedDataParallel | None = None

    def fit(self, model: Any, data: Any) -> None:
        """Train `model` on `data`, together with the other processes."""
        try:
            super().fit(model, data)
        finally:
            self._parallel = None

    def prepare_data(self, data: Any) -> None:
        """Take the batches. Raises ValueError for one that has not an image for each process."""
        super().prepare_data(data)
        for batches in (self.train_dataloader, self.val_dataloader):
            if batches is None:
                continue
            last = len(batches.dataset) % batches.batch_size or batches.batch_size
            if last < processes():
                raise ValueError(
                    f"the last of {len(batches)} batches has {last} images for {processes()} "
                    "processes: take another batch_size or another number of processes"
                )

    def fit_epoch(self) -> None:
        """Train and validate for one epoch, in the same order as the first process."""
        if processes() == 1:
            super().fit_epoch()
            return
        self._wish = torch.tensor(0)
        self._run.stops = lambda: bool(self._wish)  # type: ignore[method-assign]
        if rank() > 0:
            self._run.kept.file = None  # the first process writes it
        place = torch.tensor([self.epoch, self._run.position.step])
        first = place.clone()
        distributed.broadcast(first, 0)
        if not torch.equal(place, first):
            raise RuntimeError(
                f"process {rank()} stands at epoch and step {place.tolist()}, the first one "
                f"at {first.tolist()}: do they read the same checkpoint?"
            )
        state = torch.get_rng_state()
        distributed.broadcast(state, 0)
        torch.set_rng_state(state)
        with self._sharing():
            super().fit_epoch()

    @contextmanager
    def _sharing(self) -> Iterator[None]:
        """Let the model's steps be those of all processes, for an epoch.

        Not before: the training is described as that of one process, so that several take up
        what one has kept in a file, and the other way round.
        """
        names = ("training_step", "validation_step")
        steps = {step: getattr(self.model, step) for step in names}
        for step in steps:
            setattr(self.model, step, partial(self._shared_step, step))
        try:
            with self._run.means.watching(self.model):
                yield
        finally:
            for step, before in steps.items():
                setattr(self.model, step, before)

    def _shared_step(self, step: str, batch: Sequence[Tensor]) -> Tensor | None:
        """Take a step of the model on this process's part of a batch.

        What the model plots, and the loss that is returned, are those of the whole batch; the
        gradient of the loss is this process's part of the whole one.
        """
        self._agree_to_stop()
        part = [tensor.tensor_split(processes())[rank()] for tensor in batch]
        share = len(part[-1]) / len(batch[-1])
        plotted: dict[tuple[str, bool], Any] = {}
        plot = self.model.plot
        self.model.plot = lambda key, value, train: plotted.update({(key, train): value})
        try:
            loss = self._parallel_model(part)(step, part)
        finally:
            self.model.plot = plot
        numbers = [*plotted.values(), *([loss.detach()] if step == "training_step" else [])]
        whole = share * torch.stack([torch.as_tensor(n, device=part[0].device) for n in numbers])
        distributed.all_reduce(whole)
        for (key, train), number in zip(plotted, whole):
            plot(key, number, train)
        if step != "training_step":
            return None
        # DistributedDataParallel takes the mean over the processes, where a sum is wanted.
        its = share * processes() * loss
        return its + (whole[-1] - its).detach()

    def _agree_to_stop(self) -> None:
        """Let an interrupt of one process be one of all."""
        self._wish = torch.tensor(int(self._run.interrupts.is_set()))
        distributed.all_reduce(self._wish, distributed.ReduceOp.MAX)
        if self._wish and not self._run.interrupts.is_set():
            signal.raise_signal(signal.SIGINT)

    def _parallel_model(self, part: Sequence[Tensor]) -> DistributedDataParallel:
        """Return the model wrapped, with numbers of its own for dropout in each process."""
        if self._parallel is None:
            if has_lazy(self.model):
                _make_weights(self.model, part)
            if part[0].is_cuda:
                nn.SyncBatchNorm.convert_sync_batchnorm(self.model)
            self._parallel = DistributedDataParallel(_Steps(self.model))
        if rank() > 0 and self.model.training:
            torch.manual_seed((rank() << 32) + self.train_batch_idx)
        return self._parallel


class _Steps(nn.Module):
    """The steps of a model as the `forward` that DistributedDataParallel watches."""

    def __init__(self, model: nn.Module):
        super().__init__()
        self.model = model

    def forward(self, step: str, batch: Sequence[Tensor]) -> Any:
        return getattr(type(self.model), step)(self.model, batch)


def _make_weights(model: nn.Module, part: Sequence[Tensor]) -> None:
    """Give lazy layers their weights; dropout draws nothing, no moving average moves."""
    training = model.training
    model.eval()
    with torch.no_grad():
        model(*part[:-1])
    model.train(training)
