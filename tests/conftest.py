"""Shared fixtures: where the real test data lies, and small pictures made on the spot."""

from __future__ import annotations

import os
import signal
import threading
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from stylebridge.frame import Frame
from stylebridge.imaging import opencv

opencv()  # before a test imports cv2 itself, because OpenCV reads its limits once
os.environ.setdefault("GOMP_SPINCOUNT", "1000")  # as the command line does
if threading.current_thread() is threading.main_thread():
    # A shell that starts the tests in the background ignores Ctrl-C for them and for the programs that they start.
    signal.signal(signal.SIGINT, signal.default_int_handler)
REPO = Path(__file__).resolve().parent.parent
DATA = Path(os.environ.get("STYLEBRIDGE_TEST_DATA", REPO.parent / "shared" / "data"))


@pytest.fixture(scope="session")
def data_dir() -> Path:
    if not (DATA / "MANIFEST.json").is_file():
        pytest.skip(f"no test data at {DATA}: set STYLEBRIDGE_TEST_DATA")
    return DATA


@pytest.fixture
def frame() -> Frame:
    color = np.random.default_rng(5).integers(0, 256, (37, 50, 3), dtype=np.uint8)
    return Frame(color=color)


@pytest.fixture(scope="session")
def small_vgg(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A VGG16 of four channels throughout, with random weights, named as torchvision names it."""
    torch = pytest.importorskip("torch")
    from stylebridge.nets.perceptual import conv_indices

    generator, channels = torch.Generator().manual_seed(1), 3
    state: dict[str, Any] = {}
    for index in (index for index in conv_indices(16).values() if index <= 21):  # up to relu4_3
        state[f"features.{index}.weight"] = torch.randn(4, channels, 3, 3, generator=generator) / 3
        state[f"features.{index}.bias"] = torch.randn(4, generator=generator) / 10
        channels = 4
    path = tmp_path_factory.mktemp("vgg") / "vgg.pth"
    torch.save(state, path)
    return path
