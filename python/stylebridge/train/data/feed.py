"""The feed: batches of samples in a fixed order, read ahead by worker processes, from any step on."""

from __future__ import annotations

from collections.abc import Iterator

import torch
from torch.utils.data import DataLoader, Dataset, Sampler

from stylebridge.errors import InputError
from stylebridge.train.method import Batch, Sample
from stylebridge.train.parallel import Peers
from stylebridge.train.settings import Settings

AHEAD = 2  # batches that each worker keeps ready


class Turns(Sampler[list[int]]):
    """Which samples make up each step: step `s` takes `s*batch` and those after, shared out among the processes."""

    def __init__(self, settings: Settings, done: int, peers: Peers) -> None:
        self.settings, self.done, self.peers = settings, done, peers

    def __len__(self) -> int:
        return self.settings.steps - self.done

    def __iter__(self) -> Iterator[list[int]]:
        share = self.settings.batch // self.peers.count
        for step in range(self.done, self.settings.steps):
            first = step * self.settings.batch + self.peers.rank * share
            yield list(range(first, first + share))


def batches(samples: Dataset[Sample], settings: Settings, done: int, peers: Peers) -> Iterator[Batch]:
    """The batches of every step after those done."""
    loader = DataLoader(
        samples,
        batch_sampler=Turns(settings, done, peers),
        num_workers=settings.workers,
        prefetch_factor=AHEAD if settings.workers else None,
        pin_memory=torch.cuda.is_available(),
    )
    try:
        yield from loader
    except InputError as error:  # what a worker raised comes back with its traceback in front
        raise InputError(str(error).rpartition("InputError: ")[2]) from error
