"""Planes as pictures and as videos."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from stylebridge.errors import InputError
from stylebridge.frame import Frame
from stylebridge.recording import Recording
from stylebridge.recording.exporters.pictures import (
    Scales,
    color_from_depth,
    color_from_ids,
    color_from_motion,
    picture_from_plane,
    scales_from_frames,
)
from stylebridge.recording.exporters.video import evenly, plane_pictures

from .play import moment, moments, record


def motion_color(x: float, y: float) -> tuple[int, ...]:
    return tuple(color_from_motion(np.array([[[x, y]]], np.float32), 10.0)[0, 0].tolist())


def test_motion_is_a_colour_wheel() -> None:
    assert motion_color(10, 0) == (255, 0, 0)
    assert motion_color(-10, 0) == (0, 255, 255)
    assert motion_color(0, 10) == (127, 255, 0)
    assert motion_color(0, 0) == (255, 255, 255)
    assert motion_color(5, 0) == (255, 128, 128)
    assert motion_color(900, 0) == (255, 0, 0)
    assert motion_color(np.nan, 0) == (255, 255, 255)


def test_near_is_brighter_than_far_and_no_depth_is_black() -> None:
    depth = np.array([[0.5, 1, 4, 20, 100, 500, 0, np.nan, np.inf, -3]], np.float32)
    brightness = color_from_depth(depth, Scales(1, 100)).astype(int).sum(axis=2)[0]
    assert brightness[0] == brightness[1] > brightness[2] > brightness[3] > brightness[4] == brightness[5] > 0
    assert brightness[6:].tolist() == [0, 0, 0, 0]


def test_ids_keep_their_colours_and_neighbours_differ() -> None:
    ids = np.arange(200, dtype=np.uint32)[None]
    colors = color_from_ids(ids)[0].astype(int)
    assert colors[0].tolist() == [0, 0, 0]
    assert len(np.unique(colors, axis=0)) == 200
    assert np.abs(np.diff(colors, axis=0)).max(axis=1).min() > 20
    assert np.array_equal(color_from_ids(ids[:, 50:60])[0], colors[50:60])


def test_scales_fit_the_values_but_not_the_outliers() -> None:
    frame = moment(3)
    assert frame.motion is not None
    motion = frame.motion.copy()
    motion[0, :3] = 5000
    scales = scales_from_frames([replace(frame, motion=motion)])
    assert scales.near_m == pytest.approx(5, abs=0.1)
    assert 55 < scales.far_m < 60
    assert 3 <= scales.motion_px < 10


def test_frames_without_planes_have_scales_too() -> None:
    assert scales_from_frames([Frame(color=moment(0).color)]) == Scales()


@pytest.mark.parametrize("plane", ["color", "depth", "motion", "normals", "ids", "occlusion"])
def test_every_plane_has_a_picture_and_a_missing_one_has_none(plane: str) -> None:
    picture = picture_from_plane(moment(1), plane, Scales())
    assert picture is not None
    assert (picture.shape, picture.dtype) == (moment(1).color.shape, np.uint8)
    assert picture.std() > 0
    if plane != "color":
        assert picture_from_plane(Frame(color=moment(1).color), plane, Scales()) is None


def test_a_video_shows_one_plane_and_is_black_where_it_is_missing(tmp_path: Path) -> None:
    frames = [moment(0), replace(moment(1), depth=None), moment(2)]
    with Recording(record(tmp_path / "a.mcap", frames)) as recording:
        pictures = [frame.color for frame in plane_pictures(recording, [0, 1, 2], "depth")]
    assert [bool(picture.any()) for picture in pictures] == [True, False, True]


def test_a_video_of_several_streams_is_refused(tmp_path: Path) -> None:
    frames = [moment(n // 2, camera=("left", "right")[n % 2]) for n in range(4)]
    with (
        Recording(record(tmp_path / "a.mcap", frames)) as recording,
        pytest.raises(
            InputError, match=r"2 streams; expected one for one video\. Pass --stream, of ball/left, ball/right"
        ),
    ):
        next(plane_pictures(recording, [0, 1, 2, 3], "color"))


def test_evenly_keeps_both_ends() -> None:
    assert evenly(range(100), 4) == [0, 33, 66, 99]
    assert evenly([5, 6], 9) == [5, 6]
    assert evenly([5, 6, 7], 1) == [5]
    assert list(moments(2))[1].clock.frame_id == 1
