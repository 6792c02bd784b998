"""Attempts at the tasks of 8.2."""

import numpy as np
import torch
from d2l import torch as d2l
from torch import nn
from torch.nn import functional as F

import helpers
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


# --- 8.2 B: field(kernels, strides) ---


@right("8.2 B")
def from_the_image(kernels, strides):
    seen, jump = 1, 1
    for k, s in zip(kernels, strides):
        seen += (k - 1) * jump
        jump *= s
    return seen


@right("8.2 B")
def from_the_output(kernels, strides):
    seen = 1
    for k, s in zip(reversed(kernels), reversed(strides)):
        seen = s * seen - s + k
    return seen


@right("8.2 B")
def in_numpy(kernels, strides):
    jumps = np.concatenate([[1], np.cumprod(strides)[:-1]])
    return np.dot(np.array(kernels) - 1, jumps) + 1


@right("8.2 B")
def recursively(ks, ss):
    return 1 if not ks else ks[0] + ss[0] * (recursively(ks[1:], ss[1:]) - 1)


@right("8.2 B")
def with_pixels(kernels, strides):
    first, last = 0, 0  # of the pixels that the output covers, layer by layer downwards
    for k, s in list(zip(kernels, strides))[::-1]:
        first, last = first * s, last * s + k - 1
    return torch.tensor(last - first + 1)


wrong("8.2 B", "without strides", lambda ks, ss: 1 + sum(k - 1 for k in ks))
wrong("8.2 B", "without strides", lambda ks, ss: 1 + sum(ks) - len(ss))
wrong("8.2 B", "start at 0", lambda ks, ss: from_the_image(ks, ss) - 1)
wrong("8.2 B", "backwards", lambda ks, ss: from_the_image(ks[::-1], ss[::-1]))
wrong("8.2 B", "area", lambda ks, ss: from_the_image(ks, ss) ** 2)
wrong("8.2 B", "sum of the kernels", lambda ks, ss: from_the_image([k + 1 for k in ks], ss) - 1)
wrong("8.2 B", "only own stride", lambda ks, ss: 1 + sum((k - 1) * s for k, s in zip(ks, ss)))
wrong("8.2 B", "kernels multiplied", lambda ks, ss: int(np.prod(ks)))
wrong("8.2 B", "other arguments", lambda kernels: 1 + sum(k - 1 for k in kernels))
wrong("8.2 B", "raises TypeError", lambda ks, ss: from_the_image(ks - 1, ss))
wrong("8.2 B", "returns nothing", lambda ks, ss: None)


def no_poolings(kernels, strides):
    """Return the layers that are no poolings."""
    kept = [(k, s) for k, s in zip(kernels, strides) if k != s or k == 1]
    return [k for k, _ in kept], [s for _, s in kept]


wrong("8.2 B", "poolings left out", lambda ks, ss: from_the_image(*no_poolings(ks, ss)))
wrong("8.2 B", "kernels of poolings left out",
      lambda ks, ss: from_the_image([1 if k == s else k for k, s in zip(ks, ss)], ss))  # fmt: skip


@wrong("8.2 B", "own stride")
def stride_before_kernel(kernels, strides):
    seen, jump = 1, 1
    for k, s in zip(kernels, strides):
        jump *= s
        seen += (k - 1) * jump
    return seen


@wrong("8.2 B", "last stride only")
def forgets_earlier_strides(kernels, strides):
    seen, jump = 1, 1
    for k, s in zip(kernels, strides):
        seen += (k - 1) * jump
        jump = s
    return seen


@wrong("8.2 B", "strides added")
def adds_strides(kernels, strides):
    seen, jump = 1, 1
    for k, s in zip(kernels, strides):
        seen += (k - 1) * jump
        jump += s
    return seen


@wrong("8.2 B", "only the first layer")
def returns_in_the_loop(kernels, strides):
    seen, jump = 1, 1
    for k, s in zip(kernels, strides):
        seen += (k - 1) * jump
        jump *= s
        return seen


def to_the_image(ks, ss, step):
    """Return what `step` makes of one unit, from the last layer to the first."""
    n = 1
    for k, s in zip(ks[::-1], ss):
        n = step(n, k, s)
    return n


