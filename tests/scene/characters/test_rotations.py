"""Turning things: every way to write a turn says the same."""

from __future__ import annotations

import numpy as np
import pytest
from stylebridge.scene.characters.legs import between
from stylebridge.scene.characters.rotations import (
    about,
    blend,
    conjugate,
    matrix_from_quaternion,
    multiply,
    normalize,
    quaternion_from_matrix,
    quaternion_from_vector,
    turn_plane,
    vector_from_quaternion,
    wrap,
)


def some_turns(count: int = 200) -> np.ndarray:
    return normalize(np.random.default_rng(1).normal(size=(count, 4)))


def test_a_quarter_turn_around_z_takes_x_to_y() -> None:
    matrix = matrix_from_quaternion(about(2, np.array(np.pi / 2)))
    np.testing.assert_allclose(matrix @ [1.0, 0.0, 0.0], [0.0, 1.0, 0.0], atol=1e-12)


def test_matrices_and_quaternions_agree() -> None:
    turns = some_turns()
    matrices = matrix_from_quaternion(turns)
    np.testing.assert_allclose(
        matrices @ np.swapaxes(matrices, -1, -2), np.broadcast_to(np.eye(3), matrices.shape), atol=1e-12
    )
    np.testing.assert_allclose(matrix_from_quaternion(quaternion_from_matrix(matrices)), matrices, atol=1e-9)
    product = multiply(turns[:100], turns[100:])
    np.testing.assert_allclose(matrix_from_quaternion(product), matrices[:100] @ matrices[100:], atol=1e-12)


@pytest.mark.parametrize("angle", [0.0, 1e-8, 0.3, 3.0, np.pi])
def test_vectors_and_quaternions_agree(angle: float) -> None:
    vector = normalize(np.array([0.3, -0.5, 0.8])) * angle
    back = vector_from_quaternion(quaternion_from_vector(vector))
    np.testing.assert_allclose(back, vector, atol=1e-9)


def test_a_turn_and_its_opposite_are_nothing() -> None:
    turns = some_turns()
    nothing = vector_from_quaternion(multiply(turns, conjugate(turns)))
    assert np.abs(nothing).max() < 1e-7


def test_a_blend_goes_the_short_way() -> None:
    first, second = about(2, np.array(0.2)), -about(2, np.array(0.4))
    np.testing.assert_allclose(blend(first, second, np.array(0.5)), about(2, np.array(0.3)), atol=1e-3)


def test_the_smallest_turn_between_directions() -> None:
    ways = normalize(np.random.default_rng(2).normal(size=(50, 3)))
    other = normalize(ways + 0.5 * np.random.default_rng(3).normal(size=(50, 3)))
    turns = between(ways, other)
    np.testing.assert_allclose((turns @ ways[..., None])[..., 0], other, atol=1e-9)


def test_plane_and_wrapped_angles() -> None:
    np.testing.assert_allclose(turn_plane(np.array([1.0, 0.0]), np.array(np.pi / 2)), [0.0, 1.0], atol=1e-12)
    np.testing.assert_allclose(wrap(np.array([3.5, -3.5, 7.0])), [3.5 - 2 * np.pi, 2 * np.pi - 3.5, 7.0 - 2 * np.pi])
