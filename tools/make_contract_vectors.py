"""Write the pixel contract's test vectors: python tools/make_contract_vectors.py [--check]

Every language that speaks the contract must reproduce these numbers to the last bit: `frame.rgb` (raw bytes, top row
first) becomes `NAME.input.f32` (raw little-endian float32) under `NAME.json`, and `NAME.output.f32` becomes
`NAME.shown.rgb`. `schema.json` is the contract's JSON schema, `index.json` lists the cases and their shapes.
`linear.f32` and `thresholds.*.f32` are the tables of linear light. `refusals.json` lists what must be refused, and the
borders that must not be; it and its `refused.*.f32` and `accepted.*.f32` are written down here by hand.
"""

from __future__ import annotations

import argparse
import itertools
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Literal

import msgspec
import numpy as np
from stylebridge.contract import RANGES, PixelContract, Range, Side
from stylebridge.frame import Frame
from stylebridge.pixelmath import FloatArray, linear_thresholds, srgb_to_linear_table

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
    shapes: dict[str, dict[str, list[int]]] = {}
    for name, contract in cases().items():
        tensor = contract.to_tensor(frame)
        spread = np.float32(1.1) * tensor - np.float32(0.05) * np.abs(tensor).max()  # some values leave the range
        output = spread if contract.clamp else tensor
        files[f"{name}.json"] = as_json(msgspec.to_builtins(contract))
        files[f"{name}.input.f32"] = floats(tensor)
        files[f"{name}.output.f32"] = floats(output)
        files[f"{name}.shown.rgb"] = contract.to_frame(output, frame).color.tobytes()
        shapes[name] = {"shape": list(tensor.shape)}
    files["index.json"] = as_json({"frame": {"height": HEIGHT, "width": WIDTH}, "cases": shapes})
    files["linear.f32"] = floats(srgb_to_linear_table())
    files["thresholds.nearest.f32"] = floats(linear_thresholds("nearest"))
    files["thresholds.floor.f32"] = floats(linear_thresholds("floor"))
    return files | make_refusals()


def cases() -> dict[str, PixelContract]:
    """Every range and colour space, then each further field on its own and all of them together."""
    found = {}
    colors: tuple[Literal["srgb", "linear"], ...] = ("srgb", "linear")
    for name, color in itertools.product(RANGES, colors):
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


def make_refusals() -> dict[str, bytes]:
    files = {}
    cases: dict[str, list[dict[str, Any]]] = {"contracts": [], "outputs": []}
    for name, text, code, says in REFUSED_CONTRACTS:
        cases["contracts"].append({"name": name, "json": text, "code": code, "says": says})
    for name, text, same in ACCEPTED_CONTRACTS:
        cases["contracts"].append({"name": name, "json": text, "code": "", "same_as": same.as_dict()})
    for name, contract, size, tensor, code, says in refused_outputs():
        file = f"refused.{name}.f32"
        files[file] = floats(tensor)
        cases["outputs"].append(output_case(name, file, contract, size, tensor) | {"code": code, "says": says})
    for name, contract, tensor, shown in accepted_outputs():
        file = f"accepted.{name}.f32"
        files[file] = floats(tensor)
        size = (len(shown), len(shown[0]))
        cases["outputs"].append(output_case(name, file, contract, size, tensor) | {"code": "", "shown": shown})
    return files | {"refusals.json": as_json(cases)}


def output_case(name: str, file: str, contract: PixelContract, size: tuple[int, int], tensor: FloatArray) -> Any:
    frame = {"height": size[0], "width": size[1]}
    return {"name": name, "file": file, "shape": list(tensor.shape), "frame": frame, "contract": contract.as_dict()}


def with_range(**fields: object) -> str:
    return json.dumps({"input": {"range": {"peak": 1.0, "mean": [0, 0, 0], "std": [1, 1, 1]} | fields}})


