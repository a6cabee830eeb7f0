"""Frames that go back to the game that they were made from."""

from __future__ import annotations

from collections.abc import Callable

from stylebridge.frame import Frame
from stylebridge.sinks.base import Sink


class Reply(Sink):
    """Sends each frame back; what the game couldn't take in time is counted and told at the end."""

    def __init__(self, reply: Callable[[Frame], bool]) -> None:
        super().__init__("reply:")
        self._reply = reply
        self._dropped = 0

    def _write(self, frame: Frame, name: str | None) -> None:
        self._dropped += not self._reply(frame)

    def _finish(self) -> None:
        if self._dropped:
            self.problems.append(f"{self._dropped} frames didn't get back to the game: it wants none, or fell behind")

    def _discard(self) -> None:
        pass
