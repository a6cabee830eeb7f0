"""The codec beyond its vectors: bytes written down by hand, what the faults say, how planes are laid down."""

from __future__ import annotations

import struct

import pytest
from stylebridge.wire import codec
from stylebridge.wire.fault import WireFault
from stylebridge.wire.layout import Error, FrameFlag, Kind, Plane, PlaneFields
from stylebridge.wire.planetable import aligned, lay_out, row_bytes, unpacked_bytes

from .edits import TABLE, Sets, frame, plane, prefix
from .vectors import FOLDER

PING = bytes.fromhex("53545942 0100 1200 18000000 00000000 0807060504030201")
ACK = bytes.fromhex("53545942 0100 1100 28000000 00000000 2900000000000000 0500000000000000 0100 0400 00000000")
PONG = bytes.fromhex("53545942 0100 1300 20000000 00000000 0100000000000000 0200000000000000")
FRAME = (
    bytes.fromhex("53545942 0100 1000 30010000 02000000")  # 304 bytes, resent
    + bytes.fromhex("00112233445566778899aabbccddeeff 0700000000000000 0900000000000000")
    + struct.pack("<d", 20.125)
    + bytes.fromhex("0100000000000000")
    + b"main".ljust(32, b"\0")
    + bytes.fromhex("02000000 01000000 0100 00 00 0000 0000 0000000000000000 0600000000000000")
    + bytes(128)
    + bytes.fromhex("0100 0100 0300 00 01 01 00 00 00 06000000 0000000000000000 0600000000000000")
    + bytes.fromhex("00000000 0000803f 0000803f 00000000")
)
ALL = (FOLDER / "frame_all_planes.bin").read_bytes()
FIRST_PART = TABLE + 48 * 6


def edited(data: bytes, sets: Sets) -> bytes:
    changed = bytearray(data)
    for offset, new in sets:
        changed[offset : offset + len(new)] = new
    return bytes(changed)


def entry(length: int, **fields: int) -> PlaneFields:
    values = dict.fromkeys(PlaneFields._fields, 0) | {"length": length} | fields
    return PlaneFields(**values)


def test_bytes_written_by_hand_are_read_and_written() -> None:
    assert codec.encode_ping(0x0102030405060708) == PING
    assert codec.decode_ping(PING) == 0x0102030405060708
    assert codec.encode_ack(41, 5, 1, 4) == ACK
    assert tuple(codec.decode_ack(ACK)) == (41, 5, 1, 4, 0)
    assert codec.encode_pong(1, 2) == PONG
    assert tuple(codec.decode_pong(PONG)) == (1, 2)


def test_a_frame_written_by_hand_is_read_and_written() -> None:
    header = codec.decode_frame(FRAME)
    assert header.flags == FrameFlag.RESENT
    assert header.camera == "main"
    assert header.fields.session.hex() == "00112233445566778899aabbccddeeff"
    assert (header.fields.sequence, header.fields.frame_id, header.fields.wall_ns) == (7, 9, 1)
    assert (header.fields.simulation_s, header.fields.width, header.fields.height) == (20.125, 2, 1)
    (color,) = header.planes
    assert color == entry(6, plane=1, dtype=1, channels=3, rows=1, color_space=1, stride=6, scale_x=1, scale_y=1)
    assert codec.encode_frame(header.flags, header.fields, codec.encode_table(header.planes)) == FRAME


@pytest.mark.parametrize(
    ("message", "kind", "flags"), [(PING, Kind.PING, 0), (ACK, Kind.ACK, 0), (FRAME, Kind.FRAME, 2)]
)
def test_the_prefix_tells_kind_and_flags(message: bytes, kind: Kind, flags: int) -> None:
    assert codec.read_prefix(message) == (kind, flags)


