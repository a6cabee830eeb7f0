"""The end of a recording: index, summary and footer, without which it can't be opened but is not lost."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from stylebridge.recording.chunk import CHUNK, INDEX
from stylebridge.recording.details import METADATA_NAME
from stylebridge.recording.index import (
    ATTACHMENT_NAME,
    MEDIA_TYPE,
    Channel,
    Rows,
    attachment_record,
    encode_channel,
    encode_rows,
)
from stylebridge.recording.records import FOOTER, FOOTER_BYTES, HEAD, MAGIC, Op, record, text
from stylebridge.recording.schema import encode_schema

_CHUNK_INDEX = np.dtype(
    [
        ("op", "u1"),
        ("size", "<u8"),
        ("first_ns", "<u8"),
        ("last_ns", "<u8"),
        ("offset", "<u8"),
        ("length", "<u8"),
        ("map_bytes", "<u4"),
        ("channel", "<u2"),
        ("index_offset", "<u8"),
        ("index_bytes", "<u8"),
        ("compression", "<u4"),
        ("stored", "<u8"),
        ("unpacked", "<u8"),
    ]
)


@dataclass(frozen=True, slots=True)
class Place:
    """Where a record lies."""

    offset: int
    length: int


def encode_tail(at: int, rows: Rows, channels: Mapping[int, Channel], runs: Sequence[Place]) -> bytes:
    """All that follows the last frame, for a file whose frames end at `at`."""
    data = encode_rows(rows)
    last_ns = int(rows["log_ns"].max()) if len(rows) else 0
    attachment = attachment_record(data, last_ns)
    front = attachment + record(Op.DATA_END, struct.pack("<I", 0))
    summary_at = at + len(front)
    groups = [
        (Op.SCHEMA, encode_schema()),
        (Op.CHANNEL, b"".join(encode_channel(number, channel) for number, channel in channels.items())),
        (Op.STATISTICS, _statistics(rows, channels, len(runs))),
        (Op.CHUNK_INDEX, _chunk_indexes(rows)),
        (Op.ATTACHMENT_INDEX, _attachment_index(Place(at, len(attachment)), last_ns, len(data))),
        (Op.METADATA_INDEX, b"".join(_metadata_index(place) for place in runs)),
    ]
    summary, offsets, start = b"".join(group for _, group in groups), b"", summary_at
    for op, group in groups:
        if group:
            offsets += record(Op.SUMMARY_OFFSET, struct.pack("<BQQ", op, start, len(group)))
        start += len(group)
    summary += offsets
    opening = FOOTER.pack(Op.FOOTER, FOOTER_BYTES - HEAD.size, summary_at, start, 0)[:-4]
    crc = zlib.crc32(opening, zlib.crc32(summary))
    return front + summary + opening + struct.pack("<I", crc) + MAGIC


def _statistics(rows: Rows, channels: Mapping[int, Channel], runs: int) -> bytes:
    counts = np.bincount(rows["channel"], minlength=1)
    first, last = (int(rows["log_ns"].min()), int(rows["log_ns"].max())) if len(rows) else (0, 0)
    table = b"".join(
        struct.pack("<HQ", number, int(counts[number]) if number < len(counts) else 0) for number in channels
    )
    fixed = struct.pack("<QHIIIIQQ", len(rows), 1, len(channels), 1, runs, len(rows), first, last)
    return record(Op.STATISTICS, fixed, struct.pack("<I", len(table)), table)


def _chunk_indexes(rows: Rows) -> bytes:
    out = np.zeros(len(rows), _CHUNK_INDEX)
    chunk_bytes = rows["length"] - INDEX.size
    out["op"], out["size"] = Op.CHUNK_INDEX, _CHUNK_INDEX.itemsize - HEAD.size
    out["first_ns"] = out["last_ns"] = rows["log_ns"]
    out["offset"], out["length"] = rows["offset"], chunk_bytes
    out["map_bytes"], out["channel"] = 10, rows["channel"]
    out["index_offset"], out["index_bytes"] = rows["offset"] + chunk_bytes, INDEX.size
    out["stored"] = out["unpacked"] = chunk_bytes - CHUNK.size
    return out.tobytes()


def _attachment_index(place: Place, log_ns: int, data_bytes: int) -> bytes:
    numbers = struct.pack("<QQQQQ", place.offset, place.length, log_ns, log_ns, data_bytes)
    return record(Op.ATTACHMENT_INDEX, numbers, text(ATTACHMENT_NAME), text(MEDIA_TYPE))


def _metadata_index(place: Place) -> bytes:
    return record(Op.METADATA_INDEX, struct.pack("<QQ", place.offset, place.length), text(METADATA_NAME))
