"""`stylebridge demo`: a model, a page and a report, with a small network in place of the shipped one."""

from __future__ import annotations

import re
from functools import partial
from pathlib import Path

import pytest
from stylebridge.assets import SHIPPED_PLAY

from .outcome import Refused, Run, contents

pytest.importorskip("panda3d")
pytest.importorskip("zmq")
pytest.importorskip("zstandard")
pytest.importorskip("torch")
pytest.importorskip("onnxruntime")
pytest.importorskip("jinja2")
from stylebridge.compare.comparison import Wish
from stylebridge.compare.demo import GAME, Played, record_play
from stylebridge.recording import Details, Recording, Writer
from stylebridge.sources import open_source

FILES = ["index.html", "play.mcap", "strokes.card.json", "strokes.onnx"]
COLUMNS = ["PyTorch", "PyTorch, every 4th + reprojection", "ONNX Runtime", "barracuda-3.0.1 (emulated)"]
SMALL_GAME = (*GAME, "--size", "64x36", "--characters", "2")


@pytest.fixture(autouse=True)
def small(checkpoint: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A small model, timed at small sizes."""
    monkeypatch.setattr("stylebridge.assets.shipped_model", lambda name: checkpoint)
    monkeypatch.setattr("stylebridge.compare.comparison.SMALL", ((48, 32),))


@pytest.fixture
def small_clip(frames: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Pictures in the game's place."""

    def record(path: Path, count: int, progress: object) -> Played:
        with open_source(str(frames)) as source, Writer(path, Details("pictures"), force=True) as writer:
            for frame in source:
                writer.write(frame)
        return Played(count, "pictures", bridged=False)

    monkeypatch.setattr("stylebridge.compare.demo.record_play", record)


def test_a_quick_wish_is_small() -> None:
    assert Wish.quick(frames=2).sizes == ((48, 32),)


@pytest.mark.usefixtures("small_clip")
def test_json_is_one_object_with_agreement_speed_and_checks(stylebridge: Run, tmp_path: Path) -> None:
    out = tmp_path / "new" / "demo"
    report = stylebridge("demo", "--out", out, "--frames", 2, "--json").json()
    assert (report["frames"], report["size"], report["source"]) == (2, "47x33", "pictures")
    assert [column["title"] for column in report["columns"]] == COLUMNS
    assert [pair["max_levels"] <= 1 for pair in report["pairs"]] == [True] * 3
    assert [speed["engine"] for speed in report["speed"]] == ["torch", "onnxruntime"]
    assert all(speed["time"]["median_ms"] > 0 for speed in report["speed"])
    assert [check["verdict"] for check in report["checks"]] == ["ok"] * 4
    assert "no motion" in report["flicker"]["missing"]
    assert (report["page"], report["model"]) == (str(out / "index.html"), str(out / "strokes.onnx"))
    assert sorted(contents(out)) == FILES


@pytest.mark.usefixtures("small_clip")
def test_a_person_is_told_what_was_found_and_where_the_page_is(stylebridge: Run, tmp_path: Path) -> None:
    text = stylebridge("demo", "--out", tmp_path, "--frames", 2).text()
    assert text.startswith(f"{tmp_path / 'play.mcap'}: 2 frames of pictures")
    for words in (
        "strokes.onnx: opset 9 for barracuda-3.0.1, [0,255] RGB",
        "PyTorch – ONNX Runtime equal",
        "frames/s",
        "inference-engine-2.4.0 ok",
        f"Open {tmp_path / 'index.html'}",
    ):
        assert words in text


@pytest.mark.usefixtures("small_clip")
def test_the_page_loads_nothing_from_elsewhere(stylebridge: Run, tmp_path: Path) -> None:
    stylebridge("demo", "--out", tmp_path, "--frames", 2)
    page = (tmp_path / "index.html").read_text("utf-8")
    assert set(re.findall(r"https?://[^\s\"']+", page)) <= {"http://www.w3.org/2000/svg"}  # a name, not a place
    assert re.findall(r"""<\w[^>]*\s(?:src|href)\s*=(?!"data:)""", page) == []
    assert page.count("data:image/") >= 4


def test_the_embedded_game_is_played_over_the_bridge(
    stylebridge: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("stylebridge.compare.demo.record_play", partial(record_play, game=SMALL_GAME))
    report = stylebridge("demo", "--out", tmp_path, "--frames", 3, "--json").json()
    if not report["bridged"]:
        pytest.skip(report["source"])
    with Recording(tmp_path / "play.mcap") as recording:
        assert len(recording) == 3
        assert recording[1].motion is not None
        assert recording[1].motion.any()
    assert report["flicker"]["PyTorch"]["mean"] > 0


def test_where_the_game_cant_be_played_a_recording_stands_in(tmp_path: Path) -> None:
    played = record_play(tmp_path / "play.mcap", 2, lambda *_: None, game=("play", "nowhere"))
    assert "nowhere" in played.words
    assert "ships with the package" in played.words
    assert (played.bridged, played.frames) == (False, 2)
    assert (tmp_path / "play.mcap").read_bytes() == SHIPPED_PLAY.read_bytes()


@pytest.mark.usefixtures("small_clip")
def test_an_earlier_demo_is_kept_unless_forced(stylebridge: Run, refused: Refused, tmp_path: Path) -> None:
    words = ("demo", "--out", tmp_path, "--frames", 2)
    for name in ("index.html", "play.mcap", "strokes.onnx"):
        (tmp_path / name).write_bytes(b"mine")
        assert f"{name}: already exists. Pass --force" in refused(*words)
        assert contents(tmp_path)[name] == b"mine"
        if name != "strokes.onnx":
            (tmp_path / name).unlink()
    (tmp_path / "index.html").write_bytes(b"mine")
    assert stylebridge(*words, "--force").code == 0
    assert sorted(contents(tmp_path)) == FILES
    assert b"mine" not in (contents(tmp_path)["index.html"], contents(tmp_path)["strokes.onnx"])


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
