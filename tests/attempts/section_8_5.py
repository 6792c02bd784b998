"""Attempts at the tasks of 8.5."""

import copy
from itertools import pairwise

import numpy as np
import torch
from torch import nn
from torch.nn import functional as F

from tests.attempts import right, wrong

# --- 8.5 A: normalise(X, eps) ---


def axes_of(X):
    return (0,) if X.dim() == 2 else (0, 2, 3)


@right("8.5 A")
def two_cases(X, eps=1e-5):
    if len(X.shape) == 2:
        mean = X.mean(dim=0)
        var = ((X - mean) ** 2).mean(dim=0)
    else:
        mean = X.mean(dim=(0, 2, 3), keepdim=True)
        var = ((X - mean) ** 2).mean(dim=(0, 2, 3), keepdim=True)
    return (X - mean) / torch.sqrt(var + eps)


@right("8.5 A")
def looped(X, eps):
    result = torch.zeros(X.shape)
    for c in range(X.shape[1]):
        part = X[:, c]
        mean = sum(part.flatten()) / part.numel()
        var = sum((x - mean) ** 2 for x in part.flatten()) / part.numel()
        result[:, c] = (part - mean) / (var + eps) ** 0.5
    return result


@right("8.5 A")
def numpys(X, eps):
    X = X.numpy().astype(np.float64)
    axes = (0,) if X.ndim == 2 else (0, 2, 3)
    X = X - X.mean(axes, keepdims=True)
    return torch.from_numpy(X / np.sqrt(X.var(axes, keepdims=True) + eps))


class Normalise(nn.Module):
    def forward(self, X, eps=1e-5):
        return F.batch_norm(X, None, None, training=True, eps=eps)


right("8.5 A", Normalise(), lambda X, eps: F.batch_norm(X, None, None, None, None, True, 0.1, eps))


@right("8.5 A")
def by_einsum(X, eps):
    rows = X.transpose(0, 1).flatten(1)
    rows = rows - rows.mean(1, keepdim=True)
    var = torch.einsum("cn,cn->c", rows, rows) / rows.shape[1]
    rows = rows * (var + eps).rsqrt()[:, None]
    return rows.reshape(X.shape[1], X.shape[0], *X.shape[2:]).transpose(0, 1)


def like(X, eps, axes=axes_of, unbiased=False, keepdim=True):
    dims = axes(X)
    mean = X.mean(dims, keepdim=keepdim)
    return (X - mean) / torch.sqrt(X.var(dims, unbiased=unbiased, keepdim=keepdim) + eps)


wrong("8.5 A", "unbiased variance", lambda X, eps: like(X, eps, unbiased=True))
wrong("8.5 A", "layer normalisation", lambda X, eps: F.layer_norm(X, X.shape[1:], eps=eps))
wrong("8.5 A", "layer normalisation",
      lambda X, eps: like(X, eps, lambda X: tuple(range(1, X.dim()))))  # fmt: skip
wrong(
    "8.5 A", "one mean for all", lambda X, eps: (X - X.mean()) / (X.var(correction=0) + eps) ** 0.5
)
wrong("8.5 A", "each position for itself", lambda X, eps: like(X, eps, lambda X: (0,)))
wrong("8.5 A", "each map for itself",
      lambda X, eps: like(X, eps, lambda X: (0,) if X.dim() == 2 else (2, 3)))  # fmt: skip
wrong("8.5 A", "keepdim missing", lambda X, eps: like(X, eps, keepdim=False))
wrong(
    "8.5 A", "channels at the end", lambda X, eps: like(X, eps, lambda X: tuple(range(X.dim() - 1)))
)
wrong("8.5 A", "eps outside the root",
      lambda X, eps: (X - X.mean(axes_of(X), keepdim=True))
      / (X.std(axes_of(X), unbiased=False, keepdim=True) + eps))  # fmt: skip
