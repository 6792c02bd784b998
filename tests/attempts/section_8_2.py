"""Attempts at the tasks of 8.2."""

import torch
from torch import nn
from torch.nn import functional as F

from tests.attempts import right, wrong

# --- 8.2 A: vgg_block(num_convs, out_channels) ---


def stack(n, c, size=3, padding=1, *, act=nn.ReLU, pool=None, conv=nn.LazyConv2d, **options):
    """Return a block of n convolutions, as in the book but for the options."""
    layers = []
    for _ in range(n):
        layers += [conv(c, size, padding=padding, **options), act()]
    return nn.Sequential(*layers, pool or nn.MaxPool2d(2, 2))


@right("8.2 A")
def as_in_the_book(num_convs, out_channels):
    layers = []
    for _ in range(num_convs):
        layers.append(nn.LazyConv2d(out_channels, kernel_size=3, padding=1))
        layers.append(nn.ReLU())
    layers.append(nn.MaxPool2d(kernel_size=2, stride=2))
    return nn.Sequential(*layers)


@right("8.2 A")
def first_lazy_others_not(num_convs, out_channels):
    net = nn.Sequential(nn.LazyConv2d(out_channels, (3, 3), padding="same"), nn.ReLU(inplace=True))
    for i in range(1, num_convs):
        net.add_module(f"conv{i}", nn.Conv2d(out_channels, out_channels, 3, 1, 1))
        net.add_module(f"relu{i}", nn.ReLU())
    net.append(nn.AdaptiveMaxPool2d((None, None)) if num_convs < 1 else nn.MaxPool2d(2))
    return net


class Block(nn.Module):
    """With a forward of its own, and one ReLU that is used several times."""

    def __init__(self, num_convs, out_channels):
        super().__init__()
        self.pool = nn.MaxPool2d(2)
        self.convs = nn.ModuleList(
            nn.LazyConv2d(out_channels, 3, padding=1) for _ in range(num_convs)
        )

    def forward(self, X):
        for conv in self.convs:
            X = F.relu(conv(X))
        return self.pool(X)


right("8.2 A", lambda num_convs, out_channels: Block(num_convs, out_channels))


@right("8.2 A")
def one_relu_object(n, out):
    relu = nn.ReLU()
    pairs = [nn.Sequential(nn.LazyConv2d(out, 3, padding=1), relu) for _ in range(n)]
    return nn.Sequential(*pairs, nn.MaxPool2d(2))


@right("8.2 A")
def recursive(num_convs, out_channels):
    if num_convs == 0:
        return nn.MaxPool2d(2, 2)
    first = nn.LazyConv2d(out_channels, 3, padding=1)
    return nn.Sequential(first, nn.ReLU(), recursive(num_convs - 1, out_channels))


wrong("8.2 A", "one convolution", lambda n, c: stack(1, c))
wrong("8.2 A", "always 2", lambda n, c: stack(2, c))
wrong("8.2 A", "one convolution too many", lambda n, c: stack(n + 1, c))
wrong("8.2 A", "one convolution too few", lambda n, c: stack(len(range(1, n)), c))
wrong("8.2 A", "exchanged arguments", lambda out, n: stack(n, out))
wrong("8.2 A", "channels not used", lambda n, c: stack(n, 64))
wrong("8.2 A", "without ReLU", lambda n, c: stack(n, c, act=nn.Identity))
wrong("8.2 A", "sigmoid", lambda n, c: stack(n, c, act=nn.Sigmoid))
wrong("8.2 A", "leaky ReLU", lambda n, c: stack(n, c, act=nn.LeakyReLU))
wrong("8.2 A", "no pooling", lambda n, c: stack(n, c, pool=nn.Identity()))
wrong("8.2 A", "average pooling", lambda n, c: stack(n, c, pool=nn.AvgPool2d(2)))
wrong("8.2 A", "pooling with stride 1", lambda n, c: stack(n, c, pool=nn.MaxPool2d(2, stride=1)))
wrong("8.2 A", "pooling of 3 × 3", lambda n, c: stack(n, c, pool=nn.MaxPool2d(3, 2)))
wrong("8.2 A", "without padding", lambda n, c: stack(n, c, padding=0))
wrong("8.2 A", "padding of 2", lambda n, c: stack(n, c, padding=2))
wrong("8.2 A", "kernel of 5 × 5", lambda n, c: stack(n, c, 5), lambda n, c: stack(n, c, 5, 2))
wrong("8.2 A", "kernel of 1 × 1", lambda n, c: stack(n, c, 1, 0))
wrong("8.2 A", "convolutions with stride 2", lambda n, c: stack(n, c, stride=2))
wrong("8.2 A", "without bias", lambda n, c: stack(n, c, bias=False))


