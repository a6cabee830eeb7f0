"""Messages as bytes: the prefix that opens each, and the binary kinds. Every length is checked before it is used."""

from __future__ import annotations

from collections.abc import Sequence, Sized
from functools import lru_cache
from math import isfinite
from typing import NamedTuple

import numpy as np

from stylebridge.wire.fault import WireFault
from stylebridge.wire.layout import (
    ACK_STRUCT,
    FRAME_STRUCT,
    MAGIC,
    MAX_FRAME_BYTES,
    MAX_JSON_BYTES,
    MAX_PLANES,
    MAX_SIDE,
    MAX_SLOTS,
    MAX_WINDOW,
    PING_STRUCT,
    PLANE_STRUCT,
    PONG_STRUCT,
    PREFIX_STRUCT,
    VERSION,
    AckFields,
    Error,
    FrameFields,
    FrameFlag,
    Kind,
    Lane,
    Matrix,
    PingFields,
    PlaneFields,
    PongFields,
)
from stylebridge.wire.planetable import aligned, read_table

PREFIX_BYTES = PREFIX_STRUCT.size
TABLE_AT = PREFIX_BYTES + FRAME_STRUCT.size  # where the planes' entries begin
NO_MATRIX = bytes(64)
CAMERA_BYTES = 32
_KINDS = {kind.value: kind for kind in Kind}
_FRAME_FLAGS = sum(FrameFlag)
_JSON_KINDS = frozenset(kind for kind in Kind if kind < Kind.FRAME)


class FrameHeader(NamedTuple):
    """The first part of a FRAME."""

    flags: int
    fields: FrameFields
    planes: tuple[PlaneFields, ...]

    @property
    def camera(self) -> str:
        """The camera's name."""
        return _camera_name(self.fields.camera)


@lru_cache(maxsize=64)
def _camera_name(camera: bytes) -> str:
    return camera.rstrip(b"\0").decode()


def read_prefix(part: bytes) -> tuple[Kind, int]:
    """The kind and the flags of a message, from its whole first part."""
    if len(part) < PREFIX_BYTES:
        raise _truncated(len(part), PREFIX_BYTES)
    magic, version, word, size, flags = PREFIX_STRUCT.unpack_from(part)
    if magic != MAGIC:
        raise WireFault(Error.BAD_MAGIC, f"a message that opens with {magic!r}", expected=f"{MAGIC!r}")
    if version != VERSION:
        do = "bring both sides to the same stylebridge release"
        raise WireFault(Error.BAD_VERSION, f"wire version {version}", expected=f"version {VERSION}", do=do)
    kind = _KINDS.get(word)
    if kind is None:
        raise WireFault(Error.BAD_KIND, f"message kind {word}", expected="one that this version knows")
    if kind in _JSON_KINDS and size > PREFIX_BYTES + MAX_JSON_BYTES:
        raise WireFault(Error.TOO_LARGE, f"JSON of {size} bytes", expected=f"at most {MAX_JSON_BYTES}")
    if size > len(part):
        raise _truncated(len(part), size)
    if size < len(part):
        raise WireFault(Error.BAD_SIZE, f"{len(part)} bytes", expected=f"the {size} that the message claims")
    if flags & ~(_FRAME_FLAGS if kind == Kind.FRAME else 0):
        raise WireFault(Error.BAD_FLAGS, f"flags {flags:#x}", expected="flags that this kind has")
    return kind, flags


def write_prefix(kind: Kind, body_bytes: int, flags: int = 0) -> bytes:
    """The prefix of a message whose first part has this many bytes after it."""
    return PREFIX_STRUCT.pack(MAGIC, VERSION, kind, PREFIX_BYTES + body_bytes, flags)


def decode_frame(part: bytes, limit: int = MAX_FRAME_BYTES) -> FrameHeader:
    """Take the first part of a FRAME apart and check everything that it promises."""
    kind, flags = read_prefix(part)
    if kind != Kind.FRAME:
        raise WireFault(Error.BAD_KIND, f"a {kind.name}", expected="a FRAME")
    if len(part) < TABLE_AT:
        raise _truncated(len(part), TABLE_AT)
    fields = FrameFields._make(FRAME_STRUCT.unpack_from(part, PREFIX_BYTES))
    _check_frame(fields, len(part), limit)
    return FrameHeader(
        flags, fields, read_table(part[TABLE_AT:], fields.width, fields.height, fields.payload_bytes, limit)
    )


