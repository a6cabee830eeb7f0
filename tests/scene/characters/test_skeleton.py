"""The skeleton: forward kinematics against sums done by hand, proportions, and mirror images."""

from __future__ import annotations

import numpy as np
from stylebridge.scene.characters.rotations import about, matrix_from_quaternion, normalize
from stylebridge.scene.characters.skeleton import (
    INDEX,
    JOINTS,
    OFFSETS,
    PARENTS,
    Proportions,
    bind_places,
    forward,
    mirror,
)
from stylebridge.scene.mesh import MAX_JOINTS


def still(*shape: int) -> np.ndarray:
    return np.broadcast_to(np.eye(3), (*shape, len(JOINTS), 3, 3)).copy()


def test_it_fits_the_renderer_and_parents_come_first() -> None:
    assert len(JOINTS) <= MAX_JOINTS
    assert PARENTS[0] == -1
    assert all(parent < joint for joint, parent in enumerate(PARENTS))


def test_without_turns_the_joints_are_where_they_are_bound() -> None:
    world, places = forward(still(), OFFSETS[0])
    np.testing.assert_allclose(places, bind_places(), atol=1e-12)
    np.testing.assert_allclose(world, still(), atol=0)


def test_a_bent_knee_and_a_turned_hip_by_hand() -> None:
    turns = still()
    turns[INDEX["left_thigh"]] = matrix_from_quaternion(about(1, np.array(-np.pi / 2)))  # the thigh points ahead
    turns[INDEX["left_shin"]] = matrix_from_quaternion(about(1, np.array(np.pi / 2)))  # the shin points down again
    turns[0] = matrix_from_quaternion(about(2, np.array(np.pi / 2)))  # and the body looks along y
    _, places = forward(turns, np.array([1.0, 2.0, 0.96]))
    np.testing.assert_allclose(places[INDEX["left_thigh"]], [1.0 - 0.09, 2.0, 0.92], atol=1e-12)
    np.testing.assert_allclose(places[INDEX["left_shin"]], [0.91, 2.43, 0.92], atol=1e-12)
    np.testing.assert_allclose(places[INDEX["left_foot"]], [0.91, 2.43, 0.51], atol=1e-12)
    np.testing.assert_allclose(places[INDEX["left_toes"]], [0.91, 2.56, 0.455], atol=1e-12)


def test_many_at_once_are_the_same_as_one_by_one() -> None:
    random = np.random.default_rng(4)
    turns = matrix_from_quaternion(normalize(random.normal(size=(3, len(JOINTS), 4))))
    hips = random.normal(size=(3, 3))
    world, places = forward(turns, hips)
    for index in range(3):
        alone = forward(turns[index], hips[index])
        np.testing.assert_allclose(world[index], alone[0], atol=1e-12)
        np.testing.assert_allclose(places[index], alone[1], atol=1e-12)


def test_longer_legs_leave_the_feet_on_the_ground() -> None:
    tall = bind_places(Proportions(legs=1.2, torso=0.9).offsets())
    assert np.isclose(tall[INDEX["left_foot"], 2], 0.08 * 1.2)
    assert tall[INDEX["head"], 2] > bind_places()[INDEX["head"], 2]


def test_mirrored_twice_is_as_before_and_once_swaps_the_sides() -> None:
    random = np.random.default_rng(5)
    quaternions = normalize(random.normal(size=(len(JOINTS), 4)))
    np.testing.assert_allclose(mirror(mirror(quaternions)), quaternions)
    _, places = forward(matrix_from_quaternion(quaternions), np.array([0.0, 0.0, 1.0]))
    _, mirrored = forward(matrix_from_quaternion(mirror(quaternions)), np.array([0.0, 0.0, 1.0]))
    flip = np.array([1.0, -1.0, 1.0])
    np.testing.assert_allclose(mirrored[INDEX["right_hand"]], places[INDEX["left_hand"]] * flip, atol=1e-9)
    np.testing.assert_allclose(mirrored[INDEX["head"]], places[INDEX["head"]] * flip, atol=1e-9)
