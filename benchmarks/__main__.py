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
from collections.abc import Callable
from pathlib import Path

VGG_ARCH = ((1, 16), (1, 32), (2, 64), (2, 128), (2, 128))
TURNS = 3


# --- what is measured: each returns seconds per unit of work ------------------------------


def lenet_epoch(side: str) -> float:
    """One epoch of LeNet through fit(), validation included; 'loop' is a bare PyTorch loop."""
    import torch
    from d2l import torch as d2l

    import helpers

    model = d2l.LeNet(lr=0.1)
    model.board.display = False
    torch.manual_seed(0)
    model.apply_init([torch.zeros(1, 1, 28, 28)], d2l.init_cnn)
    data = (d2l if side == "d2l" else helpers).FashionMNIST(batch_size=128)
    if side == "loop":
        return seconds(lambda: bare_loop(model, data))
    trainer = make_trainer(side)
    return seconds(lambda: trainer.fit(model, data))


def make_trainer(side: str):
    """Return a trainer of d2l or of helpers for one epoch."""
    from d2l import torch as d2l

    import helpers

    if side == "d2l":
        return d2l.Trainer(max_epochs=1)
    precision = "bfloat16" if side == "bfloat16" else None
    return helpers.Trainer(1, precision=precision, verbose=False)


def bare_loop(model, data) -> None:
    """Do the arithmetic of an epoch, in the layout that fit() chooses, and nothing else."""
    import torch
    from torch.nn import functional as F

    model.to(memory_format=torch.channels_last)
    optimiser = model.configure_optimizers()
    for X, y in data.train_dataloader():
        loss = F.cross_entropy(model.net(X), y)
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
    with torch.no_grad():
        for X, y in data.val_dataloader():
            Y = model.net(X)
            F.cross_entropy(Y, y).item(), (Y.argmax(1) == y).float().mean().item()


def loader(side: str, size: int, images: int) -> float:
    """One image of the training loader."""
    from d2l import torch as d2l

    import helpers

    library = d2l if side == "d2l" else helpers
    batches = library.FashionMNIST(batch_size=128, resize=(size, size)).train_dataloader()

    def take():
        count = 0
        for X, _ in batches:
            count += len(X)
            if count >= images:
                break

    return seconds(take) / images


def step(side: str, network: str) -> float:
    """One image of a training step through fit()."""
    import torch
    from d2l import torch as d2l
    from torch.utils.data import DataLoader, TensorDataset

    import helpers

    batch = 128  # the book's
    images = 4 * batch
    torch.manual_seed(0)
    if network == "vgg":
        size, model = 224, helpers.from_notebook("8.2-vgg").VGG(arch=VGG_ARCH, lr=0.01)
    else:
        size, model = 96, helpers.from_notebook("8.6-resnet").ResNet18(lr=0.01)
    model.board.display = False
    model.apply_init([torch.zeros(2, 1, size, size)], d2l.init_cnn)

    class Random(d2l.DataModule):
        def train_dataloader(self):
            y = torch.randint(10, (images,))
            return DataLoader(TensorDataset(torch.rand(images, 1, size, size), y), batch)

        def val_dataloader(self):
            return None

    data = Random()
    make_trainer(side).fit(model, data)  # the first steps choose algorithms and allocate
    return seconds(lambda: make_trainer(side).fit(model, data)) / images


def operator(side: str, name: str, n: int) -> float:
    """One call on an n × n image with a 5 × 5 window."""
    import torch
    from d2l import torch as d2l
    from torch.nn import functional as F

    import helpers

    torch.manual_seed(0)
    X, K = torch.rand(n, n), torch.rand(5, 5)
    loop_pool = helpers.from_notebook("7.5-pooling").pool2d
    call: Callable = {
        ("corr2d", "d2l"): lambda: d2l.corr2d(X, K),
        ("corr2d", "ours"): lambda: helpers.corr2d(X, K),
        ("corr2d", "torch"): lambda: F.conv2d(X[None, None], K[None, None]),
        ("pool2d", "d2l"): lambda: loop_pool(X, (5, 5)),
        ("pool2d", "ours"): lambda: helpers.pool2d(X, (5, 5)),
        ("pool2d", "torch"): lambda: F.max_pool2d(X[None, None], 5, stride=1),
    }[name, side]
    call()
    repeats = 1 if side == "d2l" else 50
    return min(seconds(lambda: [call() for _ in range(repeats)]) for _ in range(5)) / repeats


def import_time(side: str) -> float:
    """One import in a fresh process, PyTorch's own included."""
    module = {"d2l": "d2l.torch", "ours": "helpers", "torch": "torch"}[side]
    return seconds(lambda: subprocess.run([sys.executable, "-c", f"import {module}"], check=True))


def seconds(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


# --- the table ------------------------------------------------------------------------


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
                output = subprocess.run(command, check=True, capture_output=True, text=True).stdout
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

        from helpers.device import is_emulated

        emulated = is_emulated(torch.device("cpu"), torch.bfloat16)
        self.header("Training and data (the lower the better; memory: peak of all processes)")
        # The ratio that varies most from run to run: more turns.
        found = self.measure("lenet_epoch({})", ["d2l", "ours", "loop"], turns=2 * TURNS)
        d, o, bare = found["d2l"], found["ours"], found["loop"]["seconds"]
        self.row("LeNet, one epoch through fit()", "s", o["seconds"], d["seconds"], 3)
        self.row("its arithmetic alone, in a bare PyTorch loop", "s", bare, d["seconds"], None)
        self.row("LeNet, peak memory", "MB", o["peak"] / 1e6, d["peak"] / 1e6, None)
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
        result = eval(call)
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
