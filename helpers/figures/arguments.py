"""What a figure is given, made plain: arrays, whole numbers, names; or an error that says why."""

import math
import reprlib
from collections.abc import Collection, Iterable, Mapping
from typing import Any, TypeAlias

import numpy as np
from torch import Tensor

from helpers import arguments

# Tensors on any device, arrays, lists and ranges of numbers or of tensors.
Numbers: TypeAlias = "Tensor | np.ndarray | Iterable[Any]"

SCALES = ("linear", "log", "symlog", "logit", "asinh")
_SHORT = reprlib.Repr()
_SHORT.maxstring = _SHORT.maxother = 60


def brief(value: object) -> str:
    """Return what a value is, short enough for the end of an error."""
    if isinstance(value, (Tensor, np.ndarray)):
        return f"a {type(value).__name__} of shape {tuple(value.shape)}"
    return _SHORT.repr(value)


def listing(items: Collection[object], most: int = 10) -> str:
    """Return 'a, b, c', with the number of the rest after `most` of them."""
    shown = ", ".join(map(str, list(items)[:most]))
    return shown if len(items) <= most else f"{shown} and {len(items) - most} more"


def counted(count: int, noun: str) -> str:
    """Return '1 line' or '3 lines'."""
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"


def size(shape: Iterable[int]) -> str:
    """Return '28 × 28'."""
    return " × ".join(map(str, shape))


def check_text(**given: Any) -> None:
    """Refuse names of axes that are no text."""
    for name, value in given.items():
        if not isinstance(value, str):
            raise TypeError(f"{name} must be a text, got {brief(value)}")


def check_alt(alt: str | None) -> None:
    """Refuse a description that says nothing; None leaves it to the figure."""
    if alt is not None and not isinstance(alt, str):
        raise TypeError(
            f"alt must be a sentence that describes the figure, or None, got {brief(alt)}"
        )
    if alt is not None and not alt.strip():
        raise ValueError(
            "alt must describe the figure in a sentence for those who cannot see it, "
            f"got {alt!r}; leave it out for a plain one"
        )


def numbers(values: Numbers, name: str, dims: int | None = None, meaning: str = "") -> np.ndarray:
    """Return `values` as an array of floats, of `dims` dimensions with the given meaning.

    None becomes NaN, as in a history. Raises TypeError for what is not real numbers and
    ValueError for a wrong shape and for no numbers at all.
    """
    try:
        array = np.asarray(_plain(values))
        if array.dtype.kind == "O" and not any(isinstance(v, str | complex) for v in array.flat):
            array = array.astype(float)
    except (TypeError, ValueError, RuntimeError, OverflowError) as error:
        if "inhomogeneous" in str(error):
            raise ValueError(f"{name} must have rows of one length, got {brief(values)}") from None
        raise TypeError(f"{name} must hold numbers, got {brief(values)}") from None
    if array.dtype.kind not in "biuf":
        raise TypeError(f"{name} must hold real numbers, got {brief(values)} ({array.dtype})")
    if dims is not None and array.ndim != dims:
        raise ValueError(f"{name} must be {dims}-D{meaning}, got shape {array.shape}")
    if array.size == 0:
        raise ValueError(f"{name} must not be empty, got shape {array.shape}")
    return array.astype(float)


def columns(values: Any, name: str, of: str, count: int, names: str) -> dict[Any, np.ndarray]:
    """Return {label: array (count,)}: as many numbers in each as there are of `names`."""
    meaning = f", one value for each of the {count} of {names}"
    arrays = {
        label: numbers(column, f"{name}[{label!r}]", 1, meaning)
        for label, column in mapping(values, name, of).items()
    }
    for label, column in arrays.items():
        if len(column) != count:
            raise ValueError(
                f"{name}[{label!r}] must have as many values as {names}, {count}, got {len(column)}"
            )
    return arrays


