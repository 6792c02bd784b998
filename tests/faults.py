"""Kill, interrupt and damage trainings many times, and see what is lost.

    make faults        or        python -m tests.faults [KILLS [INTERRUPTS [FLIPS]]]

What the tests try at chosen places is tried here at random ones. Every row must say that
nothing was lost. Not for Windows, which has no fork().
"""

import contextlib
import io
import os
import random
import resource
import signal
import sys
import tempfile
import threading
import time
from collections import Counter
from pathlib import Path

import torch

import helpers
from helpers.training.checkpoint import Checkpoint, look_at, previous
from tests.common import loaders, losses, model, quiet, weights


def train(max_epochs: int, **options):
    """Train the small model from its seed on, or from its checkpoint; return both."""
    net, trainer = model(), quiet(max_epochs, **options)
    torch.manual_seed(7)
    trainer.fit(net, loaders())
    return net, trainer


def same(a, b) -> bool:
    return torch.equal(weights(a[0]), weights(b[0])) and losses(a[1]) == losses(b[1])


def kills(folder: Path, times: int, epochs: int = 40) -> str:
    """`kill -9` while the file is written, again and again until the training is done."""
    whole, path = train(epochs), folder / "killed.pt"
    done = trainings = lost = different = 0
    while done < times:
        reached = 0
        while (status := killed_once(path, epochs)) is None:
            done += 1
            newest = max((epoch_of(p) for p in (path, previous(path))), default=0)
            lost += newest < reached
            reached = newest
        assert status == 0, f"the training ended with {status}"
        trainings += 1
        different += not same(train(epochs, checkpoint=path), whole)
        left = sorted(p.name for p in folder.iterdir())
        assert left == ["killed.pt", "killed.pt.previous"], left
        for file in folder.iterdir():
            file.unlink()
    return (
        f"{done} kills in {trainings} trainings of {epochs} epochs: epochs lost after they were "
        f"saved {lost}, trainings that ended with other numbers {different}"
    )


def killed_once(path: Path, epochs: int) -> int | None:
    """Train in a process that is killed in one of its savings; its status if it was not."""
    ready, tell = os.pipe()
    child = os.fork()
    if child == 0:
        save = Checkpoint.save

        def told(self) -> str:
            os.write(tell, b".")
            return save(self)

        Checkpoint.save = told  # type: ignore[method-assign]
        train(epochs, checkpoint=path)
        os._exit(0)
    os.close(tell)
    for _ in range(random.randint(1, 4)):
        alive = os.read(ready, 1)
    if alive:
        time.sleep(random.uniform(0, 0.006))
    with contextlib.suppress(ProcessLookupError):
        os.kill(child, signal.SIGKILL)
    os.close(ready)
    _, status = os.waitpid(child, 0)
    return None if os.WIFSIGNALED(status) else os.waitstatus_to_exitcode(status)


def epoch_of(path: Path) -> int:
    kind, state = look_at(path)
    assert kind in ("intact", "absent"), f"{path} is {kind}: {state}"
    return state["counts"]["epoch"] if state else 0


def interrupts(folder: Path, times: int, twice: bool) -> str:
    """Interrupts at random moments of a training with checkpoint and curves."""
    whole = train(4)
    start = time.perf_counter()
    train(4, checkpoint=folder / "timed.pt")
    length, found = time.perf_counter() - start, Counter[str]()
    for n in range(times):
        path = folder / f"{n}.pt"
        net, trainer = model(), quiet(4, checkpoint=path)
        torch.manual_seed(7)
        moment = random.uniform(0, length)
        cut = fit_interrupted(trainer, net, moment, twice)
        if random.random() < 0.5:  # as after a restart of the kernel
            net, trainer = model(), quiet(4, checkpoint=path)
            torch.manual_seed(7)
        trainer.fit(net, loaders())
        rows = [row["epoch"] for row in trainer.history]
        assert rows == [1, 2, 3, 4], rows
        assert trainer.train_batch_idx == 20
        alike = same((net, trainer), whole)
        found[("a step cut short" if cut else "at a step's end") + (", same" if alike else "")] += 1
    said = ", ".join(f"{count} {kind} numbers" for kind, count in sorted(found.items()))
    return f"{times} times {'two interrupts' if twice else 'an interrupt'}: no epoch lost; {said}"


def fit_interrupted(trainer: helpers.Trainer, net, moment: float, twice: bool) -> bool:
    """Call fit and interrupt it after some seconds; return whether a step was cut short."""
    done = threading.Event()

    def press() -> None:
        time.sleep(moment)
        for _ in range(2 if twice else 1):
            if not done.is_set():
                os.kill(os.getpid(), signal.SIGINT)
                time.sleep(random.uniform(0, 0.002))

    before = signal.signal(signal.SIGINT, lambda *_: None)  # outside of fit it means nothing
    hand = threading.Thread(target=press)
    hand.start()
    try:
        trainer.fit(net, loaders())
        return False
    except KeyboardInterrupt:
        return True
    finally:
        done.set()
        hand.join()
        signal.signal(signal.SIGINT, before)


def flips(folder: Path, times: int) -> str:
    """A flipped byte anywhere in the newest file, and a training that goes on from it."""
    path, found = folder / "flipped.pt", Counter[str]()
    train(3, checkpoint=path)
    good, before = path.read_bytes(), previous(path).read_bytes()
    whole = train(3)
    for _ in range(times):
        for file in folder.iterdir():
            file.unlink()
        damaged = bytearray(good)
        place = random.randrange(len(good))
        damaged[place] ^= random.randint(1, 255)
        path.write_bytes(damaged)
        previous(path).write_bytes(before)
        try:
            with contextlib.redirect_stdout(io.StringIO()):
                net, trainer = train(3, checkpoint=path)
        except ValueError:
            assert path.read_bytes() == damaged
            assert previous(path).read_bytes() == before
            found["refused, both files kept"] += 1
            continue
        assert same((net, trainer), whole), place
        kept = [p.read_bytes() for p in folder.iterdir()]
        assert bytes(damaged) in kept or path.read_bytes() == damaged
        found["went on from the one before, or the byte meant nothing"] += 1
    return f"{times} flips: " + ", ".join(f"{n} {what}" for what, n in found.items())


def full_disk(folder: Path) -> str:
    """No room for a file as large as the checkpoint: the system's own error."""
    path = folder / "full.pt"
    train(1, checkpoint=path)
    before, whole = path.read_bytes(), train(4)
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (2000, hard))
    try:
        with contextlib.redirect_stdout(io.StringIO()) as said:
            net, trainer = train(4, checkpoint=path)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert same((net, trainer), whole)
    assert path.read_bytes() == before
    assert said.getvalue().count("could not be saved") == 3
    return "no room for three savings: training goes on, the file before is untouched, said 3 times"


def main() -> None:
    """Run all and print a row for each."""
    counts = [int(word) for word in sys.argv[1:]] + [200, 100, 500][len(sys.argv) - 1 :]
    torch.set_num_threads(1)  # a process that was forked may have no others
    random.seed(0)
    print("| fault | outcome |\n| --- | --- |")
    for name, work in [
        ("kill -9 while saving", lambda f: kills(f, counts[0])),
        ("interrupt", lambda f: interrupts(f, counts[1], twice=False)),
        ("two interrupts, quickly", lambda f: interrupts(f, counts[1], twice=True)),
        ("a byte of the file changed", lambda f: flips(f, counts[2])),
        ("disk full", full_disk),
    ]:
        with tempfile.TemporaryDirectory() as folder:
            print(f"| {name} | {work(Path(folder))} |", flush=True)


if __name__ == "__main__":
    main()
