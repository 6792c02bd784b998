"""How long a training will still take, at the speed that it has now."""

from helpers.notebook import settings

STEPS = 20  # between two looks at the speed


class Forecast:
    """Seconds that are left for `steps` steps, from the speed of the last ones.

    Validations, files and figures between the steps count with them.
    """

    def __init__(self, steps: int):
        self._steps, self._done = steps, 0
        self._looked: tuple[int, float] | None = None  # steps done and the time, at the last look
        self._looks = 0
        self.left = 0.0

    def end_step(self, now: float) -> bool:
        """Count a step that ended at `now`; return whether there is a new forecast."""
        self._done += 1
        if self._looked is None:  # the first step is slower than the rest
            self._looked = (self._done, now)
        done, since = self._looked
        if self._done - done < STEPS:
            return False
        speed = (now - since) / (self._done - done)
        self.left = speed * max(0, self._steps - self._done)
        self._looked = (self._done, now)
        self._looks += 1
        return True

    @property
    def is_first(self) -> bool:
        """Whether there was no forecast before this one."""
        return self._looks == 1


def advice() -> str:
    """Return what would make a long training shorter, '' if nothing is known to."""
    if settings.last_choice() == "book":
        return " The quick settings (use='quick') are made for a machine without a GPU."
    return ""


def duration(seconds: float) -> str:
    """Return a number of seconds as people say it."""
    if seconds < 90:
        return f"{seconds:.0f} seconds"
    if seconds < 5400:
        return f"{seconds / 60:.0f} minutes"
    return f"{seconds / 3600:.1f} hours"
