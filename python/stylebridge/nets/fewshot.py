"""Texler's few-shot generator: learns a style from one or two painted frames, trained on small patches."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from stylebridge.errors import InputError
from stylebridge.nets.layers import double_size

FILTERS = (32, 64, 128, 128, 128, 64)


class PreactivationBlock(nn.Module):
    """A residual block that activates first, so that the sum it returns stays signed."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(channels, channels, 3, padding=1)
        self.norm = nn.BatchNorm2d(channels)
        self.conv2 = nn.Conv2d(channels, channels, 3, padding=1)
        self.relu = nn.ReLU()

    def forward(self, x: Tensor) -> Tensor:
        """Keep the shape [N,C,H,W]."""
        out: Tensor = self.conv2(self.relu(self.norm(self.conv1(self.relu(x)))))
        return out + x


class FewShotGenerator(nn.Module):
    """A U-shaped generator in [-1,1]; guide planes may follow the three colour channels of its input.

    `filters` are the widths of: conv7, the two downsampling convs (the second also carries the blocks), an unused slot
    kept equal to it, both upsampling convs, and the full-size tail. The input's sides must be multiples of 4.
    """

    def __init__(
        self,
        blocks: int = 7,
        filters: tuple[int, int, int, int, int, int] = FILTERS,
        input_channels: int = 3,
        smoothers: bool = True,
    ) -> None:
        super().__init__()
        _check_options(blocks, filters, input_channels)
        full, half, quarter, deep, up, tail = filters
        self.enter = _stage(input_channels, full, 7, 1)
        self.down1 = _stage(full, half, 3, 2)
        self.down2 = _stage(half, quarter, 3, 2)
        self.blocks = nn.Sequential(*(PreactivationBlock(quarter) for _ in range(blocks)))
        self.up2 = _up_stage(deep + quarter, up)
        self.up1 = _up_stage(up + half, up)
        self.merge = nn.Conv2d(up + full + input_channels, tail, 7, padding=3)
        self.smooth = _smoothers(tail) if smoothers else nn.Identity()
        self.leave = nn.Conv2d(tail, 3, 1)

    def forward(self, x: Tensor) -> Tensor:
        """Stylise [N,C,H,W] into [N,3,H,W]."""
        full = self.enter(x)  # [N,f0,H,W]
        half = self.down1(full)  # [N,f1,H/2,W/2]
        quarter = self.down2(half)  # [N,f2,H/4,W/4]
        out = self.blocks(quarter)
        out = self.up2(double_size(torch.cat((out, quarter), dim=1)))
        out = self.up1(double_size(torch.cat((out, half), dim=1)))
        out = torch.relu(self.merge(torch.cat((out, full, x), dim=1)))
        return torch.tanh(self.leave(self.smooth(out)))


def _stage(in_channels: int, out_channels: int, kernel: int, stride: int) -> nn.Sequential:
    return nn.Sequential(
        nn.Conv2d(in_channels, out_channels, kernel, stride, kernel // 2),
        nn.BatchNorm2d(out_channels),
        nn.LeakyReLU(0.2),
    )


def _up_stage(in_channels: int, out_channels: int) -> nn.Sequential:
    # No bias, unlike every other convolution here: the published weights have none.
    conv = nn.Conv2d(in_channels, out_channels, 3, padding=1, bias=False)
    return nn.Sequential(conv, nn.BatchNorm2d(out_channels), nn.ReLU())


def _smoothers(channels: int) -> nn.Sequential:
    first, second = (nn.Conv2d(channels, channels, 3, padding=1) for _ in range(2))
    return nn.Sequential(first, nn.ReLU(), nn.BatchNorm2d(channels), second, nn.ReLU())


def _check_options(blocks: int, filters: tuple[int, ...], input_channels: int) -> None:
    if blocks < 0:
        raise InputError(f"{blocks} residual blocks", expected="0 or more")
    if len(filters) != 6 or min(filters) < 1:
        raise InputError(f"few-shot filters {tuple(filters)}", expected="six positive channel counts")
    if filters[2] != filters[3]:
        raise InputError(f"few-shot filters {tuple(filters)}", expected="the third and fourth to be equal")
    if input_channels < 3:
        raise InputError(f"{input_channels} input channels", expected="3 colours and any number of guide planes")
