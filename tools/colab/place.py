"""Where the course is published: the address of its repository, and the notebooks' revision.

Both stand in pyproject.toml under [tool.companion], and nowhere else by hand.
"""

import re
import subprocess
import tomllib
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urlsplit

ROOT = Path(__file__).resolve().parents[2]
FILE = ROOT / "pyproject.toml"
# Both go into a command line in the start cell.
ADDRESS = re.compile(r"https://[\w.~/:-]+")
REVISION = re.compile(r"\w[\w./-]*")


class Place(NamedTuple):
    """An address such as 'https://github.com/owner/name' and a tag or branch; both may be ''."""

    repository: str
    revision: str

    @property
    def on_github(self) -> str:
        """'owner/name' for a repository on GitHub, which Colab opens notebooks from; else ''."""
        address = urlsplit(self.repository)
        return address.path.strip("/") if address.hostname == "github.com" else ""

    @property
    def folder(self) -> str:
        """The name of the folder that Colab keeps this revision of the course in."""
        return "-".join(["companion", *self.revision.replace("/", "-").split()])


def read(file: Path = FILE) -> Place:
    """Return the place that is written down.

    Raises ValueError if it is not one, as `checked` does.
    """
    table = tomllib.loads(file.read_text(encoding="utf-8")).get("tool", {}).get("companion", {})
    return checked(table.get("repository", ""), table.get("revision", ""))


def write(place: Place, file: Path = FILE) -> bool:
    """Write the place down; return whether it is another than before."""
    before = text = file.read_text(encoding="utf-8")
    for name, value in place._asdict().items():
        line = re.compile(rf'(\[tool\.companion\][^\[]*?^{name} = )"[^"]*"', re.M)
        text, found = line.subn(rf'\g<1>"{value}"', text)  # a place has no backslash
        if not found:
            raise ValueError(f"{file.name} must have a line {name} = … under [tool.companion]")
    if text != before:
        file.write_text(text, encoding="utf-8", newline="\n")
    return text != before


def checked(repository: str, revision: str) -> Place:
    """Return a place. An empty address is one: the course is not published yet.

    Raises ValueError for an address that Colab cannot clone from, or a revision that is none.
    """
    if not repository:
        return Place("", "")
    if not ADDRESS.fullmatch(repository):
        raise ValueError(f"repository must be an https address or empty, got {repository!r}")
    if not REVISION.fullmatch(revision):
        raise ValueError(f"revision must be a tag or a branch, such as 'main', got {revision!r}")
    return Place(repository.rstrip("/"), revision)


def chosen(repository: str | None, revision: str | None, file: Path = FILE) -> Place:
    """Return the place that is asked for; what is None is found out.

    The repository is then git's remote `origin`, or the one written down. The revision is the
    one written down if it belongs to the same repository, else HEAD's tag, else its branch.

    Raises ValueError as `checked` does.
    """
    before, folder = read(file), file.parent
    if repository is None:
        repository = as_https(_git(folder, "remote", "get-url", "origin")) or before.repository
    repository = as_https(repository) or repository
    if revision is None:
        revision = before.revision if repository == before.repository else ""
        revision = (
            revision
            or _git(folder, "describe", "--tags", "--exact-match")
            or _git(folder, "branch", "--show-current")
        )
    return checked(repository, revision)


def as_https(remote: str) -> str:
    """Return the https address of a git remote, without a user's name or password.

    'git@host:owner/name.git' and 'ssh://git@host/owner/name' become 'https://host/owner/name';
    a folder of this machine has no such address: ''.
    """
    short = re.fullmatch(r"(?:[\w.-]+@)?([\w.-]+\.\w+):(?!//)(.+)", remote)
    address = urlsplit(f"https://{short[1]}/{short[2]}" if short else remote)
    if address.scheme not in ("https", "http", "ssh", "git") or not address.hostname:
        return ""
    port = f":{address.port}" if address.port and address.scheme == "https" else ""
    path = address.path.strip("/").removesuffix(".git")
    return f"https://{address.hostname}{port}/{path}"


def _git(folder: Path, *words: str) -> str:
    """Return what git prints, or '' where there is no git, no repository or no answer."""
    try:
        done = subprocess.run(["git", *words], cwd=folder, capture_output=True, text=True)
    except OSError:
        return ""
    return done.stdout.strip() if done.returncode == 0 else ""
