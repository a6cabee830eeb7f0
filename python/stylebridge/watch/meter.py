"""The flicker meter of one column: each picture against the one before, carried to its place by the game's motion."""

from __future__ import annotations

import numpy as np

from stylebridge.compare.temporal.warping import Step, step_back
from stylebridge.frame import ColorPlane, Frame
from stylebridge.watch.moment import Steadiness


class Meter:
    """Measures as compare.flicker does, one column at a time and without keeping the past."""

    def __init__(self) -> None:
        self._before: tuple[Frame, ColorPlane] | None = None

    def forget(self) -> None:
        """The next picture follows nothing."""
        self._before = None

    def add(self, frame: Frame, picture: ColorPlane, *, follows: bool) -> Steadiness | None:
        """The change since the last picture; None where none can be told. The frame's motion leads back to that one."""
        before, self._before = self._before, (frame, picture)
        if not follows or before is None or frame.motion is None or picture.shape[:2] != frame.color.shape[:2]:
            return None
        if before[1].shape != picture.shape:
            return None
        step = step_back(frame, before[0])
        if not step.seen.any():
            return None
        return Steadiness(_change(picture, before[1], step), _change(frame.rgb, before[0].rgb, step))


def _change(now: ColorPlane, past: ColorPlane, step: Step) -> float:
    apart = np.abs(now - step.warp(past.astype(np.float32)))
    return float(apart.mean(axis=2)[step.seen].mean(dtype=np.float64))
