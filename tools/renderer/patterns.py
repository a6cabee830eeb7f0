"""Patterns turn surface coordinates into a blend between two colours and a tone."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import cv2
import numpy as np

from renderer.vectors import Array


class Noise:
    """A tileable fractal noise, 512 texels over 8 units, about 0.5 on average."""

    def __init__(self, rng: np.random.Generator) -> None:
        total = np.zeros((512, 512), np.float32)
        for octave in range(3, 9):
            cells = 2**octave
            grid = np.pad(rng.random((cells, cells), np.float32), 4, mode="wrap")
            size = 512 + 8 * 512 // cells
            border = 4 * 512 // cells
            total += (
                cv2.resize(grid, (size, size), interpolation=cv2.INTER_CUBIC)[border:-border, border:-border]
                * 0.62**octave
            )
        self.texels = np.clip((total - total.mean()) / total.std() * 0.19 + 0.5, 0, 1)
        self.cells = rng.random((64, 64), np.float32)

    def __call__(self, u: Array, v: Array) -> Array:
        n = u.size
        rows = n // 1024 + 1
        maps = np.zeros((2, rows * 1024), np.float32)
        maps[0, :n], maps[1, :n] = u * 64 % 512, v * 64 % 512
        grid = maps.reshape(2, rows, 1024)  # [2,N] -> [2,R,1024], OpenCV refuses rows past 32767
        return cv2.remap(self.texels, grid[0], grid[1], cv2.INTER_LINEAR, borderMode=cv2.BORDER_WRAP).ravel()[:n]

    def cell(self, i: Array, j: Array) -> Array:
        return self.cells[i.astype(np.int32) & 63, j.astype(np.int32) & 63]


def bricks(u: Array, v: Array, noise: Noise, aspect: float, shift: float, joint: float) -> tuple[Array, Array]:
    row = np.floor(v)
    along = u / aspect + shift * row
    col = np.floor(along)
    edge = np.minimum(np.minimum(along - col, col + 1 - along) * aspect, np.minimum(v - row, row + 1 - v))
    rough = noise(u, v)
    blend = np.clip((joint + 0.1 * (rough - 0.5) - edge) / 0.03, 0, 1)
    return blend, 0.55 + 0.5 * noise.cell(row, col) + 0.5 * (rough - 0.5)


def planks(u: Array, v: Array, noise: Noise) -> tuple[Array, Array]:
    row = np.floor(v)
    grain = noise(u * 0.25 + row * 3.7, v * 3)
    blend = np.clip((np.abs(v - row - 0.5) - 0.45) / 0.04, 0, 1) * 0.9
    return blend, 0.5 + 0.45 * noise.cell(row, row) + 1.1 * (grain - 0.4)


def chequer(u: Array, v: Array, noise: Noise) -> tuple[Array, Array]:
    i, j = np.floor(u), np.floor(v)
    edge = np.minimum(np.minimum(u - i, i + 1 - u), np.minimum(v - j, j + 1 - v))
    odd = (i + j) % 2
    return odd, (0.75 + 0.35 * noise.cell(i, j) + 0.5 * (noise(u, v) - 0.5)) * np.clip(edge / 0.03, 0.45, 1)


def leaves(u: Array, v: Array, noise: Noise) -> tuple[Array, Array]:
    fine = noise(u * 2.6, v * 2.6)
    return np.clip((fine - 0.42) * 4, 0, 1), 0.45 + 1.2 * (noise(u * 4, v * 4) - 0.1) * fine * 1.5


def stripes(u: Array, v: Array, noise: Noise) -> tuple[Array, Array]:
    return np.clip(np.sin(u * 6.2832) * 4 + 0.5, 0, 1), 0.8 + 0.5 * (noise(u * 3, v * 3) - 0.3)


def scales(u: Array, v: Array, noise: Noise) -> tuple[Array, Array]:
    row = np.floor(v)
    x = u + 0.5 * (row % 2)
    fall = v - row + 0.5 * (x - np.floor(x) - 0.5) ** 2 * 2
    return np.clip((0.18 - fall) * 6, 0, 1), 0.5 + 0.5 * noise.cell(row, np.floor(x)) + 0.4 * fall * noise(u, v)


def stone(u: Array, v: Array, noise: Noise) -> tuple[Array, Array]:
    fine = noise(u * 2, v * 2)
    return np.clip(noise(u * 0.4, v * 0.4) * 3 - 1, 0, 1), 0.6 + 0.35 * fine + 0.25 * noise(u * 5, v * 5)


def plain(u: Array, v: Array, noise: Noise) -> tuple[Array, Array]:
    return np.zeros_like(u), 0.9 + 0.4 * (noise(u, v) - 0.5)


def earth(u: Array, v: Array, noise: Noise) -> tuple[Array, Array]:
    """Grass, rock or plaster, as its colours have it."""
    coarse, fine = noise(u * 0.3, v * 0.3), noise(u * 2, v * 2)
    return np.clip((coarse - 0.5) * 3 + 0.5, 0, 1), 0.2 + 0.8 * (fine - 0.5) + 1.2 * noise(u * 6, v * 5)


PATTERNS: dict[str, Callable[[Array, Array, Noise], tuple[Array, Array]]] = {
    "tiles": partial(bricks, aspect=1, shift=0, joint=0.035),
    "flags": partial(bricks, aspect=1.6, shift=0.37, joint=0.03),
    "bricks": partial(bricks, aspect=2.2, shift=0.5, joint=0.07),
    "planks": planks,
    "chequer": chequer,
    "leaves": leaves,
    "stripes": stripes,
    "scales": scales,
    "stone": stone,
    "plain": plain,
    "earth": earth,
}
