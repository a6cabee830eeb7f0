"""Rig: one body's measures in the bind pose, and how its skin follows the joints."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from stylebridge.scene.characters.clips.paths import smooth
from stylebridge.scene.characters.looks.shapes import Weigh
from stylebridge.scene.characters.rotations import Array, normalize
from stylebridge.scene.characters.skeleton import INDEX, OFFSETS, SIDES, Proportions, bind_places

_SPINE = ("hips", "waist", "ribs", "chest", "neck")


class Rig:
    """Places of the joints of one body, and measures that grow with it."""

    def __init__(self, proportions: Proportions) -> None:
        self.proportions = proportions
        self.places = bind_places(proportions.offsets())
        self.girth = proportions.girth
        self.size = 0.5 * (proportions.legs + proportions.torso)

    def at(self, joint: str) -> Array:
        """Where a joint is [3]."""
        place: Array = self.places[INDEX[joint]]
        return place

    def height(self, canonical_m: float) -> float:
        """The height in this body of a height in the body of 1.75 m."""
        hips = float(OFFSETS[INDEX["hips"], 2])
        if canonical_m < hips:
            return canonical_m * self.proportions.legs
        return float(self.at("hips")[2]) + (canonical_m - hips) * self.proportions.torso

    def trunk(self, shoulders: float = 1.0) -> Weigh:
        """Hips, spine and neck by height; the shoulders go with the clavicles and a little with the arms."""
        levels = [float(self.at(joint)[2]) for joint in _SPINE[1:]]
        shoulder = self.at("left_upper_arm")

        def weigh(places: Array) -> dict[int, Array]:
            y, z = places[:, 1], places[:, 2]
            passed = [smooth((z - level) / (0.10 * self.size) + 0.5) for level in levels]
            shares = _between(_SPINE, passed, z)
            out = shoulders * smooth((np.abs(y) - 0.45 * shoulder[1]) / (0.55 * shoulder[1]))
            out = out * smooth((z - shoulder[2] + 0.16 * self.size) / (0.15 * self.size))
            shares = {joint: share * (1.0 - 0.75 * out) for joint, share in shares.items()}
            for side, mine in zip(SIDES, (out * (y > 0.0), out * (y <= 0.0)), strict=True):
                shares[INDEX[f"{side}_clavicle"]] = 0.5 * mine
                shares[INDEX[f"{side}_upper_arm"]] = 0.25 * mine
            return shares

        return weigh

    def seat(self) -> Weigh:
        """The trunk, and at its lower end the thighs a little."""
        return self._over_thighs(self.height(0.94), self.height(0.82), most=0.6, width=0.16)

    def skirt(self) -> Weigh:
        """The trunk, and below the hips whichever thigh is nearer."""
        return self._over_thighs(self.height(0.99), self.height(0.66), most=0.85, width=0.30)

    def leg(self, side: str) -> Weigh:
        """Hips, thigh, shin and foot by height."""
        hip, knee, ankle = (float(self.at(f"{side}_{bone}")[2]) for bone in ("thigh", "shin", "foot"))
        names = ("hips", f"{side}_thigh", f"{side}_shin", f"{side}_foot")
        return self._along(names, lambda places: -places[:, 2], (-hip - 0.01, -knee, -ankle), (0.16, 0.13, 0.06))

    def foot(self, side: str) -> Weigh:
        """Foot and toes by how far forward."""
        ball = float(self.at(f"{side}_toes")[0])
        return self._along((f"{side}_foot", f"{side}_toes"), lambda places: places[:, 0], (ball,), (0.06,))

    def arm(self, side: str) -> Weigh:
        """Clavicle, upper arm, forearm and hand along the arm."""
        shoulder = self.at(f"{side}_upper_arm")
        way = normalize(self.at(f"{side}_hand") - shoulder)
        elbow, wrist = (float((self.at(f"{side}_{bone}") - shoulder) @ way) for bone in ("forearm", "hand"))
        names = (f"{side}_clavicle", f"{side}_upper_arm", f"{side}_forearm", f"{side}_hand")
        return self._along(names, lambda places: (places - shoulder) @ way, (0.0, elbow, wrist), (0.11, 0.10, 0.05))

    def _over_thighs(self, top: float, bottom: float, most: float, width: float) -> Weigh:
        trunk = self.trunk()

        def weigh(places: Array) -> dict[int, Array | float]:
            down = most * smooth((top - places[:, 2]) / (top - bottom))
            left = smooth(0.5 + places[:, 1] / (width * self.girth))
            shares: dict[int, Array | float] = {joint: share * (1.0 - down) for joint, share in trunk(places).items()}
            shares[INDEX["left_thigh"]] = down * left
            shares[INDEX["right_thigh"]] = down * (1.0 - left)
            return shares

        return weigh

    def _along(
        self,
        names: Sequence[str],
        measure: Callable[[Array], Array],
        borders: Sequence[float],
        widths: Sequence[float],
    ) -> Weigh:
        def weigh(places: Array) -> dict[int, Array]:
            distance = measure(places)
            pairs = zip(borders, widths, strict=True)
            passed = [smooth((distance - border) / (width * self.size) + 0.5) for border, width in pairs]
            return _between(names, passed, distance)

        return weigh


def _between(names: Sequence[str], passed: Sequence[Array], like: Array) -> dict[int, Array]:
    """Each joint's share, where `passed` says how far one is beyond each border between two of them."""
    shares = {}
    for index, name in enumerate(names):
        beyond = passed[index] if index < len(passed) else np.zeros_like(like)
        reached = passed[index - 1] if index else np.ones_like(like)
        shares[INDEX[name]] = reached - beyond
    return shares
