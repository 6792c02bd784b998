"""corr2d and pool2d against PyTorch's own operators, and what they refuse."""

import numpy as np
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


@pytest.mark.parametrize("dtype", [torch.uint8, torch.int8, torch.int16])
def test_sums_of_small_whole_numbers_do_not_wrap_round(dtype):
    largest = torch.iinfo(dtype).max
    X, K = torch.full((1, 3, 3), largest, dtype=dtype), torch.full((1, 1, 2, 2), 2, dtype=dtype)
    for Y, terms in (
        (helpers.corr2d(X[0], K[0, 0]), 4),
        (helpers.corr2d_multi_in(X, K[0]), 4),
        (helpers.corr2d_multi_in_out(X, K), 4),
        (helpers.corr2d_multi_in_out_1x1(X, K[:, :, :1, :1]), 1),
    ):
        assert Y.dtype == torch.int64
        assert Y.unique().tolist() == [terms * 2 * largest]


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


def test_large_images_give_the_same_results_and_gradients():
    generator = torch.Generator().manual_seed(0)
    options = {"dtype": torch.float64, "generator": generator, "requires_grad": True}
    X, K = torch.randn(2, 900, 901, **options), torch.randn(3, 2, 4, 3, **options)
    results = helpers.corr2d_multi_in_out(X, K), conv2d(X, K)
    torch.testing.assert_close(*results)
    gradients = [torch.autograd.grad(Y.square().sum(), (X, K)) for Y in results]
    torch.testing.assert_close(*gradients)


def test_a_large_image_is_not_copied_for_each_pixel_of_the_kernel():
    X, K = torch.ones(800, 800), torch.ones(11, 11)  # all windows: 302 MB
    with torch.profiler.profile(profile_memory=True) as profile:
        Y = helpers.corr2d(X, K)
    assert Y.unique().tolist() == [121]
    assert max(event.cpu_memory_usage for event in profile.events()) < 10e6


def test_complex_numbers_are_multiplied_without_conjugation():
    generator = torch.Generator().manual_seed(0)
    X = torch.randn(5, 6, dtype=torch.complex128, generator=generator)
    K = torch.randn(2, 3, dtype=torch.complex128, generator=generator)
    sums = [[(X[i : i + 2, j : j + 3] * K).sum() for j in range(4)] for i in range(4)]
    expected = torch.stack([torch.stack(row) for row in sums])
    torch.testing.assert_close(helpers.corr2d(X, K), expected)
    torch.testing.assert_close(helpers.pool2d(X, (2, 3), "avg")[1, 2], X[1:3, 2:5].mean())


