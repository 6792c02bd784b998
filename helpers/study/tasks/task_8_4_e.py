"""8.4 E: two 3×3 convolutions in the place of a 5×5."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any

import torch
from torch import Tensor, nn

from helpers.study.task import Requirement, Task

__all__ = ["TASK"]

C_IN, C_OUT, SIDE = 16, 32, 9
PLAIN = C_IN * C_OUT * 5 * 5  # weights of the 5×5 convolution
Found = dict[str, Any] | None


def _maps() -> Tensor:
    """Return two images of 16 channels, not square."""
    generator = torch.Generator().manual_seed(0)
    return torch.randn(2, C_IN, SIDE, SIDE + 2, generator=generator)


def _convolutions(block: nn.Module) -> list[nn.Conv2d]:
    """Return the convolutions in the order of their calls, then those that are not called."""
    known = [module for module in block.modules() if isinstance(module, nn.Conv2d)]
    called: list[nn.Conv2d] = []
    hooks = [layer.register_forward_pre_hook(lambda x, _: called.append(x)) for layer in known]
    with suppress(RuntimeError):  # as where the channels do not fit
        block(_maps())
    for hook in hooks:
        hook.remove()
    return list(dict.fromkeys([*called, *known]))


def _plain_weights(block: nn.Module) -> int:
    return sum(layer.weight.numel() for layer in _convolutions(block))


def _ready(attempt: Callable) -> nn.Module:
    """Return what an attempt returns, in eval mode, its lazy layers with their shapes."""
    block = attempt()
    block(_maps())
    return block.eval()


@contextmanager
def _positive(block: nn.Module) -> Iterator[None]:
    """Make all weights positive, so that nothing that is seen is lost in a ReLU."""
    with torch.no_grad():
        for layer in _convolutions(block):
            layer.weight.fill_(0.01)
            if layer.bias is not None:
                layer.bias.fill_(0.01)
    yield


def _seen(block: nn.Module) -> Tensor:
    """Return where the gradient of the middle of the first output channel is not zero."""
    generator = torch.Generator().manual_seed(1)
    x = torch.rand(16, C_IN, SIDE, SIDE, generator=generator).requires_grad_()
    with _positive(block):
        y = block(x)
        y[:, 0, y.shape[2] // 2, y.shape[3] // 2].sum().backward()
    assert x.grad is not None
    return (x.grad != 0).any(0)


def _no_layer(attempt: Callable) -> Found:
    block = attempt()
    return None if isinstance(block, nn.Module) else {"got": block}


def _same_object(attempt: Callable) -> Found:
    return {} if attempt() is attempt() else None


def _still_large(attempt: Callable) -> Found:
    sizes = [max(layer.kernel_size) for layer in _convolutions(attempt())]
    return {"kernel": max(sizes)} if sizes and max(sizes) > 3 else None


def _number(attempt: Callable) -> Found:
    count = len(_convolutions(attempt()))
    return None if count == 2 else {"convolutions": count}


def _kernels(attempt: Callable) -> Found:
    sizes = [layer.kernel_size for layer in _convolutions(attempt())]
    return None if sizes == [(3, 3), (3, 3)] else {"got": sizes, "expected": [(3, 3), (3, 3)]}


def _input_channels(attempt: Callable) -> Found:
    first = _convolutions(attempt())[0]
    return None if first.in_channels in (0, C_IN) else {"channels": first.in_channels}


def _channels_between(attempt: Callable) -> Found:
    first, second = _convolutions(attempt())
    if first.out_channels == second.in_channels or second.in_channels in (0, C_IN):
        return None
    return {"first": first.out_channels, "second": second.in_channels}


def _output_channels(attempt: Callable) -> Found:
    channels = _ready(attempt)(_maps()).shape[1]
    return None if channels == C_OUT else {"channels": channels}


def _stride(attempt: Callable) -> Found:
    strides = [max(layer.stride) for layer in _convolutions(attempt())]
    return {"strides": strides} if max(strides) > 1 else None


def _size(larger: bool) -> Callable[[Callable], Found]:
    """Return what is broken if the maps become larger, or smaller."""

    def broken(attempt: Callable) -> Found:
        x = _maps()
        shape = tuple(_ready(attempt)(x).shape)
        wrong = shape[2] > x.shape[2] if larger else shape[2:] != x.shape[2:]
        return {"got": shape, "expected": (len(x), C_OUT, *x.shape[2:])} if wrong else None

    return broken


def _field(attempt: Callable) -> Found:
    seen = _seen(_ready(attempt)).any(0)
    height, width = int(seen.any(1).sum()), int(seen.any(0).sum())
    return None if (height, width) == (5, 5) and seen.sum() == 25 else {"side": height}


def _not_all_channels(attempt: Callable) -> Found:
    channels = int(_seen(_ready(attempt)).any(2).any(1).sum())
    return {"channels": channels} if channels < C_IN else None


def _side_by_side(attempt: Callable) -> Found:
    field = _field(attempt)
    return {} if field is not None and field["side"] == 3 else None


def _linear(attempt: Callable) -> Found:
    block, x = _ready(attempt), _maps()
    if _nothing_between(block):
        return {}
    a, b = x[:1], x[1:]
    sums = block(a) + block(b) - block(torch.zeros_like(a))
    return {} if torch.allclose(block(a + b), sums, atol=1e-4) else None


def _nothing_between(block: nn.Module) -> bool:
    """Whether the second convolution gets what the first has put out, as it is."""
    first, second = _convolutions(block)
    found: list[Tensor] = []
    first.register_forward_hook(lambda layer, given, output: found.append(output))
    second.register_forward_hook(lambda layer, given, output: found.append(given[0]))
    block(_maps())
    return torch.equal(*found)


def _weights(attempt: Callable) -> Found:
    block = _ready(attempt)
    count, middle = _plain_weights(block), _convolutions(block)[0].out_channels
    return None if count < PLAIN else {"middle": middle, "weights": count}


TASK = Task(
    name="8.4 E",
    asks="two_small()",
    prompt="Return two 3×3 convolutions that can take the place of the 5×5 convolution from 16 to "
    "32 channels (padding 2): the same shapes, as far a view, a ReLU between the two, and fewer "
    "weights than the 5×5's 12,800. How many channels should there be in the middle?",
    stub='''@helpers.task("8.4 E")
def two_small():
    """Return layers in the place of nn.Conv2d(16, 32, 5, padding=2)."""
    return ...  # nn.Sequential(…)
''',
    solution='''def two_small():
    """Return layers in the place of nn.Conv2d(16, 32, 5, padding=2)."""
    return nn.Sequential(
        nn.Conv2d(16, 16, kernel_size=3, padding=1), nn.ReLU(),
        nn.Conv2d(16, 32, kernel_size=3, padding=1))
''',
    hints=(
        "A 3×3 kernel sees one pixel to each side. How far does a second one see behind it?",
        "An nn.Sequential of a convolution, nn.ReLU() and a convolution. Which padding keeps "
        "height and width at a 3×3 kernel?",
        "With m channels in the middle there are 9 · 16 · m + 9 · m · 32 weights: 432 m. For which "
        "m is that less than 12,800? The 16 channels that come in are a natural choice.",
    ),
    requirements=(
        Requirement("no layer", "The function is to return layers: an object, such as an "
                    "nn.Sequential(…).", _no_layer),
        Requirement("the same layers each time", "Each call returns the same object: two blocks "
                    "that use it would share their weights. Make the layers inside the function.",
                    _same_object),
        Requirement("still a large kernel", "There is a {kernel}×{kernel} kernel in it: 3×3 is the "
                    "largest allowed.", _still_large),
        Requirement("number of convolutions", "Two convolutions are wanted; here are "
                    "{convolutions}.", _number),
        Requirement("kernel sizes", "Both kernels are to be 3×3; here they are {got}.", _kernels),
        Requirement("input channels", "The first convolution takes {channels} channels; it gets "
                    "16.", _input_channels),
        Requirement("channels do not fit", "The first convolution puts out {first} channels, and "
                    "the second takes {second}.", _channels_between),
        Requirement("output channels", "The result has {channels} channels; it is to have 32.",
                    _output_channels),
        Requirement("stride", "A convolution has a stride above 1: height and width are to stay, "
                    "and every place is to be seen.", _stride),
        Requirement("too much padding", "The maps grow. A 3×3 kernel keeps them with a padding "
                    "of 1; the 2 belongs to the 5×5 kernel.", _size(larger=True)),
        Requirement("too little padding", "The maps shrink. Each of the two 3×3 kernels needs a "
                    "padding of 1 to keep them.", _size(larger=False)),
        Requirement("groups", "An output channel depends on {channels} of the 16 input channels "
                    "only. The 5×5 convolution sees all of them: leave out `groups`.",
                    _not_all_channels),
        Requirement("side by side", "An output sees 3×3 pixels, as with one of the convolutions "
                    "alone: the second is to get what the first has put out.", _side_by_side),
        Requirement("another view", "An output sees {side}×{side} pixels, or holes in them; the "
                    "5×5 kernel sees 5×5. Leave out `dilation`, and what else looks around.",
                    _field),
        Requirement("no ReLU between", "The two convolutions are one linear map: a 5×5 kernel with "
                    "fewer choices. A ReLU belongs between them.", _linear),
        Requirement("no weights saved", "With {middle} channels in the middle there are {weights} "
                    "weights, and the 5×5 convolution has 12,800. Let the channels grow in the "
                    "second convolution.", _weights),
    ),
)  # fmt: skip
