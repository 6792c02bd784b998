"""Attempts at the tasks of 8.4."""

import math

import torch
from torch import nn
from torch.nn import functional as F

from helpers import measured
from tests.attempts import right, wrong

# --- 8.4 A: forward(self, x) of Inception ---


@right("8.4 A")
def as_in_the_book(self, x):
    b1 = F.relu(self.b1_1(x))
    b2 = F.relu(self.b2_2(F.relu(self.b2_1(x))))
    b3 = F.relu(self.b3_2(F.relu(self.b3_1(x))))
    b4 = F.relu(self.b4_2(self.b4_1(x)))
    return torch.cat((b1, b2, b3, b4), dim=1)


@right("8.4 A")
def one_relu_for_all(self, x):
    relu = nn.ReLU()
    ends = [
        self.b1_1(x),
        self.b2_2(relu(self.b2_1(x))),
        self.b3_2(relu(self.b3_1(x))),
        self.b4_2(self.b4_1(x)),
    ]
    return relu(torch.cat(ends, -3))


@right("8.4 A")
def step_by_step(self, x):
    out2 = torch.relu(self.b2_1(x))
    out2 = torch.relu(self.b2_2(out2))
    out3 = torch.relu(self.b3_1(x))
    out3 = torch.relu(self.b3_2(out3))
    out = torch.relu(self.b1_1(x))
    for more in (out2, out3, self.b4_2(self.b4_1(x)).clamp(min=0)):
        out = torch.concat([out, more], axis=1)
    return out


@right("8.4 A")
def by_names(block, image):
    outputs = []
    for names in (("b1_1",), ("b2_1", "b2_2"), ("b3_1", "b3_2"), ("b4_1", "b4_2")):
        y = image
        for name in names:
            layer = getattr(block, name)
            y = layer(y) if isinstance(layer, nn.MaxPool2d) else layer(y).relu()
        outputs.append(y)
    return torch.hstack(outputs)


def relu_cat(*parts, dim=1):
    return torch.cat([F.relu(part) for part in parts], dim)


def inner(self, x):
    return F.relu(self.b2_1(x)), F.relu(self.b3_1(x))


@wrong("8.4 A", "branches in a row")
def overwrites_x(self, x):
    outputs = [x := F.relu(self.b1_1(x))]
    outputs.append(x := F.relu(self.b2_2(F.relu(self.b2_1(x)))))
    outputs.append(x := F.relu(self.b3_2(F.relu(self.b3_1(x)))))
    outputs.append(x := F.relu(self.b4_2(self.b4_1(x))))
    return torch.cat(outputs, dim=1)


@wrong("8.4 A", "branches in a row")
def like_a_sequence(self, x):
    x = F.relu(self.b1_1(x))
    x = F.relu(self.b2_2(F.relu(self.b2_1(x))))
    x = F.relu(self.b3_2(F.relu(self.b3_1(x))))
    return F.relu(self.b4_2(self.b4_1(x)))


@wrong("8.4 A", "no ReLU")
def no_relu(self, x):
    b2, b3 = self.b2_2(self.b2_1(x)), self.b3_2(self.b3_1(x))
    return torch.cat((self.b1_1(x), b2, b3, self.b4_2(self.b4_1(x))), dim=1)


@wrong("8.4 A", "no ReLU inside")
def relu_at_the_end_only(self, x):
    b2, b3 = self.b2_2(self.b2_1(x)), self.b3_2(self.b3_1(x))
    return F.relu(torch.cat((self.b1_1(x), b2, b3, self.b4_2(self.b4_1(x))), dim=1))


@wrong("8.4 A", "no ReLU at the end")
def relu_inside_only(self, x):
    b2, b3 = inner(self, x)
    ends = self.b1_1(x), self.b2_2(b2), self.b3_2(b3), self.b4_2(self.b4_1(x))
    return torch.cat(ends, dim=1)


@wrong("8.4 A", "no ReLU inside one branch")
def forgets_one(self, x):
    b2, _ = inner(self, x)
    return relu_cat(self.b1_1(x), self.b2_2(b2), self.b3_2(self.b3_1(x)), self.b4_2(self.b4_1(x)))


@wrong("8.4 A", "a branch without its last ReLU")
def pool_without_relu(self, x):
    b2, b3 = inner(self, x)
    start = relu_cat(self.b1_1(x), self.b2_2(b2), self.b3_2(b3))
    return torch.cat((start, self.b4_2(self.b4_1(x))), dim=1)