# name, JSON text, code, a part of the message
REFUSED_CONTRACTS = (
    ("nothing", "", "not-json", "truncated"),
    ("cut_short", '{"multiple": 4', "not-json", "truncated"),
    ("trailing_comma", '{"multiple": 4,}', "not-json", "malformed"),
    ("text_after_it", '{"multiple": 4} {}', "not-json", "malformed"),
    (
        "not_a_number",
        '{"input": {"range": {"peak": NaN, "mean": [0, 0, 0], "std": [1, 1, 1]}}}',
        "not-json",
        "malformed",
    ),
    ("a_list", "[]", "bad-value", "`object`"),
    ("a_bare_name", '"unit"', "bad-value", "`object`"),
    ("next_version", '{"version": 2}', "version", "$.version"),
    ("version_as_text", '{"version": "1"}', "version", "$.version"),
    ("version_as_float", '{"version": 1.0}', "version", "$.version"),
    ("british_colour", '{"colour": "srgb"}', "unknown-field", "`colour`"),
    ("capital_letter", '{"Multiple": 4}', "unknown-field", "`Multiple`"),
    ("unknown_in_side", '{"input": {"gamma": 2.2}}', "unknown-field", "`gamma`"),
    ("unknown_in_range", with_range(scale=1.0), "unknown-field", "`scale`"),
    ("multiple_0", '{"multiple": 0}', "bad-multiple", "$.multiple"),
    ("multiple_negative", '{"multiple": -4}', "bad-multiple", "$.multiple"),
    ("multiple_513", '{"multiple": 513}', "bad-multiple", "$.multiple"),
    ("multiple_as_float", '{"multiple": 4.0}', "bad-multiple", "$.multiple"),
    ("unknown_range", '{"input": {"range": "bytes"}}', "bad-range", "$.input.range"),
    ("output_range", '{"output": {"range": "Unit"}}', "bad-range", "$.output.range"),
    ("no_std", '{"input": {"range": {"peak": 1.0, "mean": [0, 0, 0]}}}', "bad-range", "`std`"),
    ("two_means", with_range(mean=[0, 0]), "bad-range", "$.input.range.mean"),
    ("peak_0", with_range(peak=0.0), "bad-range", "$.input.range.peak"),
    ("peak_negative", with_range(peak=-1.0), "bad-range", "$.input.range.peak"),
    ("std_0", with_range(std=[1, 0, 1]), "bad-range", "$.input.range.std"),
    ("peak_beyond_float64", with_range().replace("1.0", "1e999"), "bad-range", "$.input.range.peak"),
    ("peak_beyond_float32", with_range(peak=1e300), "bad-range", "float32"),
    ("peak_is_0_in_float32", with_range(peak=1e-60), "bad-range", "float32"),
    ("peak_without_reciprocal", with_range(peak=1e-37), "bad-range", "float32"),
    ("mean_beyond_float32", with_range(mean=[0, 0, -1e39]), "bad-range", "float32"),
    ("std_is_0_in_float32", with_range(std=[1e-60, 1, 1]), "bad-range", "float32"),
    ("std_without_reciprocal", with_range(std=[1, 1e-39, 1]), "bad-range", "float32"),
    ("number_beyond_float32", with_range(peak=1e10, std=[1, 1, 1e-30]), "bad-range", "float32"),
    ("unknown_fit", '{"fit": "crop"}', "bad-value", "$.fit"),
    ("clamp_as_number", '{"clamp": 1}', "bad-value", "$.clamp"),
    ("null_side", '{"input": null}', "bad-value", "$.input"),
)
# name, JSON text, the contract it is
ACCEPTED_CONTRACTS = (
    ("empty", "{}", PixelContract()),
    ("space_around", ' {"multiple":\t4}\r\n', PixelContract(multiple=4)),
    ("integers_for_numbers", with_range(peak=255), PixelContract(input=Side(range=Range(255.0, (0, 0, 0), (1, 1, 1))))),
    ("escaped_letter", '{"fit": "r\\u0065size"}', PixelContract(fit="resize")),
    ("largest_multiple", '{"multiple": 512}', PixelContract(multiple=512)),
    ("twice_the_same_key", '{"multiple": 2, "multiple": 4}', PixelContract(multiple=4)),
    (
        "twice_the_same_side",  # the last one counts alone; they aren't merged
        '{"input": {"range": "byte"}, "input": {"rows": "bottom"}}',
        PixelContract(input=Side(rows="bottom")),
    ),
)


