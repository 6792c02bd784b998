"""7.6 B: parameters and multiplications of a convolution."""

import torch
from torch import nn

from helpers.study.task import Draw, Mistake, Task, part

__all__ = ["TASK"]


def cost(c_in: int, c_out: int, k: int, h_out: int, w_out: int) -> tuple[int, int]:
    """Return (parameters, multiplications), counted on a layer and its output."""
    layer = nn.Conv2d(c_in, c_out, k, device="meta")
    output = layer(torch.zeros(1, c_in, h_out + k - 1, w_out + k - 1, device="meta"))
    products = output.numel() * layer.weight[0].numel()
    return sum(p.numel() for p in layer.parameters()), products


def inputs(draw: Draw):
    """Yield layers: one channel and several, 1 × 1 kernels, outputs that are not square."""
    yield from ((1, 1, 1, 1, 1), (1, 1, 2, 1, 1), (1, 2, 1, 1, 1), (2, 1, 1, 1, 1))
    yield from ((1, 1, 1, 1, 2), (1, 1, 3, 2, 3), (2, 3, 1, 3, 2), (3, 2, 5, 4, 1))
    yield from ((1, 6, 5, 28, 28), (6, 16, 5, 10, 10), (3, 96, 11, 54, 54))
    for _ in range(8):
        size = draw.whole(1, 30), draw.whole(1, 30)
        yield draw.whole(1, 20), draw.whole(1, 40), draw.whole(1, 7), *size


TASK = Task(
    name="7.6 B",
    asks="conv_cost(c_in, c_out, k, h_out, w_out)",
    prompt="Count it for a convolution with `c_in` input and `c_out` output channels, k × k "
    "kernels, and outputs of `h_out` × `w_out`: how many parameters has it, one bias for each "
    "output channel included, and how many products of a weight and a pixel does it compute for "
    "one image? Return both numbers.",
    stub='''def conv_cost(c_in, c_out, k, h_out, w_out):
    """Return (parameters with biases, products for one image)."""
    return ...  # two numbers, with a comma between them
''',
    solution='''def conv_cost(c_in, c_out, k, h_out, w_out):
    """Return (parameters with biases, products for one image)."""
    weights = c_out * c_in * k * k
    return weights + c_out, weights * h_out * w_out
''',
    hints=(
        "One output channel has a kernel of k × k for each input channel. How many weights is "
        "that, and how many output channels are there?",
        "Each weight is used once at every place of the output.",
        "A bias is added, not multiplied: it counts among the parameters and not among the "
        "products.",
    ),
    reference=cost,
    inputs=inputs,
    mistakes=(
        Mistake("twice k", "A kernel has k × k weights; this is 2 · k, which is as many for k = 2 "
                "only.", lambda i, o, k, h, w: (i * o * 2 * k + o, i * o * 2 * k * h * w)),
        part(1, "places of the input", "Products: a kernel is applied once for each pixel of the "
             "*output*, h_out × w_out.",
             lambda i, o, k, h, w: i * o * k * k * (h + k - 1) * (w + k - 1)),
        part(0, "without biases", "Parameters: the biases are missing, one for each output "
             "channel.", lambda i, o, k, h, w: i * o * k * k),
        part(0, "one bias", "Parameters: there is one bias for each output channel, not one for "
             "the layer.", lambda i, o, k, h, w: i * o * k * k + 1),
        part(0, "a bias for each kernel", "Parameters: the input channels are added up before "
             "the bias comes: one bias for each output channel, not for each pair of channels.",
             lambda i, o, k, h, w: i * o * (k * k + 1)),
        part(0, "a bias for each input channel", "Parameters: there is one bias for each output "
             "channel, not for each input channel.", lambda i, o, k, h, w: i * o * k * k + i),
        part(0, "a bias for each place", "Parameters: the bias is the same at every place of a "
             "map.", lambda i, o, k, h, w: i * o * k * k + o * h * w),
        part(0, "kernel of one row", "Parameters: a kernel has k × k weights, not k.",
             lambda i, o, k, h, w: i * o * k + o),
        part(0, "input channels forgotten", "Parameters: each output channel has a kernel for "
             "every input channel.", lambda i, o, k, h, w: o * k * k + o),
        part(0, "output channels forgotten", "Parameters: each output channel has kernels of its "
             "own.", lambda i, o, k, h, w: i * k * k + o),
        part(0, "channels added", "Parameters: input and output channels are combined, each with "
             "each: multiply.", lambda i, o, k, h, w: (i + o) * k * k + o),
        part(0, "parameters of every place", "Parameters: the weights are the same at every "
             "place, so they do not depend on the size of the output.",
             lambda i, o, k, h, w: i * o * k * k * h * w + o),
        part(0, "parameters of a linear layer", "Parameters: this would be a linear layer from "
             "all inputs to all outputs.", lambda i, o, k, h, w: (i * h * w + 1) * o * h * w),
        part(1, "places forgotten", "Products: each weight is used at every place of the output, "
             "and not once.", lambda i, o, k, h, w: i * o * k * k),
        part(1, "biases among the products", "Products: a bias is added, not multiplied.",
             lambda i, o, k, h, w: (i * o * k * k + o) * h * w),
        part(1, "places in place of weights", "Products: each output is a sum of c_in · k · k "
             "products, not one.", lambda i, o, k, h, w: o * h * w),
        part(1, "products of one output channel", "Products: this is one output channel; there "
             "are c_out of them.", lambda i, o, k, h, w: i * k * k * h * w),
        part(1, "products of one input channel", "Products: every output also adds up over the "
             "input channels.", lambda i, o, k, h, w: o * k * k * h * w),
        part(1, "kernel of one row in the products", "Products: a kernel has k × k weights, not "
             "k.", lambda i, o, k, h, w: i * o * k * h * w),
        part(1, "square output", "Products: the output has h_out · w_out places, which need not be "
             "square.", lambda i, o, k, h, w: i * o * k * k * h * h),
        part(1, "places added", "Products: the output has h_out · w_out places, not "
             "h_out + w_out.", lambda i, o, k, h, w: i * o * k * k * (h + w)),
        part(1, "window inside of the output", "Products: h_out and w_out are those of the output "
             "already; nothing is lost any more.",
             lambda i, o, k, h, w: i * o * k * k * (h - k + 1) * (w - k + 1)),
        part(1, "additions counted, too", "Products: only multiplications are asked for, without "
             "the additions.", lambda i, o, k, h, w: 2 * i * o * k * k * h * w),
        Mistake("exchanged", "The two numbers are exchanged: parameters first, then products.",
                after=lambda result, *arguments: (result[1], result[0])),
    ),
    conditions={
        "the output is not square": lambda i, o, k, h, w: h != w,
        "the kernel is larger than 1 × 1": lambda i, o, k, h, w: k > 1,
        "there is more than one input channel": lambda i, o, k, h, w: i > 1,
        "there is more than one output channel": lambda i, o, k, h, w: o > 1,
        "c_in and c_out differ": lambda i, o, k, h, w: i != o,
        "the output has more than one place": lambda i, o, k, h, w: h * w > 1,
    },
)  # fmt: skip