@pytest.mark.parametrize("mode", ["max", "avg"])
def test_nan_spreads_to_the_windows_that_hold_it_as_in_pytorch(mode):
    X = torch.arange(20.0).reshape(4, 5)
    X[1, 3] = torch.nan
    pool = F.max_pool2d if mode == "max" else F.avg_pool2d
    expected = pool(X[None], 2, stride=1)[0]
    torch.testing.assert_close(helpers.pool2d(X, 2, mode), expected, equal_nan=True)
    assert expected.isnan().sum() == 4


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
    (helpers.corr2d, (X.numpy(), K), TypeError, "X must be a torch.Tensor, got ndarray"),
    (helpers.corr2d, (X.to_sparse(), K), TypeError, r"X must be dense, got torch.sparse_coo; use"),
    (helpers.corr2d, (X.to(torch.uint16), K), TypeError, "X must hold numbers, got torch.uint16"),
    (helpers.pool2d, (X.to(torch.complex64), 2), TypeError, "X must have a real dtype for mode="),
    (helpers.pool2d, (X, True), TypeError, "pool_size must be a whole number or a pair.* True"),
    (helpers.pool2d, (X, (2, True)), TypeError, "pool_size must be a whole number or a pair"),
    (helpers.pool2d, (X, np.True_), TypeError, "pool_size must be a whole number or a pair"),
    (helpers.pool2d, (X, torch.tensor(True)), TypeError, "pool_size must be a whole number or"),
    (helpers.pool2d, (X, np.array([2.0, 2.0])), TypeError, "pool_size must be a whole number or"),
    (helpers.pool2d, (X, np.ones((2, 2), int)), TypeError, "pool_size must be a whole number or"),
    (helpers.pool2d, (X, "22"), TypeError, "pool_size must be a whole number or a pair.* '22'"),
    (helpers.pool2d, (X, None), TypeError, "pool_size must be a whole number or a pair"),
    (helpers.pool2d, (X, {2: 2, 3: 3}), TypeError, "pool_size must be a whole number or a pair"),
    (helpers.pool2d, (X, 2**63), ValueError, "pool_size must lie between"),
    (helpers.pool2d, (X, -1), ValueError, "pool_size must lie between"),
    (helpers.pool2d, (X, 2, None), ValueError, "mode must be 'max' or 'avg', got None"),
    (helpers.Conv2D, (3,), TypeError, r"kernel_size must be \(height, width\), two.* got 3"),
    (helpers.Conv2D, (np.int64(3),), TypeError, r"kernel_size must be \(height, width\)"),
    (helpers.Conv2D, ((3,),), TypeError, r"kernel_size must be \(height, width\).* got \(3,\)"),
    (helpers.Conv2D, ((3, 3, 3),), TypeError, r"kernel_size must be \(height, width\)"),
    (helpers.Conv2D, ((3, 2.0),), TypeError, r"kernel_size must be .* got \(3, 2.0\)"),
    (helpers.Conv2D, ((3, True),), TypeError, r"kernel_size must be .* got \(3, True\)"),
    (helpers.Conv2D, ("33",), TypeError, "kernel_size must be .* got '33'"),
    (helpers.Conv2D, (None,), TypeError, "kernel_size must be .* got None"),
    (helpers.Conv2D, ((0, 3),), ValueError, r"kernel_size must be at least .* got \(0, 3\)"),
    (helpers.Conv2D, ((3, -1),), ValueError, r"kernel_size must be at least .* got \(3, -1\)"),
]


@pytest.mark.parametrize("function, arguments, error, message", BAD)
def test_bad_input_is_refused_by_name(function, arguments, error, message):
    with pytest.raises(error, match=message):
        function(*arguments)


NUMBERS = [np.int64(2), np.uint8(2), np.array(2), torch.tensor(2)]
PAIRS = [
    *([2, 3], range(2, 4), torch.Size([2, 3]), (np.int32(2), torch.tensor(3))),
    *(np.array([2, 3]), torch.tensor([2, 3])),
]


@pytest.mark.parametrize("size", NUMBERS, ids=repr)
def test_one_number_of_any_kind_is_a_square_window(size):
    assert helpers.pool2d(X, size).shape == (3, 4)


@pytest.mark.parametrize("size", PAIRS, ids=repr)
def test_a_pair_of_any_kind_is_height_and_width(size):
    assert helpers.pool2d(X, size).shape == (3, 3)
    assert helpers.Conv2D(size).weight.shape == (2, 3)


ODD = [
    (helpers.corr2d, (X.bfloat16(), K.long()), torch.full((3, 4), 4, dtype=torch.bfloat16)),
    (helpers.corr2d, (X.t(), K.expand(2, 2).t()), torch.full((4, 3), 4.0)),
    (helpers.corr2d, (X, X), torch.tensor([[20.0]])),
    (helpers.corr2d, (torch.tensor([[2]]), torch.tensor([[True]]).int()), torch.tensor([[2]])),
    (helpers.pool2d, (X.byte(), (4, 5)), torch.ones(1, 1, dtype=torch.uint8)),
    (helpers.pool2d, (X.half(), 1, "avg"), X.half()),
]


@pytest.mark.parametrize("function, arguments, expected", ODD)
def test_odd_but_valid_input_gives_the_right_result(function, arguments, expected):
    torch.testing.assert_close(function(*arguments), expected)
