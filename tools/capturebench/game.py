"""The game that is recorded, and the recorder's process."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import numpy as np
from stylebridge.assets import clip_frames
from stylebridge.frame import Clock, Frame
from stylebridge.imaging import read_image, resize_image
from stylebridge.sources.opticalflow import FlowEstimator

PLANES = ("color", "depth", "motion", "normals", "ids", "occlusion")
PATIENCE_S = 120.0


class Unsafe(Exception):
    """A recording isn't what it should be."""


def say(what: str, **figure: Any) -> None:
    """Print one figure."""
    print(json.dumps({"bench": f"capture {what}", **figure}), flush=True)


def game_frames(size: tuple[int, int]) -> list[Frame]:
    """The shipped clip with motion, and planes that are as smooth as a game's."""
    colors = [resize_image(read_image(path), size) for path in clip_frames()]
    estimator, frames = FlowEstimator("dis-fast"), []
    rows, columns = np.mgrid[: size[1], : size[0]].astype(np.float32)
    for number, color in enumerate(colors):
        grey, before = estimator.grey(color), estimator.grey(colors[number - 1])
        motion, occlusion = estimator.motion_from_greys(grey, before)
        depth = 3 + 40 * (1 - rows / size[1]) + grey / np.float32(100)
        normals = np.stack([columns / size[0] - 0.5, rows / size[1] - 0.5, np.ones_like(rows)], axis=2)
        normals /= np.linalg.norm(normals, axis=2, keepdims=True)
        ids = (grey // 32).astype(np.uint32) + 1
        frames.append(Frame(color, depth.astype(np.float32), motion, normals.astype(np.float32), ids, occlusion))
    return frames


def numbered(pictures: list[Frame], number: int) -> Frame:
    """Frame `number` of an endless game."""
    return replace(pictures[(number - 1) % len(pictures)], clock=Clock(number, number / 60, time.time_ns()))


@contextmanager
def recorder(*words: str) -> Iterator[subprocess.Popen[str]]:
    """`stylebridge WORDS` in a process of its own."""
    command = [sys.executable, "-m", "stylebridge.cli.main", *words]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


def wait_for_line(process: subprocess.Popen[str], pipe: Any = None) -> None:
    """Wait until it listens."""
    line = (pipe or process.stderr).readline()
    if not line.startswith("listening at"):
        raise Unsafe(f"it doesn't listen: {line}")


def free_port() -> int:
    """One that nobody listens at."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])
