"""Planes as small bytes and back, without loss.

Colour loses its green from red and blue, floats become whole numbers by their bits; each band of rows is predicted (see
bands.py), the bytes of words are put apart, and zstd packs the whole. Level 0 leaves all that out. FORMAT.md has the
particulars, and what else was tried.
"""

from __future__ import annotations

import math
import threading
import zlib
from typing import Any, Literal

import msgspec
import numpy as np
import zstandard
from numpy.typing import NDArray

from stylebridge.frame import PLANES
from stylebridge.imaging import opencv
from stylebridge.recording import bands
from stylebridge.recording.halves import floats_from_half_bits, half_bits
from stylebridge.recording.room import Room

Floats = Literal["f16", "f32"]
Bytes = NDArray[np.uint8]
Blob = bytes | memoryview


class PlaneEntry(msgspec.Struct, frozen=True):
    """What a message's header says about one plane."""

    name: str
    dtype: str  # as stored: u8, u32, f16, f32, or bits (eight a byte, first one highest)
    channels: int
    codec: str
    length: int  # bytes as stored
    crc32: int  # of the bytes as stored


class BadPlane(ValueError):
    """A stored plane that can't be decoded; the message says why."""


BANDS, PLAIN, RAW = "bands-zstd", "zstd", "raw"
SWIFT = 0  # the level that stores most planes as they are
_STORED = {"color": "u8", "ids": "u32", "occlusion": "bits"}  # the others as the recording keeps floats
_WORDS: dict[str, type[Any]] = {"u8": np.uint8, "f16": np.uint16, "f32": np.uint32}
DTYPES = {"u8": BANDS, "f16": BANDS, "f32": BANDS, "u32": PLAIN, "bits": PLAIN}
_SWIFT_ZSTD = -1  # of ids and occlusion
_HASH_LOG = 6  # predicted planes are noise: looking for repeats in a larger table costs time, and bytes too
_local = threading.local()
_room = Room()


def encode_plane(name: str, plane: NDArray[Any], floats: Floats, level: int) -> tuple[PlaneEntry, Blob]:
    """One plane as it is stored; at level 0 the plane may not change as long as this is needed."""
    dtype = _STORED.get(name, floats)
    channels = 1 if plane.ndim == 2 else int(plane.shape[2])
    codec = RAW if level == SWIFT and DTYPES[dtype] == BANDS else DTYPES[dtype]
    if codec == RAW:
        blob: Blob = _stored(plane, dtype).reshape(-1).view(np.uint8).data
    else:
        if codec == BANDS:
            data: Any = _predicted(plane.reshape(*plane.shape[:2], channels), dtype)
        else:
            data = np.packbits(plane, axis=1) if dtype == "bits" else np.ascontiguousarray(plane, "<u4")
        blob = _compressor(level, codec).compress(memoryview(data.reshape(-1).view(np.uint8)))
    return PlaneEntry(name, dtype, channels, codec, len(blob), zlib.crc32(blob)), blob