def refused_outputs() -> Iterator[tuple[str, PixelContract, tuple[int, int], FloatArray, str, str]]:
    """Name, contract, height and width of the frame, the network's output, code, a part of the message."""
    plain, padded = PixelContract(), PixelContract(multiple=4)
    nhwc = PixelContract(output=Side(layout="nhwc"))
    strict, strict_padded = PixelContract(clamp=False), PixelContract(multiple=4, clamp=False)
    yield "nan", plain, (2, 3), grey(1, 3, 2, 3, at=(0, 1, 1, 2), value=np.nan), "not-finite", "1 NaN or infinite"
    yield "infinity", plain, (2, 3), grey(1, 3, 2, 3, value=np.inf), "not-finite", "1 NaN or infinite"
    yield "minus_infinity", strict, (2, 3), grey(1, 3, 2, 3, value=-np.inf), "not-finite", "1 NaN or infinite"
    yield "nan_in_padding", padded, (3, 3), grey(1, 3, 4, 4, at=(0, 0, 3, 3), value=np.nan), "not-finite", "1 NaN"
    opposite = grey(1, 3, 2, 3, value=np.inf)
    opposite[0, 2, 1, 1] = -np.inf
    yield "both_infinities", plain, (2, 3), opposite, "not-finite", "2 NaN or infinite"
    for name, shape in {
        "batch_of_two": (2, 3, 2, 3),
        "empty_batch": (0, 3, 2, 3),
        "no_batch": (3, 2, 3),
        "five_dimensions": (1, 1, 3, 2, 3),
        "one_channel": (1, 1, 2, 3),
        "four_channels": (1, 4, 2, 3),
        "nhwc_for_nchw": (1, 2, 3, 3),
    }.items():
        yield name, plain, (2, 3), np.full(shape, 0.5, dtype=np.float32), "wrong-shape", "expected [1,3,H,W]"
    yield "nchw_for_nhwc", nhwc, (2, 5), grey(1, 3, 2, 5), "wrong-shape", "expected [1,H,W,3]"
    yield "larger", plain, (2, 3), grey(1, 3, 4, 6), "wrong-size", "6x4 for an input of 3x2"
    yield "turned", plain, (2, 3), grey(1, 3, 3, 2), "wrong-size", "2x3 for an input of 3x2"
    yield "not_padded", padded, (3, 3), grey(1, 3, 3, 3), "wrong-size", "3x3 for an input of 4x4"
    yield "nan_and_larger", plain, (2, 3), grey(1, 3, 2, 4, value=np.nan), "wrong-size", "4x2"
    above, below = (float(np.nextafter(np.float32(n), np.float32(2 * n))) for n in (256, -1))
    strict_bytes = PixelContract.of("byte", clamp=False)
    yield "above", strict_bytes, (1, 2), grey(1, 3, 1, 2, value=above), "out-of-range", "clamp=false"
    yield "below", strict_bytes, (1, 2), grey(1, 3, 1, 2, at=(0, 2, 0, 1), value=below), "out-of-range", "clamp=false"
    yield (
        "above_in_padding",
        strict_padded,
        (3, 3),
        grey(1, 3, 4, 4, at=(0, 1, 3, 0), value=1.5),
        "out-of-range",
        "in green",
    )
    yield "infinite_level", strict, (1, 2), grey(1, 3, 1, 2, value=3e38), "out-of-range", "clamp=false"


def accepted_outputs() -> Iterator[tuple[str, PixelContract, FloatArray, list[list[list[int]]]]]:
    """Name, contract, the network's output, the picture as rows of RGB."""
    borders = np.array([[-1, 256], [0.5, 1.5], [254.5, 255.5]], dtype=np.float32).reshape(1, 3, 1, 2)
    yield "borders", PixelContract.of("byte", clamp=False), borders, [[[0, 0, 254], [255, 2, 255]]]
    huge = np.array([[3e38, -3e38], [3e38, 0], [3e38, 1]], dtype=np.float32).reshape(1, 3, 1, 2)
    yield "huge", PixelContract(), huge, [[[255, 255, 255], [0, 0, 255]]]  # sum and levels overflow


def grey(*shape: int, at: tuple[int, ...] = (0, 0, 0, 0), value: float = 0.5) -> FloatArray:
    """All 0.5, with one other value."""
    tensor = np.full(shape, 0.5, dtype=np.float32)
    tensor[at] = value
    return tensor


def floats(numbers: FloatArray) -> bytes:
    return numbers.astype("<f4").tobytes()


def as_json(value: object) -> bytes:
    return (json.dumps(value, indent=1, sort_keys=True) + "\n").encode()


if __name__ == "__main__":
    sys.exit(main())
