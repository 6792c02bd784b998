"""In a notebook an error is the student's line and the sentence; elsewhere nothing changes."""

import inspect
import subprocess
import sys
import traceback
from functools import partial

import pytest
import torch
from torch import nn

import helpers
from tests.common import loaders, model, quiet
from tests.tracebacks import MISTAKES, ROOT, kernel

MOST_LINES = 12


@pytest.fixture(scope="module")
def notebook():
    with kernel() as running:
        yield running


@pytest.mark.parametrize("name", MISTAKES)
def test_a_mistake_shows_the_students_line_and_the_sentence_and_nothing_of_ours(notebook, name):
    mistake = MISTAKES[name]
    shown = notebook.run(mistake.cell)[1]
    assert len(shown.splitlines()) <= MOST_LINES
    assert mistake.line in shown
    assert mistake.said in shown
    assert "helpers/" not in shown
    assert "site-packages" not in shown
    assert "During handling" not in shown and "The above exception" not in shown
    assert shown.splitlines()[0].startswith("Cell In[")


def test_the_whole_traceback_is_there_when_it_is_asked_for(notebook):
    short = notebook.run("helpers.corr2d(X[None], K)")[1]
    assert "%tb" in short.splitlines()[-1]
    whole = notebook.run("%tb")[1]
    assert "helpers/arguments.py" in whole and "check_tensor" in whole
    assert "X must have 2 dimensions" in whole
    notebook.run("%xmode Verbose")
    assert "helpers/arguments.py" in notebook.run("helpers.corr2d(X[None], K)")[1]
    notebook.run("%xmode Context")
    assert "helpers/" not in notebook.run("helpers.corr2d(X[None], K)")[1]


def test_an_error_of_a_model_shows_its_innermost_lines_however_deep(notebook):
    shown = notebook.run("""
        def deep(n):
            return deep(n - 1) if n else unknown_name

        class Deep(Net):
            def training_step(self, batch):
                return deep(50)

        trainer().fit(Deep(nn.Linear(1, 1)), batches(1))
    """)[1]
    assert len(shown.splitlines()) <= MOST_LINES
    assert "trainer().fit(Deep" in shown
    assert "return deep(n - 1) if n else unknown_name" in shown
    assert "NameError: name 'unknown_name' is not defined" in shown


def test_the_exception_that_a_students_code_answered_is_named(notebook):
    shown = notebook.run("""
        class Answering(Net):
            def training_step(self, batch):
                try:
                    {}["loss"]
                except KeyError:
                    raise LookupError("no loss here")

        trainer().fit(Answering(nn.Linear(1, 1)), batches(1))
    """)[1]
    assert "(after KeyError: 'loss')" in shown
    assert 'raise LookupError("no loss here")' in shown
    assert len(shown.splitlines()) <= MOST_LINES


def test_except_and_what_is_no_error_of_helpers_are_as_ever(notebook):
    printed, shown = notebook.run("""
        try:
            helpers.Conv2D(3)
        except TypeError as error:
            print(type(error).__name__, error)
    """)
    assert (printed.startswith("TypeError kernel_size must be"), shown) == (True, "")
    assert "Traceback (most recent call last)" in notebook.run("{}['x']")[1]
    own = "raise RuntimeError('mine') from error"
    shown = notebook.run(f"try:\n    helpers.Conv2D(3)\nexcept TypeError as error:\n    {own}")[1]
    assert "Traceback (most recent call last)" in shown  # the student's own exception


def test_doors_keep_names_signatures_and_documentation(notebook):
    says = "print(helpers.corr2d.__name__, __import__('inspect').signature(helpers.corr2d))"
    assert notebook.run(says)[0] == f"corr2d {inspect.signature(helpers.corr2d)}\n"
    assert "Shapes: `X` (h, w)" in notebook.run("print(helpers.corr2d.__doc__)")[0]
    pickles = "import pickle\nprint(pickle.loads(pickle.dumps(helpers.corr2d)) is helpers.corr2d)"
    assert notebook.run(pickles)[0] == "True\n"


