"""`stylebridge compare`: a page, a video and a report come out; what is wrong costs a line, or a column."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from stylebridge.assets import SHIPPED_PLAY
from stylebridge.frame import Clock, Frame

from .outcome import Refused, Run, contents

pytest.importorskip("zstandard")
pytest.importorskip("torch")
pytest.importorskip("onnxruntime")
pytest.importorskip("jinja2")
from stylebridge.engines.stylizer import open_stylizer
from stylebridge.recording import Details, Recording, Writer

ENGINES = "onnxruntime,barracuda-3.0.1"


def test_json_is_one_object_and_the_files_are_there(
    stylebridge: Run, frames: Path, onnx_model: Path, tmp_path: Path
) -> None:
    page, video = tmp_path / "new" / "page.html", tmp_path / "side.mp4"
    words = ("--models", onnx_model, "--engines", ENGINES, "--no-speed", "--targets", "sentis-2.1.3")
    report = stylebridge("compare", frames, *words, "-o", page, "--video", video, "--json").json()
    assert (report["source"], report["frames"], report["size"]) == (str(frames), 3, "47x33")
    assert [column["title"] for column in report["columns"]] == ["ONNX Runtime", "barracuda-3.0.1 (emulated)"]
    assert report["pairs"][0]["verdict"].startswith("equal")
    assert [check["target"] for check in report["checks"]] == ["barracuda-3.0.1", "sentis-2.1.3"]
    assert "?motion=dis" in report["flicker"]["missing"]
    assert report["speed"] == []
    assert (report["page"], report["video"]) == (str(page), str(video))
    assert sorted(contents(tmp_path)) == ["new", "new/page.html", "side.mp4"]


def test_a_person_gets_tables_and_the_way_to_the_page(
    stylebridge: Run, onnx_model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("stylebridge.compare.speed.benchmark.SMALL", ((48, 32),))
    words = ("--models", onnx_model, "--engines", ENGINES, "--frames", 3, "--quick", "-o", tmp_path / "page.html")
    text = stylebridge("compare", f"{SHIPPED_PLAY}?stop=3", *words).text()
    for part in ("ONNX Runtime – barracuda-3.0.1 (emulated) equal", "× the game's own", "48×32", "page.html: 3 frames"):
        assert part in text


def test_every_nth_frame_and_steadied_pictures_are_columns_of_their_own(
    stylebridge: Run, onnx_model: Path, tmp_path: Path
) -> None:
    play = tmp_path / "play.mcap"
    color = np.random.default_rng(5).integers(0, 256, (32, 48, 3), dtype=np.uint8)
    with Writer(play, Details("a still camera")) as writer:
        for number in range(3):
            writer.write(Frame(color=color, motion=np.zeros((32, 48, 2), np.float32), clock=Clock(number)))
    words = ("--models", onnx_model, "--engines", ENGINES, "--no-speed", "--every", "2,4", "--steady")
    report = stylebridge("compare", play, *words, "-o", tmp_path / "page.html", "--json").json()
    assert [(column["title"], column["shown"]) for column in report["columns"]] == [
        ("ONNX Runtime", 3),
        ("ONNX Runtime, every 2nd + reprojection", 3),
        ("ONNX Runtime, every 4th + reprojection", 3),
        ("ONNX Runtime, steadied", 3),
        ("barracuda-3.0.1 (emulated)", 3),
    ]
    assert [pair["max_levels"] <= 1 for pair in report["pairs"]] == [True] * 4  # nothing moves
    assert all(column["ms_per_frame"] > 0 for column in report["columns"])


def test_two_models_stand_under_their_names(
    stylebridge: Run, frames: Path, onnx_model: Path, checkpoint: Path, tmp_path: Path
) -> None:
    other = tmp_path / "other.onnx"
    other.write_bytes(onnx_model.read_bytes())
    words = ("--models", f"{onnx_model},{other}", "--engines", "onnxruntime", "--no-speed", "-o", tmp_path / "p.html")
    report = stylebridge("compare", frames, *words, "--frames", 1, "--json").json()
    assert [column["title"] for column in report["columns"]] == ["net · ONNX Runtime", "other · ONNX Runtime"]
    assert report["pairs"][0]["pair"] == "net · ONNX Runtime – other · ONNX Runtime"


def test_a_column_that_cant_open_says_so_and_the_rest_goes_on(
    stylebridge: Run, frames: Path, onnx_model: Path, tmp_path: Path
) -> None:
    engines = f"onnxruntime,torch={tmp_path / 'gone.pt'}"
    words = ("--models", onnx_model, "--engines", engines, "--no-speed", "-o", tmp_path / "page.html")
    report = stylebridge("compare", frames, *words, "--json").json()
    assert [column["shown"] for column in report["columns"]] == [3, 0]
    assert "gone.pt: no such file" in report["columns"][1]["trouble"]
    assert "gone.pt: no such file" in (tmp_path / "page.html").read_text("utf-8")


def test_nan_costs_the_column_that_gives_it(stylebridge: Run, frames: Path, onnx_model: Path, tmp_path: Path) -> None:
    import onnx
    from onnx import numpy_helper

    model = onnx.load(onnx_model)
    for tensor in model.graph.initializer:
        tensor.CopyFrom(numpy_helper.from_array(numpy_helper.to_array(tensor) * np.float32(np.nan), tensor.name))
    onnx.save(model, tmp_path / "nan.onnx")
    models = f"{onnx_model},{tmp_path / 'nan.onnx'}"
    words = ("--models", models, "--engines", "onnxruntime", "--no-speed", "-o", tmp_path / "page.html")
    report = stylebridge("compare", frames, *words, "--json").json()
    assert [column["shown"] for column in report["columns"]] == [3, 0]
    assert "NaN" in report["columns"][1]["trouble"]


def test_what_an_engine_showed_is_a_column_and_its_fault_is_named(
    stylebridge: Run, onnx_model: Path, tmp_path: Path
) -> None:
    """Frames 1 and 2 as the engine showed them, upside down, under the ids of the game."""
    shown = tmp_path / "unity.mcap"
    with (
        Recording(SHIPPED_PLAY) as play,
        open_stylizer(onnx_model) as stylizer,
        Writer(shown, Details("an engine")) as writer,
    ):
        for number in (1, 2):
            frame = play.read(number, ["color"])
            flipped = np.ascontiguousarray(stylizer(frame).rgb[::-1])
            writer.write(Frame(color=flipped, clock=frame.clock, session=frame.session))
    words = ("--models", onnx_model, "--engines", f"onnxruntime,recording:{shown}", "--no-speed")
    source = f"{SHIPPED_PLAY}?start=1&stop=3"
    report = stylebridge("compare", source, *words, "-o", tmp_path / "page.html", "--json").json()
    assert [column["title"] for column in report["columns"]] == ["ONNX Runtime", "unity.mcap (shown)"]
    (pair,) = report["pairs"]
    assert (pair["frames"], pair["verdict"]) == (2, "not the same")
    assert "rows" in pair["cause"]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("-o", "page.txt"), "expected a name that ends in .html"),
        (("-o", "there.html"), "there.html: already exists. Pass --force"),
        (("-o", "new.html", "--engines", "torhc"), "unknown engine 'torhc'"),
        (("-o", "new.html", "--engines", ""), "nothing to compare"),
        (("-o", "new.html", "--models", "gone.onnx", "--engines", "onnxruntime"), "gone.onnx: no such file"),
        (("-o", "new.html", "--targets", "unreal-5"), "unknown target 'unreal-5'"),
        (("-o", "new.html", "--every", "1"), "--every 1; expected whole numbers from 2 to 16"),
        (("-o", "new.html", "--video", "side.gif"), "unknown video extension '.gif'"),
    ],
)
def test_what_cant_be_done_is_refused_in_a_line(
    words: tuple[str, ...],
    said: str,
    refused: Refused,
    frames: Path,
    onnx_model: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "there.html").write_text("mine")
    given = {"--models": str(onnx_model), "--engines": "onnxruntime", **dict(zip(words[::2], words[1::2], strict=True))}
    assert said in refused("compare", frames, "--no-speed", *(word for pair in given.items() for word in pair))


def test_a_source_that_isnt_there_is_refused(refused: Refused, onnx_model: Path, tmp_path: Path) -> None:
    words = ("--models", onnx_model, "--engines", "onnxruntime", "-o", tmp_path / "page.html")
    assert "gone.mcap: no such file" in refused("compare", tmp_path / "gone.mcap", *words)


def test_what_the_source_leaves_out_stands_on_the_page(stylebridge: Run, onnx_model: Path, tmp_path: Path) -> None:
    words = ("--models", onnx_model, "--engines", "onnxruntime", "--no-speed", "-o", tmp_path / "page.html")
    report = stylebridge("compare", f"{SHIPPED_PLAY}?every=5&stop=11", *words, "--json").json()
    assert any("motion and occlusion are dropped" in problem for problem in report["problems"])
    assert "motion and occlusion are dropped" in (tmp_path / "page.html").read_text("utf-8")
