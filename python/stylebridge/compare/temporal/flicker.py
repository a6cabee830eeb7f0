"""Flicker: how much a picture sequence changes where the game says that nothing changed but the place."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from stylebridge.compare.temporal.stylizing import PictureStylizer, side_by_side
from stylebridge.compare.temporal.warping import HOW_TO_GET_MOTION, Continuity, Step, step_back
from stylebridge.errors import InputError
from stylebridge.frame import ColorPlane, FloatPlane, Frame, MaskPlane
from stylebridge.imaging import opencv

SPAN = 8  # frames between the two that the long-range error compares
MAX_SPAN = 64
NEAR_ONLY = 1  # a span for which nothing but the frame before is followed: half the work
SOURCE = "source"
LUMA = np.array(((0.2126, 0.7152, 0.0722),), dtype=np.float32)


@dataclass(frozen=True, slots=True)
class Error:
    """How far a picture is from an earlier one carried to its place, in levels of 255, the mean of what both show."""

    plain: float
    compensated: float  # less the change of the game's own brightness, as the ReCoNet loss has it


@dataclass(frozen=True, slots=True)
class Curve:
    """Errors frame by frame; None where a frame follows nothing or shows nothing of the one before."""

    errors: Sequence[Error | None]

    @property
    def plain(self) -> list[float | None]:
        """Levels of 255 for each frame."""
        return [None if error is None else error.plain for error in self.errors]

    @property
    def compensated(self) -> list[float | None]:
        """The same, less the change of the game's own brightness."""
        return [None if error is None else error.compensated for error in self.errors]

    @property
    def mean(self) -> float | None:
        """The mean of the plain errors; None when there are none."""
        return _mean(self.plain)

    @property
    def mean_compensated(self) -> float | None:
        """The mean of the compensated errors; None when there are none."""
        return _mean(self.compensated)

    def as_json(self) -> dict[str, Any]:
        """Plain values, rounded."""
        return {
            "mean": _rounded(self.mean),
            "mean_compensated": _rounded(self.mean_compensated),
            "per_frame": [_rounded(value) for value in self.plain],
            "per_frame_compensated": [_rounded(value) for value in self.compensated],
        }


@dataclass(frozen=True, slots=True)
class Flicker:
    """The temporal error of shown pictures beside that of the game's own, from frame to frame and over a span."""

    near: Curve
    far: Curve
    source_near: Curve
    source_far: Curve
    span: int  # frames
    cuts: int

    @property
    def per_frame(self) -> list[float | None]:
        """Levels of 255 against the frame before."""
        return self.near.plain

    @property
    def mean(self) -> float | None:
        """The mean of `per_frame`: the flicker figure."""
        return self.near.mean

    @property
    def long_range(self) -> float | None:
        """The mean against the frame `span` before; None when no shot lasts so long."""
        return self.far.mean

    @property
    def relative(self) -> float | None:
        """How many times as much as the game's own pictures; None when those don't change at all."""
        return _ratio(self.mean, self.source_near.mean)

    @property
    def worst(self) -> int | None:
        """The position of the frame that differs most from the one before it."""
        known = [(value, index) for index, value in enumerate(self.per_frame) if value is not None]
        return max(known, key=lambda pair: (pair[0], -pair[1]))[1] if known else None

    def as_json(self) -> dict[str, Any]:
        """Plain values, rounded."""
        return {
            "mean": _rounded(self.mean),
            "mean_compensated": _rounded(self.near.mean_compensated),
            "long_range": _rounded(self.long_range),
            "relative": _rounded(self.relative),
            "relative_long_range": _rounded(_ratio(self.long_range, self.source_far.mean)),
            "span": self.span,
            "cuts": self.cuts,
            "worst": self.worst,
            "per_frame": self.near.as_json()["per_frame"],
            "per_frame_compensated": self.near.as_json()["per_frame_compensated"],
            "long_range_per_frame": self.far.as_json()["per_frame"],
            "source": {
                "mean": _rounded(self.source_near.mean),
                "long_range": _rounded(self.source_far.mean),
                "per_frame": self.source_near.as_json()["per_frame"],
            },
        }


@dataclass(slots=True)
class _Past:
    """An earlier moment: what was shown then, and the way from the newest frame back to it."""

    pictures: Mapping[str, ColorPlane]
    way: Step | None = None


@dataclass(slots=True)
class _Track:
    near: list[Error | None] = field(default_factory=list)
    far: list[Error | None] = field(default_factory=list)


