"""Sight: the frozen perceptual network through which training judges pictures, and what it sees in a style."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import torch
import torch.nn.functional as F
from torch import Tensor

from stylebridge.contract import PixelContract
from stylebridge.errors import InputError
from stylebridge.frame import Frame
from stylebridge.imaging import read_image
from stylebridge.nets.checkpoint import load_state_dict
from stylebridge.nets.perceptual import STYLE_TAPS, features_from_state_dict
from stylebridge.places import VGG_NAMES, vgg_file, vgg_place
from stylebridge.train.losses import style_grams
from stylebridge.train.precision import channels_last

SLACK = 0.2  # by which a picture may leave [0,1] before the network stops being told about it
SMALLEST_STYLE = 32  # pixels; four halvings of less leave nothing


class Sight:
    """Features of pictures given in a style network's own numbers."""

    def __init__(self, path: Path, taps: Sequence[str], contract: PixelContract, device: torch.device) -> None:
        self.path, self.taps, self.device = path, tuple(dict.fromkeys(taps)), device
        numbers = contract.output.numbers
        shape = (1, 3, 1, 1)
        self._scale = (torch.tensor(numbers.std) / numbers.peak).view(shape).to(device)
        self._shift = (torch.tensor(numbers.mean) / numbers.peak).view(shape).to(device)
        self._state = load_state_dict(path)
        self._networks = {self.taps: self._cut(self.taps)}

    def unit(self, pictures: Tensor) -> Tensor:
        """The network's own numbers as [0,1], which they may leave."""
        return pictures.float() * self._scale + self._shift

    def see(self, unit: Tensor, taps: Sequence[str] = (), *, slack: float = SLACK) -> dict[str, Tensor]:
        """The features of pictures in [0,1], cut where they leave it by more than `slack`; only as deep as the taps."""
        wanted = tuple(dict.fromkeys(taps)) or self.taps
        if wanted not in self._networks:
            self._networks[wanted] = self._cut(wanted)
        features: dict[str, Tensor] = self._networks[wanted](unit.clamp(-slack, 1 + slack))
        return features

    @torch.no_grad()
    def style(self, path: Path, size: int, taps: tuple[str, ...] = STYLE_TAPS) -> Mapping[str, Tensor]:
        """The Gram matrices of a style picture whose shorter side is brought down to `size`."""
        return style_grams(self.see(style_picture(path, size).to(self.device), taps), taps)

    def _cut(self, taps: tuple[str, ...]) -> torch.nn.Module:
        return channels_last(features_from_state_dict(self._state, taps)).to(self.device)


def style_picture(path: Path, size: int) -> Tensor:
    """[1,3,H,W] in [0,1], its shorter side at most `size`."""
    color = read_image(path)
    if min(color.shape[:2]) < SMALLEST_STYLE:
        found = f"a style picture of {color.shape[1]}x{color.shape[0]}"
        raise InputError(found, expected=f"sides of {SMALLEST_STYLE} pixels or more", where=path)
    picture = torch.from_numpy(PixelContract.of("unit").to_tensor(Frame(color=color)))
    scale = min(1.0, size / min(picture.shape[2:]))
    return F.interpolate(picture, scale_factor=scale, mode="area") if scale < 1 else picture


def find_perceptual(given: str) -> Path:
    """The given file or folder's weights, or those at the usual place."""
    place = Path(given) if given else vgg_place()
    if found := vgg_file(place):
        return found
    raise InputError(
        "no VGG weights there",
        expected=f"a torchvision-named state dict such as {VGG_NAMES[0]}",
        do="pass --set perceptual=FILE or set STYLEBRIDGE_WEIGHTS to the file or its folder",
        where=place,
    )
