"""Small tools for the notebooks of chapters 7 and 8 of *Dive into Deep Learning*."""

from helpers.data import FashionMNIST
from helpers.device import choose_device, settings
from helpers.notebook import from_notebook
from helpers.ops import (
    Conv2D,
    corr2d,
    corr2d_multi_in,
    corr2d_multi_in_out,
    corr2d_multi_in_out_1x1,
    init_cnn,
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
from helpers.trainer import Trainer
from helpers.training.history import History

__all__ = [
    "Conv2D",
    "FashionMNIST",
    "History",
    "Trainer",
    "choose_device",
    "corr2d",
    "corr2d_multi_in",
    "corr2d_multi_in_out",
    "corr2d_multi_in_out_1x1",
    "from_notebook",
    "init_cnn",
    "plot_bars",
    "plot_lines",
    "plot_points",
    "pool2d",
    "settings",
    "show_blocks",
    "show_grids",
    "show_images",
    "show_receptive_field",
    "show_sliding",
]
