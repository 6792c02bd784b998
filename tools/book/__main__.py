"""Run the book's notebooks with d2l's Trainer and images, and again with ours in their place.

    python -m tools.book FOLDER [NAME ...]

FOLDER is a copy of the book's PyTorch notebooks, which you fetch yourself; nothing of them is
kept in this repository:

    git clone --depth 1 https://github.com/d2l-ai/d2l-pytorch-colab FOLDER

A NAME is a section's number such as 3.4, or a file's name without its ending. Without names, all
sections of chapters 3 to 11 that use d2l are run, and those of other chapters that use its
Trainer or its Fashion-MNIST. Every notebook runs twice in fresh processes, shortened in the same
way (tools/book/side.py says how), on the CPU. Where the losses differ it runs a third time, with
our Trainer and d2l's images, if it uses these: that tells whether they make the difference.

Prints a Markdown table. Results and what the notebooks printed are kept in .cache/book: a second
run repeats only what has changed. Exits with 1 if something fails with ours only, or the losses
of a training differ.
"""

import argparse
import hashlib
import json
import os
import subprocess
import sys
from importlib.metadata import version
from math import inf
from pathlib import Path

from tools.book import compare, data
from tools.book.contents import Section, chosen, sections, uses_images
from tools.execution import ONE_THREAD

ROOT = Path(__file__).resolve().parents[2]
CACHE = ROOT / ".cache" / "book"
# What results depend on, of this folder.
DECISIVE = ("side.py", "replace.py", "contents.py", "data.py")
TIMEOUT = 900  # seconds for one notebook on one side
# One thread, no GPU: what else there is on the machine shall not change the last digits.
ENVIRONMENT = {**ONE_THREAD, "CUDA_VISIBLE_DEVICES": ""}


def result_of(section: Section, side: str, source: str) -> dict:
    """Run a section on one side, or take what an earlier run of the same left in the cache."""
    code = [section.path, *(Path(__file__).with_name(name) for name in DECISIVE)]
    code += [] if side == "d2l" else sorted((ROOT / "helpers").rglob("*.py"))
    versions = [f"{name} {version(name)}" for name in ("d2l", "torch", "torchvision")]
    parts = [path.read_bytes() for path in code] + [text.encode() for text in versions]
    key = hashlib.sha256(b"\0".join(parts)).hexdigest()[:12]
    name = f"{section.number}-{section.name}-{side}-{key}.json"
    result = CACHE / source / "results" / name
    if not result.exists():
        run(section, side, result)
    return json.loads(result.read_text(encoding="utf-8"))


def run(section: Section, side: str, result: Path) -> None:
    """Run a section in a fresh process, and write its errors and losses to `result`."""
    work = result.parent.parent / "work"  # the book looks for its data in ../data
    for folder in (work, result.parent):
        folder.mkdir(parents=True, exist_ok=True)
    unfinished = result.with_suffix(".part").resolve()
    unfinished.write_text(json.dumps({"errors": [], "fits": []}), encoding="utf-8")
    notebook = str(section.path.resolve())
    command = [sys.executable, "-m", "tools.book.side", notebook, side, str(unfinished)]
    environment = {**os.environ, **ENVIRONMENT, "PYTHONPATH": str(ROOT)}
    images = os.environ.get("FASHION_MNIST_DIR", "")
    if Path(images).is_dir() and images:  # perhaps relative, and `work` is another folder
        environment["FASHION_MNIST_DIR"] = str(Path(images).resolve())
    with result.with_suffix(".log").open("w", encoding="utf-8") as log:
        try:
            code = subprocess.run(
                command, cwd=work, env=environment, stdout=log, stderr=log, timeout=TIMEOUT
            ).returncode
            failed = f"the process ended with code {code}" if code else ""
        except subprocess.TimeoutExpired:
            failed = f"not done after {TIMEOUT} s"
    if failed:
        content = json.loads(unfinished.read_text(encoding="utf-8"))
        content["errors"].append([None, failed])
        unfinished.write_text(json.dumps(content), encoding="utf-8")
    unfinished.replace(result)


def main() -> None:
    """Run the command line."""
    parser = argparse.ArgumentParser(
        prog="python -m tools.book", description=__doc__.split("\n")[0]
    )
    parser.add_argument("folder", type=Path, help="a copy of the book's PyTorch notebooks")
    parser.add_argument("names", nargs="*", metavar="NAME", help="a section's number or file name")
    arguments = parser.parse_args()
    try:
        listed = chosen(sections(arguments.folder), arguments.names)
    except (FileNotFoundError, ValueError) as error:
        parser.error(str(error))
    source = data.make(CACHE)
    rows, good = [], []
    for section in listed:
        print(section.number, section.name, file=sys.stderr, flush=True)
        theirs, ours = (result_of(section, side, source) for side in ("d2l", "ours"))
        differs = compare.TOLERANCE < compare.difference(theirs, ours)[0] < inf
        alone = differs and uses_images(section)
        trainer = result_of(section, "trainer", source) if alone else None
        row, as_d2l = compare.row_of(section, theirs, ours, trainer)
        rows.append(row)
        good.append(as_d2l)
    print(compare.table(rows))
    print(f"\n{sum(good)} of {len(good)} sections do with ours what they do with d2l's.")
    sys.exit(not all(good))


if __name__ == "__main__":
    main()
