"""A small place to walk around in, and what is measured there."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np
from stylebridge.scene.characters import Cast, Wish
from stylebridge.scene.characters.rotations import Array
from stylebridge.scene.levels.level import Box, Disc, Level

DT = 1.0 / 60.0


def hilly(places: Array) -> Array:
    """Gentle slopes in the west, four steps in the east."""
    x, y = places[:, 0], places[:, 1]
    return 0.3 * np.sin(0.35 * x) * np.cos(0.3 * y) + 0.15 * np.floor(np.clip((x - 6.0) / 0.4, 0.0, 4.0))


def yard(ground: Callable[[Array], Array] | None = None, obstacles: bool = True) -> Level:
    """A square with a few things in the way; the routes lead close by, one through the middle of a box."""
    angle = np.linspace(0.0, 2.0 * np.pi, 16, endpoint=False)
    ring = np.stack([np.cos(angle), np.sin(angle)], axis=-1)
    things = (Box(0.0, 0.0, 1.5, 1.0, 0.4), Disc(4.0, 4.0, 1.0), Disc(-6.0, 3.0, 0.7), Box(-2.0, -6.0, 0.5, 2.0))
    return Level(
        name="yard",
        pieces=(),
        half_side=12.0,
        obstacles=things if obstacles else (),
        start=(-8.0, -8.0, 0.0),
        routes=tuple(ring * radius + middle for radius, middle in ((6.0, (0, 0)), (5.0, (2, 3)), (4.0, (-5, 0)))),
        **({} if ground is None else {"ground": ground}),
    )


def alone(ground: Callable[[Array], Array] | None = None) -> Cast:
    """The hero in an empty yard."""
    level = yard(ground, obstacles=False)
    return Cast(Level(level.name, (), half_side=60.0, ground=level.ground), count=1, seed=3)


def play(cast: Cast, seconds: float, wish: Wish | Callable[[float], Wish], dt: float = DT) -> Iterator[Cast]:
    """The cast after each step."""
    for step in range(round(seconds / dt)):
        cast.advance(dt, wish(step * dt) if callable(wish) else wish)
        yield cast


def errand(time_s: float) -> Wish:
    """A bit of everything."""
    if time_s < 1.0:
        return Wish()
    if time_s < 3.0:
        return Wish((1.4, 0.0))
    if time_s < 5.0:
        return Wish((0.0, -1.4))
    if time_s < 7.5:
        return Wish((-4.0, 0.0), jump=6.5 < time_s < 6.53)
    if time_s < 9.0:
        return Wish((0.0, 3.5))
    if time_s < 12.0:
        return Wish(jump=11.0 < time_s < 11.03)
    return Wish((2.5 * np.cos(time_s), 2.5 * np.sin(time_s)))
