"""ReCoNet: a style network trained for video, whose encoder output is held stable from frame to frame."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from stylebridge.errors import InputError
from stylebridge.nets.layers import ReflectConv, double_size
from stylebridge.nets.norms import NORMS, Norm, activation_layer, norm_layer


class ConvNorm(nn.Module):
    """Convolution, normalisation and, unless the caller adds something first, activation."""

    def __init__(
        self, in_channels: int, out_channels: int, kernel: int, stride: int, norm: Norm, active: bool = True
    ) -> None:
        super().__init__()
        self.conv = ReflectConv(in_channels, out_channels, kernel, stride)
        self.norm = norm_layer(norm, out_channels)
        self.activation = activation_layer(norm, out_channels) if active else nn.Identity()

    def forward(self, x: Tensor) -> Tensor:
        """Map [N,C,H,W] to [N,C',H/stride,W/stride]."""
        out: Tensor = self.activation(self.norm(self.conv(x)))
        return out


class ActivatedBlock(nn.Module):
    """A residual block that activates after the sum."""

    def __init__(self, channels: int, norm: Norm) -> None:
        super().__init__()
        self.first = ConvNorm(channels, channels, 3, 1, norm)
        self.second = ConvNorm(channels, channels, 3, 1, norm, active=False)
        self.activation = activation_layer(norm, channels)

    def forward(self, x: Tensor) -> Tensor:
        """Keep the shape [N,C,H,W]."""
        out: Tensor = self.activation(x + self.second(self.first(x)))
        return out


class ReCoNet(nn.Module):
    """An encoder and a decoder in [-1,1]; `encode` gives the features that the temporal loss compares."""

    def __init__(self, widths: tuple[int, int, int] = (48, 96, 192), blocks: int = 4, norm: Norm = "instance") -> None:
        super().__init__()
        _check_options(widths, blocks, norm)
        narrow, middle, wide = widths
        self.enter = ConvNorm(3, narrow, 9, 1, norm)
        self.down1 = ConvNorm(narrow, middle, 3, 2, norm)
        self.down2 = ConvNorm(middle, wide, 3, 2, norm)
        self.blocks = nn.Sequential(*(ActivatedBlock(wide, norm) for _ in range(blocks)))
        self.up1 = ConvNorm(wide, middle, 3, 1, norm)
        self.up2 = ConvNorm(middle, narrow, 3, 1, norm)
        self.leave = ReflectConv(narrow, 3, 9)

    def encode(self, x: Tensor) -> Tensor:
        """Map [N,3,H,W] to the features [N,w2,H/4,W/4]."""
        features: Tensor = self.blocks(self.down2(self.down1(self.enter(x))))
        return features

    def decode(self, features: Tensor) -> Tensor:
        """Map the features to a picture four times their size."""
        out = self.up1(double_size(features))
        out = self.up2(double_size(out))
        return torch.tanh(self.leave(out))

    def forward(self, x: Tensor) -> Tensor:
        """Stylise [N,3,H,W]."""
        return self.decode(self.encode(x))

    def forward_with_features(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """The stylised picture together with the encoder's features, for training."""
        features = self.encode(x)
        return self.decode(features), features


def _check_options(widths: tuple[int, ...], blocks: int, norm: str) -> None:
    if len(widths) != 3 or min(widths) < 1:
        raise InputError(f"ReCoNet widths {tuple(widths)}", expected="three positive channel counts")
    if blocks < 0:
        raise InputError(f"{blocks} residual blocks", expected="0 or more")
    if norm not in NORMS:
        raise InputError(f"ReCoNet norm {norm!r}", expected=" or ".join(NORMS))