wrong("8.5 A", "eps outside the root",
      lambda X, eps: (X - X.mean(axes_of(X), keepdim=True))
      / (X.std(axes_of(X), keepdim=True) + eps))  # fmt: skip
wrong("8.5 A", "eps is always 1e-5", lambda X, eps: like(X, 1e-5))
wrong("8.5 A", "eps missing", lambda X, eps: like(X, 0))
wrong(
    "8.5 A",
    "eps missing",
    lambda X, eps: (X - X.mean(axes_of(X), keepdim=True)) / X.std(axes_of(X), keepdim=True),
)
wrong("8.5 A", "divided by the variance",
      lambda X, eps: (X - X.mean(axes_of(X), keepdim=True))
      / (X.var(axes_of(X), unbiased=False, keepdim=True) + eps))  # fmt: skip
wrong("8.5 A", "only centred", lambda X, eps: X - X.mean(axes_of(X), keepdim=True))
wrong(
    "8.5 A",
    "not centred",
    lambda X, eps: X / torch.sqrt(X.var(axes_of(X), unbiased=False, keepdim=True) + eps),
)
wrong("8.5 A", "brackets missing",
      lambda X, eps: X - X.mean(axes_of(X), keepdim=True)
      / torch.sqrt(X.var(axes_of(X), unbiased=False, keepdim=True) + eps))  # fmt: skip
wrong("8.5 A", "sign", lambda X, eps: -two_cases(X, eps))
wrong("8.5 A", "raises IndexError", lambda X, eps: like(X, eps, lambda X: (0, 2, 3)))
wrong("8.5 A", "returns nothing", lambda X, eps: print(two_cases(X, eps)) if X is None else None)
wrong("8.5 A", "no function", F.batch_norm(torch.ones(2, 2), None, None, training=True))
wrong("8.5 A", "other arguments", lambda X: two_cases(X))


@wrong("8.5 A", "loses digits")
def mean_of_squares(X, eps):
    mean = X.mean(axes_of(X), keepdim=True)
    var = (X * X).mean(axes_of(X), keepdim=True) - mean * mean
    return (X - mean) / torch.sqrt(var + eps)


@wrong("8.5 A", "changes its input")
def in_place(X, eps):
    right_one = two_cases(X, eps)
    X -= X.mean(axes_of(X), keepdim=True)
    return right_one


@wrong("8.5 A", "sum of squares")
def sum_of_squares(X, eps):
    X = X - X.mean(axes_of(X), keepdim=True)
    return X / (X.square().sum(axes_of(X), keepdim=True) + eps).sqrt()


@wrong("8.5 A", "squares of X")
def mean_of_the_squares(X, eps=1e-5):
    axes = axes_of(X)
    var = (X**2).mean(axes, keepdim=True)
    return (X - X.mean(axes, keepdim=True)) / torch.sqrt(var + eps)


# --- 8.5 B: update(moving, batch, momentum) ---

right("8.5 B", lambda moving, batch, momentum: momentum * batch + (1.0 - momentum) * moving)
right("8.5 B", lambda moving, batch, momentum: moving + momentum * (batch - moving), torch.lerp)
right("8.5 B", lambda old, new, m: torch.from_numpy(old.numpy() * (1 - m) + new.numpy() * m))


@right("8.5 B")
def number_by_number(moving, batch, momentum):
    result = moving.clone()
    for i in range(moving.numel()):
        keep = (1 - momentum) * moving.flatten()[i].item()
        result.view(-1)[i] = keep + momentum * batch.flatten()[i]
    return result


