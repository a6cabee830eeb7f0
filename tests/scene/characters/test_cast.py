"""The cast: it does what is wished, moves without jolts, and does the same again for the same seed."""

from __future__ import annotations

import numpy as np
import pytest
from stylebridge.errors import InputError
from stylebridge.scene.characters import Cast, Wish
from stylebridge.scene.characters.cast import FIRST_ID
from stylebridge.scene.characters.rotations import Array, wrap
from stylebridge.scene.characters.skeleton import INDEX, JOINTS, TOES

from scene.characters.places import DT, alone, errand, hilly, play, yard

STEP_M = 0.20  # that a joint moves in 1/60 s at most: the toes of a runner reach 11 m/s
JOLT_M = 0.17  # by which two such moves differ


def track(cast: Cast, seconds: float) -> Array:
    return np.array([one.joints()[1][0] for one in play(cast, seconds, errand)])


@pytest.mark.parametrize(
    ("wish", "gait", "speed"),
    [
        (Wish(), "idle", 0.0),
        (Wish((1.4, 0.0)), "walk", 1.4),
        (Wish((0.0, 2.7)), "jog", 2.7),
        (Wish((-4.2, 0.0)), "run", 4.2),
    ],
)
def test_a_wish_is_granted(wish: Wish, gait: str, speed: float) -> None:
    cast = alone()
    for _ in play(cast, 3.0, wish):
        pass
    ends = []
    for one in play(cast, 1.0, wish):
        assert one.hero.clip.startswith(gait)
        ends.append(one.hero.position[:2])
    assert np.isclose(np.linalg.norm(ends[-1] - ends[0]) / (1.0 - DT), speed, atol=0.15)
    if speed:
        assert abs(wrap(np.array(cast.hero.heading_rad - np.arctan2(wish.velocity[1], wish.velocity[0])))) < 0.1


def test_a_place_is_turned_to_without_moving() -> None:
    cast = alone()
    clips = {one.hero.clip for one in play(cast, 2.5, Wish(facing=2.0))}
    assert "turn" in clips
    assert abs(cast.hero.heading_rad - 2.0) < 0.12
    assert np.linalg.norm(cast.hero.position[:2]) < 0.15


def test_one_can_walk_backwards() -> None:
    cast = alone()
    for _ in play(cast, 3.0, Wish((-1.0, 0.0), facing=0.0)):
        pass
    assert cast.hero.position[0] < -1.5
    assert abs(cast.hero.heading_rad) < 0.3


def test_who_waits_long_stands_in_more_than_one_way() -> None:
    clips = {one.hero.clip for one in play(alone(), 30.0, Wish(), 1.0 / 20.0)}
    assert clips == {"idle", "idle-look", "idle-shift"}


def test_a_wall_stops_and_is_walked_along() -> None:
    cast = Cast(yard(), count=1, seed=3)
    for _ in play(cast, 12.0, Wish((-2.0, 0.3))):
        pass
    assert cast.hero.position[0] < -11.0
    assert cast.hero.position[1] > -7.0
    assert cast.hero.speed < 1.5


@pytest.mark.parametrize("velocity", [(0.0, 0.0), (1.4, 0.0), (4.0, 0.0)])
def test_a_jump_leaves_the_ground_and_lands(velocity: tuple[float, float]) -> None:
    cast = alone()
    for _ in play(cast, 2.0, Wish(velocity)):
        pass
    lowest, airborne, clips = [], [], set()
    for index, one in enumerate(play(cast, 2.0, lambda time_s: Wish(velocity, jump=time_s < 0.01))):
        lowest.append(one.joints()[1][0, TOES, 2].min())
        airborne.append(one.hero.airborne)
        clips.add(one.hero.clip)
        assert index > 60 or not velocity[0] or one.hero.speed > 0.3
    assert any(name.startswith("jump") for name in clips)
    assert 0.3 < np.mean(airborne) * 2.0 < 0.7
    assert max(lowest) > 0.15
    assert min(lowest[-20:]) < 0.03
    assert not cast.hero.airborne


def test_nothing_jolts_through_starts_turns_jumps_and_stops() -> None:
    joints = track(alone(), 14.0)
    steps = np.linalg.norm(np.diff(joints, axis=0), axis=-1)
    jolts = np.linalg.norm(np.diff(joints, 2, axis=0), axis=-1)
    assert steps.max() < STEP_M
    assert jolts.max() < JOLT_M
    assert np.percentile(jolts, 99) < 0.035
    calm = [INDEX[name] for name in ("hips", "chest", "head")]
    assert jolts[:, calm].max() < 0.045


