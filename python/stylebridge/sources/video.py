"""A video file as a source, decoded by OpenCV; turned upright when its metadata says so."""

from __future__ import annotations

import math
import time
from pathlib import Path
from typing import Any

from stylebridge.errors import InputError
from stylebridge.frame import Clock, Frame
from stylebridge.imaging import opencv
from stylebridge.sources.address import Options
from stylebridge.sources.base import Source

SUFFIXES = (".mp4", ".m4v", ".mov", ".avi", ".mkv", ".webm", ".mpg", ".mpeg", ".wmv", ".flv", ".ogv")
MAX_FPS = 1000.0
MAX_FRAMES = 1 << 31  # what a container announces beyond this is a broken header


class Video(Source):
    """The frames of one video file; it ends where the readable part ends and says so if that is early."""

    def __init__(self, path: Path) -> None:
        super().__init__(f"video:{path}")
        self._path = path
        self._cv2 = opencv()
        self._capture = self._cv2.VideoCapture(str(path))
        self._capture.set(self._cv2.CAP_PROP_ORIENTATION_AUTO, 1)
        self._ready = bool(self._capture.isOpened() and self._capture.grab())
        if not self._ready:
            self.close()
            raise InputError(
                "not a readable video",
                expected="a whole file in a codec that OpenCV's FFmpeg decodes, such as H.264, MPEG-4 or MJPEG",
                do="play it in another program; if it plays, convert it: ffmpeg -i IN -c:v libx264 OUT.mp4",
                where=path,
            )
        count = self._property(self._cv2.CAP_PROP_FRAME_COUNT, MAX_FRAMES)
        self.frame_count = None if count is None else max(1, int(count))
        self.fps = self._property(self._cv2.CAP_PROP_FPS, MAX_FPS)
        width, height = (
            self._capture.get(p) for p in (self._cv2.CAP_PROP_FRAME_WIDTH, self._cv2.CAP_PROP_FRAME_HEIGHT)
        )
        self.size = int(width), int(height)
        self._index = 0

    def read(self) -> Frame | None:
        """Decode the next frame; the end of the readable part is the end."""
        bgr: Any = None
        if self._ready:
            self._ready, bgr = self._capture.retrieve()
        if not self._ready:
            self._note_early_end()
            return None
        clock = Clock(self._index, self._index / self.fps if self.fps else 0.0, time.time_ns())
        color = self._cv2.cvtColor(bgr, self._cv2.COLOR_BGR2RGB)
        self._advance()
        return Frame(color=color, clock=clock)

    def skip(self, count: int) -> None:
        """Pass over frames without converting them."""
        for _ in range(count):
            if not self._ready:
                return
            self._advance()

    def close(self) -> None:
        """Close the file."""
        super().close()
        self._capture.release()

    def _advance(self) -> None:
        self._index += 1
        self._ready = bool(self._capture.grab())

    def _note_early_end(self) -> None:
        if self.frame_count is not None and self._index < self.frame_count:
            self.problems.append(
                f"{self._path}: the file announces {self.frame_count} frames, {self._index} could be read;"
                " it may be truncated"
            )

    def _property(self, which: int, limit: float) -> float | None:
        """A property that the container may leave out or lie about."""
        value = float(self._capture.get(which))
        return value if math.isfinite(value) and 0 < value <= limit else None


def open_video(where: str, options: Options) -> Source:
    """Open a video file."""
    path = Path(where)
    try:
        if path.is_dir():
            raise InputError("is a folder", expected="a video file", do=f"for pictures, use images:{where}", where=path)
        if not path.is_file():
            raise InputError("no such file", expected="a video", where=path)
        if path.stat().st_size == 0:
            raise InputError("the file is empty", expected="a video", where=path)
    except OSError as error:
        raise InputError(f"can't be read: {error.strerror}", where=path) from error
    return Video(path)
