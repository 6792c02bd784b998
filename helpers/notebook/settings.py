"""Choose between settings for a laptop and the book's."""

import os
from collections.abc import Mapping
from typing import Any

from helpers.training.device import choose_device

__all__ = ["settings"]

CHOICES = ("quick", "book", "auto")


def settings(
    quick: Mapping[str, Any], book: Mapping[str, Any], use: str = "auto"
) -> dict[str, Any]:
    """Choose between two sets of settings, print which one and why, and return it.

    `use` is 'quick', 'book' or 'auto': the book's on a GPU, the quick ones without. The
    environment variable COMPANION_SETTINGS (same values) overrides `use`.
    Raises ValueError for any other value, naming where it came from, and for keys that only
    one of the sets has; TypeError for sets that are no dicts.
    """
    _check("quick", quick)
    _check("book", book)
    for name, other, missing in (
        ("quick", "book", [key for key in book if key not in quick]),
        ("book", "quick", [key for key in quick if key not in book]),
    ):
        if missing:
            keys = ", ".join(map(repr, missing))
            raise ValueError(f"{name} must have the same keys as {other}, but lacks {keys}")
    variable = os.environ.get("COMPANION_SETTINGS")
    choice = variable or use
    origin = "COMPANION_SETTINGS" if variable else "use"
    if not isinstance(choice, str) or choice not in CHOICES:
        raise ValueError(f"{origin} must be 'quick', 'book' or 'auto', got {choice!r}")
    reason = f"{origin}={choice!r}"
    if choice == "auto":
        device, found = choose_device()
        choice = "quick" if device.type == "cpu" else "book"
        reason = found if choice == "quick" else f"{found} is here"
    chosen = {"quick": quick, "book": book}[choice]
    print(f"{choice} settings ({reason}):", ", ".join(f"{k}={v}" for k, v in chosen.items()))
    return dict(chosen)


def _check(name: str, value: object) -> None:
    """Raise TypeError unless an argument is a dict with names as keys."""
    if not isinstance(value, Mapping):
        raise TypeError(f"{name} must be a dict such as dict(lr=0.1, max_epochs=3), got {value!r}")
    for key in value:
        if not isinstance(key, str):
            raise TypeError(f"{name} must have names as keys, got {key!r}")
