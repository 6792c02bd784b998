"""8-compare B: the largest batch that fits."""

from helpers.study.task import Draw, Mistake, Task

__all__ = ["TASK"]

BYTES = 4


def largest(parameters: int, activations: int, memory: int) -> int:
    """Return how many images fit, 0 if not one does."""
    left = memory - 2 * BYTES * parameters
    return max(0, left // (BYTES * activations))


def inputs(draw: Draw):
    """Yield what fits exactly and what leaves a rest, no room for the weights, real networks."""
    yield from (
        (1, 1, 12), (1, 1, 16), (2, 1, 19), (1, 2, 23), (2, 3, 4), (3, 1, 24), (5, 7, 100),
        (61_706, 10_000, 1_000_000), (1_992_166, 1_920_000, 1_000_000_000),
        (128_806_154, 12_092_000, 1_000_000_000), (11_178_378, 969_000, 8_000_000_000),
    )  # fmt: skip
    for _ in range(8):
        parameters, activations, n = draw.whole(1, 60), draw.whole(2, 30), draw.whole(0, 12)
        rest = draw.whole(0, BYTES * activations - 1)
        yield parameters, activations, 2 * BYTES * parameters + BYTES * activations * n + rest


def _fit(parameters: float, activations: float, memory: float) -> int:
    """Return the batch with other numbers of bytes for the parameters and for an image."""
    return max(0, int((memory - parameters) // activations))


TASK = Task(
    name="8-compare B",
    asks="largest_batch(parameters, activations, memory)",
    prompt="How many images may a batch have, at most? A training with plain gradient descent "
    "holds all parameters and a gradient for each of them, and keeps `activations` numbers of "
    "every image. Each number takes four bytes; there are `memory` bytes. Return a whole number, "
    "0 if not one image fits.",
    stub='''@helpers.task("8-compare B")
def largest_batch(parameters, activations, memory):
    """Return the largest number of images that a training has room for."""
    return ...  # a whole number
''',
    solution='''def largest_batch(parameters, activations, memory):
    """Return the largest number of images that a training has room for."""
    left = memory - 2 * 4 * parameters  # weights and gradients come first
    return max(0, left // (4 * activations))
''',
    hints=(
        "What is there whatever the batch? How many bytes of the memory are left after that?",
        "Weights and gradients take 2 · 4 · parameters bytes. An image takes 4 · activations.",
        "How often does the one fit into the other? Divide, and round down with //. What if the "
        "weights alone do not fit?",
    ),
    reference=largest,
    inputs=inputs,
    mistakes=(
        Mistake("without gradients", "The gradients are forgotten: each parameter has one, as "
                "large as itself.", lambda p, a, m: _fit(BYTES * p, BYTES * a, m)),
        Mistake("without weights and gradients", "Weights and gradients are forgotten: they take "
                "their share of the memory first.", lambda p, a, m: _fit(0, BYTES * a, m)),
        Mistake("a byte for each number", "Numbers are taken for bytes: each takes four.",
                lambda p, a, m: _fit(2 * p, a, m)),
        Mistake("a byte for each number", "Numbers are taken for bytes: each takes four. And the "
                "gradients are missing.", lambda p, a, m: _fit(p, a, m)),
        Mistake("a byte for each parameter", "A parameter and its gradient take four bytes each.",
                lambda p, a, m: _fit(2 * p, BYTES * a, m)),
        Mistake("a byte for each activation", "Each number that is kept of an image takes four "
                "bytes.", lambda p, a, m: _fit(2 * BYTES * p, a, m)),
        Mistake("eight bytes", "Each number is counted with eight bytes; it takes four.",
                lambda p, a, m: _fit(4 * BYTES * p, 2 * BYTES * a, m)),
        Mistake("gradients of the activations", "What is kept of an image is counted twice. The "
                "gradients of the activations need not be kept: each is used for the layer below, "
                "and forgotten.", lambda p, a, m: _fit(2 * BYTES * p, 2 * BYTES * a, m)),
        Mistake("weights for each image", "Weights and gradients are counted for each image; the "
                "whole batch shares them.",
                lambda p, a, m: int(m // (2 * BYTES * p + BYTES * a))),
        Mistake("weights for each image", "The weights are counted for each image; the whole batch "
                "shares them.", lambda p, a, m: int(m // (BYTES * p + BYTES * a))),
        Mistake("an optimiser's state", "A third number is counted for each parameter, as momentum "
                "has one. Plain gradient descent has none.",
                lambda p, a, m: _fit(3 * BYTES * p, BYTES * a, m)),
        Mistake("an optimiser's state", "Four numbers are counted for each parameter, as Adam has "
                "them. Plain gradient descent has two.",
                lambda p, a, m: _fit(4 * BYTES * p, BYTES * a, m)),
        Mistake("negative", "Where the weights do not fit, the result is negative: then it is to "
                "be 0.", lambda p, a, m: (m - 2 * BYTES * p) // (BYTES * a)),
        Mistake("negative", "Where the weights do not fit, the result is negative: then it is to "
                "be 0.", lambda p, a, m: int((m - 2 * BYTES * p) / (BYTES * a))),
        Mistake("rounded up", "It is rounded up: the last image does not fit whole.",
                lambda p, a, m: max(0, -(-(m - 2 * BYTES * p) // (BYTES * a)))),
        Mistake("rounded", "It is rounded to the nearest whole number: a half image more does not "
                "fit.", lambda p, a, m: max(0, round((m - 2 * BYTES * p) / (BYTES * a)))),
        Mistake("not whole", "A batch has a whole number of images: round down (//).",
                lambda p, a, m: max(0, (m - 2 * BYTES * p) / (BYTES * a))),
        Mistake("not whole", "A batch has a whole number of images, never less than 0: round down "
                "(//).", lambda p, a, m: (m - 2 * BYTES * p) / (BYTES * a)),
        Mistake("one image less", "What fits exactly fits: one image more is possible.",
                after=lambda n, p, a, m: max(0, n - 1)),
        Mistake("what fits exactly", "Where the last image fits exactly, it is left out: what "
                "takes all of the memory still fits.",
                lambda p, a, m: max(0, (m - 1 - 2 * BYTES * p) // (BYTES * a))),
        Mistake("at least one", "1 comes back where not one image fits: that is 0.",
                after=lambda n, p, a, m: max(1, n)),
        Mistake("brackets missing", "left // 4 * a divides by 4 and then multiplies: brackets "
                "around the bytes of an image, left // (4 * a).",
                lambda p, a, m: max(0, (m - 2 * BYTES * p) // BYTES * a)),
        Mistake("the other way round", "It is divided the other way round.",
                lambda p, a, m: max(0, (BYTES * a) // (m - 2 * BYTES * p))),
        Mistake("power of two", "It is rounded down to a power of two. That is a habit; more "
                "images fit.", after=lambda n, p, a, m: 1 << (n.bit_length() - 1) if n else 0),
        Mistake("bytes left over", "These are the bytes that are left for the images, and not how "
                "many images these are.", lambda p, a, m: m - 2 * BYTES * p),
    ),
    conditions={
        "the weights do not fit": lambda parameters, activations, memory:
            memory < 2 * BYTES * parameters,
        "not one image fits": lambda parameters, activations, memory:
            not largest(parameters, activations, memory),
        "the last image fits exactly": lambda parameters, activations, memory:
            (memory - 2 * BYTES * parameters) % (BYTES * activations) == 0,
        "memory is left over": lambda parameters, activations, memory:
            (memory - 2 * BYTES * parameters) % (BYTES * activations) > 0,
    },
)  # fmt: skip
