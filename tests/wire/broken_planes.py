"""Broken FRAMEs, checks 12 to 19: the planes' entries."""

from __future__ import annotations

import math
from collections.abc import Iterator

from .edits import Broken, Sets, frame, matrix, plane

U8, U16, U32, U64 = (1 << 8) - 1, (1 << 16) - 1, (1 << 32) - 1, (1 << 64) - 1
NOT_FINITE = {"nan": math.nan, "inf": math.inf, "minus_inf": -math.inf}
NAMES = ("color", "depth", "motion", "normals", "ids", "occlusion")  # in this order in frame_all_planes
COLOR, ALL, PACKED = "frame_color", "frame_all_planes", "frame_deflate"


def broken_planes() -> Iterator[Broken]:
    yield from words()
    yield from duplicates()
    yield from rules()
    yield from scales()
    yield from strides()
    yield from unpacked()
    yield from lengths()
    yield from places()
    yield from ends()


def words() -> Iterator[Broken]:
    unknown = {"plane": (0, 7, 0x0100, U16), "dtype": (0, 6, 0x0100, U16), "layout": (2, U8), "rows": (2, U8)}
    unknown |= {"color_space": (3, U8), "order": (2, U8), "codec": (2, U8), "checksum_kind": (2, U8)}
    unknown |= {"reserved": (1, 1 << 31)}
    for name, values in unknown.items():
        for value in values:
            yield Broken(f"color_{name}_{value}", COLOR, "bad_value", plane(0, **{name: value}))
        yield Broken(f"occlusion_{name}_{values[-1]}", ALL, "bad_value", plane(5, **{name: values[-1]}))
    yield Broken("words_before_duplicate", ALL, "bad_value", plane(1, plane=1, rows=2))
    yield Broken("reserved_before_duplicate", ALL, "bad_value", plane(1, plane=1, reserved=1))
    yield Broken("reserved_before_scale", COLOR, "bad_value", plane(0, reserved=1, scale_x=math.nan))
    yield Broken("planes_in_their_order", ALL, "bad_payload", plane(0, offset=1) + plane(1, dtype=0))
    yield Broken("planes_in_their_order_too", ALL, "bad_value", plane(0, dtype=0) + plane(1, offset=1))


def duplicates() -> Iterator[Broken]:
    yield Broken("color_twice", ALL, "duplicate_plane", plane(1, plane=1))
    yield Broken("color_twice_at_the_end", ALL, "duplicate_plane", plane(5, plane=1))
    yield Broken("depth_twice", ALL, "duplicate_plane", plane(5, plane=2))
    yield Broken("duplicate_before_channels", ALL, "duplicate_plane", plane(1, plane=1, channels=0))
    yield Broken("duplicate_before_scale", ALL, "duplicate_plane", plane(1, plane=1, scale_x=math.nan))


def rules() -> Iterator[Broken]:
    """Check 14: every word and number that the table doesn't give to the plane."""
    dtypes = {"u8": 1, "u16": 2, "u32": 3, "f16": 4, "f32": 5}
    not_its = {"color": ("u16", "u32"), "depth": ("u8", "u32"), "motion": ("u8", "u16", "u32")}
    not_its |= {"normals": ("u8", "u16", "u32"), "ids": ("f16", "f32"), "occlusion": ("u16", "u32", "f16", "f32")}
    channels = {"color": (0, 1, 2, 5, 259, U16), "depth": (0, 2, 3), "motion": (0, 1, 3), "normals": (0, 2, 4)}
    channels |= {"ids": (0, 2), "occlusion": (0, 2, U16)}
    for index, name in enumerate(NAMES):
        for word in not_its[name]:
            yield Broken(f"{name}_as_{word}", ALL, "bad_value", plane(index, dtype=dtypes[word]))
        for count in channels[name]:
            yield Broken(f"{name}_with_{count}_channels", ALL, "bad_value", plane(index, channels=count))
        spaces = {"data": 0} if name == "color" else {"srgb": 1, "linear": 2}
        for word, space in spaces.items():
            yield Broken(f"{name}_in_{word}", ALL, "bad_value", plane(index, color_space=space))
        if name != "color":
            yield Broken(f"{name}_as_bgr", ALL, "bad_value", plane(index, order=1))
        yield Broken(f"{name}_checksum_without_kind", ALL, "bad_value", plane(index, checksum=1))
    yield Broken("checksum_kind_taken_away", "frame_crc32", "bad_value", plane(0, checksum_kind=0))
    yield Broken("rule_before_scale", ALL, "bad_value", plane(1, channels=2, scale_x=math.nan))
    yield Broken("checksum_before_scale", COLOR, "bad_value", plane(0, checksum=1, scale_x=math.nan))
    yield Broken("rule_before_stride", ALL, "bad_value", plane(0, dtype=2, stride=0))


