"""Johnson's feed-forward style network at any width, and the relative that the in-Unity tutorial trains."""

from __future__ import annotations

from typing import Literal

import torch.nn.functional as F
from torch import Tensor, nn

from stylebridge.errors import InputError
from stylebridge.nets.layers import ReflectConv, double_size
from stylebridge.nets.norms import instance_norm

Variant = Literal["plain", "tutorial"]
VARIANTS: tuple[Variant, ...] = ("plain", "tutorial")


class ResidualBlock(nn.Module):
    """Two convolutions whose result is added to their input `identity` times."""

    def __init__(self, channels: int, identity: float = 1.0) -> None:
        super().__init__()
        self.conv1 = ReflectConv(channels, channels, 3)
        self.in1 = instance_norm(channels)
        self.conv2 = ReflectConv(channels, channels, 3)
        self.in2 = instance_norm(channels)
        self.identity = identity

    def forward(self, x: Tensor) -> Tensor:
        """Keep the shape [N,C,H,W]."""
        out: Tensor = self.in2(self.conv2(F.relu(self.in1(self.conv1(x)))))
        return out + x if self.identity == 1.0 else out + x * self.identity


class TransformerNet(nn.Module):
    """An image transformation network: RGB 0 to 255 in, RGB 0 to 255 out, not clamped.

    `tutorial` differs in two ways that its published weights depend on: every residual block adds its input twice, and
    each encoder stage is added to the decoder stage of the same size. Its input sides must be multiples of 4.
    """

    def __init__(
        self, widths: tuple[int, int, int] = (32, 64, 128), blocks: int = 5, variant: Variant = "plain"
    ) -> None:
        super().__init__()
        _check_options(widths, blocks, variant)
        narrow, middle, wide = widths
        self.variant = variant
        self.conv1 = ReflectConv(3, narrow, 9)
        self.in1 = instance_norm(narrow)
        self.conv2 = ReflectConv(narrow, middle, 3, stride=2)
        self.in2 = instance_norm(middle)
        self.conv3 = ReflectConv(middle, wide, 3, stride=2)
        self.in3 = instance_norm(wide)
        identity = 2.0 if variant == "tutorial" else 1.0
        self.blocks = nn.Sequential(*(ResidualBlock(wide, identity) for _ in range(blocks)))
        self.deconv1 = ReflectConv(wide, middle, 3)
        self.in4 = instance_norm(middle)
        self.deconv2 = ReflectConv(middle, narrow, 3)
        self.in5 = instance_norm(narrow)
        self.deconv3 = ReflectConv(narrow, 3, 9)

    def forward(self, x: Tensor) -> Tensor:
        """Stylise [N,3,H,W]."""
        skips = self.variant == "tutorial"
        full = F.relu(self.in1(self.conv1(x)))  # [N,w0,H,W]
        half = F.relu(self.in2(self.conv2(full)))  # [N,w1,H/2,W/2]
        quarter = F.relu(self.in3(self.conv3(half)))  # [N,w2,H/4,W/4]
        out = self.blocks(quarter)
        out = out + quarter if skips else out
        out = F.relu(self.in4(self.deconv1(double_size(out))))
        out = out + half if skips else out
        out = F.relu(self.in5(self.deconv2(double_size(out))))
        styled: Tensor = self.deconv3(out + full if skips else out)
        return styled


def _check_options(widths: tuple[int, ...], blocks: int, variant: str) -> None:
    if len(widths) != 3 or min(widths) < 1:
        raise InputError(f"transformer widths {tuple(widths)}", expected="three positive channel counts")
    if blocks < 0:
        raise InputError(f"{blocks} residual blocks", expected="0 or more")
    if variant not in VARIANTS:
        raise InputError(f"transformer variant {variant!r}", expected=" or ".join(VARIANTS))
