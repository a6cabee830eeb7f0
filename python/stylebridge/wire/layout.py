"""The wire's constants. Written by tools/make_wire_layout.py from tools/wire.toml; change that."""

from __future__ import annotations

from enum import IntEnum
from struct import Struct
from typing import NamedTuple

VERSION = 1
MAGIC = b"STYB"
RING_MAGIC = b"STYR"
ALIGNMENT = 64
DEFAULT_PORT = 5570
MAX_SIDE = 16384
MAX_PLANES = 6
MAX_PLANE_BYTES = 4294967296
MAX_FRAME_BYTES = 268435456
MAX_JSON_BYTES = 1048576
MAX_JSON_DEPTH = 32
MAX_CAMERAS = 16
MAX_WINDOW = 256
MAX_SLOTS = 64
MAX_SLOT_BYTES = 8589934592
MAX_TEXT = 256


class Kind(IntEnum):
    """Values of `kind`."""

    HELLO = 1
    WELCOME = 2
    CONTROL = 3
    STATS = 4
    ERROR = 5
    BYE = 6
    LANE = 7
    FRAME = 16
    ACK = 17
    PING = 18
    PONG = 19


class FrameFlag(IntEnum):
    """Values of `frame_flag`."""

    REPLY = 1
    RESENT = 2


class Lane(IntEnum):
    """Values of `lane`."""

    INLINE = 0
    RING = 1


class Matrix(IntEnum):
    """Values of `matrix`."""

    VIEW = 1
    PROJECTION = 2


class Plane(IntEnum):
    """Values of `plane`."""

    COLOR = 1
    DEPTH = 2
    MOTION = 3
    NORMALS = 4
    IDS = 5
    OCCLUSION = 6


class Dtype(IntEnum):
    """Values of `dtype`."""

    U8 = 1
    U16 = 2
    U32 = 3
    F16 = 4
    F32 = 5


class Layout(IntEnum):
    """Values of `layout`."""

    HWC = 0
    CHW = 1


class Rows(IntEnum):
    """Values of `rows`."""

    TOP = 0
    BOTTOM = 1


class ColorSpace(IntEnum):
    """Values of `color_space`."""

    DATA = 0
    SRGB = 1
    LINEAR = 2


class Order(IntEnum):
    """Values of `order`."""

    RGB = 0
    BGR = 1


class Codec(IntEnum):
    """Values of `codec`."""

    RAW = 0
    DEFLATE = 1


class Checksum(IntEnum):
    """Values of `checksum`."""

    NONE = 0
    CRC32 = 1


class Flow(IntEnum):
    """Values of `flow`."""

    LOCKSTEP = 0
    LOSSLESS = 1
    LIVE = 2


class Error(IntEnum):
    """Values of `error`."""

    TRUNCATED = 1
    BAD_MAGIC = 2
    BAD_VERSION = 3
    BAD_KIND = 4
    BAD_SIZE = 5
    BAD_FLAGS = 6
    BAD_VALUE = 7
    BAD_TEXT = 8
    BAD_NUMBER = 9
    TOO_LARGE = 10
    BAD_STRIDE = 11
    BAD_LENGTH = 12
    BAD_PAYLOAD = 13
    OVERLAP = 14
    DUPLICATE_PLANE = 15
    NO_COLOR = 16
    BAD_PARTS = 17
    BAD_CHECKSUM = 18
    BAD_CODEC_DATA = 19
    BAD_JSON = 20
    BAD_MESSAGE = 21
    TORN = 22
    NO_HELLO = 40
    BAD_SESSION = 41
    BAD_FLOW = 42
    PEERS_FULL = 43
    FLOOD = 44
    GAP = 45
    TOO_MANY_CAMERAS = 46
    UNKNOWN_CONTROL = 47
    BAD_CONTROL = 48
    CONTROL_FAILED = 49
    LANE_REFUSED = 50
    CLOSING = 51
    TIMEOUT = 52


class PrefixFields(NamedTuple):
    """Opens every message."""

    magic: bytes
    version: int
    kind: int
    size: int
    flags: int


class FrameFields(NamedTuple):
    """Follows the prefix of a FRAME; plane_count planes follow it."""

    session: bytes
    sequence: int
    frame_id: int
    simulation_s: float
    wall_ns: int
    camera: bytes
    width: int
    height: int
    plane_count: int
    lane: int
    matrices: int
    ring: int
    slot: int
    slot_stamp: int
    payload_bytes: int
    view: bytes
    projection: bytes


class PlaneFields(NamedTuple):
    """One plane of a FRAME."""

    plane: int
    dtype: int
    channels: int
    layout: int
    rows: int
    color_space: int
    order: int
    codec: int
    checksum_kind: int
    stride: int
    offset: int
    length: int
    checksum: int
    scale_x: float
    scale_y: float
    reserved: int


class AckFields(NamedTuple):
    """Follows the prefix of an ACK, from the one who receives frames."""

    sequence: int
    released: int
    ring: int
    window: int
    reserved: int


class PingFields(NamedTuple):
    """Follows the prefix of a PING."""

    sent_ns: int


class PongFields(NamedTuple):
    """Follows the prefix of a PONG."""

    sent_ns: int
    answered_ns: int


class RingFields(NamedTuple):
    """Opens a ring's file; the first slot begins at byte 4096."""

    magic: bytes
    version: int
    slots: int
    slot_bytes: int
    slot_stride: int
    token: bytes


class SlotFields(NamedTuple):
    """Opens a slot; its payload begins 64 bytes after it."""

    begin_stamp: int
    end_stamp: int
    payload_bytes: int


PREFIX_STRUCT = Struct("<4sHHII")
FRAME_STRUCT = Struct("<16sQQdQ32sIIHBBHHQQ64s64s")
PLANE_STRUCT = Struct("<HHHBBBBBBIQQIffI")
ACK_STRUCT = Struct("<QQHHI")
PING_STRUCT = Struct("<Q")
PONG_STRUCT = Struct("<QQ")
RING_STRUCT = Struct("<4sHHQQ16s")
SLOT_STRUCT = Struct("<QQQ")
