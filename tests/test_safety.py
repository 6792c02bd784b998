"""What comes from elsewhere is not run: files, and requests to JupyterLab."""

import ast
import ipaddress
import json
import os
import pickle
import subprocess
import sys
import time
from itertools import chain
from pathlib import Path
from urllib.error import HTTPError
from urllib.request import ProxyHandler, Request, build_opener

import nbformat
import psutil
import pytest
import torch

from helpers.training import checkpoint
from tests.common import loaders, model, quiet
from tests.processes import family
from tools import answers
from tools.execution import code_cells

ROOT = Path(__file__).resolve().parent.parent
# Reading a file of these runs what stands in it.
UNPICKLERS = {"pickle", "_pickle", "dill", "cloudpickle", "joblib", "shelve", "marshal"}
FORBIDDEN = {"read_pickle", "hub", "add_safe_globals", "safe_globals"}


def dangers(source: str) -> list[str]:
    """Return what in some code could run what stands in a file from elsewhere."""
    found = []
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            found += [a.name for a in node.names if a.name.split(".")[0] in UNPICKLERS]
        elif isinstance(node, ast.ImportFrom):
            names = {f"{node.module}.{alias.name}" for alias in node.names}
            found += [str(node.module)] * ((node.module or "").split(".")[0] in UNPICKLERS)
            found += sorted(names & {"torch.load", "torch.hub", "torch.jit.load"})
        elif isinstance(node, ast.Attribute) and node.attr in FORBIDDEN:
            found.append(node.attr)
        elif isinstance(node, ast.Call):
            given = {k.arg: ast.unparse(k.value) for k in node.keywords}
            called = ast.unparse(node.func)
            if called == "torch.load" and given.get("weights_only") != "True":
                found.append("torch.load without weights_only=True")
            if called == "torch.jit.load":
                found.append(called)
            if given.get("allow_pickle", "False") != "False":
                found.append("allow_pickle")
        elif isinstance(node, ast.Constant) and node.value == "TORCH_FORCE_NO_WEIGHTS_ONLY_LOAD":
            found.append(node.value)
    return found


@pytest.mark.parametrize("source", [
    "import pickle",
    "import numpy as np, joblib",
    "from pickle import load",
    "from torch import load",
    "torch.load(file)",
    "torch.load(file, weights_only=False)",
    "torch.load(file, weights_only=trusted)",
    "np.load(file, allow_pickle=True)",
    "np.load(file, allow_pickle=trusted)",
    "pd.read_pickle(file)",
    "torch.hub.load('owner/name', 'net')",
    "with torch.serialization.safe_globals([Net]):\n    pass",
    "os.environ['TORCH_FORCE_NO_WEIGHTS_ONLY_LOAD'] = '1'",
])  # fmt: skip
def test_code_that_would_run_a_file_is_found(source):
    assert dangers(source)


def test_code_that_reads_a_file_as_data_is_not():
    source = "torch.load(file, weights_only=True)\nnp.load(file, allow_pickle=False)\nnp.load(f)"
    assert dangers(source) == []


FOLDERS = ("helpers", "tools", "benchmarks")
MODULES = [path for folder in FOLDERS for path in sorted((ROOT / folder).rglob("*.py"))]


@pytest.mark.parametrize("path", MODULES, ids=lambda p: p.relative_to(ROOT).as_posix())
def test_no_module_runs_what_stands_in_a_file(path):
    assert dangers(path.read_text(encoding="utf-8")) == []


@pytest.mark.parametrize("path", sorted((ROOT / "notebooks").glob("*.ipynb")), ids=lambda p: p.stem)
def test_no_cell_and_no_answer_runs_what_stands_in_a_file(path):
    cells = code_cells(nbformat.read(path, as_version=4))
    sources = [cell.source for cell in cells]
    file = answers.FOLDER / f"{path.stem}.md"
    if file.exists():
        sources += [block.source for answer in answers.read(file) for block in answer.blocks]
    assert {source: found for source in sources if (found := dangers(source))} == {}


class Payload:
    """What makes a folder when it is unpickled: somebody else could do anything in its place."""

    def __init__(self, folder):
        self.folder = folder

    def __reduce__(self):
        return os.mkdir, (str(self.folder),)


def trained(path):
    """Train for an epoch, and return the state that was kept."""
    quiet(1, checkpoint=path).fit(model(), loaders())
    return torch.load(path, weights_only=True)


