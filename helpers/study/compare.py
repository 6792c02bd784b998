"""Is a result the one that is expected, whatever it was computed with?"""

import numbers
from typing import Any

import numpy
import torch
from torch import Tensor

from helpers.study.attempt import NoResult, Raised

__all__ = ["equal", "form", "plain", "wrong_places"]

TOLERANCE = {torch.float16: 5e-3, torch.bfloat16: 4e-2}
OTHERWISE = 2e-4  # of the largest number; sums in float32 in another order stay below


def plain(value: Any) -> Any:
    """Return a value without gradient and device; numbers of NumPy and PyTorch as Python's."""
    if isinstance(value, Tensor):
        value = value.detach()
        value = value.to_dense() if value.is_sparse else value
        return value.cpu()
    if isinstance(value, numpy.generic):
        return value.item()
    return value


def form(value: Any, expected: Any) -> tuple[Any, str]:
    """Return a result in the form that is expected, and what form it had if that was wrong."""
    value = plain(value)
    if isinstance(expected, Raised) or isinstance(value, Raised):
        return value, ""
    if isinstance(expected, Tensor) and not isinstance(value, Tensor):
        return _as_tensor(value, expected)
    if _is_number(expected):
        if isinstance(value, Tensor) and value.numel() == 1:
            return value.reshape(()).item(), ""
        if isinstance(value, list | tuple | numpy.ndarray) and _holds_one(value):
            inner = numpy.asarray(value, dtype=object).reshape(-1)[0]
            return plain(inner), "list" if isinstance(value, list) else "tuple"
    if isinstance(expected, tuple):
        if isinstance(value, Tensor | numpy.ndarray) and value.ndim == 1:
            return tuple(value.tolist()), ""
        if isinstance(value, list | tuple | range):
            return tuple(plain(part) for part in value), ""
    return value, ""


def _holds_one(value: Any) -> bool:
    """Whether lists in lists, or an array, hold a single number; not so what is no rectangle."""
    try:
        return numpy.size(value) == 1
    except (ValueError, TypeError, RuntimeError):
        return False


def _as_tensor(value: Any, expected: Tensor) -> tuple[Any, str]:
    if isinstance(value, numpy.ndarray):
        kind = "array"
    elif isinstance(value, list | tuple):
        kind = type(value).__name__ if type(value) in (list, tuple) else "tuple"
        if value and isinstance(value[0], Tensor):
            kind = f"{kind} of tensors"
    elif _is_number(value):
        return (torch.tensor(value), "") if expected.dim() == 0 else (value, "")
    else:
        return value, ""
    try:
        if kind.endswith("tensors"):
            return torch.stack([part.detach() for part in value]), kind
        return torch.tensor(numpy.asarray(value).tolist()), kind
    except (ValueError, TypeError, RuntimeError):
        return value, ""


def _is_number(value: Any) -> bool:
    return isinstance(value, numbers.Number) and not isinstance(value, Tensor)


def equal(got: Any, expected: Any) -> bool:
    """Whether a result, in its form, is the one that is expected."""
    if isinstance(got, Raised) or isinstance(expected, Raised):
        return _both_refuse(got, expected)
    if isinstance(expected, Tensor):
        same_shape = isinstance(got, Tensor) and got.shape == expected.shape
        return same_shape and not bool(wrong_places(got, expected).any())
    if isinstance(expected, tuple):
        if not isinstance(got, tuple) or len(got) != len(expected):
            return False
        return all(equal(form(a, b)[0], b) for a, b in zip(got, expected))
    if isinstance(expected, bool):
        return isinstance(got, bool | int | float) and got in (0, 1) and bool(got) == expected
    if _is_number(expected):
        if not _is_number(got):
            return False
        if isinstance(got, complex):
            return False
        if got != got or expected != expected:
            return got != got and expected != expected  # nan is as good as nan
        if isinstance(expected, int):
            return got == expected
        return got == expected or abs(got - expected) <= OTHERWISE * max(1e-3, abs(expected))
    return type(got) is type(expected) and bool(got == expected)


def _both_refuse(got: Any, expected: Any) -> bool:
    errors = [value.error for value in (got, expected) if isinstance(value, Raised)]
    slips = NoResult | NameError | SyntaxError  # which are no refusals
    return len(errors) == 2 and all(
        isinstance(error, Exception) and not isinstance(error, slips) for error in errors
    )


def wrong_places(got: Tensor, expected: Tensor) -> Tensor:
    """Return where two tensors of one shape differ by more than rounding does."""
    if got.is_complex() or got.dtype == torch.bool or expected.dtype == torch.bool:
        return got != expected
    share = max(TOLERANCE.get(t.dtype, OTHERWISE) for t in (got, expected))
    a, b = got.double(), expected.double()
    both_nan = a.isnan() & b.isnan()
    # A sum of large numbers that cancel is as exact as these are, not as it is itself.
    finite = b[b.isfinite()]
    scale = max(1e-6, float(finite.abs().max()) if finite.numel() else 0.0)
    close = (a - b).abs() <= share * (0.05 * scale + b.abs())
    return ~(close | (a == b) | both_nan)
