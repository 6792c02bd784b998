"""Errors of a few lines in a notebook: the student's own lines, and the sentence.

IPython asks an exception for `_render_traceback_` before it shows one, and so does the
IPython 7.34 of Colab. In a notebook, every public function and method of helpers gives it to
the exceptions that pass. In a script nothing is changed: the functions stay as they are.
"""

import ast
import functools
import inspect
import linecache
import sys
import sysconfig
import textwrap
from collections.abc import Callable, Iterable, Iterator, MutableMapping
from contextlib import suppress
from pathlib import Path
from types import CodeType, FunctionType, TracebackType
from typing import Any, NamedTuple

from helpers.notebook.display import in_notebook

__all__ = ["is_library", "open_doors", "short_errors"]

OURS = str(Path(__file__).resolve().parent.parent)
PYTHONS = tuple({sysconfig.get_path(name) for name in ("stdlib", "platstdlib")})
MOST_LINES = 12  # with a cell of some lines above them, they fit on a laptop's screen
MOST_PLACES = 4
WIDTH = 100  # JupyterLab breaks longer lines
SPECIAL = ("__init__", "__call__", "__getitem__", "__iter__")
TIMED = "<timed "  # so %%time and %time call the file of the code that they run
RED, GREEN, PLAIN = "\x1b[31m", "\x1b[32m", "\x1b[0m"
FOLDED = "(The whole traceback: run %tb in a new cell.)"


def open_doors(names: MutableMapping[str, Any], public: Iterable[str]) -> None:
    """Shorten the errors of public functions and classes, in a notebook.

    `names` are those of a module, `public` some of them. What else is public in the modules
    that they come from, such as the class of what a function returns, is shortened too.
    """
    if not in_notebook():
        return
    doors = {}
    modules = {names[name].__module__ for name in public}
    for module in (sys.modules[name] for name in modules):
        for name, value in list(vars(module).items()):
            if name.startswith("_") or getattr(value, "__module__", "") != module.__name__:
                continue
            if isinstance(value, FunctionType):
                doors[value] = door = short_errors(value)
                setattr(module, name, door)
            elif inspect.isclass(value):
                _open_methods(value)
    names.update({name: doors[names[name]] for name in public if names[name] in doors})


def _open_methods(of: type) -> None:
    for name, value in list(vars(of).items()):
        if isinstance(value, FunctionType) and (name in SPECIAL or not name.startswith("_")):
            setattr(of, name, short_errors(value))


def short_errors(function: Callable) -> Callable:
    """Return a function that does the same, whose exceptions IPython shows in a few lines.

    Outside a notebook it is the function itself.
    """
    if not in_notebook() or hasattr(function, "__wrapped__"):  # as after a reload
        return function

    @functools.wraps(function)
    def door(*arguments: Any, **options: Any) -> Any:
        try:
            return function(*arguments, **options)
        except Exception as error:
            _shorten(error)
            raise

    return door


def _shorten(error: Exception) -> None:
    """Let IPython show an exception with `_render`, unless it has a way of its own."""
    shell = sys.modules["IPython"].get_ipython()
    if shell is None or hasattr(error, "_render_traceback_"):
        return
    cell = shell.execution_count

    def render() -> list[str]:
        # In a later cell somebody asks for everything, as with %tb, or with %xmode before.
        if shell.execution_count == cell and shell.InteractiveTB.mode == "Context":
            with suppress(Exception):  # whatever goes wrong here, the error must be seen
                return _render(error, shell)
        return shell.InteractiveTB.structured_traceback(type(error), error, error.__traceback__)

    with suppress(AttributeError, TypeError):  # a class may forbid more attributes
        error._render_traceback_ = render  # type: ignore[attr-defined]


