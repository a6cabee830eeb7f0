"""Distillation: a small network learns to make the pictures that a large one makes, and to keep them still."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any, ClassVar, Literal

import msgspec
import numpy as np
import torch
from torch import Tensor, nn

from stylebridge.contract import PixelContract
from stylebridge.frame import ColorPlane, Frame
from stylebridge.nets.perceptual import STYLE_TAPS
from stylebridge.nets.registry import NetSpec, build
from stylebridge.train.data.crops import Crops, Pairs
from stylebridge.train.data.pool import Pool
from stylebridge.train.data.shelf import Pictures, Shelf
from stylebridge.train.data.stills import Recorded
from stylebridge.train.data.teacher import open_teacher
from stylebridge.train.losses import luma, output_temporal, relative_error, style_grams
from stylebridge.train.material import Material
from stylebridge.train.method import Batch, Method, Net, Player, Sample, Terms
from stylebridge.train.settings import Settings, about
from stylebridge.train.warp import warped

TAPS = ("relu1_2", "relu2_2", "relu3_3")
LOOKED_AT = 16  # crops whose pictures tell the judge what the teacher's style is
SMALL: dict[str, dict[str, Any]] = {  # what a student has where its options say nothing
    "transformer": {"widths": [8, 16, 32]},
    "reconet": {"widths": [8, 16, 32]},
    "fewshot": {"blocks": 3, "filters": [16, 32, 32, 32, 32, 16]},
}


class Weights(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How much each fault weighs; see losses.py for their units."""

    pixel: Annotated[float, about("mean difference from the teacher, 1 for black instead of white", ge=0)] = 8.0
    features: Annotated[float, about("feature error relative to the teacher's own", ge=0)] = 2.0
    output_temporal: Annotated[
        float, about("change of the picture along the motion, squared; where the recording has motion", ge=0)
    ] = 30.0


