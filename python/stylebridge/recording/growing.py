"""A recording while it grows: one file under its own name, written at its end only, and whole up to the last frame."""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO

import numpy as np

from stylebridge import __version__
from stylebridge.errors import InputError, StylebridgeError
from stylebridge.files import check_output, partial_path, unwritable
from stylebridge.frame import Frame
from stylebridge.recording.chunk import read_chunk
from stylebridge.recording.closing import ends_well
from stylebridge.recording.details import METADATA_NAME, Details, text_from_details
from stylebridge.recording.index import ROW, Channel, Row, Rows
from stylebridge.recording.message import decode_frame, plane_places
from stylebridge.recording.records import Op, read_at, record, text, text_map
from stylebridge.recording.repacked import more_frames
from stylebridge.recording.scan import Contents, CutOpening, opening_bytes, scan
from stylebridge.recording.schema import encode_schema
from stylebridge.recording.tail import Place, encode_tail

RESUME_CHECKED_BYTES = 256 << 20  # of an unfinished file; what a power cut can have torn lies there
_GROW_ROWS = 1024


class Growing:
    """Appends frames to a file; one thread may do so. A new file comes into being with its first frame."""

    def __init__(self, path: Path, file: BinaryIO | None, contents: Contents, details: Details) -> None:
        self.path = path
        self.replaces = False  # a file that lies there
        self.end = contents.end
        self.channels: dict[int, Channel] = contents.channels
        self.run = len(contents.runs)
        self.cut_bytes = 0  # of a frame that wasn't whole
        self._file = file
        self._runs = contents.runs
        self._rows = contents.rows
        self._count = len(contents.rows)
        self._finished = contents.finished
        self._begun = False
        opening = b"" if contents.end else opening_bytes(f"stylebridge {__version__}")
        about = record(Op.METADATA, text(METADATA_NAME), text_map(text_from_details(details, self.run)))
        self._run_place = Place(contents.end + len(opening), len(about))
        self._opening = opening + about + (b"" if contents.has_schema else encode_schema())

    @property
    def rows(self) -> Rows:
        """One row per frame."""
        return self._rows[: self._count]

    def last_frames(self) -> Iterator[tuple[Channel, Frame]]:
        """The last frame of each channel, colour only; those that came last come last."""
        if self._file is None:
            return
        ends = {int(row["channel"]): row for row in self.rows}  # later rows replace earlier ones
        for number, row in sorted(ends.items(), key=lambda item: int(item[1]["offset"])):
            chunk = read_chunk(self._file, int(row["offset"]), int(row["offset"] + row["length"]))
            places = plane_places(chunk.header, chunk.header_bytes)
            length = next(entry.length for entry in chunk.header.planes if entry.name == "color")
            color = read_at(self._file, chunk.message_at + places["color"], length)
            yield self.channels[number], decode_frame(chunk.header, {"color": color}.__getitem__, ("color",))

    def append(self, announcement: bytes, chunk: bytes, row: Row) -> None:
        """Write one frame; `announcement` is its channel's record where it is the first one there.

        After an error the file ends where it ended before.
        """
        opening = b"" if self._begun else self._opening
        start = self.end + len(opening) + len(announcement)
        is_new = self._file is None
        try:
            if self._file is None:
                if self.replaces:
                    self._birthplace.unlink(missing_ok=True)  # of a killed process that had the same number
                self._file = _create(self._birthplace)
            elif not self._begun:
                self._finished = False
                self._file.truncate(self.end)
            front = opening + announcement
            write_all(self._file, self.end, front + chunk if front else chunk)
            if is_new and self.replaces:
                self._file.close()  # some systems rename no open file
                self._birthplace.replace(self.path)
                self._file = open_for_writing(self.path)
        except OSError as error:
            self._take_back(is_new=is_new)
            raise self.stopped(error) from error
        if not self._begun:
            self._begun = True
            self._runs = [*self._runs, self._run_place]
        self.end = start + len(chunk)
        self._keep((start, *row[1:]))

    def sync(self) -> None:
        """Make what was written survive a power cut. May run beside `append`."""
        try:
            if self._file is not None:
                os.fsync(self._file.fileno())
        except OSError as error:
            raise self.stopped(error) from error

    def finish(self) -> None:
        """Write index and summary, where that isn't done."""
        if self._finished or self._file is None:
            return
        try:
            self._file.truncate(self.end)
            write_all(self._file, self.end, encode_tail(self.end, self.rows, self.channels, self._runs))
            self.sync()
        except OSError as error:
            self._take_back(is_new=False)
            raise self.stopped(error) from error
        self._finished = True

    def close(self) -> None:
        """Let go of the file as it is."""
        if self._file is not None:
            self._file.close()

    def stopped(self, error: OSError) -> StylebridgeError:
        """What is said when the system writes no more."""
        found = f"recording stopped after {self._count} frames: {(error.strerror or str(error)).lower()}"
        full = error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
        advice = "make room and go on with --resume: the frames are safe" if full else "look at the disk"
        return StylebridgeError(found, do=advice, where=self.path)

    @property
    def _birthplace(self) -> Path:
        """Where a new file is made: beside one that it replaces, until its first frame is there."""
        return partial_path(self.path) if self.replaces else self.path

    def _take_back(self, *, is_new: bool) -> None:
        with suppress(OSError):
            if is_new and self._file is not None:
                self._file.close()
                self._file = None
                self._birthplace.unlink()
            elif self._file is not None:
                self._file.truncate(self.end)

    def _keep(self, row: Row) -> None:
        if self._count == len(self._rows):
            grown = np.zeros(max(_GROW_ROWS, 2 * self._count), ROW)
            grown[: self._count] = self._rows
            self._rows = grown
        self._rows[self._count] = row
        self._count += 1


