"""Every Nth frame is stylised; those between look as if they had been, and nothing leaks from where it mustn't."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from moving import clip, covered, inverted, noisy, numbered
from stylebridge.compare.measures import psnr_db
from stylebridge.compare.temporal.flicker import flicker
from stylebridge.compare.temporal.reproject import Reprojected
from stylebridge.compare.temporal.stylizing import Applied, stylised
from stylebridge.compare.temporal.warping import step_back, step_forth
from stylebridge.errors import InputError
from stylebridge.frame import Clock, Frame
from stylebridge.imaging import resize_image

SPEED = (2, 1)


class Counted(Applied):
    """Counts its work and keeps which frames it saw."""

    def __init__(self) -> None:
        super().__init__("inverted", inverted)
        self.seen: list[int] = []

    def __call__(self, frame: Frame) -> Frame:
        self.seen.append(frame.clock.frame_id)
        return super().__call__(frame)


def ids(frames: list[Frame]) -> list[int]:
    return [frame.clock.frame_id for frame in frames]


@pytest.mark.parametrize("every", [2, 4, 8])
def test_between_keys_it_looks_as_if_each_frame_had_been_stylised(every: int) -> None:
    frames = clip(every + 1)
    shown = list(stylised(Reprojected(Applied("inverted", inverted), every), frames))
    for frame, result in zip(frames, shown, strict=True):
        plain = inverted(frame.color)
        assert psnr_db(result.color, plain) > 30
        assert np.median(np.abs(result.color.astype(int) - plain)) == 0
    blind = [replace(frame, motion=np.zeros_like(frame.motion)) for frame in frames]
    middle = list(stylised(Reprojected(Applied("inverted", inverted), every), blind))[every // 2]
    seeing = psnr_db(shown[every // 2].color, inverted(frames[every // 2].color))
    assert psnr_db(middle.color, inverted(frames[every // 2].color)) < seeing - 3


def test_what_both_keys_show_is_exact() -> None:
    frames = clip(5)
    shown = list(stylised(Reprojected(Applied("inverted", inverted), 4), frames))
    back, forth = step_back(frames[1]), step_forth(frames[1], frames[2])
    for after in (3, 4):
        forth = forth.after(step_forth(frames[after - 1], frames[after])) if after == 3 else forth
    inner = np.zeros_like(back.seen)
    inner[4:-8, 8:-8] = True
    both = back.seen & forth.seen & inner & ~covered(0, SPEED) & ~covered(4, SPEED) & ~covered(1, SPEED)
    assert both.mean() > 0.3
    assert np.abs(shown[1].color.astype(int) - inverted(frames[1].color))[both].max() <= 1


@pytest.mark.parametrize("every", [1, 2, 3, 16])
@pytest.mark.parametrize("count", [1, 2, 7, 20])
def test_each_frame_is_shown_once_and_in_order(every: int, count: int) -> None:
    style = Counted()
    assert ids(list(stylised(Reprojected(style, every), clip(count)))) == list(range(count))
    keys = set(range(0, count, every)) | {count - 1}
    assert style.seen == sorted(keys)


@pytest.mark.parametrize("every", [1, 2, 4])
def test_called_frame_by_frame_it_is_late_by_its_latency(every: int) -> None:
    wrapped = Reprojected(Counted(), every)
    frames = clip(14)
    shown = [wrapped(frame) for frame in frames]
    late = wrapped.latency_frames
    assert late == (every if every > 1 else 0)
    assert ids(shown) == [max(0, index - late) for index in range(14)]
    assert ids(list(wrapped.finish())) == list(range(14 - late, 14))
    all_at_once = list(stylised(Reprojected(Counted(), every), frames))
    for index in range(late, 14):
        np.testing.assert_array_equal(shown[index].color, all_at_once[index - late].color)


def test_every_first_frame_is_the_style_itself() -> None:
    frames = clip(6)
    for frame, result in zip(frames, stylised(Reprojected(Applied("inverted", inverted), 1), frames), strict=True):
        np.testing.assert_array_equal(result.color, inverted(frame.color))


def test_nothing_leaks_across_a_cut() -> None:
    dark = [frame.with_color(frame.color // 8) for frame in clip(7)]
    light = [frame.with_color(frame.color // 8 + np.uint8(200)) for frame in clip(6)]  # its first is occluded all over
    frames = numbered([*dark, *light])
    style = Counted()
    shown = list(stylised(Reprojected(style, 4), frames))
    assert ids(shown) == list(range(13))
    for frame, result in zip(frames, shown, strict=True):
        assert psnr_db(result.color, inverted(frame.color)) > 40
    assert style.seen == [0, 4, 6, 7, 11, 12]
    unseen = [replace(frame, occlusion=np.zeros_like(frame.occlusion)) for frame in frames]
    leaking = list(stylised(Reprojected(Counted(), 4), unseen))
    assert min(psnr_db(r.color, inverted(f.color)) for f, r in zip(frames, leaking, strict=True)) < 20


def test_a_gap_in_the_frame_ids_starts_anew() -> None:
    frames = clip(8)
    del frames[3]
    style = Counted()
    shown = list(stylised(Reprojected(style, 4), frames))
    assert ids(shown) == ids(frames)
    assert style.seen == [0, 2, 4, 7]


def test_motion_left_out_in_the_middle_starts_anew() -> None:
    frames = clip(8)
    frames[3] = replace(frames[3], motion=None, occlusion=None)
    style = Counted()
    assert len(list(stylised(Reprojected(style, 4), frames))) == 8
    assert style.seen == [0, 2, 3, 7]


def test_a_change_of_size_starts_anew() -> None:
    small = [
        Frame(color=f.color[:30], motion=f.motion[:30], clock=Clock(frame_id=5 + n)) for n, f in enumerate(clip(3))
    ]
    shown = list(stylised(Reprojected(Counted(), 4), [*clip(5), *small]))
    assert [frame.height for frame in shown] == [60] * 5 + [30] * 3


def red(picture: np.ndarray) -> np.ndarray:
    """How red each pixel of an unchanged picture is, more than green: the square is, the ground isn't."""
    return picture[:, :, 0].astype(int) - picture[:, :, 1]


