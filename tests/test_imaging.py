from __future__ import annotations

import importlib.abc
import struct
import sys
import zlib
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from stylebridge.errors import InputError
from stylebridge.frame import MAX_SIDE
from stylebridge.imaging import (
    encode_jpeg,
    opencv,
    read_image,
    resize_image,
    write_image,
)

LIBGL = ImportError("libGL.so.1: cannot open shared object file: No such file or directory")


@pytest.fixture
def rgb() -> np.ndarray:
    return np.random.default_rng(3).integers(0, 256, (20, 30, 3), dtype=np.uint8)


@pytest.fixture
def break_opencv(monkeypatch: pytest.MonkeyPatch) -> Callable[[BaseException], None]:
    """Makes the next `import cv2` raise what it is given."""

    def broken(error: BaseException) -> None:
        class Finder(importlib.abc.MetaPathFinder):
            def find_spec(self, name: str, path: object, target: object = None) -> None:
                if name == "cv2":
                    sys.OpenCV_LOADER = True  # as cv2's own loader does
                    raise error

        monkeypatch.delitem(sys.modules, "cv2", raising=False)
        monkeypatch.setattr(sys, "meta_path", [Finder(), *sys.meta_path])

    return broken


def encoded(extension: str, pixels: np.ndarray) -> bytes:
    return opencv().imencode(extension, pixels)[1].tobytes()


def png_header(width: int, height: int) -> bytes:
    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(b"")) + chunk(b"IEND", b"")


@pytest.mark.parametrize("name", ["a.png", "a.bmp", "a.tif", "A.PNG", "bär 画.png"])
def test_a_lossless_picture_comes_back_as_written(tmp_path: Path, rgb: np.ndarray, name: str) -> None:
    write_image(tmp_path / name, rgb)
    assert np.array_equal(read_image(tmp_path / name), rgb)
    assert [p.name for p in tmp_path.iterdir()] == [name]


@pytest.mark.parametrize("name", ["a.jpg", "a.webp"])
def test_a_lossy_picture_keeps_its_channel_order(tmp_path: Path, name: str) -> None:
    write_image(tmp_path / name, np.full((16, 16, 3), (200, 100, 20), np.uint8))
    assert np.abs(read_image(tmp_path / name).astype(int) - (200, 100, 20)).max() < 6


def test_sixteen_bits_are_scaled_to_the_nearest_byte(tmp_path: Path) -> None:
    levels = np.array([[0, 128, 129, 257, 32768, 65406, 65407, 65535]], np.uint16)
    (tmp_path / "deep.png").write_bytes(encoded(".png", levels))
    assert read_image(tmp_path / "deep.png")[0, :, 0].tolist() == [0, 0, 1, 1, 128, 254, 255, 255]


def test_grey_is_expanded(tmp_path: Path) -> None:
    grey = np.arange(12, dtype=np.uint8).reshape(3, 4)
    (tmp_path / "grey.png").write_bytes(encoded(".png", grey))
    assert np.array_equal(read_image(tmp_path / "grey.png"), np.stack([grey] * 3, axis=2))


def test_alpha_is_dropped(tmp_path: Path) -> None:
    bgra = np.random.default_rng(1).integers(0, 256, (5, 6, 4), dtype=np.uint8)
    (tmp_path / "alpha.png").write_bytes(encoded(".png", bgra))
    assert np.array_equal(read_image(tmp_path / "alpha.png"), bgra[:, :, 2::-1])


def test_the_exif_orientation_is_honoured(tmp_path: Path) -> None:
    left_red = np.zeros((16, 32, 3), np.uint8)
    left_red[:, :16] = (0, 0, 255)  # BGR
    jpeg = encoded(".jpg", left_red)
    orientation = struct.pack("<2sHIHHHII", b"II", 42, 8, 1, 0x0112, 3, 1, 6) + b"\0\0\0\0"  # 6: turn right
    exif = b"Exif\0\0" + orientation
    (tmp_path / "turned.jpg").write_bytes(jpeg[:2] + b"\xff\xe1" + struct.pack(">H", len(exif) + 2) + exif + jpeg[2:])
    turned = read_image(tmp_path / "turned.jpg")
    assert turned.shape == (32, 16, 3)
    assert turned[4, 8, 0] > 200
    assert turned[28, 8, 0] < 50


