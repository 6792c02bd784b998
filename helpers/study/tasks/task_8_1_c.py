"""8.1 C: He's initial weights."""

import math
from collections.abc import Callable, Mapping
from typing import Any

from torch import Tensor, nn

from helpers.study import weights
from helpers.study.task import Requirement, Task
from helpers.study.weights import each, fan_in, fan_out, filled, is_close

__all__ = ["TASK"]

Layer = nn.Linear | nn.Conv2d
Found = Mapping[str, Any] | None


def he(W: Tensor) -> float:
    """Return the variance that is asked for."""
    return 2 / fan_in(W)


def _no_bias(layer: Layer) -> Found:
    return {} if layer.bias is None else None


def _bias(layer: Layer) -> Found:
    bias = layer.bias
    return {"bias": bias[:6]} if bias is not None and bool((bias != 0).any()) else None


def _without_bias(attempt: Callable) -> Found:
    layer = filled(attempt, nn.Conv2d(3, 4, 5, bias=False))
    return None if layer.bias is None else {}


def _no_bias_asked(attempt: Callable) -> Found:
    try:
        filled(attempt, nn.Conv2d(3, 4, 5, bias=False))
    except (AttributeError, TypeError) as error:
        return {"PyTorch says": str(error)} if "NoneType" in str(error) else None
    return None


def _scaled(attempt: Callable) -> Found:
    """Find weights that are proportional to those that were there before."""
    layer = nn.Linear(40, 30)
    before = layer.weight.detach().clone()
    attempt(layer)
    factors = (layer.weight.detach() / before)[before != 0]
    return {} if bool((factors / factors[0] - 1).abs().max() < 1e-3) else None


def _seeded(attempt: Callable) -> Found:
    first, second = (filled(attempt, nn.Linear(20, 30)).weight for _ in range(2))
    return {} if bool(first.equal(second)) else None


def _shown(layer: Layer) -> Mapping[str, Any]:
    """Return what is shown of a layer whose weights have another variance."""
    W = layer.weight.detach()
    return {
        "layer": weights.told(layer), "inputs of a unit": fan_in(W),
        "expected": he(W), "got": float(W.var()),
    }  # fmt: skip


def _is(variance: Callable[[Tensor], float]) -> Callable[[Callable], Found]:
    """Return what finds an attempt whose weights have this variance in every layer."""

    def broken(attempt: Callable) -> Found:
        layers = [filled(attempt, layer) for layer in weights.layers()]
        pairs = [(layer, layer.weight.detach()) for layer in layers]
        if all(is_close(float(W.var()), variance(W)) for _, W in pairs):
            return next((_shown(l) for l, W in pairs if not is_close(variance(W), he(W))), None)
        return None

    return broken


def _same_everywhere(attempt: Callable) -> Found:
    layers = [filled(attempt, layer) for layer in weights.layers()]
    found = [float(layer.weight.var()) for layer in layers]
    return _shown(layers[0]) if all(is_close(v, found[0]) for v in found) else None


def _another(layer: Layer) -> Found:
    W = layer.weight.detach()
    return None if is_close(float(W.var()), he(W)) else _shown(layer)


VARIANCES: tuple[tuple[str, str, Callable[[Tensor], float]], ...] = (
    ("1 in place of 2", "The variance is 1 / inputs, which keeps the signal through linear layers "
     "alone. ReLU halves its power, and the 2 makes up for that.", lambda W: 1 / fan_in(W)),
    ("variance taken for the deviation", "2 / inputs is the variance; nn.init.normal_ and "
     "torch.randn want its root, the standard deviation.", lambda W: he(W) ** 2),
    ("root of a root", "The root is taken twice: the standard deviation is the root of "
     "2 / inputs.", lambda W: math.sqrt(he(W))),
    ("2 outside of the root", "The 2 belongs under the root: the standard deviation is the root "
     "of 2 / inputs.", lambda W: 4 / fan_in(W)),
    ("outputs in place of inputs", "The outputs are counted, which keeps the size of the "
     "gradients on their way back. The inputs of a unit are asked for.",
     lambda W: 2 / fan_out(W)),
    ("number of outputs", "It is divided by the number of outputs, len(layer.weight): the inputs "
     "of a unit are asked for.", lambda W: 2 / W.shape[0]),
    ("Xavier", "These are Xavier's weights, 2 / (inputs + outputs): He's leave the outputs out.",
     lambda W: 2 / (fan_in(W) + fan_out(W))),
    ("kernel not counted", "A unit of a convolution sees a window: its inputs are the channels "
     "times the kernel's area, not the channels alone.", lambda W: 2 / W.shape[1]),
    ("channels not counted", "A unit of a convolution sees the window in all its input channels: "
     "the kernel's area alone is too small a number.",
     lambda W: 2 / (W[0, 0].numel() if W.dim() == 4 else W.shape[1])),
    ("square kernel", "The kernel's height is taken for its width, too: that is right for square "
     "kernels only.", lambda W: 2 / (W.shape[1] * (W.shape[2] ** 2 if W.dim() == 4 else 1))),
    ("square kernel", "The kernel's width is taken for its height, too: that is right for square "
     "kernels only.", lambda W: 2 / (W.shape[1] * (W.shape[3] ** 2 if W.dim() == 4 else 1))),
    ("all weights of the layer", "The number of all weights is taken. One unit has as many inputs "
     "as weights of its own: layer.weight[0].numel().", lambda W: 2 / W.numel()),
    ("PyTorch's default", "The variance is 1 / (3 · inputs), that of PyTorch's own start, with "
     "which the signal fades.", lambda W: 1 / (3 * fan_in(W))),
    ("without the root", "The weights are divided by the number of inputs, and not by its root: "
     "their variance is 1 / inputs².", lambda W: 1 / fan_in(W) ** 2),
    ("multiplied by the inputs", "The variance grows with the inputs: it is 2 divided by their "
     "number.", lambda W: 2 * fan_in(W)),
)  # fmt: skip

