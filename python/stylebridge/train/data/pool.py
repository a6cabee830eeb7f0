"""A pool: the same samples again and again, in another order each time, so that what is known of one can be kept."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
import torch
from numpy.typing import NDArray
from torch.utils.data import Dataset

from stylebridge.train.method import Sample


class Pool(Dataset[Sample]):
    """The first `pool` samples of others, with their `number`; without a pool all of them."""

    def __init__(self, samples: Dataset[Sample], pool: int, count: int, seed: int) -> None:
        self.samples, self.pool, self.count, self.seed = samples, pool, count, seed

    def __len__(self) -> int:
        return self.count

    def __getitem__(self, index: int) -> Sample:
        number = index
        if self.pool:
            turn, place = divmod(index, self.pool)
            number = int(_order(self.seed, turn, self.pool)[place])
        return self.samples[number] | {"number": torch.tensor(number)}


@lru_cache(maxsize=4)
def _order(seed: int, turn: int, pool: int) -> NDArray[np.int64]:
    return np.random.default_rng((seed, turn, pool)).permutation(pool)
