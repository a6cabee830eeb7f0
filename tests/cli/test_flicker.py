"""`stylebridge flicker`: what it measures, and what it says when it can't."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from stylebridge.assets import SHIPPED_PLAY
from stylebridge.imaging import read_image

from .outcome import Refused, Run

pytest.importorskip("zstandard")
pytest.importorskip("onnxruntime")


def test_each_model_and_each_way_of_showing_it_gets_a_row(stylebridge: Run, onnx_model: Path, tmp_path: Path) -> None:
    plot = tmp_path / "curves.png"
    words = ("flicker", SHIPPED_PLAY, "-m", onnx_model, "--reproject", 4, "--causal", "--limit", 6, "--span", 3)
    lines = stylebridge(*words, "--plot", plot).out.splitlines()
    assert [line.split("  ")[0] for line in lines[1:5]] == [
        "the game itself",
        "net.onnx",
        "net.onnx every 4",
        "net.onnx steadied",
    ]
    assert "over 3 frames" in lines[0]
    assert "between 6 frames" in lines[5]
    assert lines[6] == f"curves: {plot}"
    assert read_image(plot).std() > 10


def test_json_has_every_figure_and_wrapping_steadies(stylebridge: Run, onnx_model: Path) -> None:
    said = stylebridge(
        "flicker", SHIPPED_PLAY, "-m", onnx_model, "--reproject", 4, "--causal", "--span", 3, "--limit", 9, "--json"
    ).json()
    assert said["frames"] == 9
    plain, upsampled, steadied = said["shown"].values()
    for each in (plain, upsampled, steadied):
        assert [value is None for value in each["per_frame"]] == [True] + [False] * 8
        assert [value is None for value in each["long_range_per_frame"]] == [True] * 3 + [False] * 6
        assert each["source"] == plain["source"]
        assert each["relative"] == pytest.approx(each["mean"] / each["source"]["mean"], rel=1e-3)
    assert upsampled["mean"] <= plain["mean"]
    assert steadied["mean"] < plain["mean"]


def test_pictures_made_elsewhere_are_measured_too(stylebridge: Run, onnx_model: Path, tmp_path: Path) -> None:
    folder = tmp_path / "shown"
    stylebridge("stylize", onnx_model, SHIPPED_PLAY, "-o", folder, "--limit", 4)
    said = stylebridge("flicker", SHIPPED_PLAY, "-m", onnx_model, "-p", folder, "--limit", 4, "--json").json()
    made, given = said["shown"].values()
    assert given["per_frame"] == made["per_frame"]
    assert list(said["shown"])[1] == str(folder)


def test_a_recording_without_motion_is_refused_and_told_how_to_get_it(refused: Refused, onnx_model: Path) -> None:
    line = refused("flicker", f"{SHIPPED_PLAY}?planes=color", "-m", onnx_model)
    assert "no motion" in line
    assert "?motion=dis" in line
    assert "--flow" in line


def test_estimated_motion_serves(stylebridge: Run, onnx_model: Path) -> None:
    source = f"{SHIPPED_PLAY}?planes=color&motion=dis"
    said = stylebridge("flicker", source, "-m", onnx_model, "--limit", 3, "--json").json()
    assert said["shown"]["net.onnx"]["mean"] > 0


def test_what_is_asked_wrongly_costs_one_line(refused: Refused, onnx_model: Path, frames: Path, tmp_path: Path) -> None:
    said = {
        "nothing to measure": (),
        "named twice": ("-m", f"{onnx_model},{onnx_model}"),
        "no such file": ("-m", tmp_path / "none.onnx"),
        "like its frame": ("-p", frames),
        "unknown picture extension": ("-m", onnx_model, "--plot", tmp_path / "curves.txt"),
    }
    for words, arguments in said.items():
        assert words in refused("flicker", SHIPPED_PLAY, *arguments), words


def test_an_existing_plot_is_kept_without_force(refused: Refused, onnx_model: Path, tmp_path: Path) -> None:
    plot = tmp_path / "curves.png"
    plot.write_bytes(b"mine")
    assert "--force" in refused("flicker", SHIPPED_PLAY, "-m", onnx_model, "--plot", plot)
    assert plot.read_bytes() == b"mine"


def test_fewer_pictures_than_frames_are_refused(
    refused: Refused, stylebridge: Run, onnx_model: Path, tmp_path: Path
) -> None:
    stylebridge("stylize", onnx_model, SHIPPED_PLAY, "-o", tmp_path / "few", "--limit", 2)
    assert "only 2 pictures" in refused("flicker", SHIPPED_PLAY, "-p", tmp_path / "few")


def test_frames_of_two_cameras_in_turn_are_refused_when_they_come() -> None:
    from stylebridge.cli import flicker
    from stylebridge.errors import InputError
    from stylebridge.frame import Camera, Frame

    picture = read_image(SHIPPED_PLAY.parent / "plaza" / "frame_00.jpg")
    names = ["left", "left", "right", "left"]
    frames = iter([Frame(color=picture, camera=Camera(name)) for name in names])
    taken: list[str] = []
    with pytest.raises(InputError, match=r"several games or cameras.*\?camera=NAME"):
        for frame in flicker._of_one_camera(frames, "game"):  # type: ignore[arg-type]
            taken.append(frame.camera.name)
    assert taken == names[:3]


def test_ctrl_c_tells_what_was_measured(stylebridge: Run, onnx_model: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from stylebridge.engines.stylizer import Stylizer
    from stylebridge.frame import Frame

    work, left = Stylizer.__call__, iter(range(4))

    def interrupted(self: Stylizer, frame: Frame) -> Frame:
        if next(left, None) is None:
            raise KeyboardInterrupt
        return work(self, frame)

    monkeypatch.setattr(Stylizer, "__call__", interrupted)
    done = stylebridge("flicker", SHIPPED_PLAY, "-m", onnx_model, "--json")
    assert done.code == 130
    said = json.loads(done.out)
    assert (said["frames"], said["stopped"]) == (4, True)
    assert said["shown"]["net.onnx"]["mean"] > 0
