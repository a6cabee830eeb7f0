"""The wire's valid vectors as words and numbers."""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from typing import Any

import numpy as np

from .vectors import Json

NUMPY_TYPES = {"u8": "<u1", "u16": "<u2", "u32": "<u4", "f16": "<f2", "f32": "<f4"}
SESSION = "00112233445566778899aabbccddeeff"
PROOF = "f0e1d2c3b4a5968778695a4b3c2d1e0f"
VIEW = [1.0, 0.0, 0.0, -0.5, 0.0, 0.0, 1.0, 2.0, 0.0, -1.0, 0.0, 3.25, 0.0, 0.0, 0.0, 1.0]
PROJECTION = [1.25, 0.0, 0.0, 0.0, 0.0, 1.75, 0.0, 0.0, 0.0, 0.0, -1.0, -0.125, 0.0, 0.0, -1.0, 0.0]
U16, U32, U63, U64 = (1 << 16) - 1, (1 << 32) - 1, (1 << 63) - 1, (1 << 64) - 1
F32 = float(np.finfo(np.float32).max)
CRC_0 = bytes.fromhex("9d0ad96d")  # its CRC-32 is 0, which is not the same as having none
NAME_32 = "Kamera-ü-😀-" + 17 * "x"  # 32 bytes of UTF-8, so no zero byte ends it


def valid() -> dict[str, Json]:
    """Every valid vector by its name."""
    found: dict[str, Json] = {}
    for name, words in [*frames(), *binary(), *json_kinds()]:
        if name in found:
            raise ValueError(f"two vectors are called {name}")
        found[name] = words
    return found


