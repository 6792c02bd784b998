"""7.6 D: ReLU and maximum pooling in place of sigmoid and average pooling."""

import copy
from collections.abc import Callable
from typing import Any

from torch import nn

from helpers.study.attempt import NoResult
from helpers.study.task import Draw, Mistake, Requirement, Task

__all__ = ["TASK"]

NEW = " with other weights"


def described(net: nn.Sequential) -> tuple[str, ...]:
    """Return the layers of a network, each in words: kind and sizes."""
    return tuple(map(_layer, net))


def _layer(layer: nn.Module) -> str:
    if isinstance(layer, nn.ReLU):
        return "ReLU"
    if isinstance(layer, nn.MaxPool2d | nn.AvgPool2d):
        kind = "MaxPool2d" if isinstance(layer, nn.MaxPool2d) else "AvgPool2d"
        size, stride = (v[0] if isinstance(v, tuple) and len(set(v)) == 1 else v
                        for v in (layer.kernel_size, layer.stride))  # fmt: skip
        more = f", padding={layer.padding}" if layer.padding not in (0, (0, 0)) else ""
        return f"{kind}({size}, stride={stride}{more})"
    if isinstance(layer, nn.Linear | nn.Conv2d):
        numbers = *layer.weight.shape[1::-1], *layer.weight.shape[2:3]
        return f"{type(layer).__name__}({', '.join(map(str, numbers))})"
    return " ".join(repr(layer).removesuffix("()").split())


def probe(attempt: Callable, net: nn.Sequential) -> tuple[str, ...]:
    """Return the layers of a network after the attempt has changed it."""
    before = [copy.deepcopy(layer.state_dict()) for layer in net]
    attempt(net)
    after = described(net)
    states = [layer.state_dict() for layer in net]
    if len(after) != len(before):
        return after
    return tuple(
        text + NEW * any(not a[name].equal(b[name]) for name in a if name in b)
        for text, a, b in zip(after, before, states)
    )


def modern(net: nn.Sequential) -> tuple[str, ...]:
    """Return the layers that there are to be, in words."""
    texts = described(net)
    return tuple(t.replace("Sigmoid", "ReLU").replace("AvgPool", "MaxPool") for t in texts)


def inputs(draw: Draw):
    """Yield networks, from one layer to a LeNet with its pooling in other sizes."""
    yield (nn.Sequential(nn.Sigmoid()),)
    yield (nn.Sequential(nn.AvgPool2d(2)),)
    yield (nn.Sequential(nn.Linear(1, 1), nn.Sigmoid()),)
    yield (nn.Sequential(nn.Linear(2, 1), nn.ReLU(), nn.MaxPool2d(3)),)
    for size, stride in ((2, 2), (3, 2), (2, 1), (3, 3)):
        pools = nn.AvgPool2d(size, stride), nn.AvgPool2d(kernel_size=size, stride=stride)
        yield (nn.Sequential(pools[0]),)
        yield (nn.Sequential(nn.Conv2d(1, 2, 3), nn.Sigmoid(), pools[0]),)
        yield (nn.Sequential(
            nn.Conv2d(1, 2, 5), nn.Sigmoid(), pools[0], nn.Conv2d(2, draw.whole(2, 4), 3),
            nn.Sigmoid(), pools[1], nn.Flatten(), nn.Linear(4, 3), nn.Sigmoid(), nn.Linear(3, 2),
        ),)  # fmt: skip


def _only(old: str, new: str, times: int = -1) -> Callable:
    """Return the mistake that exchanges one kind only, and of it so many."""

    def compute(net: nn.Sequential) -> tuple[str, ...]:
        result, left = [], times
        for text in described(net):
            found = old in text and left != 0
            left -= found
            result.append(text.replace(old, new) if found else text)
        return tuple(result)

    return compute


def _first_of_each(net: nn.Sequential) -> tuple[str, ...]:
    pairs = zip(_only("Sigmoid", "ReLU", 1)(net), _only("AvgPool", "MaxPool", 1)(net))
    return tuple(a if "ReLU" in a else b for a, b in pairs)


