"""The C# codec gives the same code as the Python one for whatever the bytes are."""

from __future__ import annotations

import random
import struct
import zlib
from collections.abc import Callable
from pathlib import Path
from subprocess import CompletedProcess

import msgspec
from stylebridge.wire import codec, messages
from stylebridge.wire.codec import TABLE_AT, aligned, camera_bytes, encode_flat, encode_frame, encode_table
from stylebridge.wire.fault import WireFault
from stylebridge.wire.layout import (
    Checksum,
    Codec,
    Dtype,
    Error,
    FrameFields,
    Kind,
    Layout,
    Plane,
    PlaneFields,
)
from stylebridge.wire.planes import unpack
from stylebridge.wire.planetable import RULES, lay_out, row_bytes, unpacked_bytes

Run = Callable[..., CompletedProcess[str]]


def plane_fields(rng: random.Random, plane: Plane, width: int, height: int) -> tuple[PlaneFields, bytes]:
    rule = RULES[plane]
    fields = PlaneFields(
        plane=plane,
        dtype=rng.choice(rule.dtypes),
        channels=rng.choice(rule.channels),
        layout=rng.choice(list(Layout)),
        rows=rng.randrange(2),
        color_space=rng.choice(rule.color_spaces),
        order=rng.randrange(2) if plane == Plane.COLOR else 0,
        codec=rng.choice(list(Codec)),
        checksum_kind=rng.choice(list(Checksum)),
        stride=0,
        offset=0,
        length=0,
        checksum=0,
        scale_x=-2.5 if rule.scaled else 1.0,
        scale_y=0.5 if rule.scaled > 1 else 1.0,
        reserved=0,
    )
    item = {Dtype.U8: 1, Dtype.U16: 2, Dtype.F16: 2}.get(Dtype(fields.dtype), 4)
    fields = fields._replace(stride=row_bytes(fields, width) + item * rng.randrange(3))
    size = unpacked_bytes(fields, height)
    data = rng.randbytes(size) if rng.random() < 0.5 else (rng.randbytes(7) * size)[:size]
    if fields.codec == Codec.DEFLATE:
        level, strategy = rng.randrange(10), rng.choice([zlib.Z_DEFAULT_STRATEGY, zlib.Z_FIXED, zlib.Z_HUFFMAN_ONLY])
        packer = zlib.compressobj(level, wbits=-15, strategy=strategy)
        data = packer.compress(data) + packer.flush()
    checksum = zlib.crc32(data) if fields.checksum_kind else 0
    return fields._replace(length=len(data), checksum=checksum), data


def flat_frame(rng: random.Random) -> bytes:
    width, height = rng.randrange(1, 40), rng.randrange(1, 30)
    chosen = [Plane.COLOR, *rng.sample([plane for plane in Plane if plane != Plane.COLOR], rng.randrange(4))]
    pairs = [plane_fields(rng, plane, width, height) for plane in chosen]
    planes = lay_out([fields for fields, _ in pairs])
    matrices = rng.randrange(4)
    matrix = struct.pack("<16f", *(rng.uniform(-9, 9) for _ in range(16)))
    ring = rng.random() < 0.2
    fields = FrameFields(
        session=rng.randbytes(16),
        sequence=rng.randrange(1, 1 << 64),
        frame_id=rng.randrange(1 << 64),
        simulation_s=rng.uniform(-1e9, 1e9),
        wall_ns=rng.randrange(1 << 64),
        camera=camera_bytes(rng.choice(["main", "äußere Kamera", "カメラ", "x" * 32])),
        width=width,
        height=height,
        plane_count=len(planes),
        lane=int(ring),
        matrices=matrices,
        ring=7 if ring else 0,
        slot=rng.randrange(64) if ring else 0,
        slot_stamp=9 if ring else 0,
        payload_bytes=planes[-1].offset + planes[-1].length,
        view=matrix if matrices & 1 else bytes(64),
        projection=matrix if matrices & 2 else bytes(64),
    )
    first = encode_frame(rng.randrange(4), fields, encode_table(planes))
    return encode_flat(first, planes, [data for _, data in pairs])


