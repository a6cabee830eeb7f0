"""What a frame of the scene costs the processor on its way into a file, plane by plane and as a whole."""

from __future__ import annotations

import statistics
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

from stylebridge.errors import StylebridgeError
from stylebridge.frame import Clock, Frame
from stylebridge.recording import Details, Writer
from stylebridge.recording.codec import SWIFT, encode_plane
from stylebridge.sources import open_source

from capturebench.game import PLANES, say
from capturebench.rate import SCENE, WARM

DISTINCT = 6  # frames of the scene that come again and again
WRITTEN = 30
LEVELS = {"packed at once": 1, "--fast": SWIFT}


def measure_packing(rounds: int) -> None:
    """Both levels take turns."""
    try:
        with open_source(SCENE) as source:
            source.skip(WARM)
            frames = [next(source) for _ in range(DISTINCT)]
    except (StylebridgeError, ImportError) as error:
        say("pack", skipped=str(error))
        return
    for how, level in LEVELS.items():
        costs = {name: plane_cost(name, frames, level, rounds) for name in PLANES}
        say("pack planes", how=how, cpu_ms={n: c[0] for n, c in costs.items()}, kb={n: c[1] for n, c in costs.items()})
    spans: dict[str, list[float]] = {how: [] for how in LEVELS}
    for _ in range(rounds):
        for how, level in LEVELS.items():
            spans[how].append(cpu_ms(lambda level=level: write(frames, level)) / WRITTEN)  # type: ignore[misc]
    for how, found in spans.items():
        say(
            "pack and write",
            how=how,
            frames=WRITTEN,
            rounds=rounds,
            cpu_ms_per_frame=round(statistics.median(found), 2),
        )


def plane_cost(name: str, frames: list[Frame], level: int, rounds: int) -> tuple[float, float]:
    """Milliseconds and kilobytes of a plane."""
    planes: list[Any] = [getattr(frame, name) for frame in frames]
    if planes[0] is None:
        return 0.0, 0.0
    sizes = [len(encode_plane(name, plane, "f16", level)[1]) for plane in planes]
    spans = [cpu_ms(lambda p=plane: encode_plane(name, p, "f16", level)) for _ in range(rounds) for plane in planes]  # type: ignore[misc]
    return round(statistics.median(spans), 2), round(statistics.mean(sizes) / 1e3, 1)


def write(frames: list[Frame], level: int) -> None:
    """A recording of them."""
    with (
        tempfile.TemporaryDirectory() as folder,
        Writer(Path(folder, "a.mcap"), Details("bench"), level=level) as writer,
    ):
        for number in range(WRITTEN):
            writer.write(replace(frames[number % len(frames)], clock=Clock(number, number / 30)))


def cpu_ms(work: Callable[[], object]) -> float:
    """Processor time of all threads."""
    began = time.process_time()
    work()
    return 1e3 * (time.process_time() - began)
