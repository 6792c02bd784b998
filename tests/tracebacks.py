"""What a notebook shows of mistakes that students make: how many lines, and which.

    python -m tests.tracebacks [PYTHON ...] [--before FOLDER]

runs the mistakes in a kernel of this Python, and of others that are named (their IPython may
be another one; what else is missing there is taken from this one), and prints how many lines
each traceback has; with --before also those of the checkout of this project in FOLDER.
"""

import argparse
import os
import re
import site
import sys
import tempfile
import textwrap
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from subprocess import DEVNULL
from typing import NamedTuple

from jupyter_client.kernelspec import KernelSpec
from jupyter_client.manager import KernelManager

from helpers.columns import aligned

ROOT = Path(__file__).resolve().parent.parent
TIMEOUT = 300  # seconds, for a cell

PREPARE = """
import os
os.environ["FASHION_MNIST_DIR"] = "stand-in"
import torch
from torch import nn
from torch.nn import functional as F
import helpers

X, K = torch.arange(9.0).reshape(3, 3), torch.ones(2, 2)
torch.manual_seed(0)  # whether a loss overflows depends on the first weights

class Net(nn.Module):
    def __init__(self, *layers, lr=0.1):
        super().__init__()
        self.lr, self.net = lr, nn.Sequential(*layers)

    def forward(self, X):
        return self.net(X)

    def training_step(self, batch):
        return F.cross_entropy(self(batch[0]), batch[1])

    def validation_step(self, batch):
        self.plot("loss", F.cross_entropy(self(batch[0]), batch[1]), train=False)

    def configure_optimizers(self):
        return torch.optim.SGD(self.parameters(), lr=self.lr)

def lenet(**options):
    return Net(nn.Conv2d(1, 6, 5), nn.ReLU(), nn.Flatten(), nn.Linear(3456, 10), **options)

def batches(*shape, n=20, labels=torch.int64, size=10):
    y = torch.randint(10, (n,)).to(labels)
    pairs = torch.utils.data.TensorDataset(torch.rand(n, *shape), y)
    return torch.utils.data.DataLoader(pairs, size)

def trainer(**options):
    return helpers.Trainer(1, verbose=False, **options)
"""


class Mistake(NamedTuple):
    """A cell that goes wrong, the student's line that must be shown, and what must be said."""

    cell: str
    line: str
    said: str


