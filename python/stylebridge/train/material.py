"""Material: what a run learns from and is judged by, opened once."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import torch

from stylebridge.contract import PixelContract
from stylebridge.errors import InputError
from stylebridge.train.data.stills import FEWEST, Stills, open_stills, parted
from stylebridge.train.settings import Settings
from stylebridge.train.sight import Sight, find_perceptual


@dataclass
class Material:
    """Frames to learn on, frames to be judged on, and the perceptual network that looks at both."""

    stills: Stills
    learnt: Sequence[int]
    kept: Sequence[Sequence[int]]  # runs of consecutive frames that nothing is learnt from
    perceptual: Path
    device: torch.device
    _sights: dict[tuple[tuple[str, ...], str], Sight] = field(default_factory=dict)

    def sight(self, taps: Sequence[str], contract: PixelContract) -> Sight:
        """The perceptual network for these layers and numbers."""
        key = (tuple(dict.fromkeys(taps)), contract.to_json())
        if key not in self._sights:
            self._sights[key] = Sight(self.perceptual, key[0], contract, self.device)
        return self._sights[key]

    def learn_only_from(self, numbers: Collection[int]) -> None:
        """Nothing but these frames is learnt from, so the judge may look at all between them, before and behind."""
        self.learnt = sorted(numbers)
        parts = [part for run in self.stills.runs() for part in parts_between(run, numbers)]
        self.kept = [part for part in parts if len(part) >= FEWEST]


def parts_between(run: Sequence[int], numbers: Collection[int]) -> list[list[int]]:
    """The parts of a run before, between and behind these."""
    parts: list[list[int]] = [[]]
    for number in run:
        if number in numbers:
            parts.append([])
        else:
            parts[-1].append(number)
    return parts


def open_material(settings: Settings, device: torch.device) -> Material:
    """Everything that the settings name, or one line about what is missing."""
    if settings.needs_style and not settings.style:
        raise InputError("no style picture", do="pass --style PICTURE")
    stills = open_stills(settings.data)
    learnt, kept = parted(stills, settings.held_out)
    return Material(stills, learnt, kept, find_perceptual(settings.perceptual), device)
