"""The file that a training is kept in, whatever happens while it is written or read.

A file is written whole under another name, flushed to the disk, and only then put in its
place; the one before stays as `<name>.previous`. What is there already is looked at first:
a file that no Trainer wrote is never touched, a damaged one is kept as `<name>.damaged`.
"""

import io
import os
import time
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Protocol

import torch

from helpers.training.identity import differences
from helpers.training.loose import Loose
from helpers.training.plain import as_it_was, plain

__all__ = ["Checkpoint", "check_path", "look_at"]

MARK = "d2l-companion checkpoint"  # stands uncompressed near the beginning of the file
FORMAT = f"{MARK} 2"
ABSENT = ("absent", None)
HEAD = 4096  # bytes in which the mark is found


class Part(Protocol):
    """A part of a training that has a state."""

    def state_dict(self) -> Mapping: ...
    def load_state_dict(self, state: Any, /) -> object: ...


class Checkpoint:
    """A training's file. `settings` says whose it is, `parts` what is kept of it.

    A part has `state_dict()` and `load_state_dict()`; the file knows nothing else about it.
    """

    def __init__(self, path: Path, settings: Mapping[str, Any], **parts: Part):
        self.path, self.settings, self._parts = path, settings, parts
        self._known: tuple | None = None  # size and time of the file that is known to be good

    def check(self) -> None:
        """Raise TypeError now for a state that a file could not hold later."""
        self._packed()

    def save(self) -> str:
        """Write the state; return '' or a sentence about why it could not be written."""
        try:
            content = self._packed()
            self.path.parent.mkdir(parents=True, exist_ok=True)
            _remove_leftovers(self.path)
            temporary = self.path.with_name(f".{self.path.name}.{os.getpid()}.partial")
            try:
                with open(temporary, "wb") as f:
                    f.write(content)
                    f.flush()
                    os.fsync(f.fileno())
                self._make_room()
                os.replace(temporary, self.path)
            finally:
                temporary.unlink(missing_ok=True)
            self._known = _stamp(self.path)
        except Exception as error:
            # Losing the hours trained so far would be worse than going on unsaved.
            return (
                f"The training could not be saved to {self.path} ({error}); it goes on. "
                "What was saved before is untouched."
            )
        return ""

    def load(self) -> tuple[bool, list[str]]:
        """Restore the newest intact state, if there is one, and say what was wrong with others.

        Raises ValueError if the file is another training's or none of ours, and OSError if
        it cannot be read now: then it may well be read later.
        """
        complaints: list[str] = []
        newest, before = self.path, previous(self.path)
        kind, state = look_at(newest)
        if kind == "intact":
            self._restore(state)
            self._known = _stamp(newest)
            return True, complaints
        if kind != "absent":
            complaints.append(
                f"The checkpoint {newest} is damaged ({state}). It is kept as {damaged(newest)}."
            )
        kind_before, state_before = look_at(before)
        # What cannot be read at all was ours if the one before it is.
        if kind == "foreign" or (kind == "unreadable" and kind_before != "intact"):
            raise ValueError(
                f"checkpoint {str(newest)!r} is a file that no Trainer of this version wrote "
                f"({state}). It stays as it is: name another file, or move it away."
            )
        if kind_before == "intact":
            self._restore(state_before)
            return True, complaints
        if kind_before != "absent":
            complaints.append(f"The checkpoint {before} is damaged ({state_before}).")
        return False, complaints

    def _packed(self) -> bytes:
        state = {"format": FORMAT, "settings": dict(self.settings)}
        for name, part in self._parts.items():
            state[name] = plain(part.state_dict(), name)
        buffer = io.BytesIO()
        torch.save(state, buffer)
        content = buffer.getvalue()
        torch.load(io.BytesIO(content), map_location="cpu", weights_only=True)  # can it be read?
        return content

    def _restore(self, state: Mapping[str, Any]) -> None:
        differing = differences(state["settings"], self.settings)
        if differing:
            raise ValueError(
                f"checkpoint {str(self.path)!r} belongs to another training: {differing}. "
                "Name another file, or delete this one to start afresh."
            )
        # A file of an earlier version has fewer parts.
        parts = {name: part for name, part in self._parts.items() if name in state}
        for name, part in parts.items():
            if isinstance(part, Loose):
                part.check_state(state[name])
        for name, part in parts.items():
            part.load_state_dict(as_it_was(state[name]))

    def _make_room(self) -> None:
        """Move the file that is there out of the way, so that a good one stays in any case."""
        stamp = _stamp(self.path)
        if stamp is None:
            return
        kind, state = ("intact", None) if stamp == self._known else look_at(self.path)
        if kind == "intact" and state is not None:
            self._check_other(state)
        if kind == "foreign" or (kind == "unreadable" and look_at(previous(self.path)) == ABSENT):
            raise ValueError("somebody has put another file there")
        os.replace(self.path, previous(self.path) if kind == "intact" else damaged(self.path))

    def _check_other(self, state: Mapping[str, Any]) -> None:
        """Raise ValueError if what another program has written meanwhile must stay."""
        if differing := differences(state["settings"], self.settings):
            raise ValueError(f"another training has been saved there meanwhile: {differing}")
        ours = {name: part.state_dict() for name, part in self._parts.items()}
        if _progress(state) > _progress(ours):
            raise ValueError("another notebook or program trains the same and is further on")


