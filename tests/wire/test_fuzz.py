"""Whatever bytes come, the codec answers with a message or a WireFault, and takes no more memory than they have."""

from __future__ import annotations

import json
import tracemalloc
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from stylebridge.wire import codec
from stylebridge.wire.fault import WireFault
from stylebridge.wire.layout import MAX_FRAME_BYTES, Codec, Dtype, Kind, Layout, Plane, PlaneFields
from stylebridge.wire.messages import FORMS, decode_message
from stylebridge.wire.planes import unpack
from stylebridge.wire.planetable import ITEM_BYTES, RULES

from .edits import BODY, SIZES, STRUCTS, TABLE, Sets, frame, plane, prefix
from .valid import deflated, valid
from .valid import frame as frame_words
from .vectors import Json, bytes_from_words, code_of, words_from_bytes

VALID = valid()
SMALL = {name: data for name, words in VALID.items() if len(data := bytes_from_words(words)) < 2000}
FRAMES = {name: data for name, data in SMALL.items() if VALID[name]["kind"] == "frame"}
DECODERS: dict[str, Callable[[bytes], Any]] = {
    "frame": codec.decode_frame,
    "flat": codec.decode_flat,
    "ack": codec.decode_ack,
    "ping": codec.decode_ping,
    "pong": codec.decode_pong,
    "message": decode_message,
    "words": words_from_bytes,
}
QUICK = settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow], derandomize=True)
EDGES = st.sampled_from([0, 1, 2, 3, 15, 16, 63, 64, 65, 127, 128, 255]) | st.integers(0, 255)
U64_EDGES = st.sampled_from([(1 << bits) + add for bits in (8, 16, 31, 32, 62, 63) for add in (-1, 0, 1)])
NUMBERS = st.one_of(st.integers(0, 200), U64_EDGES, st.integers((1 << 64) - 130, (1 << 64) - 1))


def only_faults(data: bytes) -> None:
    for decode in DECODERS.values():
        with suppress(WireFault):
            decode(data)


@QUICK
@given(data=st.binary(max_size=700))
def test_arbitrary_bytes_give_faults_alone(data: bytes) -> None:
    only_faults(data)


@QUICK
@given(kind=st.sampled_from(list(Kind)), body=st.binary(max_size=700), flags=st.sampled_from([0, 1, 3]))
def test_arbitrary_bodies_give_faults_alone(kind: Kind, body: bytes, flags: int) -> None:
    only_faults(codec.write_prefix(kind, len(body), flags) + body)


@QUICK
@given(
    name=st.sampled_from(sorted(SMALL)),
    changes=st.lists(st.tuples(st.floats(0, 0.999), EDGES), min_size=1, max_size=6),
    cut=st.none() | st.floats(0, 1),
)
def test_changed_messages_give_faults_alone(name: str, changes: list[tuple[float, int]], cut: float | None) -> None:
    data = bytearray(SMALL[name])
    for place, value in changes:
        data[int(place * len(data))] = value
    only_faults(bytes(data if cut is None else data[: int(cut * len(data))]))


@QUICK
@given(data=st.data(), name=st.sampled_from(sorted(FRAMES)))
def test_frames_with_changed_fields_give_faults_alone(data: st.DataObject, name: str) -> None:
    """Whole fields are set, so that what comes behind the first checks is met too."""
    message = bytearray(FRAMES[name])
    for _ in range(data.draw(st.integers(1, 4))):
        index = data.draw(st.integers(-1, len(VALID[name]["planes"]) - 1))
        struct_name, start = ("frame", BODY) if index < 0 else ("plane", TABLE + index * SIZES["plane"])
        field = data.draw(st.sampled_from(list(STRUCTS[struct_name].values())))
        value = data.draw(NUMBERS).to_bytes(8, "little")[: field.size]
        message[start + field.offset : start + field.offset + len(value)] = value
    only_faults(bytes(message))
    with suppress(WireFault):
        header, buffers = codec.decode_flat(bytes(message))
        assert [len(buffer) for buffer in buffers] == [plane.length for plane in header.planes]
        assert all(plane.offset + plane.length <= header.fields.payload_bytes for plane in header.planes)


@QUICK
@given(names=st.tuples(*2 * [st.sampled_from(sorted(SMALL))]), cuts=st.tuples(st.floats(0, 1), st.floats(0, 1)))
def test_spliced_messages_give_faults_alone(names: tuple[str, str], cuts: tuple[float, float]) -> None:
    head, tail = (SMALL[name] for name in names)
    only_faults(head[: int(cuts[0] * len(head))] + tail[int(cuts[1] * len(tail)) :])


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)
FIELDS = sorted({name for forms in FORMS.values() for _, form in forms for name in form.__struct_fields__})


@QUICK
@given(kind=st.sampled_from(sorted(FORMS)), body=st.dictionaries(st.sampled_from(FIELDS), JSON, max_size=5))
def test_any_json_gives_faults_alone(kind: Kind, body: dict[str, Any]) -> None:
    text = json.dumps(body, ensure_ascii=True).encode()  # NaN and halves of surrogate pairs too
    only_faults(codec.write_prefix(kind, len(text)) + text)


