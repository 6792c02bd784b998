"""Attempts at the tasks of 8.6."""

import copy
import types

import numpy as np
import torch
from torch import nn
from torch.nn import functional as F

import helpers
from tests.attempts import right, wrong

# --- 8.6 A: forward(self, X) ---


@right("8.6 A")
def as_in_the_book(self, X):
    Y = F.relu(self.bn1(self.conv1(X)))
    Y = self.bn2(self.conv2(Y))
    if self.conv3:
        X = self.conv3(X)
    Y += X
    return F.relu(Y)


@right("8.6 A")
def in_one_expression(self, X):
    shortcut = X if self.conv3 is None else self.conv3(X)
    return (self.bn2(self.conv2(self.bn1(self.conv1(X)).relu())) + shortcut).relu()


@right("8.6 A")
def keeps_the_input(self, x):
    identity = x
    out = self.conv1(x)
    out = self.bn1(out)
    out = torch.relu(out)
    out = self.conv2(out)
    out = self.bn2(out)
    if self.conv3 is not None:
        identity = self.conv3(identity)
    return torch.maximum(out + identity, torch.zeros(()))


@right("8.6 A")
def with_a_sequential(self, X):
    layers = nn.Sequential(self.conv1, self.bn1, nn.ReLU(), self.conv2, self.bn2)
    shortcut = self.conv3 or nn.Identity()
    return nn.ReLU(inplace=True)(layers(X) + shortcut(X))


def path(self, X):
    return self.bn2(self.conv2(F.relu(self.bn1(self.conv1(X)))))


def shortcut(self, X):
    return self.conv3(X) if self.conv3 else X


wrong("8.6 A", "without the shortcut", lambda self, X: F.relu(path(self, X)))
wrong("8.6 A", "ReLU before the sum", lambda self, X: F.relu(path(self, X)) + shortcut(self, X))
wrong("8.6 A", "no last ReLU", lambda self, X: path(self, X) + shortcut(self, X))
wrong("8.6 A", "conv3 is never used", lambda self, X: F.relu(path(self, X) + X))
wrong("8.6 A", "conv3 is None", lambda self, X: F.relu(path(self, X) + self.conv3(X)))
wrong("8.6 A", "product", lambda self, X: F.relu(path(self, X) * shortcut(self, X)))
wrong("8.6 A", "only the layers", lambda self, X: path(self, X))
wrong(
    "8.6 A",
    "ReLU on the shortcut",
    lambda self, X: F.relu(path(self, X) + F.relu(shortcut(self, X))),
)
wrong(
    "8.6 A",
    "concatenated",
    lambda self, X: F.relu(torch.cat([path(self, X), shortcut(self, X)], dim=1)),
)
wrong("8.6 A", "mean of the paths", lambda self, X: F.relu((path(self, X) + shortcut(self, X)) / 2))
wrong("8.6 A", "other arguments", lambda X: X)
wrong("8.6 A", "no function", nn.Identity(), None, nn.ReLU)
wrong("8.6 A", "returns an array", lambda self, X: as_in_the_book(self, X).detach().numpy())


@wrong("8.6 A", "input overwritten")
def one_name_for_all(self, X):
    X = F.relu(self.bn1(self.conv1(X)))
    X = self.bn2(self.conv2(X))
    if self.conv3:
        X = self.conv3(X)
    X += X
    return F.relu(X)


@wrong("8.6 A", "input overwritten")
def overwritten_halfway(self, X):
    X = F.relu(self.bn1(self.conv1(X)))
    Y = self.bn2(self.conv2(X))
    if self.conv3:
        X = self.conv3(X)
    Y += X
    return F.relu(Y)


@wrong("8.6 A", "input overwritten")
def the_sum_comes_too_late(self, X):
    Y = F.relu(self.bn1(self.conv1(X)))
    X = self.bn2(self.conv2(Y))
    return F.relu(X + X)


@wrong("8.6 A", "shortcut only with conv3")
def adds_if_there_is_a_convolution(self, X):
    Y = path(self, X)
    if self.conv3:
        X = self.conv3(X)
        Y += X
    return F.relu(Y)


