"""Skeleton: twenty-one joints, how they hang together, and where they are for a pose."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from stylebridge.scene.characters.rotations import Array

# Bind pose: arms held out halfway, every joint's axes are the character's: x forward, y to the left, z up.
ARM_SPREAD_RAD = 0.80  # of the arms in the bind pose, from hanging straight down
_OUT, _DOWN = float(np.sin(ARM_SPREAD_RAD)), float(np.cos(ARM_SPREAD_RAD))
THIGH_M, SHIN_M = 0.43, 0.41
ANKLE_M = 0.08  # height of the ankle over the ground with the foot flat
BALL_M = (0.13, -0.055)  # from the ankle to the ball of the foot: forward, up
HEEL_M = (-0.065, -0.08)  # from the ankle to the heel's rim
_UPPER_ARM_M, _FOREARM_M = 0.275, 0.25

# name, parent, offset from the parent in metres for a person of 1.75 m
_BONES: tuple[tuple[str, str, tuple[float, float, float]], ...] = (
    ("hips", "", (0.0, 0.0, 0.96)),
    ("waist", "hips", (-0.005, 0.0, 0.10)),
    ("ribs", "waist", (0.0, 0.0, 0.12)),
    ("chest", "ribs", (0.0, 0.0, 0.12)),
    ("neck", "chest", (-0.01, 0.0, 0.185)),
    ("head", "neck", (0.01, 0.0, 0.06)),
    ("left_clavicle", "chest", (0.0, 0.03, 0.122)),
    ("left_upper_arm", "left_clavicle", (-0.01, 0.145, 0.0)),
    ("left_forearm", "left_upper_arm", (0.0, _UPPER_ARM_M * _OUT, -_UPPER_ARM_M * _DOWN)),
    ("left_hand", "left_forearm", (0.0, _FOREARM_M * _OUT, -_FOREARM_M * _DOWN)),
    ("right_clavicle", "chest", (0.0, -0.03, 0.122)),
    ("right_upper_arm", "right_clavicle", (-0.01, -0.145, 0.0)),
    ("right_forearm", "right_upper_arm", (0.0, -_UPPER_ARM_M * _OUT, -_UPPER_ARM_M * _DOWN)),
    ("right_hand", "right_forearm", (0.0, -_FOREARM_M * _OUT, -_FOREARM_M * _DOWN)),
    ("left_thigh", "hips", (0.0, 0.09, -0.04)),
    ("left_shin", "left_thigh", (0.0, 0.0, -THIGH_M)),
    ("left_foot", "left_shin", (0.0, 0.0, -SHIN_M)),
    ("left_toes", "left_foot", (BALL_M[0], 0.0, BALL_M[1])),
    ("right_thigh", "hips", (0.0, -0.09, -0.04)),
    ("right_shin", "right_thigh", (0.0, 0.0, -THIGH_M)),
    ("right_foot", "right_shin", (0.0, 0.0, -SHIN_M)),
    ("right_toes", "right_foot", (BALL_M[0], 0.0, BALL_M[1])),
)
JOINTS: tuple[str, ...] = tuple(name for name, _, _ in _BONES)
INDEX: dict[str, int] = {name: index for index, name in enumerate(JOINTS)}
PARENTS: tuple[int, ...] = tuple(INDEX.get(parent, -1) for _, parent, _ in _BONES)
OFFSETS: Array = np.array([offset for _, _, offset in _BONES])  # [J,3]
SIDES = ("left", "right")
THIGHS = np.array([INDEX[f"{side}_thigh"] for side in SIDES])
SHINS, FEET, TOES = THIGHS + 1, THIGHS + 2, THIGHS + 3
_MIRROR = np.array([INDEX[name.replace("left", "*").replace("right", "left").replace("*", "right")] for name in JOINTS])


def _levels() -> tuple[tuple[Array, Array], ...]:
    depth: list[int] = []
    for parent in PARENTS:
        depth.append(0 if parent < 0 else depth[parent] + 1)
    return tuple(
        (
            np.array([j for j in range(len(JOINTS)) if depth[j] == level]),
            np.array([PARENTS[j] for j in range(len(JOINTS)) if depth[j] == level]),
        )
        for level in range(1, max(depth) + 1)
    )


_LEVELS = _levels()


@dataclass(frozen=True, slots=True)
class Proportions:
    """How a body differs from the one whose motion is in the database; one is the same."""

    legs: float = 1.0
    torso: float = 1.0
    shoulders: float = 1.0
    arms: float = 1.0
    head: float = 1.0
    girth: float = 1.0

    def offsets(self) -> Array:
        """The bones [J,3] of this body; legs and pelvis grow as one, so that steps only grow with them."""
        scaled = OFFSETS * self.torso
        scaled[[INDEX["hips"], *THIGHS, *SHINS, *FEET, *TOES]] = (
            OFFSETS[[INDEX["hips"], *THIGHS, *SHINS, *FEET, *TOES]] * self.legs
        )
        for side in SIDES:
            scaled[INDEX[f"{side}_upper_arm"]] *= [1.0, self.shoulders, 1.0]
            for bone in ("forearm", "hand"):
                scaled[INDEX[f"{side}_{bone}"]] = OFFSETS[INDEX[f"{side}_{bone}"]] * self.arms
        return scaled


def bind_places(offsets: Array = OFFSETS) -> Array:
    """Where the joints [J,3] are in the bind pose."""
    places = np.zeros_like(offsets)
    for joint, parent in enumerate(PARENTS):
        places[joint] = offsets[joint] + (places[parent] if parent >= 0 else 0.0)
    return places


def forward(turns: Array, hips: Array, offsets: Array = OFFSETS) -> tuple[Array, Array]:
    """World turns [...,J,3,3] and places [...,J,3] of all joints for local turns [...,J,3,3] and the hips' place."""
    world = turns.copy()
    places = np.empty(turns.shape[:-1])
    places[..., 0, :] = hips
    bones = np.broadcast_to(offsets, places.shape)[..., None]
    for joints, parents in _LEVELS:
        above = world[..., parents, :, :]
        world[..., joints, :, :] = above @ turns[..., joints, :, :]
        places[..., joints, :] = places[..., parents, :] + (above @ bones[..., joints, :, :])[..., 0]
    return world, places


def mirror(quaternions: Array) -> Array:
    """Local turns [...,J,4] of the same pose with left and right exchanged."""
    mirrored: Array = quaternions[..., _MIRROR, :] * np.array([1.0, -1.0, 1.0, -1.0])
    return mirrored
