"""Method: what a way of training must say of itself so that one loop can run them all."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

import torch
from torch import Tensor, nn
from torch.utils.data import Dataset

from stylebridge.contract import PixelContract
from stylebridge.frame import ColorPlane, Frame
from stylebridge.nets.registry import NetSpec
from stylebridge.train.folder import RunFolder
from stylebridge.train.settings import Settings
from stylebridge.train.sight import Sight

Sample = dict[str, Tensor]
Batch = dict[str, Tensor]
Terms = dict[str, Tensor]  # what is wrong, by name, each a number in the term's own unit
Net = Callable[..., Any]


@dataclass(frozen=True)
class Player:
    """Networks that one optimiser improves, and how their faults are found and weighed.

    `terms` is handed the network to call, which may be wrapped for speed or for several processes.
    """

    name: str
    module: nn.Module
    terms: Callable[[Net, Batch], Terms]
    weights: Mapping[str, float]
    learning_rate: float
    betas: tuple[float, float] = (0.9, 0.999)


class Method(ABC):
    """One way of training, made ready: networks built, style looked at, data opened."""

    settings: ClassVar[type[Settings]]
    contract: PixelContract
    content_tap: ClassVar[str]

    sight: Sight
    grams: Mapping[str, Tensor]  # of the style
    spec: NetSpec
    network: nn.Module  # the one that is kept, judged and exported
    frames: Dataset[Sample]  # what is learnt on; sample `i` depends on the seed and `i` alone

    @abstractmethod
    def players(self) -> Sequence[Player]:
        """Who learns, in the order of their turns."""

    def prepare(self, batch: Batch) -> Batch:
        """Add what needs no gradient, such as the target's features."""
        return batch

    def stylize(self, network: nn.Module, pictures: Tensor) -> Tensor:
        """What the kept network (or its average) makes of pictures, both as the contract says."""
        styled: Tensor = network(pictures)
        return styled

    def given(self, number: int, frame: Frame) -> Tensor:
        """What the kept network is given for a frame of the data, [1,C,H,W]; its first three channels are the frame."""
        return torch.from_numpy(self.contract.to_tensor(frame))

    def truth(self, frame: Frame) -> ColorPlane | None:
        """What the kept network should make of a frame, where that can be known."""
        return None

    def example(self, network: nn.Module, batch: Batch) -> Tensor:
        """Rows of a picture to look at while it trains, [N,3,H,W] as the contract says: given above made."""
        with torch.no_grad():
            return torch.cat([batch["picture"], self.stylize(network, batch["picture"])], dim=2)  # [N,3,2H,W]

    def stepped(self) -> None:  # noqa: B027  # most methods change nothing else
        """Make lasting what a step changed besides the players' weights; called when it is done, never within it."""

    def leave(self, folder: RunFolder, meta: Mapping[str, str]) -> Sequence[Path]:
        """Write what the method leaves besides the network itself; the files written."""
        return []

    def meta(self) -> dict[str, Any]:
        """What the checkpoint should say about where it comes from, besides the settings."""
        return {}
