"""Frames found elsewhere than in order: behind a damaged place, or in a file that another program packed anew."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

import zstandard

from stylebridge.errors import InputError
from stylebridge.recording.chunk import INDEX, FrameChunk
from stylebridge.recording.message import BODY_AT, FrameHeader, decode_header, header_length, message_bytes
from stylebridge.recording.records import HEAD, Fields, Malformed, Op, read_at
from stylebridge.recording.scan import Contents, later_frames

MAX_CHUNK_BYTES = 1 << 30  # unpacked; programs make chunks of a few megabytes
_STAMP = struct.Struct("<HIQQ")  # channel, sequence, two times


@dataclass(frozen=True, slots=True)
class Salvaged:
    """A frame's whole message, wherever it was found."""

    header: FrameHeader
    message: bytes
    log_ns: int
    publish_ns: int


def rest_of_frames(file: BinaryIO, contents: Contents) -> Iterator[Salvaged]:
    """Frames behind the place where reading in order came to an end."""
    found = False
    for chunk in later_frames(file, contents.end, contents.size):
        found = True
        yield salvaged(file, chunk)
    if not found:
        yield from _repacked(file, contents.end, contents.size)


def more_frames(file: BinaryIO, contents: Contents) -> bool:
    """Whether there are any, so that what lies there may not be cut off."""
    return next(rest_of_frames(file, contents), None) is not None


def salvaged(file: BinaryIO, chunk: FrameChunk) -> Salvaged:
    """A frame that lies where we put it."""
    message = read_at(file, chunk.message_at, message_bytes(chunk.header, chunk.header_bytes))
    return Salvaged(chunk.header, message, chunk.stamp.log_ns, chunk.stamp.publish_ns)


def _repacked(file: BinaryIO, start: int, size: int) -> Iterator[Salvaged]:
    """The frames in records from `start` on, many to a chunk, compressed, or in no chunk; others are passed over."""
    while start + HEAD.size <= size:
        op, length = HEAD.unpack(read_at(file, start, HEAD.size))
        end = start + HEAD.size + length
        if end + INDEX.size > size:  # one that is cut off, or one of ours that its index should follow
            return
        try:
            if op == Op.CHUNK:
                yield from _frames_of_chunk(file, start + HEAD.size, length)
            elif op == Op.MESSAGE and length <= MAX_CHUNK_BYTES:
                yield _frame(memoryview(read_at(file, start + HEAD.size, length)))
        except Malformed:
            pass
        start = end


def _frames_of_chunk(file: BinaryIO, start: int, length: int) -> Iterator[Salvaged]:
    data = _unpacked(file, start, length)
    at = 0
    while at + HEAD.size <= len(data):
        op, count = HEAD.unpack_from(data, at)
        end = at + HEAD.size + count
        if end > len(data):
            return
        if op == Op.MESSAGE:
            yield _frame(memoryview(data)[at + HEAD.size : end])
        at = end


def _unpacked(file: BinaryIO, start: int, length: int) -> bytes:
    if length > MAX_CHUNK_BYTES:
        raise Malformed(f"a chunk of {length} bytes")
    fields = Fields(read_at(file, start, length))
    fields.take(16)
    size, crc, compression = fields.number("Q"), fields.number("I"), fields.text()
    stored = fields.take(fields.number("Q"))
    if compression not in ("", "zstd"):
        found = f"frames in chunks that are compressed with {compression[:20]!r}"
        raise InputError(found, expected="zstd or none", do=f"run: mcap compress --compression zstd {file.name}")
    if size > MAX_CHUNK_BYTES:
        raise Malformed(f"a chunk of {size} bytes")
    try:
        data = bytes(stored)
        if compression:
            data = zstandard.ZstdDecompressor().decompress(data, max_output_size=size)
    except zstandard.ZstdError as error:
        raise Malformed("a chunk that can't be decompressed") from error
    if len(data) != size or (crc and zlib.crc32(data) != crc):
        raise Malformed("a chunk whose checksum is wrong")
    return data


def _frame(content: memoryview) -> Salvaged:
    if len(content) < _STAMP.size + BODY_AT:
        raise Malformed("no frame")
    _, _, log_ns, publish_ns = _STAMP.unpack_from(content)
    message = bytes(content[_STAMP.size :])
    count = header_length(message[:BODY_AT])
    header = decode_header(message[BODY_AT : BODY_AT + count])
    if message_bytes(header, count) != len(message):
        raise Malformed("a frame whose planes don't fill its message")
    return Salvaged(header, message, log_ns, publish_ns)
