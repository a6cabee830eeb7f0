"""Losses in units that carry over: every term is relative to the size of what it compares with.

Gram and feature values differ by orders of magnitude between VGGs, widths and layers, which is why published loss
weights don't travel. Divided by the target's own mean square, 1.0 means "as wrong as an empty picture" everywhere.
Pictures are in [0,1], so picture terms have the unit of a full step from black to white, squared or not as named. Each
term is the mean over the samples of a batch, so that two processes with half a batch each find the same.
"""

from __future__ import annotations

from collections.abc import Mapping

import torch
from torch import Tensor

from stylebridge.nets.perceptual import gram

Features = Mapping[str, Tensor]
LUMA = (0.2126, 0.7152, 0.0722)


def relative_error(value: Tensor, target: Tensor) -> Tensor:
    """Mean squared error of each sample divided by its target's mean square; the mean over the samples."""
    sides = tuple(range(1, value.ndim))
    value, target = value.float(), target.float()
    return ((value - target).square().mean(sides) / target.square().mean(sides).clamp(min=1e-12)).mean()


def style_loss(features: Features, grams: Features) -> Tensor:
    """Relative Gram error, averaged over the layers and the batch."""
    errors = [relative_error(gram_of(features[tap]), target) for tap, target in grams.items()]
    return torch.stack(errors).mean()


def content_loss(features: Features, targets: Features, tap: str) -> Tensor:
    """Relative feature error at one layer."""
    return relative_error(features[tap], targets[tap].detach())


def published_style_loss(features: Features, grams: Features) -> Tensor:
    """fast_neural_style's: mean square error of the Gram matrices, summed over the layers."""
    errors = [(gram_of(features[tap]) - target).square().mean() for tap, target in grams.items()]
    return torch.stack(errors).sum()


def published_content_loss(features: Features, target: Tensor, tap: str) -> Tensor:
    """fast_neural_style's: mean square error of the features at one layer."""
    return (features[tap].float() - target.float()).square().mean()


def gram_of(features: Tensor) -> Tensor:
    """Gram matrices in single precision, whatever the features come in: sums over a whole picture need it."""
    with torch.autocast(features.device.type, enabled=False):
        return gram(features.float())


def style_grams(features: Features, taps: tuple[str, ...]) -> dict[str, Tensor]:
    """The style picture's Gram matrices, [1,C,C] each."""
    return {tap: gram_of(features[tap]) for tap in taps}


def total_variation(picture: Tensor) -> Tensor:
    """Mean absolute difference between neighbours, for pictures in [0,1]."""
    rows = (picture[:, :, 1:] - picture[:, :, :-1]).abs().mean()
    columns = (picture[:, :, :, 1:] - picture[:, :, :, :-1]).abs().mean()
    return rows + columns


def luma(picture: Tensor) -> Tensor:
    """[N,3,H,W] RGB -> [N,1,H,W] brightness."""
    return (picture * picture.new_tensor(LUMA)[:, None, None]).sum(dim=1, keepdim=True)


def luma_and_chroma(picture: Tensor) -> tuple[Tensor, Tensor]:
    """[N,3,H,W] RGB -> [N,1,H,W] brightness and [N,2,H,W] red and blue less brightness."""
    bright = luma(picture)
    return bright, picture[:, ::2] - bright


def outside_range(picture: Tensor) -> Tensor:
    """Mean square of what leaves [0,1] and would be cut off on the screen."""
    return (picture - picture.clamp(0, 1)).square().mean()


def masked_mean(error: Tensor, seen: Tensor) -> Tensor:
    """Mean of [N,C,H,W] where [N,1,H,W] is 1, over what is seen in each sample, then over the samples."""
    seen = seen.to(error.dtype)
    count = seen.sum(dim=(1, 2, 3)) * error.shape[1]
    return ((error * seen).sum(dim=(1, 2, 3)) / count.clamp(min=1.0)).mean()


def output_temporal(styled: Tensor, before: Tensor, brighter: Tensor, seen: Tensor) -> Tensor:
    """Squared change of the picture against the warped one before it, less how much brighter the game itself became."""
    return masked_mean((styled - before - brighter).square(), seen)


def feature_temporal(features: Tensor, before: Tensor, seen: Tensor) -> Tensor:
    """Squared change of the features against the warped ones before them, relative to their mean square."""
    scale = before.detach().float().square().mean(dim=(1, 2, 3), keepdim=True).clamp(min=1e-12)
    return masked_mean((features.float() - before.float()).square() / scale, seen)
