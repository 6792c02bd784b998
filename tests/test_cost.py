"""`helpers.cost` counts parameters, multiply-adds and activations, and leaves the model alone."""

import pytest
import torch
from torch import nn
from torch.nn import functional as F

import helpers


class Shared(nn.Module):
    """One linear layer used twice, with a ReLU that is no layer."""

    def __init__(self):
        super().__init__()
        self.layer = nn.Linear(4, 4)

    def forward(self, X):
        return self.layer(F.relu(self.layer(X)))


class WithContents(nn.Module):
    """A network that asks for the contents of a tensor, which those on `meta` do not have."""

    def __init__(self):
        super().__init__()
        self.layer = nn.LazyLinear(3)

    def forward(self, X):
        Y = self.layer(X)
        return Y if X.sum().item() == 0 else Y[:, :1]


class LooseTensors(nn.Module):
    """Keeps tensors as plain attributes and replaces them in each pass, as the book's do."""

    def __init__(self):
        super().__init__()
        self.layer, self.seen = nn.Linear(2, 2), torch.zeros(2)

    def forward(self, X):
        self.seen = self.seen.to(X.device) + X.sum(dim=0)
        return self.layer(X)


def state(model):
    """Return all that a count might change."""
    modules = [(type(m), m.training, len(m._forward_hooks)) for m in model.modules()]
    tensors = {
        k: v if nn.parameter.is_lazy(v) else v.clone() for k, v in model.state_dict().items()
    }
    return modules, tensors


def assert_unchanged(model, before):
    modules, tensors = state(model)
    assert modules == before[0]
    assert tensors.keys() == before[1].keys()
    for name, tensor in tensors.items():
        old = before[1][name]
        assert nn.parameter.is_lazy(tensor) == nn.parameter.is_lazy(old), name
        assert nn.parameter.is_lazy(tensor) or torch.equal(tensor, old), name


def test_a_convolution_and_a_linear_layer_cost_what_the_formulas_say():
    conv = nn.Conv2d(3, 16, kernel_size=3, padding=1)
    counted = helpers.cost(conv, (1, 3, 32, 32))
    assert counted == (16 * 3 * 9 + 16, 16 * 32 * 32 * 3 * 9, 16 * 32 * 32)
    assert counted.parameters == 448
    assert counted.multiply_adds == 442_368
    assert counted.activations == 16_384
    assert helpers.cost(nn.Linear(10, 5), (1, 10)) == (55, 50, 5)


def test_grouped_convolutions_and_layers_without_weights_are_counted():
    net = nn.Sequential(nn.Conv2d(8, 8, 1, groups=4, bias=False), nn.ReLU(), nn.MaxPool2d(2))
    assert helpers.cost(net, (1, 8, 4, 4)) == (16, 16 * 16, 128 + 128 + 32)


def test_a_batch_multiplies_work_and_activations_but_not_parameters():
    net = nn.Sequential(nn.LazyConv2d(4, 3), nn.BatchNorm2d(4), nn.Flatten(), nn.LazyLinear(2))
    one, many = helpers.cost(net, (1, 1, 8, 8)), helpers.cost(net, (32, 1, 8, 8))
    assert many == (one.parameters, 32 * one.multiply_adds, 32 * one.activations)


def test_a_layer_that_is_used_twice_works_twice_with_the_same_parameters():
    assert helpers.cost(Shared(), (1, 4)) == (20, 2 * 16, 2 * 4)


def test_layers_that_put_out_several_tensors_are_counted():
    lstm = nn.LSTM(3, 5, batch_first=True)
    output, (hidden, cell) = lstm(torch.zeros(1, 7, 3))
    counted = helpers.cost(lstm, (1, 7, 3))
    assert counted.activations == output.numel() + hidden.numel() + cell.numel()


def test_networks_of_the_notebooks_cost_what_their_pages_say():
    lenet = helpers.from_notebook("7.6-lenet").LeNet()
    assert helpers.cost(lenet, (1, 1, 28, 28)) == (61_706, 416_520, 15_002)
    alexnet = helpers.from_notebook("8.1-alexnet")
    with torch.device("meta"):
        rows = alexnet.layer_costs(alexnet.AlexNet().net, (1, 1, 224, 224))
    counted = helpers.cost(alexnet.AlexNet(), (1, 1, 224, 224))
    assert counted[:2] == tuple(sum(row[i] for row in rows) for i in (1, 2))


