"""8.2 A: a block of VGG."""

import re
from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from helpers.study.task import Draw, Mistake, Requirement, Task

__all__ = ["TASK"]

WEIGHTS = "1, in each second output channel −1; biases 1/2"


def _weight(c_in: int, c_out: int, k: int) -> Tensor:
    signs = 1.0 - 2.0 * (torch.arange(c_out) % 2)
    return signs[:, None, None, None].expand(c_out, c_in, k, k).clone()


def block(
    X: Tensor, num_convs: int, out_channels: int, weights: str = WEIGHTS, *, k: int = 3,
    padding: int = 1, stride: int = 1, bias: float = 0.5, act: Callable = torch.relu,
    pool: Callable = lambda Y: F.max_pool2d(Y, 2),
) -> Tensor:  # fmt: skip
    """Return what a block makes of an image (c, h, w) with these weights; `weights` names them."""
    for _ in range(num_convs):
        W = _weight(len(X), out_channels, k)
        X = act(F.conv2d(X[None], W, torch.full((out_channels,), bias), stride, padding)[0])
    return pool(X[None])[0]


def _called(layer: nn.Module, X: Tensor) -> list[nn.Module]:
    """Return the convolutions of a layer in the order in which they are called."""
    found: list[nn.Module] = []
    convs = [m for m in layer.modules() if isinstance(m, nn.Conv2d)]
    hooks = [m.register_forward_hook(lambda m, inputs, output: found.append(m)) for m in convs]
    try:
        with torch.no_grad():
            layer(X[None])
    finally:
        for hook in hooks:
            hook.remove()
    return found


def probe(attempt: Callable, X: Tensor, num_convs: int, out_channels: int, weights: str) -> Tensor:
    """Return what the attempt's block makes of an image, with the chosen weights."""
    layer = attempt(num_convs, out_channels)
    for conv in _called(layer, X):
        assert isinstance(conv, nn.Conv2d)
        shape = conv.weight.shape
        conv.weight.data = _weight(shape[1], shape[0], shape[2])[..., : shape[3]]
        if conv.bias is not None:
            nn.init.constant_(conv.bias, 0.5)
    with torch.no_grad():
        return layer(X[None])[0]


def inputs(draw: Draw):
    """Yield images of one and more channels, not square and odd, for one to three layers."""
    yield torch.tensor([[[1.0, -2.0], [3.0, 0.0]]]), 1, 1, WEIGHTS
    yield torch.tensor([[[-1.0, -2.0], [-3.0, 0.0]]]), 1, 2, WEIGHTS
    for num_convs in (1, 2, 3):
        for c, out, h, w in ((1, 2, 2, 4), (2, 1, 4, 2), (2, 2, 5, 3), (3, 2, 4, 7), (1, 4, 6, 6)):
            yield draw.numbers(c, h, w), num_convs, out, WEIGHTS


# --- what must hold ---


def _no_layer(attempt: Callable) -> dict[str, Any] | None:
    layer = attempt(1, 2)
    if isinstance(layer, nn.ModuleList):
        return {"what": "an nn.ModuleList, which only keeps layers and calls none of them"}
    if isinstance(layer, nn.Module):
        return None
    kind = type(layer).__name__
    return {"what": f"a list of {len(layer)}" if isinstance(layer, list) else f"a {kind}"}


def _no_convolution(attempt: Callable) -> dict[str, Any] | None:
    return None if any(isinstance(m, nn.Conv2d) for m in attempt(2, 2).modules()) else {}


def _channels_fixed(attempt: Callable) -> dict[str, Any] | None:
    for given, out in ((3, 2), (1, 4)):
        conv = next(m for m in attempt(2, out).modules() if isinstance(m, nn.Conv2d))
        if not isinstance(conv, nn.LazyConv2d) and conv.in_channels != given:
            return {"channels of the input": given, "takes": conv.in_channels}
    return None


def _one_for_all(attempt: Callable) -> dict[str, Any] | None:
    found = _called(attempt(3, 2), torch.zeros(2, 32, 32))
    return {} if len(found) > 1 and len({*found}) == 1 else None


