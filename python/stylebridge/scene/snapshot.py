"""Snapshot: what the renderer needs to know about one moment; nothing else stands between the game and the pixels."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

Matrix = NDArray[np.float64]  # [4,4] column-vector
Rgb = tuple[float, float, float]  # linear light


@dataclass(frozen=True, slots=True)
class Weather:
    """Light and air; colours are linear light, 1 is full white before exposure."""

    name: str = "clear"
    sun_direction: tuple[float, float, float] = (0.4, -0.3, 0.87)  # unit, towards the sun (or the moon at night)
    sun_color: Rgb = (3.0, 2.8, 2.4)
    zenith: Rgb = (0.10, 0.22, 0.55)
    horizon: Rgb = (0.55, 0.65, 0.75)
    bounce: Rgb = (0.20, 0.17, 0.13)  # light from the ground
    fog_color: Rgb = (0.55, 0.63, 0.72)
    fog_per_m: float = 0.006
    clouds: float = 0.4  # 0 to 1: share of the sky
    wet: float = 0.0  # 0 to 1: darker and shinier ground
    lamps: float = 0.0  # 0 to 1: how brightly the lamps and glowing materials shine
    wind: float = 1.0  # times each material's sway
    exposure: float = 1.0


@dataclass(frozen=True, slots=True, eq=False)
class Eye:
    """A camera for one frame."""

    name: str
    view: Matrix  # world -> eye; the eye looks along -z, y is up
    fov_y_deg: float = 55.0
    near_m: float = 0.1
    far_m: float = 400.0
    cut: bool = False  # jumped here: what the previous frame showed is no guide


@dataclass(frozen=True, slots=True, eq=False)
class Snapshot:
    """One moment of the game."""

    frame_id: int
    simulation_s: float
    eye: Eye
    weather: Weather = field(default_factory=Weather)
    movers: Mapping[str, Matrix] = field(default_factory=dict)  # piece name -> model to world
    skins: Mapping[str, NDArray[np.float32]] = field(default_factory=dict)  # piece name -> [J,4,4] bind pose to world