wrong(
    "8.2 B",
    "one input too many at each stride",
    lambda ks, ss: to_the_image(ks, ss[::-1], lambda n, k, s: n * s + k - 1),
)
wrong("8.2 B", "one list reversed",
      lambda ks, ss: to_the_image(ks, ss, lambda n, k, s: (n - 1) * s + k))  # fmt: skip
wrong("8.2 B", "always kernels of 3", lambda ks, ss: from_the_image([3] * len(ks), ss))
wrong("8.2 B", "distance of neighbours", lambda ks, ss: int(np.prod(ss)))


@wrong("8.2 B", "first kernel twice")
def begins_with_the_first(ks, ss):
    seen, jump = ks[0], ss[0]
    for k, s in zip(ks, ss):
        seen += (k - 1) * jump
        jump *= s
    return seen


@wrong("8.2 B", "changes its input")
def takes_layers_off(ks, ss):
    n = 1
    while ks:
        n = (n - 1) * ss.pop() + ks.pop()
    return n


# --- 8.2 C: vgg16_arch ---

right("8.2 C", ((2, 64), (2, 128), (3, 256), (3, 512), (3, 512)))
right("8.2 C", [[2, 64], [2, 128], [3, 256], [3, 512], [3, 512]])
right("8.2 C", tuple(zip((2, 2, 3, 3, 3), (64, 128, 256, 512, 512))))
right("8.2 C", np.array([(2, 64), (2, 128), (3, 256), (3, 512), (3, 512)]))
right("8.2 C", torch.tensor([(2, 64), (2, 128), (3, 256), (3, 512), (3, 512)]))
right("8.2 C", [(min(i + 2, 3), min(64 * 2**j, 512)) for i, j in zip((0, 0, 1, 1, 1), range(5))])


def arch(*convs, channels=(64, 128, 256, 512, 512)):
    """Return an arch with these numbers of convolutions."""
    return tuple(zip(convs, channels))


wrong("8.2 C", "VGG-11", arch(1, 1, 2, 2, 2))
wrong("8.2 C", "VGG-13", arch(2, 2, 2, 2, 2))
wrong("8.2 C", "VGG-19", arch(2, 2, 4, 4, 4))
wrong("8.2 C", "16 convolutions", arch(2, 3, 3, 4, 4), arch(3, 3, 3, 3, 4))
wrong("8.2 C", "number of layers", arch(2, 2, 3, 3, 2), arch(3, 3, 3, 3, 3))
wrong("8.2 C", "other blocks", arch(1, 3, 3, 3, 3), arch(3, 3, 3, 2, 2))
wrong("8.2 C", "pairs exchanged", ((64, 2), (128, 2), (256, 3), (512, 3), (512, 3)))
wrong("8.2 C", "1,024 channels", arch(2, 2, 3, 3, 3, channels=(64, 128, 256, 512, 1024)))
wrong("8.2 C", "channels", arch(2, 2, 3, 3, 3, channels=(16, 32, 64, 128, 128)))
wrong("8.2 C", "channels", arch(2, 2, 3, 3, 3, channels=(64, 64, 128, 256, 512)))
wrong("8.2 C", "number of blocks", arch(2, 2, 3, 3), ((2, 64), (2, 128), (9, 512)))
wrong(
    "8.2 C", "number of blocks", tuple((1, c) for c in (64, 64, 128, 128, *[256] * 3, *[512] * 6))
)
wrong("8.2 C", "no pairs", (2, 2, 3, 3, 3), 16, "VGG-16", {2: 64, 3: 512})
wrong("8.2 C", "no pairs", (2, 64, 2, 128, 3, 256, 3, 512, 3, 512), ())
wrong("8.2 C", "not whole", (("2", "64"), ("2", "128"), ("3", "256")), ((2.5, 64), (2, 128)))
wrong("8.2 C", "a network", nn.Sequential(as_in_the_book(2, 64), as_in_the_book(2, 128)))
wrong("8.2 C", "no value", lambda: arch(2, 2, 3, 3, 3))
wrong("8.2 C", "nothing", None)
wrong("8.2 C", "no value", zip((2, 2, 3, 3, 3), (64, 128, 256, 512, 512)))
wrong("8.2 C", "no value", (pair for pair in ((2, 64), (2, 128), (3, 256), (3, 512), (3, 512))))


