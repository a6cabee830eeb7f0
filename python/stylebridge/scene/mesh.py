"""What the scene is made of: triangles with a material, standing still, moved as a whole, or bent by a skeleton."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from stylebridge.errors import InputError

MAX_JOINTS = 32

Floats = NDArray[np.float32]


@dataclass(frozen=True, slots=True, eq=False)
class Material:
    """How a surface looks; textures repeat, and one texel row is at the top."""

    name: str
    albedo: NDArray[np.uint8]  # [H,W,3|4] sRGB; with alpha, texels below 128 are cut out
    normal_map: NDArray[np.uint8] | None = None  # [H,W,3] tangent space, 128 is 0
    shine: float = 0.0  # strength of the highlight, 0 to 1
    gloss: float = 16.0  # its exponent
    glow: float = 0.0  # how much of the albedo shines by itself, scaled by the weather's lamps
    two_sided: bool = False
    sway: float = 0.0  # metres that the wind moves a vertex of colour alpha 1


@dataclass(frozen=True, slots=True, eq=False)
class Mesh:
    """Triangles; `colors` tints the material, `joints` and `weights` bind a vertex to a skeleton."""

    positions: Floats  # [V,3] metres
    normals: Floats  # [V,3] unit
    uvs: Floats  # [V,2], 1 is one repeat of the texture
    triangles: NDArray[np.uint32]  # [T,3] counter-clockwise seen from outside
    colors: NDArray[np.uint8] | None = None  # [V,4]; alpha is how far the wind moves it
    joints: NDArray[np.uint8] | None = None  # [V,4]
    weights: Floats | None = None  # [V,4], each row sums to 1

    def __post_init__(self) -> None:
        count = len(self.positions)
        per_vertex = {"normals": 3, "uvs": 2, "colors": 4, "joints": 4, "weights": 4}
        for name, width in per_vertex.items():
            array = getattr(self, name)
            if array is not None and array.shape != (count, width):
                raise InputError(f"mesh {name} of shape {list(array.shape)}", expected=f"[{count}, {width}]")
        if self.triangles.size and int(self.triangles.max()) >= count:
            raise InputError(f"a triangle names vertex {int(self.triangles.max())}", expected=f"below {count}")
        if (self.joints is None) != (self.weights is None):
            raise InputError("a mesh bound to its skeleton by half", expected="joints and weights, or neither")


@dataclass(frozen=True, slots=True, eq=False)
class Piece:
    """A mesh with its material; `id` is what the ids plane shows, 0 is the sky."""

    name: str
    mesh: Mesh
    material: Material
    id: int
    casts_shadow: bool = True
