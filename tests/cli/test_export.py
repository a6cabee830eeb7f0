"""`stylebridge export`: an ONNX file and its card, or one line and nothing."""

from __future__ import annotations

from pathlib import Path

import msgspec
import numpy as np
import pytest
from stylebridge.card import ModelCard, read_card
from stylebridge.imaging import read_image

from .broken import CHECKPOINTS
from .outcome import Refused, Run, contents

onnx = pytest.importorskip("onnx")
pytest.importorskip("torch")


def test_a_file_and_its_card_are_written_and_told_of(stylebridge: Run, checkpoint: Path, tmp_path: Path) -> None:
    out = tmp_path / "new" / "net.onnx"
    text = stylebridge("export", checkpoint, out, "--target", "barracuda-2").text()
    for words in (f"{out}: ", "opset 9 for barracuda-2.4.0", "contract: [0,255] RGB NCHW", "of torch; card: "):
        assert words in text
    assert str(out.with_suffix(".card.json")) in text
    assert sorted(contents(tmp_path)) == ["new", "new/net.card.json", "new/net.onnx"]
    card = read_card(out)
    assert card is not None
    assert card.target == "barracuda-2.4.0"


def test_json_is_one_object_with_the_card(stylebridge: Run, checkpoint: Path, frames: Path, tmp_path: Path) -> None:
    out = tmp_path / "net.onnx"
    words = ("--target", "sentis", "--size", "32x48", "--frames", frames, "--json")
    report = stylebridge("export", checkpoint, out, *words).json()
    assert report["file"] == str(out)
    card = msgspec.convert(report["card"], ModelCard)
    assert card.inputs[0].shape == (1, 3, 32, 48)
    assert (card.target, card.opset) == ("sentis-2.1.3", 15)
    assert set(card.figures) == {"max_levels_from_torch_on_noise", "max_levels_from_torch_on_frames"}
    assert [entry.version for entry in onnx.load(str(out)).opset_import] == [15]


def test_a_checkpoint_still_works_beside_its_export(
    stylebridge: Run, checkpoint: Path, frames: Path, tmp_path: Path
) -> None:
    model, out = tmp_path / "net.pt", tmp_path / "net.onnx"
    model.write_bytes(checkpoint.read_bytes())
    assert stylebridge("export", model, out, "--target", "barracuda").code == 0
    for number, path in enumerate((out, model)):
        done = stylebridge("stylize", path, frames / "f0.png", "-o", tmp_path / f"{number}.png")
        assert (done.code, done.err) == (0, "")


def test_a_baked_file_takes_plain_pictures_and_shows_the_same(
    stylebridge: Run, checkpoint: Path, frames: Path, tmp_path: Path
) -> None:
    pictures = []
    for name, words in (("plain", []), ("baked", ["--bake"])):
        out = tmp_path / name / "net.onnx"
        assert stylebridge("export", checkpoint, out, "--target", "onnxruntime", *words).code == 0
        assert stylebridge("stylize", out, frames / "f0.png", "-o", tmp_path / f"{name}.png").code == 0
        pictures.append(read_image(tmp_path / f"{name}.png").astype(int))
    assert np.abs(pictures[0] - pictures[1]).max() <= 1
    assert "[0,1] RGB" in stylebridge("contract", "show", tmp_path / "baked" / "net.onnx").text()
    assert "[0,255] RGB" in stylebridge("contract", "show", tmp_path / "plain" / "net.onnx").text()


def test_a_style_is_frozen_into_an_arbitrary_network(
    stylebridge: Run, refused: Refused, arbitrary_checkpoint: Path, frames: Path, tmp_path: Path
) -> None:
    free, frozen = tmp_path / "free.onnx", tmp_path / "frozen.onnx"
    words = ("--target", "barracuda")
    stylebridge("export", arbitrary_checkpoint, free, *words)
    stylebridge("export", arbitrary_checkpoint, frozen, *words, "--style", frames / "f1.png")
    assert stylebridge("stylize", frozen, frames / "f0.png", "-o", tmp_path / "out.png").code == 0
    assert "style_params" in refused("stylize", free, frames / "f0.png", "-o", tmp_path / "other.png")


