"""The average of the weights over the last steps: steadier than any single one of them."""

from __future__ import annotations

import copy

import torch
from torch import nn


class Average:
    """A copy of a network that follows it slowly; in the beginning faster, so that it doesn't remember its birth."""

    def __init__(self, network: nn.Module, share: float) -> None:
        self.share = share
        self.network = copy.deepcopy(network).eval().requires_grad_(False) if share else network

    @torch.no_grad()
    def follow(self, network: nn.Module, step: int) -> None:
        """Take in the weights after a step, counted from 1."""
        if not self.share:
            return
        kept = min(self.share, step / (step + 10))
        for name, value in network.state_dict().items():
            mine = self.network.state_dict()[name]
            if value.dtype.is_floating_point:
                mine.lerp_(value, 1 - kept)
            else:
                mine.copy_(value)
