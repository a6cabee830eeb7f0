"""What `stylebridge stylize` refuses besides models: sources, outputs and options."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest
from stylebridge.imaging import opencv

from .outcome import Refused, Run

pytest.importorskip("onnxruntime")


@pytest.mark.parametrize(
    ("words", "found"),
    [
        (["--engine", "tensorflow"], "unknown engine 'tensorflow'; expected one of torch, onnxruntime"),
        (["--engine", "torch"], "not a torch file"),
        (["--contract", "wide"], "contract 'wide'; expected unit, byte,"),
        (["--contract", "/dev/null"], "contract '/dev/null'; expected"),
        (["--device", "tpu"], "device 'tpu'; expected auto, cpu,"),
    ],
)
def test_an_option_that_means_nothing_is_refused(
    words: list[str], found: str, refused: Refused, onnx_model: Path, frames: Path, tmp_path: Path
) -> None:
    assert found in refused("stylize", onnx_model, frames, "-o", tmp_path / "out", *words)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("", "not a pixel contract"),
        ("{", "not a pixel contract"),
        ('{"input": {"range": "percent"}}', "not a pixel contract"),
        ('{"input": {"range": {"peak": 1, "mean": [0, 0, 0], "std": [1, 0, 1]}}}', "> 0.0"),
        ('{"input": {"range": {"peak": NaN, "mean": [0, 0, 0], "std": [1, 1, 1]}}}', "not a pixel contract"),
        (" " * 70000, "70000 bytes"),
    ],
)
def test_a_contract_file_that_is_none_is_refused(
    text: str, found: str, refused: Refused, onnx_model: Path, frames: Path, tmp_path: Path
) -> None:
    path = tmp_path / "contract.json"
    path.write_text(text)
    line = refused("stylize", onnx_model, frames, "-o", tmp_path / "out", "--contract", path)
    assert found in line
    assert str(path) in line


@pytest.mark.parametrize(
    ("name", "data", "found"),
    [
        ("none.mp4", None, "no such file"),
        ("none", None, "no such file or folder"),
        ("empty.mp4", b"", "the file is empty; expected a video"),
        ("noise.mp4", b"noise" * 99, "not a readable video"),
        ("empty.png", b"", "the file is empty; expected a picture"),
        ("noise.png", b"noise" * 99, "not a readable picture"),
        ("text.txt", b"text", "unknown extension '.txt'"),
    ],
)
def test_a_source_without_frames_is_refused(
    name: str, data: bytes | None, found: str, refused: Refused, onnx_model: Path, tmp_path: Path
) -> None:
    if data is not None:
        (tmp_path / name).write_bytes(data)
    line = refused("stylize", onnx_model, tmp_path / name, "-o", tmp_path / "out")
    assert found in line
    assert str(tmp_path / name) in line


def test_a_video_without_frames_is_refused(refused: Refused, onnx_model: Path, tmp_path: Path) -> None:
    cv2, path = opencv(), tmp_path / "none.avi"
    cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*"MJPG"), 10, (48, 32)).release()
    assert path.stat().st_size > 0
    assert "not a readable video" in refused("stylize", onnx_model, path, "-o", tmp_path / "out.mp4")


def test_an_empty_folder_is_refused(refused: Refused, onnx_model: Path, tmp_path: Path) -> None:
    (tmp_path / "none").mkdir()
    assert "no pictures there" in refused("stylize", onnx_model, tmp_path / "none", "-o", tmp_path / "out")


def test_a_picture_of_nan_is_refused(refused: Refused, onnx_model: Path, tmp_path: Path) -> None:
    path = tmp_path / "nan.tiff"
    assert opencv().imwrite(str(path), np.full((32, 48, 3), np.nan, np.float32))
    assert "float32 pixels; expected 8 or 16 bits" in refused("stylize", onnx_model, path, "-o", tmp_path / "out.png")


@pytest.mark.parametrize(
    ("name", "found"),
    [
        ("file.txt/out.png", "file.txt is a file"),
        ("file.txt/out.mp4", "file.txt is a file"),
        ("file.txt/out/", "file.txt is a file"),
        ("file.txt", "unknown extension '.txt'"),
        ("/proc/nope/out.png", "no file can be made there"),
        ("/proc/nope", "no file can be made there"),
        ("out.png", "a second frame came; expected one frame for one picture"),
        ("taken.png", "already exists. Pass --force"),
        ("taken.mp4", "already exists. Pass --force"),
        ("taken", "the folder is not empty"),
    ],
)
def test_an_output_that_cant_be_is_refused(
    name: str, found: str, refused: Refused, onnx_model: Path, frames: Path, tmp_path: Path
) -> None:
    (tmp_path / "taken").mkdir()
    for taken in ("file.txt", "taken.png", "taken.mp4", "taken/mine.png"):
        (tmp_path / taken).write_bytes(b"mine")
    assert found in refused("stylize", onnx_model, frames, "-o", tmp_path / name)


def test_force_replaces_what_the_refusal_kept(stylebridge: Run, onnx_model: Path, frames: Path, tmp_path: Path) -> None:
    taken = tmp_path / "f0.png"
    taken.write_bytes(b"mine")
    assert stylebridge("stylize", onnx_model, frames, "-o", tmp_path, "--force").code == 0
    assert taken.read_bytes() != b"mine"


@pytest.mark.parametrize("out", ["out", "new/folder", "out.mp4", "new/folder/out.avi"])
def test_a_source_that_breaks_midway_leaves_nothing(
    out: str, refused: Refused, onnx_model: Path, frames: Path, tmp_path: Path
) -> None:
    given = tmp_path / "given"
    shutil.copytree(frames, given)
    (given / "f1.png").write_bytes((given / "f1.png").read_bytes()[:200])
    line = refused("stylize", onnx_model, given, "-o", tmp_path / out)
    assert "f1.png: the picture is truncated" in line


def test_a_size_that_the_model_cant_keep_leaves_nothing(
    refused: Refused, onnx_model: Path, frames: Path, tmp_path: Path
) -> None:
    line = refused("stylize", onnx_model, frames, "-o", tmp_path / "out", "--contract", "byte/1")
    assert "the network gave 48x36 for an input of 47x33" in line
    assert "size multiple (now 1)" in line


@pytest.mark.parametrize("words", [("--every", 3), ("--steady",)])
def test_frames_without_motion_are_refused_and_told_how_to_get_it(
    words: tuple[object, ...], refused: Refused, onnx_model: Path, frames: Path, tmp_path: Path
) -> None:
    line = refused("stylize", onnx_model, frames, "-o", tmp_path / "out", *words)
    assert "no motion" in line
    assert "?motion=dis" in line
    assert "--flow" in line


def test_what_would_come_too_late_or_mean_nothing_is_refused(
    refused: Refused, onnx_model: Path, frames: Path, tmp_path: Path
) -> None:
    assert "add --steady" in refused("stylize", onnx_model, frames, "-o", "reply:", "--every", 4).lower()
    assert "--strength without --steady" in refused("stylize", onnx_model, frames, "-o", "x.png", "--strength", 0.5)
