"""CycleGAN: frames and style pictures that have nothing to do with each other; a critic tells what looks painted.

Two generators, frame to painting and back, must undo each other; two critics judge what they make. It is the quality
that the field compares with, at the price of a longer training whose losses say little about the pictures.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, NamedTuple

import msgspec
import torch
from torch import Tensor, nn

from stylebridge.contract import PixelContract
from stylebridge.nets.discriminator import PatchDiscriminator
from stylebridge.nets.perceptual import STYLE_TAPS
from stylebridge.nets.registry import NetSpec, build
from stylebridge.train.data.crops import Crops
from stylebridge.train.data.styles import WithStyles, mean_grams, style_paths
from stylebridge.train.fakes import PicturePool
from stylebridge.train.losses import outside_range
from stylebridge.train.material import Material
from stylebridge.train.method import Batch, Method, Net, Player, Terms
from stylebridge.train.settings import Settings, about

BETAS = (0.5, 0.999)  # a critic changes its mind too fast for a longer memory
JUDGED_BY = 16  # style pictures whose mean Gram matrices the judge compares with
HALF = 0.5  # numbers of -1 to 1 are twice as far apart as those of 0 to 1


class Weights(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How much each fault weighs."""

    painted: Annotated[float, about("squared miss of the critic's 1 by paintings made of frames", ge=0)] = 1.0
    framed: Annotated[float, about("squared miss of the critic's 1 by frames made of paintings", ge=0)] = 1.0
    cycle: Annotated[float, about("absolute difference after there and back, in [0,1]", ge=0)] = 20.0
    identity: Annotated[float, about("absolute change of what needs none, in [0,1]", ge=0)] = 5.0
    outside: Annotated[float, about("what leaves the range of the screen", ge=0)] = 10.0


