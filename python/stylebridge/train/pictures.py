"""Pictures as training data: a folder of them, randomly cropped, mirrored and relit."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import torch
from torch import Tensor
from torch.utils.data import Dataset

from stylebridge.contract import resize_bilinear
from stylebridge.errors import InputError
from stylebridge.imaging import read_image

EXTENSIONS = {".jpg", ".jpeg", ".png", ".webp", ".bmp"}


class Crops(Dataset[Tensor]):
    """Random square crops of a folder's pictures, RGB [3,size,size] in [-1,1].

    Crop `i` depends on the seed and on `i` alone, so a resumed run sees what an uninterrupted one would have seen.
    """

    def __init__(self, folder: Path, *, size: int, count: int, seed: int = 0) -> None:
        self.paths = sorted(p for p in folder.rglob("*") if p.suffix.lower() in EXTENSIONS) if folder.is_dir() else []
        if not self.paths:
            raise InputError("no pictures", expected=f"a folder of {', '.join(sorted(EXTENSIONS))}", where=folder)
        self.size, self.count, self.seed = size, count, seed

    def __len__(self) -> int:
        return self.count

    def __getitem__(self, index: int) -> Tensor:
        random = np.random.default_rng((self.seed, index))
        picture = read_image(self.paths[int(random.integers(len(self.paths)))]).astype(np.float32)
        picture = self._crop(picture, random)
        if random.random() < 0.5:
            picture = picture[:, ::-1]
        gain, gamma = random.uniform(0.75, 1.2), random.uniform(0.8, 1.25)
        picture = (2 * np.clip(picture / 255 * gain, 0, 1) ** gamma - 1).astype(np.float32)
        return torch.from_numpy(np.ascontiguousarray(picture.transpose(2, 0, 1)))  # [H,W,3]->[3,H,W]

    def _crop(self, picture: np.ndarray, random: np.random.Generator) -> np.ndarray:
        """A square of random scale and place, resized to the training size."""
        height, width = picture.shape[:2]
        side = int(min(height, width) * random.uniform(0.6, 1.0))
        side = min(max(side, self.size), height, width)
        top, left = int(random.integers(height - side + 1)), int(random.integers(width - side + 1))
        square = picture[top : top + side, left : left + side]
        return square if side == self.size else resize_bilinear(square, (self.size, self.size))
