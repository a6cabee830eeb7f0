"""Temporal upsampling against plain stylising: python tools/bench_reproject.py [SOURCE] [--model models/strokes.onnx]

One JSON line per way of showing the clip: processor and wall milliseconds a frame, how many times plain stylising's
frame rate (both ways timed in turn, round by round, on 16 frames), flicker, and PSNR and SSIM against plain stylising.
`psnr_db` is outside disocclusions, that is where both keys show what is seen; `psnr_seen_db` where at least one does.
Keys, which are plain stylising, don't count.
"""

from __future__ import annotations

import argparse
import json
import os
import time
from collections.abc import Callable, Iterator, Sequence
from itertools import islice
from pathlib import Path

os.environ.setdefault("GOMP_SPINCOUNT", "1000")  # as the command line does

import numpy as np
from stylebridge.assets import SHIPPED_PLAY
from stylebridge.compare.measures import psnr_db, ssim
from stylebridge.compare.temporal.causal import Causal
from stylebridge.compare.temporal.flicker import Flicker, flicker
from stylebridge.compare.temporal.reproject import Reprojected
from stylebridge.compare.temporal.stylizing import Once, PictureStylizer, stylised
from stylebridge.compare.temporal.warping import Step, step_back, step_forth
from stylebridge.engines.stylizer import open_stylizer
from stylebridge.errors import InputError
from stylebridge.frame import ColorPlane, Frame, MaskPlane
from stylebridge.sources import open_source

