"""Broken FRAMEs, checks 5 to 11 and 20 to 22: the header and the payload."""

from __future__ import annotations

import math
from collections.abc import Iterator

from .edits import SIZES, TABLE, Broken, frame, matrix, payload, payload_at, plane, prefix

U16, U32, U64 = (1 << 16) - 1, (1 << 32) - 1, (1 << 64) - 1
MAX_FRAME = 268435456
NAN_BITS, INF_BITS, MINUS_INF_BITS = 0x7FC00000, 0x7F800000, 0xFF800000
MINUS_0_BITS, ONE_BITS = 0x80000000, 0x3F800000
NOT_FINITE = {"nan": math.nan, "inf": math.inf, "minus_inf": -math.inf}
FIRST_PART = TABLE + SIZES["plane"]  # of a FRAME with one plane


def broken_frames(bases: dict[str, bytes]) -> Iterator[Broken]:
    yield from counts()
    yield from identity()
    yield from cameras()
    yield from sides()
    yield from lanes()
    yield from limits()
    yield from matrices()
    yield from parts(bases)
    yield from checksums(bases)
    yield from packed(bases)


def counts() -> Iterator[Broken]:
    """Check 5 and 6; a flat form's first part is as long as its prefix says."""
    for size in (16, 17, TABLE - 1, TABLE, FIRST_PART - 1):
        yield Broken(f"frame_size_{size}", "frame_color", "truncated", prefix(size=size))
    yield Broken("frame_size_one_more", "frame_color", "bad_size", prefix(size=FIRST_PART + 1))
    yield Broken("frame_size_of_two_planes", "frame_all_planes", "truncated", prefix(size=TABLE + 2 * SIZES["plane"]))
    yield Broken("frame_size_of_all_bytes", "frame_color", "truncated", prefix(size=366))
    yield Broken("frame_size_all_ones", "frame_color", "truncated", prefix(size=U32))
    for count, code in {0: "no_color", 7: "too_large", U16: "too_large", 2: "truncated", 6: "truncated"}.items():
        yield Broken(f"plane_count_{count}", "frame_color", code, frame(plane_count=count))
    for count, code in {5: "bad_size", 1: "bad_size", 7: "too_large", 0: "no_color"}.items():
        yield Broken(f"plane_count_{count}_for_6", "frame_all_planes", code, frame(plane_count=count))
    nobody = frame(session=bytes(16))
    yield Broken("plane_count_0_before_session", "frame_color", "no_color", nobody + frame(plane_count=0))
    yield Broken("plane_count_7_before_size", "frame_color", "too_large", prefix(size=303) + frame(plane_count=7))
    yield Broken("plane_count_2_before_session", "frame_color", "truncated", nobody + frame(plane_count=2))
    yield Broken("plane_count_1_before_session", "frame_crc32", "bad_size", nobody + frame(plane_count=1))


def identity() -> Iterator[Broken]:
    yield Broken("session_zero", "frame_color", "bad_value", frame(session=bytes(16)))
    yield Broken("sequence_0", "frame_color", "bad_value", frame(sequence=0))
    for name, value in NOT_FINITE.items():
        yield Broken(f"simulation_{name}", "frame_color", "bad_number", frame(simulation_s=value))
    yield Broken("session_before_time", "frame_color", "bad_value", frame(session=bytes(16), simulation_s=math.nan))
    yield Broken("sequence_before_time", "frame_color", "bad_value", frame(sequence=0, simulation_s=math.nan))
    yield Broken("time_before_camera", "frame_color", "bad_number", frame(simulation_s=math.nan, camera=b""))


def cameras() -> Iterator[Broken]:
    for name, text in {
        "empty": b"",
        "space_behind_zero": b"\0 ",
        "text_behind_zero": b"main\0x",
        "last_byte_behind_zero": b"main".ljust(31, b"\0") + b"x",
        "zero_first": b"\0main",
        "not_utf8": b"\xff",
        "not_utf8_behind_text": b"main\x80",
        "overlong": b"\xc0\xaf",
        "surrogate": b"\xed\xa0\x80",
        "beyond_unicode": b"\xf4\x90\x80\x80",
        "cut_character": b"x\xf0\x9f\x98",
        "cut_character_at_32_bytes": 31 * b"x" + b"\xc3",
        "line_end": b"main\n",
        "u_001f": b"\x1f",
        "u_0001": b"a\x01b",
    }.items():
        yield Broken(f"camera_{name}", "frame_color", "bad_text", frame(camera=text))
    yield Broken("camera_before_width", "frame_color", "bad_text", frame(camera=b"", width=0))