@wrong("8.4 A", "ReLU after the pooling")
def relu_on_the_pool(self, x):
    b2, b3 = inner(self, x)
    start = relu_cat(self.b1_1(x), self.b2_2(b2), self.b3_2(b3))
    return torch.cat((start, self.b4_2(F.relu(self.b4_1(x)))), dim=1)


for axis, name in ((0, "batch"), (2, "rows"), (3, "columns"), (-1, "columns")):

    def other_axis(self, x, axis=axis):
        b2, b3 = inner(self, x)
        ends = self.b1_1(x), self.b2_2(b2), self.b3_2(b3), self.b4_2(self.b4_1(x))
        return relu_cat(*ends, dim=axis)

    wrong("8.4 A", f"along the {name}", other_axis)


@wrong("8.4 A", "along the batch")
def default_axis(self, x):
    b2, b3 = inner(self, x)
    ends = self.b1_1(x), self.b2_2(b2), self.b3_2(b3), self.b4_2(self.b4_1(x))
    return F.relu(torch.cat(ends))


def parts(self, x):
    b2, b3 = inner(self, x)
    ends = self.b1_1(x), self.b2_2(b2), self.b3_2(b3), self.b4_2(self.b4_1(x))
    return [F.relu(end) for end in ends]


wrong("8.4 A", "a new axis", lambda self, x: torch.stack(parts(self, x), dim=1))
wrong("8.4 A", "sum", lambda self, x: sum(parts(self, x)))
wrong("8.4 A", "mean", lambda self, x: torch.stack(parts(self, x)).mean(0))
wrong("8.4 A", "not joined", lambda self, x: parts(self, x))
wrong("8.4 A", "not joined", lambda self, x: tuple(parts(self, x)))
wrong("8.4 A", "input joined too", lambda self, x: torch.cat((x, *parts(self, x)), 1))
wrong("8.4 A", "branches in another order", lambda self, x: torch.cat(parts(self, x)[::-1], 1))
wrong("8.4 A", "branch 4 missing", lambda self, x: torch.cat(parts(self, x)[:3], 1))
wrong("8.4 A", "branch 1 missing", lambda self, x: torch.cat(parts(self, x)[1:], 1))
wrong("8.4 A", "one branch only", lambda self, x: parts(self, x)[3])
wrong("8.4 A", "returns nothing", lambda self, x: parts(self, x).clear())
wrong("8.4 A", "other arguments", lambda x: x)


@wrong("8.4 A", "third branch copied")
def copied_line(self, x):
    b1, b2, _, b4 = parts(self, x)
    b3 = F.relu(self.b3_2(F.relu(self.b2_1(x))))
    return torch.cat((b1, b2, b3, b4), dim=1)


@wrong("8.4 A", "third branch copied")
def joins_the_second_twice(self, x):
    b1, b2, _, b4 = parts(self, x)
    return torch.cat((b1, b2, b2, b4), dim=1)


@wrong("8.4 A", "without the pooling")
def no_pooling(self, x):
    return torch.cat((*parts(self, x)[:3], F.relu(self.b4_2(x))), dim=1)


@wrong("8.4 A", "pooling after the convolution")
def pools_last(self, x):
    return torch.cat((*parts(self, x)[:3], self.b4_1(F.relu(self.b4_2(x)))), dim=1)


@wrong("8.4 A", "without the convolution of the pooling")
def pool_only(self, x):
    return torch.cat((*parts(self, x)[:3], self.b4_1(x)), dim=1)


@wrong("8.4 A", "without the 1×1 convolution")
def no_bottlenecks(self, x):
    b1, _, _, b4 = parts(self, x)
    return torch.cat((b1, F.relu(self.b2_2(x)), F.relu(self.b3_2(x)), b4), dim=1)


@wrong("8.4 A", "without the large kernel")
def only_bottlenecks(self, x):
    b1, _, _, b4 = parts(self, x)
    return torch.cat((b1, *inner(self, x), b4), dim=1)


@wrong("8.4 A", "layers of a branch exchanged")
def exchanged_layers(self, x):
    b1, _, _, b4 = parts(self, x)
    b2 = F.relu(self.b2_1(F.relu(self.b2_2(x))))
    b3 = F.relu(self.b3_1(F.relu(self.b3_2(x))))
    return torch.cat((b1, b2, b3, b4), dim=1)


@wrong("8.4 A", "raises AttributeError")
def another_name(self, x):
    return torch.cat((self.b1(x), self.b2(x)), dim=1)