def _plain(values: Any) -> Any:
    if isinstance(values, Tensor):
        values = values.detach().cpu()
        # NumPy has no bfloat16.
        return (values.float() if values.is_floating_point() else values).numpy()
    if isinstance(values, str | bytes | Mapping) or hasattr(values, "__array__"):
        return values
    return [_plain(value) for value in values] if isinstance(values, Iterable) else values


def whole(value: Any, name: str, least: int = 1) -> int:
    """Return a whole number of any kind from `least` on; TypeError or ValueError else."""
    wanted = f"{name} must be a whole number from {least} on"
    number = arguments.whole(value)
    if number is None:
        raise TypeError(f"{wanted}, got {brief(value)}")
    if number < least:
        raise ValueError(f"{wanted}, got {brief(value)}")
    return number


def wholes(values: Any, name: str, least: int = 1) -> tuple[int, ...]:
    """Return a tuple of whole numbers from `least` on; TypeError or ValueError else."""
    given = items(values, name, "whole numbers")
    return tuple(whole(value, f"{name}[{n}]", least) for n, value in enumerate(given))


def finite(value: Any, name: str, kind: str = "a finite number") -> float:
    """Return a finite number; TypeError or ValueError else, which call it `kind`."""
    wanted = f"{name} must be {kind}"
    if isinstance(value, bool | np.bool_ | str | bytes):
        raise TypeError(f"{wanted}, got {brief(value)}")
    try:
        number = float(value)
    except (TypeError, ValueError, RuntimeError):
        raise TypeError(f"{wanted}, got {brief(value)}") from None
    if not math.isfinite(number):
        raise ValueError(f"{wanted}, got {brief(value)}")
    return number


def positive(value: Any, name: str) -> float:
    """Return a finite number above 0; TypeError or ValueError else."""
    number = finite(value, name, "a number above 0")
    if number <= 0:
        raise ValueError(f"{name} must be a number above 0, got {brief(value)}")
    return number


def items(values: Any, name: str, of: str) -> list[Any]:
    """Return what a list, tuple, array or other iterable holds, a text excepted."""
    if isinstance(values, str | bytes | Mapping) or getattr(values, "shape", None) == ():
        raise TypeError(f"{name} must be a list of {of}, got {brief(values)}")
    try:
        return list(values)
    except TypeError:
        raise TypeError(f"{name} must be a list of {of}, got {brief(values)}") from None


def several(values: Any, name: str) -> list[Any]:
    """Return the arrays of a list or of a stack, at least one; TypeError or ValueError else."""
    if getattr(values, "ndim", 3) == 2:
        raise ValueError(
            f"{name} must be a list of arrays (height, width), got one of shape "
            f"{tuple(values.shape)}; put it in a list"
        )
    several = items(values, name, "arrays (height, width)")
    if not several:
        raise ValueError(f"{name} must hold at least one array, got none")
    return several


def titles(given: Any, shown: int, most: int, required: bool = False) -> list[str]:
    """Return the titles of what is shown, one each, or of all that there is, `most`."""
    names = [] if given is None else items(given, "titles", "texts")
    if (names or required) and len(names) not in (shown, most):
        raise ValueError(f"titles must be as many as there are pictures, {shown}, got {len(names)}")
    return [str(name) for name in names[:shown]]


def mapping(values: Any, name: str, of: str) -> Mapping[Any, Any]:
    """Return a mapping that has something in it; TypeError or ValueError else."""
    if not isinstance(values, Mapping):
        raise TypeError(f"{name} must be a dictionary {of}, got {brief(values)}")
    if not values:
        raise ValueError(f"{name} must be a dictionary {of}, got an empty one")
    return values


def scales(**given: Any) -> dict[str, Any]:
    """Return the scales of axes, such as xscale='log', if Matplotlib has them."""
    for name, value in given.items():
        if not isinstance(value, str) or value not in SCALES:
            raise ValueError(f"{name} must be one of {', '.join(SCALES)}, got {brief(value)}")
    return given
