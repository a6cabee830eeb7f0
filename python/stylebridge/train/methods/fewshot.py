"""Few-shot: a network that paints a whole game as a few of its frames were painted, learnt from small patches of them.

The published weights are 4 for the mean absolute difference on [-1,1], 6 for VGG features and 0.5 for a least-squares
discriminator. Ours: `pixel` is measured on [0,1], half as wide, so 8 is the published 4; `features` are relative to the
painted patch's own, so 1.0 is all wrong whichever network looks; `adversarial` has the published unit.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, ClassVar

import msgspec
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from stylebridge.contract import PixelContract
from stylebridge.errors import InputError
from stylebridge.frame import Frame
from stylebridge.nets.discriminator import PatchDiscriminator
from stylebridge.nets.perceptual import STYLE_TAPS
from stylebridge.nets.registry import NetSpec, build
from stylebridge.train.data.guides import Guides
from stylebridge.train.data.keyframes import KeyFrame, read_keyframes
from stylebridge.train.data.patches import Patches
from stylebridge.train.losses import relative_error, style_grams
from stylebridge.train.material import Material
from stylebridge.train.method import Batch, Method, Net, Player, Terms
from stylebridge.train.settings import Settings, about

TAPS = ("relu1_1", "relu1_2", "relu2_1")  # shallow ones: a patch has nothing for deeper ones to see
SHOWN_WIDTH = 640  # pixels of a frame in a picture to look at
SHOWN = 3  # key frames in a picture to look at, besides a frame that wasn't learnt
Six = tuple[int, int, int, int, int, int]


class Weights(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How much each fault weighs; see losses.py and the top of this file for their units."""

    pixel: Annotated[float, about("mean difference from the painting, 1 for black instead of white", ge=0)] = 8.0
    features: Annotated[float, about("feature error relative to the painting's own", ge=0)] = 4.0
    adversarial: Annotated[float, about("how surely the discriminator tells it from the painting", ge=0)] = 0.5