wrong("8.5 B", "weights exchanged", lambda moving, batch, m: m * moving + (1 - m) * batch)
wrong("8.5 B", "momentum of an optimiser", lambda moving, batch, m: m * moving + batch)
wrong("8.5 B", "old average not reduced", lambda moving, batch, m: moving + m * batch)
wrong("8.5 B", "batch not weighted", lambda moving, batch, m: (1 - m) * moving + batch)
wrong("8.5 B", "away from the batch", lambda moving, batch, m: moving + m * (moving - batch))
wrong("8.5 B", "only the difference", lambda moving, batch, m: m * (batch - moving))
wrong("8.5 B", "only the batch", lambda moving, batch, m: batch)
wrong("8.5 B", "always 0.1", lambda moving, batch, m: 0.9 * moving + 0.1 * batch)
wrong("8.5 B", "equal weights", lambda moving, batch, m: (moving + batch) / 2)
wrong("8.5 B", "features averaged", lambda moving, batch, m: (1 - m) * moving + m * batch.mean())
wrong("8.5 B", "1 + momentum", lambda moving, batch, m: (1 + m) * moving + m * batch)
wrong("8.5 B", "same weight for both", lambda moving, batch, m: m * moving + m * batch)
wrong("8.5 B", "returns nothing", lambda moving, batch, m: None)
wrong("8.5 B", "raises TypeError", lambda moving, batch, m: moving(1 - momentum_of(m)) + batch)


def momentum_of(m):
    return m


@wrong("8.5 B", "changes its input")
def updates_in_place(moving, batch, momentum):
    moving *= 1 - momentum
    moving += momentum * batch
    return moving


@wrong("8.5 B", "returns nothing")
def binds_it_anew(moving, batch, momentum):
    moving = (1 - momentum) * moving + momentum * batch


@wrong("8.5 B", "prints")
def prints_it(moving, batch, momentum):
    print((1 - momentum) * moving + momentum * batch)


# --- 8.5 C: fold(conv, norm) ---


def folding(weight_of, bias_of, into=copy.deepcopy):
    """Return a function that folds with these formulas."""

    def fold(conv, norm):
        scale = norm.weight / torch.sqrt(norm.running_var + norm.eps)
        bias = torch.zeros_like(scale) if conv.bias is None else conv.bias
        folded = into(conv)
        folded.weight = nn.Parameter(weight_of(conv.weight, scale))
        folded.bias = nn.Parameter(bias_of(bias, norm.running_mean, scale, norm.bias))
        return folded

    return fold


def scaled(w, k):
    return w * k[:, None, None, None]


def shifted(b, m, k, s):
    return (b - m) * k + s


right("8.5 C", folding(scaled, shifted))
right("8.5 C", folding(lambda w, k: torch.einsum("oihw,o->oihw", w, k),
                       lambda b, m, k, s: b * k - m * k + s))  # fmt: skip
right("8.5 C", torch.nn.utils.fusion.fuse_conv_bn_eval)


@right("8.5 C")
@torch.no_grad()
def a_new_layer(conv, norm):
    new = nn.Conv2d(conv.in_channels, conv.out_channels, conv.kernel_size, conv.stride,
                    conv.padding, conv.dilation, conv.groups)  # fmt: skip
    for c in range(conv.out_channels):
        k = norm.weight[c] / (norm.running_var[c] + norm.eps) ** 0.5
        new.weight[c] = conv.weight[c] * k
        own = 0.0 if conv.bias is None else conv.bias[c]
        new.bias[c] = k * (own - norm.running_mean[c]) + norm.bias[c]
    return nn.Sequential(new)


@right("8.5 C")
@torch.no_grad()
def by_asking(conv, norm):
    """Read factor and constant off what the normalisation gives for 0 and for 1."""
    zero, one = (norm(torch.full((1, conv.out_channels, 1, 1), v))[0] for v in (0.0, 1.0))
    folded = copy.deepcopy(conv)
    folded.weight.copy_(conv.weight * (one - zero)[..., None])
    bias = 0 if conv.bias is None else conv.bias
    folded.bias = nn.Parameter(zero.flatten() + bias * (one - zero).flatten())
    return folded


def plain(conv):
    return nn.Conv2d(conv.in_channels, conv.out_channels, conv.kernel_size, groups=conv.groups)


