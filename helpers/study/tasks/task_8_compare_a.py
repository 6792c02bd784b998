"""8-compare A: what one convolution costs."""

from collections.abc import Callable

from helpers.study.task import Draw, Mistake, Task, part

__all__ = ["TASK"]

Numbers = tuple[int, ...]


def places(n: int, k: int, stride: int, padding: int) -> int:
    """Return at how many places a kernel stands along one axis."""
    return len(range(0, n + 2 * padding - k + 1, stride))


def costs(
    c_in: int, c_out: int, k: int, h: int, w: int, stride: int, padding: int, groups: int
) -> tuple[int, int]:
    """Count the parameters of a convolution and the multiply–adds for one image."""
    weights = c_out * (c_in // groups) * k * k
    return weights + c_out, weights * places(h, k, stride, padding) * places(w, k, stride, padding)


def inputs(draw: Draw):
    """Yield convolutions: strides with a rest, paddings, groups, not square, 1 × 1."""
    yield from (
        (1, 1, 1, 1, 1, 1, 0, 1), (1, 2, 1, 2, 3, 1, 0, 1), (1, 1, 2, 3, 3, 1, 0, 1),
        (2, 1, 3, 3, 5, 1, 1, 1), (1, 2, 3, 5, 5, 2, 1, 1), (2, 2, 1, 3, 4, 1, 0, 2),
        (1, 3, 3, 6, 4, 2, 0, 1), (4, 2, 3, 4, 4, 1, 1, 2), (1, 6, 5, 28, 28, 1, 2, 1),
        (1, 96, 11, 224, 224, 4, 1, 1), (128, 128, 3, 28, 28, 1, 1, 16),
    )  # fmt: skip
    for _ in range(8):
        groups, k = draw.one_of(1, 1, 2, 3), draw.whole(1, 5)
        c_in, c_out = groups * draw.whole(1, 4), groups * draw.whole(1, 4)
        h, w = k + draw.whole(0, 9), k + draw.whole(0, 9)
        yield c_in, c_out, k, h, w, draw.whole(1, 3), draw.whole(0, 2), groups


def _work(change: Callable) -> Callable:
    """Return multiply–adds with a number of positions of its own."""

    def work(c_in: int, c_out: int, k: int, h: int, w: int, s: int, p: int, groups: int) -> float:
        return c_out * (c_in // groups) * k * k * change(k, h, w, s, p)

    return work


def _both(change: Callable) -> Callable:
    """Return what gives both counts with another number of weights."""

    def changed(
        result: Numbers, c_in: int, c_out: int, k: int, h: int, w: int, s: int, p: int, groups: int
    ) -> tuple[float, float]:
        weights = change(c_in, c_out, k, groups)
        return weights + c_out, weights * places(h, k, s, p) * places(w, k, s, p)

    return changed


def _area(k: int, h: int, w: int, s: int, p: int) -> int:
    return places(h, k, s, p) * places(w, k, s, p)


TASK = Task(
    name="8-compare A",
    asks="conv_cost(c_in, c_out, k, h, w, stride, padding, groups)",
    prompt="What does one convolution cost? Return (parameters, multiply–adds): its weights and "
    "biases, and the products with weights for one image of h × w pixels (adding the bias does not "
    "count). The kernel is k × k; the output has ⌊(h + 2 padding − k) / stride⌋ + 1 rows, and so "
    "on. Each of the `groups` connects its share of the input to its share of the output channels.",
    stub='''@helpers.task("8-compare A")
def conv_cost(c_in, c_out, k, h, w, stride=1, padding=0, groups=1):
    """Return the parameters of a convolution and its multiply–adds."""
    return ...  # two numbers, with a comma between them
''',
    solution='''def conv_cost(c_in, c_out, k, h, w, stride=1, padding=0, groups=1):
    """Return the parameters of a convolution and its multiply–adds."""
    weights = c_out * (c_in // groups) * k * k
    rows, columns = ((n + 2 * padding - k) // stride + 1 for n in (h, w))
    return weights + c_out, weights * rows * columns
''',
    hints=(
        "Without groups there are c_in · c_out kernels of k · k weights, and a bias for each "
        "output channel. With groups an output channel sees c_in / groups channels.",
        "Each weight is used once at every position of the *output*. How many rows and columns "
        "has it?",
        "multiply–adds = weights · rows · columns, with rows = (h + 2 * padding - k) // stride + 1 "
        "and columns in the same way from w.",
    ),
    reference=costs,
    inputs=inputs,
    mistakes=(
        Mistake("exchanged", "The two numbers are in the wrong order: parameters come first.",
                lambda *given: costs(*given)[::-1]),
        Mistake("groups ignored", "Groups are not used: with them, an output channel sees c_in / "
                "groups channels only.", before=lambda *given: (*given[:7], 1)),
        Mistake("stride ignored", "The stride is not used: a kernel that moves by more pixels "
                "stands at fewer places.", before=lambda *given: (*given[:5], 1, *given[6:])),
        Mistake("padding ignored", "The padding is not used: the kernel stands at more places "
                "with it.", before=lambda *given: (*given[:6], 0, given[7])),
        Mistake("without biases", "The parameters lack the biases: one for each output channel.",
                after=lambda result, *given: (result[0] - given[1], result[1])),
        part(0, "biases of the input", "There is a bias for each *output* channel.",
             lambda *given: costs(*given)[0] - given[1] + given[0]),
        part(0, "one bias", "There is one bias for each output channel, not one for all.",
             lambda *given: costs(*given)[0] - given[1] + 1),
        part(0, "biases divided by the groups", "Each output channel has a bias, with groups too.",
             lambda *given: costs(*given)[0] - given[1] + given[1] // given[7]),
        part(1, "biases multiplied", "The multiply–adds are counted with the biases: they are only "
             "added, without a product.",
             lambda *given: costs(*given)[0] * _area(*given[2:7])),
        part(1, "positions of the input", "The weights are multiplied by the positions of the "
             "input: what counts are those of the output, where the kernel stands.",
             _work(lambda k, h, w, s, p: h * w)),
        part(1, "positions of the padded input", "The weights are multiplied by the positions of "
             "the padded input: what counts are those of the output.",
             _work(lambda k, h, w, s, p: (h + 2 * p) * (w + 2 * p))),
        part(1, "padding on one side", "The padding is added once: it stands on both sides, so "
             "twice in the size.", _work(lambda k, h, w, s, p:
                                         ((h + p - k) // s + 1) * ((w + p - k) // s + 1))),
        part(1, "one too few", "The output's size lacks the + 1: the kernel also stands at the "
             "first place.", _work(lambda k, h, w, s, p:
                                   ((h + 2 * p - k) // s) * ((w + 2 * p - k) // s))),
        part(1, "+ 1 before dividing", "The + 1 is divided by the stride, too; it comes "
             "afterwards: ⌊(h + 2p − k) / s⌋ + 1.",
             _work(lambda k, h, w, s, p:
                   ((h + 2 * p - k + 1) // s) * ((w + 2 * p - k + 1) // s))),
        part(1, "rounded up", "The output's size is rounded up: a place where the kernel does not "
             "fit whole does not count.",
             _work(lambda k, h, w, s, p:
                   (-(-(h + 2 * p - k) // s) + 1) * (-(-(w + 2 * p - k) // s) + 1))),
        part(1, "not rounded", "The output's size is not a whole number where the stride leaves a "
             "rest: round down.", _work(lambda k, h, w, s, p:
                                        ((h + 2 * p - k) / s + 1) * ((w + 2 * p - k) / s + 1))),
        part(1, "stride on one axis", "The stride holds along both axes.",
             _work(lambda k, h, w, s, p: places(h, k, s, p) * places(w, k, 1, p))),
        part(1, "square output", "The rows of the output are taken for its columns, too.",
             _work(lambda k, h, w, s, p: places(h, k, s, p) ** 2)),
        part(1, "square output", "The columns of the output are taken for its rows, too.",
             _work(lambda k, h, w, s, p: places(w, k, s, p) ** 2)),
        part(1, "rows only", "The multiply–adds are those of one column: multiply by the columns, "
             "too.", _work(lambda k, h, w, s, p: places(h, k, s, p))),
        part(1, "two operations", "Products and sums are counted separately: a multiply–add is "
             "one of each.", lambda *given: 2 * costs(*given)[1]),
        part(1, "one position", "The multiply–adds are those of one position; the kernel stands at "
             "many.", _work(lambda k, h, w, s, p: 1)),
        Mistake("k not squared", "A kernel has k · k weights, not k.",
                after=_both(lambda c_in, c_out, k, groups: c_out * (c_in // groups) * k)),
        Mistake("groups divide twice", "Input and output channels are both divided by the groups. "
                "That is one group; there are as many of them as `groups`.",
                after=_both(lambda c_in, c_out, k, groups:
                            (c_out // groups) * (c_in // groups) * k * k)),
        Mistake("groups multiply", "With groups there are fewer weights, not more.",
                after=_both(lambda c_in, c_out, k, groups: c_out * c_in * k * k * groups)),
        Mistake("input channels not used", "An output channel has a kernel for *each* input "
                "channel it sees.", after=_both(lambda c_in, c_out, k, groups: c_out * k * k)),
        Mistake("output channels not used", "Each output channel has kernels of its own.",
                after=_both(lambda c_in, c_out, k, groups: c_in // groups * k * k)),
        Mistake("channels added", "Input and output channels are added; each pair has a kernel.",
                after=_both(lambda c_in, c_out, k, groups: (c_in + c_out) * k * k)),
    ),
    conditions={
        "there are groups": lambda *given: given[7] > 1,
        "the stride is larger than 1": lambda *given: given[5] > 1,
        "there is padding": lambda *given: given[6] > 0,
        "the image is not square": lambda *given: given[3] != given[4],
        "the kernel is larger than 1×1": lambda *given: given[2] > 1,
    },
)  # fmt: skip
