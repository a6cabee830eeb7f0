"""The pixel contract in torch: the same tables as `stylebridge.contract`, so the same numbers to the last bit."""

from __future__ import annotations

import math

import numpy as np
import torch
from torch import Tensor, nn

from stylebridge.contract import SLACK, PixelContract, Range, Side, check_non_finite, check_outside
from stylebridge.errors import InputError
from stylebridge.frame import MAX_SIDE
from stylebridge.pixelmath import linear_thresholds, resize_taps


def tensor_from_color(contract: PixelContract, color: Tensor) -> Tensor:
    """[H,W,3|4] uint8 RGB(A), top row first -> the network's input, on the same device."""
    _check_color(color)
    height, width = color.shape[:2]
    size = contract.fitted_size(height, width)
    index = color[:, :, :3].long()
    if contract.fit == "resize" and size != (height, width):
        pixels = _normalise(_resize(_on(contract.units, color)[index], size), contract.input.numbers)
    else:
        table_rgb = _on(contract.encode_table, color)
        pixels = torch.stack([table_rgb[:, c][index[:, :, c]] for c in range(3)], dim=2)
        rows = torch.arange(size[0], device=color.device).clamp(max=height - 1)
        columns = torch.arange(size[1], device=color.device).clamp(max=width - 1)
        pixels = pixels[rows][:, columns]
    return _pack(pixels, contract.input)


def color_from_tensor(contract: PixelContract, tensor: Tensor, size: tuple[int, int]) -> Tensor:
    """The network's output -> [H,W,3] uint8 RGB of the given height and width."""
    _check_size(*size)
    contract.check_shape(tensor.shape, size)
    numbers = contract.output.numbers
    pixels = _unpack(tensor.float(), contract.output)
    check_non_finite(pixels.numel() - int(pixels.isfinite().sum()), pixels.numel())
    levels = pixels * _triple(numbers.std, pixels) + _triple(numbers.mean, pixels)
    levels = levels * float(np.float32(255) / np.float32(numbers.peak))
    if not contract.clamp:
        _check_range(levels)
    levels = levels.clamp(0, 255)
    if contract.fit == "resize":
        levels = _resize(levels, size)
    levels = levels[: size[0], : size[1]]
    if contract.output.color == "linear":
        return torch.bucketize(levels.contiguous(), _on(linear_thresholds(contract.rounding), levels), right=True).to(
            torch.uint8
        )
    return (levels.round() if contract.rounding == "nearest" else levels.floor()).to(torch.uint8)


class Baked(nn.Module):
    """A network with its contract inside: it takes and gives RGB NCHW in [0,1], sRGB, top row first.

    The affine parts and the channel order are 1x1 convolutions, which every engine computes alike; a plain broadcast of
    three numbers is refused or miscomputed by some. With a known height the rows are turned by constant indices, which
    opset 9 can say; a reversing slice came later.
    """

    turned: Tensor | None

    def __init__(self, network: nn.Module, contract: PixelContract, height: int | None = None) -> None:
        super().__init__()
        self.register_buffer("turned", None if height is None else torch.arange(height - 1, -1, -1))
        self.contract = contract
        self.network = network
        self.enter = _affine_conv(contract.input, entering=True)
        self.leave = _affine_conv(contract.output, entering=False)

    def forward(self, picture: Tensor) -> Tensor:
        """[1,3,H,W] in [0,1] -> [1,3,H,W] in [0,1]."""
        given, taken = self.contract.input, self.contract.output
        x: Tensor = _linear_from_srgb(picture) if given.color == "linear" else picture
        x = self.enter(x)
        x = self._turn(x) if given.rows == "bottom" else x
        x = self.network(x.permute(0, 2, 3, 1)) if given.layout == "nhwc" else self.network(x)
        x = x.permute(0, 3, 1, 2) if taken.layout == "nhwc" else x
        x = self._turn(x) if taken.rows == "bottom" else x
        x = self.leave(x).clamp(0.0, 1.0)
        return _srgb_from_linear(x) if taken.color == "linear" else x

    def _turn(self, x: Tensor) -> Tensor:
        return x.flip(2) if self.turned is None else x.index_select(2, self.turned)


