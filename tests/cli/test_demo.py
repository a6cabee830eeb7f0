"""`stylebridge demo`: a model, a page and a report, with a small network in place of the shipped one."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from stylebridge.assets import SHIPPED_PLAY
from stylebridge.errors import InputError

from .outcome import Refused, Run, contents

pytest.importorskip("panda3d")
pytest.importorskip("zstandard")
pytest.importorskip("torch")
pytest.importorskip("onnxruntime")
pytest.importorskip("jinja2")
from stylebridge.compare.demo import PLAY
from stylebridge.recording import Recording
from stylebridge.scene.render.host import Host

FILES = ["index.html", "play.mcap", "strokes.card.json", "strokes.onnx"]


@pytest.fixture(autouse=True)
def small_model(checkpoint: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("stylebridge.assets.shipped_model", lambda name: checkpoint)


@pytest.fixture
def small_clip(frames: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("stylebridge.compare.demo.PLAY", f"images:{frames}")


@pytest.mark.usefixtures("small_clip")
def test_json_is_one_object_with_parity_and_speed(stylebridge: Run, frames: Path, tmp_path: Path) -> None:
    out = tmp_path / "new" / "demo"
    report = stylebridge("demo", "--out", out, "--frames", 2, "--json").json()
    assert (report["frames"], report["size"], report["source"]) == (2, "47x33", f"images:{frames}")
    assert 0 < report["parity"]["raw_max_levels"] < 0.05
    assert report["parity"]["max_levels"] <= 1
    assert list(report["speed"]) == ["PyTorch", "ONNX Runtime"]
    assert all(timing["median_ms"] > 0 for timing in report["speed"].values())
    assert (report["page"], report["model"]) == (str(out / "index.html"), str(out / "strokes.onnx"))
    assert sorted(contents(out)) == FILES


@pytest.mark.usefixtures("small_clip")
def test_a_person_is_told_what_was_measured_and_where_the_page_is(stylebridge: Run, tmp_path: Path) -> None:
    text = stylebridge("demo", "--out", tmp_path, "--frames", 2).text()
    assert text.startswith(f"{tmp_path / 'play.mcap'}: 2 frames of images:")
    for words in (
        "strokes.onnx: opset 9 for barracuda-3.0.1, [0,255] RGB",
        "PyTorch against ONNX Runtime",
        "engine at 47x33",
        "frames/s",
        f"Open {tmp_path / 'index.html'}",
    ):
        assert words in text


@pytest.mark.usefixtures("small_clip")
def test_the_page_loads_nothing_from_elsewhere(stylebridge: Run, tmp_path: Path) -> None:
    stylebridge("demo", "--out", tmp_path, "--frames", 2)
    page = (tmp_path / "index.html").read_text("utf-8")
    assert re.findall(r"https?://", page) == []
    assert set(re.findall(r"""(?:src|href)\s*=\s*["']([^"']*)""", page)) <= {""}
    assert page.count("data:image/jpeg;base64,") == 4 * 2  # game, two engines and their difference


def test_the_embedded_game_is_played_with_its_planes(
    stylebridge: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("stylebridge.compare.demo.PLAY", f"{PLAY}&size=64x36&characters=2")
    report = stylebridge("demo", "--out", tmp_path, "--frames", 2, "--json").json()
    if not report["source"].startswith("scene:"):
        pytest.skip(report["source"])
    with Recording(tmp_path / "play.mcap") as recording:
        assert len(recording) == 2
        assert recording[1].motion is not None
        assert recording[1].motion.any()
    assert (tmp_path / "index.html").read_text("utf-8").count("data:image/jpeg;base64,") == 6 * 2


def test_where_the_game_cant_be_drawn_a_recording_stands_in(
    stylebridge: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_gl() -> Host:
        raise InputError("no OpenGL to draw with")

    monkeypatch.setattr("stylebridge.scene.render.host.offscreen_host", no_gl)
    report = stylebridge("demo", "--out", tmp_path, "--frames", 2, "--json").json()
    assert "no OpenGL to draw with" in report["source"]
    assert "ships with the package" in report["source"]
    assert (tmp_path / "play.mcap").read_bytes() == SHIPPED_PLAY.read_bytes()


@pytest.mark.usefixtures("small_clip")
def test_an_earlier_demo_is_kept_unless_forced(stylebridge: Run, refused: Refused, tmp_path: Path) -> None:
    words = ("demo", "--out", tmp_path, "--frames")
    assert stylebridge(*words, 1).code == 0
    first = contents(tmp_path)
    assert "index.html: already exists. Pass --force" in refused(*words, 2)
    (tmp_path / "index.html").unlink()
    assert "play.mcap: already exists. Pass --force" in refused(*words, 2)
    (tmp_path / "play.mcap").unlink()
    assert "strokes.onnx: already exists. Pass --force" in refused(*words, 2)
    assert stylebridge(*words, 2, "--force").code == 0
    assert sorted(contents(tmp_path)) == sorted(first) == FILES
    assert contents(tmp_path)["index.html"] != first["index.html"]


@pytest.mark.parametrize(
    ("name", "found"),
    [
        ("file.txt", "file.txt is a file"),
        ("file.txt/demo", "file.txt is a file"),
        ("/proc/nope", "no file can be made"),
    ],
)
def test_a_folder_that_cant_be_is_refused(name: str, found: str, refused: Refused, tmp_path: Path) -> None:
    (tmp_path / "file.txt").write_bytes(b"mine")
    assert found in refused("demo", "--out", tmp_path / name, "--frames", 1)


@pytest.mark.parametrize("frames", ["0", "25", "two"])
def test_a_count_of_frames_that_the_clip_hasnt_is_refused(frames: str, stylebridge: Run, tmp_path: Path) -> None:
    done = stylebridge("demo", "--out", tmp_path, "--frames", frames)
    assert (done.code, done.out) == (2, "")
    assert "'--frames'" in done.err
    assert contents(tmp_path) == {}


def test_a_damaged_model_is_refused_before_a_folder_is_made(
    refused: Refused, checkpoint: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "half.pt").write_bytes(checkpoint.read_bytes()[:999])
    monkeypatch.setattr("stylebridge.assets.shipped_model", lambda name: tmp_path / "half.pt")
    assert "half.pt: the file is truncated or damaged" in refused("demo", "--out", tmp_path / "new")
