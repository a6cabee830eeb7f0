"""Two-bone legs: the ankle gets where it should, the knee bends forward, and a foot rolls without sinking in."""

from __future__ import annotations

import numpy as np
from stylebridge.scene.characters.legs import STRETCH, lift_heel, roll_foot, solve_leg
from stylebridge.scene.characters.skeleton import ANKLE_M, BALL_M, HEEL_M, SHIN_M, THIGH_M

HIP = np.array([0.0, 0.0, 0.9])
AHEAD = np.array([1.0, 0.0, 0.0])
LENGTHS = (np.array(THIGH_M), np.array(SHIN_M))


def knee_of(thigh: np.ndarray) -> np.ndarray:
    return HIP - thigh[:, 2] * THIGH_M


def test_the_ankle_is_reached_and_the_knee_bends_forward() -> None:
    random = np.random.default_rng(6)
    for _ in range(200):
        ankle = np.array([random.uniform(-0.35, 0.35), random.uniform(-0.2, 0.2), random.uniform(0.2, 0.5)])
        thigh, shin, reached = solve_leg(HIP, ankle, AHEAD, *LENGTHS)
        np.testing.assert_allclose(reached, ankle, atol=1e-9)
        np.testing.assert_allclose(knee_of(thigh) - shin[:, 2] * SHIN_M, ankle, atol=1e-9)
        straight = HIP + (ankle - HIP) * THIGH_M / (THIGH_M + SHIN_M)
        assert (knee_of(thigh) - straight) @ AHEAD > 0.0
        for turn in (thigh, shin):
            np.testing.assert_allclose(turn @ turn.T, np.eye(3), atol=1e-9)
            assert np.linalg.det(turn) > 0.99


def test_what_is_too_far_is_reached_for_with_a_straight_leg() -> None:
    _, _, reached = solve_leg(HIP, np.array([0.0, 0.0, -1.0]), AHEAD, *LENGTHS)
    np.testing.assert_allclose(reached, [0.0, 0.0, 0.9 - (THIGH_M + SHIN_M) * STRETCH], atol=1e-6)


def test_the_knee_does_not_snap_where_the_leg_ends() -> None:
    depth = np.linspace(0.12, -0.05, 200)
    knees = np.array([knee_of(solve_leg(HIP, np.array([0.0, 0.0, z]), AHEAD, *LENGTHS)[0])[0] for z in depth])
    assert np.abs(np.diff(knees)).max() < 3.0 * (depth[0] - depth[1])


def test_a_lifted_heel_keeps_the_ball_of_the_foot_and_comes_within_reach() -> None:
    ankle = np.array([[-0.55, 0.0, 0.08]])
    ball = ankle + np.array([BALL_M[0], 0.0, BALL_M[1]])
    leg = np.array([THIGH_M + SHIN_M])
    assert np.linalg.norm(ankle - HIP) > leg
    lifted, turn = lift_heel(HIP[None], ball, ankle, leg)
    assert np.linalg.norm(lifted - HIP) < leg + 0.002
    np.testing.assert_allclose(np.linalg.norm(lifted - ball), np.linalg.norm(ankle - ball), atol=1e-9)
    np.testing.assert_allclose((turn @ (ankle - ball)[..., None])[..., 0], lifted - ball, atol=1e-9)
    near = np.array([[0.0, 0.0, 0.2]])
    same, nothing = lift_heel(HIP[None], near + np.array([0.13, 0.0, -0.055]), near, leg)
    np.testing.assert_array_equal(same, near)
    np.testing.assert_array_equal(nothing[0], np.eye(3))


def test_a_rolling_foot_turns_on_its_ball_and_on_its_heel() -> None:
    pitch = np.array([0.0, 0.6, -0.3])
    forward, up = roll_foot(pitch)
    assert forward[0] == up[0] == 0.0
    for angle, ahead, lift, (x, z) in zip(pitch[1:], forward[1:], up[1:], (BALL_M, HEEL_M), strict=True):
        turned = np.array([np.cos(angle) * x + np.sin(angle) * z, np.cos(angle) * z - np.sin(angle) * x])
        np.testing.assert_allclose(np.array([ahead, lift]) + turned, [x, z], atol=1e-12)
    assert up[1] > 0.05
    assert ANKLE_M + up[2] > 0.0
