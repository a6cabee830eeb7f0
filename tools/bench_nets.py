"""Milliseconds per frame of each network, torch and ONNX Runtime in turn: python tools/bench_nets.py [--nets few-shot]

One JSON line per network, size and engine; `ratio` is to torch in the same rounds. The weights are random: they don't
change the speed. A network runs at least `--runs` rounds and at least `--seconds` in each engine.
"""

from __future__ import annotations

import argparse
import json
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

os.environ.setdefault("GOMP_SPINCOUNT", "1000")  # as the command line does

import numpy as np
import torch
from stylebridge.contract import PixelContract
from stylebridge.engines import open_engine
from stylebridge.engines.timing import time_alternating
from stylebridge.export import Size, export
from stylebridge.nets.checkpoint import load_network, save_network
from stylebridge.nets.registry import NetSpec, build, parameter_count
from stylebridge.targets import find_target

NETS = {
    "johnson 32-64-128": NetSpec("transformer", {"widths": [32, 64, 128]}),
    "johnson 16-32-64": NetSpec("transformer", {"widths": [16, 32, 64]}),
    "johnson 8-16-32": NetSpec("transformer", {"widths": [8, 16, 32]}),
    "few-shot": NetSpec("fewshot"),
    "few-shot shrunk": NetSpec("fewshot", {"blocks": 3, "filters": [16, 32, 32, 32, 32, 16]}),
    "reconet": NetSpec("reconet"),
}
SIZES = {"720x540": Size(540, 720), "1280x720": Size(720, 1280)}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--nets", nargs="*", default=list(NETS), choices=list(NETS))
    parser.add_argument("--seconds", type=float, default=2.0)
    parser.add_argument("--threads", type=int, default=os.cpu_count())
    parser.add_argument("--quick", action="store_true", help="the small networks at the small size, two rounds")
    options = parser.parse_args()
    if options.quick:
        options.runs, options.seconds = 2, 0.0
    for name, spec in ((name, NETS[name]) for name in options.nets):
        for size_name, size in SIZES.items():
            if options.quick and (size_name != "720x540" or name not in ("johnson 8-16-32", "few-shot shrunk")):
                continue
            for figure in measure(spec, size, options):
                print(json.dumps({"bench": "nets", "net": name, "size": size_name, **figure}), flush=True)


def measure(spec: NetSpec, size: Size, options: argparse.Namespace) -> Iterator[dict[str, object]]:
    with tempfile.TemporaryDirectory() as folder:
        checkpoint, onnx = Path(folder, "net.pt"), Path(folder, "net.onnx")
        torch.manual_seed(0)
        network = build(spec)
        save_network(checkpoint, network, spec)
        pixels = PixelContract.of("byte", multiple=4)
        export(load_network(checkpoint), pixels, onnx, find_target("onnxruntime"), size=size)
        image = np.random.default_rng(0).random((1, 3, size.height, size.width), dtype=np.float32)
        engines = {
            "torch": open_engine("torch", checkpoint, threads=options.threads),
            "onnxruntime": open_engine("onnxruntime", onnx, threads=options.threads),
        }
        inputs = {name: {engine.inputs[0].name: image} for name, engine in engines.items()}
        speed = time_alternating(engines, inputs, runs=options.runs, warm_up=1, min_seconds=options.seconds)
        for name, timing in speed.items():
            yield {
                "engine": name,
                "median_ms": round(timing.median_ms, 1),
                "p10_ms": round(timing.p10_ms, 1),
                "p90_ms": round(timing.p90_ms, 1),
                "ratio": round(timing.ratio, 3),
                "rounds": timing.runs,
                "threads": options.threads,
                "parameters": parameter_count(network),
            }
        for engine in engines.values():
            engine.close()


if __name__ == "__main__":
    main()
