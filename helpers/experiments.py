"""Repeat a training over seeds, and say what it measured: mean and spread.

One training of a small network says little: another seed gives another number. What several
answers and notebooks need to compare trainings fairly stands here once.
"""

import inspect
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import torch
from torch import Tensor, nn

from helpers.arguments import whole
from helpers.columns import aligned
from helpers.ops import init_cnn
from helpers.trainer import Trainer
from helpers.training.checks import loaders_of

__all__ = ["Runs", "accuracy", "over_seeds", "train"]

MEASURE = "value"  # the name of what a function returns that does not name it


class Runs:
    """What an experiment measured: for each variant and each measure, one value per seed.

    A value is a number, or a curve: one number for each epoch, the same count for all seeds.
    Printed, it is a table of mean, spread (the standard deviation over the seeds), lowest and
    highest; of a curve, its last numbers.
    """

    def __init__(self, measured: Mapping[str, Mapping[str, Sequence]]):
        self._measured = {
            name: {
                measure: torch.as_tensor(values, dtype=torch.float64)
                for measure, values in measures.items()
            }
            for name, measures in measured.items()
        }

    @property
    def names(self) -> list[str]:
        """The variants that were compared."""
        return list(self._measured)

    def values(self, name: str, measure: str | None = None) -> Tensor:
        """Return what the seeds measured: (seeds,), or (seeds, epochs) for curves.

        `measure` may be left out where there is only one. Raises KeyError for a name or a
        measure that there is not.
        """
        if name not in self._measured:
            raise KeyError(f"name must be one of {', '.join(self.names)}, got {name!r}")
        measures = self._measured[name]
        if measure is None and len(measures) == 1:
            measure = next(iter(measures))
        if measure not in measures:
            raise KeyError(f"measure must be one of {', '.join(measures)}, got {measure!r}")
        return measures[measure]

    def mean(self, name: str, measure: str | None = None) -> Any:
        """Return the mean over the seeds: a float, or a list with one for each epoch."""
        return self.values(name, measure).mean(dim=0).tolist()

    def spread(self, name: str, measure: str | None = None) -> Any:
        """Return the standard deviation over the seeds (n − 1), as `mean` returns the mean."""
        return self.values(name, measure).std(dim=0).tolist()

    def distance(self, name: str, other: str, measure: str | None = None) -> Any:
        """Return the mean of `name` less the mean of `other`, as `mean` returns a mean."""
        return (self.values(name, measure) - self.values(other, measure)).mean(dim=0).tolist()

    def to_dict(self) -> dict[str, dict[str, list]]:
        """Return all values as lists, from which `Runs` makes the same again."""
        return {
            name: {measure: values.tolist() for measure, values in measures.items()}
            for name, measures in self._measured.items()
        }

    def __str__(self) -> str:
        rows = []
        for name, measures in self._measured.items():
            for measure, values in measures.items():
                last = values if values.ndim == 1 else values[:, -1]
                label = name if measure == MEASURE else f"{name}, {measure}"
                numbers = [last.mean(), last.std() if len(last) > 1 else None]
                rows.append([label, *map(_text, [*numbers, last.min(), last.max()])])
        seeds = len(next(iter(next(iter(self._measured.values())).values())))
        table = [[f"{seeds} seeds", "mean", "spread", "lowest", "highest"], *rows]
        return "\n".join(aligned(table, left=[0]))

    __repr__ = __str__


