"""Less flicker without waiting: what was shown last, carried along by motion, blended with the fresh picture."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from stylebridge.compare.temporal.filling import surroundings
from stylebridge.compare.temporal.stylizing import PictureStylizer, shown_by
from stylebridge.compare.temporal.warping import Continuity, Step, step_back
from stylebridge.errors import InputError
from stylebridge.frame import ColorPlane, Frame
from stylebridge.imaging import opencv

MAX_EVERY = 16
STRENGTH = 0.8
_TRUST_LEVELS = 16.0  # how much the game's own picture may change before the past is forgotten


class Causal:
    """Wraps a stylizer; each frame shows a share of the past, where this frame's motion says what it was.

    The past is trusted less where the game's own picture changed: light, shadows, water. With `every` above 1 only
    every Nth frame is stylised, and those between show the past alone; where they have none, what surrounds it.
    """

    latency_frames = 0

    def __init__(self, inner: PictureStylizer, strength: float = STRENGTH, every: int = 1) -> None:
        if not 0 <= strength < 1:
            raise InputError(f"strength {strength:g}", expected="0 (only the fresh picture) to below 1")
        if not 1 <= every <= MAX_EVERY:
            raise InputError(f"every {every} frames", expected=f"1 to {MAX_EVERY}")
        self.inner = inner
        self.strength = strength
        self.every = every
        self.name = f"{inner.name} steadied" + (f" every {every}" if every > 1 else "")
        self.reset()

    def reset(self) -> None:
        """Forget everything, as before the first frame."""
        self._continuity = Continuity()
        self._before: Frame | None = None
        self._shown: NDArray[np.float32] | None = None  # not rounded, or small changes would never come through
        self._age = 0  # frames since the last fresh picture

    def __call__(self, frame: Frame) -> Frame:
        """This frame, steadied."""
        follows = self._continuity.follows(frame)
        before, shown = self._before, self._shown
        if not follows or before is None or shown is None:
            result = self._fresh(frame).astype(np.float32)
        else:
            step = step_back(frame, before)
            past = step.warp(shown, "cubic")  # linear would blur it a little more with every frame
            self._age += 1
            is_due = self._age >= self.every
            result = self._blended(frame, before, step, past) if is_due else _completed(past, step)
        self._before, self._shown = frame, result
        return frame.with_color(np.clip(np.rint(result), 0, 255).astype(np.uint8))

    def feed(self, frame: Frame) -> Iterator[Frame]:
        """This frame, steadied: nothing is late."""
        yield self(frame)

    def finish(self) -> Iterator[Frame]:
        """Nothing is missing."""
        self.reset()
        return iter(())

    def _fresh(self, frame: Frame) -> ColorPlane:
        self._age = 0
        return shown_by(self.inner, frame)

    def _blended(self, frame: Frame, before: Frame, step: Step, past: NDArray[np.float32]) -> NDArray[np.float32]:
        fresh = self._fresh(frame).astype(np.float32)
        share = (self.strength * trust(frame, before, step))[:, :, None]
        return np.asarray(fresh + share * (past - fresh), dtype=np.float32)


def trust(frame: Frame, before: Frame, step: Step) -> NDArray[np.float32]:
    """How far the past holds for each pixel, 0 to 1: not where it wasn't seen, less where the game's own changed."""
    cv2 = opencv()
    change = cv2.absdiff(np.ascontiguousarray(frame.rgb), step.warp(before.rgb))
    change = cv2.blur(cv2.cvtColor(change, cv2.COLOR_RGB2GRAY), (5, 5)).astype(np.float32) / _TRUST_LEVELS
    return np.asarray(step.seen / (1 + change * change), dtype=np.float32)


def _completed(past: NDArray[np.float32], step: Step) -> NDArray[np.float32]:
    if not step.seen.all():
        holes = ~step.seen
        picture = np.clip(past, 0, 255).astype(np.uint8)
        past[holes] = surroundings(picture, step.seen)[holes]
    return past
