"""Johnson's method: one network per style, trained on any pictures to match a style's Gram matrices."""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import msgspec
import numpy as np
import torch
from torch import Tensor

from stylebridge.contract import PixelContract
from stylebridge.nets.perceptual import STYLE_TAPS
from stylebridge.nets.registry import NetSpec, build
from stylebridge.nets.transformer import Variant
from stylebridge.train.data.crops import Crops
from stylebridge.train.data.pool import Pool
from stylebridge.train.data.shelf import Shelf
from stylebridge.train.losses import (
    content_loss,
    luma_and_chroma,
    outside_range,
    published_content_loss,
    published_style_loss,
    style_loss,
    total_variation,
)
from stylebridge.train.material import Material
from stylebridge.train.method import Batch, Method, Net, Player, Terms
from stylebridge.train.settings import Settings, about

SIGNED = PixelContract.of("signed", multiple=4)


class Weights(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How much each fault weighs; see losses.py for their units."""

    style: Annotated[float, about("Gram error relative to the style's own", ge=0)] = 4.0
    content: Annotated[float, about("feature error relative to the frame's own", ge=0)] = 1.0
    tv: Annotated[float, about("variation of brightness", ge=0)] = 0.3
    chroma: Annotated[float, about("variation of colour; unchecked, small networks hatch in rainbows", ge=0)] = 3.0
    outside: Annotated[float, about("what leaves the range of the screen", ge=0)] = 10.0


class Johnson(Settings, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Johnson's network at any width."""

    widths: Annotated[tuple[int, int, int], about("channels of the three encoder stages")] = (16, 32, 64)
    blocks: Annotated[int, about("residual blocks", ge=0, le=64)] = 5
    pool: Annotated[int, about("so many crops again and again, their features kept; 0: every crop is new", ge=0)] = 0
    published: Annotated[
        bool, about("numbers 0-255 and units of fast_neural_style: style 1 is its 1e10, content 1 its 1e5")
    ] = False
    variant: Annotated[Variant, about("plain, or the in-Unity tutorial's with skips")] = "plain"
    weights: Weights = Weights()


class JohnsonMethod(Method):
    """The transformer network against one style."""

    settings = Johnson
    content_tap = "relu2_2"

    def __init__(self, settings: Johnson, material: Material) -> None:
        self.chosen = settings
        # small numbers learn faster than 0-255
        self.contract = PixelContract.of("byte", multiple=4, rounding="floor") if settings.published else SIGNED
        self.sight = material.sight((*STYLE_TAPS, self.content_tap), self.contract)
        options = {"widths": list(settings.widths), "blocks": settings.blocks, "variant": settings.variant}
        self.spec = NetSpec("transformer", options)
        self.network = build(self.spec)
        self.grams = self.sight.style(Path(settings.style[0]), settings.style_size)
        count = settings.steps * settings.batch
        crops = Crops(
            material.stills, material.learnt, self.contract, size=settings.size, count=count, seed=settings.seed
        )
        self.frames = Pool(crops, settings.pool, count, settings.seed)
        self.shelf: Shelf[np.float16] | None = None

    def players(self) -> Sequence[Player]:
        """The network alone."""
        weights = msgspec.structs.asdict(self.chosen.weights)
        return [Player("network", self.network, self._terms, weights, self.chosen.learning_rate)]

    def prepare(self, batch: Batch) -> Batch:
        """What the frames show, to be kept; of a pool's crops it is looked at once."""
        numbers = batch["number"].tolist()
        kept = [self.shelf.get(number) for number in numbers] if self.shelf else [None]
        known = [torch.from_numpy(features.copy()) for features in kept if features is not None]
        if len(known) == len(numbers):
            content = torch.stack(known).float().to(batch["picture"].device, memory_format=torch.channels_last)
            return batch | {"content": content}
        with torch.no_grad():
            content = self.sight.see(self.sight.unit(batch["picture"]), (self.content_tap,))[self.content_tap]
        if self.chosen.pool:
            self._keep(numbers, content)
        return batch | {"content": content}

    def _keep(self, numbers: list[int], content: Tensor) -> None:
        """In half precision: it adds to a mean square error about 1e-7 of the features' own mean square."""
        if self.shelf is None:
            self.shelf = Shelf(tuple(content.shape[1:]), np.float16)
        for number, features in zip(numbers, content.float().cpu().numpy(), strict=True):
            self.shelf.put(number, features)

    def _terms(self, net: Net, batch: Batch) -> Terms:
        styled = self.sight.unit(net(batch["picture"]))
        if self.chosen.published:
            features = self.sight.see(styled, slack=math.inf)
            terms = {"style": 1e10 * published_style_loss(features, self.grams)}
            terms["content"] = 1e5 * published_content_loss(features, batch["content"], self.content_tap)
        else:
            features = self.sight.see(styled)
            terms = {"style": style_loss(features, self.grams)}
            terms["content"] = content_loss(features, {self.content_tap: batch["content"]}, self.content_tap)
        return terms | self._looks(styled)

    def _looks(self, styled: Tensor) -> Terms:
        """What is wrong with the picture as such; what weighs nothing isn't computed."""
        weights, terms = self.chosen.weights, {}
        if weights.tv or weights.chroma:
            bright, colours = luma_and_chroma(styled)
            terms = {"tv": total_variation(bright), "chroma": total_variation(colours)}
        return terms | ({"outside": outside_range(styled)} if weights.outside else {})


METHOD = JohnsonMethod
