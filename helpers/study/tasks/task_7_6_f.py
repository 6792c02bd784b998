"""7.6 F: four curves are to be named.

Their numbers stand in the notebook. They come from `helpers.train` with seed 1, twelve epochs
and 1,000 validation images: A is ModernLeNet with a learning rate of 0.05 on 300 images in
batches of 20, sixty epochs, every fifth of them shown; B is ModernLeNet with 1.0 on 6,000 images
in batches of 32; C is ModernLeNet with 0.05 on 12,000 images in batches of 64; D is LeNet with
0.1 on 6,000 images in batches of 32.
"""

from collections.abc import Callable
from typing import Any

from helpers.study.task import Requirement, Task

__all__ = ["TASK"]

RIGHT = {"A": "overfits", "B": "learning rate too large", "C": "healthy", "D": "plateau"}
WORDS = {  # by which each is known, whatever it is called besides
    "plateau": "plateau",
    "healthy": "healthy",
    "overfit": "overfits",
    "rate": "learning rate too large",
    "too large": "learning rate too large",
    "lr": "learning rate too large",
}


def _letters(reading: Any) -> dict[str, Any] | None:
    """Return what was said of each letter; None for what is no reading."""
    if isinstance(reading, list | tuple) and len(reading) == len(RIGHT):
        return dict(zip(RIGHT, reading))
    if not isinstance(reading, dict):
        return None
    return {str(letter).strip().upper(): name for letter, name in reading.items()}


def _kind(name: Any) -> str | None:
    text = str(name).lower() if isinstance(name, str) else ""
    found = {kind for word, kind in WORDS.items() if word in text}
    return found.pop() if len(found) == 1 else None


def _kinds(reading: Any) -> dict[str, str]:
    """Return {letter: kind} of a reading in which each letter has a kind."""
    return {letter: str(_kind(name)) for letter, name in (_letters(reading) or {}).items()}


def _no_reading(reading: Any) -> dict[str, Any] | None:
    return {} if _letters(reading) is None else None


def _turned_round(reading: Any) -> dict[str, Any] | None:
    keys = list(reading) if isinstance(reading, dict) else []
    return {"key": keys[0]} if keys and all(_kind(key) for key in keys) else None


def _missing(reading: Any) -> dict[str, Any] | None:
    left = [letter for letter in RIGHT if letter not in (_letters(reading) or {})]
    return {"missing": ", ".join(left)} if left else None


def _unknown(reading: Any) -> dict[str, Any] | None:
    for letter, name in (_letters(reading) or {}).items():
        if letter not in RIGHT or _kind(name) is None:
            return {"letter": letter, "name": name}
    return None


def _twice(reading: Any) -> dict[str, Any] | None:
    said = list(_kinds(reading).values())
    twice = [kind for kind in RIGHT.values() if said.count(kind) > 1]
    return {"name": twice[0]} if twice else None


def _exchanged(a: str, b: str) -> Callable[[Any], dict[str, Any] | None]:
    """Return what says that these two, and no others, are exchanged."""

    def broken(reading: Any) -> dict[str, Any] | None:
        other = {a: b, b: a}
        swapped = {letter: other.get(kind, kind) for letter, kind in RIGHT.items()}
        return {} if _kinds(reading) == swapped else None

    return broken


def _read_wrongly(kind: str) -> Callable[[Any], dict[str, Any] | None]:
    """Return what says to which letter a kind was given wrongly."""

    def broken(reading: Any) -> dict[str, Any] | None:
        letter = next(letter for letter, name in _kinds(reading).items() if name == kind)
        return None if RIGHT[letter] == kind else {"letter": letter}

    return broken


TASK = Task(
    name="7.6 F",
    asks="reading",
    prompt="Name the four: which training sits on a `plateau`, which is `healthy`, which "
    "`overfits`, and which has a `learning rate too large`? Each name fits one of them. Look at "
    "both figures, and at the end of a curve as well as at its beginning.",
    stub='reading = ...  # {"A": "…", "B": "…", "C": "…", "D": "…"}\n',
    solution="""reading = {
    "A": "overfits",  # the training loss goes to 0, the validation loss turns and rises
    "B": "learning rate too large",  # at guessing from the first point to the last
    "C": "healthy",  # both fall to the end, with small jumps
    "D": "plateau",  # at guessing for a while, and then it learns
}
""",
    hints=(
        "Two of them begin at ln 10, the loss of guessing. What becomes of each?",
        "A plateau ends; of a network that one large step has thrown off, nothing comes back.",
        "Of the other two, compare the figures: for which does the training loss go to 0 while "
        "the validation loss turns round?",
    ),
    requirements=(
        Requirement("no reading", "A dictionary is wanted that gives each letter a name: "
                    '{{"A": "…", "B": "…", "C": "…", "D": "…"}}.', _no_reading),
        Requirement("turned round", "The names are in front. The letters come first: "
                    '{{"A": "{key}"}}, if A is that.', _turned_round),
        Requirement("a letter missing", "There is no name for {missing}.", _missing),
        Requirement("unknown name", "{letter} has no name that is one of the four: plateau, "
                    "healthy, overfits, learning rate too large.", _unknown),
        Requirement("a name twice", "'{name}' is given more than once: each of the four names "
                    "fits one training.", _twice),
        Requirement("plateau and dead network exchanged", "Plateau and learning rate are "
                    "exchanged. Both begin at the loss of guessing, 2.3; a plateau is left in the "
                    "end, a network that one large step has thrown off is not.",
                    _exchanged("plateau", "learning rate too large")),
        Requirement("healthy and overfitting exchanged", "Healthy and overfitting are exchanged. "
                    "A training loss near 0 is no sign of health: look at which validation loss "
                    "turns round and rises.", _exchanged("healthy", "overfits")),
        Requirement("overfitting read wrongly", "{letter} does not overfit. Overfitting shows in "
                    "both figures: the training loss goes on to fall while the validation loss "
                    "turns round and rises.", _read_wrongly("overfits")),
        Requirement("plateau read wrongly", "{letter} is no plateau. On a plateau the loss stays "
                    "at that of guessing, 2.3, for a while, and then it falls.",
                    _read_wrongly("plateau")),
        Requirement("learning rate read wrongly", "{letter} has no learning rate that is too "
                    "large: with one, nothing is learned to the end, and the loss stays at 2.3.",
                    _read_wrongly("learning rate too large")),
    ),
)  # fmt: skip
