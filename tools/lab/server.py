"""JupyterLab on the working copy."""

import json
import os
import sys
import webbrowser
from pathlib import Path
from typing import NoReturn
from urllib.request import ProxyHandler, build_opener

from tools.kernels import encryption
from tools.lab.manifest import ROOM

START_PAGE = "/lab/tree/index.ipynb"
# Settings that hold where the user has chosen nothing: JupyterLab asks whether it may fetch news.
SETTINGS = Path(__file__).resolve().parent / "jupyter"


def options(work: Path) -> list[str]:
    """Return JupyterLab's options: this folder, this page first, this machine only, no questions.

    Names as `jupyter lab --help-all` lists them.
    """
    return [
        f"--ServerApp.root_dir={work}",
        f"--LabApp.default_url={START_PAGE}",
        "--ServerApp.ip=127.0.0.1",
        # Which tabs were open is remembered for this folder, not for all of the user's.
        f"--LabApp.workspaces_dir={work / ROOM / 'workspaces'}",
        "--LabApp.extension_manager=readonly",
        # Leave the address, and hide sixty lines around it.
        "--ServerApp.log_level=ERROR",
        "--LabApp.log_level=ERROR",
        *(f"--KernelManager.{name}={value}" for name, value in encryption().items()),
    ]


def running(work: Path) -> str | None:
    """Return the address of the start page if a JupyterLab runs on this folder already."""
    from jupyter_server.serverapp import list_running_servers

    for server in list_running_servers():
        if Path(server["root_dir"]) == work and _answers(server["url"]):
            return f"{server['url'].rstrip('/')}{START_PAGE}?token={server['token']}"
    return None


def show(address: str) -> None:
    """Open an address in the browser, where there is one."""
    webbrowser.open(address, new=2)


def start(work: Path, extra: list[str]) -> NoReturn:
    """Run JupyterLab until it is stopped; `extra` are more of its options."""
    # Kernels inherit it: what notebooks write is to lie here too.
    os.environ["COMPANION_WORK"] = str(work)
    paths = [str(SETTINGS), os.environ.get("JUPYTER_CONFIG_PATH", "")]
    os.environ["JUPYTER_CONFIG_PATH"] = os.pathsep.join(filter(None, paths))
    from jupyterlab.labapp import LabApp

    LabApp.launch_instance([*options(work), *extra])
    sys.exit()


def _answers(url: str) -> bool:
    # Its list may name one that crashed, and whose process number another program has now.
    try:
        with build_opener(ProxyHandler({})).open(f"{url}api", timeout=2) as answer:
            return "version" in json.load(answer)
    except (OSError, ValueError):
        return False
