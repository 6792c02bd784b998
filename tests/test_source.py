"""Finding, downloading and checking Fashion-MNIST, and the stand-in."""

import errno
import gzip
import hashlib
import http.server
import os
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest
import torch

import helpers
from helpers.images import download, source
from helpers.images.standin import draw_standin


@pytest.fixture(autouse=True)
def own_cache(monkeypatch, tmp_path):
    """Keep the tests away from the user's files, and forget what was loaded."""
    monkeypatch.setattr(source, "cache_folder", lambda: tmp_path / "cache")
    source.load_from.cache_clear()
    yield
    source.load_from.cache_clear()


@pytest.fixture
def tiny_files(monkeypatch):
    """Four small files in the place of the published ones."""

    def idx(content, shape):
        dimensions = b"".join(n.to_bytes(4, "big") for n in shape)
        return gzip.compress(bytes([0, 0, 8, len(shape)]) + dimensions + content, mtime=0)

    files = {}
    for split, n in (("train", 40), ("t10k", 20)):
        pixels = torch.arange(n * 784).remainder(251).to(torch.uint8).numpy().tobytes()
        labels = bytes(i % 10 for i in range(n))
        files[f"{split}-images-idx3-ubyte.gz"] = idx(pixels, (n, 28, 28))
        files[f"{split}-labels-idx1-ubyte.gz"] = idx(labels, (n,))
    monkeypatch.setattr(
        source, "FILES", {k: hashlib.sha256(v).hexdigest() for k, v in files.items()}
    )
    return files


@pytest.fixture
def server(tiny_files):
    """Mirrors on this machine: /good, /wrong (altered), /slow, /cut (too short), /missing,
    /garbled (says no length) and /endless."""
    requests = []

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            _, kind, name = self.path.split("/")
            requests.append(kind)
            content = tiny_files[name]
            if kind == "missing":
                self.send_error(404)
                return
            if kind == "wrong":
                content = content[:-1] + bytes([content[-1] ^ 1])
            self.send_response(200)
            if kind != "endless":
                length = "many" if kind == "garbled" else str(len(content))
                self.send_header("Content-Length", length)
            self.end_headers()
            while kind == "endless":
                try:
                    self.wfile.write(bytes(1 << 16))
                except OSError:
                    return
            if kind == "cut":
                content = content[: len(content) // 2]
            if kind == "slow":
                for byte in content:
                    try:
                        self.wfile.write(bytes([byte]))
                        self.wfile.flush()
                    except OSError:
                        return
                    time.sleep(0.05)
                return
            self.wfile.write(content)

        def log_message(self, *args):
            pass

    httpd = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=httpd.serve_forever, daemon=True).start()
    httpd.requests = requests
    httpd.mirror = lambda kind: f"http://127.0.0.1:{httpd.server_address[1]}/{kind}/"
    yield httpd
    httpd.shutdown()
    httpd.server_close()


def write(folder: Path, files: dict[str, bytes]) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in files.items():
        (folder / name).write_bytes(content)


# --- finding and downloading -----------------------------------------------------------


@pytest.mark.parametrize("inside", ["", "raw", "FashionMNIST/raw"])
def test_files_are_found_where_the_variable_says(tiny_files, tmp_path, monkeypatch, inside):
    write(tmp_path / "mine" / inside, tiny_files)
    monkeypatch.setenv("FASHION_MNIST_DIR", str(tmp_path / "mine"))
    monkeypatch.setattr(download, "fetch", lambda *_: pytest.fail("downloaded"))
    fashion = helpers.FashionMNIST(batch_size=8)
    assert fashion.source == "Fashion-MNIST"
    assert (len(fashion.train), len(fashion.val)) == (40, 20)
    assert fashion.train[3][1] == 3


def test_a_dead_a_slow_and_a_wrong_mirror_are_passed_over(server, tmp_path, monkeypatch):
    monkeypatch.setattr(download, "CONNECT_SECONDS", 0.3)
    mirrors = ["http://127.0.0.1:9/", *map(server.mirror, ("missing", "slow", "cut", "wrong"))]
    files, _ = source.find(None, [*mirrors, server.mirror("good")])
    assert set(files) == set(source.FILES)
    kept = tmp_path / "cache"
    assert {p.name: p.read_bytes() for p in kept.iterdir()} == files  # and nothing else
    server.requests.clear()
    again, _ = source.find(None, [server.mirror("good")])
    assert again == files
    assert server.requests == []


def test_a_mirror_that_does_not_say_how_much_it_sends_is_used(server):
    files, _ = source.find(None, [server.mirror("garbled")])
    assert set(files) == set(source.FILES)


def test_a_mirror_that_never_stops_is_given_up(server, monkeypatch):
    monkeypatch.setattr(download, "LARGEST", 1_000_000)
    monkeypatch.setattr(source, "TIME_LIMIT", 20)
    files, reason = source.find(None, [server.mirror("endless")])
    assert files is None
    assert "sent more than 1 MB" in reason


