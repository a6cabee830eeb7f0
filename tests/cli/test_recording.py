"""`recording`: every command as a person and as a program would use it."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from recording.play import moment, moments, record
from stylebridge.imaging import read_image
from stylebridge.sources import open_source

from .outcome import Refused, Run

pytest.importorskip("zstandard")
from stylebridge.recording import Details, Writer

COUNT = 9


@pytest.fixture
def played(tmp_path: Path) -> Path:
    return record(tmp_path / "play.mcap", moments(COUNT))


@pytest.fixture
def cut_off(played: Path) -> Path:
    """A recording whose writer was killed amid a frame."""
    data = played.read_bytes()
    played.write_bytes(data[: int(len(data) * 0.7)])
    return played


def test_info_tells_streams_planes_and_origin(stylebridge: Run, played: Path) -> None:
    said = stylebridge("recording", "info", played).text()
    for words in ("ball/main 9 128x72", "color+depth+motion+normals+ids+occlusion", "test:ball", "9, 8 of them"):
        assert words in said
    report = stylebridge("recording", "info", played, "--json").json()
    assert report["frames"] == COUNT
    assert report["streams"][0]["size"] == [128, 72]
    stored = sum(plane["bytes"] for plane in report["plane_bytes"].values())
    assert 0.8 < stored / report["bytes"] < 1
    assert report["plane_bytes"]["occlusion"]["ratio"] > 5


def test_frames_lists_a_range(stylebridge: Run, played: Path) -> None:
    listed = stylebridge("recording", "frames", played, "--start", 2, "--stop", 8, "--every", 3, "--json").json()[
        "frames"
    ]
    assert [(row["number"], row["frame_id"], row["before"]) for row in listed] == [(2, 2, 1), (5, 5, 4)]
    assert listed[0]["planes"][:2] == ["color", "depth"]
    said = stylebridge("recording", "frames", played, "--stop", 2).text()
    assert "ball/main" in said
    assert "0.033" in said


def test_verify_says_sound_or_what_is_wrong(stylebridge: Run, played: Path) -> None:
    assert stylebridge("recording", "verify", played, "--json").json()["ok"]
    assert "9 frames" in stylebridge("recording", "verify", played).text()
    data = bytearray(played.read_bytes())
    data[len(data) // 2] ^= 1
    played.write_bytes(data)
    done = stylebridge("recording", "verify", played)
    assert done.code == 1
    assert "problem: " in done.err
    assert "stylebridge recording repair" in done.err.splitlines()[-1]
    done = stylebridge("recording", "verify", played, "--json")
    assert done.code == 1
    assert not json.loads(done.out)["ok"]


def test_repair_brings_a_cut_off_recording_back(stylebridge: Run, refused: Refused, cut_off: Path) -> None:
    assert f"stylebridge recording repair {cut_off}" in refused("recording", "info", cut_off)
    said = stylebridge("recording", "repair", cut_off).text()
    assert "frames" in said
    report = stylebridge("recording", "info", cut_off, "--json").json()
    assert 4 <= report["frames"] < COUNT
    assert stylebridge("recording", "verify", cut_off, "--json").json()["ok"]


def test_repair_can_leave_the_file_alone(stylebridge: Run, cut_off: Path, tmp_path: Path) -> None:
    before = cut_off.read_bytes()
    report = stylebridge("recording", "repair", cut_off, "--out", tmp_path / "mended.mcap", "--json").json()
    assert cut_off.read_bytes() == before
    assert stylebridge("recording", "info", tmp_path / "mended.mcap", "--json").json()["frames"] == report["frames"]


def test_keyframes_are_proposed_and_written(stylebridge: Run, refused: Refused, played: Path, tmp_path: Path) -> None:
    report = stylebridge("recording", "keyframes", played, "-k", 3, "-o", tmp_path / "key", "--json").json()
    assert len(report["keyframes"]) == 3
    assert all(Path(path).is_file() for path in report["written"])
    number = report["keyframes"][0]["number"]
    assert np.array_equal(read_image(tmp_path / f"key/frame_{number:06d}.png"), moment(number).color)
    assert "not empty" in refused("recording", "keyframes", played, "-o", tmp_path / "key")
    said = stylebridge("recording", "keyframes", played, "-k", 3).text()
    assert "frames spread evenly" in said


def test_export_to_a_folder_that_is_a_source_again(stylebridge: Run, played: Path, tmp_path: Path) -> None:
    said = stylebridge("recording", "export", played, "-o", tmp_path / "out").text()
    assert "9 frames" in said
    with open_source(tmp_path / "out/color") as source:
        assert all(np.array_equal(frame.color, moment(n).color) for n, frame in enumerate(source))
    assert len(list((tmp_path / "out/flow").iterdir())) == COUNT


def test_export_to_shards(stylebridge: Run, played: Path, tmp_path: Path) -> None:
    report = stylebridge(
        "recording", "export", played, "-o", tmp_path / "out", "-f", "webdataset", "--shard-mb", 0.3, "--json"
    ).json()
    assert report["format"] == "webdataset"
    assert sum(report["shards"].values()) == COUNT
    assert report["floats"] == "float32"


def test_export_to_a_video(stylebridge: Run, played: Path, tmp_path: Path) -> None:
    for plane in ("color", "motion"):
        out = tmp_path / f"{plane}.mp4"
        report = stylebridge("recording", "export", played, "-o", out, "--plane", plane, "--json").json()
        assert report["frames"] == COUNT
        with open_source(out) as source:
            assert source.fps == pytest.approx(30)
            assert len(list(source)) == COUNT


def test_view_draws_a_sheet(stylebridge: Run, refused: Refused, played: Path, tmp_path: Path) -> None:
    out = tmp_path / "sheet.png"
    report = stylebridge("recording", "view", played, "-o", out, "--columns", 3, "--width", 64, "--json").json()
    assert read_image(out).shape == (report["height"], report["width"], 3)
    assert "already exists" in refused("recording", "view", played, "-o", out)


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("info", "nowhere.mcap"), "no such file"),
        (("frames", "FILE", "--stream", "left"), "no stream 'left'; expected ball/main"),
        (("keyframes", "FILE", "-k", 10), "10 keyframes; expected at most the 9 frames"),
        (("export", "FILE", "-o", "OUT", "-f", "gif"), "format 'gif'; expected auto or folder or webdataset or video"),
        (("export", "FILE", "-o", "OUT.mp4", "--plane", "albedo"), "plane 'albedo'"),
        (("export", "FILE", "-o", "OUT", "--planes", "color+albedo"), "plane 'albedo'"),
        (("export", "FILE", "-o", "OUT.mp4", "--planes", "depth"), "--planes for a video; expected --plane, --fps"),
        (("export", "FILE", "-o", "OUT", "--pairs"), "--pairs for a folder; expected --planes, --exr"),
        (("export", "FILE", "-o", "OUT", "-f", "webdataset", "--exr"), "--exr for a webdataset; expected --planes"),
        (("export", "FILE", "-o", "OUT", "--start", 20), "no frame from 20"),
        (("export", "FILE", "-o", "FILE"), "is a file; expected a folder"),
        (("export", "FILE", "-o", "OUT", "-f", "webdataset", "--shard-mb", "inf"), "--shard-mb inf; expected"),
        (("view", "FILE", "-o", "OUT.gif"), "unknown picture extension '.gif'"),
    ],
)
def test_what_cannot_work_is_refused(
    refused: Refused, played: Path, tmp_path: Path, words: tuple[str, ...], says: str
) -> None:
    places = {"FILE": str(played)}
    named = [str(places.get(str(word), word)).replace("OUT", str(tmp_path / "out")) for word in words]
    assert says in refused("recording", *named)


def test_another_kind_of_file_is_refused(refused: Refused, tmp_path: Path) -> None:
    (tmp_path / "a.mcap").write_text("hello")
    for command in ("info", "verify", "repair", "frames", "keyframes", "view"):
        assert "not an MCAP file; expected a recording" in refused("recording", command, tmp_path / "a.mcap")


def test_info_bears_a_time_that_cannot_be(stylebridge: Run, tmp_path: Path) -> None:
    for created_ns in (10**60, -(10**40)):
        with Writer(tmp_path / "a.mcap", Details("test", created_ns=created_ns), force=True) as writer:
            writer.write(moment(0))
        assert "source test" in stylebridge("recording", "info", tmp_path / "a.mcap").text()


def test_names_of_any_kind_are_shown_as_they_are_and_never_obeyed(stylebridge: Run, tmp_path: Path) -> None:
    path = tmp_path / "a.mcap"
    with Writer(path, Details("test")) as writer:
        writer.write(moment(0, camera="[/x]"), game="a[bold]b")
        writer.write(moment(0, camera="\x1b[2J"), game="two\nlines")
    for words in (("info",), ("frames",), ("keyframes", "-k", 2)):
        said = stylebridge("recording", words[0], path, *words[1:]).text()
        assert "a[bold]b/[/x]" in said
        assert "two?lines/?[2J" in said
        assert "\x1b" not in said
    assert "a[bold]b/[/x]" in stylebridge("capture", f"recording:{path}", tmp_path / "b.mcap").text()
