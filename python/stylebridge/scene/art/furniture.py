"""What stands about in a square: benches, a cart, a well, sacks, a signboard, balustrades, steps."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from stylebridge.scene.art.form import join
from stylebridge.scene.art.model import Model
from stylebridge.scene.art.noise import Rng
from stylebridge.scene.art.shapes import ball, blob, box, cylinder, lathe, tube

Rgb = Sequence[float]


def bench() -> Model:
    """Wood on iron feet, its back to the north."""
    model = Model("bench")
    for y in (-0.18, 0.0, 0.18):
        model.add("planks", box(1.7, 0.15, 0.05, "ewnst").moved(y=y, z=0.44).textured(1.0, u=y * 3))
    for z in (0.62, 0.82):
        model.add("planks", box(1.7, 0.05, 0.14, "ewnst").moved(y=0.3, z=z))
    for x in (-0.72, 0.72):
        model.add("metal", box(0.06, 0.46, 0.44, "ewns").moved(x), box(0.06, 0.06, 0.55, "ewnst").moved(x, 0.27, 0.42))
    return model


def sack(rng: Rng, tint: Rgb = (0.78, 0.68, 0.5)) -> Model:
    """A full bag, tied at its neck."""
    model = Model("sack")
    model.add("cloth", blob(rng, 0.32, 0.10, 1).scaled(1.0, 0.9, 1.05).moved(z=0.27).tinted(tint))
    model.add("cloth", lathe([(0.07, 0.56), (0.14, 0.72)], 6, cap=False).tinted(tint))
    return model


def wheel(radius: float) -> Model:
    """A spoked wheel that stands upright, its axle along x."""
    model = Model("wheel")
    angles = np.linspace(0.0, 2.0 * np.pi, 15)
    rim = np.stack([0.0 * angles, np.cos(angles) * radius, np.sin(angles) * radius], axis=1)
    model.add("planks", tube(rim, 0.05, 5))
    for angle in np.arange(8) * np.pi / 4.0:
        spoke = box(0.05, 0.05, radius, "ewns").tilted("x", float(angle))
        model.add("planks", spoke)
    model.add("planks", cylinder(0.1, 0.18, 7).moved(z=-0.09).tilted("y", np.pi / 2.0))
    return model


def cart(rng: Rng) -> Model:
    """A hay cart on two wheels, its shafts on the ground towards the south."""
    model = Model("cart")
    bed = Model("bed")
    bed.add("planks", box(1.5, 2.4, 0.08, "ewnstb").moved(z=0.75))
    for x in (-0.75, 0.75):
        bed.add("planks", box(0.06, 2.4, 0.5, "ewnst").moved(x, 0.0, 0.8))
        bed.add("planks", tube([(x * 0.8, -1.1, 0.78), (x * 0.8, -2.0, 0.68), (x * 0.75, -2.8, 0.5)], 0.05, 5))
    bed.add("planks", box(1.5, 0.06, 0.5, "ewnst").moved(0.0, 1.2, 0.8))
    model.add_model(bed)
    for x in (-0.88, 0.88):
        model.add_model(wheel(0.62), x, 0.1, 0.64)
    model.add("metal", tube([(-0.9, 0.1, 0.64), (0, 0.1, 0.64), (0.9, 0.1, 0.64)], 0.05, 5))
    hay = blob(rng, 0.8, 0.22, 2).scaled(0.95, 1.35, 0.75).moved(z=1.25)
    model.add("grass", hay.tinted((1.0, 0.92, 0.55)))
    return model


def signboard(tint: Rgb) -> tuple[Model, Model]:
    """A bracket on a south wall, and the board that swings from it around its own origin."""
    bracket, board = Model("sign bracket"), Model("sign")
    bracket.add("metal", tube([(0, 0, 0), (0, -0.6, 0.04), (0, -1.15, 0)], 0.03, 5))
    bracket.add("metal", tube([(0, 0, -0.5), (0, -0.3, -0.2), (0, -0.6, 0)], 0.022, 5))
    board.add("painted", box(0.07, 0.8, 0.62, "ewnstb").moved(z=-0.78).tinted(tint))
    board.add("gilt", lathe([(0.2, 0.0), (0.2, 0.04)], 10).tilted("y", np.pi / 2).moved(0.03, 0.0, -0.47))
    board.add("gilt", lathe([(0.2, 0.0), (0.2, 0.04)], 10).tilted("y", -np.pi / 2).moved(-0.03, 0.0, -0.47))
    for y in (-0.3, 0.3):
        board.add("metal", box(0.025, 0.025, 0.18, "ewns").moved(y=y, z=-0.16))
    return bracket, board


def balustrade(length: float) -> Model:
    """A stone railing along x, with a post at its western end."""
    model = Model("balustrade")
    model.add("trim", box(length, 0.42, 0.16, "ewnst"), box(length, 0.46, 0.14, "ewnstb").moved(z=0.8))
    count = max(int(length / 0.5), 1)
    post = lathe([(0.10, 0.14), (0.13, 0.42), (0.06, 0.8)], 5, cap=False, sharp=False)
    model.add("trim", join([post.moved((k + 0.5) * length / count - length / 2.0) for k in range(count)]))
    model.add("trim", box(0.5, 0.5, 1.12, "ewnst").moved(-length / 2.0).tinted((0.94, 0.92, 0.88)))
    model.add("trim", ball(0.2, 5, 8).moved(-length / 2.0, 0.0, 1.3))
    return model


def well() -> Model:
    """A round wall, a little roof on two posts, a bucket on its rope."""
    model = Model("well")
    model.add("blocks", lathe([(0.95, -0.2), (0.9, 0.8)], 12, cap=False))
    model.add("trim", lathe([(1.0, 0.78), (1.0, 0.92), (0.72, 0.92), (0.72, 0.3)], 12, cap=False))
    model.add("water", lathe([(0.73, 0.0), (0.73, 0.31)], 12).moved(z=0.05))
    for x in (-0.8, 0.8):
        model.add("planks", box(0.14, 0.14, 2.4, "ewnst").moved(x, 0.0, 0.0))
    model.add("planks", tube([(-0.8, 0, 1.9), (0, 0, 1.9), (0.8, 0, 1.9)], 0.07, 6))
    model.add("planks", tube([(0.1, 0, 1.9), (0.1, 0, 1.5), (0.1, 0, 1.25)], 0.015, 3).tinted((0.9, 0.85, 0.7)))
    model.add("planks", lathe([(0.13, 1.0), (0.17, 1.28)], 8, cap=False), cylinder(0.12, 0.02, 8).moved(z=1.02))
    return model
