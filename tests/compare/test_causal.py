"""Blending with the past steadies a style, shows each frame at once, and forgets where it must."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from moving import clip, covered, inverted, noisy, numbered
from stylebridge.compare.measures import psnr_db
from stylebridge.compare.temporal.causal import Causal
from stylebridge.compare.temporal.flicker import flicker
from stylebridge.compare.temporal.stylizing import Applied, stylised
from stylebridge.compare.temporal.trust import trust
from stylebridge.compare.temporal.warping import step_back
from stylebridge.errors import InputError
from stylebridge.frame import Frame
from stylebridge.imaging import resize_image


def flicker_of(style: Causal | Applied, frames: list[Frame]) -> float:
    found = flicker(frames, [frame.color for frame in stylised(style, frames)]).mean
    assert found is not None
    return found


def test_the_stronger_the_steadier() -> None:
    frames = clip(9)
    found = [flicker_of(Causal(Applied("noise", noisy(12)), strength), frames) for strength in (0, 0.3, 0.6, 0.9)]
    assert found == sorted(found, reverse=True)
    assert found[0] == pytest.approx(flicker_of(Applied("noise", noisy(12)), frames))
    assert found[-1] < 0.4 * found[0]


def test_a_style_that_does_not_flicker_is_left_as_it_is() -> None:
    frames = clip(9)
    for frame, shown in zip(frames, stylised(Causal(Applied("inverted", inverted)), frames), strict=True):
        assert shown.clock == frame.clock
        assert psnr_db(shown.color, inverted(frame.color)) > 35


def test_it_shows_each_frame_at_once() -> None:
    wrapped = Causal(Applied("inverted", inverted))
    assert wrapped.latency_frames == 0
    assert [wrapped(frame).clock.frame_id for frame in clip(4)] == [0, 1, 2, 3]
    assert list(wrapped.finish()) == []


def test_after_a_cut_and_after_a_reset_everything_is_fresh() -> None:
    dark = [frame.with_color(frame.color // 8) for frame in clip(4)]
    light = [frame.with_color(frame.color // 8 + np.uint8(200)) for frame in clip(4)]
    style = Causal(Applied("inverted", inverted))
    shown = list(stylised(style, numbered([*dark, *light])))
    np.testing.assert_array_equal(shown[4].color, inverted(light[0].color))
    for frame in dark:
        style(frame)
    style.reset()
    np.testing.assert_array_equal(style(light[3]).color, inverted(light[3].color))


def test_what_was_hidden_is_fresh() -> None:
    frames = clip(4)
    for frame in frames:
        frame.color[frame.occlusion] = 10
    shown = list(stylised(Causal(Applied("inverted", inverted), 0.95), frames))[3]
    hidden = frames[3].occlusion
    np.testing.assert_array_equal(shown.color[hidden], inverted(frames[3].color)[hidden])


def test_where_the_games_own_picture_changes_the_past_is_not_trusted() -> None:
    before, frame = clip(3)[1:]
    brighter = frame.with_color((frame.color // 2 + 120).astype(np.uint8))
    still, changed = (trust(each, before, step_back(each)).mean() for each in (frame, brighter))
    assert still > 0.85
    assert changed < 0.2
    style = Causal(Applied("inverted", inverted), 0.9)
    style(before)
    assert psnr_db(style(brighter).color, inverted(brighter.color)) > 25


def test_every_second_frame_only_is_stylised_when_so_wanted() -> None:
    seen: list[int] = []

    class Counted(Applied):
        def __call__(self, frame: Frame) -> Frame:
            seen.append(frame.clock.frame_id)
            return super().__call__(frame)

    frames = clip(8)
    shown = list(stylised(Causal(Counted("inverted", inverted), every=3), frames))
    assert seen == [0, 3, 6]
    for frame, result in zip(frames, shown, strict=True):
        assert psnr_db(result.color, inverted(frame.color)) > 24


def test_small_changes_come_through_in_the_end() -> None:
    frames = clip(60, scroll=(0, 0), speed=(0, 0), square=False)
    levels = iter([100, *[103] * 59])
    grey = Applied("grey", lambda picture: np.full_like(picture, next(levels)))
    assert list(stylised(Causal(grey, 0.9), frames))[-1].color.min() == 103


def test_frames_without_motion_are_refused_and_told_how_to_get_it() -> None:
    frames = [replace(frame, motion=None, occlusion=None) for frame in clip(5)]
    with pytest.raises(InputError, match=r"no motion.*motion=dis.*--flow"):
        list(stylised(Causal(Applied("inverted", inverted)), frames))


@pytest.mark.parametrize("strength", [-0.1, 1.0, float("nan")])
def test_a_strength_that_never_lets_go_is_refused(strength: float) -> None:
    with pytest.raises(InputError, match=r"0 .* to below 1"):
        Causal(Applied("inverted", inverted), strength)


def test_every_is_bounded_and_another_size_is_refused() -> None:
    with pytest.raises(InputError, match="1 to 16"):
        Causal(Applied("inverted", inverted), every=17)
    with pytest.raises(InputError, match="half: shows 42x30"):
        Causal(Applied("half", lambda picture: resize_image(picture, (42, 30))))(clip(1)[0])


def test_what_was_made_up_between_is_forgotten_when_a_fresh_picture_comes() -> None:
    frames = clip(4, scroll=(0, 0), speed=(4, 0))
    freed = covered(1, (4, 0)) & ~covered(2, (4, 0))
    seen = iter([frames[0], frames[3]])

    def style(picture: np.ndarray) -> np.ndarray:
        square = covered(next(seen).clock.frame_id, (4, 0))
        return np.where(square[:, :, None], np.array([250, 0, 0]), np.array([0, 0, 60])).astype(np.uint8)

    shown = list(stylised(Causal(Applied("marked", style), 0.9, every=3), frames))
    assert np.median(shown[2].color[freed], axis=0)[0] < 30  # from the ground that is as far away, not from the square
    np.testing.assert_array_equal(shown[3].color[freed], np.broadcast_to([0, 0, 60], shown[3].color[freed].shape))


def test_after_a_failure_the_next_frame_is_fresh() -> None:
    frames = clip(5)

    def style(picture: np.ndarray) -> np.ndarray:
        if np.array_equal(picture, frames[2].color):
            raise InputError("the network's output holds 3 NaN or infinite values of 9")
        return inverted(picture)

    wrapped = Causal(Applied("failing", style), 0.9)
    for frame in frames[:2]:
        wrapped(frame)
    with pytest.raises(InputError, match="NaN"):
        wrapped(frames[2])
    np.testing.assert_array_equal(wrapped(frames[3]).color, inverted(frames[3].color))
