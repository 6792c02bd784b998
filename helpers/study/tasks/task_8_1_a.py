"""8.1 A: the smallest image of which something is left."""

import itertools

from helpers.study.task import Draw, Mistake, Task

__all__ = ["TASK"]

Layers = list[tuple[int, int, int]]  # (kernel, stride, padding)
ALEXNET = [(11, 4, 1), (3, 2, 0), (5, 1, 2), (3, 2, 0), (3, 1, 1), (3, 1, 1), (3, 1, 1), (3, 2, 0)]


def smallest(layers: Layers) -> int:
    """Return the side of the smallest image that every layer leaves a pixel of, by trying."""
    n = 1
    while not _fits(n, layers):
        n += 1
    return n


def _fits(n: int, layers: Layers) -> bool:
    for k, s, p in layers:
        n = (n - k + 2 * p) // s + 1 if n > 0 else 0
    return n > 0


def _backwards(layers: Layers, step, least: int | None = 1) -> int:
    """Go from one pixel back to the image; `step` says how many it takes, at least `least`."""
    n = 1
    for layer in reversed(layers):
        n = step(n, *layer)
        n = n if least is None else max(least, n)
    return n


def _needed(n: int, k: int, s: int, p: int) -> int:
    return (n - 1) * s + k - 2 * p


def _left(n: int, k: int, s: int, p: int) -> int:
    return (n - k + 2 * p) // s + 1


def _down_to_nothing(layers: Layers) -> int:
    """Return the smallest side with which no layer leaves less than 0 pixels."""
    for n in itertools.count(1):
        left = n
        for layer in layers:
            left = _left(left, *layer)
            if left < 0:
                break
        else:
            break
    return n


