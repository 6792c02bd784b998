"""Look after the answers of the exercises.

    python -m tools.answers list   [NAME ...]   a table of all exercises
    python -m tools.answers run    [NAME ...]   run their code and write what it prints below it
    python -m tools.answers record [NAME ...]   run long experiments in full and keep their numbers
    python -m tools.answers check  [NAME ...]   form, numbers without evidence, names that clash
    python -m tools.answers mutate [NAME ...]   make their claims false and see what notices

A NAME is a section ('7.2', '7.2-conv-layer') or an exercise ('7.2.8 Exercise 1a').
"""

import argparse
import os
import subprocess
import sys
from pathlib import Path

from tools.answers import check, evidence, mutate
from tools.answers.parse import Answer, AnswerError, named
from tools.execution import ONE_THREAD, UNSET


def show_table(chosen: list[Answer]) -> bool:
    """Print a table of the exercises."""
    print("| exercise | kind | shows | proof | assertions | mutations |")
    print("| --- | --- | --: | --- | --: | --: |")
    for answer in chosen:
        shown = sum(block.output is not None for block in answer.blocks)
        proof = "yes" if answer.has("Proof") else ""
        counts = answer.assertions, len(answer.mutations)
        print("|", " | ".join(map(str, (answer.number, answer.kind, shown, proof, *counts))), "|")
    return True


def run(chosen: list[Answer]) -> bool:
    """Run answers and write their outputs into their files; return whether all held."""
    well = True
    for path in dict.fromkeys(answer.path for answer in chosen):
        outputs: dict[tuple[int, int], str] = {}
        for answer in (a for a in chosen if a.path == path):
            try:
                found = evidence.written(answer)
            except Exception as error:
                well = False
                print(f"{answer.number} FAILED\n  {type(error).__name__}: {error}", flush=True)
                continue
            print(answer.number, "written" if found else "unchanged", flush=True)
            outputs |= found
        if outputs:
            write_outputs(path, outputs)
    return well


def write_outputs(path: Path, outputs: dict[tuple[int, int], str]) -> None:
    """Put outputs into the fences that stand at these lines of an answers file."""
    lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
    for (first, last), text in sorted(outputs.items(), reverse=True):
        lines[first + 1 : last - 1] = [text if text.endswith("\n") else f"{text}\n"]
    path.write_text("".join(lines), encoding="utf-8", newline="\n")


def record(chosen: list[Answer]) -> bool:
    """Run the long experiments of answers in full."""
    for answer in chosen:
        if any(block.recorded for block in answer.blocks):
            seconds = evidence.record(answer)
            print(answer.number, "recorded in", *(f"{s:.0f} s" for s in seconds), flush=True)
    return True


def check_all(chosen: list[Answer]) -> bool:
    """Print what is wrong with answers without running them."""
    well = True
    for answer in chosen:
        found = check.faults(answer)
        numbers, clashes = check.unproved_numbers(answer), check.clashes(answer)
        if numbers:
            found.append(f"numbers in prose without evidence: {', '.join(numbers)}")
        if clashes:
            found.append(f"names of the notebook: {', '.join(sorted(clashes))}")
        for fault in found:
            well = False
            print(f"{answer.number}: {fault}")
    return well


def mutate_all(chosen: list[Answer]) -> bool:
    """Try all mutations, print a table, and remember the answers that refuse all of theirs."""
    ledger, well = mutate.known(), True
    print("| exercise | changed | to | refused by |\n| --- | --- | --- | --- |")
    for answer in chosen:
        refused = bool(answer.mutations)
        try:
            for outcome in mutate.outcomes(answer):
                refused &= outcome.refused
                by = outcome.error if outcome.refused else f"**nothing** {outcome.error}"
                mutation = outcome.mutation
                old, new = (t.replace("|", "\\|") for t in (mutation.old, mutation.new))
                print(f"| {answer.number} | `{old}` | `{new}` | {by} |", flush=True)
        except Exception as error:
            refused = False
            print(f"| {answer.number} | | | **{type(error).__name__}: {error}** |", flush=True)
        if refused:
            ledger[answer.number] = mutate.fingerprint(answer)
        else:
            ledger.pop(answer.number, None)
        well &= refused
    numbers = [answer.number for answer in named([])]
    mutate.remember({n: ledger[n] for n in numbers if n in ledger})
    return well


COMMANDS = {
    "list": show_table,
    "run": run,
    "record": record,
    "check": check_all,
    "mutate": mutate_all,
}


def main() -> None:
    """Run the command line."""
    parser = argparse.ArgumentParser(prog="python -m tools.answers", description=__doc__)
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.add_argument("command", choices=COMMANDS)
    parser.add_argument("names", nargs="*", metavar="NAME")
    arguments = parser.parse_args()
    for name in UNSET:
        os.environ.pop(name, None)
    try:
        chosen = named(arguments.names)
        well = COMMANDS[arguments.command](chosen)
    except (AnswerError, ValueError) as error:
        parser.error(str(error))
    if not well:
        sys.exit(1)


if __name__ == "__main__":
    # The number of threads must be settled before PyTorch is loaded.
    if any(os.environ.get(name) != value for name, value in ONE_THREAD.items()):
        again = [sys.executable, "-m", "tools.answers", *sys.argv[1:]]
        sys.exit(subprocess.run(again, env=os.environ | ONE_THREAD, check=False).returncode)
    main()
