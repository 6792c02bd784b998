"""Cross-correlation and pooling on plain tensors, without a loop over pixels.

The functions carry the names of *Dive into Deep Learning* 1.0.3, sections 7.2, 7.4 and
7.5. They work through views (`Tensor.unfold`), so they can be differentiated and stay on the
device of their inputs.

A correlation has the dtype that `X * K` has. From uint8, int8 and int16 it is int64, as
`Tensor.sum` makes it, so that it never wraps round; int32 and int64 stay, and sums beyond
their range do wrap round.
"""

import torch
from torch import Tensor, nn

from helpers.arguments import check_fit, check_tensor, kernel_shape, window_size

__all__ = [
    "Conv2D",
    "corr2d",
    "corr2d_multi_in",
    "corr2d_multi_in_out",
    "corr2d_multi_in_out_1x1",
    "init_cnn",
    "pool2d",
]

MANY = 2**24  # numbers in windows: 64 MB of float32; more are not copied all at once
BLOCK = 2**18  # but in blocks of 1 MB, which stay in the processor's cache


def corr2d(X: Tensor, K: Tensor) -> Tensor:
    """Compute the two-dimensional cross-correlation of an image with a kernel.

    Shapes: `X` (h, w), `K` (k_h, k_w) → (h − k_h + 1, w − k_w + 1).

    Raises TypeError if `X` or `K` is not a dense tensor of numbers, and ValueError if one is
    not 2-D, if they are on different devices, or if the kernel is larger than the image.
    Source: Dive into Deep Learning 1.0.3, section 7.2.1.
    """
    check_tensor("X", X, "height", "width")
    check_tensor("K", K, "kernel height", "kernel width")
    check_fit(X, K)
    return _correlate(X[None], K[None, None])[0]


def corr2d_multi_in(X: Tensor, K: Tensor) -> Tensor:
    """Cross-correlate every input channel with its kernel and add the results up.

    Shapes: `X` (c_i, h, w), `K` (c_i, k_h, k_w) → (h − k_h + 1, w − k_w + 1).

    Raises TypeError and ValueError as `corr2d` does, and ValueError if the numbers of
    channels differ.
    Source: Dive into Deep Learning 1.0.3, section 7.4.1.
    """
    check_tensor("X", X, "input channels", "height", "width")
    check_tensor("K", K, "input channels", "kernel height", "kernel width")
    check_fit(X, K)
    return _correlate(X, K[None])[0]


def corr2d_multi_in_out(X: Tensor, K: Tensor) -> Tensor:
    """Compute one `corr2d_multi_in` for each output channel and stack them.

    Shapes: `X` (c_i, h, w), `K` (c_o, c_i, k_h, k_w) → (c_o, h − k_h + 1, w − k_w + 1).

    Raises TypeError and ValueError as `corr2d_multi_in` does.
    Source: Dive into Deep Learning 1.0.3, section 7.4.2.
    """
    check_tensor("X", X, "input channels", "height", "width")
    check_tensor("K", K, "output channels", "input channels", "kernel height", "kernel width")
    check_fit(X, K)
    return _correlate(X, K)


def corr2d_multi_in_out_1x1(X: Tensor, K: Tensor) -> Tensor:
    """Compute a 1×1 convolution as one matrix product over the channels.

    Shapes: `X` (c_i, h, w), `K` (c_o, c_i, 1, 1) → (c_o, h, w).

    Raises TypeError and ValueError as `corr2d_multi_in_out` does, and ValueError if the
    kernel is not 1×1.
    Source: Dive into Deep Learning 1.0.3, section 7.4.3.
    """
    check_tensor("X", X, "input channels", "height", "width")
    check_tensor("K", K, "output channels", "input channels", "1", "1")
    if K.shape[-2:] != (1, 1):
        raise ValueError(f"K must be a 1×1 kernel of shape (c_o, c_i, 1, 1), got {tuple(K.shape)}")
    check_fit(X, K)
    X, K = _same_dtype(X, K)
    return torch.tensordot(K[:, :, 0, 0], X, dims=1)


