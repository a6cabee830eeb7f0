"""Garments: shirt, jacket, coat, dress or apron."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from stylebridge.scene.characters.looks.look import Look
from stylebridge.scene.characters.looks.rig import Rig
from stylebridge.scene.characters.looks.shapes import Builder, Ring, Skin, X, Y
from stylebridge.scene.characters.looks.trunk import trunk_ring, trunk_rings
from stylebridge.scene.characters.rotations import Array

LOOSE_COATS = ("jacket", "coat")
_AROUND, _ROUNDNESS = 12, 2.35
_HIPS_M = 0.90  # below, cloth hangs free
_BRASS = (214, 178, 96)


@dataclass(frozen=True, slots=True)
class _Cut:
    ease: float  # over the skin
    hem: float  # height of the lower edge
    flare: float = 0.0  # by how much the hem is wider than the hips


_CUTS = {
    "shirt": _Cut(0.009, 0.955),
    "jacket": _Cut(0.016, 0.905),
    "coat": _Cut(0.017, 0.640, 0.060),
    "dress": _Cut(0.010, 0.560, 0.110),
    "apron": _Cut(0.009, 0.955),
}


def add_garments(builder: Builder, rig: Rig, look: Look) -> None:
    """What covers the trunk."""
    _add_top(builder, rig, look)
    if look.coat in ("shirt", "dress"):
        _add_belt(builder, rig, look)
    if look.coat == "apron":
        _add_apron(builder, rig, look)
    if look.coat in LOOSE_COATS:
        _add_front(builder, rig, look)
        _add_collar(builder, rig, look)


def _add_top(builder: Builder, rig: Rig, look: Look) -> None:
    cut = _CUTS[look.coat]
    cloth = Skin(look.top, rig.skirt() if cut.flare else rig.trunk(), "weave")
    rings = trunk_rings(rig, max(cut.hem, _HIPS_M), 1.488, cut.ease)
    if cut.flare:
        rings[0] = rings[0].grown(0.022 * rig.size)
        band = _flared(rig, rings[0], cut, (1.0, 0.88))
        inside = band[0].scaled(0.9).raised(0.012 * rig.size)
        builder.tube(
            [inside, *band],
            (X, Y),
            _AROUND,
            Skin(look.accent, rig.skirt(), "weave"),
            shade=(0.5, 0.9),
            roundness=_ROUNDNESS,
        )
        rings = [*_flared(rig, rings[0], cut, (0.88, 0.6, 0.3)), *rings]
        builder.tube(rings, (X, Y), _AROUND, cloth, roundness=_ROUNDNESS)
        return
    inside = rings[0].scaled(0.86).raised(0.012 * rig.size)
    builder.tube([inside, *rings], (X, Y), _AROUND, cloth, shade=(0.55, 0.88, 1.0), roundness=_ROUNDNESS)


def _flared(rig: Rig, hips: Ring, cut: _Cut, shares: tuple[float, ...]) -> list[Ring]:
    """Rings below the hips, by how far they are on the way to the hem."""
    rings = []
    for share in shares:
        wide = (0.008 + cut.flare * share) * rig.size
        z = rig.height(_HIPS_M + (cut.hem - _HIPS_M) * share)
        rings.append(Ring((hips.middle[0], 0.0, z), hips.across + wide, hips.along + 0.8 * wide))
    return rings


def _add_belt(builder: Builder, rig: Rig, look: Look) -> None:
    height = 1.06 if look.coat == "dress" else 0.972
    low, high = (trunk_ring(rig, z, 0.014) for z in (height, height + 0.032))
    weigh = rig.trunk()
    leather = Skin(look.shoes, weigh).shaded(0.9)
    builder.tube([low, high, high.grown(-0.01)], (X, Y), _AROUND, leather, roundness=_ROUNDNESS)
    buckle = np.array([low.middle[0] + low.across, 0.0, 0.5 * (low.middle[2] + high.middle[2])])
    builder.ball(buckle, np.array((0.008, 0.022, 0.018)) * rig.size, Skin(_BRASS, weigh))


def _add_front(builder: Builder, rig: Rig, look: Look) -> None:
    """A band down the front with buttons."""
    cut, weigh = _CUTS[look.coat], rig.trunk()
    rings = trunk_rings(rig, max(cut.hem, 0.905), 1.455, cut.ease + 0.002)
    line = np.array([[ring.middle[0] + ring.across, 0.0, ring.middle[2]] for ring in rings])
    half = np.linspace(0.020, 0.026, len(line))[:, None] * rig.size * Y
    builder.sheet(np.stack([line - half, line + half], axis=1), Skin(look.accent, weigh, "weave"))
    shares = np.linspace(0.0, 1.0, len(line))
    for share in (0.2, 0.42, 0.64, 0.84):
        place = np.array([np.interp(share, shares, line[:, i]) for i in range(3)])
        builder.ball(place, np.array((0.006, 0.010, 0.010)) * rig.size, Skin(look.shoes, weigh).shaded(0.6), 6, 3)


def _add_collar(builder: Builder, rig: Rig, look: Look) -> None:
    low, high = (trunk_ring(rig, z, 0.018) for z in (1.46, 1.487))
    up = high.raised(0.030 * rig.size)
    rings = [low, up.scaled(1.12), up.scaled(0.98), high.scaled(0.9)]
    cloth = Skin(look.top, rig.trunk(0.0), "weave")
    builder.tube(rings, (X, Y), 12, cloth, shade=(0.9, 1.0, 0.8, 0.6))


def _add_apron(builder: Builder, rig: Rig, look: Look) -> None:
    """A bib and a skirt in front, cut from one sheet."""
    rings = trunk_rings(rig, _HIPS_M, 1.36, 0.020)
    for drop in (0.76, 0.62):
        ring = rings[0].raised(rig.height(drop) - rings[0].middle[2]).grown(0.018)
        rings.insert(0, ring)
    heights = [ring.middle[2] for ring in rings]
    known = [rig.height(z) for z in (1.0, 1.15, 1.36)]
    width = np.interp(heights, known, (0.95, 0.75, 0.5))[:, None]
    front = _wrapped(rings, np.linspace(-1.0, 1.0, 7) * width)
    cloth = Skin(look.accent, rig.skirt(), "weave")
    builder.sheet(front, cloth)
    builder.sheet(front[:, ::-1] - X * 0.006, cloth.shaded(0.7))


def _wrapped(rings: list[Ring], angle: Array) -> Array:
    """Places [R,S,3] on rings at angles [R,S] from straight ahead."""
    middle = np.array([ring.middle for ring in rings])
    across, along = (np.array([[getattr(ring, name)] for ring in rings]) for name in ("across", "along"))
    x = middle[:, :1] + across * np.maximum(np.cos(angle), 0.0) ** 0.6
    return np.stack([x, along * np.sin(angle), np.broadcast_to(middle[:, 2:], angle.shape)], axis=-1)
