"""Attempts at the tasks of 7.2."""

import itertools

import numpy as np
import torch
from torch import nn
from torch.nn import functional as F

from tests.attempts import right, wrong

# --- 7.2 A: corr2d(X, K) ---


@right("7.2 A")
def loops(X, K):
    h, w = K.shape
    Y = torch.zeros(X.shape[0] - h + 1, X.shape[1] - w + 1)
    for i in range(len(Y)):
        for j in range(Y.shape[1]):
            Y[i, j] = (X[i : i + h, j : j + w] * K).sum()
    return Y


@right("7.2 A")
def four_loops_in_numpy(X, K, bias=0):
    X, K = X.numpy().astype("float64"), K.numpy()
    Y = np.zeros((X.shape[0] - K.shape[0] + 1, X.shape[1] - K.shape[1] + 1))
    for i, j in itertools.product(range(Y.shape[0]), range(Y.shape[1])):
        for a, b in itertools.product(range(K.shape[0]), range(K.shape[1])):
            Y[i, j] += K[a, b] * X[i + a, j + b]
    return torch.from_numpy(Y) + bias


@right("7.2 A")
def by_einsum(image, kernel):
    windows = image.unfold(0, kernel.shape[0], 1).unfold(1, kernel.shape[1], 1)
    return torch.einsum("ijab,ab->ij", windows, kernel)


class Layer(nn.Module):
    def forward(self, X, K):
        return F.conv2d(X[None, None], K[None, None]).squeeze(0).squeeze(0)


right("7.2 A", Layer(), lambda X, K: F.conv2d(X[None, None], K[None, None])[0, 0])


@right("7.2 A")
def shifted_copies(X, K):
    h, w = X.shape[0] - K.shape[0] + 1, X.shape[1] - K.shape[1] + 1
    return sum(
        K[a, b] * X[a : a + h, b : b + w] for a in range(K.shape[0]) for b in range(K.shape[1])
    )


wrong("7.2 A", "flipped kernel", lambda X, K: loops(X, K.flip(0, 1)))
wrong("7.2 A", "kernel transposed", lambda X, K: loops(X, K.T))
wrong("7.2 A", "kernel mirrored", lambda X, K: loops(X, K.flip(1)))
wrong("7.2 A", "exchanged arguments", lambda K, X: loops(X, K))
wrong("7.2 A", "returns an array", lambda X, K: loops(X, K).numpy())
wrong("7.2 A", "returns a list", lambda X, K: loops(X, K).tolist())
wrong("7.2 A", "mean", lambda X, K: loops(X, K / K.numel()))
wrong("7.2 A", "extra axis", lambda X, K: F.conv2d(X[None, None], K[None, None]))
wrong("7.2 A", "whole numbers", lambda X, K: loops(X, K).int())
wrong("7.2 A", "no function", loops(torch.eye(3), torch.eye(2)))
wrong("7.2 A", "other arguments", lambda X, kernel, bias: loops(X, kernel))
wrong("7.2 A", "flipped kernel", lambda X, K: -loops(X, K.flip(0, 1)))
wrong("7.2 A", "flipped kernel", lambda X, K: loops(X, K.flip(0, 1)).T)


@wrong("7.2 A", "one too few")
def forgets_the_one(X, K):
    h, w = K.shape
    Y = torch.zeros(X.shape[0] - h, X.shape[1] - w)
    for i in range(X.shape[0] - h):
        for j in range(X.shape[1] - w):
            Y[i, j] = (X[i : i + h, j : j + w] * K).sum()
    return Y


@wrong("7.2 A", "last row and column left out")
def stops_early(X, K):
    h, w = K.shape
    Y = torch.zeros(X.shape[0] - h + 1, X.shape[1] - w + 1)
    for i in range(Y.shape[0] - 1):
        for j in range(Y.shape[1] - 1):
            Y[i, j] = (X[i : i + h, j : j + w] * K).sum()
    return Y


@wrong("7.2 A", "square kernel")
def one_size(X, K):
    k = K.shape[0]
    Y = torch.zeros(X.shape[0] - k + 1, X.shape[1] - k + 1)
    for i in range(Y.shape[0]):
        for j in range(Y.shape[1]):
            Y[i, j] = (X[i : i + k, j : j + k] * K).sum()
    return Y


@wrong("7.2 A", "stops too early")
def return_in_the_loop(X, K):
    h, w = K.shape
    Y = torch.zeros(X.shape[0] - h + 1, X.shape[1] - w + 1)
    for i in range(Y.shape[0]):
        for j in range(Y.shape[1]):
            Y[i, j] = (X[i : i + h, j : j + w] * K).sum()
        return Y