def pool2d(X: Tensor, pool_size: int | tuple[int, int], mode: str = "max") -> Tensor:
    """Slide a window over an image with stride 1 and keep the maximum or the mean.

    Shapes: `X` (h, w), `pool_size` (p_h, p_w) or one number for both
    → (h − p_h + 1, w − p_w + 1), in the dtype of `X`. `mode` is 'max' or 'avg'.
    A NaN makes every window that holds it NaN, as in PyTorch. Where several pixels share
    the maximum, the gradient is divided between them.

    Raises TypeError if `X` is not a dense tensor of numbers, if `pool_size` does not consist
    of whole numbers, for the maximum of complex and the mean of whole numbers; ValueError for
    an `X` that is not 2-D, a window that does not fit, and an unknown mode.
    Source: Dive into Deep Learning 1.0.3, section 7.5.1.
    """
    check_tensor("X", X, "height", "width")
    windows = _windows(X, *window_size("pool_size", pool_size, X))
    if not isinstance(mode, str) or mode not in ("max", "avg"):
        raise ValueError(f"mode must be 'max' or 'avg', got {mode!r}")
    if mode == "max" and not X.is_complex():
        return windows.amax(dim=(-2, -1))
    if mode == "avg" and (X.is_floating_point() or X.is_complex()):
        return windows.mean(dim=(-2, -1))
    wanted = "a real dtype" if mode == "max" else "a floating-point dtype, as X.float() has,"
    raise TypeError(f"X must have {wanted} for mode={mode!r}, got {X.dtype}")


class Conv2D(nn.Module):
    """A convolutional layer with one input and one output channel, built on `corr2d`.

    Shapes: (h, w) → (h − k_h + 1, w − k_w + 1), for `kernel_size` (k_h, k_w).
    `weight` starts uniform in [0, 1), `bias` at 0, as in the book.

    Raises TypeError if `kernel_size` is not a pair of whole numbers, ValueError if one of
    them is below 1.
    Source: Dive into Deep Learning 1.0.3, section 7.2.2.
    """

    def __init__(self, kernel_size: tuple[int, int]):
        super().__init__()
        self.weight = nn.Parameter(torch.rand(kernel_shape("kernel_size", kernel_size)))
        self.bias = nn.Parameter(torch.zeros(1))

    def forward(self, x: Tensor) -> Tensor:
        return corr2d(x, self.weight) + self.bias


def init_cnn(module: nn.Module) -> None:
    """Give a linear or convolutional layer Xavier-uniform weights; for `Module.apply`.

    Does nothing to a lazy layer that has not seen an input yet.
    Source: Dive into Deep Learning 1.0.3, section 7.6.1.
    """
    if type(module) in (nn.Linear, nn.Conv2d):
        nn.init.xavier_uniform_(module.get_parameter("weight"))


def _windows(X: Tensor, k_h: int, k_w: int) -> Tensor:
    """View of all windows: (..., h, w) → (..., h − k_h + 1, w − k_w + 1, k_h, k_w)."""
    return X.unfold(-2, k_h, 1).unfold(-2, k_w, 1)


def _correlate(X: Tensor, K: Tensor) -> Tensor:
    """(c_i, h, w), (c_o, c_i, k_h, k_w) → (c_o, h − k_h + 1, w − k_w + 1)."""
    X, K = _same_dtype(X, K)
    windows = _windows(X, *K.shape[-2:])  # (c_i, h_o, w_o, k_h, k_w)
    if windows.numel() <= MANY:
        return _sum_up(windows, K)
    rows = max(1, BLOCK * windows.shape[1] // windows.numel())
    return torch.cat([_sum_up(some, K) for some in windows.split(rows, dim=1)], dim=1)


def _sum_up(windows: Tensor, K: Tensor) -> Tensor:
    return torch.einsum("chwij,ocij->ohw", windows, K)  # copies the windows


def _same_dtype(X: Tensor, K: Tensor) -> tuple[Tensor, Tensor]:
    """Give both the dtype that their result has."""
    dtype = torch.result_type(X, K)
    if dtype in (torch.uint8, torch.int8, torch.int16):
        dtype = torch.int64
    return X.to(dtype), K.to(dtype)
