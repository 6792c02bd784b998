"""The surroundings in which the stored outputs are to hold: a row for each."""

import platform
import sys
from collections.abc import Iterable
from dataclasses import dataclass, field
from importlib.metadata import version

from tools import environment
from tools.broken.mutations import SHAKEN
from tools.instructions import AVX2, AVX512, TWO_THREADS

HERE = "{}.{}".format(*sys.version_info)  # this Python's version, such as '3.12'
MACHINES = {"amd64": "x86_64", "aarch64": "arm64"}  # other names of the same
NO_BARS = {"TQDM_DISABLE": "1"}
ARITHMETIC = ("torch", "numpy", "matplotlib")  # whose versions numbers and figures depend on


@dataclass(frozen=True)
class Row:
    """One surrounding. Without more, it is this environment, one thread, a notebook at a time."""

    name: str
    what: str
    variables: dict[str, str] = field(default_factory=dict, hash=False)
    together: int = 1  # notebooks that run at once, in an order of chance
    python: str = ""  # an environment of its own with this Python, such as '3.12',
    packages: str = ""  # and the packages that are 'locked', or the 'oldest' or 'newest'
    machine: str = ""  # x86_64 or arm64, if it is for one of them
    needs: str = ""  # what PyTorch must find in the processor, such as AVX512
    shake: str = ""  # how every training is shaken: only measured numbers are compared
    is_chance: bool = False  # shows how far chance moves numbers; nothing is judged by it


ROWS = [
    Row("as-it-is", "this environment, one thread"),
    Row("2-threads", "two threads", TWO_THREADS),
    Row("avx2", "instructions up to AVX2", AVX2, machine="x86_64"),
    Row("avx512", "instructions up to AVX-512, without AMX", AVX512, machine="x86_64",
        needs="AVX512"),
    Row("arm64", "this environment on an arm64 machine", machine="arm64"),
    Row("no-bars", "progress bars switched off", NO_BARS),
    Row("two-at-a-time", "two notebooks at once, in an order of chance", together=2),
    *(Row(f"python-{python}", f"Python {python} with its locked packages", python=python,
          packages="locked", machine="x86_64") for python in ("3.11", "3.12", "3.13")),
    Row("oldest", "the lower bounds of environment.yml, Python 3.11", python="3.11",
        packages="oldest"),
    Row("newest", "the newest releases of all, Python 3.13", python="3.13", packages="newest"),
    *(Row(name.replace(" ", "-"), "every training's first weights with another last digit",
          shake=name) for name in SHAKEN if name.startswith("rounding")),
    *(Row(name.replace(" ", "-"), "other seeds everywhere; nothing is judged by it",
          shake=name, is_chance=True) for name in SHAKEN if name.startswith("seed")),
]  # fmt: skip


def named(names: Iterable[str]) -> list[Row]:
    """Return the rows with these names.

    Raises ValueError for a name that none has.
    """
    known = {row.name: row for row in ROWS}
    for name in names:
        if name not in known:
            raise ValueError(f"there is no row {name!r}; there are {', '.join(known)}")
    return [known[name] for name in names]


def machine() -> str:
    """Return this machine's kind: x86_64 or arm64."""
    name = platform.machine().lower()
    return MACHINES.get(name, name)


def absent(row: Row) -> str:
    """Return why a row cannot be run on this machine, or ''."""
    if row.machine not in ("", machine()):
        return f"needs {row.machine}, this is {machine()}"
    if row.needs:
        import torch

        found = torch.backends.cpu.get_cpu_capability()
        if row.needs not in found:
            return f"needs {row.needs}, this processor has {found}"
    if row.packages == "locked" and sys.platform != "linux":
        return "the locked packages are those of Linux"
    return ""


def is_repeated(row: Row) -> bool:
    """Whether a row only repeats another one here."""
    if row.packages == "locked" and row.python == HERE:
        locked = environment.locked(environment.lock_of(HERE).read_text(encoding="utf-8"))
        return all(locked[name][0] == version(name).split("+")[0] for name in ARITHMETIC)
    return row.name == "as-it-is" and machine() == "arm64"
