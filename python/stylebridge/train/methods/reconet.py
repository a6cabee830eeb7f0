"""ReCoNet: one network per style that also keeps still what stands still, by the game's own motion."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import msgspec
import torch
from torch import Tensor, nn

from stylebridge.contract import PixelContract
from stylebridge.nets.norms import Norm
from stylebridge.nets.perceptual import STYLE_TAPS
from stylebridge.nets.registry import NetSpec, build
from stylebridge.train.data.crops import Pairs
from stylebridge.train.losses import (
    content_loss,
    feature_temporal,
    luma,
    luma_and_chroma,
    output_temporal,
    outside_range,
    style_loss,
    total_variation,
)
from stylebridge.train.material import Material
from stylebridge.train.method import Batch, Method, Net, Player, Terms
from stylebridge.train.settings import Settings, about
from stylebridge.train.warp import shrunk_mask, shrunk_motion, warped


class Weights(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How much each fault weighs; see losses.py for their units."""

    style: Annotated[float, about("Gram error relative to the style's own", ge=0)] = 4.0
    content: Annotated[float, about("feature error relative to the frame's own", ge=0)] = 1.0
    tv: Annotated[float, about("variation of brightness", ge=0)] = 0.3
    chroma: Annotated[float, about("variation of colour", ge=0)] = 3.0
    outside: Annotated[float, about("what leaves the range of the screen", ge=0)] = 10.0
    feature_temporal: Annotated[float, about("change of the bottleneck along the motion, relative", ge=0)] = 1.0
    output_temporal: Annotated[float, about("change of the picture along the motion, squared", ge=0)] = 60.0


class ReCoNet(Settings, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """ReCoNet at any width, with instance norm or FRN and TLU."""

    widths: Annotated[tuple[int, int, int], about("channels of the three encoder stages")] = (16, 32, 64)
    blocks: Annotated[int, about("residual blocks", ge=0, le=64)] = 4
    norm: Annotated[Norm, about("instance, or frn with TLU")] = "instance"
    weights: Weights = Weights()


class WithFeatures(nn.Module):
    """The network with its encoder's features beside the picture, as the temporal terms need them."""

    def __init__(self, network: nn.Module) -> None:
        super().__init__()
        self.network = network

    def forward(self, pictures: Tensor) -> tuple[Tensor, Tensor]:
        """Stylise [N,3,H,W]."""
        made: tuple[Tensor, Tensor] = self.network.forward_with_features(pictures)  # type: ignore[operator]
        return made


class ReCoNetMethod(Method):
    """The network against one style and against its own last picture."""

    settings = ReCoNet
    contract = PixelContract.of("signed", multiple=4)
    content_tap = "relu3_3"

    def __init__(self, settings: ReCoNet, material: Material) -> None:
        self.chosen, self.sight = settings, material.sight((*STYLE_TAPS, self.content_tap), self.contract)
        options = {"widths": list(settings.widths), "blocks": settings.blocks, "norm": settings.norm}
        self.spec = NetSpec("reconet", options)
        self.network = build(self.spec)
        self.grams = self.sight.style(Path(settings.style[0]), settings.style_size)
        count = settings.steps * settings.batch
        self.frames = Pairs(
            material.stills, material.learnt, self.contract, size=settings.size, count=count, seed=settings.seed
        )

    def players(self) -> Sequence[Player]:
        """The network alone."""
        weights = msgspec.structs.asdict(self.chosen.weights)
        return [Player("network", WithFeatures(self.network), self._terms, weights, self.chosen.learning_rate)]

    def prepare(self, batch: Batch) -> Batch:
        """Both frames as one batch, what they show, and how much brighter the game itself became."""
        both = torch.cat([batch["picture"], batch["before"]])  # [2N,3,H,W]
        unit = self.sight.unit(both)
        now, before = unit.chunk(2)
        with torch.no_grad():
            content = self.sight.see(unit, (self.content_tap,))[self.content_tap]
        brighter = luma(now) - warped(luma(before), batch["motion"])
        return batch | {"both": both, "content": content, "brighter": brighter}

    def _terms(self, net: Net, batch: Batch) -> Terms:
        made, features = net(batch["both"])
        styled = self.sight.unit(made)
        bright, colours = luma_and_chroma(styled)
        seen = self.sight.see(styled)
        terms = {
            "style": style_loss(seen, self.grams),
            "content": content_loss(seen, {self.content_tap: batch["content"]}, self.content_tap),
            "tv": total_variation(bright),
            "chroma": total_variation(colours),
            "outside": outside_range(styled),
        }
        return terms | self._temporal(styled, features, batch)

    def _temporal(self, styled: Tensor, features: Tensor, batch: Batch) -> Terms:
        now, before = styled.chunk(2)
        felt, felt_before = features.chunk(2)
        size = (felt.shape[2], felt.shape[3])
        motion, seen = batch["motion"], batch["seen"]
        carried = warped(felt_before, shrunk_motion(motion, size))
        return {
            "feature_temporal": feature_temporal(felt, carried, shrunk_mask(seen, size)),
            "output_temporal": output_temporal(now, warped(before, motion), batch["brighter"], seen),
        }


METHOD = ReCoNetMethod
