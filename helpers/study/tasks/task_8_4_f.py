"""8.4 F: predict and measure which branch a trained network misses most."""

import re
from collections.abc import Callable
from typing import Any

from helpers.study.measured import NOT_YET, value_of
from helpers.study.task import Requirement, Task

__all__ = ["TASK"]

NAME = "8.4 F"
BRANCHES = ("1×1", "3×3", "5×5", "pool")
WAYS = {"1": "1×1", "3": "3×3", "5": "5×5", "1×1": "1×1", "3×3": "3×3", "5×5": "5×5",
        "pool": "pool", "pooling": "pool", "maxpool": "pool", "maxpooling": "pool"}  # fmt: skip
# Two branches whose accuracies are nearer than this, of 1,000 images, are missed alike.
CLOSE = 0.02
Found = Any


def branch(guess: Any) -> str:
    """Return the branch that is meant by a guess, however it is written; '' for none."""
    text = str(guess).lower().replace("without", "")
    text = re.sub(r"(\d)\s*x\s*(\d)", r"\1×\2", text)
    text = "".join(c for c in text if c.isalnum() or c == "×")
    return WAYS.get(text, "")


def _several(guess: Any) -> Found:
    return {} if isinstance(guess, list | tuple | set | dict) and len(guess) != 1 else None


def _complete(guess: Any) -> Found:
    return {} if "complete" in str(guess).lower() else None


def _number(guess: Any) -> Found:
    return {"got": guess} if isinstance(guess, float) else None


def _no_branch(guess: Any) -> Found:
    return None if branch(guess) else {"got": guess}


def _later(holds: Callable[[str, dict[str, float]], bool]) -> Callable[[Any], Found]:
    """Return what compares a guess with what was measured, once it was.

    `holds(guess, left)` says whether the requirement does; `left` is the accuracy without each
    branch.
    """

    def broken(guess: Any) -> Found:
        measured = value_of(NAME)
        if measured is NOT_YET:
            return NOT_YET
        left = {kind: float(measured[f"without {kind}"]) for kind in BRANCHES}
        if holds(branch(guess), left):
            return None
        told = {f"without {kind}": f"{accuracy:.2f}" for kind, accuracy in left.items()}
        most = min(left, key=lambda kind: left[kind])
        return {"guess": branch(guess), "most": most, **told}

    return broken


def _is_most(guess: str, left: dict[str, float]) -> bool:
    return left[guess] <= min(left.values()) + CLOSE


def _is_least(guess: str, left: dict[str, float]) -> bool:
    return left[guess] == max(left.values())


TASK = Task(
    name=NAME,
    asks="most_missed",
    prompt="Predict: one branch is silenced in all nine blocks, and the accuracy measured again "
    'without any further training. Without which branch is it lowest? Write "1×1", "3×3", "5×5" or '
    '"pool", check that it is noted, go on to the measurement, and then run the check once more.',
    stub="""most_missed = ...  # the name of a branch
""",
    solution="""# In the run stored here; after another training it may be another one.
most_missed = "1×1"
""",
    hints=(
        "How many channels has each branch? How large are the maps in this training, and what "
        "does a 5×5 kernel see there?",
        "Which branches pass on what a block got, and which look around? On the deepest maps, of "
        "one position, there is nothing around.",
    ),
    requirements=(
        Requirement("several branches", "One branch is asked for.", _several),
        Requirement("the complete network", "The complete network misses nothing: name one of its "
                    "branches.", _complete),
        Requirement("a number", "The name of a branch is asked for, not a number.", _number),
        Requirement("no branch", 'Write "1×1", "3×3", "5×5" or "pool", with the quotation marks.',
                    _no_branch),
        Requirement("not measured yet", "Your prediction is noted. The measurement comes below: "
                    "run it, and this cell again.", _later(lambda guess, left: True)),
        Requirement("missed least", "It is the other way round: the {guess} branch is the one "
                    "that is missed least. Without the {most} branch the accuracy is lowest.",
                    _later(lambda guess, left: not _is_least(guess, left)
                           or _is_most(guess, left))),
        Requirement("the widest branch", "The 3×3 branch has the most channels, and is missed, but "
                    "not most: without the {most} branch the accuracy is lower still.",
                    _later(lambda guess, left: guess != "3×3" or _is_most(guess, left))),
        Requirement("the largest view", "The 5×5 branch sees furthest, and still it is not the one "
                    "that is missed most: without the {most} branch the accuracy is lower.",
                    _later(lambda guess, left: guess != "5×5" or _is_most(guess, left))),
        Requirement("another branch", "Without the {guess} branch the accuracy falls, but not "
                    "furthest: without the {most} branch it is lower.", _later(_is_most)),
    ),
)  # fmt: skip