@pytest.mark.parametrize("kind", ["a checkpoint of ours with more", "another file", "a pickle"])
def test_a_checkpoint_that_somebody_sends_is_read_without_running_it(kind, tmp_path, capsys):
    path, folder = tmp_path / "net.pt", tmp_path / "was run"
    state = trained(path)
    (path.with_name("net.pt.previous")).unlink(missing_ok=True)
    if kind == "a checkpoint of ours with more":
        torch.save({**state, "more": Payload(folder)}, path)
    elif kind == "another file":
        torch.save(Payload(folder), path)
    else:
        path.write_bytes(pickle.dumps([checkpoint.MARK, Payload(folder)]))
    sent = path.read_bytes()

    trainer = quiet(2, checkpoint=path)
    if kind == "another file":
        with pytest.raises(ValueError, match="no Trainer of this version wrote"):
            trainer.fit(model(), loaders())
        assert path.read_bytes() == sent
    else:
        trainer.fit(model(), loaders())
        assert "is damaged" in "".join(capsys.readouterr())
        assert path.with_name("net.pt.damaged").read_bytes() == sent
    assert not folder.exists()

    kept = path if kind == "another file" else path.with_name("net.pt.damaged")
    read = pickle.loads if kind == "a pickle" else None
    read(kept.read_bytes()) if read else torch.load(kept, weights_only=False)
    assert folder.exists()  # so the file was as bad as it is said to be


@pytest.fixture(scope="module")
def lab(tmp_path_factory):
    """The start page as `make lab` opens it: the process, its address and its token."""
    folder = tmp_path_factory.mktemp("lab")
    own = {"COMPANION_WORK": str(folder / "work"), "PYTHONPATH": str(ROOT)}
    for name in ("CONFIG_DIR", "DATA_DIR", "RUNTIME_DIR"):
        own[f"JUPYTER_{name}"] = str(folder / name)
    left_out = ("JUPYTER_TOKEN", "JUPYTER_CONFIG_PATH")
    variables = {k: v for k, v in os.environ.items() if k not in left_out} | own
    command = [sys.executable, "-m", "tools.lab", "--no-browser", "--port=0", "--allow-root"]
    process = subprocess.Popen(command, cwd=ROOT, env=variables)
    try:
        end = time.monotonic() + 120
        # The page that opens the browser is written after the file with the address.
        while not list((folder / "RUNTIME_DIR").glob("jpserver-*.html")):
            assert process.poll() is None, "JupyterLab has ended"
            assert time.monotonic() < end, "JupyterLab does not start"
            time.sleep(0.2)
        (found,) = (folder / "RUNTIME_DIR").glob("jpserver-*.json")
        told = json.loads(found.read_text(encoding="utf-8"))
        while status(told["url"] + "api") != 200:
            assert time.monotonic() < end, "JupyterLab does not answer"
            time.sleep(0.2)
        yield process, told["url"], told["token"]
    finally:
        process.terminate()
        process.wait(120)


def status(address, data=None, **headers):
    """Return the status with which JupyterLab answers, 0 if it does not."""
    request = Request(address, data=data, headers=headers)
    try:
        with build_opener(ProxyHandler({})).open(request, timeout=10) as answer:
            return answer.status
    except HTTPError as error:
        return error.code
    except OSError:
        return 0


def test_jupyterlab_listens_on_this_machine_only(lab):
    process, _, _ = lab
    connections = family(lambda each: each.net_connections(kind="inet"), process.pid)
    listening = [
        each.laddr.ip
        for each in chain.from_iterable(connections.values())
        if each.status == psutil.CONN_LISTEN
    ]
    assert listening
    assert all(ipaddress.ip_address(ip).is_loopback for ip in listening), listening


def test_jupyterlab_answers_only_with_its_token(lab):
    _, url, token = lab
    assert len(token) >= 40
    for page in ("api/contents", "api/kernels", "api/sessions", "api/terminals"):
        assert status(url + page) == 403, page
        assert status(f"{url}{page}?token={token[::-1]}") == 403, page
        assert status(f"{url}{page}", Authorization=f"token {token}") == 200, page
    assert status(url + "api/kernels", b"{}") == 403


def test_a_page_of_another_name_cannot_speak_to_jupyterlab(lab):
    _, url, token = lab
    asked = {"Authorization": f"token {token}"}
    assert status(url + "api/contents", Host="localhost:8888", **asked) == 200
    assert status(url + "api/contents", Host="somewhere.example", **asked) == 403
