"""Body: a look turned into one skinned mesh in the bind pose."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from stylebridge.scene.characters.looks.carried import add_backpack, add_scarf
from stylebridge.scene.characters.looks.cloth import body_material
from stylebridge.scene.characters.looks.garments import LOOSE_COATS, add_garments
from stylebridge.scene.characters.looks.head import add_head
from stylebridge.scene.characters.looks.look import Look, Rgb
from stylebridge.scene.characters.looks.rig import Rig
from stylebridge.scene.characters.looks.shapes import Builder, Ring, Skin, X, Y, Z, rigid, tube_places
from stylebridge.scene.characters.looks.trunk import trunk_rings
from stylebridge.scene.characters.rotations import Array, cross, normalize
from stylebridge.scene.characters.skeleton import INDEX, SIDES
from stylebridge.scene.mesh import Piece

_AROUND = 8  # corners of a limb's section
# height, forward, half depth, half width: of a leg
_LEG = np.array(
    [
        (0.930, -0.006, 0.070, 0.050),
        (0.870, -0.005, 0.093, 0.073),
        (0.790, 0.001, 0.087, 0.080),
        (0.660, 0.004, 0.070, 0.066),
        (0.535, 0.006, 0.060, 0.057),
        (0.470, 0.003, 0.057, 0.054),
        (0.340, -0.012, 0.058, 0.053),
        (0.220, -0.008, 0.045, 0.043),
        (0.120, 0.000, 0.038, 0.037),
        (0.060, 0.000, 0.040, 0.038),
    ]
)
# along the arm in arm lengths, half depth, half width
_ARM = np.array(
    [
        (-0.14, 0.034, 0.022),
        (-0.05, 0.050, 0.034),
        (0.04, 0.058, 0.045),
        (0.16, 0.057, 0.052),
        (0.36, 0.050, 0.049),
        (0.49, 0.045, 0.044),
        (0.57, 0.045, 0.044),
        (0.70, 0.043, 0.040),
        (0.86, 0.035, 0.032),
        (1.00, 0.030, 0.026),
    ]
)
# forward from the ankle, top, half width: of a shoe
_SHOE = (
    (-0.084, 0.050, 0.000),
    (-0.076, 0.078, 0.031),
    (-0.035, 0.108, 0.040),
    (0.020, 0.110, 0.043),
    (0.080, 0.082, 0.048),
    (0.130, 0.066, 0.052),
    (0.180, 0.054, 0.046),
    (0.212, 0.040, 0.028),
    (0.224, 0.022, 0.000),
)
_SOLE_M = 0.018
# along the hand, towards the palm, half width, half thickness
_HAND = (
    (-0.02, 0.000, 0.027, 0.021),
    (0.03, 0.000, 0.040, 0.022),
    (0.08, 0.004, 0.045, 0.022),
    (0.12, 0.013, 0.041, 0.019),
    (0.16, 0.026, 0.032, 0.016),
    (0.184, 0.037, 0.000, 0.000),
)


def body_of(look: Look, name: str, piece_id: int) -> Piece:
    """A character's body."""
    rig, builder = Rig(look.proportions), Builder()
    seat = Skin(look.bottom, rig.seat(), "weave")
    builder.tube(trunk_rings(rig, 0.835, 1.03, 0.004), (X, Y), 12, seat, shade=(0.72, 0.8, 0.9, 1.0), roundness=2.3)
    for side in SIDES:
        _add_leg(builder, rig, look, side)
        _add_shoe(builder, rig, look.shoes, side)
        _add_arm(builder, rig, look, side)
    add_garments(builder, rig, look)
    if look.scarf:
        add_scarf(builder, rig, look)
    if look.backpack:
        add_backpack(builder, rig, look)
    add_head(builder, rig, look)
    return Piece(name, builder.mesh(), body_material(), piece_id)


def _leg_rings(rig: Rig, side: str, high: float, low: float, ease: float) -> list[Ring]:
    """From the hip down; below the knee cloth hangs looser."""
    inner = [float(z) for z in _LEG[:, 0] if low + 0.02 < z < high - 0.02]
    rings = []
    for z in (high, *inner, low):
        forward, depth, width = (float(np.interp(z, _LEG[::-1, 0], _LEG[::-1, i])) for i in (1, 2, 3))
        y = float(rig.at(f"{side}_thigh")[1]) * (0.97 if z > 0.8 else 1.0)
        loose = ease * (1.0 + 1.2 * float(np.clip((0.62 - z) / 0.3, 0.0, 1.0)))
        ring = Ring((forward * rig.size, y, rig.height(z)), width * rig.girth, depth * rig.girth)
        rings.append(ring.grown(loose))
    return rings