def small_message(rng: random.Random) -> bytes:
    return rng.choice(
        [
            codec.encode_ack(5, 3, 1, rng.randrange(300)),
            codec.encode_ping(77),
            codec.encode_pong(77, 78),
            messages.encode_message(messages.Hello(name="é", session="ab" * 16, flow="live")),
            messages.encode_message(messages.Question(id=3, name="step", args={"count": 2})),
            messages.encode_message(messages.Answer(answer=3, ok=False, code="bad_control", says='\u2028"\\')),
            messages.encode_message(messages.Stats(counters={"sent": 3, "blocked_ms": 0.25})),
            messages.encode_message(messages.ErrorMessage(code="flood", says="", step="stream", fatal=True)),
            messages.encode_message(messages.Offer(offer=1, path="/x", token="cd" * 16, slots=4, slot_bytes=64)),
            messages.encode_message(messages.Refuse(refuse=1, says="no")),
        ]
    )


def damaged(rng: random.Random, message: bytes) -> bytes:
    data = bytearray(message)
    head = min(len(data), aligned(TABLE_AT + 6 * 48)) if rng.random() < 0.8 else len(data)
    for _ in range(rng.choice([0, 1, 1, 1, 2, 3])):
        at = rng.randrange(head)
        data[at] = rng.choice([0, 1, 2, 255, 128, data[at] ^ 1, rng.randrange(256)])
    if rng.random() < 0.15:
        data = data[: rng.randrange(len(data) + 1)]
    if rng.random() < 0.05:
        data += rng.randbytes(rng.randrange(1, 20))
    return bytes(data)


def word_from_python(data: bytes) -> str:
    try:
        if data[6:8] == struct.pack("<H", Kind.FRAME):
            header, parts = codec.decode_flat(data)
            for plane, part in zip(header.planes, parts, strict=True):
                unpack(plane, part, header.fields.height)
            return "ok"
        kind, _ = codec.read_prefix(data)
        decode = {Kind.ACK: codec.decode_ack, Kind.PING: codec.decode_ping, Kind.PONG: codec.decode_pong}
        decode.get(kind, messages.decode_message)(data)
    except WireFault as fault:
        return fault.word
    return "ok"


def test_both_languages_give_the_same_code_for_damaged_messages(harness: Run, tmp_path: Path) -> None:
    rng = random.Random(20)
    whole = [flat_frame(rng) for _ in range(150)] + [small_message(rng) for _ in range(100)]
    cases = whole + [damaged(rng, rng.choice(whole)) for _ in range(6000)]
    file = tmp_path / "messages.bin"
    file.write_bytes(b"".join(struct.pack("<I", len(case)) + case for case in cases))
    done = harness("wire-codes", file)
    assert done.returncode == 0, done.stderr
    words = done.stdout.split()
    expected = [word_from_python(case) for case in cases]
    assert len(words) == len(cases)
    wrong = [(cases[i][:300].hex(), words[i], expected[i]) for i in range(len(cases)) if words[i] != expected[i]]
    assert not wrong, f"{len(wrong)} differ, first: {wrong[:3]}"
    assert words.count("ok") > 200
    unreached = {error.name.lower() for error in Error if error <= Error.BAD_MESSAGE} - set(words)
    assert not unreached - {"bad_parts"}, f"the damage never led to {unreached}"


def test_json_that_is_not_what_its_kind_asks_for_has_the_same_code(harness: Run, tmp_path: Path) -> None:
    hello = {"name": "a", "session": "ab" * 16, "flow": "live"}
    bodies = [
        {**hello, "flow": "fast"},
        {**hello, "session": "AB" * 16},
        {**hello, "sent": -1},
        {**hello, "sent": 1 << 63},
        {**hello, "sent": 1.0},
        {**hello, "name": "x" * 257},
        {**hello, "name": "\U0001f3ae" * 256},
        {**hello, "planes": ["a"] * 65},
        {**hello, "engine": None},
        {**hello, "more": [1, {"a": None}]},
        {"name": "a"},
    ]
    texts = [msgspec.json.encode(body) for body in bodies] + [
        b"",
        b"[]",
        b'"a"',
        b"{",
        b"\xff{}",
        b'{"name": "\\ud800"}',
    ]
    cases = [codec.write_prefix(Kind.HELLO, len(text)) + text for text in texts]
    file = tmp_path / "messages.bin"
    file.write_bytes(b"".join(struct.pack("<I", len(case)) + case for case in cases))
    words = harness("wire-codes", file).stdout.split()
    assert words == [word_from_python(case) for case in cases]