@pytest.mark.parametrize("depth", [True, False])
def test_where_the_square_has_been_or_will_be_it_does_not_show(depth: bool) -> None:
    ground = [np.full((1, 1, 3), 90, np.uint8)] * 9
    frames = [
        frame.with_color(np.where(covered(n, (3, 0))[:, :, None], np.array([220, 20, 20], np.uint8), ground[n]))
        for n, frame in enumerate(clip(9, speed=(3, 0), depth=depth))
    ]
    same = Applied("same", lambda picture: picture)
    for index, result in enumerate(stylised(Reprojected(same, 8), frames)):
        near = covered(index, (3, 0))
        assert np.median(red(result.color)[near]) > 150
        ghosts = (red(result.color) > 40) & ~near
        assert ghosts.mean() < 0.01, index
    blend = np.where(covered(0, (3, 0)) | covered(8, (3, 0)), 1, 0) & ~covered(4, (3, 0))
    assert blend.mean() > 0.05  # a crossfade that doesn't look where things are would show it there


def test_what_neither_key_saw_is_filled_from_around_it() -> None:
    frames = clip(3, scroll=(0, 0), speed=(0, 0), square=False)
    hole = np.zeros_like(frames[1].occlusion)
    hole[20:30, 30:44] = True
    flat = [frame.with_color(np.full_like(frame.color, 60)) for frame in frames]
    middle = replace(flat[1], occlusion=frames[1].occlusion | hole)
    far = replace(middle, depth=np.where(hole, 60, middle.depth).astype(np.float32))  # not what the keys show there
    last = replace(flat[2], occlusion=flat[2].occlusion | hole)
    keys = iter([flat[0], flat[2]])

    def style(picture: np.ndarray) -> np.ndarray:
        shown = next(keys).color.copy()
        shown[hole] = 250
        return shown

    result = list(stylised(Reprojected(Applied("marked", style), 2), [flat[0], far, last]))[1]
    assert result.color[hole].max() < 90
    assert result.color[hole].min() >= 60


def test_upsampling_does_not_flicker_more() -> None:
    frames = clip(13)
    plain = flicker(frames, [f.color for f in stylised(Applied("noise", noisy(10)), frames)])
    for every in (2, 4, 6):
        shown = stylised(Reprojected(Applied("noise", noisy(10)), every), frames)
        upsampled = flicker(frames, [frame.color for frame in shown])
        assert upsampled.mean is not None
        assert plain.mean is not None
        assert upsampled.mean < plain.mean


