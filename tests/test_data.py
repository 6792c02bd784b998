"""Batches of Fashion-MNIST: what is in them, how they are asked for, what is refused."""

import numpy as np
import pytest
import torch
from torch.utils.data import TensorDataset

import helpers


@pytest.fixture(autouse=True)
def stand_in(monkeypatch):
    monkeypatch.setenv("FASHION_MNIST_DIR", "stand-in")


@pytest.fixture
def fashion(stand_in):
    return helpers.FashionMNIST(4, subset=20, val_subset=10)


@pytest.mark.parametrize("resize", [(28, 28), (224, 224), (96, 96), (32, 32), (20, 17), (14, 56)])
def test_pixels_are_those_of_torchvision(resize):
    from PIL import Image
    from torchvision import transforms

    fashion = helpers.FashionMNIST(64, resize, subset=100, val_subset=10)
    convert = transforms.Compose([transforms.Resize(resize), transforms.ToTensor()])
    X, _ = next(iter(fashion.get_dataloader(False)))
    expected = torch.stack([convert(Image.fromarray(p.numpy())) for p in fashion.val.data])
    assert X.shape == expected.shape
    assert X.dtype == expected.dtype
    torch.testing.assert_close(X, expected, atol=1.001 / 255, rtol=0)


def test_a_pass_holds_every_image_once():
    fashion = helpers.FashionMNIST(64, subset=1000, val_subset=100)
    batches = list(fashion.get_dataloader(True))
    assert [len(y) for _, y in batches] == [64] * 15 + [40]
    assert len(fashion.get_dataloader(True)) == len(batches)
    order = torch.cat([X for X, _ in batches]).flatten(1).sum(1)
    expected = torch.stack([X for X, _ in map(fashion.train.__getitem__, range(1000))])
    torch.testing.assert_close(order.sort().values, expected.flatten(1).sum(1).sort().values)
    y = torch.cat([y for _, y in fashion.get_dataloader(False)])
    assert torch.equal(y, fashion.val.targets)


def test_the_same_seed_gives_the_same_batches():
    fashion = helpers.FashionMNIST(64, subset=200, val_subset=100)

    def labels(seed):
        torch.manual_seed(seed)
        return torch.cat([y for _, y in fashion.train_dataloader()])

    assert torch.equal(labels(0), labels(0))
    assert not torch.equal(labels(0), labels(1))


def test_a_subset_has_equally_many_of_each_class():
    fashion = helpers.FashionMNIST(64, subset=500, val_subset=50)
    assert torch.bincount(fashion.train.targets).tolist() == [50] * 10
    assert torch.bincount(fashion.val.targets).tolist() == [5] * 10


def test_the_order_is_one_draw_from_the_generator_of_pytorch(fashion):
    torch.manual_seed(3)
    y = torch.cat([y for _, y in fashion.train_dataloader()])
    after = torch.rand(1)
    torch.manual_seed(3)
    assert torch.equal(y, fashion.train.targets[torch.randperm(20)])
    assert torch.equal(after, torch.rand(1))


def test_the_default_device_changes_nothing(fashion):
    torch.manual_seed(3)
    expected = list(fashion.train_dataloader())
    torch.set_default_device("meta")
    try:
        torch.manual_seed(3)
        batches = list(helpers.FashionMNIST(4, subset=20, val_subset=10).train_dataloader())
        one, some = fashion.train[0], fashion.train[[0, 1]]
    finally:
        torch.set_default_device(None)
    for (X, y), (X_expected, y_expected) in zip(batches, expected):
        assert torch.equal(X, X_expected)
        assert torch.equal(y, y_expected)
    assert torch.equal(one[0], some[0][0])


def test_the_default_dtype_changes_nothing():
    expected, _ = next(iter(helpers.FashionMNIST(10, (40, 30)).val_dataloader()))
    torch.set_default_dtype(torch.float64)
    try:
        X, _ = next(iter(helpers.FashionMNIST(10, (40, 30)).val_dataloader()))
    finally:
        torch.set_default_dtype(torch.float32)
    assert X.dtype == torch.float32
    assert torch.equal(X, expected)


