"""8.2 D: a head that fits every size of image, with few weights."""

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor, nn

from helpers.study.task import Requirement, Task

__all__ = ["TASK"]

CHANNELS = 512
MOST = 1_000_000  # parameters; the three linear layers have 119.6 million
SIZES = ((7, 7), (3, 3), (14, 14), (5, 9), (1, 1))
Broken = dict[str, Any] | None


def _shape(head: nn.Module, h: int, w: int, images: int = 2) -> tuple[int, ...]:
    """Return the shape that a head on the device 'meta' gives: nothing is computed there."""
    return tuple(head(torch.empty(images, CHANNELS, h, w, device="meta")).shape)


def _sketched(attempt: Callable) -> nn.Module:
    """Return a head without memory for its weights, after its first maps."""
    with torch.device("meta"):
        head = attempt().eval()
        _shape(head, *SIZES[0])
    return head


def _maps(h: int = 4, w: int = 6, images: int = 16) -> Tensor:
    draw = torch.Generator().manual_seed(0)
    return torch.randn(images, CHANNELS, h, w, generator=draw)


def _no_layer(attempt: Callable) -> Broken:
    with torch.device("meta"):
        head = attempt()
    if isinstance(head, nn.ModuleList):
        return {"what": "an nn.ModuleList, which calls none of its layers"}
    if isinstance(head, nn.Module):
        return None
    kind = type(head).__name__
    several = isinstance(head, list | tuple)
    return {"what": f"a {kind} of {len(head)}" if several else f"a {kind}"}


def _not_flat(attempt: Callable) -> Broken:
    shape = _shape(_sketched(attempt), *SIZES[0])
    return {"expected": (2, 10), "got": shape} if len(shape) > 2 else None


def _lost_batch(attempt: Callable) -> Broken:
    shape = _shape(_sketched(attempt), *SIZES[0])
    return {"got": shape} if len(shape) < 2 or shape[0] != 2 else None


def _maps_left(attempt: Callable) -> Broken:
    shape = _shape(_sketched(attempt), *SIZES[0])
    return {"expected": (2, 10), "got": shape} if shape == (2, CHANNELS) else None


def _places(attempt: Callable) -> Broken:
    shape = _shape(_sketched(attempt), *SIZES[0])
    return {"expected": (2, 10), "got": shape} if shape[1] % 49 == 0 else None


def _not_ten(attempt: Callable) -> Broken:
    shape = _shape(_sketched(attempt), *SIZES[0])
    return None if shape == (2, 10) else {"expected": (2, 10), "got": shape}


def _fails_at(head: nn.Module) -> Broken:
    for h, w in SIZES:
        try:
            shape = _shape(head, h, w)
        except RuntimeError as error:
            return {"size": f"{h} × {w}", "error": " ".join(str(error).split())}
        if shape != (2, 10):
            return {"size": f"{h} × {w}", "expected": (2, 10), "got": shape}
    return None


def _window(attempt: Callable) -> Broken:
    head = _sketched(attempt)
    pooled = (nn.AvgPool2d, nn.MaxPool2d)
    return _fails_at(head) if any(isinstance(m, pooled) for m in head.modules()) else None


def _one_size(attempt: Callable) -> Broken:
    return _fails_at(_sketched(attempt))


def _large(attempt: Callable) -> Broken:
    count = sum(p.numel() for p in _sketched(attempt).parameters())
    return {"parameters": f"{count:,}"} if count > MOST else None


def _without_weights(attempt: Callable) -> Broken:
    return None if any(True for _ in _sketched(attempt).parameters()) else {}


def _outputs(attempt: Callable, X: Tensor) -> Tensor:
    return attempt().eval()(X).detach()


def _softmax(attempt: Callable) -> Broken:
    Y = _outputs(attempt, _maps())
    shares = Y if bool((Y >= 0).all()) else Y.exp()
    sums = (shares.sum(axis) for axis in (0, 1))
    return {} if any(torch.allclose(s, torch.ones_like(s), atol=1e-4) for s in sums) else None


def _relu(attempt: Callable) -> Broken:
    return {} if bool((_outputs(attempt, 3 * _maps()) >= 0).all()) else None


def _sigmoid(attempt: Callable) -> Broken:
    Y = _outputs(attempt, 30 * _maps())
    return {} if bool(((Y >= 0) & (Y <= 1)).all()) else None