class Distill(Settings, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Any teacher, any student."""

    needs_style: ClassVar[bool] = False

    teacher: Annotated[str, about("model to learn from: a checkpoint of any family, or an .onnx file")] = ""
    teacher_contract: Annotated[str, about("unit, byte, signed, imagenet or a JSON file; '' for its own")] = ""
    family: Annotated[Literal["transformer", "reconet", "fewshot"], about("kind of network that learns")] = (
        "transformer"
    )
    options: Annotated[dict[str, Any], about("of the family, such as options.widths=[8,16,32]; small by default")] = (
        msgspec.field(default_factory=dict)
    )
    cache_mb: Annotated[int, about("of the teacher's pictures kept on disk; 0: new crops for ever", ge=0)] = 512
    weights: Weights = Weights()

    def pattern(self) -> str:
        """Whom it learns from."""
        return Path(self.teacher).name


class DistillMethod(Method):
    """The student against its teacher's pictures of the same crops."""

    settings = Distill
    contract = PixelContract.of("signed", multiple=4)
    content_tap = "relu3_3"

    def __init__(self, settings: Distill, material: Material) -> None:
        self.chosen, self.sight = settings, material.sight(TAPS, self.contract)
        self.spec = NetSpec(settings.family, SMALL[settings.family] | settings.options)
        self.network = build(self.spec)
        self.teacher = open_teacher(
            settings.teacher,
            size=settings.size,
            device=material.device,
            contract=settings.teacher_contract,
            style=settings.style,
            style_size=settings.style_size,
        )
        self.moves = bool(settings.weights.output_temporal) and _has_motion(material)
        shape = (2 if self.moves else 1, settings.size, settings.size, 3)
        count, pool = settings.steps * settings.batch, (settings.cache_mb << 20) // int(np.prod(shape))
        self.frames: Pool = Pool(self._samples(material, count), pool, count, settings.seed)
        self.shelf = Shelf(shape, np.uint8) if 0 < pool < count else None
        self.grams = self._grams()  # also, a teacher that can't teach is refused before anything is written

    def players(self) -> Sequence[Player]:
        """The student alone."""
        weights = msgspec.structs.asdict(self.chosen.weights)
        return [Player("network", self.network, self._terms, weights, self.chosen.learning_rate)]

    def prepare(self, batch: Batch) -> Batch:
        """What the teacher makes of the same crops, and what is seen in that."""
        samples = [{name: value[place].cpu() for name, value in batch.items()} for place in range(len(batch["number"]))]
        taught = torch.from_numpy(np.stack([self._taught(sample) for sample in samples], axis=1))  # [1|2,N,H,W,3]
        wanted = taught.flatten(0, 1).permute(0, 3, 1, 2).to(batch["picture"].device).float() / 255  # [1|2 * N,3,H,W]
        wanted = wanted.contiguous(memory_format=torch.channels_last)
        with torch.no_grad():
            batch = batch | {"wanted": wanted} | self.sight.see(wanted)
        if not self.moves:
            return batch | {"given": batch["picture"]}
        given = torch.cat([batch["picture"], batch["before"]])  # [2N,3,H,W]
        now, before = self.sight.unit(given).chunk(2)
        return batch | {"given": given, "brighter": luma(now) - warped(luma(before), batch["motion"])}

    def truth(self, frame: Frame) -> ColorPlane | None:
        """The teacher's picture, unless it can make none of that size."""
        return self.teacher.picture(frame.rgb) if self.teacher.any_size else None

    def example(self, network: nn.Module, batch: Batch) -> Tensor:
        """Crops above what the student and what the teacher makes of them."""
        count = len(batch["picture"])
        taught = batch["wanted"][:count] * 2 - 1
        return torch.cat([super().example(network, batch), taught.to(batch["picture"])], dim=2)

    def _terms(self, net: Net, batch: Batch) -> Terms:
        made = self.sight.unit(net(batch["given"]))
        seen = self.sight.see(made)
        terms = {
            "pixel": (made - batch["wanted"]).abs().mean(),
            "features": torch.stack([relative_error(seen[tap], batch[tap]) for tap in TAPS]).mean(),
        }
        if self.moves:
            now, before = made.chunk(2)
            carried = warped(before, batch["motion"])
            terms["output_temporal"] = output_temporal(now, carried, batch["brighter"], batch["seen"])
        return terms

    def _samples(self, material: Material, count: int) -> Crops | Pairs:
        kind: Any = Pairs if self.moves else Crops
        chosen = self.chosen
        samples: Crops | Pairs = kind(
            material.stills, material.learnt, self.contract, size=chosen.size, count=count, seed=chosen.seed
        )
        return samples

    def _taught(self, sample: Sample) -> Pictures:
        """The teacher's pictures of a sample and of the one before it, [1|2,H,W,3]."""
        number = int(sample["number"])
        kept = self.shelf.get(number) if self.shelf else None
        if kept is not None:
            return kept
        given = [sample[name] for name in (("picture", "before") if self.moves else ("picture",))]
        # one after the other, because in a batch the last bit could depend on the neighbours
        made = np.stack([self.teacher.picture(self._color(picture)) for picture in given])
        if self.shelf:
            self.shelf.put(number, made)
        return made

    def _color(self, picture: Tensor) -> ColorPlane:
        """[3,H,W] as the student is given it, as the bytes that it was made from."""
        _, height, width = picture.shape
        blank = Frame(color=np.zeros((height, width, 3), np.uint8))
        return self.contract.to_frame(picture[None].contiguous().numpy(), blank).rgb

    @torch.no_grad()
    def _grams(self) -> dict[str, Tensor]:
        """The teacher's style: the mean over what it makes of some crops."""
        taught = np.concatenate(
            [self._taught(self.frames[index])[:1] for index in range(min(LOOKED_AT, len(self.frames)))]
        )
        shown = torch.from_numpy(taught).permute(0, 3, 1, 2).to(self.sight.device).float() / 255  # [N,3,H,W]
        grams = style_grams(self.sight.see(shown, STYLE_TAPS), STYLE_TAPS)
        return {tap: each.mean(dim=0, keepdim=True) for tap, each in grams.items()}


def _has_motion(material: Material) -> bool:
    """Whether there are frames to learn from that say how they came from the frame before."""
    if not isinstance(material.stills, Recorded):
        return False
    recording, learnt = material.stills.recording, set(material.learnt)
    return any("motion" in recording.planes_of(pair[1]) for pair in recording.pairs() if learnt.issuperset(pair))


METHOD = DistillMethod
