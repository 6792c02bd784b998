"""Attempts at the tasks of 8.3."""

import numpy as np
import torch
from torch import nn
from torch.nn import functional as F

from tests.attempts import right, wrong

# --- 8.3 A: conv1x1(X, W, b) ---


@right("8.3 A")
def channels_last(X, W, b):
    return (X.permute(0, 2, 3, 1) @ W.T + b).permute(0, 3, 1, 2)


@right("8.3 A")
def columns_of_pixels(X, W, b):
    n, c, h, w = X.shape
    return (W @ X.reshape(n, c, h * w) + b[:, None]).reshape(n, len(W), h, w)


@right("8.3 A")
def pixel_by_pixel(X, W, b, relu=False):
    Y = torch.zeros(X.shape[0], W.shape[0], X.shape[2], X.shape[3], dtype=torch.float64)
    for n in range(Y.shape[0]):
        for i in range(Y.shape[2]):
            for j in range(Y.shape[3]):
                Y[n, :, i, j] = W @ X[n, :, i, j] + b
    return Y


@right("8.3 A")
def image_by_image(X, W, b):
    return torch.stack([torch.tensordot(W, image, 1) + b.reshape(-1, 1, 1) for image in X])


@right("8.3 A")
def in_numpy(images, W, b):
    Y = np.einsum("oc,nchw->nohw", W.numpy(), images.numpy())
    return torch.from_numpy(Y + b.numpy()[None, :, None, None])


class Linear(nn.Module):
    def forward(self, X, W, b):
        return F.linear(X.movedim(1, -1), W, b).movedim(-1, 1)


right("8.3 A", Linear())


def torn(X, W, b):
    n, c, h, w = X.shape
    return X.reshape(n, h * w, c) @ W.T + b  # (n, h * w, c_out)


@wrong("8.3 A", "pixels torn")
def reshaped_in(X, W, b):
    return torn(X, W, b).transpose(1, 2).reshape(len(X), len(W), *X.shape[2:])


@wrong("8.3 A", "torn twice")
def reshaped_in_and_out(X, W, b):
    return torn(X, W, b).view(len(X), len(W), *X.shape[2:])


@wrong("8.3 A", "result torn")
def reshaped_out(X, W, b):
    Y = X.flatten(2).transpose(1, 2) @ W.T + b
    return Y.reshape(len(X), len(W), *X.shape[2:])


@wrong("8.3 A", "images mixed with channels")
def one_image_in_mind(X, W, b):
    n, c, h, w = X.shape
    return (W @ X.reshape(c, -1) + b.reshape(-1, 1)).reshape(n, -1, h, w)


@wrong("8.3 A", "images mixed with channels")
def channels_first(X, W, b):
    n, c, h, w = X.shape
    return (W @ X.transpose(0, 1).reshape(c, -1) + b[:, None]).reshape(n, -1, h, w)


@wrong("8.3 A", "bias for each input channel")
def bias_in_the_loop(X, W, b):
    Y = torch.zeros(X.shape[0], W.shape[0], X.shape[2], X.shape[3])
    for o in range(W.shape[0]):
        for c in range(W.shape[1]):
            Y[:, o] += W[o, c] * X[:, c] + b[o]
    return Y


@wrong("8.3 A", "last channel only")
def overwrites(X, W, b):
    Y = torch.zeros(X.shape[0], W.shape[0], X.shape[2], X.shape[3])
    for o in range(W.shape[0]):
        for c in range(W.shape[1]):
            Y[:, o] = W[o, c] * X[:, c] + b[o]
    return Y


@wrong("8.3 A", "stops too early")
def returns_in_the_loop(X, W, b):
    Y = torch.zeros(X.shape[0], W.shape[0], X.shape[2], X.shape[3])
    for n in range(len(X)):
        Y[n] = torch.tensordot(W, X[n], 1) + b[:, None, None]
        return Y


wrong("8.3 A", "channels last", lambda X, W, b: X.permute(0, 2, 3, 1) @ W.T + b)
wrong("8.3 A", "not folded back", lambda X, W, b: W @ X.flatten(2) + b[:, None])
wrong("8.3 A", "not folded back", lambda X, W, b: X.flatten(2).transpose(1, 2) @ W.T + b)
wrong("8.3 A", "weights transposed", lambda X, W, b: channels_last(X, W.T, b))
wrong("8.3 A", "weights transposed",
      lambda X, W, b: (X.permute(0, 2, 3, 1) @ W + b).permute(0, 3, 1, 2))  # fmt: skip
