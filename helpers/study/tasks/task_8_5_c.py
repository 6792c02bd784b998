"""8.5 C: fold a batch normalisation into the convolution before it."""

from collections.abc import Callable, Mapping
from itertools import combinations
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from helpers.study.task import Draw, Mistake, Requirement, Task

__all__ = ["TASK"]


def both(X: Tensor, weight: Tensor, bias: Tensor | None, mean: Tensor, var: Tensor, gamma: Tensor,
         beta: Tensor, eps: float, options: Mapping[str, Any]) -> Tensor:  # fmt: skip
    """Return what convolution and normalisation make of X in prediction mode."""
    conv, norm = layers(weight, bias, mean, var, gamma, beta, eps, options)
    with torch.no_grad():
        return norm.double()(conv.double()(X.double()))


def layers(*numbers: Any) -> tuple[nn.Conv2d, nn.BatchNorm2d]:
    """Return the two layers, in prediction mode, with the numbers that `both` takes after X."""
    weight, bias, mean, var, gamma, beta, eps, options = numbers
    out, per_group, *size = weight.shape
    channels = per_group * options.get("groups", 1)
    # Without the initial weights, which would be random numbers.
    conv = nn.utils.skip_init(nn.Conv2d, channels, out, size, bias=bias is not None, **options)
    norm = nn.BatchNorm2d(out, eps=eps)
    for parameter, value in ((conv.weight, weight), (conv.bias, bias), (norm.weight, gamma),
                             (norm.bias, beta)):  # fmt: skip
        if value is not None:
            parameter.data.copy_(value)
    norm.running_mean, norm.running_var = mean.clone(), var.clone()
    return conv.eval(), norm.eval()


def probe(attempt: Callable, X: Tensor, *numbers: Any) -> Tensor:
    """Return what the folded layer makes of X."""
    with torch.no_grad():
        return attempt(*layers(*numbers))(X)


