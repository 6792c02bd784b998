"""Looks inside: what is drawn and printed is what the network does, and it stays as it was."""

import copy
import types

import IPython
import IPython.display
import matplotlib
import numpy as np
import pytest
import torch
from matplotlib.figure import Figure
from PIL import Image
from torch import nn
from torch.nn import functional as F

import helpers
from helpers.inside.looks_answers import readable
from tests.common import model as small

NAMES = ["bag", "boot", "shirt"]


def net():
    torch.manual_seed(0)
    return nn.Sequential(
        nn.Conv2d(1, 4, 3, padding=1), nn.BatchNorm2d(4), nn.ReLU(), nn.MaxPool2d(2), nn.Dropout(),
        nn.Conv2d(4, 6, 3), nn.ReLU(), nn.Flatten(), nn.Linear(24, 3),
    )  # fmt: skip


def image():
    return torch.rand(1, 8, 8, generator=torch.Generator().manual_seed(1))


def batches():
    generator = torch.Generator().manual_seed(2)
    X = torch.rand(40, 1, 8, 8, generator=generator)
    y = torch.randint(3, (40,), generator=generator)
    return [*zip(X.split(16), y.split(16))]


CALLS = {
    "look_at_kernels": lambda **o: helpers.look_at_kernels(net(), **o),
    "look_at_maps": lambda **o: helpers.look_at_maps(net(), image(), **o),
    "look_at_way": lambda **o: helpers.look_at_way(net(), image(), **o),
    "look_at_mistakes": lambda **o: helpers.look_at_mistakes(net(), batches(), NAMES, **o),
    "look_at_occlusion": lambda **o: helpers.look_at_occlusion(net(), image(), **o),
    "look_at_sizes": lambda **o: helpers.look_at_sizes({"a": net()}, *batches()[0], **o),
}


@pytest.fixture
def shown(monkeypatch):
    """The figures that are displayed in a kernel, and what goes with them."""
    figures, outputs = [], []

    def save(figure, *args, **options):
        figures.append(figure)
        Image.new("RGB", (1, 1)).save(args[0], "png")

    monkeypatch.setattr(Figure, "savefig", save)
    monkeypatch.setattr(IPython, "get_ipython", lambda: types.SimpleNamespace(kernel=None))
    monkeypatch.setattr(
        IPython.display, "display",
        lambda data, **rest: outputs.append(types.SimpleNamespace(data=data, figure=figures[-1])),
    )  # fmt: skip
    return outputs


def columns(text):
    """Return the rows of a printed table, as lists of words."""
    return [line.split() for line in text.splitlines()]


def test_every_look_is_tried_here():
    assert CALLS.keys() == {name for name in helpers.__all__ if name.startswith("look_at_")}


@pytest.mark.parametrize("name", CALLS)
def test_a_look_is_a_figure_with_a_sentence_and_a_table(shown, capsys, name):
    CALLS[name]()
    assert all(len(output.data["text/plain"]) > 20 for output in shown)
    assert len(shown) == (2 if name == "look_at_sizes" else 1)
    assert len(capsys.readouterr().out.splitlines()) >= 3
    shown.clear()
    CALLS[name](alt="A look inside.")
    assert all(output.data["text/plain"].startswith("A look inside.") for output in shown)
    with pytest.raises(ValueError, match="alt must describe"):
        CALLS[name](alt=" ")


@pytest.mark.parametrize("name", CALLS)
def test_outside_a_notebook_the_table_is_printed(capsys, name):
    CALLS[name]()
    assert len(capsys.readouterr().out.splitlines()) >= 3


@pytest.mark.parametrize("name", CALLS)
def test_the_network_and_the_random_numbers_stay_as_they_were(monkeypatch, name, capsys):
    model = net()
    model[3].eval()  # a part of its own mind
    model[0].weight.grad = torch.ones_like(model[0].weight)
    monkeypatch.setattr("tests.test_inside_looks.net", lambda: model)
    before, modes = copy.deepcopy(model.state_dict()), [m.training for m in model.modules()]
    state = torch.get_rng_state()
    CALLS[name]()
    assert torch.equal(torch.get_rng_state(), state)
    assert [m.training for m in model.modules()] == modes
    assert all(torch.equal(value, before[key]) for key, value in model.state_dict().items())
    assert torch.equal(model[0].weight.grad, torch.ones_like(model[0].weight))
    assert not any(m._forward_hooks for m in model.modules())


# --- layers --------------------------------------------------------------------------------