def test_batches_move_to_a_device_with_all_that_they_need():
    batches = helpers.FashionMNIST(8, (32, 30), 20, 10).train_dataloader().to(torch.device("meta"))
    assert [(X.device.type, tuple(X.shape)) for X, _ in batches] == [
        ("meta", (n, 1, 32, 30)) for n in (8, 8, 4)
    ]


# --- in place of d2l's ------------------------------------------------------------------


def test_images_have_the_attributes_of_torchvision(fashion):
    from torchvision import datasets

    train = fashion.train
    assert (train.data.dtype, tuple(train.data.shape)) == (torch.uint8, (20, 28, 28))
    assert (train.targets.dtype, tuple(train.targets.shape)) == (torch.int64, (20,))
    assert torch.equal(train[:][0][:, 0], train.data / 255)
    assert torch.equal(train[:][1], train.targets)
    assert list(train.classes) == datasets.FashionMNIST.classes


def test_labels_that_the_reader_changes_are_used_and_stay_with_their_data(fashion):
    fashion.train.targets[:] = 3
    assert all((y == 3).all() for _, y in fashion.train_dataloader())
    again = helpers.FashionMNIST(4, subset=20, val_subset=10)
    assert torch.bincount(again.train.targets).tolist() == [2] * 10
    whole = helpers.FashionMNIST(4)
    whole.val.targets[:] = 3
    assert len(helpers.FashionMNIST(4).val.targets.unique()) == 10


def test_images_may_be_cut_as_those_of_torchvision(fashion):
    fashion.train.data, fashion.train.targets = fashion.train.data[:6], fashion.train.targets[:6]
    assert [len(y) for _, y in fashion.get_dataloader(True)] == [4, 2]


def test_batches_have_what_a_dataloader_has(fashion):
    batches = fashion.get_dataloader(True)
    assert (len(batches), batches.batch_size, len(batches.dataset)) == (5, 4, 20)
    assert batches.dataset is fashion.train


def test_hyperparameters_are_those_of_d2l(fashion):
    assert fashion.hparams == {
        "batch_size": 4, "resize": (28, 28), "subset": 20, "val_subset": 10,
    }  # fmt: skip
    assert all(getattr(fashion, name) == value for name, value in fashion.hparams.items())
    assert isinstance(fashion.root, str)
    assert fashion.num_workers == 0


def test_a_subclass_keeps_its_hyperparameters_as_in_the_book():
    class Noisy(helpers.FashionMNIST):
        def __init__(self, batch_size, noise=0.1, seed=1):
            super().__init__(batch_size, subset=20, val_subset=10)
            self.save_hyperparameters(ignore=["seed"])

    data = Noisy(5)
    assert data.hparams == {"batch_size": 5, "noise": 0.1}
    assert data.noise == 0.1
    assert not hasattr(data, "seed")
    assert len(data.train_dataloader()) == 4


def test_tensorloaders_are_those_of_d2l(fashion):
    tensors = torch.arange(40).reshape(20, 2), torch.arange(20)
    batches = list(fashion.get_tensorloader(tensors, train=False, indices=slice(0, 10)))
    assert [X.shape for X, _ in batches] == [(4, 2), (4, 2), (2, 2)]
    assert torch.cat([y for _, y in batches]).tolist() == list(range(10))
    shuffled = torch.cat([y for _, y in fashion.get_tensorloader(tensors, train=True)]).tolist()
    assert shuffled != sorted(shuffled) == list(range(20))


# --- odd input --------------------------------------------------------------------------

INDICES = [
    *([1, 2], [-1], [3, 3], [], (0, 19), [np.int64(2), 5], range(3, 9, 2)),
    *(slice(2, 8, 2), slice(-3, None), slice(None), slice(5, 5)),
    *(np.array([1, 2]), np.array([1, 2], np.uint8), torch.tensor([4, -20])),
    *(torch.arange(20) % 3 == 0, np.arange(20) > 15, [False] * 19 + [True]),
    torch.tensor([1, 2], dtype=torch.int16),
]