wrong("8.5 C", "convolution unchanged", lambda conv, norm: conv)
wrong("8.5 C", "not folded", lambda conv, norm: nn.Sequential(conv, norm))
wrong("8.5 C", "no layer", lambda conv, norm: lambda X: norm(conv(X)))
wrong("8.5 C", "no layer", lambda conv, norm: (conv.weight, conv.bias))
wrong("8.5 C", "own bias not scaled", folding(scaled, lambda b, m, k, s: b - m * k + s))
wrong("8.5 C", "own bias lost", folding(scaled, lambda b, m, k, s: s - m * k))
wrong("8.5 C", "mean forgotten", folding(scaled, lambda b, m, k, s: b * k + s))
wrong("8.5 C", "mean not scaled", folding(scaled, lambda b, m, k, s: b * k - m + s))
wrong("8.5 C", "mean added", folding(scaled, lambda b, m, k, s: (b + m) * k + s))
wrong("8.5 C", "shift forgotten", folding(scaled, lambda b, m, k, s: (b - m) * k))
wrong("8.5 C", "shift scaled", folding(scaled, lambda b, m, k, s: (b - m + s) * k))
wrong("8.5 C", "bias not set", folding(scaled, lambda b, m, k, s: b))
wrong("8.5 C", "weights not set", folding(lambda w, k: w, shifted))
wrong("8.5 C", "scale at the columns", folding(lambda w, k: w * k, shifted))
wrong("8.5 C", "scale at the input channels",
      folding(lambda w, k: w * k[None, :, None, None], shifted))  # fmt: skip
wrong("8.5 C", "options lost", folding(scaled, shifted, plain))
wrong("8.5 C", "returns nothing", lambda conv, norm: None)


def other_scale(scale_of):
    """Return a function that folds with another scale."""

    def fold(conv, norm):
        k, b = scale_of(norm), 0 if conv.bias is None else conv.bias
        folded = copy.deepcopy(conv)
        folded.weight = nn.Parameter(conv.weight * k[:, None, None, None])
        folded.bias = nn.Parameter((b - norm.running_mean) * k + norm.bias)
        return folded

    return fold


wrong("8.5 C", "scale forgotten", other_scale(lambda n: 1 / torch.sqrt(n.running_var + n.eps)))
wrong("8.5 C", "eps forgotten", other_scale(lambda n: n.weight / torch.sqrt(n.running_var)))
wrong("8.5 C", "eps is always 1e-5",
      other_scale(lambda n: n.weight / torch.sqrt(n.running_var + 1e-5)))  # fmt: skip
wrong("8.5 C", "eps outside the root",
      other_scale(lambda n: n.weight / (torch.sqrt(n.running_var) + n.eps)))  # fmt: skip
wrong("8.5 C", "divided by the variance",
      other_scale(lambda n: n.weight / (n.running_var + n.eps)))  # fmt: skip


@wrong("8.5 C", "raises TypeError")
def forgets_that_there_may_be_no_bias(conv, norm):
    k = norm.weight / torch.sqrt(norm.running_var + norm.eps)
    folded = copy.deepcopy(conv)
    folded.weight = nn.Parameter(conv.weight * k[:, None, None, None])
    folded.bias = nn.Parameter((conv.bias - norm.running_mean) * k + norm.bias)
    return folded


@wrong("8.5 C", "changes its input")
def in_the_layer_itself(conv, norm):
    k = norm.weight / torch.sqrt(norm.running_var + norm.eps)
    b = 0 if conv.bias is None else conv.bias
    conv.weight.data *= k[:, None, None, None]
    conv.bias = nn.Parameter((b - norm.running_mean) * k + norm.bias)
    return conv


@wrong("8.5 C", "raises RuntimeError")
def without_new_axes(conv, norm):
    folded = copy.deepcopy(conv)
    folded.weight.data = conv.weight.data.flatten(1) @ norm.weight.data
    return folded


