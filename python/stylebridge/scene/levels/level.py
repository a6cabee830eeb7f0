"""Level: a place as data. What stands in it, where one can walk, and what is worth looking at."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from stylebridge.scene.mesh import Piece
from stylebridge.scene.snapshot import Matrix


@dataclass(frozen=True, slots=True)
class Box:
    """An obstacle's footprint on the ground, turned by `heading_rad` around its middle."""

    x: float
    y: float
    half_x: float
    half_y: float
    heading_rad: float = 0.0


@dataclass(frozen=True, slots=True)
class Disc:
    """A round obstacle's footprint."""

    x: float
    y: float
    radius: float


@dataclass(frozen=True, slots=True, eq=False)
class Mover:
    """A piece that moves as a whole: its place at a time."""

    piece: Piece
    matrix_at: Callable[[float], Matrix]  # simulation seconds -> model to world; pure, so that every run is equal


@dataclass(frozen=True, slots=True, eq=False)
class Shot:
    """A scripted camera path, smooth through its keys; it starts over at its end."""

    times_s: NDArray[np.float64]  # [K] rising, the first is 0
    eyes: NDArray[np.float64]  # [K,3]
    targets: NDArray[np.float64]  # [K,3]
    fov_y_deg: float = 55.0


@dataclass(frozen=True, slots=True, eq=False)
class Level:
    """A place, built for one seed."""

    name: str
    pieces: tuple[Piece, ...]
    movers: tuple[Mover, ...] = ()
    half_side: float = 30.0  # one can walk within this square around the origin
    obstacles: tuple[Box | Disc, ...] = ()
    ground: Callable[[NDArray[np.float64]], NDArray[np.float64]] = field(
        default=lambda places: np.zeros(len(places))
    )  # [N,2] -> [N] height in metres
    start: tuple[float, float, float] = (0.0, 0.0, 0.0)  # the hero's x, y, heading
    routes: tuple[NDArray[np.float64], ...] = ()  # [K,2] each: closed loops that the others wander along
    shots: Mapping[str, Shot] = field(default_factory=dict)
    lamps: NDArray[np.float64] = field(default_factory=lambda: np.zeros((0, 3)))  # [L,3] where lamps hang
