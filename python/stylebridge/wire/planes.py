"""Frame to planes and back: the edge where an engine's form becomes the Frame's, and nowhere else."""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Sequence
from functools import cache, lru_cache
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from stylebridge.frame import PLANES, Camera, Clock, Frame
from stylebridge.pixelmath import linear_thresholds
from stylebridge.wire.codec import NO_MATRIX, FrameHeader, encode_table
from stylebridge.wire.fault import WireFault
from stylebridge.wire.layout import (
    Checksum,
    Codec,
    ColorSpace,
    Dtype,
    Error,
    Layout,
    Matrix,
    Order,
    Plane,
    PlaneFields,
    Rows,
)
from stylebridge.wire.planetable import ITEM_BYTES, lay_out, unpacked_bytes

NUMPY_TYPES = {Dtype.U8: "|u1", Dtype.U16: "<u2", Dtype.U32: "<u4", Dtype.F16: "<f2", Dtype.F32: "<f4"}
_SENT_AS = {"color": Dtype.U8, "ids": Dtype.U32, "occlusion": Dtype.U8}  # the others are f32
_NAMES: dict[int, str] = {plane.value: plane.name.lower() for plane in Plane}
Bytes = NDArray[np.uint8]


class Packed(NamedTuple):
    """A frame's planes as they are sent."""

    planes: tuple[PlaneFields, ...]
    table: bytes
    buffers: list[Bytes]  # one per plane

    @property
    def payload_bytes(self) -> int:
        """Where the last plane ends."""
        return self.planes[-1].offset + self.planes[-1].length


def pack(frame: Frame, wanted: Iterable[str], *, deflate: bool = False, checksum: bool = False) -> Packed:
    """The wanted planes that the frame has, without a copy where they lie in one piece; colour always goes."""
    names = tuple(name for name in PLANES if name == "color" or (name in wanted and getattr(frame, name) is not None))
    buffers = [np.ascontiguousarray(getattr(frame, name)).reshape(-1).view(np.uint8) for name in names]
    planes, table = _raw_table(names, frame.color.shape)
    if not deflate and not checksum:
        return Packed(planes, table, buffers)
    if deflate:
        buffers = [_deflated(buffer) for buffer in buffers]
        planes = tuple(p._replace(codec=Codec.DEFLATE, length=len(b)) for p, b in zip(planes, buffers, strict=True))
    if checksum:
        sums = [zlib.crc32(buffer.data) for buffer in buffers]
        planes = tuple(p._replace(checksum_kind=Checksum.CRC32, checksum=s) for p, s in zip(planes, sums, strict=True))
    planes = lay_out(planes)
    return Packed(planes, encode_table(planes), buffers)


def unpack(plane: PlaneFields, data: Any, height: int) -> Any:
    """A plane's bytes without checksum and codec; never more than the plane promises."""
    if plane.checksum_kind == Checksum.CRC32 and zlib.crc32(data) != plane.checksum:
        raise WireFault(Error.BAD_CHECKSUM, f"plane {_NAMES[plane.plane]} has another checksum than it says")
    if plane.codec == Codec.RAW:
        return data
    size = unpacked_bytes(plane, height)
    inflater = zlib.decompressobj(wbits=-15)
    try:
        whole = inflater.decompress(data, size + 1)
    except zlib.error as error:
        raise WireFault(Error.BAD_CODEC_DATA, f"plane {_NAMES[plane.plane]} can't be unpacked: {error}") from error
    if len(whole) != size or not inflater.eof or inflater.unused_data:
        more = "more than " if len(whole) > size else ""
        found = f"plane {_NAMES[plane.plane]} unpacks to {more}{min(len(whole), size)} bytes"
        raise WireFault(Error.BAD_CODEC_DATA, found, expected=f"{size}")
    return whole


def frame_from_wire(header: FrameHeader, parts: Sequence[Any]) -> Frame:
    """The Frame of a FRAME; planes that are in the Frame's form already aren't copied."""
    fields = header.fields
    width, height = fields.width, fields.height
    planes: dict[str, Any] = {
        _NAMES[plane.plane]: np.ndarray((height, width, plane.channels), np.uint8, part)
        if _is_frame_color(plane, width)
        else _array(plane, unpack(plane, part, height), width, height)
        for plane, part in zip(header.planes, parts, strict=True)
    }
    view = _matrix(fields.view) if fields.matrices & Matrix.VIEW else None
    projection = _matrix(fields.projection) if fields.matrices & Matrix.PROJECTION else None
    return Frame(
        **planes,
        camera=Camera(header.camera, view, projection),
        clock=Clock(fields.frame_id, fields.simulation_s, fields.wall_ns),
        session=fields.session.hex(),
    )


@lru_cache(maxsize=256)
def _is_frame_color(plane: PlaneFields, width: int) -> bool:
    """Whether a plane lies as the Frame wants its colour, so that it needs nothing but a shape."""
    return (
        plane.plane == Plane.COLOR
        and plane.dtype == Dtype.U8
        and plane.layout == Layout.HWC
        and plane.rows == Rows.TOP
        and plane.color_space == ColorSpace.SRGB
        and plane.order == Order.RGB
        and plane.codec == Codec.RAW
        and plane.checksum_kind == Checksum.NONE
        and plane.stride == width * plane.channels
    )


