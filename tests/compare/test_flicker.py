"""Flicker is what changes though the game says that nothing but the place has."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest
from moving import clip, inverted, noisy, numbered
from stylebridge.compare.temporal.causal import Causal
from stylebridge.compare.temporal.flicker import FlickerMeter, flicker, flicker_of, flickers_of
from stylebridge.compare.temporal.reproject import Reprojected
from stylebridge.compare.temporal.stylizing import Applied, PictureStylizer, stylised
from stylebridge.errors import InputError
from stylebridge.frame import Clock, ColorPlane, Frame

STILL = {"scroll": (0, 0), "speed": (0, 0)}


def shown(style: PictureStylizer, frames: list[Frame]) -> list[ColorPlane]:
    return [frame.color for frame in stylised(style, frames)]


def ranks(values: list[float]) -> list[int]:
    return list(np.argsort(np.argsort(values)))


@pytest.mark.parametrize("motion", [STILL, {}], ids=["static camera", "exact motion"])
def test_a_style_of_single_pixels_does_not_flicker(motion: dict[str, tuple[int, int]]) -> None:
    frames = clip(**motion)
    measured = flicker(frames, shown(Applied("inverted", inverted), frames), span=3)
    assert measured.mean == pytest.approx(0, abs=1e-3)
    assert measured.long_range == pytest.approx(0, abs=1e-3)
    noise = flicker(frames, shown(Applied("noise", noisy(2)), frames))
    assert noise.mean is not None
    assert noise.mean > 1


@pytest.mark.parametrize("motion", [STILL, {}, {"scroll": (0.4, 0.7), "speed": (1.5, -0.3)}])
def test_flicker_ranks_noise_as_it_is(motion: dict[str, tuple[float, float]]) -> None:
    frames = clip(**motion)
    levels = [0, 1, 2, 3, 5, 8, 13, 21]
    found = [flicker(frames, shown(Applied(str(n), noisy(n, seed=n)), frames), span=4) for n in levels]
    for figures in (
        [each.mean for each in found],
        [each.near.mean_compensated for each in found],
        [each.long_range for each in found],
    ):
        assert ranks([figure for figure in figures if figure is not None]) == list(range(len(levels)))


def test_a_noisy_style_flickers_more_than_the_same_one_smoothed() -> None:
    frames = clip()
    noise = flicker(frames, shown(Applied("noise", noisy(12)), frames)).mean
    smoothed = flicker(frames, shown(Causal(Applied("noise", noisy(12))), frames)).mean
    assert noise is not None
    assert smoothed is not None
    assert smoothed < 0.5 * noise


def test_noise_of_a_known_size_has_its_known_error() -> None:
    frames = clip(6, **STILL)
    grey = [replace(frame, color=np.full_like(frame.color, 128)) for frame in frames]
    measured = flicker(grey, shown(Applied("noise", noisy(10)), grey), span=2)
    assert measured.mean == pytest.approx(10 * 2 / np.sqrt(np.pi), rel=0.03)  # mean |difference| of two normal numbers
    assert measured.long_range == pytest.approx(measured.mean, rel=0.05)


def test_the_game_itself_is_one_times_the_game() -> None:
    frames = clip(scroll=(0.5, 0.25))
    own = flicker(frames, [frame.color for frame in frames])
    assert own.relative == pytest.approx(1)
    assert own.per_frame == own.source_near.plain
    assert own.mean is not None
    assert 0 < own.mean < 2  # pictures looked up between pixels are never quite the same


def test_light_that_goes_on_in_the_game_is_no_flicker_of_the_style() -> None:
    frames = [replace(frame, color=frame.color // 2 + np.uint8(9 * index)) for index, frame in enumerate(clip(6))]
    lit = flicker(frames, [frame.color for frame in frames])
    assert lit.mean == pytest.approx(9, abs=0.6)
    assert lit.near.mean_compensated == pytest.approx(0, abs=0.6)
    steady = flicker(frames, [clip(6)[index].color for index in range(6)])  # keeps its light while the game's changes
    assert steady.near.mean_compensated == pytest.approx(9, abs=0.6)


def test_a_slow_drift_shows_over_a_long_range() -> None:
    frames = clip(10)
    drifting = [(frame.color // 2 + np.uint8(2 * index)).astype(np.uint8) for index, frame in enumerate(frames)]
    measured = flicker(frames, drifting, span=6)
    assert measured.mean == pytest.approx(2, abs=0.1)
    assert measured.long_range == pytest.approx(12, abs=0.1)
    assert measured.far.plain[:6] == [None] * 6
    assert None not in measured.far.plain[6:]


def test_what_was_hidden_does_not_count() -> None:
    frames = clip()
    marked = [frame.color.copy() for frame in frames]
    for frame, picture in zip(frames, marked, strict=True):
        picture[frame.occlusion] = 255
    marked[0] = frames[0].color
    unmarked = flicker(frames, [frame.color for frame in frames])
    seen = flicker(frames[:2], marked[:2])
    assert seen.per_frame[1] == unmarked.per_frame[1]
    told_nothing = [replace(frame, occlusion=None, depth=None) for frame in frames]
    assert flicker(told_nothing[:2], marked[:2]).per_frame[1] != unmarked.per_frame[1]


def test_a_cut_and_a_gap_are_not_measured_across() -> None:
    one, other = clip(4), [frame.with_color(inverted(frame.color)) for frame in clip(4)]
    other[0] = replace(other[0], occlusion=np.ones_like(other[0].occlusion))
    cut = flicker(numbered([*one, *other]), [frame.color for frame in (*one, *other)], span=3)
    assert [value is None for value in cut.per_frame] == [True, False, False, False] * 2
    assert [value is None for value in cut.far.plain] == [True, True, True, False] * 2
    assert cut.cuts == 1
    assert cut.mean == pytest.approx(0, abs=1e-3)
    frames = [*one[:2], *(replace(frame, clock=Clock(frame_id=frame.clock.frame_id + 1)) for frame in one[2:])]
    assert flicker(frames, [frame.color for frame in frames]).per_frame[2] is None


def test_a_change_of_size_is_a_cut() -> None:
    small = [
        Frame(color=f.color[:30], motion=f.motion[:30], occlusion=f.occlusion[:30], clock=f.clock) for f in clip(6)[3:]
    ]
    frames = [*clip(3), *small]
    measured = flicker(frames, [frame.color for frame in frames])
    assert [value is None for value in measured.per_frame] == [True, False, False, True, False, False]


def test_several_pictures_are_measured_at_once_as_they_are_alone() -> None:
    frames = clip()
    styles = [shown(Applied(str(n), noisy(n)), frames) for n in (3, 9)]
    meter = FlickerMeter(("three", "nine"), span=4)
    for frame, *pictures in zip(frames, *styles, strict=True):
        meter.add(frame, *pictures)
    assert meter.result("three") == flicker(frames, styles[0], span=4)
    assert meter.result("nine") == flicker(frames, styles[1], span=4)


def test_the_long_range_can_be_left_out() -> None:
    frames = clip(5)
    pictures = shown(Applied("noise", noisy(5)), frames)
    near = flicker(frames, pictures, span=1)
    assert near.per_frame == flicker(frames, pictures).per_frame
    assert near.long_range is None


def test_the_worst_frame_is_named() -> None:
    frames = clip()
    pictures = [frame.color for frame in frames]
    pictures[5] = inverted(pictures[5])
    assert flicker(frames, pictures).worst in (5, 6)


def test_json_holds_plain_numbers_only() -> None:
    frames = clip(3, **STILL)
    said = json.loads(json.dumps(flicker(frames, [f.color for f in frames]).as_json(), allow_nan=False))
    assert said["per_frame"] == [None, 0.0, 0.0]
    assert said["relative"] is None  # nothing times the game's own, which is zero
    assert said["long_range"] is None


def test_frames_without_motion_are_refused_and_told_how_to_get_it() -> None:
    for count in (2, 5):
        still = [replace(frame, motion=None, occlusion=None) for frame in clip(count)]
        with pytest.raises(InputError, match=r"no motion.*motion=dis.*--flow"):
            flicker(still, [frame.color for frame in still])


@pytest.mark.parametrize(("pictures", "said"), [(4, "4 pictures for 5"), (6, "more than 5 pictures for 5")])
def test_each_frame_wants_a_picture(pictures: int, said: str) -> None:
    with pytest.raises(InputError, match=said):
        flicker(clip(5), [frame.color for frame in clip(pictures)])


def test_a_picture_of_another_size_or_kind_is_refused() -> None:
    frames = clip(2)
    for picture in (frames[0].color[:-1], frames[0].color.astype(np.float32), frames[0].color[:, :, 0]):
        with pytest.raises(InputError, match="like its frame"):
            flicker(frames, [picture, picture])


def test_bad_names_and_spans_are_refused() -> None:
    for names in (("a", "a"), ("source",)):
        with pytest.raises(InputError, match="different names"):
            FlickerMeter(names)
    for span in (0, -1, 65):
        with pytest.raises(InputError, match="2 to 64"):
            FlickerMeter(span=span)
    with pytest.raises(InputError, match="expected 1: shown"):
        FlickerMeter().add(clip(1)[0])


def test_one_call_measures_a_stylizer_whatever_its_latency() -> None:
    frames = clip()
    late = Reprojected(Applied("inverted", inverted), 4)
    assert flicker_of(late, iter(frames), span=3) == flicker(frames, shown(late, frames), span=3)
    both = flickers_of([late, Applied("inverted", inverted)], iter(frames), span=3)
    assert both[late.name] == flicker_of(late, frames, span=3)
    assert list(both) == [late.name, "inverted"]


def test_a_meter_can_be_told_of_a_cut() -> None:
    meter = FlickerMeter(span=1)
    frames = clip(3)
    errors = [meter.add(frame, frame.color)["shown"] for frame in frames[:2]]
    meter.cut()
    assert [error is None for error in [*errors, meter.add(frames[2], frames[2].color)["shown"]]] == [True, False, True]
    with pytest.raises(InputError, match="nothing is measured as 'other'; expected shown"):
        meter.result("other")
