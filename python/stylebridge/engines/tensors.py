"""What an engine takes: names, shapes, number types, and the check that every array passes before it runs."""

from __future__ import annotations

import difflib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from stylebridge.errors import InputError

Array = NDArray[Any]


@dataclass(frozen=True, slots=True)
class TensorInfo:
    """One input or output of a network; a dimension of None may have any size."""

    name: str
    shape: tuple[int | None, ...]
    dtype: str
    any_shape: bool = False  # the file doesn't even say how many dimensions; `shape` is then empty

    def fits(self, shape: Sequence[int]) -> bool:
        """Whether an array of this shape can stand here."""
        if self.any_shape:
            return True
        return len(shape) == len(self.shape) and all(
            want is None or want == have for want, have in zip(self.shape, shape, strict=True)
        )

    def __str__(self) -> str:
        return f"{self.dtype} {'any shape' if self.any_shape else shape_text(self.shape)}"


def shape_text(shape: Sequence[int | None]) -> str:
    """A shape as people write it: [1,3,?,?]."""
    return "[" + ",".join("?" if size is None else str(size) for size in shape) + "]"


def checked_inputs(
    wanted: Sequence[TensorInfo],
    given: Mapping[str, object],
    *,
    where: object = "",
    advice: str = "",
    finite: bool = True,
) -> dict[str, Array]:
    """The given arrays in the order and number type that the engine wants, C-contiguous; refusals say why."""
    _check_names([info.name for info in wanted], list(given), where)
    checked = {info.name: _checked_array(info, given[info.name], where, advice) for info in wanted}
    if finite:
        for name, array in checked.items():
            _check_finite(f"input {name!r}", array, where)
    return checked


def _check_names(wanted: list[str], given: list[str], where: object) -> None:
    missing = [name for name in wanted if name not in given]
    unknown = [name for name in given if name not in wanted]
    if not missing and not unknown:
        return
    found = []
    if missing:
        found.append("missing input " + ", ".join(map(repr, missing)))
    if unknown:
        found.append("unknown input " + ", ".join(map(repr, unknown)))
    guess = difflib.get_close_matches(str(unknown[0]), missing, 1) if unknown else []
    raise InputError(
        " and ".join(found),
        expected="exactly " + (", ".join(map(repr, wanted)) or "no inputs"),
        do=f"rename {unknown[0]!r} to {guess[0]!r}" if guess else "",
        where=where,
    )


def _checked_array(info: TensorInfo, value: object, where: object, advice: str) -> Array:
    label = f"input {info.name!r}"
    if not isinstance(value, np.ndarray):
        raise InputError(f"{label} is a {type(value).__name__}", expected="a numpy array", where=where)
    _check_kind(label, info, value, where)
    if not info.any_shape and len(value.shape) != len(info.shape):
        raise InputError(
            f"{label} has {value.ndim} dimensions, {shape_text(value.shape)}",
            expected=f"{len(info.shape)}, {shape_text(info.shape)}",
            do="add or drop the batch dimension" if abs(value.ndim - len(info.shape)) == 1 else "",
            where=where,
        )
    if not info.fits(value.shape):
        channels = len(info.shape) == 4 and all(info.shape[axis] in (None, value.shape[axis]) for axis in (0, 2, 3))
        do = "" if channels else advice  # another number of channels is not mended by another size
        raise InputError(f"{label} is {shape_text(value.shape)}", expected=shape_text(info.shape), do=do, where=where)
    if value.size == 0:
        raise InputError(f"{label} is {shape_text(value.shape)}", expected="at least one value", where=where)
    return _converted(label, info, value, where)


def _check_kind(label: str, info: TensorInfo, value: Array, where: object) -> None:
    """Floats for floats, integers for integers: a silent change of kind hides a missing division by 255."""
    want, have = np.dtype(info.dtype).kind, value.dtype.kind
    have_kind = "i" if have == "u" else have
    want_kind = "i" if want == "u" else want
    if have_kind == want_kind and have_kind in "fib":
        return
    do = ""
    if want_kind == "f" and have_kind in "ib":
        do = "bring the pixels into the network's range first (PixelContract.to_tensor does), then pass float32"
    elif have_kind not in "fib":
        do = "pass plain numbers"
    raise InputError(f"{label} holds {value.dtype}", expected=info.dtype, do=do, where=where)


def _check_finite(label: str, value: Array, where: object) -> None:
    # Minimum and maximum carry NaN along and need no temporary array; the exact count is only made for the message.
    if value.dtype.kind != "f" or (np.isfinite(value.min()) and np.isfinite(value.max())):
        return
    bad = ~np.isfinite(value)
    first = tuple(int(i) for i in np.unravel_index(int(np.argmax(bad)), value.shape))
    raise InputError(
        f"{label} holds {int(bad.sum())} NaN or infinite values of {value.size}, the first at {shape_text(first)}",
        expected="finite numbers",
        where=where,
    )


def _converted(label: str, info: TensorInfo, value: Array, where: object) -> Array:
    dtype = np.dtype(info.dtype)
    if dtype.kind == "b" or value.dtype == dtype:
        return np.asarray(value, dtype=dtype, order="C")
    limits: Any = np.finfo(dtype) if dtype.kind == "f" else np.iinfo(dtype)
    low, high = value.min(), value.max()
    if np.isfinite(low) and np.isfinite(high) and (low < limits.min or high > limits.max):
        raise InputError(f"{label} reaches from {low} to {high}", expected=f"values that fit {info.dtype}", where=where)
    return np.asarray(value, dtype=dtype, order="C")
