"""Recording: opens a finished file by its index; frames, single planes and pairs in any order, nothing else is read."""

from __future__ import annotations

import threading
from collections.abc import Collection, Iterator
from functools import cached_property
from pathlib import Path
from types import TracebackType
from typing import Any, BinaryIO, Self

from stylebridge.errors import InputError
from stylebridge.frame import PLANES, Frame
from stylebridge.recording.chunk import FrameChunk, read_chunk
from stylebridge.recording.closing import read_closing
from stylebridge.recording.details import Details
from stylebridge.recording.index import planes_from_bits
from stylebridge.recording.message import FrameHeader, decode_frame, plane_places
from stylebridge.recording.records import Malformed, read_at
from stylebridge.recording.repacked import Salvaged, salvaged
from stylebridge.recording.scan import check_opening
from stylebridge.recording.streams import Numbers, Stream, pairs_from_rows, seconds_of, streams_from_rows


class Recording:
    """A finished recording. It may be read from several threads and processes; unpickled, it opens its file again."""

    def __init__(self, path: Path | str) -> None:
        self.path = Path(path)
        self._file = open_for_reading(self.path)
        self._lock = threading.Lock()
        try:
            check_opening(self._file, self.path)
            closing = read_closing(self._file, self.path)
        except BaseException:
            self._file.close()
            raise
        self.rows, self.channels, self.runs = closing.rows, closing.channels, closing.details
        self.bytes = closing.size

    @property
    def details(self) -> Details:
        """Where the frames came from; of the first run, should the recording have been taken up again."""
        return self.runs[0] if self.runs else Details("")

    @cached_property
    def streams(self) -> tuple[Stream, ...]:
        """What is in it, in the order of first appearance."""
        return streams_from_rows(self.rows, self.channels)

    def stream_of(self, number: int) -> Stream:
        """The stream of a frame."""
        channel = int(self.rows["channel"][self._checked(number)])
        return next(stream for stream in self.streams if stream.channel == channel)

    def index(self, stream: Stream | None = None) -> list[int]:
        """The numbers of a stream's frames; of all without one."""
        if stream is None:
            return list(range(len(self)))
        return [int(number) for number in (self.rows["channel"] == stream.channel).nonzero()[0]]

    def pairs(self, stream: Stream | None = None) -> list[tuple[int, int]]:
        """Frames that follow each other directly, as (before, after); motion of the second leads to the first."""
        pairs = self._pairs
        if stream is not None:
            pairs = pairs[self.rows["channel"][pairs[:, 1]] == stream.channel]
        return [(int(a), int(b)) for a, b in pairs]

    def pair(self, number: int, planes: Collection[str] | None = None) -> tuple[Frame, Frame]:
        """The frames of one of `pairs()`."""
        if not 0 <= number < len(self._pairs):
            raise IndexError(f"pair {number} of {len(self._pairs)}")
        before, after = (int(index) for index in self._pairs[number])
        return self.read(before, planes), self.read(after, planes)

    def read(self, number: int, planes: Collection[str] | None = None) -> Frame:
        """A frame with these planes as far as it has them (colour always); with all of them by default."""
        check_planes(planes)
        chunk = self._chunk(number)
        places = plane_places(chunk.header, chunk.header_bytes)
        lengths = {entry.name: entry.length for entry in chunk.header.planes}
        try:
            return decode_frame(
                chunk.header, lambda name: self._bytes(chunk.message_at + places[name], lengths[name]), planes
            )
        except Malformed as error:
            raise self.damaged(number, error) from error

    def salvaged(self, number: int) -> Salvaged:
        """A frame as it is stored, to be copied into another file."""
        chunk = self._chunk(number)
        try:
            with self._lock:
                self._check_open()
                return salvaged(self._file, chunk)
        except Malformed as error:
            raise self.damaged(number, error) from error

    def header(self, number: int) -> FrameHeader:
        """Everything about a frame but its pixels."""
        return self._chunk(number).header

    def planes_of(self, number: int) -> tuple[str, ...]:
        """The planes that a frame has, without reading it."""
        return planes_from_bits(int(self.rows["planes"][self._checked(number)]))

    def summary(self) -> dict[str, Any]:
        """Everything that is known without reading frames, as plain values."""
        seconds = seconds_of(self.rows) if len(self) else None
        return {
            "file": str(self.path),
            "bytes": self.bytes,
            "frames": len(self),
            "bytes_per_frame": round(self.bytes / len(self)) if len(self) else None,
            "first_s": None if seconds is None else float(seconds[0]),
            "last_s": None if seconds is None else float(seconds[-1]),
            "pairs": len(self._pairs),
            "details": self.details.as_dict(),
            "runs": len(self.runs),
            "streams": [stream.as_dict() for stream in self.streams],
        }

    def close(self) -> None:
        """Close the file; harmless twice."""
        self._file.close()

    def __reduce__(self) -> tuple[type[Recording], tuple[Path]]:
        return Recording, (self.path,)

    def __len__(self) -> int:
        return len(self.rows)

    def __getitem__(self, number: int) -> Frame:
        return self.read(number)

    def __iter__(self) -> Iterator[Frame]:
        return (self.read(number) for number in range(len(self)))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    @cached_property
    def _pairs(self) -> Numbers:
        return pairs_from_rows(self.rows, self.channels, self.streams)

    def _chunk(self, number: int) -> FrameChunk:
        number = self._checked(number)
        row = self.rows[number]
        try:
            with self._lock:
                self._check_open()
                chunk = read_chunk(self._file, int(row["offset"]), int(row["offset"]) + int(row["length"]))
        except Malformed as error:
            raise self.damaged(number, error) from error
        channel = self.channels[int(row["channel"])]
        if (chunk.header.width, chunk.header.height) != (channel.width, channel.height):
            raise self.damaged(number, Malformed("its size is not its stream's"))
        return chunk

    def _bytes(self, offset: int, count: int) -> bytes:
        with self._lock:
            self._check_open()
            return read_at(self._file, offset, count)

    def _checked(self, number: int) -> int:
        if not -len(self) <= number < len(self):
            raise IndexError(f"frame {number} of {len(self)}")
        return number % len(self)

    def _check_open(self) -> None:
        if self._file.closed:
            raise InputError("the recording is closed", where=self.path)

    def damaged(self, number: int, error: Malformed) -> InputError:
        """What is said of a frame that can't be read."""
        advice = f"run: stylebridge recording repair {self.path}"
        return InputError(f"frame {number} is damaged: {error}", do=advice, where=self.path)


def open_for_reading(path: Path) -> BinaryIO:
    """A file that is there and can be read."""
    try:
        if path.is_dir():
            raise InputError("is a folder", expected="a recording (.mcap)", where=path)
        return path.open("rb", buffering=0)
    except FileNotFoundError as error:
        raise InputError("no such file", expected="a recording (.mcap)", where=path) from error
    except OSError as error:
        raise InputError(f"can't be read: {error.strerror}", where=path) from error


def check_planes(planes: Collection[str] | None) -> None:
    """Refuse names of planes that there aren't."""
    for name in planes or ():
        if name not in PLANES:
            raise InputError(f"plane {name!r}", expected=", ".join(PLANES))
