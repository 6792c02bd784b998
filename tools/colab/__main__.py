"""Put the course on Google Colab, and try it there before anybody else does.

    python -m tools.colab stamp [--repository URL] [--revision TAG]
    python -m tools.colab try [NAME ...] [--python 3.12] [--published]

`stamp` writes badges, start cells and the wish for a GPU into all notebooks. Without options,
the address is that of git's remote `origin`; `--repository ""` takes the address out again.
`try` runs notebooks, each alone in an empty folder, with the versions that Colab has.
"""

import argparse
import sys

from tools.colab import place, stamp, trial


def main(arguments: list[str] | None = None) -> None:
    """Run the command line."""
    parser = argparse.ArgumentParser(
        prog="python -m tools.colab",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    commands = parser.add_subparsers(dest="command", required=True)
    stamping = commands.add_parser("stamp", help="write what Colab needs into the notebooks")
    stamping.add_argument("--repository", metavar="URL", help="an https address, or ''")
    stamping.add_argument("--revision", metavar="TAG", help="a tag or branch that is there")
    trying = commands.add_parser("try", help="run notebooks as Colab would")
    trying.add_argument("names", nargs="*", metavar="NAME", help="such as 7.2-conv-layer")
    trial.add_options(trying)
    given = parser.parse_args(arguments)
    try:
        if given.command == "try":
            sys.exit(not trial.run(given))
        print(stamp_all(given.repository, given.revision))
    except ValueError as error:
        sys.exit(str(error))


def stamp_all(repository: str | None, revision: str | None) -> str:
    """Write the place down and stamp all notebooks; return what there is to say.

    Raises ValueError if it is no place.
    """
    chosen = place.chosen(repository, revision)
    place.write(chosen)
    changed = stamp.stamp_files(chosen)
    where = "without an address: the README says how to upload the course"
    if chosen.repository:
        badges = "" if chosen.on_github else ", without badges: Colab opens notebooks from GitHub"
        where = f"{chosen.repository} at {chosen.revision}{badges}"
    return f"{where}. Changed: {', '.join(changed) or 'nothing'}"


if __name__ == "__main__":
    main()