@wrong("8.6 A", "no ReLU inside")
def forgets_the_first_relu(self, X):
    Y = self.bn2(self.conv2(self.bn1(self.conv1(X))))
    return F.relu(Y + shortcut(self, X))


@wrong("8.6 A", "ReLU before the normalization")
def relu_first(self, X):
    Y = self.bn2(self.conv2(self.bn1(F.relu(self.conv1(X)))))
    return F.relu(Y + shortcut(self, X))


@wrong("8.6 A", "ReLU on both sides of the sum")
def relu_everywhere(self, X):
    Y = F.relu(self.bn1(self.conv1(X)))
    Y = F.relu(self.bn2(self.conv2(Y)))
    return F.relu(Y + shortcut(self, X))


@wrong("8.6 A", "one normalization twice")
def copied_line(self, X):
    Y = F.relu(self.bn1(self.conv1(X)))
    Y = self.bn1(self.conv2(Y))
    return F.relu(Y + shortcut(self, X))


@wrong("8.6 A", "normalizations exchanged")
def exchanged(self, X):
    Y = F.relu(self.bn2(self.conv1(X)))
    return F.relu(self.bn1(self.conv2(Y)) + shortcut(self, X))


@wrong("8.6 A", "without normalization")
def no_normalization(self, X):
    return F.relu(self.conv2(F.relu(self.conv1(X))) + shortcut(self, X))


@wrong("8.6 A", "second convolution of X")
def both_from_the_input(self, X):
    Y = F.relu(self.bn1(self.conv1(X)))
    Y = self.bn2(self.conv2(X))
    return F.relu(Y + shortcut(self, X))


@wrong("8.6 A", "conv3 of Y")
def convolves_the_output(self, X):
    Y = path(self, X)
    Y = Y + self.conv3(Y) if self.conv3 else Y + X
    return F.relu(Y)


@wrong("8.6 A", "shortcut normalized")
def as_in_torchvision(self, X):
    Y = path(self, X)
    Y += self.bn2(self.conv3(X)) if self.conv3 else X
    return F.relu(Y)


@wrong("8.6 A", "normalization before the convolution")
def pre_activation(self, X):
    Y = self.conv1(F.relu(self.bn1(X)))
    Y = self.conv2(F.relu(self.bn2(Y)))
    return Y + shortcut(self, X)


@wrong("8.6 A", "changes its input")
def adds_to_the_input(self, X):
    Y = path(self, X)
    if self.conv3:
        X = self.conv3(X)
    X += Y
    return F.relu(X)


@wrong("8.6 A", "returns nothing")
def forgets_return(self, X):
    as_in_the_book(self, X)


@wrong("8.6 A", "raises AttributeError")
def layers_that_there_are_not(self, X):
    return self.relu(path(self, X) + shortcut(self, X))


@wrong("8.6 A", "conv3 of Y")
def conv3_behind_the_layers(self, X):
    Y = self.bn2(self.conv2(F.relu(self.bn1(self.conv1(X)))))
    if self.conv3:
        Y = self.conv3(Y)
    return F.relu(Y + X)


# --- 8.6 B: silence(block) ---


@right("8.6 B")
def both_parameters(block):
    nn.init.zeros_(block.bn2.weight)
    nn.init.zeros_(block.bn2.bias)


@right("8.6 B")
def without_autograd(block):
    with torch.no_grad():
        for parameter in block.bn2.parameters():
            parameter *= 0
    return block


@right("8.6 B")
def new_parameters(block):
    channels = block.bn2.num_features
    block.bn2.weight = nn.Parameter(torch.zeros(channels))
    block.bn2.bias.data[:] = 0


@right("8.6 B")
def everything(block):
    for parameter in block.parameters():
        nn.init.constant_(parameter, 0.0)


@right("8.6 B")
def very_negative_scale_is_not_needed(block):
    block.load_state_dict({**block.state_dict(), **{
        f"bn2.{name}": torch.zeros(block.bn2.num_features) for name in ("weight", "bias")
    }})  # fmt: skip


