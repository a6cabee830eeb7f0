"""Pictures as training data: a folder of them, randomly cropped, mirrored and relit."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import torch
from torch import Tensor
from torch.utils.data import Dataset

from stylebridge.contract import PixelContract
from stylebridge.errors import InputError
from stylebridge.frame import ColorPlane, Frame
from stylebridge.imaging import IMAGE_EXTENSIONS, read_image, resize_image


class Crops(Dataset[Tensor]):
    """Random square crops of a folder's pictures, [3,size,size] as the contract says.

    Crop `i` depends on the seed and on `i` alone, so a resumed run sees what an uninterrupted one would have seen.
    """

    def __init__(self, folder: Path, contract: PixelContract, *, size: int, count: int, seed: int = 0) -> None:
        self.paths = (
            sorted(p for p in folder.rglob("*") if p.suffix.lower() in IMAGE_EXTENSIONS) if folder.is_dir() else []
        )
        if not self.paths:
            raise InputError("no pictures", expected=f"a folder of {', '.join(IMAGE_EXTENSIONS)}", where=folder)
        self.contract, self.size, self.count, self.seed = contract, size, count, seed

    def __len__(self) -> int:
        return self.count

    def __getitem__(self, index: int) -> Tensor:
        random = np.random.default_rng((self.seed, index))
        picture = self._crop(read_image(self.paths[int(random.integers(len(self.paths)))]), random)
        if random.random() < 0.5:
            picture = picture[:, ::-1]
        gain, gamma = random.uniform(0.75, 1.2), random.uniform(0.8, 1.25)
        relit = 255 * np.clip(np.arange(256) / 255 * gain, 0, 1) ** gamma
        picture = relit.round().astype(np.uint8)[picture]
        return torch.from_numpy(self.contract.to_tensor(Frame(color=picture))[0])

    def _crop(self, picture: ColorPlane, random: np.random.Generator) -> ColorPlane:
        """A square of random scale and place, resized to the training size."""
        height, width = picture.shape[:2]
        side = int(min(height, width) * random.uniform(0.6, 1.0))
        side = min(max(side, self.size), height, width)
        top, left = int(random.integers(height - side + 1)), int(random.integers(width - side + 1))
        square = picture[top : top + side, left : left + side]
        return resize_image(square, (self.size, self.size))