def matrices(camera: Camera) -> tuple[int, bytes, bytes]:
    """The bits that say which matrices a camera has, and their bytes."""
    view, projection = (_matrix_bytes(matrix) for matrix in (camera.view, camera.projection))
    bits = (Matrix.VIEW if camera.view is not None else 0) | (Matrix.PROJECTION if camera.projection is not None else 0)
    return bits, view, projection


@lru_cache(maxsize=64)  # a game sends few sizes
def _raw_table(names: tuple[str, ...], shape: tuple[int, ...]) -> tuple[tuple[PlaneFields, ...], bytes]:
    height, width, color_channels = shape
    planes = []
    for name in names:
        _, channels = PLANES[name]
        count = color_channels if name == "color" else (channels or (1,))[0]
        dtype = _SENT_AS.get(name, Dtype.F32)
        space = ColorSpace.SRGB if name == "color" else ColorSpace.DATA
        stride = width * count * ITEM_BYTES[dtype]
        planes.append(
            PlaneFields(
                plane=Plane[name.upper()],
                dtype=dtype,
                channels=count,
                layout=Layout.HWC,
                rows=Rows.TOP,
                color_space=space,
                order=Order.RGB,
                codec=Codec.RAW,
                checksum_kind=Checksum.NONE,
                stride=stride,
                offset=0,
                length=stride * height,
                checksum=0,
                scale_x=1.0,
                scale_y=1.0,
                reserved=0,
            )
        )
    laid = lay_out(planes)
    return laid, encode_table(laid)


def _deflated(buffer: Bytes) -> Bytes:
    deflater = zlib.compressobj(level=1, wbits=-15)
    return np.frombuffer(deflater.compress(buffer.data) + deflater.flush(), np.uint8)


def _array(plane: PlaneFields, data: Any, width: int, height: int) -> NDArray[Any]:
    """A plane's bytes as the Frame's array, [H,W] or [H,W,C], top row first."""
    item, channels = ITEM_BYTES[Dtype(plane.dtype)], plane.channels
    dtype = NUMPY_TYPES[Dtype(plane.dtype)]
    if plane.layout == Layout.HWC:
        array = np.ndarray((height, width, channels), dtype, data, strides=(plane.stride, channels * item, item))
    else:
        shape, strides = (channels, height, width), (plane.stride * height, plane.stride, item)
        array = np.ndarray(shape, dtype, data, strides=strides).transpose(1, 2, 0)  # [C,H,W] -> [H,W,C]
    if plane.rows == Rows.BOTTOM:
        array = array[::-1]
    if plane.plane == Plane.COLOR:
        return _color(plane, array)
    return _values(plane, array if channels > 1 else array[:, :, 0])


def _color(plane: PlaneFields, array: NDArray[Any]) -> NDArray[np.uint8]:
    if plane.order == Order.BGR:
        array = array[:, :, [2, 1, 0, 3][: plane.channels]]
    if plane.dtype != Dtype.U8:
        return _bytes_from_floats(array, linear=plane.color_space == ColorSpace.LINEAR)
    if plane.color_space == ColorSpace.LINEAR:
        converted: NDArray[np.uint8] = np.array(array, order="C")
        converted[:, :, :3] = _srgb_from_linear_bytes()[array[:, :, :3]]
        return converted
    return np.ascontiguousarray(array)


def _bytes_from_floats(array: NDArray[Any], *, linear: bool) -> NDArray[np.uint8]:
    with np.errstate(over="ignore", invalid="ignore"):
        levels = np.clip(np.nan_to_num(array.astype(np.float32), nan=0.0), 0, 1) * np.float32(255)
    result = np.asarray(np.rint(levels), dtype=np.uint8)
    if linear:
        steps = np.searchsorted(linear_thresholds("nearest"), levels[:, :, :3], side="right")
        result[:, :, :3] = steps.astype(np.uint8)
    return result


@cache
def _srgb_from_linear_bytes() -> NDArray[np.uint8]:
    levels = np.arange(256, dtype=np.float32)
    steps = np.searchsorted(linear_thresholds("nearest"), levels, side="right")
    return np.asarray(steps, dtype=np.uint8)


def _values(plane: PlaneFields, array: NDArray[Any]) -> NDArray[Any]:
    """A plane of data in the type and the unit that the Frame wants."""
    name = _NAMES[plane.plane]
    if name == "occlusion":
        return np.ascontiguousarray(array != 0)
    values = np.ascontiguousarray(array, dtype=PLANES[name][0])
    if plane.scale_x != 1 or plane.scale_y != 1:
        scale = (plane.scale_x, plane.scale_y)[: 2 if name == "motion" else 1]
        with np.errstate(over="ignore", under="ignore", invalid="ignore"):  # the game's numbers are its own
            values = values * np.array(scale, dtype=np.float32)
    return values if values.flags.aligned else values.copy()  # ZeroMQ lets small parts begin anywhere


def _matrix(data: bytes) -> NDArray[np.float32]:
    return np.frombuffer(data, "<f4").reshape(4, 4)  # [16] -> [4,4]


def _matrix_bytes(matrix: NDArray[np.float32] | None) -> bytes:
    return NO_MATRIX if matrix is None else np.ascontiguousarray(matrix, dtype="<f4").tobytes()
