"""Capture, measured: python tools/bench_capture.py [--quick] [--only kills rate scene pack flow]

kills: a lossless game streams to `stylebridge capture`, which is killed at random moments and started again with
--resume; it fails when a frame is lost or comes twice, or when a file that was left behind can't be repaired.
rate: how fast a game's frames (640x360, every plane) are recorded, against a collector that only counts them, and what
is dropped when the game goes on at 30 frames per second whatever happens. scene: the embedded game recorded, packed at
once and with --fast, against drawn for nobody. pack: processor time of a frame, by the way of storing it. flow:
estimated motion on a Sintel pair. One JSON line per figure.
"""

from __future__ import annotations

import argparse
import sys

from capturebench.flow import measure_flow
from capturebench.game import Unsafe
from capturebench.kills import measure_kills
from capturebench.packing import measure_packing
from capturebench.rate import measure_rate, measure_scene, play

FIGURES = ("kills", "rate", "scene", "pack", "flow")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="fewer kills and rounds")
    parser.add_argument("--only", choices=FIGURES, nargs="+", default=FIGURES)
    options = parser.parse_args()
    quick = options.quick
    try:
        if "kills" in options.only:
            measure_kills(5 if quick else 50)
        if "rate" in options.only:
            measure_rate(1 if quick else 3, 150 if quick else 400)
        if "scene" in options.only:
            measure_scene(1 if quick else 3, 100 if quick else 300)
        if "pack" in options.only:
            measure_packing(5 if quick else 15)
        if "flow" in options.only:
            measure_flow(3 if quick else 9)
    except Unsafe as error:
        raise SystemExit(f"bench_capture: {error}") from error


if __name__ == "__main__":
    if sys.argv[1:2] == ["--play"]:
        play(int(sys.argv[2]), int(sys.argv[3]), float(sys.argv[4]))
    else:
        main()