def _first_at_all(net: nn.Sequential) -> tuple[str, ...]:
    old, new = described(net), modern(net)
    first = next((i for i, pair in enumerate(zip(old, new)) if pair[0] != pair[1]), len(old))
    return (*new[: first + 1], *old[first + 1 :])


def _pools(make: Callable[[Any], str]) -> Callable:
    """Return the mistake that makes other maximum poolings of average poolings."""

    def compute(net: nn.Sequential) -> tuple[str, ...]:
        pairs = zip(net, modern(net))
        return tuple(make(p) if isinstance(p, nn.AvgPool2d) else text for p, text in pairs)

    return compute


def _behind(net: nn.Sequential) -> tuple[str, ...]:
    pairs = zip(described(net), modern(net))
    return tuple(text for old, new in pairs for text in ((old,) if old == new else (old, new)))


def _says(*words: str) -> Callable[..., bool]:
    def tells(got: Any, net: nn.Sequential) -> bool:
        return isinstance(got, tuple) and any(word in str(part) for part in got for word in words)

    return tells


def _no_layer(attempt: Callable) -> dict[str, Any] | None:
    """Say what was put into the network in place of a layer."""
    net = nn.Sequential(nn.Conv2d(1, 1, 2), nn.Sigmoid(), nn.AvgPool2d(2, 2))
    try:
        attempt(net)
    except NoResult:
        raise
    except Exception as error:
        said = " ".join(str(error).split())
        wrong = isinstance(error, TypeError) and ("cannot assign" in said or "subclass" in said)
        return {"PyTorch says": said} if wrong else None
    return None


def _copy(attempt: Callable) -> dict[str, Any] | None:
    """Say that the network is as it was and a modern one came back."""
    net = nn.Sequential(nn.Conv2d(1, 1, 2), nn.Sigmoid(), nn.AvgPool2d(2, 2))
    wanted = modern(net)
    try:
        result = attempt(net)
    except NoResult:
        raise
    except Exception:
        return None
    same = isinstance(result, nn.Sequential) and described(result) == wanted != described(net)
    return {"net": described(net), "returned": described(result)} if same else None


