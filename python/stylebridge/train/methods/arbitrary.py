"""Arbitrary style: one network for many styles, told which one by what a predictor reads from the style picture."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated

import msgspec
import torch
from torch import Tensor, nn

from stylebridge.contract import PixelContract
from stylebridge.nets.arbitrary import ArbitraryStyleNet
from stylebridge.nets.checkpoint import save_network
from stylebridge.nets.perceptual import STYLE_TAPS
from stylebridge.nets.registry import NetSpec, build
from stylebridge.train.data.crops import Crops
from stylebridge.train.data.styles import WithStyles, names_of, style_paths, whole_style
from stylebridge.train.folder import RunFolder
from stylebridge.train.losses import content_loss, luma_and_chroma, style_loss, total_variation
from stylebridge.train.material import Material
from stylebridge.train.method import Batch, Method, Net, Player, Terms
from stylebridge.train.settings import Settings, about

STYLES = "styles"


class Weights(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How much each fault weighs; see losses.py for their units."""

    style: Annotated[float, about("Gram error relative to the style's own", ge=0)] = 4.0
    content: Annotated[float, about("feature error relative to the frame's own", ge=0)] = 1.0
    tv: Annotated[float, about("variation of brightness", ge=0)] = 0.3
    chroma: Annotated[float, about("variation of colour", ge=0)] = 3.0


class Arbitrary(Settings, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A predictor and a network whose norms it sets, against many styles."""

    light: Annotated[bool, about("32 channels and two halvings at once, for games; else the reference's 48")] = True
    weights: Weights = Weights()


class ByPicture(nn.Module):
    """The network told its style by a picture, so that the predictor learns as well."""

    def __init__(self, network: nn.Module) -> None:
        super().__init__()
        self.network = network

    def forward(self, pictures: Tensor, style_pictures: Tensor) -> Tensor:
        """Stylise [N,3,H,W], each in the manner of its own style picture."""
        made: Tensor = self.network.forward_style(pictures, style_pictures)  # type: ignore[operator]
        return made


class ArbitraryMethod(Method):
    """Every frame of a batch against a style of its own."""

    settings = Arbitrary
    contract = PixelContract.of("unit", multiple=4)  # as Unity's sample feeds it
    content_tap = "relu2_2"
    network: ArbitraryStyleNet

    def __init__(self, settings: Arbitrary, material: Material) -> None:
        self.chosen, self.sight = settings, material.sight((*STYLE_TAPS, self.content_tap), self.contract)
        self.paths = style_paths(settings.style)
        every = [self.sight.style(path, settings.style_size) for path in self.paths]
        self.every = {tap: torch.cat([grams[tap] for grams in every]) for tap in STYLE_TAPS}  # [styles,C,C]
        self.grams = every[0]
        self.spec = NetSpec("arbitrary", {"light": settings.light})
        network = build(self.spec)
        assert isinstance(network, ArbitraryStyleNet)  # noqa: S101  # what the registry says
        self.network = network
        count, size, seed = settings.steps * settings.batch, settings.size, settings.seed
        frames = Crops(material.stills, material.learnt, self.contract, size=size, count=count, seed=seed)
        self.frames = WithStyles(frames, self.paths, self.contract, size=size, shown=settings.style_size, seed=seed)

    def players(self) -> Sequence[Player]:
        """Network and predictor as one."""
        weights = msgspec.structs.asdict(self.chosen.weights)
        return [Player("network", ByPicture(self.network), self._terms, weights, self.chosen.learning_rate)]

    def prepare(self, batch: Batch) -> Batch:
        """What the frames show, to be kept."""
        with torch.no_grad():
            kept = self.sight.see(self.sight.unit(batch["picture"]), (self.content_tap,))
        return batch | {"content": kept[self.content_tap]}

    def stylize(self, network: nn.Module, pictures: Tensor) -> Tensor:
        """In the first style, which is the one that is judged."""
        with torch.no_grad():
            params = self._params(network, self.paths[0]).to(pictures.device)
            styled: Tensor = network(pictures, params)
        return styled

    def example(self, network: nn.Module, batch: Batch) -> Tensor:
        """Given above the style above made."""
        with torch.no_grad():
            made = network.forward_style(batch["picture"], batch["style_picture"])  # type: ignore[operator]
        return torch.cat([batch["picture"], batch["style_picture"], made], dim=2)  # [N,3,3H,W]

    def leave(self, folder: RunFolder, meta: Mapping[str, str]) -> Sequence[Path]:
        """Beside the network that takes any style, one for each style learnt, as every engine takes it."""
        network, left = self.network.eval(), []
        spec = NetSpec("frozen", self.spec.options)
        for path, name in zip(self.paths, names_of(self.paths), strict=True):
            with torch.no_grad():
                frozen = network.freeze(self._params(network, path))
            left.append(folder.styles / f"{name}.pt")
            save_network(left[-1], frozen, spec, {**meta, "style": path.name}, force=True)
        return left

    def _params(self, network: nn.Module, path: Path) -> Tensor:
        device = next(network.parameters()).device
        params: Tensor = network.predict(whole_style(path, self.chosen.size, self.contract).to(device))  # type: ignore[operator]
        return params

    def _terms(self, net: Net, batch: Batch) -> Terms:
        styled = self.sight.unit(net(batch["picture"], batch["style_picture"]))
        features = self.sight.see(styled)
        bright, colours = luma_and_chroma(styled)
        wanted = {tap: grams[batch["style_number"]] for tap, grams in self.every.items()}  # [N,C,C]
        return {
            "style": style_loss(features, wanted),
            "content": content_loss(features, {self.content_tap: batch["content"]}, self.content_tap),
            "tv": total_variation(bright),
            "chroma": total_variation(colours),
        }


METHOD = ArbitraryMethod
