"""8.2 C: the list of blocks of VGG-16."""

from collections.abc import Callable
from typing import Any

from torch import nn

from helpers.study.task import Requirement, Task

__all__ = ["TASK"]

CHANNELS = (64, 128, 256, 512, 512)
CONVS = {11: (1, 1, 2, 2, 2), 13: (2, 2, 2, 2, 2), 16: (2, 2, 3, 3, 3), 19: (2, 2, 4, 4, 4)}


def _parts(arch: Any) -> list[Any]:
    """Return the parts of what was written; none where there are no parts."""
    return list(arch) if isinstance(arch, tuple | list) or hasattr(arch, "tolist") else []


def _pairs(arch: Any) -> list[tuple]:
    return [tuple(_parts(part)) for part in _parts(arch)]


def _convs(arch: Any) -> tuple:
    return tuple(pair[0] for pair in _pairs(arch))


def _network(arch: Any) -> dict[str, Any] | None:
    return {} if isinstance(arch, nn.Module) or isinstance(arch, type) else None


def _no_pairs(arch: Any) -> dict[str, Any] | None:
    pairs = _pairs(arch)
    return None if pairs and all(len(pair) == 2 for pair in pairs) else {"got": arch}


def _not_whole(arch: Any) -> dict[str, Any] | None:
    for pair in _pairs(arch):
        for number in pair:
            if not (isinstance(number, int | float) or hasattr(number, "item")):
                return {"got": number}
            if number != round(float(number)) or number < 1:
                return {"got": number}
    return None


def _exchanged(arch: Any) -> dict[str, Any] | None:
    pairs = _pairs(arch)
    return {"got": pairs[0]} if all(a > b for a, b in pairs) else None


def _blocks(arch: Any) -> dict[str, Any] | None:
    return None if len(_pairs(arch)) == 5 else {"blocks": len(_pairs(arch))}


def _to_1024(arch: Any) -> dict[str, Any] | None:
    return {} if _pairs(arch)[-1][1] == 1024 else None


def _channels(arch: Any) -> dict[str, Any] | None:
    got = tuple(pair[1] for pair in _pairs(arch))
    return None if got == CHANNELS else {"got": tuple(int(c) for c in got)}


def _is(depth: int) -> Callable[[Any], dict[str, Any] | None]:
    return lambda arch: {} if _convs(arch) == CONVS[depth] else None


def _sixteen(arch: Any) -> dict[str, Any] | None:
    return {} if sum(_convs(arch)) == 16 else None


def _depth(arch: Any) -> dict[str, Any] | None:
    convs = int(sum(_convs(arch)))
    return None if convs == 13 else {"convolutions": convs, "layers": convs + 3}


def _spread(arch: Any) -> dict[str, Any] | None:
    return None if _convs(arch) == CONVS[16] else {"got": tuple(int(n) for n in _convs(arch))}


TASK = Task(
    name="8.2 C",
    asks="vgg16_arch",
    prompt="Write down the list of blocks of VGG-16, as `vgg11_arch` above is that of VGG-11. The "
    "number counts the layers with weights, the three linear ones included. The five blocks have "
    "the same channels as those of VGG-11. The first two blocks have two convolutions each, and "
    "the other three have equally many.",
    stub="vgg16_arch = ...  # pairs (number of convolutions, channels)\n",
    solution="vgg16_arch = ((2, 64), (2, 128), (3, 256), (3, 512), (3, 512))\n",
    hints=(
        "Of the sixteen layers three are linear: how many are convolutions?",
        "Thirteen convolutions, of which the first two blocks take four: nine are left for three "
        "blocks.",
        "The first pair is (2, 64), the third (3, 256).",
    ),
    requirements=(
        Requirement("a network", "The list of blocks is asked for, not the network that is built "
                    "from it.", _network),
        Requirement("no pairs", "A pair (number of convolutions, channels) is wanted for each "
                    "block, such as ((1, 64), (1, 128)).", _no_pairs),
        Requirement("not whole", "There is a number that counts nothing: {got}.", _not_whole),
        Requirement("pairs exchanged", "The number of convolutions comes first in a pair, then "
                    "the channels.", _exchanged),
        Requirement("number of blocks", "VGG-16 has five blocks, as all of the family; here are "
                    "{blocks}.", _blocks),
        Requirement("1,024 channels", "The last block has 512 channels, as many as the one before "
                    "it: from there on they no longer double.", _to_1024),
        Requirement("channels", "The channels are those of VGG-11: they double from 64 to 512, and "
                    "stay there in the last block.", _channels),
        *(Requirement(f"VGG-{n}", f"This is VGG-{n}: its convolutions and the three linear "
                      f"layers are {n} layers.", _is(n)) for n in (11, 13, 19)),
        Requirement("16 convolutions", "There are 16 convolutions. The name counts all layers "
                    "with weights, the three linear ones too.", _sixteen),
        Requirement("number of layers", "The {convolutions} convolutions and the three linear "
                    "layers make {layers} layers.", _depth),
        Requirement("other blocks", "There are thirteen convolutions, as there should be, but in "
                    "other blocks: two each in the first two, the rest evenly in the other three.",
                    _spread),
    ),
)  # fmt: skip
