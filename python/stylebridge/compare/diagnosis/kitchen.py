"""Recipes: how a frame would be stylised with something done differently, and the kitchen that cooks them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import msgspec
import numpy as np
from numpy.typing import NDArray

from stylebridge.contract import FloatArray, PixelContract, Range, Side
from stylebridge.errors import StylebridgeError
from stylebridge.frame import ColorPlane, Frame
from stylebridge.pixelmath import linear_thresholds, srgb_to_linear_table

Infer = Callable[[FloatArray], FloatArray]
MAX_KEPT_BYTES = 1 << 29  # of network outputs that are kept, because many recipes share them


@dataclass(frozen=True)
class Recipe:
    """One way from a frame to a picture. Operations on pictures and grids go by their names below."""

    contract: PixelContract
    network: str = ""
    before: tuple[str, ...] = ()  # on the frame, in this order
    grid_in: str = ""  # how the frame is brought to the network's size; empty as the contract says
    cut_in: bool = False  # the network is given numbers cut to [0,1]
    cut_out: str = ""  # what becomes of the network's numbers
    grid_out: str = ""
    after: tuple[str, ...] = ()  # on the picture


class Kitchen:
    """Cooks recipes; a network is run once for each input, however many recipes begin with it."""

    def __init__(self, networks: Mapping[str, Infer]) -> None:
        self.networks = dict(networks)
        self._made: dict[object, FloatArray | None] = {}
        self._bytes = 0
        self.runs = 0

    def picture(self, recipe: Recipe, frame: Frame) -> ColorPlane | None:
        """The picture, or None where this recipe makes none, as when sizes don't fit or numbers aren't finite."""
        made = self._output(recipe, frame)
        if made is None:
            return None
        try:
            shown = _shown(recipe, made, frame)
        except StylebridgeError:
            return None
        for name in recipe.after:
            shown = PICTURE_OPS[name](shown)
        return shown

    def forget(self) -> None:
        """Let go of what the networks made."""
        self._made.clear()
        self._bytes = 0

    def _output(self, recipe: Recipe, frame: Frame) -> FloatArray | None:
        contract = recipe.contract
        cooking = (recipe.network, recipe.before, recipe.grid_in, recipe.cut_in)
        key = (id(frame), *cooking, contract.input, contract.multiple, contract.fit)
        if key not in self._made:
            made = self._run(recipe, frame)
            size = 0 if made is None else made.nbytes
            if self._bytes + size > MAX_KEPT_BYTES:
                self.forget()
            self._bytes += size
            self._made[key] = made
        return self._made[key]

    def _run(self, recipe: Recipe, frame: Frame) -> FloatArray | None:
        color = frame.rgb
        for name in recipe.before:
            color = PICTURE_OPS[name](color)
        given = _tensor(recipe, frame.with_color(color))
        self.runs += 1
        try:
            with np.errstate(all="ignore"):
                return self.networks[recipe.network](np.clip(given, 0, 1) if recipe.cut_in else given)
        except StylebridgeError:
            return None


def _tensor(recipe: Recipe, frame: Frame) -> FloatArray:
    contract = recipe.contract
    if not recipe.grid_in:
        return contract.to_tensor(frame)
    plain = msgspec.structs.replace(contract, multiple=1)
    numbers = _upright(plain.to_tensor(frame), contract.input)  # [H,W,3]; resizing and normalising commute
    fitted = GRIDS[recipe.grid_in](numbers, contract.fitted_size(frame.height, frame.width))
    return _laid(fitted, contract.input)


def _shown(recipe: Recipe, made: FloatArray, frame: Frame) -> ColorPlane:
    contract = msgspec.structs.replace(recipe.contract, clamp=True)
    if recipe.cut_out:
        made = CUTS[recipe.cut_out](made, contract)
    if not recipe.grid_out:
        return contract.to_frame(made, frame).rgb
    contract.check_shape(made.shape, (frame.height, frame.width))
    numbers = _upright(made, contract.output)
    low, high = _bounds(contract.output.numbers)
    fitted = GRIDS[recipe.grid_out](np.clip(numbers, low, high), (frame.height, frame.width))
    plain = msgspec.structs.replace(contract, multiple=1)
    return plain.to_frame(_laid(fitted, contract.output), frame).rgb


def _upright(tensor: FloatArray, side: Side) -> FloatArray:
    """The numbers as [H,W,3], RGB, top row first."""
    planes = tensor[0] if side.layout == "nhwc" else tensor[0].transpose(1, 2, 0)
    planes = planes[..., ::-1] if side.channels == "bgr" else planes
    return np.asarray(planes[::-1] if side.rows == "bottom" else planes)


def _laid(planes: FloatArray, side: Side) -> FloatArray:
    """The reverse of `_upright`."""
    planes = planes[::-1] if side.rows == "bottom" else planes
    planes = planes[..., ::-1] if side.channels == "bgr" else planes
    planes = planes if side.layout == "nhwc" else planes.transpose(2, 0, 1)
    return np.ascontiguousarray(planes[None], dtype=np.float32)


def _bounds(numbers: Range) -> tuple[FloatArray, FloatArray]:
    """The numbers of black and of white, RGB."""
    mean, std = np.array(numbers.mean, np.float32), np.array(numbers.std, np.float32)
    return np.asarray(-mean / std, np.float32), np.asarray((np.float32(numbers.peak) - mean) / std, np.float32)


def _encoded_again(color: ColorPlane) -> ColorPlane:
    """Bytes that are taken for linear light and encoded as sRGB once more."""
    return np.searchsorted(linear_thresholds("nearest"), color.astype(np.float32), side="right").astype(np.uint8)


def _decoded(color: ColorPlane) -> ColorPlane:
    """Bytes shown as linear light."""
    return np.asarray(np.rint(srgb_to_linear_table()[color] * 255), dtype=np.uint8)


def _shifted(dx: float, dy: float) -> Callable[[ColorPlane], ColorPlane]:
    """Moved right and down by whole or half pixels, the edge repeated."""

    def move(color: ColorPlane) -> ColorPlane:
        moved = color.astype(np.float32)
        for axis, by in ((0, dy), (1, dx)):
            moved = _moved(moved, axis, by)
        return np.asarray(np.rint(moved), dtype=np.uint8)

    return move


def _moved(pixels: FloatArray, axis: int, by: float) -> FloatArray:
    at = np.clip(np.arange(pixels.shape[axis]) - by, 0, pixels.shape[axis] - 1)
    return _sampled(pixels, axis, at)


def _sampled(pixels: FloatArray, axis: int, at: NDArray[np.float64]) -> FloatArray:
    low = np.floor(at).astype(np.int64)
    high = np.minimum(low + 1, pixels.shape[axis] - 1)
    shape = [1] * pixels.ndim
    shape[axis] = -1
    part = (at - low).astype(np.float32).reshape(shape)
    a, b = pixels.take(low, axis), pixels.take(high, axis)
    return np.asarray(a + (b - a) * part, dtype=np.float32)


def _order(*channels: int) -> Callable[[ColorPlane], ColorPlane]:
    return lambda color: color[:, :, list(channels)]


PICTURE_OPS: dict[str, Callable[[ColorPlane], ColorPlane]] = {
    "rows": lambda color: color[::-1],
    "columns": lambda color: color[:, ::-1],
    "bgr": _order(2, 1, 0),
    "rbg": _order(0, 2, 1),
    "grb": _order(1, 0, 2),
    "gbr": _order(1, 2, 0),
    "brg": _order(2, 0, 1),
    "encode": _encoded_again,
    "decode": _decoded,
    **{f"shift {dx} {dy}": _shifted(dx, dy) for dx in (-1, 0, 1) for dy in (-1, 0, 1) if (dx, dy) != (0, 0)},
    **{f"shift {dx} {dy}": _shifted(dx, dy) for dx in (-0.5, 0.5) for dy in (-0.5, 0.5)},
}


def _half_pixel(source: int, target: int) -> NDArray[np.float64]:
    return np.asarray((np.arange(target) + 0.5) * source / target - 0.5)


def _align_corners(source: int, target: int) -> NDArray[np.float64]:
    return np.asarray(np.arange(target) * (source - 1) / max(target - 1, 1))


def _corner(source: int, target: int) -> NDArray[np.float64]:
    return np.asarray(np.arange(target) * source / target)


def _nearest(source: int, target: int) -> NDArray[np.float64]:
    return np.floor((np.arange(target) + 0.5) * source / target)


def _grid(places: Callable[[int, int], NDArray[np.float64]]) -> Callable[[FloatArray, tuple[int, int]], FloatArray]:
    def fit(pixels: FloatArray, size: tuple[int, int]) -> FloatArray:
        for axis in (1, 0):
            at = np.clip(places(pixels.shape[axis], size[axis]), 0, pixels.shape[axis] - 1)
            pixels = _sampled(pixels, axis, at)
        return pixels

    return fit


def _zeros(pixels: FloatArray, size: tuple[int, int]) -> FloatArray:
    """Padded with zeros at the bottom and the right, or cut there."""
    fitted = np.zeros((*size, 3), dtype=np.float32)
    height, width = min(size[0], pixels.shape[0]), min(size[1], pixels.shape[1])
    fitted[:height, :width] = pixels[:height, :width]
    return fitted


GRIDS: dict[str, Callable[[FloatArray, tuple[int, int]], FloatArray]] = {
    "half pixel": _grid(_half_pixel),
    "align corners": _grid(_align_corners),
    "corner": _grid(_corner),
    "nearest": _grid(_nearest),
    "zeros": _zeros,
}


def _cut_to_unit(made: FloatArray, contract: PixelContract) -> FloatArray:
    return np.clip(made, 0, 1)


def _wrapped(made: FloatArray, contract: PixelContract) -> FloatArray:
    """Levels that leave 0 to 255 come back in at the other end, as bytes do that aren't clipped."""
    side = contract.output
    numbers = side.numbers
    shape = (1, 1, 1, 3) if side.layout == "nhwc" else (1, 3, 1, 1)
    order = slice(None, None, -1) if side.channels == "bgr" else slice(None)
    mean, std = (np.array(values, np.float32)[order].reshape(shape) for values in (numbers.mean, numbers.std))
    levels = (made * std + mean) * np.float32(255 / numbers.peak)
    levels = (np.rint(levels) if contract.rounding == "nearest" else np.floor(levels)) % 256
    return np.asarray(((levels + np.float32(1 / 512)) * np.float32(numbers.peak / 255) - mean) / std, dtype=np.float32)


CUTS: dict[str, Callable[[FloatArray, PixelContract], FloatArray]] = {"unit": _cut_to_unit, "wrap": _wrapped}
