"""Themes and contrast: what the walks ask of how an output looks."""

import time
from collections.abc import Iterator

from tests.browser.chromium import webdriver

__all__ = ["least_contrast", "themes"]

# The least contrast of a text with its ground, within what a selector finds.
CONTRAST = """
function parse(c) { const m = c.match(/[\\d.]+/g).map(Number); return m.length < 4 ? [...m, 1] : m }
function light(c) {
  const [r, g, b] = c.slice(0, 3).map(v => (v /= 255) <= 0.03928 ? v / 12.92
                                           : ((v + 0.055) / 1.055) ** 2.4);
  return 0.2126 * r + 0.7152 * g + 0.0722 * b }
let least = [99, ''];
for (const e of document.querySelectorAll(arguments[0])) {
  const style = getComputedStyle(e);
  const own = [...e.childNodes].some(n => n.nodeType == 3 && n.textContent.trim());
  if (!own || !e.offsetParent || parseFloat(style.fontSize) < 1 || e.closest('.cx-old')) continue;
  let ground = null;
  for (let p = e; p && !ground; p = p.parentElement) {
    const c = parse(getComputedStyle(p).backgroundColor);
    if (c[3] == 1) ground = c }
  const a = light(parse(style.color)), b = light(ground || [255, 255, 255, 1]);
  const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
  if (ratio < least[0]) least = [ratio, e.textContent.slice(0, 40)] }
return least
"""


def themes(driver: webdriver.Chrome) -> Iterator[str]:
    """Take JupyterLab's dark theme and then its light one; needs `expose_app_in_browser`."""
    for theme in ("Dark", "Light"):
        driver.execute_async_script(
            "window.jupyterapp.commands.execute('apputils:change-theme',"
            f"{{theme: 'JupyterLab {theme}'}}).then(arguments[0])"
        )
        time.sleep(2)
        yield theme


def least_contrast(driver: webdriver.Chrome, css: str) -> tuple[float, str]:
    """Return the least contrast of a text below `css` with its ground, and that text."""
    ratio, text = driver.execute_script(CONTRAST, f"{css} *, {css}")
    return ratio, text
