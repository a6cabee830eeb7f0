"""Hold: the game's side of pause, resume and step."""

from __future__ import annotations

import time
from typing import Any

from stylebridge.wire.sender import Sender

LOOK_S = 0.005  # between two looks for a control, while paused


class Hold:
    """Obeys the collector's pause, resume and step; a pause ends with the link to whoever could resume."""

    def __init__(self, sender: Sender) -> None:
        self._sender = sender
        self._paused = False
        self._steps = 0
        for name, handler in (("pause", self._pause), ("resume", self._resume), ("step", self._step)):
            sender.on_control(name, handler)

    def may_go(self) -> bool:
        """Whether the next frame may go now; says so once for each step."""
        self._sender.pump()
        if not self._sender.connected:
            self._paused = False
        if self._paused and not self._steps:
            return False
        self._steps = max(0, self._steps - 1)
        return True

    def wait(self) -> None:
        """Come back when the next frame may go."""
        while not self.may_go():
            time.sleep(LOOK_S)

    def _pause(self, args: dict[str, Any]) -> None:
        self._paused, self._steps = True, 0

    def _resume(self, args: dict[str, Any]) -> None:
        self._paused = False

    def _step(self, args: dict[str, Any]) -> None:
        self._paused, self._steps = True, self._steps + args["count"]