# --- 8.2 D: head() ---


@right("8.2 D")
def mean_of_each_map():
    return nn.Sequential(nn.AdaptiveAvgPool2d((1, 1)), nn.Flatten(), nn.Linear(512, 10))


@right("8.2 D")
def convolution_then_mean():
    return nn.Sequential(nn.LazyConv2d(10, 1), nn.AdaptiveAvgPool2d(1), nn.Flatten())


@right("8.2 D")
def with_a_hidden_layer():
    layers = [nn.AdaptiveMaxPool2d(1), nn.Flatten()]
    layers += [nn.LazyLinear(1024), nn.ReLU(), nn.Dropout(0.5), nn.LazyLinear(10)]
    return nn.Sequential(*layers)


@right("8.2 D")
def four_numbers_per_map():
    return nn.Sequential(nn.AdaptiveAvgPool2d(2), nn.Flatten(), nn.LazyLinear(10, bias=False))


class Mean(nn.Module):
    """The mean over height and width, by hand."""

    def __init__(self):
        super().__init__()
        self.linear = nn.Linear(512, 10)

    def forward(self, X):
        return self.linear(X.mean(dim=(2, 3)))


right("8.2 D", lambda: Mean())


def three_linear(*first, hidden=4096, last=()):
    """Return the three linear layers after other ones."""
    layers = [nn.LazyLinear(hidden), nn.ReLU(), nn.LazyLinear(hidden), nn.ReLU()]
    return nn.Sequential(*first, nn.Flatten(), *layers, nn.LazyLinear(10), *last)


def pooled(*last):
    """Return means of maps, and what comes after."""
    return nn.Sequential(nn.AdaptiveAvgPool2d(1), nn.Flatten(), *last)


wrong("8.2 D", "one size only", lambda: three_linear())
wrong("8.2 D", "one size only", lambda: nn.Sequential(nn.Flatten(), nn.LazyLinear(10)))
wrong("8.2 D", "one size only", lambda: three_linear(nn.LazyConv2d(16, 1), hidden=64))
wrong("8.2 D", "one size only", lambda: nn.Sequential(nn.Flatten(), nn.Linear(512 * 7 * 7, 10)))
wrong("8.2 D", "window of one size", lambda: three_linear(nn.AvgPool2d(7), hidden=64))
wrong("8.2 D", "window of one size", lambda: three_linear(nn.MaxPool2d(2), hidden=64))
wrong("8.2 D", "too many parameters", lambda: three_linear(nn.AdaptiveAvgPool2d(7)))
wrong("8.2 D", "too many parameters", lambda: three_linear(nn.AdaptiveAvgPool2d(1)))
wrong("8.2 D", "not flattened",
      lambda: nn.Sequential(nn.LazyConv2d(10, 1), nn.AdaptiveAvgPool2d(1)))  # fmt: skip
wrong("8.2 D", "no linear layer", lambda: pooled())
wrong("8.2 D", "not ten numbers", lambda: pooled(nn.LazyLinear(1)))
wrong("8.2 D", "places left", lambda: nn.Sequential(nn.LazyConv2d(10, 1), nn.Flatten()))
wrong("8.2 D", "batch lost",
      lambda: nn.Sequential(nn.AdaptiveAvgPool2d(1), nn.Flatten(0), nn.LazyLinear(10)))  # fmt: skip