@wrong("7.2 A", "not added up")
def overwrites(X, K):
    h, w = K.shape
    Y = torch.zeros(X.shape[0] - h + 1, X.shape[1] - w + 1)
    for i in range(Y.shape[0]):
        for j in range(Y.shape[1]):
            for a in range(h):
                for b in range(w):
                    Y[i, j] = X[i + a, j + b] * K[a, b]
    return Y


@wrong("7.2 A", "changes its input")
def in_place(X, K):
    Y = loops(X, K)
    X[:] = 0
    return Y


@wrong("7.2 A", "returns nothing")
def forgets_return(X, K):
    loops(X, K)


@wrong("7.2 A", "prints")
def prints(X, K):
    print(loops(X, K))


@wrong("7.2 A", "raises IndexError")
def too_far(X, K):
    h, w = K.shape
    Y = torch.zeros(X.shape[0] - h + 1, X.shape[1] - w + 1)
    for i in range(X.shape[0]):
        for j in range(X.shape[1]):
            Y[i, j] = (X[i : i + h, j : j + w] * K).sum()
    return Y


@wrong("7.2 A", "window moves by its own size")
def jumps(X, K):
    h, w = K.shape
    Y = torch.zeros(X.shape[0] - h + 1, X.shape[1] - w + 1)
    for i in range(0, Y.shape[0], h):
        for j in range(0, Y.shape[1], w):
            Y[i, j] = (X[i : i + h, j : j + w] * K).sum()
    return Y


@wrong("7.2 A", "matrix product")
def multiplies_matrices(X, K):
    h, w = K.shape
    Y = torch.zeros(X.shape[0] - h + 1, X.shape[1] - w + 1)
    for i in range(Y.shape[0]):
        for j in range(Y.shape[1]):
            Y[i, j] = torch.matmul(X[i : i + h, j : j + w], K).sum()
    return Y


@wrong("7.2 A", "endless loop")
def forever(X, K):
    i = 0
    while i < X.shape[0]:
        Y = X * K[0, 0]
    return Y


@wrong("7.2 A", "still returns ...")
def unfinished(X, K):
    Y = loops(X, K)
    Y = Y + 0
    return ...


IMAGE = torch.arange(9.0).reshape(3, 3)


@wrong("7.2 A", "uses a variable of the notebook")
def global_image(X, K):
    return loops(IMAGE, K)


MEMORY: list = []


@wrong("7.2 A", "remembers earlier calls")
def remembers(X, K):
    MEMORY.append(1)
    return loops(X, K) + (len(MEMORY) % 33 == 0)


# --- 7.2 B: step_kernel ---

right("7.2 B", torch.tensor([[1.0, -2.0, 1.0]]), torch.tensor([[-1], [2], [-1]]))
right("7.2 B", torch.tensor([[0.0, 1, 0], [1, -4, 1], [0, 1, 0]]))
right("7.2 B", torch.ones(3, 3) - 9 * F.pad(torch.ones(1, 1), (1, 1, 1, 1)))
right("7.2 B", torch.tensor([[0.1, -0.2, 0.1]], dtype=torch.float64) * 3)
right("7.2 B", torch.tensor([[1.0, -1, -1, 1]]))

wrong("7.2 B", "answers a ramp", torch.tensor([[1.0, -1.0]]), torch.tensor([[1.0, 0.0, -1.0]]))
wrong("7.2 B", "answers a ramp", torch.tensor([[1.0, 2, 1], [0, 0, 0], [-1, -2, -1]]))
wrong("7.2 B", "answers a ramp", torch.tensor([[1.0, 0, 0], [0, -1, 0], [0, 0, 0]]))
wrong("7.2 B", "answers a constant", torch.ones(3, 3) / 9, torch.tensor([[1.0, 2.0, 1.0]]))
wrong("7.2 B", "answers a constant", torch.tensor([[1.0, -2.0, 2.0]]), torch.tensor([[1.0]]))
wrong("7.2 B", "all zero", torch.zeros(3, 3))
wrong("7.2 B", "blind to a step", torch.tensor([[1.0, -1.0], [-1.0, 1.0]]))
wrong("7.2 B", "number of axes", torch.tensor([1.0, -2.0, 1.0]))
wrong("7.2 B", "number of axes", torch.tensor([[[[1.0, -2.0, 1.0]]]]))
wrong("7.2 B", "no tensor", [[1.0, -2.0, 1.0]], np.array([[1.0, -2.0, 1.0]]))
wrong("7.2 B", "nothing", None)
wrong("7.2 B", "not a number", torch.tensor([[1.0, float("nan"), 1.0]]))