def _mixed(attempt: Callable) -> Broken:
    """Find a head for which it is all the same which map is which."""
    head, X = attempt().eval(), _maps()
    return {} if torch.allclose(head(X), head(X.flip(1)), atol=1e-5) else None


def _blind(attempt: Callable) -> Broken:
    X = _maps(images=1).requires_grad_()
    attempt().eval()(X).square().sum().backward()
    assert X.grad is not None
    channels, places = (X.grad[0].abs().sum(axes) for axes in ((1, 2), 0))
    used = int((places > 0).sum())
    if used < places.numel():
        return {"what": f"{used} of the {places.numel()} places of 4 × 6 maps"}
    used = int((channels > 0).sum())
    return {"what": f"{used} of the 512 maps"} if used < CHANNELS else None


TASK = Task(
    name="8.2 D",
    asks="head()",
    prompt="Return layers, in one `nn.Sequential`, that can take the place of `nn.Flatten` and "
    "the three linear layers behind VGG-11's last block: they take 512 maps of any height and "
    "width, of 7 × 7 as well as of 3 × 3, and give ten numbers for each image. They are to have "
    "less than a million parameters, in place of 119.6 million.",
    stub='''@helpers.task("8.2 D")
def head():
    """Return layers from 512 maps of any size to ten numbers per image."""
    return ...  # your lines
''',
    solution='''def head():
    """Return layers from 512 maps of any size to ten numbers per image."""
    return nn.Sequential(nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.LazyLinear(10))
''',
    hints=(
        "The first linear layer is so large because it has a weight for each *place* of each map. "
        "Does it matter where in the image something was found?",
        "One number per map is enough, such as its mean: then 512 numbers are left, whatever the "
        "size of the maps.",
        "nn.AdaptiveAvgPool2d(1) gives the mean of each map, of shape (n, 512, 1, 1). What is "
        "missing is nn.Flatten() and one linear layer.",
    ),
    requirements=(
        Requirement("no layer", "The function is to return one layer, and returns {what}: put the "
                    "layers into nn.Sequential(...).", _no_layer),
        Requirement("not flattened", "The result still has the axes of an image: nn.Flatten() "
                    "takes them away.", _not_flat),
        Requirement("batch lost", "There are to be ten numbers for each of the two images that "
                    "came in: nn.Flatten() keeps the first axis, nn.Flatten(0) does not.",
                    _lost_batch),
        Requirement("no linear layer", "There is one number for each map. What is missing is a "
                    "linear layer that makes ten numbers of these 512.", _maps_left),
        Requirement("places left", "There is a number for each of the 7 × 7 places: reduce each "
                    "map to one number, nn.AdaptiveAvgPool2d(1), before it is flattened.", _places),
        Requirement("not ten numbers", "There are to be ten numbers for each image (two images "
                    "came in).", _not_ten),
        Requirement("window of one size", "The pooling's window always has the same number of "
                    "pixels: on maps of {size} another number of values is left than on 7 × 7. "
                    "An *adaptive* pooling takes a window that fits the map.", _window),
        Requirement("one size only", "It fits maps of 7 × 7, but not of {size}: a linear layer "
                    "takes one number of inputs only. Reduce each map to as many numbers, whatever "
                    "its size, before it is flattened.", _one_size),
        Requirement("too many parameters", "It has {parameters} parameters: do the linear layers "
                    "still see each place of each map, or have they still 4,096 units?", _large),
        Requirement("nothing to learn", "It has no parameters: nothing in it can learn what the "
                    "maps say about the classes.", _without_weights),
        Requirement("softmax", "There is a softmax at the end: the loss takes the numbers before "
                    "it, and applies it by itself.", _softmax),
        Requirement("maps mixed", "The maps can be exchanged, and the result is the same: a mean "
                    "over all maps is taken. Each is to keep a number of its own.", _mixed),
        Requirement("sigmoid at the end", "All outputs lie between 0 and 1: the loss takes the "
                    "numbers of the last linear layer as they are.", _sigmoid),
        Requirement("ReLU at the end", "No output is ever negative: there is a ReLU after the last "
                    "layer, and no number of a class can fall below 0.", _relu),
        Requirement("blind", "Only {what} have any influence on the result: all are to be "
                    "looked at.", _blind),
    ),
    seconds=8.0,
)  # fmt: skip
