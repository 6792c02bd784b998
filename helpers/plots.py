"""The old address of the figures, for helpers.data and helpers.trainer until they are moved."""

from helpers.figures.curves import LiveCurves
from helpers.figures.pictures import show_images

__all__ = ["LiveCurves", "show_images"]
