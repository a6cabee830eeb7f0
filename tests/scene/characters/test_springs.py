"""Springs: many small steps are one large one, and everything arrives."""

from __future__ import annotations

import numpy as np
from stylebridge.scene.characters.springs import chase, decay, limit, share_in


def test_an_offset_fades_the_same_in_any_steps() -> None:
    offset, speed = np.array([0.3, -1.0]), np.array([2.0, 0.5])
    at_once = decay(offset, speed, 0.1, 0.2)
    for _ in range(10):
        offset, speed = decay(offset, speed, 0.1, 0.02)
    np.testing.assert_allclose(offset, at_once[0], atol=1e-12)
    np.testing.assert_allclose(speed, at_once[1], atol=1e-12)
    assert np.abs(decay(offset, speed, 0.1, 2.0)[0]).max() < 1e-6


def test_a_goal_velocity_is_reached_the_same_in_any_steps() -> None:
    place, velocity, push = np.zeros(2), np.array([1.0, 0.0]), np.zeros(2)
    goal = np.array([0.0, 3.0])
    at_once = chase(velocity, push, goal, 0.2, 0.5)
    for _ in range(50):
        moved, velocity, push = chase(velocity, push, goal, 0.2, 0.01)
        place = place + moved
    for found, expected in zip((place, velocity, push), at_once, strict=True):
        np.testing.assert_allclose(found, expected, atol=1e-9)
    np.testing.assert_allclose(chase(velocity, push, goal, 0.2, 5.0)[1], goal, atol=1e-6)


def test_half_is_covered_in_a_half_life_and_lengths_are_limited() -> None:
    assert np.isclose(share_in(0.25, 0.25), 0.5)
    np.testing.assert_allclose(
        limit(np.array([[3.0, 4.0], [0.3, 0.4], [0.0, 0.0]]), 1.0), [[0.6, 0.8], [0.3, 0.4], [0, 0]]
    )
