"""Carried: the scarf around the neck and the pack on the back."""

from __future__ import annotations

import numpy as np

from stylebridge.scene.characters.looks.look import Look
from stylebridge.scene.characters.looks.rig import Rig
from stylebridge.scene.characters.looks.shapes import Builder, Ring, Skin, X, Y, Z, rigid
from stylebridge.scene.characters.looks.trunk import trunk_ring
from stylebridge.scene.characters.skeleton import INDEX

# height, half depth, half width: of the pack
_PACK = (
    (1.090, 0.000, 0.000),
    (1.098, 0.060, 0.115),
    (1.200, 0.078, 0.135),
    (1.330, 0.070, 0.128),
    (1.395, 0.050, 0.100),
    (1.405, 0.000, 0.000),
)
# height, and where on the trunk's section: 1 in front, -1 behind
_STRAP = ((1.405, -1.0), (1.440, -0.8), (1.462, 0.1), (1.440, 0.85), (1.36, 1.0), (1.28, 1.0), (1.20, 0.96))


def add_scarf(builder: Builder, rig: Rig, look: Look) -> None:
    """A ring of wool, one end hanging in front."""
    neck, size = rig.at("neck"), rig.proportions.torso
    angle = np.linspace(0.0, 2.0 * np.pi, 12, endpoint=False)
    around = np.linspace(0.0, 2.0 * np.pi, 6)[:, None]
    radius = 0.078 + 0.034 * np.cos(around)
    height = 0.012 + 0.034 * np.sin(around) - 0.016 * np.cos(angle) + 0.006 * np.sin(3.0 * angle)
    x, y = radius * np.cos(angle) + 0.006, radius * np.sin(angle)
    wool = Skin(look.accent, lambda places: {INDEX["chest"]: 0.45, INDEX["neck"]: 0.55}, "knit")
    builder.sheet(neck + np.stack([x, y, height], axis=-1) * size, wool, closed=True)
    end = []
    for share in np.linspace(1.0, 0.0, 5):
        ring = trunk_ring(rig, 1.475 - 0.26 * float(share), 0.024)
        front, side, z = ring.middle[0] + ring.across + 0.012 * (1.0 - share), 0.02 * (1.0 + share), ring.middle[2]
        end.append(
            [[front - out, (side + wide) * size, z] for wide, out in ((0.0, 0.0), (0.032, -0.008), (0.065, 0.004))]
        )
    hanging = Skin(look.accent, rig.trunk(0.3), "knit")
    builder.sheet(np.array(end), hanging.shaded(0.94))
    builder.sheet(np.array(end)[:, ::-1] - X * 0.008, hanging.shaded(0.7))


def add_backpack(builder: Builder, rig: Rig, look: Look) -> None:
    """A pack with a pocket, a rolled blanket on top, and two straps."""
    size = rig.proportions.torso
    behind = trunk_ring(rig, 1.25, 0.016)
    x = behind.middle[0] - behind.across
    chest = rigid(INDEX["chest"])
    leather = Skin(look.shoes, chest, "weave").shaded(1.1)
    rings = [Ring((x - 0.055 * size, 0.0, rig.height(z)), depth * size, width * size) for z, depth, width in _PACK]
    builder.tube(rings, (X, Y), 12, leather, shade=(0.6, 0.8, 1.0), roundness=3.4)
    pocket = np.array([x - 0.128 * size, 0.0, rig.height(1.18)])
    builder.ball(pocket, np.array((0.030, 0.085, 0.062)) * size, Skin(look.accent, chest, "weave").shaded(0.9), 8, 5)
    ends = ((-0.15, 0.0), (-0.15, 0.040), (0.15, 0.040), (0.15, 0.0))
    roll = [Ring((x - 0.055 * size, y * size, rig.height(1.432)), r * size, r * size) for y, r in ends]
    builder.tube(roll, (Z, X), 8, Skin(look.accent, chest, "knit"))
    for side in (1.0, -1.0):
        _add_strap(builder, rig, look, side * 0.088 * size, x)


def _add_strap(builder: Builder, rig: Rig, look: Look, y: float, back: float) -> None:
    """From the pack over the shoulder and down the chest."""
    size = rig.proportions.torso
    line = [[back - 0.012, y, rig.height(1.385)]]
    for height, way in _STRAP:
        ring = trunk_ring(rig, height, 0.030)
        inside = min(1.0, abs(y) / ring.along)
        bulge = max(0.25, (1.0 - inside**2.35) ** (1.0 / 2.35))  # the trunk's section is no ellipse
        over = 0.030 * size if abs(way) < 0.5 else 0.0
        line.append([ring.middle[0] + way * ring.across * bulge, y, ring.middle[2] + over])
    middle, half = np.array(line)[::-1], np.array([0.0, 0.019 * size, 0.0])
    strap = Skin(look.shoes, rig.trunk(0.3), "weave").shaded(0.85)
    builder.sheet(np.stack([middle - half, middle + half], axis=1), strap)
