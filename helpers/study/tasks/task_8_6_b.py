"""8.6 B: a trained residual block becomes the identity."""

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor, nn

from helpers.notebook.classes import from_notebook
from helpers.study.task import Draw, Mistake, Requirement, Task

__all__ = ["TASK"]


def trained(channels: int) -> Any:
    """Return a block of 8.6 whose parameters and moving averages are those of no new one."""
    # In a subclass, so that a forward pass that somebody replaces is not that of all blocks.
    block = type("Residual", (from_notebook("8.6-resnet").Residual,), {})(channels)
    with torch.no_grad():
        block(torch.rand(2, channels, 4, 4))  # the lazy layers take their shapes
        generator = torch.Generator().manual_seed(channels)
        for name, numbers in (*block.named_parameters(), *block.named_buffers()):
            if numbers.is_floating_point():
                new = torch.rand(numbers.shape, generator=generator) + 0.25
                numbers.copy_(new if name.startswith("bn") else new - 0.75)
    return block


def output(block: Any, X: Tensor, mode: str) -> Tensor:
    """Return a block's output in train or eval mode."""
    return block.train(mode == "train")(X)


def probe(attempt: Callable, X: Tensor, mode: str) -> Tensor:
    """Let an attempt silence a trained block; return the block's output in a mode."""
    block = trained(X.shape[1])
    attempt(block)
    return output(block, X, mode)


def same(X: Tensor, mode: str) -> Tensor:
    """Return the input."""
    return X


def inputs(draw: Draw):
    """Yield inputs that are not negative, for both modes."""
    for n, c, h, w in ((1, 1, 1, 2), (1, 2, 2, 3), (2, 1, 3, 2), (2, 3, 3, 4), (4, 2, 2, 2)):
        for mode in ("eval", "train"):
            yield draw.numbers(n, c, h, w, low=0, high=4), mode


def after(*changes: Callable[[Any], Any]) -> Callable:
    """Return the output of a trained block after some changes, as a function of the inputs."""

    def compute(X: Tensor, mode: str) -> Tensor:
        block = trained(X.shape[1])
        for change in changes:
            change(block)
        return output(block, X, mode)

    return compute


def _zero(*names: str) -> Callable[[Any], None]:
    """Return what sets parameters, such as 'bn2.weight', to 0."""

    def change(block: Any) -> None:
        for name in names:
            nn.init.zeros_(block.get_parameter(name))

    return change


def _new_class(attempt: Callable) -> dict[str, Any] | None:
    block = trained(2)
    kind, layers = type(block), [type(layer) for layer in block.modules()]
    attempt(block)
    whole = "forward" not in vars(block) and "forward" not in vars(kind)
    return None if whole and [type(layer) for layer in block.modules()] == layers else {}


def _another(attempt: Callable) -> dict[str, Any] | None:
    block = trained(2)
    before = {name: value.clone() for name, value in block.state_dict().items()}
    result = attempt(block)
    kept = all(value.equal(before[name]) for name, value in block.state_dict().items())
    return {} if kept and isinstance(result, nn.Module) and result is not block else None


def _averages(attempt: Callable) -> dict[str, Any] | None:
    block = trained(2)
    before = {name: value.clone() for name, value in block.named_buffers()}
    attempt(block)
    changed = [name for name, value in block.named_buffers() if not value.equal(before[name])]
    return {"name": changed[0]} if changed else None


def _ones(block: Any) -> None:
    nn.init.ones_(block.bn2.weight)


EVERYTHING = ("conv1.weight", "conv1.bias", "conv2.weight", "conv2.bias")

TASK = Task(
    name="8.6 B",
    asks="silence(block)",
    prompt="Above, the block was new. Write `silence(block)`, which makes a *trained* residual "
    "block (without 1×1 convolution) the identity for inputs that are not negative, in `train` and "
    "in `eval` mode. Change nothing but values of its parameters, as a training could.",
    stub='''def silence(block):
    """Make a trained residual block the identity, by its parameters only."""
    return ...  # your lines; nothing needs to be returned
''',
    solution='''def silence(block):
    """Make a trained residual block the identity, by its parameters only."""
    nn.init.zeros_(block.bn2.weight)
    nn.init.zeros_(block.bn2.bias)
''',
    hints=(
        "What stands last on the layers' path, directly before the sum? Whatever comes before it, "
        "it alone can make the path's output 0.",
        "A batch normalization multiplies by its scale and adds its shift. In a new layer the "
        "shift is 0 already; a training changes it.",
        "Two calls of nn.init.zeros_: one for block.bn2.weight, one for the other parameter of "
        "block.bn2.",
    ),
    reference=same,
    inputs=inputs,
    probe=probe,
    may_change=True,
    requirements=(
        Requirement("forward or layers replaced", "The block has another forward pass or other "
                    "layers than before. Leave them as they are: values of its parameters are "
                    "enough, and only these can be learned.", _new_class),
        Requirement("another block", "Another block comes back, and the one that was given is as "
                    "before: change the parameters of `block` itself.", _another),
        Requirement("averages changed", "{name} is another one afterwards: it is gathered by the "
                    "normalization and is no parameter. Scale and shift of bn2 are enough.",
                    _averages),
    ),
    mistakes=(
        Mistake("shift left", "The scale γ of the last batch normalization is 0, and its shift β "
                "(bn2.bias) is what it was: a trained block adds it to every pixel.",
                after(_zero("bn2.weight"))),
        Mistake("scale left", "The shift of the last batch normalization is 0, and its scale "
                "(bn2.weight) is what it was: the layers still speak.", after(_zero("bn2.bias"))),
        Mistake("scale left", "The scale of the last batch normalization (bn2.weight) is 1, as in "
                "a new layer: the layers still speak. With 0 they are silent.",
                after(_zero("bn2.bias"), _ones)),
        *(Mistake("not the last layer", "A layer before the last one is silent, but the last batch "
                  "normalization is not: it adds its shift, and in eval mode it also subtracts a "
                  "moving average that is still that of the training. Silence bn2, which stands "
                  "directly before the sum.", after(_zero(*names)))
          for names in (("bn1.weight", "bn1.bias"), ("bn1.weight",), ("conv2.weight",),
                        ("conv2.weight", "conv2.bias"), EVERYTHING, ("conv1.weight",),
                        ("conv1.weight", "conv2.weight"), ("conv1.weight", "conv1.bias"))),
        *(Mistake("right in train mode only", "In train mode the block is the identity, in eval "
                  "mode it is not: there the batch normalization subtracts a moving average that "
                  "is not that of the silent convolution. Silence bn2's scale.",
                  after(_zero(*names, "bn2.bias")))
          for names in (("conv2.weight", "conv2.bias"), ("conv2.weight",), EVERYTHING,
                        ("conv1.weight", "conv2.weight"))),
        Mistake("block unchanged", "The block does what it did before: is the change made to the "
                "parameters of `block` itself, as by nn.init.zeros_(block.…)?", after()),
    ),
    conditions={
        "the block is in eval mode": lambda X, mode: mode == "eval",
        "the block is in train mode": lambda X, mode: mode == "train",
    },
)  # fmt: skip
