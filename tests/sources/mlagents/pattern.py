"""The pictures that the test peer shows: known by their number, and nothing that a decoder could guess."""

from __future__ import annotations

import functools
import struct
import zlib
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from .play import Eye

CYCLE = 16  # pictures come again after so many


@functools.cache
def picture(number: int, width: int, height: int, sensor: int = 0, agent: int = 0) -> NDArray[np.uint8]:
    """[H,W,3] RGB, top row first: blocks and gradients as a game has them, with noise in the low bits."""
    number %= CYCLE
    random = np.random.default_rng([number, width, height, sensor, agent])
    rows, columns = np.mgrid[:height, :width]
    coarse = random.integers(0, 200, (height // 16 + 1, width // 16 + 1, 3))
    blocks = coarse[rows // 16, columns // 16]  # [H,W,3]
    slope = (rows + 2 * columns + 5 * number)[:, :, None] % 48
    noise = random.integers(0, 8, (height, width, 3))
    rgb = (blocks + slope + noise).astype(np.uint8)
    rgb[0, 0], rgb[-1, -1] = 0, 255  # both ends of the range
    return rgb


def gray_of(rgb: NDArray[np.uint8]) -> NDArray[np.float32]:
    """What a greyscale sensor of ML-Agents writes: the mean of the channels as a share of 255."""
    total = rgb.astype(np.float32).sum(axis=2, keepdims=True)
    return total / np.float32(3) / np.float32(255)


def shares(rgb: NDArray[np.uint8]) -> NDArray[np.float32]:
    """What an uncompressed colour sensor writes."""
    return rgb.astype(np.float32) / np.float32(255)


def png(rgb: NDArray[np.uint8], level: int = 1) -> bytes:
    """A PNG file, written by hand so that no decoder's own library is on both ends."""
    height, width = rgb.shape[:2]
    lines = np.zeros((height, 1 + 3 * width), np.uint8)  # filter 0 before each line
    lines[:, 1:] = rgb.reshape(height, 3 * width)
    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    parts = ((b"IHDR", head), (b"IDAT", zlib.compress(lines.tobytes(), level)), (b"IEND", b""))
    chunks = (struct.pack(">I", len(d)) + n + d + struct.pack(">I", zlib.crc32(n + d)) for n, d in parts)
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunks)


def order(eye: Eye) -> range:
    """Which pictures are in an observation, from the oldest: the last is that of this step."""
    return range(1 - eye.stack, 1)


def observation(eye: Eye, pictures: list[NDArray[np.uint8]]) -> Any:
    """What ML-Agents' sensor sends, the newest picture last; or what a broken one does."""
    from mlagents_envs.communicator_objects.observation_pb2 import ObservationProto

    channels = eye.stack * (1 if eye.gray else 3)
    shape = [channels, eye.height, eye.width] if eye.planar else [eye.height, eye.width, channels]
    if eye.lies == "shape":
        shape = [eye.height + 1, eye.width, channels]
    seen = ObservationProto(shape=shape, name="" if eye.lies == "nameless" else eye.name)
    if eye.form == "png":
        seen.compression_type = 1
        taller = [np.vstack([rgb, rgb[:1]]) for rgb in pictures]
        data = b"".join(png(rgb) for rgb in (taller if eye.lies == "size" else pictures))
        seen.compressed_data = data[: len(data) // 2] if eye.lies == "torn" else data
        seen.compressed_channel_mapping.extend(i // 3 if eye.gray else i for i in range(3 * eye.stack))
        return seen
    values = np.concatenate([gray_of(rgb) if eye.gray else shares(rgb) for rgb in pictures], axis=2)
    if eye.lies in ("range", "nan"):
        values[3, 3, 0] = 3.5 if eye.lies == "range" else np.nan
    flat = (values.transpose(2, 0, 1) if eye.planar else values).ravel()
    seen.float_data.data.extend(flat[: -5 if eye.lies == "count" else None].tolist())
    return seen