def _render(error: Exception, shell: Any) -> list[str]:
    """Return the lines to show: where the student's code was, and what is wrong."""
    shell.InteractiveTB.tb = error.__traceback__  # %debug of IPython 7 goes by it
    said = str(error)
    kind = f"{RED}{type(error).__name__}{PLAIN}"
    sentence = (f"{kind}: {said}" if said else kind).split("\n")
    told = [*_reason(error), "", *sentence, *getattr(error, "__notes__", ()), FOLDED]
    room = MOST_LINES - sum(max(1, -(-len(line) // WIDTH)) for line in told)
    places = list(dict.fromkeys(_places(error)))
    if timed := [n for n, place in enumerate(places) if place.code.co_filename.startswith(TIMED)]:
        places = places[timed[0] :]  # without the call that IPython makes of the cell
    most = min(MOST_PLACES, max(1, room // 2))
    if len(places) > most:  # the line of the cell, and those nearest to the mistake
        places = places[: most // 2] + places[most // 2 - most :]
    return [line for place in places for line in _lines(place, shell)] + told


class Place(NamedTuple):
    """A line that was running."""

    code: CodeType
    line: int


def _places(error: BaseException) -> Iterator[Place]:
    """Yield the student's lines that were running, from the cell inwards."""
    places = list(_walk(error.__traceback__))
    for place in places:
        if not is_library(place.code.co_filename):
            yield place
    cause = error.__cause__
    # Our sentence in place of PyTorch's: the lines within the model belong to the cause.
    if places and cause not in (None, error) and _is_ours(places[-1].code.co_filename):
        yield from _places(cause)  # type: ignore[arg-type]


def _reason(error: BaseException) -> list[str]:
    """Return a line on the exception that the student's own code answered with this one."""
    cause = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    places = list(_walk(error.__traceback__))
    if cause in (None, error) or not places or is_library(places[-1].code.co_filename):
        return []
    text = textwrap.shorten(str(cause), WIDTH - 40, placeholder=" …")
    return [f"(after {type(cause).__name__}: {text})"]


def _walk(traceback: TracebackType | None) -> Iterator[Place]:
    while traceback is not None:
        yield Place(traceback.tb_frame.f_code, traceback.tb_lineno)
        traceback = traceback.tb_next


def _is_ours(file: str) -> bool:
    return file.startswith(OURS)


def is_library(file: str) -> bool:
    """Return whether a file is ours, a package's or Python's, and not the student's."""
    packages = "site-packages" in file or "dist-packages" in file
    return packages or _is_ours(file) or file.startswith((*PYTHONS, "<frozen"))


def _lines(place: Place, shell: Any) -> list[str]:
    """Return where a place is, and what stands there."""
    name, source = _source(place.code.co_filename, shell)
    function = place.code.co_name
    at_top = function == "<module>" or function.startswith("<cell line")  # so in IPython 7
    inside = "" if at_top else f", in {function}"
    where = f"{GREEN}{name}{PLAIN}, line {place.line}{inside}"
    if not 1 <= place.line <= len(source):
        return [where]
    text = textwrap.shorten(source[place.line - 1], WIDTH - 12, placeholder=" …")
    return [where, f"{GREEN}----> {place.line}{PLAIN} {text}"]


def _source(file: str, shell: Any) -> tuple[str, list[str]]:
    """Return how to call a file, and its lines. A cell goes by its number."""
    history = shell.history_manager.input_hist_parsed
    if file.startswith(TIMED):
        return f"Cell In[{len(history) - 1}]", _timed(history[-1])
    source = linecache.getlines(file)
    text = "".join(source).strip()
    for number in range(len(history) - 1, 0, -1):
        if text and text == history[number].strip():
            return f"Cell In[{number}]", source
    if "ipykernel" in file:
        return "Cell", source
    with suppress(ValueError):
        file = str(Path(file).relative_to(Path.cwd()))
    return file if ".ipynb, " in file else f"File {file}", source


def _timed(cell: str) -> list[str]:
    """Return the lines that a cell `%%time` times, from the call that IPython makes of it."""
    with suppress(SyntaxError, ValueError, IndexError, AttributeError):
        statement: Any = ast.parse(cell).body[-1]
        return str(ast.literal_eval(statement.value.args[-1])).split("\n")
    return []
