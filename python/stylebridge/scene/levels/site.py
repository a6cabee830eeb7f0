"""Site: the book of what stands where while a level is built, so that nothing blocks a route or its neighbour."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from stylebridge.errors import StylebridgeError
from stylebridge.scene.art.model import Model
from stylebridge.scene.levels.level import Box, Disc, Level, Mover, Shot
from stylebridge.scene.levels.terrain import Terrain, nearest_gap
from stylebridge.scene.mesh import Piece
from stylebridge.scene.snapshot import Matrix
from stylebridge.scene.viewing import shot_points, shot_seconds

FIRST_MOVER_ID = 1000
LAST_OBJECT_ID = 999
WALKER_M = 0.55  # half as wide as what must fit between things on a route


class Site:
    """Collects the pieces, footprints, movers and lamps of one level."""

    def __init__(
        self,
        terrain: Terrain,
        routes: Sequence[NDArray[np.float64]],
        start: tuple[float, float],
        shots: Mapping[str, Shot],
    ) -> None:
        self.terrain = terrain
        self.routes = tuple(routes)
        self.pieces: list[Piece] = []
        self.obstacles: list[Box | Disc] = []
        self.movers: list[Mover] = []
        self.lamps: list[tuple[float, float, float]] = []
        lanes = [along(route, 0.4) for route in self.routes]
        self._lanes = np.concatenate([*lanes, np.array([start]), _eye_path(shots["street"])])
        self._eyes = np.concatenate([_eye_path(shot) for shot in shots.values()])
        self._next_id = 1

    def level(self, name: str, half_side: float, start: tuple[float, float, float], shots: Mapping[str, Shot]) -> Level:
        """What was collected, as a level."""
        return Level(
            name=name,
            pieces=tuple(self.pieces),
            movers=tuple(self.movers),
            half_side=half_side,
            obstacles=tuple(self.obstacles),
            ground=self.terrain,
            start=start,
            routes=self.routes,
            shots=shots,
            lamps=np.array(self.lamps),
        )

    def stand(
        self,
        model: Model,
        x: float,
        y: float,
        heading_rad: float = 0.0,
        footprint: tuple[float, float] | float | None = None,
        z: float | None = None,
    ) -> int:
        """Put a model on the ground, or at `z`; its footprint is half sizes or a radius. Returns its id."""
        number = self._take_id()
        self.pieces += model.pieces(number, (x, y, self.terrain.at(x, y) if z is None else z), heading_rad)
        if isinstance(footprint, tuple):
            self.obstacles.append(Box(x, y, footprint[0], footprint[1], heading_rad))
        elif footprint is not None:
            self.obstacles.append(Disc(x, y, footprint))
        return number

    def room_for(self, x: float, y: float, radius: float, spacing: float = 0.1) -> bool:
        """Whether something this wide can stand here, off routes, the eye-level camera's way and what is there."""
        return bool(self.rooms_for(np.array([[x, y]]), radius, spacing)[0])

    def room_for_tree(self, x: float, y: float, trunk: float, crown: float) -> bool:
        """The same for a tree, which should not stand in a camera's way either."""
        clear = float(np.hypot(*(self._eyes - (x, y)).T).min(initial=np.inf)) >= crown + 0.8
        return clear and self.room_for(x, y, trunk, 0.3)

    def rooms_for(self, places: NDArray[np.float64], radius: float, spacing: float = 0.1) -> NDArray[np.bool_]:
        """The same for [N,2] places at once."""
        free = np.ones(len(places), dtype=np.bool_)
        for k, place in enumerate(places):  # one by one: a table of all distances would be large
            free[k] = float(((self._lanes - place) ** 2).sum(axis=1).min()) >= (radius + WALKER_M) ** 2
        if self.obstacles:
            free[free] = nearest_gap(self.obstacles, places[free]) >= radius + spacing
        return free

    def move(self, model: Model, matrix_at: Callable[[float], Matrix]) -> None:
        """Add something that moves as a whole, one mover for each of its materials under one id."""
        number = FIRST_MOVER_ID + len({mover.piece.id for mover in self.movers})
        self.movers += [Mover(piece, matrix_at) for piece in model.pieces(number)]

    def _take_id(self) -> int:
        if self._next_id > LAST_OBJECT_ID:
            raise StylebridgeError(f"more than {LAST_OBJECT_ID} objects in one level", do="join small ones")
        self._next_id += 1
        return self._next_id - 1


def _eye_path(shot: Shot) -> NDArray[np.float64]:
    moments = np.arange(0.0, shot_seconds(shot), 0.25)
    return np.array([shot_points(shot, float(at))[0][:2] for at in moments])


def along(route: NDArray[np.float64], step_m: float) -> NDArray[np.float64]:
    """Points on a closed loop, no further apart than `step_m`."""
    points = []
    for a, b in zip(route, np.roll(route, -1, axis=0), strict=True):
        count = max(int(np.ceil(np.linalg.norm(b - a) / step_m)), 1)
        points.append(a + (b - a) * (np.arange(count) / count)[:, None])
    return np.concatenate(points)


def placed(x: float, y: float, z: float, rotation: NDArray[np.float64] | None = None) -> Matrix:
    """A model-to-world matrix from a place and a rotation."""
    matrix = np.eye(4)
    if rotation is not None:
        matrix[:3, :3] = rotation
    matrix[:3, 3] = (x, y, z)
    return matrix