def check_parts(header: FrameHeader, parts: Sequence[Sized]) -> None:
    """Refuse a message whose parts aren't the planes that its header promises."""
    wanted = [plane.length for plane in header.planes] if header.fields.lane == Lane.INLINE else []
    found = [len(part) for part in parts]
    if found != wanted:
        raise WireFault(Error.BAD_PARTS, f"parts of {found[:8]} bytes", expected=f"{wanted}")


def encode_frame(flags: int, fields: FrameFields, table: bytes) -> bytes:
    """The first part of a FRAME; `table` is what `encode_table` gave."""
    return _frame_prefix(len(table), flags) + FRAME_STRUCT.pack(*fields) + table


@lru_cache(maxsize=64)
def _frame_prefix(table_bytes: int, flags: int) -> bytes:
    return write_prefix(Kind.FRAME, FRAME_STRUCT.size + table_bytes, flags)


def encode_table(planes: tuple[PlaneFields, ...]) -> bytes:
    """The planes' entries, one behind the other."""
    return b"".join(PLANE_STRUCT.pack(*plane) for plane in planes)


def decode_flat(data: bytes, limit: int = MAX_FRAME_BYTES) -> tuple[FrameHeader, list[memoryview]]:
    """A FRAME in its flat form: the header and each plane's bytes."""
    if len(data) < TABLE_AT:
        decode_frame(data, limit)
    size = min(PREFIX_STRUCT.unpack_from(data)[3], len(data))
    header = decode_frame(data[:size], limit)
    at = aligned(size)
    wanted = at + header.fields.payload_bytes
    if len(data) < wanted:
        raise _truncated(len(data), wanted)
    if len(data) > wanted:
        raise WireFault(Error.BAD_PARTS, f"{len(data)} bytes", expected=f"{wanted}")
    payload = memoryview(data)[at:]
    return header, [payload[plane.offset : plane.offset + plane.length] for plane in header.planes]


def encode_flat(first: bytes, planes: tuple[PlaneFields, ...], buffers: list[bytes]) -> bytes:
    """A FRAME in its flat form; its first part may say nothing else than `planes`."""
    at = aligned(len(first))
    flat = bytearray(at + max(plane.offset + plane.length for plane in planes))
    flat[: len(first)] = first
    for plane, buffer in zip(planes, buffers, strict=True):
        flat[at + plane.offset : at + plane.offset + plane.length] = buffer
    return bytes(flat)


def decode_ack(part: bytes) -> AckFields:
    """Take an ACK apart."""
    _check_body(part, ACK_STRUCT.size)
    fields = AckFields._make(ACK_STRUCT.unpack_from(part, PREFIX_BYTES))
    if fields.reserved or fields.window > MAX_WINDOW:
        found = f"an ACK with window {fields.window}, reserved {fields.reserved}"
        raise WireFault(Error.BAD_VALUE, found, expected=f"a window up to {MAX_WINDOW}, and 0")
    return fields


def encode_ack(sequence: int, released: int, ring: int, window: int) -> bytes:
    """An ACK as bytes."""
    return _ACK_PREFIX + ACK_STRUCT.pack(sequence, released, ring, window, 0)


def decode_ping(part: bytes) -> int:
    """The wall clock of the one who asks."""
    _check_body(part, PING_STRUCT.size)
    return PingFields._make(PING_STRUCT.unpack_from(part, PREFIX_BYTES)).sent_ns


def encode_ping(sent_ns: int) -> bytes:
    """A PING as bytes."""
    return write_prefix(Kind.PING, PING_STRUCT.size) + PING_STRUCT.pack(sent_ns)


def decode_pong(part: bytes) -> PongFields:
    """Take a PONG apart."""
    _check_body(part, PONG_STRUCT.size)
    return PongFields._make(PONG_STRUCT.unpack_from(part, PREFIX_BYTES))


def encode_pong(sent_ns: int, answered_ns: int) -> bytes:
    """A PONG as bytes."""
    return write_prefix(Kind.PONG, PONG_STRUCT.size) + PONG_STRUCT.pack(sent_ns, answered_ns)


@lru_cache(maxsize=64)
def camera_bytes(name: str) -> bytes:
    """A camera's name as its field."""
    try:
        encoded = name.encode()
    except UnicodeEncodeError:  # half of a surrogate pair
        encoded = b""
    if not encoded or len(encoded) > CAMERA_BYTES or any(byte < 0x20 for byte in encoded):
        found = f"camera name {name[:40]!r}"
        raise WireFault(Error.BAD_TEXT, found, expected=f"1 to {CAMERA_BYTES} bytes without control characters")
    return encoded.ljust(CAMERA_BYTES, b"\0")