@pytest.mark.parametrize("training", [True, False])
@pytest.mark.parametrize("seen", [True, False])
def test_the_model_stays_as_it_is(training, seen):
    def outputs(counted):
        torch.manual_seed(0)
        net = nn.Sequential(
            nn.LazyConv2d(4, 3), nn.LazyBatchNorm2d(), nn.Dropout(), nn.Flatten(), nn.LazyLinear(2)
        ).train(training)
        if seen:
            net(torch.rand(8, 1, 8, 8))
        net[2].train(not training)
        before, random = state(net), torch.get_rng_state()
        if counted:
            helpers.cost(net, (2, 1, 8, 8))
            helpers.cost(net, (2, 1, 8, 8))
        assert_unchanged(net, before)
        assert torch.equal(torch.get_rng_state(), random)
        return net(torch.ones(2, 1, 8, 8))

    assert torch.equal(outputs(counted=True), outputs(counted=False))


def test_hooks_of_the_model_are_neither_called_nor_removed():
    calls, net = [], nn.Sequential(nn.Linear(2, 2))
    hook = net[0].register_forward_hook(lambda *_: calls.append(1))
    helpers.cost(net, (1, 2))
    assert not calls
    net(torch.zeros(1, 2))
    assert calls == [1]
    hook.remove()


def test_tensors_that_are_plain_attributes_stay_as_they_are():
    net = LooseTensors()
    net(torch.ones(3, 2))
    seen = net.seen
    assert helpers.cost(net, (1, 2)) == (6, 4, 2)
    assert net.seen is seen
    assert seen.tolist() == [3, 3]
    net.seen = net.layer(torch.ones(1, 2))  # part of a graph, which cannot be copied
    assert helpers.cost(net, (1, 2)) == (6, 4, 2)
    scratch = helpers.from_notebook("8.5-batch-norm").BNLeNetScratch()
    assert helpers.cost(scratch, (1, 1, 28, 28)).parameters == 44_878
    assert scratch.net[1].moving_mean.device.type == "cpu"


def test_a_model_that_is_being_trained_can_be_counted_without_its_data(monkeypatch):
    class Unmoved:
        def __deepcopy__(self, memo):
            raise AssertionError("the data were copied")

    net = nn.Sequential(nn.Linear(2, 2))
    net.trainer = Unmoved()
    net(torch.ones(1, 2)).sum().backward()
    gradient = net[0].weight.grad
    assert helpers.cost(net, (1, 2)) == (6, 4, 2)
    assert net[0].weight.grad is gradient


def test_no_memory_is_taken_for_the_weights():
    net = nn.Sequential(nn.LazyLinear(1_000_000), nn.Linear(1_000_000, 1_000_000, device="meta"))
    counted = helpers.cost(net, (1, 1_000_000))  # 4 TB each
    assert counted.parameters == 2 * 10**12 + 2 * 10**6


def test_a_network_that_looks_at_contents_is_counted_as_well():
    net = WithContents()
    random = torch.get_rng_state()
    assert helpers.cost(net, (1, 4)) == (15, 12, 3)
    assert nn.parameter.is_lazy(net.layer.weight)
    assert torch.equal(torch.get_rng_state(), random)


def test_a_network_of_other_numbers_is_counted():
    assert helpers.cost(nn.Linear(3, 2).double(), (1, 3)) == (8, 6, 2)
    assert helpers.cost(nn.Flatten(), (2, 3, 4)) == (0, 0, 24)


def test_an_input_that_does_not_fit_is_named_with_the_reason():
    lenet = helpers.from_notebook("7.6-lenet").LeNet()
    lenet(torch.zeros(1, 1, 28, 28))
    why = r"the model cannot take input_shape \(1, 3, 28, 28\): .*1 channels, but got 3"
    with pytest.raises(ValueError, match=why):
        helpers.cost(lenet, (1, 3, 28, 28))
    with pytest.raises(ValueError, match=r"input_shape \(1, 784\): "):
        helpers.cost(lenet.to("meta"), (1, 784))


@pytest.mark.parametrize("shape", [28, "28", None, (1, 1, 28.5, 28), (), (1, 0, 28, 28), (-1, 4)])
def test_what_is_no_shape_is_named(shape):
    with pytest.raises(TypeError, match=r"input_shape must be the whole numbers .*, got "):
        helpers.cost(nn.Flatten(), shape)


def test_what_is_no_model_is_named():
    with pytest.raises(TypeError, match=r"model must be a torch.nn.Module, got .*Linear.*Linear\("):
        helpers.cost(nn.Linear, (1, 2))
    with pytest.raises(TypeError, match=r"model must be a torch.nn.Module, got \[\]"):
        helpers.cost([], (1, 2))