def takes(channels):
    """Return what makes convolutions for so many input channels."""
    return lambda c, *sizes, **options: nn.Conv2d(channels or c, c, *sizes, **options)


wrong("8.2 A", "input channels fixed", lambda n, c: stack(n, c, conv=takes(None)))
wrong("8.2 A", "input channels fixed", lambda n, c: stack(n, c, conv=takes(1)))
wrong("8.2 A", "no layer", lambda n, c: [*stack(n, c)], lambda n, c: tuple(stack(n, c)))
wrong("8.2 A", "no layer", lambda n, c: nn.ModuleList(stack(n, c)))
wrong("8.2 A", "no layer", lambda n, c: stack(n, c)(torch.zeros(1, 1, 8, 8)))
wrong("8.2 A", "no function", as_in_the_book(1, 16))
wrong("8.2 A", "other arguments", lambda num_convs, in_channels, out_channels: None)


@wrong("8.2 A", "one layer several times")
def made_before_the_loop(num_convs, out_channels):
    conv = nn.LazyConv2d(out_channels, kernel_size=3, padding=1)
    layers = []
    for _ in range(num_convs):
        layers += [conv, nn.ReLU()]
    return nn.Sequential(*layers, nn.MaxPool2d(2, 2))


@wrong("8.2 A", "one layer several times")
def repeated_list(num_convs, out_channels):
    layers = [nn.LazyConv2d(out_channels, 3, padding=1), nn.ReLU()] * num_convs
    return nn.Sequential(*layers, nn.MaxPool2d(2, 2))


@wrong("8.2 A", "pooling after every convolution")
def pooling_in_the_loop(num_convs, out_channels):
    layers = []
    for _ in range(num_convs):
        layers.append(nn.LazyConv2d(out_channels, kernel_size=3, padding=1))
        layers.append(nn.ReLU())
        layers.append(nn.MaxPool2d(kernel_size=2, stride=2))
    return nn.Sequential(*layers)


@wrong("8.2 A", "return in the loop")
def returns_at_once(num_convs, out_channels):
    layers = []
    for _ in range(num_convs):
        layers.append(nn.LazyConv2d(out_channels, kernel_size=3, padding=1))
        layers.append(nn.ReLU())
        return nn.Sequential(*layers)


@wrong("8.2 A", "one ReLU for all")
def relu_after_the_loop(num_convs, out_channels):
    layers = [nn.LazyConv2d(out_channels, 3, padding=1) for _ in range(num_convs)]
    return nn.Sequential(*layers, nn.ReLU(), nn.MaxPool2d(2, 2))


@wrong("8.2 A", "ReLU first")
def relu_before(num_convs, out_channels):
    layers = []
    for _ in range(num_convs):
        layers += [nn.ReLU(), nn.LazyConv2d(out_channels, 3, padding=1)]
    return nn.Sequential(*layers, nn.MaxPool2d(2, 2))


@wrong("8.2 A", "pooling first")
def pools_first(num_convs, out_channels):
    return nn.Sequential(nn.MaxPool2d(2), stack(num_convs, out_channels, pool=nn.Identity()))


@wrong("8.2 A", "channels double")
def doubles(num_convs, out_channels):
    layers = []
    for i in range(num_convs):
        layers += [nn.LazyConv2d(out_channels * 2**i, 3, padding=1), nn.ReLU()]
    return nn.Sequential(*layers, nn.MaxPool2d(2))


@wrong("8.2 A", "a layer too many")
def with_batch_norm(num_convs, out_channels):
    layers = []
    for _ in range(num_convs):
        layers += [nn.LazyConv2d(out_channels, 3, padding=1), nn.LazyBatchNorm2d(), nn.ReLU()]
    return nn.Sequential(*layers, nn.MaxPool2d(2))


@wrong("8.2 A", "raises TypeError")
def without_the_star(num_convs, out_channels):
    layers = [nn.LazyConv2d(out_channels, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2)]
    return nn.Sequential(layers)


@wrong("8.2 A", "returns nothing")
def builds_and_forgets(num_convs, out_channels):
    nn.Sequential(*stack(num_convs, out_channels))


class Hidden(nn.Module):
    """Keeps its layers in a list, where nobody finds them."""

    def __init__(self, num_convs, out_channels):
        super().__init__()
        self.layers = [*stack(num_convs, out_channels)]

    def forward(self, X):
        for layer in self.layers:
            X = layer(X)
        return X


wrong("8.2 A", "no convolution", lambda n, c: Hidden(n, c))
