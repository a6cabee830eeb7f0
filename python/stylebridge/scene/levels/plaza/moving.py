"""What moves only in the square: clock hands, the weather vane, a windmill on its hill."""

from __future__ import annotations

from functools import partial

import numpy as np

from stylebridge.scene.art.form import rotation_x, rotation_y, rotation_z
from stylebridge.scene.art.model import Model
from stylebridge.scene.art.noise import Rng
from stylebridge.scene.art.shapes import box, lathe
from stylebridge.scene.levels.site import Site, placed
from stylebridge.scene.snapshot import Matrix

Place = tuple[float, float, float]


def add_clock(site: Site, x: float, y: float, z: float, out: float) -> None:
    """Two hands on each of the dials that the square sees, south and west; a minute takes a second."""
    for turn in (0.0, -np.pi / 2.0):
        for length, wide, period_s, lift in ((1.15, 0.12, 60.0, 0.03), (0.78, 0.17, 720.0, 0.0)):
            hand = Model("clock hand")
            hand.add(
                "gilt", box(wide, 0.03, length + 0.2, "ewnstb", taper=0.6).moved(z=-0.2).tinted((0.30, 0.28, 0.30))
            )
            place = (x + np.sin(turn) * (out + lift), y - np.cos(turn) * (out + lift), z)
            site.move(hand, partial(_turning_hand, place, turn, period_s))


def _turning_hand(place: Place, turn: float, period_s: float, seconds: float) -> Matrix:
    angle = 2.0 * np.pi * ((seconds / period_s + 0.19) % 1.0)
    return placed(*place, rotation_z(turn) @ rotation_y(angle))


def add_vane(site: Site, x: float, y: float, z: float) -> None:
    """A gilded arrow that follows the wind."""
    vane = Model("weather vane")
    vane.add(
        "gilt", box(1.3, 0.05, 0.07, "ewnstb").moved(z=0.2), box(0.35, 0.05, 0.4, "ewnstb").moved(-0.55, 0.0, 0.04)
    )
    vane.add("gilt", lathe([(0.16, 0.0), (0.0, 0.4)], 4, cap=False).tilted("y", np.pi / 2.0).moved(0.6, 0.0, 0.235))
    site.move(vane, partial(_turning_vane, (x, y, z)))


def _turning_vane(place: Place, seconds: float) -> Matrix:
    return placed(*place, rotation_z(0.6 + 0.5 * np.sin(seconds * 0.37) + 0.2 * np.sin(seconds * 1.13)))


def add_windmill(site: Site, rng: Rng, x: float, y: float, z: float) -> None:
    """A mill far off, its sails turning."""
    mill = Model("windmill")
    mill.add("plaster", lathe([(3.6, -3.0), (2.4, 9.0)], 10).tinted((0.97, 0.94, 0.88)))
    mill.add("tiles", lathe([(2.8, 9.0), (0.1, 12.5)], 10, cap=False))
    heading = float(np.arctan2(y, x)) - np.pi / 2.0  # its sails face the square
    site.stand(mill, x, y, heading, z=z)
    sails = Model("sails")
    for k in range(4):
        spar = box(0.22, 0.16, 7.5, "ewnst").rotated(rotation_y(k * np.pi / 2.0))
        sheet = box(1.5, 0.06, 5.6, "ewnst").moved(0.85, 0.0, 1.6).rotated(rotation_y(k * np.pi / 2.0))
        sails.add("planks", spar)
        sails.add("cloth", sheet.tinted((0.98, 0.94, 0.86)))
    hub = (x + np.sin(heading) * 3.4, y - np.cos(heading) * 3.4, z + 9.6)
    site.move(sails, partial(_turning_sails, hub, heading))


def _turning_sails(place: Place, heading: float, seconds: float) -> Matrix:
    return placed(*place, rotation_z(heading) @ rotation_x(-0.06) @ rotation_y(0.55 * seconds))
