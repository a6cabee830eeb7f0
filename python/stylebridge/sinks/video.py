"""Frames as a video file."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path
from typing import Any

from stylebridge.errors import InputError, StylebridgeError
from stylebridge.files import check_output, missing_folders, partial_path, remove_empty, unwritable
from stylebridge.frame import Frame
from stylebridge.imaging import opencv
from stylebridge.sinks.base import Sink

# The codecs that OpenCV's own FFmpeg can always write; H.264 is left out of it for its licence.
CODECS = {".mp4": "mp4v", ".mov": "mp4v", ".mkv": "mp4v", ".avi": "MJPG"}


class Video(Sink):
    """Encodes into a hidden file beside the wanted one, which is renamed on success; the first frame fixes the size."""

    def __init__(self, path: Path, fps: float, force: bool) -> None:
        super().__init__(str(path))
        if path.suffix.lower() not in CODECS:
            raise InputError(f"unknown video extension {path.suffix!r}", expected=", ".join(CODECS), where=path)
        check_output(path, force)
        self._cv2 = opencv()
        self._path = path
        self._made = missing_folders(path.parent)
        self._partial = partial_path(path)
        self._fps = fps
        self._writer: Any = None
        self._size = (0, 0)

    def _write(self, frame: Frame, name: str | None) -> None:
        if self._writer is None:
            self._begin((frame.width, frame.height))
        if (frame.width, frame.height) != self._size:
            raise InputError(
                f"frame {self.frame_count} is {frame.width}x{frame.height}",
                expected=f"{self._size[0]}x{self._size[1]} like the first one",
                do=f"add ?size={self._size[0]}x{self._size[1]} to the source, or write to a folder",
                where=self._path,
            )
        self._writer.write(self._cv2.cvtColor(frame.rgb.copy(), self._cv2.COLOR_RGB2BGR))

    def _begin(self, size: tuple[int, int]) -> None:
        codec = CODECS[self._path.suffix.lower()]
        self._size = size
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            self._partial.touch()  # OpenCV's writer wouldn't say why it can't make the file
        except OSError as error:
            raise unwritable(self._path, error) from error
        fourcc = self._cv2.VideoWriter.fourcc(*codec)
        self._writer = self._cv2.VideoWriter(str(self._partial), fourcc, self._fps, size)
        if not self._writer.isOpened():
            raise StylebridgeError(
                f"OpenCV can't encode {codec} at {size[0]}x{size[1]} and {self._fps:g} frames per second",
                do="try .avi, or a folder",
                where=self._path,
            )
        if size[0] % 2 or size[1] % 2:
            self.problems.append(f"{self._path}: the size {size[0]}x{size[1]} is odd; the codec drops the last pixels")

    def _finish(self) -> None:
        self._writer.release()
        count = self._count_written()
        if count < self.frame_count:  # OpenCV's writer reports no error, not even a full disk
            raise InputError(
                f"only {count} of {self.frame_count} frames reached the file",
                do="see whether the disk is full",
                where=self._path,
            )
        try:
            self._partial.replace(self._path)
        except OSError as error:
            raise unwritable(self._path, error) from error

    def _count_written(self) -> int:
        """The frames that can be read back; what the header announces says nothing about a full disk."""
        written = self._cv2.VideoCapture(str(self._partial))
        count = 0
        while count < self.frame_count and written.grab():
            count += 1
        written.release()
        return count

    def _discard(self) -> None:
        if self._writer is not None:
            self._writer.release()
        with suppress(OSError):
            self._partial.unlink(missing_ok=True)
        remove_empty(self._made)