@wrong("8.4 A", "branches in a row")
def overwritten_by_the_first_branch(self, x):
    x = F.relu(self.b1_1(x))
    b2 = F.relu(self.b2_2(F.relu(self.b2_1(x))))
    b3 = F.relu(self.b3_2(F.relu(self.b3_1(x))))
    return torch.cat((x, b2, b3, F.relu(self.b4_2(self.b4_1(x)))), dim=1)


# --- 8.4 B: block_weights(c_in, c1, c2, c3, c4) ---


@right("8.4 B")
def added_up(c_in, c1, c2, c3, c4):
    total = 0
    total += c_in * (c1 + c2[0] + c3[0] + c4)
    total += math.prod(c2) * 9
    total += math.prod(c3) * 25
    return total


@right("8.4 B")
def by_layers(c_in, c1, c2, c3, c4):
    (a, b), (c, d) = c2, c3
    layers = [
        nn.Conv2d(c_in, c1, 1, bias=False),
        nn.Conv2d(c_in, a, 1, bias=False),
        nn.Conv2d(a, b, 3, bias=False),
        nn.Conv2d(c_in, c, 1, bias=False),
        nn.Conv2d(c, d, 5, bias=False),
        nn.Conv2d(c_in, c4, 1, bias=False),
    ]
    return sum(p.numel() for layer in layers for p in layer.parameters())


@right("8.4 B")
def by_tensor(c_in, c1, c2, c3, c4):
    pairs = torch.tensor([c_in * c1, c_in * c2[0], 9 * c2[0] * c2[1], c_in * c4])
    return pairs.sum() + c_in * c3[0] + c3[0] * c3[1] * 5**2


wrong("8.4 B", "without bottlenecks", lambda c_in, c1, c2, c3, c4: c_in * c1 + c_in * c2[1] * 9
      + c_in * c3[1] * 25 + c_in * c4)  # fmt: skip
wrong("8.4 B", "large kernels get the input", lambda c_in, c1, c2, c3, c4: c_in * (
    c1 + c2[0] + 9 * c2[1] + c3[0] + 25 * c3[1] + c4))  # fmt: skip
wrong("8.4 B", "1×1 in front left out", lambda c_in, c1, c2, c3, c4: c_in * c1
      + 9 * c2[0] * c2[1] + 25 * c3[0] * c3[1] + c_in * c4)  # fmt: skip
wrong("8.4 B", "kernels not squared", lambda c_in, c1, c2, c3, c4: c_in * (
    c1 + c2[0] + c3[0] + c4) + 3 * c2[0] * c2[1] + 5 * c3[0] * c3[1])  # fmt: skip
wrong("8.4 B", "kernels with one place", lambda c_in, c1, c2, c3, c4: c_in * (
    c1 + c2[0] + c3[0] + c4) + c2[0] * c2[1] + c3[0] * c3[1])  # fmt: skip
wrong("8.4 B", "with biases", lambda c_in, c1, c2, c3, c4: added_up(c_in, c1, c2, c3, c4)
      + c1 + c2[0] + c2[1] + c3[0] + c3[1] + c4)  # fmt: skip
wrong("8.4 B", "pooling branch left out",
      lambda c_in, c1, c2, c3, c4: added_up(c_in, c1, c2, c3, 0))  # fmt: skip
wrong("8.4 B", "first branch left out",
      lambda c_in, c1, c2, c3, c4: added_up(c_in, 0, c2, c3, c4))  # fmt: skip
wrong("8.4 B", "pooling counted as a kernel",
      lambda c_in, c1, c2, c3, c4: added_up(c_in, c1, c2, c3, 9 * c4))  # fmt: skip
wrong("8.4 B", "pooling with weights",
      lambda c_in, c1, c2, c3, c4: added_up(c_in, c1, c2, c3, c4) + 9)  # fmt: skip
wrong("8.4 B", "pairs exchanged", lambda c_in, c1, c2, c3, c4: c_in * (c1 + c2[1] + c3[1] + c4)
      + 9 * c2[0] * c2[1] + 25 * c3[0] * c3[1])  # fmt: skip
wrong("8.4 B", "kernels exchanged", lambda c_in, c1, c2, c3, c4: c_in * (c1 + c2[0] + c3[0] + c4)
      + 25 * c2[0] * c2[1] + 9 * c3[0] * c3[1])  # fmt: skip