def scales() -> Iterator[Broken]:
    free = {"depth": ("scale_x",), "motion": ("scale_x", "scale_y")}
    for index, name in enumerate(NAMES):
        for field in ("scale_x", "scale_y"):
            for word, value in NOT_FINITE.items():
                yield Broken(f"{name}_{field}_{word}", ALL, "bad_number", plane(index, **{field: value}))
            for word, value in {"0": 0.0, "minus_0": -0.0}.items():
                yield Broken(f"{name}_{field}_{word}", ALL, "bad_value", plane(index, **{field: value}))
            if field not in free.get(name, ()):
                for word, value in {"2": 2.0, "minus_1": -1.0, "just_above_1": 1 + 2.0**-23}.items():
                    yield Broken(f"{name}_{field}_{word}", ALL, "bad_value", plane(index, **{field: value}))
    yield Broken("scale_y_nan_before_scale_x_0", ALL, "bad_number", plane(2, scale_x=0.0, scale_y=math.nan))
    yield Broken("scale_x_nan_before_scale_y_0", ALL, "bad_number", plane(2, scale_x=math.nan, scale_y=0.0))
    yield Broken("scale_before_stride", COLOR, "bad_value", plane(0, scale_x=0.0, stride=0))
    yield Broken("scale_nan_before_stride", COLOR, "bad_number", plane(0, scale_x=math.nan, stride=0))


def strides() -> Iterator[Broken]:
    """5x3, u8, 3 channels: a row has 15 bytes, and the widest stride is 2 * 15 + 4096."""
    for value, code in {0: "bad_stride", 14: "bad_stride", 16: "bad_length", 4126: "bad_length"}.items():
        yield Broken(f"stride_{value}", COLOR, code, plane(0, stride=value))
    for value in (4127, 1 << 31, U32):
        yield Broken(f"stride_{value}", COLOR, "bad_stride", plane(0, stride=value))
    for width, code in {4: "bad_value", 6: "bad_stride"}.items():  # 15 bytes are 4 pixels and padding
        sets = frame(width=width) + (matrix("view", 0, 1) if code == "bad_value" else ())
        yield Broken(f"stride_for_width_{width}", COLOR, code, sets)
    yield Broken("stride_for_4_channels", COLOR, "bad_stride", plane(0, channels=4))
    yield Broken("stride_for_chw_in_hwc", "frame_turned", "bad_stride", plane(0, layout=0))
    # 3x2 as chw f32: a row has 12 bytes
    for value, code in {8: "bad_stride", 16: "bad_length", 4120: "bad_length", 4124: "bad_stride"}.items():
        yield Broken(f"stride_{value}_of_chw", "frame_turned", code, plane(0, stride=value))
    for value in (13, 14, 15, 4119):
        yield Broken(f"stride_{value}_of_4_byte_items", "frame_turned", "bad_stride", plane(0, stride=value))
    yield Broken("stride_9_of_2_byte_items", "frame_scaled", "bad_stride", plane(1, stride=9))
    yield Broken("stride_before_limit", COLOR, "bad_stride", plane(0, stride=U32), limit=45)
    yield Broken("stride_before_length", COLOR, "bad_stride", plane(0, stride=14, length=42))


def unpacked() -> Iterator[Broken]:
    """Check 17. What is within the limit fails at the length, which is set to 0."""
    nothing = plane(0, length=0)
    yield Broken("unpacked_above_limit", "frame_widest", "too_large", nothing, limit=3 * 16384 - 1)
    yield Broken("unpacked_at_limit", "frame_widest", "bad_length", nothing, limit=3 * 16384)
    second, two = plane(1, length=0), "frame_long_and_ids"  # 1020 and 340 bytes
    yield Broken("unpacked_with_planes_before", two, "too_large", second, limit=1359)
    yield Broken("unpacked_with_planes_before_at_limit", two, "bad_length", second, limit=1360)
    yield Broken("unpacked_before_length", COLOR, "too_large", plane(0, stride=4126), limit=3 * 4126 - 1)
    yield Broken("unpacked_with_stride_at_limit", COLOR, "bad_length", plane(0, stride=4126), limit=3 * 4126)
    yield Broken("unpacked_of_all_chw_channels", "frame_turned", "too_large", plane(0, stride=16), limit=95)
    yield Broken("unpacked_of_all_chw_channels_at_limit", "frame_turned", "bad_length", plane(0, stride=16), limit=96)
    # 16384 rows of 16384 pixels with 4 f32 each are exactly max_plane_bytes; the receiver's limit is beyond them
    huge, wide = frame(width=16384, height=16384), {"dtype": 5, "channels": 4, "length": 0}
    for layout, row in {0: 262144, 1: 65536}.items():
        most = huge + plane(0, layout=layout, stride=row, **wide)
        yield Broken(f"unpacked_2_32_layout_{layout}", "frame_widest", "bad_length", most, limit=1 << 40)
        more = huge + plane(0, layout=layout, stride=row + 4, **wide)
        yield Broken(f"unpacked_above_2_32_layout_{layout}", "frame_widest", "too_large", more, limit=1 << 40)
        yield Broken(f"unpacked_is_0_in_32_bits_layout_{layout}", "frame_widest", "too_large", most)
        yield Broken(f"unpacked_wraps_in_32_bits_layout_{layout}", "frame_widest", "too_large", more)


