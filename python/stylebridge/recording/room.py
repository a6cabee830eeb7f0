"""Room: a thread's memory that is used for every frame again; fresh memory takes as long as the work done in it."""

from __future__ import annotations

import math
import threading
from typing import Any

import numpy as np
from numpy.typing import NDArray

MAX_KEPT_BYTES = 32 << 20  # of each array; larger ones are made anew


class Room(threading.local):
    """Arrays by their names; asking for one again overwrites it."""

    def __init__(self) -> None:
        self._kept: dict[str, NDArray[np.uint8]] = {}

    def array(self, name: str, shape: tuple[int, ...], dtype: Any) -> NDArray[Any]:
        """An array of this form, filled with anything."""
        size = math.prod(shape) * np.dtype(dtype).itemsize
        kept = self._kept.get(name)
        if kept is None or kept.size < size:
            kept = np.empty(size, np.uint8)
            if size <= MAX_KEPT_BYTES:
                self._kept[name] = kept
        array: NDArray[Any] = kept[:size].view(dtype).reshape(shape)
        return array
