"""The pool of earlier fakes: a critic that only sees the newest ones chases the generator in circles."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor, nn

SHOWN_OLD = 0.5  # of the fakes, once the pool is full


class PicturePool(nn.Module):
    """Keeps some of the pictures that pass, and hands out old ones in place of new ones.

    What it does depends on the seed and on how many passed; both lie in its buffers, so a checkpoint holds them. With
    several processes, the first one's pool goes to all before each step.
    """

    pictures: Tensor
    passed: Tensor

    def __init__(self, count: int, size: int, seed: int) -> None:
        super().__init__()
        self.count, self.seed = count, seed
        self._taken: dict[int, Tensor] = {}  # places by what is to stand there
        self._new = 0
        self.register_buffer("pictures", torch.zeros(count, 3, size, size))
        self.register_buffer("passed", torch.zeros((), dtype=torch.int64))

    @torch.no_grad()
    def exchanged(self, fakes: Tensor) -> Tensor:
        """As many pictures as are given, [N,3,H,W]: each the given one, or an old one whose place it takes."""
        if not self.count:
            return fakes
        self._taken, self._new = {}, len(fakes)
        passed = int(self.passed)
        shown = [self._exchanged(fake, passed + index) for index, fake in enumerate(fakes)]
        return torch.stack(shown).contiguous(memory_format=torch.channels_last)

    def _exchanged(self, fake: Tensor, number: int) -> Tensor:
        if number < self.count:
            self._taken[number] = fake
            return fake
        random = np.random.default_rng((self.seed, number))
        if random.random() >= SHOWN_OLD:
            return fake
        place = int(random.integers(self.count))
        old = self._taken.get(place, self.pictures[place])
        self._taken[place] = fake
        return old

    @torch.no_grad()
    def keep(self) -> None:
        """Make the last exchange lasting; until then it can be done again, with the same outcome."""
        for place, fake in self._taken.items():
            self.pictures[place] = fake
        self.passed += self._new
        self._taken, self._new = {}, 0