MISTAKES = {
    "corr2d with a list": Mistake(
        "helpers.corr2d([[1, 2], [3, 4]], K)", "helpers.corr2d([[1, 2]", "X must be a torch.Tensor"
    ),
    "corr2d of an image with a channel": Mistake(
        "Y = helpers.corr2d(X[None], K)\nprint(Y)", "helpers.corr2d(X[None], K)",
        "X must have 2 dimensions (height, width)",
    ),
    "kernel larger than the image": Mistake(
        "helpers.corr2d(K, X)", "helpers.corr2d(K, X)", "K must not be larger than X"
    ),
    "channels that differ": Mistake(
        "helpers.corr2d_multi_in(X[None], torch.ones(2, 2, 2))", "corr2d_multi_in(X[None]",
        "K must have as many input channels as X",
    ),
    "pool2d of an unknown mode": Mistake(
        "helpers.pool2d(X, 2, 'mean')", "pool2d(X, 2, 'mean')", "mode must be 'max' or 'avg'"
    ),
    "Conv2D(3)": Mistake("conv = helpers.Conv2D(3)", "helpers.Conv2D(3)", "kernel_size must be"),
    "Conv2D on a batch": Mistake(
        "conv = helpers.Conv2D((2, 2))\nconv(X.reshape(1, 1, 3, 3))", "conv(X.reshape(",
        "must have 2 dimensions",
    ),
    "FashionMNIST(resize='x')": Mistake(
        "helpers.FashionMNIST(resize='x')", "resize='x'", "resize must be (height, width)"
    ),
    "a subset of 7 images": Mistake(
        "helpers.FashionMNIST(subset=7)", "subset=7", "subset must be a multiple of 10"
    ),
    "an image that is not there": Mistake(
        "data = helpers.FashionMNIST(subset=10)\ndata.train[70]", "data.train[70]",
        "the index must lie between",
    ),
    "Trainer(0)": Mistake("helpers.Trainer(0)", "helpers.Trainer(0)", "max_epochs must be"),
    "an unknown precision": Mistake(
        "helpers.Trainer(1, precision='half')", "precision='half'", "precision must be"
    ),
    "fit with a text for data": Mistake(
        "trainer().fit(lenet(), 'mnist')", "trainer().fit(lenet(), 'mnist')", "data must"
    ),
    "images of another size": Mistake(
        "trainer().fit(lenet(), batches(1, 32, 32))", "trainer().fit(lenet()",
        "This is layer net.3, Linear(in_features=3456, out_features=10, bias=True): it expects "
        "inputs of shape (…, 3456) and got (10, 4704).",
    ),
    "images with three channels": Mistake(
        "trainer().fit(lenet(), batches(3, 28, 28))", "trainer().fit(lenet()",
        "it expects inputs of shape (batch, 1, height, width) and got (10, 3, 28, 28).",
    ),
    "a batch norm with one image": Mistake(
        "net = Net(nn.Flatten(), nn.Linear(4, 10), nn.BatchNorm1d(10))\n"
        "trainer().fit(net, batches(1, 2, 2, size=1))", "trainer().fit(net",
        "This is layer net.2, BatchNorm1d(10",
    ),
    "labels that are floats": Mistake(
        "trainer().fit(lenet(), batches(1, 28, 28, labels=torch.float64))", "labels=torch.float64",
        "Labels must be class numbers of dtype int64",
    ),
    "a learning rate far too large": Mistake(
        "trainer().fit(lenet(lr=1e30), batches(1, 28, 28))", "lenet(lr=1e30)",
        "the loss is no longer finite",
    ),
    "a bug in one's own training_step": Mistake(
        """
        class Mine(Net):
            def training_step(self, batch):
                X, y = batch
                return F.cross_entropy(self(X), labels)

        trainer().fit(Mine(nn.Flatten(), nn.Linear(784, 10)), batches(1, 28, 28))
        """,
        "return F.cross_entropy(self(X), labels)", "name 'labels' is not defined",
    ),
    "a bug in one's own layer": Mistake(
        """
        class Residual(nn.Module):
            def __init__(self, size):
                super().__init__()
                self.linear = nn.Linear(size, size // 2)

            def forward(self, X):
                return X + self.linear(X)

        net = Net(nn.Flatten(), Residual(784), nn.Linear(784, 10))
        trainer().fit(net, batches(1, 28, 28))
        """,
        "return X + self.linear(X)",
        "This is layer net.1, Residual: it got an input of shape (10, 784).",
    ),
    "a checkpoint of another training": Mistake(
        "data = batches(1, 28, 28)\ntrainer(checkpoint='a.pt').fit(lenet(), data)\n"
        "trainer(checkpoint='a.pt').fit(lenet(lr=0.2), data)", "lenet(lr=0.2), data)",
        "Net.lr: 0.1 there, 0.2 here",
    ),
    "a notebook that is not there": Mistake(
        "helpers.from_notebook('7.7-lenet')", "from_notebook('7.7-lenet')",
        "name must be a notebook",
    ),
    "a class that is not there": Mistake(
        "helpers.from_notebook('7.6-lenet').Lenet", "7.6-lenet').Lenet", "Lenet"
    ),
    "lines of unequal lengths": Mistake(
        "helpers.plot_lines([1, 2, 3], {'loss': [1, 2]}, 'epoch', 'loss')", "plot_lines([1, 2, 3]",
        "lines['loss'] must have as many values as x",
    ),
    "images with a channel": Mistake(
        "helpers.show_images(torch.rand(2, 1, 28, 28))", "show_images(torch.rand",
        "images[0] must be (height, width)",
    ),
    "an unknown setting, timed": Mistake(
        "%%time\nsettings = helpers.settings({'n': 1}, {'n': 2}, 'fast')", "{'n': 2}, 'fast')",
        "use must be 'quick', 'book' or 'auto'",
    ),
}  # fmt: skip


