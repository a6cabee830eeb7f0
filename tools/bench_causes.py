"""Whether seeded faults are found and named: python tools/bench_causes.py [--quick] [--held-out] [--networks strokes]

Seeds every kind of fault with plain arithmetic of its own, on real networks and pictures, and asks what is wrong. One
JSON line per kind says how often the right cause came first. A fault that can't be seen in the picture, such as another
range before an instance norm, is counted as unseen. $STYLEBRIDGE_TEST_DATA (default ../shared/data) adds networks.
--held-out takes networks and pictures that the rules were not made with: other styles, odd sizes, grey pictures.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import msgspec
import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "tests" / "compare"))

from causeseeds import Seed, double_seeds, show, single_seeds
from stylebridge.assets import clip_frames
from stylebridge.compare.diagnosis.causes import Variant, diagnose
from stylebridge.compare.diagnosis.parity import parity
from stylebridge.compare.measures import psnr_db
from stylebridge.contract import FloatArray, PixelContract
from stylebridge.engines.stylizer import Stylizer, open_stylizer
from stylebridge.frame import Frame
from stylebridge.imaging import read_image, resize_image
from stylebridge.recording import Details, Writer
from trapgraphs import with_smooth_resize, with_unequal_strides

REPO = Path(__file__).resolve().parent.parent
DATA = Path(os.environ.get("STYLEBRIDGE_TEST_DATA", REPO.parent / "shared" / "data"))
SIZES = ((150, 106), (128, 128), (170, 90))  # width and height; neither side of the first is a multiple of 4
RESIZED = (84, 60)  # to 128x128: enough for the corners to matter
UNSEEN_DB = 45.0
HELD_OUT_SIZES = ((97, 131), (255, 65), (122, 122), (160, 90))
LIMIT = 1.0  # the share of seen faults that must be named first

NETWORKS = {
    "strokes": REPO / "models" / "strokes.onnx",
    "strokes-torch": REPO / "models" / "strokes.pt",
    "mosaic-8": DATA / "fns_small" / "mosaic_nc8_b1_e2_1e05_1e10.model",
    "candy-16": DATA / "fns_small" / "candy_nc16_b1_e2_1e05_1e10.model",
    "in-game": DATA / "cjmills_e2e" / "final.pth",
}
HELD_OUT = {
    "candy-8": DATA / "fns_small" / "candy_nc8_b1_e2_1e05_1e10.model",
    "udnie-8": DATA / "fns_small" / "udnie_nc8_b1_e2_1e05_1e10.model",
    "mosaic-16": DATA / "fns_small" / "mosaic_nc16_b1_e2_1e05_1e10.model",
    "rain-princess-16": DATA / "fns_small" / "rain-princess_nc16_b1_e2_1e05_1e10.model",
}
OTHERS = {
    "strokes": NETWORKS["candy-16"],
    "strokes-torch": NETWORKS["mosaic-8"],
    "mosaic-8": DATA / "fns_small" / "udnie_nc8_b1_e2_1e05_1e10.model",
    "candy-16": DATA / "fns_small" / "rain-princess_nc16_b1_e2_1e05_1e10.model",
    "in-game": NETWORKS["candy-16"],
    "candy-8": HELD_OUT["udnie-8"],
    "udnie-8": HELD_OUT["mosaic-16"],
    "mosaic-16": HELD_OUT["rain-princess-16"],
    "rain-princess-16": HELD_OUT["candy-8"],
}


@dataclass
class Score:
    """How often a kind of fault was named."""

    first: int = 0
    right_end: int = 0
    missed: int = 0
    unseen: int = 0


def main() -> None:
    """Print the figures; exit 1 where anything was missed."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--networks", default="", help="names with commas between; all by default")
    parser.add_argument("--pictures", type=int, default=3)
    parser.add_argument("--quick", action="store_true", help="the shipped network and one picture")
    parser.add_argument("--held-out", action="store_true", help="networks and pictures kept aside")
    parser.add_argument("--no-pairs", action="store_true", help="leave out two faults at once")
    parser.add_argument("--verbose", action="store_true", help="one line per case")
    options = parser.parse_args()
    scores: dict[str, Score] = defaultdict(Score)
    started = time.perf_counter()
    wanted = options.networks.split(",") if options.networks else ["strokes"] if options.quick else []
    pictures = list(held_out_frames() if options.held_out else frames())[: 1 if options.quick else options.pictures]
    for name, path in (HELD_OUT if options.held_out else NETWORKS).items():
        if (not wanted or name in wanted) and path.is_file():
            with opened(path) as stylizer:
                try_faults(name, stylizer, pictures, scores, options)
    if not wanted or "strokes" in wanted:
        try_traps(pictures, scores, options)
    for kind, score in scores.items():
        seen = score.first + score.missed
        figure = {"bench": "causes", "fault": kind, "cases": seen, "named_first": score.first, "end": score.right_end}
        share = {"share": round(score.first / max(seen, 1), 4), "limit": LIMIT}
        print(json.dumps(figure | {"unseen": score.unseen} | share), flush=True)
    print(json.dumps({"bench": "causes", "seconds": round(time.perf_counter() - started, 1)}))
    raise SystemExit(1 if any(score.missed for score in scores.values()) else 0)


