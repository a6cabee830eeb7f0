"""Pictures on disk: reading, writing and resizing them. The only file that imports OpenCV."""

from __future__ import annotations

import importlib
import os
import re
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from stylebridge.errors import InputError
from stylebridge.files import check_output, write_bytes
from stylebridge.frame import MAX_SIDE, ColorPlane

IMAGE_EXTENSIONS = (".png", ".jpg", ".jpeg", ".webp", ".bmp", ".tif", ".tiff")
MAX_PIXELS = 1 << 27
MAX_FILE_BYTES = 1 << 29

# Read by OpenCV once, while it is imported; whoever set them already knows better.
_OPENCV_SETTINGS = {
    "OPENCV_IO_MAX_IMAGE_PIXELS": str(MAX_PIXELS),
    "OPENCV_IO_MAX_IMAGE_WIDTH": str(MAX_SIDE),
    "OPENCV_IO_MAX_IMAGE_HEIGHT": str(MAX_SIDE),
    "OPENCV_LOG_LEVEL": "SILENT",
    "OPENCV_FFMPEG_LOGLEVEL": "-8",
    "QT_LOGGING_RULES": "default.warning=false",  # about fonts, at every window
}
_HEADLESS = "pip uninstall -y opencv-python && pip install opencv-python-headless"
# First bytes -> what a whole file of that kind has near its end.
_END_MARKS = {b"\x89PNG\r\n\x1a\n": b"IEND", b"\xff\xd8\xff": b"\xff\xd9"}


def opencv() -> ModuleType:
    """The cv2 module, or one line that says why it can't be had and how to get it."""
    for name, value in _OPENCV_SETTINGS.items():
        os.environ.setdefault(name, value)
    try:
        return importlib.import_module("cv2")
    except Exception as error:
        # A failed import leaves this behind, and the next try would report "recursion" instead of the cause.
        vars(sys).pop("OpenCV_LOADER", None)
        raise _explained(error) from error


def read_image(path: Path | str) -> ColorPlane:
    """Read a picture as [H,W,3] RGB bytes; 16 bits are scaled to 8, grey is expanded, alpha is dropped."""
    path = Path(path)
    data = _picture_bytes(path)
    cv2 = opencv()
    try:
        pixels = cv2.imdecode(data, cv2.IMREAD_COLOR | cv2.IMREAD_ANYDEPTH)
    except cv2.error as error:
        if "MAX_IMAGE" not in str(error):
            raise _unreadable(path) from error
        raise _too_large(path, "the header announces a larger picture than is read") from error
    if pixels is None:
        raise _unreadable(path)
    height, width = pixels.shape[:2]
    if max(height, width) > MAX_SIDE or height * width > MAX_PIXELS:
        raise _too_large(path, f"{width}x{height} pixels")
    return np.asarray(cv2.cvtColor(_bytes_from_depth(pixels, path), cv2.COLOR_BGR2RGB), dtype=np.uint8)


def write_image(path: Path | str, rgb: ColorPlane, force: bool = False) -> None:
    """Write [H,W,3] RGB bytes; the file appears whole or not at all."""
    path = Path(path)
    check_image_name(path)
    check_output(path, force)
    write_bytes(path, _encoded(rgb, path.suffix.lower(), path))


def encode_jpeg(rgb: ColorPlane, quality: int = 90) -> bytes:
    """[H,W,3] RGB bytes as a JPEG file's bytes."""
    return _encoded(rgb, ".jpg", "", opencv().IMWRITE_JPEG_QUALITY, quality)


def resize_image(rgb: ColorPlane, size: tuple[int, int]) -> ColorPlane:
    """Resize to (width, height): averaged when it shrinks, bilinear when it grows."""
    if (rgb.shape[1], rgb.shape[0]) == size:
        return rgb
    cv2 = opencv()
    shrinks = size[0] * size[1] < rgb.shape[0] * rgb.shape[1]
    how = cv2.INTER_AREA if shrinks else cv2.INTER_LINEAR
    return np.asarray(cv2.resize(np.ascontiguousarray(rgb), size, interpolation=how), dtype=np.uint8)


