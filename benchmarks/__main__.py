"""Measure helpers and d2l 1.0.3 side by side, in one run on one machine.

    make bench        or        python -m benchmarks [NAME ...]

Each measurement runs in a process of its own; the two sides take turns, and each side's
best of several turns counts. d2l's board is told not to display, as outside a notebook;
inside one it is slower still.
"""

import argparse
import contextlib
import io
import json
import math
import os
import platform
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from benchmarks import work
from tools.environment import KERNEL_VARIABLES

TURNS = 3


class Bench:
    """Runs measurements in processes of their own and prints them in rows."""

    def __init__(self, folder: Path):
        self.folder = folder

    def measure(self, call: str, sides: list[str], turns: int = TURNS) -> dict[str, dict]:
        """Return for each side the best seconds and the peak memory in bytes."""
        results: dict[str, list] = {side: [] for side in sides}
        for _ in range(turns):
            for side in sides:
                command = [sys.executable, "-m", "benchmarks", "--run", call.format(repr(side))]
                # Ours as a kernel of ours has it; d2l's as a kernel is without.
                variables = os.environ | ({} if side == "d2l" else KERNEL_VARIABLES)
                output = subprocess.run(
                    command, check=True, capture_output=True, text=True, env=variables
                ).stdout
                results[side].append(json.loads(output))
        return {
            side: {key: min(r[key] for r in found) for key in found[0]}
            for side, found in results.items()
        }

    def row(self, work: str, unit: str, ours: float, theirs: float, target: float | None) -> None:
        ratio = theirs / ours
        aim = f"{target:g}×" if target else "–"
        print(
            f"| {work} | {_sized(theirs)} {unit} | {_sized(ours)} {unit} | {ratio:.3g}× | {aim} |"
        )

    def header(self, title: str) -> None:
        print(f"\n{title}\n")
        print(
            "| work | d2l 1.0.3 | helpers | times as fast | aim |\n| --- | --- | --- | --- | --- |"
        )

    def training(self) -> None:
        import torch

        from helpers.training.device import is_emulated

        emulated = is_emulated(torch.device("cpu"), torch.bfloat16)
        self.header("Training and data (the lower the better; memory: peak of all processes)")
        # The ratio that varies most from run to run: more turns.
        found = self.measure("lenet_epoch({})", ["d2l", "ours", "loop"], turns=2 * TURNS)
        d, o, bare = found["d2l"], found["ours"], found["loop"]["seconds"]
        self.row("LeNet, one epoch through fit()", "s", o["seconds"], d["seconds"], 3)
        self.row("its arithmetic alone, in a bare PyTorch loop", "s", bare, d["seconds"], None)
        self.row("LeNet, peak memory", "MB", o["peak"] / 1e6, d["peak"] / 1e6, None)
        for busy, name, aim in (
            (False, "LeNet, 2 epochs of 6,400 images", None),
            (True, "the same, while another program takes a core", 10),
        ):
            found = self.measure(f"lenet({{}}, {busy})", ["d2l", "ours"])
            self.row(name, "s", found["ours"]["seconds"], found["d2l"]["seconds"], aim)
        for size, images in ((28, 60_000), (96, 12_800), (224, 6_400)):
            found = self.measure(f"loader({{}}, {size}, {images})", ["d2l", "ours"])
            o, d = (found[s]["seconds"] * 1e6 for s in ("ours", "d2l"))
            self.row(f"loader, {size} × {size}", "µs/image", o, d, 5 if size == 224 else None)
        for network, name, aims in (
            ("vgg", "VGG (arch/4), 224 × 224", (1.4, 3)),
            ("resnet", "ResNet-18, 96 × 96", (1, 1.7)),
        ):
            sides = ["d2l", "ours"] if emulated else ["d2l", "ours", "bfloat16"]
            found = self.measure(f"step({{}}, {network!r})", sides)
            times = {side: result["seconds"] * 1e3 for side, result in found.items()}
            peaks = {side: result["peak"] / 1e6 for side, result in found.items()}
            self.row(f"{name}, step", "ms/image", times["ours"], times["d2l"], aims[0])
            self.row(f"{name}, peak memory", "MB", peaks["ours"], peaks["d2l"], None)
            work = f"{name}, step, bfloat16 asked for"
            if emulated:
                print(f"| {work} | – | not measured: this CPU would emulate it | – | {aims[1]}× |")
            else:
                self.row(work, "ms/image", times["bfloat16"], times["d2l"], aims[1])
        found = self.measure("import_time({})", ["d2l", "ours", "torch"])
        d, o, t = (found[s]["seconds"] for s in ("d2l", "ours", "torch"))
        self.row(f"import (torch alone: {t:.2f} s)", "s", o, d, None)

    def operators(self) -> None:
        sizes = (25, 50, 100, 200, 400)
        print("\nOperators, 5 × 5 window on n × n pixels (milliseconds a call)\n")
        print("| operator | by | " + " | ".join(f"n = {n}" for n in sizes) + " | time grows as |")
        print("| --- " * (len(sizes) + 3) + "|")
        for name in ("corr2d", "pool2d"):
            times: dict[str, list[float]] = {"d2l": [], "ours": [], "torch": []}
            for n in sizes:
                found = self.measure(f"operator({{}}, {name!r}, {n})", list(times), turns=1)
                for side in times:
                    times[side].append(found[side]["seconds"] * 1e3)
            label = {"d2l": "loop over pixels", "ours": "helpers", "torch": "torch.nn.functional"}
            for side, row in times.items():
                growth = math.log(row[-1] / row[2]) / math.log(sizes[-1] / sizes[2])
                cells = " | ".join(f"{t:.3g}" for t in row)
                print(f"| {name} | {label[side]} | {cells} | n^{growth:.1f} |")
            ratio = times["d2l"][2] / times["ours"][2]
            print(f"| {name} | loop ÷ helpers at n = 100 | | | {ratio:.0f}× (aim 90×) | | | |")