def filled(new, conv, norm):
    scale = norm.weight.data / (norm.running_var + norm.eps).sqrt()
    bias = 0 if conv.bias is None else conv.bias.data
    new.weight.data = conv.weight.data * scale[:, None, None, None]
    new.bias = nn.Parameter((bias - norm.running_mean) * scale + norm.bias.data)
    return new


@wrong("8.5 C", "options lost")
def of_channels_and_size_only(conv, norm):
    new = nn.Conv2d(conv.in_channels, conv.out_channels, conv.kernel_size)
    return filled(new, conv, norm)


@wrong("8.5 C", "options lost")
def without_dilation_and_groups(conv, norm):
    new = nn.Conv2d(
        conv.in_channels, conv.out_channels, conv.kernel_size, conv.stride, conv.padding
    )
    return filled(new, conv, norm)


@wrong("8.5 C", "groups lost")
def without_groups(conv, norm):
    new = nn.Conv2d(conv.in_channels, conv.out_channels, conv.kernel_size, conv.stride,
                    conv.padding, conv.dilation)  # fmt: skip
    return filled(new, conv, norm)


# --- 8.5 D: superfluous_biases(net) ---

NORMS = (nn.BatchNorm1d, nn.BatchNorm2d)


def leaves(net):
    return [m for m in net.modules() if not list(m.children())]


def pairs(net, layers=leaves):
    return zip(layers(net), layers(net)[1:])


def has_bias(layer, kinds=(nn.Linear, nn.Conv2d)):
    return isinstance(layer, kinds) and layer.bias is not None


@right("8.5 D")
def remembers_the_last(net):
    count = last = 0
    for layer in net.modules():
        if isinstance(layer, nn.Sequential):
            continue
        if isinstance(layer, NORMS):
            count += last
        last = len(layer.bias) if has_bias(layer) else 0
    return count


@right("8.5 D")
def recursive(net):
    def flat(part):
        return [m for p in part for m in flat(p)] if isinstance(part, nn.Sequential) else [part]

    layers, total = flat(net), torch.tensor(0)
    for i in range(1, len(layers)):
        if type(layers[i]).__name__.startswith("BatchNorm") and has_bias(layers[i - 1]):
            total += layers[i - 1].bias.numel()
    return total


@right("8.5 D")
def by_names(net):
    named = [(n, m) for n, m in net.named_modules() if not isinstance(m, nn.Sequential)]
    biases = {n: p.numel() for n, p in net.named_parameters() if n.endswith("bias")}
    norms = [i for i, (_, m) in enumerate(named) if isinstance(m, NORMS) and i]
    behind = [named[i - 1] for i in norms]
    return sum(biases.get(f"{n}.bias", 0) for n, m in behind if not isinstance(m, NORMS))


right(
    "8.5 D",
    lambda net: np.sum(
        [len(a.bias) for a, b in pairs(net) if isinstance(b, NORMS) and has_bias(a)], dtype=int
    ),
)


def counting(count, condition=has_bias, norms=NORMS, layers=leaves):
    return lambda net: sum(
        count(a) for a, b in pairs(net, layers) if condition(a) and isinstance(b, norms)
    )


def size(layer):
    return layer.bias.numel()


