"""Gatys' method: no network, the pixels themselves change until they have a frame's content and a style's look."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Literal

import msgspec
import torch
import torch.nn.functional as F
from torch import Tensor

from stylebridge.contract import PixelContract
from stylebridge.errors import InputError
from stylebridge.frame import Frame
from stylebridge.imaging import resize_image
from stylebridge.nets.perceptual import STYLE_TAPS
from stylebridge.train import precision
from stylebridge.train.data.styles import mean_grams, style_paths
from stylebridge.train.losses import (
    content_loss,
    luma,
    luma_and_chroma,
    output_temporal,
    outside_range,
    style_loss,
    total_variation,
)
from stylebridge.train.material import Material
from stylebridge.train.method import Terms
from stylebridge.train.settings import Settings, about
from stylebridge.train.sight import SMALLEST_STYLE
from stylebridge.train.warp import shrunk_mask, shrunk_motion, warped

UNIT = PixelContract.of("unit")
SMALLEST = 48  # pixels of the shorter side; the deepest layer sees an eighth of it
HISTORY = 10  # steps that L-BFGS remembers, each of two pictures
AT_ONCE = 5  # steps of L-BFGS
TRIES = 4  # looks at the picture for each of its steps, at most
LOSS_SCALE = 1e3  # L-BFGS overlooks what changes the loss by less than 1e-10


class Weights(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How much each fault weighs; see losses.py for their units."""

    style: Annotated[float, about("Gram error relative to the style's own", ge=0)] = 10.0
    content: Annotated[float, about("feature error relative to the frame's own", ge=0)] = 1.0
    tv: Annotated[float, about("variation of brightness", ge=0)] = 0.3
    chroma: Annotated[float, about("variation of colour", ge=0)] = 3.0
    outside: Annotated[float, about("what leaves the range of the screen", ge=0)] = 10.0
    temporal: Annotated[float, about("change against the picture before along the motion, squared", ge=0)] = 60.0


