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

from functools import cached_property
from typing import Annotated, Any, Literal, TypeAlias

import msgspec
import numpy as np
from numpy.typing import NDArray

from stylebridge.errors import InputError
from stylebridge.frame import ColorPlane, Frame

FloatArray: TypeAlias = NDArray[np.float32]
Triple: TypeAlias = tuple[float, float, float]

RangeName: TypeAlias = Literal["unit", "byte", "signed", "imagenet"]
METADATA_KEY = "stylebridge.contract"


class Range(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A numeric range of our own: number = (u * peak - mean) / std, mean and std in RGB order."""

    peak: float
    mean: Triple
    std: Triple

    def __post_init__(self) -> None:
        finite = np.isfinite([self.peak, *self.mean, *self.std]).all()
        if not finite or self.peak <= 0 or min(self.std) <= 0:
            raise ValueError("a range needs finite numbers with peak > 0 and std > 0")


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
    rounding: Literal["nearest", "floor"] = "nearest"

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
        except msgspec.MsgspecError as error:
            raise InputError(
                f"not a pixel contract: {error}",
                expected="version 1 JSON as in tests/vectors/contract/schema.json",
                do="write one with: stylebridge contract find, or pass --contract unit|byte|signed|imagenet",
                where=where,
            ) from error

    def to_json(self) -> str:
        """The JSON form, every field spelled out."""
        return msgspec.json.encode(self).decode()

    def __str__(self) -> str:
        ends = f"{self.input} in, {self.output} out" if self.input != self.output else f"{self.input} in and out"
        extra = f", sides a multiple of {self.multiple} ({self.fit})" if self.multiple > 1 else ""
        extra += "" if self.clamp else ", never leaves its range"
        return ends + extra + (", truncated to bytes" if self.rounding == "floor" else "")

    @cached_property
    def encode_table(self) -> FloatArray:
        """[256,3] float32: the number for each byte of R, G and B."""
        unit = srgb_to_linear_table() if self.input.color == "linear" else _byte_levels() / np.float32(255)
        return _normalise(np.repeat(unit[:, None], 3, axis=1), self.input.numbers)

    def fitted_size(self, height: int, width: int) -> tuple[int, int]:
        """The height and width that the network is given for a frame of this size."""
        m = self.multiple
        if self.fit == "pad":
            return -(-height // m) * m, -(-width // m) * m
        return max(m, (2 * height + m) // (2 * m) * m), max(m, (2 * width + m) // (2 * m) * m)

    def to_tensor(self, frame: Frame) -> FloatArray:
        """The network's input for a frame: float32, [1,3,H,W] or [1,H,W,3]."""
        size = self.fitted_size(frame.height, frame.width)
        if self.fit == "resize" and size != (frame.height, frame.width):
            unit = srgb_to_linear_table() if self.input.color == "linear" else _byte_levels() / np.float32(255)
            pixels = _normalise(resize_bilinear(unit[frame.rgb], size), self.input.numbers)
        else:
            pixels = np.stack([self.encode_table[:, c][frame.rgb[:, :, c]] for c in range(3)], axis=2)
            pixels = _pad(pixels, size)
        return _pack(pixels, self.input)

    def to_frame(self, tensor: FloatArray, like: Frame) -> Frame:
        """The picture in a network's output; size, alpha, camera and clock come from the frame that was stylised."""
        levels = self._levels(_unpack(tensor, self.output))
        fitted = self.fitted_size(like.height, like.width)
        if levels.shape[:2] != fitted:
            raise InputError(
                f"the network gave {levels.shape[1]}x{levels.shape[0]} for an input of {fitted[1]}x{fitted[0]}",
                expected="output and input of one size",
                do=f"set the contract's size multiple (now {self.multiple}) to what the network's strides need",
            )
        if self.fit == "resize":
            levels = resize_bilinear(levels, (like.height, like.width))
        color = self._bytes(levels[: like.height, : like.width])
        if like.color.shape[2] == 4:
            color = np.dstack([color, like.color[:, :, 3]])
        return like.with_color(np.ascontiguousarray(color))

    def _levels(self, pixels: FloatArray) -> FloatArray:
        """Numbers to levels on a 0–255 scale, in the contract's colour space."""
        bad = pixels.size - int(np.isfinite(pixels).sum())
        if bad:
            raise InputError(
                f"the network's output holds {bad} NaN or infinite values of {pixels.size}",
                expected="finite numbers",
                do="check the model's weights and its precision (fp16 overflows at 65504)",
            )
        numbers = self.output.numbers
        levels = pixels * np.array(numbers.std, np.float32) + np.array(numbers.mean, np.float32)
        levels *= np.float32(255) / np.float32(numbers.peak)
        if not self.clamp:
            self._check_range(levels)
        return np.clip(levels, np.float32(0), np.float32(255), out=levels)

    @staticmethod
    def _check_range(levels: FloatArray) -> None:
        outside = float(np.mean((levels < -1) | (levels > 256)))
        if outside:
            raise InputError(
                f"{outside:.1%} of the network's output lies outside its range"
                f" (levels {levels.min():.1f} to {levels.max():.1f} of 0 to 255)",
                expected="values within the range, as the contract says clamp=false",
                do="set clamp to true, or look for the right contract with: stylebridge contract find",
            )

    def _bytes(self, levels: FloatArray) -> ColorPlane:
        if self.output.color == "linear":
            return np.searchsorted(linear_thresholds(self.rounding), levels, side="right").astype(np.uint8)
        return (np.rint(levels) if self.rounding == "nearest" else np.floor(levels)).astype(np.uint8)


def srgb_to_linear_table() -> FloatArray:
    """[256] float32: the linear light of each sRGB byte."""
    return _linear(np.arange(256, dtype=np.float64) / 255).astype(np.float32)


def linear_thresholds(rounding: Literal["nearest", "floor"]) -> FloatArray:
    """[255] float32: the linear level (0–255) from which on a value becomes byte 1, 2, … 255."""
    steps = np.arange(1, 256, dtype=np.float64) - (0.5 if rounding == "nearest" else 0.0)
    return (255 * _linear(steps / 255)).astype(np.float32)


def resize_bilinear(pixels: FloatArray, size: tuple[int, int]) -> FloatArray:
    """[H,W,C] -> [h,w,C], half-pixel centres, edges repeated: columns first, then rows."""
    low, high, part = resize_taps(pixels.shape[1], size[1])
    part_x = part[None, :, None]
    pixels = pixels[:, low] + (pixels[:, high] - pixels[:, low]) * part_x
    low, high, part = resize_taps(pixels.shape[0], size[0])
    return np.asarray(pixels[low] + (pixels[high] - pixels[low]) * part[:, None, None], dtype=np.float32)


def resize_taps(source: int, target: int) -> tuple[NDArray[np.int64], NDArray[np.int64], FloatArray]:
    """For each target index: the two source indices it lies between, and how far along it is."""
    at = np.clip((np.arange(target, dtype=np.float64) + 0.5) * source / target - 0.5, 0, source - 1)
    low = np.floor(at).astype(np.int64)
    return low, np.minimum(low + 1, source - 1), (at - low).astype(np.float32)


def _linear(srgb: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.where(srgb <= 0.04045, srgb / 12.92, ((srgb + 0.055) / 1.055) ** 2.4)


def _byte_levels() -> FloatArray:
    return np.arange(256, dtype=np.float32)


def _normalise(unit: FloatArray, numbers: Range) -> FloatArray:
    scaled = unit * np.float32(numbers.peak) - np.array(numbers.mean, np.float32)
    return np.asarray(scaled / np.array(numbers.std, np.float32), dtype=np.float32)


def _pad(pixels: FloatArray, size: tuple[int, int]) -> FloatArray:
    below, right = size[0] - pixels.shape[0], size[1] - pixels.shape[1]
    return np.pad(pixels, ((0, below), (0, right), (0, 0)), mode="edge") if below or right else pixels


def _pack(pixels: FloatArray, side: Side) -> FloatArray:
    """[H,W,3] RGB top row first -> the side's order and layout, with a batch of one."""
    pixels = pixels[::-1] if side.rows == "bottom" else pixels
    pixels = pixels[:, :, ::-1] if side.channels == "bgr" else pixels
    pixels = pixels.transpose(2, 0, 1) if side.layout == "nchw" else pixels  # [H,W,3] -> [3,H,W]
    return np.ascontiguousarray(pixels[None], dtype=np.float32)


def _unpack(tensor: FloatArray, side: Side) -> FloatArray:
    """The reverse of `_pack`, after checking the shape."""
    axis = 1 if side.layout == "nchw" else 3
    if tensor.ndim != 4 or tensor.shape[0] != 1 or tensor.shape[axis] != 3:
        wanted = "[1,3,H,W]" if side.layout == "nchw" else "[1,H,W,3]"
        raise InputError(
            f"the network's output has shape {list(tensor.shape)}",
            expected=f"{wanted} as its contract says",
            do="check that this model makes pictures and that the contract's layout is right",
        )
    pixels: FloatArray = tensor[0].transpose(1, 2, 0) if side.layout == "nchw" else tensor[0]  # -> [H,W,3]
    pixels = pixels[:, :, ::-1] if side.channels == "bgr" else pixels
    return pixels[::-1] if side.rows == "bottom" else pixels