class FewShot(Settings, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Texler's generator, by default the one under 1 MB."""

    needs_style: ClassVar[bool] = False

    keyframes: Annotated[str, about("folder of painted frames, named as `recording keyframes` names them")] = ""
    masks: Annotated[str, about("folder of masks, white where a painting counts; may be the key frames' own")] = ""
    batch: Annotated[int, about("patches per step, over all processes", ge=1, le=1024)] = 40
    size: Annotated[int, about("side of the patches in pixels", ge=16, le=2048)] = 32
    learning_rate: Annotated[float, about("Adam's, after a warm-up", ge=0, le=1)] = 4e-4
    blocks: Annotated[int, about("residual blocks; 7 as published", ge=0, le=64)] = 3
    filters: Annotated[Six, about("channels by stage; 32,64,128,128,128,64 as published")] = (16, 32, 32, 32, 32, 16)
    guides: Annotated[int, about("guide planes that stick to things; such a network can't be exported yet", ge=0)] = 0
    guide_spacing: Annotated[int, about("pixels between the guides' points", ge=16, le=1024)] = 48
    critic_width: Annotated[int, about("channels of the discriminator's first layer", ge=1, le=512)] = 12
    critic_layers: Annotated[int, about("halvings in the discriminator", ge=1, le=5)] = 2
    weights: Weights = Weights()

    def pattern(self) -> str:
        """Where the paintings were."""
        return f"the key frames in {self.keyframes}"


class FewShotMethod(Method):
    """The generator against the paintings, and a discriminator that tells the two apart."""

    settings = FewShot
    contract = PixelContract.of("signed", multiple=4)
    content_tap = "relu3_3"

    def __init__(self, settings: FewShot, material: Material) -> None:
        self.chosen, self.sight = settings, material.sight(TAPS, self.contract)
        self.stills, self.keys = material.stills, read_keyframes(material.stills, settings.keyframes, settings.masks)
        unseen = sorted(set(material.learnt) - {key.number for key in self.keys})
        material.learn_only_from({key.number for key in self.keys})
        self.unseen = unseen[len(unseen) // 2 : len(unseen) // 2 + 1]
        self.guides = self._guides()
        self.spec = NetSpec(
            "fewshot",
            {
                "blocks": settings.blocks,
                "filters": list(settings.filters),
                "input_channels": 3 + settings.guides,
            },
        )
        self.network = build(self.spec)
        self.critic = PatchDiscriminator(3, settings.critic_width, settings.critic_layers)
        _check_patch(settings)
        self.grams = self._grams()
        self.frames = Patches(
            self.keys,
            self.contract,
            size=settings.size,
            count=settings.steps * settings.batch,
            seed=settings.seed,
            guides=self.guides.planes if self.guides else None,
        )

    def players(self) -> Sequence[Player]:
        """The generator, then the discriminator, which looks at what the generator has just made."""
        weights, rate = msgspec.structs.asdict(self.chosen.weights), self.chosen.learning_rate
        generator = Player("network", self.network, self._terms, weights, rate)
        if not self.chosen.weights.adversarial:
            return [generator]
        verdicts = {"critic_painted": 0.5, "critic_made": 0.5}
        return [generator, Player("critic", self.critic, self._verdicts, verdicts, rate)]

    def prepare(self, batch: Batch) -> Batch:
        """What the paintings show."""
        wanted = self.sight.unit(batch["painted"])
        with torch.no_grad():
            return batch | {"wanted": wanted} | self.sight.see(wanted)

    def given(self, number: int, frame: Frame) -> Tensor:
        """The frame, and its guides behind it."""
        picture = super().given(number, frame)
        if not self.guides:
            return picture
        planes = self.guides.planes(number)[None]
        below, right = picture.shape[2] - planes.shape[2], picture.shape[3] - planes.shape[3]
        return torch.cat([picture, F.pad(planes, (0, right, 0, below), mode="replicate")], dim=1)

    def example(self, network: nn.Module, batch: Batch) -> Tensor:
        """Whole frames above what is made of them and what was painted; the last one isn't among the learnt."""
        size = self.keys[0].frame.shape
        alike = [key for key in self.keys if key.frame.shape == size][:SHOWN]
        columns = [self._column(network, key.number, Frame(key.frame), key) for key in alike]
        for number in self.unseen:
            frame = self.stills.read(number)
            if frame.rgb.shape == size:
                nearest = min(alike, key=lambda key: abs(key.number - number))
                columns.append(self._column(network, number, frame, nearest))
        return torch.cat(columns)

    def _column(self, network: nn.Module, number: int, frame: Frame, key: KeyFrame) -> Tensor:
        given = self.given(number, frame).to(self.sight.device)
        with torch.no_grad():
            made = self.stylize(network, given)
        painted = torch.from_numpy(self.contract.to_tensor(Frame(key.painted))).to(made)
        column = torch.cat([given[:, :3], made, painted], dim=2).float()  # [1,3,3H,W]
        scale = min(1.0, SHOWN_WIDTH / column.shape[3])
        return F.interpolate(column, scale_factor=scale, mode="area") if scale < 1 else column

    def _terms(self, net: Net, batch: Batch) -> Terms:
        made = net(batch["picture"])
        batch["made"] = made.detach()  # for the discriminator's turn
        unit = self.sight.unit(made)
        seen = self.sight.see(unit)
        terms = {
            "pixel": (unit - batch["wanted"]).abs().mean(),
            "features": torch.stack([relative_error(seen[tap], batch[tap]) for tap in TAPS]).mean(),
        }
        if self.chosen.weights.adversarial:
            terms["adversarial"] = (self.critic(made).float() - 1).square().mean()
        return terms

    def _verdicts(self, net: Net, batch: Batch) -> Terms:
        # one call for both, because several processes share gradients once a call
        painted, made = net(torch.cat([batch["painted"], batch["made"].to(batch["painted"])])).float().chunk(2)
        return {"critic_painted": (painted - 1).square().mean(), "critic_made": made.square().mean()}

    def _guides(self) -> Guides | None:
        chosen = self.chosen
        return Guides(self.stills, chosen.guides, chosen.guide_spacing, chosen.seed) if chosen.guides else None

    @torch.no_grad()
    def _grams(self) -> dict[str, Tensor]:
        """The paintings' own, averaged."""
        found = []
        for key in self.keys:
            painted = torch.from_numpy(self.contract.to_tensor(Frame(key.painted))).to(self.sight.device)
            found.append(style_grams(self.sight.see(self.sight.unit(painted), STYLE_TAPS), STYLE_TAPS))
        return {tap: torch.stack([grams[tap] for grams in found]).mean(dim=0) for tap in STYLE_TAPS}


def _check_patch(settings: FewShot) -> None:
    """Refuse patches of which the discriminator's last layers would have nothing left."""
    least = 4 * 2**settings.critic_layers
    if settings.weights.adversarial and settings.size < least:
        found = f"patches of {settings.size} pixels for a discriminator of {settings.critic_layers} layers"
        raise InputError(found, expected=f"{least} or more", do="pass --set critic_layers=1, or a larger size")


METHOD = FewShotMethod