def _check_body(part: bytes, size: int) -> None:
    if len(part) < PREFIX_BYTES + size:
        raise _truncated(len(part), PREFIX_BYTES + size)
    if len(part) > PREFIX_BYTES + size:
        raise WireFault(Error.BAD_SIZE, f"{len(part)} bytes", expected=f"{PREFIX_BYTES + size}")


def _check_frame(fields: FrameFields, size: int, limit: int) -> None:
    if not fields.plane_count:
        raise WireFault(Error.NO_COLOR, "a frame without planes")
    if fields.plane_count > MAX_PLANES:
        raise WireFault(Error.TOO_LARGE, f"{fields.plane_count} planes", expected=f"at most {MAX_PLANES}")
    wanted = TABLE_AT + fields.plane_count * PLANE_STRUCT.size
    if size < wanted:
        raise _truncated(size, wanted)
    if size > wanted:
        raise WireFault(Error.BAD_SIZE, f"{size} bytes", expected=f"{wanted}")
    if not any(fields.session) or not fields.sequence:
        raise WireFault(Error.BAD_VALUE, "a frame with no session or sequence", expected="both other than 0")
    if not isfinite(fields.simulation_s):
        raise WireFault(Error.BAD_NUMBER, f"simulation time {fields.simulation_s}", expected="a finite number")
    _check_camera(fields.camera)
    for name, side in (("width", fields.width), ("height", fields.height)):
        if not 1 <= side <= MAX_SIDE:
            code = Error.TOO_LARGE if side else Error.BAD_VALUE
            raise WireFault(code, f"{name} {side}", expected=f"1 to {MAX_SIDE} pixels")
    _check_lane(fields)
    if fields.payload_bytes > limit:
        found = f"a frame of {fields.payload_bytes} bytes"
        raise WireFault(Error.TOO_LARGE, found, expected=f"at most {limit}")
    _check_matrix("view", fields.view, fields.matrices & Matrix.VIEW)
    _check_matrix("projection", fields.projection, fields.matrices & Matrix.PROJECTION)


@lru_cache(maxsize=64)
def _check_camera(camera: bytes) -> None:
    name = camera.rstrip(b"\0")
    try:
        name.decode()
    except UnicodeDecodeError:
        name = b""
    if not name or any(byte < 0x20 for byte in name):
        raise WireFault(Error.BAD_TEXT, f"camera name {camera!r}", expected="UTF-8 filled up with zeros")


def _check_lane(fields: FrameFields) -> None:
    if fields.lane not in (Lane.INLINE, Lane.RING):
        raise WireFault(Error.BAD_VALUE, f"lane {fields.lane}", expected="0 or 1")
    if fields.matrices & ~(Matrix.VIEW | Matrix.PROJECTION):
        raise WireFault(Error.BAD_VALUE, f"matrices {fields.matrices:#x}", expected="known bits")
    if fields.lane == Lane.INLINE:
        if fields.ring or fields.slot or fields.slot_stamp:
            raise WireFault(Error.BAD_VALUE, "a slot on the inline lane", expected="0")
    elif not fields.ring or not fields.slot_stamp:
        raise WireFault(Error.BAD_VALUE, "no ring or no stamp on the ring lane", expected="both")
    elif fields.slot >= MAX_SLOTS:
        raise WireFault(Error.TOO_LARGE, f"slot {fields.slot}", expected=f"below {MAX_SLOTS}")


def _check_matrix(name: str, matrix: bytes, given: int) -> None:
    if given:
        if not np.isfinite(np.frombuffer(matrix, dtype="<f4")).all():
            raise WireFault(Error.BAD_NUMBER, f"a {name} matrix that isn't finite", expected="16 finite numbers")
    elif matrix != NO_MATRIX:
        raise WireFault(Error.BAD_VALUE, f"a {name} matrix that isn't given", expected="zeros")


def _truncated(found: int, wanted: int) -> WireFault:
    return WireFault(Error.TRUNCATED, f"{found} bytes", expected=f"{wanted}", do="the message was cut short")


_ACK_PREFIX = write_prefix(Kind.ACK, ACK_STRUCT.size)