def inputs(draw: Draw):
    """Yield layers: one, two, AlexNet's, strides below and above the kernel, much padding."""
    yield ([(3, 1, 0)],)
    yield ([(3, 2, 1)],)
    yield ([(3, 1, 0), (2, 2, 0)],)
    yield ([(5, 1, 2), (3, 2, 0)],)
    yield ([(2, 2, 0), (3, 1, 2)],)  # the second layer would fit on less than a pixel
    yield ([(3, 1, 2)],)
    yield ([(5, 1, 0), (2, 2, 0), (5, 1, 0), (2, 2, 0)],)
    yield (ALEXNET,)
    for count in (1, 2, 2, 3, 3, 4):
        yield (
            [
                (k, draw.whole(1, 4), draw.whole(0, k // 2))
                for k in (draw.whole(1, 7) for _ in range(count))
            ],
        )


def _forwards(layers: Layers, step) -> int:
    return _backwards(layers[::-1], step)


def _too_early(layers: Layers) -> int:
    field, jump = 1, 1
    for k, s, _ in layers:
        jump *= s
        field += (k - 1) * jump
    return field


def _at_least(change):
    return lambda layers: _backwards(layers, change)


TASK = Task(
    name="8.1 A",
    asks="smallest(layers)",
    prompt="How small may an image be? `layers` is a list of (kernel, stride, padding), from the "
    "input on, for convolutions and poolings alike. Return the side of the smallest square image "
    "of which every layer leaves at least one pixel. Try it on AlexNet's eight by hand.",
    stub='''@helpers.task("8.1 A")
def smallest(layers):
    """Return the side of the smallest image that these layers accept."""
    return ...  # your lines
''',
    solution='''def smallest(layers):
    """Return the side of the smallest image that these layers accept."""
    n = 1  # one pixel is left at the end
    for kernel, stride, padding in reversed(layers):
        n = max(1, (n - 1) * stride + kernel - 2 * padding)
    return n
''',
    hints=(
        "Begin at the end: behind the last layer one pixel is enough. How many does that layer "
        "need before it?",
        "n places of a window lie n − 1 strides apart, and the window itself takes `kernel` "
        "pixels: (n − 1) · stride + kernel. Padding provides 2 · padding of them.",
        "Go through reversed(layers). However much is padded, one pixel there must be.",
        "What is still missing stands in the loop:\n"
        "n = max(1, (n - 1) * stride + kernel - 2 * padding)",
    ),
    reference=smallest,
    inputs=inputs,
    mistakes=(
        Mistake(
            "without the padding",
            "The padding is not used (so this is the receptive field of 7.2.6): zeros around the "
            "image save pixels on either side.",
            before=lambda layers: ([(k, s, 0) for k, s, p in layers],),
        ),
        Mistake(
            "padding counted once",
            "The padding is counted once; there is as much on both sides, so 2 · padding.",
            _at_least(lambda n, k, s, p: (n - 1) * s + k - p),
        ),
        Mistake(
            "padding added",
            "The padding is added. Padded zeros count as pixels, so the image itself may be "
            "smaller: subtract them.",
            _at_least(lambda n, k, s, p: (n - 1) * s + k + 2 * p),
        ),
        Mistake(
            "n strides",
            "n windows are n − 1 strides apart, not n: the first one takes no step.",
            _at_least(lambda n, k, s, p: n * s + k - 2 * p),
        ),
        Mistake(
            "without the strides",
            "The strides are not used: a window that moves by 2 needs two more pixels for each "
            "further place.",
            before=lambda layers: ([(k, 1, p) for k, s, p in layers],),
        ),
        Mistake(
            "from the first to the last",
            "The layers are taken from the first to the last. One pixel is what is left behind "
            "the *last* layer: begin there (reversed(layers)).",
            lambda layers: _forwards(layers, _needed),
        ),
        Mistake(
            "strides only",
            "Only the strides are multiplied up; the kernels need their pixels, too.",
            lambda layers: _backwards(layers, lambda n, k, s, p: n * s),
        ),
        Mistake(
            "kernel less one",
            "The kernel is counted with one pixel too few: a single window of 3 needs 3 pixels.",
            _at_least(lambda n, k, s, p: (n - 1) * s + k - 1 - 2 * p),
        ),
        Mistake(
            "stride counted too early",
            "A layer's stride spreads the windows of the layers *behind* it, not its own window.",
            _too_early,
        ),
        Mistake(
            "less than a pixel",
            "For a layer with much padding the result is 0 or less: an image has at least one "
            "pixel.",
            lambda layers: _backwards(layers, _needed, None),
        ),
        Mistake(
            "less than a pixel in between",
            "Where a layer with much padding needs no pixel at all, it is given 0 or less, and "
            "the layer before it goes on with that: each layer gets at least one pixel.",
            lambda layers: max(1, _backwards(layers, _needed, None)),
        ),
        Mistake(
            "only the last layer",
            "Only the last layer is reckoned with: does each one begin with 1 again, or does "
            "`return` stand in the loop?",
            lambda layers: smallest(layers[-1:]),
        ),
        Mistake(
            "only the first layer",
            "Only the first layer is reckoned with: the layers behind it want to leave a pixel, "
            "too.",
            lambda layers: smallest(layers[:1]),
        ),
        Mistake("first layer missing", "The first layer is left out.",
                lambda layers: smallest(layers[1:])),
        Mistake("stride and padding exchanged", "Stride and padding are exchanged: a layer is "
                "(kernel, stride, padding).",
                _at_least(lambda n, k, s, p: (n - 1) * p + k - 2 * s)),
        Mistake("outputs, not inputs", "This formula goes from a layer's input to its output. Here "
                "the output is known, and the input is wanted.",
                lambda layers: _backwards(layers, _left, None)),
        Mistake("no pixel left", "A layer may leave no pixel here; each is to leave one at least.",
                _down_to_nothing),
        Mistake("largest kernel", "This is the largest kernel alone. The needs of the layers add "
                "up, and strides multiply them.", lambda layers: max(k for k, _, _ in layers)),
        Mistake(
            "the largest need",
            "The layer that needs most is taken for itself. The needs add up from layer to layer.",
            lambda layers: max(smallest([layer]) for layer in layers),
        ),
        Mistake(
            "starts from 0 pixels",
            "It begins with 0 pixels behind the last layer; at least one is to be left.",
            lambda layers: _from(0, layers),
        ),
        Mistake("starts from 2 pixels", "It begins with 2 pixels behind the last layer; one is "
                "enough.", lambda layers: _from(2, layers)),
    ),
    conditions={
        "there is more than one layer": lambda layers: len(layers) > 1,
        "a layer has padding": lambda layers: any(p for _, _, p in layers),
        "a stride is larger than 1": lambda layers: any(s > 1 for _, s, _ in layers),
        "a layer pads by half of its kernel or more": lambda layers: any(
            2 * p >= k for k, _, p in layers),
        "a kernel is even": lambda layers: any(k % 2 == 0 for k, _, _ in layers),
    },
)  # fmt: skip


def _from(n: int, layers: Layers) -> int:
    for layer in reversed(layers):
        n = max(1, _needed(n, *layer))
    return n
