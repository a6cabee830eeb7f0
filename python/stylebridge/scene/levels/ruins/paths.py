"""Where people walk in the valley, and where cameras go."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from stylebridge.scene.levels.level import Shot
from stylebridge.scene.levels.shots import shot
from stylebridge.scene.levels.terrain import Terrain

START = (0.4, -15.0, np.pi / 2.0)

ROUTES = tuple(
    np.array(points, dtype=np.float64)
    for points in (
        [
            (0.4, -22.0),
            (0.8, -16.0),
            (0.0, -10.0),
            (0.4, -4.0),
            (-1.4, 3.0),
            (-12.4, 4.6),
            (-13.4, -3.0),
            (-9.4, -14.0),
            (-5.0, -21.0),
        ],
        [(-12.2, 5.8), (-2.0, 5.9), (7.8, 6.0), (7.9, 20.6), (-2.0, 21.8), (-12.4, 21.0)],
        [
            (2.6, 0.6),
            (9.0, 0.6),
            (18.0, 0.6),
            (20.2, 3.4),
            (21.4, 0.0),
            (20.0, -4.0),
            (18.0, -0.6),
            (9.0, -0.6),
            (3.2, -1.2),
        ],
        [(1.8, -13.6), (1.6, -21.4), (3.2, -21.6), (3.4, -13.6)],
        [(-14.6, -3.0), (-23.6, -3.0), (-25.0, 0.0), (-23.6, 3.0), (-14.6, 3.0)],
        [(-8.6, 13.2), (-6.0, 10.6), (2.0, 10.6), (4.6, 13.4), (2.0, 15.6), (-6.0, 15.6)],
    )
)


def ruins_shots(ground: Terrain) -> Mapping[str, Shot]:
    """The scripted cameras."""
    return {"tour": _tour(ground), "orbit": _orbit(ground), "street": _street(ground), "still": _still(ground)}


def _tour(ground: Terrain) -> Shot:
    keys = [
        ((-3.5, -27.0, 3.4), (0.0, -8.0, 3.4)),
        ((1.6, -17.0, 2.2), (0.0, -2.0, 3.0)),
        ((0.6, -7.0, 2.4), (-2.0, 12.0, 3.6)),
        ((4.0, 1.0, 3.0), (-3.0, 13.0, 3.4)),
        ((7.4, 8.6, 4.2), (-4.0, 13.4, 2.6)),
        ((8.4, 14.0, 6.0), (-4.0, 12.6, 1.8)),
        ((7.2, 20.8, 6.6), (-3.0, 8.0, 1.8)),
        ((-1.0, 23.6, 6.0), (-3.0, 6.0, 2.0)),
        ((-11.8, 21.4, 5.6), (-2.0, 6.0, 1.8)),
        ((-12.4, 14.0, 5.2), (2.0, 2.0, 1.8)),
        ((-12.0, 3.0, 4.0), (-19.0, -6.0, 4.0)),
        ((-11.0, -12.0, 5.6), (2.0, 2.0, 2.4)),
        ((6.0, -21.0, 5.4), (14.0, -8.0, 0.0)),
        ((-3.5, -27.0, 3.4), (0.0, -8.0, 3.4)),
    ]
    return shot(keys, 3.0, 58.0, ground)


def _orbit(ground: Terrain) -> Shot:
    angles = np.linspace(0.0, 2.0 * np.pi, 13) - 2.0
    keys = [
        ((14.2 * np.cos(a) - 1.6, 15.0 * np.sin(a) + 10.0, 7.4 + 1.2 * np.sin(2 * a)), (-2.0, 12.0, 2.2))
        for a in angles
    ]
    return shot([*keys[:-1], keys[0]], 2.6, 55.0, ground)


def _street(ground: Terrain) -> Shot:
    walk = [
        (0.5, -24.0),
        (0.6, -16.0),
        (0.0, -9.0),
        (0.6, -2.0),
        (-4.0, 4.0),
        (-12.0, 4.8),
        (-13.4, -3.0),
        (-9.6, -13.6),
        (-4.6, -22.0),
        (0.5, -24.0),
    ]
    ahead = [*walk[2:], *walk[1:3]]
    keys = [((x, y, 2.0), (0.8 * tx, 0.8 * ty + 0.8, 2.4)) for (x, y), (tx, ty) in zip(walk, ahead, strict=True)]
    return shot(keys, 3.6, 62.0, ground)


def _still(ground: Terrain) -> Shot:
    keys = [
        ((3.4, -4.4, 2.5), (-3.0, 12.0, 3.4)),
        ((3.6, -4.2, 2.6), (-3.0, 12.0, 3.4)),
        ((3.4, -4.4, 2.5), (-3.0, 12.0, 3.4)),
    ]
    return shot(keys, 6.0, 52.0, ground)
