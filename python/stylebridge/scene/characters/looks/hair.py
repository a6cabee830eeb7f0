"""Hair and hats."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from stylebridge.scene.characters.looks.look import Look
from stylebridge.scene.characters.looks.shapes import Builder, Ring, Skin, X, Y, Z, rigid
from stylebridge.scene.characters.looks.skull import Skull
from stylebridge.scene.characters.rotations import Array
from stylebridge.scene.characters.skeleton import INDEX

_HAIR_AROUND, _HAT_AROUND = 14, 13
_STEPS = np.array([0.0, 0.08, 0.34, 0.58, 0.76, 0.90, 0.97, 1.0])[:, None]  # from the hairline to the crown
_COVERED_STEPS = np.array([0.0, 0.08, 0.45, 1.0])[:, None]  # where a hat hides the rest
# style: how far down it reaches behind and at the sides
_ENDS = {
    "short": (0.030, 0.085),
    "tousled": (0.035, 0.080),
    "bob": (-0.015, 0.000),
    "long": (-0.160, -0.060),
    "bun": (0.030, 0.085),
    "tail": (0.030, 0.085),
}
# back, up, radius: of a ponytail
_TAIL = (
    (0.000, 0.000, 0.014),
    (-0.035, 0.010, 0.026),
    (-0.070, -0.030, 0.038),
    (-0.080, -0.100, 0.036),
    (-0.068, -0.170, 0.024),
    (-0.060, -0.205, 0.000),
)
_HAT_M = 0.150  # height of a hat's edge
_ROLL = ((-0.012, 0.98), (-0.012, 1.09), (0.024, 1.09), (0.028, 1.0))  # up, width: of a woollen hat's rolled edge


@dataclass(frozen=True, slots=True)
class _Hat:
    top: float
    steps: tuple[float, ...]  # from the edge to the top
    swell: tuple[float, ...]  # width there
    brim: float = 0.0


_HATS = {
    "cap": _Hat(0.262, (0.0, 0.05, 0.35, 0.65, 0.9, 1.0), (1.0, 1.02, 1.03, 0.90, 0.50, 0.0), 0.085),
    "brim": _Hat(0.290, (0.0, 0.05, 0.35, 0.65, 0.92, 1.0), (1.0, 1.02, 0.98, 0.90, 0.74, 0.0), 0.072),
    "beanie": _Hat(0.275, (0.0, 0.05, 0.35, 0.65, 0.9, 1.0), (1.0, 1.06, 1.04, 0.92, 0.50, 0.0)),
}


def add_hair(builder: Builder, skull: Skull, look: Look) -> None:
    """A cap of hair down to its hairline, and a bun or tail."""
    style, covered = look.hair_style, bool(look.hat)
    angle = np.linspace(0.0, 2.0 * np.pi, _HAIR_AROUND, endpoint=False)
    steps = _COVERED_STEPS if covered else _STEPS
    height = _hairline(angle, style) * (1.0 - steps) + 0.2405 * steps
    thick = np.repeat(np.interp(steps, (0.0, 0.2, 1.0), (0.5, 1.0, 0.8)), _HAIR_AROUND, axis=1)
    thick *= 0.006 if covered else 0.019
    if style in ("bob", "long"):
        thick += 0.010 * np.clip((0.10 - height) / 0.10, 0.0, 1.0)
    if style == "tousled" and not covered:
        wave = np.sin(5.0 * angle + 9.0 * steps) + np.sin(7.0 * angle - 5.0 * steps)
        thick += 0.009 * wave * np.sin(np.pi * steps) + 0.006
    thick[0] = 0.001
    grid = skull.swollen(np.broadcast_to(angle, height.shape), height, thick)
    grid[-1] = grid[-1].mean(axis=0)
    hair = Skin(look.hair, rigid(INDEX["head"]), "hair")
    builder.sheet(grid, hair, shade=np.interp(steps, (0.0, 0.07, 0.5, 1.0), (0.66, 0.80, 1.0, 1.08)), closed=True)
    if style == "bun":
        place = skull.place(np.array(np.pi), np.array(0.09 if covered else 0.175), 0.030)
        builder.ball(place, np.array((0.046, 0.050, 0.046)) * skull.scale, hair.shaded(0.95), 8, 6)
    if style == "tail":
        _add_tail(builder, skull, hair, 0.06 if covered else 0.150)


def _hairline(angle: Array, style: str) -> Array:
    """Where the hair ends below: over the forehead, before the ears, and behind."""
    back, sides = _ENDS[style]
    front = 0.172 + 0.012 * np.sin(3.0 * angle + 1.0)
    behind = 0.5 - 0.5 * np.cos(angle)  # 0 at the forehead, 1 at the back
    way = np.interp(behind, (0.0, 0.22, 0.42, 0.62, 1.0), (0.0, 0.0, 1.0, 1.3, 2.0))
    line: Array = np.where(way <= 1.0, front + (sides - front) * way, sides + (back - sides) * (way - 1.0))
    return line


def _add_tail(builder: Builder, skull: Skull, hair: Skin, height: float) -> None:
    start = skull.place(np.array(np.pi), np.array(height))
    rings = []
    for back, up, radius in _TAIL:
        x, y, z = start + np.array([back, 0.0, up]) * skull.scale
        rings.append(Ring((float(x), float(y), float(z)), radius * skull.scale, radius * skull.scale))
    builder.tube(rings, (Y, X), 8, hair.shaded(0.95))


def add_hat(builder: Builder, skull: Skull, look: Look) -> None:
    """A cap with a visor, a hat with a brim, or a woollen one with a bobble; all sit a little higher in front."""
    hat, size = _HATS[look.hat], skull.scale
    angle = np.linspace(0.0, 2.0 * np.pi, _HAT_AROUND, endpoint=False)
    edge = skull.place(angle, np.full(_HAT_AROUND, _HAT_M), 0.020)
    middle = edge.mean(axis=0)
    tilt = 0.018 * np.cos(angle)
    steps, swell = np.array(hat.steps)[:, None], np.array(hat.swell)[:, None]
    rise = steps * (hat.top - _HAT_M - tilt) + tilt
    dome = middle + (edge - middle) * swell[..., None] + Z * (rise * size)[..., None]
    felt = Skin(look.shoes if look.hat == "brim" else look.accent, rigid(INDEX["head"]), "weave")
    builder.sheet(dome, felt, shade=np.interp(steps, (0.0, 0.06, 1.0), (0.8, 0.95, 1.05)), closed=True)
    edge = edge + Z * (tilt * size)[:, None]
    if look.hat == "beanie":
        wool = Skin(look.accent, felt.weigh, "knit")
        roll = [middle + (edge - middle) * [w, w, 1.0] + Z * z * size for z, w in _ROLL]
        builder.sheet(np.array(roll), wool.shaded(0.86), closed=True)
        bobble = middle + Z * ((hat.top - _HAT_M + 0.02) * size)
        builder.ball(bobble, np.full(3, 0.032 * size), Skin(look.top, felt.weigh, "knit"), 7, 5)
        return
    ahead = np.clip(np.cos(angle), 0.02, 1.0) ** 0.6
    reach = hat.brim * size * (ahead if look.hat == "cap" else np.ones(_HAT_AROUND))
    _add_brim(builder, edge, edge - middle, reach, 0.25 if look.hat == "cap" else 0.10, felt)


def _add_brim(builder: Builder, edge: Array, ways: Array, reach: Array, droop: float, felt: Skin) -> None:
    flat = ways * [1.0, 1.0, 0.0]
    flat = flat / np.sqrt(np.sum(flat**2, axis=-1, keepdims=True))
    rim = edge + flat * reach[:, None] - Z * (droop * reach)[:, None]
    thick = Z * 0.005
    grid = np.stack([edge - thick, rim - thick, rim + thick, edge + thick])
    builder.sheet(grid, felt, shade=np.array([0.6, 0.7, 0.95, 0.95])[:, None], closed=True)
