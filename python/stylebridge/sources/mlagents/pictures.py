"""Visual observations as pictures: [H,W,3] bytes from PNG, or from floats in [0,1], exactly the bytes the game had."""

from __future__ import annotations

import struct
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from stylebridge.errors import InputError
from stylebridge.frame import MAX_SIDE, ColorPlane, FloatPlane
from stylebridge.imaging import opencv
from stylebridge.sources.mlagents.faults import plain

PNG_MARK = b"\x89PNG\r\n\x1a\n"
_PNG_HEAD = struct.Struct(">8s8xII")  # mark, length and name of the first chunk, width, height
PNG = 1  # CompressionTypeProto
MAX_PIXELS = 1 << 25  # far beyond what a message can carry, except as a PNG that is nearly empty
SLACK = 0.002  # of the range: less than one level in two directions


@dataclass(frozen=True, slots=True)
class Sensor:
    """One visual observation of a behaviour."""

    name: str
    index: int  # among all observations of the agent
    width: int
    height: int
    channels: int  # of the observation; stacked pictures have several times as many as one
    planar: bool  # [C,H,W], as since version 3 of the Unity package, instead of [H,W,C]
    picture: int  # channels of one picture: 1 or 3, or 0 when it holds something else
    stacked: bool = False  # several pictures, the newest last

    @property
    def shape(self) -> tuple[int, ...]:
        """As the game writes it."""
        size = (self.height, self.width)
        return (self.channels, *size) if self.planar else (*size, self.channels)


def sensors_of(observations: Sequence[Any]) -> list[Sensor]:
    """The visual observations among these, each under a name of its own."""
    sensors: list[Sensor] = []
    for index, seen in enumerate(observations):
        if len(seen.shape) != 3:
            continue
        first, middle, last = seen.shape
        planar = first < last
        channels, height, width = (first, middle, last) if planar else (last, first, middle)
        if not (0 < height <= MAX_SIDE and 0 < width <= MAX_SIDE and channels > 0 and height * width <= MAX_PIXELS):
            expected = f"1 to {MAX_SIDE} a side and at most {MAX_PIXELS >> 20} megapixels"
            raise InputError(f"a visual observation of {first}x{middle}x{last}", expected=expected)
        taken = {sensor.name for sensor in sensors}
        name = plain(seen.name).strip() or f"sensor{index}"
        while name in taken:
            name = f"{name}#{index}"
        picture = _picture_channels(seen, channels)
        sensors.append(Sensor(name, index, width, height, channels, planar, picture, channels > picture))
    return sensors


def picture_from(seen: Any, sensor: Sensor, where: str) -> ColorPlane:
    """The observation as [H,W,3] bytes, top row first; of a stack, the newest picture."""
    _check_shape(seen, sensor, where)
    if not sensor.picture:
        raise _refused(f"holds {sensor.channels} channels", "a picture of 1 or 3", sensor, where)
    if seen.compression_type == PNG:
        rgb = _decoded(bytes(seen.compressed_data), sensor, where)
        return rgb if sensor.picture == 3 else _rgb_from_gray(_mean(rgb))
    levels = _levels(_floats(seen, sensor, where)[:, :, -sensor.picture :], sensor, where)
    return levels if sensor.picture == 3 else _rgb_from_gray(levels[:, :, 0])


def depth_from(seen: Any, sensor: Sensor, far_m: float, where: str) -> FloatPlane:
    """The first channel as metres, where 1.0 stands for `far_m`; a PNG has only 256 levels of it."""
    _check_shape(seen, sensor, where)
    if seen.compression_type == PNG:
        levels = _decoded(bytes(seen.compressed_data), sensor, where)[:, :, 0]
        return levels.astype(np.float32) * np.float32(far_m / 255)
    return np.multiply(_floats(seen, sensor, where)[:, :, 0], np.float32(far_m), order="C")


