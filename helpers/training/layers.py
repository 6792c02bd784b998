"""Which layer of a model an error comes from, what it was given and what it expects."""

from types import CodeType
from typing import Any

from torch import Tensor, nn

__all__ = ["blame"]

_CALL: CodeType = nn.Module._call_impl.__code__  # runs once for every module that is called


def blame(error: BaseException, model: nn.Module) -> str:
    """Return a line on the innermost layer that was running; '' if it was none of the model's.

    For instance 'This is net.8, Linear(in_features=400, out_features=120, bias=True): it
    expects inputs of shape (…, 400) and got (20, 576).' The model is not run again.
    """
    found: tuple[nn.Module, Any] | None = None
    traceback = error.__traceback__
    while traceback is not None:
        frame = traceback.tb_frame
        if frame.f_code is _CALL:
            names = frame.f_locals
            found = names["self"], names.get("args", ())
        traceback = traceback.tb_next
    if found is None:
        return ""
    layer, inputs = found
    path = next((path for path, module in model.named_modules() if module is layer), "")
    if not path:  # the model itself, or a loss: its own lines say where
        return ""
    name = type(layer).__name__ if any(True for _ in layer.children()) else repr(layer)
    shapes = [tuple(x.shape) for x in inputs if isinstance(x, Tensor)]
    if not shapes:
        return f"\nThis is layer {path}, {name}."
    got = " and ".join(map(str, shapes))
    expected = _expected(layer, shapes[0])
    it = f"it expects {expected} and got {got}" if expected else f"it got an input of shape {got}"
    return f"\nThis is layer {path}, {name}: {it}."


def _expected(layer: nn.Module, shape: tuple[int, ...]) -> str:
    """Return what inputs a layer takes, if these are others and it says so."""
    if isinstance(layer, nn.Linear):
        right = bool(shape) and shape[-1] == layer.in_features
        return "" if right else f"inputs of shape (…, {layer.in_features})"
    channels = getattr(layer, "in_channels", getattr(layer, "num_features", None))
    dims = next((n for n in "123" if f"{n}d" in type(layer).__name__), None)
    if dims is None or not isinstance(channels, int):
        return ""
    pixels = ("depth", "height", "width")[-int(dims) :]
    if len(shape) == 2 + len(pixels) and shape[1] == channels:
        return ""
    if isinstance(layer, nn.BatchNorm1d):
        return "" if shape[1:] == (channels,) else f"inputs of shape (batch, {channels})"
    return f"inputs of shape (batch, {channels}, {', '.join(pixels)})"