@pytest.mark.parametrize(
    ("sets", "says"),
    [
        (prefix(magic=b"JUNK"), "opens with b'JUNK'; expected b'STYB'"),
        (prefix(version=2), "wire version 2; expected version 1. Bring both sides to the same stylebridge release"),
        (prefix(kind=99), "message kind 99; expected one that this version knows"),
        (prefix(kind=Kind.PING), "a PING; expected a FRAME"),
        (prefix(size=1 << 30), f"{FIRST_PART} bytes; expected {1 << 30}. The message was cut short"),
        (prefix(size=300), f"{FIRST_PART} bytes; expected the 300 that the message claims"),
        (prefix(flags=4), "flags 0x4; expected flags that this kind has"),
        (frame(plane_count=0), "a frame without planes"),
        (frame(plane_count=7), "7 planes; expected at most 6"),
        (frame(sequence=0), "no session or sequence; expected both other than 0"),
        (frame(simulation_s=float("nan")), "simulation time nan; expected a finite number"),
        (frame(camera=b"\xff"), "camera name b'\\xff"),
        (frame(width=16385), "width 16385; expected 1 to 16384 pixels"),
        (frame(height=0), "height 0; expected 1 to 16384 pixels"),
        (frame(lane=2), "lane 2; expected 0 or 1"),
        (frame(matrices=8), "matrices 0x8; expected known bits"),
        (frame(payload_bytes=1 << 40), f"a frame of {1 << 40} bytes; expected at most 268435456"),
        (plane(1, dtype=9), "dtype 9; expected one of 1, 2, 3, 4, 5"),
        (plane(1, reserved=3), "reserved 3; expected 0"),
        (plane(1, plane=1), "plane color stands twice"),
        (plane(1, dtype=1), "depth as u8; expected u16 or f16 or f32"),
        (plane(0, channels=2), "color with 2 channels; expected 3 or 4"),
        (plane(2, scale_y=0.0), "motion scaled by 0; expected anything but 0"),
        (plane(4, scale_x=2.0), "ids scaled by 2; expected 1"),
        (plane(0, stride=11), "stride 11; expected 12 to 4120 bytes"),
        (plane(0, length=35), "a plane of 35 bytes; expected 36"),
        (plane(0, offset=1), "a plane of 36 bytes at 1; expected a multiple of 64 within"),
        (plane(1, offset=0), "a plane at 0; expected at or after 36"),
    ],
    ids=lambda value: value[:30] if isinstance(value, str) else "",
)
def test_a_fault_says_what_was_found_and_what_was_expected(sets: Sets, says: str) -> None:
    with pytest.raises(WireFault) as caught:
        codec.decode_frame(edited(ALL[:FIRST_PART], sets))
    assert says in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_plane_too_large_for_any_receiver_is_told_from_a_limit() -> None:
    huge = frame(width=16384, height=16384) + plane(0, dtype=5, channels=4, stride=262148)
    one = (FOLDER / "frame_color.bin").read_bytes()[: TABLE + 48]
    with pytest.raises(WireFault, match=r"a plane of 4295032832 bytes; expected at most 4294967296"):
        codec.decode_frame(edited(one, huge), limit=1 << 40)
    with pytest.raises(WireFault, match=r"planes of 12378 bytes; expected at most 99"):
        codec.decode_frame(edited(one, plane(0, stride=4126)), limit=99)


def test_a_fault_bears_its_code_as_json_spells_it() -> None:
    with pytest.raises(WireFault) as caught:
        codec.decode_frame(b"")
    assert caught.value.code is Error.TRUNCATED
    assert caught.value.word == "truncated"


def test_a_frame_at_the_receivers_limit_is_taken() -> None:
    payload = len(ALL) - aligned(FIRST_PART)
    assert codec.decode_frame(ALL[:FIRST_PART], limit=payload).planes[-1].plane == Plane.OCCLUSION
    with pytest.raises(WireFault, match=f"at most {payload - 1}"):
        codec.decode_frame(ALL[:FIRST_PART], limit=payload - 1)


def test_a_limit_once_passed_does_not_hold_for_a_smaller_one() -> None:
    """The same table again, as a game sends it; what was decoded is kept."""
    first = codec.decode_frame(ALL[:FIRST_PART])
    assert codec.decode_frame(ALL[:FIRST_PART]).planes is first.planes
    with pytest.raises(WireFault):
        codec.decode_frame(ALL[:FIRST_PART], limit=100)


