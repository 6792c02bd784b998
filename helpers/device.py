"""Temporary."""

import os

from helpers.training.device import choose_device


def settings(quick: dict, book: dict, use: str = "auto") -> dict:
    """Choose between two sets of settings, print which one and why, and return it.

    `use` is 'quick', 'book' or 'auto': the book's on a GPU, the quick ones without. The
    environment variable COMPANION_SETTINGS (same values) overrides `use`.
    Raises ValueError for any other value, naming where it came from.
    """
    variable = os.environ.get("COMPANION_SETTINGS")
    choice = variable or use
    origin = "COMPANION_SETTINGS" if variable else "use"
    if choice not in ("quick", "book", "auto"):
        raise ValueError(f"{origin} must be 'quick', 'book' or 'auto', got {choice!r}")
    reason = f"{origin}={choice!r}"
    if choice == "auto":
        device, found = choose_device()
        choice = "quick" if device.type == "cpu" else "book"
        reason = found if choice == "quick" else f"{found} is here"
    chosen = {"quick": quick, "book": book}[choice]
    print(f"{choice} settings ({reason}):", ", ".join(f"{k}={v}" for k, v in chosen.items()))
    return dict(chosen)
