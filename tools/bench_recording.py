"""How fast and how small recordings are, against a folder of PNG and npz: python tools/bench_recording.py [--quick]

python tools/bench_recording.py --source "scene:plaza?seed=7&size=1280x720" takes the frames from there; else they are
rendered by tools/renderer. One JSON line per figure; what has a limit says whether it is within. All ways take turns,
figures are medians of the rounds; `cpu_ms` is what a frame costs on all threads together.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import statistics
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from gbuffer import walk
from mcap.writer import CompressionType
from mcap.writer import Writer as McapWriter
from stylebridge.frame import Camera, Clock, Frame
from stylebridge.recording import Details, Recording, Writer
from stylebridge.sources import open_source

SIZE, SMALL = (1280, 720), (640, 360)
DISTINCT = 6  # frames that are rendered; they come again and again
FASTER, SMALLER, PAIRS_PER_S = 2.0, 0.25, 60.0


@dataclass(frozen=True)
class Round:
    """What one way of writing took."""

    fps: float
    cpu_ms: float
    bytes: float


def say(what: str, **figures: Any) -> None:
    """Print one figure."""
    print(json.dumps({"bench": "recording", "what": what, **figures}), flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="fewer rounds and frames")
    parser.add_argument("--source", help="where the frames come from, such as scene:plaza?size=1280x720")
    options = parser.parse_args()
    cv2.setNumThreads(1)  # the peer writes one picture at a time; OpenCV doesn't split a PNG anyway
    with tempfile.TemporaryDirectory() as folder:
        frames = taken(options.source, SIZE)
        writing(Path(folder), frames, rounds=3 if options.quick else 7, count=20 if options.quick else 60)
        planes(Path(folder), frames)
        pairs(Path(folder), taken(options.source, SMALL), rounds=3 if options.quick else 7)
        opening(Path(folder), 5_000 if options.quick else 100_000)


def taken(source: str | None, size: tuple[int, int]) -> list[Frame]:
    """A few frames with all planes."""
    if source is None:
        return [replace(frame, clock=Clock(i, i / 30)) for i, frame in enumerate(walk(DISTINCT, *size))]
    with open_source(source) as opened:
        frames = [next(opened) for _ in range(DISTINCT)]
    if (frames[0].width, frames[0].height) != size:
        say("size", wanted=list(size), found=[frames[0].width, frames[0].height])
    return frames


def writing(folder: Path, frames: Sequence[Frame], rounds: int, count: int) -> None:
    """RGB with depth and motion as float16: every way writes the same frames."""
    kept = [Frame(color=f.color, depth=f.depth, motion=f.motion, clock=f.clock) for f in frames]
    ways: dict[str, Callable[[Path, Sequence[Frame], int], float]] = {
        "recording, 2 threads": lambda place, given, n: recorded(place, given, n, 2),
        "PNG + npz": png_and_npz,
        "recording, 1 thread": lambda place, given, n: recorded(place, given, n, 1),
        "plain MCAP, zstd": lambda place, given, n: plain_mcap(place, given, n, CompressionType.ZSTD),
        "plain MCAP, lz4": lambda place, given, n: plain_mcap(place, given, n, CompressionType.LZ4),
    }
    results: dict[str, list[Round]] = {name: [] for name in ways}
    for _ in range(rounds):
        for name, way in ways.items():
            results[name].append(one_round(folder / "out", kept, count, way))
    for name, taken_rounds in results.items():
        say(f"write 1280x720, {name}", **medians(taken_rounds), rounds=rounds)
    peer, ours = results["PNG + npz"], results["recording, 2 threads"]
    speed = statistics.median(a.fps / b.fps for a, b in zip(ours, peer, strict=True))
    share = statistics.median(a.bytes / b.bytes for a, b in zip(ours, peer, strict=True))
    say("write speed over PNG + npz", value=round(speed, 2), limit=f">= {FASTER:g}", within=speed >= FASTER)
    cpu = statistics.median(b.cpu_ms / a.cpu_ms for a, b in zip(ours, peer, strict=True))
    say("processor time of PNG + npz over ours", value=round(cpu, 2))
    say("bytes over PNG + npz", value=round(share, 3), limit=f"<= {SMALLER:g}", within=share <= SMALLER)


def one_round(place: Path, frames: Sequence[Frame], count: int, way: Callable[..., float]) -> Round:
    """Write frames one way into an empty folder."""
    shutil.rmtree(place, ignore_errors=True)
    place.mkdir()
    cpu, start = time.process_time(), time.perf_counter()
    size = way(place, frames, count)
    elapsed = time.perf_counter() - start
    return Round(count / elapsed, 1000 * (time.process_time() - cpu) / count, size / count)


def recorded(place: Path, frames: Sequence[Frame], count: int, threads: int) -> float:
    with Writer(place / "play.mcap", Details("bench"), threads=threads) as writer:
        for index in range(count):
            writer.write(frames[index % len(frames)])
    return (place / "play.mcap").stat().st_size


def png_and_npz(place: Path, frames: Sequence[Frame], count: int) -> float:
    for index in range(count):
        frame = frames[index % len(frames)]
        cv2.imwrite(str(place / f"{index:05}.png"), cv2.cvtColor(frame.color, cv2.COLOR_RGB2BGR))
        np.savez(
            place / f"{index:05}.npz", depth=frame.depth.astype(np.float16), motion=frame.motion.astype(np.float16)
        )
    return sum(path.stat().st_size for path in place.iterdir())


def plain_mcap(place: Path, frames: Sequence[Frame], count: int, compression: CompressionType) -> float:
    with (place / "plain.mcap").open("wb") as file:
        writer = McapWriter(file, compression=compression)
        writer.start()
        channel = writer.register_channel("/frames", "raw", 0)
        for index in range(count):
            frame = frames[index % len(frames)]
            planes = (frame.color, frame.depth.astype(np.float16), frame.motion.astype(np.float16))
            writer.add_message(channel, index, b"".join(plane.tobytes() for plane in planes), index)
        writer.finish()
    return (place / "plain.mcap").stat().st_size


def planes(folder: Path, frames: Sequence[Frame]) -> None:
    """What each plane takes."""
    for floats in ("f16", "f32"):
        path = folder / f"{floats}.mcap"
        with Writer(path, Details("bench"), floats=floats) as writer:  # type: ignore[arg-type]
            for frame in frames:
                writer.write(frame)
        with Recording(path) as recording:
            headers = [recording.header(index) for index in range(len(recording))]
        sizes = {
            name: round(statistics.mean(e.length for h in headers for e in h.planes if e.name == name))
            for name in (entry.name for entry in headers[0].planes)
        }
        say(f"bytes of each plane, {floats}", **sizes)


def pairs(folder: Path, frames: Sequence[Frame], rounds: int) -> None:
    """Two frames that follow each other, anywhere in the file, with colour, motion and occlusion."""
    path = folder / "pairs.mcap"
    with Writer(path, Details("bench")) as writer:
        for index in range(300):
            clock = Clock(index, index / 30)
            writer.write(replace(frames[index % len(frames)], clock=clock, camera=Camera("main"), session=""))
    random, rates = np.random.default_rng(1), []
    with Recording(path) as recording:
        for _ in range(rounds):
            chosen = random.permutation(len(recording.pairs()))[:60]
            start = time.perf_counter()
            for number in chosen:
                recording.pair(int(number), planes=("color", "motion", "occlusion"))
            rates.append(len(chosen) / (time.perf_counter() - start))
    value = statistics.median(rates)
    say(
        *("read random pairs 640x360, 1 thread",),
        pairs_per_s=round(value, 1),
        limit=f">= {PAIRS_PER_S:g}",
        within=value >= PAIRS_PER_S,
    )


def opening(folder: Path, count: int) -> None:
    """Open a long recording, and read its last frame."""
    path = folder / "long.mcap"
    frame = Frame(color=np.zeros((8, 8, 3), np.uint8))
    with Writer(path, Details("bench"), fsync_s=3600) as writer:
        for index in range(count):
            writer.write(replace(frame, clock=Clock(index, index / 60)))
    times = []
    for _ in range(5):
        start = time.perf_counter()
        with Recording(path) as recording:
            recording[-1]
        times.append(time.perf_counter() - start)
    say(f"open {count} frames and read the last", ms=round(1000 * statistics.median(times), 1))


def medians(rounds: Sequence[Round]) -> dict[str, float]:
    """The middle of each figure."""
    return {
        "fps": round(statistics.median(r.fps for r in rounds), 1),
        "cpu_ms": round(statistics.median(r.cpu_ms for r in rounds), 1),
        "megabytes_per_frame": round(statistics.median(r.bytes for r in rounds) / 1e6, 3),
    }


if __name__ == "__main__":
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    main()