wrong("8.5 D", "layers counted", counting(lambda layer: 1))
wrong(
    "8.5 D",
    "layers counted",
    counting(lambda layer: 1, lambda m: isinstance(m, nn.Linear | nn.Conv2d)),
)
wrong(
    "8.5 D",
    "weights counted as well",
    counting(lambda layer: sum(p.numel() for p in layer.parameters())),
)
wrong(
    "8.5 D",
    "weights counted",
    counting(lambda layer: layer.weight.numel(), lambda m: isinstance(m, nn.Linear | nn.Conv2d)),
)
wrong("8.5 D", "all biases", lambda net: sum(size(m) for m in leaves(net) if has_bias(m)))
wrong(
    "8.5 D",
    "all biases",
    lambda net: sum(p.numel() for n, p in net.named_parameters() if "bias" in n),
)
wrong(
    "8.5 D",
    "biases of the normalisations",
    lambda net: sum(size(m) for m in net.modules() if isinstance(m, NORMS)),
)
wrong(
    "8.5 D",
    "behind the normalisation",
    lambda net: sum(size(b) for a, b in pairs(net) if isinstance(a, NORMS) and has_bias(b)),
)
wrong("8.5 D", "layer normalisation", counting(size, norms=(*NORMS, nn.LayerNorm)))
wrong("8.5 D", "blocks passed over", counting(size, layers=list))
wrong("8.5 D", "only convolutions", counting(size, lambda m: has_bias(m, nn.Conv2d)))
wrong("8.5 D", "only linear layers", counting(size, lambda m: has_bias(m, nn.Linear)))
wrong("8.5 D", "only convolutions", counting(size, norms=nn.BatchNorm2d))
wrong("8.5 D", "only linear layers", counting(size, norms=nn.BatchNorm1d))
wrong("8.5 D", "raises AttributeError",
      counting(size, lambda m: isinstance(m, nn.Linear | nn.Conv2d)))  # fmt: skip
wrong("8.5 D", "returns nothing", lambda net: None)
wrong(
    "8.5 D",
    "layers without a bias counted",
    counting(lambda m: m.weight.shape[0], lambda m: isinstance(m, nn.Linear | nn.Conv2d)),
)
wrong("8.5 D", "another type", lambda net: [f"{i}.bias" for i, m in enumerate(net) if has_bias(m)])


@wrong("8.5 D", "not directly")
def waits_for_a_norm(net):
    count = waiting = 0
    for layer in leaves(net):
        if has_bias(layer):
            waiting += size(layer)
        elif isinstance(layer, NORMS):
            count, waiting = count + waiting, 0
    return count


@wrong("8.5 D", "torn between blocks")
def block_by_block(net):
    count = 0
    for block in net.modules():
        if isinstance(block, nn.Sequential):
            for a, b in zip(list(block), list(block)[1:]):
                if isinstance(b, nn.BatchNorm1d | nn.BatchNorm2d) and hasattr(a, "bias"):
                    count += 0 if a.bias is None else a.bias.numel()
    return count


@wrong("8.5 D", "changes its input")
def takes_them_away(net):
    layers = [m for m in net.modules() if not isinstance(m, nn.Sequential)]
    count = 0
    for a, b in pairwise(layers):
        if isinstance(b, nn.BatchNorm1d | nn.BatchNorm2d) and isinstance(a, nn.Linear | nn.Conv2d):
            count += 0 if a.bias is None else len(a.bias)
            a.bias = None
    return count


@wrong("8.5 D", "not directly")
def the_nearest_layer_before(net):
    count, last = 0, None
    for layer in net.modules():
        if isinstance(layer, nn.Linear | nn.Conv2d):
            last = layer
        if isinstance(layer, nn.BatchNorm1d | nn.BatchNorm2d) and last is not None:
            count += 0 if last.bias is None else last.bias.numel()
            last = None
    return count


# --- 8.5 E: predict(net, X) ---


@right("8.5 E")
def with_finally(net, X):
    modes = [m.training for m in net.modules()]
    try:
        net.eval()
        with torch.inference_mode():
            return net(X).clone()
    finally:
        for m, mode in zip(net.modules(), modes):
            m.training = mode


right("8.5 E", lambda net, X: copy.deepcopy(net).eval()(X).detach())


@right("8.5 E")
@torch.no_grad()
def one_by_one(net, X):
    was = net.training
    net.train(False)
    rows = [net(x[None])[0] for x in X]
    if was:
        net.train()
    return torch.stack(rows)


@right("8.5 E")
def by_hand(net, X):
    for layer in net:
        if isinstance(layer, nn.BatchNorm1d):
            std = torch.sqrt(layer.running_var + layer.eps)
            X = layer.weight * (X - layer.running_mean) / std + layer.bias
        elif not isinstance(layer, nn.Dropout):
            X = layer(X)
    return X.detach().double()


