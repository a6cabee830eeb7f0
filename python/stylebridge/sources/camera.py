"""A webcam or a network stream as a source."""

from __future__ import annotations

import math
import re
import sys
import time
from pathlib import Path
from typing import Any

from stylebridge.errors import InputError
from stylebridge.frame import Clock, Frame
from stylebridge.imaging import opencv
from stylebridge.sources.address import Options
from stylebridge.sources.base import Source
from stylebridge.sources.images import natural_key

OPEN_TIMEOUT_MS = 10_000


class Camera(Source):
    """Frames as they arrive, each with the seconds since the first; it ends when the device stops."""

    def __init__(self, name: str, capture: Any, cv2: Any) -> None:
        super().__init__(name)
        self._cv2 = cv2
        self._capture = capture
        self._index = 0
        self._began_ns = 0
        fps = float(capture.get(cv2.CAP_PROP_FPS))
        self.fps = fps if math.isfinite(fps) and fps > 0 else None
        width, height = (int(capture.get(p)) for p in (cv2.CAP_PROP_FRAME_WIDTH, cv2.CAP_PROP_FRAME_HEIGHT))
        self.size = (width, height) if width > 0 and height > 0 else None

    def read(self) -> Frame | None:
        """Wait for the next frame."""
        good, bgr = self._capture.read()
        if not good:
            self.problems.append(f"{self.name} stopped after {self._index} frames")
            return None
        now_ns = time.monotonic_ns()
        self._began_ns = self._began_ns or now_ns
        clock = Clock(self._index, (now_ns - self._began_ns) / 1e9, time.time_ns())
        self._index += 1
        return Frame(color=self._cv2.cvtColor(bgr, self._cv2.COLOR_BGR2RGB), clock=clock)

    def close(self) -> None:
        """Release the device."""
        super().close()
        self._capture.release()


def open_camera(where: str, options: Options) -> Source:
    """Open a device by its number, or a stream by its URL."""
    cv2 = opencv()
    name = "camera:" + re.sub(r"//[^/@]*@", "//", where)  # a password in the URL is nobody's business
    if where.isdecimal() and len(where) < 4:
        capture = cv2.VideoCapture(int(where))
    else:
        capture = cv2.VideoCapture(where, cv2.CAP_FFMPEG, [cv2.CAP_PROP_OPEN_TIMEOUT_MSEC, OPEN_TIMEOUT_MS])
    if not capture.isOpened():
        capture.release()
        raise InputError("no camera answers", expected=_devices(), do="check the number or the URL", where=name)
    return Camera(name, capture, cv2)


def _devices() -> str:
    """What a person could have meant."""
    found = sorted(Path("/dev").glob("video*"), key=natural_key)
    if found:
        return "one of " + ", ".join(map(str, found)) + " by its number"
    return (
        "a device /dev/video*, of which there is none here" if sys.platform == "linux" else "a device number or a URL"
    )
