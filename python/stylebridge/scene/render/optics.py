"""Projections and where a pixel was before, in 64-bit floats, so that only the last step is rounded."""

from __future__ import annotations

import math

import numpy as np

from stylebridge.errors import InputError
from stylebridge.scene.snapshot import Eye, Matrix

# Panda3D's cameras look along y with z up; ours look along -z with y up.
PANDA_TO_EYE = np.array([[1, 0, 0, 0], [0, 0, 1, 0], [0, -1, 0, 0], [0, 0, 0, 1]], np.float64)
FLIP = np.diag([1.0, -1.0, 1.0, 1.0])  # pictures are drawn with their top row first


def projection_of(eye: Eye, size: tuple[int, int]) -> Matrix:
    """OpenGL's perspective, eye -> clip."""
    if not (0.1 < eye.fov_y_deg < 170 and 0 < eye.near_m < eye.far_m < math.inf):
        found = f"an eye of {eye.fov_y_deg:g} degrees from {eye.near_m:g} to {eye.far_m:g} m"
        raise InputError(found, expected="0.1 to 170 degrees and 0 < near < far", where=f"eye {eye.name!r}")
    steep = 1.0 / math.tan(math.radians(eye.fov_y_deg) / 2)
    near, far = eye.near_m, eye.far_m
    return np.array(
        [
            [steep * size[1] / size[0], 0, 0, 0],
            [0, steep, 0, 0],
            [0, 0, (far + near) / (near - far), 2 * far * near / (near - far)],
            [0, 0, -1, 0],
        ]
    )


def checked_matrix(matrix: Matrix, what: str) -> Matrix:
    """A finite, invertible [4,4] matrix as 64-bit floats."""
    array = np.asarray(matrix, np.float64)
    if array.shape != (4, 4) or not np.isfinite(array).all() or abs(np.linalg.det(array)) < 1e-12:
        raise InputError(f"{what} is no finite invertible [4,4] matrix: {array.dtype} {list(array.shape)}")
    return array


def checked_direction(direction: tuple[float, float, float]) -> tuple[float, float, float]:
    """The sun's direction at length 1."""
    length = float(np.linalg.norm(direction))
    if not 1e-6 < length < 1e6:
        raise InputError(f"a sun direction of length {length:g}", expected="a unit vector")
    x, y, z = (float(part) / length for part in direction)
    return x, y, z


def view_towards(direction: Matrix, middle: Matrix) -> Matrix:
    """World -> eye for somebody at `middle` who looks along `direction`, north or east of it being up."""
    back = -np.asarray(direction, np.float64) / np.linalg.norm(direction)
    up = np.array([0.0, 0.0, 1.0]) if abs(back[2]) < 0.999 else np.array([0.0, 1.0, 0.0])
    right = np.cross(up, back)
    right /= np.linalg.norm(right)
    view = np.eye(4)
    view[:3, :3] = np.stack([right, np.cross(back, right), back])
    view[:3, 3] = -view[:3, :3] @ middle
    return view


def orthographic(half_x: float, half_y: float, near: float, far: float) -> Matrix:
    """A parallel projection, eye -> clip."""
    return np.array(
        [
            [1 / half_x, 0, 0, 0],
            [0, 1 / half_y, 0, 0],
            [0, 0, -2 / (far - near), -(far + near) / (far - near)],
            [0, 0, 0, 1],
        ]
    )
