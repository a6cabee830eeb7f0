"""Temporal upsampling against plain stylising: python tools/bench_reproject.py [SOURCE] [--model models/strokes.onnx]

One JSON line per way of showing the clip: processor and wall milliseconds a frame, how many times plain stylising's
frame rate (all ways timed in turn, round by round, on 16 frames), flicker, and PSNR and SSIM against plain stylising.
`psnr_db` is outside disocclusions, that is where both keys show what is seen; `psnr_seen_db` where at least one does.
Keys, which are plain stylising, don't count. Two lines say what bounds that: how well the same motion carries the
game's own picture, and how far the style itself is from what it drew a frame before. Then the figures with a limit.
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
from stylebridge.compare.temporal.stylizing import Alone, Once, PictureStylizer, stylised
from stylebridge.compare.temporal.warping import Step, step_back, step_forth
from stylebridge.engines.stylizer import open_stylizer
from stylebridge.errors import InputError
from stylebridge.frame import ColorPlane, Frame, MaskPlane
from stylebridge.imaging import opencv
from stylebridge.sources import open_source

PLAY = "scene:plaza?seed=7&hour=11&size=640x360&planes=color+depth+motion+occlusion"
TIMED = 17  # the first isn't; the rest divides evenly by every N
WAYS: dict[str, Callable[[PictureStylizer], PictureStylizer]] = {
    "plain": Alone,
    **{f"every {n}": lambda inner, n=n: Reprojected(inner, n) for n in (1, 2, 3, 4, 6, 8, 12, 16)},
    "steadied": Causal,
    "steadied every 4": lambda inner: Causal(inner, every=4),
}
QUICK = ("plain", "every 2", "every 4", "every 8", "steadied")
WARPS = {"linear": "INTER_LINEAR", "cubic": "INTER_CUBIC", "lanczos": "INTER_LANCZOS4"}
Sides = tuple[int, Step, Step]  # a frame, the way to the key before it and to the one after it


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("source", nargs="?", default="")
    parser.add_argument("--model", type=Path, default=Path(__file__).parent.parent / "models" / "strokes.onnx")
    parser.add_argument("--frames", type=int, default=33, help="one more than a multiple of 48 times every N evenly")
    parser.add_argument("--rounds", type=int, default=2)
    parser.add_argument("--ways", nargs="*", default=list(WAYS), choices=list(WAYS))
    parser.add_argument("--quick", action="store_true", help="9 frames of the shipped recording, N to 8, one round")
    options = parser.parse_args()
    if options.quick:
        options.source, options.frames, options.rounds, options.ways = str(SHIPPED_PLAY), 9, 1, QUICK
    source, frames = clip(options.source, options.frames)
    about = {"bench": "reproject", "source": source, "frames": len(frames)}
    about["size"] = f"{frames[0].width}x{frames[0].height}"
    found: dict[str, dict[str, float]] = {}
    with open_stylizer(options.model) as stylizer:
        once = Once(stylizer, kept=len(frames))
        plain = [frame.color for frame in stylised(once, frames)]
        taken = timed(stylizer, options.ways, frames[:TIMED], options.rounds)
        for name in options.ways:
            shown = [frame.color for frame in stylised(WAYS[name](once), frames)]
            found[name] = steadiness(flicker(frames, shown)) | quality(name, frames, plain, shown) | taken[name]
            print(json.dumps({**about, "way": name, **found[name]}), flush=True)
    for line in (*bounds(frames, plain), *limits(found)):
        print(json.dumps({**about, **line}), flush=True)


def clip(name: str, count: int) -> tuple[str, list[Frame]]:
    """The frames, kept in memory; of the shipped recording where the game can't be drawn."""
    try:
        with open_source(name or PLAY) as source:
            return Path(name).name or PLAY, list(islice(source, count))
    except (InputError, ModuleNotFoundError):
        if name:
            raise
        with open_source(str(SHIPPED_PLAY)) as source:
            return SHIPPED_PLAY.name, list(islice(source, count))


def steadiness(measured: Flicker) -> dict[str, float]:
    figures = {"flicker": measured.mean, "relative": measured.relative, "long_range": measured.long_range}
    return {name: round(value, 3) for name, value in figures.items() if value is not None}


def quality(
    name: str, frames: Sequence[Frame], plain: Sequence[ColorPlane], shown: Sequence[ColorPlane]
) -> dict[str, float]:
    """Against plain stylising, for the frames that weren't stylised themselves."""
    between = list(sides(frames, int(name.split()[1]))) if name.startswith("every") else []
    figures: dict[str, float] = {}
    for key, pick in (("psnr_db", np.logical_and), ("psnr_seen_db", np.logical_or)):
        found = [psnr_db(shown[n], plain[n], pick(back.seen, forth.seen)) for n, back, forth in between]
        figures |= {key: round(float(np.mean(found)), 2), f"{key}_min": round(min(found), 2)} if found else {}
    if between:
        figures["seen_by_both"] = share([back.seen & forth.seen for _, back, forth in between])
        figures["seen_by_none"] = share([~(back.seen | forth.seen) for _, back, forth in between])
    other = [n for n, (a, b) in enumerate(zip(plain, shown, strict=True)) if not np.array_equal(a, b)]
    if other:
        figures["psnr_whole_db"] = round(float(np.mean([psnr_db(shown[n], plain[n]) for n in other])), 2)
        figures["ssim"] = round(float(np.mean([ssim(shown[n], plain[n]) for n in other])), 4)
    return figures


