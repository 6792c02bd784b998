"""Small tools for the notebooks of chapters 7 and 8 of *Dive into Deep Learning*.

Three modules are for reading, in this order:

- `helpers.ops`: cross-correlation and pooling, sections 7.2, 7.4 and 7.5;
- `helpers.data`: Fashion-MNIST, and what a batch is, section 4.2;
- `helpers.trainer`: the loop that trains a model, section 3.4.

`helpers.experiments` repeats a training over seeds. What these need besides has rooms of its
own: `training`, `images`, `figures`, `notebook`, `inside`, `explorer`, `study`, and two small
ones: `arguments` says what an argument may be, `columns` sets what is printed as a table.
"""

from helpers.data import FashionMNIST
from helpers.experiments import Runs, accuracy, over_seeds, train
from helpers.explorer.call import explore
from helpers.figures.as_table import FigureTable, figure_table
from helpers.figures.diagrams import show_blocks, show_receptive_field
from helpers.figures.grids import show_grids, show_matrix
from helpers.figures.pictures import show_images, show_sliding
from helpers.figures.plots import plot_bars, plot_lines, plot_points
from helpers.inside.cost import Cost, cost
from helpers.inside.looks_answers import look_at_mistakes, look_at_occlusion
from helpers.inside.looks_layers import look_at_kernels, look_at_maps, look_at_way
from helpers.inside.looks_sizes import look_at_sizes
from helpers.inside.memory import kept
from helpers.notebook.book import Book, book_records
from helpers.notebook.classes import from_notebook
from helpers.notebook.errors import open_doors
from helpers.notebook.normal import on_band
from helpers.notebook.records import record, records
from helpers.notebook.seeds import Seeds, seed_records
from helpers.notebook.settings import settings
from helpers.ops import (
    Conv2D,
    corr2d,
    corr2d_multi_in,
    corr2d_multi_in_out,
    corr2d_multi_in_out_1x1,
    init_cnn,
    pool2d,
)
from helpers.study.check import check, hint
from helpers.study.measured import measured
from helpers.study.progress import progress
from helpers.study.stubs import task
from helpers.trainer import Trainer
from helpers.training.device import choose_device
from helpers.training.history import History

__all__ = [
    "Book",
    "Conv2D",
    "Cost",
    "FashionMNIST",
    "FigureTable",
    "History",
    "Runs",
    "Seeds",
    "Trainer",
    "accuracy",
    "book_records",
    "check",
    "choose_device",
    "corr2d",
    "corr2d_multi_in",
    "corr2d_multi_in_out",
    "corr2d_multi_in_out_1x1",
    "cost",
    "explore",
    "figure_table",
    "from_notebook",
    "hint",
    "init_cnn",
    "kept",
    "look_at_kernels",
    "look_at_maps",
    "look_at_mistakes",
    "look_at_occlusion",
    "look_at_sizes",
    "look_at_way",
    "measured",
    "on_band",
    "over_seeds",
    "plot_bars",
    "plot_lines",
    "plot_points",
    "pool2d",
    "progress",
    "record",
    "records",
    "seed_records",
    "settings",
    "show_blocks",
    "show_grids",
    "show_images",
    "show_matrix",
    "show_receptive_field",
    "show_sliding",
    "task",
    "train",
]

open_doors(globals(), __all__)
