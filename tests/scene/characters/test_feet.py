"""Feet in the game: held where they stand, on slopes and steps as on the flat."""

from __future__ import annotations

import numpy as np
from stylebridge.scene.characters import Wish
from stylebridge.scene.characters.rotations import Array
from stylebridge.scene.characters.skeleton import FEET, TOES

from scene.characters.places import DT, alone, errand, hilly, play


def slope(places: Array) -> Array:
    """A hill to the east, one in five."""
    return 0.2 * np.maximum(places[:, 0] - 1.0, 0.0)


def held(wish: object, seconds: float, ground: object = None) -> tuple[Array, Array]:
    """Places of the balls of the hero's feet [T,2,3], and whether the clip has them on the ground [T,2]."""
    cast = alone(ground)  # type: ignore[arg-type]
    balls, planted = [], []
    for one in play(cast, seconds, wish):  # type: ignore[arg-type]
        balls.append(one.joints()[1][0, TOES])
        planted.append(one._motion.planted[0] & ~one._motion.airborne[0])
    return np.array(balls), np.array(planted)


def slides(balls: Array, planted: Array) -> Array:
    speed = np.linalg.norm(np.diff(balls[..., :2], axis=0), axis=-1) / DT
    return speed[planted[1:] & planted[:-1]]


def test_feet_do_not_slide_in_a_walk_or_a_run() -> None:
    for speed in (0.9, 1.25, 2.5, 4.0):
        balls, planted = held(Wish((speed, 0.0)), 3.5)
        assert np.mean(slides(balls, planted)) < 0.05
        assert np.percentile(slides(balls, planted), 95) < 0.15
        assert np.mean(slides(balls[120:], planted[120:])) < 0.012


def test_feet_hardly_slide_in_anything() -> None:
    slid = slides(*held(errand, 14.0))
    assert np.mean(slid) < 0.08
    assert np.mean(slid > 0.5) < 0.04


def test_sliding_would_be_seen() -> None:
    balls, planted = held(Wish((1.4, 0.0)), 3.0)
    balls = balls + np.arange(len(balls))[:, None, None] * [0.3 * DT, 0.0, 0.0]
    assert np.mean(slides(balls, planted)) > 0.05


def test_feet_stand_on_a_slope() -> None:
    balls, planted = held(Wish((1.4, 0.3)), 6.0, slope)
    over = balls[..., 2] - slope(balls.reshape(-1, 3)).reshape(balls.shape[:2])
    assert np.abs(over[planted] - 0.025).max() < 0.05
    assert over.min() > -0.01
    assert balls[-1, :, 2].min() > 0.8


def test_feet_climb_steps_and_the_body_rises_with_them() -> None:
    cast = alone(hilly)
    for _ in play(cast, 1.0, Wish()):
        pass
    depth, heights = [], []
    for one in play(cast, 8.0, Wish((1.4, 0.0))):
        balls = one.joints()[1][0, TOES]
        depth.append(balls[:, 2] - hilly(balls[:, :2]))
        heights.append(one.joints()[1][0, 0, 2])
    assert cast.hero.position[0] > 9.0
    assert np.min(depth) > -0.13  # a toe may brush an edge
    assert np.mean(np.array(depth) < 0.0) < 0.02
    assert np.abs(np.diff(heights)).max() < 0.03
    assert heights[-1] > heights[0] + 0.35


def test_legs_are_never_pulled_apart() -> None:
    cast = alone(hilly)
    lengths = []
    for one in play(cast, 7.5, errand):
        world, places = one.joints()
        for side in (0, 1):
            foot = places[0, FEET[side]]
            shin = places[0, FEET[side] - 1]
            lengths.append(np.linalg.norm(foot - shin))
            assert world[0, FEET[side]].shape == (3, 3)
    assert np.ptp(lengths) < 1e-9