def test_kernels_stand_in_rows_of_one_scale_each(shown, capsys):
    model = net()
    helpers.look_at_kernels(model, most=3)
    figure = shown[0].figure
    drawn = [ax.images[0] for ax in figure.axes if ax.images]
    assert len(drawn) == 6
    for row, layer in enumerate((model[0], model[5])):
        kernels = layer.weight.detach()[:3, 0].numpy()
        images = drawn[3 * row : 3 * row + 3]
        np.testing.assert_allclose([i.get_array() for i in images], kernels)
        bound = 1.6 * abs(kernels).max()
        np.testing.assert_allclose([i.get_clim() for i in images], [[-bound, bound]] * 3)
    smallest, mean, largest = columns(capsys.readouterr().out)[1][-3:]
    weight = model[0].weight.detach()
    expected = [weight.min(), weight.mean(), weight.max()]
    assert [smallest, mean, largest] == [f"{float(v):.3f}" for v in expected]


def test_feature_maps_are_those_of_the_layers_and_share_the_scale_of_their_row(shown, capsys):
    model = net()
    helpers.look_at_maps(model, image())
    drawn = [ax.images[0] for ax in shown[0].figure.axes if ax.images]
    assert len(drawn) == 1 + 4 + 4 + 4 + 4 + 4 + 6 + 6
    expected = copy.deepcopy(model).eval()[:2](image()[None])[0].detach().numpy()
    normed = drawn[5:9]
    np.testing.assert_allclose([i.get_array() for i in normed], expected, atol=1e-6)
    limits = {i.get_clim() for i in normed}
    assert limits == {(float(expected.min()), float(expected.max()))}
    relu = next(row for row in columns(capsys.readouterr().out) if row[1] == "ReLU")
    assert float(relu[-1]) == pytest.approx((expected <= 0).mean(), abs=5e-4)


def test_the_way_ends_at_the_likeliest_classes(shown, capsys):
    model = net()
    helpers.look_at_way(model, image()[0], names=NAMES)
    answer = copy.deepcopy(model).eval()(image()[None])[0].softmax(0)
    best = answer.sort(descending=True)
    lines = capsys.readouterr().out.splitlines()[-3:]
    assert lines == [f"{NAMES[i]}: {v:.2f}" for v, i in zip(best.values, best.indices.tolist())]
    titles = [ax.get_title() for ax in shown[0].figure.axes if ax.images]
    assert titles[0] == "image" and titles[-1] == "8\nLinear" and len(titles) == 10


def test_the_parts_are_those_of_net_where_there_is_one(capsys):
    helpers.look_at_maps(small(), image())
    assert columns(capsys.readouterr().out)[1][:2] == ["0", "Conv2d"]


# --- answers -------------------------------------------------------------------------------


class Bright(nn.Module):
    """Takes the class from the first pixel, and is the surer the brighter the second one."""

    def forward(self, X):
        sure = 1 + 5 * X[:, 0, 0, 1]
        return F.one_hot(X[:, 0, 0, 0].long(), 3) * sure[:, None]


def test_mistakes_are_counted_by_class_and_shown_surest_first(shown, capsys):
    guesses, labels = torch.tensor([0, 1, 2, 1, 0, 2]), torch.tensor([0, 2, 2, 0, 0, 1])
    X = torch.zeros(6, 1, 4, 4)
    X[:, 0, 0, 0], X[:, 0, 0, 1] = guesses, torch.tensor([0.9, 0.2, 0.5, 0.8, 0.1, 0.4])
    pairs = [*zip(X.split(4), labels.split(4))]
    helpers.look_at_mistakes(Bright(), pairs, NAMES, most=2)
    told = columns(capsys.readouterr().out)
    assert told[1] == ["bag", "0.667", "boot", "0.333"]
    assert told[2] == ["boot", "0.000", "shirt", "1.000"]
    assert told[3] == ["shirt", "0.500", "boot", "0.500"]
    assert [row[:2] for row in told[-2:]] == [["bag", "boot"], ["boot", "shirt"]]
    share = float(torch.tensor([0.0, 5.0, 0.0]).softmax(0)[1])
    assert float(told[-2][2]) == pytest.approx(share, abs=1e-3)
    figure = shown[0].figure
    matrix, first, second = figure.axes
    assert [t.get_text() for t in matrix.get_xticklabels()] == NAMES
    assert [t.get_text() for t in matrix.get_yticklabels()] == NAMES
    np.testing.assert_allclose(matrix.images[0].get_array().sum(1), 1)
    assert sorted(t.get_text() for t in matrix.texts) == ["1", "1", "1", "1", "2"]
    np.testing.assert_allclose(first.images[0].get_array(), X[3, 0])
    np.testing.assert_allclose(second.images[0].get_array(), X[5, 0])


def test_a_network_without_mistakes_has_none(shown, capsys):
    X = torch.zeros(3, 1, 4, 4)
    X[:, 0, 0, 0] = torch.arange(3)
    helpers.look_at_mistakes(Bright(), [(X, torch.arange(3))], NAMES)
    told = capsys.readouterr().out
    assert "surest" not in told and columns(told)[1] == ["bag", "1.000", "–", "0.000"]


