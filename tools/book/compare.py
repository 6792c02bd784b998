"""Whether ours does in a notebook what d2l's does: a row of the table."""

import itertools
import math

from tools.book.contents import Section

TOLERANCE = 1e-4  # between two losses, absolute up to 1 and relative above
HEAD = (
    "section", "notebook", "d2l", "ours", "trainings", "d2l: train / val loss",
    "ours: train / val loss", "largest difference", "within 1e-4", "curves",
)  # fmt: skip


def failure(result: dict, excused: dict | None = None) -> str:
    """Return the first error of a run that `excused` does not have in the same cell, or ''."""
    cells = {cell for cell, _ in excused["errors"]} if excused else set()
    for cell, error in result["errors"]:
        if cell is None or cell not in cells:
            return error if cell is None else f"cell {cell}: {error}"
    return ""


def difference(theirs: dict, ours: dict) -> tuple[float, str]:
    """Return the largest difference of the losses of all steps, and where it is.

    Infinite where there were other steps.
    """
    if len(theirs["fits"]) != len(ours["fits"]):
        return math.inf, f"{len(theirs['fits'])} trainings and {len(ours['fits'])}"
    largest, where = 0.0, ""
    for i, fits in enumerate(zip(theirs["fits"], ours["fits"]), 1):
        left, right = (fit["losses"] for fit in fits)
        if [(kind, n) for kind, _, n in left] != [(kind, n) for kind, _, n in right]:
            return math.inf, f"training {i} has other steps"
        for step, ((kind, x, _), (_, y, _)) in enumerate(zip(left, right), 1):
            apart = _apart(x, y)
            if not apart <= largest:
                largest, where = apart, f"training {i}, step {step} ({kind})"
    return largest, where


def _apart(x: float, y: float) -> float:
    if x == y or (math.isnan(x) and math.isnan(y)):
        return 0.0
    apart = abs(x - y) / max(1.0, abs(x))
    return math.inf if math.isnan(apart) else apart


def curves(theirs: dict, ours: dict) -> str:
    """Say how the points that `model.board` keeps differ, or that they are the same."""
    differing = {}
    for a, b in zip(theirs["fits"], ours["fits"]):
        for label in {**a["board"], **b["board"]}:
            left, right = a["board"].get(label, []), b["board"].get(label, [])
            if len(left) != len(right):
                differing[label] = f"{label}: {len(left)} points and {len(right)}"
            elif (apart := max(map(_apart, left, right), default=0)) > TOLERANCE:
                differing[label] = f"{label}: {apart:.1e} apart"
    return "; ".join(differing.values()) or "the same"


def last_means(result: dict) -> str:
    """Return the mean losses of the last epoch of the last training, 'train / val'."""
    if not result["fits"]:
        return ""
    means = {}
    for kind, steps in itertools.groupby(result["fits"][-1]["losses"], key=lambda step: step[0]):
        batches = [(loss, n) for _, loss, n in steps]
        means[kind] = sum(loss * n for loss, n in batches) / sum(n for _, n in batches)
    return " / ".join(f"{means[kind]:.5f}" if kind in means else "-" for kind in ("train", "val"))


def row_of(section: Section, theirs: dict, ours: dict, trainer: dict | None) -> tuple[list, bool]:
    """Return a row of the table, and whether ours does what d2l's does.

    `trainer` is the result with our Trainer and d2l's images, or None.
    """
    broken, failed = failure(theirs), failure(ours, theirs)
    runs = [f"fails: {text}".replace("|", "\\|") if text else "runs" for text in (broken, failed)]
    apart, where = difference(theirs, ours)
    good = apart <= TOLERANCE
    if not theirs["fits"]:
        return [section.number, section.name, *runs, *[""] * 6], good and not failed
    verdict = "yes" if good else f"no: {where}"
    if trainer is not None:
        verdict += f"; with d2l's images {difference(theirs, trainer)[0]:.1e}"
    row = [
        section.number, section.name, *runs, len(theirs["fits"]), last_means(theirs),
        last_means(ours), f"{apart:.1e}", verdict, curves(theirs, ours),
    ]  # fmt: skip
    return row, good and not failed


def table(rows: list[list]) -> str:
    """Return the rows as a Markdown table."""
    lines = [HEAD, ["---"] * len(HEAD), *rows]
    return "\n".join("| " + " | ".join(map(str, line)) + " |" for line in lines)
