"""Take all walks in a real browser, one after the other.

    python -m tests.browser [--python .venv/bin/python]

Needs Chromium and its driver (Debian: chromium and chromium-driver) and selenium from PyPI,
best in an environment of its own.
"""

import subprocess
import sys
from pathlib import Path

SHARED = ("__init__", "__main__", "chromium", "jupyter", "looks", "visit")
WALKS = sorted(path.stem for path in Path(__file__).parent.glob("*.py") if path.stem not in SHARED)


def main() -> None:
    """Run the command line."""
    failed = []
    for walk in WALKS:
        print(f"--- {walk}", flush=True)
        command = [sys.executable, "-m", f"tests.browser.{walk}", *sys.argv[1:]]
        if subprocess.run(command, check=False).returncode:
            failed.append(walk)
    sys.exit(f"failed: {', '.join(failed)}" if failed else 0)


if __name__ == "__main__":
    main()
