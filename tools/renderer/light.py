"""Light: how much of the sun, the sky and the lamps arrives at the hits, and what a film makes of it."""

from __future__ import annotations

import math
from dataclasses import dataclass

import cv2
import numpy as np

from renderer.hits import Hits, Scene, hits_from_view
from renderer.vectors import Array, Vec, column_from_vec, unit
from renderer.view import FAR, View
from renderer.weather import Weather, sky


@dataclass(frozen=True)
class Arrival:
    """Shares of light that arrive at each hit: from the sun, from the sky, and past what stands before it on screen."""

    sun: Array
    ambient: Array
    crease: Array


def lightmap(scene: Scene, direction: Vec, span: float, size: int) -> tuple[View, Array]:
    target = np.array(scene.focus)
    view = View(target + 60 * np.array(direction), target, size, size, span, parallel=True)
    return view, view.see(scene.things)[0]


def lit_share(view: View, depth: Array, points: Array, spread: float, bias: float) -> Array:
    """The share of light along a parallel view that arrives at world points [3,N]."""
    x, y, z = view.project(points)
    total = np.zeros_like(z)
    taps = 12
    for k in range(taps):
        r, a = spread * math.sqrt((k + 0.5) / taps) / view.pixel, 2.4 * k
        i = np.clip(y + r * math.sin(a), 0, view.height - 1).astype(np.int32)
        j = np.clip(x + r * math.cos(a), 0, view.width - 1).astype(np.int32)
        total += depth[i, j] > z - bias
    outside = (x < 2) | (x > view.width - 2) | (y < 2) | (y > view.height - 2)
    return np.where(outside, 1, total / taps)


def arrival_at(scene: Scene, view: View, depth: Array, hits: Hits) -> Arrival:
    """Shadows from above and from the sun, occlusion from the depth buffer."""
    lifted = hits.points + hits.normal * 0.03
    sun = lit_share(*lightmap(scene, scene.weather.sun, 34, 640), lifted, 0.05, 0.06)
    zenith = lit_share(*lightmap(scene, (0.02, 1, 0.02), 34, 256), lifted, 1.1, 0.3)
    screen = cv2.GaussianBlur(np.minimum(depth, 60), (0, 0), view.width / 90).ravel()[hits.pixels]
    dent = (hits.depth - screen) / (0.2 + 0.03 * hits.depth)
    crease = 1 - 0.22 * np.clip(dent, 0, 1) * np.clip(2.5 - dent, 0, 1)  # no halo on what lies far behind
    ambient = (0.35 + 0.65 * zenith) * crease * np.clip(0.6 + 0.5 * hits.points[1], 0.6, 1)
    return Arrival(sun, ambient, crease)


def diffuse(scene: Scene, hits: Hits, arrival: Arrival) -> Array:
    """Light that the albedo colours: sun, sky, bounce off the ground, lamps."""
    w, normal = scene.weather, hits.normal
    sun_colour = column_from_vec(w.sun_colour)
    cosine = (normal * column_from_vec(w.sun)).sum(0)
    light = sun_colour * (np.clip(cosine, 0, 1) * arrival.sun)
    heaven = column_from_vec(w.zenith) * (0.6 + 0.4 * normal[1]) + column_from_vec(w.horizon) * 0.35
    light += heaven * arrival.ambient * 0.75
    light += sun_colour * column_from_vec(scene.ground.a) * (0.22 * (0.5 - 0.5 * normal[1]) * arrival.ambient)
    for lamp in w.lamps:
        ray = column_from_vec(lamp.at) - hits.points
        square = (ray**2).sum(0) + 0.05
        cosine = np.clip((ray * normal).sum(0) / np.sqrt(square) + 0.15, 0, 1)
        light += column_from_vec(lamp.colour) * (cosine / square * arrival.crease)
    return light


def shine(w: Weather, hits: Hits, arrival: Arrival) -> Array:
    """Light that gloss mirrors: the sun's highlight, the horizon along the rim."""
    mirrored = np.maximum((unit(column_from_vec(w.sun) - hits.rays) * hits.normal).sum(0), 0)
    light = column_from_vec(w.sun_colour) * (hits.gloss * arrival.sun * mirrored**40 * 1.5)
    rim = hits.gloss * (1 - np.clip(-(hits.normal * hits.rays).sum(0), 0, 1)) ** 4
    light += column_from_vec(w.horizon) * rim * arrival.ambient
    return light


def mist(w: Weather, hits: Hits, lit: Array) -> Array:
    """What is left of `lit` behind the fog, thinner higher up, brighter towards the sun."""
    haze = 1 - np.exp(-np.maximum(hits.depth - 4, 0) * w.fog * np.exp(-np.maximum(hits.points[1], 0) * 0.04))
    towards = np.maximum((hits.rays * column_from_vec(w.sun)).sum(0), 0) ** 8
    veil = column_from_vec(w.horizon) + column_from_vec(w.sun_colour) * 0.2 * towards
    return lit + (veil - lit) * haze


def shade(scene: Scene, view: View) -> Array:
    """The picture as [H,W,3] linear light."""
    depth, ident = view.see(scene.things)
    out = np.empty((3, depth.size), np.float32)
    away = np.flatnonzero(depth >= FAR)
    out[:, away] = sky(scene.weather, scene.noise, view.directions.reshape(3, -1)[:, away])  # [3,H,W] -> [3,HW]
    hits = hits_from_view(scene, view, depth, ident)
    arrival = arrival_at(scene, view, depth, hits)
    lit = hits.albedo * (diffuse(scene, hits, arrival) + hits.glow) + shine(scene.weather, hits, arrival)
    out[:, hits.pixels] = mist(scene.weather, hits, lit)
    return out.T.reshape(view.height, view.width, 3)  # [3,HW] -> [H,W,3]


def develop(light: Array, width: int, height: int) -> Array:
    """Linear light -> an 8-bit RGB picture: downsample, bloom, saturation, filmic curve."""
    small = cv2.resize(light, (width, height), interpolation=cv2.INTER_AREA)
    small += 0.25 * cv2.GaussianBlur(np.clip(small - 0.9, 0, 4), (0, 0), width / 50)
    small = np.maximum(small + 0.18 * (small - small.mean(2, keepdims=True)), 0)
    film = small * (2.51 * small + 0.03) / (small * (2.43 * small + 0.59) + 0.14)
    return (np.clip(film, 0, 1) ** (1 / 2.2) * 255 + 0.5).astype(np.uint8)