wrong("8.3 A", "without the bias", lambda X, W, b: channels_last(X, W, 0 * b))
wrong("8.3 A", "bias along the columns", lambda X, W, b: channels_last(X, W, 0 * b) + b)
wrong("8.3 A", "first image only", lambda X, W, b: channels_last(X[:1], W, b))
wrong("8.3 A", "first image only", lambda X, W, b: channels_last(X, W, b)[0])
wrong("8.3 A", "ReLU", lambda X, W, b: torch.relu(channels_last(X, W, b)))
wrong("8.3 A", "height and width exchanged",
      lambda X, W, b: (X.permute(0, 3, 2, 1) @ W.T + b).permute(0, 3, 1, 2))  # fmt: skip
wrong("8.3 A", "mean", lambda X, W, b: channels_last(X, W / W.shape[1], b))
wrong("8.3 A", "product along the wrong axis", lambda X, W, b: W @ X + b)
wrong("8.3 A", "product along the wrong axis", lambda X, W, b: X @ W.T + b)
wrong("8.3 A", "raises RuntimeError", lambda X, W, b: F.conv2d(X, W, b))
wrong("8.3 A", "returns an array", lambda X, W, b: channels_last(X, W, b).numpy())
wrong("8.3 A", "other arguments", lambda X, W: channels_last(X, W, 0))
wrong("8.3 A", "channels not added up",
      lambda X, W, b: X * W[:, :, None, None] + b[:, None, None])  # fmt: skip
wrong("8.3 A", "without the bias", lambda X, W, b: -channels_last(X, W, 0 * b))
wrong("8.3 A", "ignores b", lambda X, W, b: channels_last(X, W, 1.0) * 0.7 + X.sum())


@wrong("8.3 A", "changes its input")
def scales_in_place(X, W, b):
    Y = channels_last(X, W, b)
    W /= 2
    return Y


# --- 8.3 B: nin_parameters(c_in, c_out, k) ---

right("8.3 B", lambda c_in, c_out, k: c_out * (c_in * k * k + 1) + 2 * c_out * (c_out + 1))
right("8.3 B", lambda i, o, k: o * (i * k**2 + 2 * o + 3))
right("8.3 B", lambda c_in, c_out, k: np.int64(c_in * c_out * k**2 + 2 * c_out**2 + 3 * c_out))


@right("8.3 B")
def built(c_in, c_out, k):
    with torch.device("meta"):
        sizes = (c_in, k), (c_out, 1), (c_out, 1)
        layers = [nn.Conv2d(channels, c_out, size) for channels, size in sizes]
    return sum(p.numel() for layer in layers for p in layer.parameters())


def first(i, o, k):
    return o * (i * k * k + 1)


wrong("8.3 B", "first convolution only", first)
wrong("8.3 B", "one 1×1 convolution", lambda i, o, k: first(i, o, k) + o * (o + 1))
wrong("8.3 B", "k not squared", lambda i, o, k: i * o * k + o + 2 * (o * o + o))
wrong("8.3 B", "k×k everywhere", lambda i, o, k: first(i, o, k) + 2 * first(o, o, k))
wrong("8.3 B", "three equal convolutions", lambda i, o, k: 3 * first(i, o, k))
wrong("8.3 B", "1×1 read the block's input", lambda i, o, k: first(i, o, k) + 2 * first(i, o, 1))
wrong("8.3 B", "one 1×1 reads the block's input",
      lambda i, o, k: first(i, o, k) + first(i, o, 1) + first(o, o, 1))  # fmt: skip
wrong("8.3 B", "1×1 has one weight", lambda i, o, k: first(i, o, k) + 2 * (o + o))
wrong("8.3 B", "1×1 has one weight", lambda i, o, k: first(i, o, k) + 2 * (1 + o))
wrong("8.3 B", "without biases", lambda i, o, k: i * o * k * k + 2 * o * o)
wrong("8.3 B", "biases of one layer", lambda i, o, k: first(i, o, k) + 2 * o * o)
wrong("8.3 B", "one bias per layer", lambda i, o, k: i * o * k * k + 1 + 2 * (o * o + 1))
wrong("8.3 B", "biases of the input channels",
      lambda i, o, k: i * o * k * k + i + 2 * (o * o + o))  # fmt: skip