def _others(attempt: Callable) -> dict[str, Any] | None:
    kinds = (type(layer).__name__.removeprefix("Lazy") for layer in attempt(2, 2).modules())
    strange = [kind for kind in kinds if re.match("BatchNorm|Dropout|Linear|Flatten", kind)]
    return {"layer": strange[0]} if strange else None


# --- what may be wrong ---


def _option(**options: Any) -> Callable:
    return lambda X, n, c, weights: block(X, n, c, **options)


_none = nn.Identity()


def _last_without(X: Tensor, n: int, c: int, weights: str) -> Tensor:
    return block(block(X, n - 1, c, pool=_none), 1, c, act=_none)


def _pooled_each_time(X: Tensor, n: int, c: int, weights: str) -> Tensor:
    for _ in range(n):
        X = block(X, 1, c)
    return X


def _pooled_first(X: Tensor, n: int, c: int, weights: str) -> Tensor:
    return block(F.max_pool2d(X[None], 2)[0], n, c, pool=_none)


def _doubled(X: Tensor, n: int, c: int, weights: str) -> Tensor:
    for i in range(n):
        X = block(X, 1, c * 2**i, pool=_none)
    return F.max_pool2d(X[None], 2)[0]


def _count(change: Callable[[int], int]) -> Callable[..., tuple]:
    return lambda X, n, c, weights: (X, change(n), c, weights)


