"""Crops: random squares of frames, mirrored and relit; alone, or with the frame before and the way back to it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.utils.data import Dataset

from stylebridge.compare.temporal.warping import HOW_TO_GET_MOTION, grid, step_back
from stylebridge.contract import PixelContract
from stylebridge.errors import InputError
from stylebridge.frame import ColorPlane, FloatPlane, Frame, MaskPlane
from stylebridge.imaging import resize_image, resize_plane
from stylebridge.train.data.stills import Recorded, Stills
from stylebridge.train.method import Sample

SMALLEST = 0.6  # of the frame's shorter side
WHOLE = 0.999  # of the pixels under a smaller one


@dataclass(frozen=True, slots=True)
class Cut:
    """A square of a frame, and what is done to it."""

    top: int
    left: int
    side: int
    size: int
    mirrored: bool
    gain: float
    gamma: float

    @classmethod
    def at_random(cls, random: np.random.Generator, frame: Frame, size: int) -> Cut:
        """A square of random scale and place, resized to the training size."""
        height, width = frame.height, frame.width
        side = int(min(height, width) * random.uniform(SMALLEST, 1.0))
        side = min(max(side, size), height, width)
        top, left = int(random.integers(height - side + 1)), int(random.integers(width - side + 1))
        mirrored = bool(random.random() < 0.5)
        return cls(top, left, side, size, mirrored, random.uniform(0.75, 1.2), random.uniform(0.8, 1.25))

    def picture(self, color: ColorPlane) -> ColorPlane:
        """The square as it is shown to the network."""
        square = self._mirrored(resize_image(self._square(color), (self.size, self.size)))
        relit = 255 * np.clip(np.arange(256) / 255 * self.gain, 0, 1) ** self.gamma
        return np.asarray(relit.round().astype(np.uint8)[square])

    def motion(self, motion: FloatPlane) -> FloatPlane:
        """The square's motion in pixels of the result."""
        scale = np.float32(self.size / self.side)
        moved = self._mirrored(resize_plane(self._square(motion), (self.size, self.size))) * scale
        return moved * np.array((-1, 1), np.float32) if self.mirrored else moved

    def mask(self, mask: MaskPlane) -> MaskPlane:
        """Where all that becomes a pixel is true."""
        share = resize_plane(self._square(mask).astype(np.float32), (self.size, self.size))
        return np.asarray(self._mirrored(share) > WHOLE)

    def _square(self, plane: NDArray[Any]) -> NDArray[Any]:
        return plane[self.top : self.top + self.side, self.left : self.left + self.side]

    def _mirrored(self, plane: NDArray[Any]) -> NDArray[Any]:
        return plane[:, ::-1] if self.mirrored else plane


class Crops(Dataset[Sample]):
    """Random squares of single frames: `picture`.

    Crop `i` depends on the seed and on `i` alone, so a resumed run sees what an uninterrupted one would have seen.
    """

    def __init__(
        self, stills: Stills, numbers: Sequence[int], contract: PixelContract, *, size: int, count: int, seed: int
    ) -> None:
        self.stills, self.numbers, self.contract = stills, list(numbers), contract
        self.size, self.count, self.seed = size, count, seed

    def __len__(self) -> int:
        return self.count

    def __getitem__(self, index: int) -> Sample:
        random = np.random.default_rng((self.seed, index))
        frame = self.stills.read(self.numbers[int(random.integers(len(self.numbers)))])
        cut = Cut.at_random(random, frame, self.size)
        return {"picture": tensor_from_picture(cut.picture(frame.rgb), self.contract)}


class Pairs(Dataset[Sample]):
    """The same square of two consecutive frames: `before`, `picture`, `motion` back in pixels, `seen` there as 0 or 1.

    What left the square counts as unseen.
    """

    def __init__(
        self, stills: Stills, numbers: Sequence[int], contract: PixelContract, *, size: int, count: int, seed: int
    ) -> None:
        self.stills, self.contract = stills, contract
        self.pairs = consecutive(stills, numbers)
        self.size, self.count, self.seed = size, count, seed

    def __len__(self) -> int:
        return self.count

    def __getitem__(self, index: int) -> Sample:
        random = np.random.default_rng((self.seed, index))
        first, second = self.pairs[int(random.integers(len(self.pairs)))]
        before = self.stills.read(first, ("color", "depth"))
        after = self.stills.read(second, ("color", "depth", "motion", "occlusion"))
        cut = Cut.at_random(random, after, self.size)
        step = step_back(after, before)
        motion = cut.motion(step.positions - grid(after.height, after.width))
        return {
            "picture": tensor_from_picture(cut.picture(after.rgb), self.contract),
            "before": tensor_from_picture(cut.picture(before.rgb), self.contract),
            "motion": torch.from_numpy(np.ascontiguousarray(motion.transpose(2, 0, 1))),  # [H,W,2] -> [2,H,W]
            "seen": torch.from_numpy((cut.mask(step.seen) & _within(motion))[None].astype(np.float32)),
        }


def consecutive(stills: Stills, numbers: Sequence[int]) -> list[tuple[int, int]]:
    """Frames that follow each other directly and say how the second came from the first."""
    chosen = set(numbers)
    if not isinstance(stills, Recorded):
        raise InputError(
            "pictures without motion",
            expected="a recording",
            do="make one: stylebridge capture images:FOLDER out.mcap --flow dis",
            where=stills.place,
        )
    recording = stills.recording
    pairs = [pair for pair in recording.pairs() if chosen.issuperset(pair)]
    moving = [pair for pair in pairs if "motion" in recording.planes_of(pair[1])]
    if not moving:
        found = "no frame has motion" if pairs else "no two frames follow each other"
        raise InputError(found, expected="a recording with motion", do=HOW_TO_GET_MOTION, where=stills.place)
    return moving


def tensor_from_picture(picture: ColorPlane, contract: PixelContract) -> Tensor:
    """[H,W,3] -> [3,H,W] as the contract says."""
    return torch.from_numpy(contract.to_tensor(Frame(color=np.ascontiguousarray(picture)))[0])


def _within(motion: FloatPlane) -> MaskPlane:
    """Where motion leads to a place inside the square."""
    side = motion.shape[0]
    x = motion[:, :, 0] + np.arange(side, dtype=np.float32)
    y = motion[:, :, 1] + np.arange(side, dtype=np.float32)[:, None]
    return np.asarray((x >= -0.5) & (y >= -0.5) & (x < side - 0.5) & (y < side - 0.5))
