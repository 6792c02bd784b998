"""Numbers as a text that can be edited: a line for each row, an empty line between channels.

A semicolon ends a row too, so '1 0; -1 2' is a kernel of two rows.
"""

import re

import numpy as np

from helpers.figures.arguments import counted
from helpers.figures.grid import number

KERNELS = "--"  # a line of its own between the kernels of two output channels


class TextError(ValueError):
    """What cannot be read as numbers, with the place in the text."""


def write(arrays: np.ndarray) -> str:
    """Return the text of an array (c, h, w) or (c_o, c_i, h, w), with at most four decimals."""
    if arrays.ndim == 4:
        return f"\n{KERNELS}\n".join(write(array) for array in arrays)
    return "\n\n".join("\n".join(" ".join(map(_plain, row)) for row in a) for a in arrays)


def read(text: str) -> np.ndarray:
    """Return the array (c, h, w) that a text means.

    Numbers stand apart by spaces or commas; a comma is no decimal point. Fractions
    such as 1/9 are numbers too. Raises TextError with the line for anything else.
    """
    channels: list[list[list[float]]] = [[]]
    for n, line in enumerate(text.rstrip("; \n\t").replace(";", "\n").splitlines(), 1):
        words = re.split(r"[\s,]+", line.strip(" \t,[]()"))
        if words == [""]:
            channels += [[]] if channels[-1] else []
            continue
        channels[-1].append([_number(word, n) for word in words])
        first = channels[0][0]
        if len(channels[-1][-1]) != len(first):
            raise TextError(
                f"Line {n} has {counted(len(channels[-1][-1]), 'number')}, the first has "
                f"{len(first)}: all rows must be equally long."
            )
    channels = channels if channels[-1] else channels[:-1]
    if not channels:
        raise TextError("There are no numbers yet: write a line for each row.")
    for n, channel in enumerate(channels):
        if len(channel) != len(channels[0]):
            raise TextError(
                f"Channel {n} has {counted(len(channel), 'row')}, channel 0 has "
                f"{len(channels[0])}: all channels must be equally high. An empty line begins a "
                "new channel."
            )
    return np.array(channels)


def read_kernels(text: str) -> np.ndarray:
    """Return the array (c_o, c_i, h, w) that a text means, with '--' between kernels."""
    kernels = [read(part) for part in re.split(r"(?m)^\s*-{2,}\s*$", text)]
    if len({kernel.shape for kernel in kernels}) > 1:
        raise TextError("All kernels must have the same number of channels, rows and columns.")
    return np.stack(kernels)


def read_layers(text: str) -> tuple[tuple[int, int], ...]:
    """Return (kernel size, stride) of each layer in a text such as '3, 2/2'."""
    found = []
    for word in re.split(r"[\s,;]+", text.strip(" \t,;")):
        match = re.fullmatch(r"(\d+)(?:/(\d+))?", word)
        if match:
            found.append((int(match[1]), int(match[2] or 1)))
        elif word:
            raise TextError(
                f"Layers above are written as kernel size, or kernel size/stride, such as "
                f"'3, 2/2'; got {word!r}."
            )
    return tuple(found)


def write_layers(above: tuple[tuple[int, int], ...]) -> str:
    """Return the text that `read_layers` reads."""
    return ", ".join(str(k) if s == 1 else f"{k}/{s}" for k, s in above)


def _plain(value: float) -> str:
    return number(value) if value == round(value) else f"{value:.4f}".rstrip("0")


def _number(word: str, line: int) -> float:
    try:
        above, _, below = word.replace("−", "-").partition("/")
        value = float(above) / (float(below) if below else 1.0)
    except (ValueError, ZeroDivisionError):
        raise TextError(f"Line {line}: {word!r} is no number.") from None
    if not np.isfinite(value) or abs(value) > 1e6:
        raise TextError(f"Line {line}: {word!r} is beyond the million that can be shown.")
    return value