def frames() -> Iterator[tuple[str, Json]]:
    color, depth = plane("color", 5, 3), plane("depth", 5, 3, "f32", channels=1)
    yield "frame_color", frame(5, 3, color)
    yield "frame_all_planes", frame(4, 3, *all_planes(4, 3))
    yield "frame_other_types", frame(3, 2, *other_types(3, 2))
    small = frame(
        3,
        2,
        plane("color", 3, 2, "f16", channels=4, layout="chw"),
        plane("depth", 3, 2, "f16", channels=1),
        plane("normals", 3, 2, "f16", layout="chw", rows="bottom"),
        plane("ids", 3, 2, "u16", channels=1, layout="chw"),
    )
    yield "frame_halves", small
    turned = {"layout": "chw", "rows": "bottom", "order": "bgr", "color_space": "linear"}
    yield "frame_turned", frame(3, 2, plane("color", 3, 2, "f32", **turned))
    yield "frame_bgra_bottom", frame(3, 2, plane("color", 3, 2, channels=4, order="bgr", rows="bottom"))
    padded = plane("normals", 5, 3, "f16", layout="chw", pad=6)
    yield "frame_padded", frame(5, 3, plane("color", 5, 3, pad=1), padded)
    yield "frame_widest_stride", frame(1, 1, plane("color", 1, 1, pad=3 + 4096))
    metres = plane("depth", 4, 3, "u16", channels=1, scale=[0.0009765625, 1.0])
    forward = plane("motion", 4, 3, "f16", channels=2, scale=[-4.0, 3.0])
    yield "frame_scaled", frame(4, 3, plane("color", 4, 3), metres, forward)
    yield "frame_crc32", frame(5, 3, color | {"checksum": "crc32"}, depth | {"checksum": "crc32"})
    zero = plane("color", 1, 1, channels=4) | {"data": CRC_0.hex(), "checksum": "crc32"}
    yield "frame_crc32_of_0", frame(1, 1, zero)
    yield "frame_deflate", frame(5, 3, deflated(color), deflated(depth, pieces=2) | {"checksum": "crc32"})
    yield "frame_deflate_padded_chw", frame(4, 3, deflated(plane("color", 4, 3, "f32", layout="chw", pad=8)))
    long = longest_deflate(plane("color", 20, 17))
    yield "frame_longest_deflate", frame(20, 17, long)  # 1020 bytes as 1085
    yield (
        "frame_long_and_ids",
        frame(20, 17, long, deflated(plane("ids", 20, 17, channels=1) | {"data": bytes(340).hex()})),
    )
    yield "frame_touching", frame(4, 4, plane("color", 4, 4, channels=4), plane("occlusion", 4, 4, channels=1))
    ring = {"lane": "ring", "ring": 1, "slot": 0, "slot_stamp": 1}
    yield "frame_ring", frame(5, 3, color, depth, **ring)
    yield "frame_ring_slot_63", frame(5, 3, color, **ring | {"slot": 63, "ring": 2, "slot_stamp": 900})
    yield "frame_reply", frame(5, 3, color, flags=["reply"])
    yield "frame_resent", frame(5, 3, color, flags=["resent"])
    yield "frame_reply_resent", frame(5, 3, color, flags=["reply", "resent"])
    yield "frame_view", frame(5, 3, color, view=VIEW)
    yield "frame_projection", frame(5, 3, color, projection=PROJECTION)
    yield "frame_matrices", frame(5, 3, color, view=VIEW, projection=PROJECTION)
    yield "frame_matrix_of_zeros", frame(5, 3, color, view=16 * [0.0])
    yield "frame_camera_not_ascii", frame(5, 3, color, camera="Überwachung 三号")
    yield "frame_camera_32_bytes", frame(5, 3, color, camera=NAME_32)
    yield "frame_camera_space", frame(5, 3, color, camera=" ")  # U+0020, the first that a name may hold
    yield "frame_1x1", frame(1, 1, plane("color", 1, 1), sequence=1, frame_id=0, simulation_s=-0.5, wall_ns=0)
    yield "frame_widest", frame(16384, 1, deflated(plane("color", 16384, 1) | {"data": bytes(3 * 16384).hex()}))
    numbers: Json = {"sequence": U64, "frame_id": U64, "simulation_s": 1.7976931348623157e308, "wall_ns": U64}
    numbers |= {"lane": "ring", "ring": U16, "slot": 63, "slot_stamp": U64, "session": "ff" * 16}
    largest = [plane("depth", 2, 1, "u16", channels=1, scale=[F32, 1.0])]
    largest += [plane("motion", 2, 1, "f32", channels=2, scale=[-F32, 2.0**-149])]
    huge = frame(2, 1, plane("color", 2, 1), *largest, flags=["reply", "resent"], camera="z" * 32)
    yield "frame_largest_numbers", huge | numbers | {"view": 16 * [F32], "projection": 16 * [-F32]}


def all_planes(width: int, height: int) -> list[Json]:
    return [
        plane("color", width, height),
        plane("depth", width, height, "f32", channels=1),
        plane("motion", width, height, "f16", channels=2),
        plane("normals", width, height, "f32"),
        plane("ids", width, height, "u32", channels=1),
        plane("occlusion", width, height, channels=1),
    ]


def other_types(width: int, height: int) -> list[Json]:
    """All six once more: what a plane may be and `all_planes` isn't."""
    return [
        plane("color", width, height, "f32", channels=4, color_space="linear"),
        plane("depth", width, height, "u16", channels=1, rows="bottom"),
        plane("motion", width, height, "f32", channels=2, layout="chw", scale=[1.0, -1.0]),
        plane("normals", width, height, "f16", pad=2),
        plane("ids", width, height, channels=1),
        plane("occlusion", width, height, channels=1, layout="chw", rows="bottom", pad=5),
    ]


def binary() -> Iterator[tuple[str, Json]]:
    yield "ack", {"kind": "ack", "sequence": 41, "released": 5, "ring": 1, "window": 4}
    yield "ack_of_nothing", {"kind": "ack", "sequence": 0, "released": 0, "ring": 0, "window": 0}
    yield "ack_largest", {"kind": "ack", "sequence": U64, "released": U64, "ring": U16, "window": 256}
    yield "ping", {"kind": "ping", "sent_ns": 1_700_000_000_123_456_789}
    yield "ping_largest", {"kind": "ping", "sent_ns": U64}
    yield "pong", {"kind": "pong", "sent_ns": 1_700_000_000_123_456_789, "answered_ns": 1_700_000_000_223_456_789}
    yield "pong_largest", {"kind": "pong", "sent_ns": U64, "answered_ns": U64}


