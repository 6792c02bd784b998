"""The number of threads follows what else the machine has to do, and changes no training."""

import pytest
import torch

from helpers.training import threads
from helpers.training.threads import Threads
from tests.common import loaders, losses, model, quiet, weights

CPU = torch.device("cpu")


@pytest.fixture
def machine(monkeypatch):
    """A machine of four cores with a clock of its own; `others` cores are taken by others."""

    class Machine:
        now, others, used, step = 0.0, 0, 4, 0.01

        def probe(self, n, at_most):
            spinning = 40 if n > 4 - self.others else 1
            return 0.004 / n * spinning

        def steps(self, watcher, n, slow=False):
            for _ in range(n):
                blocked = 20 if self.used > 4 - self.others or slow else 1
                self.now += self.step * blocked
                watcher.end_step()

    machine = Machine()
    monkeypatch.delenv("OMP_NUM_THREADS", raising=False)
    monkeypatch.setattr(threads, "probe", machine.probe)
    monkeypatch.setattr(threads.time, "perf_counter", lambda: machine.now)
    monkeypatch.setattr(torch, "get_num_threads", lambda: machine.used)
    monkeypatch.setattr(torch, "set_num_threads", lambda n: setattr(machine, "used", n))
    return machine


def test_a_quiet_machine_keeps_all_threads(machine):
    said = []
    with Threads(CPU, said.append) as watcher:
        machine.steps(watcher, 5000)
        machine.steps(watcher, 3, slow=True)  # something else, for a moment
        machine.steps(watcher, 5000)
        assert machine.used == 4
    assert said == []


def test_a_busy_machine_gets_fewer_threads_at_once_and_more_when_it_is_quiet_again(machine):
    said = []
    with Threads(CPU, said.append) as watcher:
        machine.steps(watcher, 100)
        machine.others = 1
        machine.steps(watcher, 15)
        assert machine.used == 3
        machine.others = 3
        machine.steps(watcher, 15)
        assert machine.used == 1
        machine.others = 0
        machine.steps(watcher, 120)
        assert machine.used == 1  # one look may be mistaken
        machine.steps(watcher, 200)
        assert machine.used == 4
        machine.others = 2
        machine.steps(watcher, 30)
        assert machine.used == 2
    assert machine.used == 4  # after the training
    assert said == [
        "Another program is busy: going on with 3 of 4 threads, which is faster now. "
        "The numbers stay the same within rounding."
    ]


def test_looking_takes_little_of_the_time(machine):
    looks = []
    look = machine.probe
    threads.probe = lambda *a, **o: looks.append(machine.now) or look(*a, **o)
    with Threads(CPU, print) as watcher:
        machine.steps(watcher, 10_000)  # 100 seconds
    assert len(looks) <= 4 * 25


def test_who_says_how_many_threads_is_obeyed(machine, monkeypatch):
    monkeypatch.setenv("OMP_NUM_THREADS", "4")
    machine.others = 3
    with Threads(CPU, print) as watcher:
        machine.steps(watcher, 500)
    assert machine.used == 4


def test_on_a_gpu_nothing_is_watched(machine):
    machine.others = 3
    with Threads(torch.device("cuda"), print) as watcher:
        machine.steps(watcher, 500)
    assert machine.used == 4


def test_looking_changes_no_number(monkeypatch):
    monkeypatch.delenv("OMP_NUM_THREADS", raising=False)
    monkeypatch.setattr(threads, "LOOK_SECONDS", 0)
    monkeypatch.setattr(threads, "REGULAR_SECONDS", 0)
    before, found, measure = torch.get_num_threads(), [], threads.probe
    torch.set_num_threads(2)
    try:
        for looking in (True, False):
            looks = []

            def probe(n, at_most, looks=looks):
                looks.append(n)
                measure(n, at_most)
                return 1.0 / n  # all threads are the fastest

            monkeypatch.setattr(threads, "probe", probe)
            if not looking:
                monkeypatch.setattr(Threads, "end_step", lambda self: None)
            net, trainer = model(), quiet(2)
            torch.manual_seed(7)
            trainer.fit(net, loaders())
            assert bool(looks) == looking
            found.append((losses(trainer), weights(net)))
    finally:
        torch.set_num_threads(before)
    assert found[0][0] == found[1][0]
    assert torch.equal(found[0][1], found[1][1])
