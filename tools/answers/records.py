"""What a long experiment of an answer measured, kept in answers/records."""

import json
import platform
import re
from datetime import date
from pathlib import Path
from typing import Any

import torch

from helpers import Runs
from tools.answers.parse import FOLDER, Answer, Block
from tools.names import digest

RECORDS = FOLDER / "records"
ROW = re.compile(r"\[([^\[\]{}]*)\]")  # a list of numbers, to be written on one line


class StaleError(AssertionError):
    """A record that is not there, or was made by other code than stands in the answer."""


def place(answer: Answer) -> Path:
    """Return the file of an answer's record."""
    return RECORDS / f"{answer.identity}.json"


def values_of(answer: Answer, block: Block) -> dict[str, Any]:
    """Return the recorded values of a block by their names.

    Raises StaleError if there are none, or if the code has changed since.
    """
    command = f'python -m tools.answers record "{answer.number}"'
    record = _kept(answer).get(_key(block))
    if record is None:
        raise StaleError(f"{answer.number} has no record of {_key(block)}: {command}")
    if record["code"] != fingerprint(answer, block):
        raise StaleError(f"the code of {answer.number} has changed since it ran: {command}")
    return {name: _decode(record["values"][name]) for name in block.recorded}


def keep(answer: Answer, block: Block, namespace: dict[str, Any], seconds: float) -> None:
    """Write what a block has computed, beside what the answer's other blocks have."""
    current = {_key(b) for b in answer.blocks if b.recorded}
    kept = {key: record for key, record in _kept(answer).items() if key in current}
    kept[_key(block)] = {
        "code": fingerprint(answer, block),
        "date": date.today().isoformat(),
        "seconds": round(seconds),
        "processor": processor(),
        "versions": {"python": platform.python_version(), "torch": str(torch.__version__)},
        "values": {name: _encode(namespace[name]) for name in block.recorded},
    }
    RECORDS.mkdir(exist_ok=True)
    text = json.dumps(kept, indent=1, ensure_ascii=False, allow_nan=False)
    text = ROW.sub(lambda row: f"[{' '.join(row[1].split())}]", text)
    place(answer).write_text(f"{text}\n", encoding="utf-8", newline="\n")


def _kept(answer: Answer) -> dict[str, Any]:
    path = place(answer)
    return json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}


def _key(block: Block) -> str:
    return ", ".join(block.recorded)


def fingerprint(answer: Answer, block: Block) -> str:
    """Return what stands for the code up to a block, whatever its comments and empty lines."""
    return digest(b.source for b in answer.blocks if b.line <= block.line)


def processor() -> str:
    """Return the processor's name where the system tells it."""
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.processor() or platform.machine()
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.machine()


def _encode(value: Any) -> Any:
    if isinstance(value, Runs):
        return {"runs": value.to_dict()}
    return value.tolist() if isinstance(value, torch.Tensor) else value


def _decode(value: Any) -> Any:
    if isinstance(value, dict) and value.keys() == {"runs"}:
        return Runs(value["runs"])
    return value
