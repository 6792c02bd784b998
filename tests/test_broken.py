"""A broken training is noticed by the comparison of its printed numbers."""

import contextlib
import io
from functools import partial

import nbformat
import pytest
import torch
from d2l import torch as d2l
from nbformat.v4 import new_code_cell, new_notebook, new_output
from torch import nn
from torch.nn import functional as F

import helpers
from helpers.study import tasks
from tools.broken import mutations, runs, tables
from tools.broken.needs import needed
from tools.outputs.compare import compare


class Small(nn.Module):
    """Two layers with an activation; all that a training needs, and nothing from d2l."""

    def __init__(self, lr=0.5):
        super().__init__()
        self.lr = lr
        self.net = nn.Sequential(nn.Flatten(), nn.Linear(784, 32), nn.ReLU(), nn.Linear(32, 10))

    def forward(self, X):
        return self.net(X)

    def training_step(self, batch):
        return F.cross_entropy(self(batch[0]), batch[1])

    def validation_step(self, batch):
        Y, y = self(batch[0]), batch[1]
        self.plot("loss", F.cross_entropy(Y, y), train=False)
        self.plot("acc", (Y.argmax(dim=1) == y).float().mean(), train=False)

    def configure_optimizers(self):
        return torch.optim.SGD(self.parameters(), self.lr)


# The largest deviation with another rounding, times 1.5, is far below these.
CELL = """\
# measured: train_loss ±0.002, val_loss ±0.002, val_acc ±0.004
torch.manual_seed(0)
data = helpers.FashionMNIST(batch_size=50, subset=2000, val_subset=500)
trainer = helpers.Trainer(max_epochs=3, verbose=False)
trainer.fit(Small(), data)
print(trainer.history.table("train_loss", "val_loss", "val_acc"))
"""


def run():
    """Return what the cell prints."""
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        exec(CELL, {"torch": torch, "helpers": helpers, "Small": Small})
    return [new_output("stream", text=printed.getvalue())]


@pytest.fixture(scope="module")
def stored():
    with pytest.MonkeyPatch.context() as monkeypatch:
        monkeypatch.setenv("FASHION_MNIST_DIR", "stand-in")
        return run()


@pytest.fixture(autouse=True)
def stand_in(monkeypatch):
    monkeypatch.setenv("FASHION_MNIST_DIR", "stand-in")


@pytest.fixture
def patch(monkeypatch):
    return partial(monkeypatch.setattr, raising=False)


@pytest.mark.parametrize("name", [name for name in mutations.SHAKEN if "rounding" in name])
def test_a_sound_training_passes_whatever_the_rounding(stored, patch, name):
    mutations.apply(name, patch)
    assert compare(stored, run(), CELL, []).differences == []


@pytest.mark.parametrize("name", [
    "lr / 10", "lr × 3", "no shuffling", "no first activation", "untrained", "half the steps",
    "no zero_grad()", "labels 10 % wrong",
])  # fmt: skip
def test_a_broken_training_fails(stored, patch, name):
    mutations.apply(name, patch)
    found = compare(stored, run(), CELL, [])
    assert {"val_loss"} <= {measure.name for measure, a, b in found.measured if a.text != b.text}
    assert found.differences


@pytest.mark.parametrize("name", ["no eval()", "max ↔ average pooling"])
def test_what_the_model_does_not_have_cannot_be_broken(stored, patch, name):
    mutations.apply(name, patch)
    assert compare(stored, run(), CELL, []).differences == []


class Regular(Small):
    """With layers that work another way in training, and pooling."""

    def __init__(self):
        super().__init__()
        self.net.insert(0, nn.MaxPool2d(2))
        self.net[2] = nn.Linear(196, 32)
        self.net.insert(3, nn.BatchNorm1d(32))


@pytest.mark.parametrize("name", ["no eval()", "max ↔ average pooling"])
def test_a_forgotten_mode_and_another_pooling_fail(monkeypatch, patch, name):
    monkeypatch.setitem(globals(), "Small", Regular)
    stored = run()
    mutations.apply(name, patch)
    assert compare(stored, run(), CELL, []).differences


