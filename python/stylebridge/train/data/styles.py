"""Styles: the style pictures of a run by number, and random squares of them beside the squares of frames."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path

import numpy as np
import torch
from torch import Tensor
from torch.utils.data import Dataset

from stylebridge.contract import PixelContract
from stylebridge.errors import InputError
from stylebridge.frame import ColorPlane
from stylebridge.imaging import IMAGE_EXTENSIONS, read_image, resize_image
from stylebridge.train.data.crops import tensor_from_picture
from stylebridge.train.method import Sample
from stylebridge.train.sight import Sight

MOST = 20_000  # pictures
REMEMBERED = 32  # pictures that a process keeps decoded
SMALLEST_PART = 0.5  # of the shorter side
APART = 0x57  # keeps the numbers drawn for styles apart from those drawn for the frames' crops


def style_paths(given: Sequence[str]) -> list[Path]:
    """The pictures among these files and in these folders, in the order given, those of a folder by name."""
    paths: list[Path] = []
    for place in map(Path, given):
        if not place.is_dir():
            paths.append(place)
            continue
        found = sorted(path for path in place.rglob("*") if path.suffix.lower() in IMAGE_EXTENSIONS)
        if not found:
            raise InputError("no pictures", expected=f"style pictures ({', '.join(IMAGE_EXTENSIONS)})", where=place)
        paths += found
    if len(paths) > MOST:
        raise InputError(f"{len(paths)} style pictures", expected=f"at most {MOST}")
    return paths


def names_of(paths: Sequence[Path]) -> list[str]:
    """A name for each picture: its file's without the extension, with a number where two are called alike."""
    names: list[str] = []
    for path in paths:
        name, again = path.stem, 2
        while name in names:
            name, again = f"{path.stem}_{again}", again + 1
        names.append(name)
    return names


class WithStyles(Dataset[Sample]):
    """Another data set's samples, each with a random square of a random style: `style_picture`, `style_number`.

    Sample `i` depends on the seed and on `i` alone.
    """

    def __init__(
        self,
        frames: Dataset[Sample],
        paths: Sequence[Path],
        contract: PixelContract,
        *,
        size: int,
        shown: int,
        seed: int,
    ) -> None:
        self.frames, self.paths, self.contract = frames, list(paths), contract
        self.size, self.shown, self.seed = size, shown, seed

    def __len__(self) -> int:
        return len(self.frames)  # type: ignore[arg-type]

    def __getitem__(self, index: int) -> Sample:
        random = np.random.default_rng((self.seed, index, APART))
        number = int(random.integers(len(self.paths)))
        square = _square(_style(self.paths[number], max(self.shown, self.size)), self.size, random)
        style = {"style_picture": tensor_from_picture(square, self.contract), "style_number": torch.tensor(number)}
        return self.frames[index] | style


def mean_grams(sight: Sight, paths: Sequence[Path], size: int) -> dict[str, Tensor]:
    """The mean of the pictures' Gram matrices, each with its shorter side at most `size`."""
    every = [sight.style(path, size) for path in paths]
    return {tap: torch.stack([grams[tap] for grams in every]).mean(0) for tap in every[0]}


def whole_style(path: Path, size: int, contract: PixelContract) -> Tensor:
    """[1,3,S,S]: the middle square of a style picture, as a predictor is shown it."""
    color = read_image(path)
    side = min(color.shape[:2])
    top, left = (color.shape[0] - side) // 2, (color.shape[1] - side) // 2
    square = resize_image(np.ascontiguousarray(color[top : top + side, left : left + side]), (size, size))
    return tensor_from_picture(square, contract)[None]


@lru_cache(maxsize=REMEMBERED)
def _style(path: Path, shown: int) -> ColorPlane:
    """The picture with its shorter side at most `shown`."""
    color = read_image(path)
    height, width = color.shape[:2]
    scale = min(1.0, shown / min(height, width))
    return resize_image(color, (max(1, round(width * scale)), max(1, round(height * scale))))


def _square(color: ColorPlane, size: int, random: np.random.Generator) -> ColorPlane:
    """A square of random scale and place, mirrored or not."""
    height, width = color.shape[:2]
    side = int(min(height, width) * random.uniform(SMALLEST_PART, 1.0))
    side = min(max(side, size), height, width)
    top, left = int(random.integers(height - side + 1)), int(random.integers(width - side + 1))
    square = resize_image(np.ascontiguousarray(color[top : top + side, left : left + side]), (size, size))
    return np.ascontiguousarray(square[:, ::-1]) if random.random() < 0.5 else square
