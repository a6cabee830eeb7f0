"""Trees, bushes, flowers and grass: opaque lumps inside, cut-out cards around them for the outline."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from stylebridge.scene.art.cards import both_sides, cards, sprays
from stylebridge.scene.art.form import Form, Points, join
from stylebridge.scene.art.model import Model
from stylebridge.scene.art.noise import Rng
from stylebridge.scene.art.shapes import blob, box, lathe, tube

Rgb = Sequence[float]
SUMMER: tuple[Rgb, ...] = ((1.0, 1.0, 0.92), (0.90, 1.0, 0.86), (1.0, 0.92, 0.70))


def broadleaf(rng: Rng, height: float = 6.0, tint: Rgb = SUMMER[0], cards: int = 84, golden: bool = False) -> Model:
    """A tree with a round, billowing crown, green or in its autumn colours."""
    model = Model("tree")
    trunk = height * 0.42
    lean = rng.uniform(-0.25, 0.25, 2)
    bole = [(0, 0, -0.2), (lean[0] * 0.3, lean[1] * 0.3, trunk * 0.5), (lean[0], lean[1], trunk)]
    thick = height * 0.045
    model.add("bark", tube(bole, [thick * 1.5, thick, thick * 0.8], 7))
    spread = height * 0.27
    lumps = _lumps(rng, lean, trunk, height, spread)
    for middle, _ in lumps:
        limb = np.array([bole[2], (np.array(bole[2]) + middle) / 2.0 - np.array([0.0, 0.0, 0.1]), middle])
        model.add("bark", tube(limb, [thick * 0.7, thick * 0.45, thick * 0.2], 5))
    low, high = trunk * 0.8, height
    for middle, radius in lumps:
        lump = blob(rng, radius * 0.93, 0.22, 1).textured(1.35, u=float(rng.random())).moved(*middle)
        model.add("golden thicket" if golden else "thicket", _crown(lump, low, high, tint, 0.62))
    skin = _crown(sprays(rng, lumps, cards, height * 0.135), low, high, [0.88 * c for c in tint], 0.62)
    model.add("golden leaves" if golden else "leaves", skin)
    return model


def _lumps(rng: Rng, lean: Points, trunk: float, height: float, spread: float) -> list[tuple[Points, float]]:
    lumps = [(np.array([lean[0], lean[1], height - spread * 0.95]), spread)]
    count = int(rng.integers(4, 6))
    turn = rng.uniform(0.0, 6.28)
    for k in range(count):
        angle = turn + 2.0 * np.pi * k / count + rng.uniform(-0.25, 0.25)
        away = spread * rng.uniform(0.72, 0.95)
        z = trunk + spread * rng.uniform(0.35, 0.85)
        middle = np.array([lean[0] + np.cos(angle) * away, lean[1] + np.sin(angle) * away, z])
        lumps.append((middle, spread * float(rng.uniform(0.62, 0.82))))
    return lumps


def _crown(shape: Form, low: float, high: float, tint: Rgb, darkest: float) -> Form:
    """Darker below and inside, brighter on top; the higher, the more the wind moves it."""

    def share(points: Points) -> Points:
        return np.asarray(((points[:, 2] - low) / (high - low)).clip(0.0, 1.0))

    shape = shape.shaded(lambda p: darkest + (1.0 - darkest) * share(p) ** 0.8).tinted(tint)
    return shape.swaying(lambda p: 0.35 + 0.65 * share(p))


def cypress(rng: Rng, height: float = 7.0) -> Model:
    """A slim dark flame of a tree."""
    model = Model("cypress")
    model.add("bark", tube([(0, 0, -0.2), (0, 0, 0.8)], [0.14, 0.12], 6))
    angles = np.linspace(0.0, 1.0, 9)
    profile = np.stack(
        [np.sin(angles**0.62 * np.pi) ** 0.8 * height * 0.115 + 0.02, 0.5 + angles * (height - 0.5)], axis=1
    )
    body = lathe(profile, 9, cap=False, sharp=False)
    shaken = body.positions * (1.0 + 0.12 * np.sin(body.positions[:, 2:] * 3.1 + rng.uniform(0, 6)) * [1.0, 1.0, 0.0])
    body = Form(shaken, body.normals, body.uvs, body.triangles, body.colors)
    model.add("thicket", _crown(body, 0.0, height, (0.62, 0.78, 0.62), 0.62))
    skin = []
    for _ in range(22):
        z, angle = rng.uniform(0.08, 0.93), rng.uniform(0.0, 6.28)
        radius = float(np.interp(z * height, profile[:, 1], profile[:, 0]))
        skin.append((np.array([np.cos(angle) * radius * 0.5, np.sin(angle) * radius * 0.5, z * height]), radius * 0.55))
    model.add("leaves", _crown(sprays(rng, skin, 30, 0.6), 0.0, height, (0.62, 0.80, 0.64), 0.7))
    return model


def pine(rng: Rng, height: float = 8.0, tiers: int = 5, tint: Rgb = (1.0, 1.0, 1.0)) -> Model:
    """Tiers of drooping boughs around a straight trunk."""
    model = Model("pine")
    lean = rng.uniform(-0.15, 0.15, 2)
    top = (lean[0], lean[1], height * 0.9)
    thick = height * 0.032
    model.add("bark", tube([(0, 0, -0.3), (lean[0] / 2, lean[1] / 2, height / 2), top], [thick * 1.4, thick, 0.03], 7))
    for tier in range(tiers):
        t = tier / max(tiers - 1, 1)
        z = height * (0.2 + 0.64 * t)
        reach = height * (0.25 * (1.0 - t) ** 0.85 + 0.055) * float(rng.uniform(0.9, 1.1))
        droop = reach * 0.7
        at = (lean[0] * z / height, lean[1] * z / height, z)
        shade = 0.74 + 0.26 * t
        cone = lathe([(reach * 0.78, -droop * 0.62), (reach * 0.3, droop * 0.25), (0.02, droop * 1.0)], 7, cap=False)
        model.add("thicket", _bough(cone, reach).tinted((0.46 * shade, 0.62 * shade, 0.5 * shade)).moved(*at))
        boughs = _bough(_boughs(rng, reach, droop, 8), reach)
        model.add("needles", boughs.tinted([shade * c for c in tint]).moved(*at))
    return model


def _boughs(rng: Rng, reach: float, droop: float, count: int) -> Form:
    """Cards that hang outwards around a tier."""
    wide, low = reach * rng.uniform(0.42, 0.56, count), -droop * rng.uniform(0.85, 1.15, count)
    far, top = reach * rng.uniform(0.95, 1.15, count), np.full(count, droop * 0.75)
    outline = [(-wide * 1.1, -far, low), (wide * 1.1, -far, low), (wide * 0.3, 0.0 * far - 0.08, top)]
    outline.append((-wide * 0.3, 0.0 * far - 0.08, top))
    corners = np.stack([np.stack(corner, axis=-1) for corner in outline], axis=1)  # [N,4,3]
    long = np.hypot(far, top - low)
    uvs = np.stack([corners[..., 0], np.stack([0.0 * long, 0.0 * long, long, long], axis=1)], axis=-1)
    uvs = uvs * 0.9 + rng.random((count, 1, 2))
    turn = float(rng.uniform(0.0, 6.28)) + 2.0 * np.pi * np.arange(count) / count
    c, s = np.cos(turn)[:, None], np.sin(turn)[:, None]
    x, y = corners[..., 0] * c - corners[..., 1] * s, corners[..., 0] * s + corners[..., 1] * c
    normal = np.concatenate([0.65 * s, -0.65 * c, 0.0 * s + 0.75], axis=1)
    return both_sides(np.stack([x, y, corners[..., 2]], axis=-1), normal, uvs)


def _bough(shape: Form, reach: float) -> Form:
    """The rim is bright and moves; what lies near the trunk is dark and still."""

    def out(points: Points) -> Points:
        return np.asarray((np.hypot(points[:, 0], points[:, 1]) / reach).clip(0.0, 1.0))

    return shape.shaded(lambda p: 0.55 + 0.45 * out(p)).swaying(lambda p: 0.9 * out(p))


def bush(rng: Rng, radius: float = 0.7, tint: Rgb = SUMMER[0], blossom: Rgb | None = None, lumpy: bool = True) -> Model:
    """A round shrub, in flower when it has a colour."""
    model = Model("bush")
    lumps = [(np.array([0.0, 0.0, radius * 0.55]), radius * (0.8 if lumpy else 1.0))]
    for angle in (0.4, 2.5, 4.6) if lumpy else ():
        lumps.append((np.array([np.cos(angle), np.sin(angle), 0.6]) * radius * 0.55, radius * 0.6))
    for middle, size in lumps:
        model.add("thicket", _crown(blob(rng, size * 0.9, 0.2, 1).moved(*middle), -0.1, radius * 1.4, tint, 0.6))
    model.add("leaves", _crown(sprays(rng, lumps, 12 if lumpy else 7, radius * 0.55), -0.1, radius * 1.4, tint, 0.75))
    if blossom is not None:
        flowers = sprays(rng, lumps, 9 if lumpy else 6, radius * 0.34).tinted(blossom)
        model.add("petals", flowers.swaying(0.6))
    return model


def planter(rng: Rng, blossom: Rgb, tall: bool = False) -> Model:
    """A clay pot with flowers, or with a clipped ball of leaves on a stem."""
    model = Model("flower pot")
    model.add(
        "tiles",
        lathe([(0.20, 0.0), (0.30, 0.42), (0.34, 0.43), (0.34, 0.52), (0.27, 0.52)], 8).tinted((0.95, 0.86, 0.8)),
    )
    if tall:
        model.add("bark", tube([(0, 0, 0.4), (0, 0, 1.2)], 0.035, 4))
        model.add("thicket", _crown(blob(rng, 0.42, 0.08, 1).moved(z=1.35), 0.9, 1.8, SUMMER[1], 0.6))
        lumps = [(np.array([0.0, 0.0, 1.35]), 0.42)]
    else:
        model.add("thicket", _crown(blob(rng, 0.3, 0.15, 1).moved(z=0.62), 0.3, 1.0, SUMMER[0], 0.6))
        lumps = [(np.array([0.0, 0.0, 0.66]), 0.32)]
    model.add("petals", sprays(rng, lumps, 9, 0.24).tinted(blossom).swaying(0.6))
    return model


def hedge(rng: Rng, length: float, height: float = 0.8, depth: float = 0.6) -> Model:
    """A clipped row of box."""
    model = Model("hedge")
    body = box(length, depth, height, "ewnst").moved(z=-0.1)
    model.add("thicket", body.shaded(lambda p: 0.6 + 0.4 * (p[:, 2] / height).clip(0, 1)).tinted(SUMMER[1]))
    lumps = [(np.array([x, 0.0, height * 0.62]), 0.34) for x in np.arange(-length / 2 + 0.2, length / 2, 0.4)]
    model.add("leaves", _crown(sprays(rng, lumps, 3 * len(lumps), 0.34), 0.0, height * 1.2, SUMMER[1], 0.8))
    return model


def ivy(rng: Rng, width: float, height: float) -> Model:
    """Leaves that climb a wall facing south, thinner towards their top."""
    model = Model("ivy")
    count = int(width * height * 2.4)
    t, half = rng.random(count) ** 1.5, rng.uniform(0.30, 0.5, count)
    x, y = rng.uniform(-0.5, 0.5, count) * width * (1.0 - 0.6 * t), -0.06 - 0.12 * rng.random(count)
    at = np.stack([x, y, np.maximum(t * height, half * 0.7)], axis=1)
    face = np.stack([rng.uniform(-0.25, 0.25, count), 0.0 * t - 1.0, 0.0 * t + 0.25], axis=1)
    leaves = cards(at, face, half, rng.uniform(0.0, 6.28, count), np.array([0.0, -0.8, 0.5]))
    model.add("leaves", leaves.tinted((0.78, 0.9, 0.72)).swaying(0.35))
    return model


def tufts(rng: Rng, places: Points, sizes: Points) -> Form:
    """Two crossed cards of grass blades at each of the [N,3] places, lit like the ground they stand on."""
    crossed = []
    turn = rng.uniform(0.0, np.pi, len(places))
    tall = sizes * rng.uniform(0.8, 1.2, len(places))
    for angle in (turn, turn + np.pi / 2.0 + rng.uniform(-0.4, 0.4, len(places))):
        along = np.stack([np.cos(angle), np.sin(angle), 0.0 * angle], axis=1) * (sizes * 0.62)[:, None]
        up = np.stack([0.0 * tall, 0.0 * tall, tall], axis=1)
        corners = np.stack([places - along, places + along, places + along + up, places - along + up], axis=1)
        crossed.append(both_sides(corners, np.array([0.0, 0.0, 1.0])))
    grass = join(crossed)
    tone = np.where(rng.random((len(places), 1)) < 0.7, [[0.92, 1.0, 0.82]], [[1.0, 0.94, 0.62]])
    tone = tone * rng.uniform(0.85, 1.0, (len(places), 1))
    colors = grass.colors.copy()
    colors[:, :3] = np.tile(np.repeat(tone, 4, axis=0), (2, 1))
    colors[:, 3] = np.tile([0.0, 0.0, 1.0, 1.0], 2 * len(places))
    return Form(grass.positions, grass.normals, grass.uvs, grass.triangles, colors)