PLAY = "scene:plaza?seed=7&hour=11&size=640x360&planes=color+depth+motion+occlusion"
TIMED = 17  # the first isn't; the rest divides evenly by every N
WAYS: dict[str, Callable[[PictureStylizer], PictureStylizer]] = {
    **{f"every {n}": lambda inner, n=n: Reprojected(inner, n) for n in (1, 2, 4, 8, 16)},
    "steadied": Causal,
    "steadied every 4": lambda inner: Causal(inner, every=4),
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("source", nargs="?", default="")
    parser.add_argument("--model", type=Path, default=Path(__file__).parent.parent / "models" / "strokes.onnx")
    parser.add_argument("--frames", type=int, default=33, help="one more than a multiple of 16 times every N evenly")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--ways", nargs="*", default=list(WAYS), choices=list(WAYS))
    parser.add_argument("--quick", action="store_true", help="9 frames of the shipped recording, N to 8, one round")
    options = parser.parse_args()
    if options.quick:
        options.source, options.frames, options.rounds = str(SHIPPED_PLAY), 9, 1
        options.ways = [way for way in options.ways if way != "every 16"]  # there would be no key among 8 frames
    source, frames = clip(options.source, options.frames)
    about = {"bench": "reproject", "source": source, "frames": len(frames)}
    about["size"] = f"{frames[0].width}x{frames[0].height}"
    with open_stylizer(options.model) as stylizer:
        once = Once(stylizer, kept=len(frames))
        plain = [frame.color for frame in stylised(once, frames)]
        print(json.dumps({**about, "way": "plain", **steadiness(flicker(frames, plain))}), flush=True)
        for name in options.ways:
            shown = [frame.color for frame in stylised(WAYS[name](once), frames)]
            figures = {**steadiness(flicker(frames, shown)), **quality(name, frames, plain, shown)}
            figures |= speed(stylizer, WAYS[name], frames[:TIMED], options.rounds)
            print(json.dumps({**about, "way": name, **figures}), flush=True)


def clip(name: str, count: int) -> tuple[str, list[Frame]]:
    """The frames, kept in memory; of the shipped recording where the game can't be drawn."""
    try:
        with open_source(name or PLAY) as source:
            return name or PLAY, list(islice(source, count))
    except (InputError, ModuleNotFoundError):
        if name:
            raise
        with open_source(str(SHIPPED_PLAY)) as source:
            return SHIPPED_PLAY.name, list(islice(source, count))


def steadiness(measured: Flicker) -> dict[str, object]:
    figures = {"flicker": measured.mean, "relative": measured.relative, "long_range": measured.long_range}
    return {name: None if value is None else round(value, 3) for name, value in figures.items()}


def quality(
    name: str, frames: Sequence[Frame], plain: Sequence[ColorPlane], shown: Sequence[ColorPlane]
) -> dict[str, object]:
    """Against plain stylising, for the frames that weren't stylised themselves."""
    between = list(visibility(frames, int(name.split()[1]))) if name.startswith("every") else []
    figures: dict[str, object] = {}
    if between:
        for key, pick in (("psnr_db", np.logical_and), ("psnr_seen_db", np.logical_or)):
            found = [psnr_db(shown[n], plain[n], pick(back, forth)) for n, back, forth in between]
            figures |= {key: round(float(np.mean(found)), 2), f"{key}_min": round(min(found), 2)}
        figures["seen_by_both"] = round(float(np.mean([(b & f).mean() for _, b, f in between])), 4)
        figures["seen_by_none"] = round(float(np.mean([(~(b | f)).mean() for _, b, f in between])), 4)
    other = [n for n, (a, b) in enumerate(zip(plain, shown, strict=True)) if not np.array_equal(a, b)]
    if other:
        figures["psnr_whole_db"] = round(float(np.mean([psnr_db(shown[n], plain[n]) for n in other])), 2)
        figures["ssim"] = round(float(np.mean([ssim(shown[n], plain[n]) for n in other])), 4)
    return figures


def visibility(frames: Sequence[Frame], every: int) -> Iterator[tuple[int, MaskPlane, MaskPlane]]:
    """For each frame between two keys: where the one before shows what is seen, and where the one after does."""
    for start in range(0, len(frames) - 1, every):
        end = min(start + every, len(frames) - 1)
        back: dict[int, Step] = {}
        for n in range(start + 1, end):
            step = step_back(frames[n], frames[n - 1])
            back[n] = step.after(back[n - 1]) if n - 1 in back else step
        path: Step | None = None
        for n in range(end - 1, start, -1):
            step = step_forth(frames[n], frames[n + 1])
            path = step if path is None else step.after(path)
            yield n, back[n].seen, path.seen


def speed(
    stylizer: PictureStylizer, wrap: Callable[[PictureStylizer], PictureStylizer], frames: Sequence[Frame], rounds: int
) -> dict[str, object]:
    """Both ways on the same frames in turn; the first frame, a key whatever N, isn't timed."""
    taken: dict[str, list[tuple[float, float]]] = {"plain": [], "wrapped": []}
    order = ["plain", "wrapped"]
    for _ in range(rounds):
        for which in order:
            style = wrap(stylizer) if which == "wrapped" else stylizer
            style(frames[0])
            taken[which].append(_timed(style, frames[1:]))
        order.reverse()
    cpu, wall = (
        [plain[n] / wrapped[n] for plain, wrapped in zip(taken["plain"], taken["wrapped"], strict=True)] for n in (0, 1)
    )
    each = [np.median([each[n] for each in taken[which]]) * 1e3 for n in (0, 1) for which in ("plain", "wrapped")]
    names = ("plain_cpu_ms", "cpu_ms", "plain_wall_ms", "wall_ms")
    figures: dict[str, object] = {name: round(float(value), 1) for name, value in zip(names, each, strict=True)}
    return {**figures, "times_cpu": round(float(np.median(cpu)), 2), "times_wall": round(float(np.median(wall)), 2)}


def _timed(style: PictureStylizer, frames: Sequence[Frame]) -> tuple[float, float]:
    """Processor and wall seconds for each frame."""
    cpu, wall = time.process_time(), time.perf_counter()
    for frame in frames:
        style(frame)
    return (time.process_time() - cpu) / len(frames), (time.perf_counter() - wall) / len(frames)


if __name__ == "__main__":
    main()