def sides() -> Iterator[Broken]:
    """The largest side passes here and fails at the stride or at the length, which are for a small picture."""
    for side in ("width", "height"):
        passed = {"width": "bad_stride", "height": "bad_length"}[side]
        values = {0: "bad_value", 16385: "too_large", U32: "too_large", 1 << 31: "too_large", 16384: passed}
        for value, code in values.items():
            yield Broken(f"{side}_{value}", "frame_color", code, frame(**{side: value}))
    yield Broken("width_0_before_height", "frame_color", "bad_value", frame(width=0, height=16385))
    yield Broken("width_16385_before_height", "frame_color", "too_large", frame(width=16385, height=0))
    yield Broken("height_before_lane", "frame_color", "too_large", frame(height=16385, lane=2))


def lanes() -> Iterator[Broken]:
    ring, color = "frame_ring_slot_63", "frame_color"
    for lane in (2, 255):
        yield Broken(f"lane_{lane}", color, "bad_value", frame(lane=lane))
        yield Broken(f"lane_{lane}_with_ring", ring, "bad_value", frame(lane=lane))
    for bits in (4, 7, 0x80):
        yield Broken(f"matrices_{bits}", color, "bad_value", frame(matrices=bits))
    for name, value in {"ring": 1, "slot": 1, "slot_stamp": 1}.items():
        yield Broken(f"inline_with_{name}", color, "bad_value", frame(**{name: value}))
    yield Broken("inline_with_highest_stamp", color, "bad_value", frame(slot_stamp=1 << 63))
    yield Broken("inline_in_disguise", ring, "bad_value", frame(lane=0))
    yield Broken("ring_in_disguise", color, "bad_value", frame(lane=1))
    yield Broken("ring_0", ring, "bad_value", frame(ring=0))
    yield Broken("ring_without_stamp", ring, "bad_value", frame(slot_stamp=0))
    yield Broken("slot_64", ring, "too_large", frame(slot=64))
    yield Broken("slot_all_ones", ring, "too_large", frame(slot=U16))
    yield Broken("ring_before_slot", ring, "bad_value", frame(ring=0, slot=64))
    yield Broken("stamp_before_slot", ring, "bad_value", frame(slot_stamp=0, slot=64))
    yield Broken("lane_before_payload", color, "bad_value", frame(lane=2, payload_bytes=U64))
    yield Broken("inline_slot_before_payload", color, "bad_value", frame(slot=1, payload_bytes=U64))
    yield Broken("matrices_before_payload", color, "bad_value", frame(matrices=4, payload_bytes=U64))


def limits() -> Iterator[Broken]:
    for value in (MAX_FRAME + 1, 1 << 32, 1 << 63, U64):
        yield Broken(f"payload_{value}", "frame_color", "too_large", frame(payload_bytes=value))
    for value in (MAX_FRAME, 46, 44, 0):
        yield Broken(f"payload_{value}", "frame_color", "bad_payload", frame(payload_bytes=value))
    yield Broken("payload_above_limit", "frame_color", "too_large", limit=44)
    yield Broken("payload_at_limit", "frame_color", "bad_value", matrix("view", 0, ONE_BITS), limit=45)
    nan = frame(matrices=1) + matrix("view", 0, NAN_BITS)
    yield Broken("payload_before_matrix", "frame_color", "too_large", nan + frame(payload_bytes=U64))


def matrices() -> Iterator[Broken]:
    given, absent = "frame_matrices", "frame_color"
    for name in ("view", "projection"):
        for index, bits in ((0, NAN_BITS), (15, INF_BITS), (7, MINUS_INF_BITS), (3, 0x7F800001)):
            yield Broken(f"{name}_{index}_{bits:x}", given, "bad_number", matrix(name, index, bits))
        for index, bits in ((0, ONE_BITS), (15, MINUS_0_BITS), (15, 1), (8, NAN_BITS)):
            yield Broken(f"no_{name}_{index}_{bits:x}", absent, "bad_value", matrix(name, index, bits))
    yield Broken("view_not_announced", given, "bad_value", frame(matrices=2))
    yield Broken("projection_not_announced", given, "bad_value", frame(matrices=1))
    nan = matrix("view", 0, NAN_BITS)
    yield Broken("view_before_projection", "frame_view", "bad_number", nan + matrix("projection", 0, ONE_BITS))
    no_view = matrix("view", 0, ONE_BITS) + matrix("projection", 0, NAN_BITS)
    yield Broken("no_view_before_projection", "frame_projection", "bad_value", no_view)
    yield Broken("matrix_before_planes", given, "bad_number", matrix("projection", 15, NAN_BITS) + plane(0, dtype=0))


