"""Keep the working copy up to date with the course, and lose nothing that a student made."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path

from tools.lab import manifest
from tools.lab.content import Content, cells_of, read
from tools.lab.manifest import Entry, put

EARLIER = "earlier"  # the folder in the working copy for what was replaced
GONE = "gone"  # stands in an entry for a notebook that the course has no more


def renew(course: Path, work: Path, today: date) -> list[str]:
    """Bring the course's notebooks into the working copy; return what there is to tell.

    A notebook that is not there is copied. One whose cells are as they were copied is
    replaced by the course's newer version; if it was run since, the file with the student's
    outputs moves to `earlier/`. One with changed cells stays, and the newer version is put
    beside it. Without a readable list of what was copied, every notebook that differs from
    the course counts as changed.

    Raises OSError if a file cannot be read or written; what was done so far is whole.
    """
    first = not work.exists()
    if not notebooks(course):
        raise FileNotFoundError(2, "there are no notebooks in", str(course))
    with manifest.alone(work):
        entries = manifest.load(work)
        known = dict(entries)
        lines = []
        for path in notebooks(course):
            entry = entries.get(path.name)
            if entry is None and not (work / path.name).exists() and known:
                lines.append(f"{path.stem}: new in the course.")
            lines += _renew_one(path, work, today, entries)
        for name in sorted(known.keys() - {path.name for path in notebooks(course)}):
            if known[name].seen != GONE:
                entries[name] = known[name]._replace(seen=GONE)
                lines.append(f"{Path(name).stem}: no longer part of the course. Yours stays.")
        if entries != known:
            manifest.save(work, entries)
    if first:
        lines.append("They are yours: what you change there is never overwritten.")
    return lines


def fresh(course: Path, work: Path, names: list[str], today: date) -> list[str]:
    """Replace notebooks by the course's; the old ones move to `earlier/`.

    A name is that of the file, with or without its ending, or the beginning of one, as '7.2'.

    Raises ValueError, before anything is done, if there is no such notebook; OSError as
    `renew` does.
    """
    paths = [_named(course, name) for name in names]
    lines = []
    with manifest.alone(work):
        entries = manifest.load(work)
        for path in paths:
            mine, theirs, old = work / path.name, read(path), None
            if mine.exists() and read(mine) != theirs:
                old = _free(work / EARLIER, path.stem, f"{today}")
            put(work, path.read_bytes(), mine, old)
            entries[path.name] = entries.get(path.name, Entry()).as_copied(theirs)
            kept = f" Yours is kept: {EARLIER}/{old.name}" if old else ""
            lines.append(f"{path.stem}: as in the course again.{kept}")
        manifest.save(work, entries)
    return [*lines, "If it is open in JupyterLab: File › Reload Notebook from Disk."]


def notebooks(course: Path) -> list[Path]:
    """Return the paths of the course's notebooks, in their order."""
    return sorted(path for path in course.glob("*.ipynb") if path.is_file())


def _renew_one(path: Path, work: Path, today: date, entries: dict[str, Entry]) -> Iterator[str]:
    """Bring one notebook up to date, change its entry, and yield what there is to tell."""
    mine, data = work / path.name, path.read_bytes()
    entry = entries.get(path.name, Entry())
    if cells_of(data) is None:
        yield f"{path.stem}: the course's file cannot be read (a conflict of git?). Yours stays."
        return
    theirs = read(path)
    if not mine.exists():
        put(work, data, mine)
        if entry.seen:
            yield f"{path.stem}: it was gone, and is there again as in the course."
        entries[path.name] = entry.as_copied(theirs)
        return
    now, began = read(mine), Content(entry.written, entry.outputs)
    untouched = now.written in (theirs.written, began.written)
    if not untouched:
        entries[path.name], told = _put_beside(path, work, today, entry, theirs)
        yield from told
        if now.written.startswith("no notebook"):
            yield (
                f"{path.stem}: your file cannot be read. A new one, which keeps it: "
                f"python -m tools.lab fresh {path.stem}"
            )
        return
    ran = now.outputs != began.outputs
    if now != theirs and not (ran and now.written == theirs.written):
        old = _free(work / EARLIER, path.stem, f"{today}") if ran else None
        put(work, data, mine, old)
        kept = f" The one with your outputs is kept: {EARLIER}/{old.name}" if old else ""
        yield f"{path.stem}: renewed.{kept}"
    entries[path.name] = entry.as_copied(theirs)


def _put_beside(
    path: Path, work: Path, today: date, entry: Entry, theirs: Content
) -> tuple[Entry, list[str]]:
    """Put the course's version beside a changed notebook, unless the student has seen it."""
    if entry.seen == theirs.written or any(
        read(other).written == theirs.written
        for other in work.iterdir()
        if other.name.startswith(f"{path.stem} (new ") and other.suffix == ".ipynb"
        if other.is_file()
    ):
        return entry._replace(seen=theirs.written), []
    # An older one that nobody has changed or run gives way: ten updates are to leave one file.
    last = work / entry.beside
    if entry.beside and last.is_file() and "+".join(read(last)) == entry.beside_digest:
        last.unlink()
    new = _free(work, path.stem, f"new {today}")
    put(work, path.read_bytes(), new)
    entry = entry._replace(seen=theirs.written, beside=new.name, beside_digest="+".join(theirs))
    return entry, [
        f"{path.stem}: you changed it, so it stays. The new one is beside it: {new.name}"
    ]


def _free(folder: Path, stem: str, note: str) -> Path:
    """Return a path for a notebook with a note in its name that no file has yet."""
    path, count = folder / f"{stem} ({note}).ipynb", 1
    while path.exists() or path.is_symlink():  # a link to nowhere too
        count += 1
        path = folder / f"{stem} ({note}, {count}).ipynb"
    return path


def _named(course: Path, name: str) -> Path:
    """Return the path of the course's notebook that a name means."""
    stem = name.removesuffix(".ipynb")
    stems = [path.stem for path in notebooks(course)]
    found = [s for s in stems if s == stem] or [s for s in stems if stem and s.startswith(stem)]
    if len(found) != 1:
        raise ValueError(f"NAME must be one of {', '.join(stems)}, got {name!r}")
    path = course / f"{found[0]}.ipynb"
    if cells_of(path.read_bytes()) is None:
        raise ValueError(f"the course's {path.name} cannot be read (a conflict of git?)")
    return path