def decode_plane(entry: PlaneEntry, blob: Blob, height: int, width: int) -> NDArray[Any]:
    """A plane as the Frame has it."""
    if zlib.crc32(blob) != entry.crc32:
        raise BadPlane("its checksum is wrong")
    usual = DTYPES.get(entry.dtype)
    if entry.codec != usual and not (entry.codec == RAW and usual == BANDS):
        raise BadPlane(f"codec {entry.codec!r} for {entry.dtype} is not known here")
    if entry.dtype == "bits":
        packed = _decompressed(blob, height * ((width + 7) // 8)).reshape(height, -1)
        return np.unpackbits(packed, axis=1, count=width).view(np.bool_)
    if entry.dtype == "u32":
        return _decompressed(blob, height * width * 4).view("<u4").reshape(height, width).astype(np.uint32, copy=False)
    shape = height, width, entry.channels
    plane = (_unstored if entry.codec == RAW else _unpredicted)(blob, entry.dtype, shape)
    return plane if PLANES[entry.name][1] is not None else plane[:, :, 0]


def _predicted(plane: NDArray[Any], dtype: str) -> Bytes:
    """[H,W,C] -> the choices of predictors, then the differences byte by byte; this thread's next ones overwrite it."""
    height, width, channels = plane.shape
    words = _words(plane, dtype)
    size, sample = words.itemsize, bands.sample_rows(height)
    choices = bands.choose(words[:, sample], words[:, sample - 1], height)
    out = _room.array("predicted", (choices.size + size * plane.size,), np.uint8)
    out[: choices.size] = choices.reshape(-1)
    split = out[choices.size :].reshape(size, channels, height, width)
    spare, left = (_room.array(name, (height, width), words.dtype) for name in ("spare", "left"))
    for index, channel in enumerate(words):
        if size == 1:
            bands.differences(channel, choices[index], split[0, index], spare)
            continue
        bands.differences(channel, choices[index], left, spare)
        bands.fold(left, spare)
        bands.split_bytes(left, split[:, index])
    return out


def _unpredicted(blob: Blob, dtype: str, shape: tuple[int, int, int]) -> NDArray[Any]:
    """The plane, [H,W,C]."""
    height, width, channels = shape
    size, count = np.dtype(_WORDS[dtype]).itemsize, channels * bands.band_count(height)
    data = _decompressed(blob, count + height * width * channels * size)
    choices = data[:count].reshape(channels, -1)
    if choices.max() > bands.BOTH:
        raise BadPlane(f"predictor {choices.max()} is not known here")
    split = data[count:].reshape(size, channels, height, width)
    plane = np.empty(shape, np.uint8 if dtype == "u8" else np.float32)
    above: list[Any] = [None] * channels
    for band in range(bands.band_count(height)):
        rows = slice(band * bands.BAND_ROWS, (band + 1) * bands.BAND_ROWS)
        words = []
        for index in range(channels):
            left = bands.join_bytes(split[:, index, rows], _WORDS[dtype])
            if size > 1:
                bands.unfold(left)
            words.append(bands.undo_differences(left, above[index], int(choices[index, band])))
        above = [channel[-1].copy() for channel in words]
        _fill(plane[rows], words, dtype)
    return plane


def _stored(plane: NDArray[Any], dtype: str) -> NDArray[Any]:
    """The numbers of a plane as they are kept; where that is possible, the plane's own."""
    plane = np.ascontiguousarray(plane)
    if dtype == "f16":
        plane = half_bits(plane)
    return plane.astype(plane.dtype.newbyteorder("<"), copy=False)


def _unstored(blob: Blob, dtype: str, shape: tuple[int, int, int]) -> NDArray[Any]:
    """The plane, [H,W,C]."""
    words = np.frombuffer(blob, np.dtype(_WORDS[dtype]).newbyteorder("<"))
    if words.size != math.prod(shape):
        raise BadPlane(f"it holds {len(blob)} bytes, not {math.prod(shape) * words.itemsize}")
    words = words.reshape(shape).astype(_WORDS[dtype])
    return floats_from_half_bits(words) if dtype == "f16" else words.view(np.float32) if dtype == "f32" else words


def _words(plane: NDArray[Any], dtype: str) -> NDArray[Any]:
    """[H,W,C] -> [C,H,W] whole numbers."""
    plane = np.ascontiguousarray(plane)
    height, width, channels = plane.shape
    words = _room.array("words", (channels, height, width), _WORDS[dtype])
    if dtype == "f16":
        plane = half_bits(plane, _room.array("halves", plane.shape, np.uint16))
    elif dtype == "f32":
        plane = plane.view(np.int32)  # OpenCV knows no unsigned numbers of that size
    bands.split_channels(plane, words.view(plane.dtype))
    if dtype == "u8":
        words[0] -= words[1]
        words[2] -= words[1]
    return words


def _fill(plane: NDArray[Any], words: list[NDArray[Any]], dtype: str) -> None:
    """[C][h,W] whole numbers -> [h,W,C]."""
    if dtype == "u8":
        words[0] += words[1]
        words[2] += words[1]
        plane[:] = opencv().merge(words)
        return
    for index, channel in enumerate(words):
        plane[:, :, index] = floats_from_half_bits(channel) if dtype == "f16" else channel.view(np.float32)


def _compressor(level: int, codec: str) -> zstandard.ZstdCompressor:
    """This thread's own; they can't be shared."""
    if not hasattr(_local, "compressors"):
        _local.compressors = {}
    known: dict[tuple[int, str], zstandard.ZstdCompressor] = _local.compressors
    if (level, codec) not in known:
        settings = {"hash_log": _HASH_LOG} if codec == BANDS and level == 1 else {}
        level = level or _SWIFT_ZSTD
        parameters = zstandard.ZstdCompressionParameters.from_level(level, **settings)
        known[level, codec] = zstandard.ZstdCompressor(compression_params=parameters)
    return known[level, codec]


def _decompressed(blob: Blob, size: int) -> Bytes:
    """Exactly so many bytes; what announces another number is refused before memory is taken for it."""
    try:
        announced = zstandard.frame_content_size(blob)
        if announced != size:
            raise BadPlane(f"it holds {announced} bytes, not {size}")
        if not hasattr(_local, "decompressor"):
            _local.decompressor = zstandard.ZstdDecompressor()
        data = _local.decompressor.decompress(blob, max_output_size=size)
    except zstandard.ZstdError as error:
        raise BadPlane(f"its data can't be decompressed ({error})") from error
    if len(data) != size:
        raise BadPlane(f"it holds {len(data)} bytes, not {size}")
    return np.frombuffer(data, np.uint8)
