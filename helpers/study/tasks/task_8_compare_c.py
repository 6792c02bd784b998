"""8-compare C: what a training keeps of a batch."""

from collections.abc import Callable

import torch
from torch import Tensor, nn
from torch.autograd.graph import saved_tensors_hooks

from helpers.study.task import Draw, Mistake, Task

__all__ = ["TASK"]


def _saved(net: nn.Module, X: Tensor) -> tuple[list[Tensor], list[Tensor]]:
    """Return every tensor that autograd saves, of the network's own memory and of other."""
    own = {p.untyped_storage().data_ptr() for p in (*net.parameters(), *net.buffers())}
    saved: tuple[list[Tensor], list[Tensor]] = ([], [])

    def note(tensor: Tensor) -> Tensor:
        saved[tensor.untyped_storage().data_ptr() not in own].append(tensor)
        return tensor

    with saved_tensors_hooks(note, lambda tensor: tensor):
        output = net(X)
    del output
    return saved


def _once(tensors: list[Tensor]) -> list[Tensor]:
    """Return one tensor of each piece of memory."""
    return list({t.untyped_storage().data_ptr(): t for t in tensors}.values())


def _bytes(tensors: list[Tensor]) -> int:
    return sum(t.untyped_storage().nbytes() for t in tensors)


def saved_bytes(net: nn.Module, X: Tensor) -> int:
    """Return the bytes that a forward pass keeps for the backward pass, weights excepted."""
    return _bytes(_once(_saved(net, X)[1]))


def _outputs(net: nn.Module, X: Tensor) -> list[Tensor]:
    """Return what each layer without layers inside puts out."""
    found: list[Tensor] = []
    hooks = [
        module.register_forward_hook(lambda _, given, output: found.append(output))
        for module in net.modules()
        if not list(module.children())
    ]
    net(X)
    for hook in hooks:
        hook.remove()
    return found


def inputs(draw: Draw):
    """Yield a layer, layers that share outputs, pooling, dropout, linear layers, a sum."""
    with torch.random.fork_rng([]):
        for net, *shape in (
            (nn.Sequential(nn.Conv2d(1, 2, 1)), 1, 1, 2, 2),
            (nn.Sequential(nn.Linear(3, 2), nn.ReLU()), 2, 3),
            (nn.Sequential(nn.Conv2d(1, 2, 3), nn.ReLU(), nn.Conv2d(2, 1, 1)), 2, 1, 4, 4),
            (nn.Sequential(nn.Conv2d(1, 3, 3), nn.ReLU(), nn.MaxPool2d(2)), 1, 1, 4, 6),
            (nn.Sequential(nn.Conv2d(1, 2, 3), nn.Sigmoid(), nn.AvgPool2d(2), nn.Flatten(),
                           nn.Linear(8, 3)), 2, 1, 6, 6),
            (nn.Sequential(nn.Linear(4, 6), nn.ReLU(), nn.Dropout(0.5), nn.Linear(6, 2)), 3, 4),
            (nn.Sequential(nn.Conv2d(1, 4, 3), nn.ReLU(), nn.Conv2d(4, 4, 1), nn.ReLU(),
                           nn.MaxPool2d(2), nn.Flatten(), nn.Dropout(0.2), nn.Linear(16, 10)),
             draw.whole(1, 3), 1, 6, 6),
            (nn.Sequential(nn.Conv2d(1, 2, 3), nn.ReLU(), nn.Flatten(), nn.Linear(8, 3)),
             2, 1, 4, 4),
            # Many layers: with a few, the memory of tensors that nobody holds is now and then not
            # used again, and such a count is right by luck.
            (nn.Sequential(*[nn.ReLU() if i % 2 else nn.Conv2d(4, 4, 3, padding=1)
                             for i in range(25)]), 4, 4, 8, 8),
            (nn.Sequential(nn.Conv2d(2, 3, 1), nn.ReLU(), nn.Dropout(0.3), nn.MaxPool2d(2)),
             draw.whole(2, 4), 2, 4, 4),
        ):  # fmt: skip
            yield net, draw.numbers(*shape)


def _evaluated(change: Callable) -> Callable:
    """Return what counts in evaluation mode."""
    return lambda net, X: change(net.eval(), X)


def _weights(net: nn.Module) -> int:
    return sum(p.nbytes for p in net.parameters())


