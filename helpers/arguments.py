"""What an argument may be: whole numbers and pairs of them, tensors of numbers."""

import operator
from typing import Any

import torch
from torch import Tensor

# Those that PyTorch can compute with on every device; bool is none.
WHOLE = {torch.uint8, torch.int8, torch.int16, torch.int32, torch.int64}
DTYPES = {
    *WHOLE,
    *(torch.float16, torch.bfloat16, torch.float32, torch.float64),
    *(torch.complex64, torch.complex128),
}


def whole(value: object) -> int | None:
    """Return `value` as an int if it is a whole number of Python, numpy or PyTorch, else None.

    Arrays and tensors count if they have no dimension. Booleans and 3.0 do not count.
    """
    dtype = str(getattr(value, "dtype", ""))
    if isinstance(value, bool) or "bool" in dtype or getattr(value, "ndim", 0) != 0:
        return None
    try:
        return operator.index(value)  # type: ignore[arg-type]
    except (TypeError, RuntimeError):  # RuntimeError: a tensor on the meta device
        return None


def pair(value: object) -> tuple[int, int] | None:
    """Return (n, n) for one whole number n, (a, b) for two of them in a row, else None.

    The row may be a tuple, list or range, or an array or tensor of one dimension.
    """
    n = whole(value)
    if n is not None:
        return n, n
    if not isinstance(value, (tuple, list, range)) and getattr(value, "ndim", 0) != 1:
        return None
    numbers = [whole(item) for item in value]  # type: ignore[attr-defined]
    if len(numbers) != 2 or numbers[0] is None or numbers[1] is None:
        return None
    return numbers[0], numbers[1]


def count(name: str, value: object) -> int:
    """Return `value` as an int from 1 on, or raise a ValueError that names it."""
    number = whole(value)
    if number is None or number < 1:
        raise ValueError(f"{name} must be a whole number from 1 on, got {value!r}")
    if number >= 2**31:
        raise ValueError(f"{name} must be below {2**31:,}, got {number:,}")
    return number


def height_and_width(name: str, value: object) -> tuple[int, int]:
    """Return a size in pixels as two ints from 1 on, or raise a ValueError that names it."""
    size = pair(value)
    if size is None:
        raise ValueError(f"{name} must be (height, width) in pixels, got {value!r}")
    return count(name, size[0]), count(name, size[1])


def numbers_below(name: str, values: Any, n: int) -> list[int]:
    """Return whole numbers from 0 to n − 1 as ints, or raise a ValueError that names them.

    `values` is one or a row of them; 3.0 counts, as a model's labels are often floats.
    """
    values = values.tolist() if hasattr(values, "tolist") else values
    numbers = []
    for value in values if hasattr(values, "__iter__") else [values]:
        value = value.item() if hasattr(value, "item") else value
        whole_float = isinstance(value, float) and value.is_integer()
        number = int(value) if whole_float else whole(value)
        if number is None or not 0 <= number < n:
            raise ValueError(f"{name} must be whole numbers from 0 to {n - 1}, got {value!r}")
        numbers.append(number)
    return numbers


def row_numbers(index: Any, n: int) -> Tensor:
    """Return the numbers (k,) from 0 to n − 1 that an index of n rows means.

    `index` is a slice, a row of whole numbers (below 0 from the end) or of n booleans.
    Raises TypeError for anything else, IndexError for rows that are not there.
    """
    try:
        numbers = range(n)[index] if isinstance(index, slice) else index
        rows = torch.as_tensor(numbers, device="cpu")
    except (TypeError, ValueError, RuntimeError):  # PyTorch's, for what is no row of numbers
        rows = torch.empty(())
    if rows.dtype == torch.bool and rows.shape == (n,):
        return rows.nonzero()[:, 0]
    if rows.shape == (0,):
        return rows.long()
    if rows.dim() != 1 or rows.dtype not in WHOLE:
        raise TypeError(
            f"the index must be a number, a slice, a row of numbers or {n} booleans, got {index!r}"
        )
    rows = rows.long()
    if ((rows < -n) | (rows >= n)).any():
        raise IndexError(f"the index must lie between {-n} and {n - 1}, got {index!r}")
    return rows % n


def kernel_shape(name: str, value: object) -> tuple[int, int]:
    """Return (height, width) as two ints from 1 on, or raise an error that names them."""
    size = None if whole(value) is not None else pair(value)
    if size is None:
        raise TypeError(
            f"{name} must be (height, width), two whole numbers such as (3, 3), got {value!r}"
        )
    if min(size) < 1:
        raise ValueError(f"{name} must be at least (1, 1), got {size}")
    return size


def window_size(name: str, value: object, X: Tensor) -> tuple[int, int]:
    """Return the height and width of a window that fits into `X` (h, w), or raise an error."""
    size = pair(value)
    if size is None:
        raise TypeError(
            f"{name} must be a whole number or a pair of them such as (2, 2), got {value!r}"
        )
    if not all(1 <= p <= n for p, n in zip(size, X.shape)):
        raise ValueError(
            f"{name} must lie between (1, 1) and the size of X, {tuple(X.shape)}, got {size}"
        )
    return size


def check_tensor(name: str, value: object, *axes: str) -> None:
    """Raise an error unless `value` is a dense tensor of numbers with these axes."""
    if not isinstance(value, Tensor):
        raise TypeError(f"{name} must be a torch.Tensor, got {type(value).__name__}")
    if value.layout != torch.strided:
        raise TypeError(f"{name} must be dense, got {value.layout}; use {name}.to_dense()")
    if value.dim() != len(axes):
        raise ValueError(
            f"{name} must have {len(axes)} dimensions ({', '.join(axes)}), "
            f"got {value.dim()} in shape {tuple(value.shape)}"
        )
    if value.dtype not in DTYPES:
        raise TypeError(
            f"{name} must hold numbers, got {value.dtype}; convert it with {name}.float()"
        )
    if 0 in value.shape:
        raise ValueError(f"{name} must not be empty, got shape {tuple(value.shape)}")


def check_fit(X: Tensor, K: Tensor) -> None:
    """Raise an error unless a kernel `K` can slide over an image `X`."""
    if X.device != K.device:
        raise ValueError(f"K must be on the device of X, {X.device}, got {K.device}")
    if X.dim() == 3 and X.shape[0] != K.shape[-3]:
        raise ValueError(
            f"K must have as many input channels as X, {X.shape[0]}, "
            f"got {K.shape[-3]} in shape {tuple(K.shape)}"
        )
    if any(k > n for k, n in zip(K.shape[-2:], X.shape[-2:])):
        raise ValueError(
            f"K must not be larger than X, {tuple(X.shape[-2:])}, got {tuple(K.shape[-2:])}"
        )
