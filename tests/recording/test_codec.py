from __future__ import annotations

import zlib
from typing import Any

import msgspec
import numpy as np
import pytest
import zstandard
from hypothesis import given, settings
from hypothesis import strategies as st
from stylebridge.frame import PLANES
from stylebridge.recording import bands
from stylebridge.recording.codec import BadPlane, decode_plane, encode_plane

from .play import moment
from .same import noise_frame

SIZES = [(1, 1), (1, 7), (5, 1), (2, 3), (95, 8), (96, 9), (97, 5), (200, 13)]


def round_trip(name: str, plane: np.ndarray, level: int = 1) -> np.ndarray:
    entry, blob = encode_plane(name, plane, "f32", level)
    return decode_plane(entry, blob, *plane.shape[:2])


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("name", PLANES)
def test_every_plane_of_every_size_comes_back_bit_for_bit(name: str, size: tuple[int, int]) -> None:
    plane = getattr(noise_frame(3, size), name)
    back = round_trip(name, plane)
    assert (back.dtype, back.shape, back.tobytes()) == (plane.dtype, plane.shape, plane.tobytes())


@pytest.mark.parametrize("level", [1, 2, 9])
def test_every_level_is_lossless(level: int) -> None:
    plane = noise_frame(4, (40, 30), alpha=True).color
    assert np.array_equal(round_trip("color", plane, level), plane)


@pytest.mark.parametrize("name", PLANES)
def test_planes_that_do_not_lie_in_one_piece_are_taken_as_well(name: str) -> None:
    plane = getattr(noise_frame(5, (60, 40)), name)[::-2, ::3]
    assert not plane.flags.c_contiguous
    assert np.array_equal(round_trip(name, plane), plane)


def test_special_floats_survive() -> None:
    numbers = [np.inf, -np.inf, np.nan, 0.0, -0.0, 1e-45, 3.4e38, -1.0]
    plane = np.array([numbers, numbers[::-1]], np.float32)
    assert round_trip("depth", plane).tobytes() == plane.tobytes()
    entry, blob = encode_plane("depth", plane, "f16", 1)
    half = decode_plane(entry, blob, 2, 8)
    assert np.array_equal(
        half[0], np.array([np.inf, -np.inf, np.nan, 0, -0.0, 0, 65504, -1], np.float32), equal_nan=True
    )


@given(st.data())
@settings(max_examples=60, deadline=None)
def test_prediction_is_undone_exactly(data: Any) -> None:
    dtype = data.draw(st.sampled_from([np.uint8, np.uint16, np.uint32]))
    height, width = data.draw(st.integers(1, 300)), data.draw(st.integers(1, 9))
    random = np.random.default_rng(data.draw(st.integers(0, 99)))
    words = random.integers(0, np.iinfo(dtype).max, (height, width), dtype, endpoint=True)
    choices = random.integers(bands.LEFT, bands.BOTH, bands.band_count(height), np.uint8, endpoint=True)
    left, spare = np.empty_like(words), np.empty_like(words)
    bands.differences(words, choices, left, spare)
    folded = left.copy()
    bands.fold(folded, spare)
    split = np.empty((folded.itemsize, *words.shape), np.uint8)
    bands.split_bytes(folded, split)
    joined = bands.join_bytes(split, dtype)
    assert np.array_equal(joined, folded)
    bands.unfold(joined)
    assert np.array_equal(joined, left)
    above = None
    for band, choice in enumerate(choices):
        rows = slice(band * bands.BAND_ROWS, (band + 1) * bands.BAND_ROWS)
        assert np.array_equal(bands.undo_differences(joined[rows], above, choice), words[rows])
        above = words[rows][-1]


def test_differences_are_those_to_the_left_above_or_both() -> None:
    words = np.array([[5, 7, 1], [6, 6, 250]], np.uint8)
    expected = {
        bands.LEFT: [[5, 2, 250], [6, 0, 244]],
        bands.ABOVE: [[5, 7, 1], [1, 255, 249]],
        bands.BOTH: [[5, 2, 250], [1, 254, 250]],
    }
    for choice, numbers in expected.items():
        left = np.empty_like(words)
        bands.differences(words, np.array([choice], np.uint8), left, np.empty_like(words))
        assert left.tolist() == numbers


def test_the_predictor_is_chosen_by_what_is_in_the_band() -> None:
    random = np.random.default_rng(0)
    columns = np.tile(random.integers(0, 9999, 64, np.uint16), (96, 1))
    slope = np.add.outer(np.arange(96, dtype=np.uint16) * 1001, np.arange(64, dtype=np.uint16) * 37)
    rows = np.repeat(random.integers(0, 9999, 96, np.uint16)[:, None], 64, axis=1)
    words = np.concatenate([columns, slope, rows])[None]
    sample = bands.sample_rows(288)
    assert bands.choose(words[:, sample], words[:, sample - 1], 288).tolist() == [[bands.ABOVE, bands.BOTH, bands.LEFT]]


def test_a_picture_of_a_game_takes_far_fewer_bytes_than_its_planes() -> None:
    frame = moment(3)
    for name, most in (("color", 0.8), ("depth", 0.1), ("motion", 0.1), ("ids", 0.05), ("occlusion", 0.1)):
        plane = getattr(frame, name)
        entry, _ = encode_plane(name, plane, "f16", 1)
        assert entry.length < most * plane.nbytes, name


def test_damage_and_lies_are_refused() -> None:
    plane = noise_frame(6).color
    height, width = plane.shape[:2]
    entry, blob = encode_plane("color", plane, "f16", 1)
    with pytest.raises(BadPlane, match="its checksum is wrong"):
        decode_plane(entry, blob[:-1] + bytes([blob[-1] ^ 1]), height, width)
    with pytest.raises(BadPlane, match=r"it holds \d+ bytes, not \d+"):
        decode_plane(entry, blob, height + 1, width)
    with pytest.raises(BadPlane, match="codec 'lzma' for u8 is not known here"):
        decode_plane(msgspec.structs.replace(entry, codec="lzma"), blob, height, width)


def test_a_blob_that_unpacks_to_far_more_is_refused_before_memory_is_taken() -> None:
    bomb = zstandard.ZstdCompressor().compress(bytes(1 << 26))
    entry, _ = encode_plane("occlusion", np.zeros((8, 8), np.bool_), "f16", 1)
    forged = msgspec.structs.replace(entry, length=len(bomb), crc32=zlib.crc32(bomb))
    with pytest.raises(BadPlane, match="it holds 67108864 bytes, not 8"):
        decode_plane(forged, bomb, 8, 8)


def test_a_predictor_that_does_not_exist_is_refused() -> None:
    entry, _ = encode_plane("depth", np.zeros((2, 2), np.float32), "f16", 1)
    blob = zstandard.ZstdCompressor().compress(b"\x09" + bytes(8))
    forged = msgspec.structs.replace(entry, length=len(blob), crc32=zlib.crc32(blob))
    with pytest.raises(BadPlane, match="predictor 9 is not known here"):
        decode_plane(forged, blob, 2, 2)
