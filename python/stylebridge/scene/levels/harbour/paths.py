"""Where people walk in the harbour, and where cameras go."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from stylebridge.scene.levels.level import Shot
from stylebridge.scene.levels.shots import shot

START = (-1.0, 0.6, np.pi / 2.0)

ROUTES = tuple(
    np.array(points, dtype=np.float64)
    for points in (
        [(-21.0, 0.2), (-8.0, 0.4), (6.0, 0.2), (20.0, 0.4), (21.0, 7.0), (8.0, 6.2), (-8.0, 6.4), (-20.6, 6.0)],
        [(-22.0, 11.2), (-8.0, 11.4), (8.0, 11.3), (22.0, 11.2), (21.6, 7.4), (0.0, 7.0), (-21.6, 6.8)],
        [(-7.6, -0.8), (-7.6, -8.0), (-7.8, -20.8), (-6.2, -20.8), (-6.4, -8.0), (-6.4, -0.8)],
        [(16.4, -0.6), (16.4, -8.0), (16.2, -17.0), (17.8, -17.0), (17.6, -8.0), (17.6, -0.6)],
        [(-2.0, 0.8), (4.6, 1.2), (4.4, 5.4), (-2.2, 5.4)],
    )
)


def harbour_shots() -> Mapping[str, Shot]:
    """The scripted cameras."""
    return {"tour": _tour(), "orbit": _orbit(), "street": _street(), "still": _still()}


def _tour() -> Shot:
    keys = [
        ((-7.0, -21.0, 3.2), (-2.0, 8.0, 4.0)),
        ((-7.0, -11.0, 3.0), (2.0, 14.0, 4.6)),
        ((-6.0, -1.0, 3.0), (6.0, 13.0, 4.2)),
        ((3.0, 1.0, 3.2), (18.0, 12.0, 4.0)),
        ((12.6, 0.2, 3.6), (17.0, -20.0, 5.5)),
        ((14.4, -7.4, 5.4), (10.0, -40.0, 1.0)),
        ((10.0, -22.0, 6.5), (-2.0, 4.0, 3.4)),
        ((-2.0, -27.0, 7.5), (0.0, 10.0, 4.0)),
        ((-16.0, -20.0, 6.5), (0.0, 10.0, 4.0)),
        ((-14.6, -24.0, 4.6), (-2.0, 8.0, 4.0)),
        ((-7.0, -21.0, 3.2), (-2.0, 8.0, 4.0)),
    ]
    return shot(keys, 3.3, 58.0)


def _orbit() -> Shot:
    angles = np.linspace(0.0, 2.0 * np.pi, 13) - 1.9
    keys = [((15.0 * np.cos(a) - 2.0, 13.0 * np.sin(a) - 4.6, 10.4 + np.sin(2 * a)), (-2.0, -1.0, 1.6)) for a in angles]
    return shot([*keys[:-1], keys[0]], 2.8, 60.0)


def _street() -> Shot:
    walk = [
        (-20.6, 0.2),
        (-8.0, 0.4),
        (6.0, 0.2),
        (19.6, 0.6),
        (21.0, 6.0),
        (19.0, 9.8),
        (8.0, 10.2),
        (-8.0, 10.2),
        (-20.0, 9.8),
        (-21.4, 5.6),
        (-20.6, 0.2),
    ]
    ahead = [*walk[2:], *walk[1:3]]
    keys = [((x, y, 3.1), (0.9 * tx, 0.8 * ty, 3.4)) for (x, y), (tx, ty) in zip(walk, ahead, strict=True)]
    return shot(keys, 3.4, 62.0)


def _still() -> Shot:
    keys = [
        ((-6.4, -20.6, 3.0), (-0.4, 6.0, 4.8)),
        ((-6.1, -20.4, 3.1), (-0.4, 6.0, 4.8)),
        ((-6.4, -20.6, 3.0), (-0.4, 6.0, 4.8)),
    ]
    return shot(keys, 6.0, 52.0)
