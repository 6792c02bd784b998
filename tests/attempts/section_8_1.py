"""Attempts at the tasks of 8.1."""

import math
import random

import numpy as np
import torch
from torch import nn
from torch.nn import functional as F

from tests.attempts import right, wrong

# --- 8.1 A: smallest(layers) ---


@right("8.1 A")
def from_the_end(layers):
    n = 1
    for k, s, p in layers[::-1]:
        n = max(1, (n - 1) * s + k - 2 * p)
    return n


@right("8.1 A")
def by_trying(layers):
    for side in range(1, 10_000):
        n = side
        for kernel, stride, padding in layers:
            if n + 2 * padding < kernel:
                break
            n = (n - kernel + 2 * padding + stride) // stride
        else:
            return side


@right("8.1 A")
def recursion(layers):
    if not layers:
        return 1
    (k, s, p), *rest = layers
    return max(1, k + s * (recursion(rest) - 1) - 2 * p)


@right("8.1 A")
def with_real_layers(layers, n=1):
    net = [nn.Conv2d(1, 1, k, s, p) for k, s, p in layers]
    while True:
        try:
            nn.Sequential(*net)(torch.zeros(1, 1, n, n))
            return torch.tensor(n)
        except RuntimeError:
            n += 1


def backwards(layers, need):
    n = 1
    for layer in reversed(layers):
        n = max(1, need(n, *layer))
    return n


wrong("8.1 A", "from the first to the last", lambda layers: from_the_end(layers[::-1]))
wrong("8.1 A", "without the padding",
      lambda layers: backwards(layers, lambda n, k, s, p: (n - 1) * s + k))  # fmt: skip
wrong("8.1 A", "padding counted once",
      lambda layers: backwards(layers, lambda n, k, s, p: (n - 1) * s + k - p))  # fmt: skip
wrong("8.1 A", "padding added",
      lambda layers: backwards(layers, lambda n, k, s, p: (n - 1) * s + k + 2 * p))  # fmt: skip
wrong("8.1 A", "n strides",
      lambda layers: backwards(layers, lambda n, k, s, p: n * s + k - 2 * p))  # fmt: skip
wrong("8.1 A", "without the strides",
      lambda layers: backwards(layers, lambda n, k, s, p: n - 1 + k - 2 * p))  # fmt: skip
wrong("8.1 A", "kernel less one",
      lambda layers: backwards(layers, lambda n, k, s, p: (n - 1) * s + k - 2 * p - 1))  # fmt: skip
wrong("8.1 A", "strides only", lambda layers: math.prod(s for _, s, _ in layers))
wrong("8.1 A", "only the last layer", lambda layers: from_the_end(layers[-1:]))
wrong("8.1 A", "only the first layer", lambda layers: from_the_end(layers[:1]))
wrong("8.1 A", "the largest need", lambda layers: max(from_the_end([layer]) for layer in layers))
wrong("8.1 A", "offset", lambda layers: from_the_end(layers) - 1)
wrong("8.1 A", "offset", lambda layers: by_trying(layers) + 1)
wrong("8.1 A", "returns a list", lambda layers: [from_the_end(layers)])
wrong("8.1 A", "other arguments", lambda kernel, stride, padding: kernel - 2 * padding)
wrong("8.1 A", "prints", lambda layers: print(from_the_end(layers)))


@wrong("8.1 A", "less than a pixel")
def without_a_floor(layers):
    n = 1
    for k, s, p in reversed(layers):
        n = (n - 1) * s + k - 2 * p
    return n


@wrong("8.1 A", "less than a pixel in between")
def a_floor_at_the_end(layers):
    return max(1, without_a_floor(layers))


@wrong("8.1 A", "starts from 0 pixels")
def nothing_is_left(layers):
    n = 0
    for k, s, p in reversed(layers):
        n = max(1, (n - 1) * s + k - 2 * p)
    return n


@wrong("8.1 A", "stride counted too early")
def receptive_field_too_early(layers):
    field, jump = 1, 1
    for k, s, _ in layers:
        jump *= s
        field += (k - 1) * jump
    return field


@wrong("8.1 A", "without the padding")
def receptive_field(layers):
    field, jump = 1, 1
    for k, s, _ in layers:
        field += (k - 1) * jump
        jump *= s
    return field


