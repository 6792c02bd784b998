"""What a training section ran with and reached, for pages that compare several sections.

`python -m tools.notebooks run` writes one small file for each section, beside the outputs
that it stores.
"""

import json
import os
import platform
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

import numpy
import torch

from helpers.notebook import cells

__all__ = ["Record", "record", "records"]

T = TypeVar("T")
MEASURED = ("seconds", "images_per_s")  # other in every run


class Record(NamedTuple):
    """A training: its settings, its last epoch, all epochs, the data, and who computed it.

    `final` maps each name of the history to its last value, `curves` to the values of all
    epochs. `data` names the source of the images.
    """

    settings: dict[str, Any]
    final: dict[str, Any]
    curves: dict[str, list[Any]]
    data: str | None
    versions: dict[str, str]


def record(
    notebook: str,
    *,
    settings: Mapping[str, Any],
    history: Sequence[Mapping[str, Any]],
    data: object = None,
) -> None:
    """Note what a notebook's main training ran with and reached, when outputs are stored.

    Does nothing otherwise: only where the environment variable COMPANION_RECORDS names a folder,
    as `python -m tools.notebooks run` does, is a file written there, for `helpers.records`.
    Raises ValueError for a notebook that there is not, for a history without epochs, and for a
    number that is not finite; TypeError for settings that are no numbers, texts or tuples.
    """
    folder = os.environ.get("COMPANION_RECORDS")
    if not folder:
        return
    path = check_training(notebook, settings, history)
    columns = [name for name in history[-1] if name not in MEASURED]
    found = Record(
        settings=dict(settings),
        final={name: history[-1][name] for name in columns},
        curves={name: [row.get(name) for row in history] for name in columns},
        data=getattr(data, "source", None),
        versions=versions(),
    )
    text = json.dumps(found._asdict(), indent=1, ensure_ascii=False, allow_nan=False)
    target = Path(folder) / f"{path.name.removesuffix('.ipynb')}.json"
    target.write_bytes(f"{text}\n".encode())  # the same bytes on every system


def versions() -> dict[str, str]:
    """Return the versions that a training's numbers depend on."""
    return {
        "python": platform.python_version(),
        "torch": str(torch.__version__),
        "numpy": numpy.__version__,
    }


def check_training(notebook: str, settings: object, history: object) -> Path:
    """Return a notebook's file, or raise an error that names what is wrong with a training's."""
    path = cells.find(notebook)
    if not isinstance(settings, Mapping):
        raise TypeError(f"settings must be a dict, got {settings!r}")
    rows = isinstance(history, Sequence) and all(isinstance(row, Mapping) for row in history)
    if not rows or not history:
        raise ValueError(f"history must have an epoch to be recorded, got {history!r}")
    for name, value in settings.items():
        _check(f"settings[{name!r}]", value)
    return path


def records() -> dict[str, Record]:
    """Return the records of the course's training sections by notebook, such as '7.6-lenet'.

    Raises ValueError naming a file that is no record.
    """
    again = "python -m tools.notebooks run writes it anew"
    return read_all(cells.FOLDER / "records", Record, "records", again)


def read_all(folder: Path, kind: Callable[..., T], where: str, again: str) -> dict[str, T]:
    """Return the records of a folder by notebook, each as a `kind`.

    Raises ValueError naming the file that is none, as one in notebooks/`where`, and saying how
    to have it again.
    """
    found = {}
    for path in sorted(folder.glob("*.json")):
        try:
            content = json.loads(path.read_text(encoding="utf-8"))
            settings = with_tuples(content["settings"])
            found[path.name.removesuffix(".json")] = kind(**content | {"settings": settings})
        except (ValueError, TypeError, KeyError) as error:
            raise ValueError(
                f"notebooks/{where}/{path.name} is no record ({error!r}); {again}"
            ) from error
    return found


def _check(name: str, value: object) -> None:
    """Raise TypeError for a setting that JSON would not keep as it is."""
    if isinstance(value, tuple):
        for i, part in enumerate(value):
            _check(f"{name}[{i}]", part)
    elif value is not None and not isinstance(value, bool | int | float | str):
        raise TypeError(
            f"{name} must be a number, a text, None or a tuple of these to be recorded, "
            f"got {value!r}"
        )


def with_tuples(value: Any) -> Any:
    """Return what was read with tuples for lists: settings have no others."""
    if isinstance(value, dict):
        return {key: with_tuples(part) for key, part in value.items()}
    return tuple(map(with_tuples, value)) if isinstance(value, list) else value