@st.composite
def random_planes(draw: st.DrawFn, width: int, height: int) -> list[Json]:
    """Planes within the rules, as words."""
    others = draw(st.sets(st.sampled_from(list(Plane)[1:]), max_size=3))
    found = []
    for kind in [Plane.COLOR, *sorted(others)]:
        rule = RULES[kind]
        dtype, channels = draw(st.sampled_from(rule.dtypes)), draw(st.sampled_from(rule.channels))
        scales = st.floats(-1000, 1000, width=32).filter(lambda scale: scale != 0)
        words: Json = {"plane": kind.name.lower(), "dtype": dtype.name.lower(), "channels": channels}
        words |= {"layout": draw(st.sampled_from(["hwc", "chw"])), "rows": draw(st.sampled_from(["top", "bottom"]))}
        words |= {"color_space": draw(st.sampled_from(rule.color_spaces)).name.lower()}
        words |= {"order": draw(st.sampled_from(["rgb", "bgr"])) if kind == Plane.COLOR else "rgb", "codec": "raw"}
        words |= {"checksum": draw(st.sampled_from(["none", "crc32"]))}
        row = width * ITEM_BYTES[dtype] * (channels if words["layout"] == "hwc" else 1)
        words["stride"] = row + ITEM_BYTES[dtype] * draw(st.integers(0, 5))
        words["scale"] = [draw(scales) if index < rule.scaled else 1.0 for index in range(2)]
        size = words["stride"] * height * (channels if words["layout"] == "chw" else 1)
        words["data"] = draw(st.binary(min_size=size, max_size=size)).hex()
        found.append(deflated(words) if draw(st.booleans()) else words)
    return found


@settings(QUICK, max_examples=100)
@given(data=st.data(), width=st.integers(1, 5), height=st.integers(1, 5))
def test_random_frames_survive_the_round_trip(data: st.DataObject, width: int, height: int) -> None:
    numbers = st.integers(1, (1 << 64) - 1)
    matrix = st.none() | st.lists(st.floats(allow_nan=False, allow_infinity=False, width=32), min_size=16, max_size=16)
    other: Json = {name: data.draw(numbers) for name in ("sequence", "frame_id", "wall_ns")}
    other["simulation_s"] = data.draw(st.floats(allow_nan=False, allow_infinity=False))
    other |= {name: data.draw(matrix) for name in ("view", "projection")}
    text = st.text(st.characters(min_codepoint=0x20, exclude_categories=["Cs"]), min_size=1, max_size=8)
    other["camera"] = data.draw(text)
    words = frame_words(width, height, *data.draw(random_planes(width, height)), **other)
    flat = bytes_from_words(words)
    assert words_from_bytes(flat) == words
    assert bytes_from_words(words_from_bytes(flat)) == flat


HUGE = frame(width=16384, height=16384)
CLAIMS: dict[str, tuple[str, Sets]] = {
    "size": ("frame_color", prefix(size=(1 << 32) - 1)),
    "json_size": ("hello", prefix(size=(1 << 32) - 1)),
    "plane_count": ("frame_color", frame(plane_count=0xFFFF)),
    "payload": ("frame_color", frame(payload_bytes=MAX_FRAME_BYTES)),
    "payload_beyond": ("frame_color", frame(payload_bytes=(1 << 64) - 1)),
    "sides": ("frame_color", HUGE),
    "raw_plane": ("frame_color", HUGE + plane(0, stride=49152, length=805306368) + frame(payload_bytes=805306368)),
    "packed_plane": ("frame_deflate", HUGE + plane(0, stride=49152)),
    "length": ("frame_color", plane(0, length=(1 << 64) - 1)),
    "offset": ("frame_color", plane(0, offset=1 << 40)),
}


def peak_of(act: Callable[[], object]) -> int:
    tracemalloc.start()
    try:
        act()
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize("limit", [MAX_FRAME_BYTES, 1 << 40])
@pytest.mark.parametrize("claim", CLAIMS)
def test_a_claim_of_huge_sizes_takes_no_memory(claim: str, limit: int) -> None:
    base, sets = CLAIMS[claim]
    data = bytearray(SMALL[base])
    for offset, new in sets:
        data[offset : offset + len(new)] = new
    message = bytes(data)
    assert code_of(message, limit) != ""
    assert peak_of(lambda: code_of(message, limit)) < 300_000


def test_a_deflate_bomb_is_not_unpacked() -> None:
    """64 MiB of zeros in 64 KiB, said to be 1 KiB."""
    bomb = deflated({"data": bytes(1 << 26).hex()})["data"]
    fields = dict.fromkeys(PlaneFields._fields, 0) | {"plane": 1, "dtype": Dtype.U8, "channels": 3, "stride": 1024}
    entry = PlaneFields(**fields)._replace(codec=Codec.DEFLATE, layout=Layout.HWC, scale_x=1.0, scale_y=1.0)
    data = memoryview(bytes.fromhex(bomb))

    def refused() -> None:
        with pytest.raises(WireFault):
            unpack(entry, data, 1)

    assert peak_of(refused) < 1_000_000


def test_the_measure_sees_memory_that_is_taken() -> None:
    assert peak_of(lambda: len(bytes(1 << 20))) >= 1 << 20
