"""Normalisation layers that read one image at a time, so training and playing compute the same thing."""

from __future__ import annotations

from typing import Literal

import torch
from torch import Tensor, nn

Norm = Literal["instance", "frn"]
NORMS: tuple[Norm, ...] = ("instance", "frn")


class FRN(nn.Module):
    """Filter response normalisation: weight * x / sqrt(mean(x²) + eps) + bias, the mean taken over H and W."""

    eps: Tensor

    def __init__(self, channels: int, eps: float = 1e-6) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.ones(1, channels, 1, 1))
        self.bias = nn.Parameter(torch.zeros(1, channels, 1, 1))
        # A buffer because published checkpoints carry it, some of them as a learnt value.
        self.register_buffer("eps", torch.tensor([eps]))

    def forward(self, x: Tensor) -> Tensor:
        """Normalise [N,C,H,W]."""
        energy = (x * x).mean(dim=(2, 3), keepdim=True)  # [N,C,H,W] -> [N,C,1,1]
        return self.weight * (x / torch.sqrt(energy + self.eps.abs())) + self.bias


class TLU(nn.Module):
    """Thresholded linear unit: max(y, tau) with a learnt tau per channel, the activation that FRN asks for."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.tau = nn.Parameter(torch.zeros(1, channels, 1, 1))

    def forward(self, x: Tensor) -> Tensor:
        """Clip [N,C,H,W] from below."""
        return torch.max(x, self.tau)


def instance_norm(channels: int) -> nn.InstanceNorm2d:
    """An instance norm with a learnt scale and bias and no running statistics."""
    return nn.InstanceNorm2d(channels, affine=True)


def norm_layer(kind: Norm, channels: int) -> nn.Module:
    """The normalisation called `kind`."""
    return FRN(channels) if kind == "frn" else instance_norm(channels)


def activation_layer(kind: Norm, channels: int) -> nn.Module:
    """The activation that belongs to the normalisation called `kind`."""
    return TLU(channels) if kind == "frn" else nn.ReLU()