def resize_plane(plane: NDArray[np.float32], size: tuple[int, int]) -> NDArray[np.float32]:
    """Resize numbers, [H,W] or [H,W,C], to (width, height) as a picture would be."""
    if (plane.shape[1], plane.shape[0]) == size:
        return plane
    cv2 = opencv()
    how = cv2.INTER_AREA if size[0] * size[1] < plane.shape[0] * plane.shape[1] else cv2.INTER_LINEAR
    return np.asarray(cv2.resize(np.ascontiguousarray(plane), size, interpolation=how), dtype=np.float32)


def check_image_name(path: Path) -> None:
    """Refuse a file name whose extension isn't a picture's."""
    if path.suffix.lower() not in IMAGE_EXTENSIONS:
        found = f"unknown picture extension {path.suffix!r}" if path.suffix else "a file name without an extension"
        raise InputError(found, expected=", ".join(IMAGE_EXTENSIONS), where=path)


def _encoded(rgb: ColorPlane, extension: str, where: object, *settings: int) -> bytes:
    cv2 = opencv()
    try:
        bgr = cv2.cvtColor(np.ascontiguousarray(rgb), cv2.COLOR_RGB2BGR)
        return bytes(cv2.imencode(extension, bgr, settings)[1])
    except cv2.error as error:
        found = f"{rgb.dtype} {list(rgb.shape)} can't be stored as {extension}"
        raise InputError(found, expected="uint8 [H,W,3]", do="try .png", where=where) from error


def _picture_bytes(path: Path) -> NDArray[np.uint8]:
    """The file's bytes, once they look like a whole picture."""
    try:
        if path.is_dir():
            raise InputError("is a folder", expected="a picture file", where=path)
        if not path.is_file():
            raise InputError("no such file", expected="a picture", where=path)
        if path.stat().st_size > MAX_FILE_BYTES:
            raise _too_large(path, f"{path.stat().st_size} bytes")
        data = np.fromfile(path, dtype=np.uint8)  # unlike cv2.imread, this opens any name on any system
    except OSError as error:
        raise InputError(f"can't be read: {error.strerror}", where=path) from error
    if not data.size:
        raise InputError("the file is empty", expected="a picture", where=path)
    raw = data.tobytes()
    for start, end in _END_MARKS.items():
        if raw.startswith(start) and end not in raw:
            raise InputError("the picture is truncated", do="copy the file again", where=path)
    return data


def _bytes_from_depth(pixels: NDArray[Any], path: Path) -> ColorPlane:
    if pixels.dtype == np.uint8:
        return pixels
    if pixels.dtype == np.uint16:
        return ((pixels.astype(np.uint32) + 128) // 257).astype(np.uint8)  # 65535 / 255 = 257, rounded to nearest
    raise InputError(f"{pixels.dtype} pixels", expected="8 or 16 bits a channel", where=path)


def _explained(error: Exception) -> InputError:
    """Why OpenCV doesn't import, and the command that mends it."""
    if isinstance(error, ModuleNotFoundError) and error.name == "cv2":
        return InputError("OpenCV (cv2) is not installed", do="run: pip install opencv-python")
    library = re.search(r"lib[\w+.-]*\.so[.\d]*", str(error))
    if library:
        return InputError(
            f"OpenCV doesn't import: the system library {library[0]} is missing",
            do=f"run: apt-get install libgl1 libglib2.0-0, or without them: {_HEADLESS}",
        )
    reason = f"{type(error).__name__}: {str(error).strip() or 'no message'}"[:300]
    return InputError(f"OpenCV doesn't import: {reason}", do="run: pip install --force-reinstall opencv-python")


def _unreadable(path: Path) -> InputError:
    return InputError("not a readable picture", expected=", ".join(IMAGE_EXTENSIONS) + ", whole", where=path)


def _too_large(path: Path, found: str) -> InputError:
    limit = f"at most {MAX_SIDE} pixels a side, {MAX_PIXELS >> 20} megapixels and {MAX_FILE_BYTES >> 20} MiB"
    return InputError(found, expected=limit, do="resize it", where=path)
