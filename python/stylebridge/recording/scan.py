"""A recording read from its beginning, record by record: what repairing, resuming and verifying start from."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

import numpy as np

from stylebridge.errors import InputError
from stylebridge.recording.chunk import BODY_IN_CHUNK, FrameChunk, check_chunk, read_chunk
from stylebridge.recording.details import METADATA_NAME, Details, details_from_text
from stylebridge.recording.index import ROW, Channel, Row, Rows, decode_channel, row_from_header
from stylebridge.recording.message import PREFIX
from stylebridge.recording.records import HEAD, MAGIC, Fields, Malformed, Op, read_at, read_small, record, text
from stylebridge.recording.tail import Place

PROFILE = "stylebridge"
_SEARCH_BYTES = 8 << 20
_LONGEST_OPENING = 512  # bytes of a file that can be cut off before its first frame; no whole frame ends before
_LONGEST_DETAILS = 1 << 16  # where the first run's details are looked for
Progress = Callable[[int, int], None]  # bytes done, bytes in all


class CutOpening(InputError):
    """A recording that was cut off before its first frame."""


@dataclass(slots=True)
class Contents:
    """What was found, up to `end`; `problem` says why it stopped there, empty where the frames are complete."""

    rows: Rows
    channels: dict[int, Channel] = field(default_factory=dict)
    runs: list[Place] = field(default_factory=list)
    details: list[Details] = field(default_factory=list)
    has_schema: bool = False
    end: int = 0
    size: int = 0
    finished: bool = False  # an index follows the frames
    problem: str = ""
    begins_well: bool = True


def opening_bytes(library: str) -> bytes:
    """What every recording begins with."""
    return MAGIC + record(Op.HEADER, text(PROFILE), text(library))


def check_opening(file: BinaryIO, path: Path) -> int:
    """Where the first record behind the header is; refuses what is no recording of ours."""
    size = os.fstat(file.fileno()).st_size
    expected = "a recording (.mcap) made by stylebridge capture"
    if size == 0:
        raise InputError("the file is empty", expected=expected, where=path)
    file.seek(0)
    magic = file.read(len(MAGIC))
    if MAGIC.startswith(magic) and len(magic) < len(MAGIC):
        raise CutOpening("cut off within its first bytes", expected=expected, where=path)
    if magic != MAGIC:
        raise InputError("not an MCAP file", expected=expected, where=path)
    try:
        op, data, after = read_small(file, len(MAGIC), size)
        fields = Fields(data)
        profile, library = fields.text(), fields.text()
    except Malformed as error:
        if size <= _LONGEST_OPENING:
            raise CutOpening(f"cut off within its header ({error})", expected=expected, where=path) from error
        repair = f"run: stylebridge recording repair {path}"
        raise InputError(f"its header is damaged: {error}", do=repair, where=path) from error
    if op != Op.HEADER or profile != PROFILE:
        found = f"an MCAP file of another program (profile {profile[:60]!r}, written by {library[:60]!r})"
        raise InputError(found, expected=expected, where=path)
    return after


def scan(file: BinaryIO, path: Path, checked_bytes: int | None = None, progress: Progress | None = None) -> Contents:
    """Walk over the frames; those in the last `checked_bytes` of the file (all by default) have their CRC tested."""
    contents = Contents(np.zeros(0, ROW), end=check_opening(file, path), size=os.fstat(file.fileno()).st_size)
    _walk(file, contents, checked_bytes, progress)
    return contents


def scan_unopened(file: BinaryIO, found: str, progress: Progress | None = None) -> Contents | None:
    """The same for a file whose opening is damaged, as `found` says; None where nothing of a recording is in it."""
    file.seek(0)
    start = file.read(_LONGEST_DETAILS)
    if any(start) and PROFILE.encode() not in start:  # else a foreign file of any size would be searched
        return None
    contents = Contents(np.zeros(0, ROW), size=os.fstat(file.fileno()).st_size, begins_well=False)
    contents.end = _details_place(start)
    if contents.end:
        _walk(file, contents, None, progress)
    contents.problem = contents.problem or found
    is_ours = len(contents.rows) or next(later_frames(file, contents.end, contents.size), None)
    return contents if is_ours else None


def _walk(file: BinaryIO, contents: Contents, checked_bytes: int | None, progress: Progress | None) -> None:
    checked_from = 0 if checked_bytes is None else contents.size - checked_bytes
    rows: list[Row] = []
    try:
        while contents.end < contents.size:
            op, _ = HEAD.unpack(read_at(file, contents.end, HEAD.size))
            if op in (Op.ATTACHMENT, Op.DATA_END):
                contents.finished = True
                break
            if op == Op.CHUNK:
                rows.append(_frame(file, contents, checked_from))
            else:
                _small(file, contents)
            if progress is not None:
                progress(contents.end, contents.size)
    except Malformed as error:
        contents.problem = str(error)
    contents.rows = np.array(rows, ROW)


def later_frames(file: BinaryIO, start: int, size: int) -> Iterator[FrameChunk]:
    """Whole frames behind a damaged place, found by how their messages begin and proved by their CRC."""
    while start < size:
        file.seek(start)
        window = file.read(_SEARCH_BYTES + len(PREFIX))
        found, next_start = window.find(PREFIX), start + _SEARCH_BYTES
        while found >= 0 and start + found < next_start:
            try:
                chunk = read_chunk(file, max(0, start + found - BODY_IN_CHUNK), size)
                check_chunk(file, chunk)
            except Malformed:
                found = window.find(PREFIX, found + 1)
                continue
            yield chunk
            next_start = chunk.offset + chunk.length
            break
        start = next_start


def _details_place(start: bytes) -> int:
    """Where the first run's details lie, found by their name; 0 where they aren't."""
    name = text(METADATA_NAME)
    at = start.find(name)
    while at >= 0:
        if at >= HEAD.size and start[at - HEAD.size] == Op.METADATA:
            return at - HEAD.size
        at = start.find(name, at + 1)
    return 0


def _frame(file: BinaryIO, contents: Contents, checked_from: int) -> Row:
    chunk = read_chunk(file, contents.end, contents.size)
    if chunk.stamp.channel not in contents.channels:
        raise Malformed(f"a frame at {chunk.offset} of a stream that isn't announced")
    if chunk.offset + chunk.length > checked_from:
        check_chunk(file, chunk)
    contents.end = chunk.offset + chunk.length
    return row_from_header(chunk.header, chunk.stamp, chunk.offset, chunk.length)


def _small(file: BinaryIO, contents: Contents) -> None:
    op, data, after = read_small(file, contents.end, contents.size)
    if op == Op.CHANNEL:
        number, channel = decode_channel(data)
        if channel is None:
            raise Malformed(f"a channel at {contents.end} that is none of ours")
        contents.channels[number] = channel
    elif op == Op.SCHEMA:
        contents.has_schema = True
    elif op == Op.METADATA:
        fields = Fields(data)
        if fields.text() == METADATA_NAME:
            contents.details.append(details_from_text(fields.text_map()))
            contents.runs.append(Place(contents.end, after - contents.end))
    else:
        raise Malformed(f"a record of kind {op} at {contents.end}")
    contents.end = after
