"""Make the claims of an answer false, one by one, and see whether its evidence notices."""

import hashlib
import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import torch

from tools.answers import evidence
from tools.answers.parse import FOLDER, Answer, AnswerError, Block, Mutation

# Which answers' mutations were all refused, by what stands for the answer's code.
LEDGER = FOLDER / "refused.json"
# These say that a mutation is no code that could run, not that the claim is false.
NO_CODE = ("SyntaxError", "IndentationError", "NameError", "StaleError", "AnswerError")


class Outcome(NamedTuple):
    """What the evidence says to a mutation: the error, and whether it is a refusal."""

    mutation: Mutation
    error: str

    @property
    def refused(self) -> bool:
        return bool(self.error) and self.error not in NO_CODE


def outcomes(answer: Answer) -> Iterator[Outcome]:
    """Try each mutation of an answer on its code, in the order of its blocks.

    Raises AnswerError for a mutation whose text does not occur once, or stands in the code of
    a recorded experiment, and what the unchanged code raises.
    """
    places = [(_block_of(answer, mutation), mutation) for mutation in answer.mutations]
    torch.set_num_threads(1)  # a process that was forked off could not use others
    namespace = evidence.start()
    for i, block in enumerate(answer.blocks):
        for block_of, mutation in places:
            if block_of is block:
                yield Outcome(mutation, _error(answer, i, mutation, namespace))
        evidence.run_block(answer, block, namespace)


def _block_of(answer: Answer, mutation: Mutation) -> Block:
    """Return the block whose code a mutation changes."""
    found = [block for block in answer.blocks if mutation.old in block.source]
    if len(found) != 1 or found[0].source.count(mutation.old) != 1:
        count = sum(block.source.count(mutation.old) for block in found)
        raise AnswerError(
            f"{answer.number}: {mutation.old!r} must occur once in its code to be changed, "
            f"and occurs {count} times"
        )
    if found[0].recorded:
        raise AnswerError(
            f"{answer.number}: {mutation.old!r} stands in a recorded experiment, which is not "
            "run again: change what is printed or asserted of it"
        )
    return found[0]


def _error(answer: Answer, i: int, mutation: Mutation, namespace: dict[str, Any]) -> str:
    """Return the name of the error with which changed code ends, '' if with none."""
    if not hasattr(os, "fork"):
        return _run_changed(answer, 0, mutation, evidence.start())
    read, write = os.pipe()
    child = os.fork()  # it has all that the blocks above have made, and changes nothing of ours
    if child == 0:
        try:
            error = _run_changed(answer, i, mutation, namespace)
        except BaseException as unforeseen:
            error = type(unforeseen).__name__
        os.write(write, json.dumps(error).encode())
        os._exit(0)
    os.close(write)
    with os.fdopen(read, "rb") as pipe:
        answered = pipe.read()
    os.waitpid(child, 0)
    return json.loads(answered) if answered else "the process died"


def _run_changed(answer: Answer, first: int, mutation: Mutation, namespace: dict[str, Any]) -> str:
    for block in answer.blocks[first:]:
        changed = Block(block.line, block.source.replace(mutation.old, mutation.new), block.output)
        try:
            evidence.run_block(answer, block if block.recorded else changed, namespace)
        except Exception as error:
            return type(error).__name__
    return ""


def fingerprint(answer: Answer) -> str:
    """Return what stands for an answer's code, outputs and mutations."""
    parts = [(block.source, block.output) for block in answer.blocks]
    text = repr((parts, [(mutation.old, mutation.new) for mutation in answer.mutations]))
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def known() -> dict[str, str]:
    """Return the fingerprints of the answers whose mutations were all refused."""
    return json.loads(LEDGER.read_text(encoding="utf-8")) if LEDGER.exists() else {}


def remember(refused: dict[str, str], path: Path = LEDGER) -> None:
    """Write which answers' mutations were all refused."""
    text = json.dumps(dict(sorted(refused.items())), indent=1)
    path.write_text(f"{text}\n", encoding="utf-8", newline="\n")