TASK = Task(
    name="8.2 A",
    asks="vgg_block(num_convs, out_channels)",
    prompt="Build the block: `num_convs` convolutions of 3 × 3 with `out_channels` channels, which "
    "leave height and width as they are, each followed by a ReLU; at the end one 2 × 2 maximum "
    "pooling, which halves them. How many channels come in is not said: `nn.LazyConv2d` finds "
    "that out. Return an `nn.Sequential`.",
    stub='''@helpers.task("8.2 A")
def vgg_block(num_convs, out_channels):
    """Return convolutions of 3 x 3 with a ReLU each, then a pooling."""
    return ...  # your lines
''',
    solution="""def vgg_block(num_convs, out_channels):
    layers = []
    for _ in range(num_convs):
        layers.append(nn.LazyConv2d(out_channels, kernel_size=3, padding=1))
        layers.append(nn.ReLU())
    layers.append(nn.MaxPool2d(kernel_size=2, stride=2))
    return nn.Sequential(*layers)
""",
    hints=(
        "Collect the layers in a list: in a loop the convolutions, each with its ReLU, and after "
        "the loop the pooling.",
        "A 3 × 3 kernel takes one pixel away on each side, and padding=1 gives it back: "
        "nn.LazyConv2d(out_channels, kernel_size=3, padding=1).",
        "The pooling is nn.MaxPool2d(kernel_size=2, stride=2).",
        "nn.Sequential takes layers, not a list of them; a star hands over the list's parts:\n"
        "return nn.Sequential(*layers)",
    ),
    reference=block,
    inputs=inputs,
    probe=probe,
    requirements=(
        Requirement("no layer", "The function is to return one layer, and returns {what}: put "
                    "the layers into nn.Sequential(*layers).", _no_layer),
        Requirement("no convolution", "There is no nn.Conv2d among the layers that the block "
                    "knows of. (Layers that a class keeps in a plain list are not found by "
                    "parameters(), and not trained: nn.Sequential or nn.ModuleList keep them.)",
                    _no_convolution),
        Requirement("input channels fixed", "The first convolution takes only one number of "
                    "channels, but the block may come after any other: nn.LazyConv2d takes what "
                    "comes.", _channels_fixed),
        Requirement("one layer several times", "All convolutions of the block are one and the "
                    "same layer, with one kernel for all: make a new one in each turn of the "
                    "loop. ([layer] * n repeats one layer, too.)", _one_for_all),
        Requirement("a layer too many", "VGG's block consists of convolutions, ReLUs and a "
                    "pooling; this one has a layer {layer}.", _others),
    ),
    mistakes=(
        Mistake("one convolution", "There is always one convolution; num_convs says how many.",
                before=_count(lambda n: 1)),
        Mistake("one convolution too many", "There is one convolution too many: is there one "
                "before the loop?", before=_count(lambda n: n + 1)),
        Mistake("one convolution too few", "There is one convolution too few: range(n) gives n "
                "turns, from 0 to n − 1.", before=_count(lambda n: n - 1)),
        *(Mistake(f"always {k}", f"There are always {k} convolutions; num_convs says how many.",
                  before=_count(lambda n, k=k: k))  # type: ignore[misc]
          for k in (2, 3)),
        Mistake("exchanged arguments", "The arguments are exchanged: the number of convolutions "
                "comes first.", before=lambda X, n, c, weights: (X, c, n, weights)),
        Mistake("channels not used", "The channels of the output are a fixed number; "
                "out_channels says how many.", before=lambda X, n, c, weights: (X, n, 64, weights)),
        Mistake("channels double", "The channels double within the block: all of its "
                "convolutions put out out_channels.", _doubled),
        Mistake("return in the loop", "One convolution and its ReLU are there, and no pooling: "
                "does `return` stand inside the loop?",
                lambda X, n, c, weights: block(X, 1, c, pool=_none)),
        Mistake("pooling after every convolution", "The pooling comes after every convolution: "
                "it stands inside the loop, and belongs after it.", _pooled_each_time),
        Mistake("pooling first", "The pooling comes first; it belongs at the end, after the "
                "convolutions.", _pooled_first),
        Mistake("no pooling", "There is no pooling at the end: height and width are to be "
                "halved.", _option(pool=_none)),
        Mistake("average pooling", "The pooling takes means; VGG's takes the largest number of "
                "each window (nn.MaxPool2d).", _option(pool=lambda Y: F.avg_pool2d(Y, 2))),
        Mistake("pooling with stride 1", "The pooling's window moves by one pixel: its stride is "
                "2.", _option(pool=lambda Y: F.max_pool2d(Y, 2, 1))),
        *(Mistake("pooling of 3 × 3", "The pooling's window is 3 × 3; a block of VGG has 2 × 2.",
                  _option(pool=lambda Y, p=p: F.max_pool2d(Y, 3, 2, p))) for p in (0, 1)),
        Mistake("without ReLU", "There is no ReLU: then several convolutions can do no more than "
                "one larger one.", _option(act=_none)),
        Mistake("one ReLU for all", "There is one ReLU at the end; one belongs after each "
                "convolution.", _option(act=_none, pool=lambda Y: F.max_pool2d(Y, 2).relu())),
        Mistake("ReLU first", "The ReLU stands before its convolution; it belongs after it.",
                lambda X, n, c, weights: _last_without(X.relu(), n, c, weights)),
        Mistake("last ReLU missing", "After the last convolution there is no ReLU.",
                _last_without),
        *(Mistake(name, f"The activation is a {name}; VGG has ReLUs.", _option(act=act))
          for name, act in (("sigmoid", torch.sigmoid), ("tanh", torch.tanh),
                            ("leaky ReLU", F.leaky_relu), ("GELU", F.gelu))),
        Mistake("without padding", "The convolutions are not padded: each takes one pixel away "
                "on every side. padding=1 keeps height and width.", _option(padding=0)),
        Mistake("padding of 2", "The padding is 2: a 3 × 3 kernel takes away one pixel on every "
                "side, and padding=1 gives it back.", _option(padding=2)),
        *(Mistake(f"kernel of {k} × {k}", f"The kernels are {k} × {k}; VGG's are 3 × 3.",
                  _option(k=k, padding=p)) for k, p in ((5, 2), (5, 1), (2, 1), (1, 0), (1, 1))),
        Mistake("convolutions with stride 2", "The convolutions move by two pixels: only the "
                "pooling is to make the image smaller.", _option(stride=2)),
        Mistake("without bias", "The convolutions have no biases; those of VGG do.",
                _option(bias=0.0)),
    ),
    conditions={
        "there is more than one convolution": lambda X, n, c, weights: n > 1,
        "the number of channels changes": lambda X, n, c, weights: len(X) != c,
        "height or width is odd": lambda X, n, c, weights: X.shape[1] % 2 + X.shape[2] % 2 > 0,
    },
)  # fmt: skip