def test_without_occlusion_the_depth_serves_and_without_both_it_still_runs() -> None:
    for depth in (True, False):
        frames = clip(5, depth=depth, occlusion=False)
        shown = list(stylised(Reprojected(Applied("inverted", inverted), 4), frames))
        assert psnr_db(shown[2].color, inverted(frames[2].color)) > (28 if depth else 18)


def test_motion_that_is_no_number_is_not_shown() -> None:
    frames = clip(5)
    for frame in frames:
        frame.motion[10:14, 10:14] = np.nan
    shown = list(stylised(Reprojected(Applied("inverted", inverted), 4), frames))
    assert psnr_db(shown[2].color, inverted(frames[2].color)) > 25


def test_frames_without_motion_are_refused_and_told_how_to_get_it() -> None:
    frames = [replace(frame, motion=None, occlusion=None) for frame in clip(5)]
    with pytest.raises(InputError, match=r"no motion.*motion=dis.*--flow"):
        list(stylised(Reprojected(Counted(), 4), frames))


def test_a_style_that_shows_another_size_is_refused_by_its_name() -> None:
    half = Applied("half.onnx", lambda picture: resize_image(picture, (42, 30)))
    with pytest.raises(InputError, match=r"half\.onnx: shows 42x30; expected 84x60"):
        list(stylised(Reprojected(half, 4), clip(2)))


@pytest.mark.parametrize("every", [0, 17, -1])
def test_every_is_bounded(every: int) -> None:
    with pytest.raises(InputError, match="1 to 16"):
        Reprojected(Counted(), every)


def test_light_that_goes_on_between_two_keys_is_not_faded_in() -> None:
    frames = [f.with_color((f.color // 2 + np.uint8(100 * (n > 1))).astype(np.uint8)) for n, f in enumerate(clip(5))]
    shown = list(stylised(Reprojected(Applied("inverted", inverted), 4), frames))
    for frame, result in zip(frames, shown, strict=True):
        assert np.median(np.abs(result.color.astype(int) - inverted(frame.color))) <= 2  # 25 to 50 in a plain fade


def test_what_one_key_shows_beside_a_halo_is_not_darker_for_it() -> None:
    white = Applied("white", lambda picture: np.full_like(picture, 255))
    frames = clip(17, speed=(3, 0))
    for result in stylised(Reprojected(white, 16), frames):
        assert result.color.min() >= 254


class Failing(Applied):
    """Fails on some frames."""

    def __init__(self, *ids: int) -> None:
        super().__init__("inverted", inverted)
        self.ids = ids

    def __call__(self, frame: Frame) -> Frame:
        if frame.clock.frame_id in self.ids:
            raise InputError("the network's output holds 3 NaN or infinite values of 9")
        return super().__call__(frame)


@pytest.mark.parametrize("bad", [0, 4, 8])
def test_after_a_failure_the_next_frame_begins_anew(bad: int) -> None:
    frames = clip(14)
    wrapped = Reprojected(Failing(bad), 4)
    shown: list[Frame] = []
    for frame in frames:
        if frame.clock.frame_id == bad:
            with pytest.raises(InputError, match="NaN"):
                wrapped(frame)
        else:
            shown.append(wrapped(frame))
    shown += wrapped.finish()
    after = [result for result in shown if result.clock.frame_id > bad]
    assert {result.clock.frame_id for result in after} == set(range(bad + 1, 14))
    for result in after:
        assert psnr_db(result.color, inverted(frames[result.clock.frame_id].color)) > 28
    assert ids(shown) == sorted(ids(shown))


def test_a_failure_at_the_very_end_leaves_nothing_behind() -> None:
    wrapped = Reprojected(Failing(5), 4)
    for frame in clip(6):
        wrapped(frame)
    with pytest.raises(InputError, match="NaN"):
        list(wrapped.finish())
    assert ids(list(stylised(wrapped, clip(5)))) == list(range(5))


def test_the_depth_tells_what_comes_slowly_before_something_else() -> None:
    frames = clip(7, scroll=(0, 0), speed=(0.4, 0))
    step = step_forth(frames[5], frames[6])
    covers = covered(6, (0.4, 0)) & ~covered(5, (0.4, 0))
    assert covers.any()
    assert not step.seen[covers].any()
    flat = [replace(frame, depth=None) for frame in frames]
    assert step_forth(flat[5], flat[6]).seen[covers].any()
