"""Write the pixel contract's test vectors: python tools/make_contract_vectors.py [--check]

Every language that speaks the contract must reproduce these numbers to the last bit: `frame.rgb` (raw bytes, top row
first) becomes `NAME.input.f32` (raw little-endian float32) under `NAME.json`, and `NAME.output.f32` becomes
`NAME.shown.rgb`. `schema.json` is the contract's JSON schema, `index.json` lists the cases and their shapes.
"""

from __future__ import annotations

import argparse
import itertools
import json
import sys
from pathlib import Path

import msgspec
import numpy as np
from stylebridge.contract import RANGES, PixelContract, Range, Side
from stylebridge.frame import Frame

FOLDER = Path(__file__).resolve().parent.parent / "tests" / "vectors" / "contract"
HEIGHT, WIDTH = 11, 17  # odd on purpose: both fits have work to do


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="fail when the files on disk are stale")
    files = make_files()
    if not parser.parse_args().check:
        FOLDER.mkdir(parents=True, exist_ok=True)
        for name, content in files.items():
            (FOLDER / name).write_bytes(content)
        return 0
    present = {path.name for path in FOLDER.iterdir() if path.suffix != ".md"} if FOLDER.is_dir() else set()
    stale = [n for n, c in files.items() if n not in present or (FOLDER / n).read_bytes() != c]
    stale += sorted(present - set(files))
    if stale:
        print(f"stale contract vectors: {', '.join(stale[:5])} … run: make vectors", file=sys.stderr)
    return 1 if stale else 0


def make_files() -> dict[str, bytes]:
    random = np.random.default_rng(11)
    color = random.integers(0, 256, (HEIGHT, WIDTH, 3), dtype=np.uint8)
    color.reshape(-1)[:256] = np.arange(256)  # every byte occurs
    frame = Frame(color=color)
    files = {"frame.rgb": color.tobytes(), "schema.json": as_json(msgspec.json.schema(PixelContract))}
    index = {"frame": {"height": HEIGHT, "width": WIDTH}, "cases": {}}
    for name, contract in cases().items():
        tensor = contract.to_tensor(frame)
        spread = np.float32(1.1) * tensor - np.float32(0.05) * np.abs(tensor).max()  # some values leave the range
        output = spread if contract.clamp else tensor
        files[f"{name}.json"] = as_json(msgspec.to_builtins(contract))
        files[f"{name}.input.f32"] = tensor.astype("<f4").tobytes()
        files[f"{name}.output.f32"] = output.astype("<f4").tobytes()
        files[f"{name}.shown.rgb"] = contract.to_frame(output, frame).color.tobytes()
        index["cases"][name] = {"shape": list(tensor.shape)}
    files["index.json"] = as_json(index)
    return files


def cases() -> dict[str, PixelContract]:
    """Every range and colour space, then each further field on its own and all of them together."""
    found = {}
    for name, color in itertools.product(RANGES, ("srgb", "linear")):
        side = Side(range=name, color=color)
        found[f"{name}_{color}"] = PixelContract(input=side, output=side)
    caffe = Side(range=Range(255.0, (123.68, 116.779, 103.939), (1.0, 1.0, 1.0)), channels="bgr")
    every = Side(range="imagenet", channels="bgr", layout="nhwc", rows="bottom", color="linear")
    found |= {
        "bgr": PixelContract.of("byte", channels="bgr"),
        "nhwc": PixelContract(input=Side(layout="nhwc"), output=Side(layout="nhwc")),
        "bottom": PixelContract(input=Side(rows="bottom"), output=Side(rows="bottom")),
        "pad4": PixelContract.of("signed", multiple=4),
        "resize8": PixelContract.of("unit", multiple=8, fit="resize"),
        "floor": PixelContract.of("byte", rounding="floor"),
        "floor_linear": PixelContract(output=Side(color="linear"), rounding="floor"),
        "no_clamp": PixelContract.of("signed", clamp=False),
        "two_sides": PixelContract(input=Side(range="byte"), output=Side(range="signed", channels="bgr")),
        "custom_range": PixelContract(input=caffe, output=caffe),
        "everything": PixelContract(input=every, output=every, multiple=4, fit="resize", rounding="floor"),
        "everything_padded": PixelContract(input=every, output=every, multiple=4),
    }
    return found


def as_json(value: object) -> bytes:
    return (json.dumps(value, indent=1, sort_keys=True) + "\n").encode()


if __name__ == "__main__":
    sys.exit(main())