def test_outside_a_notebook_functions_are_themselves_and_tracebacks_whole():
    for name in helpers.__all__:
        assert not hasattr(getattr(helpers, name), "__wrapped__"), name
    assert not hasattr(helpers.Trainer.fit, "__wrapped__")
    with pytest.raises(TypeError) as caught:
        helpers.Conv2D(3)
    assert not hasattr(caught.value, "_render_traceback_")
    names = [frame.name for frame in traceback.extract_tb(caught.value.__traceback__)]
    assert names[1:] == ["__init__", "kernel_shape"]
    script = "import helpers; helpers.corr2d([[1]], None)"
    run = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert "helpers/arguments.py" in run.stderr
    assert run.stderr.endswith("TypeError: X must be a torch.Tensor, got list\n")


# --- which layer ---------------------------------------------------------------------------


def failure(*layers, shape=(2, 3), error=RuntimeError, **options):
    net = model()
    net.net = nn.Sequential(*layers)
    data = torch.utils.data.TensorDataset(torch.zeros(4, *shape), torch.zeros(4).long())
    loader = torch.utils.data.DataLoader(data, **{"batch_size": 2, **options})
    with pytest.raises(error) as caught:
        quiet(1).fit(net, loader)
    return caught.value


@pytest.mark.parametrize("layers, shape, said", [
    ([nn.Flatten(), nn.Linear(5, 3)], (2, 3),
     "This is layer net.1, Linear(in_features=5, out_features=3, bias=True): it expects inputs "
     "of shape (…, 5) and got (2, 6)."),
    ([nn.Sequential(nn.Conv2d(1, 2, 3))], (3, 8, 8),
     "This is layer net.0.0, Conv2d(1, 2, kernel_size=(3, 3), stride=(1, 1)): it expects inputs "
     "of shape (batch, 1, height, width) and got (2, 3, 8, 8)."),
    ([nn.Conv2d(1, 2, 3)], (1, 2, 2),
     "This is layer net.0, Conv2d(1, 2, kernel_size=(3, 3), stride=(1, 1)): it got an input of "
     "shape (2, 1, 2, 2)."),
    ([nn.Flatten(), nn.BatchNorm1d(5)], (2, 3), "it expects inputs of shape (batch, 5) and got"),
    ([nn.MaxPool2d(4), nn.Linear(1, 1)], (1, 2, 2), "net.0, MaxPool2d(kernel_size=4, stride=4"),
])  # fmt: skip
def test_a_wrong_shape_names_the_layer_its_input_and_what_it_expects(layers, shape, said):
    error = failure(*layers, shape=shape)
    first = str(error).splitlines()[0]
    assert first.startswith(f"Small failed on a batch with inputs of shape {(2, *shape)}: ")
    assert said in str(error)
    assert str(error.__cause__) in first


def test_a_layers_value_error_names_it_too():
    error = failure(nn.BatchNorm2d(3), shape=(3, 4), error=ValueError)
    assert "expected 4D input (got 3D input)" in str(error)
    assert "This is layer net.0, BatchNorm2d(3" in str(error)
    assert "it expects inputs of shape (batch, 3, height, width) and got (2, 3, 4)." in str(error)


def test_a_layer_is_not_blamed_for_what_the_model_or_the_loss_does():
    net = model()
    net.training_step = partial(wrong_step, net)
    with pytest.raises(RuntimeError) as caught:
        quiet(1).fit(net, loaders())
    assert "This is layer" not in str(caught.value)
    assert "must match the size" in str(caught.value)


def wrong_step(net, batch):
    return (net(batch[0]) + torch.ones(7)).sum()


def test_naming_the_layer_runs_nothing_again():
    calls = []

    class Counting(nn.Module):
        def forward(self, X):
            calls.append(torch.get_rng_state())
            return torch.nn.functional.dropout(X)

    torch.manual_seed(3)
    failure(Counting(), nn.Flatten(), nn.Linear(5, 3), shuffle=False)
    assert len(calls) == 1


def test_a_models_own_value_error_is_not_its_own_cause():
    class Refusing(type(model())):
        def training_step(self, batch):
            raise ValueError("not this batch")

    with pytest.raises(ValueError, match=r"^not this batch$") as caught:
        quiet(1).fit(Refusing(), loaders())
    assert caught.value.__cause__ is None