wrong("8.6 B", "shift left", lambda block: nn.init.zeros_(block.bn2.weight))
wrong("8.6 B", "scale left", lambda block: nn.init.zeros_(block.bn2.bias))
wrong("8.6 B", "not the last layer", lambda block: nn.init.zeros_(block.bn1.weight))
wrong("8.6 B", "not the last layer", lambda block: nn.init.zeros_(block.conv2.weight))
wrong("8.6 B", "block unchanged", lambda block: block.eval(), lambda block: None)
wrong("8.6 B", "other arguments", lambda: None)
wrong("8.6 B", "no function", None)
wrong("8.6 B", "raises AttributeError", lambda block: nn.init.zeros_(block.bn3.weight))


@wrong("8.6 B", "not the last layer")
def the_first_one(block):
    nn.init.zeros_(block.bn1.weight)
    nn.init.zeros_(block.bn1.bias)


@wrong("8.6 B", "right in train mode only")
def convolution_and_shift(block):
    for parameter in (block.conv2.weight, block.conv2.bias, block.bn2.bias):
        nn.init.zeros_(parameter)


@wrong("8.6 B", "not the last layer")
def both_convolutions(block):
    for conv in (block.conv1, block.conv2):
        nn.init.zeros_(conv.weight)
        nn.init.zeros_(conv.bias)


@wrong("8.6 B", "forward or layers replaced")
def another_forward(block):
    block.forward = lambda X: X


@wrong("8.6 B", "forward or layers replaced")
def another_method(block):
    block.forward = types.MethodType(lambda self, X: X, block)


@wrong("8.6 B", "forward or layers replaced")
def for_all_blocks(block):
    type(block).forward = lambda self, X: X


@wrong("8.6 B", "forward or layers replaced")
def layers_gone(block):
    block.conv1 = block.conv2 = block.bn1 = block.bn2 = nn.Identity()


@wrong("8.6 B", "another block")
def a_copy(block):
    silent = copy.deepcopy(block)
    both_parameters(silent)
    return silent


@wrong("8.6 B", "another block")
def an_identity(block):
    return nn.Identity()


@wrong("8.6 B", "block unchanged")
def only_names(block):
    for parameter in block.bn2.parameters():
        parameter = torch.zeros_like(parameter)


@wrong("8.6 B", "raises TypeError")
def a_number_in_the_place_of_a_parameter(block):
    block.bn2.weight = 0
    block.bn2.bias = 0


@wrong("8.6 B", "raises RuntimeError")
def with_autograd_watching(block):
    block.bn2.weight.zero_()
    block.bn2.bias.zero_()


@wrong("8.6 B", "averages changed")
def with_an_average_of_zero(block):
    for numbers in (block.conv2.weight, block.conv2.bias, block.bn2.bias):
        nn.init.zeros_(numbers)
    block.bn2.running_mean.zero_()


@wrong("8.6 B", "scale left")
def as_in_a_new_block(block):
    nn.init.ones_(block.bn2.weight)
    nn.init.zeros_(block.bn2.bias)


# --- 8.6 C: depth(blocks, convs_per_block) ---

right("8.6 C", lambda blocks, convs_per_block: convs_per_block * sum(blocks) + 2)
right("8.6 C", lambda blocks, convs: 1 + torch.tensor(blocks).sum() * convs + 1)
right("8.6 C", lambda blocks, convs: int(np.sum(np.array(blocks) * convs)) + 2)


@right("8.6 C")
def stage_by_stage(blocks, convs_per_block):
    layers = 1  # the stem
    for number in blocks:
        for _ in range(number):
            layers += convs_per_block
    layers += 1  # the fully connected layer
    return layers


