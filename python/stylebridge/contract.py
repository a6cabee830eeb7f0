"""PixelContract: how a frame becomes a network's numbers and back. The only place where pixels become numbers.

The rule, in float32, per colour channel c and for one pixel byte b:

    u      = b / 255                      sRGB contracts
    u      = srgb_to_linear(b / 255)      linear contracts (table built in float64, then rounded)
    number = (u * peak - mean[c]) / std[c]

    level  = clip((number * std[c] + mean[c]) * (255 / peak), 0, 255)
    byte   = round-half-even(level) or floor(level); linear contracts look the level up in a table of 255 thresholds

Padding repeats the last row and column at the bottom and the right; resizing is bilinear with half-pixel centres. Both
happen before the rows are flipped. `tests/vectors/contract/` holds the rule in every detail, frames, contracts and the
exact numbers.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import Annotated, Any, Literal, TypeAlias

import msgspec
import numpy as np
from numpy.typing import NDArray

from stylebridge.errors import InputError
from stylebridge.frame import Frame
from stylebridge.pixelmath import BINS, Rounding, srgb_to_linear_table, threshold_bins
from stylebridge.pixelmath import FloatArray as FloatArray
from stylebridge.pixelmath import resize_bilinear as resize_bilinear

Triple: TypeAlias = tuple[float, float, float]
Positive: TypeAlias = Annotated[float, msgspec.Meta(gt=0)]

RangeName: TypeAlias = Literal["unit", "byte", "signed", "imagenet"]
METADATA_KEY = "stylebridge.contract"
SLACK = 1  # level by which an output may leave 0 to 255 under clamp=false


class Range(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A numeric range of our own: number = (u * peak - mean) / std, mean and std in RGB order."""

    peak: Positive
    mean: Triple
    std: tuple[Positive, Positive, Positive]

    def __post_init__(self) -> None:
        with np.errstate(all="ignore"):  # what float32 makes of the numbers is looked at below
            peak, mean, std = (np.array(n, dtype=np.float32) for n in (self.peak, self.mean, self.std))
            used = np.hstack([peak, 255 / peak, mean, std, 1 / std, -mean / std, (peak - mean) / std])
        if not np.isfinite(used).all() or peak <= 0 or std.min() <= 0:
            raise ValueError("a range needs peak > 0, std > 0 and numbers that stay finite in float32")


RANGES: dict[RangeName, Range] = {
    "unit": Range(1.0, (0.0, 0.0, 0.0), (1.0, 1.0, 1.0)),
    "byte": Range(255.0, (0.0, 0.0, 0.0), (1.0, 1.0, 1.0)),
    "signed": Range(1.0, (0.5, 0.5, 0.5), (0.5, 0.5, 0.5)),
    "imagenet": Range(1.0, (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)),
}
RANGE_TEXT: dict[RangeName, str] = {
    "unit": "[0,1]",
    "byte": "[0,255]",
    "signed": "[-1,1]",
    "imagenet": "ImageNet mean/std",
}


