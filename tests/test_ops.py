"""corr2d and pool2d against PyTorch's own operators, and what they refuse."""

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch.nn import functional as F

import helpers

sizes = st.integers(1, 12)
settings.register_profile("steady", deadline=None, derandomize=True, max_examples=60)
settings.load_profile("steady")


@st.composite
def image_and_kernel(draw):
    h, w, c_i, c_o = draw(sizes), draw(sizes), draw(st.integers(1, 4)), draw(st.integers(1, 4))
    k_h, k_w = draw(st.integers(1, h)), draw(st.integers(1, w))
    generator = torch.Generator().manual_seed(draw(st.integers(0, 10**6)))
    X = torch.randn(c_i, h, w, dtype=torch.float64, generator=generator)
    K = torch.randn(c_o, c_i, k_h, k_w, dtype=torch.float64, generator=generator)
    return X, K


def conv2d(X, K):
    return F.conv2d(X[None], K)[0]


@given(image_and_kernel())
def test_cross_correlation_is_conv2d(pair):
    X, K = pair
    torch.testing.assert_close(helpers.corr2d(X[0], K[0, 0]), conv2d(X[:1], K[:1, :1])[0])
    torch.testing.assert_close(helpers.corr2d_multi_in(X, K[0]), conv2d(X, K[:1])[0])
    torch.testing.assert_close(helpers.corr2d_multi_in_out(X, K), conv2d(X, K))
    point = K[:, :, :1, :1]
    torch.testing.assert_close(helpers.corr2d_multi_in_out_1x1(X, point), conv2d(X, point))


@given(image_and_kernel())
def test_gradients_are_those_of_conv2d(pair):
    X, K = pair
    ours = [X.clone().requires_grad_(), K.clone().requires_grad_()]
    theirs = [X.clone().requires_grad_(), K.clone().requires_grad_()]
    helpers.corr2d_multi_in_out(*ours).square().sum().backward()
    conv2d(*theirs).square().sum().backward()
    for a, b in zip(ours, theirs):
        torch.testing.assert_close(a.grad, b.grad)


@given(image_and_kernel())
def test_pooling_is_that_of_pytorch(pair):
    X, K = pair
    size = tuple(K.shape[-2:])
    torch.testing.assert_close(helpers.pool2d(X[0], size), F.max_pool2d(X, size, stride=1)[0])
    torch.testing.assert_close(
        helpers.pool2d(X[0], size, "avg"), F.avg_pool2d(X, size, stride=1)[0]
    )


def test_pooling_can_be_differentiated_twice():
    X = torch.randn(5, 6, dtype=torch.float64, requires_grad=True)
    assert torch.autograd.gradcheck(lambda X: helpers.pool2d(X, 3, "avg"), X)
    assert torch.autograd.gradcheck(lambda X: helpers.pool2d(X, (2, 3)), X)
    K = torch.randn(2, 3, dtype=torch.float64, requires_grad=True)
    assert torch.autograd.gradgradcheck(helpers.corr2d, (X, K))


@pytest.mark.parametrize(
    "dtype", [torch.float16, torch.bfloat16, torch.float32, torch.float64, torch.int32, torch.int64]
)
def test_dtype_stays(dtype):
    X, K = torch.arange(9).reshape(3, 3).to(dtype), torch.arange(4).reshape(2, 2).to(dtype)
    Y = helpers.corr2d(X, K)
    assert Y.dtype == dtype
    assert Y.tolist() == [[19, 25], [37, 43]]
    assert helpers.pool2d(X, 2).dtype == dtype


def test_mixed_dtypes_promote_as_in_a_product():
    X, K = torch.ones(3, 3), torch.ones(2, 2, dtype=torch.float64)
    assert helpers.corr2d(X, K).dtype == torch.float64


def test_meta_device_stays():
    X, K = torch.ones(3, 3, device="meta"), torch.ones(2, 2, device="meta")
    assert helpers.corr2d(X, K).device.type == "meta"
    assert helpers.pool2d(X, 2).device.type == "meta"


def test_conv2d_layer_learns():
    torch.manual_seed(0)
    layer = helpers.Conv2D((1, 2))
    X, K = torch.randn(6, 8), torch.tensor([[1.0, -1.0]])
    optimiser = torch.optim.SGD(layer.parameters(), lr=0.005)
    for _ in range(400):
        loss = (layer(X) - helpers.corr2d(X, K)).square().sum()
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
    torch.testing.assert_close(layer.weight.data, K, atol=1e-2, rtol=0)


X, K = torch.ones(4, 5), torch.ones(2, 2)
BAD = [
    (helpers.corr2d, ([[1.0]], K), TypeError, "X must be a torch.Tensor, got list"),
    (helpers.corr2d, (X[None], K), ValueError, r"X must have 2 dimensions .* \(1, 4, 5\)"),
    (helpers.corr2d, (X, K[0]), ValueError, "K must have 2 dimensions"),
    (helpers.corr2d, (X, torch.ones(5, 2)), ValueError, r"K must not be larger .* got \(5, 2\)"),
    (helpers.corr2d, (X > 0, K), TypeError, "X must hold numbers"),
    (helpers.corr2d, (X, torch.ones(0, 2)), ValueError, "K must not be empty"),
    (helpers.corr2d, (X, K.to("meta")), ValueError, "K must be on the device of X, cpu"),
    (helpers.corr2d_multi_in, (X, K[None]), ValueError, "X must have 3 dimensions"),
    (
        helpers.corr2d_multi_in,
        (torch.ones(3, 4, 5), torch.ones(2, 2, 2)),
        ValueError,
        "K must have as many input channels as X, 3, got 2",
    ),
    (
        helpers.corr2d_multi_in_out,
        (torch.ones(3, 4, 5), torch.ones(3, 2, 2)),
        ValueError,
        "K must have 4 dimensions",
    ),
    (
        helpers.corr2d_multi_in_out_1x1,
        (torch.ones(3, 4, 5), torch.ones(2, 3, 2, 1)),
        ValueError,
        "K must be a 1×1 kernel",
    ),
    (
        helpers.pool2d,
        (X, (2, 2), "median"),
        ValueError,
        "mode must be 'max' or 'avg', got 'median'",
    ),
    (helpers.pool2d, (X, (5, 2)), ValueError, r"pool_size must lie between .* got \(5, 2\)"),
    (helpers.pool2d, (X, (0, 2)), ValueError, "pool_size must lie between"),
    (helpers.pool2d, (X, 2.0), TypeError, "pool_size must be a whole number or a pair"),
    (helpers.pool2d, (X, (2, 2, 2)), TypeError, "pool_size must be a whole number or a pair"),
    (helpers.pool2d, (X.long(), 2, "avg"), TypeError, "X must have a floating-point dtype"),
]


@pytest.mark.parametrize("function, arguments, error, message", BAD)
def test_bad_input_is_refused_by_name(function, arguments, error, message):
    with pytest.raises(error, match=message):
        function(*arguments)
