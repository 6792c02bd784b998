"""8-compare D: the work of a whole training."""

from collections.abc import Callable
from typing import Any

from helpers.notebook.seeds import Seeds, seed_records
from helpers.study.task import Draw, Mistake, Task

__all__ = ["TASK"]


def work(name: str) -> int:
    """Return the multiply–adds of a section's quick training."""
    return seed_records()[name].work


def inputs(draw: Draw):
    """Yield the notebooks of the recorded trainings."""
    yield from ((name,) for name in seed_records())


def _by(value: Callable[[Seeds], Any]) -> Callable:
    return lambda name: value(seed_records()[name])


def _epochs(r: Seeds) -> int:
    return r.settings["max_epochs"]


def _batch(r: Seeds) -> int:
    return r.settings["batch_size"]


def _one(r: Seeds) -> int:
    """Return the multiply–adds of forward passes with all images once."""
    return r.multiply_adds * r.images


TASK = Task(
    name="8-compare D",
    asks="training_work(name)",
    prompt="How many multiply–adds does the whole quick training of a notebook take, all passes of "
    "all epochs? `helpers.seed_records()[name]` tells for `name`, such as `\"8.3-nin\"`: its "
    "`multiply_adds` are those of a forward pass for one image, `images` is how many an epoch "
    "takes, and `settings` is a dict with `\"max_epochs\"`. The backward pass costs twice the "
    "forward pass.",
    stub='''@helpers.task("8-compare D")
def training_work(name):
    """Return the multiply–adds of a notebook's whole training."""
    return ...  # your lines
''',
    solution='''def training_work(name):
    """Return the multiply–adds of a notebook's whole training."""
    r = helpers.seed_records()[name]
    return 3 * r.multiply_adds * r.images * r.settings["max_epochs"]
''',
    hints=(
        "A training step takes a forward pass, and a backward pass of twice its work. How many "
        "forward passes is that?",
        "Each epoch sends every image through the network once.",
        "3 · multiply_adds · images · max_epochs, with r = helpers.seed_records()[name].",
    ),
    reference=work,
    inputs=inputs,
    mistakes=(
        Mistake("without the backward pass", "Only forward passes are counted: the backward pass "
                "costs twice as much again.", _by(lambda r: _one(r) * _epochs(r))),
        Mistake("backward pass only", "Only backward passes are counted: there is a forward pass "
                "before each.", _by(lambda r: 2 * _one(r) * _epochs(r))),
        Mistake("four passes", "This is four times the forward passes: the backward pass counts "
                "twice, the forward pass once, three in all.",
                _by(lambda r: 4 * _one(r) * _epochs(r))),
        Mistake("one epoch", "This is one epoch; the training has more.",
                _by(lambda r: 3 * _one(r))),
        Mistake("one epoch", "These are the forward passes of one epoch.", _by(_one)),
        Mistake("always ten epochs", "Ten epochs are counted, as in the book: "
                "settings[\"max_epochs\"] says how many there are.",
                _by(lambda r: 3 * _one(r) * 10)),
        Mistake("backward pass once", "Two epochs are added for the backward pass: it comes behind "
                "every forward pass, in each epoch.", _by(lambda r: _one(r) * (_epochs(r) + 2))),
        Mistake("half a backward pass", "The backward pass is counted with half of a forward "
                "pass; it costs twice one.", _by(lambda r: 1.5 * _one(r) * _epochs(r))),
        Mistake("divided by the epochs", "It is divided by the number of epochs: `images` is what "
                "one epoch takes already.", _by(lambda r: 3 * _one(r) / _epochs(r))),
        Mistake("added", "A sum stands where a product belongs: each image takes `multiply_adds`, "
                "in each epoch.",
                _by(lambda r: 3 * r.multiply_adds + r.images * _epochs(r))),
        Mistake("divided by the batch size", "It is divided by the batch size: `multiply_adds` is "
                "for one image, and each image of a batch takes as many.",
                _by(lambda r: 3 * _one(r) * _epochs(r) // 128)),
        Mistake("one image", "This is the work with one image: each epoch takes all of them.",
                _by(lambda r: 3 * r.multiply_adds * _epochs(r))),
        Mistake("one image", "This is the work of one step with one image.",
                _by(lambda r: 3 * r.multiply_adds)),
        Mistake("one image", "This is a forward pass with one image.",
                _by(lambda r: r.multiply_adds)),
        Mistake("one batch", "This is the work with one batch in each epoch: an epoch takes all "
                "images.", _by(lambda r: 3 * r.multiply_adds * _batch(r) * _epochs(r))),
        Mistake("steps in place of images", "The steps are counted, as if each took one image: "
                "`multiply_adds` is for one image.",
                _by(lambda r: 3 * r.multiply_adds * (r.images / _batch(r)) * _epochs(r))),
        Mistake("steps in place of images", "The steps are counted, as if each took one image: "
                "`multiply_adds` is for one image.",
                _by(lambda r: 3 * r.multiply_adds * (r.images // _batch(r)) * _epochs(r))),
        Mistake("batch size twice", "The images are multiplied by the batch size: each image goes "
                "through the network once in an epoch, in whatever batch.",
                _by(lambda r: 3 * _one(r) * _batch(r) * _epochs(r))),
        Mistake("all seeds", "The trainings of all seeds are added up; one is asked for.",
                _by(lambda r: 3 * _one(r) * _epochs(r) * len(r.seeds))),
        Mistake("parameters", "Parameters are counted in place of multiply–adds: a convolution "
                "uses each of its weights at many positions.",
                _by(lambda r: 3 * r.parameters * r.images * _epochs(r))),
        Mistake("in billions", "The result is in billions; multiply–adds are asked for.",
                _by(lambda r: 3 * _one(r) * _epochs(r) / 1e9)),
        Mistake("in billions", "The result is in whole billions; multiply–adds are asked for.",
                _by(lambda r: 3 * _one(r) * _epochs(r) // 10**9)),
        Mistake("operations", "Products and sums are counted separately: a multiply–add is one of "
                "each.", _by(lambda r: 6 * _one(r) * _epochs(r))),
        Mistake("validation images", "The validation images are counted like those of the "
                "training; they take part in no step.",
                _by(lambda r: 3 * r.multiply_adds * _epochs(r)
                    * (r.images + (r.settings.get("val_subset") or 10_000)))),
        Mistake("always 60,000 images", "Each epoch is counted with all 60,000 images: `images` "
                "says how many it takes.",
                _by(lambda r: 3 * r.multiply_adds * 60_000 * _epochs(r))),
        Mistake("a subset is taken for granted", "`subset` is None where all images are taken: "
                "`images` says how many these are.",
                _by(lambda r: 3 * r.multiply_adds * r.settings["subset"] * _epochs(r))),
        Mistake("seconds", "Seconds are no work: they depend on the processor.",
                _by(lambda r: sum(map(sum, r.seconds)))),
        Mistake("memory", "These are bytes that are kept, and not multiply–adds.",
                _by(lambda r: r.kept)),
    ),
    conditions={
        "all images are taken": lambda name: seed_records()[name].settings["subset"] is None,
        "the training has not ten epochs": lambda name: _epochs(seed_records()[name]) != 10,
    },
)  # fmt: skip