def evaluated(net, X, after=lambda Y: Y):
    with torch.no_grad():
        return after(copy.deepcopy(net).eval()(X))


@wrong("8.5 E", "training mode")
def only_no_grad(net, X):
    with torch.no_grad():
        return net(X)


@wrong("8.5 E", "training mode")
def eval_without_brackets(net, X):
    net.eval  # noqa: B018
    with torch.no_grad():
        return net(X)


@wrong("8.5 E", "left in prediction mode")
def forgets_to_go_back(net, X):
    net.eval()
    with torch.no_grad():
        return net(X)


@wrong("8.5 E", "left in training mode")
def always_ends_in_training(net, X):
    net.eval()
    with torch.no_grad():
        Y = net(X)
    net.train()
    return Y


@wrong("8.5 E", "gradients recorded")
def records(net, X):
    was = net.training
    Y = net.eval()(X)
    net.train(was)
    return Y


@wrong("8.5 E", "gradients switched off")
def switches_off(net, X):
    torch.set_grad_enabled(False)
    return copy.deepcopy(net).eval()(X)


@wrong("8.5 E", "moving averages changed")
def once_in_each_mode(net, X):
    Y = evaluated(net, X)
    net(X)
    return Y


@wrong("8.5 E", "network changed")
def forgets_what_was_gathered(net, X):
    Y = evaluated(net, X)
    net[0].weight.data.fill_(0.5)
    return Y


@wrong("8.5 E", "training mode")
def copies_in_training_mode(net, X):
    return copy.deepcopy(net)(X).detach()


wrong("8.5 E", "classes", lambda net, X: evaluated(net, X, lambda Y: Y.argmax(1)))
wrong("8.5 E", "probabilities", lambda net, X: evaluated(net, X, lambda Y: Y.softmax(1)))
wrong("8.5 E", "only the first", lambda net, X: evaluated(net, X[:1]))
wrong("8.5 E", "largest output", lambda net, X: evaluated(net, X, lambda Y: Y.max(1).values))
wrong("8.5 E", "returns an array", lambda net, X: evaluated(net, X, lambda Y: Y.numpy()))
wrong("8.5 E", "raises AttributeError", lambda net, X: evaluated(net, X.evaluate()))


@wrong("8.5 E", "returns nothing")
def no_return(net, X):
    evaluated(net, X)


@wrong("8.5 E", "changes its input")
def scales_in_place(net, X):
    Y = evaluated(net, X)
    X /= 2
    return Y


@wrong("8.5 E", "dropout at work")
def only_the_normalisations(net, X):
    net = copy.deepcopy(net)
    for layer in net.modules():
        if isinstance(layer, nn.BatchNorm1d | nn.BatchNorm2d):
            layer.eval()
    with torch.no_grad():
        return net(X)


@wrong("8.5 E", "weights frozen")
def freezes_the_network(net, X):
    net.requires_grad_(False)
    return copy.deepcopy(net).eval()(X)


# --- 8.5 F: recalibrate(net, batches) ---


def norms_of(net):
    return [m for m in net.modules() if isinstance(m, NORMS)]


def recalibrating(momentum=None, reset=nn.BatchNorm1d.reset_running_stats, kinds=NORMS,
                  choose=list, train=True, restore=True, momenta=True, back=None):  # fmt: skip
    """Return a function that does it with some of its steps left out."""

    def recalibrate(net, batches):
        was = net.training
        norms = [m for m in norms_of(net) if isinstance(m, kinds)]
        before = [m.momentum for m in norms]
        for m in norms:
            if reset:
                reset(m)
            m.momentum = momentum
        net.train(train)
        with torch.no_grad():
            for X in choose(batches):
                net(X)
        if restore:
            net.train(was if back is None else back)
        for m, value in zip(norms, before):
            m.momentum = value if momenta else m.momentum
        return net

    return recalibrate