wrong("8.6 C", "stem and last layer left out", lambda blocks, convs: convs * sum(blocks))
wrong("8.6 C", "one layer left out", lambda blocks, convs: convs * sum(blocks) + 1)
wrong("8.6 C", "blocks counted", lambda blocks, convs: sum(blocks) + 2)
wrong("8.6 C", "stages counted", lambda blocks, convs: len(blocks) * convs + 2)
wrong("8.6 C", "shortcuts counted", lambda blocks, convs: convs * sum(blocks) + len(blocks) + 1)
wrong("8.6 C", "shortcuts counted", lambda blocks, convs: convs * sum(blocks) + len(blocks) + 2)
wrong("8.6 C", "two layers per block, always", lambda blocks, convs: 2 * sum(blocks) + 2)
wrong("8.6 C", "two layers multiplied in", lambda blocks, convs: (sum(blocks) + 2) * convs)
wrong(
    "8.6 C", "all stages like the first", lambda blocks, convs: len(blocks) * blocks[0] * convs + 2
)
wrong("8.6 C", "last stage left out", lambda blocks, convs: convs * sum(blocks[:-1]) + 2)
wrong("8.6 C", "first stage left out", lambda blocks, convs: convs * sum(blocks[1:]) + 2)
wrong("8.6 C", "four stages, always", lambda blocks, convs: convs * sum(blocks[:4]) + 2)
wrong("8.6 C", "multiplied", lambda blocks, convs: int(np.prod(blocks)) * convs + 2)
wrong("8.6 C", "normalizations counted", lambda blocks, convs: 2 * convs * sum(blocks) + 2)
wrong("8.6 C", "raises TypeError", lambda blocks, convs: blocks * convs + 2)
wrong("8.6 C", "prints", lambda blocks, convs: print(convs * sum(blocks) + 2))
wrong("8.6 C", "other arguments", lambda arch: 18)
wrong("8.6 C", "no function", 18)


wrong("8.6 C", "all stages like the first", lambda blocks, convs: 4 * blocks[0] * convs + 2)
wrong("8.6 C", "shortcuts counted", lambda blocks, convs: (convs + 1) * sum(blocks) + 2)
wrong(
    "8.6 C", "two layers for each stage", lambda blocks, convs: sum(convs * n + 2 for n in blocks)
)


# --- 8.6 D: resnext(channels, number_of_groups, bot_mul) ---

ResNeXtBlock = helpers.from_notebook("8.6-resnet").ResNeXtBlock


