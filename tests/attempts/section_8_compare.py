"""Attempts at the tasks of the page that compares."""

import math

import numpy as np
import torch
from torch import nn
from torch.autograd.graph import saved_tensors_hooks

import helpers
from tests.attempts import right, wrong

# --- 8-compare A: conv_cost(c_in, c_out, k, h, w, stride, padding, groups) ---


@right("8-compare A")
def by_formula(c_in, c_out, k, h, w, stride=1, padding=0, groups=1):
    rows = math.floor((h + 2 * padding - k) / stride) + 1
    columns = math.floor((w + 2 * padding - k) / stride) + 1
    weights = c_in * c_out * k**2 // groups
    return [weights + c_out, weights * rows * columns]


@right("8-compare A")
def counted(c_in, c_out, k, h, w, stride, padding, groups):
    layer = nn.Conv2d(c_in, c_out, k, stride, padding, groups=groups)
    return helpers.cost(layer, (1, c_in, h, w))[:2]


@right("8-compare A")
def built(c_in, c_out, k, h, w, s, p, g):
    with torch.device("meta"):
        layer = nn.Conv2d(c_in, c_out, k, s, p, groups=g)
        Y = layer(torch.zeros(1, c_in, h, w))
    parameters = sum(part.numel() for part in layer.parameters())
    return np.array([parameters, layer.weight.numel() * Y[0, 0].numel()])