def test_a_float_picture_is_refused(tmp_path: Path) -> None:
    (tmp_path / "float.tiff").write_bytes(encoded(".tiff", np.ones((4, 4, 3), np.float32)))
    with pytest.raises(InputError, match="float32 pixels; expected 8 or 16 bits"):
        read_image(tmp_path / "float.tiff")


@pytest.mark.parametrize("extension", [".png", ".jpg", ".webp", ".bmp", ".tiff"])
@pytest.mark.parametrize("share", [0.1, 0.5, 0.9])
def test_a_truncated_picture_is_refused(tmp_path: Path, rgb: np.ndarray, extension: str, share: float) -> None:
    data = encoded(extension, rgb)
    path = tmp_path / f"half{extension}"
    path.write_bytes(data[: int(len(data) * share)])
    with pytest.raises(InputError, match=r"half\..*: (the picture is truncated|not a readable picture)"):
        read_image(path)


@pytest.mark.parametrize(
    ("content", "message"),
    [(b"", "the file is empty"), (b"hello\n", "not a readable picture"), (b"\x89PNG\r\n\x1a\nIEND", "not a readable")],
)
def test_what_is_no_picture_is_refused(tmp_path: Path, content: bytes, message: str) -> None:
    (tmp_path / "a.png").write_bytes(content)
    with pytest.raises(InputError, match=message) as caught:
        read_image(tmp_path / "a.png")
    assert str(tmp_path / "a.png") in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_missing_file_and_a_folder_are_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"gone\.png: no such file"):
        read_image(tmp_path / "gone.png")
    with pytest.raises(InputError, match="is a folder"):
        read_image(tmp_path)


@pytest.mark.parametrize("size", [(MAX_SIDE + 1, 1), (1, MAX_SIDE + 1), (16000, 16000)])
def test_a_huge_picture_is_refused_by_its_header(tmp_path: Path, size: tuple[int, int]) -> None:
    (tmp_path / "huge.png").write_bytes(png_header(*size))
    with pytest.raises(InputError, match="larger picture than is read; expected at most 16384 pixels a side"):
        read_image(tmp_path / "huge.png")


def test_an_existing_file_needs_force(tmp_path: Path, rgb: np.ndarray) -> None:
    path = tmp_path / "a.png"
    path.write_bytes(b"mine")
    with pytest.raises(InputError, match=r"already exists\. Pass --force"):
        write_image(path, rgb)
    assert path.read_bytes() == b"mine"
    write_image(path, rgb, force=True)
    assert np.array_equal(read_image(path), rgb)


@pytest.mark.parametrize("name", ["a.xyz", "a", "a.mp4"])
def test_an_unknown_extension_is_refused(tmp_path: Path, rgb: np.ndarray, name: str) -> None:
    with pytest.raises(InputError, match=r"extension.*expected \.png"):
        write_image(tmp_path / name, rgb)
    assert not list(tmp_path.iterdir())


def test_missing_folders_are_made(tmp_path: Path, rgb: np.ndarray) -> None:
    write_image(tmp_path / "x" / "y" / "a.png", rgb)
    assert (tmp_path / "x" / "y" / "a.png").is_file()


