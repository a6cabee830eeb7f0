"""The judge: how a network does on frames that it never learnt from – how much style, and how much flicker."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from stylebridge.compare.quality import psnr_from_mean_square
from stylebridge.compare.temporal.flicker import NEAR_ONLY, FlickerMeter
from stylebridge.frame import ColorPlane
from stylebridge.train.data.stills import Stills
from stylebridge.train.losses import content_loss, style_loss
from stylebridge.train.method import Method

FRAMES = 12  # of each look
LEVELS = 255.0
PLANES = ("color", "depth", "motion", "occlusion")


@dataclass(frozen=True, slots=True)
class Judgement:
    """Lower is better; `flicker` in levels of 255 less the game's own change of brightness, None without motion."""

    style: float
    content: float
    flicker: float | None
    psnr_db: float | None = None  # against what should have come out, where that is known

    @property
    def score(self) -> float:
        """What early stopping goes by: relative Gram error, and flicker as a share of full white, added."""
        return self.style + (self.flicker or 0.0) / LEVELS

    def as_figures(self) -> dict[str, float]:
        """By name, as they are written down."""
        more = {"held_out_flicker": self.flicker, "held_out_psnr_db": self.psnr_db}
        return {
            "held_out_style": self.style,
            "held_out_content": self.content,
            "held_out_score": self.score,
        } | {name: value for name, value in more.items() if value is not None}


class Judge:
    """Looks at the same held-out frames every time."""

    def __init__(self, stills: Stills, runs: Sequence[Sequence[int]], method: Method) -> None:
        numbers = max(runs, key=len)[:FRAMES]
        self.frames = [stills.read(number, PLANES) for number in numbers]
        self.given = [method.given(number, frame) for number, frame in zip(numbers, self.frames, strict=True)]
        truths = [method.truth(frame) for frame in self.frames]
        self.truths = [truth for truth in truths if truth is not None]
        self.moves = all(frame.motion is not None for frame in self.frames[1:])
        self.contract, self.sight = method.contract, method.sight
        self.grams, self.content_tap = method.grams, method.content_tap

    @torch.no_grad()
    def look(self, stylize: Callable[[Tensor], Tensor]) -> Judgement:
        """Stylise the clip frame by frame, as a game would."""
        meter = FlickerMeter(span=NEAR_ONLY)
        style, content, shown = [], [], []
        for frame, numbers in zip(self.frames, self.given, strict=True):
            given = numbers.to(self.sight.device)
            styled = stylize(given)
            shown.append(self.contract.to_frame(styled.float().cpu().numpy(), frame).rgb)
            if self.moves:
                meter.add(frame, shown[-1])
            features = self.sight.see(self.sight.unit(styled).clamp(0, 1), (*self.grams, self.content_tap))
            targets = self.sight.see(self.sight.unit(given[:, :3]), (self.content_tap,))
            style.append(float(style_loss(features, self.grams)))
            content.append(float(content_loss(features, targets, self.content_tap)))
        flicker = meter.result().near.mean_compensated if self.moves else None
        return Judgement(_mean(style), _mean(content), flicker, self._psnr_db(shown))

    def _psnr_db(self, shown: Sequence[ColorPlane]) -> float | None:
        """Against what should have come out, over all frames; 100 dB stands for no difference."""
        if len(self.truths) < len(shown):
            return None
        pairs = zip(shown, self.truths, strict=True)
        squares = [float(np.square(one.astype(np.float32) - other).mean()) for one, other in pairs]
        return min(psnr_from_mean_square(_mean(squares)), 100.0)


def _mean(values: Sequence[float]) -> float:
    return sum(values) / len(values)