def test_a_jolt_would_be_seen() -> None:
    joints = track(alone(), 3.0)
    joints[90:] += 0.2
    assert np.linalg.norm(np.diff(joints, 2, axis=0), axis=-1).max() > JOLT_M


def test_the_same_seed_and_wishes_give_the_same_bits() -> None:
    casts = [Cast(yard(hilly), count=4, seed=seed) for seed in (5, 5, 6)]
    for step in range(300):
        for cast in casts:
            cast.advance(DT, errand(step * DT))
    first, again, other = (cast.skins() for cast in casts)
    assert all(np.array_equal(first[name], again[name]) for name in first)
    assert not any(np.array_equal(first[name], other[name]) for name in first)


def test_the_skins_are_rigid_and_belong_to_the_pieces() -> None:
    cast = Cast(yard(hilly), count=5, seed=2)
    for _ in play(cast, 3.0, errand):
        pass
    skins = cast.skins()
    assert [piece.name for piece in cast.pieces] == list(skins) == [f"character-{index}" for index in range(5)]
    assert [piece.id for piece in cast.pieces] == [FIRST_ID + index for index in range(5)]
    for piece in cast.pieces:
        skin = skins[piece.name]
        assert skin.shape == (len(JOINTS), 4, 4)
        assert skin.dtype == np.float32
        turns = skin[:, :3, :3].astype(np.float64)
        assert np.abs(np.linalg.det(turns) - 1.0).max() < 1e-4
        assert np.abs(turns @ np.swapaxes(turns, 1, 2) - np.eye(3)).max() < 1e-4
        assert (skin[:, 3] == [0.0, 0.0, 0.0, 1.0]).all()


def test_yesterdays_skins_stay_as_they_were() -> None:
    cast = alone()
    before = cast.skins()["character-0"]
    kept = before.copy()
    cast.advance(DT, Wish((2.0, 0.0)))
    assert np.array_equal(before, kept)
    assert not np.array_equal(cast.skins()["character-0"], kept)
    with pytest.raises(ValueError, match="read-only"):
        before[0, 0, 0] = 2.0


def test_the_skin_carries_a_bound_joint_to_its_place() -> None:
    cast = alone()
    for _ in play(cast, 1.5, Wish((1.4, 0.5))):
        pass
    mesh, skin = cast.pieces[0].mesh, cast.skins()["character-0"]
    assert mesh.joints is not None
    assert mesh.weights is not None
    hand = (mesh.joints[:, 0] == INDEX["left_hand"]) & (mesh.weights[:, 0] > 0.99)
    bound = mesh.positions[hand].mean(axis=0)
    moved = skin[INDEX["left_hand"]] @ np.append(bound, 1.0)
    assert np.linalg.norm(moved[:3] - cast.joints()[1][0, INDEX["left_hand"]]) < 0.15


@pytest.mark.parametrize("dt", [1.0 / 30.0, 1.0 / 60.0, 1.0 / 50.0])
def test_any_steady_step_will_do(dt: float) -> None:
    cast = alone()
    for _ in play(cast, 4.0, Wish((1.4, 0.0)), dt):
        pass
    assert 3.8 < cast.hero.position[0] < 5.6
    assert cast.hero.clip == "walk"


@pytest.mark.parametrize(
    ("act", "words"),
    [
        (lambda: Cast(yard(), count=0), "0 characters"),
        (lambda: Cast(yard(), count=10_000), "10000 characters"),
        (lambda: alone().advance(0.0, Wish()), "a step of 0.0 s"),
        (lambda: alone().advance(0.5, Wish()), "a step of 0.5 s"),
        (lambda: alone().advance(DT, Wish((np.nan, 0.0))), "a wished velocity"),
        (lambda: alone().advance(DT, Wish(facing=np.inf)), "a wished heading"),
    ],
)
def test_what_makes_no_sense_is_refused(act: object, words: str) -> None:
    with pytest.raises(InputError, match=words):
        act()  # type: ignore[operator]


def test_nobody_outruns_a_runner() -> None:
    cast = alone()
    for _ in play(cast, 3.0, Wish((1000.0, 0.0))):
        pass
    assert cast.hero.speed < 6.0