def frames() -> Iterator[Frame]:
    """Three pictures of three sizes: a painting, a frame of a film and one of a game."""
    paths = [
        DATA / "images" / "pytorch_examples" / "content-images" / "amber.jpg",
        clip_frames()[5],
        DATA / "frames" / "mmflow_demo" / "frame_0001.png",
    ]
    for path, size in zip(paths, SIZES, strict=True):
        if path.is_file():
            yield Frame(color=resize_image(read_image(path), size))


def held_out_frames() -> Iterator[Frame]:
    """A game's frame, a painting, a grey one, and one with flat black and white; sizes that no network likes."""
    styles = DATA / "images" / "pytorch_examples" / "style-images"
    made = [
        read_image(clip_frames()[17]),
        *(read_image(path) for path in sorted(styles.glob("*.jpg"))[:1]),
        read_image(clip_frames()[11]).mean(axis=2, keepdims=True).repeat(3, axis=2).astype(np.uint8),
        np.where(read_image(clip_frames()[3]) > 90, read_image(clip_frames()[3]), 0).astype(np.uint8),
    ]
    for color, size in zip(made, HELD_OUT_SIZES, strict=False):
        yield Frame(color=resize_image(color, size))


@contextmanager
def opened(path: Path) -> Iterator[Stylizer]:
    """The network, which is run once for each input: many faults lead to the same one."""
    made: dict[bytes, FloatArray] = {}
    with open_stylizer(path, threads=1) as stylizer:
        run = stylizer.infer

        def infer(given: FloatArray) -> FloatArray:
            key = hashlib.blake2b(given.tobytes(), key=str(given.shape).encode()).digest()
            if key not in made:
                made[key] = run(given)
            return made[key]

        stylizer.infer = infer  # type: ignore[method-assign]
        yield stylizer


def try_faults(
    name: str, stylizer: Stylizer, pictures: list[Frame], scores: dict[str, Score], options: argparse.Namespace
) -> None:
    """Every seed on every picture; resizing faults under a contract that resizes."""
    resizing = msgspec.structs.replace(stylizer.contract, fit="resize", multiple=128)
    seeds = single_seeds() + ([] if options.no_pairs else double_seeds())
    for picture, whole in enumerate(pictures):
        where = f"{name}/{picture}"
        for seed in [Seed("no fault", frozenset()), *seeds]:
            is_resized = "resize" in seed.causes
            contract = resizing if is_resized else stylizer.contract
            frame = whole.with_color(resize_image(whole.color, RESIZED)) if is_resized else whole
            plain = contract.to_frame(stylizer.infer(contract.to_tensor(frame)), frame)
            shown = show(stylizer.infer, contract, frame, seed)
            apart = psnr_db(plain.rgb, shown)
            kind = "two faults" if len(seed.causes) == 2 else "+".join(sorted(seed.causes)) or "no fault"
            if not seed.causes:
                scores[kind].first += apart >= UNSEEN_DB
                scores[kind].missed += apart < UNSEEN_DB
            elif apart >= UNSEEN_DB:
                scores[kind].unseen += 1
            else:
                found = diagnose(stylizer.infer, contract, [frame], [shown])
                causes, ends = frozenset(found.causes[0].faults), found.causes[0].ends
                named = found.verdict == "explained" and causes == seed.causes
                note(scores[kind], named, f"{where} {seed.name}", found.words, options)
                scores[kind].right_end += named and len(ends) == 1 and seed.name.endswith(ends[0])
        try_weights(name, stylizer, whole, where, scores, options)


