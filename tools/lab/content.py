"""What of a notebook a person wrote, and what a run left in it."""

import hashlib
import json
import re
from pathlib import Path
from typing import Any, NamedTuple

# What programs put into a cell's metadata when somebody only looks at it or runs it. All that
# is not named here counts as written: rather a notebook too many kept than one lost.
NOT_WRITTEN = {
    "ExecuteTime", "collapsed", "colab", "execution", "executionInfo", "heading_collapsed", "id",
    "jp-MarkdownHeadingCollapsed", "jupyter", "outputId", "scrolled", "trusted", "vscode",
}  # fmt: skip


# The cell and the badge that say where Colab fetches the course from. A new address there is
# no other notebook.
STAMPED = "colab-start"
BADGE = re.compile(r"\n\n\[!\[Open in Colab\]\(.*")


class Content(NamedTuple):
    """Two digests of a notebook: equal ones stand for equal cells, and equal outputs."""

    written: str  # kinds, texts, attachments and metadata of all cells, in their order
    outputs: str  # what the cells show, whatever their numbers


def read(path: Path) -> Content:
    """Return the digests of a notebook; those of a file that is none are of all its bytes.

    Raises OSError if the file cannot be read.
    """
    data = path.read_bytes()
    cells = cells_of(data)
    if cells is None:
        return Content("no notebook " + hashlib.sha256(data).hexdigest(), "")
    written = [
        (
            cell.get("cell_type"),
            _source(cell),
            cell.get("attachments") or {},
            {k: v for k, v in cell.get("metadata", {}).items() if k not in NOT_WRITTEN and v != []},
        )
        for cell in cells
    ]
    outputs = [
        [{k: v for k, v in output.items() if k != "execution_count"} for output in shown]
        for cell in cells
        if (shown := cell.get("outputs"))
    ]
    return Content(_digest(written), _digest(outputs))


def _source(cell: dict[str, Any]) -> Any:
    """Return a cell's text without what Colab's stamp has written."""
    source = joined(cell.get("source", ""))
    if cell.get("id") == STAMPED:
        return ""
    return BADGE.sub("", source) if isinstance(source, str) else source


def cells_of(data: bytes) -> list[dict[str, Any]] | None:
    """Return the cells of a notebook file, or None if it is no notebook."""
    try:
        cells = json.loads(data.decode("utf-8"))["cells"]
        return cells if all(map(_is_cell, cells)) else None
    except (ValueError, KeyError, TypeError, RecursionError):
        return None


def _is_cell(cell: Any) -> bool:
    if not isinstance(cell, dict) or not isinstance(cell.get("metadata"), dict):
        return False
    outputs = cell.get("outputs", [])
    return isinstance(outputs, list) and all(isinstance(output, dict) for output in outputs)


def joined(value: Any) -> Any:
    """Return JSON with its lists of lines, as notebooks keep texts, joined to one text."""
    if isinstance(value, list):
        if value and all(isinstance(item, str) for item in value):
            return "".join(value)
        return [joined(item) for item in value]
    if isinstance(value, dict):
        return {key: joined(item) for key, item in value.items()}
    return value


def _digest(value: Any) -> str:
    text = json.dumps(joined(value), sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()