@pytest.mark.parametrize(
    ("name", "taken", "refused"),
    [
        ("frame_crc32", (45, 60), [(), (45,), (60, 45), (45, 61), (45, 60, 0)]),
        ("frame_ring", (), [(45, 60), (0,)]),
    ],
)
def test_parts_are_as_many_and_as_long_as_the_planes(
    name: str, taken: tuple[int, ...], refused: list[tuple[int, ...]]
) -> None:
    header, _ = codec.decode_flat((FOLDER / f"{name}.bin").read_bytes())
    codec.check_parts(header, [bytes(size) for size in taken])
    for sizes in refused:
        with pytest.raises(WireFault) as caught:
            codec.check_parts(header, [bytes(size) for size in sizes])
        assert caught.value.code is Error.BAD_PARTS
        assert str(caught.value) == f"parts of {list(sizes)} bytes; expected {list(taken)}"


def test_planes_may_stand_in_any_order_with_gaps_between() -> None:
    header = codec.decode_frame(ALL[:FIRST_PART])
    turned = lay_out(header.planes[::-1])
    far = tuple(plane._replace(offset=plane.offset + 64 * index) for index, plane in enumerate(turned))
    end = far[-1].offset + far[-1].length
    part = codec.encode_frame(0, header.fields._replace(payload_bytes=end), codec.encode_table(far))
    assert codec.decode_frame(part).planes == far


def test_bytes_between_planes_are_passed_over() -> None:
    data = bytearray(ALL)
    header, buffers = codec.decode_flat(ALL)
    end = aligned(FIRST_PART) + header.planes[0].length
    data[end] = 0xAA
    assert codec.decode_flat(bytes(data)) == (header, buffers)


def test_a_flat_form_is_split_without_a_copy() -> None:
    header, buffers = codec.decode_flat(ALL)
    assert all(isinstance(buffer, memoryview) and buffer.obj is ALL for buffer in buffers)
    assert [len(buffer) for buffer in buffers] == [plane.length for plane in header.planes]
    assert codec.encode_flat(ALL[:FIRST_PART], header.planes, [bytes(buffer) for buffer in buffers]) == ALL


@pytest.mark.parametrize(("size", "expected"), [(0, 0), (1, 64), (63, 64), (64, 64), (65, 128), (304, 320)])
def test_sizes_are_rounded_up_to_the_alignment(size: int, expected: int) -> None:
    assert aligned(size) == expected


def test_planes_are_laid_one_behind_the_other() -> None:
    laid = lay_out([entry(45), entry(64), entry(1), entry(7)])
    assert [plane.offset for plane in laid] == [0, 64, 128, 192]
    assert lay_out([]) == ()
    assert lay_out(laid) == laid


def test_rows_and_planes_are_as_long_as_their_pixels() -> None:
    hwc = entry(0, dtype=5, channels=3, layout=0, stride=64)
    chw = hwc._replace(layout=1)
    assert (row_bytes(hwc, 5), unpacked_bytes(hwc, 2)) == (60, 128)
    assert (row_bytes(chw, 5), unpacked_bytes(chw, 2)) == (20, 384)


@pytest.mark.parametrize("name", ["", "\0", "a\0", "a\nb", "x" * 33, "ü" * 17, "\ud800"])
def test_a_camera_name_that_cannot_be_read_is_not_written(name: str) -> None:
    with pytest.raises(WireFault, match="camera name") as caught:
        codec.camera_bytes(name)
    assert caught.value.code is Error.BAD_TEXT


def test_a_camera_name_fills_its_field() -> None:
    assert codec.camera_bytes("ü") == b"\xc3\xbc".ljust(32, b"\0")
    assert codec.camera_bytes("ü" * 16) == b"\xc3\xbc" * 16


@pytest.mark.parametrize("decode", [codec.decode_ack, codec.decode_ping, codec.decode_pong])
@pytest.mark.parametrize(("size", "code"), [(0, Error.TRUNCATED), (16, Error.TRUNCATED), (99, Error.BAD_SIZE)])
def test_a_body_of_another_length_is_refused(decode: object, size: int, code: Error) -> None:
    with pytest.raises(WireFault) as caught:
        decode(bytes(size))  # type: ignore[operator]
    assert caught.value.code is code
