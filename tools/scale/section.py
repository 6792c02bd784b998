"""Run the training of a section in this process, from the notebook's own cells."""

import ast
import hashlib
import os
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from types import ModuleType
from typing import Any, NamedTuple
from unittest import mock

import helpers
from helpers.notebook import cells
from tools.broken.needs import is_recording, needed
from tools.tasks import as_run


class Training(NamedTuple):
    """What a notebook's `helpers.record(...)` was given, and the trainer whose history that is."""

    settings: dict[str, Any]
    history: Sequence[Mapping[str, Any]]
    data: Any
    trainer: Any


def names() -> list[str]:
    """Return the notebooks that record a training, in the book's order."""
    return [name for name in cells.names() if any(map(is_recording, _code(name)))]


def cells_of(name: str) -> list[Any]:
    """Return the cells that a notebook's recorded training needs, in order, none below it.

    Raises ValueError for a notebook that records no training.
    """
    code = _code(name)
    last = next((i for i, cell in enumerate(code) if is_recording(cell)), None)
    if last is None:
        raise ValueError(f"{name} trains no network that is recorded: {', '.join(names())} do")
    return needed(code[: last + 1], is_recording)


def code_of(name: str) -> str:
    """Return a digest of what these cells run, whatever comments and quick settings."""
    trees = [_OfTheBook().visit(ast.parse(as_run(cell.source))) for cell in cells_of(name)]
    return hashlib.sha256("\0".join(map(ast.dump, trees)).encode()).hexdigest()[:16]


def run(name: str, trainer: Callable[..., Any], changes: Mapping[str, Any]) -> Training:
    """Train a notebook's network at the book's settings, with some of them changed.

    `trainer` takes the place of `helpers.Trainer`. Raises KeyError for a change of a setting
    that the notebook does not have.
    """
    trainers: list[Any] = []
    recorded: list[Training] = []

    def made(*args: Any, **kwargs: Any) -> Any:
        trainers.append(trainer(*args, **kwargs))
        return trainers[-1]

    def record(notebook: str, *, settings: Any, history: Any, data: Any = None) -> None:
        its = next(t for t in reversed(trainers) if t.history is history)
        recorded.append(Training(dict(settings), history, data, its))

    module = ModuleType(f"section_{name}")
    settings = partial(_changed, helpers.settings, changes)
    with (
        mock.patch.dict(os.environ, COMPANION_SETTINGS="book"),
        mock.patch.multiple(helpers, Trainer=made, record=record, settings=settings),
    ):
        for cell in cells_of(name):
            exec(compile(cell.source, f"{name}, In [{cell.number}]", "exec"), module.__dict__)
    return recorded[-1]


def _changed(choose: Callable, changes: Mapping[str, Any], **sets: Any) -> dict[str, Any]:
    """Do what `helpers.settings` does, with some of the book's settings changed."""
    for key in changes:
        if key not in sets["book"]:
            raise KeyError(f"there is no setting {key!r}, only {', '.join(sets['book'])}")
    return choose(**sets | {"book": {**sets["book"], **changes}})


def _code(name: str) -> list[Any]:
    return cells.code_cells(cells.find(name))


class _OfTheBook(ast.NodeTransformer):
    """Leaves out what only the quick training depends on."""

    def visit_Call(self, node: ast.Call) -> ast.AST:
        if isinstance(node.func, ast.Attribute) and node.func.attr == "settings":
            node.keywords = [k for k in node.keywords if k.arg not in ("quick", "use")]
        return self.generic_visit(node)