class Side(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What one end of the network speaks."""

    range: RangeName | Range = "unit"
    channels: Literal["rgb", "bgr"] = "rgb"
    layout: Literal["nchw", "nhwc"] = "nchw"
    rows: Literal["top", "bottom"] = "top"
    color: Literal["srgb", "linear"] = "srgb"

    @property
    def numbers(self) -> Range:
        """The range as numbers."""
        return RANGES[self.range] if isinstance(self.range, str) else self.range

    def __str__(self) -> str:
        extent = RANGE_TEXT[self.range] if isinstance(self.range, str) else f"(u*{self.range.peak:g}-mean)/std"
        words = [extent, self.channels.upper(), self.layout.upper()]
        words += ["bottom row first"] if self.rows == "bottom" else []
        words += ["linear"] if self.color == "linear" else []
        return " ".join(words)


class PixelContract(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True, dict=True):
    """The agreement between a network and whoever feeds it pixels."""

    version: Literal[1] = 1
    input: Side = Side()
    output: Side = Side()
    multiple: Annotated[int, msgspec.Meta(ge=1, le=512)] = 1
    fit: Literal["pad", "resize"] = "pad"
    clamp: bool = True
    rounding: Rounding = "nearest"

    @classmethod
    def of(cls, range_name: RangeName, *, channels: Literal["rgb", "bgr"] = "rgb", **fields: Any) -> PixelContract:
        """The contract with the same plain NCHW form at both ends."""
        side = Side(range=range_name, channels=channels)
        return cls(input=side, output=side, **fields)

    @classmethod
    def from_json(cls, text: str | bytes, where: object = "") -> PixelContract:
        """Read the JSON form; anything unknown or out of place is refused."""
        try:
            return msgspec.json.decode(text, type=cls)
        except (msgspec.MsgspecError, UnicodeError) as error:
            raise InputError(
                f"not a pixel contract: {error}",
                expected="version 1 JSON as in tests/vectors/contract/schema.json",
                do="write one with: stylebridge contract find, or pass --contract unit|byte|signed|imagenet",
                where=where,
            ) from error

    def to_json(self) -> str:
        """The JSON form, every field spelled out."""
        return msgspec.json.encode(self).decode()

    def as_dict(self) -> dict[str, Any]:
        """The JSON form as plain values."""
        return dict(msgspec.to_builtins(self))

    def __str__(self) -> str:
        ends = f"{self.input} in, {self.output} out" if self.input != self.output else f"{self.input} in and out"
        extra = f", sides a multiple of {self.multiple} ({self.fit})" if self.multiple > 1 else ""
        extra += "" if self.clamp else ", never leaves its range"
        return ends + extra + (", truncated to bytes" if self.rounding == "floor" else "")

    @cached_property
    def encode_table(self) -> FloatArray:
        """[256,3] float32: the number for each byte of R, G and B."""
        return np.stack([_normalise(self.units, self.input.numbers, c) for c in range(3)], axis=1)

    def fitted_size(self, height: int, width: int) -> tuple[int, int]:
        """The height and width that the network is given for a frame of this size."""
        m = self.multiple
        if self.fit == "pad":
            return -(-height // m) * m, -(-width // m) * m
        return max(m, (2 * height + m) // (2 * m) * m), max(m, (2 * width + m) // (2 * m) * m)

    def to_tensor(self, frame: Frame) -> FloatArray:
        """The network's input for a frame: float32, [1,3,H,W] or [1,H,W,3]."""
        size = self.fitted_size(frame.height, frame.width)
        planes = np.empty((3, *size), dtype=np.float32)
        resized = self.fit == "resize" and size != (frame.height, frame.width)
        for c in range(3):
            pixels = frame.color[:, :, c]
            if resized:
                planes[c] = _normalise(resize_bilinear(self.units[pixels], size), self.input.numbers, c)
            else:
                planes[c, : frame.height, : frame.width] = self.encode_table[:, c][pixels]
                planes[c, frame.height :, : frame.width] = planes[c, frame.height - 1, : frame.width]
                planes[c, :, frame.width :] = planes[c, :, frame.width - 1 : frame.width]
        return _pack(planes, self.input)

    def to_frame(self, tensor: FloatArray, like: Frame) -> Frame:
        """The picture in a network's output; size, alpha, camera and clock come from the frame that was stylised."""
        self.check_shape(tensor.shape, (like.height, like.width))
        planes = _unpack(tensor, self.output)
        _check_finite(planes)
        color = np.empty_like(like.color, order="C")
        for c in range(3):
            levels = self._levels(planes[c], c)
            if self.fit == "resize":
                levels = resize_bilinear(levels, (like.height, like.width))
            color[:, :, c] = self._bytes(levels[: like.height, : like.width])
        color[:, :, 3:] = like.color[:, :, 3:]
        return like.with_color(color)

    def check_shape(self, shape: Sequence[int], size: tuple[int, int]) -> None:
        """Refuse a network output that can't be the picture of a frame of this height and width."""
        nchw = self.output.layout == "nchw"
        if len(shape) != 4 or shape[0] != 1 or shape[1 if nchw else 3] != 3:
            raise InputError(
                f"the network's output has shape {list(shape)}",
                expected=f"{'[1,3,H,W]' if nchw else '[1,H,W,3]'} as its contract says",
                do="check that this model makes pictures and that the contract's layout is right",
            )
        height, width = shape[2:] if nchw else shape[1:3]
        fitted = self.fitted_size(*size)
        if (height, width) != fitted:
            raise InputError(
                f"the network gave {width}x{height} for an input of {fitted[1]}x{fitted[0]}",
                expected="output and input of one size",
                do=f"set the contract's size multiple (now {self.multiple}) to what the network's strides need",
            )

    @cached_property
    def units(self) -> FloatArray:
        """[256] float32: each byte as a number from 0 to 1 in the input's colour space."""
        return srgb_to_linear_table() if self.input.color == "linear" else _byte_levels() / np.float32(255)

    def _levels(self, plane: FloatArray, c: int) -> FloatArray:
        """One channel's numbers as levels from 0 to 255, in the contract's colour space."""
        numbers = self.output.numbers
        with np.errstate(over="ignore"):  # an infinite level is clipped, or refused as outside
            levels = plane * np.float32(numbers.std[c])
            levels += np.float32(numbers.mean[c])
            levels *= np.float32(255) / np.float32(numbers.peak)
        if not self.clamp:
            outside = int(np.count_nonzero((levels < -SLACK) | (levels > 255 + SLACK)))
            check_outside(outside, levels.size, levels.min(), levels.max(), c)
        return np.clip(levels, np.float32(0), np.float32(255), out=levels)

    def _bytes(self, levels: FloatArray) -> NDArray[np.uint8]:
        if self.output.color == "linear":
            bins, thresholds = threshold_bins(self.rounding)
            guess = bins[(levels * np.float32(BINS / 255)).astype(np.int32)]
            return np.asarray(guess + (levels >= thresholds[guess]), dtype=np.uint8)
        return (np.rint(levels) if self.rounding == "nearest" else levels).astype(np.uint8)  # the cast cuts


def _byte_levels() -> FloatArray:
    return np.arange(256, dtype=np.float32)


def _normalise(unit: FloatArray, numbers: Range, c: int) -> FloatArray:
    scaled = unit * np.float32(numbers.peak) - np.float32(numbers.mean[c])
    return np.asarray(scaled / np.float32(numbers.std[c]), dtype=np.float32)


def check_non_finite(bad: int, size: int) -> None:
    """Refuse a network output that holds this many NaN or infinite values."""
    if bad:
        raise InputError(
            f"the network's output holds {bad} NaN or infinite values of {size}",
            expected="finite numbers",
            do="check the model's weights and its precision (fp16 overflows at 65504)",
        )


def check_outside(outside: int, size: int, low: float, high: float, c: int) -> None:
    """Refuse a colour channel with this many levels outside 0 to 255, where the contract doesn't clip."""
    if outside:
        raise InputError(
            f"{outside / size:.1%} of the network's output in {('red', 'green', 'blue')[c]} lies outside its range"
            f" (levels {low:.1f} to {high:.1f} of 0 to 255)",
            expected="values within the range, as the contract says clamp=false",
            do="set clamp to true, or look for the right contract with: stylebridge contract find",
        )


def _check_finite(planes: FloatArray) -> None:
    with np.errstate(over="ignore", invalid="ignore"):
        total = planes.sum()
    if not np.isfinite(total):  # one pass; a sum that merely overflowed is counted properly here
        check_non_finite(planes.size - int(np.count_nonzero(np.isfinite(planes))), planes.size)


def _pack(planes: FloatArray, side: Side) -> FloatArray:
    """[3,H,W] RGB top row first -> the side's order and layout, with a batch of one."""
    planes = planes[:, ::-1] if side.rows == "bottom" else planes
    planes = planes[::-1] if side.channels == "bgr" else planes
    planes = planes.transpose(1, 2, 0) if side.layout == "nhwc" else planes  # [3,H,W] -> [H,W,3]
    return np.ascontiguousarray(planes[None])


def _unpack(tensor: FloatArray, side: Side) -> FloatArray:
    """The reverse of `_pack`, from any float type."""
    with np.errstate(over="ignore"):  # what float32 can't hold becomes infinite and is refused as that
        tensor = np.asarray(tensor, dtype=np.float32)
    planes: FloatArray = tensor[0].transpose(2, 0, 1) if side.layout == "nhwc" else tensor[0]  # -> [3,H,W]
    planes = planes[::-1] if side.channels == "bgr" else planes
    return planes[:, ::-1] if side.rows == "bottom" else planes
