"""The plane entries of a FRAME: what each plane may be, how many bytes it has, and how they lie in the payload."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from math import isfinite
from typing import NamedTuple

from stylebridge.wire.fault import WireFault
from stylebridge.wire.layout import (
    ALIGNMENT,
    MAX_PLANE_BYTES,
    PLANE_STRUCT,
    Checksum,
    Codec,
    ColorSpace,
    Dtype,
    Error,
    Layout,
    Order,
    Plane,
    PlaneFields,
    Rows,
)

ITEM_BYTES = {Dtype.U8: 1, Dtype.U16: 2, Dtype.U32: 4, Dtype.F16: 2, Dtype.F32: 4}
_FLOATS = (Dtype.F16, Dtype.F32)
_COLOR_SPACES = (ColorSpace.SRGB, ColorSpace.LINEAR)
_DATA = (ColorSpace.DATA,)


class Rule(NamedTuple):
    """What one kind of plane may be."""

    dtypes: tuple[Dtype, ...]
    channels: tuple[int, ...]
    color_spaces: tuple[ColorSpace, ...] = _DATA
    scaled: int = 0  # how many of scale_x and scale_y may differ from 1


RULES = {
    Plane.COLOR: Rule((Dtype.U8, *_FLOATS), (3, 4), _COLOR_SPACES),
    Plane.DEPTH: Rule((Dtype.U16, *_FLOATS), (1,), scaled=1),
    Plane.MOTION: Rule(_FLOATS, (2,), scaled=2),
    Plane.NORMALS: Rule(_FLOATS, (3,)),
    Plane.IDS: Rule((Dtype.U8, Dtype.U16, Dtype.U32), (1,)),
    Plane.OCCLUSION: Rule((Dtype.U8,), (1,)),
}
_WORDS = (
    ("plane", Plane),
    ("dtype", Dtype),
    ("layout", Layout),
    ("rows", Rows),
    ("color_space", ColorSpace),
    ("order", Order),
    ("codec", Codec),
    ("checksum_kind", Checksum),
)


def aligned(size: int) -> int:
    """The next multiple of the payload's alignment."""
    return -(-size // ALIGNMENT) * ALIGNMENT


def row_bytes(plane: PlaneFields, width: int) -> int:
    """Bytes of one row without padding, of one channel where the channels lie apart."""
    per_pixel = plane.channels if plane.layout == Layout.HWC else 1
    return width * per_pixel * ITEM_BYTES[Dtype(plane.dtype)]


def unpacked_bytes(plane: PlaneFields, height: int) -> int:
    """Bytes of the plane before any codec."""
    return plane.stride * height * (plane.channels if plane.layout == Layout.CHW else 1)


def lay_out(planes: Sequence[PlaneFields]) -> tuple[PlaneFields, ...]:
    """The planes one behind the other, each aligned."""
    end, laid = 0, []
    for plane in planes:
        laid.append(plane._replace(offset=aligned(end)))
        end = laid[-1].offset + plane.length
    return tuple(laid)


@lru_cache(maxsize=256)  # a game sends the same table with every frame
def read_table(table: bytes, width: int, height: int, payload_bytes: int, limit: int) -> tuple[PlaneFields, ...]:
    """Decode and check the entries; `limit` is the most bytes that the planes may unpack to."""
    planes: list[PlaneFields] = []
    end = unpacked = 0
    for fields in PLANE_STRUCT.iter_unpack(table):
        plane = PlaneFields._make(fields)
        _check_words(plane)
        if any(plane.plane == other.plane for other in planes):
            raise WireFault(Error.DUPLICATE_PLANE, f"plane {Plane(plane.plane).name.lower()} stands twice")
        _check_rule(plane)
        unpacked = _check_size(plane, width, height, unpacked, limit)
        end = _check_place(plane, payload_bytes, end)
        planes.append(plane)
    if end != payload_bytes:
        raise WireFault(Error.BAD_PAYLOAD, f"payload of {payload_bytes} bytes", expected=f"the planes' end, {end}")
    if all(plane.plane != Plane.COLOR for plane in planes):
        raise WireFault(Error.NO_COLOR, "no colour plane")
    return tuple(planes)


def _check_words(plane: PlaneFields) -> None:
    for name, words in _WORDS:
        value = getattr(plane, name)
        if value not in words._value2member_map_:
            raise _unfit(f"{name} {value}", "one of " + ", ".join(f"{word.value}" for word in words))
    if plane.reserved:
        raise _unfit(f"reserved {plane.reserved}", "0")


def _check_rule(plane: PlaneFields) -> None:
    kind = Plane(plane.plane)
    name, rule = kind.name.lower(), RULES[kind]
    if plane.dtype not in rule.dtypes:
        raise _unfit(f"{name} as {Dtype(plane.dtype).name.lower()}", " or ".join(d.name.lower() for d in rule.dtypes))
    if plane.channels not in rule.channels:
        raise _unfit(f"{name} with {plane.channels} channels", " or ".join(map(str, rule.channels)))
    if plane.color_space not in rule.color_spaces:
        raise _unfit(f"{name} in colour space {plane.color_space}", " or ".join(s.name for s in rule.color_spaces))
    if plane.order != Order.RGB and kind != Plane.COLOR:
        raise _unfit(f"{name} with a channel order", "rgb where there are no colours")
    if plane.checksum and plane.checksum_kind == Checksum.NONE:
        raise _unfit("a checksum without its kind", "0")
    for scale in (plane.scale_x, plane.scale_y):
        if not isfinite(scale):
            raise WireFault(Error.BAD_NUMBER, f"{name} scaled by {scale}", expected="a finite number")
    for index, scale in enumerate((plane.scale_x, plane.scale_y)):
        if scale == 0 or (scale != 1 and index >= rule.scaled):
            raise _unfit(f"{name} scaled by {scale:g}", "1" if index >= rule.scaled else "anything but 0")


def _check_size(plane: PlaneFields, width: int, height: int, before: int, limit: int) -> int:
    row = row_bytes(plane, width)
    if plane.stride < row or plane.stride % ITEM_BYTES[Dtype(plane.dtype)] or plane.stride > 2 * row + 4096:
        raise WireFault(Error.BAD_STRIDE, f"stride {plane.stride}", expected=f"{row} to {2 * row + 4096} bytes")
    size = unpacked_bytes(plane, height)
    if size > MAX_PLANE_BYTES:
        raise WireFault(Error.TOO_LARGE, f"a plane of {size} bytes", expected=f"at most {MAX_PLANE_BYTES}")
    if before + size > limit:
        raise WireFault(Error.TOO_LARGE, f"planes of {before + size} bytes", expected=f"at most {limit}")
    most = size if plane.codec == Codec.RAW else size + size // 1000 + 64
    if not (1 <= plane.length <= most) or (plane.codec == Codec.RAW and plane.length != size):
        expected = f"{size}" if plane.codec == Codec.RAW else f"1 to {most}"
        raise WireFault(Error.BAD_LENGTH, f"a plane of {plane.length} bytes", expected=expected)
    return before + size


def _check_place(plane: PlaneFields, payload_bytes: int, end: int) -> int:
    if plane.offset % ALIGNMENT or plane.offset + plane.length > payload_bytes:
        found = f"a plane of {plane.length} bytes at {plane.offset}"
        raise WireFault(Error.BAD_PAYLOAD, found, expected=f"a multiple of {ALIGNMENT} within {payload_bytes} bytes")
    if plane.offset < end:
        raise WireFault(Error.OVERLAP, f"a plane at {plane.offset}", expected=f"at or after {end}")
    return plane.offset + plane.length


def _unfit(found: str, expected: str) -> WireFault:
    return WireFault(Error.BAD_VALUE, found, expected=expected)
