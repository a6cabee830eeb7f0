"""The window on a display that nobody sees: it shows what was drawn, and tells what is pressed."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
from wire.patience import until

TESTS = Path(__file__).resolve().parents[2]
PATIENCE_S = 60
SCREEN = (320, 240)


@dataclass(frozen=True)
class Display:
    """An X server without a screen."""

    name: str
    memory: Path

    def picture(self) -> np.ndarray:
        """What is on it, [H,W,3] RGB: the file that it keeps is an X window dump, whose header tells its own length."""
        data = self.memory.read_bytes()
        header = np.frombuffer(data, ">u4", count=25)
        row_bytes, pixel_bytes = int(header[12]), int(header[11]) // 8
        rows = np.frombuffer(data, np.uint8, offset=int(header[0] + 12 * header[19])).copy()
        rows = rows[: SCREEN[1] * row_bytes].reshape(SCREEN[1], row_bytes)[:, : SCREEN[0] * pixel_bytes]
        return rows.reshape(SCREEN[1], SCREEN[0], pixel_bytes)[:, :, 2::-1]

    def type(self, *words: str) -> None:
        subprocess.run(["xdotool", *words], env=os.environ | {"DISPLAY": self.name}, check=True, timeout=PATIENCE_S)


@pytest.fixture
def display(opengl: str, tmp_path: Path) -> Iterator[Display]:
    for program in ("Xvfb", "xdotool"):
        if shutil.which(program) is None:
            pytest.skip(f"{program} is missing")
    mine, its = os.pipe()
    screen = ["-screen", "0", "{}x{}x24".format(*SCREEN), "-fbdir", str(tmp_path), "-nolisten", "tcp"]
    with subprocess.Popen(
        ["Xvfb", "-displayfd", str(its), *screen], pass_fds=(its,), stderr=subprocess.DEVNULL
    ) as server:
        os.close(its)
        with os.fdopen(mine) as pipe:
            number = pipe.readline().strip()
        try:
            if not number:
                pytest.skip("Xvfb doesn't start")
            yield Display(f":{number}", tmp_path / "Xvfb_screen0")
        finally:
            server.terminate()


def test_a_window_shows_the_picture_tells_the_keys_and_ends_by_escape(display: Display, tmp_path: Path) -> None:
    command = [sys.executable, "-m", "scene.render.windowed", str(tmp_path / "drawn.npy")]
    environment = os.environ | {"DISPLAY": display.name, "PYTHONPATH": str(TESTS)}
    with subprocess.Popen(command, cwd=TESTS, env=environment, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            assert process.stdout.readline() == "ready\n"
            drawn = np.load(tmp_path / "drawn.npy")
            until(lambda: _is_on(display.picture(), drawn), PATIENCE_S)
            display.type("search", "--name", "stylebridge", "windowfocus", "--sync")
            display.type("keydown", "w")
            assert process.stdout.readline() == "w\n"
            display.type("keyup", "w", "keydown", "space")
            assert process.stdout.readline() == "space\n"
            display.type("key", "Escape")  # down and up at once
            assert process.wait(PATIENCE_S) == 0
        finally:
            process.kill()


def _is_on(screen: np.ndarray, drawn: np.ndarray) -> bool:
    """Whether the picture is there, wherever the window stands."""
    height, width = drawn.shape[:2]
    rows, columns = (np.flatnonzero(screen.max(axis=2).max(axis=axis)) for axis in (1, 0))
    if not len(rows):
        return False
    found = screen[rows[0] : rows[0] + height, columns[0] : columns[0] + width]
    return found.shape == drawn.shape and bool(np.abs(found.astype(int) - drawn).max() <= 1)
