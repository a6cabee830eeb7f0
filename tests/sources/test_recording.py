from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from recording.play import moment, moments, record
from stylebridge.errors import InputError
from stylebridge.frame import PLANES, Frame
from stylebridge.recording import Details, Recording, Writer
from stylebridge.sources import open_source

from .conformance import SourceConformance, frames_of


class TestRecording(SourceConformance):
    @pytest.fixture
    def address(self, tmp_path: Path) -> str:
        return f"recording:{record(tmp_path / 'play.mcap', moments(7))}"

    @pytest.fixture
    def count(self) -> int:
        return 7


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Two games, one of them with two cameras, interleaved."""
    path = tmp_path / "play.mcap"
    with Writer(path, Details("test"), floats="f32") as writer:
        for number in range(3):
            writer.write(moment(number), game="ball")
            writer.write(moment(number, (20, 30), "top"), game="ball")
            writer.write(replace(moment(number, scene=1), session="other", depth=None), game="hills")
    return path


def test_a_bare_path_is_enough_and_gives_every_plane(path: Path) -> None:
    with open_source(path) as source:
        frame = next(source)
        assert source.frame_count == 9
        assert source.size is None
    assert all(np.array_equal(getattr(frame, name), getattr(moment(0), name)) for name in PLANES)


@pytest.mark.parametrize(
    ("options", "count", "size"),
    [("game=ball", 6, None), ("camera=top", 3, (30, 20)), ("game=ball&camera=main", 3, (128, 72))],
)
def test_one_game_or_camera_can_be_chosen(path: Path, options: str, count: int, size: tuple[int, int] | None) -> None:
    with open_source(f"{path}?{options}") as source:
        assert source.size == size
        assert len(list(source)) == count


def test_only_the_wanted_planes_come(path: Path) -> None:
    for frame in frames_of(f"{path}?game=ball&planes=motion"):
        assert frame.motion is not None
        assert frame.depth is frame.ids is None


def test_frames_that_are_passed_over_are_not_read(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    read: list[int] = []
    inner = Recording.read

    def watched(self: Recording, number: int, planes: tuple[str, ...] | None) -> Frame:
        read.append(number)
        return inner(self, number, planes)

    monkeypatch.setattr(Recording, "read", watched)
    assert len(frames_of(f"{path}?camera=main&game=ball&start=1&every=2")) == 1
    assert read == [3]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ("game=tetris", "no game 'tetris' in the recording; expected ball or hills"),
        ("camera=left", "no camera 'left' in the recording; expected main or top"),
        ("planes=flow", "plane 'flow'; expected color, depth, motion"),
        ("game=hills&planes=depth", "no plane 'depth' in the recording; expected color, ids, motion"),
    ],
)
def test_what_is_not_there_is_refused_with_what_is(path: Path, options: str, message: str) -> None:
    with pytest.raises(InputError, match=message):
        open_source(f"{path}?{options}")


def test_a_recording_that_was_cut_off_is_refused_with_the_remedy(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-30])
    with pytest.raises(InputError, match="run: stylebridge recording repair"):
        open_source(path)


def test_ids_count_from_0_in_each_stream(path: Path) -> None:
    assert [frame.clock.frame_id for frame in frames_of(str(path))] == [0, 0, 0, 1, 1, 1, 2, 2, 2]


def test_motion_that_leads_to_a_missing_frame_is_left_out_and_that_is_said(tmp_path: Path) -> None:
    with Writer(tmp_path / "gap.mcap", Details("test")) as writer:
        for number in (0, 1, 3, 4):
            writer.write(moment(number))
    with open_source(tmp_path / "gap.mcap") as source:
        frames = list(source)
        assert [frame.motion is None for frame in frames] == [False, False, True, False]
        assert [frame.occlusion is None for frame in frames] == [False, False, True, False]
        assert source.problems == ["motion and occlusion are left out where the frame before is missing"]


def test_the_game_and_the_seed_come_along(path: Path, tmp_path: Path) -> None:
    with open_source(path) as source:
        assert [(next(source), source.receipt().game)[1] for _ in range(3)] == ["ball", "ball", "hills"]
    with Writer(tmp_path / "seeded.mcap", Details("test", seed=41)) as writer:
        writer.write(moment(0))
    with open_source(tmp_path / "seeded.mcap") as source:
        assert source.seed == 41
