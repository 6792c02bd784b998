"""The explorer without widgets: its numbers, its sentences, and the still sheet."""

import base64
import io
import types
from dataclasses import replace

import hypothesis.strategies as st
import IPython
import IPython.display
import numpy as np
import pytest
import torch
from hypothesis import given, settings
from PIL import Image
from torch.nn import functional as F

import helpers
from helpers.explorer import call, model, sheet, texts, words
from helpers.explorer.state import MODES, State, problem

X = np.arange(9.0).reshape(1, 3, 3)
K = np.arange(4.0).reshape(1, 1, 2, 2)
BOOK = State(X, K)
PAIR = st.tuples(st.integers(1, 3), st.integers(1, 3))


@st.composite
def states(draw, modes=MODES):
    """Any settings, possible or not."""
    rng = np.random.default_rng(draw(st.integers(0, 99)))
    c_i, c_o = draw(st.integers(1, 3)), draw(st.integers(1, 3))
    shape = draw(st.tuples(st.integers(1, 7), st.integers(1, 7)))
    size = draw(PAIR)
    padding = draw(st.tuples(st.integers(0, 2), st.integers(0, 2)))
    return State(
        rng.normal(size=(c_i, *shape)), rng.normal(size=(c_o, c_i, *size)),
        draw(st.sampled_from(modes)), size, padding, draw(PAIR), draw(PAIR),
    )  # fmt: skip


def pytorch(state):
    """Return what PyTorch makes of the same settings."""
    X = torch.tensor(state.X)[None]
    if state.mode == "corr":
        options = dict(stride=state.stride, padding=state.padding, dilation=state.dilation)
        return F.conv2d(X, torch.tensor(state.K), **options)[0].numpy()
    if state.mode == "max":
        options = dict(stride=state.stride, padding=state.padding, dilation=state.dilation)
        return F.max_pool2d(X, state.window, **options)[0].numpy()
    if max(state.dilation) > 1:
        raise RuntimeError("average pooling has no dilation")
    return F.avg_pool2d(X, state.window, state.stride, state.padding)[0].numpy()


# --- the numbers ---------------------------------------------------------------------------


@settings(max_examples=200, deadline=None)
@given(states())
def test_the_output_is_that_of_pytorch_and_what_pytorch_refuses_is_refused(state):
    try:
        expected = pytorch(state)
    except RuntimeError:
        assert problem(state)
        return
    assert not problem(state)
    np.testing.assert_allclose(model.output(state), expected, atol=1e-12)
    assert state.shapes[0] == expected.shape[1:]
    assert state.channels == len(expected)


@settings(max_examples=100, deadline=None)
@given(states(), st.data())
def test_the_window_reads_what_the_output_is_computed_from(state, data):
    if problem(state):
        return
    step = data.draw(st.integers(0, state.steps - 1))
    state = replace(state, step=step, channel=state.channels - 1)
    rows, columns = model.in_window(state)
    cells = model.padded(state)[:, rows][:, :, columns]
    mask = model.fields(state)[0]
    assert set(zip(*np.nonzero(mask))) == {(i, j) for i in rows for j in columns}
    weighed = {
        "corr": lambda: (cells * state.K[state.channel]).sum(),
        "max": lambda: cells[state.channel].max(),
        "avg": lambda: cells[state.channel].mean(),
    }
    value = model.output(state)[(state.channel, *state.place)]
    assert value == pytest.approx(weighed[state.mode]())


@settings(max_examples=100, deadline=None)
@given(
    states(modes=("corr",)), st.lists(st.tuples(st.integers(1, 3), st.integers(1, 3))), st.data()
)
def test_the_receptive_field_is_where_the_gradient_is_not_zero(state, above, data):
    state = replace(state, above=tuple(above))
    if problem(state):
        return
    state = replace(state, step=data.draw(st.integers(0, state.steps - 1)))
    padded = torch.tensor(model.padded(state)[None]).requires_grad_()
    ones = torch.ones(1, len(state.X), *state.size, dtype=torch.double)
    H = F.conv2d(padded, ones, stride=state.stride, dilation=state.dilation)
    for k, s in above:
        H = F.conv2d(H, torch.ones(1, 1, k, k, dtype=torch.double), stride=s)
    H[(0, 0, *state.place)].backward()
    seen = (padded.grad[0] != 0).any(0).numpy()
    fields = model.fields(state)
    np.testing.assert_array_equal(fields[0], seen)
    assert [mask.shape for mask in fields[1:]] == state.shapes
    # The formula that is printed counts from the first cell to the last.
    lines = words.field(state)
    if above:
        totals = [int(line.split(" = ")[-1]) for line in lines] * (3 - len(lines))
        for axis, total in enumerate(totals):
            used = np.flatnonzero(seen.any(1 - axis))
            assert total == used[-1] - used[0] + 1
    else:
        assert lines == []


