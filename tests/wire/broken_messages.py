"""Broken messages, checks 1 to 5: the prefix, the JSON kinds, ACK, PING and PONG."""

from __future__ import annotations

import json
from collections.abc import Iterator

from .edits import BODY, SIZES, TABLE, Broken, ack, cuts, frame, json_body, prefix

MAX_JSON = 1048576
U32 = (1 << 32) - 1
DEEP = 2000  # levels


def broken_messages(bases: dict[str, bytes]) -> Iterator[Broken]:
    yield from cut_short(bases)
    yield from prefixes(bases)
    yield from sizes(bases)
    yield from flags(bases)
    yield from not_json(bases)
    yield from other_messages(bases)
    yield from acks()


def cut_short(bases: dict[str, bytes]) -> Iterator[Broken]:
    for base in ("hello", "ack", "ping", "pong", "frame_crc32"):
        yield from cuts(base, "prefix")
    for base in ("ack", "ping", "pong"):
        yield from cuts(base, base, BODY)
        yield Broken(f"{base}_cut_last_byte", base, "truncated", cut=len(bases[base]) - 1)
        yield Broken(f"{base}_one_more", base, "bad_size", add=b"\0")
        shorter = len(bases[base]) - 1
        yield Broken(f"{base}_short_and_says_so", base, "truncated", prefix(size=shorter), cut=shorter)
        yield Broken(f"{base}_long_and_says_so", base, "bad_size", prefix(size=len(bases[base]) + 1), add=b"\0")
        yield Broken(f"{base}_prefix_alone", base, "truncated", prefix(size=BODY), cut=BODY)
    yield from cuts("frame_crc32", "frame", BODY)
    for index in range(2):
        yield from cuts("frame_crc32", "plane", TABLE + index * SIZES["plane"], f"plane{index}")
    yield Broken("hello_cut_at_body", "hello", "truncated", cut=BODY)
    yield Broken("hello_cut_in_body", "hello", "truncated", cut=BODY + 40)
    yield Broken("hello_cut_last_byte", "hello", "truncated", cut=len(bases["hello"]) - 1)


def prefixes(bases: dict[str, bytes]) -> Iterator[Broken]:
    for name, magic in {"first": b"sTYB", "last": b"STYR", "zeros": bytes(4), "turned": b"BYTS"}.items():
        yield Broken(f"magic_{name}", "ping", "bad_magic", prefix(magic=magic))
    yield Broken("magic_of_frame", "frame_color", "bad_magic", prefix(magic=b"STYX"))
    for version in (0, 2, 0x0100, 0xFFFF):
        yield Broken(f"version_{version}", "ping", "bad_version", prefix(version=version))
    for kind in (0, 8, 15, 20, 0x0100, 0x1200, 0xFFFF):
        yield Broken(f"kind_{kind}", "ping", "bad_kind", prefix(kind=kind))
    yield Broken("kind_of_frame", "frame_color", "bad_kind", prefix(kind=0x1000))
    yield Broken("magic_before_version", "ping", "bad_magic", prefix(magic=b"STYA", version=2))
    yield Broken("version_before_kind", "ping", "bad_version", prefix(version=2, kind=99))
    yield Broken("kind_before_size", "ping", "bad_kind", prefix(kind=99, size=U32))
    yield Broken("kind_before_flags", "ping", "bad_kind", prefix(kind=99, flags=1))
    yield Broken("length_before_magic", "ping", "truncated", prefix(magic=b"STYA"), cut=15)
    yield Broken("magic_at_16_bytes", "ping", "bad_magic", prefix(magic=b"STYA"), cut=16)


def sizes(bases: dict[str, bytes]) -> Iterator[Broken]:
    for base in ("hello", "ack", "ping", "pong"):
        size = len(bases[base])
        yield Broken(f"{base}_size_above", base, "truncated", prefix(size=size + 1))
        yield Broken(f"{base}_size_below", base, "bad_size", prefix(size=size - 1))
        yield Broken(f"{base}_size_0", base, "bad_size", prefix(size=0))
        yield Broken(f"{base}_size_15", base, "bad_size", prefix(size=15))
    for base in ("hello", "welcome", "control_question", "stats", "error", "bye", "lane_accept"):
        kind = base.partition("_")[0]
        yield Broken(f"{kind}_too_large", base, "too_large", prefix(size=BODY + MAX_JSON + 1))
        yield Broken(f"{kind}_largest", base, "truncated", prefix(size=BODY + MAX_JSON))
    yield Broken("hello_size_all_ones", "hello", "too_large", prefix(size=U32))
    yield Broken("ping_size_all_ones", "ping", "truncated", prefix(size=U32))
    yield Broken("ping_size_of_too_large_json", "ping", "truncated", prefix(size=BODY + MAX_JSON + 1))
    yield Broken("too_large_before_truncated", "hello", "too_large", prefix(size=BODY + MAX_JSON + 1), cut=16)
    yield Broken("too_large_before_flags", "hello", "too_large", prefix(size=U32, flags=1))
    yield Broken("truncated_before_flags", "ping", "truncated", prefix(size=25, flags=1))
    yield Broken("bad_size_before_flags", "ping", "bad_size", prefix(size=23, flags=1))
    yield Broken("bad_size_before_json", "bye", "bad_size", prefix(size=BODY + 3))


