"""Motion carries pictures where the things in them were, and says where it can't."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from moving import clip, covered, numbered
from stylebridge.compare.temporal.warping import Continuity, depth_around, inside, same_place, step_back, step_forth
from stylebridge.errors import InputError
from stylebridge.frame import Camera, Clock, Frame

SPEED = (2, 1)


def apart(a: np.ndarray, b: np.ndarray, where: np.ndarray) -> int:
    return int(np.abs(a.astype(int) - b)[where].max())


def test_the_frame_before_is_seen_from_this_one() -> None:
    before, frame = clip(5)[3:]
    step = step_back(frame)
    assert apart(step.warp(before.color), frame.color, step.seen) == 0
    assert apart(step.warp(before.color), frame.color, ~step.seen) > 20
    assert 0.9 < step.seen.mean() < 1


def test_a_path_leads_over_several_frames() -> None:
    frames = clip(8)
    path = step_back(frames[3])
    for frame in frames[4:]:
        path = step_back(frame).after(path)
    assert apart(path.warp(frames[2].color), frames[7].color, path.seen) == 0
    shown = covered(2, SPEED)[:, : -5 * 1]  # the ground behind the square of frame 2, as frame 7 sees it
    newly = np.zeros_like(path.seen)
    newly[:, : shown.shape[1]] = covered(2, SPEED)[:, 5:] & ~covered(7, SPEED)[:, : shown.shape[1]]
    assert newly.any()
    assert not path.seen[newly].any()


def test_the_frame_after_is_found_though_motion_leads_back() -> None:
    frame, after = clip(5)[3:]
    step = step_forth(frame, after)
    assert apart(step.warp(after.color), frame.color, step.seen) == 0
    assert not step.seen.all()
    assert step.seen.mean() > 0.9
    alone = step_forth(replace(frame, motion=None), after)  # without a first guess from its own motion
    assert apart(alone.warp(after.color), frame.color, alone.seen) == 0


def test_depth_stands_in_for_what_the_game_does_not_say() -> None:
    before, frame = clip(5, occlusion=False)[3:]
    known = step_back(clip(5)[4])
    np.testing.assert_array_equal(step_back(frame, before).seen, known.seen)
    assert step_back(frame).seen.sum() > known.seen.sum()
    forth = step_forth(before, frame)
    assert apart(forth.warp(frame.color), before.color, forth.seen) == 0


def test_the_sky_is_as_far_as_the_sky() -> None:
    before, frame = (replace(each, depth=np.full_like(each.depth, np.inf)) for each in clip(3, occlusion=False)[1:])
    assert step_back(frame, before).seen.mean() > 0.95
    everywhere = np.ones(frame.color.shape[:2], dtype=np.bool_)
    fits = same_place(frame, depth_around(before), step_back(frame).positions, everywhere)
    assert fits.mean() > 0.95
    near = replace(before, depth=np.full_like(before.depth, 5.0))
    assert same_place(frame, depth_around(near), step_back(frame).positions, everywhere).max() < 0.01


def test_motion_that_is_no_number_leads_nowhere() -> None:
    frame = clip(3)[2]
    motion = frame.motion.copy()
    motion[3, 4], motion[5, 6] = np.nan, np.inf
    step = step_back(replace(frame, motion=motion))
    assert not step.seen[3, 4]
    assert not step.seen[5, 6]
    assert np.isfinite(step.positions).all()


def test_places_outside_are_outside() -> None:
    positions = np.zeros((2, 3, 2), np.float32)
    positions[0] = ((-0.6, 0), (0, 1.6), (np.nan, 0))
    positions[1] = ((-0.4, 0), (2.4, 1.4), (2.6, 0))
    np.testing.assert_array_equal(inside(positions), [[False, False, False], [True, True, False]])


def follows(*frames: Frame) -> tuple[list[bool], int]:
    continuity = Continuity()
    return [continuity.follows(frame) for frame in frames], continuity.cuts


def test_frames_that_follow_each_other_do() -> None:
    assert follows(*clip(4)) == ([False, True, True, True], 0)


def test_whatever_breaks_the_motion_is_a_cut() -> None:
    first, second, third = clip(3)
    breaks = {
        "gap": replace(second, clock=Clock(frame_id=2)),
        "back in time": replace(second, clock=Clock(frame_id=-1)),
        "cut": replace(second, occlusion=np.ones_like(second.occlusion)),
        "no motion": replace(second, motion=None),
        "another camera": replace(second, camera=Camera(name="other")),
        "another game": replace(second, session="other"),
        "another size": Frame(color=second.color[:-1], motion=second.motion[:-1], clock=second.clock),
    }
    for name, broken in breaks.items():
        assert follows(first, broken) == ([False, False], 1), name
    assert follows(first, second, third) == ([False, True, True], 0)


def test_frames_that_nobody_numbered_follow_each_other() -> None:
    assert follows(*(replace(frame, clock=Clock()) for frame in clip(3)))[0] == [False, True, True]


def test_a_stream_without_motion_is_refused_and_told_how_to_get_it() -> None:
    still = [replace(frame, motion=None) for frame in numbered(clip(4))]
    with pytest.raises(InputError, match=r"no motion.*motion=dis.*--flow") as refused:
        follows(*still)
    assert len(str(refused.value).splitlines()) == 1
    with pytest.raises(InputError, match=r"motion=dis"):
        step_back(still[1])
