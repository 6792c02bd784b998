"""7.4 D: how many parameters."""

from helpers.study.task import Draw, Mistake, Task

__all__ = ["TASK"]


def count(ci: int, co: int, kh: int, kw: int, groups: int, bias: bool) -> int:
    """Return the parameters of a convolutional layer."""
    return ci * co * kh * kw // groups + (co if bias else 0)


def inputs(draw: Draw):
    """Yield layers: with and without groups and bias, kernels that are not square."""
    yield from ((1, 1, 1, 1, 1, False), (2, 3, 1, 1, 1, True), (2, 1, 1, 2, 1, False))
    yield from ((4, 2, 1, 1, 2, False), (4, 4, 3, 3, 4, True), (6, 9, 2, 3, 3, True))
    yield from ((3, 64, 7, 7, 1, True), (64, 64, 3, 3, 1, False), (1, 6, 5, 5, 1, True))
    for _ in range(10):
        groups = draw.one_of(1, 1, 2, 3, 4)
        yield (groups * draw.whole(1, 6), groups * draw.whole(1, 6), draw.whole(1, 5),
               draw.whole(1, 5), groups, draw.one_of(True, False))  # fmt: skip


TASK = Task(
    name="7.4 D",
    asks="parameters(ci, co, kh, kw, groups=1, bias=True)",
    prompt="How many parameters has a convolutional layer? With `groups`, input and output "
    "channels are divided into as many groups, and each output channel sees the inputs of its own "
    "group only. `bias` says whether there are biases.",
    stub='''def parameters(ci, co, kh, kw, groups=1, bias=True):
    """Return the number of weights and biases of a convolutional layer."""
    return ...  # your line
''',
    solution='''def parameters(ci, co, kh, kw, groups=1, bias=True):
    """Return the number of weights and biases of a convolutional layer."""
    return co * (ci // groups) * kh * kw + (co if bias else 0)
''',
    hints=(
        "Without groups: an output channel has a kernel of kh × kw for each input channel.",
        "With groups, an output channel sees ci / groups input channels.",
        "There is one bias for each output channel: co, if bias is True.",
    ),
    reference=count,
    inputs=inputs,
    mistakes=(
        Mistake("groups not used", "The groups are not used: an output channel sees ci / groups "
                "input channels only.",
                before=lambda ci, co, kh, kw, groups, bias: (ci, co, kh, kw, 1, bias)),
        Mistake("groups divide twice", "Input and output channels are both divided by the groups, "
                "which is one group's share; there are as many of those as groups.",
                after=lambda n, ci, co, kh, kw, groups, bias:
                n - (co if bias else 0) - (ci * co * kh * kw // groups)
                + ci // groups * (co // groups) * kh * kw + (co if bias else 0)),
        Mistake("groups multiply", "With groups there are fewer weights, not more.",
                after=lambda n, ci, co, kh, kw, groups, bias:
                n + ci * co * kh * kw * groups - ci * co * kh * kw // groups),
        Mistake("one group only", "This is one group only; there are `groups` of them, and their "
                "biases.", lambda ci, co, kh, kw, groups, bias:
                ci // groups * (co // groups) * kh * kw + (co // groups if bias else 0)),
        Mistake("bias per input channel", "There is one bias for each *output* channel.",
                after=lambda n, ci, co, kh, kw, groups, bias: n + (ci - co if bias else 0)),
        Mistake("one bias", "There is one bias for each output channel, not one for all.",
                after=lambda n, ci, co, kh, kw, groups, bias: n + (1 - co if bias else 0)),
        Mistake("one bias for each group", "There is one bias for each output channel, not one "
                "for each group.",
                after=lambda n, ci, co, kh, kw, groups, bias: n + (groups - co if bias else 0)),
        Mistake("bias always", "Biases are counted although bias is False.",
                after=lambda n, ci, co, kh, kw, groups, bias: n + (0 if bias else co)),
        Mistake("bias never", "The biases are not counted: one for each output channel.",
                after=lambda n, ci, co, kh, kw, groups, bias: n - (co if bias else 0)),
        Mistake("bias for each weight", "There is one bias for each output channel, not one for "
                "each kernel.", after=lambda n, ci, co, kh, kw, groups, bias:
                n + (ci // groups * co - co if bias else 0)),
        Mistake("square kernel", "The kernel's height is used for its width, too.",
                before=lambda ci, co, kh, kw, groups, bias: (ci, co, kh, kh, groups, bias)),
        Mistake("square kernel", "The kernel's width is used for its height, too.",
                before=lambda ci, co, kh, kw, groups, bias: (ci, co, kw, kw, groups, bias)),
        Mistake("kernel added", "Height and width of a kernel are added; they are multiplied.",
                lambda ci, co, kh, kw, groups, bias:
                ci * co // groups * (kh + kw) + (co if bias else 0)),
        Mistake("input channels not used", "An output channel has a kernel for *each* input "
                "channel it sees.", lambda ci, co, kh, kw, groups, bias:
                co * kh * kw + (co if bias else 0)),
        Mistake("output channels not used", "Each output channel has kernels of its own.",
                lambda ci, co, kh, kw, groups, bias:
                ci // groups * kh * kw + (co if bias else 0)),
        Mistake("channels added", "Input and output channels are added; each pair has a kernel.",
                lambda ci, co, kh, kw, groups, bias:
                (ci + co) * kh * kw // groups + (co if bias else 0)),
        Mistake("bias divided by the groups", "The biases are divided by the groups; each output "
                "channel keeps its own.", lambda ci, co, kh, kw, groups, bias:
                (ci * co * kh * kw + (co if bias else 0)) / groups),
        Mistake("bias divided by the groups", "The biases are divided by the groups; each output "
                "channel keeps its own.", lambda ci, co, kh, kw, groups, bias:
                (ci * co * kh * kw + (co if bias else 0)) // groups),
    ),
    conditions={
        "there are groups": lambda ci, co, kh, kw, groups, bias: groups > 1,
        "there are biases": lambda ci, co, kh, kw, groups, bias: bias,
        "there are no biases": lambda ci, co, kh, kw, groups, bias: not bias,
        "the kernel is not square": lambda ci, co, kh, kw, groups, bias: kh != kw,
        "the numbers of channels differ": lambda ci, co, kh, kw, groups, bias: ci != co,
        "there are groups and biases": lambda ci, co, kh, kw, groups, bias: groups > 1 and bias,
    },
)  # fmt: skip