def share(masks: Sequence[MaskPlane]) -> float:
    return round(float(np.mean([mask.mean() for mask in masks])), 4)


def sides(frames: Sequence[Frame], every: int) -> Iterator[Sides]:
    """For each frame between two keys the way to the one before and to the one after, as `Reprojected` goes them."""
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
            yield n, back[n], path


def timed(
    stylizer: PictureStylizer, ways: Sequence[str], frames: Sequence[Frame], rounds: int
) -> dict[str, dict[str, float]]:
    """All ways on the same frames in turn, there and back; the first frame, a key whatever N, isn't timed."""
    taken: dict[str, list[tuple[float, float]]] = {name: [] for name in ways}
    for number in range(rounds):
        for name in ways if number % 2 == 0 else reversed(ways):
            style = WAYS[name](stylizer)
            style(frames[0])
            taken[name].append(_seconds(style, frames[1:]))
    return {name: _figures(each, taken.get("plain", each)) for name, each in taken.items()}


def _figures(own: Sequence[tuple[float, float]], plain: Sequence[tuple[float, float]]) -> dict[str, float]:
    figures: dict[str, float] = {}
    for index, kind in enumerate(("cpu", "wall")):
        ratios = [base[index] / each[index] for base, each in zip(plain, own, strict=True)]
        figures[f"{kind}_ms"] = round(float(np.median([each[index] for each in own])) * 1e3, 1)
        figures[f"times_{kind}"] = round(float(np.median(ratios)), 2)
    return figures


def _seconds(style: PictureStylizer, frames: Sequence[Frame]) -> tuple[float, float]:
    """Processor and wall seconds for each frame."""
    cpu, wall = time.process_time(), time.perf_counter()
    for frame in frames:
        style(frame)
    return (time.process_time() - cpu) / len(frames), (time.perf_counter() - wall) / len(frames)


def bounds(frames: Sequence[Frame], plain: Sequence[ColorPlane]) -> Iterator[dict[str, object]]:
    """What no reprojection of this style along this motion gets past, and how the ways of looking between pixels do."""
    own = [
        psnr_db(step.warp(before), now, step.seen)
        for step, before, now in (
            (step_back(frames[n], frames[n - 1]), plain[n - 1], plain[n]) for n in range(1, len(frames))
        )
    ]
    words = "the style against what it drew a frame before, carried along, dB"
    yield {"figure": words, "value": round(float(np.mean(own)), 2), "min": round(min(own), 2)}
    cv2, between = opencv(), list(sides(frames, 4))
    for name, flag in WARPS.items():
        seconds, found = 0.0, {"game_db": [], "style_db": []}
        for n, back, forth in between:
            start, end = n - n % 4, min(n - n % 4 + 4, len(frames) - 1)
            progress, both = (n - start) / (end - start), back.seen & forth.seen
            for key, pictures in (("game_db", [frame.rgb for frame in frames]), ("style_db", plain)):
                began = time.process_time()
                ends = [
                    cv2.remap(picture, way.positions, None, getattr(cv2, flag), borderMode=cv2.BORDER_REPLICATE)
                    for picture, way in ((pictures[start], back), (pictures[end], forth))
                ]
                seconds += time.process_time() - began
                mixed = np.asarray(cv2.addWeighted(ends[0], 1 - progress, ends[1], progress, 0), dtype=np.uint8)
                found[key].append(psnr_db(mixed, pictures[n], both))
        figures = {key: round(float(np.mean(each)), 2) for key, each in found.items()}
        warp_ms = round(seconds / (4 * len(between)) * 1e3, 2)
        yield {"figure": f"keys looked up {name}, crossfaded, every 4", **figures, "cpu_ms_each": warp_ms}


def limits(found: dict[str, dict[str, float]]) -> Iterator[dict[str, object]]:
    """What the project promises of N = 4."""
    four, plain = found.get("every 4"), found.get("plain")
    if four is None or plain is None:
        return
    yield held("every 4: times the frame rate of plain stylising", four["times_wall"], ">= 2.5")
    yield held("every 4: times the flicker of plain stylising", round(four["flicker"] / plain["flicker"], 3), "<= 1")
    yield held("every 4: PSNR against plain stylising outside disocclusions, dB", four["psnr_db"], ">= 28")


def held(figure: str, value: float, limit: str) -> dict[str, object]:
    sign, bound = limit.split()
    ok = value >= float(bound) if sign == ">=" else value <= float(bound)
    return {"figure": figure, "value": value, "limit": limit, "ok": ok}


if __name__ == "__main__":
    main()