def json_kinds() -> Iterator[tuple[str, Json]]:
    """`means` stands where a writer would send other fields than these: defaults are left out, or there are more."""
    needed = {"name": "game", "session": SESSION, "flow": "live"}
    defaults = {"name": "game", "engine": "", "session": SESSION, "resume": False, "flow": "live", "lanes": ["inline"]}
    defaults |= {"planes": ["color"], "controls": [], "replies": False, "acknowledged": 0}
    every = {"name": "Spiel „三“ 😀", "engine": "Unity 6", "session": SESSION, "resume": True, "flow": "lossless"}
    every |= {"lanes": ["ring", "inline"], "planes": ["color", "depth", "motion", "normals", "ids", "occlusion"]}
    every |= {"controls": ["pause", "resume", "step", "x-own"], "replies": True, "acknowledged": U63}
    later = {"later": {"deep": [1, [2, {"a": None}]], "b": True}, **needed, "even_later": "x"}
    yield "hello", message("hello", every)
    yield "hello_defaults", message("hello", defaults)
    yield "hello_needed", message("hello", needed, means=defaults)
    yield "hello_unknown_fields", message("hello", later, means=defaults)
    yield "hello_lockstep", message("hello", defaults | {"flow": "lockstep", "engine": 'quote " and \\ stroke'})
    yield "hello_longest_name", message("hello", defaults | {"name": 256 * "😀"})
    welcome = {"name": "collector", "engine": "", "session": SESSION, "resumed": False, "sequence": 0, "window": 1}
    welcome |= {"lanes": ["inline"], "planes": ["color"], "controls": [], "replies": False}
    welcome |= {"max_frame_bytes": 268435456, "heartbeat_ms": 1000, "timeout_ms": 5000}
    taken = {"resumed": True, "sequence": U63, "window": 256, "lanes": ["inline", "ring"], "replies": True}
    yield "welcome", message("welcome", welcome)
    yield "welcome_resumed", message("welcome", welcome | taken | {"max_frame_bytes": U63, "controls": ["pause"]})
    args = {"width": 640, "nested": {"list": [1, 0.5, "ü", None, True, []]}, "scale": 1.25}
    yield "control_question", message("control", {"id": 1, "name": "resolution", "args": args})
    deep: object = 1
    for _ in range(29):  # two more for the body and its arguments, and one for the file that this is written to
        deep = [deep]
    yield "control_question_deepest", message("control", {"id": 1, "name": "x-own", "args": {"deep": deep}})
    yield "control_question_largest", message("control", {"id": U32, "name": "pause", "args": {}})
    yield (
        "control_question_needed",
        message("control", {"id": 0, "name": ""}, means={"id": 0, "name": "", "args": {}}),
    )
    answer: Json = {"answer": 1, "ok": True, "result": {}, "code": "", "says": ""}
    yield "control_answer", message("control", answer | {"result": {"width": 640, "height": 360}})
    refused = {"answer": U32, "ok": False, "code": "bad_control", "says": "width 0; expected 1 to 16384"}
    yield "control_answer_refused", message("control", answer | refused)
    yield "control_answer_needed", message("control", {"answer": 1, "ok": True}, means=answer)
    counters = {"sent": 120, "dropped": 0, "mean_ms": 0.5, "bytes": 9007199254740993, "drift": -1.25}
    yield "stats", message("stats", {"counters": counters})
    yield "stats_of_nothing", message("stats", {"counters": {}})
    fault = {"code": "flood", "says": "5 frames in flight; expected at most 4", "step": "stream", "fatal": True}
    yield "error", message("error", fault)
    yield "error_mild", message("error", fault | {"code": "no_hello", "says": "", "step": "hello", "fatal": False})
    yield "bye", message("bye", {"why": "the game ends"})
    yield "bye_without_words", message("bye", {"why": ""})
    offer: Json = {"offer": 1, "path": "/dev/shm/stylebridge-1234-5f3c.ring"}  # noqa: S108  # named, not opened
    offer |= {"token": PROOF, "slots": 4}
    yield "lane_offer", message("lane", offer | {"slot_bytes": 8294400})
    yield "lane_offer_largest", message("lane", offer | {"offer": U16, "slots": 64, "slot_bytes": 8589934592})
    yield "lane_accept", message("lane", {"accept": 1})
    yield "lane_accept_largest", message("lane", {"accept": U16})
    yield "lane_refuse", message("lane", {"refuse": 1, "says": "another host"})
    yield "lane_close", message("lane", {"close": 1})


