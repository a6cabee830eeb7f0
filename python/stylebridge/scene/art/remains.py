"""Old stone: columns whole and broken, arches, walls that crumble, altars, statues, rocks with moss."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from stylebridge.scene.art.form import Form, join, rotation_x, rotation_y, smooth_normals
from stylebridge.scene.art.model import Model
from stylebridge.scene.art.noise import Rng
from stylebridge.scene.art.shapes import ball, boulder, box, lathe
from stylebridge.scene.art.walls import arch, arch_curve, voussoirs

Rgb = Sequence[float]
STONE: Rgb = (0.93, 0.90, 0.84)


def column(rng: Rng, height: float, broken: bool = False, radius: float = 0.5) -> Model:
    """A column on its base; a broken one ends in a slanting break instead of a capital."""
    model = Model("column")
    model.add("trim", box(radius * 2.9, radius * 2.9, 0.28, "ewnst").tinted((0.84, 0.82, 0.76)))
    base = [(radius * 1.3, 0.28), (radius * 1.35, 0.4), (radius * 1.08, 0.5)]
    model.add("trim", lathe(base, 12, cap=False).tinted(STONE))
    levels = np.linspace(0.5, height, 5)
    profile = np.stack([radius * (1.04 - 0.16 * (levels / height) ** 2), levels], axis=1)
    shaft = fluted(lathe(profile, 24, sharp=False), radius)
    if broken:
        shaft = _broken_off(rng, shaft, height, radius)
    model.add("trim", shaft.shaded(lambda p: 0.72 + 0.28 * (p[:, 2] / 1.6).clip(0.0, 1.0)).tinted(STONE))
    if not broken:
        top = [(radius * 0.9, height), (radius * 1.0, height + 0.1), (radius * 1.4, height + 0.36)]
        model.add("trim", lathe(top, 12).tinted(STONE))
        model.add("trim", box(radius * 3.0, radius * 3.0, 0.22, "ewnstb").moved(z=height + 0.36).tinted(STONE))
    return model


def _broken_off(rng: Rng, shaft: Form, height: float, radius: float) -> Form:
    """The top slanted and splintered, alike for the shaft's rim and the face of the break."""
    places = shaft.positions.copy()
    rim = places[:, 2] > height * 0.85
    around = np.round(np.arctan2(places[:, 1], places[:, 0]) / (2.0 * np.pi) * 24.0).astype(int) % 24
    splinters = rng.uniform(-0.22, 0.12, 24)[around] * radius * (np.hypot(places[:, 0], places[:, 1]) > 0.1)
    places[rim, 2] += places[rim, :2] @ rng.uniform(-0.5, 0.5, 2) + splinters[rim]
    normals = shaft.normals.copy()
    flat = normals[:, 2] > 0.9
    normals[flat] = smooth_normals(places, shaft.triangles)[flat]
    return Form(places, normals, shaft.uvs, shaft.triangles, shaft.colors)


def fluted(shaft: Form, radius: float) -> Form:
    """Every other corner drawn inwards, so that light runs down the shaft in stripes."""
    angle = np.arctan2(shaft.positions[:, 1], shaft.positions[:, 0])
    inward = 1.0 - 0.055 * (np.round(angle / (2.0 * np.pi) * 24.0).astype(int) % 2)
    places = shaft.positions * np.stack([inward, inward, np.ones_like(inward)], axis=1)
    shade = 0.72 + 0.28 * (inward > 0.99)
    return Form(places, shaft.normals, shaft.uvs, shaft.triangles, shaft.colors).painted(np.asarray(shade[:, None]))


def drum(rng: Rng, radius: float = 0.5, length: float = 1.1) -> Model:
    """A piece of a fallen column, lying on its side along x."""
    model = Model("drum")
    body = fluted(lathe([(radius, 0.0), (radius * 0.98, length)], 24), radius)
    under = lathe([(radius, 0.0), (0.02, 0.0)], 12, cap=False).flipped()
    shape = (
        join([body, under])
        .moved(z=-length / 2.0)
        .tilted("y", np.pi / 2.0)
        .rotated(rotation_x(float(rng.uniform(0, 3))))
    )
    model.add("trim", shape.moved(z=radius * 0.86).tinted((0.86, 0.84, 0.78)))
    return model


