"""Cross-correlation and pooling on plain tensors, without a loop over pixels.

The functions carry the names of *Dive into Deep Learning* 1.0.3, sections 7.2, 7.4 and
7.5. They work through views (`Tensor.unfold`), so they can be differentiated, keep the
dtype and stay on the device of their inputs.
"""

import torch
from torch import Tensor, nn

__all__ = [
    "Conv2D",
    "corr2d",
    "corr2d_multi_in",
    "corr2d_multi_in_out",
    "corr2d_multi_in_out_1x1",
    "init_cnn",
    "pool2d",
]


def corr2d(X: Tensor, K: Tensor) -> Tensor:
    """Compute the two-dimensional cross-correlation of an image with a kernel.

    Shapes: `X` (h, w), `K` (k_h, k_w) → (h − k_h + 1, w − k_w + 1).
    The result has the dtype that `X * K` has, on the same device.

    Raises TypeError if `X` or `K` is not a numeric tensor, and ValueError if one of them
    is not 2-D, if they are on different devices, or if the kernel is larger than the image.
    Source: Dive into Deep Learning 1.0.3, section 7.2.1.
    """
    _check_tensor("X", X, 2, "(height, width)")
    _check_tensor("K", K, 2, "(kernel height, kernel width)")
    _check_pair(X, K)
    return _correlate(X[None], K[None, None])[0]


def corr2d_multi_in(X: Tensor, K: Tensor) -> Tensor:
    """Cross-correlate every input channel with its kernel and add the results up.

    Shapes: `X` (c_i, h, w), `K` (c_i, k_h, k_w) → (h − k_h + 1, w − k_w + 1).

    Raises TypeError and ValueError as `corr2d` does, and ValueError if the numbers of
    channels differ.
    Source: Dive into Deep Learning 1.0.3, section 7.4.1.
    """
    _check_tensor("X", X, 3, "(input channels, height, width)")
    _check_tensor("K", K, 3, "(input channels, kernel height, kernel width)")
    _check_pair(X, K)
    return _correlate(X, K[None])[0]


def corr2d_multi_in_out(X: Tensor, K: Tensor) -> Tensor:
    """Compute one `corr2d_multi_in` for each output channel and stack them.

    Shapes: `X` (c_i, h, w), `K` (c_o, c_i, k_h, k_w) → (c_o, h − k_h + 1, w − k_w + 1).

    Raises TypeError and ValueError as `corr2d_multi_in` does.
    Source: Dive into Deep Learning 1.0.3, section 7.4.2.
    """
    _check_tensor("X", X, 3, "(input channels, height, width)")
    _check_tensor("K", K, 4, "(output channels, input channels, kernel height, kernel width)")
    _check_pair(X, K)
    return _correlate(X, K)


def corr2d_multi_in_out_1x1(X: Tensor, K: Tensor) -> Tensor:
    """Compute a 1×1 convolution as one matrix product over the channels.

    Shapes: `X` (c_i, h, w), `K` (c_o, c_i, 1, 1) → (c_o, h, w).

    Raises TypeError and ValueError as `corr2d_multi_in_out` does, and ValueError if the
    kernel is not 1×1.
    Source: Dive into Deep Learning 1.0.3, section 7.4.3.
    """
    _check_tensor("X", X, 3, "(input channels, height, width)")
    _check_tensor("K", K, 4, "(output channels, input channels, 1, 1)")
    if K.shape[-2:] != (1, 1):
        raise ValueError(f"K must be a 1×1 kernel of shape (c_o, c_i, 1, 1), got {tuple(K.shape)}")
    _check_pair(X, K)
    dtype = torch.result_type(X, K)
    return torch.tensordot(K[:, :, 0, 0].to(dtype), X.to(dtype), dims=1)