def _affine_conv(side: Side, *, entering: bool) -> nn.Conv2d:
    numbers = side.numbers
    order = [2, 1, 0] if side.channels == "bgr" else [0, 1, 2]
    conv = nn.Conv2d(3, 3, 1)
    weight, bias = np.zeros((3, 3), np.float64), np.zeros(3, np.float64)
    for place, c in enumerate(order):
        if entering:  # u[c] -> number at its place
            weight[place, c] = numbers.peak / numbers.std[c]
            bias[place] = -numbers.mean[c] / numbers.std[c]
        else:  # number at its place -> u[c]
            weight[c, place] = numbers.std[c] / numbers.peak
            bias[c] = numbers.mean[c] / numbers.peak
    with torch.no_grad():
        conv.weight.copy_(torch.from_numpy(weight)[:, :, None, None])
        conv.bias.copy_(torch.from_numpy(bias))  # type: ignore[union-attr]
    return conv.requires_grad_(False)


def _linear_from_srgb(u: Tensor) -> Tensor:
    """Both branches summed without a comparison: each is held constant outside its own part."""
    low = u.clamp(max=0.04045) / 12.92
    high = torch.pow((u.clamp(min=0.04045) + 0.055) / 1.055, 2.4)
    return low + high - math.pow((0.04045 + 0.055) / 1.055, 2.4)


def _srgb_from_linear(w: Tensor) -> Tensor:
    low = w.clamp(max=0.0031308) * 12.92
    high = torch.pow(w.clamp(min=0.0031308), 1 / 2.4) * 1.055
    return low + high - 1.055 * math.pow(0.0031308, 1 / 2.4)


def _on(table: np.ndarray[tuple[int, ...], np.dtype[np.float32]], like: Tensor) -> Tensor:
    return torch.from_numpy(table).to(like.device)


def _triple(values: tuple[float, float, float], like: Tensor) -> Tensor:
    return torch.tensor(values, dtype=torch.float32, device=like.device)


def _normalise(unit: Tensor, numbers: Range) -> Tensor:
    return (unit * float(np.float32(numbers.peak)) - _triple(numbers.mean, unit)) / _triple(numbers.std, unit)


def _check_color(color: Tensor) -> None:
    """What `Frame` checks of an array."""
    if color.dtype != torch.uint8 or color.ndim != 3 or color.shape[2] not in (3, 4):
        dtype = str(color.dtype).removeprefix("torch.")
        raise InputError(f"plane 'color' is {dtype} {list(color.shape)}", expected="uint8 [H,W,3|4]")
    _check_size(*color.shape[:2])


def _check_size(height: int, width: int) -> None:
    if not (0 < height <= MAX_SIDE and 0 < width <= MAX_SIDE):
        raise InputError(f"plane 'color' is {width}x{height}", expected=f"1 to {MAX_SIDE} pixels a side")


def _check_range(levels: Tensor) -> None:
    for c in range(3):
        plane = levels[:, :, c]
        outside = int(((plane < -SLACK) | (plane > 255 + SLACK)).sum())
        check_outside(outside, plane.numel(), float(plane.min()), float(plane.max()), c)


def _resize(pixels: Tensor, size: tuple[int, int]) -> Tensor:
    """[H,W,C] -> [h,w,C] with the taps of the numpy path."""
    low, high, part = (torch.from_numpy(t).to(pixels.device) for t in resize_taps(pixels.shape[1], size[1]))
    pixels = pixels[:, low] + (pixels[:, high] - pixels[:, low]) * part[None, :, None]
    low, high, part = (torch.from_numpy(t).to(pixels.device) for t in resize_taps(pixels.shape[0], size[0]))
    return pixels[low] + (pixels[high] - pixels[low]) * part[:, None, None]


def _pack(pixels: Tensor, side: Side) -> Tensor:
    pixels = pixels.flip(0) if side.rows == "bottom" else pixels
    pixels = pixels.flip(2) if side.channels == "bgr" else pixels
    pixels = pixels.permute(2, 0, 1) if side.layout == "nchw" else pixels  # [H,W,3] -> [3,H,W]
    return pixels[None].contiguous()


def _unpack(tensor: Tensor, side: Side) -> Tensor:
    pixels = tensor[0].permute(1, 2, 0) if side.layout == "nchw" else tensor[0]  # -> [H,W,3]
    pixels = pixels.flip(2) if side.channels == "bgr" else pixels
    return pixels.flip(0) if side.rows == "bottom" else pixels