def try_weights(
    name: str,
    stylizer: Stylizer,
    frame: Frame,
    where: str,
    scores: dict[str, Score],
    options: argparse.Namespace,
) -> None:
    """Another style's picture: without a suspect, and with one."""
    if not OTHERS[name].is_file():
        return
    with open_stylizer(OTHERS[name], threads=1) as other:
        shown = other(frame).rgb
        found = diagnose(stylizer.infer, stylizer.contract, [frame], [shown])
        note(scores["weights"], found.causes[0].faults == ("weights",), f"{where} weights", found.words, options)
        suspect = Variant("weights", f"other weights: those of {other.name}", other.infer, other.contract)
        found = diagnose(stylizer.infer, stylizer.contract, [frame], [shown], [suspect])
        named = found.verdict == "explained" and found.causes[0].faults == ("weights",)
        note(scores["weights, suspect given"], named, f"{where} weights", found.words, options)


def try_traps(pictures: list[Frame], scores: dict[str, Score], options: argparse.Namespace) -> None:
    """Files that Barracuda computes differently: as an engine beside ONNX Runtime, and as a recording of one."""
    contract = open_stylizer(NETWORKS["strokes"]).contract.to_json()
    with tempfile.TemporaryDirectory() as folder:
        rules = Path(folder) / "contract.json"
        rules.write_text(contract)
        traps = {
            "strides": with_unequal_strides(NETWORKS["strokes"], Path(folder) / "strides.onnx"),
            "resize": with_smooth_resize(NETWORKS["strokes"], Path(folder) / "corners.onnx", "align_corners"),
        }
        half = with_smooth_resize(NETWORKS["strokes"], Path(folder) / "half.onnx", "half_pixel")
        for picture, frame in enumerate(pictures):
            for cause, path in traps.items():
                record(Path(folder) / f"{cause}{picture}.mcap", path, PixelContract.from_json(contract), frame)
                lanes = {"emulated": "barracuda-3.0.1", "recorded": f"recording:{folder}/{cause}{picture}.mcap"}
                lanes |= {"another file": f"onnxruntime={half}"} if cause == "resize" else {}
                for how, lane in lanes.items():
                    row = parity(path, ["onnxruntime", lane], [frame], contract=str(rules)).rows[1]
                    named = row.cause is not None and row.cause.faults == (cause,)
                    words = row.cause.words if row.cause else row.status
                    note(scores[f"{cause} in the network, {how}"], named, f"trap/{picture} {cause}", words, options)


def record(out: Path, model: Path, contract: PixelContract, frame: Frame) -> None:
    """What Barracuda shows for a frame, as a recording of the game would hold it."""
    text = contract.to_json()
    rules = out.with_suffix(".json")
    rules.write_text(text)
    with open_stylizer(model, "barracuda-3.0.1", str(rules)) as stylizer, Writer(out, Details("a test")) as writer:
        writer.write(stylizer(frame), game="unity")


def note(score: Score, named: bool, where: str, words: str, options: argparse.Namespace) -> None:
    """Count, and tell if asked or wrong."""
    score.first += named
    score.missed += not named
    if options.verbose or not named:
        print(f"{'ok  ' if named else 'MISS'} {where}: {words}", file=sys.stderr, flush=True)


if __name__ == "__main__":
    main()
