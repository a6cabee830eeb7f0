"""Weather: the sun, the sky with its clouds and hills, the fog and the lamps."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from renderer.patterns import Noise
from renderer.vectors import Array, Vec, column_from_vec, unit, vec

# Rise of the sun, its colour, the colours at the zenith and the horizon, cloud 0..1, fog per metre.
MOODS = {
    "golden": (0.6, (2.6, 1.75, 0.9), (0.05, 0.17, 0.52), (0.42, 0.50, 0.60), 0.0, 0.004),
    "noon": (1.3, (2.3, 2.15, 1.85), (0.12, 0.32, 0.75), (0.55, 0.72, 0.9), 0.4, 0.004),
    "overcast": (0.9, (0.7, 0.7, 0.7), (0.5, 0.56, 0.62), (0.75, 0.78, 0.8), 1.0, 0.02),
    "dusk": (0.2, (2.2, 0.9, 0.5), (0.14, 0.13, 0.34), (0.75, 0.36, 0.3), 0.6, 0.015),
    "night": (0.7, (0.16, 0.24, 0.42), (0.015, 0.03, 0.08), (0.03, 0.05, 0.1), 0.3, 0.01),
    "hall": (0.8, (0.1, 0.1, 0.12), (0.05, 0.06, 0.08), (0.04, 0.04, 0.05), 0.0, 0.01),
}


@dataclass(frozen=True)
class Lamp:
    at: Vec
    colour: Vec


@dataclass(frozen=True)
class Weather:
    """`sun` points at the sun; `fog` is the share of light a metre takes."""

    sun: Vec
    sun_colour: Vec
    zenith: Vec
    horizon: Vec
    cloud: float
    fog: float
    lamps: tuple[Lamp, ...] = ()


def weather(rng: np.random.Generator, mood: str, bearing: float) -> Weather:
    """A mood's weather with the sun at `bearing` radians from ahead."""
    rise, sun, top, low, cloud, fog = MOODS[mood]
    direction = unit(vec(math.sin(bearing), rise, math.cos(bearing)))
    return Weather(tuple(direction), sun, top, low, cloud + rng.uniform(-0.2, 0.2), fog)


def sky(w: Weather, noise: Noise, d: Array) -> Array:
    """Light from directions d [3,N] where nothing stands: gradient, clouds, the sun's disc, three ranges of hills."""
    sun, sun_colour, horizon = column_from_vec(w.sun), column_from_vec(w.sun_colour), column_from_vec(w.horizon)
    rise = np.maximum(d[1], 0)
    out = horizon + (column_from_vec(w.zenith) - horizon) * rise**0.42
    facing = np.maximum((d * sun).sum(0), 0)
    u, v = d[0] / (rise + 0.12), d[2] / (rise + 0.12)
    density = noise(u * 0.55, v * 0.55)
    cover = np.clip((density - 0.72 + 0.3 * w.cloud) * 4, 0, 1) * np.clip(rise * 7, 0, 1)
    lit = sun_colour * (0.22 + 0.5 * facing**6) + horizon * 0.75
    out += (lit * (1.25 - 0.5 * density) - out) * cover * 0.85
    out += sun_colour * (0.25 * facing**12 + 3.0 * facing**900 * (1 - cover))
    bearing = np.arctan2(d[0], d[2])
    hill = column_from_vec(w.zenith) * 0.35 + column_from_vec((0.02, 0.05, 0.03)) * 1.5
    for layer, (height, fade) in enumerate(((0.16, 0.75), (0.09, 0.5), (0.045, 0.25))):
        relief = noise(bearing * (1.3 + layer * 1.2) + 5, np.full_like(bearing, layer * 2.3)) - 0.22
        out = np.where(d[1] < height * 2.2 * relief, hill * (1 - fade) + horizon * fade, out)
    return out
