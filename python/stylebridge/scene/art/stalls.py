"""What hangs and stands before houses: awnings, lamps, signs, banners, bunting, market stalls."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from stylebridge.scene.art.form import Form, cross, form, join
from stylebridge.scene.art.model import Model
from stylebridge.scene.art.noise import Rng
from stylebridge.scene.art.shapes import ball, box, cylinder, grid, lathe, tube

Rgb = Sequence[float]
CREAM: Rgb = (0.98, 0.94, 0.84)
GOODS: tuple[Rgb, ...] = (
    (0.88, 0.20, 0.14),
    (0.95, 0.58, 0.12),
    (0.52, 0.70, 0.20),
    (0.96, 0.82, 0.22),
    (0.48, 0.22, 0.42),
    (0.80, 0.62, 0.38),
)


def striped(width: float, points: Sequence[tuple[float, float]], tint: Rgb, stripes: int, free: float = 1.0) -> Form:
    """Cloth in stripes, hung along a (y, z) profile and seen from above; its last edge moves the most in the wind."""
    profile = np.asarray(points, dtype=np.float64)
    share = np.linspace(0.0, 1.0, len(profile)) ** 2 * free
    strips = []
    for k in range(stripes):
        x = np.linspace(-width / 2.0, width / 2.0, stripes + 1)[k : k + 2]
        sheet = np.zeros((len(profile), 2, 3))
        sheet[..., 0] = x
        sheet[..., 1], sheet[..., 2] = profile[:, :1], profile[:, 1:]
        strip = grid(sheet[::-1])
        strip = strip if float(strip.normals[:, 2].sum() - 0.01 * strip.normals[:, 1].sum()) > 0 else strip.flipped()
        moving = np.repeat(share[::-1], 2)
        strip = Form(strip.positions, strip.normals, strip.uvs, strip.triangles, strip.colors.copy())
        strip.colors[:, 3] = moving
        strips.append(strip.tinted(tint if k % 2 == 0 else CREAM))
    return join(strips)


def awning(width: float, reach: float, tint: Rgb) -> Model:
    """Striped cloth on a wall that faces south, with a scalloped edge hanging down."""
    model = Model("awning")
    profile = [(0.0, 0.0), (-reach * 0.55, -0.36), (-reach, -0.62)]
    stripes = max(int(width / 0.5), 4) | 1
    model.add("cloth", striped(width, profile, tint, stripes, 0.1))
    edge = [(-reach, -0.62), (-reach - 0.02, -0.86)]
    model.add("cloth", striped(width, edge, tint, stripes, 0.3))
    for x in (-width / 2.0, width / 2.0):
        model.add("metal", tube([(x, 0, -0.75), (x, -reach * 0.5, -0.68), (x, -reach, -0.63)], 0.025, 4))
    return model


def banner(width: float, drop: float, tint: Rgb, accent: Rgb) -> Model:
    """A long cloth with a forked end, hung from a pole that stands out of a south wall."""
    model = Model("banner")
    model.add("metal", tube([(0, 0.05, 0.05), (0, -0.5, 0.05), (0, -width - 0.3, 0.05)], 0.035, 5))
    model.add("gilt", ball(0.07, 4, 6).moved(y=-width - 0.3, z=0.05))
    rows = 7
    z = -np.linspace(0.0, drop, rows)
    bands = [(0.0, 0.18, accent), (0.18, 0.82, tint), (0.82, 1.0, accent)]
    for left, right, color in bands:
        sheet = np.zeros((rows, 2, 3))
        sheet[..., 1] = -0.2 - np.array([left, right]) * width
        sheet[..., 2] = z[:, None]
        sheet[-1, :, 2] += 0.28 * np.abs(np.array([left, right]) - 0.5) * -2.0 + 0.28
        cloth = grid(sheet).tinted(color).swaying(lambda p: (-p[:, 2] / drop) ** 1.4)
        model.add("cloth", cloth)
    return model


def bunting(
    start: Sequence[float], end: Sequence[float], sag: float, tints: Sequence[Rgb], step: float = 0.75
) -> Model:
    """A rope of little flags between two points of the world."""
    model = Model("bunting")
    a, b = np.asarray(start, dtype=np.float64), np.asarray(end, dtype=np.float64)
    count = max(int(np.linalg.norm(b - a) / step), 3)
    t = np.linspace(0.0, 1.0, count + 1)
    rope = a + (b - a) * t[:, None] - np.stack([0 * t, 0 * t, sag * 4.0 * t * (1.0 - t)], axis=1)
    model.add("planks", tube(rope[:: max(count // 12, 1)], 0.018, 3).tinted((0.6, 0.55, 0.5)))
    across = (b - a) / np.linalg.norm(b - a)
    facing = cross(across, np.array([0.0, 0.0, 1.0]))
    facing /= np.linalg.norm(facing)
    for k in range(count):
        middle = (rope[k] + rope[k + 1]) / 2.0
        points = [middle + across * 0.2, middle - across * 0.2, middle - (0.0, 0.0, 0.46)]
        flag = form(points, [facing] * 3, [(0.0, 0.0), (0.4, 0.0), (0.2, 0.5)], [(0, 1, 2)])
        normal = cross(points[1] - points[0], points[2] - points[0])
        flag = (
            flag
            if float(normal @ facing) > 0
            else Form(flag.positions, -flag.normals, flag.uvs, flag.triangles, flag.colors)
        )
        flag = flag.tinted(tints[k % len(tints)]).swaying(0.75)
        flag.colors[:2, 3] = 0.0  # where it hangs on the rope
        model.add("cloth", flag)
    return model


def hanging_lamp() -> Model:
    """A lantern on a bracket beside a door."""
    model = Model("lamp")
    model.add("metal", tube([(0, 0, 0.35), (0, -0.2, 0.42), (0, -0.38, 0.34)], 0.02, 4))
    model.add("lamp", lathe([(0.06, 0.0), (0.1, 0.22)], 4, cap=False).moved(y=-0.38, z=0.05))
    model.add("metal", lathe([(0.14, 0.0), (0.02, 0.1)], 4).moved(y=-0.38, z=0.26))
    return model


def street_lamp() -> Model:
    """An iron post with a lantern at 3.4 m."""
    model = Model("street lamp")
    model.add("trim", lathe([(0.30, 0.0), (0.26, 0.22), (0.16, 0.3)], 8).tinted((0.8, 0.78, 0.74)))
    model.add("metal", lathe([(0.11, 0.3), (0.08, 0.7), (0.05, 0.8), (0.045, 2.9), (0.09, 3.0), (0.05, 3.1)], 7))
    model.add("lamp", lathe([(0.12, 3.14), (0.20, 3.58)], 6, cap=False))
    model.add("metal", lathe([(0.27, 3.56), (0.24, 3.64), (0.06, 3.82), (0.03, 3.98)], 6))
    for side in (-1.0, 1.0):
        model.add("metal", tube([(side * 0.05, 0, 2.6), (side * 0.32, 0, 2.75), (side * 0.4, 0, 2.95)], 0.02, 4))
    return model


def market_stall(rng: Rng, tint: Rgb) -> Model:
    """A table under a striped roof, its goods towards the south."""
    model = Model("stall")
    wide, deep = 3.0, 1.7
    for x in (-wide / 2, wide / 2):
        for y, tall in ((-deep / 2, 2.25), (deep / 2, 2.75)):
            model.add("planks", box(0.1, 0.1, tall, "ewns").moved(x * 0.96, y))
    profile = [(deep / 2 + 0.35, 2.86), (0.0, 2.62), (-deep / 2, 2.34), (-deep / 2 - 0.42, 2.16)]
    model.add("cloth", striped(wide + 0.5, profile, tint, 9, 0.25))
    model.add("cloth", striped(wide + 0.5, [(-deep / 2 - 0.42, 2.16), (-deep / 2 - 0.44, 1.88)], tint, 9, 0.5))
    model.add("planks", box(wide, 0.95, 0.09, "ewnstb").moved(y=-0.2, z=0.86))
    model.add("painted", box(wide - 0.1, 0.05, 0.8, "sn").moved(y=-0.62, z=0.06).tinted([0.75 * c + 0.1 for c in tint]))
    back = grid(
        np.array([[(-wide / 2, 0, 0), (wide / 2, 0, 0)], [(-wide / 2, 0, 1.7), (wide / 2, 0, 1.7)]], dtype=float)
    )
    model.add("cloth", back.moved(y=deep / 2, z=0.9).tinted(tint).shaded(lambda p: 0.55 + 0.1 * p[:, 2]))
    goods = rng.permutation(len(GOODS))[:4]
    for k, kind in enumerate(goods):
        model.add_model(crate(rng, GOODS[int(kind)]), -1.1 + 0.73 * k, -0.3, 0.95)
    side = float(rng.choice([-1.0, 1.0]))
    model.add_model(crate(rng, GOODS[int(rng.integers(len(GOODS)))]), side * 0.8, -1.05, 0.0, 0.15 * side)
    return model


def crate(rng: Rng, tint: Rgb | None = None) -> Model:
    """An open box of slats, heaped with fruit when it has a colour."""
    model = Model("crate")
    for x, y, turn in ((0.0, -0.24, 0.0), (0.0, 0.24, 0.0), (-0.3, 0.0, np.pi / 2), (0.3, 0.0, np.pi / 2)):
        long = 0.62 if turn == 0.0 else 0.48
        model.add(
            "planks", box(long, 0.035, 0.27, "ewnst").turned(turn).moved(x, y).textured(1.0, u=float(rng.random()))
        )
    model.add("planks", box(0.56, 0.42, 0.1, "t").moved(z=0.05).tinted((0.5, 0.45, 0.4)))
    if tint is None:
        return model
    for row, count, z in ((0, 3, 0.2), (1, 2, 0.31)):
        for k in range(count):
            for y in (-0.1, 0.08) if row == 0 else (-0.02,):
                x = (k - (count - 1) / 2.0) * 0.17
                piece = ball(0.115, 2, 6).turned(float(rng.uniform(0, 6))).tinted(tint, 0.18, rng)
                model.add("fruit", piece.moved(x, y + float(rng.uniform(-0.02, 0.02)), z))
    return model


def barrel() -> Model:
    """Staves and two iron hoops."""
    model = Model("barrel")
    model.add("planks", lathe([(0.27, 0.0), (0.35, 0.3), (0.35, 0.58), (0.28, 0.88)], 10, sharp=False))
    model.add("planks", cylinder(0.26, 0.02, 10).moved(z=0.86).tinted((0.7, 0.65, 0.6)))
    for z, radius in ((0.16, 0.325), (0.68, 0.345)):
        model.add("metal", lathe([(radius, z), (radius, z + 0.06)], 10, cap=False))
    return model