TASK = Task(
    name="8-compare C",
    asks="kept(net, X)",
    prompt="How many bytes does autograd save while `net(X)` is computed, for the backward pass? "
    "`saved_tensors_hooks(pack, unpack)` from `torch.autograd.graph` calls `pack` with each tensor "
    "that is saved. Count each piece of memory once, whoever saved it, and not that of the "
    "parameters. (`tensor.untyped_storage()` is a tensor's memory: `data_ptr()`, `nbytes()`.)",
    stub='''@helpers.task("8-compare C")
def kept(net, X):
    """Return the bytes that a forward pass keeps for the backward pass."""
    return ...  # your lines
''',
    solution='''def kept(net, X):
    """Return the bytes that a forward pass keeps for the backward pass."""
    own = {p.untyped_storage().data_ptr() for p in net.parameters()}
    saved = {}  # by memory; it also holds the tensors, so that no memory is given away again

    def pack(tensor):
        saved[tensor.untyped_storage().data_ptr()] = tensor
        return tensor

    with torch.autograd.graph.saved_tensors_hooks(pack, lambda tensor: tensor):
        output = net(X)
    return sum(t.untyped_storage().nbytes() for place, t in saved.items() if place not in own)
''',
    hints=(
        "Inside `with torch.autograd.graph.saved_tensors_hooks(pack, unpack):` call net(X). pack "
        "notes its tensor and returns it, and so does unpack.",
        "Two layers may save the same memory. A dict with data_ptr() of the storage as its key "
        "holds each once.",
        "The parameters are saved, too, but take no new memory: leave out what has the data_ptr() "
        "of a parameter's storage.",
        "def pack(tensor):\n    saved[tensor.untyped_storage().data_ptr()] = tensor\n"
        "    return tensor",
    ),
    reference=saved_bytes,
    inputs=inputs,
    mistakes=(
        Mistake("counted several times", "What two layers save is counted twice: a ReLU saves its "
                "output, and the layer behind it the same memory as its input. Count each piece of "
                "memory once.", lambda net, X: _bytes(_saved(net, X)[1])),
        Mistake("with the parameters", "The memory of the parameters is counted, too: a linear "
                "layer saves its weights, but these are there in any case.",
                lambda net, X: _bytes(_once([*_saved(net, X)[0], *_saved(net, X)[1]]))),
        Mistake("with the parameters, several times", "Everything that is saved is counted: memory "
                "that two layers save twice, and that of the parameters.",
                lambda net, X: _bytes([*_saved(net, X)[0], *_saved(net, X)[1]])),
        Mistake("all parameters in addition", "The parameters are added: they are there in any "
                "case, and not kept of a batch.",
                after=lambda n, net, X: n + _weights(net)),
        Mistake("parameters subtracted", "The bytes of all parameters are subtracted. Not every "
                "layer saves its parameters, and biases are not saved: leave out those that are.",
                lambda net, X: _bytes(_once([*_saved(net, X)[0], *_saved(net, X)[1]]))
                - _weights(net)),
        Mistake("numbers in place of bytes", "Numbers are counted, not bytes: a float32 has four, "
                "and the places that max-pooling remembers have eight each.",
                lambda net, X: sum(t.numel() for t in _once(_saved(net, X)[1]))),
        Mistake("four bytes each", "Every number is counted with four bytes. The places that "
                "max-pooling remembers are whole numbers of eight: nbytes() of the storage knows.",
                lambda net, X: sum(4 * t.numel() for t in _once(_saved(net, X)[1]))),
        Mistake("the same shape", "Tensors of the same shape are taken for the same memory: "
                "data_ptr() of the storage tells which memory it is.",
                lambda net, X: _bytes(list({t.shape: t for t in _saved(net, X)[1]}.values()))),
        Mistake("views counted apart", "Two tensors may share their memory, such as maps and "
                "their flattened view: take data_ptr() of the storage, not the tensor itself.",
                lambda net, X: _bytes(list({id(t): t for t in _saved(net, X)[1]}.values()))),
        Mistake("only the output", "These are the bytes of the network's output, which the "
                "backward pass may not even need.", lambda net, X: net(X).nbytes),
        Mistake("outputs of the layers", "The outputs of all layers are added up. Not every output "
                "is kept, and the batch itself and what max-pooling and dropout remember are.",
                lambda net, X: _bytes(_outputs(net, X))),
        Mistake("outputs of the layers", "The outputs of all layers and the batch are added up. "
                "Not every output is kept, and what max-pooling and dropout remember is.",
                lambda net, X: _bytes([X, *_outputs(net, X)])),
        Mistake("outputs of the layers", "The numbers in the outputs of all layers are added up. "
                "Not every output is kept, and the batch itself and what max-pooling and dropout "
                "remember are.", lambda net, X: sum(t.numel() for t in _outputs(net, X))),
        Mistake("without the batch", "The batch itself is not counted: the first layer needs it "
                "again for the gradient of its weights.", after=lambda n, net, X: n - X.nbytes),
        Mistake("nothing is saved", "Nothing is saved: is net(X) called inside `with "
                "saved_tensors_hooks(…)`, and without torch.no_grad()?", lambda net, X: 0),
        Mistake("parameters only", "These are the bytes of the parameters, which are there in any "
                "case.", lambda net, X: _weights(net)),
        Mistake("parameters only", "Only the memory of parameters is counted: it is what is to be "
                "left out.", lambda net, X: _bytes(_once(_saved(net, X)[0]))),
        Mistake("in evaluation mode", "The network is in evaluation mode, where dropout does "
                "nothing and remembers nothing: leave out net.eval().", _evaluated(saved_bytes)),
        Mistake("how many tensors", "The tensors that are saved are counted, not their bytes.",
                lambda net, X: len(_once(_saved(net, X)[1]))),
        Mistake("how many tensors", "The tensors that are saved are counted, not their bytes.",
                lambda net, X: sum(map(len, _saved(net, X)))),
        Mistake("only the last", "Only the tensor that was saved last is counted.",
                lambda net, X: _bytes([*_saved(net, X)[1]][-1:])),
        Mistake("memory used again", "Some bytes are missing. Does anything hold the tensors until "
                "the end? If pack returns nothing, their memory is given back, and is used again "
                "under the same address.", tells=lambda n, net, X: 0 < n < saved_bytes(net, X)),
    ),
    conditions={
        "there is dropout": lambda net, X: any(isinstance(m, nn.Dropout) for m in net),
        "there is max-pooling": lambda net, X: any(isinstance(m, nn.MaxPool2d) for m in net),
        "there is a ReLU": lambda net, X: any(isinstance(m, nn.ReLU) for m in net),
        "there is a linear layer": lambda net, X: any(isinstance(m, nn.Linear) for m in net),
        "there are many layers": lambda net, X: len(net) > 8,
        "there is more than one layer": lambda net, X: len(net) > 1,
    },
)  # fmt: skip
