"""One frame as one MCAP chunk with its index: the unit that is written, checked and recovered."""

from __future__ import annotations

import struct
import zlib
from dataclasses import dataclass
from typing import BinaryIO

from stylebridge.recording.checksum import joined
from stylebridge.recording.message import BODY_AT, FrameHeader, Message, decode_header, header_length, message_bytes
from stylebridge.recording.records import HEAD, Malformed, Op, read_at

# opcode, length, first and last time, size, CRC, no compression, size | opcode, length, channel, sequence, two times
CHUNK = struct.Struct("<BQQQQIIQ")
MESSAGE = struct.Struct("<BQHIQQ")
INDEX = struct.Struct("<BQHIQQ")  # opcode, length, channel, bytes of the only entry: time, place in the chunk
BODY_IN_CHUNK = CHUNK.size + MESSAGE.size
_MESSAGE_FIELDS = MESSAGE.size - HEAD.size
_READ_FIRST = 2048  # most headers end before


@dataclass(frozen=True, slots=True)
class Stamp:
    """What MCAP itself knows of a message."""

    channel: int
    number: int
    log_ns: int
    publish_ns: int


@dataclass(frozen=True, slots=True)
class FrameChunk:
    """A frame found in a file: where, and everything but its pixels."""

    offset: int
    length: int  # of the chunk and the index behind it
    stamp: Stamp
    crc32: int
    header: FrameHeader
    header_bytes: int

    @property
    def message_at(self) -> int:
        """Where the message's bytes begin in the file."""
        return self.offset + BODY_IN_CHUNK

    @property
    def chunk_bytes(self) -> int:
        """How long the chunk alone is."""
        return self.length - INDEX.size


def encode_chunk(message: Message, stamp: Stamp) -> bytes:
    """A chunk that holds this message alone, and its message index."""
    body = sum(map(len, message.pieces))
    head = MESSAGE.pack(
        Op.MESSAGE, _MESSAGE_FIELDS + body, stamp.channel, stamp.number & 0xFFFFFFFF, stamp.log_ns, stamp.publish_ns
    )
    crc = zlib.crc32(head)
    for piece, known in zip(message.pieces, message.crcs, strict=True):
        crc = joined(crc, known, len(piece))
    size = len(head) + body
    opening = CHUNK.pack(Op.CHUNK, CHUNK.size - HEAD.size + size, stamp.log_ns, stamp.log_ns, size, crc, 0, size)
    index = INDEX.pack(Op.MESSAGE_INDEX, INDEX.size - HEAD.size, stamp.channel, 16, stamp.log_ns, 0)
    return b"".join([opening, head, *message.pieces, index])


def read_chunk(file: BinaryIO, offset: int, end: int) -> FrameChunk:
    """The frame whose chunk begins at `offset`, without its pixels and unchecked but for its structure."""
    start = read_at(file, offset, min(_READ_FIRST, max(0, end - offset)))
    if len(start) < BODY_IN_CHUNK + BODY_AT:
        raise Malformed(f"a chunk at {offset} that is cut off")
    op, length, first, last, size, crc, compression, stored = CHUNK.unpack_from(start)
    message_op, message_length, channel, number, log_ns, publish_ns = MESSAGE.unpack_from(start, CHUNK.size)
    whole = (op, compression, message_op) == (Op.CHUNK, 0, Op.MESSAGE) and first == last == log_ns
    lengths = length == CHUNK.size - HEAD.size + size and size == stored == HEAD.size + message_length
    if not (whole and lengths):
        raise Malformed(f"no chunk of one frame at {offset}")
    total = HEAD.size + length + INDEX.size
    if offset + total > end:
        raise Malformed(f"a chunk of {total} bytes at {offset} where {end - offset} are left")
    count = header_length(start[BODY_IN_CHUNK : BODY_IN_CHUNK + BODY_AT])
    header_at = BODY_IN_CHUNK + BODY_AT
    if header_at + count > total:
        raise Malformed(f"a header of {count} bytes at {offset}")
    data = start[header_at : header_at + count]
    if len(data) < count:
        data = read_at(file, offset + header_at, count)
    header = decode_header(data)
    if message_bytes(header, count) != message_length - _MESSAGE_FIELDS:
        raise Malformed(f"a frame at {offset} whose planes don't fill its message")
    return FrameChunk(offset, total, Stamp(channel, number, log_ns, publish_ns), crc, header, count)


def check_chunk(file: BinaryIO, chunk: FrameChunk) -> None:
    """Compare every byte with the chunk's CRC, and its index with what it should be."""
    data = read_at(file, chunk.offset + CHUNK.size, chunk.chunk_bytes - CHUNK.size + INDEX.size)
    body = len(data) - INDEX.size
    if zlib.crc32(memoryview(data)[:body]) != chunk.crc32:
        raise Malformed(f"the checksum of the frame at {chunk.offset} is wrong")
    stamp = chunk.stamp
    if data[body:] != INDEX.pack(Op.MESSAGE_INDEX, INDEX.size - HEAD.size, stamp.channel, 16, stamp.log_ns, 0):
        raise Malformed(f"the message index behind the frame at {chunk.offset} is wrong")
