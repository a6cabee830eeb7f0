"""Frames in a live window."""

from __future__ import annotations

import os
import subprocess
import sys

from stylebridge.errors import InputError
from stylebridge.frame import Frame
from stylebridge.imaging import opencv
from stylebridge.sinks.base import Sink

_QUIT_KEYS = (27, ord("q"))
_PROBE = "import cv2; cv2.namedWindow('stylebridge'); cv2.waitKey(1); cv2.destroyAllWindows()"
PROBE_TIMEOUT_S = 20


class Window(Sink):
    """Shows each frame at once; `stopped` turns true when its viewer presses q or Escape or closes it."""

    def __init__(self, title: str) -> None:
        super().__init__(f"window:{title}")
        self._cv2 = opencv()
        _check_display()
        self._title = title
        self._cv2.namedWindow(title, self._cv2.WINDOW_NORMAL)

    def _write(self, frame: Frame, name: str | None) -> None:
        if self.stopped:
            return
        self._cv2.imshow(self._title, self._cv2.cvtColor(frame.rgb.copy(), self._cv2.COLOR_RGB2BGR))
        key = self._cv2.waitKey(1) & 0xFF
        self.stopped = key in _QUIT_KEYS or not self._is_visible()

    def _is_visible(self) -> bool:
        try:
            return bool(self._cv2.getWindowProperty(self._title, self._cv2.WND_PROP_VISIBLE) >= 1)
        except self._cv2.error:  # what Qt answers once the last window is closed
            return False

    def _finish(self) -> None:
        self._discard()

    def _discard(self) -> None:
        self._cv2.destroyAllWindows()
        self._cv2.waitKey(1)  # the toolkit closes windows only while it is asked for keys


def _check_display() -> None:
    if sys.platform == "linux" and not (os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")):
        raise InputError(
            "no display: neither DISPLAY nor WAYLAND_DISPLAY is set",
            do="write to a folder or a video instead, or start it on a desktop or under xvfb-run",
            where="window",
        )
    # Qt ends the whole process when the display doesn't answer, so another process tries it first.
    try:
        works = (
            subprocess.run([sys.executable, "-c", _PROBE], capture_output=True, timeout=PROBE_TIMEOUT_S).returncode == 0
        )
    except subprocess.TimeoutExpired:
        works = False
    if not works:
        raise InputError(
            "OpenCV can't open a window here",
            expected="a display that answers and opencv-python, not opencv-python-headless",
            do="write to a folder or a video instead",
            where="window",
        )