wrong("8.3 B", "channels exchanged", lambda i, o, k: first(o, i, k) + 2 * first(i, i, 1))
wrong("8.3 B", "input channels not used", lambda i, o, k: first(1, o, k) + 2 * first(o, o, 1))
wrong("8.3 B", "channels added", lambda i, o, k: (i + o) * k * k + o + 2 * (o * o + o))
wrong("8.3 B", "k not squared", lambda i, o, k: i * o * k + 2 * o * o)
wrong("8.3 B", "raises TypeError", lambda i, o, k: sum(i * o * k * k, o))
wrong("8.3 B", "another type", lambda i, o, k: (first(i, o, k), first(o, o, 1), first(o, o, 1)))
wrong("8.3 B", "returns nothing", lambda i, o, k: None)
wrong("8.3 B", "ignores c_in", lambda c_in, c_out, k: c_out**3 + k + 40)

# --- 8.3 C: head(maps) ---

right("8.3 C", lambda maps: maps.mean(dim=(2, 3)), lambda maps: maps.flatten(2).mean(-1))
right("8.3 C", nn.Sequential(nn.AdaptiveAvgPool2d((1, 1)), nn.Flatten()))
right("8.3 C", lambda maps: F.avg_pool2d(maps, maps.shape[2:])[:, :, 0, 0])
right("8.3 C", lambda maps: torch.from_numpy(maps.numpy().astype(float).mean((2, 3))))
right("8.3 C", lambda maps: torch.einsum("nchw->nc", maps) / (maps.shape[2] * maps.shape[3]))


@right("8.3 C")
def class_by_class(maps):
    logits = torch.zeros(maps.shape[:2])
    for n, image in enumerate(maps):
        for c, one in enumerate(image):
            logits[n, c] = one.sum() / one.numel()
    return logits


