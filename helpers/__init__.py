"""Small tools for the notebooks of chapters 7 and 8 of *Dive into Deep Learning*."""

from helpers.data import FashionMNIST
from helpers.device import choose_device
from helpers.history import History
from helpers.inside.cost import Cost, cost
from helpers.notebook.classes import from_notebook
from helpers.notebook.records import record, records
from helpers.notebook.settings import settings
from helpers.ops import (
    Conv2D,
    corr2d,
    corr2d_multi_in,
    corr2d_multi_in_out,
    corr2d_multi_in_out_1x1,
    pool2d,
)
from helpers.plots import (
    plot_bars,
    plot_lines,
    plot_points,
    show_blocks,
    show_grids,
    show_images,
    show_receptive_field,
    show_sliding,
)
from helpers.trainer import Trainer, init_cnn

__all__ = [
    "Conv2D",
    "Cost",
    "FashionMNIST",
    "History",
    "Trainer",
    "choose_device",
    "corr2d",
    "corr2d_multi_in",
    "corr2d_multi_in_out",
    "corr2d_multi_in_out_1x1",
    "cost",
    "from_notebook",
    "init_cnn",
    "plot_bars",
    "plot_lines",
    "plot_points",
    "pool2d",
    "record",
    "records",
    "settings",
    "show_blocks",
    "show_grids",
    "show_images",
    "show_receptive_field",
    "show_sliding",
]
