"""Run the code of an answer: what it prints must stand below it, what it asserts must hold."""

import contextlib
import io
import time
from typing import Any

import nbformat

from tools.answers import records
from tools.answers.parse import Answer, AnswerError, Block
from tools.outputs import compare
from tools.outputs.rules import MarkerError


class OutputError(AssertionError):
    """A block that prints something else than stands below it."""


def start() -> dict[str, Any]:
    """Return the names that an answer's first block begins with."""
    return {"__name__": "__main__"}


def run(answer: Answer) -> None:
    """Run an answer as the tests do: long experiments in short, with their recorded values.

    Raises what a block raises, OutputError for another output, StaleError for a record that
    is not that of the code.
    """
    namespace = start()
    for block in answer.blocks:
        run_block(answer, block, namespace)


def run_block(answer: Answer, block: Block, namespace: dict[str, Any]) -> None:
    """Run one block after those before it, and compare what it prints."""
    if block.recorded:
        execute(answer, block, block.shortened(), namespace)
        namespace.update(records.values_of(answer, block))
        return
    check_output(block, execute(answer, block, block.source, namespace))


def execute(answer: Answer, block: Block, source: str, namespace: dict[str, Any]) -> str:
    """Execute the source of a block, or what stands for it, and return what it printed."""
    # Empty lines in front, so that a traceback names the line in the file.
    code = compile("\n" * block.line + source, str(answer.path), "exec")
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        exec(code, namespace)
    return printed.getvalue()


def check_output(block: Block, printed: str) -> None:
    """Raise OutputError unless a block printed what stands below it."""
    if block.output is None:
        if printed:
            raise OutputError(
                f"line {block.line}: it prints something, and no fence of text is below it; "
                "python -m tools.answers run writes it"
            )
        return
    try:
        found = compare.compare([_stream(block.output)], [_stream(printed)], block.source, [])
    except MarkerError as error:
        raise OutputError(f"line {block.line}: {error}") from None
    if found.differences:
        shown = "\n".join(map(str, found.differences[:5]))
        raise OutputError(f"line {block.line}: another output than stands below it\n{shown}")


def _stream(text: str) -> nbformat.NotebookNode:
    return nbformat.v4.new_output("stream", name="stdout", text=text)


def written(answer: Answer) -> dict[tuple[int, int], str]:
    """Return the outputs that differ from those that stand there, by the lines of their fences."""
    namespace, found = start(), {}
    for block in answer.blocks:
        if block.recorded:
            if block.output is not None:
                raise AnswerError(f"line {block.line}: print what is recorded in the next block")
            run_block(answer, block, namespace)
            continue
        printed = execute(answer, block, block.source, namespace)
        if block.output is None:
            check_output(block, printed)
        elif _differs(block, printed):
            found[block.output_lines] = printed
    return found


def _differs(block: Block, printed: str) -> bool:
    try:
        check_output(block, printed)
    except OutputError:
        return True
    return False


def record(answer: Answer) -> list[float]:
    """Run an answer's long experiments in full and keep what they measure; return the seconds."""
    namespace, seconds = start(), []
    last = max((i for i, block in enumerate(answer.blocks) if block.recorded), default=-1)
    for block in answer.blocks[: last + 1]:
        began = time.perf_counter()
        execute(answer, block, block.code if block.recorded else block.source, namespace)
        if block.recorded:
            seconds.append(time.perf_counter() - began)
            records.keep(answer, block, namespace, seconds[-1])
    return seconds
