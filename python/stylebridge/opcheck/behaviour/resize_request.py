"""A Resize or Upsample as Barracuda's importer reads it, and what it says about attributes that it doesn't use."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from stylebridge.opcheck.account import Account
from stylebridge.opcheck.site import Site

WHOLE = "resize by whole numbers, with nearest + asymmetric + floor or linear + half_pixel"
LINEAR_MODES = ("linear", "bilinear")
# What the importer warns about, on nodes of the form of opset 11 or later, when it isn't this.
_EXPECTED: dict[str, object] = {
    "coordinate_transformation_mode": "half_pixel",
    "nearest_mode": "round_prefer_floor",
    "cubic_coeff_a": -0.75,
    "exclude_outside": 0,
    "extrapolation_value": 0.0,
}


@dataclass(frozen=True)
class Request:
    """The node as the importer reads it."""

    linear: bool
    rank: int
    shape: tuple[int, ...]  # of the input, with usual sizes where they aren't known
    shape_known: bool


def note_options(site: Site, account: Account, request: Request) -> None:
    """Attributes that are warned about or not read at all."""
    node = site.node
    if len(node.inputs) > 2:
        for name, usual in _EXPECTED.items():
            written = node.attr(name, usual)
            if isinstance(written, type(usual)) and written != usual and not np.isclose(*_numbers(written, usual)):
                account.warnings.append(f"{name} {written} is not read, {usual} is meant")
        coordinates = node.attr("coordinate_transformation_mode", "half_pixel")
        if request.linear and coordinates != "half_pixel":
            account.change(f"{coordinates} is computed as half_pixel", "coordinate_transformation_mode")
    elif request.linear:
        account.change("linear resizing takes half-pixel centres, where ONNX says asymmetric", "mode")
    if node.attr("antialias", 0):
        account.change("antialias is not read", "antialias")
    policy = node.attr("keep_aspect_ratio_policy", "stretch")
    if policy != "stretch":
        account.change(f"keep_aspect_ratio_policy {policy} is not read", "keep_aspect_ratio_policy")


def _numbers(written: object, usual: object) -> tuple[float, float]:
    """Two attribute values as numbers; texts that differ are far apart."""
    if isinstance(written, (int, float)) and isinstance(usual, (int, float)):
        return float(np.float32(written)), float(np.float32(usual))
    return 0.0, 1.0


def unread_axes(site: Site, account: Account, rank: int) -> None:
    """The importer doesn't know that axes may be named: it counts on all of them, in order."""
    axes = [int(axis) % rank for axis in site.node.attr("axes", ())]
    if axes and axes != list(range(rank)):
        account.change(f"axes {axes} are not read", "axes")


def means_repetition(site: Site) -> bool:
    """Whether the file asks for what the engine does with whole scales anyway."""
    if len(site.node.inputs) < 3:
        return True
    asked = site.node.attr("coordinate_transformation_mode", "half_pixel"), site.node.attr("nearest_mode", "")
    return asked == ("asymmetric", "floor")
