"""Frames that are known again by their level: frame n is n modulo 251 all over."""

from __future__ import annotations

import time

import numpy as np
from stylebridge.frame import Camera, Clock, Frame

SMALL = (4, 6)
IN_RING = (160, 160)  # 76800 bytes: large enough for the ring
PERIOD = 251


def picture(number: int, size: tuple[int, int] = SMALL, camera: str = "main", channels: int = 3) -> Frame:
    color = np.full((*size, channels), number % PERIOD, dtype=np.uint8)
    return Frame(color=color, camera=Camera(camera), clock=Clock(number, number / 60, time.time_ns()))


def is_picture(frame: Frame, number: int) -> bool:
    """Whether every pixel is the one that was sent."""
    return frame.clock.frame_id == number and bool((frame.color == number % PERIOD).all())


def full_frame(size: tuple[int, int] = SMALL, seed: int = 3) -> Frame:
    """Random values in every plane."""
    random = np.random.default_rng(seed)
    view = random.normal(size=(4, 4)).astype(np.float32)
    return Frame(
        color=random.integers(0, 256, (*size, 4), dtype=np.uint8),
        depth=random.uniform(0.1, 99, size).astype(np.float32),
        motion=random.normal(size=(*size, 2)).astype(np.float32),
        normals=random.normal(size=(*size, 3)).astype(np.float32),
        ids=random.integers(0, 1 << 32, size, dtype=np.uint32),
        occlusion=random.random(size) < 0.5,
        camera=Camera("eye", view, view + 1),
        clock=Clock(7, 0.125, time.time_ns()),
    )
