"""Keyframes: they cover what a recording shows, better than frames spread evenly."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from stylebridge.errors import InputError
from stylebridge.frame import Frame
from stylebridge.imaging import read_image
from stylebridge.recording import Recording
from stylebridge.recording.keyframes import choose, describe, find_keyframes, write_keyframes

from .play import SIZE, moment, record

SCENES = [0] * 20 + [1] * 3 + [2] * 7  # the second one is short: frames spread evenly would miss it


def played(tmp_path: Path, scenes: list[int] = SCENES) -> Recording:
    return Recording(record(tmp_path / "a.mcap", [moment(n, scene=scene) for n, scene in enumerate(scenes)]))


def test_every_scene_has_one_even_a_short_one(tmp_path: Path) -> None:
    recording = played(tmp_path)
    found = find_keyframes(recording, recording.index(), 3)
    assert sorted(SCENES[number] for number in found.numbers) == [0, 1, 2]
    assert found.mean_distance < found.even_mean_distance
    assert found.max_distance < found.even_max_distance
    assert sum(found.shares) == pytest.approx(1, abs=0.01)
    assert found.shares[0] == pytest.approx(20 / 30, abs=0.01)


def test_more_keyframes_cover_better(tmp_path: Path) -> None:
    recording = played(tmp_path)
    covers = [find_keyframes(recording, recording.index(), count).mean_distance for count in (1, 2, 4, 8, 30)]
    assert covers == sorted(covers, reverse=True)
    assert covers[-1] == 0


def test_they_are_the_same_every_time(tmp_path: Path) -> None:
    recording = played(tmp_path)
    assert find_keyframes(recording, recording.index(), 5) == find_keyframes(recording, recording.index(), 5)


def test_a_frame_that_shows_nothing_is_not_proposed(tmp_path: Path) -> None:
    frames = [moment(n) for n in range(10)]
    frames[4] = replace(frames[4], color=np.zeros_like(frames[4].color))
    recording = Recording(record(tmp_path / "a.mcap", frames))
    assert 4 not in find_keyframes(recording, recording.index(), 9).numbers
    assert 4 in find_keyframes(recording, recording.index(), 10).numbers


def test_frames_without_depth_and_ids_will_do(tmp_path: Path) -> None:
    frames = [Frame(color=moment(n, scene=s).color, clock=moment(n).clock) for n, s in enumerate(SCENES)]
    recording = Recording(record(tmp_path / "a.mcap", frames))
    found = find_keyframes(recording, recording.index(), 3)
    assert sorted(SCENES[number] for number in found.numbers) == [0, 1, 2]


def test_equal_frames_are_no_trouble(tmp_path: Path) -> None:
    still = moment(0)
    frames = [replace(still, clock=replace(still.clock, frame_id=n)) for n in range(6)]
    recording = Recording(record(tmp_path / "a.mcap", frames))
    assert len(set(find_keyframes(recording, recording.index(), 4).numbers)) == 4


def test_only_the_chosen_part_is_looked_at(tmp_path: Path) -> None:
    recording = played(tmp_path)
    assert all(number >= 20 for number in find_keyframes(recording, range(20, 30), 2).numbers)


def test_too_many_are_refused(tmp_path: Path) -> None:
    recording = played(tmp_path, [0] * 4)
    with pytest.raises(InputError, match="5 keyframes; expected at most the 4 frames"):
        find_keyframes(recording, recording.index(), 5)


def test_choosing_moves_to_the_middle_of_each_cluster() -> None:
    places = np.array([0, 1, 2, 3, 4, 50, 51, 52, 100], np.float32)
    distances = np.abs(places[:, None] - places[None])
    assert choose(distances, 3, np.ones(9, np.bool_)) == [2, 6, 8]
    eligible = np.ones(9, np.bool_)
    eligible[[2, 8]] = False
    assert set(choose(distances, 3, eligible)) <= {0, 1, 3, 4, 5, 6, 7}


def test_frames_that_look_alike_are_described_alike() -> None:
    near, same, far = (describe(frame) for frame in (moment(0), moment(1), moment(0, scene=1)))
    for part in ("color", "edges"):
        assert np.linalg.norm(near[part] - same[part]) < np.linalg.norm(near[part] - far[part])
    larger = describe(moment(0, (SIZE[0] * 2, SIZE[1] * 2)))
    assert np.linalg.norm(near["depth"] - larger["depth"]) < 0.1


def test_they_are_written_as_pictures_with_ids_and_masks(tmp_path: Path) -> None:
    recording = played(tmp_path, [0] * 6)
    found = find_keyframes(recording, recording.index(), 2)
    written = write_keyframes(recording, found, tmp_path / "out")
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == sorted(path.name for path in written)
    number = found.numbers[0]
    assert np.array_equal(read_image(tmp_path / f"out/frame_{number:06d}.png"), moment(number).color)
    assert read_image(tmp_path / f"out/mask_{number:06d}.png").min() == 255
    assert read_image(tmp_path / f"out/ids_{number:06d}.png").std() > 0
    about = json.loads((tmp_path / "out/keyframes.json").read_text())
    assert [row["number"] for row in about["keyframes"]] == list(found.numbers)