@pytest.mark.parametrize("index", INDICES, ids=lambda index: repr(index)[:30])
def test_images_are_indexed_like_a_tensor_dataset(fashion, index):
    plain = TensorDataset(fashion.train.data[:, None] / 255, fashion.train.targets)
    simple = index  # TensorDataset takes numbers of one type only
    if not isinstance(index, slice):
        simple = torch.as_tensor(list(index) or torch.empty(0, dtype=torch.int64))
        simple = simple if simple.dtype == torch.bool else simple.long()
    X, y = fashion.train[index]
    for got, expected in zip((X, y), plain[simple]):
        assert torch.equal(got, expected)
        assert got.dtype == expected.dtype


@pytest.mark.parametrize("index", [np.int64(-3), np.array(17), torch.tensor(17)], ids=repr)
def test_one_image_is_a_pair_of_a_tensor_and_a_number(fashion, index):
    X, y = fashion.train[index]
    assert torch.equal(X, fashion.train.data[17:18] / 255)
    assert y == fashion.train.targets[17]
    assert type(y) is int


def test_images_can_be_run_through(fashion):
    assert [y for _, y in fashion.val] == fashion.val.targets.tolist()


VALID = [
    ({"batch_size": np.int64(8)}, "FashionMNIST(batch_size=8, resize=(28, 28), "),
    ({"batch_size": np.array(8)}, "FashionMNIST(batch_size=8, resize=(28, 28), "),
    ({"batch_size": torch.tensor(8)}, "FashionMNIST(batch_size=8, resize=(28, 28), "),
    ({"batch_size": 100_000}, "FashionMNIST(batch_size=100000, resize=(28, 28), "),
    ({"resize": 32}, "FashionMNIST(batch_size=64, resize=(32, 32), "),
    ({"resize": np.int32(32)}, "FashionMNIST(batch_size=64, resize=(32, 32), "),
    ({"resize": [32, 24]}, "FashionMNIST(batch_size=64, resize=(32, 24), "),
    ({"resize": np.array([32, 24])}, "FashionMNIST(batch_size=64, resize=(32, 24), "),
    ({"resize": torch.tensor([32, 24])}, "FashionMNIST(batch_size=64, resize=(32, 24), "),
    ({"resize": range(31, 33)}, "FashionMNIST(batch_size=64, resize=(31, 32), "),
    ({"resize": [np.int64(32), np.uint8(24)]}, "FashionMNIST(batch_size=64, resize=(32, 24), "),
    ({"resize": torch.Size([1, 2])}, "FashionMNIST(batch_size=64, resize=(1, 2), "),
    (
        {"subset": np.int64(30), "val_subset": np.array(20)},
        "FashionMNIST(batch_size=64, resize=(28, 28), 30 + 20 images, source='drawn stand-in')",
    ),
]


@pytest.mark.parametrize("arguments, description", VALID)
def test_odd_but_valid_arguments_are_taken(arguments, description):
    data = helpers.FashionMNIST(**{"subset": 20, "val_subset": 10} | arguments)
    assert repr(data).startswith(description)
    X, y = next(iter(data.get_dataloader(np.True_)))
    size = min(data.batch_size, len(data.train))
    assert (tuple(X.shape), tuple(y.shape)) == ((size, 1, *data.resize), (size,))


def test_labels_may_come_as_any_whole_numbers_from_0_to_9(fashion):
    dtypes = torch.uint8, torch.int8, torch.int32, torch.int64, torch.float32
    rows = [torch.tensor([2, 9]).to(dtype) for dtype in dtypes]
    rows += [np.array([2, 9]), np.array([2, 9], np.uint8), np.array([2.0, 9.0]), (2, 9)]
    rows += [[np.int64(2), torch.tensor(9)], range(2, 10, 7), {2: "a", 9: "b"}, iter([2, 9])]
    for indices in rows:
        assert fashion.text_labels(indices) == ["pullover", "ankle boot"], indices
    assert fashion.text_labels(torch.tensor(3)) == fashion.text_labels(np.int64(3)) == ["dress"]
    assert fashion.text_labels([]) == []


