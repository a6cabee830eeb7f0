"""Stylizers of any latency are lined up, work once where they are shared, and charts show their curves."""

from __future__ import annotations

import numpy as np
import pytest
from moving import clip, inverted
from stylebridge.compare.page.curves import COLORS, chart
from stylebridge.compare.temporal.causal import Causal
from stylebridge.compare.temporal.filling import surroundings
from stylebridge.compare.temporal.flicker import flicker
from stylebridge.compare.temporal.reproject import Reprojected
from stylebridge.compare.temporal.stylizing import Applied, Once, TemporalStylizer, side_by_side, stylised
from stylebridge.errors import InputError
from stylebridge.frame import ColorPlane


def test_stylizers_of_any_latency_are_lined_up() -> None:
    frames = clip(11)
    once = Once(Applied("inverted", inverted))
    stylizers = [once, Reprojected(once, 4), Causal(once), Reprojected(once, 16)]
    rows = list(side_by_side(stylizers, iter(frames)))
    assert [frame for frame, _ in rows] == frames
    for frame, shown in rows:
        assert [each.clock.frame_id for each in shown] == [frame.clock.frame_id] * 4


def test_only_wrappers_with_a_memory_are_temporal() -> None:
    plain = Applied("inverted", inverted)
    assert [isinstance(each, TemporalStylizer) for each in (plain, Once(plain))] == [False, False]
    assert [isinstance(each, TemporalStylizer) for each in (Reprojected(plain), Causal(plain))] == [True, True]


def test_a_shared_stylizer_works_once_on_each_frame_and_forgets_old_ones() -> None:
    seen: list[ColorPlane] = []

    def style(picture: ColorPlane) -> ColorPlane:
        seen.append(picture)
        return inverted(picture)

    frames = clip(5)
    once = Once(Applied("inverted", style), kept=3)
    for frame in (*frames, *frames[2:]):
        once(frame)
    assert len(seen) == 5
    once(frames[0])
    assert len(seen) == 6


def test_holes_are_filled_smoothly_from_their_edges() -> None:
    picture = np.zeros((40, 60, 3), np.uint8)
    picture[:, :30], picture[:, 30:] = (10, 200, 30), (90, 20, 220)
    known = np.ones((40, 60), np.bool_)
    known[10:31, 5:26] = False
    torn = picture.copy()
    torn[~known] = 255
    filled = surroundings(torn, known)
    assert np.abs(filled[12:29, 7:20] - np.array((10, 200, 30))).max() < 45
    assert filled.min() >= 0
    nothing = np.zeros_like(known)
    np.testing.assert_array_equal(surroundings(picture, nothing), picture)


def color_places(picture: ColorPlane, number: int) -> np.ndarray:
    return np.argwhere((picture == np.array(COLORS[number])).all(axis=2))


def test_a_chart_shows_each_curve_higher_for_higher_values_and_gaps_as_gaps() -> None:
    low, high = [1.0, 1.0, None, 1.0, 1.0], [3.0, 3.0, 3.0, 3.0, 3.0]
    picture = chart({"low": low, "high": high}, "Two", "levels")
    below, above = ([place for place in color_places(picture, n) if place[0] > 80] for n in (0, 1))
    assert np.mean([row for row, _ in below]) > np.mean([row for row, _ in above]) + 100
    assert len(below) < 0.7 * len(above)
    assert picture.shape == chart({"low": low}, "One", "levels").shape


def test_a_chart_of_nothing_is_refused() -> None:
    for curves in ({}, {"none": [None, None]}):
        with pytest.raises(InputError, match="nothing to draw"):
            chart(curves, "Nothing", "levels")


def test_a_chart_of_zeros_and_of_one_point_can_be_drawn() -> None:
    assert chart({"still": [0.0, 0.0]}, "Still", "levels").std() > 0
    assert len(color_places(chart({"one": [2.0]}, "One", "levels"), 0)) > 3


def test_frames_with_alpha_are_shown_as_those_without() -> None:
    frames = clip(6)
    clear = [frame.with_color(np.dstack((frame.color, np.full_like(frame.color[:, :, 0], 7)))) for frame in frames]
    same = Applied("same", lambda picture: picture)
    for wrap in (lambda: Reprojected(same, 4), lambda: Causal(same)):
        for a, b in zip(stylised(wrap(), frames), stylised(wrap(), clear), strict=True):
            np.testing.assert_array_equal(a.color, b.color)
    assert flicker(clear, [frame.color for frame in clear]) == flicker(frames, [frame.color for frame in frames])