class Kernel:
    """A kernel that runs cells."""

    def __init__(self, manager: KernelManager):
        self._client = manager.client()
        self._client.start_channels()
        self._client.wait_for_ready(timeout=TIMEOUT)

    def run(self, cell: str) -> tuple[str, str]:
        """Return what a cell prints, and its traceback as it is shown, without colours."""
        printed: list[str] = []
        shown: list[str] = []

        def receive(message: dict) -> None:
            content = message["content"]
            if message["msg_type"] == "error":
                shown.extend(content["traceback"])
            elif message["msg_type"] == "stream":
                printed.append(content["text"])

        # Otherwise ipykernel drops what comes within a tenth of a second after an error.
        options = {"stop_on_error": False, "allow_stdin": False, "timeout": TIMEOUT}
        code = textwrap.dedent(cell).strip()
        self._client.execute_interactive(code, output_hook=receive, **options)
        return "".join(printed), re.sub(r"\x1b\[[0-9;]*m", "", "\n".join(shown))


@contextmanager
def kernel(python: str = sys.executable, project: Path = ROOT) -> Iterator[Kernel]:
    """Give a kernel of a Python in an empty folder, with `helpers` from a checkout."""
    manager = KernelManager()
    argv = [python, "-m", "ipykernel_launcher", "-f", "{connection_file}"]
    manager._kernel_spec = KernelSpec(argv=argv, display_name="Python", language="python")
    with tempfile.TemporaryDirectory() as folder:
        manager.start_kernel(
            cwd=folder, env={**os.environ, "PYTHONPATH": str(project)}, stderr=DEVNULL
        )
        try:
            started = Kernel(manager)
            started.run(f"import sys; sys.path += {site.getsitepackages()}")
            trouble = started.run(PREPARE)[1]
            assert not trouble, trouble
            yield started
        finally:
            manager.shutdown_kernel(now=True)


def table(pythons: list[str], projects: list[Path]) -> str:
    """Return how many lines each traceback has, a row for each mistake."""
    columns, heads = [], []
    for project in projects:
        for python in pythons:
            with kernel(python, project) as running:
                version = running.run("import IPython; print(IPython.__version__)")[0].strip()
                heads.append(f"{'now' if project == ROOT else 'before'}, {version}")
                shown = [running.run(mistake.cell)[1] for mistake in MISTAKES.values()]
            columns.append([str(len(text.splitlines())) for text in shown])
    rows = [["mistake", *heads], *([name, *row] for name, *row in zip(MISTAKES, *columns))]
    return "\n".join(aligned(rows, left=[0]))


def main() -> None:
    """Run the command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("pythons", nargs="*", metavar="PYTHON")
    parser.add_argument("--before", type=Path, metavar="FOLDER")
    parser.add_argument("--show", action="store_true", help="print the tracebacks too")
    arguments = parser.parse_args()
    # Not resolved: the Python of an environment is often a link to one outside of it.
    pythons = [sys.executable, *(str(Path(python).absolute()) for python in arguments.pythons)]
    if arguments.show:
        for python in pythons:
            with kernel(python) as running:
                for name, mistake in MISTAKES.items():
                    print(f"--- {name}\n{running.run(mistake.cell)[1]}\n")
    projects = [path.resolve() for path in (arguments.before,) if path] + [ROOT]
    print(table(pythons, projects))


if __name__ == "__main__":
    main()
