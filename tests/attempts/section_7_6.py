"""Attempts at the tasks of 7.6."""

import copy
import math

import numpy as np
import torch
from torch import nn
from torch.nn import functional as F

from tests.attempts import right, wrong

# --- 7.6 A: flat_inputs(n) ---


@right("7.6 A")
def step_by_step(n):
    side = n  # padding 2
    side //= 2
    side -= 4
    side //= 2
    return side * side * 16


@right("7.6 A")
def sends_an_image_through(n):
    net = nn.Sequential(
        nn.LazyConv2d(6, 5, padding=2), nn.Sigmoid(), nn.AvgPool2d(2, 2),
        nn.LazyConv2d(16, 5), nn.Sigmoid(), nn.AvgPool2d(2, 2), nn.Flatten(),
    )  # fmt: skip
    return net(torch.zeros(1, 1, n, n)).shape[1]


def out(n, k, p, s):
    return (n + 2 * p - k) // s + 1


right("7.6 A", lambda n: 16 * out(out(out(out(n, 5, 2, 1), 2, 0, 2), 5, 0, 1), 2, 0, 2) ** 2)
right("7.6 A", lambda n: np.int64(16) * np.floor((np.floor(n / 2) - 4) / 2) ** 2)
right("7.6 A", lambda n: torch.tensor(16 * math.floor((n // 2 - 4) / 2) ** 2))
right("7.6 A", lambda n: 16 * (n // 4 - 2) ** 2)  # halving twice is dividing by 4

wrong("7.6 A", "channels forgotten", lambda n: ((n // 2 - 4) // 2) ** 2)
wrong("7.6 A", "side of the maps", lambda n: (n // 2 - 4) // 2)
wrong("7.6 A", "one side only", lambda n: 16 * ((n // 2 - 4) // 2))
wrong("7.6 A", "channels of the first convolution", lambda n: 6 * ((n // 2 - 4) // 2) ** 2)
wrong("7.6 A", "channels of both multiplied", lambda n: 6 * 16 * ((n // 2 - 4) // 2) ** 2)
wrong("7.6 A", "padding of the first convolution missing",
      lambda n: 16 * (((n - 4) // 2 - 4) // 2) ** 2)  # fmt: skip
wrong("7.6 A", "padding at both convolutions", lambda n: 16 * (n // 2 // 2) ** 2)
wrong("7.6 A", "padding at both convolutions", lambda n: 16 * (n // 4) ** 2)
wrong("7.6 A", "a row too many lost", lambda n: 16 * ((n // 2 - 5) // 2) ** 2)
wrong("7.6 A", "kernel of 5 loses two", lambda n: 16 * ((n // 2 - 2) // 2) ** 2)
wrong("7.6 A", "a row too many lost", lambda n: 16 * (((n - 2) // 2 - 4) // 2) ** 2)
wrong("7.6 A", "second pooling missing", lambda n: 16 * (n // 2 - 4) ** 2)
wrong("7.6 A", "pooling halves the number", lambda n: 16 * (n // 2 - 4) ** 2 // 2)
wrong("7.6 A", "first pooling missing", lambda n: 16 * ((n - 4) // 2) ** 2)
wrong("7.6 A", "no pooling", lambda n: 16 * (n - 4) ** 2)
wrong("7.6 A", "rounded up", lambda n: 16 * math.ceil((math.ceil(n / 2) - 4) / 2) ** 2)
wrong("7.6 A", "not rounded down", lambda n: 16 * ((n / 2 - 4) / 2) ** 2)
wrong("7.6 A", "not rounded down", lambda n: int(16 * ((n / 2 - 4) / 2) ** 2))
wrong("7.6 A", "rounded to the nearest", lambda n: 16 * round((round(n / 2) - 4) / 2) ** 2)
wrong("7.6 A", "always 400", lambda n: 400)
wrong("7.6 A", "always 400", lambda n: 5 * 5 * 16)
wrong("7.6 A", "outputs of the layer", lambda n: 120)
wrong("7.6 A", "pixels of the image", lambda n: n**2)
wrong("7.6 A", "prints", lambda n: print(16 * ((n // 2 - 4) // 2) ** 2))
wrong("7.6 A", "no function", 400)
wrong("7.6 A", "other arguments", lambda: 400)

wrong("7.6 A", "pooling takes off two rows", lambda n: 16 * (n - 2 - 4 - 2) ** 2)


# --- 7.6 B: conv_cost(c_in, c_out, k, h_out, w_out) ---


@right("7.6 B")
def in_lines(c_in, c_out, k, h_out, w_out):
    parameters = (c_in * k**2 + 1) * c_out
    products = c_out * h_out * w_out * c_in * k**2
    return parameters, products


@right("7.6 B")
def by_loops(c_in, c_out, k, h_out, w_out):
    weights = 0
    for _ in range(c_out):
        for _ in range(c_in):
            weights += k * k
    return [weights + c_out, weights * h_out * w_out]


@right("7.6 B")
def from_a_layer(c_in, c_out, k, h_out, w_out):
    layer = nn.Conv2d(c_in, c_out, k)
    parameters = sum(p.numel() for p in layer.parameters())
    return torch.tensor([parameters, (parameters - c_out) * h_out * w_out])


right("7.6 B", lambda c_in, c_out, k, h, w: np.array([1, h * w]) * c_in * c_out * k * k
      + np.array([c_out, 0]))  # fmt: skip

wrong("7.6 B", "without biases", lambda i, o, k, h, w: (i * o * k * k, i * o * k * k * h * w))
wrong("7.6 B", "one bias", lambda i, o, k, h, w: (i * o * k * k + 1, i * o * k * k * h * w))
wrong("7.6 B", "a bias for each kernel",
      lambda i, o, k, h, w: (i * o * (k * k + 1), i * o * k * k * h * w))  # fmt: skip
wrong("7.6 B", "a bias for each input channel",
      lambda i, o, k, h, w: (i * (o * k * k + 1), i * o * k * k * h * w))  # fmt: skip
wrong("7.6 B", "kernel of one row",
      lambda i, o, k, h, w: (i * o * k + o, i * o * k * h * w))  # fmt: skip
wrong("7.6 B", "ignores c_in",
      lambda i, o, k, h, w: (o * (k * k + 1), o * k * k * h * w))  # fmt: skip
wrong("7.6 B", "places forgotten",
      lambda i, o, k, h, w: (i * o * k * k + o, i * o * k * k))  # fmt: skip
wrong("7.6 B", "biases among the products",
      lambda i, o, k, h, w: ((i * k * k + 1) * o, (i * k * k + 1) * o * h * w))  # fmt: skip
wrong("7.6 B", "places in place of weights",
      lambda i, o, k, h, w: (i * o * k * k + o, o * h * w))  # fmt: skip
wrong("7.6 B", "square output",
      lambda i, o, k, h, w: (i * o * k * k + o, i * o * k * k * h**2))  # fmt: skip
wrong(
    "7.6 B",
    "window inside of the output",
    lambda i, o, k, h, w: (o * (i * k**2 + 1), i * o * k**2 * (h - k + 1) * (w - k + 1)),
)
wrong("7.6 B", "products of one input channel",
      lambda i, o, k, h, w: (o * (i * k**2 + 1), o * k**2 * h * w))  # fmt: skip
wrong("7.6 B", "additions counted, too",
      lambda i, o, k, h, w: (o * (i * k**2 + 1), 2 * i * o * k**2 * h * w))  # fmt: skip
wrong("7.6 B", "parameters of a linear layer",
      lambda i, o, k, h, w: ((i * h * w + 1) * o * h * w, i * o * k**2 * h * w))  # fmt: skip
wrong("7.6 B", "exchanged", lambda i, o, k, h, w: (i * o * k**2 * h * w, i * o * k**2 + o))
wrong("7.6 B", "number of results", lambda i, o, k, h, w: (i * o * k * k + o,))
wrong("7.6 B", "another type", lambda i, o, k, h, w: i * o * k * k + o)
wrong("7.6 B", "returns nothing", lambda i, o, k, h, w: None)
wrong("7.6 B", "other arguments", lambda i, o, k: (i * o * k * k + o, 0))

wrong("7.6 B", "twice k", lambda i, o, k, h, w: (i * o * k * 2 + o, i * o * k * 2 * h * w))
wrong("7.6 B", "places of the input", lambda i, o, k, h, w: (
    i * o * k * k + o, i * o * k * k * (h + k - 1) * (w + k - 1)))  # fmt: skip


# --- 7.6 C: spread(net, X) ---


@right("7.6 C")
def a_loop(net, X):
    result = []
    with torch.no_grad():
        for layer in net:
            X = layer(X)
            result.append(X.std(dim=0).mean().item())
    return result


@right("7.6 C")
def by_slices(net, X):
    return tuple(net[: i + 1](X).std(0).mean() for i in range(len(net)))


@right("7.6 C")
def in_numpy(net, X):
    result = np.zeros(len(net))
    for i, layer in enumerate(net):
        X = layer(X).detach()
        result[i] = X.numpy().std(axis=0, ddof=1).mean()
    return result


@right("7.6 C")
def by_hand(net, X):
    found = []
    for layer in net.children():
        X = layer(X)
        flat = X.reshape(len(X), -1).double()
        squares = ((flat - flat.mean(0)) ** 2).sum(0) / (len(flat) - 1)
        found.append(squares.sqrt().mean())
    return torch.stack(found)


def measures(measure, start=False, first=False):
    """Return an attempt that measures something else."""

    def attempt(net, X):
        result = [measure(X)] if start else []
        for layer in net:
            if first:
                result.append(measure(X))
            X = layer(X).detach()
            if not first:
                result.append(measure(X))
        return result

    return attempt


def deviation(X):
    return X.std(dim=0).mean().item()


wrong("7.6 C", "measured before the layer", measures(deviation, first=True))
wrong("7.6 C", "with the input", measures(deviation, start=True))
wrong("7.6 C", "last layer missing", lambda net, X: a_loop(net[:-1], X))
wrong("7.6 C", "last layer only", lambda net, X: net(X).std(0).mean().item())
wrong("7.6 C", "over all numbers", measures(lambda X: X.std().item()))
wrong("7.6 C", "within each image", measures(lambda X: X.flatten(1).std(1).mean().item()))
wrong("7.6 C", "within each image", measures(lambda X: X.std(dim=1).mean().item()))
wrong("7.6 C", "mean before the deviation",
      measures(lambda X: X.flatten(1).mean(1).std().item()))  # fmt: skip
wrong("7.6 C", "variance", measures(lambda X: X.var(dim=0).mean().item()))
wrong("7.6 C", "root of the mean variance", measures(lambda X: X.var(0).mean().sqrt().item()))
wrong("7.6 C", "divided by n", measures(lambda X: X.numpy().std(axis=0).mean()))
wrong("7.6 C", "sum over the units", measures(lambda X: X.std(0).sum().item()))
wrong("7.6 C", "largest unit", measures(lambda X: X.std(0).max().item()))
wrong("7.6 C", "not averaged", measures(lambda X: X.std(0)))
wrong("7.6 C", "size, not difference", measures(lambda X: X.abs().mean().item()))
wrong("7.6 C", "mean", measures(lambda X: X.mean().item()))
wrong("7.6 C", "reversed", lambda net, X: a_loop(net, X)[::-1])
wrong("7.6 C", "other arguments", lambda X: a_loop(nn.Sequential(), X))


@wrong("7.6 C", "every layer gets the images")
def forgets_to_go_on(net, X):
    result = []
    for layer in net:
        Y = layer(X)
        result.append(Y.std(dim=0).mean().item())
    return result


@wrong("7.6 C", "only activations")
def as_for_activations(net, X):
    result = []
    for layer in net:
        X = layer(X)
        if isinstance(layer, nn.Sigmoid | nn.ReLU | nn.Tanh):
            result.append(X.std(dim=0).mean().item())
    return result


@wrong("7.6 C", "first layer only")
def returns_too_early(net, X):
    result = []
    for layer in net:
        X = layer(X)
        result.append(X.std(dim=0).mean().item())
        return result


@wrong("7.6 C", "raises AttributeError")
def of_a_model(net, X):
    return a_loop(net.net, X)


def after_each(net, X, measure):
    """Return what `measure` says of the output of each layer."""
    return [measure(X := layer(X)).item() for layer in net]


wrong(
    "7.6 C", "over all numbers", lambda net, X: after_each(net, X, lambda Y: Y.std(unbiased=False))
)
wrong("7.6 C", "mean over the images", lambda net, X: after_each(net, X, lambda Y: Y.mean(0).std()))


@wrong("7.6 C", "only layers with weights")
def linear_and_convolutions_only(net, X):
    found = []
    for layer in net:
        X = layer(X)
        if isinstance(layer, nn.Linear | nn.Conv2d):
            found.append(X.std(dim=0).mean().item())
    return found


# --- 7.6 D: modernise(net) ---


@right("7.6 D")
def in_place(net):
    for i, layer in enumerate(net):
        if isinstance(layer, nn.Sigmoid):
            net[i] = nn.ReLU()
        elif isinstance(layer, nn.AvgPool2d):
            net[i] = nn.MaxPool2d(layer.kernel_size, layer.stride)


@right("7.6 D")
def by_type_and_range(net):
    for i in range(len(net)):
        if type(net[i]) is nn.Sigmoid:
            net[i] = nn.ReLU(inplace=True)
        if type(net[i]) is nn.AvgPool2d:
            net[i] = nn.MaxPool2d(kernel_size=net[i].kernel_size, stride=net[i].stride)
    return net


@right("7.6 D")
def by_setattr(net):
    for name, layer in list(net.named_children()):
        if "Sigmoid" in str(layer):
            setattr(net, name, nn.ReLU())
        if "AvgPool" in str(layer):
            k, s = layer.kernel_size, layer.stride
            setattr(net, name, nn.MaxPool2d((k, k), stride=(s, s)))


@right("7.6 D")
def as_a_new_list(net):
    new = [nn.ReLU() if isinstance(m, nn.Sigmoid) else m for m in net]
    new = [nn.MaxPool2d(m.kernel_size, m.stride) if isinstance(m, nn.AvgPool2d) else m for m in new]
    for i, layer in enumerate(new):
        net[i] = layer


def exchanges(sigmoid, pooling):
    """Return an attempt that puts other layers in the places of sigmoids and poolings."""

    def attempt(net):
        for i, layer in enumerate(net):
            if isinstance(layer, nn.Sigmoid):
                net[i] = sigmoid(layer)
            elif isinstance(layer, nn.AvgPool2d):
                net[i] = pooling(layer)

    return attempt


def relu(layer):
    return nn.ReLU()


def largest(layer):
    return nn.MaxPool2d(layer.kernel_size, layer.stride)


@wrong("7.6 D", "nothing changed")
def assigns_to_the_variable(net):
    for layer in net:
        if isinstance(layer, nn.Sigmoid):
            layer = nn.ReLU()
        elif isinstance(layer, nn.AvgPool2d):
            layer = nn.MaxPool2d(layer.kernel_size, layer.stride)


@wrong("7.6 D", "nothing changed")
def compares_classes_wrongly(net):
    for i, layer in enumerate(net):
        if layer == nn.Sigmoid:
            net[i] = nn.ReLU()


@wrong("7.6 D", "a copy")
def makes_a_copy(net):
    new = copy.deepcopy(net)
    in_place(new)
    return new


@wrong("7.6 D", "a copy")
def makes_a_new_one(net):
    layers = []
    for layer in net:
        if isinstance(layer, nn.Sigmoid):
            layer = nn.ReLU()
        elif isinstance(layer, nn.AvgPool2d):
            layer = nn.MaxPool2d(layer.kernel_size, layer.stride)
        layers.append(layer)
    return nn.Sequential(*layers)


@wrong("7.6 D", "only the first")
def returns_in_the_loop(net):
    for i, layer in enumerate(net):
        if isinstance(layer, nn.Sigmoid):
            net[i] = nn.ReLU()
            return net
        if isinstance(layer, nn.AvgPool2d):
            net[i] = nn.MaxPool2d(layer.kernel_size, layer.stride)
            return net


@wrong("7.6 D", "only the first of each kind")
def finds_one_of_each(net):
    kinds = [type(layer) for layer in net]
    if nn.Sigmoid in kinds:
        net[kinds.index(nn.Sigmoid)] = nn.ReLU()
    if nn.AvgPool2d in kinds:
        i = kinds.index(nn.AvgPool2d)
        net[i] = nn.MaxPool2d(net[i].kernel_size, net[i].stride)


@wrong("7.6 D", "raises IndexError")
def at_the_places_of_lenet(net):
    for i in (1, 4, 8, 10):
        net[i] = nn.ReLU()
    for i in (2, 5):
        net[i] = nn.MaxPool2d(2, 2)


@wrong("7.6 D", "added, not exchanged")
def appends(net):
    new = []
    for layer in net:
        new.append(layer)
        if isinstance(layer, nn.Sigmoid):
            new.append(nn.ReLU())
        if isinstance(layer, nn.AvgPool2d):
            new.append(nn.MaxPool2d(layer.kernel_size, layer.stride))
    del net[:]
    net.extend(new)


@wrong("7.6 D", "taken out")
def deletes(net):
    new = [layer for layer in net if not isinstance(layer, nn.Sigmoid)]
    del net[:]
    net.extend(new)
    in_place(net)


@wrong("7.6 D", "other weights")
def initialises(net):
    in_place(net)
    for layer in net:
        if isinstance(layer, nn.Linear | nn.Conv2d):
            layer.reset_parameters()


wrong("7.6 D", "average pooling stays", exchanges(relu, lambda layer: layer))
wrong("7.6 D", "sigmoids stay", exchanges(lambda layer: layer, largest))
wrong("7.6 D", "stride forgotten", exchanges(relu, lambda p: nn.MaxPool2d(p.kernel_size)))
wrong("7.6 D", "always 2 × 2", exchanges(relu, lambda p: nn.MaxPool2d(kernel_size=2, stride=2)))
wrong("7.6 D", "always 2 × 2", exchanges(relu, lambda p: nn.MaxPool2d(2)))
wrong("7.6 D", "stride is always 2", exchanges(relu, lambda p: nn.MaxPool2d(p.kernel_size, 2)))
wrong("7.6 D", "stride 1", exchanges(relu, lambda p: nn.MaxPool2d(p.kernel_size, 1)))
wrong("7.6 D", "window and stride exchanged",
      exchanges(relu, lambda p: nn.MaxPool2d(p.stride, p.kernel_size)))  # fmt: skip
wrong("7.6 D", "another activation", exchanges(lambda layer: nn.LeakyReLU(), largest))
wrong("7.6 D", "another activation", exchanges(lambda layer: nn.Tanh(), largest))
wrong("7.6 D", "another pooling", exchanges(relu, lambda p: nn.AdaptiveMaxPool2d(2)))
wrong("7.6 D", "no layer", exchanges(lambda layer: nn.ReLU, largest))
wrong("7.6 D", "no layer", exchanges(lambda layer: torch.relu, largest))
wrong("7.6 D", "no layer", exchanges(lambda layer: F.relu, largest))
wrong("7.6 D", "other arguments", lambda: None)


@wrong("7.6 D", "still returns ...")
def unfinished(net):
    in_place(net)
    return ...


@wrong("7.6 D", "nothing changed")
def gives_the_name_to_a_copy(net):
    net = copy.deepcopy(net)
    for i, layer in enumerate(net):
        if isinstance(layer, nn.Sigmoid):
            net[i] = nn.ReLU()
        elif isinstance(layer, nn.AvgPool2d):
            net[i] = nn.MaxPool2d(layer.kernel_size, layer.stride)


@wrong("7.6 D", "nothing changed")
def compares_with_the_class(net):
    for i, layer in enumerate(net):
        if layer == nn.Sigmoid:
            net[i] = nn.ReLU()
        elif layer == nn.AvgPool2d:
            net[i] = nn.MaxPool2d(layer.kernel_size, layer.stride)


@wrong("7.6 D", "last layer left out")
def one_too_few(net):
    for i in range(len(net) - 1):
        if isinstance(net[i], nn.Sigmoid):
            net[i] = nn.ReLU()
        elif isinstance(net[i], nn.AvgPool2d):
            net[i] = nn.MaxPool2d(net[i].kernel_size, net[i].stride)


@wrong("7.6 D", "other layers exchanged")
def all_but_those_with_weights(net):
    for i, layer in enumerate(net):
        if isinstance(layer, nn.AvgPool2d):
            net[i] = nn.MaxPool2d(layer.kernel_size, layer.stride)
        elif not isinstance(layer, nn.Conv2d | nn.Linear | nn.Flatten):
            net[i] = nn.ReLU()


# --- 7.6 E: per_class(confusion) ---

right("7.6 E", lambda confusion: confusion.diag() / confusion.sum(dim=1))
right("7.6 E", lambda C: torch.diagonal(C / C.sum(1, keepdim=True)))
right("7.6 E", lambda C: torch.from_numpy(np.diag(C.numpy()) / C.numpy().sum(axis=1)))
right("7.6 E", lambda C: torch.einsum("ii->i", C) / torch.einsum("ij->i", C))


@right("7.6 E")
def row_by_row(confusion):
    shares = torch.zeros(len(confusion), dtype=torch.float64)
    for i in range(len(confusion)):
        total = 0
        for j in range(confusion.shape[1]):
            total += confusion[i, j].item()
        shares[i] = confusion[i, i].item() / total
    return shares


wrong("7.6 E", "share of the predictions", lambda C: C.diag() / C.sum(dim=0))
wrong("7.6 E", "share of the predictions", lambda C: C.diag() / sum(C))
wrong("7.6 E", "share of all images", lambda C: C.diag() / C.sum())
wrong("7.6 E", "accuracy", lambda C: C.diag().sum() / C.sum())
wrong("7.6 E", "accuracy", lambda C: (C.trace() / C.sum()).item())
wrong("7.6 E", "counts", lambda C: C.diag())
wrong("7.6 E", "size of the classes", lambda C: C.sum(1))
wrong("7.6 E", "share of errors", lambda C: 1 - C.diag() / C.sum(1))
wrong("7.6 E", "number of errors", lambda C: C.sum(1) - C.diag())
wrong("7.6 E", "whole matrix", lambda C: C / C.sum(1, keepdim=True))
wrong("7.6 E", "whole matrix", lambda C: C / C.sum(dim=1))
wrong("7.6 E", "largest of the row", lambda C: C.max(dim=1).values / C.sum(1))
wrong("7.6 E", "divided by the errors", lambda C: C.diag() / (C.sum(1) - C.diag()))
wrong("7.6 E", "divided by 1000", lambda C: C.diag() / 1000)
wrong("7.6 E", "mean of the row", lambda C: C.diag() / C.mean(dim=1))
wrong("7.6 E", "per cent", lambda C: 100 * C.diag() / C.sum(1))
wrong("7.6 E", "rounded down", lambda C: C.diag() // C.sum(1))
right("7.6 E", lambda C: [row[i] / sum(row) for i, row in enumerate(C.tolist())])
right("7.6 E", lambda C: np.diag(C.numpy()) / C.numpy().sum(1))
wrong("7.6 E", "extra axis", lambda C: (C.diag() / C.sum(1))[:, None])
wrong("7.6 E", "prints", lambda C: print(C.diag() / C.sum(1)))


@wrong("7.6 E", "raises IndexError")
def ten_classes(confusion):
    return torch.stack([confusion[i, i] / confusion[i].sum() for i in range(10)])


@wrong("7.6 E", "changes its input")
def divides_in_place(confusion):
    confusion /= confusion.sum(1, keepdim=True)
    return confusion.diag()


right("7.6 E", lambda C: [C[i, i] / sum(C[i]) for i in range(len(C))])  # a list of tensors
right("7.6 E", lambda C: (C / C.sum(1, keepdim=True)).diag())

wrong("7.6 E", "share of the predictions", lambda C: 100 * C.diag() / C.sum(0))  # and in per cent
wrong("7.6 E", "smallest only", lambda C: (C.diag() / C.sum(1)).min())
wrong("7.6 E", "a matrix", lambda C: C.diag() / C.sum(1, keepdim=True))
wrong("7.6 E", "rounded", lambda C: (C.diag() / C.sum(1)).round(decimals=2))


# --- 7.6 F: reading ---

P, H, O, L = "plateau", "healthy", "overfits", "learning rate too large"

right("7.6 F", {"A": O, "B": L, "C": H, "D": P})
right("7.6 F", {"d": "Plateau", "c": "healthy ", "b": "lr too large", "a": "overfitting"})
right("7.6 F", [O, L, H, P], (O, "rate too large", H, "a plateau"))

wrong("7.6 F", "plateau and dead network exchanged", {"A": O, "B": P, "C": H, "D": L})
wrong("7.6 F", "healthy and overfitting exchanged", {"A": H, "B": L, "C": O, "D": P})
wrong("7.6 F", "overfitting read wrongly", [P, H, L, O], [H, O, L, P])
wrong("7.6 F", "plateau read wrongly", {"A": O, "B": P, "C": L, "D": H})
wrong("7.6 F", "plateau read wrongly", {"A": O, "B": L, "C": P, "D": H})
wrong("7.6 F", "learning rate read wrongly", {"A": O, "B": H, "C": L, "D": P})
wrong("7.6 F", "a letter missing", {"A": O, "B": L, "C": H}, {})
wrong("7.6 F", "unknown name", {"A": O, "B": L, "C": "fine", "D": P}, [O, L, H, ...])
wrong("7.6 F", "unknown name", {"A": O, "B": L, "C": H, "D": P, "E": P})
wrong("7.6 F", "unknown name", [1, 2, 3, 4], {"A": O, "B": L, "C": H, "D": "healthy plateau"})
wrong("7.6 F", "a name twice", {"A": H, "B": L, "C": H, "D": P}, [P, P, P, P])
wrong("7.6 F", "no reading", "overfits", [O, L], {O, L, H, P})
wrong("7.6 F", "nothing", None)
wrong("7.6 F", "no value", lambda: [O, L, H, P])
wrong("7.6 F", "turned round", {O: "A", L: "B", H: "C", P: "D"})