def pool2d(X: Tensor, pool_size: int | tuple[int, int], mode: str = "max") -> Tensor:
    """Slide a window over an image with stride 1 and keep the maximum or the mean.

    Shapes: `X` (h, w), `pool_size` (p_h, p_w) or one number for both
    → (h − p_h + 1, w − p_w + 1). `mode` is 'max' or 'avg'.
    Where several pixels share the maximum, the gradient is divided between them.

    Raises TypeError if `X` is not a numeric tensor, if `pool_size` does not consist of
    whole numbers, or for the mean of whole numbers; ValueError for an `X` that is not 2-D,
    a window that does not fit, and an unknown mode.
    Source: Dive into Deep Learning 1.0.3, section 7.5.1.
    """
    _check_tensor("X", X, 2, "(height, width)")
    size = (pool_size, pool_size) if isinstance(pool_size, int) else pool_size
    if (
        not isinstance(size, (tuple, list, torch.Size))
        or len(size) != 2
        or not all(isinstance(p, int) and not isinstance(p, bool) for p in size)
    ):
        raise TypeError(
            f"pool_size must be a whole number or a pair of them such as (2, 2), got {pool_size!r}"
        )
    if not all(1 <= p <= n for p, n in zip(size, X.shape)):
        raise ValueError(
            f"pool_size must lie between (1, 1) and the size of X, {tuple(X.shape)}, "
            f"got {tuple(size)}"
        )
    windows = _windows(X, *size)
    if mode == "max":
        return windows.amax(dim=(-2, -1))
    if mode == "avg":
        if not (X.is_floating_point() or X.is_complex()):
            raise TypeError(
                f"X must have a floating-point dtype for mode='avg', got {X.dtype}; "
                "convert it with X.float()"
            )
        return windows.mean(dim=(-2, -1))
    raise ValueError(f"mode must be 'max' or 'avg', got {mode!r}")


class Conv2D(nn.Module):
    """A convolutional layer with one input and one output channel, built on `corr2d`.

    Shapes: (h, w) → (h − k_h + 1, w − k_w + 1), for `kernel_size` (k_h, k_w).
    `weight` starts uniform in [0, 1), `bias` at 0, as in the book.
    Source: Dive into Deep Learning 1.0.3, section 7.2.2.
    """

    def __init__(self, kernel_size: tuple[int, int]):
        super().__init__()
        self.weight = nn.Parameter(torch.rand(kernel_size))
        self.bias = nn.Parameter(torch.zeros(1))

    def forward(self, x: Tensor) -> Tensor:
        return corr2d(x, self.weight) + self.bias


def init_cnn(module: nn.Module) -> None:
    """Give a linear or convolutional layer Xavier-uniform weights; for `Module.apply`.

    Does nothing to a lazy layer that has not seen an input yet.
    Source: Dive into Deep Learning 1.0.3, section 7.6.1.
    """
    if type(module) in (nn.Linear, nn.Conv2d):
        nn.init.xavier_uniform_(module.weight)


def _windows(X: Tensor, k_h: int, k_w: int) -> Tensor:
    """View of all windows: (..., h, w) → (..., h − k_h + 1, w − k_w + 1, k_h, k_w)."""
    return X.unfold(-2, k_h, 1).unfold(-2, k_w, 1)


def _correlate(X: Tensor, K: Tensor) -> Tensor:
    """(c_i, h, w), (c_o, c_i, k_h, k_w) → (c_o, h − k_h + 1, w − k_w + 1)."""
    dtype = torch.result_type(X, K)
    X, K = X.to(dtype), K.to(dtype)
    windows = _windows(X, *K.shape[-2:])  # (c_i, h_o, w_o, k_h, k_w)
    return torch.einsum("chwij,ocij->ohw", windows, K)


def _check_tensor(name: str, value: Tensor, dims: int, meaning: str) -> None:
    if not isinstance(value, Tensor):
        raise TypeError(f"{name} must be a torch.Tensor, got {type(value).__name__}")
    if value.dim() != dims:
        raise ValueError(
            f"{name} must have {dims} dimensions {meaning}, "
            f"got {value.dim()} in shape {tuple(value.shape)}"
        )
    if value.dtype == torch.bool:
        raise TypeError(f"{name} must hold numbers, got torch.bool; convert it with {name}.float()")
    if 0 in value.shape:
        raise ValueError(f"{name} must not be empty, got shape {tuple(value.shape)}")


def _check_pair(X: Tensor, K: Tensor) -> None:
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