NEEDED = [  # the cell, and whether the measured one needs it
    ("import math\nimport torch", True),
    ("def f(x):\n    y = x * scale\n    return y", True),
    ("y = 5", False),
    ("scale = 2", False),
    ("scale = 3", True),
    ("print(f(1))", False),
    ("class Net:\n    def forward(self):\n        return later", True),
    ("later = 1", True),
    ("def add_to(c):\n    return lambda f: f", True),
    ("@add_to(Net)\ndef more(self):\n    pass", True),
    ("for scale_of in (1, 2):\n    print([i for i in range(scale_of)])", False),
    ("settings = {}", True),
    ("settings['a'] = 1", True),
    ("# measured: x ±0.1\nprint('x', f(1) + Net().forward() + len(settings) + math.pi)", True),
    ("print(settings)", False),
]


def test_only_the_cells_that_measured_ones_need_are_run():
    cells = [new_code_cell(source) for source, _ in NEEDED]
    kept = [cell.source for cell in needed(cells)]
    assert kept == [source for source, wanted in NEEDED if wanted]


def test_the_stub_of_a_task_counts_as_its_solution():
    stub = tasks.find("7.2 A").stub  # decorated: by its own text it needs `helpers`
    cells = ["import torch", stub, "helpers.train(1)", "# measured: x ±0.1\nprint(corr2d(1, 2))"]
    kept = [cell.source for cell in needed(list(map(new_code_cell, cells)))]
    assert kept == [cells[0], cells[1], cells[3]]


def test_no_pixels_are_kept_of_a_run():
    html = '<img alt="a boot" src="data:image/png;base64,iVBO/+=">'
    data = {"text/html": html, "image/png": "iVBO/+=", "text/plain": "a boot"}
    shown = new_output("display_data", data)
    [output] = runs.kept_outputs(new_code_cell("f()", outputs=[shown]))
    assert "iVBO" not in str(output)
    assert output.data["text/html"] == '<img alt="a boot" src="data:image/png;base64,">'
    assert compare([new_output("display_data", data)], [output], "", []).differences == []


NOTEBOOK = [
    "import torch\nimport helpers\nfrom tests.test_broken import Small",
    "raise RuntimeError('not needed')",
    "torch.manual_seed(0)\n"
    "batches = torch.utils.data.DataLoader(torch.utils.data.TensorDataset(\n"
    "    torch.rand(40, 1, 28, 28), torch.randint(10, (40,))), batch_size=20)\n"
    "trainer = helpers.Trainer(max_epochs=1, verbose=False)\n"
    "trainer.fit(Small(), (batches, batches))",
    "# measured: loss ±0.01\nprint(f\"loss {trainer.history[0]['val_loss']:.3f}\")",
]


def test_a_run_is_kept_until_the_code_changes(tmp_path, monkeypatch):
    monkeypatch.setattr(runs, "CACHE", tmp_path / "kept")
    cells = [new_code_cell(source, execution_count=n + 1) for n, source in enumerate(NOTEBOOK)]
    path, sound = tmp_path / "7.9-small.ipynb", ""
    nbformat.write(new_notebook(cells=cells), path)
    assert runs.outputs(path, sound) is None
    shown = runs.run(path, sound)
    assert sorted(shown) == [1, 3, 4]
    assert runs.outputs(path, sound) == shown

    cells[3].outputs = shown[4]  # what was stored
    cells[3].source = cells[3].source.replace("±0.01", "±0.02")
    nbformat.write(new_notebook(cells=cells), path)
    assert runs.outputs(path, sound) == shown  # another tolerance needs no other run
    runs.run(path, "untrained")
    lines = tables.broken([path], [sound, "untrained", "lr / 10"])
    assert lines[2:] == [
        "| 7.9 In [4] | **passes** | caught | not run |",
        "| **7.9** | **passes** | caught | not run |",
    ]

    cells[2].source = cells[2].source.replace("manual_seed(0)", "manual_seed(1)")
    nbformat.write(new_notebook(cells=cells), path)
    assert runs.outputs(path, sound) is None


def test_a_model_without_activations_is_left_as_it_is(patch):
    mutations.apply("no first activation", patch)
    batches = torch.utils.data.DataLoader(
        torch.utils.data.TensorDataset(torch.rand(4, 1, 2, 2), torch.randint(10, (4,))), 4
    )
    model = helpers.train(
        lambda: d2l.SoftmaxRegression(num_outputs=10, lr=0.1), (batches, batches), 1
    ).model
    assert not any(isinstance(module, nn.Identity) for module in model.modules())
