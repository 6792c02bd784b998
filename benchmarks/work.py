"""What is measured: each function returns the seconds that a unit of work takes."""

import contextlib
import subprocess
import sys
import time
from collections.abc import Callable, Iterator

VGG_ARCH = ((1, 16), (1, 32), (2, 64), (2, 128), (2, 128))


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


def lenet(side: str, busy: bool) -> float:
    """Two epochs of LeNet on 6,400 images, while another program takes a core or not."""
    import torch
    from d2l import torch as d2l
    from torch.utils.data import DataLoader, TensorDataset

    import helpers

    data = helpers.FashionMNIST(batch_size=128, subset=6_400, val_subset=1_000)
    if side == "d2l":  # its loaders, without the cost of its transforms and worker processes
        pairs = [data.train[:], data.val[:]]
        data = _Loaders(*(DataLoader(TensorDataset(*pair), 128, shuffle=True) for pair in pairs))
    model = d2l.LeNet(lr=0.1)
    model.board.display = False
    torch.manual_seed(0)
    model.apply_init([torch.zeros(1, 1, 28, 28)], d2l.init_cnn)
    trainer = d2l.Trainer(2) if side == "d2l" else helpers.Trainer(2, verbose=False)
    with another_program() if busy else contextlib.nullcontext():
        return seconds(lambda: trainer.fit(model, data))


class _Loaders:
    def __init__(self, train, val):
        self.train_dataloader, self.val_dataloader = (lambda: train), (lambda: val)


@contextlib.contextmanager
def another_program() -> Iterator[None]:
    """Keep one core busy, as a browser or a second kernel does."""
    spin = "print(flush=True)\nwhile True: pass"
    with subprocess.Popen([sys.executable, "-c", spin], stdout=subprocess.PIPE) as other:
        assert other.stdout is not None
        other.stdout.readline()
        try:
            yield
        finally:
            other.kill()


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
