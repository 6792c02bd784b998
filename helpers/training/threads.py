"""Keep a training on the CPU fast while another program is busy.

PyTorch's threads wait for each other at the end of every operation, and wait by running in
circles. Where another program takes one of the cores, each operation then lasts as long as
that program's turn on it: a training becomes up to forty times slower, though it has lost
half a core. Fewer threads, which nobody else disturbs, are faster then.
"""

import os
import time
from collections.abc import Callable

import torch

__all__ = ["Threads"]

SLOW = 2.0  # a step that takes so many times the fastest one is a reason to look
GAIN = 1.2  # so many times faster must another number of threads be
LOOK_SECONDS = 1.0  # between two looks, at least
REGULAR_SECONDS = 5.0  # between two looks, at most
PATIENCE = 2  # looks in a row that must say so before more threads are taken again


class Threads:
    """Watches the steps of a training and takes the number of threads that is fastest now.

    What is measured is an operation of its own, never the model's: the training's numbers do
    not depend on the looking. They do depend, in their last digits, on the number of threads
    taken, so `said` gets a line at the first change. Nothing is watched on a GPU, where there
    is one core, and where OMP_NUM_THREADS says how many threads are wanted.
    """

    def __init__(self, device: torch.device, said: Callable[[str], None]):
        self.most = torch.get_num_threads()
        self._said = said
        self._watching = (
            device.type == "cpu" and self.most > 1 and not os.environ.get("OMP_NUM_THREADS")
        )
        self._fastest = float("inf")  # seconds of a step, with all threads
        self._more = 0  # looks in a row that found more threads to be faster
        self._told = False
        self._last_look = -float("inf")
        self._last_step = time.perf_counter()

    def __enter__(self) -> "Threads":
        self._last_step = time.perf_counter()
        return self

    def __exit__(self, *_: object) -> None:
        if torch.get_num_threads() != self.most:
            torch.set_num_threads(self.most)

    def end_step(self) -> None:
        """Look, if the step that ends now was slow or the last look was long ago."""
        if not self._watching:
            return
        now = time.perf_counter()
        seconds, self._last_step = now - self._last_step, now
        self._fastest = min(self._fastest, seconds)
        since = now - self._last_look
        reduced = torch.get_num_threads() < self.most
        slow = seconds > SLOW * self._fastest or reduced
        if since > REGULAR_SECONDS or (slow and since > LOOK_SECONDS):
            self._take(self._look())
            self._last_look = self._last_step = time.perf_counter()

    def _look(self) -> int:
        """Return the number of threads that is fastest now."""
        present = torch.get_num_threads()
        choices = sorted({1, self.most // 2, self.most - 1, self.most, present})
        times: dict[int, float] = {}
        for n in choices:  # from few to many: what is much slower need not end
            times[n] = probe(n, at_most=min(times.values(), default=1.0) * 4)
        torch.set_num_threads(present)
        best = min(times, key=lambda n: times[n])
        return best if times[best] * GAIN < times[present] else present

    def _take(self, best: int) -> None:
        present = torch.get_num_threads()
        self._more = self._more + 1 if best > present else 0
        if best == present or 0 < self._more < PATIENCE:
            return
        self._more = 0
        torch.set_num_threads(best)
        if not self._told:
            self._told = True
            self._said(
                f"Another program is busy: going on with {best} of {self.most} threads, which is "
                "faster now. The numbers stay the same within rounding."
            )


def probe(threads: int, at_most: float) -> float:
    """Return the seconds that some small operations take with so many threads.

    Ends early, and says so much, when it has taken `at_most` seconds.
    """
    torch.set_num_threads(threads)
    values = torch.linspace(-3, 3, 200_000)  # some six times what one thread takes on
    torch.sigmoid(values)
    start = time.perf_counter()
    for _ in range(16):
        torch.sigmoid(values)
        if time.perf_counter() - start > at_most:
            return float("inf")
    return time.perf_counter() - start
