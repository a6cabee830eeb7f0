"""The latency budget: how old a picture is when it is seen, stage by stage, measured where that is possible."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from stylebridge.engines.stylizer import Stylizer
from stylebridge.errors import StylebridgeError
from stylebridge.frame import Frame
from stylebridge.sources import open_source
from stylebridge.sources.address import Address

FRAMES = 24
LEAST, ENOUGH_S = 5, 10.0  # a slow network is run less often
CAMERA_FPS = 30.0
REFRESH_HZ = 60.0
_P90 = 0.9  # a moment falls anywhere between two ticks; nine of ten wait less than this part of the time between


@dataclass(frozen=True)
class Stage:
    """One part of the way from the thing in front of the camera to the eye."""

    name: str
    median_ms: float
    p90_ms: float
    basis: str  # measured, or what it is reckoned from
    works: bool = True  # false where time merely passes: it delays, and keeps nothing from going on

    @property
    def label(self) -> str:
        """Its name in a chart, which must not pass off as measured what isn't."""
        return self.name if self.basis.startswith("measured") else f"{self.name} (reckoned)"

    def as_json(self) -> dict[str, Any]:
        """Plain values."""
        spread = {"median_ms": round(self.median_ms, 3), "p90_ms": round(self.p90_ms, 3)}
        return {"stage": self.name, **spread, "basis": self.basis}


@dataclass(frozen=True)
class Budget:
    """All stages of one way."""

    title: str
    size: tuple[int, int]
    stages: tuple[Stage, ...]
    source_fps: float = float("inf")  # faster than this no frames come

    @property
    def median_ms(self) -> float:
        """How old a picture usually is when it is seen."""
        return sum(stage.median_ms for stage in self.stages)

    @property
    def p90_ms(self) -> float:
        """The sum of the stages' 90th percentiles: on the safe side, as they seldom come together."""
        return sum(stage.p90_ms for stage in self.stages)

    @property
    def fps(self) -> float:
        """Frames per second when one stage works after the other, as stylize does."""
        return min(self.source_fps, 1000 / max(1e-9, sum(stage.median_ms for stage in self.stages if stage.works)))

    @property
    def pipelined_fps(self) -> float:
        """Frames per second when every stage has its own thread: the slowest decides."""
        slowest_ms = max((stage.median_ms for stage in self.stages if stage.works), default=0.0)
        return min(self.source_fps, 1000 / max(1e-9, slowest_ms))

    def as_json(self) -> dict[str, Any]:
        """Plain values."""
        return {
            "title": self.title,
            "size": f"{self.size[0]}x{self.size[1]}",
            "median_ms": round(self.median_ms, 3),
            "p90_ms": round(self.p90_ms, 3),
            "fps": round(self.fps, 2),
            "fps_pipelined": round(self.pipelined_fps, 2),
            "stages": [stage.as_json() for stage in self.stages],
        }


@dataclass(frozen=True)
class Capture:
    """What a source gave: frames to work on, and the stages before them."""

    frames: tuple[Frame, ...]
    stages: tuple[Stage, ...]
    fps: float = float("inf")


def capture_from(source: str, count: int = FRAMES) -> Capture:
    """Read some frames and time them; of a camera, whose frames come at its own pace, also what passes before."""
    seconds: list[float] = []
    frames: list[Frame] = []
    with open_source(source) as opened:
        reader = iter(opened)
        while len(frames) < count:
            start = time.perf_counter()
            frame = next(reader, None)
            if frame is None:
                break
            seconds.append(time.perf_counter() - start)
            frames.append(frame)
    if not frames:
        raise StylebridgeError("no frame came", do="look whether the source has any", where=source)
    spread = seconds[1:] or seconds  # the first opens files and devices
    if Address.parse(source).scheme != "camera":
        return Capture(tuple(frames), (_stage("read and decode", spread),))
    between_ms = float(np.median(spread)) * 1e3
    basis = f"reckoned: half of the {between_ms:.1f} ms between two frames"
    wait = Stage("wait for the shutter", between_ms / 2, between_ms * _P90, basis, works=False)
    basis = f"reckoned: one frame of the camera, measured as {between_ms:.1f} ms"
    reading = Stage("exposure and readout", between_ms, float(np.percentile(spread, 90)) * 1e3, basis, works=False)
    return Capture(tuple(frames), (wait, reading), 1000 / max(between_ms, 1e-9))


def assumed_camera(frame: Frame, fps: float = CAMERA_FPS) -> Capture:
    """A camera that isn't there: its share is reckoned from its frame rate."""
    between_ms = 1000 / fps
    basis = f"reckoned: a camera of {fps:g} frames/s"
    wait = Stage("wait for the shutter", between_ms / 2, between_ms * _P90, basis, works=False)
    reading = Stage("exposure and readout", between_ms, between_ms, basis, works=False)
    return Capture((frame,), (wait, reading), fps)


def budget(title: str, stylizer: Stylizer, capture: Capture, *, refresh_hz: float = REFRESH_HZ) -> Budget:
    """The whole way with this stylizer: every stage of ours is measured on the captured frames."""
    frames = capture.frames
    turns = [frames[index % len(frames)] for index in range(max(len(frames), 5))]
    stylizer(frames[0])  # warm
    into: list[float] = []
    through: list[float] = []
    out: list[float] = []
    began = time.perf_counter()
    for number, frame in enumerate(turns[:FRAMES]):
        if number >= LEAST and time.perf_counter() - began > ENOUGH_S:
            break
        at = [time.perf_counter()]
        tensor = stylizer.contract.to_tensor(frame)
        at.append(time.perf_counter())
        result = stylizer.infer(tensor)
        at.append(time.perf_counter())
        stylizer.contract.to_frame(result, frame)
        at.append(time.perf_counter())
        for taken, start, end in zip((into, through, out), at, at[1:], strict=False):
            taken.append(end - start)
    tick_ms = 1000 / refresh_hz
    shown = Stage(
        "wait for the display", tick_ms / 2, tick_ms * _P90, f"reckoned: a display of {refresh_hz:g} Hz", works=False
    )
    ours = (_stage("frame to numbers", into), _stage("network", through), _stage("numbers to picture", out))
    return Budget(title, (frames[0].width, frames[0].height), (*capture.stages, *ours, shown), capture.fps)


def _stage(name: str, seconds: Sequence[float]) -> Stage:
    median, p90 = (float(value) * 1e3 for value in np.percentile(seconds, (50, 90)))
    return Stage(name, median, p90, f"measured, {len(seconds)} times")
