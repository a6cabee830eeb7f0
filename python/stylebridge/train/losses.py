"""Losses in units that carry over: every term is relative to the size of what it compares with.

Gram and feature values differ by orders of magnitude between VGGs, widths and layers, which is why published loss
weights don't travel. Divided by the target's own mean square, 1.0 means "as wrong as an empty picture" everywhere.
"""

from __future__ import annotations

from collections.abc import Mapping

import torch
from torch import Tensor

from stylebridge.nets.perceptual import gram

Features = Mapping[str, Tensor]


def relative_error(value: Tensor, target: Tensor) -> Tensor:
    """Mean squared error divided by the target's mean square."""
    return (value - target).square().mean() / target.square().mean().clamp(min=1e-12)


def style_loss(features: Features, grams: Features) -> Tensor:
    """Relative Gram error, averaged over the layers and the batch."""
    return torch.stack([relative_error(gram(features[tap]), target) for tap, target in grams.items()]).mean()


def content_loss(features: Features, targets: Features, tap: str) -> Tensor:
    """Relative feature error at one layer."""
    return relative_error(features[tap], targets[tap].detach())


LUMA = (0.2126, 0.7152, 0.0722)


def luma_and_chroma(picture: Tensor) -> tuple[Tensor, Tensor]:
    """[N,3,H,W] RGB -> [N,1,H,W] brightness and [N,2,H,W] red and blue less brightness."""
    luma = (picture * picture.new_tensor(LUMA)[:, None, None]).sum(dim=1, keepdim=True)
    return luma, picture[:, ::2] - luma


def total_variation(picture: Tensor) -> Tensor:
    """Mean absolute difference between neighbours, for pictures in [0,1]."""
    rows = (picture[:, :, 1:] - picture[:, :, :-1]).abs().mean()
    columns = (picture[:, :, :, 1:] - picture[:, :, :, :-1]).abs().mean()
    return rows + columns


def style_grams(features: Features, taps: tuple[str, ...], batch: int) -> dict[str, Tensor]:
    """The style picture's Gram matrices, repeated for a batch."""
    return {tap: gram(features[tap]).expand(batch, -1, -1) for tap in taps}
