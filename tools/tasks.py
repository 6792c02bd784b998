"""Put the tasks of helpers/study/tasks into the notebooks, and print what there is.

    python -m tools.tasks

prints a table of all tasks: how many right and wrong attempts their checkers are tried on, and
whether a notebook has a place for them. A comment on the last line of a Markdown cell,

    <!-- task: 7.2 A -->

is the place of a task. `python -m tools.notebooks embed` puts four cells after it: what is
asked, the stub, the check, and the solution, folded.
"""

import re
from pathlib import Path

import nbformat
from nbformat import NotebookNode

from helpers.study import tasks
from helpers.study.task import Task
from tools.execution import NOTEBOOKS

TAG = "task"
SOLUTION = "-solution"  # the end of the identity of a cell with one
MARK = re.compile(r"<!--\s*task:\s*(.*?)\s*-->")


def with_tasks(path: Path, cells: list[NotebookNode]) -> list[NotebookNode]:
    """Return a notebook's cells with those of its tasks, at their places, as they are declared.

    A cell whose text has not changed keeps its outputs. Raises ValueError for a mark that is
    not on the last line of a Markdown cell, names no task of this notebook, or comes twice.
    """
    old = {cell.id: cell for cell in cells if TAG in cell.metadata.get("tags", [])}
    result: list[NotebookNode] = []
    seen: set[str] = set()
    for cell in cells:
        if cell.id in old:
            continue
        result.append(cell)
        name = _place(path, cell)
        if name is None:
            continue
        if name in seen:
            raise ValueError(f"{path.name} has two places for the task {name}")
        seen.add(name)
        result.extend(_kept(new, old.get(new.id)) for new in cells_of(tasks.find(name)))
    return result


def _place(path: Path, cell: NotebookNode) -> str | None:
    """Return the name of the task whose place is at the end of a cell."""
    if cell.cell_type != "markdown" or not MARK.search(cell.source):
        return None
    match = MARK.fullmatch(cell.source.rstrip().splitlines()[-1])
    if match is None or len(MARK.findall(cell.source)) > 1:
        raise ValueError(
            f"{path.name}: the mark of a task must be one, on the last line of its Markdown cell, "
            f"got {cell.source[-200:]!r}"
        )
    try:
        task = tasks.find(match[1])
    except ValueError as error:
        raise ValueError(f"{path.name}: {error}") from error
    if not re.match(rf"{re.escape(task.section)}(-|$)", path.stem):
        raise ValueError(f"{path.name} has a place for {task.name}, a task of another notebook")
    return task.name


def _kept(new: NotebookNode, old: NotebookNode | None) -> NotebookNode:
    """Return the cell that is there already, with its outputs, if it is the same."""
    same = old is not None and (old.cell_type, old.source) == (new.cell_type, new.source)
    return old if same and old is not None else new


def cells_of(task: Task) -> list[NotebookNode]:
    """Return the four cells of a task."""
    identity = "task-" + re.sub(r"[ .]", "-", task.name.lower())
    metadata = {"tags": [TAG]}
    text = f"**Your turn, {task.name}.** {task.prompt}"
    check = f'helpers.check("{task.name}", {task.binds})  # or helpers.hint("{task.name}")'
    solution = (
        f"<details><summary>Solution of {task.name}</summary>\n\n"
        f"```python\n{task.solution.strip()}\n```\n\n</details>"
    )
    v4 = nbformat.v4
    return [
        v4.new_markdown_cell(text, id=identity, metadata=metadata),
        v4.new_code_cell(task.stub.strip(), id=f"{identity}-stub", metadata=metadata),
        v4.new_code_cell(check, id=f"{identity}-check", metadata=metadata),
        v4.new_markdown_cell(solution, id=f"{identity}{SOLUTION}", metadata=metadata),
    ]


def as_run(source: str) -> str:
    """Return the code that a cell runs: that of the solution, where the cell is a task's stub."""
    match = re.search(r'^@helpers\.task\("([^"]+)"\)', source, re.MULTILINE)
    if match is None:
        return source
    task = tasks.find(match[1])
    return task.solution if source.strip() == task.stub.strip() else source


def places() -> dict[str, str]:
    """Return the notebook of each task that has a place in one."""
    found = {}
    for path in sorted(NOTEBOOKS.glob("*.ipynb")):
        for cell in nbformat.read(path, as_version=4).cells:
            name = _place(path, cell)
            if name is not None:
                found[name] = path.stem
    return found


def main() -> None:
    """Print the table."""
    from tests import attempts

    attempts.load()
    placed = places()
    print("| task | asks | hints | right | wrong | mistakes told apart | place |")
    print("| --- | --- | --: | --: | --: | --- | --- |")
    for name in tasks.names():
        task, wrong = tasks.find(name), attempts.WRONG[name]
        mistakes = ", ".join(dict.fromkeys(mistake for mistake, _ in wrong))
        counts = map(str, (len(task.hints), len(attempts.RIGHT[name]), len(wrong)))
        row = (name, f"`{task.asks}`", *counts, mistakes, placed.get(name, "none yet"))
        print("|", " | ".join(row), "|")


if __name__ == "__main__":
    main()
