"""A little game for tests: a landscape that slides by and a ball that rolls over it; every plane is exact."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
from stylebridge.frame import Camera, Clock, Frame
from stylebridge.imaging import opencv
from stylebridge.recording import Details, Writer

SIZE = (72, 128)
SLIDE_PX = 3  # by which the landscape moves to the left in each frame
BALL_DEPTH_M = 5.0
SESSION = "5e" * 16


def moment(number: int, size: tuple[int, int] = SIZE, camera: str = "main", scene: int = 0) -> Frame:
    """Frame `number`; another `scene` looks quite different."""
    height, width = size
    rows, columns = np.mgrid[:height, :width].astype(np.float32)
    land = _landscape(size, scene)[:, SLIDE_PX * number % width :][:, :width]
    (x, y), (x0, y0), radius = _ball(number, size), _ball(number - 1, size), height / 6
    ball = np.hypot(columns - x, rows - y) < radius
    was_ball = np.hypot(columns + SLIDE_PX - x0, rows - y0) < radius
    z = np.sqrt(np.maximum(0, 1 - ((columns - x) ** 2 + (rows - y) ** 2) / radius**2))
    color = np.where(ball[:, :, None], (np.array([230, 60, 30]) * (0.3 + 0.7 * z[:, :, None])), land)
    motion = np.where(ball[:, :, None], np.array([x0 - x, y0 - y]), np.array([SLIDE_PX, 0.0]))
    sphere = np.stack([(columns - x) / radius, (y - rows) / radius, z], axis=2)
    before = columns + motion[:, :, 0]
    return Frame(
        color=color.astype(np.uint8),
        depth=np.where(ball, BALL_DEPTH_M, 60 - 40 * rows / height).astype(np.float32),
        motion=motion.astype(np.float32),
        normals=np.where(ball[:, :, None], sphere, np.array([0.0, 1.0, 0.0])).astype(np.float32),
        ids=np.where(ball, 7, 1 + rows // (height // 2)).astype(np.uint32),
        occlusion=(before < 0) | (before > width - 1) | (~ball & was_ball),
        camera=Camera(camera, np.eye(4, dtype=np.float32), np.eye(4, dtype=np.float32) * 2),
        clock=Clock(number, number / 30, 1_700_000_000_000_000_000 + number * 33_000_000),
        session=SESSION,
    )


def moments(count: int, camera: str = "main", size: tuple[int, int] = SIZE) -> Iterator[Frame]:
    return (moment(number, size, camera) for number in range(count))


def record(path: Path, frames: Sequence[Frame] | Iterator[Frame], game: str = "ball") -> Path:
    """A recording that loses nothing."""
    with Writer(path, Details("test:ball"), floats="f32") as writer:
        for frame in frames:
            writer.write(frame, game=game)
    return path


def _ball(number: int, size: tuple[int, int]) -> tuple[float, float]:
    height, width = size
    return (width * 0.2 + 2 * number) % width, height * (0.5 + 0.2 * np.sin(number / 4))


def _landscape(size: tuple[int, int], scene: int) -> np.ndarray:
    """Hills under a sky, twice as wide as the picture and the same at both ends."""
    height, width = size
    random, cv2 = np.random.default_rng(scene), opencv()
    rows, columns = np.mgrid[:height, :width].astype(np.float32)
    ridge = height * (0.4 + 0.1 * np.sin(columns / width * 2 * np.pi * (2 + scene)))
    sky = np.array([[120, 170, 240], [240, 160, 90], [30, 30, 60]])[scene % 3]
    ground = np.array([[60, 130, 50], [150, 110, 60], [70, 70, 90]])[scene % 3]
    land = np.where((rows > ridge)[:, :, None], ground, sky) * (0.7 + 0.3 * rows / height)[:, :, None]
    noise = cv2.GaussianBlur(random.normal(0, 60, (height, width, 3)), (0, 0), 1.2, borderType=cv2.BORDER_REFLECT)
    return np.tile(np.clip(land + noise, 0, 255), (1, 2, 1))