wrong("8.2 D", "softmax", lambda: pooled(nn.LazyLinear(10), nn.Softmax(dim=1)))
wrong("8.2 D", "softmax", lambda: pooled(nn.LazyLinear(10), nn.LogSoftmax(dim=1)))
wrong("8.2 D", "ReLU at the end", lambda: pooled(nn.LazyLinear(10), nn.ReLU()))
wrong("8.2 D", "no layer", lambda: [*pooled(nn.LazyLinear(10))], lambda: nn.LazyLinear)
wrong("8.2 D", "no layer", lambda: (nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.LazyLinear(10)))
wrong("8.2 D", "returns nothing", lambda: None)
wrong("8.2 D", "no function", pooled(nn.LazyLinear(10)))
wrong("8.2 D", "other arguments", lambda X: pooled(nn.LazyLinear(10))(X))
wrong("8.2 D", "raises RuntimeError", lambda: pooled(nn.Linear(512 * 7 * 7, 10)))
wrong("8.2 D", "raises RuntimeError",
      lambda: nn.Sequential(nn.AdaptiveAvgPool2d(1), nn.Linear(512, 10)))  # fmt: skip
wrong("8.2 D", "raises TypeError", lambda: nn.Sequential([nn.AdaptiveAvgPool2d(1), nn.Flatten()]))


class Corner(Mean):
    """Looks at the first place of each map."""

    def forward(self, X):
        return self.linear(X[:, :, 0, 0])


class Few(Mean):
    """Looks at the first maps only."""

    def forward(self, X):
        return self.linear(torch.cat([X.mean((2, 3))[:, :64], X.new_zeros(len(X), 448)], 1))


wrong("8.2 D", "blind", lambda: Corner(), lambda: Few())
wrong("8.2 D", "not flattened",
      lambda: nn.Sequential(nn.AdaptiveAvgPool2d(1), nn.LazyLinear(10)))  # fmt: skip
wrong("8.2 D", "nothing to learn", lambda: nn.Sequential(nn.Flatten(), nn.AdaptiveAvgPool1d(10)))
wrong("8.2 D", "softmax", lambda: pooled(nn.LazyLinear(10), nn.Softmax(dim=0)))
wrong("8.2 D", "sigmoid at the end", lambda: pooled(nn.LazyLinear(10), nn.Sigmoid()))
wrong("8.2 D", "maps mixed",
      lambda: nn.Sequential(nn.AdaptiveAvgPool3d(1), nn.Flatten(), nn.LazyLinear(10)))  # fmt: skip


# --- 8.2 E: initialise(model, X) ---


@right("8.2 E")
def input_then_apply(model, X):
    model(X)
    model.apply(d2l.init_cnn)


@right("8.2 E")
def as_the_book_does(model, X):
    model.apply_init([X], d2l.init_cnn)


@wrong("8.2 E", "normal in place of uniform")
def normal_numbers(model, X):
    with torch.no_grad():
        model.net(X[:1])
    for module in model.modules():
        if hasattr(module, "weight"):
            nn.init.xavier_normal_(module.weight)
            nn.init.zeros_(module.bias)
    return model


@wrong("8.2 E", "normal in place of uniform")
def by_hand(model, X):
    model.forward(X)
    for p in model.parameters():
        if p.dim() > 1:
            inputs, outputs = p[0].numel(), p[:, 0].numel()
            p.data = torch.randn(p.shape) * (2 / (inputs + outputs)) ** 0.5


def every_layer(model, X, init):
    """Pass an input through, then initialise every layer with weights."""
    model(X)
    for module in model.modules():
        if isinstance(module, nn.Conv2d | nn.Linear):
            init(module.weight)


def narrow(weight):
    nn.init.normal_(weight, 0, 0.01)


def wide(weight):
    nn.init.xavier_uniform_(weight, gain=2.0)


def by_inputs(weight):
    nn.init.normal_(weight, 0, weight[0].numel() ** -0.5)


def positive(weight):
    nn.init.xavier_uniform_(weight, gain=2.0)
    weight.data = weight.data.abs()


@wrong("8.2 E", "still lazy")
def as_in_the_constructor(model, X):
    model.apply(d2l.init_cnn)


@wrong("8.2 E", "before the input")
def wrong_order(model, X):
    model.apply(d2l.init_cnn)
    model(X)


@wrong("8.2 E", "nothing drawn")
def only_the_input(model, X):
    model(X)


@wrong("8.2 E", "nothing drawn")
def does_not_call(model, X):
    model.apply_init([X])


@wrong("8.2 E", "only linear layers")
def loop_over_the_net(model, X):
    model(X)
    for module in model.net:
        if type(module) in (nn.Linear, nn.Conv2d):
            nn.init.xavier_uniform_(module.weight)


