"""What moves in more than one level: birds that circle over it, signs that swing before houses."""

from __future__ import annotations

from functools import partial

import numpy as np

from stylebridge.scene.art.form import form, rotation_y, rotation_z
from stylebridge.scene.art.furniture import signboard
from stylebridge.scene.art.houses import SHUTTERS
from stylebridge.scene.art.model import Model
from stylebridge.scene.art.noise import Rng
from stylebridge.scene.art.shapes import lathe, quad
from stylebridge.scene.levels.site import Site, placed
from stylebridge.scene.snapshot import Matrix

Place = tuple[float, float, float]


def add_birds(site: Site, rng: Rng, count: int, middle: Place, radius: float) -> None:
    """So many birds in wide circles around a place."""
    for _ in range(count):
        bird = Model("bird")
        body = lathe([(0.02, -0.3), (0.09, -0.1), (0.08, 0.08), (0.02, 0.26)], 6, cap=False, sharp=False)
        tone = float(rng.uniform(0.55, 1.0))
        bird.add("cloth", body.tilted("x", -np.pi / 2.0).tinted((tone, tone, tone * 1.02)))
        for side in (-1.0, 1.0):
            wing = [(0.0, -0.12, 0.0), (side * 0.62, -0.10, 0.3), (side * 0.36, 0.16, 0.18), (0.0, 0.14, 0.0)]
            sheet = quad(wing if side > 0 else wing[::-1])
            bird.add(
                "cloth",
                form(sheet.positions, [(0.0, 0.0, 1.0)] * 4, sheet.uvs, sheet.triangles).tinted((tone * 0.8,) * 3),
            )
        own = (radius * float(rng.uniform(0.7, 1.2)), float(rng.uniform(0, 6.28)), float(rng.uniform(-1.5, 2.5)))
        site.move(bird, partial(_flying, middle, own, float(rng.uniform(0.28, 0.4))))


def _flying(middle: Place, own: tuple[float, float, float], turns: float, seconds: float) -> Matrix:
    radius, phase, lift = own
    angle = phase + turns * seconds
    swing = radius * (1.0 + 0.25 * np.sin(angle * 2.0 + phase))
    x, y = middle[0] + np.cos(angle) * swing, middle[1] + np.sin(angle) * swing * 0.8
    beat = np.sin(seconds * 9.0 + phase * 5.0) * np.clip(0.4 + np.sin(seconds * 0.9 + phase), 0.0, 1.0)
    bank = rotation_z(angle) @ rotation_y(-0.35)  # the bird looks along its y axis
    return placed(x, y, middle[2] + lift + np.sin(angle * 1.7 + phase), bank @ np.diag([1.0, 1.0, 0.62 + 0.54 * beat]))


def add_sign(site: Site, rng: Rng, x: float, y: float, z: float, turn: float) -> None:
    """A board that swings on its bracket."""
    bracket, board = signboard(SHUTTERS[int(rng.integers(len(SHUTTERS)))])
    site.stand(bracket, x, y, turn, z=z)
    hung = (x + np.sin(turn) * 0.6, y - np.cos(turn) * 0.6, z)
    site.move(board, partial(_swinging, hung, turn, float(rng.uniform(0.0, 6.28))))


def _swinging(place: Place, turn: float, phase: float, seconds: float) -> Matrix:
    angle = 0.14 * np.sin(seconds * 1.9 + phase) + 0.05 * np.sin(seconds * 3.1)
    return placed(*place, rotation_z(turn) @ rotation_y(angle))