class Gatys(Settings, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One picture or the frames of a recording, painted one after the other."""

    data: Annotated[str, about("a picture, a folder of pictures or a recording (.mcap) to paint over")] = ""
    steps: Annotated[int, about("steps for each picture, over all its sizes", ge=1, le=1_000_000)] = 300
    size: Annotated[int, about("shorter side at which a picture is painted, at most", ge=SMALLEST, le=4096)] = 512
    scales: Annotated[int, about("sizes from coarse to fine, each twice the one before", ge=1, le=8)] = 3
    optimizer: Annotated[Literal["lbfgs", "adam"], about("L-BFGS, or Adam, which needs less memory")] = "lbfgs"
    learning_rate: Annotated[float, about("Adam's, in [0,1] of brightness; L-BFGS finds its own", ge=0, le=1)] = 0.02
    start: Annotated[Literal["frame", "noise"], about("what the coarsest size begins with")] = "frame"
    content_tap: Annotated[Literal["relu2_2", "relu3_3", "relu4_2"], about("layer that keeps the content")] = "relu3_3"
    every: Annotated[int, about("of a recording, paint every so many frames", ge=1)] = 1
    frames: Annotated[tuple[int, ...], about("numbers of the only frames to paint; empty for all")] = ()
    follow: Annotated[bool, about("begin with the picture before, carried along by the recording's motion")] = True
    follow_steps: Annotated[int, about("steps for a picture that begins so", ge=1, le=1_000_000)] = 100
    save_every: Annotated[int, about("steps between checkpoints", ge=1)] = 50
    weights: Weights = Weights()


@dataclass(frozen=True)
class Carried:
    """The picture before as this frame sees it, [1,3,H,W], and where it can be seen there, [1,1,H,W]."""

    picture: Tensor
    brighter: Tensor  # how much brighter the game itself became
    seen: Tensor


@dataclass(frozen=True)
class Goal:
    """What is wanted of a picture at one size."""

    content: Mapping[str, Tensor]
    grams: Mapping[str, Tensor]
    carried: Carried | None


class GatysPainter:
    """Finds what is wrong with a picture, and improves it."""

    settings = Gatys

    def __init__(self, settings: Gatys, material: Material) -> None:
        self.chosen = settings
        self.sight = material.sight((*STYLE_TAPS, settings.content_tap), UNIT)
        self.device, self.paths = material.device, style_paths(settings.style)
        self.precision = chosen_precision(settings)
        self._grams: dict[int, Mapping[str, Tensor]] = {}
        self.grams(settings.style_size)  # a bad style picture is refused before anything is painted

    def sizes(self, frame: Frame) -> list[tuple[int, int]]:
        """The sizes (height, width) at which the frame is painted, coarse to fine."""
        short = min(frame.height, frame.width)
        sides = [self.chosen.size / 2**halvings for halvings in reversed(range(self.chosen.scales))]
        scales = dict.fromkeys(min(1.0, side / short) for side in sides if side >= SMALLEST)
        return [(round(frame.height * scale), round(frame.width * scale)) for scale in scales]

    def grams(self, size: int) -> Mapping[str, Tensor]:
        """The style's Gram matrices with its shorter side at this size, computed once."""
        size = max(SMALLEST_STYLE, size)
        if size not in self._grams:
            self._grams[size] = mean_grams(self.sight, self.paths, size)
        return self._grams[size]

    def goal(self, frame: Frame, size: tuple[int, int], finest: tuple[int, int], carried: Carried | None) -> Goal:
        """What the frame and the style ask of a picture of this size."""
        tap = self.chosen.content_tap
        with torch.no_grad():
            content = self.sight.see(self.picture(frame, size), (tap,))
        return Goal(content, self.grams(round(self.chosen.style_size * size[0] / finest[0])), carried)

    def picture(self, frame: Frame, size: tuple[int, int]) -> Tensor:
        """The frame at a size, [1,3,H,W] in [0,1]."""
        color = resize_image(frame.rgb, (size[1], size[0]))
        return torch.from_numpy(UNIT.to_tensor(Frame(color=color))).to(self.device)

    def first(self, frame: Frame, size: tuple[int, int], number: int) -> Tensor:
        """What the coarsest size begins with."""
        if self.chosen.start == "frame":
            return self.picture(frame, size)
        generator = torch.Generator().manual_seed(self.chosen.seed * 1_000_003 + number)
        return torch.rand(1, 3, *size, generator=generator).to(self.device)

    def carried(self, before: Tensor, frames: tuple[Frame, Frame], motion: Tensor, seen: Tensor) -> Carried:
        """The painting of the frame before, brought to where its things are now."""
        size = (before.shape[2], before.shape[3])
        motion, seen = (shrunk_motion(motion, size).to(self.device), shrunk_mask(seen, size).to(self.device))
        earlier, now = (luma(self.picture(frame, size)) for frame in frames)
        return Carried(warped(before, motion), now - warped(earlier, motion), seen)

    def optimizer(self, picture: Tensor) -> torch.optim.Optimizer:
        """One that remembers nothing yet."""
        if self.chosen.optimizer == "adam":
            return torch.optim.Adam([picture], lr=self.chosen.learning_rate)
        search = {"line_search_fn": "strong_wolfe", "max_eval": TRIES * AT_ONCE}  # without a search it may run away
        exact = {"tolerance_grad": 0.0, "tolerance_change": 0.0}  # the steps end it
        return torch.optim.LBFGS([picture], history_size=HISTORY, **search, **exact)  # type: ignore[arg-type]

    def at_once(self, left: int) -> int:
        """How many of the steps left are taken in one go: L-BFGS looks at the picture once more for each go."""
        return min(left, AT_ONCE) if self.chosen.optimizer == "lbfgs" else 1

    def improve(self, picture: Tensor, goal: Goal, optimizer: torch.optim.Optimizer, steps: int) -> dict[str, float]:
        """Some steps; the terms and their weighted sum, as they were seen last."""
        weights: dict[str, float] = msgspec.structs.asdict(self.chosen.weights)
        figures: dict[str, float] = {}

        def evaluated() -> float:
            optimizer.zero_grad(set_to_none=True)
            with precision.autocast(self.precision, self.device):
                terms = self.terms(picture, goal)
            loss = torch.stack([weights[name] * value.float() for name, value in terms.items()]).sum()
            (loss * LOSS_SCALE).backward()  # type: ignore[no-untyped-call]
            figures.update({name: float(value.detach()) for name, value in terms.items()})
            figures["loss"] = float(loss.detach())
            return figures["loss"] * LOSS_SCALE

        before = picture.detach().clone()
        if isinstance(optimizer, torch.optim.LBFGS):
            optimizer.param_groups[0]["max_iter"] = steps
        optimizer.step(evaluated)
        if torch.equal(picture.detach(), before):
            optimizer.state.clear()  # what it remembers leads nowhere
        return figures

    def terms(self, picture: Tensor, goal: Goal) -> Terms:
        """What is wrong with a picture."""
        tap = self.chosen.content_tap
        features = self.sight.see(picture)
        bright, colours = luma_and_chroma(picture)
        terms = {
            "style": style_loss(features, goal.grams),
            "content": content_loss(features, goal.content, tap),
            "tv": total_variation(bright),
            "chroma": total_variation(colours),
            "outside": outside_range(picture),
        }
        if goal.carried:
            last = goal.carried
            terms["temporal"] = output_temporal(picture, last.picture, last.brighter, last.seen)
        return terms


def larger(picture: Tensor, size: tuple[int, int]) -> Tensor:
    """A picture to go on with at the next size."""
    return F.interpolate(picture.detach(), size=size, mode="bicubic", align_corners=False).clamp(0, 1)


def chosen_precision(settings: Gatys) -> precision.Chosen:
    """Single unless something else is asked for; L-BFGS compares gradients, which needs every digit."""
    if settings.precision in ("auto", "fp32"):
        return "fp32"
    if settings.precision == "fp16" or settings.optimizer == "lbfgs":
        found = f"precision {settings.precision} for gatys with {settings.optimizer}"
        raise InputError(found, expected="fp32, or bf16 with optimizer adam")
    return "bf16"


METHOD = GatysPainter
