"""7.1 A: how many weights."""

from helpers.study.task import Draw, Mistake, Task, part

__all__ = ["TASK"]


def counts(n: int, d: int) -> tuple[int, int, int]:
    """Return the weights of a full, a shift-invariant, and a local shift-invariant layer."""
    return n**4, (2 * n - 1) ** 2, (2 * d + 1) ** 2


def inputs(draw: Draw):
    """Yield sides and reaches; a reach of 0 and an image of one pixel, too."""
    yield from ((1, 0), (2, 0), (2, 1), (3, 1), (6, 1), (28, 2), (1000, 10))
    for _ in range(6):
        n = draw.whole(2, 60)
        yield n, draw.whole(0, min(n - 1, 12))


TASK = Task(
    name="7.1 A",
    asks="counts(n, d)",
    prompt="How many weights has a layer from n × n pixels to n × n outputs (1) if it is fully \
connected, (2) if besides its weights are the same at every place, (3) if they also end at a reach \
of d pixels? Predict it, before the table counts: return the three numbers, without biases.",
    stub='''def counts(n, d):
    """Return three numbers of weights: full, shared, shared and local."""
    return ...  # three numbers, with commas between them
''',
    solution='''def counts(n, d):
    """Return three numbers of weights: full, shared, shared and local."""
    return n**4, (2 * n - 1) ** 2, (2 * d + 1) ** 2
''',
    hints=(
        "Fully connected: one weight for each pair of an output place and an input place. How "
        "many places are there?",
        "Shared: one weight for each offset. Along one axis, offsets run from 1 − n to n − 1.",
        "Local: along one axis, offsets run from −d to d. Count them for d = 1.",
    ),
    reference=counts,
    inputs=inputs,
    mistakes=(
        part(0, "weights of one output", "Fully connected: n² is what *one* output needs; there "
             "are n² outputs.", lambda n, d: n**2),
        part(0, "n³", "Fully connected: n² outputs times n² inputs, not n³.", lambda n, d: n**3),
        part(0, "n² + n²", "Fully connected: each of the n² outputs has n² weights. That is a "
             "product, not a sum.", lambda n, d: 2 * n**2),
        part(0, "with biases", "Fully connected: the biases are counted, too; weights only are "
             "asked for.", lambda n, d: n**4 + n**2),
        part(1, "axes added", "Shared: the offsets of both axes are combined, each with each: "
             "multiply.", lambda n, d: 2 * (2 * n - 1)),
        part(2, "axes of the reach added", "Local: the offsets of both axes are combined, each "
             "with each: multiply.", lambda n, d: 2 * (2 * d + 1)),
        part(1, "one weight per pixel", "Shared: the offset between an input and an output can "
             "be negative, too, so there are 2n − 1 of them along an axis, not n.",
             lambda n, d: n**2),
        part(1, "2n offsets", "Shared: from 1 − n to n − 1 there are 2n − 1 offsets along an axis, "
             "not 2n.", lambda n, d: 4 * n**2),
        part(1, "2n + 1 offsets", "Shared: from 1 − n to n − 1 there are 2n − 1 offsets along an "
             "axis, not 2n + 1.", lambda n, d: (2 * n + 1) ** 2),
        part(1, "one axis", "Shared: this is the number of offsets along one axis; there are "
             "two axes.", lambda n, d: 2 * n - 1),
        part(1, "shared by n", "Shared: the weights are the same for all outputs, so there is "
             "one for each pair of offsets.", lambda n, d: n**3),
        part(2, "4 d²", "Local: this is the book's count, which leaves nothing for d = 0. From "
             "−d to d there are 2d + 1 offsets along an axis.", lambda n, d: 4 * d**2),
        part(2, "one side only", "Local: the reach is d to either side. From −d to d there are "
             "2d + 1 offsets along an axis.", lambda n, d: (d + 1) ** 2),
        part(2, "d²", "Local: the reach is d to either side, and the middle counts, too: 2d + 1 "
             "offsets along an axis.", lambda n, d: d**2),
        part(2, "one axis of the reach", "Local: this is the number of offsets along one axis; "
             "there are two axes.", lambda n, d: 2 * d + 1),
        part(2, "2d − 1 offsets", "Local: from −d to d there are 2d + 1 offsets along an axis.",
             lambda n, d: (2 * d - 1) ** 2),
        part(2, "local, but not shared", "Local: with shared weights the number does not depend "
             "on n.", lambda n, d: n * n * (2 * d + 1) ** 2),
        Mistake("shared and local exchanged", "The second number is the one for shared weights, "
                "the third the one for shared and local weights.",
                lambda n, d: (n**4, (2 * d + 1) ** 2, (2 * n - 1) ** 2)),
        Mistake("^ for a power", "A power is n**4 in Python; n ^ 4 compares bits.",
                lambda n, d: (n ^ 4, (2 * n - 1) ^ 2, (2 * d + 1) ^ 2)),
        Mistake("with biases", "The biases are counted, too; weights only are asked for.",
                lambda n, d: (n**4 + n**2, (2 * n - 1) ** 2 + 1, (2 * d + 1) ** 2 + 1)),
    ),
    conditions={
        "d is 0": lambda n, d: d == 0,
        "d is not 0": lambda n, d: d > 0,
        "d is not 1": lambda n, d: d != 1,
        "n is more than 1": lambda n, d: n > 1,
    },
)  # fmt: skip
