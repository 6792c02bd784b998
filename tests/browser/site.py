"""Look at the site on a phone: nothing may have to be scrolled sideways.

    python -m tests.browser.site [--python .venv/bin/python] [--site FOLDER]

makes the site, or takes the one that is named, opens every page in a window of 390 × 844 points
with all answers unfolded, and names what is wider than the window. What is too wide for a phone,
such as a table or a line of code, may be scrolled within its own box.

Needs Chromium and its driver (Debian: chromium and chromium-driver) and selenium from PyPI,
best in an environment of its own. Screenshots go to tests/browser/screenshots/.
"""

import argparse
import subprocess
import sys
import tempfile
from pathlib import Path

from tests.browser import chromium

ROOT = Path(__file__).resolve().parents[2]
WIDTH, HEIGHT = 390, 844  # points, of a phone held upright
UNFOLD = "for (const fold of document.querySelectorAll('details')) fold.open = true"
# The page is what stands around its heading: the theme puts it into boxes that could be scrolled.
# What is too wide for it, unless a smaller box scrolls that, is named.
WIDER = """
const width = document.documentElement.clientWidth, around = new Set(), found = [];
let reach = width;
for (let e = document.querySelector("article h1, h1") || document.body; e; e = e.parentElement) {
    if (e.matches("h1")) continue;
    around.add(e);
    reach = Math.max(reach, e.getBoundingClientRect().left + e.scrollWidth);
}
function isHeld(element) {
    for (let e = element.parentElement; e && !around.has(e); e = e.parentElement)
        if (getComputedStyle(e).overflowX !== "visible" || found.includes(e)) return true;
    return false;
}
for (const element of document.body.querySelectorAll("main *")) {
    const box = element.getBoundingClientRect();
    if (box.width && box.height && box.right > width + 1 && !isHeld(element)) found.push(element);
}
return [Math.round(reach), width, found.slice(0, 5).map(element =>
    `<${element.tagName.toLowerCase()} class="${element.className}"> to ` +
    `${Math.round(element.getBoundingClientRect().right)}: ` +
    (element.textContent || "").trim().slice(0, 60))];
"""


def look(browser: chromium.webdriver.Chrome, page: Path) -> list[str]:
    """Return what is wrong with a page on a phone."""
    browser.get(page.as_uri())
    chromium.screenshot(browser, f"site-{page.stem}")
    browser.execute_script(UNFOLD)
    reach, width, wider = browser.execute_script(WIDER)
    if width != WIDTH:
        return [f"the window is {width} points wide, not {WIDTH}"]
    if reach > width + 1 or wider:
        return [f"it reaches to {reach} of {width} points", *wider]
    return []


def make(python: str, folder: Path) -> None:
    """Make the site in a folder."""
    subprocess.run([python, "-m", "tools.kit", "site", str(folder)], cwd=ROOT, check=True)


def main() -> None:
    """Run the command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--python", default=str(ROOT / ".venv" / "bin" / "python"))
    parser.add_argument("--site", type=Path, help="a site that was made already")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="companion-site-") as temporary:
        folder = given.site or Path(temporary) / "site"
        if given.site is None:
            make(given.python, folder)
        pages = sorted(folder.resolve().glob("*.html"))
        browser = chromium.start(Path(temporary), HEIGHT)
        try:
            screen = {"width": WIDTH, "height": HEIGHT, "deviceScaleFactor": 2, "mobile": True}
            browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", screen)
            wrong = {page.name: found for page in pages if (found := look(browser, page))}
        finally:
            browser.quit()
    for name, found in wrong.items():
        print(f"{name}:", *found, sep="\n    ")
    print(f"{len(pages) - len(wrong)} of {len(pages)} pages fit a window of {WIDTH} points")
    sys.exit(bool(wrong) or not pages)


if __name__ == "__main__":
    main()