# --- 7.2 C: step(conv2d, X, Y, lr) ---


def loss_of(conv2d, X, Y):
    return ((conv2d(X) - Y) ** 2).sum()


@right("7.2 C")
def as_in_the_book(conv2d, X, Y, lr):
    l = (conv2d(X) - Y) ** 2
    conv2d.zero_grad()
    l.sum().backward()
    conv2d.weight.data[:] -= lr * conv2d.weight.grad
    return l.sum()


@right("7.2 C")
def with_autograd_grad(conv2d, X, Y, lr):
    (gradient,) = torch.autograd.grad(loss_of(conv2d, X, Y), conv2d.weight)
    with torch.no_grad():
        conv2d.weight -= lr * gradient


@right("7.2 C")
def with_an_optimiser(conv2d, X, Y, lr):
    optimiser = torch.optim.SGD(conv2d.parameters(), lr=lr)
    optimiser.zero_grad()
    loss_of(conv2d, X, Y).backward()
    optimiser.step()


@right("7.2 C")
def clears_afterwards(conv2d, X, Y, lr):
    loss_of(conv2d, X, Y).backward()
    conv2d.weight = nn.Parameter(conv2d.weight.detach() - lr * conv2d.weight.grad)


@wrong("7.2 C", "uphill")
def uphill(conv2d, X, Y, lr):
    conv2d.zero_grad()
    loss_of(conv2d, X, Y).backward()
    conv2d.weight.data += lr * conv2d.weight.grad


@wrong("7.2 C", "old gradients")
def no_zero(conv2d, X, Y, lr):
    loss_of(conv2d, X, Y).backward()
    conv2d.weight.data -= lr * conv2d.weight.grad


@wrong("7.2 C", "weights unchanged")
def a_new_tensor(conv2d, X, Y, lr):
    conv2d.zero_grad()
    loss_of(conv2d, X, Y).backward()
    weight = conv2d.weight
    weight = weight - lr * conv2d.weight.grad


@wrong("7.2 C", "raises TypeError")
def zero_too_late(conv2d, X, Y, lr):
    loss_of(conv2d, X, Y).backward()
    conv2d.zero_grad()
    conv2d.weight.data -= lr * conv2d.weight.grad


@wrong("7.2 C", "mean")
def mean_error(conv2d, X, Y, lr):
    conv2d.zero_grad()
    F.mse_loss(conv2d(X), Y).backward()
    conv2d.weight.data -= lr * conv2d.weight.grad


@wrong("7.2 C", "without learning rate")
def no_rate(conv2d, X, Y, lr):
    conv2d.zero_grad()
    loss_of(conv2d, X, Y).backward()
    conv2d.weight.data -= conv2d.weight.grad


@wrong("7.2 C", "absolute error")
def absolute(conv2d, X, Y, lr):
    conv2d.zero_grad()
    (conv2d(X) - Y).abs().sum().backward()
    conv2d.weight.data -= lr * conv2d.weight.grad


@wrong("7.2 C", "not squared")
def unsquared(conv2d, X, Y, lr):
    conv2d.zero_grad()
    (conv2d(X) - Y).sum().backward()
    conv2d.weight.data -= lr * conv2d.weight.grad


@wrong("7.2 C", "raises RuntimeError")
def with_autograd_watching(conv2d, X, Y, lr):
    conv2d.zero_grad()
    loss_of(conv2d, X, Y).backward()
    conv2d.weight -= lr * conv2d.weight.grad


@wrong("7.2 C", "half the gradient")
def half(conv2d, X, Y, lr):
    conv2d.zero_grad()
    (0.5 * loss_of(conv2d, X, Y)).backward()
    conv2d.weight.data -= lr * conv2d.weight.grad


@wrong("7.2 C", "gradient in place of the weight")
def replaces(conv2d, X, Y, lr):
    conv2d.zero_grad()
    loss_of(conv2d, X, Y).backward()
    conv2d.weight.data = -lr * conv2d.weight.grad


@wrong("7.2 C", "raises RuntimeError")
def a_loss_for_each_place(conv2d, X, Y, lr):
    conv2d.zero_grad()
    torch.stack([*((conv2d(X) - Y) ** 2).flatten(), torch.zeros(())]).backward()