def _sized(value: float) -> str:
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"


def describe_machine() -> str:
    import numpy
    import torch

    cpu = platform.processor() or platform.machine()
    with contextlib.suppress(OSError):
        lines = Path("/proc/cpuinfo").read_text().splitlines()
        cpu = next((line.split(":")[1].strip() for line in lines if "model name" in line), cpu)
    return (
        f"{cpu}, {os.cpu_count()} cores, {torch.get_num_threads()} threads; Python "
        f"{platform.python_version()}, torch {torch.__version__.split('+')[0]}, numpy "
        f"{numpy.__version__}; {time.strftime('%Y-%m-%d')}"
    )


def run_one(call: str) -> None:
    """Carry out one measurement in this process and print it as JSON."""
    with contextlib.redirect_stdout(io.StringIO()):
        result = eval(call, vars(work))
    peak = sum(
        resource.getrusage(who).ru_maxrss
        for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
    )
    unit = 1 if sys.platform == "darwin" else 1024
    print(json.dumps({"seconds": result, "peak": peak * unit}))


def main() -> None:
    """Run the command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument(
        "names", nargs="*", metavar="NAME", help="training, operators; both if none"
    )
    parser.add_argument("--run", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.run:
        # d2l draws with pyplot; nothing is to open a window.
        os.environ["MPLBACKEND"] = "agg"
        run_one(arguments.run)
        return
    for name in arguments.names:
        if name not in ("training", "operators"):
            parser.error(f"NAME must be training or operators, got {name!r}")
    from helpers.images.source import find_from_environment

    files, reason = find_from_environment()
    if files is None:
        sys.exit(f"The benchmarks need the real Fashion-MNIST. {reason}")
    with tempfile.TemporaryDirectory() as temporary:
        # d2l reads ../data; give it a copy that torchvision may unpack.
        raw = Path(temporary) / "data" / "FashionMNIST" / "raw"
        raw.mkdir(parents=True)
        for file, content in files.items():
            (raw / file).write_bytes(content)
        work = Path(temporary) / "work"
        work.mkdir()
        root = Path(__file__).resolve().parent.parent
        os.environ["PYTHONPATH"] = str(root)
        os.environ["FASHION_MNIST_DIR"] = str(Path(temporary) / "data")
        os.environ["PYTHONWARNINGS"] = "ignore"  # d2l's four workers on two cores
        os.chdir(work)
        print(describe_machine())
        bench = Bench(work)
        for name in arguments.names or ("training", "operators"):
            getattr(bench, name)()
        os.chdir(root)
    shutil.rmtree(temporary, ignore_errors=True)


if __name__ == "__main__":
    main()
