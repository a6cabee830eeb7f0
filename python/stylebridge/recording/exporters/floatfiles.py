"""Planes as files that other programs read: .flo, 16-bit PNG, EXR."""

from __future__ import annotations

import struct
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from stylebridge.errors import MissingExtra, StylebridgeError
from stylebridge.frame import FloatPlane, IdPlane
from stylebridge.imaging import opencv

FLO_MAGIC = b"PIEH"  # Middlebury's tag: 202021.25 as a float32
NO_DEPTH, FAR = 0, 65535  # what these levels of a depth PNG stand for
_FINEST_M, _STEPS = 0.001, (1.0, 2.0, 5.0)


def flo_from_motion(motion: FloatPlane) -> bytes:
    """Middlebury's format: tag, width, height, then x and y of each pixel."""
    height, width = motion.shape[:2]
    return FLO_MAGIC + struct.pack("<ii", width, height) + np.ascontiguousarray(motion, dtype="<f4").tobytes()


def depth_unit_m(most_m: float) -> float:
    """Metres per level of a 16-bit PNG: a millimetre where all depths fit, else the finest of 2, 5, 10, 20 … mm."""
    unit, place = _FINEST_M, 0
    while most_m / unit > FAR - 1 and place < 60:
        place += 1
        unit = _FINEST_M * 10.0 ** (place // 3) * _STEPS[place % 3]
    return round(unit, 9)


def levels_from_depth(depth_m: FloatPlane, unit_m: float) -> NDArray[np.uint16]:
    """Depth as levels; 0 where there is none, 65535 where it is farther than levels go."""
    with np.errstate(invalid="ignore"):
        levels = np.clip(np.rint(np.nan_to_num(depth_m / unit_m, nan=0, posinf=FAR, neginf=0)), 1, FAR)
        return np.where(depth_m > 0, levels, NO_DEPTH).astype(np.uint16)


def levels_from_normals(normals: FloatPlane) -> NDArray[np.uint16]:
    """Normals as 16-bit RGB: -1 is 0, 1 is 65535."""
    return np.asarray(np.clip(np.rint((np.nan_to_num(normals) + 1) * 32767.5), 0, 65535), dtype=np.uint16)


def levels_from_ids(ids: IdPlane, *, wide: bool) -> NDArray[Any]:
    """Ids as 16-bit grey, or wide as RGBA bytes with the lowest in R."""
    if not wide:
        return ids.astype(np.uint16)
    return np.stack([(ids >> np.uint32(shift)).astype(np.uint8) for shift in (0, 8, 16, 24)], axis=2)


def png(pixels: NDArray[Any]) -> bytes:
    """A PNG's bytes from grey, RGB or RGBA of 8 or 16 bits."""
    cv2 = opencv()
    if pixels.ndim == 3:
        how = cv2.COLOR_RGB2BGR if pixels.shape[2] == 3 else cv2.COLOR_RGBA2BGRA
        pixels = cv2.cvtColor(np.ascontiguousarray(pixels), how)
    good, data = cv2.imencode(".png", pixels)
    if not good:
        raise StylebridgeError(f"OpenCV can't encode {pixels.dtype} {list(pixels.shape)} as PNG")
    return bytes(data)


def write_exr(path: Path, channels: dict[str, NDArray[np.float32]]) -> None:
    """An EXR of float channels, packed without loss."""
    exr = openexr()
    header = {"compression": exr.ZIP_COMPRESSION, "type": exr.scanlineimage}
    planes = {name: np.ascontiguousarray(plane, dtype=np.float32) for name, plane in channels.items()}
    try:
        with exr.File(header, planes) as file:
            file.write(str(path))
    except RuntimeError as error:  # what OpenEXR makes of every refusal, a full disk's too
        raise OSError(str(error)) from error


def openexr() -> Any:
    """OpenEXR's module, or the line that says how to get it."""
    try:
        import OpenEXR
    except ImportError as error:
        raise MissingExtra("OpenEXR", "exr") from error
    return OpenEXR
