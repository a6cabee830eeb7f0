"""Whether two files store the same weights, whatever they are called there."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from stylebridge.compare.diagnosis.lanes import CHECKPOINTS
from stylebridge.errors import StylebridgeError

Numbers = NDArray[Any]

MIN_WEIGHT = 8  # numbers in a tensor that is worth comparing
ROUNDED = 1e-3  # of a number: twice what half precision takes away
SMALLEST = 1e-7  # what half precision can't tell from zero
FOLDED = "same but for a scale of each channel, as batch norms leave that are folded in,"


def compare_weights(a: Path, b: Path) -> str:
    """ "same …" or "other: …", by the stored numbers; empty where the files store them too differently to tell."""
    ones, others = _weights(a), _weights(b)
    if not ones or not others:
        return ""
    fewer, more = sorted((ones, others), key=len)
    lone = _without_partner(fewer, more, _is_equal)
    if not lone:
        return "same"
    shapes, other_shapes = ({array.shape for array in arrays} for arrays in (ones, others))
    if len(shapes & other_shapes) < len(shapes | other_shapes) / 2:
        return ""  # quantised, or another network: numbers of other shapes
    filters = [array for array in fewer if array.ndim > 1]
    # What holds batch norms stores more than what has them folded in.
    if len(fewer) < len(more) and filters and not _without_partner(filters, more, _is_scaled):
        return FOLDED
    return f"other: {len(lone)} of {len(fewer)} stored tensors differ"


def _without_partner(
    arrays: Sequence[Numbers], others: Sequence[Numbers], alike: Callable[[Numbers, Numbers], bool]
) -> list[Numbers]:
    """Those that none of the others is like; each of the others is taken once."""
    left: dict[tuple[int, ...], list[Numbers]] = {}
    for other in others:
        left.setdefault(other.shape, []).append(other)
    lone = []
    for array in arrays:
        candidates = left.get(array.shape, [])
        index = next((i for i, other in enumerate(candidates) if alike(array, other)), None)
        if index is None:
            lone.append(array)
        else:
            del candidates[index]
    return lone


def _is_equal(one: Numbers, other: Numbers) -> bool:
    return bool(np.allclose(one, other, rtol=ROUNDED, atol=SMALLEST))


def _is_scaled(one: Numbers, other: Numbers) -> bool:
    """Whether each channel is a multiple of the other's: along the first axis, a transposed convolution's second."""
    return any(_is_multiple(*(np.moveaxis(each, axis, 0) for each in (one, other))) for axis in (0, 1))


def _is_multiple(one: Numbers, other: Numbers) -> bool:
    rows, other_rows = (each.reshape(len(each), -1).astype(np.float64) for each in (one, other))
    scale = (rows * other_rows).sum(axis=1) / np.maximum((other_rows**2).sum(axis=1), SMALLEST**2)
    if np.allclose(scale, scale[0], rtol=ROUNDED):  # a norm has a scale for each channel; one for all is a change
        return _is_equal(one, other)
    apart = np.abs(rows - scale[:, None] * other_rows)
    return bool((apart <= ROUNDED * np.abs(rows).max(axis=1, keepdims=True) + SMALLEST).all())


def _weights(path: Path) -> list[Numbers]:
    if path.suffix.lower() == ".onnx":
        from stylebridge.engines.layers import weights_of

        stored = weights_of(path)
    elif path.suffix.lower() in CHECKPOINTS:
        from stylebridge.nets.taps import ModuleTaps

        try:
            stored = ModuleTaps(path).weights()
        except StylebridgeError:  # a TorchScript archive
            return []
    else:
        return []
    return [array for array in stored.values() if array.size >= MIN_WEIGHT]
