"""How fast the embedded game is drawn, and how true its motion is: tools/bench_scene.py [--quick] [--quality fine]

One JSON object per figure. Frames per second of one process that simulates and draws at 640x360, in rounds that take
turns between levels and between all planes and colour alone; medians. `bench_capture.py --only scene` writes to disk.
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
import time
from itertools import product
from pathlib import Path

from stylebridge.frame import PLANES
from stylebridge.scene.game import Setup
from stylebridge.scene.levels import LEVELS
from stylebridge.scene.stage import Stage

LIMIT_FPS = 30
WARM_UP = 10
CHOICES = {"all": tuple(PLANES), "color": ("color",)}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="few frames, one round")
    parser.add_argument("--quality", default="auto", help="fine, plain, or auto: plain where the processor draws")
    options = parser.parse_args()
    quick, quality = options.quick, options.quality
    frames, rounds, true_frames = (20, 1, 30) if quick else (120, 3, 300)
    paces: dict[tuple[str, str], list[float]] = {}
    for _, level, planes in product(range(rounds), LEVELS, CHOICES):
        paces.setdefault((level, planes), []).append(pace(level, CHOICES[planes], frames, quality))
    for (level, planes), fps in paces.items():
        line = {"figure": "scene, frames/s", "level": level, "planes": planes, "size": "640x360", "quality": quality}
        line |= {"value": round(statistics.median(fps), 1), "rounds": [round(each, 1) for each in fps]}
        print(json.dumps(line | ({"limit": LIMIT_FPS} if planes == "all" else {})), flush=True)
    for level in LEVELS:
        words = [str(Path(__file__).with_name("motion_truth.py")), level, "--frames", str(true_frames)]
        words += ["--quality", quality]
        subprocess.run([sys.executable, *words], check=True)


def pace(level: str, planes: tuple[str, ...], frames: int, quality: str) -> float:
    """Frames per second of the game and its renderer together."""
    stage = Stage(Setup(level, quality=quality), planes=planes, mode="offscreen")
    for _ in range(WARM_UP):
        stage.draw()
        stage.ahead(1)
    began = time.perf_counter()
    for _ in range(frames):
        stage.draw()
        stage.ahead(1)
    seconds = time.perf_counter() - began
    stage.close()
    return frames / seconds


if __name__ == "__main__":
    main()