def test_numbers_can_be_read_on_every_ground():
    for share in np.linspace(0, 1, 101):
        ground = matplotlib.colormaps["Blues"](share)
        linear = [v / 12.92 if v <= 0.03928 else ((v + 0.055) / 1.055) ** 2.4 for v in ground[:3]]
        light = np.dot(linear, [0.2126, 0.7152, 0.0722])
        text = 1.0 if readable(ground) == "white" else 0.0
        assert (max(light, text) + 0.05) / (min(light, text) + 0.05) > 4.5


class Corner(nn.Module):
    """Looks at one pixel only."""

    def forward(self, X):
        return torch.stack([4 * X[:, 0, 5, 2], torch.zeros(len(X))], 1)


def test_covering_what_the_network_looks_at_costs_probability_and_all_else_nothing(shown, capsys):
    picture = torch.zeros(8, 8)
    picture[5, 2] = 1
    helpers.look_at_occlusion(Corner(), picture, patch=2, stride=1, names=["dot", "none"])
    before = float(torch.tensor([4.0, 0.0]).softmax(0)[0])
    after = float(torch.tensor([4 / 64, 0.0]).softmax(0)[0])
    losses = np.asarray(shown[0].figure.axes[2].images[0].get_array())
    expected = np.zeros((7, 7))
    expected[4:6, 1:3] = before - after
    np.testing.assert_allclose(losses, expected, atol=1e-6)
    told = capsys.readouterr().out
    assert f"dot: probability {before:.2f}; covering 2 × 2 pixels from row 4, column 1" in told
    assert columns(told)[2 + 5][1:] == [f"{100 * v:.1f}" for v in expected[4]]


# --- sizes ---------------------------------------------------------------------------------


def test_sizes_are_the_spread_of_outputs_and_the_size_of_gradients(shown, capsys):
    torch.manual_seed(0)
    plain = nn.Sequential(nn.Linear(5, 4), nn.Sigmoid(), nn.Linear(4, 3))
    deep = nn.Sequential(*(nn.Linear(5, 5) for _ in range(3)), nn.Linear(5, 3))
    X, y = torch.randn(20, 5), torch.randint(3, (20,))
    helpers.look_at_sizes({"plain": plain, "deep": deep}, X, y)
    rows = columns(capsys.readouterr().out)
    F.cross_entropy(plain(X), y).backward()
    spread = plain[0](X).detach().std(0).mean()
    gradient = plain[2].weight.grad.square().mean().sqrt()
    assert rows[1] == ["plain", "1", f"{float(spread):.3g}", rows[1][3]]
    assert rows[2][3] == f"{float(gradient):.3g}"
    assert len(rows) == 1 + 2 + 4
    lines = [line.get_ydata() for line in shown[0].figure.axes[0].lines[:2]]
    assert [int(np.isfinite(np.asarray(y, float)).sum()) for y in lines] == [2, 4]
    assert float(lines[0][0]) == pytest.approx(float(spread), rel=1e-5)


# --- what is refused -----------------------------------------------------------------------


@pytest.mark.parametrize(
    "call, error, said",
    [
        (lambda: helpers.look_at_kernels(nn.Conv2d), TypeError, "make one: Conv2d"),
        (lambda: helpers.look_at_kernels(nn.Linear(2, 2)), ValueError, "must have a convolution"),
        (lambda: helpers.look_at_kernels(nn.LazyConv2d(2, 3)), ValueError, "seen an input"),
        (lambda: helpers.look_at_kernels(net(), most=0), ValueError, "most must be"),
        (lambda: helpers.look_at_maps(net(), [1]), TypeError, "image must be a torch.Tensor"),
        (lambda: helpers.look_at_maps(net(), torch.zeros(8)), ValueError, "one image"),
        (lambda: helpers.look_at_maps(nn.Flatten(), image()), ValueError, "must put out maps"),
        (lambda: helpers.look_at_mistakes(net(), [], NAMES), ValueError, "at least one batch"),
        (lambda: helpers.look_at_mistakes(net(), batches(), ["a"]), ValueError, "name all classes"),
        (lambda: helpers.look_at_occlusion(net(), image(), 3), ValueError, "one of 3 classes"),
        (lambda: helpers.look_at_occlusion(net(), image(), patch=9), ValueError, "larger than"),
        (lambda: helpers.look_at_sizes({}, *batches()[0]), ValueError, "got an empty one"),
        (lambda: helpers.look_at_sizes([net()], *batches()[0]), TypeError, "must be a dictionary"),
        (
            lambda: helpers.look_at_sizes({"a": net()}, *(part[:1] for part in batches()[0])),
            ValueError,
            r"X must hold two examples at least, for a spread, got \(1, ",
        ),
        (
            lambda: helpers.look_at_sizes({"a": net()}, batches()[0][0], batches()[0][1] + 99),
            ValueError,
            "y must be what loss takes; it says: Target .* is out of bounds",
        ),
    ],
)
def test_bad_arguments_are_refused_by_name(call, error, said):
    with pytest.raises(error, match=said):
        call()
