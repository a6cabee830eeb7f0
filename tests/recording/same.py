"""Frames for tests of the file itself, and whether two frames are the same bit for bit."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from stylebridge.frame import PLANES, Camera, Clock, Frame

Array = np.ndarray


def noise_frame(seed: int = 0, size: tuple[int, int] = (23, 17), alpha: bool = False) -> Frame:
    """Every plane full of noise, numbers that float16 can't hold among them."""
    random = np.random.default_rng(seed)
    height, width = size
    wide = random.normal(0, 1, (height, width, 3)) * 10.0 ** random.integers(-9, 9, (height, width, 3))
    return Frame(
        color=random.integers(0, 256, (height, width, 4 if alpha else 3), np.uint8),
        depth=np.abs(wide[:, :, 0]).astype(np.float32),
        motion=np.ascontiguousarray(wide[:, :, 1:]).astype(np.float32),
        normals=random.normal(0, 1, (height, width, 3)).astype(np.float32),
        ids=random.integers(0, 1 << 32, (height, width), np.uint32),
        occlusion=random.random((height, width)) < 0.5,
        camera=Camera("eye", random.normal(0, 1, (4, 4)).astype(np.float32), np.eye(4, dtype=np.float32)),
        clock=Clock(seed, seed / 60, 1_700_000_000_000_000_000 + seed * 16_000_000),
        session="ab" * 16,
        estimated=("motion",),
    )


def small_frame(number: int, value: int = 0, **changes: object) -> Frame:
    """A frame of a few hundred bytes."""
    color = np.full((4, 6, 3), value or number % 256, np.uint8)
    frame = Frame(color=color, clock=Clock(number, number / 30, 1_700_000_000_000_000_000 + number * 33_000_000))
    return replace(frame, **changes)


def halved(frame: Frame) -> Frame:
    """What is left of a frame once its floats were float16."""
    with np.errstate(over="ignore"):
        planes = {
            name: np.clip(plane, -65504, 65504).astype(np.float16).astype(np.float32)
            for name in PLANES
            if (plane := getattr(frame, name)) is not None and plane.dtype == np.float32
        }
    return replace(frame, **planes)


def is_same(one: Frame, other: Frame) -> bool:
    """Whether every bit of both agrees."""
    planes = all(_same_bits(getattr(one, name), getattr(other, name)) for name in PLANES)
    cameras = one.camera.name == other.camera.name and all(
        _same_bits(getattr(one.camera, name), getattr(other.camera, name)) for name in ("view", "projection")
    )
    rest = (one.clock, one.session, one.estimated) == (other.clock, other.session, other.estimated)
    return planes and cameras and rest


def _same_bits(one: Array | None, other: Array | None) -> bool:
    if one is None or other is None:
        return one is other
    return one.dtype == other.dtype and one.shape == other.shape and one.tobytes() == other.tobytes()
