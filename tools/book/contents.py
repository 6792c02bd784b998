"""What is in the book: its sections, their numbers and their code."""

import itertools
import json
import re
from dataclasses import dataclass
from pathlib import Path

CHAPTERS = range(3, 12)  # of these every section that uses d2l, of others those that train
TRAINS = re.compile(r"d2l\.(\w*Trainer|FashionMNIST|hpo_\w+)\b")


@dataclass(frozen=True)
class Section:
    """A notebook of the book and its number there, such as '3.4'."""

    number: str
    path: Path

    @property
    def name(self) -> str:
        return self.path.stem


def sections(folder: Path) -> list[Section]:
    """Return all sections in the order of the book's contents.

    Raises FileNotFoundError if `folder` holds no book.
    """
    # The chapters before the introduction have no numbers; '19.3 rs-async.md' is a slip there.
    listed = re.findall(r"\((chapter_[\w-]+)/index\.ipynb\)", _text(folder / "index.ipynb"))
    chapters = itertools.dropwhile(lambda name: name != "chapter_introduction", listed)
    found = []
    for chapter, name in enumerate(chapters, 1):
        contents = _text(folder / name / "index.ipynb")
        names = re.findall(r"\(([\w-]+)(?:\.md)?\.ipynb\)", contents)
        paths = (folder / name / f"{stem}.ipynb" for stem in names)
        found += [Section(f"{chapter}.{i}", path) for i, path in enumerate(paths, 1)]
    return found


def _text(path: Path) -> str:
    if not path.exists():
        raise FileNotFoundError(f"there is no {path.name} in {path.parent}: is this the book?")
    return "\n".join("".join(cell["source"]) for cell in _cells(path))


def _cells(path: Path) -> list[dict]:
    content = path.read_text(encoding="utf-8") if path.exists() else ""
    return json.loads(content)["cells"] if content else []  # some files of the book are empty


def code_cells(path: Path) -> list[tuple[int, str]]:
    """Return a notebook's code cells with their places, without those that install packages.

    Magics and shell lines become calls of `get_ipython()`.
    """
    from IPython.core.inputtransformer2 import TransformerManager

    transform = TransformerManager().transform_cell
    sources = [(i, "".join(c["source"]), c["cell_type"]) for i, c in enumerate(_cells(path))]
    return [(i, transform(s)) for i, s, kind in sources if kind == "code" and "!pip" not in s]


def chosen(all_sections: list[Section], names: list[str]) -> list[Section]:
    """Return the sections named, or without names those that use what we replace.

    Raises ValueError for a name that is not in the book.
    """
    for name in names:
        if not any(name in (s.number, s.name) for s in all_sections):
            raise ValueError(f"the book has no section {name!r}")
    if names:
        return [s for s in all_sections if s.number in names or s.name in names]
    return [s for s in all_sections if _uses_what_we_replace(s)]


def uses_images(section: Section) -> bool:
    """Whether d2l.FashionMNIST is used, by the section or by d2l for it (hpo_objective_lenet)."""
    return any(re.search("FashionMNIST|hpo_", source) for _, source in code_cells(section.path))


def _uses_what_we_replace(section: Section) -> bool:
    code = "\n".join(source for _, source in code_cells(section.path))
    in_full = int(section.number.split(".")[0]) in CHAPTERS
    return "d2l." in code if in_full else TRAINS.search(code) is not None