class FlickerMeter:
    """Measures several pictures of each frame as they come; the motion is followed once for all of them.

        meter = FlickerMeter(("before", "after"), span=NEAR_ONLY)
        for frame in frames:
            errors = meter.add(frame, one(frame).rgb, other(frame).rgb)  # of this frame, also of "source"
        meter.result("after").mean

    It keeps the pictures and ways of `span` frames, which mustn't be written to meanwhile, and asks nothing of how they
    were made; `flicker_of` does the same for a stylizer and a recording in one call.
    """

    def __init__(self, names: Sequence[str] = ("shown",), span: int = SPAN) -> None:
        if span != NEAR_ONLY and not 2 <= span <= MAX_SPAN:
            raise InputError(f"a span of {span} frames", expected=f"2 to {MAX_SPAN}, or {NEAR_ONLY} for no long range")
        if SOURCE in names or len(set(names)) != len(names):
            raise InputError(f"pictures named {', '.join(names)}", expected=f"different names, none of them {SOURCE}")
        self.names = tuple(names)
        self.span = span
        self._continuity = Continuity()
        self._past: deque[_Past] = deque(maxlen=span)
        self._before: Frame | None = None
        self._tracks = {name: _Track() for name in (SOURCE, *names)}

    def add(self, frame: Frame, *shown: ColorPlane) -> dict[str, Error | None]:
        """Measure what was shown for the next frame, in the order of the names; the errors against the one before."""
        if len(shown) != len(self.names):
            raise InputError(f"{len(shown)} pictures", expected=f"{len(self.names)}: {', '.join(self.names)}")
        pictures = {SOURCE: frame.rgb, **{n: _fitting(p, frame, n) for n, p in zip(self.names, shown, strict=True)}}
        if self._continuity.follows(frame):
            self._follow(step_back(frame, self._before))
        else:
            self._past.clear()
        near = self._errors(pictures, self._past[-1]) if self._past else dict.fromkeys(pictures)
        is_long = len(self._past) == self.span != NEAR_ONLY
        far = self._errors(pictures, self._past[0]) if is_long else dict.fromkeys(pictures)
        for name, track in self._tracks.items():
            track.near.append(near[name])
            track.far.append(far[name])
        self._past.append(_Past(pictures))
        self._before = frame
        return near

    def cut(self) -> None:
        """Begin another shot: the next frame follows nothing, whatever its id says."""
        self._continuity.reset()

    def result(self, name: str = "") -> Flicker:
        """What was measured so far of one of the names, the only or first one by default."""
        if name and name not in self.names:
            raise InputError(f"nothing is measured as {name!r}", expected=" or ".join(self.names))
        if self._before is not None and not self._continuity.had_motion:
            raise InputError("the frames have no motion", do=HOW_TO_GET_MOTION)
        own, source = self._tracks[name or self.names[0]], self._tracks[SOURCE]
        return Flicker(
            near=Curve(tuple(own.near)),
            far=Curve(tuple(own.far)),
            source_near=Curve(tuple(source.near)),
            source_far=Curve(tuple(source.far)),
            span=self.span,
            cuts=self._continuity.cuts,
        )

    def _follow(self, step: Step) -> None:
        """Lengthen every way by the newest step."""
        for past in self._past:
            past.way = step if past.way is None else step.after(past.way)

    def _errors(self, pictures: Mapping[str, ColorPlane], past: _Past) -> dict[str, Error | None]:
        way = past.way
        if way is None or not way.seen.any():
            return dict.fromkeys(pictures)
        changes = {name: _change(picture, past.pictures[name], way) for name, picture in pictures.items()}
        brightness = opencv().transform(changes[SOURCE], LUMA)[:, :, None]
        return {name: _error(change, brightness, way.seen) for name, change in changes.items()}


def flicker_of(stylizer: PictureStylizer, frames: Iterable[Frame], span: int = SPAN) -> Flicker:
    """The flicker of what a stylizer shows of these frames, such as a recording's, whatever its latency."""
    return flickers_of([stylizer], frames, span)[stylizer.name]


def flickers_of(stylizers: Sequence[PictureStylizer], frames: Iterable[Frame], span: int = SPAN) -> dict[str, Flicker]:
    """The flicker of several stylizers by name; the frames, which need motion, are read and followed once."""
    meter = FlickerMeter([stylizer.name for stylizer in stylizers], span)
    for frame, shown in side_by_side(stylizers, frames):
        meter.add(frame, *(each.rgb for each in shown))
    return {name: meter.result(name) for name in meter.names}


def flicker(frames: Iterable[Frame], shown: Iterable[ColorPlane], span: int = SPAN) -> Flicker:
    """The flicker of one picture for each frame; the frames need motion."""
    meter = FlickerMeter(span=span)
    pictures = iter(shown)
    count = 0
    for count, frame in enumerate(frames, start=1):
        picture = next(pictures, None)
        if picture is None:
            raise InputError(f"{count - 1} pictures for {count} or more frames", expected="one picture for each frame")
        meter.add(frame, picture)
    if next(pictures, None) is not None:
        raise InputError(f"more than {count} pictures for {count} frames", expected="one picture for each frame")
    return meter.result()


def _change(now: ColorPlane, past: ColorPlane, way: Step) -> FloatPlane:
    return np.asarray(now - way.warp(past.astype(np.float32)), dtype=np.float32)


def _error(change: FloatPlane, brightness: NDArray[np.float32], seen: MaskPlane) -> Error:
    return Error(_mean_size(change, seen), _mean_size(change - brightness, seen))


def _mean_size(change: FloatPlane, seen: MaskPlane) -> float:
    return float(np.mean(opencv().mean(np.abs(change), mask=seen.view(np.uint8))[:3]))


def _fitting(picture: ColorPlane, frame: Frame, name: str) -> ColorPlane:
    if picture.shape[:2] != (frame.height, frame.width) or picture.ndim != 3 or picture.dtype != np.uint8:
        raise InputError(
            f"{name} shows {picture.dtype} {list(picture.shape)}",
            expected=f"uint8 [{frame.height},{frame.width},3] like its frame",
            where=f"frame {frame.clock.frame_id}",
        )
    return picture[:, :, :3]


def _mean(values: Sequence[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return float(np.mean(known)) if known else None


def _ratio(value: float | None, base: float | None) -> float | None:
    return None if value is None or not base else value / base


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 5)
