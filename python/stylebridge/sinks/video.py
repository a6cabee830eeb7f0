"""Frames as a video file: H.264 through PyAV where that is installed, else what OpenCV can write."""

from __future__ import annotations

import importlib.util
from abc import ABC, abstractmethod
from contextlib import suppress
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np

from stylebridge.errors import InputError, StylebridgeError
from stylebridge.files import check_output, missing_folders, partial_path, remove_empty, unwritable
from stylebridge.frame import ColorPlane, Frame
from stylebridge.imaging import opencv
from stylebridge.sinks.base import Sink

# The codecs that OpenCV's own FFmpeg can always write; H.264 is left out of it for its licence.
CODECS = {".mp4": "mp4v", ".mov": "mp4v", ".mkv": "mp4v", ".avi": "MJPG"}
H264_SUFFIXES = (".mp4", ".mov", ".mkv")

CRF = "18"  # x264's scale of quality; at 18 few people see a difference
PRESET = "veryfast"
MAX_FPS_DENOMINATOR = 1001


class Video(Sink):
    """Encodes into a hidden file beside the wanted one, which is renamed on success; the first frame fixes the size."""

    def __init__(self, path: Path, fps: float, force: bool) -> None:
        super().__init__(str(path))
        if path.suffix.lower() not in CODECS:
            raise InputError(f"unknown video extension {path.suffix!r}", expected=", ".join(CODECS), where=path)
        check_output(path, force)
        opencv()
        self._path = path
        self._made = missing_folders(path.parent)
        self._partial = partial_path(path)
        self._fps = fps
        self._encoder: Encoder | None = None
        self._size = (0, 0)

    def _write(self, frame: Frame, name: str | None) -> None:
        if self._encoder is None:
            self._encoder = self._begun((frame.width, frame.height))
        if (frame.width, frame.height) != self._size:
            raise InputError(
                f"frame {self.frame_count} is {frame.width}x{frame.height}",
                expected=f"{self._size[0]}x{self._size[1]} like the first one",
                do=f"add ?size={self._size[0]}x{self._size[1]} to the source, or write to a folder",
                where=self._path,
            )
        self._encoder.write(frame.rgb)

    def _begun(self, size: tuple[int, int]) -> Encoder:
        self._size = size
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            self._partial.touch()  # OpenCV's writer wouldn't say why it can't make the file
        except OSError as error:
            raise unwritable(self._path, error) from error
        encoder: Encoder
        suffix = self._path.suffix.lower()
        wanted = suffix in H264_SUFFIXES and min(size) > 1
        if wanted and has_h264():
            encoder = H264(self._partial, self._fps, size, self._path)
        else:
            encoder = OpenCv(self._partial, self._fps, size, self._path, CODECS[suffix])
            if wanted:
                self.problems.append(
                    f"{self._path}: written as MPEG-4 Part 2, which browsers don't play;"
                    " for H.264 run: pip install 'stylebridge[video]'"
                )
        if size[0] % 2 or size[1] % 2:
            self.problems.append(f"{self._path}: the size {size[0]}x{size[1]} is odd; the codec drops the last pixels")
        return encoder

    def _finish(self) -> None:
        if self._encoder is None:
            return
        self._encoder.finish()
        count = self._encoder.count_written(self.frame_count)
        if count < self.frame_count:
            raise InputError(
                f"only {count} of {self.frame_count} frames reached the file",
                do="see whether the disk is full",
                where=self._path,
            )
        try:
            self._partial.replace(self._path)
        except OSError as error:
            raise unwritable(self._path, error) from error

    def _discard(self) -> None:
        if self._encoder is not None:
            self._encoder.let_go()
        with suppress(OSError):
            self._partial.unlink(missing_ok=True)
        remove_empty(self._made)


class Encoder(ABC):
    """Writes pictures of one size to a file; a failure to write shows in `count_written`."""

    @abstractmethod
    def write(self, rgb: ColorPlane) -> None:
        """Encode one picture."""

    @abstractmethod
    def finish(self) -> None:
        """Write what is still held back, and close the file."""

    @abstractmethod
    def count_written(self, most: int) -> int:
        """The frames that can be read back; what the header announces says nothing about a full disk."""

    @abstractmethod
    def let_go(self) -> None:
        """Close the file as it is; harmless after `finish`."""


