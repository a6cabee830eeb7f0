"""Patches: small squares of key frames beside the same squares of what was painted over them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.utils.data import Dataset

from stylebridge.contract import PixelContract
from stylebridge.errors import InputError
from stylebridge.frame import MaskPlane
from stylebridge.train.data.crops import tensor_from_picture
from stylebridge.train.data.keyframes import KeyFrame
from stylebridge.train.method import Sample


@dataclass(frozen=True, slots=True)
class Corners:
    """Where the top left corner of a patch may lie in a key frame; anywhere, unless a mask allows only some places."""

    rows: int
    columns: int
    allowed: NDArray[np.int32] | None = None  # row * columns + column

    def at_random(self, random: np.random.Generator) -> tuple[int, int]:
        """One of them, as row and column."""
        count = self.rows * self.columns if self.allowed is None else len(self.allowed)
        place = int(random.integers(count))
        return divmod(place if self.allowed is None else int(self.allowed[place]), self.columns)


class Patches(Dataset[Sample]):
    """Random squares of key frames: `picture` as the network is given it, guides behind its colours, and `painted`.

    Patch `i` depends on the seed and on `i` alone. Every key frame is as likely as any other, however small its mask.
    """

    def __init__(
        self,
        keys: Sequence[KeyFrame],
        contract: PixelContract,
        *,
        size: int,
        count: int,
        seed: int,
        guides: Callable[[int], Tensor] | None = None,
    ) -> None:
        self.keys, self.contract, self.size, self.count, self.seed = list(keys), contract, size, count, seed
        self.corners = [corners_of(key, size) for key in keys]
        self.guides = [guides(key.number) for key in keys] if guides else []

    def __len__(self) -> int:
        return self.count

    def __getitem__(self, index: int) -> Sample:
        random = np.random.default_rng((self.seed, index))
        chosen = int(random.integers(len(self.keys)))
        key = self.keys[chosen]
        top, left = self.corners[chosen].at_random(random)
        rows, columns = slice(top, top + self.size), slice(left, left + self.size)
        picture = tensor_from_picture(key.frame[rows, columns], self.contract)
        if self.guides:
            picture = torch.cat([picture, self.guides[chosen][:, rows, columns]])
        return {"picture": picture, "painted": tensor_from_picture(key.painted[rows, columns], self.contract)}


def corners_of(key: KeyFrame, size: int) -> Corners:
    """The corners of every patch that lies in the frame and, where there is a mask, nowhere outside it."""
    height, width = key.frame.shape[:2]
    if size > min(height, width):
        found = f"patches of {size} pixels from a frame of {width}x{height}"
        raise InputError(found, do="pass a smaller --set size", where=key.path)
    rows, columns = height - size + 1, width - size + 1
    if key.mask is None or key.mask.all():
        return Corners(rows, columns)
    allowed = np.flatnonzero(_covered(key.mask, size)).astype(np.int32)
    if not len(allowed):
        found = f"no square of {size} pixels lies within its mask"
        raise InputError(found, do="pass a smaller --set size, or widen the mask", where=key.path)
    return Corners(rows, columns, allowed)


def _covered(mask: MaskPlane, size: int) -> MaskPlane:
    """Which squares, by their top left corners, are true all over: the mask eroded by a square."""
    sums = np.pad(mask.cumsum(axis=0, dtype=np.int64).cumsum(axis=1), ((1, 0), (1, 0)))
    inner = sums[size:, size:] - sums[:-size, size:] - sums[size:, :-size] + sums[:-size, :-size]
    return np.asarray(inner == size * size)
