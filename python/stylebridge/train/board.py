"""The board: a run's figures for TensorBoard, where it is installed."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any


class Board:
    """Writes figures as they come; does nothing where TensorBoard isn't installed."""

    def __init__(self, folder: Path, done: int) -> None:
        self._folder, self._done = folder, done
        self._writer: Any = None

    def add(self, step: int, figures: Mapping[str, float]) -> None:
        """The figures of a step."""
        try:
            from torch.utils.tensorboard import SummaryWriter
        except ImportError:
            return
        if self._writer is None:
            self._writer = SummaryWriter(str(self._folder), purge_step=self._done + 1)
        for name, value in figures.items():
            self._writer.add_scalar(name, value, step)

    def close(self) -> None:
        """Write out what waits."""
        if self._writer is not None:
            self._writer.close()
