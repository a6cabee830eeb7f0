"""Frame: the thing that flows. Every source converts into this form at its edge; nobody else flips rows or channels."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from stylebridge.errors import InputError

MAX_SIDE = 16384

ColorPlane = NDArray[np.uint8]
FloatPlane = NDArray[np.float32]
IdPlane = NDArray[np.uint32]
MaskPlane = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Camera:
    """Where the frame was seen from: column-vector matrices, right-handed, row-major storage."""

    name: str = "main"
    view: NDArray[np.float32] | None = None  # [4,4] world -> eye
    projection: NDArray[np.float32] | None = None  # [4,4] eye -> clip


@dataclass(frozen=True, slots=True)
class Clock:
    """When the frame was made."""

    frame_id: int = 0
    simulation_s: float = 0.0
    wall_ns: int = 0


# plane -> (dtype, channels or None for [H,W])
PLANES: Mapping[str, tuple[type[np.generic], tuple[int, ...] | None]] = {
    "color": (np.uint8, (3, 4)),
    "depth": (np.float32, None),
    "motion": (np.float32, (2,)),
    "normals": (np.float32, (3,)),
    "ids": (np.uint32, None),
    "occlusion": (np.bool_, None),
}


@dataclass(frozen=True, slots=True, eq=False)
class Frame:
    """One moment of one camera.

    `color` is [H,W,3|4] uint8 RGB(A), sRGB, top row first. `depth` is metres, `motion` is [H,W,2] pixels (x, y) from
    this frame back to the previous one of the same camera, `occlusion` is true where that one didn't show the surface.
    `normals` are unit vectors in the world's axes, `ids` is 0 where there is only sky.
    """

    color: ColorPlane
    depth: FloatPlane | None = None
    motion: FloatPlane | None = None
    normals: FloatPlane | None = None
    ids: IdPlane | None = None
    occlusion: MaskPlane | None = None
    camera: Camera = field(default_factory=Camera)
    clock: Clock = field(default_factory=Clock)
    session: str = ""
    estimated: tuple[str, ...] = ()  # planes that were computed from the pictures, not given by the game

    def __post_init__(self) -> None:
        _check_plane("color", self.color, None)
        for name in PLANES:
            plane = getattr(self, name)
            if name != "color" and plane is not None:
                _check_plane(name, plane, (self.height, self.width))

    @property
    def height(self) -> int:
        """Rows of the colour plane."""
        return int(self.color.shape[0])

    @property
    def width(self) -> int:
        """Columns of the colour plane."""
        return int(self.color.shape[1])

    @property
    def rgb(self) -> ColorPlane:
        """The colour plane without alpha, [H,W,3]."""
        return self.color[:, :, :3]

    def with_color(self, color: ColorPlane) -> Frame:
        """The same moment showing another picture; planes that no longer fit its size are dropped."""
        if color.shape[:2] == self.color.shape[:2]:
            return replace(self, color=color)
        return Frame(color=color, camera=self.camera, clock=self.clock, session=self.session)

    def owned(self, planes: Collection[str] = tuple(PLANES)) -> Frame:
        """The frame with only these planes and colour, in memory of its own.

        A running game wants the memory of its frames back as soon as the next one is read.
        """
        copies: dict[str, Any] = dict.fromkeys(PLANES)
        for name in {"color", *planes}:
            plane = getattr(self, name)
            copies[name] = None if plane is None else np.array(plane)
        return replace(self, **copies)


def _check_plane(name: str, plane: object, size: tuple[int, int] | None) -> None:
    dtype, channels = PLANES[name]
    if not isinstance(plane, np.ndarray):
        raise InputError(f"plane {name!r} is a {type(plane).__name__}", expected=f"a {_wanted(name)} array")
    fits = plane.ndim == (2 if channels is None else 3) and (channels is None or plane.shape[2] in channels)
    if plane.dtype != dtype or not fits:
        raise InputError(f"plane {name!r} is {plane.dtype} {list(plane.shape)}", expected=_wanted(name))
    height, width = plane.shape[:2]
    if not (0 < height <= MAX_SIDE and 0 < width <= MAX_SIDE):
        raise InputError(f"plane {name!r} is {width}x{height}", expected=f"1 to {MAX_SIDE} pixels a side")
    if size is not None and (height, width) != size:
        raise InputError(f"plane {name!r} is {width}x{height}", expected=f"{size[1]}x{size[0]} like the colour plane")


def _wanted(name: str) -> str:
    dtype, channels = PLANES[name]
    return f"{np.dtype(dtype).name} [H,W{'' if channels is None else ',' + '|'.join(map(str, channels))}]"
