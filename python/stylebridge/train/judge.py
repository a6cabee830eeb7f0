"""The judge: how a network does on frames that it never learnt from – how much style, and how much flicker."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from stylebridge.compare.temporal.flicker import NEAR_ONLY, FlickerMeter
from stylebridge.contract import PixelContract
from stylebridge.train.data.stills import Stills
from stylebridge.train.losses import content_loss, style_loss
from stylebridge.train.sight import Sight

FRAMES = 12  # of each look
LEVELS = 255.0
PLANES = ("color", "depth", "motion", "occlusion")


@dataclass(frozen=True, slots=True)
class Judgement:
    """Lower is better; `flicker` in levels of 255 less the game's own change of brightness, None without motion."""

    style: float
    content: float
    flicker: float | None

    @property
    def score(self) -> float:
        """What early stopping goes by: relative Gram error, and flicker as a share of full white, added."""
        return self.style + (self.flicker or 0.0) / LEVELS

    def as_figures(self) -> dict[str, float]:
        """By name, as they are written down."""
        flicker = {} if self.flicker is None else {"held_out_flicker": self.flicker}
        return {
            "held_out_style": self.style,
            "held_out_content": self.content,
            "held_out_score": self.score,
        } | flicker


class Judge:
    """Looks at the same held-out frames every time."""

    def __init__(
        self,
        stills: Stills,
        runs: Sequence[Sequence[int]],
        contract: PixelContract,
        sight: Sight,
        grams: Mapping[str, Tensor],
        content_tap: str,
    ) -> None:
        self.frames = [stills.read(number, PLANES) for number in max(runs, key=len)[:FRAMES]]
        self.moves = all(frame.motion is not None for frame in self.frames[1:])
        self.contract, self.sight, self.grams, self.content_tap = contract, sight, grams, content_tap

    @torch.no_grad()
    def look(self, stylize: Callable[[Tensor], Tensor]) -> Judgement:
        """Stylise the clip frame by frame, as a game would."""
        meter = FlickerMeter(span=NEAR_ONLY)
        style, content = [], []
        for frame in self.frames:
            given = torch.from_numpy(self.contract.to_tensor(frame)).to(self.sight.device)
            styled = stylize(given)
            if self.moves:
                meter.add(frame, self.contract.to_frame(styled.float().cpu().numpy(), frame).rgb)
            features = self.sight.see(self.sight.unit(styled).clamp(0, 1), (*self.grams, self.content_tap))
            targets = self.sight.see(self.sight.unit(given), (self.content_tap,))
            style.append(float(style_loss(features, self.grams)))
            content.append(float(content_loss(features, targets, self.content_tap)))
        flicker = meter.result().near.mean_compensated if self.moves else None
        return Judgement(_mean(style), _mean(content), flicker)


def _mean(values: Sequence[float]) -> float:
    return sum(values) / len(values)
