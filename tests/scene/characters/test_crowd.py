"""The others: they go their ways for minutes and never end up in a wall, in each other, or outside."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

import numpy as np
import pytest
from stylebridge.scene.characters import Cast, Wish
from stylebridge.scene.characters.crowd import BODY_M
from stylebridge.scene.characters.rotations import Array
from stylebridge.scene.characters.walls import Walls
from stylebridge.scene.levels.level import Box, Disc

from scene.characters.places import play, yard


@pytest.fixture(scope="module")
def minute() -> tuple[Array, Counter[str]]:
    """Where eight characters were in a minute [T,8,2], the hero pushing about, and what they did."""
    cast = Cast(yard(), count=8, seed=7)

    def push(time_s: float) -> Wish:
        angle = 2.4 * np.floor(time_s / 2.0)
        return Wish((3.5 * np.cos(angle), 3.5 * np.sin(angle)))

    places, clips = [], Counter[str]()
    for one in play(cast, 60.0, push, 1.0 / 30.0):
        everybody = [one.character(index) for index in range(8)]
        places.append([who.position[:2] for who in everybody])
        clips.update(who.clip for who in everybody[1:])
    return np.array(places), clips


def test_nobody_enters_an_obstacle_or_leaves_the_square(minute: tuple[Array, Counter[str]]) -> None:
    level = yard()
    places = minute[0].reshape(-1, 2)
    distance, _ = Walls(level.obstacles, level.half_side).nearest(places)
    assert distance.min() > BODY_M - 0.05
    assert np.abs(places).max() < level.half_side


def test_being_in_a_wall_would_be_seen() -> None:
    level = yard()
    distance, _ = Walls(level.obstacles, level.half_side).nearest(np.array([[0.1, 0.1], [11.9, 0.0], [4.5, 4.0]]))
    assert (distance < BODY_M - 0.05).all()


def test_they_keep_apart(minute: tuple[Array, Counter[str]]) -> None:
    apart = np.linalg.norm(minute[0][:, :, None] - minute[0][:, None], axis=-1) + 9.0 * np.eye(8)
    assert apart.min() > 0.25
    assert np.mean(apart.min(axis=(1, 2)) < 0.45) < 0.05


def test_they_walk_run_stop_and_look_around(minute: tuple[Array, Counter[str]]) -> None:
    places, clips = minute
    gone = np.linalg.norm(np.diff(places[:, 1:], axis=0), axis=-1).sum(axis=0)
    assert (gone > 10.0).all()
    assert clips["walk"] > 0.2 * clips.total()
    assert sum(count for name, count in clips.items() if name.startswith("idle")) > 0.05 * clips.total()
    assert sum(count for name, count in clips.items() if name.startswith(("run", "jog"))) > 0
    assert clips["walk-start"]
    assert clips["walk-stop"]


def test_without_routes_they_still_wander() -> None:
    cast = Cast(replace(yard(), routes=()), count=3, seed=1)
    before = cast.character(1).position
    for _ in play(cast, 20.0, Wish(), 1.0 / 30.0):
        pass
    assert np.linalg.norm(cast.character(1).position - before) > 1.0


def test_somebody_alone_is_a_cast_too() -> None:
    cast = Cast(yard(), count=1, seed=1)
    for _ in play(cast, 0.5, Wish((1.0, 0.0))):
        pass
    assert list(cast.skins()) == ["character-0"]


def test_a_start_inside_an_obstacle_is_moved_out() -> None:
    cast = Cast(replace(yard(), start=(4.2, 4.1, 0.0)), count=1, seed=1)
    assert np.hypot(*(cast.hero.position[:2] - 4.0)) > 1.0 + BODY_M - 0.01


def test_distances_by_hand() -> None:
    walls = Walls((Box(2.0, 0.0, 1.0, 0.5, np.pi / 2), Disc(-3.0, 0.0, 1.0)), 10.0)
    places = np.array([[2.0, 2.0], [3.0, 0.0], [2.1, 0.0], [-3.0, 3.0], [9.5, -1.0], [-3.0, 0.0]])
    distance, away = walls.nearest(places)
    np.testing.assert_allclose(distance, [1.0, 0.5, -0.4, 2.0, 0.5, -1.0], atol=1e-9)
    np.testing.assert_allclose(away, [[0, 1], [1, 0], [1, 0], [0, 1], [-1, 0], [1, 0]], atol=1e-9)
    out, distance, _ = walls.push_out(places, 0.3)
    assert distance.min() > 0.3 - 1e-6
    np.testing.assert_array_equal(distance, walls.nearest(out)[0])


def test_a_wall_takes_the_part_of_a_wish_that_runs_into_it() -> None:
    walls = Walls((Box(0.0, 0.0, 1.0, 1.0),), 10.0)
    near = walls.nearest(np.array([[1.3, 0.0], [1.3, 0.0], [4.0, 0.0]]))
    wish = np.array([[-1.0, 1.0], [1.0, 1.0], [-1.0, 1.0]])
    np.testing.assert_allclose(walls.slide(wish, *near, 0.3), [[0.0, 1.0], [1.0, 1.0], [-1.0, 1.0]], atol=1e-9)
