"""A frame as one MCAP message: a msgpack map of a small header and the stored planes, so that any tool can open it.

    {"stylebridge": 1, "header": bin, "planes": [bin, …]}

`header` is msgpack again (FrameHeader); each plane is the bytes that its entry in the header describes. Header and
planes lie at places that follow from the header alone, so that one plane is read without the others.
"""

from __future__ import annotations

import math
import struct
import zlib
from collections.abc import Callable, Collection, Sequence
from typing import Any, NamedTuple

import msgspec
import numpy as np
from numpy.typing import NDArray

from stylebridge.errors import InputError
from stylebridge.frame import MAX_SIDE, PLANES, Camera, Clock, Frame
from stylebridge.imaging import MAX_PIXELS
from stylebridge.recording.codec import DTYPES, BadPlane, Blob, Floats, PlaneEntry, decode_plane, encode_plane
from stylebridge.recording.records import Malformed

PREFIX = b"\x83\xabstylebridge\x01\xa6header\xc6"
_LENGTH = struct.Struct(">I")  # msgpack is big-endian
BODY_AT = len(PREFIX) + _LENGTH.size  # where the header begins
PLANES_KEY = b"\xa6planes"
MAX_HEADER_BYTES = 1 << 16
MAX_TEXT = 1024
MAX_INTEGER = (1 << 63) - 1
MAX_RUN = 0xFFFF


class FrameHeader(msgspec.Struct, frozen=True, kw_only=True):
    """All of a frame but its pixels. `run` counts how often the recording was taken up again before."""

    game: str
    camera: str
    session: str
    run: int
    sequence: int
    frame_id: int
    simulation_s: float
    wall_ns: int
    width: int
    height: int
    view: tuple[float, ...] | None
    projection: tuple[float, ...] | None
    estimated: tuple[str, ...]
    planes: tuple[PlaneEntry, ...]


_encoder = msgspec.msgpack.Encoder()
_decoder = msgspec.msgpack.Decoder(FrameHeader)


def check_frame(frame: Frame, game: str, sequence: int) -> None:
    """Refuse what can't be recorded before it is queued."""
    if frame.width * frame.height > MAX_PIXELS:
        raise InputError(f"a frame of {frame.width}x{frame.height}", expected=f"at most {MAX_PIXELS >> 20} megapixels")
    for what, words in (("game", game), ("camera", frame.camera.name), ("session", frame.session)):
        if len(words) > MAX_TEXT:
            raise InputError(f"a {what} name of {len(words)} characters", expected=f"at most {MAX_TEXT}")
        if not words.isascii() and words.encode(errors="ignore").decode() != words:
            raise InputError(f"a {what} name that is no Unicode: {words!a}", expected="whole characters")
    clock = frame.clock
    for what, number in (("frame id", clock.frame_id), ("wall clock", clock.wall_ns), ("sequence", sequence)):
        if not 0 <= number <= MAX_INTEGER:
            raise InputError(f"{what} {number}", expected=f"0 to {MAX_INTEGER}")
    if not math.isfinite(clock.simulation_s):
        raise InputError(f"a simulation time of {clock.simulation_s}", expected="a number of seconds")
    for what, matrix in (("view", frame.camera.view), ("projection", frame.camera.projection)):
        if matrix is not None and matrix.shape != (4, 4):
            raise InputError(f"a {what} matrix of {list(matrix.shape)}", expected="[4, 4]")


class Message(NamedTuple):
    """A whole message in pieces, each with its checksum."""

    pieces: list[Blob]
    crcs: list[int]


def encode_frame(
    frame: Frame, game: str, sequence: int, run: int, floats: Floats, level: int
) -> tuple[FrameHeader, Message]:
    """The message's header, and the message."""
    stored = [
        encode_plane(name, plane, floats, level) for name in PLANES if (plane := getattr(frame, name)) is not None
    ]
    camera, clock = frame.camera, frame.clock
    header = FrameHeader(
        game=game,
        camera=camera.name,
        session=frame.session,
        run=run,
        sequence=int(sequence),
        frame_id=int(clock.frame_id),
        simulation_s=float(clock.simulation_s),
        wall_ns=int(clock.wall_ns),
        width=frame.width,
        height=frame.height,
        view=_numbers(camera.view),
        projection=_numbers(camera.projection),
        estimated=tuple(name for name in frame.estimated if name in PLANES),
        planes=tuple(entry for entry, _ in stored),
    )
    return header, encode_message(header, [blob for _, blob in stored])


