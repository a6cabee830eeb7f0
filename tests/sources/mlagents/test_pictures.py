"""Observations as pictures, without a game."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from stylebridge.errors import InputError
from stylebridge.sources.mlagents.library import load
from stylebridge.sources.mlagents.pictures import Sensor, depth_from, picture_from, sensors_of

from .pattern import gray_of, picture, png, shares

load()
from mlagents_envs.communicator_objects.observation_pb2 import PNG, ObservationProto  # noqa: E402

WIDTH, HEIGHT = 21, 13


def floats(values: NDArray[np.float32], *, planar: bool = False, name: str = "eye") -> Any:
    values = values.transpose(2, 0, 1) if planar else values
    seen = ObservationProto(shape=values.shape, name=name)
    seen.float_data.data.extend(values.ravel().tolist())
    return seen


def compressed(pictures: Sequence[NDArray[np.uint8]], channels: int, *, planar: bool = False) -> Any:
    size = (HEIGHT, WIDTH)
    seen = ObservationProto(shape=(channels, *size) if planar else (*size, channels), name="eye", compression_type=PNG)
    seen.compressed_data = b"".join(png(rgb) for rgb in pictures)
    return seen


def shown(seen: Any) -> NDArray[np.uint8]:
    (sensor,) = sensors_of([seen])
    return picture_from(seen, sensor, "game")


def rgb_of(number: int = 0) -> NDArray[np.uint8]:
    return picture(number, WIDTH, HEIGHT)


@pytest.mark.parametrize("planar", [False, True])
def test_colour_comes_back_bit_for_bit(planar: bool) -> None:
    rgb = rgb_of()
    assert np.array_equal(shown(floats(shares(rgb), planar=planar)), rgb)
    assert np.array_equal(shown(compressed([rgb], 3, planar=planar)), rgb)


def test_every_level_survives_its_float() -> None:
    levels = np.arange(256, dtype=np.uint8).reshape(16, 16, 1).repeat(3, axis=2)
    assert np.array_equal(shown(floats(shares(levels))), levels)


@pytest.mark.parametrize("planar", [False, True])
def test_grey_is_the_same_from_floats_and_from_png(planar: bool) -> None:
    rgb = rgb_of()
    gray = np.rint(rgb.astype(np.float64).mean(axis=2))[:, :, None].repeat(3, axis=2)
    assert np.array_equal(shown(floats(gray_of(rgb), planar=planar)), gray)
    assert np.array_equal(shown(compressed([rgb], 1, planar=planar)), gray)


@pytest.mark.parametrize("orientation", [3, 6])
def test_a_png_that_asks_to_be_turned_is_not(orientation: int) -> None:
    seen = compressed([rgb_of()], 3)
    exif = struct.pack("<4sIHHHIII", b"II*\0", 8, 1, 0x112, 3, 1, orientation, 0)
    chunk = struct.pack(">I", len(exif)) + b"eXIf" + exif + struct.pack(">I", zlib.crc32(b"eXIf" + exif))
    head = 8 + 25  # mark and IHDR
    seen.compressed_data = seen.compressed_data[:head] + chunk + seen.compressed_data[head:]
    assert np.array_equal(shown(seen), rgb_of())


def test_of_a_stack_the_newest_picture_is_taken() -> None:
    old, new = rgb_of(1), rgb_of(2)
    gray = shown(compressed([new], 1))
    assert np.array_equal(shown(compressed([old, old, new], 9)), new)
    assert np.array_equal(shown(floats(np.concatenate([shares(old), shares(new)], axis=2))), new)
    assert np.array_equal(shown(compressed([old, new], 2)), gray)
    assert np.array_equal(shown(compressed([old, old, new], 3)), gray)  # three PNGs for three channels: grey ones


def test_what_is_no_picture_is_no_camera() -> None:
    rgb = rgb_of()
    grid = compressed([rgb, rgb], 5)  # five channels of a grid, in two PNGs
    two = floats(shares(rgb)[:, :, :2])
    for seen in (grid, two):
        (sensor,) = sensors_of([seen])
        assert sensor.picture == 0
        with pytest.raises(InputError, match=f"holds {sensor.channels} channels; expected a picture of 1 or 3"):
            picture_from(seen, sensor, "game")
    assert sensors_of([ObservationProto(shape=[7]), ObservationProto(shape=[4, 2])]) == []


def test_every_sensor_has_a_name_of_its_own() -> None:
    seen = [floats(shares(rgb_of()), name=name) for name in ("eye", "eye", "", "long" * 50)]
    assert [sensor.name for sensor in sensors_of(seen)] == ["eye", "eye#1", "sensor2", ("long" * 50)[:80]]
    seen = [floats(shares(rgb_of()), name=name) for name in ("eye#2", "eye", "eye", "\x1b[31mred\n")]
    assert [sensor.name for sensor in sensors_of(seen)] == ["eye#2", "eye", "eye#2#2", "[31mred"]


def test_another_shape_than_the_first_is_refused() -> None:
    sensor = Sensor("eye", 0, WIDTH, HEIGHT, 3, planar=False, picture=3)
    with pytest.raises(InputError, match="'eye' has become 13x20x3; expected 13x21x3, as in the first observation"):
        picture_from(floats(shares(rgb_of()[:, :-1])), sensor, "game")


@pytest.mark.parametrize("shape", [(0, 5, 3), (20000, 4, 3), (16000, 16000, 3), (-4, 4, 3)])
def test_an_impossible_shape_is_refused(shape: tuple[int, int, int]) -> None:
    with pytest.raises(InputError, match="a visual observation of"):
        sensors_of([ObservationProto(shape=shape)])


def test_no_picture_is_unpacked_before_its_size_is_looked_at() -> None:
    bomb = compressed([picture(0, 4, 4)], 3)
    data = bytearray(bomb.compressed_data)
    data[16:24] = (16000).to_bytes(4, "big") * 2
    bomb.compressed_data = bytes(data)
    with pytest.raises(InputError, match="holds a PNG of 16000x16000; expected 21x13"):
        shown(bomb)


@pytest.mark.parametrize("data", [b"", b"\x89PNG\r\n\x1a\n", b"JFIF" * 20])
def test_what_is_marked_as_png_and_is_none_is_refused(data: bytes) -> None:
    good = compressed([rgb_of()], 3)
    (sensor,) = sensors_of([good])
    good.compressed_data = data
    with pytest.raises(InputError, match="PNG"):
        picture_from(good, sensor, "game")


@pytest.mark.parametrize(("value", "good"), [(1.001, True), (-0.001, True), (1.01, False), (float("nan"), False)])
def test_values_far_outside_0_to_1_are_refused(value: float, good: bool) -> None:
    values = shares(rgb_of())
    values[2, 2, 1] = value
    if good:
        assert shown(floats(values))[2, 2, 1] == round(value) * 255
        return
    with pytest.raises(InputError, match="expected 0 to 1 in a picture"):
        shown(floats(values))


def test_depth_is_metres() -> None:
    share = np.linspace(0, 1, HEIGHT * WIDTH, dtype=np.float32).reshape(HEIGHT, WIDTH, 1)
    (sensor,) = sensors_of([floats(share)])
    assert np.array_equal(depth_from(floats(share), sensor, 200.0, "game"), share[:, :, 0] * np.float32(200))
    coarse = depth_from(compressed([rgb_of()], 1), sensor, 255.0, "game")
    assert np.allclose(coarse, rgb_of()[:, :, 0])
