"""How far a picture of another moment can be trusted: less where the game itself has changed since."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from stylebridge.compare.temporal.warping import Step
from stylebridge.frame import Frame
from stylebridge.imaging import opencv

PAST_LEVELS = 16.0  # of change at which the past counts half
KEY_LEVELS = 8.0  # lower, as the other key may agree
_AROUND_PX = 5  # single pixels differ by being looked up between pixels

Weights = NDArray[np.float32]


def grey(frame: Frame) -> NDArray[np.uint8]:
    """The game's own picture without its colours, [H,W]."""
    cv2 = opencv()
    return np.asarray(cv2.cvtColor(np.ascontiguousarray(frame.rgb), cv2.COLOR_RGB2GRAY), dtype=np.uint8)


def trust(frame: Frame, before: Frame, step: Step) -> Weights:
    """How far the past holds for each pixel, 0 to 1: not where it wasn't seen, less where the game's own changed."""
    cv2 = opencv()
    change = cv2.absdiff(np.ascontiguousarray(frame.rgb), step.warp(before.rgb))
    return _weights(cv2.cvtColor(change, cv2.COLOR_RGB2GRAY), PAST_LEVELS) * step.seen


def agreement(now: NDArray[np.uint8], other: NDArray[np.uint8], step: Step) -> Weights:
    """How far another moment's grey, carried to its place, is what this one shows, 0 to 1."""
    return _weights(opencv().absdiff(now, step.warp(other)), KEY_LEVELS)


def _weights(change: NDArray[Any], levels: float) -> Weights:
    cv2 = opencv()
    return np.asarray(cv2.LUT(cv2.blur(change, (_AROUND_PX, _AROUND_PX)), _table(levels)), dtype=np.float32)


@lru_cache(maxsize=2)
def _table(levels: float) -> Weights:
    change = np.arange(256, dtype=np.float32) / np.float32(levels)
    return np.asarray(1 / (1 + change * change), dtype=np.float32)