def lengths() -> Iterator[Broken]:
    for value in (0, 44, 46, 1 << 32, U64):
        yield Broken(f"raw_length_{value}", COLOR, "bad_length", plane(0, length=value))
    yield Broken("raw_length_of_unpadded_rows", "frame_padded", "bad_length", plane(0, length=45))
    yield Broken("raw_length_of_one_chw_channel", "frame_turned", "bad_length", plane(0, length=24))
    for value in (0, 45 + 65, 1 << 63, U64):
        yield Broken(f"deflate_length_{value}", PACKED, "bad_length", plane(0, length=value))
    yield Broken("deflate_longest", PACKED, "overlap", plane(0, length=45 + 64))  # passes, and reaches the next plane
    yield Broken("deflate_1020_longest_and_one", "frame_longest_deflate", "bad_length", plane(0, length=1086))
    one = "frame_longest_deflate"
    yield Broken("deflate_length_1", one, "bad_payload", plane(0, length=1))  # passes, and ends before the payload
    for rows, stride, most in ((9, 111, 999 + 64), (10, 100, 1000 + 65)):
        yield Broken(f"deflate_longest_of_{rows * stride}", one, "bad_payload", packed_as(rows, stride, most))
        yield Broken(
            f"deflate_longest_of_{rows * stride}_and_one", one, "bad_length", packed_as(rows, stride, most + 1)
        )
    yield Broken("length_before_offset", COLOR, "bad_length", plane(0, length=46, offset=1))
    yield Broken("length_of_deflate_as_raw", PACKED, "bad_length", plane(0, codec=0))


def packed_as(rows: int, stride: int, length: int) -> Sets:
    return frame(height=rows) + plane(0, stride=stride, length=length)


def places() -> Iterator[Broken]:
    """Check 19. `U64 - 63` is a multiple of 64; with 64 bytes it ends at 2^64."""
    for value in (1, 32, 63, 64, 128, 1 << 32, 1 << 63, U64 - 63, U64):
        yield Broken(f"offset_{value}", COLOR, "bad_payload", plane(0, offset=value))
    for value in (U64 - 63, U64 - 127, 1 << 63):
        yield Broken(f"offset_{value}_of_64_bytes", "frame_touching", "bad_payload", plane(0, offset=value))
    yield Broken("offset_64_behind_all", "frame_touching", "bad_payload", plane(1, offset=128))
    yield Broken("offset_unaligned_within_payload", ALL, "bad_payload", plane(1, offset=65))
    yield Broken("offset_8_instead_of_64", ALL, "bad_payload", plane(1, offset=72))
    yield Broken("overlap_at_0", ALL, "overlap", plane(1, offset=0))
    yield Broken("overlap_of_last_bytes", "frame_long_and_ids", "overlap", plane(1, offset=1024))
    yield Broken("overlap_of_touching", "frame_touching", "overlap", plane(1, offset=0))
    yield Broken("planes_in_another_order", "frame_crc32", "overlap", plane(0, offset=64) + plane(1, offset=0))
    yield Broken("offset_before_overlap", ALL, "bad_payload", plane(1, offset=1))
    yield Broken("end_before_overlap", "frame_crc32", "bad_payload", plane(0, offset=128) + plane(1, offset=0))


def ends() -> Iterator[Broken]:
    hidden = plane(0, plane=6, channels=1, color_space=0)  # its stride is wide enough for an occlusion
    yield Broken("no_color", COLOR, "no_color", hidden)
    yield Broken("end_before_no_color", COLOR, "bad_payload", hidden + frame(payload_bytes=46))
    yield Broken("payload_one_more", ALL, "bad_payload", frame(payload_bytes=U16))
    yield Broken("no_color_before_parts", COLOR, "no_color", hidden, add=b"\0")
    yield Broken("payload_of_the_next_64", COLOR, "bad_payload", frame(payload_bytes=64), add=bytes(19))
