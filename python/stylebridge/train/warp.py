"""Pictures and features carried along by motion, so that gradients flow through."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor


def warped(before: Tensor, motion: Tensor) -> Tensor:
    """The tensor before, [N,C,H,W], as the present frame sees it; `motion` [N,2,H,W] are pixels (x, y) back to it."""
    _, _, height, width = before.shape
    columns = torch.arange(width, device=before.device, dtype=torch.float32)
    rows = torch.arange(height, device=before.device, dtype=torch.float32)[:, None]
    x, y = motion[:, 0].float() + columns, motion[:, 1].float() + rows
    # grid_sample counts from -1 at the first pixel's outer edge to 1 at the last one's
    grid = torch.stack(((2 * x + 1) / width - 1, (2 * y + 1) / height - 1), dim=-1)  # [N,H,W,2]
    return F.grid_sample(before.float(), grid, mode="bilinear", padding_mode="border", align_corners=False)


def shrunk_motion(motion: Tensor, size: tuple[int, int]) -> Tensor:
    """Motion for a feature map of this (height, width), in its own pixels."""
    scale = motion.new_tensor((size[1] / motion.shape[3], size[0] / motion.shape[2]))
    return F.interpolate(motion, size=size, mode="area") * scale[:, None, None]


def shrunk_mask(seen: Tensor, size: tuple[int, int]) -> Tensor:
    """1 where everything under a feature's cell is seen."""
    return (F.interpolate(seen, size=size, mode="area") > 0.999).to(seen.dtype)
