"""What the flicker figure is worth, and what it costs: python tools/bench_flicker.py [SOURCE] [--frames 17]

One JSON line per figure, with its limit where the project promises one, on real frames of the game: a style of single
pixels before a camera that stands still, noise of known sizes in order, a noisy style beside the same one smoothed, and
milliseconds a frame.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from itertools import islice
from pathlib import Path

import numpy as np
from stylebridge.assets import SHIPPED_PLAY
from stylebridge.compare.temporal.causal import Causal
from stylebridge.compare.temporal.flicker import FlickerMeter, flicker_of
from stylebridge.compare.temporal.stylizing import Applied, PictureStylizer
from stylebridge.frame import ColorPlane, Frame
from stylebridge.sources import open_source

LEVELS = (0, 0.5, 1, 2, 4, 8, 16, 32)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("source", nargs="?", default=str(SHIPPED_PLAY))
    parser.add_argument("--frames", type=int, default=17)
    parser.add_argument("--quick", action="store_true", help="5 frames")
    options = parser.parse_args()
    options.frames = 5 if options.quick else options.frames
    with open_source(options.source) as source:
        frames = list(islice(source, options.frames))
    about = {
        "source": Path(options.source).name,
        "frames": len(frames),
        "size": f"{frames[0].width}x{frames[0].height}",
    }
    for figure in (static(frames), ranking(frames), smoothing(frames), cost(frames)):
        print(json.dumps({"bench": "flicker", **figure, **about}), flush=True)


def noisy(levels: float, seed: int) -> Callable[[ColorPlane], ColorPlane]:
    random = np.random.default_rng(seed)
    return lambda picture: np.clip(picture + random.normal(0, levels, picture.shape), 0, 255).astype(np.uint8)


def measured(style: PictureStylizer, frames: Sequence[Frame], at_least: int = 1) -> float:
    result = flicker_of(style, frames)
    known = [value for value in result.per_frame if value is not None]
    if len(known) < at_least or result.mean is None:
        raise SystemExit(f"only {len(known)} frames could be measured")  # 0 of nothing would look like no flicker
    return result.mean


def static(frames: Sequence[Frame]) -> dict[str, object]:
    """One moment, seen again and again."""
    first = frames[0]
    still = [
        replace(
            first,
            motion=np.zeros((first.height, first.width, 2), np.float32),
            occlusion=np.full((first.height, first.width), number == 0),
            clock=replace(first.clock, frame_id=number),
        )
        for number in range(len(frames))
    ]
    table = np.random.default_rng(3).permutation(256).astype(np.uint8)
    found = measured(Applied("table", lambda picture: table[picture]), still, at_least=len(frames) - 1)
    return {
        "figure": "a style of single pixels, static camera",
        "levels": found,
        "limit": "<= 0.001",
        "ok": found <= 1e-3,
    }


def ranking(frames: Sequence[Frame]) -> dict[str, object]:
    """Spearman's correlation between the size of the noise and the figure."""
    found = [measured(Applied(f"noise {n}", noisy(n, seed)), frames) for seed, n in enumerate(LEVELS)]
    ranks = np.argsort(np.argsort(found))
    correlation = float(np.corrcoef(ranks, np.arange(len(LEVELS)))[0, 1])
    return {
        "figure": "rank correlation with known noise",
        "correlation": round(correlation, 6),
        "limit": ">= 1",
        "ok": correlation > 1 - 1e-9,
        "noise": list(LEVELS),
        "levels": [round(value, 4) for value in found],
    }


def smoothing(frames: Sequence[Frame]) -> dict[str, object]:
    noise = measured(Applied("noise", noisy(8, 9)), frames)
    smoothed = measured(Causal(Applied("noise", noisy(8, 9))), frames)
    return {
        "figure": "noise of 8 levels, and the same smoothed",
        "noisy": round(noise, 3),
        "smoothed": round(smoothed, 3),
        "limit": "smoothed < noisy",
        "ok": smoothed < noise,
    }


def cost(frames: Sequence[Frame]) -> dict[str, object]:
    """What measuring one more picture of a frame takes, the long range of 8 frames included."""
    one, four = (FlickerMeter([str(n) for n in range(count)]) for count in (1, 4))
    seconds = []
    for meter in (one, four):
        start = time.process_time()
        for frame in frames:
            meter.add(frame, *[frame.color] * len(meter.names))
        seconds.append((time.process_time() - start) / len(frames) * 1e3)
    figures = {"one_cpu_ms": round(seconds[0], 1), "each_more_cpu_ms": round((seconds[1] - seconds[0]) / 3, 1)}
    return {"figure": "processor milliseconds a frame", **figures}


if __name__ == "__main__":
    main()