BAD = [
    (lambda d: helpers.FashionMNIST(0), ValueError, "batch_size must be a whole.* 1 on, got 0"),
    (lambda d: helpers.FashionMNIST(2.5), ValueError, "batch_size must be a whole number"),
    (lambda d: helpers.FashionMNIST(True), ValueError, "batch_size must be a whole.* got True"),
    (lambda d: helpers.FashionMNIST(np.True_), ValueError, "batch_size must be a whole number"),
    (lambda d: helpers.FashionMNIST("64"), ValueError, "batch_size must be .* got '64'"),
    (lambda d: helpers.FashionMNIST(None), ValueError, "batch_size must be .* got None"),
    (lambda d: helpers.FashionMNIST([64]), ValueError, r"batch_size must be .* got \[64\]"),
    (lambda d: helpers.FashionMNIST(2**63), ValueError, "batch_size must be below 2,147,483,648"),
    (lambda d: resized((28,)), ValueError, r"resize must be \(height, width\) in.* got \(28,\)"),
    (lambda d: resized((28, -1)), ValueError, "resize must be a whole number from 1 on, got -1"),
    (lambda d: resized("x"), ValueError, r"resize must be \(height, width\) in pixels, got 'x'"),
    (lambda d: resized((28, 28, 28)), ValueError, r"resize must be \(height, width\)"),
    (lambda d: resized(None), ValueError, r"resize must be \(height, width\).* got None"),
    (lambda d: resized(True), ValueError, r"resize must be \(height, width\).* got True"),
    (lambda d: resized((28, True)), ValueError, r"resize must be \(height, width\).* True\)"),
    (lambda d: resized(96.0), ValueError, r"resize must be \(height, width\).* got 96.0"),
    (lambda d: resized(np.array([28.0, 28])), ValueError, r"resize must be \(height, width\)"),
    (lambda d: resized({28, 32}), ValueError, r"resize must be \(height, width\).* got \{"),
    (lambda d: resized(0), ValueError, "resize must be a whole number from 1 on, got 0"),
    (lambda d: resized(60_000), ValueError, "resize and batch_size .* 60,000 pixels: 858 GiB"),
    (lambda d: resized(2**63), ValueError, "resize must be below 2,147,483,648, got 9,223"),
    (lambda d: helpers.FashionMNIST(subset=55), ValueError, "subset must be a multiple of 10"),
    (lambda d: helpers.FashionMNIST(subset=True), ValueError, "subset must be a whole number"),
    (lambda d: helpers.FashionMNIST(subset=0), ValueError, "subset must be a whole.* got 0"),
    (
        lambda d: helpers.FashionMNIST(val_subset=20_000),
        ValueError,
        "val_subset must be a multiple of 10 .* up to 10000",
    ),
    (lambda d: d.text_labels([-1]), ValueError, "indices must be whole.* 0 to 9, got -1"),
    (lambda d: d.text_labels([0, 10]), ValueError, "indices must be whole.* 0 to 9, got 10"),
    (lambda d: d.text_labels([0.7]), ValueError, "indices must be whole.* got 0.7"),
    (lambda d: d.text_labels(torch.tensor([0.7])), ValueError, "indices must be whole numbers"),
    (lambda d: d.text_labels([torch.nan]), ValueError, "indices must be whole.* got nan"),
    (lambda d: d.text_labels(["1"]), ValueError, "indices must be whole.* got '1'"),
    (lambda d: d.text_labels("12"), ValueError, "indices must be whole.* got '1'"),
    (lambda d: d.text_labels([True]), ValueError, "indices must be whole.* got True"),
    (lambda d: d.text_labels(np.array([True])), ValueError, "indices must be whole.* got True"),
    (lambda d: d.text_labels([[1, 2]]), ValueError, r"indices must be whole.* got \[1, 2\]"),
    (lambda d: d.text_labels(None), ValueError, "indices must be whole.* got None"),
    (lambda d: d.get_dataloader("False"), ValueError, "train must be True or False, got 'False'"),
    (lambda d: d.get_dataloader(None), ValueError, "train must be True or False, got None"),
    (lambda d: d.get_dataloader([]), ValueError, r"train must be True or False, got \[\]"),
    (lambda d: d.get_dataloader(2), ValueError, "train must be True or False, got 2"),
    (lambda d: d.visualize(shown(d), nrows=0), ValueError, "nrows must be a whole.* got 0"),
    (lambda d: d.visualize(shown(d), ncols=-1), ValueError, "ncols must be a whole.* got -1"),
    (lambda d: d.visualize(shown(d)[0]), ValueError, r"batch must be \(X, y\), .* got Tensor"),
    (lambda d: d.visualize("ab"), ValueError, r"batch must be \(X, y\), .* got str"),
    (lambda d: d.visualize(("a", "b")), ValueError, r"batch must be \(X, y\), tensors or arr"),
    (
        lambda d: d.visualize((torch.ones(2, 3, 4, 4), [1, 2])),
        ValueError,
        r"batch must hold grey images \(n, 1, h, w\), got \(2, 3, 4, 4\)",
    ),
    (lambda d: d.train[20], IndexError, "the index must lie between -20 and 19, got"),
    (lambda d: d.train[[0, -21]], IndexError, r"the index must lie between .* got \[0, -21\]"),
    (lambda d: d.train[2**40], IndexError, "the index must lie between -20 and 19, got"),
    (lambda d: d.train["abc"], TypeError, "the index must be a number, a slice.* got 'abc'"),
    (lambda d: d.train[None], TypeError, "the index must be a number, a slice.* got None"),
    (lambda d: d.train[True], TypeError, "the index must be a number, a slice.* got True"),
    (lambda d: d.train[1.0], TypeError, "the index must be a number, a slice.* got 1.0"),
    (lambda d: d.train[[0.5]], TypeError, r"the index must be a number, .* got \[0.5\]"),
    (lambda d: d.train[[True, False]], TypeError, "the index must be .* or 20 booleans"),
    (lambda d: d.train[[[1, 2]]], TypeError, "the index must be a number, a slice"),
    (lambda d: d.train[1, [2, 3]], TypeError, "the index must be a number, a slice"),
]