def begin(path: Path, details: Details, *, force: bool) -> Growing:
    """A new recording; one that is replaced stays until the first frame of the new one is there."""
    check_output(path, force)
    growing = Growing(path, None, Contents(np.zeros(0, ROW)), details)
    if path.exists():
        open_for_writing(path).close()  # refused while another process writes it
        growing.replaces = True
    return growing


def take_up(path: Path, details: Details) -> Growing:
    """Go on with a recording that was finished, or cut off; its frames stay as they are. Without one, begin it."""
    try:
        if not (path.is_file() and path.stat().st_size):
            return begin(path, details, force=True)
    except OSError as error:
        raise unwritable(path, error) from error
    file, cut_bytes = open_for_writing(path), 0
    try:
        contents = scan(file, path, RESUME_CHECKED_BYTES)
        is_whole = not contents.problem and ends_well(file, path, contents.rows)
        if not is_whole and more_frames(file, contents):
            found = f"damaged in the middle: {contents.problem or f'an index at {contents.end} before more frames'}"
            raise InputError(found, do=f"run: stylebridge recording repair {path}", where=path)
        cut_bytes = 0 if contents.finished else contents.size - contents.end
        contents.finished = is_whole
    except CutOpening:  # stopped while its first bytes were written
        file.truncate(0)
        contents = Contents(np.zeros(0, ROW))
    except BaseException:
        file.close()
        raise
    growing = Growing(path, file, contents, details)
    growing.cut_bytes = cut_bytes
    return growing


def open_for_writing(path: Path) -> BinaryIO:
    """An existing file, locked against other writers."""
    try:
        file = path.open("rb+", buffering=0)
    except OSError as error:
        raise unwritable(path, error) from error
    lock(file, path)
    return file


def lock(file: BinaryIO, path: Path) -> None:
    """Keep other writers out until the file is closed, where the system can."""
    try:
        import fcntl
    except ImportError:
        return
    try:
        fcntl.flock(file.fileno(), fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        file.close()
        raise InputError("is being written by another process", do="wait for its end", where=path) from error
    except OSError:  # a file system without locks
        return


def _create(path: Path) -> BinaryIO:
    path.parent.mkdir(parents=True, exist_ok=True)
    file = path.open("xb+", buffering=0)
    lock(file, path)
    return file


def received_from_rows(rows: Rows, channels: Mapping[int, Channel]) -> dict[str, int]:
    """The last sequence of every session."""
    last: dict[str, int] = {}
    for number, channel in channels.items():
        sequences = rows["sequence"][rows["channel"] == number]
        if channel.session and len(sequences) and (most := int(sequences.max())) > 0:
            last[channel.session] = max(most, last.get(channel.session, 0))
    return last


def write_all(file: BinaryIO, at: int, data: bytes) -> None:
    """Write all of it there, however often the system takes only a part."""
    file.seek(at)
    view = memoryview(data)
    while view:
        view = view[file.write(view) :]