TASK = Task(
    name="7.6 D",
    asks="modernise(net)",
    prompt="Write the two exchanges: in `net`, an `nn.Sequential` such as LeNet's, put `nn.ReLU` "
    "in place of each sigmoid, and `nn.MaxPool2d` in place of each average pooling, with the same "
    "window and stride. Change `net` itself, and leave everything else in it as it is. It is to "
    "work for any number and order of layers.",
    stub='''@helpers.task("7.6 D")
def modernise(net):
    """Put ReLU for each sigmoid, and maximum for average pooling."""
    return ...  # your lines
''',
    solution='''def modernise(net):
    """Put ReLU for each sigmoid, and maximum for average pooling."""
    for i, layer in enumerate(net):
        if isinstance(layer, nn.Sigmoid):
            net[i] = nn.ReLU()
        elif isinstance(layer, nn.AvgPool2d):
            net[i] = nn.MaxPool2d(layer.kernel_size, layer.stride)
''',
    hints=(
        "enumerate(net) gives numbers and layers; isinstance(layer, nn.Sigmoid) says what a layer "
        "is.",
        "A sigmoid is exchanged by net[i] = nn.ReLU(). (layer = nn.ReLU() would only give the "
        "loop's variable another value.)",
        "A pooling layer knows its window and its stride:\n"
        "net[i] = nn.MaxPool2d(layer.kernel_size, layer.stride)",
    ),
    reference=modern,
    inputs=inputs,
    probe=probe,
    may_change=True,
    requirements=(
        Requirement("no layer", "What is put into the network is no layer: nn.ReLU is a class, "
                    "nn.ReLU() a layer; torch.relu is a function.", _no_layer),
        Requirement("a copy", "A new network comes back, and `net` is as it was: change `net` "
                    "itself, net[i] = …", _copy),
    ),
    mistakes=(
        Mistake("nothing changed", "`net` is as it was. An assignment to a variable, "
                "layer = nn.ReLU() or net = …, changes that variable only: net[i] = … changes the "
                "network. (Or is the kind asked for by ==, and not by isinstance?)", described),
        Mistake("last layer left out", "The last layer is left out: does the loop end before it?",
                lambda net: (*modern(net)[:-1], described(net)[-1])),
        Mistake("average pooling stays", "The sigmoids are exchanged, the average poolings are "
                "not.", _only("Sigmoid", "ReLU")),
        Mistake("sigmoids stay", "The poolings are exchanged, the sigmoids are not.",
                _only("AvgPool", "MaxPool")),
        Mistake("only the first of each kind", "Only the first sigmoid and the first pooling are "
                "exchanged: all are to be.", _first_of_each),
        Mistake("only the first", "Only one layer is exchanged: does the loop end there, by "
                "`break` or `return`?", _first_at_all),
        Mistake("stride forgotten", "The stride of the pooling is not taken over: without one, "
                "PyTorch takes the size of the window.",
                _pools(lambda p: f"MaxPool2d({p.kernel_size}, stride={p.kernel_size})")),
        Mistake("always 2 × 2", "The new poolings have windows and strides of 2, whatever the old "
                "ones had: layer.kernel_size and layer.stride.",
                _pools(lambda p: "MaxPool2d(2, stride=2)")),
        Mistake("window is always 2", "The new poolings have windows of 2, whatever the old ones "
                "had: layer.kernel_size.", _pools(lambda p: f"MaxPool2d(2, stride={p.stride})")),
        Mistake("stride is always 2", "The new poolings have a stride of 2, whatever the old ones "
                "had: layer.stride.", _pools(lambda p: f"MaxPool2d({p.kernel_size}, stride=2)")),
        Mistake("stride 1", "The new poolings have a stride of 1, so that they keep the size: "
                "take layer.stride.", _pools(lambda p: f"MaxPool2d({p.kernel_size}, stride=1)")),
        Mistake("window and stride exchanged", "Window and stride of the pooling are exchanged.",
                _pools(lambda p: f"MaxPool2d({p.stride}, stride={p.kernel_size})")),
        Mistake("added, not exchanged", "The new layers stand behind the old ones, which are "
                "still there.", _behind),
        Mistake("added, not exchanged", "A ReLU stands at the end; the sigmoids are still there.",
                lambda net: (*_only("AvgPool", "MaxPool")(net), "ReLU")),
        Mistake("taken out", "The sigmoids are gone, and nothing stands in their place.",
                lambda net: tuple(t for t in modern(net) if t != "ReLU" or "ReLU" in described(net))
                ),
        Mistake("kinds exchanged", "It is the wrong way round: ReLU for the sigmoids, maximum for "
                "the average pooling.",
                lambda net: tuple("ReLU" if "AvgPool" in t else t for t in described(net))),
        Mistake("other layers exchanged", "Layers become ReLUs that are no sigmoids: ask what each "
                "layer is.", lambda net: tuple("ReLU" if "Pool" in old == new else new
                                               for old, new in zip(described(net), modern(net)))),
        Mistake("another activation", "The sigmoids have become another activation than ReLU.",
                tells=_says("Leaky", "GELU", "Tanh", "ELU(", "SiLU", "Softmax", "Hard", "ReLU6",
                            "PReLU")),
        Mistake("another pooling", "The new pooling is of another kind than nn.MaxPool2d.",
                tells=_says("Adaptive", "Pool1d", "Pool3d", "LPPool")),
        Mistake("other weights", "Layers with weights have got other ones: only sigmoids and "
                "poolings are to be exchanged.", tells=_says(NEW)),
    ),
    conditions={
        "the pooling's stride is not its window": lambda net: any(
            isinstance(p, nn.AvgPool2d) and p.stride != p.kernel_size for p in net),
        "the pooling's stride is not 2": lambda net: any(
            isinstance(p, nn.AvgPool2d) and p.stride != 2 for p in net),
        "there is a pooling": lambda net: any(isinstance(p, nn.AvgPool2d) for p in net),
        "there is a sigmoid": lambda net: any(isinstance(p, nn.Sigmoid) for p in net),
        "there is more than one sigmoid": lambda net: sum(
            isinstance(p, nn.Sigmoid) for p in net) > 1,
        "the network is not built as LeNet": lambda net: len(net) < 10,
    },
)  # fmt: skip