def test_another_output_is_the_nearest_that_there_is():
    assert BOOK.at(5, -1).place == (1, 0)
    assert replace(BOOK, step=3, stride=(3, 3), channel=7).settled() == replace(
        BOOK, step=0, stride=(3, 3), channel=0
    )


# --- why not -------------------------------------------------------------------------------

IMPOSSIBLE = {
    "a kernel that is too large": (
        dict(K=np.ones((1, 1, 5, 2))),
        "The window spans 5 rows, the input has only 3: it fits nowhere. For one that does, take "
        "a padding of 1 or a smaller window.",
    ),
    "a dilation that makes it so": (
        dict(dilation=(1, 9), padding=(0, 1)),
        "The window spans 10 columns, the input has only 5 with its padding: it fits nowhere. "
        "For one that does, take a padding of 4 or a smaller window.",
    ),
    "a window of pooling for which no padding helps": (
        dict(mode="max", window=(9, 2), padding=(1, 0)),
        "The window spans 9 rows, the input has only 5 with its padding: it fits nowhere. For "
        "one that does, take a padding of 3 or a smaller window.",
    ),
    "other channels": (
        dict(K=np.ones((1, 2, 2, 2))),
        "The kernel has weights for 2 channels, the input has 1: each channel of the input needs "
        "weights of its own.",
    ),
    "a window of padding only": (dict(mode="max", padding=(2, 0)), "could consist of padding only"),
    "an average with dilation": (dict(mode="avg", dilation=(2, 2)), "has no dilation"),
    "a stride of 0": (dict(stride=(0, 1)), "The stride must be from 1 to 100, got 0 and 1."),
    "negative padding": (dict(padding=(-1, 0)), "The padding must be from 0"),
    "a layer above that does not fit": (
        dict(above=((2, 1), (2, 1))),
        "Layer 3 has a window of 2 × 2, but layer 2 puts out only 1 × 1",
    ),
    "too many layers": (dict(above=((1, 1),) * 6), "room for 5 layers"),
    "an input that cannot be read": (dict(X=np.ones((1, 3, 33))), "at most 32 × 32"),
    "an output that cannot be read": (dict(padding=(30, 0)), "has 63 × 3 cells"),
    "too many channels": (dict(K=np.ones((5, 1, 2, 2))), "The output has 5 channels"),
    "what is not finite": (dict(X=X + np.inf), "finite numbers"),
}


@pytest.mark.parametrize("name", IMPOSSIBLE)
def test_an_impossible_combination_says_why(name):
    changed, said = IMPOSSIBLE[name]
    assert said in problem(replace(BOOK, **changed))


@settings(max_examples=100, deadline=None)
@given(states(modes=("corr",)))
def test_the_padding_that_is_offered_helps(state):
    said = problem(state)
    if "it fits nowhere" not in said:
        return
    axis = 0 if " row" in said.split(",")[0] else 1
    offered = int(said.split("take a padding of ")[1].split()[0])
    padding = list(state.padding)
    padding[axis] = offered
    other = problem(replace(state, padding=tuple(padding)))
    assert f"spans {state.span[axis]} {('row', 'column')[axis]}" not in other


# --- the words -----------------------------------------------------------------------------


def test_the_example_of_the_book_in_words():
    assert words.sentence(BOOK) == (
        "Window 1 of 4: rows 0, 1, columns 0, 1 of the input. The cross-correlation is 19, "
        "output [0, 0]."
    )
    assert words.products(BOOK) == ["0·0 + 1·1 + 3·2 + 4·3 = 19"]
    assert words.formulas(BOOK)[0] == "rows: ⌊(n − k + 2p + s) / s⌋ = ⌊(3 − 2 + 2·0 + 1) / 1⌋ = 2"


def test_the_setting_in_one_sentence():
    assert words.summary(replace(BOOK, padding=(1, 0), above=((2, 1),))) == (
        "Cross-correlation: input 3 × 3; kernel 2 × 2, padding (1, 0), stride 1, dilation 1; "
        "output 4 × 2; layers above: 2 × 2 with stride 1."
    )
    channels = replace(BOOK, X=np.zeros((2, 8, 8)), mode="max", window=(3, 1))
    assert words.summary(channels) == (
        "Maximum: input 8 × 8, 2 channels; window 3 × 1, padding 0, stride 1, dilation 1; "
        "output 6 × 8, 2 channels."
    )