def resized(size):
    return helpers.FashionMNIST(resize=size)


def shown(data):
    return next(iter(data.val_dataloader()))


@pytest.mark.parametrize("call, error, message", BAD)
def test_bad_input_is_refused_by_name(fashion, call, error, message):
    with pytest.raises(error, match=message):
        call(fashion)


# --- pictures ---------------------------------------------------------------------------


@pytest.fixture
def pictures(monkeypatch):
    """What is shown, in place of showing it."""
    calls = []
    monkeypatch.setattr(
        "helpers.figures.pictures.show_images",
        lambda images, nrows, ncols, **options: calls.append((images, options)),
    )
    return calls


def test_visualize_names_what_it_shows(fashion, pictures):
    fashion.visualize(next(iter(fashion.get_dataloader(False))))
    [(_, options)] = pictures
    assert options["titles"] == fashion.text_labels(fashion.val.targets[:4])
    assert "drawn stand-in" in options["alt"]


def test_visualize_shows_batches_and_labels_of_any_kind(fashion, pictures):
    X, y = shown(fashion)
    names = ["a", "b", "c", "d"]
    fashion.visualize((X, y), labels=names)
    fashion.visualize([X.numpy(), y.numpy()], np.int64(2), np.array(2), labels=np.array(names))
    fashion.visualize((X[:, 0], y.int()), labels=iter(names))
    fashion.visualize((X.numpy(), y.tolist()), ncols=2, labels=np.array([]))
    for images, options in pictures[:3]:
        assert torch.equal(images, X[:, 0])
        assert options["titles"] == names
        assert options["alt"] == "4 images from drawn stand-in: a, b, c, d"
    images, options = pictures[3]
    assert torch.equal(images, X[:2, 0])
    assert options["titles"] == fashion.text_labels(y[:2])


@pytest.mark.parametrize("count", [16, 4, 1])
def test_visualize_takes_more_or_fewer_labels_than_images(stand_in, count):
    fashion = helpers.FashionMNIST(16, subset=20, val_subset=20)
    batch = next(iter(fashion.get_dataloader(False)))
    fashion.visualize(batch, ncols=8, labels=[f"label {n}" for n in range(count)])