wrong("8.4 B", "input channels not used", lambda c_in, c1, c2, c3, c4: c1 + c2[0] + c3[0] + c4
      + 9 * c2[0] * c2[1] + 25 * c3[0] * c3[1])  # fmt: skip
wrong("8.4 B", "output channels", lambda c_in, c1, c2, c3, c4: c1 + c2[1] + c3[1] + c4)
wrong("8.4 B", "branches in a row", lambda c_in, c1, c2, c3, c4: c_in * c1 + c1 * c2[0]
      + 9 * c2[0] * c2[1] + c2[1] * c3[0] + 25 * c3[0] * c3[1] + c3[1] * c4)  # fmt: skip
wrong("8.4 B", "raises TypeError", lambda c_in, c1, c2, c3, c4: c_in * (c1 + c2 + c3 + c4))


@wrong("8.4 B", "prints")
def prints_it(c_in, c1, c2, c3, c4):
    print(added_up(c_in, c1, c2, c3, c4))


@wrong("8.4 B", "kernels not squared")
def with_a_bias_too(c_in, c1, c2, c3, c4):
    weights = c_in * (c1 + c2[0] + c3[0] + c4) + 3 * c2[0] * c2[1] + 5 * c3[0] * c3[1]
    return weights + c1 + c2[0] + c2[1] + c3[0] + c3[1] + c4


# --- 8.4 C: widest_saving_bottleneck(c_in, c_out, k) ---


@right("8.4 C")
def search(c_in, c_out, k):
    best = 0
    for m in range(1, c_in * c_out + 1):
        if c_in * m + m * c_out * k * k < c_in * c_out * k * k:
            best = m
    return best


@right("8.4 C")
def by_division(c_in, c_out, k):
    return (c_in * c_out * k**2 - 1) // (c_in + c_out * k**2)


@right("8.4 C")
def by_ceiling(c_in, c_out, k):
    return torch.tensor(c_in * c_out * k * k / (c_in + c_out * k * k)).ceil() - 1


@right("8.4 C")
def downwards(c_in, c_out, k):
    def weights(m):
        return m * c_in + m * c_out * k * k

    return next(m for m in range(c_in, -1, -1) if weights(m) < c_in * c_out * k * k)


def quotient(c_in, c_out, k):
    return c_in * c_out * k * k / (c_in + c_out * k * k)


wrong("8.4 C", "equal is not fewer", lambda c_in, c_out, k: int(quotient(c_in, c_out, k)))
wrong("8.4 C", "one too wide", lambda c_in, c_out, k: math.ceil(quotient(c_in, c_out, k)))
wrong("8.4 C", "rounded", lambda c_in, c_out, k: round(quotient(c_in, c_out, k)))
wrong("8.4 C", "not whole", quotient)
wrong("8.4 C", "one too wide", lambda c_in, c_out, k: 1 + by_division(
    c_in, c_out, k))  # fmt: skip
