"""Blending: joining another clip changes neither place nor speed at once, and the difference is soon gone."""

from __future__ import annotations

import numpy as np
from stylebridge.scene.characters.blending import Blend
from stylebridge.scene.characters.rotations import Array, about, conjugate, multiply, vector_from_quaternion
from stylebridge.scene.characters.skeleton import JOINTS

DT = 1.0 / 60.0


def pose(angle: float, height: float) -> tuple[Array, Array]:
    """Everybody's joints turned by an angle around z, the hips at a height."""
    return np.broadcast_to(about(2, np.array(angle)), (1, len(JOINTS), 4)), np.array([[0.0, 0.0, height]])


def shown(joining: bool) -> tuple[Array, Array]:
    """Angles and heights over a second of a steady turn, another clip joined after a quarter if wished."""
    blend = Blend(*pose(0.0, 1.0))
    angles, heights = [], []
    for step in range(1, 61):
        time_s = step * DT
        if joining and step == 15:
            blend.join(np.array([0]), pose(0.8, 0.9), pose(0.8, 0.9), DT)
        later = joining and step >= 15
        blend.show(DT, *(pose(0.8, 0.9) if later else pose(2.0 * time_s, 1.0 + 0.1 * time_s)))
        angles.append(vector_from_quaternion(blend.turns)[0, 3, 2])
        heights.append(blend.hips[0, 2])
    return np.array(angles), np.array(heights)


def test_a_join_keeps_place_and_speed_and_arrives() -> None:
    angles, heights = shown(joining=True)
    assert np.abs(np.diff(angles)).max() < 2.0 * DT * 1.6
    assert np.abs(np.diff(angles, 2)).max() < 0.02
    assert np.abs(np.diff(heights, 2)).max() < 0.01
    assert np.isclose(angles[-1], 0.8, atol=0.01)
    assert np.isclose(heights[-1], 0.9, atol=0.002)


def test_a_cut_would_be_seen() -> None:
    angles, _ = shown(joining=False)
    cut = np.where(np.arange(60) < 14, angles, 0.8)
    assert np.abs(np.diff(cut, 2)).max() > 0.02


def test_without_a_join_the_clip_is_shown_as_it_is() -> None:
    blend = Blend(*pose(0.0, 1.0))
    blend.show(DT, *pose(0.1, 1.1))
    np.testing.assert_allclose(multiply(blend.turns, conjugate(pose(0.1, 1.1)[0]))[..., 1:], 0.0, atol=1e-12)
    np.testing.assert_allclose(blend.hips, pose(0.1, 1.1)[1])
