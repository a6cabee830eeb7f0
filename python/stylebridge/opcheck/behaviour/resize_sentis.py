"""What Sentis and Inference Engine make of Resize and Upsample: all but cubic, with single-precision coordinates."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import onnx

from stylebridge.opcheck.account import Account
from stylebridge.opcheck.behaviour.resampling import Blend, blend_axes, gather_axes, is_untouched, resize
from stylebridge.opcheck.graph import Array
from stylebridge.opcheck.site import Site
from stylebridge.opcheck.trial import usual_shape

COORDINATES = ("half_pixel", "pytorch_half_pixel", "align_corners", "asymmetric")
ROUNDINGS = ("round_prefer_floor", "round_prefer_ceil", "floor", "ceil")
EXACT = "use nearest + asymmetric + floor with whole scales, or linear"
_ONE = np.float32(1)
_HALF = np.float32(0.5)


@dataclass(frozen=True)
class Way:
    """How the node resamples, as the engine reads it."""

    linear: bool
    coordinates: str
    rounding: str


@dataclass(frozen=True)
class Target:
    """Where scales or sizes come from: the input that holds them, or numbers in an attribute."""

    numbers: Array | None  # None where only a run tells
    are_sizes: bool
    axes: tuple[int, ...] | None


def resize_or_upsample(site: Site) -> None:
    """Resize and Upsample in every release."""
    if site.draft.dtype(site.node.input(0)) == onnx.TensorProto.INT32:
        site.throws("whole numbers can't be resized", "cast to float before it")
        return
    account = Account()
    way = _way(site, account)
    target = _target(site)
    if target is None:
        return
    _without_unread(site, way)
    shape = site.shape(0)
    if target.numbers is not None and shape is not None:
        _known(site, account, way, target, target.numbers, shape)
    if not site.findings:
        account.settle(site, EXACT)


# What the importer reads


def _way(site: Site, account: Account) -> Way:
    mode = str(site.node.attr("mode", "nearest"))
    linear = mode == "linear" or (mode == "bilinear" and site.node.op == "Upsample")
    if not linear and mode != "nearest":
        account.change(f"mode {mode} is computed as nearest", "mode", warned=True)
    if site.node.op == "Upsample":
        return Way(linear, "asymmetric", "floor")
    tenth = site.graph.opset < 11 if site.since("2.4.0") else len(site.node.inputs) == 2
    _unread(site, account, tenth=tenth)
    if tenth and site.since("1.3.0"):
        return Way(linear, "asymmetric", "floor")
    if tenth and linear:
        account.change("linear resizing takes half-pixel centres, where ONNX says asymmetric", "mode")
    coordinates = str(site.node.attr("coordinate_transformation_mode", "half_pixel"))
    if coordinates not in COORDINATES:
        name = "coordinate_transformation_mode"
        account.change(f"{name} {coordinates} is computed as half_pixel", name, warned=True)
        coordinates = "half_pixel"
    rounding = str(site.node.attr("nearest_mode", "round_prefer_floor"))
    if rounding not in ROUNDINGS:
        account.change(f"nearest_mode {rounding} is computed as round_prefer_floor", "nearest_mode", warned=True)
        rounding = "round_prefer_floor"
    return Way(linear, coordinates, rounding)


def _unread(site: Site, account: Account, *, tenth: bool) -> None:
    """Attributes that no release computes with; some are warned about, the newest release does so at any value."""
    node = site.node
    if site.since("2.4.0"):
        names = ("cubic_coeff_a", "exclude_outside", "extrapolation_value")
        spoken = [name for name in names if node.has(name) and not tenth]
    else:
        spoken = ["exclude_outside"] if node.attr("exclude_outside", 0) != 0 else []
        spoken += ["cubic_coeff_a"] if np.float32(node.attr("cubic_coeff_a", -0.75)) != np.float32(-0.75) else []
    account.warnings += [f"{name} is not read" for name in spoken]
    if node.attr("antialias", 0):
        account.change("antialias is not read", "antialias")
    policy = node.attr("keep_aspect_ratio_policy", "stretch")
    if policy != "stretch":
        account.change(f"keep_aspect_ratio_policy {policy} is not read", "keep_aspect_ratio_policy")


def _target(site: Site) -> Target | None:
    """The scales or sizes; None when the import fails over them."""
    node, count = site.node, len(site.node.inputs)
    axes = tuple(node.attr("axes", ())) or None
    if node.op == "Upsample" and count < 2:
        if not node.has("scales"):
            site.rejects("an Upsample without scales", "export it with opset 9 or later", "scales")
            return None
        return Target(np.asarray(node.attr("scales"), np.float32), False, None)
    are_sizes = count == 4 and bool(node.input(3))
    index = 3 if are_sizes else min(2, count - 1)
    if not node.input(index) or (count == 4 and not are_sizes and not site.since("2.4.0")):
        site.rejects("its fourth input, sizes, is left empty", "leave it away, or give sizes", "sizes")
        return None
    numbers = site.value(index)
    rank = site.rank(0)
    if numbers is not None and rank is not None and (axes is None or not site.since("1.4.0")) and numbers.size != rank:
        why = f"{numbers.size} {'sizes' if are_sizes else 'scales'} for {rank} axes"
        site.rejects(why, "give one for each axis and no axes attribute", "axes" if axes else "")
        return None
    return Target(numbers, are_sizes, axes if site.since("1.4.0") else None)


def _without_unread(site: Site, way: Way) -> None:
    """Let the one node of the emulation ask for what the engine does, as far as attributes can say it."""
    site.set(
        mode="linear" if way.linear else "nearest",
        coordinate_transformation_mode=way.coordinates,
        nearest_mode=way.rounding,
        antialias=None,
        keep_aspect_ratio_policy=None,
        cubic_coeff_a=None,
        exclude_outside=None,
        extrapolation_value=None,
    )


# What it computes


def _known(
    site: Site, account: Account, way: Way, target: Target, numbers: Array, shape: tuple[int | None, ...]
) -> None:
    """Scales or sizes are known, and so is at least the rank."""
    sizes = list(shape)
    if target.are_sizes and target.axes is None:
        sizes[:2] = [int(numbers.reshape(-1)[i]) if d is None else d for i, d in enumerate(shape[:2])]
    full = usual_shape(sizes)
    scales = _scales(site, account, target, numbers, full)
    if scales is None:
        return
    made = [int(np.floor(np.float32(size) * scale)) for size, scale in zip(full, scales, strict=True)]
    if 0 in made:
        site.throws(f"a scale of {scales[made.index(0)]:.3g} leaves nothing of {full[made.index(0)]} elements", EXACT)
        return
    if target.are_sizes and made != _wanted(target, numbers, full):
        account.change(f"single precision makes {made} of the sizes {_wanted(target, numbers, full)}", "sizes")
    lasting = site.nodes
    if _repeats(way, scales):
        if (way.coordinates, way.rounding) != ("asymmetric", "floor"):
            account.change("whole scales repeat pixels, whatever the coordinates", "coordinate_transformation_mode")
        resize(site, mode="nearest", coordinates="asymmetric", scales=scales)
        return
    if way.linear and _plain_linear(scales):
        resize(site, mode="linear", coordinates=way.coordinates, scales=scales)
        return
    if way.linear:
        blend_axes(site, {a: _blend(full[a], made[a], scales[a], way) for a in _scaled(scales)}, len(full))
    else:
        account.change("coordinates in single precision pick other neighbours at the ties", "nearest_mode")
        picked = {axis: _nearest(full[axis], made[axis], scales[axis], way) for axis in _scaled(scales)}
        gather_axes(site, {axis: i for axis, i in picked.items() if not is_untouched(i, full[axis])})
    if None in shape:
        account.lasting = lambda: setattr(site, "nodes", lasting)


def _scales(
    site: Site, account: Account, target: Target, numbers: Array, full: tuple[int, ...]
) -> list[np.float32] | None:
    """One scale for each axis, the way the engine comes to it."""
    given = numbers.reshape(-1)
    if target.axes is not None and not target.are_sizes:
        return _misplaced(site, account, given, target.axes, len(full))
    scales = [_ONE] * len(full)
    for axis, number in zip(target.axes or range(len(full)), given, strict=False):
        scales[axis] = np.float32(number) / np.float32(full[axis]) if target.are_sizes else np.float32(number)
    return scales


def _misplaced(site: Site, account: Account, given: Array, axes: Sequence[int], rank: int) -> list[np.float32] | None:
    """Scales that come with axes are applied to the first axes instead."""
    scales = [np.float32(number) for number in given]
    if [axis % rank for axis in axes] != list(range(len(scales))):
        account.change(f"the scales for axes {list(axes)} are applied to the first {len(scales)} axes", "axes")
    if 3 <= rank <= 5 and len(scales) < rank and all(scale == 1 for scale in scales[:2]):
        site.throws(f"{len(scales)} scales for {rank} axes", "give one for each axis and no axes attribute", "axes")
        return None
    return scales + [_ONE] * (rank - len(scales))


def _wanted(target: Target, numbers: Array, full: tuple[int, ...]) -> list[int]:
    wanted = list(full)
    for axis, number in zip(target.axes or range(len(full)), numbers.reshape(-1), strict=False):
        wanted[axis] = int(number)
    return wanted


def _repeats(way: Way, scales: Sequence[np.float32]) -> bool:
    """Whether the short cut for pictures is taken, which repeats pixels whatever the coordinates say."""
    if way.linear or len(scales) != 4 or any(scale != 1 for scale in scales[:2]):
        return False
    rounding = ("floor",) if way.coordinates == "asymmetric" else ROUNDINGS[:2]
    return way.rounding in rounding and all(scale == np.floor(scale) for scale in scales[2:])


def _plain_linear(scales: Sequence[np.float32]) -> bool:
    """Whether ONNX Runtime interpolates with these scales too."""
    return len(scales) == 2 or (len(scales) in (4, 5) and all(scale == 1 for scale in scales[:2]))


def _scaled(scales: Sequence[np.float32]) -> list[int]:
    return [axis for axis, scale in enumerate(scales) if scale != 1]


def _coordinates(size: int, made: int, scale: np.float32, way: Way) -> Array:
    """The source coordinate of every output element, in single precision."""
    half = way.coordinates in COORDINATES[:2]
    bias = _HALF / scale - _HALF if half else np.float32(0)
    step = _ONE / scale
    if way.coordinates == "align_corners":
        step = np.float32(size - 1) / np.float32(made - 1) if made > 1 else np.float32(0)
    if way.coordinates in COORDINATES[1:3] and made <= 1:
        step, bias = np.float32(0), np.float32(0)
    if not way.linear and way.rounding in ROUNDINGS[:2]:
        bias = bias + (_HALF if way.rounding == "round_prefer_ceil" else -_HALF)
    return np.asarray(np.maximum(np.float32(0), np.arange(made, dtype=np.float32) * step + np.float32(bias)))


def _nearest(size: int, made: int, scale: np.float32, way: Way) -> Array:
    source = _coordinates(size, made, scale, way)
    rounded = np.floor(source) if way.rounding in ("round_prefer_ceil", "floor") else np.ceil(source)
    return np.asarray(np.clip(rounded.astype(np.int64), 0, size - 1))


def _blend(size: int, made: int, scale: np.float32, way: Way) -> Blend:
    source = _coordinates(size, made, scale, way)
    low = np.clip(source.astype(np.int64), 0, size - 1)
    return Blend(low, np.minimum(low + 1, size - 1), source - np.floor(source))