def encode_message(header: FrameHeader, blobs: Sequence[Blob]) -> Message:
    """The message of these stored planes, in the order of the header's."""
    data = _encoder.encode(header)
    opening = b"".join([PREFIX, _LENGTH.pack(len(data)), data, PLANES_KEY, bytes([0x90 | len(blobs)])])
    message = Message([opening], [zlib.crc32(opening)])
    for entry, blob in zip(header.planes, blobs, strict=True):
        length = b"\xc6" + _LENGTH.pack(len(blob))
        message.pieces.extend((length, blob))
        message.crcs.extend((zlib.crc32(length), entry.crc32))
    return message


def header_length(start: bytes) -> int:
    """How long the header is, from the message's first BODY_AT bytes."""
    if not start.startswith(PREFIX) or len(start) < BODY_AT:
        raise Malformed("no frame of a recording")
    length: int = _LENGTH.unpack_from(start, len(PREFIX))[0]
    if length > MAX_HEADER_BYTES:
        raise Malformed(f"a header of {length} bytes")
    return length


def decode_header(data: bytes) -> FrameHeader:
    """The header, checked so far that planes can be found and sized by it."""
    try:
        header = _decoder.decode(data)
    except (msgspec.MsgspecError, ValueError) as error:
        raise Malformed(f"a header that can't be read ({error})") from error
    sides = header.width, header.height
    if not all(0 < side <= MAX_SIDE for side in sides) or header.width * header.height > MAX_PIXELS:
        raise Malformed(f"a frame of {header.width}x{header.height}")
    names = [entry.name for entry in header.planes]
    if "color" not in names or len(set(names)) != len(names) or not set(names) <= set(PLANES):
        raise Malformed(f"planes {', '.join(names) or 'missing'}")
    for entry in header.planes:
        wanted = PLANES[entry.name][1] or (1,)
        if entry.dtype not in DTYPES or entry.channels not in wanted or not 0 <= entry.length < 1 << 32:
            raise Malformed(f"plane {entry.name!r} of {entry.channels} {entry.dtype}, {entry.length} bytes")
    numbers = (header.frame_id, header.wall_ns, header.sequence)
    if not (all(0 <= number <= MAX_INTEGER for number in numbers) and 0 <= header.run <= MAX_RUN):
        raise Malformed(f"a clock or number out of range in frame {header.frame_id}")
    if not math.isfinite(header.simulation_s):
        raise Malformed(f"a game time of {header.simulation_s}")
    for matrix in (header.view, header.projection):
        if matrix is not None and len(matrix) != 16:
            raise Malformed(f"a matrix of {len(matrix)} numbers")
    return header


def plane_places(header: FrameHeader, header_bytes: int) -> dict[str, int]:
    """Where each plane's bytes begin within the message."""
    at, places = BODY_AT + header_bytes + len(PLANES_KEY) + 1, {}
    for entry in header.planes:
        places[entry.name] = at + 1 + _LENGTH.size
        at += 1 + _LENGTH.size + entry.length
    return places


def message_bytes(header: FrameHeader, header_bytes: int) -> int:
    """How long a whole message is."""
    return BODY_AT + header_bytes + len(PLANES_KEY) + 1 + sum(1 + _LENGTH.size + e.length for e in header.planes)


def decode_frame(header: FrameHeader, read: Callable[[str], bytes], planes: Collection[str] | None = None) -> Frame:
    """The Frame with these planes (colour always); `read` gives a stored plane's bytes."""
    arrays: dict[str, NDArray[Any]] = {}
    for entry in header.planes:
        if planes is None or entry.name == "color" or entry.name in planes:
            try:
                arrays[entry.name] = decode_plane(entry, read(entry.name), header.height, header.width)
            except BadPlane as error:
                raise Malformed(f"plane {entry.name!r}: {error}") from error
    return Frame(
        **arrays,
        camera=Camera(header.camera, _matrix(header.view), _matrix(header.projection)),
        clock=Clock(header.frame_id, header.simulation_s, header.wall_ns),
        session=header.session,
        estimated=tuple(name for name in header.estimated if name in arrays),
    )


def _numbers(matrix: NDArray[np.float32] | None) -> tuple[float, ...] | None:
    return None if matrix is None else tuple(np.asarray(matrix, np.float32).ravel().tolist())


def _matrix(numbers: Sequence[float] | None) -> NDArray[np.float32] | None:
    with np.errstate(over="ignore"):  # a forged one
        return None if numbers is None else np.array(numbers, np.float32).reshape(4, 4)
