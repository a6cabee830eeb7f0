"""Frames that a column had no time for: their motion is not lost, the next one's leads back over them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from stylebridge.compare.temporal.warping import Step, grid, step_back
from stylebridge.frame import Frame

MAX_PASSED = 32  # frames, a second of play; over more of them motion doesn't tell much any more


def spanning(frames: Sequence[Frame]) -> Frame | None:
    """The last of these frames with motion and occlusion back to the first; None where no way leads there."""
    last = frames[-1]
    if len(frames) < 2 or len(frames) - 2 > MAX_PASSED:
        return None
    way: Step | None = None
    for before, frame in zip(reversed(frames[:-1]), reversed(frames[1:]), strict=True):
        if not _leads_to(frame, before):
            return None
        step = step_back(frame, before)
        way = step if way is None else way.after(step)
    if way is None or len(frames) == 2:
        return last
    motion = np.asarray(way.positions - grid(last.height, last.width), dtype=np.float32)
    return replace(last, motion=motion, occlusion=~way.seen)


def _leads_to(frame: Frame, before: Frame) -> bool:
    same = (frame.height, frame.width, frame.camera.name, frame.session) == (
        before.height,
        before.width,
        before.camera.name,
        before.session,
    )
    cut = frame.occlusion is not None and bool(frame.occlusion.all())
    return same and not cut and frame.motion is not None
