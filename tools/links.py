"""Check that the links in README, answers, notebooks and the other pages lead somewhere.

    python -m tools.links

Links to files and to headings of files are looked up; those to the web are not followed.
"""

import itertools
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import unquote, urlsplit

import nbformat
from markdown_it import MarkdownIt
from markdown_it.token import Token

ROOT = Path(__file__).resolve().parent.parent
PAGES = ("*.md", "answers/*.md", "notebooks/*.ipynb")


def pages() -> list[Path]:
    """Return the pages that the project consists of."""
    return sorted(path for pattern in PAGES for path in ROOT.glob(pattern))


def broken(page: Path) -> list[str]:
    """Return a sentence for each link of a page that leads nowhere."""
    found = []
    for target in links(text_of(page)):
        address = urlsplit(target)
        if address.scheme in ("http", "https", "mailto"):
            continue
        file = page.parent / unquote(address.path) if address.path else page
        if not file.exists():
            found.append(f"{page.name}: there is no {target!r}")
        elif address.fragment and address.fragment.lower() not in anchors(file):
            found.append(f"{page.name}: {file.name} has no heading {address.fragment!r}")
    return found


def text_of(page: Path) -> str:
    """Return the Markdown of a page, or of all text cells of a notebook."""
    if page.suffix != ".ipynb":
        return page.read_text(encoding="utf-8")
    cells = nbformat.read(page, as_version=4).cells
    return "\n\n".join(cell.source for cell in cells if cell.cell_type == "markdown")


def links(text: str) -> Iterator[str]:
    """Yield the targets of all links and pictures in a Markdown text."""
    for token in _tokens(text):
        target = token.attrGet("href") or token.attrGet("src")
        if isinstance(target, str):
            yield target


def anchors(page: Path) -> set[str]:
    """Return the names that GitHub and JupyterLab give to the headings of a page."""
    tokens = MarkdownIt().parse(text_of(page))
    names = set()
    for heading, content in itertools.pairwise(tokens):
        if heading.type == "heading_open":
            words = re.sub(r"[^\w\- ]", "", content.content.lower()).strip().replace(" ", "-")
            names |= {words, content.content.lower().replace(" ", "-")}
    return names


def _tokens(text: str) -> Iterator[Token]:
    for token in MarkdownIt().parse(text):
        yield token
        yield from token.children or ()


def main() -> None:
    """Print the broken links of all pages; exit with 1 if there are any."""
    found = [sentence for page in pages() for sentence in broken(page)]
    print("\n".join(found) or f"{len(pages())} pages: every link leads somewhere")
    sys.exit(bool(found))


if __name__ == "__main__":
    main()
