"""Reading a recording's end: footer, summary and index, each checked before anything is believed."""

from __future__ import annotations

import os
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

import numpy as np

from stylebridge.errors import InputError
from stylebridge.recording.details import METADATA_NAME, Details, details_from_text
from stylebridge.recording.index import (
    ATTACHMENT_NAME,
    ROW,
    Channel,
    Rows,
    attachment_data,
    decode_channel,
    decode_rows,
)
from stylebridge.recording.records import FOOTER, FOOTER_BYTES, HEAD, MAGIC, Fields, Malformed, Op, read_at, read_small

_CLOSING_BYTES = FOOTER_BYTES + len(MAGIC)


@dataclass(slots=True)
class Closing:
    """What a finished file says about its frames."""

    size: int
    rows: Rows
    channels: dict[int, Channel] = field(default_factory=dict)
    details: list[Details] = field(default_factory=list)


def read_closing(file: BinaryIO, path: Path) -> Closing:
    """The index of a finished recording."""
    size = os.fstat(file.fileno()).st_size
    repair = f"run: stylebridge recording repair {path}"
    closing = Closing(size, np.zeros(0, ROW))
    try:
        end = read_at(file, max(0, size - _CLOSING_BYTES), min(size, _CLOSING_BYTES))
        if end[-len(MAGIC) :] != MAGIC or end[0] != Op.FOOTER:
            found = "the recording has no end: it is still being written, or was cut off"
            raise InputError(found, do=f"once nothing writes to it, {repair}", where=path)
        _read_summary(file, closing, end)
    except Malformed as error:
        raise InputError(f"the index is damaged: {error}", do=repair, where=path) from error
    return closing


def ends_well(file: BinaryIO, path: Path, rows: Rows) -> bool:
    """Whether the file has an end, and its index tells of these frames."""
    try:
        return bool(np.array_equal(read_closing(file, path).rows, rows))
    except InputError:
        return False


def _read_summary(file: BinaryIO, closing: Closing, end: bytes) -> None:
    _, length, start, offsets, crc = FOOTER.unpack_from(end)
    stop = closing.size - _CLOSING_BYTES
    if length != FOOTER_BYTES - HEAD.size or not len(MAGIC) <= start <= offsets <= stop:
        raise Malformed("a footer that doesn't fit the file")
    summary = read_at(file, start, stop - start)
    if zlib.crc32(end[: FOOTER_BYTES - 4], zlib.crc32(summary)) != crc:
        raise Malformed("the summary's checksum is wrong")
    attachment = None
    for op, content in _wanted_records(memoryview(summary), offsets - start, start):
        if op == Op.CHANNEL:
            number, channel = decode_channel(bytes(content))
            if channel is not None:
                closing.channels[number] = channel
        elif op == Op.ATTACHMENT_INDEX:
            attachment = _attachment_place(content) or attachment
        else:
            _read_details(file, closing, content)
    if attachment is None:
        raise Malformed("the index of frames is missing")
    closing.rows = _read_rows(file, attachment, start, closing.channels)


def _wanted_records(summary: memoryview, offsets_at: int, start: int) -> Iterator[tuple[int, memoryview]]:
    """The records of the few groups that matter; those that list every chunk are passed over."""
    groups = Fields(summary[offsets_at:])
    while groups.left:
        op, content = groups.number("B"), Fields(groups.take(groups.number("Q")))
        group, at, length = content.number("B"), content.number("Q") - start, content.number("Q")
        if op != Op.SUMMARY_OFFSET or not 0 <= at <= at + length <= offsets_at:
            raise Malformed("a summary whose parts lie elsewhere")
        if group in (Op.CHANNEL, Op.ATTACHMENT_INDEX, Op.METADATA_INDEX):
            fields = Fields(summary[at : at + length])
            while fields.left:
                yield fields.number("B"), fields.take(fields.number("Q"))


def _read_rows(file: BinaryIO, place: tuple[int, int], summary_start: int, channels: dict[int, Channel]) -> Rows:
    offset, length = place
    if offset + length > summary_start or length < HEAD.size:
        raise Malformed("the index of frames lies outside of the file")
    data = read_at(file, offset, length)
    op, size = HEAD.unpack_from(data)
    if op != Op.ATTACHMENT or size != length - HEAD.size:
        raise Malformed("no index of frames where it should be")
    return decode_rows(attachment_data(data[HEAD.size :]), offset, channels)


def _attachment_place(content: memoryview) -> tuple[int, int] | None:
    fields = Fields(content)
    offset, length = fields.number("Q"), fields.number("Q")
    fields.take(24)
    return (offset, length) if fields.text() == ATTACHMENT_NAME else None


def _read_details(file: BinaryIO, closing: Closing, content: memoryview) -> None:
    fields = Fields(content)
    offset, _ = fields.number("Q"), fields.number("Q")
    if fields.text() == METADATA_NAME:
        _, data, _ = read_small(file, offset, closing.size)
        inner = Fields(data)
        inner.text()
        closing.details.append(details_from_text(inner.text_map()))