def parts(bases: dict[str, bytes]) -> Iterator[Broken]:
    """Check 20, as a flat form has it."""
    for base, planes in {"frame_color": 1, "frame_all_planes": 6, "frame_ring": 2}.items():
        end, start = len(bases[base]), payload_at(planes)
        for name, at in {"first_part": TABLE + planes * SIZES["plane"], "zeros": start - 1, "payload": start}.items():
            yield Broken(f"{base}_cut_behind_{name}", base, "truncated", cut=at)
        yield Broken(f"{base}_cut_in_payload", base, "truncated", cut=start + 20)
        yield Broken(f"{base}_cut_last_byte", base, "truncated", cut=end - 1)
        yield Broken(f"{base}_one_more", base, "bad_parts", add=b"\0")
    yield Broken("frame_64_more", "frame_color", "bad_parts", add=bytes(64))
    yield Broken("header_before_parts", "frame_color", "bad_value", plane(0, rows=2), add=b"\0")
    yield Broken("header_before_cut", "frame_color", "bad_value", plane(0, rows=2), cut=310)
    yield Broken("parts_before_checksum", "frame_crc32", "bad_parts", plane(0, checksum=1), add=b"\0")
    yield Broken(
        "cut_before_checksum", "frame_crc32", "truncated", plane(0, checksum=1), cut=len(bases["frame_crc32"]) - 1
    )


def checksums(bases: dict[str, bytes]) -> Iterator[Broken]:
    base = "frame_crc32"
    first = bases[base][payload_at(2)]
    last = bases[base][-1]
    yield Broken("checksum_first_bit", base, "bad_checksum", payload(2, 0, bytes([first ^ 1])))
    yield Broken("checksum_last_bit", base, "bad_checksum", ((len(bases[base]) - 1, bytes([last ^ 0x80])),))
    for index in range(2):
        for value in (0, 1, U32):
            yield Broken(f"checksum_{value}_of_plane{index}", base, "bad_checksum", plane(index, checksum=value))
    yield Broken("checksum_of_0_changed", "frame_crc32_of_0", "bad_checksum", payload(1, 3, b"\x6c"))
    yield Broken("checksum_of_none", "frame_color", "bad_checksum", plane(0, checksum_kind=1))
    yield Broken("checksum_of_padding", "frame_padded", "bad_checksum", plane(1, checksum_kind=1, checksum=1))
    yield Broken("checksum_before_codec", "frame_deflate", "bad_checksum", payload(2, 64, b"\x07"))


def packed(bases: dict[str, bytes]) -> Iterator[Broken]:
    """The longest deflate is 12 empty stored blocks of 5 bytes, then one of 1020 bytes."""
    stored, base = "frame_longest_deflate", "frame_deflate"
    yield Broken("deflate_unknown_block", base, "bad_codec_data", payload(2, 0, b"\x07"))
    yield Broken("deflate_in_zlib_wrapper", base, "bad_codec_data", payload(2, 0, b"\x78\x9c"))
    yield Broken("deflate_all_ones", base, "bad_codec_data", payload(2, 0, 45 * b"\xff"))
    yield Broken("deflate_wrong_complement", stored, "bad_codec_data", payload(1, 63, b"\0"))
    yield Broken("deflate_never_ends", stored, "bad_codec_data", payload(1, 55 + 5, b"\0"))
    yield Broken("deflate_ends_early", stored, "bad_codec_data", payload(1, 0, b"\x01"))
    one_less = (1019).to_bytes(2, "little") + (1019 ^ U16).to_bytes(2, "little")
    yield Broken("deflate_one_too_few", stored, "bad_codec_data", payload(1, 61, one_less))
    one_more = (1021).to_bytes(2, "little") + (1021 ^ U16).to_bytes(2, "little")
    yield Broken("deflate_block_beyond_its_end", stored, "bad_codec_data", payload(1, 61, one_more))
    yield Broken("deflate_for_a_wider_stride", base, "bad_codec_data", plane(0, stride=16))
    yield Broken("deflate_for_more_rows", "frame_widest", "bad_codec_data", frame(height=2))
    yield Broken("deflate_bomb", "frame_widest", "bad_codec_data", frame(width=5) + plane(0, stride=15))
