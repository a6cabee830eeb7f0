"""Small things to train on: pictures, styles, and a recording that moves."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from stylebridge.frame import Clock, Frame
from stylebridge.imaging import write_image
from stylebridge.recording import Details, Writer

HEIGHT, WIDTH, FRAMES = 96, 120, 6
SPEED = (4.0, -2.0)  # pixels per frame, right and up


def moving_frame(index: int) -> Frame:
    """A smooth picture that moves on by SPEED; each channel another pattern."""
    y, x = np.mgrid[0:HEIGHT, 0:WIDTH].astype(np.float32)
    x, y = x - SPEED[0] * index, y - SPEED[1] * index
    waves = [np.sin(x / 7 + y / 11), np.sin(x / 13 - y / 5), np.cos(x / 9)]
    color = (127 + 100 * np.stack(waves, axis=2)).astype(np.uint8)
    motion = np.broadcast_to(np.float32((-SPEED[0], -SPEED[1])), (HEIGHT, WIDTH, 2)).copy()
    return Frame(color, motion=motion, clock=Clock(index, index / 30))


@pytest.fixture(scope="session")
def moving(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A recording with motion."""
    path = tmp_path_factory.mktemp("moving") / "play.mcap"
    with Writer(path, Details("test")) as writer:
        for index in range(FRAMES):
            writer.write(moving_frame(index))
    return path


@pytest.fixture(scope="session")
def styles(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of three styles: coarse and red, fine and blue, grey noise."""
    folder = tmp_path_factory.mktemp("styles")
    y, x = np.mgrid[0:64, 0:80]
    random = np.random.default_rng(4)
    coarse, fine = np.sin(x / 9 + y / 7), np.sin(x * 1.3 - y)
    noise = random.uniform(-1, 1, (64, 80))
    for name, wave, tint in (("red", coarse, (1, 0.3, 0.2)), ("blue", fine, (0.2, 0.3, 1)), ("grey", noise, (1, 1, 1))):
        write_image(folder / f"{name}.png", ((127 + 120 * wave)[:, :, None] * tint).astype(np.uint8))
    return folder


@pytest.fixture
def stopped() -> Callable[..., None]:
    """Train until a step ends in Ctrl-C."""
    from stylebridge.train.folder import RunFolder
    from stylebridge.train.start import run

    def stop(method: str, settings: Any, folder: Path, at_step: int) -> None:
        def report(step: int, figures: object) -> None:
            if step >= at_step:
                raise KeyboardInterrupt

        with pytest.raises(KeyboardInterrupt):
            run(method, settings, RunFolder(folder), report)

    return stop
