"""The game without a picture: equal setups play equally, pads are obeyed, cameras look where they should."""

from __future__ import annotations

import math
import re
from pathlib import Path

import numpy as np
import pytest
from stylebridge.errors import InputError
from stylebridge.scene.camerapath import CameraPath
from stylebridge.scene.game import Game, Pad, Setup, pad_from_keys
from stylebridge.scene.levels.level import Box
from stylebridge.scene.viewing import look_at

SMALL = {"characters": 2}


def course(setup: Setup) -> list[np.ndarray]:
    """Camera and bones along the way."""
    game, seen = Game(setup), []
    for _ in range(45):
        game.advance(1 / 30)
        (shot,) = game.snapshots(0)
        seen += [shot.eye.view, *shot.skins.values(), *shot.movers.values()]
    return seen


def hero_place(game: Game) -> np.ndarray:
    return np.array(game.hero.position[:2])


def test_equal_setups_play_equally() -> None:
    one, two = (course(Setup(**SMALL)) for _ in range(2))
    assert all(np.array_equal(a, b) for a, b in zip(one, two, strict=True))


def test_another_seed_plays_otherwise() -> None:
    one, two = (course(Setup(seed=seed, **SMALL)) for seed in (7, 8))
    assert not all(np.array_equal(a, b) for a, b in zip(one, two, strict=True))


def test_long_times_are_played_in_steps_and_short_ones_too() -> None:
    games = [Game(Setup(**SMALL)) for _ in range(3)]
    games[0].advance(1.0)
    for _ in range(30):
        games[1].advance(1 / 30)
    for _ in range(120):
        games[2].advance(1 / 120)
    views = [game.snapshots(0)[0].eye.view for game in games]
    assert [game.simulation_s for game in games] == [1.0] * 3
    assert np.allclose(views[0], views[1], atol=1e-6)
    assert np.allclose(views[0], views[2], atol=0.2)
    assert not np.allclose(views[0], Game(Setup(**SMALL)).snapshots(0)[0].eye.view, atol=0.2)


def test_left_alone_the_hero_goes_somewhere() -> None:
    game = Game(Setup(**SMALL))
    before = hero_place(game)
    game.advance(4)
    assert np.hypot(*(hero_place(game) - before)) > 1.0


def test_the_hero_goes_where_the_pad_points() -> None:
    game = Game(Setup(**SMALL))
    before, forward = hero_place(game), game.hero.heading_rad
    game.advance(1, Pad(forward=1))
    way = hero_place(game) - before
    assert np.hypot(*way) > 0.5
    assert math.cos(math.atan2(way[1], way[0]) - forward) > 0.9


def test_running_goes_farther_than_walking_and_letting_go_stands() -> None:
    ways = []
    for run in (False, True):
        game = Game(Setup(**SMALL))
        before = hero_place(game)
        game.advance(1.5, Pad(forward=1, run=run))
        ways.append(np.hypot(*(hero_place(game) - before)))
    game.advance(2, Pad())
    before = hero_place(game)
    game.advance(1, Pad())
    assert ways[1] > 1.5 * ways[0]
    assert np.hypot(*(hero_place(game) - before)) < 0.05


@pytest.mark.parametrize(
    ("keys", "pad"),
    [
        ({"w"}, Pad(forward=1)),
        ({"arrow_down", "d"}, Pad(forward=-1, right=1)),
        ({"w", "s"}, Pad()),
        ({"a", "shift", "space", "q"}, Pad(right=-1, turn=1, run=True, jump=True)),
    ],
)
def test_keys_become_a_pad(keys: set[str], pad: Pad) -> None:
    assert pad_from_keys(keys) == pad


def test_the_follow_camera_keeps_the_hero_in_view_and_out_of_the_walls() -> None:
    game = Game(Setup(**SMALL))
    walls = [box for box in game.level.obstacles if isinstance(box, Box) and min(box.half_x, box.half_y) > 2]
    assert walls
    for _ in range(60):
        game.advance(1 / 3)
        view = game.snapshots(0)[0].eye.view
        seen = view @ np.append(game.hero.position + np.array([0, 0, 1.2]), 1.0)
        assert -seen[2] > 0.5
        assert abs(seen[0] / seen[2]) < 0.7
        assert abs(seen[1] / seen[2]) < 0.5
        eye = -view[:3, :3].T @ view[:3, 3]
        assert not any(inside(box, eye) for box in walls)


def inside(box: Box, eye: np.ndarray) -> bool:
    x, y = eye[0] - box.x, eye[1] - box.y
    cos, sin = math.cos(box.heading_rad), math.sin(box.heading_rad)
    return abs(x * cos + y * sin) < box.half_x and abs(-x * sin + y * cos) < box.half_y


def test_several_cameras_see_one_moment() -> None:
    game = Game(Setup(cameras=("follow", "tour"), **SMALL))
    game.advance(0.5)
    follow, tour = game.snapshots(4)
    assert (follow.eye.name, tour.eye.name) == ("follow", "tour")
    assert follow.simulation_s == tour.simulation_s
    assert not np.allclose(follow.eye.view, tour.eye.view)


def test_a_recorded_path_is_a_camera(tmp_path: Path) -> None:
    path = CameraPath()
    for number in range(3):
        path.add(float(number), look_at((number, 0, 3), (0, 9, 1)), 50)
    path.save(tmp_path / "a.path")
    game = Game(Setup(cameras=(f"path:{tmp_path / 'a.path'}",), **SMALL))
    game.advance(1)
    (shot,) = game.snapshots(0)
    assert shot.eye.name == "path"
    assert np.allclose(shot.eye.view, look_at((1, 0, 3), (0, 9, 1)), atol=1e-5)


def test_a_camera_that_was_chosen_begins_with_a_cut() -> None:
    game = Game(Setup(**SMALL))
    game.choose_camera("orbit")
    assert [shot.eye.cut for shot in game.snapshots(0)] == [True]
    assert [shot.eye.cut for shot in game.snapshots(1)] == [False]


def test_a_day_goes_by() -> None:
    game = Game(Setup(day_s=4, hour=12, **SMALL))
    noon = game.snapshots(0)[0].weather
    game.advance(2)
    midnight = game.snapshots(1)[0].weather
    assert sum(midnight.sun_color) < sum(noon.sun_color)
    assert midnight.lamps > noon.lamps


@pytest.mark.parametrize(
    ("words", "says"),
    [
        ({"level": "moon"}, "plaza"),
        ({"weather": "frogs"}, "clear"),
        ({"cameras": ("nowhere",)}, "follow, "),
        ({"cameras": ("tour", "tour")}, "different"),
        ({"characters": 0}, "1 to 24"),
        ({"hour": 25}, "0 to 24"),
        ({"cameras": ("path:none.path",)}, "none.path"),
    ],
)
def test_what_there_isnt_is_refused_with_what_there_is(words: dict[str, object], says: str) -> None:
    with pytest.raises(InputError, match=re.escape(says)):
        Game(Setup(**words))