@wrong("7.2 C", "square of the sum")
def square_of_the_sum(conv2d, X, Y, lr):
    conv2d.zero_grad()
    ((conv2d(X) - Y).sum() ** 2).backward()
    conv2d.weight.data -= lr * conv2d.weight.grad


# --- 7.2 D: limit(A) ---


def eigenvalues(A):
    return torch.linalg.eigvalsh(2 * A.T @ A)


right("7.2 D", lambda A: 2 / eigenvalues(A).max(), lambda A: 2 / eigenvalues(A)[-1])
right("7.2 D", lambda A: 1 / torch.linalg.matrix_norm(A, 2) ** 2)
right("7.2 D", lambda A: 1 / float(np.linalg.svd(A.numpy(), compute_uv=False)[0]) ** 2)
right("7.2 D", lambda windows: 2 / np.linalg.eigvals((2 * windows @ windows.T).numpy()).real.max())

wrong("7.2 D", "without the factor 2 of the Hessian", lambda A: 2 / eigenvalues(A / 2**0.5).max())
wrong("7.2 D", "1 in place of 2", lambda A: 1 / eigenvalues(A).max())
wrong("7.2 D", "smallest eigenvalue", lambda A: 2 / eigenvalues(A.double()).min())
wrong("7.2 D", "not squared", lambda A: 1 / torch.linalg.matrix_norm(A, 2))
wrong("7.2 D", "the inverse", lambda A: eigenvalues(A).max())
wrong("7.2 D", "half the largest eigenvalue", lambda A: eigenvalues(A).max() / 2)
wrong("7.2 D", "mean squared error", lambda A: 2 / (eigenvalues(A) / len(A)).max())
wrong("7.2 D", "sum of the eigenvalues", lambda A: 2 / (2 * A.T @ A).trace())
wrong("7.2 D", "limit of this notebook's image", lambda A: 0.0333333)
wrong("7.2 D", "largest entry", lambda A: 2 / (2 * A.T @ A).max())
wrong("7.2 D", "returns nothing", lambda A: None)
wrong("7.2 D", "raises RuntimeError", lambda A: 2 / torch.linalg.eigvalsh(2 * A).max())
wrong("7.2 D", "raises RuntimeError", lambda A: 2 / torch.linalg.eigvalsh(2 * A @ A).max())
wrong("7.2 D", "limits of all directions", lambda A: 2 / eigenvalues(A.double()))


# --- 7.2 E: convolve2d(X, K) ---

right("7.2 E", lambda X, K: loops(X, K.flip(0, 1)), lambda X, K: loops(X, K.rot90(2)))
right("7.2 E", lambda X, K: loops(X.flip(0, 1), K).flip([0, 1]))


@right("7.2 E")
def by_definition(X, K):
    h, w = K.shape
    Y = torch.zeros(X.shape[0] - h + 1, X.shape[1] - w + 1, dtype=torch.float64)
    for i, j in itertools.product(range(Y.shape[0]), range(Y.shape[1])):
        Y[i, j] = sum(K[a, b] * X[i + h - 1 - a, j + w - 1 - b] for a in range(h) for b in range(w))
    return Y


@right("7.2 E")
def numpy_view(X, K):
    return loops(X, torch.from_numpy(K.numpy()[::-1, ::-1].copy()))


wrong("7.2 E", "not flipped", loops)
wrong("7.2 E", "only rows flipped", lambda X, K: loops(X, K.flip(0)))
wrong("7.2 E", "only columns flipped", lambda X, K: loops(X, K.flip(1)))
wrong("7.2 E", "transposed", lambda X, K: loops(X, K.T))
wrong("7.2 E", "flipped and transposed", lambda X, K: loops(X, K.flip(0, 1).T))
wrong("7.2 E", "quarter turn", lambda X, K: loops(X, torch.rot90(K)))
wrong("7.2 E", "image flipped", lambda X, K: loops(X.flip(0, 1), K))
wrong("7.2 E", "result flipped", lambda X, K: loops(X.flip(0, 1), K.flip(0, 1)))
wrong("7.2 E", "result flipped", lambda X, K: loops(X, K).flip(0, 1))
wrong("7.2 E", "negative kernel", lambda X, K: loops(X, -K))
wrong("7.2 E", "raises ValueError", lambda X, K: loops(X, K[::-1, ::-1]))
wrong("7.2 E", "returns an array", lambda X, K: loops(X, K.flip(0, 1)).numpy())


