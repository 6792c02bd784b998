"""What has not been written yet, and what a notebook goes on with until then."""

import ast
import dis
import functools
import inspect
from collections.abc import Callable
from types import FunctionType
from typing import Any

import torch
from torch import nn
from torch.nn import functional as F

from helpers.study import tasks

__all__ = ["is_untouched", "task"]

CONSTANT = {"RESUME", "NOP", "LOAD_CONST", "RETURN_VALUE", "RETURN_CONST", "COPY_FREE_VARS"}
GIVEN = "_given_for_task"
IMPORTED = {"torch": torch, "nn": nn, "F": F}  # at the head of every notebook that needs them


def task(name: str) -> Callable[[Callable], Callable]:
    """Mark a function as the student's in a task: `@helpers.task("7.2 A")` above it.

    As long as the function does no more than `return ...`, its name stands for the course's own
    solution, so that the cells below run. Once it is written, it is the student's.

    Raises ValueError for a task that there is not, naming those that are near.
    """
    declared = tasks.find(name)

    def choose(function: Callable) -> Callable:
        if not _is_bare(function):
            return function
        space: dict[str, Any] = {}
        # The solution sees the notebook's names, as the student's function would.
        scope = function.__globals__ if isinstance(function, FunctionType) else {}
        code = compile(_undecorated(declared.solution), f"<solution of {declared.name}>", "exec")
        exec(code, scope, space)
        solved = space[declared.called]
        # A lent notebook (helpers.from_notebook) imports only what its own lines name.
        for name in IMPORTED.keys() & set(solved.__code__.co_names):
            scope.setdefault(name, IMPORTED[name])
        given = functools.wraps(function)(solved)
        setattr(given, GIVEN, declared.name)
        return given

    return choose


def _undecorated(solution: str) -> ast.Module:
    """Return a solution without its decorators, such as add_to_class: the stub has them too."""
    tree = ast.parse(solution)
    for node in tree.body:
        if isinstance(node, ast.FunctionDef):
            node.decorator_list = []
    return tree


def is_untouched(attempt: Any) -> bool:
    """Whether an attempt is a stub as it came, or what stands in its place."""
    return attempt is ... or hasattr(attempt, GIVEN) or _is_bare(attempt)


def _is_bare(attempt: Any) -> bool:
    """Whether a function, or each method of a class, does no more than `return ...`."""
    if inspect.isclass(attempt):
        methods = [m for m in vars(attempt).values() if isinstance(m, FunctionType)]
        return any(map(_is_bare, methods))
    code = getattr(attempt, "__code__", None)
    if code is None or not any(constant is ... for constant in code.co_consts):
        return False
    return all(i.opname in CONSTANT for i in dis.get_instructions(code))
