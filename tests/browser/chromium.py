"""A headless Chromium, and what else the walks in JupyterLab share.

Needs Chromium and its driver (Debian: chromium and chromium-driver) and selenium from PyPI,
best in an environment of its own.
"""

import re
import shutil
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

try:
    from selenium import webdriver
    from selenium.common.exceptions import (
        ElementClickInterceptedException,
        StaleElementReferenceException,
    )
    from selenium.webdriver.chrome.service import Service
    from selenium.webdriver.common.action_chains import ActionChains
    from selenium.webdriver.common.by import By
    from selenium.webdriver.common.keys import Keys
except ModuleNotFoundError:
    sys.exit("selenium is needed: python -m venv …, then pip install selenium there")

__all__ = [
    "ADDRESS", "SCREENSHOTS", "ActionChains", "By", "ElementClickInterceptedException", "Keys",
    "StaleElementReferenceException", "press", "screenshot", "start", "wait", "webdriver",
]  # fmt: skip

SCREENSHOTS = Path(__file__).resolve().parent / "screenshots"
FLAGS = (
    "--headless", "--no-sandbox", "--disable-gpu", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
)  # fmt: skip
ADDRESS = re.compile(r"http://127\.0\.0\.1:\d+/\S+token=\S+")  # as JupyterLab prints it


def start(folder: Path, height: int) -> webdriver.Chrome:
    """Return a browser, 1280 pixels wide, whose own files lie in a folder."""
    options = webdriver.ChromeOptions()
    for flag in (*FLAGS, f"--window-size=1280,{height}", f"--user-data-dir={folder / 'browser'}"):
        options.add_argument(flag)
    driver = shutil.which("chromedriver")
    if driver is None:
        sys.exit("chromedriver is needed (Debian: chromium and chromium-driver)")
    # Named, so that selenium does not look for one on the web.
    return webdriver.Chrome(options=options, service=Service(driver))


def press(browser: webdriver.Chrome, *keys: str, held: str | None = None) -> None:
    """Press keys, while one is held."""
    actions = ActionChains(browser)
    if held:
        actions.key_down(held)
    actions.send_keys(*keys)
    if held:
        actions.key_up(held)
    actions.perform()


def screenshot(browser: webdriver.Chrome, name: str) -> None:
    """Store what the window shows."""
    SCREENSHOTS.mkdir(exist_ok=True)
    browser.save_screenshot(str(SCREENSHOTS / f"{name}.png"))


def wait(what: str, ask: Callable[[], Any], limit: float = 90) -> Any:
    """Return what `ask` returns, as soon as it is something; fail after `limit` seconds."""
    end = time.monotonic() + limit
    while time.monotonic() < end:
        if answer := ask():
            return answer
        time.sleep(0.1)
    raise AssertionError(f"{what}: not within {limit:.0f} seconds")