@pytest.mark.parametrize("kind", CHECKPOINTS)
def test_a_bad_checkpoint_is_refused(kind: str, refused: Refused, checkpoint: Path, tmp_path: Path) -> None:
    spoil, words = CHECKPOINTS[kind]
    spoil(checkpoint, tmp_path / "bad.pt")
    line = refused("export", tmp_path / "bad.pt", tmp_path / "new" / "net.onnx", "--target", "barracuda")
    assert words in line
    assert str(tmp_path / "bad.pt") in line


@pytest.mark.parametrize(
    ("words", "found"),
    [
        (["--target", "baracuda"], "unknown target 'baracuda', did you mean barracuda"),
        (["--target", "barracuda-9"], "unknown target 'barracuda-9'"),
        (["--size", "540"], "expected HxW such as 540x960 (height first)"),
        (["--size", "30x47"], "Use --size 32x48"),
        (["--contract", "wide"], "contract 'wide'; expected unit, byte,"),
        (["--frames", "nowhere"], "nowhere: no such file or folder"),
        (["--style", "nowhere.png"], "--style with a transformer network; expected an arbitrary-style network"),
    ],
)
def test_an_option_that_means_nothing_is_refused(
    words: list[str], found: str, refused: Refused, checkpoint: Path, tmp_path: Path
) -> None:
    assert found in refused("export", checkpoint, tmp_path / "net.onnx", "--target", "barracuda", *words)


def test_a_missing_style_picture_is_refused(refused: Refused, arbitrary_checkpoint: Path, tmp_path: Path) -> None:
    words = ("--target", "barracuda", "--style", tmp_path / "none.png")
    assert "none.png: no such file" in refused("export", arbitrary_checkpoint, tmp_path / "net.onnx", *words)


def test_a_network_of_four_channels_is_refused(refused: Refused, guided_checkpoint: Path, tmp_path: Path) -> None:
    words = ("export", guided_checkpoint, tmp_path / "net.onnx", "--target", "barracuda")
    assert "4 channels" in refused(*words)
    assert "4 channels" in refused(*words, "--contract", "signed")


@pytest.mark.parametrize(
    ("name", "found"),
    [
        ("net.pt", "expected a name that ends in .onnx"),
        ("file.txt/net.onnx", "file.txt is a file"),
        ("/proc/nope/net.onnx", "no file can be made there"),
        ("folder.onnx", "is a folder"),
    ],
)
def test_an_output_that_cant_be_is_refused(
    name: str, found: str, refused: Refused, checkpoint: Path, tmp_path: Path
) -> None:
    (tmp_path / "file.txt").write_bytes(b"mine")
    (tmp_path / "folder.onnx").mkdir()
    assert found in refused("export", checkpoint, tmp_path / name, "--target", "barracuda")


@pytest.mark.parametrize("name", ["net.onnx", "net.card.json"])
def test_existing_files_are_kept_unless_forced(
    name: str, stylebridge: Run, refused: Refused, checkpoint: Path, tmp_path: Path
) -> None:
    (tmp_path / name).write_bytes(b"mine")
    words = ("export", checkpoint, tmp_path / "net.onnx", "--target", "barracuda")
    assert "already exists. Pass --force" in refused(*words)
    assert stylebridge(*words, "--force").code == 0
    assert (tmp_path / name).read_bytes() != b"mine"


def test_a_result_that_parts_from_torch_is_a_failure_that_leaves_nothing(
    refused: Refused, checkpoint: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("stylebridge.export.PARITY_LEVELS", -1.0)
    words = ("export", checkpoint, tmp_path / "new" / "net.onnx", "--target", "barracuda")
    assert "ONNX Runtime differs from torch by" in refused(*words, code=1)
