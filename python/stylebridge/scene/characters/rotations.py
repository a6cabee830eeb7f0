"""Turning things: unit quaternions (w, x, y, z) and matrices over any number of leading axes."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Indices = NDArray[np.int64]
Flags = NDArray[np.bool_]

_TINY = 1e-9


def about(axis: int, angle_rad: Array) -> Array:
    """The quaternion [..., 4] that turns by an angle [...] around x (0), y (1) or z (2)."""
    angle = np.asarray(angle_rad, np.float64)
    turned = np.zeros((*angle.shape, 4))
    turned[..., 0] = np.cos(angle * 0.5)
    turned[..., 1 + axis] = np.sin(angle * 0.5)
    return turned


def multiply(first: Array, second: Array) -> Array:
    """The turn that does `second` and then `first`, as matrices do."""
    aw, av = first[..., :1], first[..., 1:]
    bw, bv = second[..., :1], second[..., 1:]
    scalar = aw * bw - dot(av, bv)[..., None]
    vector = aw * bv + bw * av + cross(av, bv)
    return np.concatenate([scalar, vector], axis=-1)


def cross(a: Array, b: Array) -> Array:
    """The cross product [..., 3]; np.cross costs more on the small arrays of one step."""
    ax, ay, az = a[..., 0], a[..., 1], a[..., 2]
    bx, by, bz = b[..., 0], b[..., 1], b[..., 2]
    product = np.empty(np.broadcast_shapes(a.shape, b.shape))
    product[..., 0] = ay * bz - az * by
    product[..., 1] = az * bx - ax * bz
    product[..., 2] = ax * by - ay * bx
    return product


def dot(a: Array, b: Array) -> Array:
    """The scalar product [...] along the last axis."""
    product: Array = np.vecdot(a, b)
    return product


def conjugate(turned: Array) -> Array:
    """The opposite turn."""
    opposite: Array = turned * np.array([1.0, -1.0, -1.0, -1.0])
    return opposite


def normalize(vectors: Array) -> Array:
    """The same directions with length one; nothing stays nothing."""
    length = np.sqrt(dot(vectors, vectors))[..., None]
    unit: Array = vectors / np.maximum(length, _TINY)
    return unit


def quaternion_from_vector(vector: Array) -> Array:
    """The turn whose axis is the vector's direction and whose angle is its length."""
    angle = np.sqrt(dot(vector, vector)[..., None])
    half = angle * 0.5
    scale = np.where(angle > _TINY, np.sin(half) / np.maximum(angle, _TINY), 0.5)
    return np.concatenate([np.cos(half), vector * scale], axis=-1)


def vector_from_quaternion(turned: Array) -> Array:
    """Axis times angle, the short way round."""
    shortest = np.where(turned[..., :1] < 0.0, -turned, turned)
    length = np.sqrt(dot(shortest[..., 1:], shortest[..., 1:]))[..., None]
    angle = 2.0 * np.arctan2(length, shortest[..., :1])
    return shortest[..., 1:] * np.where(length > _TINY, angle / np.maximum(length, _TINY), 2.0)


def blend(first: Array, second: Array, share: Array) -> Array:
    """Between two turns that lie near each other; `share` broadcasts."""
    near = np.where(dot(first, second)[..., None] < 0.0, -second, second)
    return normalize(first + (near - first) * share)


def matrix_from_quaternion(turned: Array) -> Array:
    """[..., 4] -> [..., 3, 3]."""
    w, x, y, z = (turned[..., i] for i in range(4))
    matrix = np.empty((*turned.shape[:-1], 3, 3))
    matrix[..., 0, 0] = 1.0 - 2.0 * (y * y + z * z)
    matrix[..., 0, 1] = 2.0 * (x * y - w * z)
    matrix[..., 0, 2] = 2.0 * (x * z + w * y)
    matrix[..., 1, 0] = 2.0 * (x * y + w * z)
    matrix[..., 1, 1] = 1.0 - 2.0 * (x * x + z * z)
    matrix[..., 1, 2] = 2.0 * (y * z - w * x)
    matrix[..., 2, 0] = 2.0 * (x * z - w * y)
    matrix[..., 2, 1] = 2.0 * (y * z + w * x)
    matrix[..., 2, 2] = 1.0 - 2.0 * (x * x + y * y)
    return matrix


def quaternion_from_matrix(matrix: Array) -> Array:
    """[..., 3, 3] -> [..., 4], w never negative."""
    m = matrix
    trace = m[..., 0, 0] + m[..., 1, 1] + m[..., 2, 2]
    squares = np.stack([trace, m[..., 0, 0], m[..., 1, 1], m[..., 2, 2]], axis=-1)
    lead = np.argmax(squares, axis=-1)
    ways = np.empty((*matrix.shape[:-2], 4, 4))
    ways[..., 0, 0] = 1.0 + trace
    for axis in range(3):
        ways[..., axis + 1, axis + 1] = 1.0 + 2.0 * m[..., axis, axis] - trace
    for row, column, a, b, sign in ((0, 1, 2, 1, -1), (0, 2, 0, 2, -1), (0, 3, 1, 0, -1)):
        ways[..., row, column] = ways[..., column, row] = m[..., a, b] + sign * m[..., b, a]
    for row, column in ((1, 2), (1, 3), (2, 3)):
        ways[..., row, column] = ways[..., column, row] = m[..., row - 1, column - 1] + m[..., column - 1, row - 1]
    chosen = np.take_along_axis(ways, lead[..., None, None], axis=-2)[..., 0, :]
    chosen = normalize(chosen)
    return np.where(chosen[..., :1] < 0.0, -chosen, chosen)


def turn_plane(points: Array, angle_rad: Array) -> Array:
    """Points [..., 2] turned counter-clockwise by angles [...]."""
    cosine, sine = np.cos(angle_rad), np.sin(angle_rad)
    x, y = points[..., 0], points[..., 1]
    turned = np.empty((*np.broadcast(x, cosine).shape, 2))
    turned[..., 0] = cosine * x - sine * y
    turned[..., 1] = sine * x + cosine * y
    return turned


def wrap(angle_rad: Array) -> Array:
    """The same angle between minus half a turn and half a turn."""
    wrapped: Array = np.mod(angle_rad + np.pi, 2.0 * np.pi) - np.pi
    return wrapped