def _add_leg(builder: Builder, rig: Rig, look: Look, side: str) -> None:
    axes, weigh = (Y, X), rig.leg(side)
    skin, cloth = Skin(look.skin, weigh), Skin(look.bottom, weigh, "weave")
    bare = look.coat == "dress"
    if bare or look.short_trousers:
        top = 0.925 if bare else 0.54
        builder.tube(_leg_rings(rig, side, top, 0.06, 0.0), axes, _AROUND, skin.shaded(0.97))
    if not bare:
        hem = 0.50 if look.short_trousers else 0.26 if look.boots else 0.095
        trousers = _leg_rings(rig, side, 0.925, hem, 0.011 if look.short_trousers else 0.007)
        shade = (0.78, 0.9, 0.97, *[1.0] * (len(trousers) - 3), 0.6)
        builder.tube([*trousers, trousers[-1].scaled(0.7)], axes, _AROUND, cloth, shade=shade)
    if look.boots:
        shaft = _leg_rings(rig, side, 0.31, 0.05, 0.010)
        inside = shaft[0].scaled(0.75).raised(-0.01)
        builder.tube([inside, *shaft], axes, _AROUND, Skin(look.shoes, weigh), shade=(0.5, 0.9, 1.0))


def _add_shoe(builder: Builder, rig: Rig, color: Rgb, side: str) -> None:
    ankle, scale = rig.at(f"{side}_foot"), rig.proportions.legs
    rings = []
    for x, top, width in _SHOE:
        middle = (float(ankle[0]) + x * scale, float(ankle[1]), 0.5 * top * scale)
        rings.append(Ring(middle, width * scale, 0.5 * top * scale if width else 0.0))
    grid = tube_places(rings, (Y, Z), 8, 2.8)
    grid[..., 2] = np.maximum(grid[..., 2], 0.004 * scale)  # flat below
    sole = np.where(grid[..., 2] < _SOLE_M * scale, 0.55, 1.0)
    builder.sheet(grid, Skin(color, rig.foot(side)), shade=sole, closed=True)


def _add_arm(builder: Builder, rig: Rig, look: Look, side: str) -> None:
    way = normalize(rig.at(f"{side}_hand") - rig.at(f"{side}_upper_arm"))
    axes, weigh = (X, cross(way, X)), rig.arm(side)
    hem = 0.40 if look.short_sleeves else 0.95
    sleeve = _arm_rings(rig, side, -0.14, hem, 0.012 if look.coat in LOOSE_COATS else 0.007)
    shade = (*[1.0] * len(sleeve), 0.6)
    builder.tube([*sleeve, sleeve[-1].scaled(0.6)], axes, 8, Skin(look.top, weigh, "weave"), shade=shade)
    builder.tube(_arm_rings(rig, side, hem - 0.08, 1.02, 0.0), axes, 8, Skin(look.skin, weigh))
    _add_hand(builder, rig, look.skin, side, way)


def _arm_rings(rig: Rig, side: str, first: float, last: float, ease: float) -> list[Ring]:
    shoulder, hand = rig.at(f"{side}_upper_arm"), rig.at(f"{side}_hand")
    girth = 0.4 * rig.size + 0.6 * rig.girth
    inner = [float(share) for share in _ARM[:, 0] if first + 0.02 < share < last - 0.02]
    rings = []
    for share in (first, *inner, last):
        depth, width = (float(np.interp(share, _ARM[:, 0], _ARM[:, i])) for i in (1, 2))
        rings.append(Ring(_point(shoulder + (hand - shoulder) * share), depth * girth, width * girth).grown(ease))
    return rings


def _add_hand(builder: Builder, rig: Rig, color: Rgb, side: str, way: Array) -> None:
    """A mitten with a thumb, a little bent towards the palm."""
    wrist, size = rig.at(f"{side}_hand"), rig.proportions.arms
    across = cross(way, X)
    palm = across * (-1.0 if float(across[1] * wrist[1]) > 0.0 else 1.0)
    skin = Skin(color, rigid(INDEX[f"{side}_hand"]))
    rings = [
        Ring(_point(wrist + (way * along + palm * bent) * size), width * size, thickness * size)
        for along, bent, width, thickness in _HAND
    ]
    builder.tube(rings, (X, across), 6, skin, roundness=2.3)
    thumb = []
    for share, radius in ((0.0, 0.014), (0.4, 0.016), (0.8, 0.014), (1.0, 0.0)):
        out = way * (0.025 + 0.065 * share) + X * (0.025 + 0.038 * share) + palm * 0.02 * share
        thumb.append(Ring(_point(wrist + out * size), radius * size, radius * size))
    builder.tube(thumb, (X, across), 5, skin.shaded(0.97))


def _point(place: Array | Sequence[float]) -> tuple[float, float, float]:
    return float(place[0]), float(place[1]), float(place[2])