@wrong("8.2 E", "only convolutions")
def forgets_linear_layers(model, X):
    model(X)
    for module in model.modules():
        if type(module) is nn.Conv2d:
            nn.init.xavier_uniform_(module.weight)


@wrong("8.2 E", "only some layers")
def first_block_only(model, X):
    model(X)
    model.net[0].apply(d2l.init_cnn)


@wrong("8.2 E", "still lazy")
def another_model(model, X):
    model = helpers.from_notebook("8.2-vgg").VGG(arch=((1, 16), (2, 16)), hidden=32)
    model.apply_init([X], d2l.init_cnn)


@wrong("8.2 E", "only a fresh model")
def only_lazy_ones(model, X):
    if any(isinstance(p, nn.UninitializedParameter) for p in model.parameters()):
        model.apply_init([X], d2l.init_cnn)


@wrong("8.2 E", "left in eval mode")
def leaves_eval(model, X):
    model.eval()
    with torch.no_grad():
        model(X)
    model.apply(d2l.init_cnn)


@wrong("8.2 E", "raises ValueError")
def lazy_layers_are_conv_layers_too(model, X):
    for module in model.modules():
        if isinstance(module, nn.Conv2d | nn.Linear):
            nn.init.xavier_uniform_(module.weight)
    model(X)


@wrong("8.2 E", "raises TypeError")
def batch_without_a_list(model, X):
    model.apply_init(X, d2l.init_cnn)


wrong("8.2 E", "raises AttributeError", lambda model, X: model.apply(nn.init.xavier_uniform_))
wrong("8.2 E", "He's rule", lambda model, X: every_layer(model, X, nn.init.kaiming_normal_))
wrong("8.2 E", "one spread for all", lambda model, X: every_layer(model, X, narrow))
wrong("8.2 E", "inputs only", lambda model, X: every_layer(model, X, by_inputs))
wrong("8.2 E", "all weights equal", lambda model, X: every_layer(model, X, nn.init.zeros_))
wrong("8.2 E", "another rule", lambda model, X: every_layer(model, X, wide))
wrong("8.2 E", "not around 0", lambda model, X: every_layer(model, X, positive))
wrong("8.2 E", "no function", d2l.init_cnn(nn.Linear(2, 2)))
wrong("8.2 E", "other arguments", lambda model: input_then_apply(model, torch.zeros(1, 8, 8, 8)))


@right("8.2 E")
def by_its_formula(model, X):
    with torch.no_grad():
        model.net(X[:1])
    for p in model.parameters():
        if p.dim() > 1:
            a = (6 / (p[0].numel() + p[:, 0].numel())) ** 0.5
            p.data = torch.rand(p.shape) * 2 * a - a


def by_its_rule(rule):
    """Return an attempt that draws evenly up to what a rule says of the weights."""
    return lambda model, X: every_layer(model, X, lambda W: nn.init.uniform_(W, -rule(W), rule(W)))


wrong("8.2 E", "kernel not counted", by_its_rule(lambda W: (6 / sum(W.shape[:2])) ** 0.5))
wrong("8.2 E", "deviation as range",
      by_its_rule(lambda W: (2 / (W[0].numel() + W[:, 0].numel())) ** 0.5))  # fmt: skip
wrong("8.2 E", "nothing drawn",
      lambda net, X: every_layer(net, X, lambda W: nn.init.xavier_uniform_(W.clone())))  # fmt: skip


@wrong("8.2 E", "nothing drawn")
def asks_for_lazy_types(model, X):
    model(X)
    for module in model.modules():
        if isinstance(module, nn.LazyLinear | nn.LazyConv2d):
            nn.init.xavier_uniform_(module.weight)


@wrong("8.2 E", "PyTorch's rule")
def resets(model, X):
    model(X)
    for module in model.modules():
        if isinstance(module, nn.Linear | nn.Conv2d):
            module.reset_parameters()


@wrong("8.2 E", "a seed is set")
def with_a_seed(model, X):
    torch.manual_seed(0)
    input_then_apply(model, X)
