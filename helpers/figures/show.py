"""How every figure looks, and the one way in which a figure reaches its reader.

Nothing else in `figures` knows what is handed to the notebook with a picture.
"""

import base64
import html
import io
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import matplotlib
from matplotlib.figure import Figure
from PIL import Image

from helpers.figures.drawn import series_of
from helpers.notebook.display import in_notebook

if TYPE_CHECKING:
    from IPython.display import DisplayHandle

# Okabe & Ito (2008): told apart with every common form of colour vision.
COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000")
FRAME = "#D55E00"
STYLE: dict[Any, Any] = {
    "font.size": 9,
    "axes.titlesize": 9,
    "axes.spines.top": False,
    "axes.spines.right": False,
}
DPI = 160  # sharp on high-resolution screens; shown at SHOWN_DPI
SHOWN_DPI = 96
# From 3 to 64,000 pixels a side, all that Matplotlib can draw, and 200 MB of memory.
LEAST_INCHES, MOST_INCHES, MOST_AREA = 0.02, 400, 2000
last_shown: Figure | None = None  # for helpers.figure_table


@contextmanager
def showing(
    width: float,
    height: float,
    alt: str,
    *,
    sized_by: str = "the arguments",
    place: "DisplayHandle | None" = None,
    measured: bool = False,
) -> Iterator[Figure]:
    """Give an empty figure to draw in; show it at the end, where there is a notebook.

    `width` and `height` are in inches; `sized_by` names the arguments that they come from,
    for the ValueError about a figure of impossible size. `alt` is the sentence for readers
    who cannot see the picture, `place` the output to put it in, else a new one. `measured` says
    that its numbers are those of a training.
    """
    area = width * height
    if min(width, height) < LEAST_INCHES or max(width, height) > MOST_INCHES or area > MOST_AREA:
        raise ValueError(
            f"{sized_by} must make a figure of {LEAST_INCHES} to {MOST_INCHES} inches a side and "
            f"at most {MOST_AREA:,} square inches, got {width:,.2f} × {height:,.2f} inches"
        )
    with matplotlib.rc_context(STYLE):
        # A plain Figure, without pyplot: nothing is left open, and no backend interferes.
        # White, so that it can be read in JupyterLab's dark theme too.
        figure = Figure(figsize=(width, height), layout="constrained", facecolor="white")
        yield figure
        _display(figure, alt, place, measured)


def reserve_place(text: str) -> "DisplayHandle | None":
    """Take a place in the outputs now, with a text, for the figure that comes later."""
    if not in_notebook():
        return None
    from IPython.display import display

    return display({"text/plain": text}, raw=True, display_id=True)


def _display(figure: Figure, alt: str, place: "DisplayHandle | None", measured: bool) -> None:
    global last_shown
    last_shown = figure
    if not in_notebook():
        return
    from IPython.display import display

    picture = base64.b64encode(_png(figure)).decode()
    width, height = (round(inches * SHOWN_DPI) for inches in figure.get_size_inches())
    # JupyterLab and Colab show the HTML: what they make of a PNG has no alternative text. The
    # PNG is for LaTeX, PDF and all else that makes no use of HTML.
    image = (
        f'<img alt="{html.escape(alt)}" width="{width}" height="{height}" '
        f'src="data:image/png;base64,{picture}">'
    )
    data = {"text/html": image, "image/png": picture, "text/plain": alt}
    known = {"alt": alt, "data": series_of(figure, measured)}
    metadata = {"image/png": {"width": width, "height": height, **known}}
    if place is None:
        display(data, raw=True, metadata=metadata)
    else:
        place.update(data, raw=True, metadata=metadata)


def _png(figure: Figure) -> bytes:
    """Return a figure as a PNG of 256 colours, the nearest that there are for each pixel.

    It takes two fifths of the bytes, and no colour is off by more than 5 %.
    """
    drawn, result = io.BytesIO(), io.BytesIO()
    figure.savefig(drawn, format="png", dpi=DPI)
    colours = Image.open(drawn).convert("RGB")
    few = colours.quantize(256, Image.Quantize.MAXCOVERAGE, dither=Image.Dither.NONE)
    few.save(result, "png", optimize=True)
    return result.getvalue()
