"""A file from the first mirror that sends what was published, in reasonable time."""

import hashlib
import io
import time
import urllib.request
from collections.abc import Sequence
from http.client import HTTPException

from helpers.notebook.display import progress_bar

CONNECT_SECONDS = 10  # without an answer for this long, a mirror is given up
LOWEST_RATE = 50_000  # bytes per second, on average, under which it is given up too
LARGEST = 100_000_000  # bytes, of one file; who sends more sends something else
TIME_LIMIT = 600  # seconds for all files from all mirrors


def download(
    name: str, digest: str, mirrors: Sequence[str], deadline: float, reasons: list[str]
) -> bytes | None:
    """Return the file's bytes from the first mirror that has them; say why others had not.

    `digest` is the SHA-256 of the file, `deadline` a time of `time.monotonic()`. What went
    wrong is added to `reasons`.
    """
    for mirror in mirrors:
        if time.monotonic() > deadline:
            reasons.append(f"The time limit of {TIME_LIMIT} s for downloads is over.")
            return None
        try:
            content = fetch(mirror + name, deadline)
        except (OSError, HTTPException) as error:  # URLError and time-outs are OSErrors
            reasons.append(f"{mirror}{name}: {error}.")
            continue
        if hashlib.sha256(content).hexdigest() == digest:
            return content
        reasons.append(
            f"{mirror}{name}: sent {len(content):,} bytes that are not the published file."
        )
    return None


def fetch(url: str, deadline: float) -> bytes:
    """Return what `url` sends; raise OSError or HTTPException if it fails or takes too long."""
    start, content = time.monotonic(), io.BytesIO()
    with urllib.request.urlopen(url, timeout=CONNECT_SECONDS) as answer:
        name = url.rsplit("/", 1)[-1]
        with progress_bar(total=answer.length, unit="B", unit_scale=True, desc=name) as bar:
            while chunk := answer.read1(1 << 16):
                content.write(chunk)
                bar.update(len(chunk))
                elapsed = time.monotonic() - start
                if elapsed > CONNECT_SECONDS and content.tell() / elapsed < LOWEST_RATE:
                    raise TimeoutError(f"slower than {LOWEST_RATE // 1000} kB/s")
                if time.monotonic() > deadline:
                    raise TimeoutError(f"the time limit of {TIME_LIMIT} s is over")
                if content.tell() > LARGEST:
                    raise OSError(f"sent more than {LARGEST // 10**6} MB")
    return content.getvalue()
