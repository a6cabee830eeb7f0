"""One picture each as a careless engine would show it; none of this uses the code that looks for causes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F
from numpy.typing import NDArray
from stylebridge.contract import PixelContract
from stylebridge.frame import Frame

Numbers = NDArray[np.float64]
Run = Callable[[NDArray[np.float32]], NDArray[np.float32]]

# name -> (numbers of a unit value, unit value of numbers)
SCALES: dict[str, tuple[Callable[[Numbers], Numbers], Callable[[Numbers], Numbers]]] = {
    "unit": (lambda u: u, lambda n: n),
    "byte": (lambda u: u * 255, lambda n: n / 255),
    "signed": (lambda u: u * 2 - 1, lambda n: (n + 1) / 2),
    "imagenet": (lambda u: (u - _MEAN) / _STD, lambda n: n * _STD + _MEAN),
}
_MEAN, _STD = np.array([0.485, 0.456, 0.406]), np.array([0.229, 0.224, 0.225])


@dataclass(frozen=True)
class Wrong:
    """What a careless engine does at one end."""

    bgr: bool = False
    rows: bool = False
    columns: bool = False
    linear: bool = False
    scale: str = ""
    corners: bool = False
    clamped: bool = False  # numbers go through a texture that holds [0,1] alone


@dataclass(frozen=True)
class Seed:
    """A fault, the cause that must be named, and where it lies."""

    name: str
    causes: frozenset[str]
    given: Wrong = field(default_factory=Wrong)
    shown: Wrong = field(default_factory=Wrong)


KINDS: dict[str, dict[str, Any]] = {
    "channels": {"bgr": True},
    "rows": {"rows": True},
    "columns": {"columns": True},
    "gamma": {"linear": True},
    "range": {"scale": "other"},
    "imagenet": {"scale": "imagenet"},
    "clamped": {"clamped": True},
    "resize": {"corners": True},
}
CAUSES = {"imagenet": "range"}  # of kinds that go by another name


def single_seeds() -> list[Seed]:
    """Each kind of fault at the input, at the output, and at both ends."""
    seeds = []
    for kind, fields in KINDS.items():
        for end in ("input", "output", "both ends"):
            given, shown = (
                Wrong(**fields) if end != "output" else Wrong(),
                Wrong(**fields) if end != "input" else Wrong(),
            )
            seeds.append(Seed(f"{kind} {end}", frozenset({CAUSES.get(kind, kind)}), given, shown))
    return seeds


def double_seeds() -> list[Seed]:
    """Two kinds at once, as they meet in practice."""
    pairs = [("channels", "rows"), ("channels", "range"), ("rows", "gamma"), ("channels", "gamma"), ("rows", "range")]
    pairs += [("rows", "columns"), ("gamma", "range"), ("columns", "channels")]
    seeds = []
    for a, b in pairs:
        both = Wrong(**KINDS[a], **KINDS[b])
        seeds.append(Seed(f"{a} + {b} at both ends", frozenset({a, b}), both, both))
        seeds.append(
            Seed(f"{a} at both ends + {b} at the output", frozenset({a, b}), Wrong(**KINDS[a]), both),
        )
    return seeds


def show(run: Run, contract: PixelContract, frame: Frame, seed: Seed) -> NDArray[np.uint8]:
    """The picture under a seeded fault; the contract must be RGB, sRGB, top row first, and a plain range."""
    height, width = frame.height, frame.width
    unit = frame.rgb.astype(np.float64) / 255
    unit = unit[::-1] if seed.given.rows else unit
    unit = unit[:, ::-1] if seed.given.columns else unit
    unit = unit[:, :, ::-1] if seed.given.bgr else unit
    unit = _to_light(unit) if seed.given.linear else unit
    fitted = contract.fitted_size(height, width)
    unit = _fitted(unit, fitted, contract.fit, corners=seed.given.corners)
    numbers = SCALES[_scale(contract.input.range, seed.given)][0](unit)
    numbers = np.clip(numbers, 0, 1) if seed.given.clamped else numbers
    made = run(np.ascontiguousarray(numbers.transpose(2, 0, 1)[None], dtype=np.float32))
    numbers = made[0].transpose(1, 2, 0).astype(np.float64)
    numbers = np.clip(numbers, 0, 1) if seed.shown.clamped else numbers
    levels = SCALES[_scale(contract.output.range, seed.shown)][1](numbers)
    levels = np.clip(levels, 0, 1)
    if contract.fit == "resize":
        levels = _fitted(levels, (height, width), "resize", corners=seed.shown.corners)
    levels = levels[:height, :width]
    levels = _from_light(levels) if seed.shown.linear else levels
    levels = levels[:, :, ::-1] if seed.shown.bgr else levels
    levels = levels[:, ::-1] if seed.shown.columns else levels
    levels = levels[::-1] if seed.shown.rows else levels
    return np.ascontiguousarray(
        np.floor(levels * 255) if contract.rounding == "floor" else np.rint(levels * 255)
    ).astype(np.uint8)


def _scale(meant: Any, wrong: Wrong) -> str:
    """What is asked for; "other" is [-1,1] for [0,1] and [0,255], and [0,1] for [-1,1]."""
    if wrong.scale != "other":
        return wrong.scale or str(meant)
    return "unit" if meant == "signed" else "signed"


def _to_light(unit: Numbers) -> Numbers:
    return np.where(unit <= 0.04045, unit / 12.92, ((unit + 0.055) / 1.055) ** 2.4)


def _from_light(light: Numbers) -> Numbers:
    return np.where(light <= 0.0031308, light * 12.92, 1.055 * light ** (1 / 2.4) - 0.055)


def _fitted(unit: Numbers, size: tuple[int, int], fit: str, *, corners: bool) -> Numbers:
    """To this height and width: torch's own resizing, or the last row and column repeated."""
    if unit.shape[:2] == size:
        return unit
    if fit == "pad":
        edge = ((0, size[0] - unit.shape[0]), (0, size[1] - unit.shape[1]), (0, 0))
        return np.pad(unit, edge, mode="edge")
    tensor = torch.from_numpy(np.ascontiguousarray(unit.transpose(2, 0, 1)[None]))
    resized = F.interpolate(tensor, size, mode="bilinear", align_corners=corners)
    return np.asarray(resized[0].permute(1, 2, 0).numpy())