right("8.5 F", recalibrating())


@right("8.5 F")
def with_falling_momentum(net, batches):
    """The batch number i has the weight 1/i: that is the plain average."""
    training, momenta = net.training, {m: m.momentum for m in norms_of(net)}
    net.train()
    for i, X in enumerate(batches, 1):
        for m in momenta:
            m.momentum = 1 / i
        net(X)
    for m, momentum in momenta.items():
        m.momentum = momentum
    net.train(training)


@right("8.5 F")
@torch.no_grad()
def with_hooks(net, batches):
    """Compute mean and variance from what the layers receive, without their own gathering."""
    met = {m: [] for m in norms_of(net)}

    def note(layer, inputs):
        rows = inputs[0].transpose(0, 1).flatten(1)
        met[layer].append((rows.mean(1), rows.var(1)))

    worker = copy.deepcopy(net).train()
    met = {m: [] for m in norms_of(worker)}
    for m in met:
        m.register_forward_pre_hook(note)
    for X in batches:
        worker(X)
    for m, seen in zip(norms_of(net), met.values()):
        m.running_mean.copy_(torch.stack([mean for mean, _ in seen]).mean(0))
        m.running_var.copy_(torch.stack([var for _, var in seen]).mean(0))


wrong("8.5 F", "nothing gathered", recalibrating(reset=None, train=False))
wrong("8.5 F", "only reset", recalibrating(train=False))
wrong("8.5 F", "moving average", recalibrating(momentum=0.1))
wrong("8.5 F", "old statistics not reset", recalibrating(momentum=0.1, reset=None))
wrong("8.5 F", "old statistics not reset", recalibrating(reset=None))
wrong("8.5 F", "only the last batch", recalibrating(momentum=1.0))
wrong("8.5 F", "only the first batch", recalibrating(choose=lambda batches: batches[:1]))
wrong("8.5 F", "one large batch", recalibrating(choose=lambda batches: [torch.cat(batches)]))
wrong("8.5 F", "only BatchNorm2d", recalibrating(kinds=nn.BatchNorm2d))
wrong("8.5 F", "only BatchNorm1d", recalibrating(kinds=nn.BatchNorm1d))
wrong("8.5 F", "left in training mode", recalibrating(restore=False))
wrong("8.5 F", "left in prediction mode", recalibrating(back=False))
wrong("8.5 F", "momentum changed", recalibrating(momenta=False))
wrong("8.5 F", "weights changed", recalibrating(reset=nn.BatchNorm1d.reset_parameters))
wrong("8.5 F", "works on a copy", lambda net, batches: recalibrating()(copy.deepcopy(net), batches))
wrong("8.5 F", "raises AttributeError", lambda net, batches: net(batches))
wrong("8.5 F", "nothing gathered", lambda net, batches: None)


@wrong("8.5 F", "weights changed")
def trains(net, batches):
    optimiser = torch.optim.SGD(net.parameters(), lr=0.1)
    for X in batches:
        net.train()(X).sum().backward()
        optimiser.step()


@wrong("8.5 F", "old statistics not reset")
def lets_the_batches_pass(net, batches):
    was = net.training
    net.train()
    for X in batches:
        net(X)
    net.train(was)


def passes(net, batches, momentum, train=True):
    norms = [m for m in net.modules() if isinstance(m, nn.BatchNorm1d | nn.BatchNorm2d)]
    mode, momenta = net.training, [m.momentum for m in norms]
    for norm in norms:
        norm.reset_running_stats()
        norm.momentum = momentum
    if train:
        net.train()
    with torch.no_grad():
        for X in batches:
            net(X)
    net.train(mode)
    for norm, old in zip(norms, momenta):
        norm.momentum = old


wrong("8.5 F", "mode as it came", lambda net, batches: passes(net, batches, None, train=False))
wrong("8.5 F", "same momentum", lambda net, batches: passes(net, batches, 1 / len(batches)))
