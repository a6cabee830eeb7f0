"""The index of a recording: one row per frame, kept as an attachment, so that a long file opens at once."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from stylebridge.frame import MAX_SIDE, PLANES
from stylebridge.recording.chunk import Stamp
from stylebridge.recording.message import FrameHeader
from stylebridge.recording.records import Fields, Malformed, Op, record, text, text_map
from stylebridge.recording.schema import SCHEMA_ID

ATTACHMENT_NAME = "stylebridge.index"
MEDIA_TYPE = "application/x-stylebridge-index"
MESSAGE_ENCODING = "msgpack"

MAX_CHANNELS = 0xFFFF
ROW = np.dtype(
    [
        ("offset", "<u8"),  # of the frame's chunk in the file
        ("length", "<u8"),  # of the chunk and the message index behind it
        ("log_ns", "<u8"),
        ("wall_ns", "<i8"),
        ("simulation_s", "<f8"),
        ("frame_id", "<i8"),
        ("sequence", "<i8"),
        ("channel", "<u2"),
        ("run", "<u2"),
        ("planes", "u1"),  # bits in the order of frame.PLANES
        ("estimated", "u1"),
        ("spare", "<u2"),
    ]
)
Rows = NDArray[Any]  # of ROW
Row = tuple[int | float, ...]
_HEAD = struct.Struct("<4sHHQ")  # magic, version, bytes per row, rows
_MAGIC = b"SBIX"


@dataclass(frozen=True, slots=True)
class Channel:
    """What all frames of one MCAP channel have in common."""

    game: str
    camera: str
    session: str
    width: int
    height: int

    @property
    def topic(self) -> str:
        """Where other tools show it."""
        parts = [part.replace("%", "%25").replace("/", "%2F") for part in (self.game, self.camera) if part]
        return "/" + "/".join(parts)


def row_from_header(header: FrameHeader, stamp: Stamp, offset: int, length: int) -> Row:
    """The row of a frame."""
    return (
        offset,
        length,
        stamp.log_ns,
        header.wall_ns,
        header.simulation_s,
        header.frame_id,
        header.sequence,
        stamp.channel,
        header.run,
        bits_from_planes([entry.name for entry in header.planes]),
        bits_from_planes(header.estimated),
        0,
    )


def bits_from_planes(names: Collection[str]) -> int:
    """Planes as the bits of a row."""
    return sum(1 << bit for bit, name in enumerate(PLANES) if name in names)


def planes_from_bits(bits: int) -> tuple[str, ...]:
    """The planes that a row's bits stand for."""
    return tuple(name for bit, name in enumerate(PLANES) if bits >> bit & 1)


def encode_rows(rows: Rows) -> bytes:
    """The attachment's data."""
    return _HEAD.pack(_MAGIC, 1, ROW.itemsize, len(rows)) + rows.tobytes()


def decode_rows(data: bytes, data_end: int, channels: Collection[int]) -> Rows:
    """The rows, once they can be true of a file whose frames end at `data_end`."""
    if len(data) < _HEAD.size:
        raise Malformed("an index that is cut off")
    magic, version, row_bytes, count = _HEAD.unpack_from(data)
    if (magic, version, row_bytes) != (_MAGIC, 1, ROW.itemsize) or len(data) != _HEAD.size + count * ROW.itemsize:
        raise Malformed("an index that can't be read")
    rows = np.frombuffer(data, ROW, offset=_HEAD.size)
    ends = rows["offset"] + rows["length"]
    inside = (rows["offset"] < data_end) & (rows["length"] <= data_end) & (ends <= data_end)
    in_order = np.all(rows["offset"][1:] >= ends[:-1])
    if not (inside.all() and in_order and np.isin(rows["channel"], list(channels)).all()):
        raise Malformed("an index that doesn't fit the file")
    return rows


def encode_channel(number: int, channel: Channel) -> bytes:
    """A channel's record."""
    about = {
        "game": channel.game,
        "camera": channel.camera,
        "session": channel.session,
        "width": str(channel.width),
        "height": str(channel.height),
    }
    start = struct.pack("<HH", number, SCHEMA_ID)
    return record(Op.CHANNEL, start, text(channel.topic), text(MESSAGE_ENCODING), text_map(about))


def decode_channel(data: bytes) -> tuple[int, Channel | None]:
    """A channel's number, and what it is; None when it is none of ours."""
    fields = Fields(data)
    number, schema = fields.number("H"), fields.number("H")
    fields.text()
    encoding, about = fields.text(), fields.text_map()
    if encoding != MESSAGE_ENCODING or schema != SCHEMA_ID or not {"width", "height"} <= set(about):
        return number, None
    game, camera, session = (about.get(name, "") for name in ("game", "camera", "session"))
    return number, Channel(game, camera, session, _side(about["width"]), _side(about["height"]))


def attachment_record(data: bytes, log_ns: int) -> bytes:
    """The index as an attachment."""
    body = struct.pack("<QQ", log_ns, log_ns) + text(ATTACHMENT_NAME) + text(MEDIA_TYPE)
    body += struct.pack("<Q", len(data)) + data
    return record(Op.ATTACHMENT, body, struct.pack("<I", zlib.crc32(body)))


def attachment_data(content: bytes) -> bytes:
    """The data of our attachment, checked."""
    fields = Fields(content)
    fields.take(16)
    name, _ = fields.text(), fields.text()
    data = bytes(fields.take(fields.number("Q")))
    crc = fields.number("I")
    if name != ATTACHMENT_NAME:
        raise Malformed(f"attachment {name!r} where the index should be")
    if crc != zlib.crc32(content[:-4]):
        raise Malformed("the index's checksum is wrong")
    return data


def _side(words: str) -> int:
    side = int(words) if words.isascii() and words.isdecimal() and len(words) < 6 else 0
    if not 0 < side <= MAX_SIDE:
        raise Malformed(f"a stream whose side is {words[:40]!r} pixels")
    return side