def _numbers(
    draw: Draw, c: int, size: tuple[int, ...], bias: bool, options: Mapping[str, Any]
) -> tuple:
    """Return what makes two layers: negative scales, and a small variance beside eps."""
    groups, k = options.get("groups", 1), size[2:]
    out = size[0]
    weight = draw.numbers(out, c // groups, *k, low=-2, high=2)
    weight[:, 0, 0, 0] += 3
    mean, beta = draw.numbers(out, low=1, high=4), draw.numbers(out, low=-4, high=-1)
    gamma = draw.numbers(out, low=1.25, high=3)
    gamma[0] *= -1
    var = draw.numbers(out, low=0.5, high=6)
    shift = draw.numbers(out, low=1, high=3) if bias else None
    return weight, shift, mean, var, gamma, beta, draw.one_of(1e-5, 0.5), options


def inputs(draw: Draw):
    """Yield images and the numbers of two layers: with and without bias, stride and groups."""
    one = torch.ones(1)
    X, weight = torch.tensor([[[[1.0, 2.0]]]]), torch.tensor([[[[2.0]]]])
    yield X, weight, 3 * one, one, 4 * one, one, 0 * one, 1e-5, {}
    yield X, weight, 3 * one, 0 * one, 3 * one, 2 * one, one, 1.0, {}
    yield 0.25 * X, weight, one, one, 1e-4 * one, 0.01 * one, one, 1e-5, {}
    kinds: list[tuple[int, tuple[int, ...], bool, dict]] = [
        (1, (2, 1, 1, 2), True, {}), (2, (3, 2, 2, 1), True, {}), (2, (2, 2, 2, 2), True, {}),
        (2, (3, 2, 1, 1), False, {}), (1, (2, 1, 3, 3), True, {"padding": 1}),
        (1, (2, 1, 2, 2), True, {"stride": 2}), (2, (4, 1, 2, 2), True, {"groups": 2}),
        (3, (3, 1, 2, 2), False, {"groups": 3, "padding": 1}),
        (1, (2, 1, 2, 2), True, {"dilation": 2}),
    ]  # fmt: skip
    for c, size, bias, options in kinds:
        yield draw.numbers(1, c, 4, 5), *_numbers(draw, c, size, bias, options)


def _example() -> tuple[nn.Conv2d, nn.BatchNorm2d]:
    a = torch.ones(1)
    return layers(torch.full((1, 1, 1, 1), 2.0), 3 * a, a, 4 * a, a, a, 1e-5, {})


def _no_layer(attempt: Callable) -> dict[str, Any] | None:
    result = attempt(*_example())
    return None if isinstance(result, nn.Module) else {"got": result}


def _not_folded(attempt: Callable) -> dict[str, Any] | None:
    result = attempt(*_example())
    own = [m for m in result.modules() if not list(m.children())]
    rest = [m for m in own if not isinstance(m, nn.Identity)]
    return None if len(rest) == 1 and isinstance(rest[0], nn.Conv2d) else {"got": result}


def _changed(attempt: Callable) -> dict[str, Any] | None:
    conv, norm = _example()
    attempt(conv, norm)
    for layer, before in zip((conv, norm), _example()):
        for (name, now), old in zip(layer.state_dict().items(), before.state_dict().values()):
            if not torch.equal(now, old):
                kind = "convolution" if layer is conv else "normalisation"
                return {"which": f"the {kind}'s {name}", "before": old, "after": now}
    return None


# --- mistakes: another weight and another bias ---


def _folding(make: Callable[..., tuple[Tensor, Tensor]]) -> Callable:
    """Return what a convolution with weight and bias from `make(w, b, m, v, g, s, eps)` gives."""

    def compute(X, weight, bias, mean, var, gamma, beta, eps, options):
        b = torch.zeros_like(mean) if bias is None else bias
        parts = (t.double() for t in (weight, b, mean, var, gamma, beta))
        weight, b = make(*parts, eps)
        return F.conv2d(X.double(), weight, b, **options)

    return compute


def _by(factor: Tensor, weight: Tensor) -> Tensor:
    return weight * factor[:, None, None, None]


def _lost(*names: str) -> Callable:
    """Return the arguments with some options of the convolution left out."""

    def change(*arguments: Any) -> tuple:
        kept = {k: v for k, v in arguments[-1].items() if k not in names}
        return (*arguments[:-1], kept)

    return change


def _own(w, b, m, v, g, s, eps):
    k = g / (v + eps).sqrt()
    return _by(k, w), (b - m) * k + s


def _input_channels(w, b, m, v, g, s, eps):
    return w * (g / (v + eps).sqrt())[None, :, None, None], _own(w, b, m, v, g, s, eps)[1]


def _columns(w, b, m, v, g, s, eps):
    return w * (g / (v + eps).sqrt()), _own(w, b, m, v, g, s, eps)[1]


OPTIONS = ("stride", "padding", "dilation", "groups")

TASK = Task(
    name="8.5 C",
    asks="fold(conv, norm)",
    prompt="Return one `nn.Conv2d` that computes what `norm(conv(X))` does in prediction mode. \
`conv` is any `nn.Conv2d`, also one without a bias, with a stride, padding or groups; `norm` is \
the `nn.BatchNorm2d` behind it, with `weight`, `bias`, `running_mean`, `running_var` and `eps`. \
Leave both as they are: `copy.deepcopy(conv)` is a layer that you may change.",
    stub='''@helpers.task("8.5 C")
def fold(conv, norm):
    """Return one convolution that predicts what norm(conv(X)) does."""
    return ...  # your lines
''',
    solution='''def fold(conv, norm):
    """Return one convolution that predicts what norm(conv(X)) does."""
    import copy

    folded = copy.deepcopy(conv)
    scale = norm.weight / torch.sqrt(norm.running_var + norm.eps)
    bias = 0 if conv.bias is None else conv.bias
    folded.weight = nn.Parameter(conv.weight * scale[:, None, None, None])
    folded.bias = nn.Parameter((bias - norm.running_mean) * scale + norm.bias)
    return folded
''',
    hints=(
        "In prediction mode, a channel's output z becomes γ (z − μ) / σ + β. Sort that by z: "
        "a factor, and a constant.",
        "The factor is scale = norm.weight / torch.sqrt(norm.running_var + norm.eps), one number "
        "for each output channel. All weights of the channel are multiplied by it.",
        "A convolution's weight has the shape (output channels, input channels, rows, columns): "
        "conv.weight * scale[:, None, None, None].",
        "The convolution's own bias b is part of z: the new bias is (b − μ) · scale + β, with "
        "b = 0 where conv.bias is None.",
    ),
    reference=both,
    inputs=inputs,
    probe=probe,
    requirements=(
        Requirement("no layer", "The result is to be a layer, an nn.Conv2d that can be called.",
                    _no_layer),
        Requirement("not folded", "The result still has more in it than one convolution: the "
                    "normalisation is to disappear in its weights and its bias.", _not_folded),
        Requirement("changes its input", "{which} is another one afterwards: whoever uses the two "
                    "layers once more normalises twice. Work on copy.deepcopy(conv).", _changed),
    ),
    mistakes=(
        Mistake("convolution unchanged", "The convolution is as it was: weight and bias are still "
                "to be set.", _folding(lambda w, b, m, v, g, s, eps: (w, b))),
        Mistake("bias not set", "The weights are right, but the bias is still that of the "
                "convolution.", _folding(lambda w, b, *more: (_own(w, b, *more)[0], b))),
        Mistake("weights not set", "The bias is right, but the weights are still those of the "
                "convolution.", _folding(lambda w, b, *more: (w, _own(w, b, *more)[1]))),
        Mistake("own bias not scaled", "The convolution's own bias is part of what is normalised: "
                "it is to be multiplied by the scale, too.",
                _folding(lambda w, b, m, v, g, s, eps: (
                    _by(g / (v + eps).sqrt(), w), b - m * g / (v + eps).sqrt() + s))),
        Mistake("own bias lost", "The bias that the convolution has already is left out.",
                _folding(lambda w, b, *more: _own(w, 0 * b, *more))),
        Mistake("mean forgotten", "The moving mean is not taken away.",
                _folding(lambda w, b, m, *more: _own(w, b, 0 * m, *more))),
        Mistake("mean not scaled", "The moving mean is taken away after the scale; it is part of "
                "what is scaled: (b − μ) · scale.",
                _folding(lambda w, b, m, v, g, s, eps: (
                    _by(g / (v + eps).sqrt(), w), b * g / (v + eps).sqrt() - m + s))),
        Mistake("mean added", "The moving mean is added; it is to be taken away.",
                _folding(lambda w, b, m, *more: _own(w, b, -m, *more))),
        Mistake("shift forgotten", "The shift β (norm.bias) is left out.",
                _folding(lambda w, b, m, v, g, s, eps: _own(w, b, m, v, g, 0 * s, eps))),
        Mistake("shift scaled", "The shift β is multiplied by the scale: it comes after it.",
                _folding(lambda w, b, m, v, g, s, eps: _own(w, b + s, m, v, g, 0 * s, eps))),
        Mistake("scale forgotten", "The scale γ (norm.weight) is left out.",
                _folding(lambda w, b, m, v, g, s, eps: _own(w, b, m, v, 0 * g + 1, s, eps))),
        Mistake("eps forgotten", "norm.eps is not added to the variance.",
                _folding(lambda w, b, m, v, g, s, eps: _own(w, b, m, v, g, s, 0))),
        Mistake("eps is always 1e-5", "eps is not always 1e-5: take norm.eps.",
                _folding(lambda w, b, m, v, g, s, eps: _own(w, b, m, v, g, s, 1e-5))),
        Mistake("eps outside the root", "eps is added to the deviation; it is added to the "
                "variance, before the root.",
                _folding(lambda w, b, m, v, g, s, eps: _own(w, b, m, (v.sqrt() + eps) ** 2, g, s,
                                                            0))),
        Mistake("divided by the variance", "It is divided by the variance: take its root.",
                _folding(lambda w, b, m, v, g, s, eps: _own(w, b, m, (v + eps) ** 2, g, s, 0))),
        Mistake("scale at the input channels", "The scale meets the input channels: the weight's "
                "first axis is that of the output channels, scale[:, None, None, None].",
                _folding(_input_channels)),
        Mistake("scale at the columns", "The scale meets the kernel's columns: it needs three more "
                "axes, scale[:, None, None, None].", _folding(_columns)),
        *(Mistake(f"{names[0]} lost" if len(names) == 1 else "options lost",
                  f"The new convolution lacks {', '.join(names)} of the old one: "
                  "copy.deepcopy(conv) keeps all there is.", before=_lost(*names))
          for n in (1, 2, 3, 4) for names in combinations(OPTIONS, n)),
    ),
    conditions={
        "the convolution has no bias": lambda X, w, b, *more: b is None,
        "there are several output channels": lambda X, w, *more: w.shape[0] > 1,
        "eps is not 1e-5": lambda *a: a[-2] != 1e-5,
    },
)  # fmt: skip