@right("8.6 D")
def width_of_a_group(channels, number_of_groups, bot_mul):
    inside = round(channels * bot_mul)
    return ResNeXtBlock(channels, groups=inside // number_of_groups, bot_mul=bot_mul)


@right("8.6 D")
def layers_replaced(channels, number_of_groups, bot_mul):
    inside = round(channels * bot_mul)
    block = ResNeXtBlock(channels, inside, bot_mul)
    block.conv2 = nn.Conv2d(inside, inside, 3, padding=1, groups=number_of_groups)
    return block


right("8.6 D", lambda c, n, m: ResNeXtBlock(c, round(c * m / n), m, False, 1))
right("8.6 D", lambda c, n, m: ResNeXtBlock(
    num_channels=c, bot_mul=m, groups=next(w for w in range(1, c * 2 + 1) if w * n == round(c * m))
))  # fmt: skip

wrong("8.6 D", "number handed over as it is", lambda c, n, m: ResNeXtBlock(c, n, m))
wrong("8.6 D", "bottleneck left out", lambda c, n, m: ResNeXtBlock(c, c // n, m))
wrong("8.6 D", "bot_mul left out", lambda c, n, m: ResNeXtBlock(c, c // n, 1))
wrong("8.6 D", "bot_mul twice", lambda c, n, m: ResNeXtBlock(c, round(c * m * m) // n, m))
wrong("8.6 D", "always one group", lambda c, n, m: ResNeXtBlock(c, round(c * m), m))
wrong("8.6 D", "a group for each channel", lambda c, n, m: ResNeXtBlock(c, 1, m))
wrong("8.6 D", "cut off, not rounded", lambda c, n, m: ResNeXtBlock(c, int(c * m) // n, m))
wrong(
    "8.6 D",
    "not a whole number",
    lambda c, n, m: ResNeXtBlock(c, c * m / n, m),
    lambda c, n, m: ResNeXtBlock(c, c * m // n, m),
)
wrong(
    "8.6 D",
    "convolution on the shortcut",
    lambda c, n, m: ResNeXtBlock(c, round(c * m) // n, m, use_1x1conv=True),
)
wrong("8.6 D", "stride", lambda c, n, m: ResNeXtBlock(c, round(c * m) // n, m, strides=2))
wrong("8.6 D", "no block", lambda c, n, m: ResNeXtBlock, lambda c, n, m: round(c * m) // n)
wrong("8.6 D", "returns nothing", lambda c, n, m: None)
wrong("8.6 D", "no function", ResNeXtBlock(8, 2, 1), ResNeXtBlock)
wrong("8.6 D", "other arguments", lambda groups: ResNeXtBlock(32, groups, 1))
wrong("8.6 D", "raises TypeError", lambda c, n, m: ResNeXtBlock(c, m))

# --- 8.6 E: Bottleneck(num_channels) ---


def conv_norm(channels, size, **options):
    return [nn.LazyConv2d(channels, size, padding=size // 2, **options), nn.LazyBatchNorm2d()]


class Block(nn.Module):
    """A bottleneck in parts, each of which an attempt may get wrong."""

    def __init__(self, num_channels, narrow=None, sizes=(1, 3, 1), **options):
        super().__init__()
        narrow = narrow or num_channels // 4
        first, second, third = sizes
        self.first = nn.Sequential(*conv_norm(narrow, first, **options), nn.ReLU())
        self.second = nn.Sequential(*conv_norm(narrow, second), nn.ReLU())
        self.third = nn.Sequential(*conv_norm(num_channels, third))

    def layers(self, X):
        return self.third(self.second(self.first(X)))

    def forward(self, X):
        return F.relu(self.layers(X) + X)


right("8.6 E", Block, lambda num_channels: Block(num_channels, bias=False))


@right("8.6 E")
class LayerByLayer(nn.Module):
    def __init__(self, num_channels, use_1x1conv=False, strides=1):
        super().__init__()
        narrow = num_channels // 4
        self.conv1 = nn.Conv2d(num_channels, narrow, 1)
        self.conv2 = nn.Conv2d(narrow, narrow, 3, stride=strides, padding="same")
        self.conv3 = nn.Conv2d(narrow, num_channels, 1)
        self.bn1, self.bn2 = nn.BatchNorm2d(narrow), nn.BatchNorm2d(narrow)
        self.bn3 = nn.BatchNorm2d(num_channels)
        self.conv4 = nn.LazyConv2d(num_channels, 1, strides) if use_1x1conv else None

    def forward(self, X):
        Y = F.relu(self.bn1(self.conv1(X)))
        Y = F.relu(self.bn2(self.conv2(Y)))
        Y = self.bn3(self.conv3(Y))
        Y += self.conv4(X) if self.conv4 else X
        return F.relu(Y)


@right("8.6 E")
class InPlace(Block):
    def forward(self, X):
        Y = self.layers(X)
        Y += X
        return Y.relu_()


right("8.6 E", lambda num_channels: ResNeXtBlock(num_channels, num_channels // 4, 0.25))


@wrong("8.6 E", "without the shortcut")
class NoShortcut(Block):
    def forward(self, X):
        return F.relu(self.layers(X))


@wrong("8.6 E", "no last ReLU")
class NoLastReLU(Block):
    def forward(self, X):
        return self.layers(X) + X


@wrong("8.6 E", "ReLU before the sum")
class ReLUFirst(Block):
    def forward(self, X):
        return F.relu(self.layers(X)) + X


@wrong("8.6 E", "ReLU on both sides of the sum")
class TwoReLUs(Block):
    def forward(self, X):
        return F.relu(F.relu(self.layers(X)) + X)


@wrong("8.6 E", "only the layers")
class OnlyLayers(Block):
    def forward(self, X):
        return self.layers(X)


@wrong("8.6 E", "input overwritten")
class Overwritten(Block):
    def forward(self, X):
        X = self.layers(X)
        X += X
        return F.relu(X)


@wrong("8.6 E", "no ReLU inside")
class NoReLUInside(Block):
    def __init__(self, num_channels):
        super().__init__(num_channels)
        self.first = self.first[:2]


@wrong("8.6 E", "number of normalizations")
class NoNormalization(Block):
    def __init__(self, num_channels):
        super().__init__(num_channels)
        self.third = self.third[:1]


@wrong("8.6 E", "order of the layers")
class NormalizedFirst(Block):
    def __init__(self, num_channels):
        super().__init__(num_channels)
        self.third = self.third[::-1]


@wrong("8.6 E", "convolution on the shortcut")
class ConvolvedShortcut(Block):
    def __init__(self, num_channels):
        super().__init__(num_channels)
        self.shortcut = nn.LazyConv2d(num_channels, 1)

    def forward(self, X):
        return F.relu(self.layers(X) + self.shortcut(X))


@wrong("8.6 E", "shape")
class NotPadded(Block):
    def __init__(self, num_channels):
        super().__init__(num_channels)
        self.second[0].padding = (0, 0)

    def forward(self, X):
        return F.relu(self.layers(X))


@wrong("8.6 E", "shape")
class NotPaddedAndAdded(NotPadded):
    def forward(self, X):
        return F.relu(self.layers(X) + X)


@wrong("8.6 E", "raises AttributeError")
class ForgetsSuper(nn.Module):
    def __init__(self, num_channels):
        self.conv = nn.LazyConv2d(num_channels, 1)

    def forward(self, X):
        return F.relu(self.conv(X) + X)


@wrong("8.6 E", "returns nothing")
class ForgetsReturn(Block):
    def forward(self, X):
        self.layers(X)


wrong("8.6 E", "kernel sizes", lambda c: Block(c, sizes=(1, 1, 1)))
wrong(
    "8.6 E",
    "kernel sizes",
    lambda c: Block(c, sizes=(3, 3, 3)),
    lambda c: Block(c, sizes=(3, 1, 3)),
)
wrong("8.6 E", "width inside", lambda c: Block(c, narrow=c), lambda c: Block(c, narrow=c // 2))
wrong("8.6 E", "right for 256 channels only", lambda c: Block(c, narrow=64))
wrong("8.6 E", "number of convolutions", helpers.from_notebook("8.6-resnet").Residual)
wrong("8.6 E", "no layer", lambda c: "a block", lambda c: Block)
wrong("8.6 E", "no function", Block(256)(torch.rand(2, 256, 2, 2)))
wrong("8.6 E", "other arguments", lambda: Block(256))


class OwnPath(nn.Module):
    """A bottleneck block made of given layers."""

    def __init__(self, *layers):
        super().__init__()
        self.layers = nn.Sequential(*layers)

    def forward(self, X):
        return F.relu(self.layers(X) + X)


def layered(c, norm=nn.LazyBatchNorm2d, early=False, **options):
    convs = (nn.LazyConv2d(c // 4, 1), nn.LazyConv2d(c // 4, 3, padding=1, **options))
    layers = []
    for conv in convs:
        layers += [conv, nn.ReLU(), norm()] if early else [conv, norm(), nn.ReLU()]
    return OwnPath(*layers, nn.LazyConv2d(c, 1), nn.LazyBatchNorm2d())


def shared(c):
    norm = nn.LazyBatchNorm2d()
    return layered(c, norm=lambda: norm)


wrong("8.6 E", "one normalization twice", shared)
wrong("8.6 E", "ReLU before the normalization", lambda c: layered(c, early=True))
wrong("8.6 E", "shape", lambda c: layered(c, stride=2))


# --- 8.6 F: removal_guess ---

helpers.measured("8.6 F", (0.84, 0.1))

right("8.6 F", (0.8, 0.1), [0.9, 0.2], torch.tensor([0.75, 0.0]), np.array([0.84, 0.1]))
wrong("8.6 F", "exchanged", (0.1, 0.8), (0.2, 0.9))
wrong("8.6 F", "both lose nearly everything", (0.1, 0.1), (0.4, 0.2))
wrong("8.6 F", "both keep nearly everything", (0.8, 0.5), (0.84, 0.8))
wrong("8.6 F", "with shortcuts too low", (0.6, 0.1), (0.5, 0.5))
wrong("8.6 F", "with shortcuts too high", (1.0, 0.1), (1, 0))
wrong("8.6 F", "without shortcuts too high", (0.8, 0.3))
wrong("8.6 F", "percent", (80, 10), (84, 0))
wrong("8.6 F", "no share", (-0.1, 0.5))
wrong("8.6 F", "no pair of numbers", 0.8, (0.8, 0.1, 0.1), "little", ("much", "little"), {})
wrong("8.6 F", "nothing", None)
wrong("8.6 F", "no value", lambda: (0.8, 0.1))