def crumbled_wall(rng: Rng, length: float, height: float, thick: float = 0.7) -> Model:
    """A run of wall whose top has fallen in steps, along x."""
    model = Model("old wall")
    count = max(int(length / 0.9), 2)
    wide = length / count
    shape = height * (0.55 + 0.45 * np.sin(np.linspace(0.3, 2.8, count) + rng.uniform(-0.6, 0.6)))
    for k in range(count):
        tall = max(float(shape[k] + rng.uniform(-0.3, 0.25) * height * 0.4), 0.4)
        part = box(wide, thick, tall + 0.5, "ewnst").moved(z=-0.5)
        part = part.textured(1.0, u=k * wide).shaded(lambda p: 0.68 + 0.32 * (p[:, 2] / 1.2).clip(0.0, 1.0))
        model.add("mossy", part.moved((k + 0.5) * wide - length / 2.0))
        if rng.random() < 0.45:
            cap = boulder(rng, wide * 0.42, 0.3).scaled(1.0, thick / wide, 0.5)
            model.add("rock", cap.moved((k + 0.5) * wide - length / 2.0, 0.0, tall + 0.05))
    for _ in range(int(length)):
        stone = boulder(rng, float(rng.uniform(0.16, 0.36)), 0.3)
        side = float(rng.choice([-1.0, 1.0])) * (thick / 2.0 + float(rng.uniform(0.1, 0.7)))
        model.add("rock", stone.moved(float(rng.uniform(-0.5, 0.5)) * length, side, 0.05))
    return model


def gateway(rng: Rng, opening: float, spring: float, height: float, thick: float = 1.3) -> Model:
    """A great arch that stands alone, one of its shoulders broken off."""
    model = Model("gateway")
    wide = opening + 2.6
    model.add("mossy", arch(wide, height, opening, spring, thick, 14))
    for side in (-1.0, 1.0):
        end = box(0.02, thick, height, "e" if side > 0 else "w").moved(side * wide / 2.0)
        model.add("mossy", end.shaded(lambda p: 0.7 + 0.3 * (p[:, 2] / 1.5).clip(0.0, 1.0)))
        model.add(
            "trim",
            box(1.4, thick + 0.3, 0.35, "ewnstb").moved(side * (wide / 2.0 - 0.62), 0.0, spring - 0.35).tinted(STONE),
        )
        model.add(
            "trim", voussoirs(opening, spring, 0.55, 0.12, 13).moved(y=-thick / 2.0).turned(0.0 if side > 0 else np.pi)
        )
    model.add("trim", box(wide + 0.5, thick + 0.5, 0.4, "ewnstb").moved(z=height).tinted((0.86, 0.84, 0.78)))
    for k, tall in enumerate((0.9, 1.5, 1.1, 0.5)):
        part = box(wide * 0.16, thick * 0.9, tall, "ewnst").moved(-wide * 0.42 + k * wide * 0.16, 0.0, height + 0.4)
        model.add("mossy", part)
    for x in np.linspace(-0.1, 0.5, 5) * wide:
        model.add(
            "rock",
            boulder(rng, 0.38, 0.3).scaled(1.2, 1.0, 0.7).moved(float(x), float(rng.uniform(-0.2, 0.2)), height + 0.5),
        )
    return model


def broken_arch(rng: Rng, opening: float, spring: float, reach: float = 0.62, thick: float = 0.8) -> Model:
    """Two piers and an arch between them that ends in the air; `reach` is how much of it is left."""
    model = Model("broken arch")
    for side in (-1.0, 1.0):
        pier = box(0.95, thick, spring + 0.6, "ewnst").moved(side * (opening / 2.0 + 0.35), 0.0, -0.6)
        model.add("mossy", pier.shaded(lambda p: 0.68 + 0.32 * (p[:, 2] / 1.4).clip(0.0, 1.0)))
        model.add(
            "trim",
            box(1.15, thick + 0.2, 0.22, "ewnstb").moved(side * (opening / 2.0 + 0.35), 0.0, spring).tinted(STONE),
        )
    curve = arch_curve(opening + 0.5, spring + 0.2, 16)
    steps = np.diff(curve, axis=0)
    for k in range(16):
        if k / 16.0 > reach and k < 14:
            continue
        x, z = (curve[k] + curve[k + 1]) / 2.0
        stone = box(float(np.hypot(*steps[k])) * 1.06, thick, 0.55, "ewnstb").moved(z=-0.28)
        tint = float(rng.uniform(0.84, 1.0))
        turned = stone.rotated(rotation_y(-float(np.arctan2(steps[k][1], steps[k][0]))))
        model.add("trim", turned.moved(float(x), 0.0, float(z)).tinted([tint * c for c in STONE]))
    return model


