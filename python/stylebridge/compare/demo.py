"""The demo: the embedded game recorded, and the shipped style on it in PyTorch and in ONNX Runtime, side by side."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np

from stylebridge.assets import SHIPPED_PLAY
from stylebridge.compare.page import Table, View, write_page
from stylebridge.compare.quality import Difference, difference
from stylebridge.engines.stylizer import Stylizer, open_stylizer
from stylebridge.engines.timing import Timing, time_alternating
from stylebridge.errors import InputError
from stylebridge.files import write_bytes
from stylebridge.frame import ColorPlane, Frame
from stylebridge.recording import Details, Writer
from stylebridge.recording.exporters.pictures import picture_from_plane, scales_from_frames
from stylebridge.sources import open_source

ENGINES = {"PyTorch": "torch", "ONNX Runtime": "onnxruntime"}
DIFFERENCE_GAIN = 64
PLAY = "scene:plaza?mode=gl&hour=11&every=3&planes=color+depth+motion+occlusion"
Rows = tuple[Sequence[str], Sequence[Sequence[object]]]  # headings, and the rows below them
Progress = Callable[[str, int, int], None]


@dataclass(frozen=True)
class DemoReport:
    """What the demo measured."""

    frames: int
    size: str
    raw_max_levels: float  # the networks' numbers before they become bytes, on a 0–255 scale
    shown: Difference  # the pictures
    speed: dict[str, Timing]

    def as_json(self) -> dict[str, Any]:
        """Plain values for --json."""
        return {
            "frames": self.frames,
            "size": self.size,
            "parity": {"raw_max_levels": self.raw_max_levels, **self.shown.as_json()},
            "speed": {name: timing.as_json() for name, timing in self.speed.items()},
        }


def record_play(path: Path, frames: int, progress: Progress) -> str:
    """Play the embedded game into a recording; where it can't be drawn, take the one that ships. Says which."""
    try:
        source = open_source(PLAY)
    except (InputError, ModuleNotFoundError) as error:
        write_bytes(path, SHIPPED_PLAY.read_bytes())
        return f"the recording that ships with the package, because the game can't be drawn here ({error})"
    with source, Writer(path, Details(PLAY, seed=source.seed), force=True) as writer:
        for index, frame in enumerate(islice(source, frames)):
            progress("playing", index, frames)
            writer.write(frame, game="plaza")
    progress("playing", frames, frames)
    return PLAY


def run_demo(checkpoint: Path, onnx: Path, frames: Sequence[Frame], page: Path, progress: Progress) -> DemoReport:
    """Stylise the frames in both engines, compare, time, and write the page."""
    paths = {"torch": checkpoint, "onnxruntime": onnx}
    stylizers = {title: open_stylizer(paths[name], name) for title, name in ENGINES.items()}
    try:
        shown, raw = _stylise(stylizers, frames, progress)
        first = next(iter(stylizers.values()))
        tensor = first.contract.to_tensor(frames[0])
        progress("timing", 0, 1)
        engines = {title: stylizer.engine for title, stylizer in stylizers.items()}
        inputs = {title: {s.engine.inputs[0].name: tensor} for title, s in stylizers.items()}
        speed = time_alternating(engines, inputs, runs=12, warm_up=2)
        progress("timing", 1, 1)
    finally:
        for stylizer in stylizers.values():
            stylizer.engine.close()
    both = [np.stack(pictures) for pictures in shown.values()]
    report = DemoReport(
        frames=len(frames),
        size=f"{frames[0].width}x{frames[0].height}",
        raw_max_levels=raw,
        shown=difference(both[0], both[1]),
        speed=speed,
    )
    _write(page, frames, shown, report, first, onnx)
    return report


def _stylise(
    stylizers: dict[str, Stylizer], frames: Sequence[Frame], progress: Progress
) -> tuple[dict[str, list[ColorPlane]], float]:
    """Every frame in every engine, and the largest raw difference from the first engine."""
    shown: dict[str, list[ColorPlane]] = {title: [] for title in stylizers}
    apart = 0.0
    for index, frame in enumerate(frames):
        progress("stylising", index, len(frames))
        raw = {}
        for title, stylizer in stylizers.items():
            raw[title] = stylizer.infer(stylizer.contract.to_tensor(frame))
            shown[title].append(stylizer.contract.to_frame(raw[title], frame).rgb)
        first, *others = raw.values()
        numbers = next(iter(stylizers.values())).contract.output.numbers
        to_levels = 255 / numbers.peak * max(numbers.std)
        apart = max(apart, *(float(np.abs(first - other).max()) * to_levels for other in others))
    progress("stylising", len(frames), len(frames))
    return shown, round(apart, 6)


def _write(
    page: Path,
    frames: Sequence[Frame],
    shown: dict[str, list[ColorPlane]],
    report: DemoReport,
    stylizer: Stylizer,
    onnx: Path,
) -> None:
    one, two = shown.values()
    apart = [_heat(a, b) for a, b in zip(one, two, strict=True)]
    views = [View("Game", [frame.rgb for frame in frames])]
    views += [View(title, pictures) for title, pictures in shown.items()]
    views += [View(f"Difference ×{DIFFERENCE_GAIN}", apart)]
    scales = scales_from_frames(frames)
    for title, plane in (("Depth", "depth"), ("Motion", "motion")):
        pictures = [picture_from_plane(frame, plane, scales) for frame in frames]
        if all(picture is not None for picture in pictures):
            views.append(View(title, [picture for picture in pictures if picture is not None]))
    tables = [
        Table("Do the engines agree?", *parity_table(report)),
        Table("How fast?", *speed_table(report), text="The network alone, runs alternated, this machine."),
        Table("The model", ("", ""), [("file", onnx.name), ("contract", stylizer.contract)]),
    ]
    write_page(page, "A style in the game", f"{report.frames} frames of {report.size}", views, tables)


def parity_table(report: DemoReport) -> Rows:
    """PyTorch against ONNX Runtime: the raw numbers, and the pictures made of them."""
    psnr = "equal" if report.shown.psnr_db == float("inf") else f"{report.shown.psnr_db:.1f} dB"
    rows = [
        ("network output, before rounding", f"{report.raw_max_levels:.6f}", "", ""),
        ("pictures", f"{report.shown.max_levels:.0f}", f"{report.shown.mean_levels:.6f}", psnr),
    ]
    return ("PyTorch against ONNX Runtime", "max |d| of 255", "mean |d|", "PSNR"), rows


def speed_table(report: DemoReport) -> Rows:
    """Milliseconds and frames per second for each engine."""
    rows = [
        (title, f"{t.median_ms:.1f}", f"{t.p90_ms:.1f}", f"{1000 / t.median_ms:.1f}")
        for title, t in report.speed.items()
    ]
    return (f"engine at {report.size}", "median ms", "p90 ms", "frames/s"), rows


def _heat(a: ColorPlane, b: ColorPlane) -> ColorPlane:
    apart = np.abs(a.astype(np.int16) - b).max(axis=2, keepdims=True) * DIFFERENCE_GAIN
    return np.repeat(np.clip(apart, 0, 255).astype(np.uint8), 3, axis=2)
