"""`stylebridge contract`: found, shown and set from the command line."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import numpy as np
import pytest
from stylebridge.contract import PixelContract
from stylebridge.imaging import write_image

from .broken import CHECKPOINTS, ONNX_FILES, conv_onnx
from .outcome import Refused, Run, contents

pytest.importorskip("torch")
pytest.importorskip("onnxruntime")


@pytest.fixture
def styled(stylebridge: Run, onnx_model: Path, frames: Path, tmp_path: Path) -> Path:
    """What training made of the frames: here, what the model itself makes of them."""
    assert stylebridge("stylize", onnx_model, frames, "-o", tmp_path / "styled").code == 0
    return tmp_path / "styled"


@pytest.mark.parametrize("kind", ["checkpoint", "onnx_model"])
def test_the_models_contract_is_shown(kind: str, stylebridge: Run, request: pytest.FixtureRequest) -> None:
    model = request.getfixturevalue(kind)
    shown = PixelContract.from_json(stylebridge("contract", "show", model, "--json").out)
    assert shown == PixelContract.of("byte", multiple=4, rounding="floor")
    assert stylebridge("contract", "show", model).text() == str(shown)


def test_the_contract_is_found_and_saved_for_use(
    stylebridge: Run, onnx_model: Path, frames: Path, styled: Path, tmp_path: Path
) -> None:
    saved, again = tmp_path / "new" / "contract.json", tmp_path / "again.png"
    words = ("contract", "find", onnx_model, "--frames", frames, "--reference", styled, "--save", saved)
    text = stylebridge(*words, "--top", 3).text()
    assert "contracts tried on 3 frames. It is [0,255] RGB NCHW in and out, sides a multiple of 4" in text
    assert PixelContract.from_json(saved.read_bytes()) == PixelContract.of("byte", multiple=4, rounding="floor")
    assert stylebridge("stylize", onnx_model, frames / "f1.png", "-o", again, "--contract", saved).code == 0
    assert again.read_bytes() == (styled / "f1.png").read_bytes()


def test_json_is_one_object_with_the_ranking(stylebridge: Run, onnx_model: Path, frames: Path, styled: Path) -> None:
    words = ("--frames", frames, "--reference", styled, "--top", 3, "--limit", 2, "--json")
    report = stylebridge("contract", "find", onnx_model, *words).json()
    assert (report["verdict"], report["frames"]) == ("fits", ["f0.png", "f1.png"])
    assert report["best"]["contract"] == json.loads(PixelContract.of("byte", multiple=4, rounding="floor").to_json())
    assert (report["best"]["psnr_db"], report["best"]["max_levels"]) == (None, 0)
    assert len(report["ranked"]) == 3


def test_references_of_another_network_end_in_1_and_save_nothing(
    stylebridge: Run, onnx_model: Path, frames: Path, tmp_path: Path
) -> None:
    words = ("contract", "find", onnx_model, "--frames", frames, "--reference", frames)
    done = stylebridge(*words, "--save", tmp_path / "contract.json")
    assert (done.code, done.err) == (1, "")
    assert "None fits: the best gives" in done.out
    assert json.loads(stylebridge(*words, "--json").out)["verdict"] == "none fits"
    assert contents(tmp_path) == {}


def test_a_model_from_elsewhere_gets_a_contract(stylebridge: Run, frames: Path, tmp_path: Path) -> None:
    foreign, out = conv_onnx(tmp_path / "foreign.onnx", 3, 3), tmp_path / "new" / "labelled.onnx"
    assert f"{out}: [-1,1] BGR NCHW" in stylebridge("contract", "set", foreign, "bgr-signed", "-o", out).text()
    assert sorted(contents(tmp_path / "new")) == ["labelled.card.json", "labelled.onnx"]
    assert "[-1,1] BGR" in stylebridge("contract", "show", out).text()
    assert stylebridge("stylize", out, frames, "-o", tmp_path / "out").code == 0


def test_a_model_without_a_contract_says_how_to_find_one(refused: Refused, tmp_path: Path) -> None:
    line = refused("contract", "show", conv_onnx(tmp_path / "foreign.onnx", 3, 3))
    assert "foreign.onnx: the model carries no pixel contract" in line
    assert "stylebridge contract find" in line


@pytest.mark.parametrize("kind", CHECKPOINTS)
def test_a_bad_checkpoint_is_refused(
    kind: str, refused: Refused, checkpoint: Path, frames: Path, tmp_path: Path
) -> None:
    spoil, words = CHECKPOINTS[kind]
    spoil(checkpoint, tmp_path / "bad.pt")
    assert words in refused("contract", "show", tmp_path / "bad.pt")
    assert words in refused("contract", "find", tmp_path / "bad.pt", "--frames", frames, "--reference", frames)


@pytest.mark.parametrize("kind", ONNX_FILES)
def test_a_bad_onnx_file_is_refused(
    kind: str, refused: Refused, onnx_model: Path, frames: Path, tmp_path: Path
) -> None:
    bad = tmp_path / "bad.onnx"
    spoil, words = ONNX_FILES[kind]
    spoil(onnx_model, bad)
    assert words in refused("contract", "show", bad)
    assert words in refused("contract", "find", bad, "--frames", frames, "--reference", frames)
    assert words in refused("contract", "set", bad, "unit", "-o", tmp_path / "out.onnx")


def test_no_folder_is_made_for_a_model_that_is_refused(refused: Refused, tmp_path: Path) -> None:
    refused("contract", "set", tmp_path / "none.onnx", "unit", "-o", tmp_path / "new" / "out.onnx")
    assert not (tmp_path / "new").exists()


@pytest.mark.parametrize(("taken", "given"), [(4, 3), (3, 1)])
@pytest.mark.parametrize("command", ["find", "set"])
def test_a_model_that_makes_no_picture_is_refused(
    command: str, taken: int, given: int, refused: Refused, frames: Path, tmp_path: Path
) -> None:
    model = conv_onnx(tmp_path / "odd.onnx", taken, given)
    words = {"find": ["--frames", frames, "--reference", frames], "set": ["unit", "-o", tmp_path / "out.onnx"]}
    assert "shape [1, " in refused("contract", command, model, *words[command])


def test_a_model_of_nan_weights_explains_nothing(refused: Refused, frames: Path, tmp_path: Path) -> None:
    model = conv_onnx(tmp_path / "nan.onnx", 3, 3, weight=float("nan"))
    words = ("contract", "find", model, "--frames", frames, "--reference", frames)
    assert "NaN" in refused(*words)
    assert "NaN" in refused(*words, "--json")


def test_pictures_that_make_no_pairs_are_refused(
    refused: Refused, onnx_model: Path, frames: Path, tmp_path: Path
) -> None:
    for name in ("none", "strangers", "larger"):
        (tmp_path / name).mkdir()
    shutil.copy(frames / "f0.png", tmp_path / "strangers" / "other.png")
    shutil.copy(frames / "f0.png", tmp_path / "strangers" / "another.png")
    write_image(tmp_path / "larger" / "f0.png", np.zeros((40, 40, 3), np.uint8))
    words = ("contract", "find", onnx_model, "--frames", frames, "--reference")
    assert "none: no pictures there" in refused(*words, tmp_path / "none")
    assert "nowhere: no such file or folder" in refused(*words, tmp_path / "nowhere")
    assert "none of 3 frames has a reference among 2 pictures" in refused(*words, tmp_path / "strangers")
    assert "40x40; expected 47x33 like its frame f0.png" in refused(*words, tmp_path / "larger")


def test_options_that_mean_nothing_are_refused(
    refused: Refused, onnx_model: Path, frames: Path, tmp_path: Path
) -> None:
    words = ("contract", "find", onnx_model, "--frames", frames, "--reference", frames)
    assert "unknown engine 'unity'" in refused(*words, "--engine", "unity")
    assert "contract 'wide'; expected unit, byte," in refused(
        "contract", "set", onnx_model, "wide", "-o", tmp_path / "new.onnx"
    )


@pytest.mark.parametrize(
    ("name", "found"),
    [
        ("taken.onnx", "already exists. Pass --force"),
        ("file.txt/out.onnx", "file.txt is a file"),
        ("/proc/nope/out.onnx", "no file can be made there"),
    ],
)
def test_an_output_that_cant_be_is_refused(
    name: str, found: str, refused: Refused, onnx_model: Path, frames: Path, tmp_path: Path
) -> None:
    for taken in ("file.txt", "taken.onnx"):
        (tmp_path / taken).write_bytes(b"mine")
    out = tmp_path / name
    assert found in refused("contract", "set", onnx_model, "unit", "-o", out)
    assert found in refused("contract", "find", onnx_model, "--frames", frames, "--reference", frames, "--save", out)


def test_force_replaces_a_file(stylebridge: Run, onnx_model: Path, tmp_path: Path) -> None:
    (tmp_path / "out.onnx").write_bytes(b"mine")
    assert stylebridge("contract", "set", onnx_model, "unit", "-o", tmp_path / "out.onnx", "--force").code == 0
    assert "[0,1] RGB" in stylebridge("contract", "show", tmp_path / "out.onnx").text()