wrong("8.3 C", "extra axes", nn.AdaptiveAvgPool2d((1, 1)))
wrong("8.3 C", "extra axes", lambda maps: maps.mean((2, 3), keepdim=True))
wrong("8.3 C", "sum", lambda maps: maps.sum((2, 3)))
wrong("8.3 C", "maximum", lambda maps: maps.amax((2, 3)))
wrong("8.3 C", "over the classes", lambda maps: maps.mean(1))
wrong("8.3 C", "over the classes", lambda maps: maps.mean((1, 2, 3)))
wrong("8.3 C", "over the images", lambda maps: maps.mean((0, 2, 3)))
wrong("8.3 C", "over everything", lambda maps: maps.mean())
wrong("8.3 C", "one axis only", lambda maps: maps.mean(-1))
wrong("8.3 C", "wrong axes", lambda maps: maps.mean((1, 2)))
wrong("8.3 C", "flattened", nn.Flatten())
wrong("8.3 C", "always 5 × 5", lambda maps: maps.sum((2, 3)) / 25)
wrong("8.3 C", "raises RuntimeError", lambda maps: F.avg_pool2d(maps, 5).flatten(1))
wrong("8.3 C", "square maps", lambda maps: maps.sum((2, 3)) / len(maps[0, 0]) ** 2)
wrong("8.3 C", "divided by the classes", lambda maps: maps.sum((2, 3)) / maps.shape[1])
wrong("8.3 C", "softmax", lambda maps: maps.mean((2, 3)).softmax(1))
wrong("8.3 C", "likeliest class", lambda maps: maps.mean((2, 3)).argmax(1))
wrong("8.3 C", "ReLU", lambda maps: maps.mean((2, 3)).relu())
wrong("8.3 C", "ReLU first", lambda maps: maps.relu().mean((2, 3)))
wrong("8.3 C", "middle position",
      lambda maps: maps[:, :, maps.shape[2] // 2, maps.shape[3] // 2])  # fmt: skip
wrong("8.3 C", "raises RuntimeError", lambda maps: nn.Linear(250, 10)(maps.flatten(1)))
wrong("8.3 C", "no function", nn.Flatten)
wrong("8.3 C", "another type", lambda maps: nn.Flatten())
wrong("8.3 C", "returns a list", lambda maps: maps.mean((2, 3)).tolist())


@wrong("8.3 C", "first image only")
def returns_the_first(maps):
    for image in maps:
        return image.mean((1, 2))


@wrong("8.3 C", "axes squeezed away")
def squeezed(maps):
    return F.adaptive_avg_pool2d(maps, 1).squeeze()


# --- 8.3 D: dead_classes(logits) ---

right("8.3 D", lambda logits: (logits == 0).all(dim=0).nonzero().flatten().tolist())
right("8.3 D", lambda logits: [c for c in range(logits.shape[1]) if not logits[:, c].any()])
right("8.3 D", lambda logits: np.flatnonzero((logits.numpy() == 0).all(axis=0)))
right("8.3 D", lambda logits: torch.where(logits.abs().amax(0) == 0)[0])
right("8.3 D", lambda logits: {c for c, column in enumerate(logits.T) if column.eq(0).all()})


@right("8.3 D")
def counts(logits):
    found = []
    for c in range(len(logits[0])):
        zeros = 0
        for image in logits:
            if image[c] == 0:
                zeros += 1
        if zeros == len(logits):
            found.append(c)
    return found


def numbers(mask):
    return mask.nonzero().flatten().tolist()


wrong("8.3 D", "one image is enough", lambda logits: numbers((logits == 0).any(0)))
wrong("8.3 D", "one image is enough", lambda logits: (logits == 0).nonzero()[:, 1].tolist())
wrong("8.3 D", "images in place of classes", lambda logits: numbers((logits == 0).all(1)))
wrong("8.3 D", "mask", lambda logits: (logits == 0).all(0))
wrong("8.3 D", "mask", lambda logits: (logits == 0).all(0).int().tolist())
wrong("8.3 D", "how many", lambda logits: (logits == 0).all(0).sum())
wrong("8.3 D", "how many", lambda logits: len(counts(logits)))
wrong("8.3 D", "the living", lambda logits: numbers(~(logits == 0).all(0)))
wrong("8.3 D", "sum is 0", lambda logits: numbers(logits.sum(0) == 0))
wrong("8.3 D", "sum is 0", lambda logits: numbers(logits.mean(0) == 0))
wrong("8.3 D", "negative ones too", lambda logits: numbers((logits <= 0).all(0)))
wrong("8.3 D", "negative ones too", lambda logits: numbers(~(logits > 0).any(0)))
wrong("8.3 D", "largest is 0", lambda logits: numbers(logits.amax(0) == 0))
wrong("8.3 D", "smallest is 0", lambda logits: numbers(logits.amin(0) == 0))
wrong("8.3 D", "small ones too", lambda logits: numbers((logits.abs() < 0.01).all(0)))
wrong("8.3 D", "small ones too",
      lambda logits: numbers(torch.isclose(logits, torch.zeros(1), atol=1e-3).all(0)))  # fmt: skip
wrong("8.3 D", "first image only", lambda logits: numbers(logits[0] == 0))
wrong("8.3 D", "never the likeliest",
      lambda logits: [c for c in range(logits.shape[1]) if c not in logits.argmax(1)])  # fmt: skip
wrong("8.3 D", "counted from 1", lambda logits: [c + 1 for c in counts(logits)])
wrong("8.3 D", "column in place of a list", lambda logits: (logits == 0).all(0).nonzero())
wrong("8.3 D", "raises IndexError", lambda logits: [c for c in range(10) if not logits[:, c].any()])
wrong("8.3 D", "raises RuntimeError",
      lambda logits: [c for c in range(logits.shape[1]) if logits[:, c] == 0])  # fmt: skip
wrong("8.3 D", "returns nothing", lambda logits: counts(logits).sort())


@wrong("8.3 D", "first dead class only")
def returns_early(logits):
    for c in range(logits.shape[1]):
        if (logits[:, c] == 0).all():
            return [c]
    return []


@wrong("8.3 D", "last image only")
def overwrites_for_each_image(logits):
    for image in logits:
        found = [c for c in range(len(image)) if image[c] == 0]
    return found


@wrong("8.3 D", "lists in a list")
def a_list_for_each_class(logits):
    return (logits == 0).all(dim=0).nonzero().tolist()


# --- 8.3 E: last_block() ---


def layers(*behind, channels=10, size=3, padding=1, between=nn.ReLU, bias=True, one=1):
    return nn.Sequential(
        nn.LazyConv2d(channels, size, padding=padding, bias=bias), between(),
        nn.LazyConv2d(channels, one, padding=one // 2), between(),
        nn.LazyConv2d(channels, 1), *behind)  # fmt: skip


@right("8.3 E")
def taken_from_nin():
    block = layers(nn.ReLU())
    block[5] = nn.Identity()
    return block


class Block(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv = nn.ModuleList([nn.LazyConv2d(10, 3, padding=1), nn.LazyConv2d(10, 1)])
        self.last = nn.Conv2d(10, 10, 1)

    def forward(self, X):
        for conv in self.conv:
            X = F.relu(conv(X))
        return self.last(X)


right("8.3 E", layers, lambda: Block(), lambda: layers(nn.LeakyReLU()))
right("8.3 E", lambda: layers(nn.ReLU())[:-1])
right("8.3 E", lambda: layers(between=nn.LeakyReLU), lambda: layers(nn.BatchNorm2d(10)))

wrong("8.3 E", "ends in a ReLU", lambda: layers(nn.ReLU()))
wrong("8.3 E", "ends in a ReLU", lambda: nn.Sequential(*layers(nn.ReLU()), nn.Dropout(0.0)))
wrong("8.3 E", "flat on the left", lambda: layers(nn.Sigmoid()), lambda: layers(nn.Softplus()))
wrong("8.3 E", "flat on the left", lambda: layers(nn.GELU()), lambda: layers(nn.ELU()))
wrong("8.3 E", "flat on the right", lambda: layers(nn.LeakyReLU(), nn.Hardtanh(-5, 5)))
wrong("8.3 E", "softmax inside", lambda: layers(nn.Softmax(dim=1)))
wrong("8.3 E", "average inside", lambda: layers(nn.AdaptiveAvgPool2d((1, 1)), nn.Flatten()))
wrong("8.3 E", "average inside", lambda: layers(nn.AdaptiveAvgPool2d((1, 1))))
wrong("8.3 E", "size of the maps", lambda: layers(padding=0), lambda: layers(padding=2))
wrong("8.3 E", "size of the maps", lambda: layers(nn.MaxPool2d(2)))
wrong("8.3 E", "number of classes", lambda: layers(channels=384))
wrong("8.3 E", "number of convolutions", lambda: layers()[:3], lambda: nn.Flatten())
wrong("8.3 E", "kernel sizes", lambda: layers(size=1, padding=0), lambda: layers(one=3))
wrong("8.3 E", "no ReLU after the first",
      lambda: nn.Sequential(*(m for m in layers() if not isinstance(m, nn.ReLU))))  # fmt: skip
wrong("8.3 E", "no ReLU after the second", lambda: nn.Sequential(*layers()[:3], layers()[4]))
wrong("8.3 E", "fixed channels",
      lambda: nn.Sequential(nn.Conv2d(384, 10, 3, padding=1), *layers()[1:]))  # fmt: skip
wrong("8.3 E", "without biases", lambda: layers(bias=False))
wrong("8.3 E", "no layer", lambda: list(layers()), lambda: Block)
wrong("8.3 E", "raises RuntimeError",
      lambda: nn.Sequential(*layers()[:4], nn.Conv2d(16, 10, 1)))  # fmt: skip
wrong("8.3 E", "returns nothing", lambda: None)
wrong("8.3 E", "no function", layers())
wrong("8.3 E", "size of the maps", lambda: nn.Sequential(
      nn.LazyConv2d(10, 3, padding=1), nn.ReLU(), nn.LazyConv2d(10, 1, padding=1), nn.ReLU(),
      nn.LazyConv2d(10, 1, padding=1)))  # fmt: skip
wrong("8.3 E", "flat on the left", lambda: nn.Sequential(*layers()[:5], nn.BatchNorm2d(10),
                                                         nn.ReLU()))  # fmt: skip
