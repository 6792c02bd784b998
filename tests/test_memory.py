"""`helpers.kept` measures what autograd keeps, each piece of memory once, and changes nothing."""

import pytest
import torch
from torch import nn
from torch.nn import functional as F

import helpers
from tests.test_cost import Shared, WithContents, assert_unchanged, state

FLOAT, INDEX = 4, 8  # bytes


def test_a_linear_layer_keeps_its_input_and_not_its_weights():
    assert helpers.kept(nn.Linear(10, 5), (7, 10)) == FLOAT * 7 * 10
    assert helpers.kept(nn.LazyLinear(5), (7, 10)) == FLOAT * 7 * 10


def test_what_two_layers_save_is_counted_once():
    # The first layer saves X; ReLU its own output, which the second layer saves too.
    net = nn.Sequential(nn.Linear(10, 20), nn.ReLU(), nn.Linear(20, 5))
    assert helpers.kept(net, (3, 10)) == FLOAT * 3 * (10 + 20)


def test_an_output_that_no_backward_pass_needs_is_not_counted():
    two = nn.Sequential(nn.Conv2d(1, 4, 3, padding=1), nn.Conv2d(4, 2, 3, padding=1))
    assert helpers.kept(two, (1, 1, 8, 8)) == FLOAT * 64 * (1 + 4)  # not the output of the last
    average = nn.Sequential(nn.Conv2d(1, 4, 3, padding=1), nn.AdaptiveAvgPool2d(1), nn.Flatten())
    assert helpers.kept(average, (1, 1, 8, 8)) == FLOAT * 64  # a mean needs none


def test_pooling_keeps_its_input_and_where_the_largest_were():
    net = nn.Sequential(nn.Conv2d(1, 4, 3, padding=1), nn.MaxPool2d(2))
    assert helpers.kept(net, (1, 1, 8, 8)) == FLOAT * 64 * (1 + 4) + INDEX * 16 * 4


def test_batch_normalisation_keeps_its_input_and_two_numbers_a_channel():
    net = nn.Sequential(nn.Conv2d(1, 4, 3, padding=1), nn.BatchNorm2d(4))
    assert helpers.kept(net, (2, 1, 8, 8)) == FLOAT * (2 * 64 * (1 + 4) + 2 * 4)


def test_functions_and_joined_branches_are_counted_like_layers():
    class Branches(nn.Module):
        def __init__(self):
            super().__init__()
            self.a, self.b = nn.Conv2d(1, 2, 1), nn.Conv2d(1, 3, 1)
            self.last = nn.Conv2d(5, 1, 1)

        def forward(self, X):
            return self.last(torch.cat((F.relu(self.a(X)), F.relu(self.b(X))), dim=1))

    # X, two outputs of ReLU, and the copy of both that torch.cat made.
    assert helpers.kept(Branches(), (1, 1, 4, 4)) == FLOAT * 16 * (1 + 2 + 3 + 5)
    assert helpers.kept(Shared(), (1, 4)) == FLOAT * (4 + 4)


def test_only_a_training_keeps_and_frozen_layers_keep_less():
    net = nn.Sequential(nn.Linear(10, 20), nn.Dropout(0.5), nn.Linear(20, 5)).eval()
    with_dropout = helpers.kept(net, (3, 10))
    assert not net.training
    assert with_dropout == FLOAT * 3 * (10 + 20 + 20)  # the mask, and what it let through
    for p in net.parameters():
        p.requires_grad_(False)
    assert helpers.kept(net, (3, 10)) == 0


@pytest.mark.parametrize(
    "name, make, size",
    [
        ("7.6-lenet", "LeNet", 28),
        ("8.4-googlenet", "GoogleNet", 96),
        ("8.6-resnet", "ResNet18", 96),
    ],
)
def test_on_meta_as_much_is_kept_as_on_the_processor(name, make, size):
    model = getattr(helpers.from_notebook(name), make)()
    measured = helpers.kept(model, (2, 1, size, size))
    X = torch.rand(2, 1, size, size)
    model(X)
    own = {t.untyped_storage().data_ptr() for t in (*model.parameters(), *model.buffers())}
    found = {}

    def pack(tensor):
        found[tensor.untyped_storage().data_ptr()] = tensor
        return tensor

    with torch.autograd.graph.saved_tensors_hooks(pack, lambda tensor: tensor):
        model(X)
    assert measured == sum(
        tensor.untyped_storage().nbytes() for place, tensor in found.items() if place not in own
    )


def test_a_batch_takes_as_many_times_as_it_has_images():
    net = nn.Sequential(nn.LazyConv2d(4, 3), nn.ReLU(), nn.Flatten(), nn.LazyLinear(2))
    assert helpers.kept(net, (32, 1, 8, 8)) == 32 * helpers.kept(net, (1, 1, 8, 8))


@pytest.mark.parametrize("seen", [True, False])
def test_the_model_stays_as_it_is(seen):
    net = nn.Sequential(
        nn.LazyConv2d(4, 3), nn.LazyBatchNorm2d(), nn.Dropout(), nn.Flatten(), nn.LazyLinear(2)
    ).eval()
    if seen:
        net(torch.rand(8, 1, 8, 8))
    before, random = state(net), torch.get_rng_state()
    assert helpers.kept(net, (2, 1, 8, 8)) == helpers.kept(net, (2, 1, 8, 8))
    assert_unchanged(net, before)
    assert torch.equal(torch.get_rng_state(), random)


def test_no_memory_is_taken():
    net = nn.Linear(1_000_000, 1_000_000, device="meta")  # 4 TB
    assert helpers.kept(net, (1_000_000, 1_000_000)) == FLOAT * 10**12
    assert helpers.kept(WithContents(), (2, 4)) == FLOAT * 2 * 4


def test_what_the_network_cannot_take_is_named():
    bn = nn.Sequential(nn.LazyLinear(4), nn.LazyBatchNorm1d())
    with pytest.raises(ValueError, match=r"cannot take input_shape \(1, 3\): .*more than 1 value"):
        helpers.kept(bn, (1, 3))
    with pytest.raises(TypeError, match=r"model must be a torch.nn.Module, got .*Linear\("):
        helpers.kept(nn.Linear, (1, 2))
    with pytest.raises(TypeError, match=r"input_shape must be the whole numbers"):
        helpers.kept(nn.Flatten(), 28)