@wrong("8.1 A", "changes its input")
def takes_the_list_apart(layers):
    n = 1
    while layers:
        k, s, p = layers.pop()
        n = max(1, (n - 1) * s + k - 2 * p)
    return n


@wrong("8.1 A", "endless loop")
def never_ends(layers):
    n = 1
    while n < 1000:
        if by_trying(layers) == 0:
            n += 1
    return n


@wrong("8.1 A", "changes its input")
def reverses_the_list(layers):
    layers.reverse()
    n = 1
    for k, s, p in layers:
        n = max(1, (n - 1) * s + k - 2 * p)
    return n


def to_the_image(layers, step):
    """Return what `step` makes of one pixel, from the last layer to the first."""
    n = 1
    for layer in reversed(layers):
        n = step(n, *layer)
    return n


wrong("8.1 A", "outputs, not inputs",
      lambda ls: to_the_image(ls, lambda n, k, s, p: (n - k + 2 * p) // s + 1))  # fmt: skip
wrong("8.1 A", "stride and padding exchanged",
      lambda ls: to_the_image(ls, lambda n, k, p, s: max(1, (n - 1) * s + k - 2 * p)))  # fmt: skip
wrong("8.1 A", "first layer missing", lambda layers: from_the_end(layers[1:]))
wrong("8.1 A", "largest kernel", lambda layers: max(k for k, _, _ in layers))


@wrong("8.1 A", "no pixel left")
def down_to_no_pixel(layers):
    n = 1
    while True:
        left = n
        for k, s, p in layers:
            left = (left + 2 * p - k) // s + 1
            if left < 0:
                break
        else:
            return n
        n += 1


# --- 8.1 B: training_megabytes(parameters, kept, batch, copies) ---


@right("8.1 B")
def step_by_step(parameters, kept, batch, copies):
    numbers = 0
    for _ in range(copies):
        numbers += parameters
    for _ in range(batch):
        numbers += kept
    return numbers * 4 / 10**6


right("8.1 B", lambda p, k, b, c: torch.tensor(4e-6 * (c * p + b * k), dtype=torch.float64))
right("8.1 B", lambda p, k, b, c: np.dot([p, k], [c, b]) / 250_000)
right("8.1 B", lambda parameters, kept, batch, copies, size=4: size / 1e6 * (
    parameters * copies + kept * batch))  # fmt: skip

wrong("8.1 B", "units of 2²⁰ bytes", lambda p, k, b, c: 4 * (c * p + b * k) / 2**20)
wrong("8.1 B", "units of 2²⁰ bytes", lambda p, k, b, c: 4 * (c * p + b * k) / 1024 / 1024)
wrong("8.1 B", "bytes", lambda p, k, b, c: 4 * (c * p + b * k))
wrong("8.1 B", "gigabytes", lambda p, k, b, c: 4 * (c * p + b * k) / 1e9)
wrong("8.1 B", "kilobytes", lambda p, k, b, c: 4 * (c * p + b * k) / 1000)
wrong("8.1 B", "numbers, not bytes", lambda p, k, b, c: (c * p + b * k) / 1e6)
wrong("8.1 B", "numbers, without any unit", lambda p, k, b, c: c * p + b * k)
wrong("8.1 B", "eight bytes", lambda p, k, b, c: 8 * (c * p + b * k) / 1e6)
wrong("8.1 B", "bits", lambda p, k, b, c: 32 * (c * p + b * k) / 1e6)
wrong("8.1 B", "parameters for each image", lambda p, k, b, c: 4e-6 * b * (c * p + k))
wrong("8.1 B", "activations copied, too", lambda p, k, b, c: 4e-6 * c * (p + b * k))
wrong("8.1 B", "batch not used", lambda p, k, b, c: 4e-6 * (c * p + k))
wrong("8.1 B", "copies not used", lambda p, k, b, c: 4e-6 * (p + b * k))
wrong("8.1 B", "one copy too many", lambda p, k, b, c: 4e-6 * (p + c * p + b * k))
wrong("8.1 B", "parameters only", lambda p, k, b, c: 4e-6 * c * p)
wrong("8.1 B", "without the parameters", lambda p, k, b, c: 4e-6 * b * k)
wrong("8.1 B", "rounded down", lambda p, k, b, c: 4 * (c * p + b * k) // 10**6)
wrong("8.1 B", "rounded", lambda p, k, b, c: round(4e-6 * (c * p + b * k)))
wrong("8.1 B", "batch and copies exchanged", lambda p, k, b, c: 4e-6 * (b * p + c * k))
wrong("8.1 B", "units of 2²⁰ bytes", lambda p, k, b, c: 4 * b * (c * p + k) / 2**20)
wrong("8.1 B", "ignores copies", lambda p, k, b, c: 4 * (p + b * k) / 2**20)
wrong("8.1 B", "another type", lambda p, k, b, c: f"{4e-6 * (c * p + b * k):.0f} MB")
wrong("8.1 B", "other arguments", lambda parameters, kept: 4e-6 * (parameters + kept))


@wrong("8.1 B", "prints")
def prints_megabytes(parameters, kept, batch, copies):
    print(4 * (copies * parameters + batch * kept) / 1e6, "MB")


@wrong("8.1 B", "returns nothing")
def without_return(parameters, kept, batch, copies):
    4 * (copies * parameters + batch * kept) / 1e6


wrong("8.1 B", "four bytes for one part", lambda p, k, b, c: (4 * c * p + b * k) / 1e6)
wrong("8.1 B", "four bytes for one part", lambda p, k, b, c: (c * p + 4 * b * k) / 1e6)
wrong("8.1 B", "one part divided", lambda p, k, b, c: 4 * c * p + 4 * b * k / 1e6)
wrong("8.1 B", "kept twice", lambda p, k, b, c: 4 * (c * p + 2 * b * k) / 1e6)


# --- 8.1 C: he(layer) ---


@right("8.1 C")
def by_hand(layer):
    with torch.no_grad():
        std = math.sqrt(2 / layer.weight[0].numel())
        layer.weight.copy_(torch.randn(layer.weight.shape) * std)
        if layer.bias is not None:
            layer.bias.zero_()


@right("8.1 C")
def by_pytorch(layer):
    nn.init.kaiming_normal_(layer.weight, nonlinearity="relu")
    if layer.bias is not None:
        nn.init.zeros_(layer.bias)
    return layer


@right("8.1 C")
def by_numpy(layer):
    W = layer.weight
    if isinstance(layer, nn.Linear):
        inputs = layer.in_features
    else:
        inputs = layer.in_channels * layer.kernel_size[0] * layer.kernel_size[1]
    drawn = np.random.default_rng().normal(0, np.sqrt(2 / inputs), size=tuple(W.shape))
    layer.weight = nn.Parameter(torch.tensor(drawn, dtype=torch.float32))
    if layer.bias is not None:
        layer.bias = nn.Parameter(torch.zeros(len(W)))


@right("8.1 C")
def row_by_row(layer):
    for unit in layer.weight.data:
        unit.normal_(0, (2 / unit.numel()) ** 0.5)
    if layer.bias is not None:
        for i in range(len(layer.bias)):
            layer.bias.data[i] = 0


def with_std(std, bias=True):
    """Return an attempt whose weights have the standard deviation that `std(W)` says."""

    def attempt(layer):
        W = layer.weight
        W.data.normal_(0, std(W))
        if bias and layer.bias is not None:
            layer.bias.data.zero_()

    return attempt


def inputs_of(W):
    return W[0].numel()


wrong("8.1 C", "variance taken for the deviation", with_std(lambda W: 2 / inputs_of(W)))
wrong("8.1 C", "1 in place of 2", with_std(lambda W: (1 / inputs_of(W)) ** 0.5))
wrong("8.1 C", "2 outside of the root", with_std(lambda W: 2 / inputs_of(W) ** 0.5))
wrong("8.1 C", "outputs in place of inputs", with_std(lambda W: (2 / W[:, 0].numel()) ** 0.5))
wrong("8.1 C", "number of outputs", with_std(lambda W: (2 / len(W)) ** 0.5))
wrong("8.1 C", "kernel not counted", with_std(lambda W: (2 / W.shape[1]) ** 0.5))
wrong("8.1 C", "square kernel", with_std(lambda W: (2 / W.shape[1] / (
    W.shape[-1] ** 2 if W.dim() == 4 else 1)) ** 0.5))  # fmt: skip
wrong("8.1 C", "all weights of the layer", with_std(lambda W: (2 / W.numel()) ** 0.5))
wrong("8.1 C", "same for all layers", with_std(lambda W: 0.01), with_std(lambda W: 1.0))
wrong("8.1 C", "without the root", with_std(lambda W: 1 / inputs_of(W)))
wrong("8.1 C", "variance", with_std(lambda W: (3 / inputs_of(W)) ** 0.5))
wrong("8.1 C", "bias not 0", with_std(lambda W: (2 / inputs_of(W)) ** 0.5, bias=False))
wrong("8.1 C", "weights unchanged", lambda layer: None)


@wrong("8.1 C", "Xavier")
def xavier(layer):
    nn.init.xavier_normal_(layer.weight)
    if layer.bias is not None:
        nn.init.zeros_(layer.bias)


@wrong("8.1 C", "not normal")
def he_uniform(layer):
    nn.init.kaiming_uniform_(layer.weight, nonlinearity="relu")
    if layer.bias is not None:
        nn.init.zeros_(layer.bias)


@wrong("8.1 C", "outputs in place of inputs")
def the_other_mode(layer):
    nn.init.kaiming_normal_(layer.weight, mode="fan_out", nonlinearity="relu")


@wrong("8.1 C", "1 in place of 2")
def another_gain(layer):
    nn.init.kaiming_normal_(layer.weight, nonlinearity="linear")


@wrong("8.1 C", "raises RuntimeError")
def under_autograd(layer):
    layer.weight.normal_(0, (2 / layer.weight[0].numel()) ** 0.5)


@wrong("8.1 C", "raises TypeError")
def no_parameter(layer):
    layer.weight = torch.randn(layer.weight.shape) * (2 / layer.weight[0].numel()) ** 0.5


@wrong("8.1 C", "weights unchanged")
def another_name(layer):
    W = layer.weight
    W = torch.randn(W.shape) * (2 / W[0].numel()) ** 0.5


@wrong("8.1 C", "weights unchanged")
def linear_layers_only(layer):
    if type(layer) is nn.Linear:
        by_hand(layer)


@wrong("8.1 C", "no bias")
def bias_or_not(layer):
    nn.init.kaiming_normal_(layer.weight)
    layer.bias.data.fill_(0)


@wrong("8.1 C", "raises AttributeError")
def features_of_a_convolution(layer):
    nn.init.normal_(layer.weight, 0, (2 / layer.in_features) ** 0.5)


@wrong("8.1 C", "a seed is set")
def with_a_seed(layer):
    torch.manual_seed(0)
    by_hand(layer)


@wrong("8.1 C", "mean")
def deviation_as_the_mean(layer):
    nn.init.normal_(layer.weight, (2 / layer.weight[0].numel()) ** 0.5)


@wrong("8.1 C", "constant weights")
def the_variance_itself(layer):
    nn.init.constant_(layer.weight, 2 / layer.weight[0].numel())


@wrong("8.1 C", "units alike")
def one_unit_for_all(layer):
    drawn = torch.randn(layer.weight.shape[1:]) * (2 / layer.weight[0].numel()) ** 0.5
    layer.weight.data[:] = drawn


@wrong("8.1 C", "no gradient")
def frozen(layer):
    layer.weight.requires_grad = False
    layer.weight.normal_(0, (2 / layer.weight[0].numel()) ** 0.5)


@wrong("8.1 C", "another type")
def in_float64(layer):
    drawn = np.random.normal(0, math.sqrt(2 / layer.weight[0].numel()), tuple(layer.weight.shape))
    layer.weight = nn.Parameter(torch.from_numpy(drawn))


@wrong("8.1 C", "shape")
def transposed(layer):
    drawn = torch.randn(layer.weight.transpose(0, 1).shape) * (2 / layer.weight[0].numel()) ** 0.5
    layer.weight = nn.Parameter(drawn)


@wrong("8.1 C", "bias removed")
def takes_the_bias_away(layer):
    by_hand(layer)
    layer.bias = None


wrong("8.1 C", "no function", None, nn.Linear)


@wrong("8.1 C", "old weights scaled")
def scales_what_is_there(layer):
    with torch.no_grad():
        layer.weight *= (2 / layer.weight[0].numel()) ** 0.5
        if layer.bias is not None:
            layer.bias.zero_()


# --- 8.1 D: dropout(X, p, training) ---


@right("8.1 D")
def by_mask(X, p, training):
    if not training or p == 0:
        return X
    if p == 1:
        return 0 * X
    mask = (torch.rand(X.shape) > p).float()
    return mask * X / (1.0 - p)


@right("8.1 D")
def with_a_copy(X, p, training):
    Y = X.clone()
    if training:
        gone = torch.bernoulli(torch.full_like(X, p)).bool()
        Y[gone] = 0
        Y[~gone] /= 1 - p
    return Y


@right("8.1 D")
def one_by_one(X, p, training):
    if not training:
        return X
    values = [0.0 if random.random() < p else x / (1 - p) for x in X.flatten().tolist()]
    return torch.tensor(values).reshape(X.shape)


@right("8.1 D")
def in_numpy(X, p, training=True):
    stays = np.random.default_rng().random(tuple(X.shape)) >= p
    return X * torch.tensor(stays / max(1 - p, 1e-9)).float() if training else X


right("8.1 D", F.dropout, lambda X, p, training: nn.Dropout(p).train(training)(X))


def masked(stays, factor, in_use=lambda X, p: X):
    """Return an attempt: which entries stay, and with which factor."""

    def attempt(X, p, training):
        if not training:
            return in_use(X, p)
        return X * stays(X, p) * factor(p)

    return attempt


def rand(X, p):
    return torch.rand(X.shape) >= p


def scale(p):
    return 1 / max(1e-9, 1 - p)


wrong("8.1 D", "not scaled", masked(rand, lambda p: 1))
wrong("8.1 D", "multiplied by 1 − p", masked(rand, lambda p: 1 - p))
wrong("8.1 D", "divided by p", masked(rand, lambda p: 1 / max(p, 1e-9)))
wrong("8.1 D", "always doubled", masked(rand, lambda p: 2))
wrong("8.1 D", "p is what stays", masked(lambda X, p: torch.rand(X.shape) < p, scale))
wrong("8.1 D", "p is what stays",
      masked(lambda X, p: torch.rand(X.shape) < p, lambda p: 1 / max(p, 1e-9)))  # fmt: skip
wrong("8.1 D", "normal in place of uniform", masked(lambda X, p: torch.randn(X.shape) > p, scale))
wrong("8.1 D", "normal in place of uniform", masked(
    lambda X, p: torch.randn_like(X) < 1 - p, scale))  # fmt: skip
wrong("8.1 D", "one mask for all rows", masked(lambda X, p: torch.rand(X.shape[1:]) > p, scale))
wrong("8.1 D", "whole rows", masked(lambda X, p: torch.rand(len(X), 1) > p, scale))
wrong("8.1 D", "scaled in use", masked(rand, lambda p: 1, lambda X, p: X * (1 - p)))
wrong("8.1 D", "divided in use", masked(rand, scale, lambda X, p: X / max(1e-9, 1 - p)))
wrong("8.1 D", "random factors", masked(lambda X, p: torch.rand(X.shape), scale))
wrong("8.1 D", "always one half", masked(lambda X, p: torch.rand(X.shape) > 0.5, scale))
wrong("8.1 D", "all or nothing", masked(lambda X, p: float(torch.rand(()) > p), scale))
wrong("8.1 D", "all or nothing", lambda X, p, training: (
    X / (1 - p) if random.random() > p else torch.zeros_like(X)) if training else X)  # fmt: skip
wrong("8.1 D", "drops in use", lambda X, p, training: F.dropout(X, p))
wrong("8.1 D", "training and use exchanged", lambda X, p, training: F.dropout(X, p, not training))
wrong("8.1 D", "nothing is dropped", lambda X, p, training: X)
wrong("8.1 D", "p = 1", lambda X, p, training: (
    X * (torch.rand(X.shape) > p) / (1 - p) if training else X))  # fmt: skip
wrong("8.1 D", "another type", lambda X, p, training: F.dropout(X, p, training).tolist())
wrong("8.1 D", "another type", lambda X, p, training: F.dropout(X, p, training).numpy())
wrong("8.1 D", "raises IndexError", lambda X, p, training: (
    F.dropout(X, p, training) if X.shape[3] else X))  # fmt: skip


@wrong("8.1 D", "changes its input")
def in_place(X, p, training):
    if training:
        X[torch.rand(X.shape) < p] = 0
        X = X / (1 - p)
    return X


@wrong("8.1 D", "a seed is set")
def the_same_each_time(X, p, training):
    torch.manual_seed(0)
    return F.dropout(X, p, training)


@wrong("8.1 D", "returns nothing")
def forgets_the_use(X, p, training):
    if training:
        return X * (torch.rand(X.shape) > p) / max(1e-9, 1 - p)


@wrong("8.1 D", "raises RuntimeError")
def two_axes(X, p, training):
    if not training:
        return X
    return X * (torch.rand(X.shape[0], X.shape[1]) >= p) * scale(p)


@wrong("8.1 D", "always as many")
def the_first_of_a_permutation(X, p, training):
    if not training:
        return X
    if p == 1:
        return torch.zeros_like(X)
    Y = X.flatten().clone()
    Y[torch.randperm(len(Y))[: round(p * len(Y))]] = 0
    return Y.reshape(X.shape) / (1 - p)


# --- 8.1 E: augment(X) ---


@right("8.1 E")
def one_after_the_other(X):
    result = torch.zeros_like(X)
    for n, image in enumerate(X):
        if random.random() < 0.5:
            image = torch.flip(image, (-1,))
        i, j = random.randint(-2, 2), random.randint(-2, 2)
        moved = F.pad(image, (2 + j, 2 - j, 2 + i, 2 - i))
        result[n] = moved[:, 2:-2, 2:-2]
    return result


@right("8.1 E")
def all_at_once(X):
    n, _, h, w = X.shape
    mirrored = (torch.rand(n) < 0.5)[:, None, None, None]
    X = torch.where(mirrored, X.flip(3), X)
    wide = F.pad(X, (2, 2, 2, 2)).unfold(2, h, 1).unfold(3, w, 1)
    i, j = torch.randint(5, (2, n))
    return wide[torch.arange(n), :, i, j]


@right("8.1 E")
def pixel_by_pixel(X):
    n, _, h, w = X.shape
    Y = np.zeros(X.shape, dtype="float32")
    for k in range(n):
        down, across = np.random.randint(-2, 3, 2)
        image = X[k].numpy()[:, :, :: -1 if np.random.rand() < 0.5 else 1]
        for i in range(max(0, down), min(h, h + down)):
            left, end = max(0, across), min(w, w + across)
            Y[k, :, i, left:end] = image[:, i - down, left - across : end - across]
    return torch.tensor(Y)


def changed(flip=lambda image: image.flip(-1), low=-2, high=2, share=0.5, mode="constant"):
    """Return an attempt, each image for itself."""

    def attempt(X):
        result = []
        for image in X:
            image = flip(image) if random.random() < share else image
            i, j = random.randint(low, high), random.randint(low, high)
            moved = F.pad(image[None], (4, 4, 4, 4), mode=mode)[0]
            h, w = image.shape[1:]
            result.append(moved[:, 4 - i : 4 - i + h, 4 - j : 4 - j + w])
        return torch.stack(result)

    return attempt


right("8.1 E", changed())

wrong("8.1 E", "upside down", changed(lambda image: image.flip(1)))
wrong("8.1 E", "channels flipped", changed(lambda image: image.flip(0)))
wrong("8.1 E", "turned", changed(lambda image: image.flip(1, 2)))
wrong("8.1 E", "2 never comes", changed(high=1))
wrong("8.1 E", "one direction only", changed(low=0))
wrong("8.1 E", "too far", changed(low=-4, high=4), changed(low=-3, high=3))
wrong("8.1 E", "shifts missing", changed(low=-1, high=1))
wrong("8.1 E", "share of mirrored images", changed(share=0.1))
wrong("8.1 E", "always mirrored", changed(share=2))
wrong("8.1 E", "never mirrored", changed(share=-1))
wrong("8.1 E", "never shifted", changed(low=0, high=0))
wrong("8.1 E", "border repeated", changed(mode="replicate"), changed(mode="reflect"))
wrong("8.1 E", "nothing happens", lambda X: X.clone())
wrong("8.1 E", "another type", lambda X: [image.flip(2) for image in X])
wrong("8.1 E", "shape", lambda X: F.pad(X, (2, 2, 2, 2)))
wrong("8.1 E", "no version of its image", lambda X: torch.rand(X.shape))
wrong("8.1 E", "images exchanged", lambda X: X.flip(0) if random.random() < 0.5 else X.flip(0, 3))
wrong("8.1 E", "returns nothing", lambda X: None)
wrong("8.1 E", "other arguments", lambda X, i, j: X)


@wrong("8.1 E", "one draw for all")
def the_whole_batch(X):
    h, w = X.shape[2:]
    i, j = torch.randint(5, (2,)).tolist()
    X = F.pad(X, (2, 2, 2, 2))[:, :, i : i + h, j : j + w]
    return X.flip(3) if torch.rand(()) < 0.5 else X


@wrong("8.1 E", "one shift for all")
def mirrored_each_for_itself(X):
    h, w = X.shape[2:]
    X = F.pad(X, (2, 2, 2, 2))[:, :, 1 : 1 + h, 4 : 4 + w]
    return torch.where(torch.rand(len(X), 1, 1, 1) < 0.5, X.flip(3), X)


@wrong("8.1 E", "wrapped around")
def rolled(X):
    result = []
    for image in X:
        image = torch.roll(image, tuple(torch.randint(-2, 3, (2,)).tolist()), (1, 2))
        result.append(image.flip(2) if torch.rand(()) < 0.5 else image)
    return torch.stack(result)


@wrong("8.1 E", "2 never comes")
def four_windows(X):
    h, w = X.shape[2:]
    result = []
    for image in F.pad(X, (2, 2, 2, 2)):
        i, j = torch.randint(0, 4, (2,)).tolist()
        window = image[:, i : i + h, j : j + w]
        result.append(window.flip(2) if torch.rand(()) < 0.5 else window)
    return torch.stack(result)


@wrong("8.1 E", "both axes alike")
def along_the_diagonal(X):
    h, w = X.shape[2:]
    result = []
    for image in F.pad(X, (2, 2, 2, 2)):
        i = int(torch.randint(0, 5, ()))
        window = image[:, i : i + h, i : i + w]
        result.append(window.flip(2) if torch.rand(()) < 0.5 else window)
    return torch.stack(result)


@wrong("8.1 E", "one axis only")
def to_the_side(X):
    w = X.shape[3]
    result = []
    for image in F.pad(X, (2, 2)):
        j = int(torch.randint(0, 5, ()))
        window = image[:, :, j : j + w]
        result.append(window.flip(2) if torch.rand(()) < 0.5 else window)
    return torch.stack(result)


@wrong("8.1 E", "a seed is set")
def always_the_same(X):
    torch.manual_seed(1)
    return all_at_once(X)


@wrong("8.1 E", "changes its input")
def into_the_batch(X):
    for n in range(len(X)):
        if torch.rand(()) < 0.5:
            X[n] = X[n].flip(2)
    return all_at_once(X)


@wrong("8.1 E", "raises IndexError")
def one_image_expected(X):
    return X.flip(4) if torch.rand(()) < 2 else X


@wrong("8.1 E", "raises RuntimeError")
def stacked_windows_of_other_sizes(X):
    result = []
    for image in F.pad(X, (2, 2, 2, 2)):
        i = int(torch.randint(0, 5, ()))
        result.append(image[:, i : i + X.shape[2] + i])
    return torch.stack(result)


def windows(X, size=None, shift=lambda: torch.randint(0, 5, (2,)).tolist()):
    """Return images that are shifted, and mirrored or not."""
    h, w = size or X.shape[2:]
    result = []
    for image in F.pad(X, (2, 2, 2, 2)):
        i, j = shift()
        window = image[:, i : i + h, j : j + w]
        result.append(window.flip(2) if torch.rand(()) < 0.5 else window)
    return torch.stack(result)


def often_in_the_middle():
    return (torch.randn(2).round().clamp(-2, 2).long() + 2).tolist()


wrong("8.1 E", "28 × 28 only", lambda X: windows(X, (28, 28)))
wrong("8.1 E", "square images only", lambda X: windows(X, tuple(X.shape[:1:-1])))
wrong("8.1 E", "shifts not equally likely", lambda X: windows(X, shift=often_in_the_middle))


@wrong("8.1 E", "one coin for all")
def decides_once(X):
    h, w = X.shape[2:]
    result = []
    for image in F.pad(X, (2, 2, 2, 2)):
        i, j = torch.randint(0, 5, (2,)).tolist()
        result.append(image[:, i : i + h, j : j + w])
    batch = torch.stack(result)
    return batch.flip(3) if torch.rand(()) < 0.5 else batch