def rocks(rng: Rng, radius: float, count: int = 3, detail: int = 1) -> Model:
    """A large rock and smaller ones beside it, green on top."""
    model = Model("rocks")
    for k in range(count):
        size = radius * (1.0 if k == 0 else float(rng.uniform(0.25, 0.55)))
        angle, away = float(rng.uniform(0, 6.28)), 0.0 if k == 0 else radius * float(rng.uniform(0.8, 1.15))
        stone = boulder(rng, size, 0.32, detail if k == 0 else 0).scaled(
            1.0, float(rng.uniform(0.75, 1.1)), float(rng.uniform(0.6, 0.9))
        )
        stone = stone.turned(float(rng.uniform(0, 6.28)))
        up = np.clip((stone.normals[:, 2] - 0.55) / 0.3, 0.0, 1.0)[:, None]
        stone = stone.painted(1.0 - up * (1.0 - np.array([0.66, 0.76, 0.40])))
        height = stone.positions[:, 2] - stone.positions[:, 2].min()
        stone = stone.painted((0.62 + 0.38 * (height / size).clip(0.0, 1.0))[:, None])
        model.add("rock", stone.moved(np.cos(angle) * away, np.sin(angle) * away, size * 0.28))
    return model


def guardian(rng: Rng) -> Model:
    """A weathered figure with folded wings on a plinth."""
    model = Model("guardian")
    model.add("mossy", box(1.9, 1.9, 1.3, "ewnst").moved(z=-0.3))
    model.add("trim", box(2.1, 2.1, 0.22, "ewnstb").moved(z=1.0).tinted(STONE))
    robe = lathe([(0.62, 1.2), (0.5, 1.9), (0.42, 2.7), (0.5, 3.2), (0.34, 3.45), (0.15, 3.55)], 10, sharp=False)
    model.add("trim", robe.shaded(lambda p: 0.66 + 0.34 * ((p[:, 2] - 1.2) / 1.6).clip(0.0, 1.0)).tinted(STONE))
    hood = ball(0.3, 6, 9).scaled(1.0, 1.0, 1.2).moved(z=3.85)
    model.add("trim", hood.tinted(STONE))
    for side in (-1.0, 1.0):
        wing = box(0.16, 0.7, 2.5, "ewnst", taper=0.55).tilted("x", 0.18).tilted("y", side * 0.16)
        model.add("trim", wing.moved(side * 0.52, 0.28, 1.75).tinted((0.86, 0.84, 0.78)))
    sword = box(0.14, 0.08, 1.7, "ewnst").moved(0.0, -0.58, 1.25)
    model.add("metal", sword, box(0.62, 0.1, 0.1, "ewnstb").moved(0.0, -0.58, 2.65))
    return model


def brazier() -> Model:
    """A bowl of fire on three legs."""
    model = Model("brazier")
    for k in range(3):
        leg = box(0.07, 0.07, 1.15, "ewns").tilted("y", 0.22).moved(-0.3)
        model.add("metal", leg.turned(k * 2.0 * np.pi / 3.0))
    model.add("metal", lathe([(0.12, 0.9), (0.42, 1.12), (0.46, 1.26), (0.38, 1.26), (0.2, 1.16)], 10, cap=False))
    model.add("lamp", flame(0.34, 0.72).moved(z=1.2))
    return model


def flame(radius: float, height: float) -> Form:
    """Three tongues of fire that lick about, their feet at z = 0."""
    tongues = []
    for k, (share, away) in enumerate(((1.0, 0.0), (0.68, 0.42), (0.55, 0.48))):
        wide, tall = radius * (0.8 if k == 0 else 0.55), height * share
        profile = [(wide * 0.7, 0.0), (wide, tall * 0.22), (wide * 0.45, tall * 0.62), (0.01, tall)]
        at = (np.cos(k * 2.4) * radius * away, np.sin(k * 2.4) * radius * away)
        tongues.append(lathe(profile, 7, cap=False, sharp=False).moved(*at))
    return join(tongues).swaying(lambda p: (p[:, 2] / height) ** 1.5)