wrong("8.4 C", "1×1 not counted", lambda c_in, c_out, k: max(
    m for m in range(c_in + 1) if m == 0 or m * c_out * k * k < c_in * c_out * k * k
))  # fmt: skip
wrong("8.4 C", "k not squared", lambda c_in, c_out, k: c_in * c_out * k // (c_in + c_out * k))
wrong("8.4 C", "k squared on one side only",
      lambda c_in, c_out, k: (c_in * c_out * k * k - 1) // (c_in + c_out))  # fmt: skip
wrong("8.4 C", "both without a kernel", lambda c_in, c_out, k: c_in * c_out // (c_in + c_out))
wrong("8.4 C", "kernel in front",
      lambda c_in, c_out, k: (c_in * c_out * k * k - 1) // (c_in * k * k + c_out))  # fmt: skip
wrong("8.4 C", "k×k not counted", lambda c_in, c_out, k: c_out * k * k - 1)
wrong("8.4 C", "what is saved", lambda c_in, c_out, k: c_in * c_out * k * k - by_division(
    c_in, c_out, k) * (c_in + c_out * k * k))  # fmt: skip
wrong("8.4 C", "half of the input", lambda c_in, c_out, k: c_in // 2)


@wrong("8.4 C", "the smallest that saves")
def first_found(c_in, c_out, k):
    for m in range(1, c_in):
        if m * (c_in + c_out * k * k) < c_in * c_out * k * k:
            return m
    return 0


@wrong("8.4 C", "stops before c_out")
def never_wider_than_the_output(c_in, c_out, k):
    best = 0
    for m in range(1, c_out):
        if m * (c_in + c_out * k * k) < c_in * c_out * k * k:
            best = m
    return best


@wrong("8.4 C", "always at least 1")
def at_least_one(c_in, c_out, k):
    return max(1, by_division(c_in, c_out, k))


@wrong("8.4 C", "one too wide")
def one_step_too_far(c_in, c_out, k):
    m = 0
    while m * (c_in + c_out * k * k) < c_in * c_out * k * k:
        m += 1
    return m


@wrong("8.4 C", "endless loop")
def never_grows(c_in, c_out, k):
    m = 0
    while m * c_in < c_in * c_out * k * k:
        pass
    return m


@wrong("8.4 C", "biases counted")
def with_the_biases(c_in, c_out, k):
    best, plain = 0, c_out * (c_in * k * k + 1)
    for m in range(1, c_in + 1):
        if m * (c_in + 1) + c_out * (m * k * k + 1) < plain:
            best = m
    return best


# --- 8.4 D: last_height(n) ---


@right("8.4 D")
def halves(n):
    for _ in range(5):
        n = (n + 1) // 2
    return n


right("8.4 D", lambda n: math.ceil(n / 32), lambda n: -(-n // 32), lambda n: (n + 31) // 32)


@right("8.4 D")
def by_layers_of_torch(n):
    x = torch.zeros(1, 1, n, 1)
    x = nn.Conv2d(1, 1, 7, stride=2, padding=3)(x)
    for _ in range(4):
        x = nn.MaxPool2d(kernel_size=3, stride=2, padding=1)(x)
    return x.shape[2]


wrong("8.4 D", "rounded down", lambda n: n // 32, lambda n: int(n / 2**5))
wrong("8.4 D", "one more", lambda n: n // 32 + 1)
wrong("8.4 D", "not whole", lambda n: n / 32)
wrong("8.4 D", "rounded to the nearest", lambda n: round(n / 32))
wrong("8.4 D", "rounded down, at least 1", lambda n: max(1, n // 32))
wrong("8.4 D", "halved four times", lambda n: math.ceil(n / 16), lambda n: n // 16)
wrong("8.4 D", "halved three times", lambda n: math.ceil(n / 8))
wrong("8.4 D", "halved six times", lambda n: -(-n // 64))
wrong("8.4 D", "for the book's image", lambda n: 3)
wrong("8.4 D", "behind the average", lambda n: 1)
wrong("8.4 D", "number of positions", lambda n: math.ceil(n / 32) ** 2)
wrong("8.4 D", "another type", lambda n: (1, 1024, math.ceil(n / 32), math.ceil(n / 32)))


@wrong("8.4 D", "padding forgotten")
def no_padding(n):
    n = (n - 7) // 2 + 1
    for _ in range(4):
        n = (n - 3) // 2 + 1
    return n


@wrong("8.4 D", "padding of the 7×7 kernel forgotten")
def no_padding_at_first(n):
    n = (n - 7) // 2 + 1
    for _ in range(4):
        n = (n - 3 + 2) // 2 + 1
    return n


@wrong("8.4 D", "padding counted once")
def one_side(n):
    n = (n - 7 + 3) // 2 + 1
    for _ in range(4):
        n = (n - 3 + 1) // 2 + 1
    return n


@wrong("8.4 D", "formula without + 1")
def no_plus_one(n):
    n = (n - 7 + 6) // 2
    for _ in range(4):
        n = (n - 3 + 2) // 2
    return n


@wrong("8.4 D", "padding of the 7×7 kernel on one side")
def padded_above_only(n):
    n = (n + 3 - 7) // 2 + 1
    for _ in range(4):
        n = (n + 2 - 3) // 2 + 1
    return n


# --- 8.4 E: two_small() ---


@right("8.4 E")
def narrow_middle():
    return nn.Sequential(
        nn.Conv2d(16, 16, kernel_size=3, padding=1), nn.ReLU(),
        nn.Conv2d(16, 32, kernel_size=3, padding=1))  # fmt: skip


@right("8.4 E")
def lazy_and_with_a_last_relu():
    layers = []
    for channels in (24, 32):
        layers += [nn.LazyConv2d(channels, 3, padding="same"), nn.ReLU()]
    return nn.Sequential(*layers)


class Two(nn.Module):
    def __init__(self, middle=29):
        super().__init__()
        self.second = nn.Conv2d(middle, 32, (3, 3), padding=(1, 1), bias=False)
        self.first = nn.Conv2d(16, middle, (3, 3), padding=(1, 1), bias=False)

    def forward(self, x):
        return self.second(F.gelu(self.first(x)))


right("8.4 E", lambda: Two())
right("8.4 E", lambda: nn.Sequential(nn.LazyConv2d(20, 3, padding=1), nn.LazyBatchNorm2d(),
      nn.ReLU(), nn.LazyConv2d(32, 3, padding=1)))  # fmt: skip


def two(a=16, m=16, b=32, k=3, p=1, between=nn.ReLU, **options):
    first, second = nn.Conv2d(a, m, k, padding=p, **options), nn.Conv2d(m, b, k, padding=p)
    return nn.Sequential(first, between(), second)


ready = two()
wrong("8.4 E", "no weights saved", lambda: two(m=32))
wrong("8.4 E", "no ReLU between", lambda: two(between=nn.Identity))
wrong("8.4 E", "no ReLU between", lambda: nn.Sequential(
    nn.Conv2d(16, 16, 3, padding=1), nn.Conv2d(16, 32, 3, padding=1), nn.ReLU()))  # fmt: skip
wrong("8.4 E", "too little padding", lambda: two(p=0))
wrong("8.4 E", "too much padding", lambda: two(p=2))
wrong("8.4 E", "still a large kernel", lambda: nn.Conv2d(16, 32, 5, padding=2))
wrong("8.4 E", "number of convolutions", lambda: nn.Conv2d(16, 32, 3, padding=1))
wrong("8.4 E", "number of convolutions",
      lambda: nn.Sequential(*two(), nn.ReLU(), nn.Conv2d(32, 32, 3, padding=1)))  # fmt: skip
wrong("8.4 E", "kernel sizes", lambda: two(k=1, p=0))
wrong("8.4 E", "input channels", lambda: two(a=192))
wrong("8.4 E", "output channels", lambda: two(b=16))
wrong("8.4 E", "stride", lambda: two(stride=2))
wrong("8.4 E", "another view", lambda: nn.Sequential(
    nn.Conv2d(16, 16, 3, padding=2, dilation=2), nn.ReLU(),
    nn.Conv2d(16, 32, 3, padding=1)))  # fmt: skip
wrong("8.4 E", "another view", lambda: nn.Sequential(
    nn.Conv2d(16, 16, 3, padding=1), nn.MaxPool2d(3, 1, 1),
    nn.Conv2d(16, 32, 3, padding=1)))  # fmt: skip
wrong("8.4 E", "groups", lambda: nn.Sequential(
    nn.Conv2d(16, 16, 3, padding=1, groups=16), nn.ReLU(),
    nn.Conv2d(16, 32, 3, padding=1, groups=16)))  # fmt: skip
wrong("8.4 E", "channels do not fit", lambda: nn.Sequential(
    nn.Conv2d(16, 16, 3, padding=1), nn.ReLU(), nn.Conv2d(32, 32, 3, padding=1)))  # fmt: skip
wrong("8.4 E", "the same layers each time", lambda: ready)
wrong("8.4 E", "no layer", lambda: list(two()))
wrong("8.4 E", "no layer", lambda: two)
wrong("8.4 E", "returns nothing", lambda: None)


class SideBySide(nn.Module):
    def __init__(self):
        super().__init__()
        self.first = nn.Conv2d(16, 32, 3, padding=1)
        self.second = nn.Conv2d(16, 32, 3, padding=1)

    def forward(self, x):
        return F.relu(self.first(x)) + self.second(x)


wrong("8.4 E", "side by side", lambda: SideBySide())

# --- 8.4 F: most_missed ---

measured("8.4 F", {"complete": 0.81, "without 1×1": 0.1, "without 3×3": 0.28, "without 5×5": 0.78,
                   "without pool": 0.35})  # fmt: skip
right("8.4 F", "1×1", "1x1", "without 1x1", ["1 x 1"])
wrong("8.4 F", "missed least", "5×5", "5 x 5")
wrong("8.4 F", "the widest branch", "3×3", "without 3x3")
wrong("8.4 F", "another branch", "pool", "max pooling")
wrong("8.4 F", "no branch", "7×7", "all of them", "b1")
wrong("8.4 F", "a number", 0.35)
wrong("8.4 F", "several branches", ["1×1", "3×3"], ("5×5", "pool"))
wrong("8.4 F", "the complete network", "complete")
wrong("8.4 F", "nothing", None)
