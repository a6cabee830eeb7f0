"""The walker: a 1.8 m figure of capsules, posed by the phase of its stride."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from renderer.distances import cape, capsule
from renderer.surfaces import Skin
from renderer.things import Thing
from renderer.vectors import Array, Vec, vec


@dataclass(frozen=True)
class Dress:
    flesh: Skin
    hair: Skin
    tunic: Skin
    trousers: Skin
    boots: Skin
    cloak: Skin
    metal: Skin


@dataclass(frozen=True)
class Stance:
    """Where the figure stands; limbs are given from `hips` in its own frame."""

    at: Vec
    yaw: float
    hips: Array

    def world(self, p: Array) -> Vec:
        c, s = math.cos(self.yaw), math.sin(self.yaw)
        return (self.at[0] + c * p[0] + s * p[2], self.at[1] + p[1], self.at[2] - s * p[0] + c * p[2])

    def limb(self, a: Array, b: Array, radius_a: float, radius_b: float, skin: Skin) -> Thing:
        a, b = a + self.hips, b + self.hips
        middle, wide = (a + b) / 2, max(radius_a, radius_b) + 0.01
        half = np.abs(b - a) / 2 + wide
        u, v = a - middle, b - middle
        return Thing(lambda p: capsule(p, u, v, radius_a, radius_b), self.world(middle), tuple(half), skin, self.yaw)


def leg(side: int, phase: float) -> tuple[Array, Array, Array, Array]:
    """Hip, knee, ankle and toe from the hips; `side` is -1 or 1."""
    phase += (side > 0) * math.pi
    thigh = 0.48 * math.sin(phase)
    bend = 0.12 + 0.85 * max(0.0, math.sin(phase + 1.15)) ** 2
    hip = vec(0.11 * side, 0.0, 0.0)
    knee = hip + 0.44 * vec(0, -math.cos(thigh), math.sin(thigh))
    ankle = knee + 0.43 * vec(0, -math.cos(thigh - bend), math.sin(thigh - bend))
    toe = ankle + vec(0.02 * side, -0.03 - 0.1 * (thigh < -0.2), 0.17)
    return hip, knee, ankle, toe


def trunk(stance: Stance, dress: Dress) -> list[Thing]:
    """Belly, shoulders, chest, belt, neck, head and hair."""
    lean, neck = vec(0, 0.26, 0.02), vec(0, 0.52, 0.03)
    return [
        stance.limb(vec(0, -0.1, 0), lean, 0.19, 0.15, dress.tunic),
        stance.limb(vec(-0.13, 0.44, 0.02), vec(0.13, 0.44, 0.02), 0.115, 0.115, dress.tunic),
        stance.limb(lean, vec(0, 0.42, 0.02), 0.15, 0.17, dress.tunic),
        stance.limb(vec(-0.03, 0.02, 0), vec(0.03, 0.02, 0), 0.18, 0.18, dress.metal),
        stance.limb(neck, neck + vec(0, 0.1, 0.01), 0.055, 0.055, dress.flesh),
        stance.limb(neck + vec(0, 0.17, 0.03), neck + vec(0, 0.22, 0.02), 0.1, 0.11, dress.flesh),
        stance.limb(neck + vec(0, 0.2, -0.025), neck + vec(0, 0.26, -0.01), 0.118, 0.112, dress.hair),
    ]


def arm(stance: Stance, dress: Dress, side: int, phase: float) -> list[Thing]:
    """Shoulder plate, sleeve, glove and hand; arms swing against the legs."""
    swing = 0.5 * math.sin(phase + (side < 0) * math.pi)
    shoulder = vec(0.23 * side, 0.45, 0.02)
    elbow = shoulder + 0.29 * vec(0.22 * side, -math.cos(swing), math.sin(swing))
    hand = elbow + 0.25 * vec(0.02 * side, -math.cos(swing + 0.55), math.sin(swing + 0.55))
    return [
        stance.limb(shoulder, shoulder + vec(0.02 * side, 0.03, 0), 0.1, 0.09, dress.metal),
        stance.limb(shoulder, elbow, 0.075, 0.06, dress.tunic),
        stance.limb(elbow, hand, 0.062, 0.045, dress.boots),
        stance.limb(hand, hand + vec(0, -0.05, 0.02), 0.05, 0.045, dress.flesh),
    ]


def walker(at: Vec, yaw: float, phase: float, dress: Dress) -> list[Thing]:
    """The figure in mid stride, its lower foot on the ground; 2 pi of phase is two steps."""
    legs = [leg(side, phase) for side in (-1, 1)]
    sole = min(min(ankle[1], toe[1]) - 0.07 for _, _, ankle, toe in legs)
    stance = Stance(at, yaw, vec(0.0, -sole, 0.0))
    parts = []
    for hip, knee, ankle, toe in legs:
        parts.append(stance.limb(hip, knee, 0.1, 0.075, dress.trousers))
        parts.append(stance.limb(knee, ankle, 0.078, 0.06, dress.boots))
        parts.append(stance.limb(ankle, toe, 0.065, 0.055, dress.boots))
    parts += trunk(stance, dress)
    for side in (-1, 1):
        parts += arm(stance, dress, side, phase)
    half, sway = (0.33, 0.5, 0.36), 0.16 + 0.05 * math.sin(2 * phase)
    back = stance.world(stance.hips + vec(0, 0.02, -0.35))
    parts.append(Thing(lambda p: cape(p, half, sway), back, half, dress.cloak, yaw))
    return parts