def check_path(checkpoint: Any) -> "Path | bool | None":
    """Return the path that `checkpoint` names, with ~ and $VARIABLES; None and False stay.

    Raises TypeError or ValueError for what cannot be the name of a checkpoint.
    """
    if checkpoint is None or checkpoint is False:
        return checkpoint
    if not isinstance(checkpoint, (str, os.PathLike)) or isinstance(os.fspath(checkpoint), bytes):
        raise TypeError(f"checkpoint must be the name of a file, got {checkpoint!r}")
    name = os.fspath(checkpoint)
    path = Path(os.path.expandvars(os.path.expanduser(name)))
    if len(path.name.encode()) > 200:  # 255 is the limit, and endings are added
        raise ValueError(f"checkpoint must have a shorter name, got {len(path.name)} characters")
    if not name or name.endswith(("/", os.sep)) or path.is_dir():
        raise ValueError(f"checkpoint must name a file, got the folder {name!r}")
    if path.exists() and not path.is_file():
        raise ValueError(f"checkpoint must name an ordinary file, got the device or pipe {name!r}")
    return path


def look_at(path: Path) -> tuple[str, Any]:
    """Return 'intact' and the state of a file, or another kind and why.

    The others are 'absent', 'damaged' (one of ours), 'unreadable' (whose is not to be seen)
    and 'foreign'. Raises OSError, saying what to do, if the file is there and cannot be read.
    """
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        return ABSENT
    except OSError as error:
        raise OSError(
            error.errno,
            f"checkpoint {str(path)!r} is there and cannot be read now ({error.strerror}). It may "
            "be good: nothing was changed. Try again, or name another file",
        ) from error
    marked = MARK.encode() in content[:HEAD]
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            # torch.load does not verify the checksums that the file carries.
            if (member := archive.testzip()) is not None:
                raise zipfile.BadZipFile(f"wrong checksum in {member}")
        state = torch.load(io.BytesIO(content), map_location="cpu", weights_only=True)
    except Exception as error:  # whatever is wrong with it, the one before may be good
        reason = (str(error).splitlines() or [type(error).__name__])[0]
        return ("damaged" if marked or not content else "unreadable"), reason
    if isinstance(state, Mapping) and state.get("format") == FORMAT:
        return "intact", state
    if isinstance(state, Mapping) and {"settings", "epoch", "random"} <= state.keys():
        return "foreign", "a checkpoint of an earlier version of this course"
    return "foreign", "it holds something else"


def previous(path: Path) -> Path:
    """Return the name of the generation before."""
    return path.with_name(path.name + ".previous")


def damaged(path: Path) -> Path:
    """Return the name that a damaged file is kept under."""
    return path.with_name(path.name + ".damaged")


def _progress(state: Mapping[str, Any]) -> tuple[int, int]:
    """Return how many epochs, and how many steps of the next, a state stands for."""
    return state.get("counts", {}).get("epoch", 0), state.get("position", {}).get("step", 0)


def _stamp(path: Path) -> tuple | None:
    """Size and time of a file: they change when somebody else writes it."""
    try:
        status = path.stat()
    except FileNotFoundError:
        return None
    return status.st_size, status.st_mtime_ns, status.st_ino


def _remove_leftovers(path: Path) -> None:
    """Remove what processes that were killed in the middle of saving have left."""
    for leftover in path.parent.iterdir():
        if leftover.name.startswith(f".{path.name}.") and leftover.suffix == ".partial":
            pid = leftover.name.split(".")[-2]
            if pid.isdigit() and not _is_running(int(pid), leftover):
                leftover.unlink(missing_ok=True)


def _is_running(pid: int, leftover: Path) -> bool:
    if os.name == "nt":  # where there is no harmless way to ask
        return time.time() - leftover.stat().st_mtime < 86_400
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        pass
    return True
