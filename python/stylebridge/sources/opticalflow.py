"""Motion for sources that give none: DIS optical flow between a frame and the one before it, marked as estimated."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from stylebridge.errors import InputError
from stylebridge.frame import ColorPlane, FloatPlane, Frame, MaskPlane
from stylebridge.imaging import opencv
from stylebridge.sources.base import Source, Wrapper

# way -> (DIS preset, finest scale or None for the preset's own); slower ones follow small things better
WAYS: Mapping[str, tuple[str, int | None]] = {
    "dis-fast": ("DISOPTICAL_FLOW_PRESET_FAST", None),
    "dis": ("DISOPTICAL_FLOW_PRESET_MEDIUM", None),
    "dis-fine": ("DISOPTICAL_FLOW_PRESET_MEDIUM", 0),
}
CHOICES = ("off", "auto", *WAYS)
MAX_STREAMS = 64  # cameras whose last picture is kept

# How far the way there and back may miss its start, in squared pixels: a share of both ways, and a constant.
_SHARE, _CONSTANT = 0.01, 0.5
_MIN_SIDE, _MAX_ASPECT = 32, 8  # DIS refuses less, and loses its way in strips


class FlowEstimator:
    """Motion and occlusion between two pictures; the same for the same pictures, however many threads there are."""

    def __init__(self, way: str = "dis") -> None:
        if way not in WAYS:
            raise InputError(f"motion {way!r}", expected=" or ".join(WAYS))
        self._cv2 = opencv()
        preset, finest = WAYS[way]
        self._flow = self._cv2.DISOpticalFlow.create(getattr(self._cv2, preset))
        if finest is not None:
            self._flow.setFinestScale(finest)

    def grey(self, rgb: ColorPlane) -> NDArray[np.uint8]:
        """What the flow is looked for in, [H,W]."""
        return np.asarray(self._cv2.cvtColor(np.ascontiguousarray(rgb), self._cv2.COLOR_RGB2GRAY), dtype=np.uint8)

    def motion_from_greys(self, now: NDArray[np.uint8], before: NDArray[np.uint8]) -> tuple[FloatPlane, MaskPlane]:
        """Pixels from `now` back to `before`, [H,W,2], and where `before` doesn't show what is seen."""
        height, width = now.shape
        now, before = self._padded(now), self._padded(before)
        back, forth = self._between(now, before), self._between(before, now)
        known: MaskPlane = np.isfinite(back[:, :, 0] + back[:, :, 1])
        back = np.where(np.dstack((known, known)), back, np.float32(0))
        occlusion = (~known | self._missed(back, forth))[:height, :width]
        motion = np.ascontiguousarray(back[:height, :width])
        x, y = self._targets(motion)
        outside = (x < 0) | (y < 0) | (x > width - 1) | (y > height - 1)
        return motion, np.asarray(occlusion | outside, dtype=np.bool_)

    def _between(self, start: NDArray[np.uint8], end: NDArray[np.uint8]) -> FloatPlane:
        return np.asarray(self._flow.calc(start, end, None), dtype=np.float32)

    def _missed(self, back: FloatPlane, forth: FloatPlane) -> MaskPlane:
        """Where going to the picture before and from there forth again doesn't end where it began."""
        x, y = self._targets(back)
        cv2 = self._cv2
        there = cv2.remap(forth, x, y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
        miss = np.square(back + there).sum(axis=2)
        bound = _SHARE * (np.square(back).sum(axis=2) + np.square(there).sum(axis=2)) + _CONSTANT
        return np.asarray(~(miss <= bound), dtype=np.bool_)  # so written, NaN counts as missed

    def _targets(self, motion: FloatPlane) -> tuple[FloatPlane, FloatPlane]:
        height, width = motion.shape[:2]
        columns, rows = np.arange(width, dtype=np.float32), np.arange(height, dtype=np.float32)
        return motion[:, :, 0] + columns, motion[:, :, 1] + rows[:, None]

    def _padded(self, grey: NDArray[np.uint8]) -> NDArray[np.uint8]:
        height, width = grey.shape
        least = max(_MIN_SIDE, max(height, width) // _MAX_ASPECT)
        more = ((0, max(0, least - height)), (0, max(0, least - width)))
        return np.pad(grey, more, mode="edge") if any(side[1] for side in more) else grey


class Estimated(Wrapper):
    """Another source whose frames have motion and occlusion: all of them estimated, or only where there are none."""

    def __init__(self, inner: Source, way: str = "dis", *, only_missing: bool = False) -> None:
        super().__init__(inner)
        self._estimator = FlowEstimator(way)
        self._only_missing = only_missing
        self._before: OrderedDict[tuple[str, str], NDArray[Any]] = OrderedDict()  # the newest grey of each camera

    def read(self) -> Frame | None:
        """The next frame, with its motion; the first of a camera, or of a new size, is occluded everywhere."""
        frame = next(self._inner, None)
        if frame is None:
            return None
        self.label = self._inner.label
        stream = (frame.session, frame.camera.name)
        now, before = self._estimator.grey(frame.rgb), self._before.pop(stream, None)
        self._before[stream] = now
        while len(self._before) > MAX_STREAMS:
            self._before.popitem(last=False)
        if self._only_missing and frame.motion is not None:
            return frame
        if before is not None and before.shape == now.shape:
            motion, occlusion = self._estimator.motion_from_greys(now, before)
        else:
            motion, occlusion = np.zeros((*now.shape, 2), np.float32), np.ones(now.shape, np.bool_)
        estimated = tuple(dict.fromkeys((*frame.estimated, "motion", "occlusion")))
        return replace(frame, motion=motion, occlusion=occlusion, estimated=estimated)

    def skip(self, count: int) -> None:
        """Pass over frames without estimating, but for the last, to which the next one's motion goes back."""
        if count > 0:
            self._inner.skip(count - 1)
            next(self, None)


def estimated(source: Source, choice: str, where: str = "") -> Source:
    """The source as it is for `off`, with motion where it has none for `auto`, else with motion estimated that way."""
    if choice not in CHOICES:
        raise InputError(f"motion={choice}", expected=" or ".join(CHOICES), where=where)
    if choice == "off":
        return source
    return Estimated(source, "dis" if choice == "auto" else choice, only_missing=choice == "auto")
