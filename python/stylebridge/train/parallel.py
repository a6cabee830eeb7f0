"""Several processes that train one network: who one is among them, and what is shared."""

from __future__ import annotations

import os
from dataclasses import dataclass

import torch
import torch.distributed as dist
from torch import nn

from stylebridge.errors import InputError

CPU = torch.device("cpu")


@dataclass(frozen=True, slots=True)
class Peers:
    """This process among those that torchrun started; alone without it."""

    rank: int = 0
    count: int = 1
    device: torch.device = CPU

    @property
    def leads(self) -> bool:
        """Whether this one writes files and speaks."""
        return self.rank == 0

    def check_batch(self, batch: int) -> None:
        """Refuse a batch that can't be shared out evenly."""
        if batch % self.count:
            raise InputError(f"batch {batch} over {self.count} processes", expected=f"a multiple of {self.count}")

    def wrapped(self, module: nn.Module) -> nn.Module:
        """The network with its gradients averaged over the processes."""
        if self.count == 1:
            return module
        return nn.parallel.DistributedDataParallel(module)

    def agreed(self, value: float) -> float:
        """The mean of a figure over all processes."""
        if self.count == 1:
            return value
        shared = torch.tensor([value], dtype=torch.float64, device=self.device)
        dist.all_reduce(shared)
        return float(shared) / self.count

    def wait(self) -> None:
        """Until all are here."""
        if self.count > 1:
            dist.barrier()


def join_peers(device: torch.device) -> Peers:
    """Meet the other processes that torchrun started, if it did."""
    count = int(os.environ.get("WORLD_SIZE", "1"))
    if count == 1:
        return Peers(device=device)
    if not dist.is_initialized():
        dist.init_process_group("nccl" if device.type == "cuda" else "gloo")
    return Peers(dist.get_rank(), dist.get_world_size(), device)


def leave_peers() -> None:
    """Part from the others."""
    if dist.is_initialized():
        dist.destroy_process_group()
