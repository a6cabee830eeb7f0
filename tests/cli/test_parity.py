"""`stylebridge parity` and `stylebridge bisect`: tables, JSON, exit codes and refusals."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from stylebridge.imaging import read_image, write_image

from .outcome import Refused, Run

onnx = pytest.importorskip("onnx")
pytest.importorskip("onnxruntime")


@pytest.fixture
def flipped(stylebridge: Run, onnx_model: Path, frames: Path, tmp_path: Path) -> Path:
    """What an engine that turns pictures upside down shows of the frames."""
    assert stylebridge("stylize", onnx_model, frames, "--out", f"{tmp_path}/right").code == 0
    for path in sorted((tmp_path / "right").iterdir()):
        write_image(tmp_path / "unity" / path.name, np.ascontiguousarray(read_image(path)[::-1]))
    return tmp_path / "unity"


def test_engines_that_agree_are_a_table_and_exit_code_0(
    stylebridge: Run, checkpoint: Path, onnx_model: Path, frames: Path
) -> None:
    engines = f"torch={checkpoint},onnxruntime,barracuda-3.0.1"
    done = stylebridge("parity", onnx_model, "--engines", engines, "--frames", frames, "--limit", 2)
    assert done.code == 0, done.out + done.err
    lines = done.out.splitlines()
    assert lines[0].split()[:3] == ["engine", "max", "|d|"]
    assert [line.split()[1] for line in lines[1:4]] == ["reference", "equal", "equal"]
    assert lines[-1].startswith("they agree (2 frames, against torch=net.pt")


def test_a_difference_is_named_in_words_and_exit_code_1(
    stylebridge: Run, onnx_model: Path, frames: Path, flipped: Path
) -> None:
    words = ("--engines", f"onnxruntime,images:{flipped}", "--frames", frames, "--limit", 2)
    done = stylebridge("parity", onnx_model, *words)
    assert (done.code, done.err) == (1, "")
    assert "the cause: the rows are flipped (bottom row first), at the output alone" in done.out
    assert "they differ (2 frames" in done.out
    told = json.loads(stylebridge("parity", onnx_model, *words, "--json").out)
    assert (told["verdict"], told["reference"]) == ("differs", "onnxruntime")
    assert told["rows"][1]["diagnosis"]["causes"][0]["faults"] == ["rows"]
    assert set(told["rows"][1]["shown"]) >= {"psnr_db", "ssim", "delta_e", "max_levels", "channels", "worst"}


def test_an_engine_that_fails_has_its_line_and_the_rest_go_on(
    stylebridge: Run, onnx_model: Path, frames: Path, flipped: Path
) -> None:
    for path in sorted(flipped.iterdir())[1:]:
        path.unlink()
    engines = f"onnxruntime,images:{flipped},barracuda-3.0.1"
    done = stylebridge("parity", onnx_model, "-e", engines, "--frames", frames, "--limit", 2, "--json")
    rows = json.loads(done.out)["rows"]
    assert (done.code, [row["frames"] for row in rows]) == (1, [2, 1, 2])
    assert [row["status"].split()[0] for row in rows] == ["reference", "failed", "equal"]
    assert "frame 1 isn't there" in rows[1]["problem"]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--engines", "onnxruntime"), "expected two or more"),
        (("--engines", "onnxruntime,baracuda"), "unknown engine 'baracuda'"),
        (("--frames", "nowhere"), "no such file or folder"),
    ],
    ids=str,
)
def test_what_cant_be_compared_is_refused(
    refused: Refused, onnx_model: Path, words: tuple[str, str], said: str
) -> None:
    assert said in refused("parity", onnx_model, *words)


def test_a_model_without_its_other_form_has_a_row_that_says_how_to_get_it(
    stylebridge: Run, checkpoint: Path, frames: Path
) -> None:
    done = stylebridge("parity", checkpoint, "--engines", "torch,onnxruntime", "--frames", frames, "--limit", 1)
    assert done.code == 1
    assert "beside it is no net.onnx" in done.out and "stylebridge export" in done.out


def test_bisect_lists_the_layers_around_the_first_that_differs(
    stylebridge: Run, onnx_model: Path, frames: Path, tmp_path: Path
) -> None:
    words = ("--input", frames / "f0.png")
    same = stylebridge("bisect", onnx_model, *words)
    assert (same.code, same.out.count("\n")) == (0, 1)
    assert "onnxruntime and barracuda-3.0.1 agree in all" in same.out
    changed = onnx.load(str(onnx_model))
    stored = next(tensor for tensor in changed.graph.initializer if "conv3.conv2d.weight" in tensor.name)
    array = onnx.numpy_helper.to_array(stored) * np.float32(1.5)
    stored.CopyFrom(onnx.numpy_helper.from_array(array, stored.name))
    onnx.save(changed, str(tmp_path / "other.onnx"))
    engines = ("--engines", f"onnxruntime,onnxruntime={tmp_path}/other.onnx")
    done = stylebridge("bisect", onnx_model, *words, *engines)
    assert done.code == 1
    assert "conv3" in done.out and "Its stored weights differ" in done.out
    assert sum("parts" in line for line in done.out.splitlines()) >= 1
    told = json.loads(stylebridge("bisect", onnx_model, *words, *engines, "--json").out)
    assert told["parts_at"]["op"] == "Conv" and "conv3" in told["parts_at"]["name"]


def test_bisect_refuses_more_than_two(refused: Refused, onnx_model: Path) -> None:
    assert "expected two" in refused("bisect", onnx_model, "--engines", "torch,onnxruntime,barracuda")
