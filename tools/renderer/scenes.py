"""Scenes: a place, a walker, the weather and a camera; each picture is drawn from its seed alone."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np

from renderer.hits import Scene
from renderer.light import develop, shade
from renderer.palette import palette
from renderer.patterns import Noise
from renderer.places import lanterns, place, plaza
from renderer.things import Thing
from renderer.vectors import Array, vec
from renderer.view import View
from renderer.walker import walker
from renderer.weather import weather

SUPERSAMPLE = 2
CLIP_RATE_HZ = 12
# How often a still shows each place, and each mood of the weather outdoors.
PLACE_SHARES = {"plaza": 0.22, "village": 0.2, "forest": 0.18, "ruin": 0.16, "hall": 0.12, "pile": 0.12}
MOOD_SHARES = {"golden": 0.32, "noon": 0.26, "overcast": 0.14, "dusk": 0.16, "night": 0.12}


def photograph(scene: Scene, eye: Array, target: Array, width: int, height: int, span: float) -> Array:
    """The scene as [H,W,3] RGB, 8 bits; `span` is the picture's width one metre ahead."""
    view = View(eye, target, width * SUPERSAMPLE, height * SUPERSAMPLE, span)
    return develop(shade(scene, view), width, height)


def vantage(rng: np.random.Generator, things: list[Thing], spot: Array, span: float) -> tuple[Array, Array]:
    """An eye and a target near `spot`, drawn again while the eye would stare at a wall."""
    for _ in range(12):
        orbit, reach = float(rng.normal(0, 0.55)), float(rng.uniform(1.8, 6))
        eye = spot + vec(-math.sin(orbit) * reach, rng.uniform(0.6, 2.8), -math.cos(orbit) * reach)
        target = spot + vec(rng.normal(0, 0.6), rng.uniform(0.7, 1.9), rng.normal(0, 0.6))
        glance = View(eye, target, 24, 24, span).see(things)[0]
        if np.percentile(glance, 15) > 1.3 and np.median(glance) < 80:
            break
    return eye, target


def still(seed: int, index: int, width: int, height: int) -> Array:
    """One random place, mood and angle."""
    rng = np.random.default_rng((seed, index))
    kind = str(rng.choice(list(PLACE_SHARES), p=list(PLACE_SHARES.values())))
    mood = "hall" if kind == "hall" else str(rng.choice(list(MOOD_SHARES), p=list(MOOD_SHARES.values())))
    p = palette(rng, float(rng.uniform(0.2, 0.9)))
    things = place(rng, p, kind)
    heading = float(rng.normal(0, 0.9))
    spot = vec(rng.normal(0, 1.2), 0, rng.uniform(2, 7))
    if rng.random() < 0.75:
        things += walker(tuple(spot), heading, float(rng.uniform(0, 6.28)), p.dress)
    air = weather(rng, mood, float(rng.uniform(0, 6.28)))
    if mood in ("night", "hall", "dusk"):
        bulbs, lamps = lanterns(rng, int(rng.integers(2, 6)), 0.8)
        things += bulbs
        air = replace(air, lamps=lamps)
    air = replace(air, fog=air.fog * float(rng.uniform(0.3, 3)))
    span = float(rng.uniform(0.9, 1.7))
    eye, target = vantage(rng, things, spot, span)
    ground = p.earth if kind == "forest" or (kind in ("ruin", "village") and rng.random() < 0.5) else p.ground
    scene = Scene(things, ground, air, Noise(rng), tuple(spot + vec(0, 0, 3)))
    return photograph(scene, eye, target, width, height, span)


def clip_frame(seed: int, index: int, width: int, height: int) -> Array:
    """Frame `index` of the walk: one stride a second, the camera drifting round behind."""
    rng = np.random.default_rng(seed)
    p = palette(rng, 0.04)
    seconds = index / CLIP_RATE_HZ
    step = vec(0, 0, 1.5 * seconds)
    things = plaza(rng, p) + walker(tuple(step), 0.0, 2 * math.pi * seconds, p.dress)
    orbit = 0.26 - 0.16 * seconds
    eye = step + vec(4.1 * math.sin(orbit), 1.7, -4.1 * math.cos(orbit))
    scene = Scene(things, p.ground, weather(rng, "golden", 2.45), Noise(rng), tuple(step + vec(0, 0, 6)))
    return photograph(scene, eye, step + vec(0.25, 1.4, 2.0), width, height, 1.35)
