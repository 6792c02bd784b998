"""What a notebook of the book may use of `d2l.DataModule`, without importing d2l."""

import inspect
from collections.abc import Collection, Iterable
from typing import Any

from torch import Tensor
from torch.utils.data import DataLoader, TensorDataset


class DataModule:
    """The base class of data, with the names of d2l's (which `isinstance` tells apart).

    Source: Dive into Deep Learning 1.0.3, sections 3.2.3 and 3.3.3.
    """

    root = "../data"  # d2l's folder, for notebooks that read it; nothing is looked for there
    num_workers = 0  # batches are made in this process
    batch_size: int
    hparams: dict[str, Any]

    def save_hyperparameters(self, ignore: Collection[str] = ()) -> None:
        """Keep the arguments of the calling `__init__` as attributes and in `hparams`."""
        frame = inspect.currentframe()
        assert frame is not None and frame.f_back is not None
        left_out = {"self", *ignore}
        self.hparams = {
            name: value
            for name, value in frame.f_back.f_locals.items()
            if name not in left_out and not name.startswith("_")
        }
        for name, value in self.hparams.items():
            setattr(self, name, value)

    def get_dataloader(self, train: bool) -> Any:
        raise NotImplementedError

    def train_dataloader(self) -> Any:
        return self.get_dataloader(train=True)

    def val_dataloader(self) -> Any:
        return self.get_dataloader(train=False)

    def get_tensorloader(
        self, tensors: Iterable[Tensor], train: bool, indices: Any = slice(0, None)
    ) -> DataLoader:
        """Return batches of the rows `indices` of tensors, shuffled for training."""
        dataset = TensorDataset(*(tensor[indices] for tensor in tensors))
        return DataLoader(dataset, self.batch_size, shuffle=train)
