"""What is done to a training, inside the process that runs it: to break it, or to shake it.

Everything is done at the doors that a reader knows (`Trainer.fit`, `Trainer.train_step`, the
optimiser, the model, the batches), so that it works whatever the notebooks' text is.
`patch(owner, name, value)` is `setattr`, or pytest's `monkeypatch.setattr`.
"""

from collections.abc import Callable
from functools import partial
from typing import Any

import torch
from torch import nn

import helpers
from helpers.data import Batches

Patch = Callable[[object, str, object], None]
Change = Callable[[nn.Module], Callable[[], None] | None]

ACTIVATIONS = (nn.ReLU, nn.Sigmoid, nn.Tanh, nn.GELU, nn.LeakyReLU)
ROUNDING = 3e-7  # two or three roundings of float32


def _before_fit(patch: Patch, change: Change) -> None:
    """Let `change` do something to each model that is trained; it may return how to undo it."""
    fit = helpers.Trainer.fit

    def changed(self, model, data, *args, **kwargs):
        undo = change(model)
        try:
            return fit(self, model, data, *args, **kwargs)
        finally:
            if undo is not None:
                undo()

    patch(helpers.Trainer, "fit", changed)


def _optimiser(patch: Patch, change: Callable) -> None:
    """Let `change` do something to the optimiser of each model that is trained."""

    def before(model: Any) -> Callable[[], None]:
        make = model.configure_optimizers

        def configure_optimizers():
            optimiser = make()
            change(optimiser)
            return optimiser

        model.configure_optimizers = configure_optimizers
        return partial(delattr, model, "configure_optimizers")

    _before_fit(patch, before)


def learning_rate(factor: float, patch: Patch) -> None:
    """Multiply the learning rate."""

    def change(optimiser) -> None:
        for group in optimiser.param_groups:
            group["lr"] *= factor

    _optimiser(patch, change)


def steps(every: int, patch: Patch) -> None:
    """Let the optimiser take only every so manyth step; 0 for none."""

    def change(optimiser) -> None:
        step, count = optimiser.step, 0

        def some(*args, **kwargs):
            nonlocal count
            count += 1
            if every and count % every == 0:
                return step(*args, **kwargs)

        optimiser.step = some

    _optimiser(patch, change)


def no_zero_grad(patch: Patch) -> None:
    """Let the gradients of all steps add up."""

    def change(optimiser) -> None:
        optimiser.zero_grad = lambda *args, **kwargs: None

    _optimiser(patch, change)


def no_shuffling(patch: Patch) -> None:
    """Take the training images in the order of the file."""
    patch(Batches, "shuffle", property(lambda self: False, lambda self, value: None))


def wrong_labels(patch: Patch) -> None:
    """Give every tenth image of a training batch the label of the next class."""
    train_step = helpers.Trainer.train_step

    def changed(self, batch):
        *inputs, y = batch
        y = y.clone()
        y[::10] = (y[::10] + 1) % 10
        return train_step(self, [*inputs, y])

    patch(helpers.Trainer, "train_step", changed)


def no_first_activation(patch: Patch) -> None:
    """Take the first activation out of each model that is trained, if it has one.

    A model without any, such as one linear layer, stays as it is: an error would make its cells
    fail, and look as if they had noticed.
    """

    def change(model: nn.Module) -> None:
        for name, module in model.named_modules():
            if isinstance(module, ACTIVATIONS):
                model.set_submodule(name, nn.Identity())
                return

    _before_fit(patch, change)


def other_pooling(patch: Patch) -> None:
    """Put average in the place of maximum pooling and the reverse."""

    def change(model: nn.Module) -> None:
        for name, module in list(model.named_modules()):
            if isinstance(module, nn.MaxPool2d):
                average = nn.AvgPool2d(module.kernel_size, module.stride, module.padding)
                model.set_submodule(name, average)
            elif isinstance(module, nn.AvgPool2d):
                largest = nn.MaxPool2d(module.kernel_size, module.stride, module.padding)
                model.set_submodule(name, largest)

    _before_fit(patch, change)


def no_eval(patch: Patch) -> None:
    """Leave the model in its training mode when it is validated."""

    def change(model: Any) -> Callable[[], None]:
        model.train = lambda mode=True: type(model).train(model, True)
        return partial(delattr, model, "train")

    _before_fit(patch, change)


def other_seed(number: int, patch: Patch) -> None:
    """Take other random numbers, wherever a notebook sets a seed."""
    manual_seed = torch.manual_seed
    patch(torch, "manual_seed", lambda seed: manual_seed(seed + 1000 * number))


def other_rounding(number: int, patch: Patch) -> None:
    """Change the last digit of the first weights, as another processor's arithmetic would."""
    generator = torch.Generator().manual_seed(number)

    def change(model: nn.Module) -> None:
        for p in model.parameters():
            if not nn.parameter.is_lazy(p):
                noise = torch.randn(p.shape, generator=generator)
                p.data.mul_(1 + ROUNDING * noise.to(p.device))

    _before_fit(patch, change)


BROKEN: dict[str, Callable[[Patch], None]] = {
    "lr / 10": partial(learning_rate, 0.1),
    "lr × 3": partial(learning_rate, 3.0),
    "no shuffling": no_shuffling,
    "no first activation": no_first_activation,
    "untrained": partial(steps, 0),
    "no eval()": no_eval,
    "half the steps": partial(steps, 2),
    "no zero_grad()": no_zero_grad,
    "labels 10 % wrong": wrong_labels,
    "max ↔ average pooling": other_pooling,
}
SHAKEN: dict[str, Callable[[Patch], None]] = {
    **{f"rounding {n}": partial(other_rounding, n) for n in range(1, 4)},
    **{f"seed {n}": partial(other_seed, n) for n in range(1, 6)},
}


def apply(name: str, patch: Patch = setattr) -> None:
    """Do to all trainings of this process what `name` says."""
    {**BROKEN, **SHAKEN}[name](patch)
