"""Small real videos and pictures: frame i is one flat level, so that it is known again after a lossy codec."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from stylebridge.imaging import opencv, write_image

MakeVideo = Callable[..., Path]
LEVEL_STEP = 12


@pytest.fixture
def make_video(tmp_path: Path) -> MakeVideo:
    def make(
        name: str = "clip.mp4", count: int = 8, size: tuple[int, int] = (64, 48), fps: float = 25, noisy: bool = False
    ) -> Path:
        cv2, path, random = opencv(), tmp_path / name, np.random.default_rng(2)
        codec = "MJPG" if path.suffix == ".avi" else "mp4v"
        writer = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*codec), fps, size)
        assert writer.isOpened()
        for index in range(count):
            picture = np.full((size[1], size[0], 3), index * LEVEL_STEP, np.uint8)
            writer.write(random.integers(0, 256, picture.shape, np.uint8) if noisy else picture)
        writer.release()
        return path

    return make


@pytest.fixture
def picture_folder(tmp_path: Path) -> Path:
    """frame_0.png … frame_11.png, so that alphabetical order is wrong."""
    folder = tmp_path / "pictures"
    for index in range(12):
        write_image(folder / f"frame_{index}.png", np.full((6, 9, 3), index * LEVEL_STEP, np.uint8))
    return folder
