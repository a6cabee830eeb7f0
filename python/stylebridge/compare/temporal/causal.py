"""Less flicker without waiting: what was shown last, carried along by motion, blended with the fresh picture."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from stylebridge.compare.temporal.filling import HALO_PX, before_holes, beside_holes, surroundings
from stylebridge.compare.temporal.stylizing import PictureStylizer, shown_by
from stylebridge.compare.temporal.trust import trust
from stylebridge.compare.temporal.warping import Continuity, Step, step_back
from stylebridge.errors import InputError
from stylebridge.frame import ColorPlane, Frame, MaskPlane

MAX_EVERY = 16
STRENGTH = 0.8


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
        self._made_up: MaskPlane | None = None  # what no fresh picture has shown yet
        self._age = 0  # frames since the last fresh picture

    def __call__(self, frame: Frame) -> Frame:
        """This frame, steadied; where the inner stylizer fails, the next frame begins anew."""
        try:
            return self._shown_for(frame)
        except BaseException:
            self.reset()  # the next frame's motion leads to this one, which nothing is known of
            raise

    def _shown_for(self, frame: Frame) -> Frame:
        follows = self._continuity.follows(frame)
        before, shown = self._before, self._shown
        if not follows or before is None or shown is None:
            result = self._fresh(frame).astype(np.float32)
        else:
            step = step_back(frame, before)
            past = step.warp(shown, "cubic")  # linear would blur it a little more with every frame
            self._age += 1
            is_due = self._age >= self.every
            result = self._blended(frame, before, step, past) if is_due else self._completed(frame, step, past)
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
        self._age, self._made_up = 0, None
        return shown_by(self.inner, frame)

    def _blended(self, frame: Frame, before: Frame, step: Step, past: NDArray[np.float32]) -> NDArray[np.float32]:
        share = self.strength * trust(frame, before, step)
        if self._made_up is not None:
            share[step.warp(self._made_up, "nearest")] = 0
        fresh = self._fresh(frame).astype(np.float32)
        return np.asarray(fresh + share[:, :, None] * (past - fresh), dtype=np.float32)

    def _completed(self, frame: Frame, step: Step, past: NDArray[np.float32]) -> NDArray[np.float32]:
        """The past, and what surrounds it where there is none."""
        carried = step.warp(self._made_up, "nearest") if self._made_up is not None else np.zeros_like(step.seen)
        holes = ~step.seen | beside_holes(frame.depth, step.seen, HALO_PX)
        self._made_up = holes | carried
        if holes.any():
            around = ~(holes | before_holes(frame.depth, holes))
            past[holes] = surroundings(np.clip(past, 0, 255).astype(np.uint8), around)[holes]
        return past
