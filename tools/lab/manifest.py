"""What was copied, written down in the working copy; one start at a time; whole files only."""

import json
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import NamedTuple

from tools.lab.content import Content

VERSION = 2  # of what Content's digests stand for
ROOM = ".companion"  # a folder in the working copy; JupyterLab shows no names with a dot


class Entry(NamedTuple):
    """What is known of a notebook in the working copy."""

    written: str = ""  # of the course's version that it began as (see Content); "": not known
    outputs: str = ""
    seen: str = ""  # `written` of the course's newest version that was copied or put beside it
    beside: str = ""  # the name of the file that was put beside it last
    beside_digest: str = ""

    def as_copied(self, course: Content) -> "Entry":
        """Return the entry for a file that was made equal to the course's version."""
        return self._replace(**course._asdict(), seen=course.written)


def load(work: Path) -> dict[str, Entry]:
    """Return the entries by file name; none if there is no readable list of this version."""
    try:
        stored = json.loads((work / ROOM / "manifest.json").read_text(encoding="utf-8"))
        if stored["version"] != VERSION:
            return {}
        entries = {str(name): Entry(**fields) for name, fields in stored["notebooks"].items()}
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return {}
    whole = all(isinstance(field, str) for entry in entries.values() for field in entry)
    return entries if whole else {}


def save(work: Path, entries: dict[str, Entry]) -> None:
    """Write the entries down."""
    notebooks = {name: entry._asdict() for name, entry in sorted(entries.items())}
    text = json.dumps({"version": VERSION, "notebooks": notebooks}, indent=1)
    put(work, text.encode(), work / ROOM / "manifest.json")


def put(work: Path, data: bytes, path: Path, old: Path | None = None) -> None:
    """Write a file whole or not at all; what is there becomes `old`, if that is named.

    Raises OSError; nothing has changed then.
    """
    new = work / ROOM / f"new-{os.getpid()}"
    try:
        with open(new, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        if old is not None:
            old.parent.mkdir(exist_ok=True)
            os.replace(path, old)
        try:
            os.replace(new, path)
        except OSError:
            if old is not None:
                os.replace(old, path)
            raise
    except OSError:
        with suppress(OSError):
            new.unlink()
        raise


@contextmanager
def alone(work: Path) -> Iterator[None]:
    """Make the working copy's folder, and let one start at a time go on from here."""
    (work / ROOM).mkdir(parents=True, exist_ok=True)
    with open(work / ROOM / "lock", "a+b") as file:
        # The system takes the lock back when the program ends, however it ends.
        if sys.platform == "win32":
            import msvcrt

            file.seek(0)
            msvcrt.locking(file.fileno(), msvcrt.LK_LOCK, 1)  # waits for ten seconds
        else:
            import fcntl

            with suppress(OSError):  # a network drive may have no locks: go on without
                fcntl.flock(file, fcntl.LOCK_EX)
        yield