def _picture_channels(seen: Any, channels: int) -> int:
    if seen.compression_type == PNG:
        count = bytes(seen.compressed_data).count(PNG_MARK)  # a PNG each for the pictures of a stack
        return {count: 1, 3 * count: 3}.get(channels, 0)
    return 1 if channels == 1 else 3 if channels % 3 == 0 else 0


def _check_shape(seen: Any, sensor: Sensor, where: str) -> None:
    if tuple(seen.shape) != sensor.shape:
        shape = "x".join(map(str, list(seen.shape)[:4]))
        expected = "x".join(map(str, sensor.shape)) + ", as in the first observation"
        raise _refused(f"has become {shape}", expected, sensor, where)


def _decoded(data: bytes, sensor: Sensor, where: str) -> ColorPlane:
    """The newest PNG in the data; its announced size is checked before anything is unpacked."""
    at = max(0, data.rfind(PNG_MARK)) if sensor.stacked else 0
    mark, width, height = _PNG_HEAD.unpack(data[at : at + _PNG_HEAD.size].ljust(_PNG_HEAD.size))
    size = (width, height)
    if mark != PNG_MARK:
        raise _refused("is marked as PNG and isn't", "a PNG", sensor, where)
    if size != (sensor.width, sensor.height):
        expected = f"{sensor.width}x{sensor.height} as its shape says"
        raise _refused(f"holds a PNG of {size[0]}x{size[1]}", expected, sensor, where)
    cv2 = opencv()
    try:
        upright = cv2.IMREAD_COLOR | cv2.IMREAD_IGNORE_ORIENTATION  # its rows are what counts, not what EXIF says
        bgr = cv2.imdecode(np.frombuffer(data, np.uint8, offset=at), upright)
    except cv2.error:
        bgr = None
    if bgr is None or bgr.shape != (sensor.height, sensor.width, 3):
        raise _refused("holds a PNG that can't be read", "a whole one", sensor, where)
    return np.asarray(cv2.cvtColor(bgr, cv2.COLOR_BGR2RGB), dtype=np.uint8)


def _floats(seen: Any, sensor: Sensor, where: str) -> NDArray[np.float32]:
    """The observation as [H,W,C], without a Python number for each value: they lie packed at the end of the message."""
    count = sensor.width * sensor.height * sensor.channels
    if len(seen.float_data.data) != count:
        raise _refused(f"has {len(seen.float_data.data)} values", f"{count} as its shape says", sensor, where)
    data = seen.float_data.SerializeToString()
    values = np.frombuffer(data, "<f4", count, offset=len(data) - 4 * count)
    values = values.reshape(sensor.shape)
    return values.transpose(1, 2, 0) if sensor.planar else values  # [C,H,W] -> [H,W,C]


def _levels(values: NDArray[np.float32], sensor: Sensor, where: str) -> ColorPlane:
    """Bytes from shares of 255: rounding undoes the division exactly."""
    low, high = float(values.min()), float(values.max())
    if not (low >= -SLACK and high <= 1 + SLACK):  # also false for NaN
        raise _refused(f"has values from {low:g} to {high:g}", "0 to 1 in a picture", sensor, where)
    scaled = np.multiply(values, np.float32(255), order="C")
    np.rint(scaled, out=scaled)
    np.clip(scaled, 0, 255, out=scaled)
    return np.asarray(scaled, dtype=np.uint8)


def _mean(rgb: ColorPlane) -> NDArray[np.uint8]:
    """Grey as ML-Agents counts it, the plain mean; a third is never a tie, so that rounding is plain too."""
    total = rgb.astype(np.uint16).sum(axis=2, dtype=np.uint16)  # [H,W,3] -> [H,W]
    return np.asarray((total + 1) // 3, dtype=np.uint8)


def _rgb_from_gray(gray: NDArray[np.uint8]) -> ColorPlane:
    return np.asarray(gray[:, :, None].repeat(3, axis=2), dtype=np.uint8)  # [H,W] -> [H,W,3]


def _refused(found: str, expected: str, sensor: Sensor, where: str) -> InputError:
    return InputError(f"sensor {sensor.name!r} {found}", expected=expected, where=where)
