"""Where people walk in the square, and where cameras go."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from stylebridge.scene.levels.level import Shot
from stylebridge.scene.levels.plaza.ground import FOUNTAIN
from stylebridge.scene.levels.shots import shot

START = (3.4, -9.6, np.pi / 2.0)

_RING = [(FOUNTAIN[0] + 6.9 * np.cos(a), FOUNTAIN[1] + 6.9 * np.sin(a)) for a in np.arange(12) * np.pi / 6.0]
ROUTES = tuple(
    np.array(points, dtype=np.float64)
    for points in (
        _RING,
        [
            (-18.8, -16.6),
            (-8.0, -17.2),
            (8.0, -17.2),
            (18.6, -16.4),
            (19.0, 0.0),
            (18.8, 14.0),
            (10.4, 15.4),
            (0.0, 15.6),
            (-18.6, 14.8),
            (-18.9, 0.0),
        ],
        [
            (-16.4, 16.0),
            (-15.6, 22.0),
            (-6.0, 22.0),
            (4.0, 22.0),
            (10.0, 22.0),
            (10.6, 16.2),
            (0.0, 15.2),
            (-10.0, 15.0),
        ],
        [(5.6, -9.4), (11.6, -7.0), (17.0, -3.0), (17.6, 9.8), (11.6, 10.6), (6.0, 10.4), (5.6, -1.0)],
        [(-9.0, -18.4), (10.0, -18.4), (11.0, -16.4), (-8.0, -16.2)],
        [(-13.0, -16.2), (-13.0, -10.0), (-12.6, -4.6), (-18.0, -3.6), (-18.4, -16.2)],
    )
)


def plaza_shots() -> Mapping[str, Shot]:
    """The scripted cameras."""
    return {"tour": _tour(), "orbit": _orbit(), "street": _street(), "still": _still()}


def _tour() -> Shot:
    keys = [
        ((-17.6, -17.6, 4.4), (-2.0, 2.0, 3.6)),
        ((-13.0, -15.8, 2.5), (-9.0, 4.0, 3.0)),
        ((-12.9, -10.0, 2.0), (-2.0, 6.0, 3.2)),
        ((-3.0, -9.4, 1.9), (2.0, 12.0, 4.4)),
        ((5.6, 1.4, 1.9), (12.0, 20.0, 7.5)),
        ((5.5, 8.6, 1.7), (6.0, 20.0, 4.5)),
        ((2.8, 14.6, 2.5), (-9.0, 20.4, 3.0)),
        ((-6.4, 14.4, 3.2), (-18.0, 2.0, 3.0)),
        ((-8.0, 4.4, 4.6), (-6.0, -16.0, 1.5)),
        ((-4.0, -12.0, 7.5), (6.0, -40.0, -2.0)),
        ((14.0, -15.0, 8.0), (2.0, 2.0, 2.5)),
        ((-2.0, -18.4, 6.5), (-2.0, 4.0, 3.5)),
        ((-17.6, -17.6, 4.4), (-2.0, 2.0, 3.6)),
    ]
    return shot(keys, 3.1, 58.0)


def _orbit() -> Shot:
    angles = np.linspace(0.0, 2.0 * np.pi, 13) - 1.9
    keys = [
        ((7.7 * np.cos(a) - 2.6, 7.7 * np.sin(a) - 1.0, 4.4 + 0.9 * np.sin(2 * a)), (-2.6, 0.0, 2.9)) for a in angles
    ]
    keys[-1] = keys[0]
    return shot(keys, 2.5, 66.0)


def _street() -> Shot:
    walk = [
        (-18.9, -15.0),
        (-18.9, -4.0),
        (-18.9, 8.0),
        (-16.6, 15.4),
        (-4.0, 16.0),
        (7.0, 15.8),
        (12.4, 15.2),
        (18.4, 12.6),
        (18.9, 0.0),
        (18.4, -12.4),
        (8.0, -17.2),
        (-8.0, -17.2),
        (-18.9, -15.0),
    ]
    ahead = [*walk[2:], *walk[1:3]]
    keys = [((x, y, 1.85), (0.75 * tx, 0.75 * ty, 2.5)) for (x, y), (tx, ty) in zip(walk, ahead, strict=True)]
    return shot(keys, 3.4, 62.0)


def _still() -> Shot:
    keys = [
        ((-6.4, -15.4, 2.7), (2.2, 8.0, 4.6)),
        ((-6.0, -15.5, 2.75), (2.3, 8.0, 4.6)),
        ((-6.4, -15.4, 2.7), (2.2, 8.0, 4.6)),
    ]
    return shot(keys, 6.0, 50.0)
