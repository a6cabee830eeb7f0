"""Legs: the two-bone solution that puts an ankle where it should be, and how a foot rolls over the ground."""

from __future__ import annotations

import numpy as np

from stylebridge.scene.characters.rotations import Array, cross, dot, normalize
from stylebridge.scene.characters.skeleton import BALL_M, HEEL_M

_GIVE = 0.02
STRETCH = 0.9985  # of the straight leg: the last bit would make the knee snap


def solve_leg(hip: Array, ankle: Array, forward: Array, thigh_m: Array, shin_m: Array) -> tuple[Array, Array, Array]:
    """World turns [...,3,3] of thigh and shin, and the ankle that was reached; the knee bends towards `forward`."""
    reach = ankle - hip
    distance = np.sqrt(dot(reach, reach))
    span = np.maximum(_softly(distance, thigh_m + shin_m), np.abs(thigh_m - shin_m) + 0.02)
    along = reach / np.maximum(distance, 1e-6)[..., None]
    lateral = normalize(cross(forward, along))  # along points down, so this is the character's left
    degenerate = dot(lateral, lateral)[..., None] < 0.5
    lateral = np.where(degenerate, np.array([0.0, 1.0, 0.0]), lateral)
    ahead = normalize(cross(along, lateral))
    lateral = cross(ahead, along)
    hip_cosine = np.clip((thigh_m**2 + span**2 - shin_m**2) / (2.0 * thigh_m * span), -1.0, 1.0)
    bend = np.sqrt(1.0 - hip_cosine**2)
    thigh_down = along * hip_cosine[..., None] + ahead * bend[..., None]
    reached = hip + along * span[..., None]
    shin_down = (reached - hip - thigh_down * thigh_m[..., None]) / shin_m[..., None]
    return _hanging(thigh_down, lateral), _hanging(shin_down, lateral), reached


def _softly(distance: Array, leg_m: Array) -> Array:
    """A distance as far as a leg reaches: near its end it gives way little by little, or the knee would snap."""
    free = leg_m * (STRETCH - _GIVE)
    give = leg_m * _GIVE
    over = np.maximum(distance - free, 0.0)
    return np.minimum(distance, free) + give * (1.0 - np.exp(-over / give))


def _hanging(down: Array, lateral: Array) -> Array:
    """The turn of a bone that hangs along `down` and whose hinge is `lateral`."""
    return np.stack([cross(lateral, -down), lateral, -down], axis=-1)


def lift_heel(hip: Array, ball: Array, ankle: Array, leg_m: Array) -> tuple[Array, Array]:
    """Ankles turned about the balls of their feet until the legs reach them, and the turns [...,3,3] that do it."""
    lever = ankle - ball
    length = np.sqrt(dot(lever, lever))[..., None]
    most = (leg_m * (STRETCH - 0.5 * _GIVE))[..., None]
    moved = ankle
    if np.all(dot(ankle - hip, ankle - hip)[..., None] <= most * most):
        return ankle, np.broadcast_to(np.eye(3), (*ankle.shape, 3))
    for _ in range(8):  # between the two spheres; it settles to a millimetre
        reach = moved - hip
        distance = np.sqrt(dot(reach, reach))[..., None]
        pulled = hip + reach * np.minimum(1.0, most / np.maximum(distance, 1e-6))
        moved = ball + normalize(pulled - ball) * length
    return moved, between(lever / np.maximum(length, 1e-6), (moved - ball) / np.maximum(length, 1e-6))


def between(first: Array, second: Array) -> Array:
    """The smallest turns [...,3,3] that take unit vectors to others, which must not be opposite."""
    axis = cross(first, second)
    cosine = dot(first, second)[..., None, None]
    spin = np.zeros((*axis.shape, 3))
    spin[..., 0, 1], spin[..., 0, 2], spin[..., 1, 2] = -axis[..., 2], axis[..., 1], -axis[..., 0]
    spin -= np.swapaxes(spin, -1, -2)
    return np.eye(3) + spin + spin @ spin / np.maximum(1.0 + cosine, 1e-3)


def roll_foot(pitch: Array) -> tuple[Array, Array]:
    """How far the ankle moves forward and up, [...] each, as a standing foot rolls.

    A positive pitch lifts the heel, the foot turning on its ball; a negative one lifts the toes.
    """
    lifted = np.maximum(pitch, 0.0)
    raised = np.minimum(pitch, 0.0)
    forward, up = np.zeros_like(pitch), np.zeros_like(pitch)
    for angle, (pivot_x, pivot_z) in ((lifted, BALL_M), (raised, HEEL_M)):
        cosine, sine = np.cos(angle), np.sin(angle)
        forward += pivot_x - (cosine * pivot_x + sine * pivot_z)
        up += pivot_z - (cosine * pivot_z - sine * pivot_x)
    return forward, up
