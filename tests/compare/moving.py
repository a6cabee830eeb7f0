"""A world whose motion is known exactly: a patterned ground that scrolls, and a square that moves over it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np
from stylebridge.frame import Clock, ColorPlane, Frame

HEIGHT, WIDTH = 60, 84
SQUARE = 20
NEAR_M, FAR_M = 5.0, 20.0


def clip(
    count: int = 9,
    scroll: tuple[float, float] = (1, 0),
    speed: tuple[float, float] = (2, 1),
    *,
    square: bool = True,
    depth: bool = True,
    occlusion: bool = True,
) -> list[Frame]:
    """Frames numbered from 0; `scroll` is how far the ground moves to the left and up, `speed` how the square moves."""
    return [_frame(index, scroll, speed, square, depth, occlusion) for index in range(count)]


def numbered(frames: Sequence[Frame], first: int = 0) -> list[Frame]:
    return [replace(frame, clock=Clock(frame_id=first + index)) for index, frame in enumerate(frames)]


def noisy(levels: float, seed: int = 1) -> Callable[[ColorPlane], ColorPlane]:
    """A style that never shows the same twice."""
    random = np.random.default_rng(seed)

    def style(picture: ColorPlane) -> ColorPlane:
        return np.clip(picture + random.normal(0, levels, picture.shape), 0, 255).astype(np.uint8)

    return style


def inverted(picture: ColorPlane) -> ColorPlane:
    """A style that sees one pixel at a time."""
    return (255 - picture).astype(np.uint8)


def pixels() -> tuple[np.ndarray, np.ndarray]:
    y, x = np.mgrid[0:HEIGHT, 0:WIDTH].astype(np.float64)
    return x, y


def covered(index: int, speed: tuple[float, float]) -> np.ndarray:
    """Where the square is."""
    x, y = pixels()
    left, top = 16 + index * speed[0], 12 + index * speed[1]
    return (x >= left) & (x < left + SQUARE) & (y >= top) & (y < top + SQUARE)


def _frame(
    index: int, scroll: tuple[float, float], speed: tuple[float, float], square: bool, depth: bool, occlusion: bool
) -> Frame:
    x, y = pixels()
    near = covered(index, speed) & square
    ground = _pattern(x + index * scroll[0], y + index * scroll[1], 0)
    thing = _pattern(x - index * speed[0], y - index * speed[1], 2) // 3 + np.array([170, 0, 0])
    motion = np.where(near[:, :, None], np.array([-speed[0], -speed[1]]), np.array(scroll))
    was_x, was_y = x + motion[:, :, 0], y + motion[:, :, 1]
    outside = (was_x < 0) | (was_y < 0) | (was_x > WIDTH - 1) | (was_y > HEIGHT - 1)
    return Frame(
        color=np.where(near[:, :, None], thing, ground).astype(np.uint8),
        depth=np.where(near, NEAR_M, FAR_M).astype(np.float32) if depth else None,
        motion=motion.astype(np.float32),
        occlusion=_hidden(index, speed, near, was_x, was_y, square) | outside | (index == 0) if occlusion else None,
        clock=Clock(frame_id=index),
    )


def _hidden(
    index: int, speed: tuple[float, float], near: np.ndarray, was_x: np.ndarray, was_y: np.ndarray, square: bool
) -> np.ndarray:
    before = covered(index - 1, speed)
    rows = np.clip(np.rint(was_y), 0, HEIGHT - 1).astype(int)
    columns = np.clip(np.rint(was_x), 0, WIDTH - 1).astype(int)
    return before[rows, columns] & ~near & square


def _pattern(x: np.ndarray, y: np.ndarray, turn: float) -> np.ndarray:
    """Smooth enough to be looked up between pixels, the same wherever it has moved."""
    return np.stack(
        [80 + 60 * np.sin(x / f + turn) * np.cos(y / g) for f, g in ((5, 9), (7, 6), (11, 5))], axis=2
    ).round()
