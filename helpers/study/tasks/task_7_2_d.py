"""7.2 D: the largest stable learning rate."""

import torch
from torch import Tensor

from helpers.study.task import Draw, Mistake, Task

__all__ = ["TASK"]


def limit(A: Tensor) -> float:
    """Return the learning rate from which gradient descent on |A w − y|² does not converge."""
    return float(2 / _eigenvalues(A).max())


def _eigenvalues(A: Tensor) -> Tensor:
    return torch.linalg.eigvalsh(2 * A.T.double() @ A.double())


def inputs(draw: Draw):
    """Yield windows of images as rows of a matrix: tall, wide and square ones."""
    yield (torch.tensor([[1.0], [2.0]]),)
    yield (torch.tensor([[3.0, 0.0], [0.0, 1.0]]),)
    yield (torch.tensor([[1.0, 1.0], [1.0, 0.0], [0.0, 0.0]]),)
    for n, k in ((3, 2), (5, 2), (4, 3), (6, 4), (9, 2), (2, 2), (3, 3)):
        yield (draw.numbers(n, k),)
        yield (draw.numbers(n, k, low=0, high=1) + torch.eye(n, k),)


TASK = Task(
    name="7.2 D",
    asks="limit(A)",
    prompt="How large may the learning rate be for another image? `A` holds its windows as rows; \
the loss is again the sum of squared errors. Return the learning rate below which gradient \
descent converges from every start, and above which it does not.",
    stub='''@helpers.task("7.2 D")
def limit(A):
    """Return the limit of the learning rate for the windows A."""
    return ...  # your lines
''',
    solution='''def limit(A):
    """Return the limit of the learning rate for the windows A."""
    hessian = 2 * A.T @ A
    return float(2 / torch.linalg.eigvalsh(hessian).max())
''',
    hints=(
        "A step multiplies the distance along an eigenvector of the Hessian by 1 − lr · "
        "eigenvalue.",
        "The Hessian is 2 * A.T @ A. Which of its eigenvalues leaves the interval from −1 to 1 "
        "first?",
        "torch.linalg.eigvalsh(hessian) gives the eigenvalues; the limit is 2 divided by the "
        "largest.",
    ),
    reference=limit,
    inputs=inputs,
    mistakes=(
        Mistake("without the factor 2 of the Hessian", "The Hessian of |A w − y|² is 2 AᵀA: the \
2 is missing, and the limit twice as large as it should be.",
                after=lambda r, A: 2 * r),
        Mistake("1 in place of 2", "This is 1 divided by the largest eigenvalue, the rate that \
reaches the goal in one step along that direction. The limit is where the factor becomes −1.",
                after=lambda r, A: r / 2),
        Mistake("smallest eigenvalue", "The smallest eigenvalue is used: along the others the \
steps are too long. The largest sets the limit.",
                lambda A: float(2 / _eigenvalues(A).min())),
        Mistake("not squared", "The singular values of A are taken; the eigenvalues of AᵀA are "
                "their squares.",
                lambda A: float(1 / torch.linalg.svdvals(A.double()).max())),
        Mistake("the inverse", "This is the largest eigenvalue itself, or a multiple of it: the \
larger it is, the smaller the rate has to be.",
                lambda A: float(_eigenvalues(A).max())),
        Mistake("half the largest eigenvalue", "This is half the largest eigenvalue: the limit is \
2 divided by it, the inverse.",
                lambda A: float(_eigenvalues(A).max() / 2)),
        Mistake("mean squared error", "The loss is the sum over the windows, not their mean.",
                after=lambda r, A: r * A.shape[0]),
        Mistake("sum of the eigenvalues", "The sum of the eigenvalues (the trace) is used: then \
the rate is safe, but not the largest.",
                lambda A: float(2 / _eigenvalues(A).sum())),
        Mistake("mean of the eigenvalues", "The mean of the eigenvalues is used; the largest "
                "sets the limit.",
                lambda A: float(2 / _eigenvalues(A).mean())),
        Mistake("both eigenvalues", "Largest and smallest eigenvalue together give the *best* "
                "rate, 2 / (sum of both); the limit depends on the largest alone.",
                lambda A: float(2 / (_eigenvalues(A).max() + _eigenvalues(A).min()))),
        Mistake("largest entry", "The largest entry of the Hessian is used, not its largest "
                "eigenvalue.",
                lambda A: float(2 / (2 * A.T.double() @ A.double()).max())),
        Mistake("sum of the entries", "All entries of the Hessian are added up; its largest "
                "eigenvalue is needed.",
                lambda A: float(2 / (2 * A.T.double() @ A.double()).sum())),
        Mistake("norm of the Hessian", "The norm over all entries of the Hessian is used, not its "
                "largest eigenvalue.",
                lambda A: float(2 / (2 * A.T.double() @ A.double()).norm())),
        Mistake("limits of all directions", "There is one number for each eigenvalue; the limit "
                "is the smallest of them.",
                lambda A: 2 / _eigenvalues(A).float()),
        Mistake("limit of this notebook's image", "It is always 2/60, the limit of the image X: "
                "compute it from the argument A.",
                lambda A: 2 / 60),
    ),
    conditions={
        "A is not square": lambda A: A.shape[0] != A.shape[1],
        "A has more than two columns": lambda A: A.shape[1] > 2,
    },
)  # fmt: skip