def test_padding_stride_and_dilation_in_words():
    state = replace(BOOK, padding=(1, 1), stride=(2, 2))
    assert "rows −1, 0, columns −1, 0 of the input. 3 of its 4 cells are padding." in (
        words.sentence(state)
    )
    one = replace(state, K=np.ones((1, 1, 1, 1)), stride=(4, 4))
    assert "It reads nothing but padding." in words.sentence(one)
    assert words.formulas(replace(BOOK, dilation=(2, 1)))[0] == (
        "rows: k′ = d·(k − 1) + 1 = 2·(2 − 1) + 1 = 3; ⌊(n − k′ + 2p + s) / s⌋ = "
        "⌊(3 − 3 + 2·0 + 1) / 1⌋ = 1"
    )


def test_channels_are_added_up():
    state = State(np.concatenate([X, X + 1]), np.concatenate([K, K + 1], 1))
    assert words.products(state) == [
        "channel 0: 0·0 + 1·1 + 3·2 + 4·3 = 19",
        "channel 1: 1·1 + 2·2 + 4·3 + 5·4 = 37",
        "all channels: 19 + 37 = 56",
    ]


def test_pooling_and_negative_numbers_in_words():
    assert words.products(replace(BOOK, mode="max")) == ["max(0, 1, 3, 4) = 4"]
    assert words.products(replace(BOOK, mode="avg")) == ["(0 + 1 + 3 + 4) / 4 = 2"]
    assert words.products(replace(BOOK, K=-K))[0] == "0·0 + 1·(−1) + 3·(−2) + 4·(−3) = −19"
    padded = replace(BOOK, mode="max", padding=(1, 1))
    assert words.products(padded) == ["max(−∞, −∞, −∞, 0) = 0"]


def test_what_is_not_told_in_full_is_not_said_to_be_equal():
    state = replace(BOOK, X=X / 3)
    assert words.products(state) == ["0·0 + 0.33·1 + 1·2 + 1.33·3 ≈ 6.33"]


def test_a_receptive_field_in_words():
    state = State(np.zeros((1, 6, 6)), np.ones((1, 1, 3, 3)), above=((2, 1),), padding=(1, 1))
    assert words.sentence(state) == (
        "Output 1 of 25: [0, 0] of layer 2 depends on 2 × 2 = 4 outputs of layer 1 and "
        "3 × 3 = 9 inputs (and 7 cells of padding)."
    )
    assert words.field(state) == ["receptive field along each axis: 1 + (3 − 1)·1 + (2 − 1)·1 = 4"]
    assert words.products(state) == []


# --- numbers as texts ----------------------------------------------------------------------


def test_a_text_becomes_the_array_that_it_was_written_from():
    array = np.arange(12.0).reshape(2, 2, 3) / 8 - 1
    np.testing.assert_allclose(texts.read(texts.write(array)), array, atol=5e-5)
    kernels = np.stack([array, array + 1])
    np.testing.assert_allclose(texts.read_kernels(texts.write(kernels)), kernels, atol=5e-5)
    assert texts.read_layers(texts.write_layers(((3, 1), (2, 2)))) == ((3, 1), (2, 2))
    assert texts.read_layers(" ") == ()


def test_numbers_are_read_as_people_write_them():
    np.testing.assert_allclose(texts.read("[[1, −2]\n [1/4 .5]]"), [[[1, -2], [0.25, 0.5]]])
    np.testing.assert_allclose(texts.read("1 0; -1 2;\n"), [[[1, 0], [-1, 2]]])


@pytest.mark.parametrize(
    "text, said",
    [
        ("", "no numbers yet"),
        ("1 2\n3 x", "Line 2: 'x' is no number."),
        ("1 2\n3", "Line 2 has 1 number, the first has 2"),
        ("1 2\n\n3 4\n5 6", "Channel 1 has 2 rows, channel 0 has 1"),
        ("1/0", "no number"),
        ("1e9", "beyond the million"),
        ("nan", "beyond the million"),
    ],
)
def test_what_is_no_array_is_refused_with_its_place(text, said):
    with pytest.raises(texts.TextError, match=said.replace("/", "/")):
        texts.read(text)


def test_layers_that_cannot_be_read_are_refused():
    with pytest.raises(texts.TextError, match="got '3x3'"):
        texts.read_layers("3x3")
    with pytest.raises(texts.TextError, match="same number"):
        texts.read_kernels("1\n--\n1 2")


# --- the still sheet -----------------------------------------------------------------------


@pytest.fixture
def shown(monkeypatch):
    """What is displayed in a kernel."""
    outputs = []
    monkeypatch.setattr(IPython, "get_ipython", lambda: types.SimpleNamespace(kernel=None))
    monkeypatch.setattr(
        IPython.display, "display", lambda data, **rest: outputs.append((data, rest))
    )
    monkeypatch.delenv("COMPANION_WORK", raising=False)
    monkeypatch.delenv("COMPANION_STILL", raising=False)
    return outputs


