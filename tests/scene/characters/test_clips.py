"""The clips: feet stay where they stand, walkers always have one down and runners don't, jumps leave the ground."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest
from stylebridge.scene.characters.clips.footsteps import STRIKE_S
from stylebridge.scene.characters.clips.library import POSE_WIDTH, library
from stylebridge.scene.characters.clips.performance import CLIP_HZ, Performance, perform
from stylebridge.scene.characters.clips.scripts import Script, scripts
from stylebridge.scene.characters.rotations import Array, about, matrix_from_quaternion, multiply, turn_plane
from stylebridge.scene.characters.skeleton import FEET, INDEX, SHINS, THIGHS, TOES, forward

SLIDE_MPS = 0.20  # at most, while the last of the foot comes down
SOLE_M = 0.022  # of the ball of the foot: nothing is lower


@cache
def take(name: str, nth: int = 0) -> Performance:
    return perform([script for script in scripts() if script.name == name][nth])


def inside(performance: Performance) -> Array:
    time_s = performance.time_s
    return (time_s >= 0.0) & (time_s < performance.script.seconds)


def joints(performance: Performance) -> Array:
    turns = matrix_from_quaternion(performance.turns)
    heading = performance.heading
    turns[:, 0] = matrix_from_quaternion(multiply(about(2, heading), performance.turns[:, 0]))
    flat = performance.root + turn_plane(performance.hips[:, :2], heading)
    return forward(turns, np.concatenate([flat, performance.hips[:, 2:]], axis=-1))[1]


def slides(places: Array, planted: Array) -> Array:
    """Speeds of the balls of the feet in all frames in which they rest on the ground."""
    speed = np.linalg.norm(np.diff(places[:, TOES, :2], axis=0), axis=-1) * CLIP_HZ
    return speed[planted[1:] & planted[:-1]]


@pytest.mark.parametrize("script", list(scripts()), ids=lambda script: f"{script.name}-{script.seconds}")
def test_feet_stay_put_and_above_the_ground(script: Script) -> None:
    performance = perform(script)
    keep = inside(performance)
    places = joints(performance)[keep]
    assert np.isfinite(places).all()
    assert places[:, TOES, 2].min() > SOLE_M
    assert places[:, FEET, 2].min() > 0.06
    slid = slides(places, performance.planted[keep])
    assert slid.size
    assert slid.max() < SLIDE_MPS
    assert np.median(slid) < 0.04


def test_a_sliding_foot_would_be_seen() -> None:
    performance = take("walk")
    places = joints(performance)
    places[:, :, 0] -= 0.5 * performance.time_s[:, None]
    assert slides(places, performance.planted).max() > SLIDE_MPS


@pytest.mark.parametrize("nth", range(4))
def test_a_walker_always_has_a_foot_on_the_ground(nth: int) -> None:
    performance = take("walk", nth)
    feet = joints(performance)[inside(performance)][:, TOES, 2].min(axis=-1)
    assert feet.max() < 0.05


@pytest.mark.parametrize(("name", "nth"), [("jog", 1), ("run", 0), ("run", 2)])
def test_a_runner_flies_and_lands(name: str, nth: int) -> None:
    performance = take(name, nth)
    planted = performance.planted[inside(performance)]
    assert 0.1 < 1.0 - planted.any(axis=-1).mean() < 0.7
    assert not planted.all(axis=-1).any()


@pytest.mark.parametrize("name", ["walk", "run", "walk-back", "turn", "jump", "run-turn"])
def test_knees_bend_forward_only(name: str) -> None:
    places = joints(take(name))
    heading = take(name).heading
    ahead = np.stack([np.cos(heading), np.sin(heading)], axis=-1)
    for thigh, shin, foot in zip(THIGHS, SHINS, FEET, strict=True):
        middle = places[:, thigh] + (places[:, foot] - places[:, thigh]) * (0.43 / 0.84)
        assert np.sum((places[:, shin] - middle)[:, :2] * ahead, axis=-1).min() > -0.02


def test_arms_swing_against_the_legs() -> None:
    performance = take("walk", 2)
    keep = inside(performance)
    places = joints(performance)[keep]
    hands = places[:, INDEX["left_hand"], 0] - places[:, INDEX["right_hand"], 0]
    feet = places[:, INDEX["left_foot"], 0] - places[:, INDEX["right_foot"], 0]
    assert np.corrcoef(hands, feet)[0, 1] < -0.8


def test_the_head_is_steadier_than_the_hips() -> None:
    performance = take("walk", 2)
    keep = inside(performance)
    world = forward(matrix_from_quaternion(performance.turns), performance.hips)[0][keep]
    sideways = {joint: np.ptp(world[:, INDEX[joint], 1, 0]) for joint in ("head", "hips")}
    assert sideways["head"] < 0.6 * sideways["hips"]


@pytest.mark.parametrize("name", ["jump", "jump-forward", "jump-jogging", "jump-running"])
def test_a_jump_crouches_flies_and_lands(name: str) -> None:
    performance = take(name)
    assert performance.flight is not None
    lift, land = performance.flight
    places = joints(performance)
    time_s = performance.time_s
    flying = (time_s > lift + 0.12) & (time_s < land - 0.12)
    assert places[flying][:, TOES, 2].min() > 0.10
    assert not performance.planted[(time_s > lift) & (time_s < land)].any()
    assert performance.planted[(time_s > land + STRIKE_S) & (time_s < land + 0.2)].any(axis=-1).all()
    hips = performance.hips[:, 2]
    before = hips[(time_s > lift - 0.5) & (time_s < lift)].min()
    assert hips[flying].max() > before + 0.25


def test_every_clip_is_there_in_both_hands() -> None:
    clips = library()
    assert {"idle", "walk", "jog", "run", "turn", "walk-arc", "jump", "jump-running"} <= set(clips.names)
    assert len(clips.turns) == len(clips.features) == len(clips.left) > 5000
    lengths = clips.left[np.flatnonzero(np.diff(clips.left, prepend=-1) >= 0)] + 1
    assert (lengths[0::2] == lengths[1::2]).all()
    count = int(lengths[0])
    flip = np.array([1.0, -1.0, 1.0])
    feet, mirrored = clips.raw[:count, :6].reshape(-1, 2, 3), clips.raw[count : 2 * count, :6].reshape(-1, 2, 3)
    np.testing.assert_allclose(mirrored, feet[:, ::-1] * flip, atol=1e-9)


def test_a_feature_is_what_will_happen() -> None:
    clips = library()
    start = int(np.flatnonzero(clips.label == clips.names.index("walk-arc"))[0])
    place, heading = np.zeros(2), 0.0
    for frame in range(start, start + 10):
        place = place + turn_plane(clips.velocity[frame], np.array(heading)) / CLIP_HZ
        heading += clips.spin[frame] / CLIP_HZ
    np.testing.assert_allclose(clips.raw[start, POSE_WIDTH : POSE_WIDTH + 2], place, atol=1e-6)
    np.testing.assert_allclose(clips.raw[start, 21:23], [np.cos(heading), np.sin(heading)], atol=1e-6)


def test_only_jumps_leave_the_ground_together() -> None:
    clips = library()
    assert clips.entry.any()
    assert (clips.leaping | ~clips.entry).all()
    assert (clips.leaping | ~clips.airborne).all()
    assert {clips.names[label].split("-")[0] for label in np.unique(clips.label[clips.leaping])} == {"jump"}