def flags(bases: dict[str, bytes]) -> Iterator[Broken]:
    for base in ("hello", "welcome", "control_answer", "stats", "error", "bye", "lane_close", "ack", "ping", "pong"):
        yield Broken(f"{base}_flag_reply", base, "bad_flags", prefix(flags=1))
    yield Broken("ack_flag_resent", "ack", "bad_flags", prefix(flags=2))
    yield Broken("pong_flag_highest", "pong", "bad_flags", prefix(flags=1 << 31))
    for flag in (4, 7, 0x100, 1 << 31):
        yield Broken(f"frame_flags_{flag}", "frame_color", "bad_flags", prefix(flags=flag))
    yield Broken("flags_before_json", "bye", **json_body(bases["bye"], b"{", flags=1), code="bad_flags")
    yield Broken("flags_before_reserved", "ack", "bad_flags", prefix(flags=1) + ack(reserved=1))
    yield Broken("flags_before_length", "ping", "bad_flags", prefix(flags=1, size=20), cut=20)
    yield Broken("flags_before_planes", "frame_color", "bad_flags", prefix(flags=4) + frame(plane_count=0))


def not_json(bases: dict[str, bytes]) -> Iterator[Broken]:
    base = bases["bye"]  # {"why":"the game ends"}
    texts = {
        "invalid_utf8": b'{"why":"\xff"}',
        "overlong_utf8": b'{"why":"\xc0\xaf"}',
        "surrogate_utf8": b'{"why":"\xed\xa0\x80"}',
        "cut_utf8": b'{"why":"\xf0\x9f\x98"}',
        "beyond_unicode_utf8": b'{"why":"\xf4\x90\x80\x80"}',
        "invalid_utf8_in_name": b'{"why":"","\xff":1}',
        "invalid_utf8_outside": b'{"why":""}\xff',
        "lone_surrogate": b'{"why":"\\ud800"}',
        "byte_order_mark": b'\xef\xbb\xbf{"why":""}',
        "control_character": b'{"why":"\n"}',
        "unknown_escape": b'{"why":"\\x"}',
        "not_closed": b'{"why":""',
        "text_not_closed": b'{"why":"}',
        "trailing_comma": b'{"why":"",}',
        "no_comma": b'{"why":"" "a":1}',
        "no_colon": b'{"why"}',
        "name_without_quotes": b'{why:""}',
        "single_quotes": b"{'why':''}",
        "comment": b'{"why":""}//',
        "two_objects": b'{"why":""}{}',
        "zero_behind": b'{"why":""}\0',
        "nan": b'{"why":"","a":NaN}',
        "infinity": b'{"a":-Infinity}',
        "leading_zero": b'{"a":01}',
        "plus": b'{"a":+1}',
        "point_alone": b'{"a":1.}',
        "hexadecimal": b'{"a":0x1}',
        "capital_true": b'{"a":True}',
        "list": b'["why"]',
        "text": b'"why"',
        "number": b"1",
        "null": b"null",
        "true": b"true",
        "spaces": b" ",
        "zeros": bytes(len(base) - BODY),
        "deep_lists": b'{"why":"","a":' + DEEP * b"[" + DEEP * b"]" + b"}",
        "deep_objects": b'{"why":"","a":' + DEEP * b'{"a":' + b"1" + DEEP * b"}" + b"}",
        "one_level_too_deep": b'{"why":"","a":' + 32 * b"[" + 32 * b"]" + b"}",
        "deep_and_not_closed": DEEP * b"[",
        "deep_objects_not_closed": DEEP * b'{"a":',
    }
    for name, text in texts.items():
        yield Broken(f"json_{name}", "bye", code="bad_json", **json_body(base, text))
    yield Broken("json_empty", "bye", "bad_json", prefix(size=BODY), cut=BODY)
    short = len(base) - 1
    yield Broken("json_cut_and_says_so", "bye", "bad_json", prefix(size=short), cut=short)
    kinds = {"hello": "hello", "welcome": "welcome", "control": "control_question", "stats": "stats", "error": "error"}
    for kind, name in (kinds | {"lane": "lane_offer"}).items():
        yield Broken(f"{kind}_as_list", name, code="bad_json", **json_body(bases[name], b"[]"))


