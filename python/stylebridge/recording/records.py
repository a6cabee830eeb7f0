"""MCAP records as bytes: what a recording writes of that format, and a bounded way to read it back."""

from __future__ import annotations

import os
import struct
from collections.abc import Mapping
from enum import IntEnum
from typing import BinaryIO

MAGIC = b"\x89MCAP0\r\n"
HEAD = struct.Struct("<BQ")  # opcode, bytes that follow
FOOTER = struct.Struct("<BQQQI")
FOOTER_BYTES = FOOTER.size
MAX_SMALL_BYTES = 16 << 20  # of a record other than a chunk, an attachment or a message


class Op(IntEnum):
    """The kinds of record."""

    HEADER = 1
    FOOTER = 2
    SCHEMA = 3
    CHANNEL = 4
    MESSAGE = 5
    CHUNK = 6
    MESSAGE_INDEX = 7
    CHUNK_INDEX = 8
    ATTACHMENT = 9
    ATTACHMENT_INDEX = 10
    STATISTICS = 11
    METADATA = 12
    METADATA_INDEX = 13
    SUMMARY_OFFSET = 14
    DATA_END = 15


class Malformed(ValueError):
    """Bytes that are no MCAP record; the message says what is wrong, the caller says where."""


def record(op: Op, *parts: bytes) -> bytes:
    """One record of these parts."""
    return HEAD.pack(op, sum(map(len, parts))) + b"".join(parts)


def text(value: str) -> bytes:
    """A string as MCAP writes it."""
    data = value.encode()
    return struct.pack("<I", len(data)) + data


def text_map(values: Mapping[str, str]) -> bytes:
    """A map of strings as MCAP writes it."""
    data = b"".join(text(key) + text(value) for key, value in values.items())
    return struct.pack("<I", len(data)) + data


class Fields:
    """Takes the content of one record apart, field by field; never looks past its end."""

    def __init__(self, data: bytes | memoryview) -> None:
        self._data = memoryview(data)
        self._at = 0

    @property
    def left(self) -> int:
        """Bytes not yet taken."""
        return len(self._data) - self._at

    def take(self, count: int) -> memoryview:
        """The next bytes."""
        if count > self.left:
            raise Malformed(f"a field of {count} bytes where {self.left} are left")
        self._at += count
        return self._data[self._at - count : self._at]

    def number(self, form: str) -> int:
        """The next whole number; `form` is a letter of the struct module."""
        packed = struct.Struct(f"<{form}")
        return int(packed.unpack(self.take(packed.size))[0])

    def text(self) -> str:
        """The next string."""
        data = self.take(self.number("I"))
        try:
            return str(data, "utf-8")
        except UnicodeDecodeError as error:
            raise Malformed("a text that is not UTF-8") from error

    def text_map(self) -> dict[str, str]:
        """The next map of strings."""
        inner = Fields(self.take(self.number("I")))
        values = {}
        while inner.left:
            key = inner.text()
            values[key] = inner.text()
        return values


def read_at(file: BinaryIO, offset: int, count: int) -> bytes:
    """Exactly so many bytes from there; a file that ends earlier, or can't be read, is malformed.

    Where the system can, without moving the file's position, which processes share after a fork.
    """
    data = b""
    try:
        while len(data) < count and (more := _read_some(file, offset + len(data), count - len(data))):
            data = data + more if data else more
    except OSError as error:
        raise Malformed(f"{count} bytes at {offset} can't be read: {error.strerror}") from error
    if len(data) < count:
        raise Malformed(f"{count} bytes at {offset} where {len(data)} are left")
    return data


def _read_some(file: BinaryIO, offset: int, count: int) -> bytes:
    if hasattr(os, "pread"):
        return os.pread(file.fileno(), count, offset)
    file.seek(offset)
    return file.read(count)


def read_small(file: BinaryIO, offset: int, end: int) -> tuple[int, bytes, int]:
    """A small record at `offset`: its opcode, its content, and where the next one begins."""
    op, length = HEAD.unpack(read_at(file, offset, HEAD.size))
    if length > min(MAX_SMALL_BYTES, end - offset - HEAD.size):
        raise Malformed(f"a record of {length} bytes at {offset}")
    return op, read_at(file, offset + HEAD.size, length), offset + HEAD.size + length