def test_a_failed_write_leaves_the_old_file_and_no_other(
    tmp_path: Path, rgb: np.ndarray, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(self: Path, data: bytes) -> int:
        self.touch()
        raise OSError(28, "No space left on device")

    (tmp_path / "a.png").write_bytes(b"mine")
    monkeypatch.setattr(Path, "write_bytes", full)
    with pytest.raises(InputError, match=r"a\.png: can't be written: No space left on device"):
        write_image(tmp_path / "a.png", rgb, force=True)
    assert [p.name for p in tmp_path.iterdir()] == ["a.png"]
    assert (tmp_path / "a.png").read_bytes() == b"mine"


def test_pixels_that_no_picture_holds_are_refused(tmp_path: Path) -> None:
    for pixels in (np.zeros((4, 4, 2), np.uint8), np.zeros((0, 4, 3), np.uint8)):
        with pytest.raises(InputError, match=r"can't be stored as \.png; expected uint8"):
            write_image(tmp_path / "a.png", pixels)
    assert not list(tmp_path.iterdir())


def test_jpeg_bytes_are_a_picture_of_the_asked_quality(tmp_path: Path, rgb: np.ndarray) -> None:
    fine, coarse = encode_jpeg(rgb, quality=95), encode_jpeg(rgb, quality=10)
    assert len(coarse) < len(fine) / 2
    (tmp_path / "a.jpg").write_bytes(encode_jpeg(np.full((16, 16, 3), (200, 100, 20), np.uint8)))
    assert np.abs(read_image(tmp_path / "a.jpg").astype(int) - (200, 100, 20)).max() < 6


def test_resizing_averages_when_it_shrinks() -> None:
    stripes = np.tile(np.array([[[0], [200]]], np.uint8), (8, 4, 3))  # [8,8,3]
    small = resize_image(stripes, (4, 2))
    assert small.shape == (2, 4, 3)
    assert np.unique(small).tolist() == [100]
    assert resize_image(stripes, (8, 8)) is stripes
    assert resize_image(stripes, (12, 9)).shape == (9, 12, 3)


def test_a_missing_system_library_is_named_with_its_cure(break_opencv: Callable[[BaseException], None]) -> None:
    break_opencv(LIBGL)
    for _ in range(2):  # the second try must not blame something else
        with pytest.raises(InputError) as caught:
            opencv()
        assert "the system library libGL.so.1 is missing" in str(caught.value)
        assert "apt-get install libgl1 libglib2.0-0" in str(caught.value)
        assert "opencv-python-headless" in str(caught.value)
        assert "\n" not in str(caught.value)
    assert not hasattr(sys, "OpenCV_LOADER")


@pytest.mark.parametrize(
    ("error", "message"),
    [
        (OSError("libgthread-2.0.so.0: cannot open shared object file"), r"system library libgthread-2\.0\.so\.0 is"),
        (ModuleNotFoundError("No module named 'cv2'", name="cv2"), "not installed. Run: pip install opencv-python"),
        (AttributeError("_ARRAY_API not found"), "doesn't import: AttributeError: _ARRAY_API not found. Run: pip"),
        (ModuleNotFoundError("No module named 'numpy'", name="numpy"), "doesn't import: ModuleNotFoundError"),
    ],
)
def test_any_failure_of_opencv_becomes_one_line(
    break_opencv: Callable[[BaseException], None], error: Exception, message: str
) -> None:
    break_opencv(error)
    with pytest.raises(InputError, match=message) as caught:
        opencv()
    assert caught.value.__cause__ is error


def test_reading_without_opencv_is_an_input_error(
    tmp_path: Path, rgb: np.ndarray, break_opencv: Callable[[BaseException], None]
) -> None:
    write_image(tmp_path / "a.png", rgb)
    break_opencv(LIBGL)
    with pytest.raises(InputError, match=r"libGL\.so\.1"):
        read_image(tmp_path / "a.png")


def test_real_pictures_are_read(data_dir: Path) -> None:
    found = sorted((data_dir / "images").rglob("*.jp*g"))
    assert found
    for path in found:
        picture = read_image(path)
        assert picture.dtype == np.uint8
        assert picture.ndim == 3
        assert picture.std() > 1


def test_broken_files_make_no_noise_of_their_own(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    pixels = np.random.default_rng(0).integers(0, 256, (40, 40, 3), dtype=np.uint8)
    for extension in (".png", ".jpg", ".webp", ".tiff"):
        path = tmp_path / f"a{extension}"
        path.write_bytes(encoded(extension, pixels)[:-400])
        with pytest.raises(InputError):
            read_image(path)
    (tmp_path / "a.mp4").write_text("no video")
    assert not opencv().VideoCapture(str(tmp_path / "a.mp4")).isOpened()
    assert capfd.readouterr() == ("", "")
