"""8.1 B: the memory of a training."""

from collections.abc import Callable

from helpers.study.task import Draw, Mistake, Task

__all__ = ["TASK"]


def megabytes(parameters: int, kept: int, batch: int, copies: int) -> float:
    """Return the megabytes of a training with numbers of four bytes."""
    return 4e-6 * (parameters * copies) + 4e-6 * kept * batch


def inputs(draw: Draw):
    """Yield networks: without parameters, without activations, LeNet's size, AlexNet's."""
    yield 250_000, 0, 1, 1
    yield 0, 250_000, 2, 3
    yield 500_000, 250_000, 1, 1
    yield 500_000, 250_000, 4, 2
    yield 46_764_746, 1_000_000, 128, 3
    for _ in range(8):
        yield (
            draw.whole(1, 90_000_000),
            draw.whole(1, 2_000_000),
            draw.whole(2, 256),
            draw.whole(2, 4),
        )


def _numbers(count: Callable) -> Callable:
    """Return megabytes where another number of numbers is counted."""
    return lambda parameters, kept, batch, copies: 4e-6 * count(parameters, kept, batch, copies)


def _unit(name: str, sentence: str, factor: float) -> Mistake:
    return Mistake(name, sentence, after=lambda result, *arguments: result * factor)


TASK = Task(
    name="8.1 B",
    asks="training_megabytes(parameters, kept, batch, copies)",
    prompt="How much memory does a training take? A network has `parameters` numbers, each of "
    "which is there `copies` times: 2 for weight and gradient, 3 with momentum. Of each image "
    "`kept` numbers are kept until the backward pass, and `batch` images are on their way. Return "
    "megabytes (10⁶ bytes), with four bytes for each number.",
    stub='''@helpers.task("8.1 B")
def training_megabytes(parameters, kept, batch, copies):
    """Return the megabytes that a training takes, in float32."""
    return ...  # your line
''',
    solution='''def training_megabytes(parameters, kept, batch, copies):
    """Return the megabytes that a training takes, in float32."""
    return 4 * (copies * parameters + batch * kept) / 1e6
''',
    hints=(
        "Count numbers first, and make bytes of them at the end.",
        "The parameters are there once for the whole batch; what is kept, once for each image.",
        "copies * parameters + batch * kept numbers, four bytes each, a million bytes in a "
        "megabyte.",
    ),
    reference=megabytes,
    inputs=inputs,
    mistakes=(
        _unit("units of 2²⁰ bytes", "The result is in units of 2²⁰ bytes (MiB), the unit behind "
              "the book's 164 MB; a megabyte has 10⁶.", 1e6 / 2**20),
        _unit("bytes", "The result is in bytes: divide by 10⁶.", 1e6),
        _unit("kilobytes", "The result is in kilobytes: divide by 10⁶.", 1e3),
        _unit("gigabytes", "The result is in gigabytes: divide by 10⁶ only.", 1e-3),
        _unit("numbers, not bytes", "Numbers are counted, not bytes: each takes four.", 1 / 4),
        _unit("numbers, without any unit", "Numbers are counted: each takes four bytes, and a "
              "megabyte has 10⁶ of these.", 1e6 / 4),
        _unit("eight bytes", "Each number takes eight bytes: that is float64. PyTorch's networks "
              "have float32, four bytes.", 2),
        _unit("two bytes", "Each number takes two bytes: that is half precision; four are asked "
              "for.", 1 / 2),
        _unit("bits", "The result is in megabits: a number takes 4 bytes, which are 32 bits.", 8),
        Mistake(
            "parameters for each image",
            "The parameters are counted for each image. They are there once, however large the "
            "batch is.",
            _numbers(lambda p, kept, batch, copies: (p * copies + kept) * batch),
        ),
        Mistake(
            "activations copied, too",
            "What is kept of the images is multiplied by `copies`, too: only parameters have "
            "gradients and momentum that stay.",
            _numbers(lambda p, kept, batch, copies: (p + kept * batch) * copies),
        ),
        Mistake(
            "four bytes for one part",
            "Only the parameters are counted with four bytes: 4 belongs before the whole sum.",
            _numbers(lambda p, kept, batch, copies: p * copies + kept * batch / 4),
        ),
        Mistake(
            "four bytes for one part",
            "Only what is kept is counted with four bytes: 4 belongs before the whole sum.",
            _numbers(lambda p, kept, batch, copies: p * copies / 4 + kept * batch),
        ),
        Mistake(
            "one part divided",
            "Only what is kept is divided by 10⁶: the whole sum is to be.",
            _numbers(lambda p, kept, batch, copies: p * copies * 1e6 + kept * batch),
        ),
        Mistake(
            "kept twice",
            "What is kept is counted twice. Its gradients do not stay: 2 belongs to the weights, "
            "and is in `copies` already.",
            before=lambda p, kept, batch, copies: (p, 2 * kept, batch, copies),
        ),
        Mistake(
            "batch not used",
            "What is kept is counted for one image; there are `batch` of them.",
            before=lambda p, kept, batch, copies: (p, kept, 1, copies),
        ),
        Mistake(
            "copies not used",
            "The parameters are counted once; each is there `copies` times.",
            before=lambda p, kept, batch, copies: (p, kept, batch, 1),
        ),
        Mistake(
            "one copy too many",
            "`copies` is the number in all, the weight itself included: it is not to be added.",
            before=lambda p, kept, batch, copies: (p, kept, batch, copies + 1),
        ),
        Mistake(
            "one copy too few",
            "The weight itself is one of the `copies`: do not subtract it.",
            before=lambda p, kept, batch, copies: (p, kept, batch, copies - 1),
        ),
        Mistake(
            "parameters only",
            "Only the parameters are counted. What is kept of the images is missing, and with a "
            "large batch that is the larger part.",
            before=lambda p, kept, batch, copies: (p, 0, batch, copies),
        ),
        Mistake(
            "without the parameters",
            "Only what is kept of the images is counted; the parameters are missing.",
            before=lambda p, kept, batch, copies: (0, kept, batch, copies),
        ),
        Mistake(
            "kept for all copies of the batch",
            "`batch` and `copies` are both multiplied with everything: each belongs to one part "
            "of the sum.",
            _numbers(lambda p, kept, batch, copies: (p + kept) * batch * copies),
        ),
        Mistake("parameters times kept", "Parameters and kept numbers are multiplied with each "
                "other: they lie side by side in memory, so add them.",
                _numbers(lambda p, kept, batch, copies: p * copies * kept * batch)),
        Mistake("batch and copies exchanged", "`batch` and `copies` are exchanged.",
                before=lambda p, kept, batch, copies: (p, kept, copies, batch)),
        Mistake("rounded", "The result is rounded to whole megabytes: leave it as it is.",
                after=lambda result, *arguments: float(round(result))),
        Mistake("rounded down", "The result is cut to whole megabytes (//): divide with /.",
                after=lambda result, *arguments: float(int(result + 1e-9))),
    ),
    conditions={
        "there is more than one image": lambda p, kept, batch, copies: batch > 1,
        "parameters are there more than once": lambda p, kept, batch, copies: copies > 1,
        "the network has parameters": lambda p, kept, batch, copies: p > 0,
        "something is kept": lambda p, kept, batch, copies: kept > 0,
    },
)  # fmt: skip
