"""Head: neck, skull, ears and face."""

from __future__ import annotations

import numpy as np

from stylebridge.scene.characters.looks.hair import add_hair, add_hat
from stylebridge.scene.characters.looks.look import Look
from stylebridge.scene.characters.looks.rig import Rig
from stylebridge.scene.characters.looks.shapes import Builder, Ring, Skin, X, Y, Z, ball_places, rigid
from stylebridge.scene.characters.looks.skull import SECTIONS, Skull
from stylebridge.scene.characters.rotations import Array, turn_plane
from stylebridge.scene.characters.skeleton import INDEX

_AROUND = 12
_WHITE, _PUPIL = (242, 238, 232), (24, 20, 22)
_EYE_ANGLE, _EYE_TURN = 0.46, 0.30  # from the nose, where an eye sits and where it looks
# flat balls one before the other: half sizes, how far before the white
_EYE = (
    ("white", (0.0145, 0.0205, 0.0235), 0.0),
    ("iris", (0.0130, 0.0150, 0.0185), 0.003),
    ("pupil", (0.0120, 0.0090, 0.0115), 0.006),
)


def add_head(builder: Builder, rig: Rig, look: Look) -> None:
    """Neck and head with everything on it."""
    skull = Skull(rig)
    _add_neck(builder, rig, look)
    angle = np.linspace(0.0, 2.0 * np.pi, _AROUND, endpoint=False)
    heights = SECTIONS[:, :1]
    grid = skull.place(*np.broadcast_arrays(angle, heights))
    shade = np.interp(heights, (-0.03, 0.04, 0.10), (0.80, 0.95, 1.0))[..., None] * np.ones(3)
    cheeks = np.exp(-(((heights - 0.05) / 0.035) ** 2) - ((np.abs(np.sin(angle)) - 0.65) / 0.25) ** 2)
    blush = (cheeks * (np.cos(angle) > 0.2))[..., None] * np.array([0.0, 0.14, 0.13])
    builder.sheet(grid, Skin(look.skin, rigid(INDEX["head"])), shade=shade * (1.0 - blush), closed=True)
    _add_face(builder, skull, look)
    add_hair(builder, skull, look)
    if look.hat:
        add_hat(builder, skull, look)


def _add_neck(builder: Builder, rig: Rig, look: Look) -> None:
    low, high = rig.at("neck"), rig.at("head")
    size = rig.proportions.torso
    rings = [
        Ring((low[0] - 0.004, 0.0, low[2] - 0.05 * size), 0.062 * size, 0.066 * size),
        Ring((low[0], 0.0, low[2] + 0.005), 0.052 * size, 0.053 * size),
        Ring((high[0] + 0.004, 0.0, high[2] + 0.03 * size), 0.050 * size, 0.050 * size),
    ]

    def weigh(places: Array) -> dict[int, Array | float]:
        up = np.clip((places[:, 2] - low[2]) / (high[2] - low[2]), 0.0, 1.0)
        chest = np.clip(0.5 - 2.0 * up, 0.0, 1.0)
        return {INDEX["chest"]: chest, INDEX["neck"]: 1.0 - 0.5 * up, INDEX["head"]: 0.5 * up}

    builder.tube(rings, (X, Y), 10, Skin(look.skin, weigh), shade=(0.88, 0.88, 0.74))


def _add_face(builder: Builder, skull: Skull, look: Look) -> None:
    size = skull.scale
    skin, hair = (Skin(color, rigid(INDEX["head"])) for color in (look.skin, look.hair))
    nose = skull.place(np.array(0.0), np.array(0.066), -0.001)
    builder.ball(nose, np.array((0.017, 0.0125, 0.017)) * size, skin.shaded(0.97))
    for side in (1.0, -1.0):
        ear = skull.place(np.array(side * 1.68), np.array(0.082), 0.004)
        builder.ball(ear, np.array((0.020, 0.011, 0.028)) * size, skin.shaded(0.93))
        _add_eye(builder, skull, look, side)
        brow = skull.place(side * np.linspace(0.24, 0.72, 4), np.array([0.131, 0.138, 0.137, 0.128]), 0.004)
        _add_band(builder, brow[:: int(side)], 0.0065 * size, hair.shaded(0.85))
    lips = skull.place(np.linspace(-0.30, 0.30, 5), np.array([0.0235, 0.0190, 0.0180, 0.0190, 0.0235]), 0.003)
    red, green, blue = look.skin
    rosy = (round(red * 0.62), round(green * 0.48), round(blue * 0.48))
    _add_band(builder, lips, 0.0045 * size, Skin(rosy, rigid(INDEX["head"])))


def _add_eye(builder: Builder, skull: Skull, look: Look, side: float) -> None:
    middle = skull.place(np.array(side * _EYE_ANGLE), np.array(0.100), -0.012)
    turn = np.array(side * _EYE_TURN)
    ahead = np.array([np.cos(turn), np.sin(turn), 0.0])
    colors = {"white": _WHITE, "iris": look.eyes, "pupil": _PUPIL}
    for name, radii, before in _EYE:
        places = ball_places(np.zeros(3), np.array(radii) * skull.scale, 7, 4 if name == "white" else 3)
        places[..., :2] = turn_plane(places[..., :2], turn)
        places = places + middle + ahead * (before * skull.scale)
        builder.sheet(places, Skin(colors[name], rigid(INDEX["head"])), closed=True)


def _add_band(builder: Builder, line: Array, half: float, skin: Skin) -> None:
    """A thin band along a line [K,3] that goes to the left, pointed at its ends."""
    width = np.full((len(line), 1), half)
    width[[0, -1]] *= 0.2
    builder.sheet(np.stack([line - Z * width, line + Z * width]), skin)