class OpenCv(Encoder):
    """OpenCV's writer, which reports no error, not even a full disk."""

    def __init__(self, file: Path, fps: float, size: tuple[int, int], where: Path, codec: str) -> None:
        self._cv2 = opencv()
        self._file = file
        self._writer = self._cv2.VideoWriter(str(file), self._cv2.VideoWriter.fourcc(*codec), fps, size)
        if not self._writer.isOpened():
            raise StylebridgeError(
                f"OpenCV can't encode {codec} at {size[0]}x{size[1]} and {fps:g} frames per second",
                do="try .avi, or a folder",
                where=where,
            )

    def write(self, rgb: ColorPlane) -> None:
        """Encode one picture."""
        self._writer.write(self._cv2.cvtColor(rgb.copy(), self._cv2.COLOR_RGB2BGR))

    def finish(self) -> None:
        """Close the file."""
        self._writer.release()

    def count_written(self, most: int) -> int:
        """Read the file until it ends."""
        written = self._cv2.VideoCapture(str(self._file))
        count = 0
        while count < most and written.grab():
            count += 1
        written.release()
        return count

    def let_go(self) -> None:
        """Close the file."""
        self._writer.release()


class H264(Encoder):
    """x264 as browsers play it: 4:2:0, BT.709 and marked so, the index in front of the pictures."""

    def __init__(self, file: Path, fps: float, size: tuple[int, int], where: Path) -> None:
        import av
        from av.video.reformatter import ColorRange, Colorspace

        self._av, self._file = av, file
        self._failures = (av.FFmpegError, OSError, ValueError)
        self._even = size[0] // 2 * 2, size[1] // 2 * 2
        self._colors = {
            "src_colorspace": Colorspace.DEFAULT,
            "dst_colorspace": Colorspace.ITU709,
            "src_color_range": ColorRange.JPEG,
            "dst_color_range": ColorRange.MPEG,
        }
        self._failed = False
        options = {} if file.suffix.lower() == ".mkv" else {"movflags": "+faststart"}
        try:
            self._container: Any = av.open(str(file), "w", options=options)
            self._stream: Any = self._container.add_stream(
                "libx264", Fraction(fps).limit_denominator(MAX_FPS_DENOMINATOR)
            )
            self._stream.width, self._stream.height = self._even
            self._stream.pix_fmt = "yuv420p"
            self._stream.options = {"crf": CRF, "preset": PRESET}
            for name, value in (("colorspace", 1), ("color_primaries", 1), ("color_trc", 1), ("color_range", 1)):
                setattr(self._stream.codec_context, name, value)
        except self._failures as error:
            what = f"H.264 can't be encoded at {size[0]}x{size[1]} and {fps:g} frames per second: {error}"
            raise StylebridgeError(what, do="try .avi, or a folder", where=where) from error

    def write(self, rgb: ColorPlane) -> None:
        """Encode one picture, without the last row or column of an odd size."""
        width, height = self._even
        picture = self._av.VideoFrame.from_ndarray(np.ascontiguousarray(rgb[:height, :width]), format="rgb24")
        self._mux(picture.reformat(format="yuv420p", **self._colors))

    def finish(self) -> None:
        """Write what x264 holds back, and the index."""
        self._mux(None)
        self.let_go()

    def count_written(self, most: int) -> int:
        """The packets that the file gives back; nothing of one whose index never came."""
        try:
            with self._av.open(str(self._file)) as written:
                return min(most, sum(1 for packet in written.demux(video=0) if packet.size))
        except self._failures:
            return 0

    def let_go(self) -> None:
        """Close the file; that it couldn't be written whole shows when it is read."""
        with suppress(*self._failures):
            self._container.close()

    def _mux(self, picture: Any) -> None:
        if self._failed:  # the disk is full: what comes now would leave a hole
            return
        try:
            self._container.mux(self._stream.encode(picture))
        except self._failures:
            self._failed = True


def has_h264() -> bool:
    """Whether PyAV is installed, and with x264 inside."""
    if importlib.util.find_spec("av") is None:
        return False
    import av

    return "libx264" in av.codecs_available
