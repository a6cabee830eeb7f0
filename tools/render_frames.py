"""Render game-like pictures with numpy alone: a walk through a plaza, or many unlike stills for training.

python tools/render_frames.py clip OUTDIR --frames 24 --size 640x360 --seed 7
python tools/render_frames.py stills OUTDIR --count 400 --size 320x320 --seed 1

The shipped clip is

python tools/render_frames.py clip python/stylebridge/assets/plaza --frames 24 --size 640x360 --seed 7 --quality 90
"""

from __future__ import annotations

import argparse
import time
from pathlib import Path

import cv2
import numpy as np
from renderer.scenes import clip_frame, still


def save(path: Path, picture: np.ndarray, quality: int) -> None:
    """Write a JPEG under a temporary name, then rename it."""
    part = path.with_suffix(".part.jpg")
    options = [cv2.IMWRITE_JPEG_QUALITY, quality, cv2.IMWRITE_JPEG_OPTIMIZE, 1, cv2.IMWRITE_JPEG_PROGRESSIVE, 1]
    if not cv2.imwrite(str(part), picture[:, :, ::-1], options):
        raise OSError(f"{part} can't be written")
    part.replace(path)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("mode", choices=["clip", "stills"])
    parser.add_argument("outdir", type=Path)
    parser.add_argument("--frames", type=int, default=24, help="length of a clip, 12 frames a second")
    parser.add_argument("--count", type=int, default=400, help="number of stills")
    parser.add_argument("--size", help="WIDTHxHEIGHT (640x360 for a clip, 320x320 for stills)")
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--quality", type=int, help="JPEG quality (90 for a clip, 95 for stills)")
    args = parser.parse_args()
    clip = args.mode == "clip"
    width, height = (int(n) for n in (args.size or ("640x360" if clip else "320x320")).split("x"))
    args.outdir.mkdir(parents=True, exist_ok=True)
    cv2.setNumThreads(1)
    began = time.monotonic()
    count = args.frames if clip else args.count
    for index in range(count):
        picture = (clip_frame if clip else still)(args.seed, index, width, height)
        name = f"frame_{index:02d}.jpg" if clip else f"still_{index:04d}.jpg"
        save(args.outdir / name, picture, args.quality or (90 if clip else 95))
    print(f"{count} pictures in {args.outdir}, {(time.monotonic() - began) / count:.2f} s each")


if __name__ == "__main__":
    main()