def other_messages(bases: dict[str, bytes]) -> Iterator[Broken]:
    """JSON that isn't its kind's: every field left out, and every field of another type."""
    full = ("hello_defaults", "welcome", "control_question", "control_answer", "stats", "error", "bye")
    lanes = ("lane_offer", "lane_accept", "lane_refuse", "lane_close")
    optional = {
        "hello_defaults": {"engine", "resume", "lanes", "planes", "controls", "replies", "acknowledged"},
        "control_question": {"args"},
        "control_answer": {"result", "code", "says"},
    }
    for base in (*full, *lanes):
        words = json.loads(bases[base][BODY:])
        for field, value in words.items():
            less = {name: other for name, other in words.items() if name != field}
            if field not in optional.get(base, ()):
                yield mistaken(f"{base}_without_{field}", base, bases, less)
            yield mistaken(f"{base}_{field}_null", base, bases, words | {field: None})
            another = 1 if isinstance(value, str | bool) else "1"
            yield mistaken(f"{base}_{field}_as_{type(another).__name__}", base, bases, words | {field: another})
        yield mistaken(f"{base}_empty_object", base, bases, {})
    yield from borders(bases)
    yield Broken("bye_as_error", "bye", "bad_message", prefix(kind=5))
    yield Broken("bye_as_lane", "bye", "bad_message", prefix(kind=7))


def borders(bases: dict[str, bytes]) -> Iterator[Broken]:
    hello = json.loads(bases["hello_defaults"][BODY:])
    changes = {
        "name_of_257": {"name": 257 * "x"},
        "name_of_257_beyond_16_bits": {"name": 257 * "😀"},
        "session_of_31": {"session": 31 * "0"},
        "session_of_33": {"session": 33 * "0"},
        "session_with_g": {"session": 31 * "0" + "g"},
        "session_with_line_end": {"session": 32 * "0" + "\n"},
        "session_with_space": {"session": 31 * "0" + " "},
        "flow_unknown": {"flow": "fast"},
        "flow_capital": {"flow": "Live"},
        "lanes_of_numbers": {"lanes": [1]},
        "planes_with_null": {"planes": ["color", None]},
        "controls_as_object": {"controls": {}},
        "acknowledged_2_63": {"acknowledged": 1 << 63},
        "acknowledged_2_64": {"acknowledged": 1 << 64},
        "acknowledged_2_70": {"acknowledged": 1 << 70},
        "acknowledged_negative": {"acknowledged": -1},
        "acknowledged_fraction": {"acknowledged": 0.5},
        "acknowledged_true": {"acknowledged": True},
        "replies_as_0": {"replies": 0},
    }
    for name, change in changes.items():
        yield mistaken(f"hello_{name}", "hello_defaults", bases, hello | change)
    for base, name, text in (
        ("control_question", "id_2_32", '{"id":4294967296,"name":"a"}'),
        ("control_question", "id_negative", '{"id":-1,"name":"a"}'),
        ("control_question", "args_as_list", '{"id":1,"name":"a","args":[]}'),
        ("control_answer", "answer_2_32", '{"answer":4294967296,"ok":true}'),
        ("control_answer", "result_as_list", '{"answer":1,"ok":true,"result":[]}'),
        ("stats", "counter_as_text", '{"counters":{"sent":"120"}}'),
        ("stats", "counter_as_bool", '{"counters":{"sent":true}}'),
        ("stats", "counter_as_list", '{"counters":{"sent":[1]}}'),
        ("lane_accept", "2_16", '{"accept":65536}'),
        ("lane_accept", "negative", '{"accept":-1}'),
        ("lane_close", "2_16", '{"close":65536}'),
    ):
        yield Broken(f"{base}_{name}", base, code="bad_message", **json_body(bases[base], text.encode()))


def mistaken(name: str, base: str, bases: dict[str, bytes], words: dict[str, object]) -> Broken:
    text = json.dumps(words, separators=(",", ":"), ensure_ascii=False).encode()
    return Broken(name, base, code="bad_message", **json_body(bases[base], text))


def acks() -> Iterator[Broken]:
    yield Broken("ack_reserved", "ack", "bad_value", ack(reserved=1))
    yield Broken("ack_reserved_highest", "ack", "bad_value", ack(reserved=1 << 31))
    yield Broken("ack_window_257", "ack", "bad_value", ack(window=257))
    yield Broken("ack_window_all_ones", "ack", "bad_value", ack(window=0xFFFF))