def test_the_still_is_a_png_with_a_sentence_and_all_numbers_as_text(shown, capsys):
    helpers.explore(padding=1, stride=2, alt="A kernel at four places.")
    ((data, rest),) = shown
    assert data["text/plain"] == "A kernel at four places."
    image = Image.open(io.BytesIO(base64.b64decode(data["image/png"])))
    assert image.width > 400
    assert rest["metadata"]["image/png"]["alt"] == data["text/plain"]
    told = capsys.readouterr().out
    assert "⌊(3 − 2 + 2·1 + 2) / 2⌋ = 2" in told
    for step, value in enumerate((0, 8, 21, 43), 1):
        assert f"Window {step} of 4" in told and f" = {value}\n" in told
    assert not any("widget" in kind for kind in data)


def test_the_still_is_the_same_letter_by_letter(shown, capsys):
    outputs = []
    for _ in range(2):
        shown.clear()
        helpers.explore(torch.arange(36.0).reshape(6, 6), above=[2, (2, 2)])
        outputs.append((shown[0], capsys.readouterr().out))
    assert outputs[0] == outputs[1]


def test_many_steps_are_shown_from_the_first_to_the_last():
    state = State(np.zeros((1, 4, 4)), K)
    assert [s.step for s in sheet.chosen(state)] == [0, 1, 3, 6, 8]
    middle = State(np.zeros((1, 8, 8)), K)
    assert [s.step for s in sheet.chosen(middle)] == [0, 24, 48]
    large = State(np.zeros((1, 28, 28)), K).at(3, 4)
    assert [s.step for s in sheet.chosen(large)] == [0, 3 * 27 + 4, 27 * 27 - 1]
    above = State(np.zeros((1, 8, 8)), K, above=((2, 1),), step=7)
    assert [s.step for s in sheet.chosen(above)] == [7]


def test_outside_a_notebook_the_numbers_are_printed(capsys):
    helpers.explore()
    assert "0·0 + 1·1 + 3·2 + 4·3 = 19" in capsys.readouterr().out


@pytest.mark.parametrize(
    "work, still_asked, wanted, live",
    [
        ("", "", None, False),
        ("/work", "", None, True),
        ("/work", "1", None, False),
        ("/work", "", True, False),
        ("", "", False, True),
        ("", "1", False, True),
    ],
)
def test_widgets_are_for_a_readers_own_notebook(
    shown, monkeypatch, work, still_asked, wanted, live
):
    monkeypatch.setattr(call.importlib.util, "find_spec", lambda name: name == "ipywidgets" or None)
    monkeypatch.setenv("COMPANION_WORK", work)
    monkeypatch.setenv("COMPANION_STILL", still_asked)
    assert call._is_live(wanted) is live


def test_without_ipywidgets_the_still_is_shown_and_widgets_cannot_be_asked_for(shown, monkeypatch):
    monkeypatch.setattr(call.importlib.util, "find_spec", lambda name: None)
    monkeypatch.setenv("COMPANION_WORK", "/work")
    assert call._is_live(None) is False
    with pytest.raises(RuntimeError, match="ipywidgets is not installed"):
        helpers.explore(still=False)


@pytest.mark.parametrize(
    "options, error, said",
    [
        (dict(mode="min"), ValueError, "mode must be one of"),
        (dict(padding=(1, 2, 3)), ValueError, "padding must be one whole number or two"),
        (dict(padding=1.5), TypeError, "padding must be a list of whole numbers"),
        (dict(stride=0), ValueError, r"stride\[0\] must be a whole number from 1 on"),
        (dict(window=[2, "a"]), TypeError, r"window\[1\] must be a whole number"),
        (dict(above=3), TypeError, "above must be a list of kernel sizes"),
        (dict(above=[(1, 2, 3)]), ValueError, r"above\[0\] must be one whole number or two"),
        (dict(step=(2, 0)), ValueError, r"step must be \(row, column\) in an output of 2 × 2"),
        (dict(X=[1, 2]), ValueError, r"X must be \(height, width\) or"),
        (dict(K=[1, 2]), ValueError, "K must be"),
        (dict(X="cat"), TypeError, "X must hold"),
        (dict(X=torch.zeros(2, 3, 3)), ValueError, "weights for 1 channel, the input has 2"),
        (dict(images=[1]), TypeError, "images must be a dictionary"),
        (dict(alt=" "), ValueError, "alt must describe"),
    ],
)
def test_bad_arguments_are_refused_by_name(options, error, said):
    with pytest.raises(error, match=said):
        helpers.explore(**options)