@right("8-compare A")
def group_by_group(c_in, c_out, k, h, w, stride, padding, groups):
    parameters = work = 0
    places = len(range(k, h + 2 * padding + 1, stride)) * len(range(k, w + 2 * padding + 1, stride))
    for _ in range(groups):
        weights = (c_in // groups) * (c_out // groups) * k * k
        parameters += weights + c_out // groups
        work += weights * places
    return parameters, work


def cost(ci, co, k, h, w, s, p, g, *, bias=1, times=1, size=None):
    """Return the cost with changes."""
    size = size or (lambda n: (n + 2 * p - k) // s + 1)
    weights = co * (ci // g) * k * k
    return weights + bias * co, times * weights * size(h) * size(w)


A = "8-compare A"
wrong(A, "exchanged", lambda *given: by_formula(*given)[::-1])
wrong(A, "groups ignored", lambda ci, co, k, h, w, s, p, g: cost(ci, co, k, h, w, s, p, 1))
wrong(A, "stride ignored", lambda ci, co, k, h, w, s, p, g: cost(ci, co, k, h, w, 1, p, g))
wrong(A, "padding ignored", lambda ci, co, k, h, w, s, p, g: cost(ci, co, k, h, w, s, 0, g))
wrong(A, "without biases", lambda *given: cost(*given, bias=0))
wrong(A, "two operations", lambda *given: cost(*given, times=2))
wrong(A, "positions of the input", lambda *given: cost(*given, size=lambda n: n))
wrong(A, "positions of the padded input",
      lambda ci, co, k, h, w, s, p, g: cost(ci, co, k, h + 2 * p, w + 2 * p, s, p, g,
                                            size=lambda n: n))  # fmt: skip
wrong(A, "one too few",
      lambda ci, co, k, h, w, s, p, g: cost(ci, co, k, h, w, s, p, g,
                                            size=lambda n: (n + 2 * p - k) // s))  # fmt: skip
wrong(A, "padding on one side",
      lambda ci, co, k, h, w, s, p, g: cost(ci, co, k, h, w, s, p, g,
                                            size=lambda n: (n + p - k) // s + 1))  # fmt: skip
wrong(A, "+ 1 before dividing",
      lambda ci, co, k, h, w, s, p, g: cost(ci, co, k, h, w, s, p, g,
                                            size=lambda n: (n + 2 * p - k + 1) // s))  # fmt: skip
wrong(A, "not rounded",
      lambda ci, co, k, h, w, s, p, g: cost(ci, co, k, h, w, s, p, g,
                                            size=lambda n: (n + 2 * p - k) / s + 1))  # fmt: skip
wrong(A, "rounded up",
      lambda ci, co, k, h, w, s, p, g: cost(ci, co, k, h, w, s, p, g, size=lambda n: math.ceil(
          (n + 2 * p - k) / s) + 1))  # fmt: skip
wrong(A, "square output", lambda ci, co, k, h, w, s, p, g: cost(ci, co, k, h, h, s, p, g))
wrong(A, "biases multiplied",
      lambda *given: (cost(*given)[0], cost(*given)[0] * cost(*given)[1]
                      // cost(*given, bias=0)[0]))  # fmt: skip
wrong(A, "groups divide twice",
      lambda ci, co, k, h, w, s, p, g: (
          cost(ci, co, k, h, w, s, p, g)[0] - cost(ci, co, k, h, w, s, p, g, bias=0)[0]
          * (g - 1) // g, cost(ci, co, k, h, w, s, p, g)[1] // g))  # fmt: skip
wrong(A, "number of results", lambda *given: (*cost(*given), 0))
wrong(A, "another type", lambda *given: cost(*given)[0])
wrong(A, "returns nothing", lambda *given: None)
wrong(A, "other arguments", lambda c_in, c_out, k, h, w: cost(c_in, c_out, k, h, w, 1, 0, 1))
wrong(A, "ignores groups",
      lambda ci, co, k, h, w, s, p, g: cost(ci, co, k, h, w, s, p, 1, bias=0))  # fmt: skip


@wrong(A, "k not squared")
def one_side_of_the_kernel(ci, co, k, h, w, s, p, g):
    parameters, work = cost(ci, co, k, h, w, s, p, g)
    return (parameters - co) // k + co, work // k


# --- 8-compare B: largest_batch(parameters, activations, memory) ---

B = "8-compare B"
right(B, lambda p, a, m: max(0, (m - 8 * p) // (4 * a)))
right(B, lambda p, a, m: 0 if m < 8 * p else math.floor((m - 8 * p) / (4 * a)))
right(B, lambda parameters, activations, memory:
      np.clip((memory - 8 * parameters) // (4 * activations), 0, None))  # fmt: skip


@right(B)
def adds_images(parameters, activations, memory):
    left = memory - 2 * 4 * parameters
    images = 0
    while left >= 4 * activations:
        images += 1
        left -= 4 * activations
    return images


wrong(B, "without gradients", lambda p, a, m: max(0, (m - 4 * p) // (4 * a)))
wrong(B, "without weights and gradients", lambda p, a, m: m // (4 * a))
wrong(B, "a byte for each number", lambda p, a, m: max(0, (m - 2 * p) // a))
wrong(B, "a byte for each activation", lambda p, a, m: max(0, (m - 8 * p) // a))
wrong(B, "a byte for each parameter", lambda p, a, m: max(0, (m - 2 * p) // (4 * a)))
wrong(B, "gradients of the activations", lambda p, a, m: max(0, (m - 8 * p) // (8 * a)))
wrong(B, "weights for each image", lambda p, a, m: m // (8 * p + 4 * a))
wrong(B, "an optimiser's state", lambda p, a, m: max(0, (m - 16 * p) // (4 * a)))
wrong(B, "negative", lambda p, a, m: (m - 8 * p) // (4 * a))
wrong(B, "rounded up", lambda p, a, m: max(0, math.ceil((m - 8 * p) / (4 * a))))
wrong(B, "rounded", lambda p, a, m: max(0, round((m - 8 * p) / (4 * a))))
wrong(B, "not whole", lambda p, a, m: (m - 8 * p) / (4 * a))
wrong(B, "negative", lambda p, a, m: int((m - 8 * p) / (4 * a)))
wrong(B, "at least one", lambda p, a, m: max(1, (m - 8 * p) // (4 * a)))
wrong(B, "bytes left over", lambda p, a, m: m - 8 * p)
wrong(B, "raises ValueError", lambda p, a, m: math.floor(math.sqrt(m - 8 * p)))
wrong(B, "returns nothing", lambda p, a, m: None)
wrong(B, "ignores memory", lambda p, a, memory: p * a + 1)


@wrong(B, "power of two")
def a_habit(parameters, activations, memory):
    images = 1
    while 8 * parameters + 8 * activations * images <= memory:
        images *= 2
    return images if 8 * parameters + 4 * activations * images <= memory else 0


@wrong(B, "what fits exactly")
def stops_before(parameters, activations, memory):
    images = 0
    while 8 * parameters + 4 * activations * (images + 1) < memory:
        images += 1
    return images


@wrong(B, "endless loop")
def never_leaves(parameters, activations, memory):
    images = 0
    while 8 * parameters + 4 * activations * images <= memory + 8 * parameters + images:
        images += 0
    return images


wrong("8-compare B", "brackets missing", lambda p, a, m: max(0, (m - 8 * p) // 4 * a))


# --- 8-compare C: kept(net, X) ---

C = "8-compare C"


def saved(net, X):
    """Return every tensor that autograd saves, once for each time."""
    found = []
    with saved_tensors_hooks(lambda t: found.append(t) or t, lambda t: t):
        net(X)
    return found


def place(tensor):
    return tensor.untyped_storage().data_ptr()


@right(C)
def with_a_dict(net, X):
    own = {place(p) for p in net.parameters()}
    found = {place(t): t.untyped_storage().nbytes() for t in saved(net, X)}
    return sum(size for pointer, size in found.items() if pointer not in own)


@right(C)
def with_a_set(net, X, seen=None):
    seen, total = {place(p) for p in net.parameters()}, 0
    net.train()
    for tensor in saved(net, X):
        if place(tensor) not in seen:
            seen.add(place(tensor))
            total += tensor.numel() * tensor.element_size()
    return total


@right(C)
def inside_the_hook(net, X):
    found = {}

    def pack(tensor):
        if not any(place(tensor) == place(p) for p in net.parameters()):
            found[place(tensor)] = tensor
        return tensor

    with torch.autograd.graph.saved_tensors_hooks(pack, lambda tensor: tensor):
        loss = net(X).sum()
    loss.backward()
    return torch.tensor(sum(tensor.nbytes for tensor in found.values()))


right(C, lambda net, X: helpers.kept(net, X.shape))


def outside(net, X):
    own = {place(p) for p in net.parameters()}
    return [t for t in saved(net, X) if place(t) not in own]


def once(tensors):
    return list({place(t): t for t in tensors}.values())


wrong(C, "counted several times", lambda net, X: sum(t.nbytes for t in outside(net, X)))
wrong(C, "with the parameters", lambda net, X: sum(t.nbytes for t in once(saved(net, X))))
wrong(C, "with the parameters, several times", lambda net, X: sum(t.nbytes for t in saved(net, X)))
wrong(C, "numbers in place of bytes", lambda net, X: sum(t.numel() for t in once(outside(net, X))))
wrong(C, "four bytes each", lambda net, X: 4 * sum(t.numel() for t in once(outside(net, X))))
wrong(C, "without the batch", lambda net, X: with_a_dict(net, X) - 4 * X.numel())
wrong(C, "all parameters in addition",
      lambda net, X: with_a_dict(net, X) + sum(p.nbytes for p in net.parameters()))  # fmt: skip
wrong(C, "parameters only", lambda net, X: 4 * sum(p.numel() for p in net.parameters()))
wrong(C, "in evaluation mode", lambda net, X: with_a_dict(net.eval(), X))
wrong(C, "how many tensors", lambda net, X: len(once(outside(net, X))))
wrong(C, "outputs of the layers",
      lambda net, X: sum((X := layer(X)).nbytes for layer in net))  # fmt: skip
wrong(C, "returns nothing", lambda net, X: None)
wrong(C, "raises AttributeError", lambda net, X: X.grad_fn.saved)
wrong(C, "another type", lambda net, X: once(outside(net, X)))


@wrong(C, "nothing is saved")
def without_gradient(net, X):
    with torch.no_grad():
        return sum(t.nbytes for t in once(outside(net, X)))


@wrong(C, "nothing is saved")
def after_the_hooks(net, X):
    found = []
    with saved_tensors_hooks(lambda t: found.append(t) or t, lambda t: t):
        pass
    net(X)
    return sum(t.nbytes for t in found)


@wrong(C, "only the last")
def overwrites(net, X):
    for tensor in outside(net, X):
        total = tensor.nbytes
    return total


def noted(key, hold=True):
    """Return what notes the tensors by a key of theirs, and adds up their memory."""

    def count(net, X):
        own = {p.untyped_storage().data_ptr() for p in net.parameters()}
        held, sizes = [], {}

        def pack(tensor):
            memory = tensor.untyped_storage()
            if memory.data_ptr() not in own:
                sizes[key(tensor)] = memory.nbytes()
            held.append(tensor if hold else None)
            return tensor if hold else None

        with torch.autograd.graph.saved_tensors_hooks(pack, lambda tensor: tensor):
            net(X)
        return sum(sizes.values())

    return count


wrong("8-compare C", "views counted apart", noted(id))
wrong("8-compare C", "the same shape", noted(lambda tensor: tensor.shape))
wrong("8-compare C", "only the output", lambda net, X: net(X).nbytes)
wrong("8-compare C", "memory used again",
      noted(lambda tensor: tensor.untyped_storage().data_ptr(), hold=False))  # fmt: skip


# --- 8-compare D: training_work(name) ---

D = "8-compare D"


@right(D)
def from_the_record(name):
    r = helpers.seed_records()[name]
    return 3 * r.multiply_adds * r.images * r.settings["max_epochs"]


@right(D)
def epoch_by_epoch(name):
    record, total = helpers.seed_records()[name], 0
    for _ in range(len(record.curves["val_acc"][0])):
        forward = record.images * record.multiply_adds
        total += forward + 2 * forward
    return float(total)


right(D, lambda name: helpers.seed_records()[name].work)
right(D, lambda name: {n: r.work for n, r in helpers.seed_records().items()}[name])


def of(name):
    r = helpers.seed_records()[name]
    return r, r.multiply_adds, r.images, r.settings["max_epochs"], r.settings["batch_size"]


def changed(value):
    return lambda name: value(*of(name))


wrong(D, "without the backward pass", changed(lambda r, m, n, e, b: m * n * e))
wrong(D, "backward pass only", changed(lambda r, m, n, e, b: 2 * m * n * e))
wrong(D, "four passes", changed(lambda r, m, n, e, b: 2 * m * n * e * 2))
wrong(D, "one epoch", changed(lambda r, m, n, e, b: 3 * m * n))
wrong(D, "one image", changed(lambda r, m, n, e, b: 3 * m * e))
wrong(D, "one batch", changed(lambda r, m, n, e, b: 3 * m * b * e))
wrong(D, "steps in place of images", changed(lambda r, m, n, e, b: 3 * m * n / b * e))
wrong(D, "batch size twice", changed(lambda r, m, n, e, b: 3 * m * n * b * e))
wrong(D, "all seeds", changed(lambda r, m, n, e, b: 3 * m * n * e * len(r.seeds)))
wrong(D, "parameters", changed(lambda r, m, n, e, b: 3 * r.parameters * n * e))
wrong(D, "in billions", changed(lambda r, m, n, e, b: 3 * m * n * e / 1e9))
wrong(D, "always 60,000 images", changed(lambda r, m, n, e, b: 3 * m * 60_000 * e))
wrong(D, "a subset is taken for granted",
      changed(lambda r, m, n, e, b: 3 * m * r.settings["subset"] * e))  # fmt: skip
wrong(D, "one image", changed(lambda r, m, n, e, b: m))
wrong(D, "another type", lambda name: 3 * helpers.seed_records()[name] * 10)
wrong(D, "raises KeyError", lambda name: helpers.seed_records()["NiN"].work)
wrong(D, "raises AttributeError", changed(lambda r, m, n, e, b: 3 * m * n * r.max_epochs))
wrong(D, "ignores name", lambda name: 1_000_001)
wrong(D, "returns nothing", lambda name: None)
wrong(D, "another type", changed(lambda r, m, n, e, b: f"{3 * m * n * e:,}"))
wrong(D, "always ten epochs", changed(lambda r, m, n, e, b: 3 * m * n * 10))
wrong(D, "backward pass once", changed(lambda r, m, n, e, b: m * n * (e + 2)))
wrong(D, "half a backward pass", changed(lambda r, m, n, e, b: 1.5 * m * n * e))
wrong(D, "divided by the epochs", changed(lambda r, m, n, e, b: 3 * m * n / e))
wrong(D, "added", changed(lambda r, m, n, e, b: 3 * m + n * e))
wrong(D, "divided by the batch size", changed(lambda r, m, n, e, b: 3 * m * n * e // 128))
