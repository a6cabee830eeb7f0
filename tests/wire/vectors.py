"""A message's bytes as words and numbers, and back: the two forms of each of the wire's valid vectors."""

from __future__ import annotations

import json
import zlib
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
from stylebridge.wire import codec
from stylebridge.wire.fault import WireFault
from stylebridge.wire.layout import (
    MAX_FRAME_BYTES,
    Checksum,
    Codec,
    ColorSpace,
    Dtype,
    FrameFields,
    FrameFlag,
    Kind,
    Lane,
    Layout,
    Matrix,
    Order,
    Plane,
    PlaneFields,
    Rows,
)
from stylebridge.wire.messages import decode_message
from stylebridge.wire.planes import unpack
from stylebridge.wire.planetable import lay_out

REPO = Path(__file__).resolve().parent.parent.parent
FOLDER = REPO / "tests" / "vectors" / "wire"
MATRICES = {"view": Matrix.VIEW, "projection": Matrix.PROJECTION}
WORDS = {"layout": Layout, "rows": Rows, "color_space": ColorSpace, "order": Order, "codec": Codec}
Json = dict[str, Any]


def bytes_from_words(words: Json) -> bytes:
    """A FRAME's flat form, any other message's one part."""
    match words["kind"]:
        case "frame":
            return flat_from_words(words)
        case "ack":
            return codec.encode_ack(words["sequence"], words["released"], words["ring"], words["window"])
        case "ping":
            return codec.encode_ping(words["sent_ns"])
        case "pong":
            return codec.encode_pong(words["sent_ns"], words["answered_ns"])
    body = json.dumps(words["body"], separators=(",", ":"), ensure_ascii=False).encode()
    return codec.write_prefix(Kind[words["kind"].upper()], len(body)) + body


def words_from_bytes(data: bytes, limit: int = MAX_FRAME_BYTES) -> Json:
    """The opposite of `bytes_from_words`; raises WireFault where the wire says so."""
    if data[6:8] == Kind.FRAME.to_bytes(2, "little"):
        return words_from_flat(data, limit)
    kind, _ = codec.read_prefix(data)
    match kind:
        case Kind.ACK:
            ack = codec.decode_ack(data)
            return {"kind": "ack"} | {name: value for name, value in ack._asdict().items() if name != "reserved"}
        case Kind.PING:
            return {"kind": "ping", "sent_ns": codec.decode_ping(data)}
        case Kind.PONG:
            return {"kind": "pong", **codec.decode_pong(data)._asdict()}
    message = json.loads(msgspec.json.encode(decode_message(data)))
    words = {"kind": kind.name.lower(), "body": json.loads(data[codec.PREFIX_BYTES :])}
    return words if list(message) == list(words["body"]) else words | {"means": message}


def code_of(data: bytes, limit: int | None = None) -> str:
    """The code that a message gets; empty when nothing is wrong with it."""
    try:
        words_from_bytes(data, MAX_FRAME_BYTES if limit is None else limit)
    except WireFault as fault:
        return fault.word
    return ""


def flat_from_words(words: Json) -> bytes:
    buffers = [bytes.fromhex(plane["data"]) for plane in words["planes"]]
    planes = lay_out([plane_from_words(plane, data) for plane, data in zip(words["planes"], buffers, strict=True)])
    fields = FrameFields(
        session=bytes.fromhex(words["session"]),
        camera=codec.camera_bytes(words["camera"]),
        plane_count=len(planes),
        lane=Lane[words["lane"].upper()],
        matrices=sum(bit for name, bit in MATRICES.items() if words[name] is not None),
        payload_bytes=planes[-1].offset + planes[-1].length,
        **{name: matrix_from_numbers(words[name]) for name in MATRICES},
        **{name: words[name] for name in ("sequence", "frame_id", "simulation_s", "wall_ns", "width", "height")},
        **{name: words[name] for name in ("ring", "slot", "slot_stamp")},
    )
    flags = sum(FrameFlag[word.upper()] for word in words["flags"])
    return codec.encode_flat(codec.encode_frame(flags, fields, codec.encode_table(planes)), planes, buffers)


def plane_from_words(words: Json, data: bytes) -> PlaneFields:
    return PlaneFields(
        plane=Plane[words["plane"].upper()],
        dtype=Dtype[words["dtype"].upper()],
        channels=words["channels"],
        checksum_kind=Checksum[words["checksum"].upper()],
        stride=words["stride"],
        offset=0,  # lay_out sets it
        length=len(data),
        checksum=zlib.crc32(data) if words["checksum"] == "crc32" else 0,
        scale_x=words["scale"][0],
        scale_y=words["scale"][1],
        reserved=0,
        **{name: enum[words[name].upper()] for name, enum in WORDS.items()},
    )


def words_from_flat(data: bytes, limit: int = MAX_FRAME_BYTES) -> Json:
    header, buffers = codec.decode_flat(data, limit)
    fields = header.fields
    return {
        "kind": "frame",
        "flags": [flag.name.lower() for flag in FrameFlag if header.flags & flag],
        "session": fields.session.hex(),
        "sequence": fields.sequence,
        "frame_id": fields.frame_id,
        "simulation_s": fields.simulation_s,
        "wall_ns": fields.wall_ns,
        "camera": header.camera,
        "width": fields.width,
        "height": fields.height,
        "lane": Lane(fields.lane).name.lower(),
        "ring": fields.ring,
        "slot": fields.slot,
        "slot_stamp": fields.slot_stamp,
        "view": numbers_from_matrix(fields.view) if fields.matrices & Matrix.VIEW else None,
        "projection": numbers_from_matrix(fields.projection) if fields.matrices & Matrix.PROJECTION else None,
        "planes": [
            words_from_plane(plane, data, fields.height) for plane, data in zip(header.planes, buffers, strict=True)
        ],
    }


def words_from_plane(plane: PlaneFields, data: memoryview, height: int) -> Json:
    words: Json = {"plane": Plane(plane.plane).name, "dtype": Dtype(plane.dtype).name, "channels": plane.channels}
    words |= {name: enum(getattr(plane, name)).name for name, enum in WORDS.items()}
    words |= {"checksum": Checksum(plane.checksum_kind).name}
    words = {name: value.lower() if isinstance(value, str) else value for name, value in words.items()}
    words |= {"stride": plane.stride, "scale": [plane.scale_x, plane.scale_y], "data": data.hex()}
    unpacked = unpack(plane, data, height)
    return words if plane.codec == Codec.RAW else words | {"unpacked": bytes(unpacked).hex()}


def matrix_from_numbers(numbers: list[float] | None) -> bytes:
    return codec.NO_MATRIX if numbers is None else np.array(numbers, "<f4").tobytes()


def numbers_from_matrix(matrix: bytes) -> list[float]:
    return [float(number) for number in np.frombuffer(matrix, "<f4")]