TASK = Task(
    name="8.1 C",
    asks="he(layer)",
    prompt="Give a layer He's initial weights. `layer` is an `nn.Linear` or an `nn.Conv2d`, with "
    "or without a bias. Draw its weights anew from a normal distribution with mean 0 and variance "
    "2 / (inputs of one unit), and set the bias to 0. The function changes the layer; it need not "
    "return anything.",
    stub='''@helpers.task("8.1 C")
def he(layer):
    """Give a linear layer or a convolution He's weights, and bias 0."""
    return ...  # your lines
''',
    solution='''def he(layer):
    """Give a linear layer or a convolution He's weights, and bias 0."""
    inputs = layer.weight[0].numel()  # one unit has as many weights
    nn.init.normal_(layer.weight, 0, (2 / inputs) ** 0.5)
    if layer.bias is not None:
        nn.init.zeros_(layer.bias)
''',
    hints=(
        "One unit has as many weights as inputs: a unit of a convolution sees the window in all "
        "input channels.",
        "layer.weight[0] holds the weights of the first unit, in both kinds of layer, and numel() "
        "counts them.",
        "nn.init.normal_(tensor, mean, std) fills a parameter in place. It wants the standard "
        "deviation, the root of the variance.",
        "For the bias: nn.init.zeros_(layer.bias), if layer.bias is not None.",
    ),
    may_change=True,
    requirements=(
        Requirement("no bias", "A layer that was made with bias=False has None in the place of its "
                    "bias: ask first, if layer.bias is not None.", _no_bias_asked),
        Requirement("weights unchanged", "The weights of {layer} are the same after the call. Is "
                    "something made that the layer does not get, or is this kind of layer passed "
                    "over?", each(weights.find_unchanged)),
        Requirement("shape", "The weights of {layer} have another shape than before.",
                    each(weights.find_another_shape)),
        Requirement("another type", "The weights of {layer} are {got} now. They are to be float32, "
                    "as the images are.", each(weights.find_another_dtype)),
        Requirement("no gradient", "The weights of {layer} take no gradient any more "
                    "(requires_grad is False): they would never learn.",
                    each(weights.find_no_gradient)),
        Requirement("not finite", "The weights of {layer} hold `nan` or infinity.",
                    each(weights.find_not_finite)),
        Requirement("old weights scaled", "The weights that were there are multiplied with a "
                    "number: draw new ones.", _scaled),
        Requirement("constant weights", "All weights of {layer} are {weight:.4g}: all its units "
                    "would compute the same, and learn the same.", each(weights.find_constant)),
        Requirement("units alike", "All units of {layer} get the same weights, or each unit one "
                    "number for all its weights: draw one for each weight.",
                    each(weights.find_repeated)),
        Requirement("a seed is set", "Two layers of one size get the same weights: is a seed set "
                    "within the function?", _seeded),
        Requirement("not normal", "The weights of {layer} end at {farthest:.2g} standard "
                    "deviations: they are spread evenly. A normal distribution is asked for.",
                    each(weights.find_not_normal)),
        Requirement("mean", "The weights of {layer} have the mean {mean:.3g}; it is to be 0. "
                    "(The first number of normal_ is the mean, the second the deviation.)",
                    each(weights.find_mean)),
        Requirement("same for all layers", "The weights of all layers have the variance "
                    "{got:.3g}. It is to depend on the layer: the more inputs a unit adds up, the "
                    "smaller its weights.", _same_everywhere),
        *(Requirement(name, sentence, _is(variance)) for name, sentence, variance in VARIANCES),
        Requirement("variance", "The variance of the weights of {layer} is {got:.3g}, and is to be "
                    "{expected:.3g}.", each(_another)),
        Requirement("bias removed", "{layer} has no bias any more: set it to 0, but leave it "
                    "there.", each(_no_bias)),
        Requirement("bias not 0", "The bias of {layer} is not 0.", each(_bias)),
        Requirement("bias added", "A layer without a bias has one after the call.", _without_bias),
    ),
)  # fmt: skip