def message(kind: str, body: Json, **means: Json) -> Json:
    return {"kind": kind, "body": body, **means}


def frame(width: int, height: int, *planes: Json, **other: Any) -> Json:
    words = {"kind": "frame", "flags": [], "session": SESSION, "sequence": 7, "frame_id": 1207, "simulation_s": 20.125}
    words |= {"wall_ns": 1_700_000_000_123_456_789, "camera": "main", "width": width, "height": height}
    words |= {"lane": "inline", "ring": 0, "slot": 0, "slot_stamp": 0, "view": None, "projection": None}
    return words | {"planes": list(planes)} | other


def plane(
    name: str, width: int, height: int, dtype: str = "u8", *, channels: int = 3, pad: int = 0, **other: Any
) -> Json:
    """A raw plane with values of its own and `pad` bytes that belong to nothing behind each row."""
    size = height * width * channels
    values = np.arange(size) * 0.25 - 1 if dtype[0] == "f" else np.arange(size) * 7 % 251
    if name == "color" and dtype[0] == "f":
        values = np.arange(size) / 64 % 1.015625  # from 0 to 1, both included
    row = width if other.get("layout") == "chw" else width * channels
    rows = values.astype(NUMPY_TYPES[dtype]).reshape(-1, row)  # [rows of all channels, values of one row]
    data = b"".join(values.tobytes() + pad * b"\xee" for values in rows)
    words = {"plane": name, "dtype": dtype, "channels": channels, "layout": "hwc", "rows": "top"}
    words |= {"color_space": "srgb" if name == "color" else "data", "order": "rgb", "codec": "raw", "checksum": "none"}
    return words | {"stride": len(data) // len(rows), "scale": [1.0, 1.0], "data": data.hex()} | other


def deflated(words: Json, pieces: int = 1) -> Json:
    """The plane packed by zlib, in that many blocks."""
    unpacked = bytes.fromhex(words["data"])
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    step = -(-len(unpacked) // pieces)
    parts = [
        packer.compress(unpacked[at : at + step]) + packer.flush(zlib.Z_FULL_FLUSH)
        for at in range(0, len(unpacked), step)
    ]
    return words | {"codec": "deflate", "data": (b"".join(parts) + packer.flush()).hex(), "unpacked": unpacked.hex()}


def longest_deflate(words: Json) -> Json:
    """The plane as one stored block behind empty ones: as long as a deflated plane may be."""
    unpacked = bytes.fromhex(words["data"])
    spare = len(unpacked) // 1000 + 64 - 5
    if spare % 5:
        raise ValueError(f"{spare} bytes can't be filled with empty blocks of 5")
    size = len(unpacked).to_bytes(2, "little") + (len(unpacked) ^ U16).to_bytes(2, "little")
    data = spare // 5 * bytes.fromhex("000000ffff") + b"\x01" + size + unpacked
    return words | {"codec": "deflate", "data": data.hex(), "unpacked": unpacked.hex()}
