"""Sources made of given frames, as a game would hand them out: with motion, several cameras, and receipts."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence

import numpy as np
from stylebridge.frame import Camera, Clock, Frame
from stylebridge.sources import Source
from stylebridge.sources.base import Receipt

PERIOD = 251


def moment(number: int, camera: str = "main", size: tuple[int, int] = (6, 9), *, motion: bool = True) -> Frame:
    """Frame `number`, known again by its level; its motion is its number too."""
    level = number % PERIOD
    return Frame(
        color=np.full((*size, 3), level, np.uint8),
        motion=np.full((*size, 2), level, np.float32) if motion else None,
        occlusion=np.zeros(size, np.bool_) if motion else None,
        camera=Camera(camera),
        clock=Clock(number, number / 30, time.time_ns()),
        session="ab" * 16,
    )


class Given(Source):
    """Gives these frames; notes what is asked of it."""

    def __init__(
        self, frames: Sequence[Frame], *, draws: bool = False, interleaves: bool = False, turns: int = 1
    ) -> None:
        super().__init__("given:")
        self.turns = turns
        self.motion_spans_skips, self.interleaves = draws, interleaves
        self.frame_count: int | None = len(frames)
        self.safe: list[int] = []
        self.kept: tuple[dict[str, int], tuple[str, ...]] | None = None
        self.interrupted = False
        self._frames = list(frames)
        self._at = 0

    def read(self) -> Frame | None:
        if self._at >= len(self._frames):
            return None
        self._at += 1
        return self._frames[self._at - 1]

    def keep(self, received: Mapping[str, int], planes: Sequence[str] = ()) -> None:
        self.kept = dict(received), tuple(planes)

    def receipt(self) -> Receipt:
        at = self._at
        return Receipt(at, "given", lambda: self.safe.append(at))

    @property
    def dropped(self) -> int:
        return 3

    def interrupt(self) -> None:
        self.interrupted = True
