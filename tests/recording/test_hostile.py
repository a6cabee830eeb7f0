"""Whatever bytes a file holds: it is read as it was, or refused in one line; nothing is taken for true unchecked."""

from __future__ import annotations

import struct
import tracemalloc
import zlib
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from stylebridge.errors import InputError, StylebridgeError
from stylebridge.frame import Frame
from stylebridge.recording import Details, Recording, Writer, repair, verify
from stylebridge.recording.details import details_from_text

from .same import is_same, noise_frame

FRAMES = [noise_frame(seed, (7, 5)) for seed in range(3)]


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    path = tmp_path_factory.mktemp("sound") / "play.mcap"
    with Writer(path, Details("test"), floats="f32") as writer:
        for frame in FRAMES:
            writer.write(frame)
    return path.read_bytes()


@pytest.fixture
def path(tmp_path: Path) -> Iterator[Path]:
    tracemalloc.start()
    yield tmp_path / "hostile.mcap"
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 32 << 20


def frames_that_are_read(path: Path) -> list[Frame]:
    """Every frame that can still be read; what can't must say so in a line."""
    found = []
    try:
        with Recording(path) as recording:
            recording.summary()
            for index in range(len(recording)):
                try:
                    found.append(recording[index])
                except InputError as error:
                    assert "\n" not in str(error)
    except InputError as error:
        assert "\n" not in str(error)
        assert str(error).startswith(str(path))
    return found


def check(path: Path, data: bytes) -> None:
    """Read, verify, repair: no other error than ours, and no pixel that wasn't recorded."""
    path.write_bytes(data)
    read = frames_that_are_read(path)
    try:
        verified = verify(path)
        assert verified.ok or verified.problems
        repair(path)
        assert verify(path).frames
        read += frames_that_are_read(path)
    except StylebridgeError as error:
        assert "\n" not in str(error)
    finally:
        for leftover in path.parent.glob("*.broken*"):
            leftover.unlink()
    for frame in read:
        assert any(
            (frame.color.tobytes(), frame.depth is not None and frame.depth.tobytes())
            == (known.color.tobytes(), known.depth is not None and known.depth.tobytes())
            for known in FRAMES
        )


ANY = settings(
    max_examples=20, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


@given(st.lists(st.tuples(st.floats(0, 1, exclude_max=True), st.integers(1, 255)), min_size=1, max_size=4))
@ANY
def test_flipped_bytes(sound: bytes, path: Path, flips: list[tuple[float, int]]) -> None:
    data = bytearray(sound)
    for place, mask in flips:
        data[int(place * len(data))] ^= mask
    check(path, bytes(data))


@given(st.floats(0, 1), st.binary(max_size=40))
@ANY
def test_cut_off_anywhere_with_anything_behind(sound: bytes, path: Path, place: float, tail: bytes) -> None:
    check(path, sound[: int(place * len(sound))] + tail)


@given(st.floats(0, 1, exclude_max=True), st.sampled_from([0, 1, 255, (1 << 32) - 1, 1 << 62, (1 << 64) - 1]))
@ANY
def test_numbers_that_are_far_too_large(sound: bytes, path: Path, place: float, number: int) -> None:
    at = int(place * (len(sound) - 8))
    check(path, sound[:at] + struct.pack("<Q", number) + sound[at + 8 :])


@given(st.floats(0, 1), st.floats(0, 1), st.floats(0, 1))
@ANY
def test_pieces_in_the_wrong_place(sound: bytes, path: Path, a: float, b: float, c: float) -> None:
    x, y, z = sorted(int(place * len(sound)) for place in (a, b, c))
    check(path, sound[:x] + sound[y:z] + sound[x:y] + sound[z:])


def test_cut_off_at_every_record(sound: bytes, path: Path) -> None:
    at, boundaries = 8, [8]
    while at < len(sound) - 8:
        at += 9 + struct.unpack_from("<Q", sound, at + 1)[0]
        boundaries.append(at)
    assert len(boundaries) > 20
    for cut in boundaries:
        check(path, sound[:cut])


def test_a_forged_header_is_refused_before_memory_is_taken(sound: bytes, path: Path) -> None:
    """A frame that claims to be 16384x16384, with every checksum right."""
    at = sound.index(b"\xa5width") + 6
    data = bytearray(sound)
    assert data[at] == 5
    start = sound.index(b"\x83\xabstylebridge") - 31
    for number in (1, 4, 5, 6, 127):
        data[at] = number
        size = struct.unpack_from("<Q", data, start - 8)[0]
        struct.pack_into("<I", data, start - 16, zlib.crc32(data[start : start + size]))
        path.write_bytes(data)
        with Recording(path) as recording:
            if number == 5:
                assert is_same(recording[0], FRAMES[0])
                continue
            with pytest.raises(InputError, match="frame 0 is damaged: its size is not its stream's"):
                recording[0]
        assert not verify(path).ok


def test_a_contract_nested_too_deep_is_left_out() -> None:
    assert details_from_text({"source": "test", "contract": "[" * 200_000}) == Details("test")