def over_seeds(variants: Mapping[str, Callable[[int], Any]], seeds: int = 5) -> Runs:
    """Call each variant with the seeds 0, 1, …, `seeds` − 1 and return what they measured.

    A variant is a function of the seed that returns a number, a list of numbers (a curve), or
    a dict with names for several of these. All variants get the same seeds, so that their
    differences are not those of lucky ones.
    Raises TypeError for variants that are no dict of functions, ValueError for a number of seeds
    that is not from 1 to 1000.
    """
    number = whole(seeds)
    if number is None or not 1 <= number <= 1000:
        raise ValueError(f"seeds must be a whole number from 1 to 1000, got {seeds!r}")
    if not isinstance(variants, Mapping) or not variants:
        raise TypeError(f"variants must be a dict of functions of the seed, got {variants!r}")
    for name, variant in variants.items():
        if not isinstance(name, str) or not callable(variant):
            raise TypeError(f"variants must have names and functions, got {name!r}: {variant!r}")
    measured = {}
    for name, variant in variants.items():
        results = [variant(seed) for seed in range(number)]
        rows = [r if isinstance(r, Mapping) else {MEASURE: r} for r in results]
        measured[name] = {measure: [_plain(row[measure]) for row in rows] for measure in rows[0]}
    return Runs(measured)


def train(
    make_model: Callable[[], nn.Module],
    data: Any,
    max_epochs: int,
    seed: int = 0,
    init: Callable[[nn.Module], None] | None = init_cnn,
    **options: Any,
) -> Trainer:
    """Train a new model from the random numbers of `seed` on, and return its Trainer.

    Nothing is printed, drawn or kept on disk. The model is made by `make_model()`; its layers
    get their weights by `init`, or keep PyTorch's own where that is None. `data` and `options`
    are those of `Trainer`. The Trainer has `model` and `history`.
    Raises TypeError or ValueError naming the argument that is wrong.
    """
    number = whole(seed)
    if number is None or not 0 <= number < 2**63:
        raise ValueError(f"seed must be a whole number from 0 on, got {seed!r}")
    if init is not None and not inspect.isroutine(init):
        raise TypeError(f"init must be a function of a layer, or None, got {init!r}")
    trainer = Trainer(max_epochs, **{"verbose": False, "checkpoint": False, **options})
    training, validation = loaders_of(data)
    torch.manual_seed(number)
    model = _made(make_model)
    images = next(iter(training if validation is None else validation))[0]
    model.eval()  # so that no moving average begins with these images
    with torch.no_grad():
        model(images)  # lazy layers learn their sizes
    try:
        model.apply(init if init is not None else lambda layer: None)
    except TypeError as error:
        raise TypeError(f"init must be a function of a layer, got {init!r}: {error}") from error
    trainer.fit(model, data)
    return trainer


def accuracy(model: nn.Module, data: Any) -> float:
    """Return the share of the validation images of `data` that `model` gets right, from 0 to 1.

    It is taken in eval mode, and the model is left in the mode that it was in.
    Raises TypeError for a model that is none, ValueError for data without validation images.
    """
    if not isinstance(model, nn.Module):
        raise TypeError(f"model must be an nn.Module, got {model!r}")
    batches = loaders_of(data)[1]
    if batches is None:
        raise ValueError("data must have validation images for an accuracy, got none")
    was_training = model.training
    model.eval()
    device = next((p.device for p in model.parameters()), torch.device("cpu"))
    right = count = 0
    with torch.no_grad():
        for X, y in batches:
            right += int((model(X.to(device)).argmax(dim=1) == y.to(device)).sum())
            count += len(y)
    model.train(was_training)
    return right / count


def _made(make_model: Callable[[], nn.Module]) -> nn.Module:
    """Return a new model, or raise a TypeError that names `make_model`."""
    wanted = "make_model must be a function without arguments that returns an nn.Module, got "
    try:
        model = make_model()
    except TypeError as error:
        if callable(make_model) and inspect.isfunction(make_model):
            raise  # an error in the reader's own lines
        raise TypeError(f"{wanted}{make_model!r}") from error
    if not isinstance(model, nn.Module):
        raise TypeError(f"{wanted}one that returns {model!r}")
    return model


def _plain(value: Any) -> Any:
    return value.tolist() if isinstance(value, Tensor) else value


def _text(value: Tensor | None) -> str:
    """Return a number with three decimals, or with three digits where these say more."""
    if value is None:
        return "–"
    number = float(value)
    return f"{number:.3f}" if number == 0 or 0.01 <= abs(number) < 1000 else f"{number:.3g}"
