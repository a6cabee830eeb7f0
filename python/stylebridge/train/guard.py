"""The guard: a sum of terms that refuses to go on with what is no number, and names the term."""

from __future__ import annotations

from collections.abc import Mapping

import torch
from torch import Tensor

from stylebridge.errors import StylebridgeError
from stylebridge.train.method import Player, Terms


def total(terms: Terms, player: Player) -> Tensor:
    """The weighted sum; a term without a weight is a mistake of the method's."""
    parts = [player.weights[name] * value for name, value in terms.items() if player.weights[name]]
    return torch.stack([part.float() for part in parts]).sum()


def check(figures: Mapping[str, float], step: int, where: object) -> None:
    """Stop before a step that would spoil the network."""
    bad = [name for name, value in figures.items() if not abs(value) < float("inf")]
    if bad:
        raise StylebridgeError(
            f"step {step}: {' and '.join(bad)} came out as {figures[bad[0]]}",
            expected="finite numbers",
            do="resume with a lower learning_rate or clip, or in fp32; the last checkpoint is whole",
            where=where,
        )