@wrong("7.2 E", "full")
def full(X, K):
    (h, w), K = K.shape, K.flip(0, 1)
    return loops(F.pad(X, (w - 1, w - 1, h - 1, h - 1)), K)


@wrong("7.2 E", "changes its input")
def flips_in_place(X, K):
    K.copy_(K.flip(0, 1).clone())
    return loops(X, K)


wrong("7.2 E", "exchanged arguments", lambda X, K: loops(K.flip(0, 1), X))
wrong("7.2 E", "image flipped", lambda X, K: loops(X, K.flip(0, 1)).flip(0, 1))

wrong("7.2 E", "raises ValueError", lambda X, K: loops(X, K[::-1, ::-1]))

# --- 7.2 F: receptive_field(kernel_sizes, strides) ---


@right("7.2 F")
def forward(kernel_sizes, strides):
    field, jump = 1, 1
    for k, s in zip(kernel_sizes, strides):
        field += (k - 1) * jump
        jump *= s
    return field


@right("7.2 F")
def from_the_output(kernel_sizes, strides):
    field = 1
    for k, s in reversed(list(zip(kernel_sizes, strides))):
        field = (field - 1) * s + k
    return field


@right("7.2 F")
def by_the_formula(kernels, strides, start=1):
    jumps = np.cumprod([1, *strides])[: len(kernels)]
    return start + ((np.array(kernels) - 1) * jumps).sum()


@right("7.2 F")
def in_floats(kernels, strides):
    return 1.0 + sum((k - 1) * np.prod(strides[:i]) for i, k in enumerate(kernels))


wrong("7.2 F", "without strides", lambda ks, ss: 1 + sum(k - 1 for k in ks))
wrong(
    "7.2 F",
    "sum of the kernels",
    lambda ks, ss: sum(k * int(np.prod(ss[:i])) for i, k in enumerate(ks)),
)
wrong("7.2 F", "start at 0", lambda ks, ss: forward(ks, ss) - 1)
wrong("7.2 F", "backwards", lambda ks, ss: forward(ks[::-1], ss[::-1]))
wrong("7.2 F", "area", lambda ks, ss: forward(ks, ss) ** 2)
wrong("7.2 F", "kernels multiplied", lambda ks, ss: int(np.prod(ks)))
wrong("7.2 F", "only own stride", lambda ks, ss: 1 + sum((k - 1) * s for k, s in zip(ks, ss)))
wrong("7.2 F", "largest kernel", lambda ks, ss: max(ks))
wrong("7.2 F", "ignores strides", lambda ks, strides: sum(ks) + 5 * len(ks) ** 2)


@wrong("7.2 F", "own stride")
def jump_first(kernel_sizes, strides):
    field, jump = 1, 1
    for k, s in zip(kernel_sizes, strides):
        jump *= s
        field += (k - 1) * jump
    return field


@wrong("7.2 F", "last stride only")
def jump_replaced(kernel_sizes, strides):
    field, jump = 1, 1
    for k, s in zip(kernel_sizes, strides):
        field += (k - 1) * jump
        jump = s
    return field


@wrong("7.2 F", "strides added")
def jump_added(kernel_sizes, strides):
    field, jump = 1, 1
    for k, s in zip(kernel_sizes, strides):
        field += (k - 1) * jump
        jump += s
    return field


@wrong("7.2 F", "kernel without −1")
def no_minus(kernel_sizes, strides):
    field, jump = 1, 1
    for k, s in zip(kernel_sizes, strides):
        field += k * jump
        jump *= s
    return field


@wrong("7.2 F", "changes its input")
def pops(kernel_sizes, strides):
    field, jump = 1, 1
    while kernel_sizes:
        field += (kernel_sizes.pop(0) - 1) * jump
        jump *= strides.pop(0)
    return field


@wrong("7.2 F", "only the first layer")
def returns_early(kernel_sizes, strides):
    field, jump = 1, 1
    for k, s in zip(kernel_sizes, strides):
        field += (k - 1) * jump
        jump *= s
        return field


@wrong("7.2 F", "one input too many at each stride")
def spans(kernel_sizes, strides):
    r = 1
    for k, s in reversed(list(zip(kernel_sizes, strides))):
        r = r * s + k - 1
    return r


@wrong("7.2 F", "changes its input")
def takes_them_off(kernel_sizes, strides):
    r = 1
    while kernel_sizes:
        r = (r - 1) * strides.pop() + kernel_sizes.pop()
    return r
