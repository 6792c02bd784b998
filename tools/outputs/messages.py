"""Receive what a kernel says about a cell, as a notebook shows it in the end."""

import time
from queue import Empty
from typing import Any

import nbformat

DEATH_CHECK = 5  # seconds between looks at a kernel that does not answer
OUTPUTS = ("display_data", "execute_result", "stream", "error")


def watched(kernel) -> None:
    """Make `kernel.await_reply` notice within seconds that the kernel died."""
    answer = kernel.await_reply

    def await_reply(msg_id, timeout=None):
        end = time.monotonic() + timeout
        while time.monotonic() < end:
            try:
                return answer(msg_id, timeout=DEATH_CHECK)
            except Empty:
                if not kernel.is_alive():
                    raise RuntimeError("the kernel died, perhaps out of memory") from None
        raise Empty

    kernel.await_reply = await_reply


class Shown:
    """What a running cell shows: updates of displays and clearings are carried out.

    `outputs` is the list that the caller appends the outputs to, as they come.
    """

    def __init__(self, outputs: list):
        self.outputs = outputs
        self._displays: list[dict[str, Any]] = []
        self._clear_before_next = False

    def receive(self, message: dict[str, Any]) -> bool:
        """Take in the kernel's next message; return whether the caller is to see it too."""
        kind, content = message["msg_type"], message["content"]
        if kind == "update_display_data":
            for shown in self._displays:
                if shown["transient"] == content["transient"]:
                    for part in ("data", "metadata"):
                        shown[part].clear()
                        shown[part].update(nbformat.from_dict(content[part]))
            return False
        if kind == "clear_output":
            if content["wait"]:
                self._clear_before_next = True
            else:
                self._clear()
            return False
        if kind in OUTPUTS and self._clear_before_next:
            self._clear()
        if kind in ("display_data", "execute_result"):
            # As nodes, or nbval would copy them, and not see what is changed here later.
            for part in ("data", "metadata"):
                content[part] = nbformat.from_dict(content[part])
            self._displays.append(content)
        return True

    def _clear(self) -> None:
        self.outputs.clear()
        self._displays.clear()
        self._clear_before_next = False