def test_reasons_name_every_mirror_that_failed(server, monkeypatch):
    monkeypatch.setattr(download, "CONNECT_SECONDS", 0.3)
    kinds = ("missing", "slow", "wrong")
    files, reason = source.find(None, [server.mirror(kind) for kind in kinds])
    assert files is None
    for kind in kinds:
        assert f"/{kind}/train-images-idx3-ubyte.gz" in reason
    assert "404" in reason
    assert "slower than" in reason
    assert "not the published file" in reason


def test_a_truncated_file_in_the_cache_is_replaced(server, tiny_files, tmp_path, capsys):
    write(tmp_path / "cache", tiny_files)
    name = "train-images-idx3-ubyte.gz"
    (tmp_path / "cache" / name).write_bytes(tiny_files[name][:100])
    files, _ = source.find(None, [server.mirror("good")])
    assert files[name] == tiny_files[name]
    assert (tmp_path / "cache" / name).read_bytes() == tiny_files[name]
    assert server.requests == ["good"]
    assert f"{name} is damaged" in capsys.readouterr().err


def test_a_damaged_file_that_cannot_be_replaced_is_named(tiny_files, tmp_path):
    write(tmp_path / "mine", tiny_files)
    (tmp_path / "mine" / "t10k-labels-idx1-ubyte.gz").write_bytes(b"")
    files, reason = source.find(tmp_path / "mine", ["http://127.0.0.1:9/"])
    assert files is None
    assert f"{tmp_path / 'mine' / 't10k-labels-idx1-ubyte.gz'} is damaged" in reason


def test_a_full_disk_loses_nothing(server, tmp_path, monkeypatch, capsys):
    def full(*_):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "replace", full)
    files, _ = source.find(None, [server.mirror("good")])
    assert set(files) == set(source.FILES)
    assert "No space left on device" in capsys.readouterr().err
    assert list((tmp_path / "cache").iterdir()) == []  # no half-written file remains


def test_two_processes_may_download_at_once(server, tiny_files, tmp_path):
    code = f"""
import sys
from pathlib import Path
from helpers.images import source
source.cache_folder = lambda: Path({str(tmp_path / "both")!r})
source.FILES = {source.FILES!r}
files, _ = source.find(None, [{server.mirror("good")!r}])
sys.exit(0 if files and set(files) == set(source.FILES) else 1)
"""
    processes = [subprocess.Popen([sys.executable, "-c", code]) for _ in range(2)]
    assert [p.wait(60) for p in processes] == [0, 0]
    assert {p.name: p.read_bytes() for p in (tmp_path / "both").iterdir()} == tiny_files


def test_without_a_source_a_loud_stand_in_takes_its_place(monkeypatch, capsys):
    monkeypatch.delenv("FASHION_MNIST_DIR", raising=False)
    monkeypatch.setattr(source, "find", lambda named: (None, "No mirror answered."))
    fashion = helpers.FashionMNIST(batch_size=64)
    notice = capsys.readouterr().err
    assert "DRAWN STAND-IN, NOT Fashion-MNIST" in notice
    assert "No mirror answered." in notice
    assert fashion.source == "drawn stand-in"
    assert (len(fashion.train), len(fashion.val)) == (60_000, 10_000)
    assert fashion.train[0][0].shape == (1, 28, 28)
    assert "Fashion" not in repr(fashion).removeprefix("FashionMNIST")


def test_what_is_loaded_is_what_the_argument_says(monkeypatch, capsys):
    monkeypatch.delenv("FASHION_MNIST_DIR", raising=False)
    monkeypatch.setattr(source, "find", lambda named: pytest.fail("searched"))
    assert source.load_from("stand-in")[0] == "drawn stand-in"
    assert "FASHION_MNIST_DIR=stand-in asks for it." in capsys.readouterr().err


# --- the stand-in ----------------------------------------------------------------------


def test_the_stand_in_is_the_same_every_time():
    first, again = draw_standin(300, seed=0), draw_standin(300, seed=0)
    assert all(torch.equal(a, b) for a, b in zip(first, again))
    assert not torch.equal(first[0], draw_standin(300, seed=1)[0])
    assert first[0].dtype == first[1].dtype == torch.uint8


@pytest.mark.parametrize("change", ["default_dtype", "default_device"])
def test_the_stand_in_is_the_same_whatever_the_defaults_of_pytorch(change):
    expected = draw_standin(20, seed=0)
    setter, value, before = {
        "default_dtype": (torch.set_default_dtype, torch.float64, torch.float32),
        "default_device": (torch.set_default_device, "meta", None),
    }[change]
    setter(value)
    try:
        drawn = draw_standin(20, seed=0)
    finally:
        setter(before)
    assert all(torch.equal(a, b) for a, b in zip(expected, drawn))


def test_the_stand_in_can_be_learned():
    X, y = draw_standin(2_000, seed=0)
    X_val, y_val = draw_standin(500, seed=1)
    means = torch.stack([X[y == c].float().mean(0).flatten() for c in range(10)])
    guesses = torch.cdist(X_val.float().flatten(1), means).argmin(1)
    assert (guesses == y_val).float().mean() > 0.6
