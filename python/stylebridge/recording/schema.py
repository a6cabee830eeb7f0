"""The schema that every recording carries: what a frame's message holds, in words that other programs can show."""

from __future__ import annotations

import json
import struct

from stylebridge.recording.records import Op, record, text

SCHEMA_ID = 1
SCHEMA_NAME = "stylebridge.Frame"
_TEXT = {"type": "string"}
_NUMBER = {"type": "integer"}
_MATRIX = {"type": ["array", "null"], "items": {"type": "number"}, "description": "[4,4], row after row"}

_PLANE = {
    "name": {"enum": ["color", "depth", "motion", "normals", "ids", "occlusion"]},
    "dtype": {"enum": ["u8", "u32", "f16", "f32", "bits"], "description": "as stored; bits: eight a byte, high first"},
    "channels": _NUMBER,
    "codec": {"type": "string", "description": "how the bytes were made; see the documentation of stylebridge"},
    "length": {"type": "integer", "description": "bytes as stored"},
    "crc32": {"type": "integer", "description": "of the bytes as stored"},
}
_HEADER = {
    "game": _TEXT,
    "camera": _TEXT,
    "session": _TEXT,
    "run": {"type": "integer", "description": "how often the recording was taken up again before"},
    "sequence": {"type": "integer", "description": "the game's number of the frame"},
    "frame_id": _NUMBER,
    "simulation_s": {"type": "number"},
    "wall_ns": {"type": "integer", "description": "since 1970"},
    "width": _NUMBER,
    "height": _NUMBER,
    "view": _MATRIX,
    "projection": _MATRIX,
    "estimated": {"type": "array", "items": _TEXT, "description": "planes computed from the pictures"},
    "planes": {"type": "array", "items": {"type": "object", "properties": _PLANE}},
}
SCHEMA = {
    "title": SCHEMA_NAME,
    "description": "One frame of a game, as a msgpack map.",
    "type": "object",
    "properties": {
        "stylebridge": {"const": 1, "description": "version of this form"},
        "header": {"type": "object", "properties": _HEADER, "description": "msgpack within msgpack (bin)"},
        "planes": {"type": "array", "description": "bin, in the order of header.planes; top row first"},
    },
}


def encode_schema() -> bytes:
    """The schema's record."""
    data = json.dumps(SCHEMA, separators=(",", ":")).encode()
    start = struct.pack("<H", SCHEMA_ID) + text(SCHEMA_NAME) + text("jsonschema")
    return record(Op.SCHEMA, start, struct.pack("<I", len(data)), data)