class CycleGAN(Settings, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Unpaired translation of frames into a folder of style pictures."""

    widths: Annotated[tuple[int, int, int], about("channels of the three encoder stages of both generators")] = (
        16,
        32,
        64,
    )
    blocks: Annotated[int, about("residual blocks", ge=0, le=64)] = 5
    critic_width: Annotated[int, about("channels of the critics' first layer", ge=1, le=512)] = 32
    critic_layers: Annotated[int, about("times that the critics halve the size; 3 sees 70x70", ge=1, le=6)] = 3
    critic_rate: Annotated[float, about("learning rate of the critics", ge=0, le=1)] = 2e-4
    pool: Annotated[int, about("earlier fakes that the critics are shown as well; 0 for none", ge=0, le=1024)] = 50
    learning_rate: Annotated[float, about("Adam's for the generators, after a warm-up", ge=0, le=1)] = 1e-3
    batch: Annotated[int, about("samples per step, over all processes", ge=1, le=1024)] = 2
    weights: Weights = Weights()


class Made(NamedTuple):
    """What the generators make of a frame and of a painting, [N,3,H,W] each."""

    painting: Tensor
    frame: Tensor
    frame_again: Tensor
    painting_again: Tensor
    same_painting: Tensor
    same_frame: Tensor


class Generators(nn.Module):
    """From frames to paintings and back."""

    def __init__(self, paint: nn.Module, unpaint: nn.Module) -> None:
        super().__init__()
        self.paint, self.unpaint = paint, unpaint

    def forward(self, frame: Tensor, painting: Tensor) -> Made:
        """Everything that is asked of both."""
        size = len(frame)
        # a generator that is given what it should make must leave it alone: both go through it at once
        fake_painting, same_painting = self.paint(torch.cat([frame, painting])).split(size)
        fake_frame, same_frame = self.unpaint(torch.cat([painting, frame])).split(size)
        frame_again, painting_again = self.unpaint(fake_painting), self.paint(fake_frame)
        return Made(fake_painting, fake_frame, frame_again, painting_again, same_painting, same_frame)


class Critics(nn.Module):
    """One for paintings and one for frames, and the earlier fakes that both are shown."""

    def __init__(self, settings: CycleGAN) -> None:
        super().__init__()
        self.painting = PatchDiscriminator(3, settings.critic_width, settings.critic_layers)
        self.frame = PatchDiscriminator(3, settings.critic_width, settings.critic_layers)
        self.paintings = PicturePool(settings.pool, settings.size, settings.seed)
        self.frames = PicturePool(settings.pool, settings.size, settings.seed + 1)

    def forward(self, painting: Tensor, frame: Tensor, fake_painting: Tensor, fake_frame: Tensor) -> list[Tensor]:
        """The scores of each."""
        seen = (painting, fake_painting), (frame, fake_frame)
        critics = (self.painting, self.frame)
        # one after the other, as each picture is normalised by itself: [2N,3,H,W] -> twice [N,1,h,w]
        return [
            score
            for critic, both in zip(critics, seen, strict=True)
            for score in critic(torch.cat(both)).float().chunk(2)
        ]


class CycleGANMethod(Method):
    """Generators against critics."""

    settings = CycleGAN
    contract = PixelContract.of("signed", multiple=4)
    content_tap = "relu2_2"

    def __init__(self, settings: CycleGAN, material: Material) -> None:
        self.chosen, self.sight = settings, material.sight((*STYLE_TAPS, self.content_tap), self.contract)
        paths = style_paths(settings.style)
        judged_by = paths[:: -(-len(paths) // JUDGED_BY)]
        self.grams = mean_grams(self.sight, judged_by, settings.style_size)
        self.spec = NetSpec("transformer", {"widths": list(settings.widths), "blocks": settings.blocks})
        self.network = build(self.spec)
        self.generators, self.critics = Generators(self.network, build(self.spec)), Critics(settings)
        count, size, seed = settings.steps * settings.batch, settings.size, settings.seed
        frames = Crops(material.stills, material.learnt, self.contract, size=size, count=count, seed=seed)
        self.frames = WithStyles(frames, paths, self.contract, size=size, shown=settings.style_size, seed=seed)

    def players(self) -> Sequence[Player]:
        """The generators, then the critics."""
        weights, rates = msgspec.structs.asdict(self.chosen.weights), self.chosen
        critics = {"critic_paintings": 1.0, "critic_frames": 1.0}
        return [
            Player("generators", self.generators, self._generated, weights, rates.learning_rate, BETAS),
            Player("critics", self.critics, self._criticised, critics, rates.critic_rate, BETAS),
        ]

    def stepped(self) -> None:
        """The pools take in what they were shown."""
        self.critics.paintings.keep()
        self.critics.frames.keep()

    def example(self, network: nn.Module, batch: Batch) -> Tensor:
        """Given above made above a painting."""
        with torch.no_grad():
            made = network(batch["picture"])
        return torch.cat([batch["picture"], made, batch["style_picture"]], dim=2)  # [N,3,3H,W]

    def _generated(self, net: Net, batch: Batch) -> Terms:
        frame, painting = batch["picture"], batch["style_picture"]
        made: Made = net(frame, painting)
        # the critics' turn comes before anybody has learnt from this one, so it may look at the same fakes
        batch["fake_painting"], batch["fake_frame"] = made.painting.detach().float(), made.frame.detach().float()
        return {
            "painted": _miss(self.critics.painting(made.painting), 1.0),
            "framed": _miss(self.critics.frame(made.frame), 1.0),
            "cycle": _apart(made.frame_again, frame) + _apart(made.painting_again, painting),
            "identity": _apart(made.same_painting, painting) + _apart(made.same_frame, frame),
            "outside": outside_range(self.sight.unit(torch.cat([made.painting, made.frame]))),
        }

    def _criticised(self, net: Net, batch: Batch) -> Terms:
        fake_painting = self.critics.paintings.exchanged(batch["fake_painting"])
        fake_frame = self.critics.frames.exchanged(batch["fake_frame"])
        scores = net(batch["style_picture"], batch["picture"], fake_painting, fake_frame)
        painting, fake_painting, frame, fake_frame = scores
        return {
            "critic_paintings": (_miss(painting, 1.0) + _miss(fake_painting, 0.0)) / 2,
            "critic_frames": (_miss(frame, 1.0) + _miss(fake_frame, 0.0)) / 2,
        }


def _miss(scores: Tensor, wanted: float) -> Tensor:
    return (scores.float() - wanted).square().mean()


def _apart(made: Tensor, given: Tensor) -> Tensor:
    return (made.float() - given).abs().mean() * HALF


METHOD = CycleGANMethod
